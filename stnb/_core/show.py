"""Figures with words for those who cannot see them, small enough to live in a notebook file."""

from __future__ import annotations

import base64
import json
import struct
import sys
import zlib
from typing import Any

import numpy as np

from stnb._core.errors import CapacityError, InputError
from stnb._core.svg import line_poster

__all__ = ["encode_png", "mimebundle", "show"]

PNG = b"\x89PNG\r\n\x1a\n"
PLOTLY = "application/vnd.plotly.v1+json"
SHORTEST_ALT = 10
LARGEST = 300_000


def show(figure: Any, *, alt: str = "", max_bytes: int = LARGEST) -> None:
    """Display a Plotly figure, PNG bytes, an image array or a widget together with its description.

    A Plotly figure of lines also carries a still (SVG), which is what GitHub and other static pages show.
    Outside a notebook the description is printed.

    Raises:
        InputError: without a description of at least ten characters, or for something that is no figure.
        CapacityError: when the output is larger than `max_bytes`.
    """
    data, metadata = mimebundle(figure, alt, max_bytes=max_bytes)
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        print(f"[figure] {alt}")
        return
    from IPython.display import display

    display(data, metadata=metadata, raw=True)


def mimebundle(figure: Any, alt: str, *, max_bytes: int = LARGEST) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `show` displays: MIME type -> content, and MIME type -> `{"alt": alt}`."""
    if not isinstance(alt, str) or len(alt.strip()) < SHORTEST_ALT:
        raise InputError(
            f"alt = {alt!r}; describe the figure in at least {SHORTEST_ALT} characters for readers who "
            'cannot see it, such as show(fig, alt="Kinetic energy falls to a tenth within 200 steps").'
        )
    data = _content(figure, alt)
    size = len(json.dumps(data))
    if size > max_bytes:
        raise CapacityError(
            f"the figure takes {size / 1000:.0f} kB; a notebook output may take {max_bytes / 1000:.0f} kB. "
            "Draw fewer points, or pass a larger max_bytes."
        )
    data["text/plain"] = alt
    return data, {kind: {"alt": alt} for kind in data if kind != "text/plain"}


def encode_png(image: Any) -> bytes:
    """An (h, w), (h, w, 3) or (h, w, 4) array of uint8, or of floats in [0, 1], as a PNG file."""
    pixels = np.asarray(image)
    if pixels.dtype.kind == "f":
        if not (np.isfinite(pixels).all() and (pixels >= 0).all() and (pixels <= 1).all()):
            raise InputError("a float image has values outside [0, 1] or NaN; scale it first.")
        pixels = np.round(pixels * 255).astype(np.uint8)
    channels = {2: 1}.get(pixels.ndim, pixels.shape[-1] if pixels.ndim == 3 else 0)
    colour = {1: 0, 3: 2, 4: 6}.get(channels)
    if pixels.dtype != np.uint8 or colour is None or not pixels.size:
        raise InputError(
            f"an image of shape {pixels.shape} and type {pixels.dtype}; give (h, w), (h, w, 3) or (h, w, 4) "
            "of uint8, or of floats in [0, 1]."
        )
    height, width = pixels.shape[:2]
    lines = np.zeros((height, 1 + width * channels), np.uint8)
    lines[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    body = zlib.compress(lines.tobytes(), 9)
    return PNG + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _content(figure: Any, alt: str) -> dict[str, Any]:
    if hasattr(figure, "to_plotly_json"):
        return _plotly(figure, alt)
    if isinstance(figure, np.ndarray):
        figure = encode_png(figure)
    if isinstance(figure, (bytes, bytearray, memoryview)):
        if bytes(figure[:8]) != PNG:
            raise InputError(
                f"the bytes start with {bytes(figure[:8])!r}; only PNG files can be shown as bytes."
            )
        return {"image/png": base64.b64encode(figure).decode("ascii")}
    if hasattr(figure, "_repr_mimebundle_"):
        bundle = figure._repr_mimebundle_()
        return dict(bundle[0] if isinstance(bundle, tuple) else bundle or {})
    raise InputError(
        f"{type(figure).__name__} cannot be shown; give a Plotly figure, PNG bytes, an image or a widget."
    )


def _plotly(figure: Any, alt: str) -> dict[str, Any]:
    """The live figure, and a still for pages without scripts."""
    content = json.loads(figure.to_json())
    content.setdefault("config", {"displaylogo": False, "responsive": True})
    still = line_poster(content, alt)
    if still is not None:
        return {PLOTLY: content, "image/svg+xml": still}
    from html import escape

    words = escape(alt, quote=True)
    return {PLOTLY: content, "text/html": f'<figure role="img" aria-label="{words}">{words}</figure>'}
