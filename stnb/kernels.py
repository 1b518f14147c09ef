"""`stnb.kernels`: the public names of `stnb_kernels`, loaded when they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stnb_kernels import *  # noqa: F403  # pyright: ignore[reportWildcardImportFromLibrary]


def __getattr__(name: str) -> Any:
    import stnb_kernels

    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module 'stnb.kernels' has no attribute {name!r}")
    return getattr(stnb_kernels, name)


def __dir__() -> list[str]:
    import stnb_kernels

    return sorted(stnb_kernels.__all__)
