"""Colours: a sequential map of evenly rising lightness, a circle of hues for phases, and eight that can be told apart."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["blank_colour", "categories", "colour_table", "cyclic_table", "oklab_to_srgb"]

_LAB_TO_LMS = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_LMS_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


@cache
def _palette() -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "static" / "colours.json").read_text(encoding="utf-8"))


def oklab_to_srgb(lab: np.ndarray) -> np.ndarray:
    """Red, green, blue (sRGB, 0 ... 1) of OKLab rows (Ottosson 2020), clipped to the gamut."""
    linear = (lab @ _LAB_TO_LMS.T) ** 3 @ _LMS_TO_RGB.T
    linear = linear.clip(0.0, 1.0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def colour_table(entries: int = 256) -> np.ndarray:
    """The map as `entries` rows of red, green, blue in 0 ... 1."""
    stops = np.asarray(_palette()["sequential"], dtype=float)
    at = np.linspace(0, len(stops) - 1, entries)
    lab = np.stack([np.interp(at, np.arange(len(stops)), column) for column in stops.T], axis=1)
    return oklab_to_srgb(lab)


def cyclic_table(entries: int = 256) -> np.ndarray:
    """A circle of hues of one lightness as `entries` rows of red, green, blue in 0 ... 1."""
    circle = _palette()["cyclic"]
    angle = 2 * np.pi * np.arange(entries) / entries
    lightness = np.full(entries, circle["lightness"])
    return oklab_to_srgb(
        np.stack([lightness, circle["chroma"] * np.cos(angle), circle["chroma"] * np.sin(angle)], axis=1)
    )


def categories(*, dark: bool = True) -> np.ndarray:
    """Eight colours that can be told apart, as rows of red, green, blue in 0 ... 1."""
    return np.array([_rgb(text) for text in _palette()["categories"]["dark" if dark else "light"]])


def blank_colour() -> np.ndarray:
    """Red, green, blue of values that are not finite."""
    return _rgb(_palette()["blank"])


def _rgb(text: str) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(text[1:]), np.uint8) / 255
