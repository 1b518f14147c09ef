"""Pictures of canvases, compared by their pixels."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from playwright.sync_api import Locator


def picture(locator: Locator) -> np.ndarray:
    """What the element looks like now, as an array (h, w, 3)."""
    from PIL import Image

    with Image.open(io.BytesIO(locator.screenshot())) as image:
        return np.asarray(image.convert("RGB")).copy()


def colours(image: np.ndarray) -> int:
    """How many different colours a picture has; a blank one has one."""
    return len(np.unique(image.reshape(-1, 3), axis=0))


# Two screenshots of an unchanged canvas may differ in a pixel at its edge, where the page is blended in.
STILL = 0.001


def difference(before: np.ndarray, after: np.ndarray) -> float:
    """The share of pixels that differ."""
    return float(np.mean(np.any(before != after, axis=-1))) if before.shape == after.shape else 1.0
