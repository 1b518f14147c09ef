"""Small pictures side by side on one scale of colours, as a PNG that fits into a notebook."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import EmptyInput, InvalidValue, MissingExtraError, NonFiniteValue, ShapeMismatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Float

__all__ = ["plot_pictures"]

INK = "#333f48"
INCHES, DOTS = 8.4, 92
SHADES = 160
CAPTION = 0.55  # inches that the captions and the scale of colours take


def plot_pictures(
    pictures: Mapping[str, Any],
    *,
    limits: tuple[float, float] | None = None,
    colours: str = "RdBu_r",
    scale: str = "",
    extent: tuple[float, float, float, float] | None = None,
    x: str = "",
    y: str = "",
    height: float = 0.0,
) -> bytes:
    """Each picture under its name, all on one scale of colours; the first row of a picture is on top.

    Args:
        pictures: For each name a matrix of finite numbers.
        limits: Numbers of the first and the last colour; the least and the largest of all pictures if not given.
        colours: A colour map of matplotlib.
        scale: What the numbers are, beside the scale of colours.
        extent: Left, right, bottom and top of every picture in its own units; without it there are no axes.
        x: What lies across, with `extent`.
        y: What lies up, with `extent`.
        height: In inches; 0 makes pixels square.

    Returns:
        A PNG file of at most 160 colours, for `stnb.show(…, alt=…)`.
    """
    if not pictures:
        raise EmptyInput("pictures is empty; give a name and a matrix at least.")
    drawn = {name: _checked(name, picture) for name, picture in pictures.items()}
    low, high = _limits(limits, drawn)
    try:
        from matplotlib import colormaps
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError(f"pictures need {error.name}; pip install 'stnb[lab]'") from error
    if colours not in colormaps:
        raise InvalidValue(f"colours = {colours!r} is no colour map; give one such as 'RdBu_r' or 'viridis'.")
    rows, columns = next(iter(drawn.values())).shape
    tall = height or CAPTION + 0.88 * INCHES / len(drawn) * rows / columns
    figure = Figure(figsize=(INCHES, tall), dpi=DOTS, layout="constrained")
    frames = figure.subplots(1, len(drawn), squeeze=False)[0]
    image: Any = None
    for axes, (name, picture) in zip(frames, drawn.items(), strict=True):
        aspect = "auto" if height else "equal"
        image = axes.imshow(picture, cmap=colours, vmin=low, vmax=high, aspect=aspect, extent=extent)
        axes.set_title(name, fontsize=9, color=INK)
        if extent is None:
            axes.set(xticks=[], yticks=[])
        else:
            axes.set(xlabel=x, ylabel=y)
    figure.colorbar(image, ax=list(frames), label=scale, shrink=0.9, pad=0.015)
    return _png(figure)


def _checked(name: str, picture: Any) -> Float[np.ndarray, "h w"]:
    found = np.asarray(picture, float)
    if found.ndim != 2 or not found.size:
        raise ShapeMismatch(f"the picture {name!r} has shape {found.shape}; give a matrix (height, width).")
    if not np.isfinite(found).all():
        row, column = map(int, np.argwhere(~np.isfinite(found))[0])
        value = float(found[row, column])
        raise NonFiniteValue(f"{name}[{row}, {column}] = {value!r} cannot be drawn; give finite numbers.")
    return found


def _limits(
    given: tuple[float, float] | None, pictures: Mapping[str, Float[np.ndarray, "*_"]]
) -> tuple[float, float]:
    if given is None:
        return min(float(p.min()) for p in pictures.values()), max(float(p.max()) for p in pictures.values())
    low, high = map(float, given)
    if not -np.inf < low < high < np.inf:
        raise InvalidValue(f"limits = {given!r}; give two finite numbers, the smaller one first.")
    return low, high


def _png(figure: Any) -> bytes:
    from PIL import Image

    drawn, picture = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn)
    Image.open(drawn).convert("RGB").quantize(SHADES).save(picture, "png", optimize=True)
    return picture.getvalue()
