"""Names around a circle and between lines: where text goes so that it stays readable."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import isotonic_regression

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["LETTER", "box", "roomiest_side", "spoke", "spoke_box", "spread"]

SIDES = 16
ENOUGH = 40.0  # pixels
LETTER, BOLD = 0.56, 0.58  # width of an average letter over its size
FOOT = 0.6  # half the height of a line over the size of its letters


def spread(angles: Float[np.ndarray, " n"], gap: float) -> Float[np.ndarray, " n"]:
    """The angles nearest to the given ones (least squares) that keep their order and lie `gap` apart around the circle.

    When the circle has no room for that, they are evenly spaced.
    """
    if len(angles) < 2:
        return np.array(angles, float)
    gap = min(gap, 2.0 * math.pi / len(angles))
    turned = np.mod(angles, 2.0 * math.pi)
    order = np.argsort(turned, kind="stable")
    free = np.diff(turned[order], append=turned[order[0]] + 2.0 * math.pi)
    order = np.roll(order, -1 - int(np.argmax(free)))
    around = np.unwrap(turned[order])
    placed = _apart(around, gap)
    if placed[0] + 2.0 * math.pi - placed[-1] < gap:
        placed = _closed(around, gap)
    result = np.empty(len(angles))
    result[order] = placed
    return result


def _apart(angles: np.ndarray, gap: float) -> np.ndarray:
    steps = gap * np.arange(len(angles))
    return isotonic_regression(angles - steps).x + steps


def _closed(angles: np.ndarray, gap: float) -> np.ndarray:
    """The ends meet: they are held a gap apart, at equal distances from where the others would leave them."""
    steps = gap * np.arange(len(angles))
    eased = isotonic_regression(angles - steps).x
    room = 2.0 * math.pi - gap * len(angles)
    middle = 0.5 * (eased[0] + eased[-1])
    return np.clip(eased, middle - 0.5 * room, middle + 0.5 * room) + steps


def spoke(text: str, angle: float, radius: float, colour: str, size: int) -> dict[str, Any]:
    """An annotation that reads along the spoke at `angle`: its near end at `radius`, never upside down.

    Plotly places the box around turned text; the shift moves the middle of the near end to its place. The size is that
    of the layout's letters, which the annotation takes.
    """
    c, s = math.cos(angle), math.sin(angle)
    turn = -math.degrees(math.atan2(s, c)) if c >= 0 else -math.degrees(math.atan2(-s, -c))
    half = FOOT * size
    return {
        "text": text,
        "x": round(radius * c, 4),
        "y": round(radius * s, 4),
        "textangle": round(turn, 2),
        "showarrow": False,
        "xanchor": "left" if c >= 0 else "right",
        "yanchor": "bottom" if s >= 0 else "top",
        "xshift": round(-math.copysign(half * abs(s), c), 1),
        "yshift": round(-math.copysign(half * abs(c), s), 1),
        "font": {"color": colour},
    }


def roomiest_side(
    place: Float[np.ndarray, " 2"],
    text: str,
    size: int,
    away: float,
    *,
    lines: Float[np.ndarray, "m 2"],
    names: Float[np.ndarray, "k 2"],
) -> Float[np.ndarray, " 2"] | None:
    """Where the middle of a name in bold goes, `away` from its place: over no other name, and over few points of lines.

    Everything is measured in pixels. Among equally free sides, the one farther from the lines wins. None when every
    side is taken by other names.
    """
    half = np.array([0.5 * BOLD * size * len(text) + 2.0, FOOT * size + 1.0])
    best, least = None, math.inf
    for angle in 2.0 * math.pi * np.arange(SIDES) / SIDES:
        side = np.array([math.cos(angle), math.sin(angle)])
        middle = place + side / np.abs(side).max() * (away + half)
        if (np.abs(names - middle) < half).all(-1).any():
            continue
        off = np.abs(lines - middle) - half
        under = float((off < 0).all(-1).sum())
        nearest = float(np.linalg.norm(np.maximum(off, 0.0), axis=-1).min(initial=ENOUGH))
        cost = under - nearest / (2.0 * ENOUGH)
        if cost < least:
            best, least = middle, cost
    return best


def box(middle: Float[np.ndarray, " 2"], text: str, size: int) -> Float[np.ndarray, "m 2"]:
    """Points all over a name in bold, so that others can keep off it."""
    along = 0.5 * BOLD * size * len(text) * np.linspace(-1.0, 1.0, 2 * len(text) + 1)
    return np.concatenate([middle + np.stack((along, np.full_like(along, up)), -1) for up in _rows(size)])


def spoke_box(text: str, angle: float, radius: float, size: int) -> Float[np.ndarray, "m 2"]:
    """Points all over a name on a spoke."""
    out = np.array([math.cos(angle), math.sin(angle)])
    across = np.array([-out[1], out[0]])
    along = radius + LETTER * size * len(text) * np.linspace(0.0, 1.0, 2 * len(text) + 1)
    return np.concatenate([along[:, None] * out + up * across for up in _rows(size)])


def _rows(size: int) -> tuple[float, float, float]:
    return (-0.5 * size, 0.0, 0.5 * size)
