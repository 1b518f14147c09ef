"""A still picture of carriers: stems in their gates over frequency, and the phases on a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_widgets.carriers.wave import STATES
from stnb_widgets.colours import categories
from stnb_widgets.raster import Canvas

if TYPE_CHECKING:
    from stnb_widgets.carriers.frame import CarriersFrame

__all__ = ["render_carriers"]

LEFT, RIGHT, TOP, BOTTOM = 44.0, 404.0, 44.0, 346.0
CENTRE, REACH = (524.0, 196.0), 92.0
GROUND = (0.055, 0.067, 0.09)
INK, FAINT = (0.82, 0.85, 0.89), (0.34, 0.38, 0.44)
GATES = 48
STATE_COLOURS = (1, 0, 2)
TURN = 2 * np.pi


def render_carriers(frame: CarriersFrame | None, most_bytes: int = 60_000) -> bytes:
    """PNG of the last frame, or of an empty one."""
    canvas = Canvas(ground=GROUND)
    colours = [tuple(float(x) for x in categories(dark=True)[i]) for i in STATE_COLOURS]
    _legend(canvas, frame, colours)
    canvas.line(np.array([LEFT, RIGHT]), np.array([BOTTOM, BOTTOM]), FAINT)
    angle = np.linspace(0, TURN, 120)
    canvas.line(CENTRE[0] + REACH * np.cos(angle), CENTRE[1] + REACH * np.sin(angle), FAINT)
    canvas.text(CENTRE[0], TOP + 8, "phases", INK, anchor="ct")
    canvas.text((LEFT + RIGHT) / 2, BOTTOM + 22, "frequency in rad/s", INK, anchor="ct")
    if frame is not None and frame.total:
        _spectrum(canvas, frame, colours)
        _wheel(canvas, frame, colours)
    return canvas.png(most_bytes)


def _legend(canvas: Canvas, frame: CarriersFrame | None, colours: list[tuple[float, ...]]) -> None:
    tally = np.bincount(frame.state if frame else [], minlength=len(STATES))
    at = LEFT
    for name, count, colour in zip(STATES, tally, colours, strict=True):
        text = f"{count} {name}"
        canvas.discs(np.array([at + 4]), np.array([22.0]), 4.0, np.array([colour]))
        canvas.text(at + 14, 22, text, INK, anchor="lm")
        at += 34 + 7 * len(text)


def _spectrum(canvas: Canvas, frame: CarriersFrame, colours: list[tuple[float, ...]]) -> None:
    """Gates as bells, carriers as stems; the weakest first, so that the strong ones lie on top."""
    omega, amplitude, width = (frame.column(name) for name in ("omega", "amplitude", "width"))
    low, high = frame.band
    top = max(float(amplitude.max()), 1e-9)
    order = np.argsort(amplitude, kind="stable")

    def place(w: np.ndarray) -> np.ndarray:
        return LEFT + (w - low) / (high - low) * (RIGHT - LEFT)

    def height(a: np.ndarray) -> np.ndarray:
        return BOTTOM - a / top * (BOTTOM - TOP - 8)

    grid = np.linspace(low, high, 160)
    for k in order[-GATES:]:
        bell = amplitude[k] * np.exp(-(((grid - omega[k]) / max(width[k], 1e-9)) ** 2))
        faded = tuple(0.4 * c + 0.6 * g for c, g in zip(colours[frame.state[k]], GROUND, strict=True))
        canvas.line(place(grid), height(np.where(bell > 0.01 * top, bell, np.nan)), faded, 1.0)
    gap = np.nan
    for state, colour in enumerate(colours):
        rows = order[frame.state[order] == state]
        x = place(omega[rows])
        stems_x = np.stack([x, x, np.full(len(x), gap)], axis=1).ravel()
        stems_y = np.stack([np.full(len(x), BOTTOM), height(amplitude[rows]), np.full(len(x), gap)], axis=1)
        if len(rows):
            canvas.line(stems_x, stems_y.ravel(), colour, 1.5)
    shades = np.array(colours)[frame.state[order]]
    canvas.discs(place(omega[order]), height(amplitude[order]), 3.5, shades)
    for value in (low, (low + high) / 2, high):
        canvas.text(float(place(np.array(value))), BOTTOM + 6, f"{value:.2f}", INK, anchor="ct")
    canvas.text(LEFT - 6, TOP + 8, f"{top:.2g}", INK, anchor="rm")
    canvas.text(LEFT - 6, BOTTOM, "0", INK, anchor="rm")


def _wheel(canvas: Canvas, frame: CarriersFrame, colours: list[tuple[float, ...]]) -> None:
    phase, order = frame.column("phase"), np.nan_to_num(frame.column("order"))
    strength = np.argsort(frame.column("amplitude"), kind="stable")
    reach = REACH * np.clip(order, 0, 1)
    x, y = CENTRE[0] + reach * np.cos(phase), CENTRE[1] - reach * np.sin(phase)
    canvas.discs(x[strength], y[strength], 4.0, np.array(colours)[frame.state[strength]])
    if np.isfinite(frame.mean_order):
        canvas.text(
            CENTRE[0], CENTRE[1] + REACH + 16, f"order of all {frame.mean_order:.2f}", INK, anchor="ct"
        )
