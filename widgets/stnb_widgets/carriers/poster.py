"""A still picture of carriers: stems in their gates over frequency, and the phases on a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_widgets.carriers.numbers import columns
from stnb_widgets.carriers.wave import STATES
from stnb_widgets.colours import categories
from stnb_widgets.raster import Canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stnb_widgets.parcel import Parcel

__all__ = ["render_carriers"]

LEFT, RIGHT, TOP, BOTTOM = 44.0, 404.0, 44.0, 346.0
CENTRE, REACH = (524.0, 196.0), 92.0
GROUND = (0.055, 0.067, 0.09)
INK, FAINT = (0.82, 0.85, 0.89), (0.34, 0.38, 0.44)
GATES = 48
STATE_COLOURS = (1, 0, 2)
TURN = 2 * np.pi


def render_carriers(parcel: Parcel | None, most_bytes: int = 60_000) -> bytes:
    """PNG of a frame that travelled, or of an empty one."""
    canvas = Canvas(ground=GROUND)
    colours = [tuple(float(x) for x in categories(dark=True)[i]) for i in STATE_COLOURS]
    _legend(canvas, parcel, colours)
    canvas.line(np.array([LEFT, RIGHT]), np.array([BOTTOM, BOTTOM]), FAINT)
    angle = np.linspace(0, TURN, 120)
    canvas.line(CENTRE[0] + REACH * np.cos(angle), CENTRE[1] + REACH * np.sin(angle), FAINT)
    canvas.text(CENTRE[0], TOP + 8, "phases", INK, anchor="ct")
    canvas.text((LEFT + RIGHT) / 2, BOTTOM + 22, "frequency in rad/s", INK, anchor="ct")
    if parcel is not None and parcel.header["count"]:
        numbers = columns(parcel)
        order = np.argsort(numbers["amplitude"], kind="stable")
        rising = {name: column[order] for name, column in numbers.items()}
        state = parcel.arrays["state"][order]
        _spectrum(canvas, rising, state, parcel.header["band"], colours)
        _wheel(canvas, rising, state, parcel.header["order"], colours)
    return canvas.png(most_bytes)


def _legend(canvas: Canvas, parcel: Parcel | None, colours: list[tuple[float, ...]]) -> None:
    tally = np.bincount(parcel.arrays["state"] if parcel else [], minlength=len(STATES))
    at = LEFT
    for name, count, colour in zip(STATES, tally, colours, strict=True):
        text = f"{count} {name}"
        canvas.discs(np.array([at + 4]), np.array([22.0]), 4.0, np.array([colour]))
        canvas.text(at + 14, 22, text, INK, anchor="lm")
        at += 34 + 7 * len(text)
    if parcel is not None and parcel.header["count"] < parcel.header["total"]:
        canvas.text(at, 22, f"of {parcel.header['total']}", FAINT, anchor="lm")


def _spectrum(
    canvas: Canvas,
    numbers: dict[str, np.ndarray],
    state: np.ndarray,
    band: Sequence[float],
    colours: list[tuple[float, ...]],
) -> None:
    """Gates as bells, carriers as stems; the weakest first, so that the strong ones lie on top."""
    omega, amplitude, width = (numbers[name] for name in ("omega", "amplitude", "width"))
    low, high = band
    top = max(float(amplitude.max()), 1e-9)

    def place(w: np.ndarray) -> np.ndarray:
        return LEFT + (w - low) / (high - low) * (RIGHT - LEFT)

    def height(a: np.ndarray) -> np.ndarray:
        return BOTTOM - a / top * (BOTTOM - TOP - 8)

    grid = np.linspace(low, high, 160)
    for k in range(max(len(omega) - GATES, 0), len(omega)):
        bell = amplitude[k] * np.exp(-(((grid - omega[k]) / max(width[k], 1e-9)) ** 2))
        faded = tuple(0.4 * c + 0.6 * g for c, g in zip(colours[state[k]], GROUND, strict=True))
        canvas.line(place(grid), height(np.where(bell > 0.01 * top, bell, np.nan)), faded, 1.0)
    for number, colour in enumerate(colours):
        _stems(canvas, place(omega[state == number]), height(amplitude[state == number]), colour)
    canvas.discs(place(omega), height(amplitude), 3.5, np.array(colours)[state])
    for value in (low, (low + high) / 2, high):
        canvas.text(float(place(np.array(value))), BOTTOM + 6, f"{value:.2f}", INK, anchor="ct")
    canvas.text(LEFT - 6, TOP + 8, f"{top:.2g}", INK, anchor="rm")
    canvas.text(LEFT - 6, BOTTOM, "0", INK, anchor="rm")


def _stems(canvas: Canvas, x: np.ndarray, y: np.ndarray, colour: tuple[float, ...]) -> None:
    if len(x):
        gap = np.full(len(x), np.nan)
        foot = np.full(len(x), BOTTOM)
        canvas.line(
            np.stack([x, x, gap], axis=1).ravel(), np.stack([foot, y, gap], axis=1).ravel(), colour, 1.5
        )


def _wheel(
    canvas: Canvas,
    numbers: dict[str, np.ndarray],
    state: np.ndarray,
    mean_order: float | None,
    colours: list[tuple[float, ...]],
) -> None:
    reach = REACH * np.clip(np.nan_to_num(numbers["order"]), 0, 1)
    x, y = CENTRE[0] + reach * np.cos(numbers["phase"]), CENTRE[1] - reach * np.sin(numbers["phase"])
    canvas.discs(x, y, 4.0, np.array(colours)[state])
    if mean_order is not None:
        canvas.text(CENTRE[0], CENTRE[1] + REACH + 16, f"order of all {mean_order:.2f}", INK, anchor="ct")
