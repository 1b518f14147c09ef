"""Other frameworks: imported when they are needed, and recognised without importing them."""

from __future__ import annotations

import importlib
import re
import sys
from typing import Any

from stnb._core.errors import MissingExtraError

__all__ = ["MINIMUM", "belongs", "load"]

MINIMUM = {"jax": (0, 4), "tensorflow": (2, 12)}
ARRAYS = {
    "jax": ("Array",),
    "numpy": ("ndarray",),
    "tensorflow": ("Tensor", "Variable"),
    "torch": ("Tensor",),
}


def load(name: str) -> Any:
    """The framework as a module.

    Raises:
        MissingExtraError: when it is not installed, cannot be imported, or is too old.
    """
    oldest = ".".join(map(str, MINIMUM[name]))
    remedy = f"pip install '{name}>={oldest}'"
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        raise MissingExtraError(f"{name} {oldest} or newer is needed here ({error}); {remedy}") from error
    version = re.match(r"(\d+)\.(\d+)", module.__version__)
    if version and tuple(map(int, version.groups())) < MINIMUM[name]:
        raise MissingExtraError(f"{name} {module.__version__} is older than {oldest}; {remedy}")
    return module


def belongs(value: Any, framework: str) -> bool:
    """Whether a value is an array of this framework; one that was never imported has none."""
    module = sys.modules.get(framework)
    kinds = (getattr(module, name, None) for name in ARRAYS[framework])
    return isinstance(value, tuple(kind for kind in kinds if kind is not None))
