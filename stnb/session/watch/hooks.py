"""Hooks on an optimizer, one watch at a time."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

from torch.optim import Optimizer

from stnb._core.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Callable

    Told = Callable[[Optimizer, bool], None]

__all__ = ["Hooks", "unwrapped"]

INNER = ("optimizer", "_optimizer")

_watched: weakref.WeakSet[Optimizer] = weakref.WeakSet()
_lock = threading.Lock()


class Hooks:
    """Calls `before(optimizer, closure)` and `after(optimizer, closure)` around every step, until removed.

    `closure` says whether the step evaluates the model itself, once or several times.
    """

    def __init__(self, optimizer: Optimizer, before: Told, after: Told) -> None:
        with _lock:
            if optimizer in _watched:
                raise BusyError(
                    f"this {type(optimizer).__name__} is being watched already; leave that watch first "
                    "(its `with` block, or its stop()), or use it instead of a second one."
                )
            _watched.add(optimizer)
        self._optimizer = optimizer
        self._handles = (
            optimizer.register_step_pre_hook(lambda o, args, kwargs: before(o, _has_closure(args, kwargs))),
            optimizer.register_step_post_hook(lambda o, args, kwargs: after(o, _has_closure(args, kwargs))),
        )

    def remove(self) -> None:
        """Take the hooks off; the optimizer may be watched again."""
        for handle in self._handles:
            handle.remove()
        with _lock:
            _watched.discard(self._optimizer)


def unwrapped(optimizer: Any) -> Optimizer:
    """The optimizer of torch inside what libraries put around it."""
    found, seen = optimizer, set()
    while id(found) not in seen and not hasattr(found, "_optimizer_step_pre_hooks"):
        seen.add(id(found))
        found = next(
            (getattr(found, name) for name in INNER if getattr(found, name, None) is not None), found
        )
    if not isinstance(found, Optimizer):
        raise TypeError(
            f"optimizer is of type {type(optimizer).__name__}; give a torch.optim.Optimizer, a list of them, or None."
        )
    return found


def _has_closure(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a step was given a closure; `args` begin with the optimizer itself."""
    return callable(kwargs.get("closure")) or any(callable(given) for given in args[1:2])
