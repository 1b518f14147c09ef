"""Device hints: the templates, and what the environment and the files of a machine say about ROCm."""

import pytest
import torch

from stnb._core.errors import TensorError
from stnb.planner import describe_device, hip_probe

CAPS = ("backend", "lane_width", "max_workgroup", "subgroup", "shared_mem_per_workgroup")
TEMPLATES = {
    "wgpu": ("wgpu", 32, 256, True, None),
    "auto": ("wgpu", 32, 256, True, None),
    None: ("wgpu", 32, 256, True, None),
    "CUDA": ("cuda", 32, 1024, True, 98304),
    "hip": ("hip", 32, 1024, True, 65536),
    " Hip-Real": ("hip", 32, 1024, True, 65536),
    "cpu": ("cpu", 1, 128, False, None),
    "mps": ("mps", 32, 256, True, None),
}
VARIABLES = ("SPIRALTORCH_FORCE_HIP", "ROCM_PATH", "HIP_PATH", "ROCM_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")


@pytest.fixture
def machine(monkeypatch):
    """A machine with the accelerators that a test says it has, and no word of ROCm in its environment."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def equip(*, cuda=False, rocm=None, mps=False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.version, "hip", rocm)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    equip()
    return equip


@pytest.mark.parametrize(("name", "expected"), TEMPLATES.items(), ids=str)
def test_describe_device__is_the_template(name, expected):
    found = describe_device(name)
    assert tuple(found[key] for key in CAPS) == expected
    assert set(found) == {*CAPS, "torch_device", "available"}


@pytest.mark.parametrize(
    ("has", "name", "expected"),
    [
        ({}, None, ("cpu", True)),
        ({"mps": True}, "auto", ("mps", True)),
        ({"cuda": True, "mps": True}, "wgpu", ("cuda", True)),
        ({"cuda": True}, "cuda", ("cuda", True)),
        ({"cuda": True}, "hip", ("cuda", False)),
        ({"cuda": True, "rocm": "6.2"}, "hip-real", ("cuda", True)),
        ({"cuda": True, "rocm": "6.2"}, "cuda", ("cuda", False)),
        ({}, "cuda", ("cuda", False)),
        ({}, "mps", ("mps", False)),
        ({"mps": True}, "mps", ("mps", True)),
        ({"cuda": True}, "cpu", ("cpu", True)),
    ],
)
def test_describe_device__asks_torch(machine, has, name, expected):
    machine(**has)
    found = describe_device(name)
    assert (found["torch_device"], found["available"]) == expected


def test_describe_device__refuses_other_names():
    with pytest.raises(TensorError, match="did you mean 'cuda'"):
        describe_device("cudda")
    with pytest.raises(TypeError, match="int"):
        describe_device(0)


def test_hip_probe__of_a_bare_machine_finds_nothing(machine):
    assert hip_probe() == {"available": False, "devices": [], "initialized": False, "error": None}


@pytest.mark.parametrize(
    ("text", "forced"),
    [("1", True), ("true", True), ("TRUE", True), ("0", False), ("yes", False), ("True", False)],
)
def test_hip_probe__can_be_forced(machine, monkeypatch, text, forced):
    monkeypatch.setenv("SPIRALTORCH_FORCE_HIP", text)
    found = hip_probe()
    assert found["available"] is forced
    assert found["devices"] == ([{"id": 0, "name": "rocm-probe", "multi_node": False}] if forced else [])


@pytest.mark.parametrize("variable", ["ROCM_PATH", "HIP_PATH"])
@pytest.mark.parametrize("trace", ["lib/libamdhip64.so", "lib/libhiprtc.so", "bin/hipcc"])
def test_hip_probe__finds_the_runtime(machine, monkeypatch, tmp_path, variable, trace):
    monkeypatch.setenv(variable, str(tmp_path))
    assert not hip_probe()["available"]
    (tmp_path / trace).parent.mkdir()
    (tmp_path / trace).touch()
    assert hip_probe()["available"]


def test_hip_probe__lists_visible_devices_without_calling_them_available(machine, monkeypatch):
    monkeypatch.setenv("HIP_VISIBLE_DEVICES", "5")
    assert [device["id"] for device in hip_probe()["devices"]] == [5]
    monkeypatch.setenv("ROCM_VISIBLE_DEVICES", "3, ,GPU-a1,-1," + "9" * 5000)
    found = hip_probe()
    assert found["available"] is False
    assert [device["id"] for device in found["devices"]] == [3, 1, 2, 3]
    assert [device["name"] for device in found["devices"][:3]] == [
        "ROCm-device-3",
        "ROCm-device-GPU-a1",
        "ROCm-device--1",
    ]


def test_hip_probe__believes_torch(machine):
    machine(cuda=True, rocm="6.2")
    found = hip_probe()
    assert found["available"]
    assert found["initialized"]


def test_hip_probe__tells_of_a_broken_driver_instead_of_raising(machine, monkeypatch):
    def fail():
        raise RuntimeError("no driver")

    monkeypatch.setattr(torch.cuda, "is_available", fail)
    monkeypatch.setenv("ROCM_PATH", "\udcff" * 300 + "/" * 5000)
    found = hip_probe()
    assert found["error"] == "RuntimeError: no driver"
    assert not found["available"]
    assert describe_device("cuda")["available"] is False
