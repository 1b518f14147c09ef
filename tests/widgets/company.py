"""Points with everything that an Atlas can show, the same for the same number of them."""

import numpy as np
from stnb_widgets import District, Markers, Points, Slice


def scene_of(n=200, k=5, **change):
    """Points with everything that an Atlas can show."""
    rng = np.random.default_rng(n)
    links = [(i % k, i, 1.0 + i) for i in range(min(n, 40))]
    fields = {
        "step": 3,
        "time": 0.3,
        "positions": rng.uniform(0, 1, (n, 3)),
        "carriers": Markers(
            rng.uniform(0, 1, (k, 3)),
            sizes=np.arange(k),
            kinds=["new", "old"] * (k // 2) + ["new"] * (k % 2),
            ids=10 * np.arange(k),
            links=links,
        ),
        "field": Slice(rng.normal(size=(12, 8)), "z", 0.5, "heat", "J"),
        "districts": [District("north", 0.5, 0.8, 0.1, 2.0, "cold"), District("south", 0.5, 0.2, 0.1)],
        "badge": {"energy": -1.5, "momentum": float("nan")},
    }
    return Points(**{**fields, **change})


def plane(n=100, **change):
    rng = np.random.default_rng(n)
    return Points(
        **{
            "step": 1,
            "time": 0,
            "positions": rng.uniform(0, 1, (n, 2)),
            "attributes": {"heat": rng.normal(size=n)},
            **change,
        }
    )
