"""PNG files from arrays, with NumPy and zlib: true colours, or as few of them as a number of bytes allows."""

from __future__ import annotations

import struct
import zlib

import numpy as np

__all__ = ["decode_png", "encode_png", "squeeze_png"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TRUE_COLOUR, _INDEXED = 2, 3
_PALETTE = 256
_COLOUR_STEPS = (1, 4, 8, 16, 32, 64)
_BLOCKS = (2, 4, 8, 16, 32, 64)


def encode_png(picture: np.ndarray) -> bytes:
    """PNG of an (h, w, 3) picture of red, green, blue in 0 ... 255."""
    return _file(picture.reshape(len(picture), -1), picture.shape[1], _TRUE_COLOUR)


def squeeze_png(picture: np.ndarray, most_bytes: int) -> bytes:
    """The PNG with the most colours, and then the finest detail, that takes at most `most_bytes`.

    Colours are rounded to multiples of 1, 4 ... 64, then blocks of 2 x 2, 4 x 4 ... pixels become one. If not even
    blocks of 64 are small enough, those are what is returned.
    """
    png = b""
    for step in _COLOUR_STEPS:
        png = _encode_few(_rounded(picture, step))
        if len(png) <= most_bytes:
            return png
    for block in _BLOCKS:
        png = _encode_few(_rounded(_blocky(picture, block), _COLOUR_STEPS[-1]))
        if len(png) <= most_bytes:
            return png
    return png


def decode_png(png: bytes) -> np.ndarray:
    """The (h, w, 3) pixels of a PNG that was written here."""
    chunks, at = {}, len(SIGNATURE)
    while at < len(png):
        length, name = struct.unpack_from(">I4s", png, at)
        chunks[name] = png[at + 8 : at + 8 + length]
        at += 12 + length
    if png[: len(SIGNATURE)] != SIGNATURE or not {b"IHDR", b"IDAT"} <= set(chunks):
        raise ValueError(f"{len(png)} bytes are no PNG of this package; pass what encode_png returned")
    width, height, depth, kind = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, -1)
    if depth != 8 or kind not in {_TRUE_COLOUR, _INDEXED} or rows[:, 0].any():
        raise ValueError(
            f"a PNG of kind {kind} with filters is not of this package; pass what encode_png returned"
        )
    if kind == _INDEXED:
        return np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)[rows[:, 1:]]
    return rows[:, 1:].reshape(height, width, 3)


def _encode_few(picture: np.ndarray) -> bytes:
    """Indexed where 256 colours are enough, in true colours otherwise."""
    height, width, _ = picture.shape
    whole = picture.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    colours, index = np.unique(whole, return_inverse=True)
    if len(colours) > _PALETTE:
        return encode_png(picture)
    palette = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1).astype(np.uint8)
    return _file(index.reshape(height, width).astype(np.uint8), width, _INDEXED, palette)


def _file(rows: np.ndarray, width: int, kind: int, palette: np.ndarray | None = None) -> bytes:
    unfiltered = np.zeros((len(rows), 1 + rows.shape[1]), np.uint8)
    unfiltered[:, 1:] = rows
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), 8, kind, 0, 0, 0))]
    if palette is not None:
        chunks.append((b"PLTE", palette.tobytes()))
    chunks += [(b"IDAT", zlib.compress(unfiltered.tobytes(), 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def _rounded(picture: np.ndarray, step: int) -> np.ndarray:
    """Every channel at the nearest multiple of `step`, 255 for the last one."""
    if step == 1:
        return picture
    return np.minimum((picture.astype(np.uint16) + step // 2) // step * step, 255).astype(np.uint8)


def _blocky(picture: np.ndarray, block: int) -> np.ndarray:
    """Every block shows the pixel at its middle."""
    rows, columns = (
        np.minimum(np.arange(length) // block * block + block // 2, length - 1)
        for length in picture.shape[:2]
    )
    return picture[rows[:, None], columns[None, :]]
