"""Moving pictures as a GIF: one palette, LZW, and of each picture only the rectangle that changed."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from stnb_widgets.palette import indexed

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["encode_gif"]

LONGEST_CODE = 12
_TICKS_PER_S = 100
_BITS = 8


def encode_gif(pictures: Sequence[np.ndarray], fps: float) -> bytes:
    """An endless GIF of pictures (h, w, 3) of bytes of one size, shown 1/fps seconds each on average."""
    palette, places = indexed(pictures)
    height, width = places[0].shape
    table = np.zeros((1 << _BITS, 3), np.uint8)
    table[: len(palette)] = palette
    parts = [
        b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80 | (_BITS - 1) << 4 | (_BITS - 1), 0, 0),
        table.tobytes(),
        b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00",
    ]
    ticks = np.rint(np.arange(len(places) + 1) * _TICKS_PER_S / fps).astype(int)
    shown = None
    for place, delay in zip(places, np.diff(ticks), strict=True):
        parts.append(_image(place, shown, int(delay)))
        shown = place
    return b"".join([*parts, b"\x3b"])


def _image(place: np.ndarray, shown: np.ndarray | None, delay: int) -> bytes:
    top, left, bottom, right = _changed(place, shown)
    part = np.ascontiguousarray(place[top:bottom, left:right])
    control = b"\x21\xf9\x04" + struct.pack("<BHB", 1 << 2, delay, 0) + b"\x00"
    where = b"\x2c" + struct.pack("<HHHHB", left, top, right - left, bottom - top, 0)
    return control + where + bytes([_BITS]) + _blocks(pack_codes(*lzw(part.tobytes(), _BITS)))


def _changed(place: np.ndarray, shown: np.ndarray | None) -> tuple[int, int, int, int]:
    """Top, left, bottom, right of what differs from the picture before; one pixel where nothing does."""
    if shown is None:
        return 0, 0, *place.shape
    rows, columns = np.nonzero(place != shown)
    if not len(rows):
        return 0, 0, 1, 1
    return int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1


def lzw(data: bytes, bits: int) -> tuple[list[int], list[int]]:
    """Codes of Lempel, Ziv and Welch for bytes below 2^bits, and how many bits each of them takes.

    A code stands for a sequence that was seen before, or for one byte; 2^bits empties the table, 2^bits + 1 ends.
    """
    clear, end = 1 << bits, (1 << bits) + 1
    codes, widths = [clear], [bits + 1]
    known: dict[int, int] = {}
    following, width = end + 1, bits + 1
    sequence = data[0]
    for byte in data[1:]:
        longer = sequence << bits | byte
        code = known.get(longer)
        if code is not None:
            sequence = code
            continue
        codes.append(sequence)
        widths.append(width)
        sequence = byte
        if following < 1 << LONGEST_CODE:
            known[longer] = following
            width += following == 1 << width
            following += 1
        else:
            codes.append(clear)
            widths.append(width)
            known.clear()
            following, width = end + 1, bits + 1
    codes += [sequence, end]
    after = width + (following == 1 << width and width < LONGEST_CODE)
    widths += [width, after]
    return codes, widths


def pack_codes(codes: list[int], widths: list[int]) -> bytes:
    """Codes one after another, each with its lowest bit first."""
    values, sizes = np.array(codes, np.uint32), np.array(widths)
    bits = (values[:, None] >> np.arange(LONGEST_CODE, dtype=np.uint32)) & np.uint32(1)
    kept = bits.astype(np.uint8)[np.arange(LONGEST_CODE) < sizes[:, None]]
    return np.packbits(kept, bitorder="little").tobytes()


def _blocks(data: bytes) -> bytes:
    """Data in blocks of at most 255 bytes, each after its length, and an empty one at the end."""
    parts = [data[at : at + 255] for at in range(0, len(data), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\x00"
