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


BLOCK = 24
# In the welcome notebook the picture of another moment was 0.67 away, the same one shifted by a pixel 0.03.
ALIKE = 0.1

# Two screenshots of an unchanged canvas may differ in a pixel at its edge, where the page is blended in.
STILL = 0.001


def difference(before: np.ndarray, after: np.ndarray) -> float:
    """The share of pixels that differ."""
    return float(np.mean(np.any(before != after, axis=-1))) if before.shape == after.shape else 1.0


def distance(before: np.ndarray, after: np.ndarray) -> float:
    """How far two pictures are apart when seen from afar: 0 for the same, 1 for one of them blank.

    Both are averaged over blocks of 24 pixels, because a reload may shift a canvas by a fraction of a pixel,
    which changes every edge and nothing that people see. The sum of what differs is taken over the sum of
    what stands out from the background in the first.
    """
    first, second = _from_afar(before), _from_afar(after)
    background = np.median(first, axis=(0, 1))
    return float(np.abs(first - second).sum() / max(np.abs(first - background).sum(), 1.0))


def _from_afar(pixels: np.ndarray) -> np.ndarray:
    rows, columns = (n // BLOCK for n in pixels.shape[:2])
    tiles = pixels[: rows * BLOCK, : columns * BLOCK, :3].astype(float)
    return tiles.reshape(rows, BLOCK, columns, BLOCK, 3).mean(axis=(1, 3))
