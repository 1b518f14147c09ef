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
    "CurvatureMismatch",
    "DataLength",
    "DegenerateBarycenter",
    "EmptyInput",
    "InputError",
    "InvalidDimensions",
    "InvalidValue",
    "LoopDetected",
    "MissingExtraError",
    "NonFiniteValue",
    "NonHyperbolicCurvature",
    "NonPositiveLearningRate",
    "NonPositiveSaturation",
    "NonPositiveTemperature",
    "NonPositiveTolerance",
    "NonPositiveWeight",
    "ShapeMismatch",
    "StnbError",
    "TensorError",
    "TensorVolumeExceeded",
    "UnknownMetricError",
    "UnknownNameError",
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


class TensorError(InputError):
    """What Z-space refuses: base of the errors below, and a ValueError."""


class InvalidDimensions(TensorError):  # noqa: N818
    """An axis is zero or negative."""


class DataLength(TensorError):  # noqa: N818
    """A list is longer or shorter than what it has to fill."""


class ShapeMismatch(TensorError, RuntimeError):  # noqa: N818
    """Two shapes do not fit each other; the message prints both."""


class NonHyperbolicCurvature(TensorError, ConfigError):  # noqa: N818
    """A curvature is not below zero, or not finite."""


class NonPositiveTemperature(TensorError, ConfigError):  # noqa: N818
    """A temperature is not a finite number above 0."""


class NonPositiveLearningRate(TensorError, ConfigError):  # noqa: N818
    """A learning rate is not a finite number above 0."""


class NonPositiveTolerance(TensorError, ConfigError):  # noqa: N818
    """A tolerance is not a finite number above 0."""


class NonPositiveSaturation(TensorError, ConfigError):  # noqa: N818
    """A saturation is not a finite number above 0."""


class NonPositiveWeight(TensorError):  # noqa: N818
    """A weight is not a finite number above 0 (or from 0 on, where the message says so)."""


class EmptyInput(TensorError):  # noqa: N818
    """There is nothing to work on: no text, no density, no value."""


class DegenerateBarycenter(TensorError, RuntimeError):  # noqa: N818
    """The weights and the entropy weight leave nothing to minimise."""


class CurvatureMismatch(TensorError, RuntimeError):  # noqa: N818
    """Two things that have to live in the same ball do not."""


class NonFiniteValue(TensorError):  # noqa: N818
    """NaN or an infinity, with the name and the index where it stands."""


class TensorVolumeExceeded(TensorError, RuntimeError):  # noqa: N818
    """More entries than a topos lets through."""


class LoopDetected(TensorError, RuntimeError):  # noqa: N818
    """A depth at which a topos takes a recursion for endless."""


class InvalidValue(TensorError):  # noqa: N818
    """A value outside what the function is defined for."""


class UnknownNameError(StnbError, KeyError, ValueError):
    """A key or an option has a name that nobody knows; the message names the nearest one."""

    def __str__(self) -> str:
        """The message itself; a KeyError would show it in quotation marks."""
        return str(self.args[0]) if self.args else ""


class UnknownMetricError(UnknownNameError):
    """The name is that of a metric."""


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
