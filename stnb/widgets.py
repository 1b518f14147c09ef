"""`stnb.widgets`: the public names of `stnb_widgets`, loaded when they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stnb_widgets import *  # noqa: F403  # pyright: ignore[reportWildcardImportFromLibrary]


def __getattr__(name: str) -> Any:
    import stnb_widgets

    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module 'stnb.widgets' has no attribute {name!r}")
    return getattr(stnb_widgets, name)


def __dir__() -> list[str]:
    import stnb_widgets

    return sorted(stnb_widgets.__all__)
