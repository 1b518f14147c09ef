"""stnb: live, trustworthy simulations in Jupyter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from stnb import geometry, kernels, recording, widgets
    from stnb._core.check import check
    from stnb._core.errors import StnbError
    from stnb._core.registry import view
    from stnb._core.show import show
    from stnb.kernels import backends
    from stnb.manifold import ManifoldConfig, Schedule
    from stnb.manifold.tokens import TokenEngine, UniversalTokenizer
    from stnb.session.manifold import ManifoldSession

__version__ = "0.1.0"

__all__ = [
    "ManifoldConfig",
    "ManifoldSession",
    "Schedule",
    "StnbError",
    "TokenEngine",
    "UniversalTokenizer",
    "__version__",
    "backends",
    "check",
    "geometry",
    "kernels",
    "recording",
    "show",
    "view",
    "widgets",
]

__getattr__, _dir, _ = lazy_loader.attach(
    __name__,
    submodules=["geometry", "kernels", "recording", "widgets"],
    submod_attrs={
        "_core.check": ["check"],
        "_core.errors": ["StnbError"],
        "_core.registry": ["view"],
        "_core.show": ["show"],
        "kernels": ["backends"],
        "manifold": ["ManifoldConfig", "Schedule"],
        "manifold.tokens": ["TokenEngine", "UniversalTokenizer"],
        "session.manifold": ["ManifoldSession"],
    },
)


def __dir__() -> list[str]:
    return sorted(__all__)
