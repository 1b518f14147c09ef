"""The command line: `python -m stnb run | info | bench`, and `python -m stnb.manifold` for the first alone."""

from __future__ import annotations

from stnb.cli.program import main, manifold

__all__ = ["main", "manifold"]
