"""python -m stnb.manifold: the same as `python -m stnb run`.

From Python, `ManifoldSession(config=config).run(500)` takes the place of `run_simulation(config)`, and `session.view()`
that of `SimulationDashboard`: both are live, neither needs a window, and a run ends when it was told to.
"""

from __future__ import annotations

import sys

from stnb.cli import manifold

if __name__ == "__main__":
    sys.exit(manifold())
