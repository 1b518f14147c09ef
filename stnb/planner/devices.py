"""Device hints: what a back end usually offers, and which devices of this machine a program could use."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from stnb._core.errors import InvalidValue, nearest
from stnb.planner.caps import DeviceCaps
from stnb.planner.running import Running, ask_torch

__all__ = ["caps_for", "describe_device", "hip_probe"]

FORCE = "SPIRALTORCH_FORCE_HIP"
FORCED = frozenset({"1", "true", "TRUE"})
ROOTS = ("ROCM_PATH", "HIP_PATH")
TRACES = ("lib/libamdhip64.so", "lib/libhiprtc.so", "bin/hipcc")
LONGEST_ID = 9
VISIBLE = ("ROCM_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")
KNOWN = {
    "auto": DeviceCaps.wgpu(),
    "cpu": DeviceCaps.cpu(),
    "cuda": DeviceCaps.cuda(),
    "hip": DeviceCaps.hip(),
    "hip-real": DeviceCaps.hip(),
    "mps": DeviceCaps.mps(),
    "wgpu": DeviceCaps.wgpu(),
}


def describe_device(device: str | None = None) -> dict[str, Any]:
    """The usual capabilities of a back end, and the torch device that stands for it on this machine.

    A template for planning, not a measurement: `lane_width`, `max_workgroup`, `subgroup` and
    `shared_mem_per_workgroup` (bytes, None where unknown) are conventions of this project. `torch_device` and
    `available` are asked of the running torch: "auto" and "wgpu" mean the best device that is there, and a ROCm device
    is called "cuda" by torch.

    Args:
        device: "auto" (as None), "cpu", "cuda", "hip", "hip-real", "mps" or "wgpu", in any case.

    Raises:
        InvalidValue: for another name.

    >>> describe_device("cpu")["lane_width"]
    1
    """
    caps, running = KNOWN[_known_name(device)], ask_torch()
    torch_device, available = _stand_in(caps.backend, running)
    return {**caps.as_dict(), "torch_device": torch_device, "available": available}


def caps_for(device: str | DeviceCaps | None) -> DeviceCaps:
    """The record to plan with: one that is given as it is, or the template of a name.

    "auto" (as None) is the back end of the best device that the running torch drives: CUDA, ROCm, an Apple GPU, or else
    the processor.
    """
    if isinstance(device, DeviceCaps):
        return device
    if not (device is None or isinstance(device, str)):
        raise TypeError(
            f"device = {device!r} is of type {type(device).__name__}; give a name such as 'cuda', or a record "
            "such as DeviceCaps.from_torch(device)."
        )
    name = _known_name(device)
    return KNOWN[ask_torch().best if name == "auto" else name]


def hip_probe() -> dict[str, Any]:
    """Whether ROCm is here, and the devices that the environment makes visible. Never raises.

    `available` when SPIRALTORCH_FORCE_HIP is 1, true or TRUE, when the ROCm runtime or compiler lies under ROCM_PATH or
    HIP_PATH, or when the running torch drives a ROCm device. `devices` has one entry a token of ROCM_VISIBLE_DEVICES,
    or else of HIP_VISIBLE_DEVICES, whether or not ROCm is available; without any, one entry stands for an available
    ROCm. `multi_node` is False throughout, since only this machine is looked at. `initialized` says that torch drives a
    device, `error` what kept torch from answering.
    """
    torch = ask_torch()
    available = os.environ.get(FORCE) in FORCED or _is_installed() or torch.hip
    devices = _listed() or ([_entry(0, "rocm-probe")] if available else [])
    return {"available": available, "devices": devices, "initialized": torch.hip, "error": torch.error}


def _known_name(device: str | None) -> str:
    if device is not None and not isinstance(device, str):
        raise TypeError(
            f"device = {device!r} is of type {type(device).__name__}; give a name such as 'cuda'."
        )
    name = "auto" if device is None else device.strip().lower()
    if name not in KNOWN:
        raise InvalidValue(f"device = {device!r} is unknown; {nearest(name, KNOWN)}")
    return name


def _stand_in(backend: str, torch: Running) -> tuple[str, bool]:
    if backend == "wgpu":
        best = "cuda" if torch.cuda or torch.hip else "mps" if torch.mps else "cpu"
        return best, True
    runs = {"cpu": True, "cuda": torch.cuda, "hip": torch.hip, "mps": torch.mps}
    return "cuda" if backend == "hip" else backend, runs[backend]


def _is_installed() -> bool:
    roots = [os.environ[name] for name in ROOTS if os.environ.get(name)]
    return any(_exists(Path(root) / trace) for root in roots for trace in TRACES)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _listed() -> list[dict[str, Any]]:
    for variable in VISIBLE:
        tokens = [token.strip() for token in os.environ.get(variable, "").split(",") if token.strip()]
        if tokens:
            numbered = enumerate(tokens)
            return [_entry(_identity(token, place), f"ROCm-device-{token}") for place, token in numbered]
    return []


def _identity(token: str, place: int) -> int:
    numbered = token.isascii() and token.isdigit() and len(token) <= LONGEST_ID
    return int(token) if numbered else place


def _entry(identity: int, name: str) -> dict[str, Any]:
    return {"id": identity, "name": name, "multi_node": False}
