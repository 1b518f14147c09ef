"""Curves over time with the verdicts of a judge beneath: who said what, and when."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import EmptyInput, InvalidValue, NonFiniteValue, ShapeMismatch
from stnb.plots.curves import COLOURS, GRID, INK
from stnb.plots.lines import thin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plotly.graph_objects import Figure

__all__ = ["VERDICT_COLOURS", "plot_verdicts"]

VERDICT_COLOURS = {"dormant": "#8a949c", "stable": "#2e7d4f", "clamp": "#c98a00", "rewrite": "#b5473c"}
LINES = ("#2c6fb0", "#8a5fb0", "#333f48", "#5aa0c8")  # none is the colour of a verdict
STRIP, GAP = 0.07, 0.07  # of the height of the curves: each verdict's line, and what lies over the uppermost


def plot_verdicts(
    times: Sequence[float],
    curves: Mapping[str, Any],
    verdicts: Sequence[str],
    *,
    x: str = "time",
    y: str = "",
    log: bool = False,
    height: int = 400,
) -> Figure:
    """Curves above; beneath, a line for each verdict that was given, drawn where it held; at most 600 points a curve.

    A verdict holds from its time to the next one, and the last at its own time alone. The verdicts of a maintainer have
    colours and an order of their own, all others come after them in the order of their first time.

    Args:
        times: When, rising.
        curves: Numbers at these times by name; above 0 with `log`.
        verdicts: One a time.
        x: What the times are.
        y: What the curves are.
        log: Show powers of ten: the curves as log₁₀, their axis named so.
        height: In pixels.
    """
    from plotly.graph_objects import Figure

    at = np.asarray(times, float)
    if not len(at) or not curves:
        raise EmptyInput("times or curves are empty; give a time and a curve at least.")
    if at.ndim != 1 or len(verdicts) != len(at):
        raise ShapeMismatch(
            f"{len(verdicts)} verdicts for times of shape {at.shape}; give one verdict a time."
        )
    if not (np.diff(at) > 0).all():
        raise InvalidValue("the times do not rise; give them in order, each once.")
    drawn = {name: _checked(name, values, len(at), log=log) for name, values in curves.items()}
    figure = Figure()
    for number, (name, values) in enumerate(drawn.items()):
        kept = thin(values)
        line = {"color": LINES[number % len(LINES)], "width": 2}
        figure.add_scatter(
            x=at[kept].astype(np.float32),
            y=values[kept].astype(np.float32),
            name=name,
            mode="lines",
            line=line,
        )
    low, high = min(v.min() for v in drawn.values()), max(v.max() for v in drawn.values())
    tall = float(high - low) or 1.0
    for row, name in enumerate(_in_order(verdicts)):
        level = float(low) - tall * (GAP + STRIP * row)
        colour = VERDICT_COLOURS.get(name, COLOURS[row % len(COLOURS)])
        xs = [value for start, end in _stretches(at, verdicts, name) for value in (start, end, None)]
        figure.add_scatter(
            x=xs,
            y=[None if value is None else level for value in xs],
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 9},
            marker={"size": 9, "symbol": "square", "color": colour},
            hoverinfo="name+x",
        )
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 68, "r": 24, "t": 44, "b": 50},
        font={"color": INK},
        legend={"orientation": "h", "x": 0, "y": 1.13},
    )
    figure.update_xaxes(title_text=x, gridcolor=GRID, zeroline=False)
    figure.update_yaxes(title_text=f"log₁₀ {y}".strip() if log else y, gridcolor=GRID, zeroline=False)
    return figure


def _in_order(verdicts: Sequence[str]) -> list[str]:
    """The gravest of the maintainer's first, then others as they came."""
    known = [name for name in reversed(VERDICT_COLOURS) if name in verdicts]
    return known + [name for name in dict.fromkeys(verdicts) if name not in VERDICT_COLOURS]


def _stretches(at: np.ndarray, verdicts: Sequence[str], name: str) -> Iterator[tuple[float, float]]:
    """Where a verdict held without a break: from its first time to the time of the verdict after it."""
    index = 0
    for verdict, group in itertools.groupby(verdicts):
        length = sum(1 for _ in group)
        if verdict == name:
            yield float(at[index]), float(at[min(index + length, len(at) - 1)])
        index += length


def _checked(name: str, values: Any, wanted: int, *, log: bool) -> np.ndarray:
    found = np.asarray(values, float)
    if found.shape != (wanted,):
        raise ShapeMismatch(
            f"the curve {name!r} has shape {found.shape}; give a number for each of {wanted} times."
        )
    wrong = ~np.isfinite(found) | (log & (found <= 0))
    if wrong.any():
        at = int(wrong.argmax())
        allowed = "numbers above 0, or leave log out" if log else "finite numbers"
        raise NonFiniteValue(f"{name}[{at}] = {float(found[at])!r} cannot be drawn; give {allowed}.")
    return np.log10(found) if log else found
