"""Hooks that upper layers fill: a session is looked at without importing what draws it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from stnb._core.errors import StnbError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["register_view", "view"]

VIEWS = "stnb.views"
_factories: dict[type, Callable[..., Any]] = {}


def register_view(session_type: type, factory: Callable[..., Any]) -> None:
    """Make `factory(session, *panels, **options)` the view of `session_type` and of its subclasses."""
    if not callable(factory):
        raise StnbError(f"the view of {session_type.__name__} is {factory!r}; give a callable.")
    _factories[session_type] = factory


def view(session: Any, *panels: str, **options: Any) -> Any:
    """The live view of a session: all of its panels, or those that are named; see the `view` of the session.

    The package of views is imported the first time it is needed.
    """
    factory = _find(type(session))
    if factory is None:
        try:
            importlib.import_module(VIEWS)
        except ModuleNotFoundError as error:
            if error.name != VIEWS:
                raise
        factory = _find(type(session))
    if factory is None:
        known = ", ".join(sorted(kind.__name__ for kind in _factories)) or "none"
        raise StnbError(
            f"there is no view of a {type(session).__name__} (views exist for: {known}); "
            "use its plot_history(), or register one with stnb._core.registry.register_view."
        )
    return factory(session, *panels, **options)


def _find(kind: type) -> Callable[..., Any] | None:
    return next((_factories[base] for base in kind.__mro__ if base in _factories), None)
