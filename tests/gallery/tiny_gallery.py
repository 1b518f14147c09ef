"""A gallery of two small notebooks, one with widgets; and a notebook that never shows the same twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb.gallery import Run
from tests import tiny_notebooks

if TYPE_CHECKING:
    from pathlib import Path

WORDS = r"""# Tiny

A formula $\tfrac12mv^2$ in a line, `code`, and on its own line

$$\sum_i x_i^2 = 1.$$

## A part about waves

## A part about rest
"""
WIDGETS = """import numpy as np
from stnb_widgets import Atlas, Points

rng = np.random.default_rng(0)
start, pace = rng.uniform(2, 6, (40, 3)), rng.normal(0, 0.4, (40, 3))
speed = np.linalg.norm(pace, axis=1)


def drifting(title):
    atlas = Atlas(box=((0, 0, 0), (8, 8, 8)), attributes={"speed": "m/s"}, title=title)
    for k in range(1, 4):
        atlas.offer(Points(step=10 * k, time=0.1 * k, positions=start + k * pace, attributes={"speed": speed}))
    return atlas


one = drifting("Forty particles")
one"""
CHANGING = "import time\n\ntime.time_ns()"


def save(folder: Path) -> list[Path]:
    """Two notebooks, the second in alphabetical order first, and their catalogue."""
    words = tiny_notebooks.notebook(
        "import math\n\nmath.pi", tiny_notebooks.PICTURE, tiny_notebooks.CHECKS, markdown=WORDS
    )
    widgets = tiny_notebooks.notebook(WIDGETS, "drifting('Forty others')", tiny_notebooks.CHECKS)
    return [
        tiny_notebooks.save(folder, "b_words.ipynb", words),
        tiny_notebooks.save(folder, "a_widget.ipynb", widgets),
    ]


def run_of(*, markdown: str = "# A", outputs: list | None = None) -> Run:
    """A run of the smallest notebook, with other text or other outputs of its first code cell."""
    ran = tiny_notebooks.executed()
    ran["cells"][0]["source"] = markdown
    if outputs is not None:
        ran["cells"][1]["outputs"] = outputs
    return Run(ran, 1.0, 100.0)


def save_volatile(folder: Path) -> Path:
    """A notebook whose first code cell shows another number each time, and says so."""
    changing = tiny_notebooks.notebook(CHANGING, tiny_notebooks.PICTURE, tiny_notebooks.CHECKS)
    changing["cells"][1]["metadata"] = {"tags": ["volatile"]}
    return tiny_notebooks.save(folder, "a.ipynb", changing)
