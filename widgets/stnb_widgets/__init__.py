"""Live widgets that draw scenes and send intents; they know nothing of simulations."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .atlas import Atlas
    from .link import FrameLink, LinkStats
    from .points import Points, Slider
    from .quantize import Quantiser, dequantise

__all__ = ["Atlas", "FrameLink", "LinkStats", "Points", "Quantiser", "Slider", "dequantise"]

_HOMES = {
    "Atlas": "atlas",
    "FrameLink": "link",
    "LinkStats": "link",
    "Points": "points",
    "Quantiser": "quantize",
    "Slider": "points",
    "dequantise": "quantize",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
