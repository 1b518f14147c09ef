"""A still of a line plot as a small SVG, for readers whose page runs no scripts."""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["line_poster"]

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 34, 44
POINTS = 240
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555")


class Curve(NamedTuple):
    """One trace: its points, its name, and whether they are joined."""

    x: np.ndarray
    y: np.ndarray
    name: str
    joined: bool


def line_poster(figure: Mapping[str, Any], alt: str) -> str | None:
    """The scatter traces of a Plotly figure (as its dict) drawn plainly; None when it has other traces."""
    traces = figure.get("data", ())
    if not traces or any(trace.get("type", "scatter") not in ("scatter", "scattergl") for trace in traces):
        return None
    layout = figure.get("layout", {})
    curves = [_curve(trace, i, _is_log(layout)) for i, trace in enumerate(traces)]
    drawn = [curve for curve in curves if len(curve.x)]
    if not drawn:
        return None
    across = _bounds([curve.x for curve in drawn])
    up = _bounds([curve.y for curve in drawn])
    parts = [_frame(layout, across, up, log=_is_log(layout))]
    parts += [_draw(curve, across, up, COLOURS[i % len(COLOURS)]) for i, curve in enumerate(drawn)]
    parts += [_key(curve.name, i) for i, curve in enumerate(drawn) if curve.name]
    label = html.escape(alt, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" role="img" aria-label="{label}" font-family="sans-serif" font-size="11">'
        f'<title>{label}</title><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>{"".join(parts)}</svg>'
    )


def _curve(trace: Mapping[str, Any], index: int, log: bool) -> Curve:  # noqa: FBT001
    y = _numbers(trace.get("y"))
    x = _numbers(trace.get("x")) if trace.get("x") is not None else np.arange(len(y), dtype=float)
    count = min(len(x), len(y))
    x, y = x[:count], y[:count]
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log10(y) if log else y
    kept = np.isfinite(x) & np.isfinite(y)
    x, y = x[kept], y[kept]
    stride = max(1, -(-len(x) // POINTS))
    mode = str(trace.get("mode") or "lines")
    return Curve(x[::stride], y[::stride], str(trace.get("name") or f"trace {index}"), "lines" in mode)


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


def _draw(curve: Curve, across: tuple[float, float], up: tuple[float, float], colour: str) -> str:
    x = _place(curve.x, across, LEFT, WIDTH - RIGHT)
    y = _place(curve.y, up, HEIGHT - BOTTOM, TOP)
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
    for value in _ticks(across):
        at = _place(value, across, LEFT, right)
        parts.append(f'<text x="{at:.0f}" y="{foot + 15}" text-anchor="middle">{value:.4g}</text>')
    for value in _ticks(up):
        at = _place(value, up, foot, TOP)
        shown = f"{10**value:.1e}" if log else f"{value:.4g}"
        parts.append(f'<text x="{LEFT - 6}" y="{at + 4:.0f}" text-anchor="end">{shown}</text>')
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 8}">{_title(layout.get("xaxis"))}</text>')
    parts.append(f'<text x="6" y="{HEIGHT - 8}">{_title(layout.get("yaxis"))}</text>')
    return "".join(parts)


def _title(part: Any) -> str:
    title = (part or {}).get("title") or ""
    return html.escape(str(title.get("text") or "") if isinstance(title, dict) else str(title))


def _key(name: str, index: int) -> str:
    x = LEFT + 96 * index
    colour = COLOURS[index % len(COLOURS)]
    swatch = f'<rect x="{x}" y="14" width="10" height="10" fill="{colour}"/>'
    return f'{swatch}<text x="{x + 14}" y="23">{html.escape(name[:14])}</text>'
