"""Live widgets that draw scenes and send intents; they know nothing of simulations."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stnb_widgets.atlas import Atlas, District, Markers, Points, Selection, Slice
    from stnb_widgets.carriers import Carriers, Event, Oscillators, Wave
    from stnb_widgets.link import FrameLink, LinkStats
    from stnb_widgets.movie import save_movie
    from stnb_widgets.page import page_fragment, save_page
    from stnb_widgets.quantize import Quantiser, dequantise
    from stnb_widgets.raster import Canvas
    from stnb_widgets.slider import Slider
    from stnb_widgets.timeline import Pyramid, Timeline

__all__ = [
    "Atlas",
    "Canvas",
    "Carriers",
    "District",
    "Event",
    "FrameLink",
    "LinkStats",
    "Markers",
    "Oscillators",
    "Points",
    "Pyramid",
    "Quantiser",
    "Selection",
    "Slice",
    "Slider",
    "Timeline",
    "Wave",
    "dequantise",
    "page_fragment",
    "save_movie",
    "save_page",
]

_ROOMS = {
    "atlas": (
        "Atlas",
        "District",
        "Markers",
        "Points",
        "Selection",
        "Slice",
    ),
    "carriers": (
        "Carriers",
        "Event",
        "Oscillators",
        "Wave",
    ),
    "link": (
        "FrameLink",
        "LinkStats",
    ),
    "movie": ("save_movie",),
    "page": (
        "page_fragment",
        "save_page",
    ),
    "quantize": (
        "Quantiser",
        "dequantise",
    ),
    "raster": ("Canvas",),
    "slider": ("Slider",),
    "timeline": (
        "Pyramid",
        "Timeline",
    ),
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
