"""The kernel languages: whether each runs on this machine, and which arrays it takes."""

from __future__ import annotations

import functools
import importlib.util
import os
import sys

__all__ = ["NAMES", "accepts", "available", "cuda_simulated", "simulated", "triton_interpreted"]

NAMES = ("reference", "cpu", "cuda", "triton", "metal", "torch")


def cuda_simulated() -> bool:
    """Whether Numba-CUDA runs under its simulator (on NumPy arrays)."""
    return os.environ.get("NUMBA_ENABLE_CUDASIM") == "1"


def triton_interpreted() -> bool:
    """Whether Triton runs under its interpreter (on CPU tensors)."""
    return os.environ.get("TRITON_INTERPRET") == "1"


def simulated(backend: str) -> bool:
    """Whether a back end runs under a simulator here, which is for tests and never an implicit choice."""
    return (backend == "cuda" and cuda_simulated()) or (backend == "triton" and triton_interpreted())


def accepts(backend: str) -> tuple[str, ...]:
    """The kinds of array that a back end takes."""
    if backend == "cuda":
        return ("numpy",) if cuda_simulated() else ("torch:cuda",)
    if backend == "triton":
        return ("torch:cpu",) if triton_interpreted() else ("torch:cuda",)
    if backend == "metal":
        return ("torch:mps",)
    if backend == "torch":
        return ("torch:mps", "torch:cuda", "torch:cpu")
    return ("numpy",)


def available(backend: str) -> tuple[bool, str]:
    """Whether a back end could run here, and the reason.

    A GPU can only be asked for through torch. While torch has not been imported nothing lives on a GPU, and the
    answer is given from the files that its driver leaves.
    """
    if backend == "reference":
        return True, "NumPy float64, the definition"
    if backend == "cpu":
        return _installed("numba", "Numba on the CPU cores", "")
    if backend == "cuda":
        return _cuda()
    if backend == "triton":
        return _triton()
    if backend == "metal":
        return _metal()
    return _installed("torch", "plain torch operations", "")


@functools.cache
def _has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _installed(package: str, yes: str, extra: str) -> tuple[bool, str]:
    if _has(package):
        return True, yes
    hint = f"stnb[{extra}]" if extra else package
    return False, f"{package} is not installed: pip install '{hint}'"


def _nvidia_gpu() -> bool:
    return _gpu_by_torch() if "torch" in sys.modules else _gpu_by_driver()


@functools.cache
def _gpu_by_torch() -> bool:
    import torch

    return bool(torch.cuda.is_available())


@functools.cache
def _gpu_by_driver() -> bool:
    from pathlib import Path

    return Path("/dev/nvidia0").exists() or Path("/dev/nvidiactl").exists()


def _cuda() -> tuple[bool, str]:
    if not _has("numba_cuda"):
        return False, "numba-cuda is not installed: pip install 'stnb[gpu]'"
    if cuda_simulated():
        return True, "Numba-CUDA under its simulator"
    return (True, "Numba-CUDA") if _nvidia_gpu() else (False, "no NVIDIA GPU is visible")


def _triton() -> tuple[bool, str]:
    if not _has("triton"):
        return False, "triton is not installed: pip install 'stnb[gpu]'"
    if triton_interpreted():
        return True, "Triton under its interpreter"
    return (True, "Triton") if _nvidia_gpu() else (False, "no NVIDIA GPU is visible")


def _metal() -> tuple[bool, str]:
    if sys.platform != "darwin":
        return False, f"Metal needs macOS, this is {sys.platform}"
    import torch

    if not hasattr(torch, "mps") or not torch.backends.mps.is_available():
        return False, "torch sees no Apple GPU"
    return True, "Metal shaders through torch"
