"""A still of a line plot as a small SVG, for readers whose page runs no scripts."""

from __future__ import annotations

import base64
import html
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["line_poster"]

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 34, 44
POINTS = 240
KEYS = 4
FIRST_X, FIRST_Y = (None, "x"), (None, "y")
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555")


class Curve(NamedTuple):
    """One trace: its unbroken stretches, its name if it has a key, its colour, and whether points are joined."""

    pieces: list[tuple[np.ndarray, np.ndarray]]
    name: str
    colour: str
    joined: bool


def line_poster(figure: Mapping[str, Any], alt: str) -> str | None:
    """Lines, dots and upright bars of a Plotly figure (as its dict) drawn plainly; None when it has other traces.

    Of several pairs of axes the first is drawn: a still has room for one scale.
    """
    every, layout = figure.get("data", ()), figure.get("layout", {})
    if not every or not all(_can_draw(trace, layout) for trace in every):
        return None
    traces = [trace for trace in every if trace.get("xaxis") in FIRST_X and trace.get("yaxis") in FIRST_Y]
    curves = [_curve(trace, i, _is_log(layout)) for i, trace in enumerate(traces)]
    drawn = [curve for curve in curves if curve.pieces]
    if not drawn:
        return None
    across = _bounds([x for curve in drawn for x, _ in curve.pieces])
    up = _bounds([y for curve in drawn for _, y in curve.pieces])
    if (layout.get("yaxis") or {}).get("scaleanchor"):
        across, up = _equal_scales(across, up)
    parts = [] if _hides_axes(layout) else [_frame(layout, across, up, log=_is_log(layout))]
    parts += [_draw(x, y, across, up, curve) for curve in drawn for x, y in curve.pieces]
    if layout.get("showlegend") is not False:
        named = [curve for curve in drawn if curve.name]
        parts += [_key(curve, i) for i, curve in enumerate(named[:KEYS])]
    label = html.escape(alt, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" role="img" aria-label="{label}" font-family="sans-serif" font-size="11">'
        f'<title>{label}</title><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>{"".join(parts)}</svg>'
    )


def _can_draw(trace: Mapping[str, Any], layout: Mapping[str, Any]) -> bool:
    """Scatter traces, and bars that stand on 0 next to each other."""
    if trace.get("type", "scatter") in ("scatter", "scattergl"):
        return True
    plain = trace.get("orientation") != "h" and trace.get("base") is None
    return trace["type"] == "bar" and plain and layout.get("barmode") in (None, "group", "overlay")


