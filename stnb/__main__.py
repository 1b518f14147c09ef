"""python -m stnb: run a manifold, see what this machine can do, time the kernels."""

from __future__ import annotations

import sys

from stnb.cli import main

if __name__ == "__main__":
    sys.exit(main())
