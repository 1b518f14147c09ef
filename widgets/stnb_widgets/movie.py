"""The film of a widget as a file: a GIF, an MP4, or the numbers behind the pictures.

Every frame of the film appears once, in order: what is slow to draw takes longer to save, and nothing is dropped.
"""

from __future__ import annotations

import io
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_widgets.files import write_whole
from stnb_widgets.gif import encode_gif
from stnb_widgets.parcel import unpack
from stnb_widgets.png import decode_png

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from stnb_widgets.base import LiveWidget
    from stnb_widgets.parcel import Parcel

__all__ = ["save_movie"]

KINDS = (".gif", ".mp4", ".npz")
FASTEST_GIF = 50


def save_movie(
    path: str | os.PathLike[str],
    widget: LiveWidget,
    *,
    fps: float = 12,
    frames: Iterable[bytes] | None = None,
) -> Path:
    """Save what a widget has shown; the ending of the name chooses the kind of file.

    Args:
        path: ends in .gif, .mp4 (needs imageio-ffmpeg) or .npz (steps, times, and the arrays of every frame).
        widget: draws and reads the frames.
        fps: frames shown a second; not used for .npz.
        frames: packed frames; those that the widget has for a movie if None.
    """
    target = Path(path)
    if target.suffix not in KINDS:
        raise ValueError(f"{target.name!r} ends in {target.suffix!r}; choose from {', '.join(KINDS)}")
    fastest = FASTEST_GIF if target.suffix == ".gif" else 240
    if not isfinite(fps) or not 0 < fps <= fastest:
        raise ValueError(
            f"fps is {fps}; a {target.suffix} shows more than 0 and at most {fastest} frames a second"
        )
    parcels = [unpack(packed) for packed in (widget.movie_frames() if frames is None else frames)]
    if not parcels:
        raise ValueError(f"the {type(widget).__name__} has shown nothing yet; offer it a frame first")
    if target.suffix == ".npz":
        return write_whole(target, _numbers(widget, parcels))
    pictures = (decode_png(widget.poster_of(parcel)) for parcel in parcels)
    if target.suffix == ".gif":
        return write_whole(target, encode_gif(list(pictures), fps))
    return _write_mp4(target, pictures, fps)


def _numbers(widget: LiveWidget, parcels: list[Parcel]) -> bytes:
    """`step`, `time`, and every array: stacked along a first axis of frames where all have one shape.

    Otherwise there is one array a frame: `positions.0`, `positions.1`, ...
    """
    columns: dict[str, dict[int, np.ndarray]] = {}
    for number, parcel in enumerate(parcels):
        for name, array in widget.numbers_of(parcel).items():
            columns.setdefault(name, {})[number] = array
    saved = {
        "step": np.array([parcel.header["step"] for parcel in parcels], np.int64),
        "time": np.array([parcel.header["time"] for parcel in parcels], float),
    }
    for name, arrays in columns.items():
        if len(arrays) == len(parcels) and len({array.shape for array in arrays.values()}) == 1:
            saved[name] = np.stack(list(arrays.values()))
        else:
            saved.update({f"{name}.{number}": array for number, array in arrays.items()})
    file = io.BytesIO()
    np.savez_compressed(file, **saved)  # pyright: ignore[reportArgumentType] (names are free, allow_pickle is not among them)
    return file.getvalue()


def _write_mp4(target: Path, pictures: Iterator[np.ndarray], fps: float) -> Path:
    try:
        from imageio_ffmpeg import write_frames
    except ImportError as error:
        raise ImportError(
            "an .mp4 needs imageio-ffmpeg: pip install 'stnb[export]', or save a .gif"
        ) from error
    first = next(pictures)
    height, width = (length + length % 2 for length in first.shape[:2])
    beside = target.with_name(f".{target.stem}.partial.mp4")
    rate: Any = fps
    writer = write_frames(str(beside), (width, height), fps=rate, macro_block_size=2, quality=8)
    try:
        writer.send(None)
        writer.send(_padded(first, height, width))
        for picture in pictures:
            writer.send(_padded(picture, height, width))
        writer.close()
        beside.replace(target)
    finally:
        writer.close()
        beside.unlink(missing_ok=True)
    return target


def _padded(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Even lengths, which the codec needs: the last row and column may be there twice."""
    missing = ((0, height - picture.shape[0]), (0, width - picture.shape[1]), (0, 0))
    return np.ascontiguousarray(np.pad(picture, missing, mode="edge"))
