"""What the running torch can drive, and the limits that it reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stnb._core.errors import BackendError, InvalidValue

if TYPE_CHECKING:
    import torch

__all__ = ["Running", "ask_torch", "measure"]

TEMPLATED = ("cpu", "mps")
USUAL_BLOCK = 1024
"""Threads of a block, on every CUDA and ROCm device so far; older releases of torch do not report it."""


class Running(NamedTuple):
    """What the running torch can drive, and why it could not say."""

    cuda: bool = False
    hip: bool = False
    mps: bool = False
    error: str | None = None

    @property
    def best(self) -> str:
        """The fastest back end that is here: "cuda", "hip", "mps" or "cpu"."""
        return "cuda" if self.cuda else "hip" if self.hip else "mps" if self.mps else "cpu"


def ask_torch() -> Running:
    """What the running torch says; never raises."""
    try:
        import torch

        sees = torch.cuda.is_available()
        rocm = torch.version.hip is not None
        return Running(cuda=sees and not rocm, hip=sees and rocm, mps=torch.backends.mps.is_available())
    except (ImportError, OSError, RuntimeError, AttributeError, AssertionError) as error:
        return Running(error=f"{type(error).__name__}: {error}")


def measure(device: Any = None) -> dict[str, Any]:
    """The limits of a torch device by the names of `DeviceCaps`.

    For a CUDA or ROCm device, the lanes of a warp, the threads and the shared bytes of a block are its own. Torch knows
    nothing of the kind for a processor or an Apple GPU; their templates stand in.

    Raises:
        TypeError: for anything but a name, a `torch.device` or None.
        InvalidValue: for a name that torch does not know, or a kind of device without a record here.
        BackendError: for a device that is not here.
    """
    found, running = _parse(device), ask_torch()
    if found.type in TEMPLATED:
        return _template(found.type, running)
    if not (running.cuda or running.hip):
        reason = running.error or "torch sees none"
        raise BackendError(
            f"device = {str(found)!r} is not here: {reason}. Plan for it with DeviceCaps.cuda() or DeviceCaps.hip()."
        )
    return _properties(found, "hip" if running.hip else "cuda")


def _parse(device: Any) -> torch.device:
    import torch

    if device is None:
        best = ask_torch().best
        return torch.device("cuda" if best == "hip" else best)
    if not isinstance(device, (str, torch.device)):
        raise TypeError(
            f"device = {device!r} is of type {type(device).__name__}; give a torch.device or a name such as 'cuda:0'."
        )
    try:
        found = torch.device(device)
    except RuntimeError as error:
        raise InvalidValue(
            f"device = {device!r} is no device of torch; give 'cpu', 'cuda' or 'mps'."
        ) from error
    if found.type not in {*TEMPLATED, "cuda"}:
        raise InvalidValue(f"device = {str(found)!r} has no record here; give 'cpu', 'cuda' or 'mps'.")
    return found


def _template(kind: str, running: Running) -> dict[str, Any]:
    from stnb.planner.caps import DeviceCaps

    if kind == "mps" and not running.mps:
        raise BackendError(
            f"device = 'mps' is not here: {running.error or 'torch sees none'}. Plan for it with DeviceCaps.mps()."
        )
    return (DeviceCaps.mps() if kind == "mps" else DeviceCaps.cpu()).as_dict()


def _properties(device: torch.device, backend: str) -> dict[str, Any]:
    import torch

    count = torch.cuda.device_count()
    if device.index is not None and device.index >= count:
        raise BackendError(
            f"device = {str(device)!r} is not here: torch sees {count} of them; give an index below {count}."
        )
    found = torch.cuda.get_device_properties(device)
    return {
        "backend": backend,
        "lane_width": found.warp_size,
        "max_workgroup": getattr(found, "max_threads_per_block", USUAL_BLOCK),
        "subgroup": True,
        "shared_mem_per_workgroup": found.shared_memory_per_block,
    }
