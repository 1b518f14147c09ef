"""Capabilities of devices that torch drives, on machines that have them, and that lack them."""

import types

import pytest
import torch

from stnb._core.errors import BackendError, InvalidValue
from stnb.planner import DeviceCaps, plan_topk

H200 = {"warp_size": 32, "max_threads_per_block": 1024, "shared_memory_per_block": 49152}
MI300 = {"warp_size": 64, "shared_memory_per_block": 65536}


@pytest.fixture
def machine(monkeypatch):
    """A machine with two GPUs of the given properties, of CUDA or of ROCm, or with an Apple GPU."""

    def equip(properties=None, *, rocm=None, mps=False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: properties is not None)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
        found = types.SimpleNamespace(**(properties or {}))
        monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: found)
        monkeypatch.setattr(torch.version, "hip", rocm)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    equip()
    return equip


@pytest.mark.parametrize("device", [None, "cuda", "cuda:1", torch.device("cuda", 0)])
def test_from_torch__reports_a_cuda_device(machine, device):
    machine(H200)
    assert DeviceCaps.from_torch(device) == DeviceCaps.cuda(32, 1024, 49152)


@pytest.mark.parametrize("device", [None, "cuda"])
def test_from_torch__reports_a_rocm_device_of_64_lanes(machine, device):
    machine(MI300, rocm="6.2")
    assert DeviceCaps.from_torch(device) == DeviceCaps.hip(64, 1024, 65536)


def test_from_torch__stands_in_templates_where_torch_knows_nothing(machine):
    assert DeviceCaps.from_torch() == DeviceCaps.from_torch("cpu") == DeviceCaps.cpu()
    machine(mps=True)
    assert DeviceCaps.from_torch() == DeviceCaps.from_torch("mps") == DeviceCaps.mps()


@pytest.mark.parametrize(
    ("has", "device", "error", "message"),
    [
        ({}, "cuda", BackendError, "'cuda' is not here: torch sees none"),
        ({}, "mps", BackendError, "'mps' is not here"),
        ({"properties": H200}, "cuda:2", BackendError, "torch sees 2 of them; give an index below 2"),
        ({}, "cudda", InvalidValue, "no device of torch"),
        ({}, "meta", InvalidValue, "has no record here"),
        ({}, 0, TypeError, "int"),
    ],
)
def test_from_torch__refuses_what_is_not_here(machine, has, device, error, message):
    machine(**has)
    with pytest.raises(error, match=message):
        DeviceCaps.from_torch(device)


@pytest.mark.parametrize(
    ("has", "backend"),
    [
        ({}, "cpu"),
        ({"mps": True}, "mps"),
        ({"properties": H200, "mps": True}, "cuda"),
        ({"properties": MI300, "rocm": "6.2"}, "hip"),
    ],
)
def test_auto__is_the_best_back_end_that_torch_drives(machine, has, backend):
    machine(**has)
    for device in ("auto", " AUTO ", None):
        assert plan_topk(8, 64, 4, device) == plan_topk(8, 64, 4, backend)
    assert plan_topk(8, 64, 4).caps.backend == backend


def test_auto__is_the_processor_where_torch_fails(machine, monkeypatch):
    def fail():
        raise RuntimeError("no driver")

    monkeypatch.setattr(torch.cuda, "is_available", fail)
    assert plan_topk(8, 64, 4, "auto").caps == DeviceCaps.cpu()
    with pytest.raises(BackendError, match="RuntimeError: no driver"):
        DeviceCaps.from_torch("cuda")
