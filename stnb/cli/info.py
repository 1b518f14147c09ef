"""What is installed and what would run; and the way to the benchmarks."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import stnb
from stnb._core.errors import StnbError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["bench", "info", "version"]

PACKAGES = (
    "numpy",
    "numba",
    "torch",
    "triton",
    "numba-cuda",
    "plotly",
    "anywidget",
    "safetensors",
    "jupyterlab",
)
RUNNER = Path(__file__).parents[2] / "kernels" / "benchmarks" / "run.py"


def info() -> int:
    """Print versions and back ends."""
    machine = f"{platform.system()} {platform.machine()}"
    print(f"stnb {stnb.__version__}, Python {platform.python_version()}, {machine}")
    for name in PACKAGES:
        print(f"  {name:<12} {version(name) or 'not installed'}")
    print(stnb.backends())
    return 0


def version(package: str) -> str:
    """The version of a package; nothing when it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def bench(arguments: Sequence[str]) -> int:
    """Hand everything over to the benchmark runner of a checkout."""
    if not RUNNER.is_file():
        raise StnbError(
            "the benchmarks are not part of the installed package; clone the repository, install it with "
            'pip install -e ".[dev]", and run python -m stnb bench there.'
        )
    return subprocess.run([sys.executable, str(RUNNER), *arguments], check=False).returncode  # noqa: S603