def _curve(trace: Mapping[str, Any], index: int, log: bool) -> Curve:  # noqa: FBT001
    y = _numbers(trace.get("y"))
    x = _numbers(trace.get("x")) if trace.get("x") is not None else np.arange(len(y), dtype=float)
    count = min(len(x), len(y))
    x, y = x[:count], y[:count]
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log10(y) if log else y
    there = np.isfinite(x) & np.isfinite(y)
    if trace.get("type") == "bar":
        bars = [(np.repeat(a, 2), np.array([0.0, b])) for a, b in zip(x[there], y[there], strict=True)]
        return Curve(bars, _shown_name(trace, index), _colour(trace, index), joined=True)
    stride = max(1, -(-int(there.sum()) // POINTS))
    edges = np.flatnonzero(np.diff(there.astype(int), prepend=0, append=0)).reshape(-1, 2)
    kept = [np.unique(np.append(np.arange(first, last, stride), last - 1)) for first, last in edges]
    pieces = [(x[rows], y[rows]) for rows in kept]
    mode = str(trace.get("mode") or "lines")
    return Curve(pieces, _shown_name(trace, index), _colour(trace, index), "lines" in mode)


def _shown_name(trace: Mapping[str, Any], index: int) -> str:
    return "" if trace.get("showlegend") is False else str(trace.get("name") or f"trace {index}")


def _colour(trace: Mapping[str, Any], index: int) -> str:
    """The trace's own colour where it is written as #rrggbb, else the next of the palette."""
    own = [(trace.get(part) or {}).get("color") for part in ("line", "marker")]
    known = (colour for colour in own if isinstance(colour, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", colour))
    return next(known, COLOURS[index % len(COLOURS)])


def _numbers(values: Any) -> np.ndarray:
    """Plain arrays, lists, and the base64 form in which Plotly writes arrays."""
    if isinstance(values, dict) and "bdata" in values:
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).astype(float)
    listed = [] if values is None else values
    try:
        return np.asarray(listed, float).ravel()
    except (TypeError, ValueError):
        return np.arange(len(listed), dtype=float)


def _is_log(layout: Mapping[str, Any]) -> bool:
    return (layout.get("yaxis") or {}).get("type") == "log"


def _hides_axes(layout: Mapping[str, Any]) -> bool:
    return all((layout.get(axis) or {}).get("visible") is False for axis in ("xaxis", "yaxis"))


def _equal_scales(
    across: tuple[float, float], up: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The bounds widened so that a unit is as long across as up, for figures that ask for it."""
    spans = across[1] - across[0], up[1] - up[0]
    unit = max(spans[0] / (WIDTH - RIGHT - LEFT), spans[1] / (HEIGHT - BOTTOM - TOP))
    wider = unit * (WIDTH - RIGHT - LEFT) - spans[0], unit * (HEIGHT - BOTTOM - TOP) - spans[1]
    return (
        (across[0] - wider[0] / 2, across[1] + wider[0] / 2),
        (up[0] - wider[1] / 2, up[1] + wider[1] / 2),
    )


def _bounds(arrays: Sequence[np.ndarray]) -> tuple[float, float]:
    low = min(float(array.min()) for array in arrays)
    high = max(float(array.max()) for array in arrays)
    pad = 0.04 * (high - low) or 0.5 * abs(high) or 1.0
    return low - pad, high + pad


def _ticks(bounds: tuple[float, float]) -> np.ndarray:
    """Two to eight round numbers inside the bounds: multiples of 1, 2 or 5 times a power of ten."""
    rough = (bounds[1] - bounds[0]) / 5
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return step * np.arange(np.ceil(bounds[0] / step), np.floor(bounds[1] / step) + 1) + 0.0


def _place(values: np.ndarray, bounds: tuple[float, float], start: float, end: float) -> np.ndarray:
    return start + (values - bounds[0]) / (bounds[1] - bounds[0]) * (end - start)


def _draw(
    x: np.ndarray, y: np.ndarray, across: tuple[float, float], up: tuple[float, float], curve: Curve
) -> str:
    """One stretch, as a line or as dots."""
    colour = curve.colour
    x = _place(x, across, LEFT, WIDTH - RIGHT)
    y = _place(y, up, HEIGHT - BOTTOM, TOP)
    if not curve.joined or len(x) == 1:
        dots = "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2"/>' for a, b in zip(x, y, strict=True))
        return f'<g fill="{colour}">{dots}</g>'
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    return f'<polyline fill="none" stroke="{colour}" stroke-width="1.6" points="{points}"/>'


def _frame(
    layout: Mapping[str, Any], across: tuple[float, float], up: tuple[float, float], *, log: bool
) -> str:
    """The box, round numbers along two sides, the axis titles."""
    right, foot = WIDTH - RIGHT, HEIGHT - BOTTOM
    box = f'<rect x="{LEFT}" y="{TOP}" width="{right - LEFT}" height="{foot - TOP}"'
    parts = [f'{box} fill="none" stroke="#bbb"/>']
    for value, shown in _marks(layout.get("xaxis"), across):
        at = _place(np.array(value), across, LEFT, right)
        parts.append(f'<text x="{at:.0f}" y="{foot + 15}" text-anchor="middle">{shown}</text>')
    for value, shown in _marks(layout.get("yaxis"), up, log=log):
        at = _place(np.array(value), up, foot, TOP)
        parts.append(f'<text x="{LEFT - 6}" y="{at + 4:.0f}" text-anchor="end">{shown}</text>')
    foot_right = f'x="{right}" y="{HEIGHT - 8}" text-anchor="end"'
    parts.append(f"<text {foot_right}>{_title(layout.get('xaxis'))}</text>")
    parts.append(f'<text x="6" y="{HEIGHT - 8}">{_title(layout.get("yaxis"))}</text>')
    return "".join(parts)


def _marks(axis: Any, bounds: tuple[float, float], *, log: bool = False) -> list[tuple[float, str]]:
    """Places along an axis and what stands there: its own names where it has them, else round numbers."""
    names = (axis or {}).get("ticktext") or ()
    if names and not log:
        places = _numbers((axis or {}).get("tickvals")).tolist()
        named = zip(places, map(str, names), strict=False)
        return [(at, html.escape(name)) for at, name in named if bounds[0] <= at <= bounds[1]]
    ticks = _ticks(bounds).tolist()
    return [(value, f"{10**value:.1e}" if log else f"{value:.4g}") for value in ticks]


def _title(part: Any) -> str:
    title = (part or {}).get("title") or ""
    return html.escape(str(title.get("text") or "") if isinstance(title, dict) else str(title))


def _key(curve: Curve, index: int) -> str:
    x = LEFT + 140 * index
    swatch = f'<rect x="{x}" y="14" width="10" height="10" fill="{curve.colour}"/>'
    return f'{swatch}<text x="{x + 14}" y="23">{html.escape(curve.name[:21])}</text>'
