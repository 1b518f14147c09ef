"""One family of errors. A message says what was wrong with its value, what is allowed, what to do next."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "BackendError",
    "BackgroundError",
    "BusyError",
    "CapacityError",
    "CheckError",
    "CheckpointError",
    "ConfigError",
    "InputError",
    "MissingExtraError",
    "StnbError",
    "WaitError",
    "nearest",
]


class StnbError(Exception):
    """Every error that stnb raises on purpose."""


class ConfigError(StnbError, ValueError):
    """A setting has an unknown name or a value outside its range."""


class InputError(StnbError, ValueError):
    """An array has the wrong shape, type or contents."""


class CapacityError(StnbError, ValueError):
    """More was asked for than the buffers or the memory can hold."""


class BackendError(StnbError, RuntimeError):
    """A back end that was asked for by name cannot run."""


class CheckpointError(StnbError, ValueError):
    """A file is damaged, foreign, or of another version."""


class BackgroundError(StnbError, RuntimeError):
    """Something failed in a background thread; the original is its `__cause__`."""


class BusyError(StnbError, RuntimeError):
    """The session cannot do this in the state it is in: it is playing, or closed."""


class WaitError(StnbError, TimeoutError):
    """What was waited for did not come in time."""


class CheckError(StnbError, AssertionError):
    """A claim of a notebook turned out false."""


class MissingExtraError(StnbError, ImportError):
    """An optional package is not installed; the message names the extra that brings it."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence for an unknown name: the closest known one, and all of them when they are few.

    >>> nearest("perodic", ["walls", "periodic"])
    "did you mean 'periodic'? Known: 'periodic', 'walls'."
    """
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
    hint = f"did you mean {close[0]!r}? " if close else ""
    listed = ", ".join(repr(n) for n in names[:24])
    return f"{hint}Known: {listed}{', …' if len(names) > 24 else ''}."
