"""Capabilities of devices: worked cases, and rules that hold for any device."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue
from stnb.planner import DeviceCaps
from tests.golden_cases import golden

from .launches import CAPS, TEMPLATES

THREADS = st.integers(0, 5000)
COLS = st.integers(1, 2**31)


@pytest.mark.parametrize("case", ["caps_wgpu", "caps_cuda", "caps_cpu"])
def test_caps__agree_with_a_worked_device(case):
    given_, expected, tolerance = golden("planner", case)
    caps, threads, cols = TEMPLATES[given_["caps"]], given_["threads"], given_["cols"]
    found = caps.as_dict() | {
        "aligned_workgroup": caps.align_workgroup(threads),
        "preferred_tile": caps.preferred_tile(cols),
        "preferred_compaction_tile": caps.preferred_compaction_tile(cols),
    }
    score = expected.pop("occupancy_score")
    assert {key: found[key] for key in expected} == expected
    assert caps.occupancy_score(threads) == pytest.approx(score, abs=tolerance)


def test_caps__agree_with_worked_launches():
    given_, expected, tolerance = golden("planner", "occupancy")
    launches = [(TEMPLATES[name], threads) for name, threads in given_["launches"]]
    assert [caps.align_workgroup(threads) for caps, threads in launches] == expected["aligned"]
    scores = [caps.occupancy_score(threads) for caps, threads in launches]
    assert scores == pytest.approx(expected["score"], abs=tolerance)


def test_caps__agree_with_worked_tiles():
    given_, expected, _ = golden("planner", "tiles")
    rows = [(TEMPLATES[name], cols) for name, cols in given_["rows"]]
    assert [caps.preferred_tile(cols) for caps, cols in rows] == expected["sweep"]
    assert [caps.preferred_compaction_tile(cols) for caps, cols in rows] == expected["compaction"]


@given(CAPS, THREADS)
def test_align__gives_whole_lanes_within_the_limit(caps, n):
    aligned = caps.align_workgroup(n)
    assert aligned % caps.lane_width == 0
    assert caps.lane_width <= aligned <= caps.max_workgroup
    assert caps.align_workgroup(aligned) == aligned
    assert aligned >= n or aligned > caps.max_workgroup - caps.lane_width


@given(CAPS, COLS, COLS)
def test_tiles__are_whole_lanes_and_grow_with_the_columns(caps, a, b):
    for tile in (caps.preferred_tile, caps.preferred_compaction_tile):
        narrow, wide = tile(min(a, b)), tile(max(a, b))
        assert narrow <= wide
        assert narrow % caps.lane_width == 0


@given(CAPS, st.integers(1, 20_000))
def test_tiles__follow_a_hint_up_to_their_ceiling(caps, hint):
    ceilings = (1024, 1024) if caps.backend == "cpu" else (8192, 4096)
    for tile, ceiling in zip((caps.preferred_tile, caps.preferred_compaction_tile), ceilings, strict=True):
        found = tile(100, hint)
        assert found <= max(ceiling, caps.lane_width)
        assert found >= hint or found > ceiling - caps.lane_width


@given(CAPS, THREADS)
def test_occupancy__is_best_where_nothing_is_wasted(caps, n):
    score = caps.occupancy_score(n)
    assert 0.0 <= score <= 1.25
    assert score <= caps.occupancy_score(caps.align_workgroup(n))
    assert caps.occupancy_score(0) == 0.0


def test_constructors__take_promised_arguments():
    assert DeviceCaps.wgpu(lane=16, subgroups=False, max_workgroup=128) == DeviceCaps(
        "wgpu", 16, 128, subgroup=False
    )
    assert DeviceCaps.cuda(32, 512, 48 * 1024).shared_mem_per_workgroup == 49152
    assert DeviceCaps.hip(64).lane_width == 64
    assert DeviceCaps.mps() == dataclasses.replace(DeviceCaps.wgpu(), backend="mps")


def test_setters__return_changed_copies():
    caps = DeviceCaps.cuda()
    changed = caps.with_subgroup(False).with_max_workgroup(256).with_shared_mem(None)
    assert changed == DeviceCaps("cuda", 32, 256, subgroup=False)
    assert caps == DeviceCaps.cuda()
    with pytest.raises(dataclasses.FrozenInstanceError):
        caps.lane_width = 1


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"backend": "cudda"}, InvalidValue, "did you mean 'cuda'"),
        ({"backend": None}, TypeError, "NoneType"),
        ({"lane_width": 0}, InvalidValue, "lane_width = 0"),
        ({"lane_width": 2048}, InvalidValue, "2048 is more than max_workgroup = 1024"),
        ({"lane_width": 32.0}, TypeError, "float"),
        ({"max_workgroup": -1}, InvalidValue, "max_workgroup = -1"),
        ({"subgroup": 1}, TypeError, "True or False"),
        ({"shared_mem_per_workgroup": 0}, InvalidValue, "shared_mem_per_workgroup = 0"),
        ({"shared_mem_per_workgroup": float("nan")}, TypeError, "float"),
    ],
)
def test_caps__refuse_impossible_devices(changes, error, message):
    with pytest.raises(error, match=message):
        dataclasses.replace(DeviceCaps.cuda(), **changes)


def test_launch_sizes__refuse_bad_counts():
    caps = DeviceCaps.wgpu()
    for call in (caps.align_workgroup, caps.occupancy_score, caps.preferred_tile):
        with pytest.raises(InvalidValue, match="-1"):
            call(-1)
        with pytest.raises(TypeError, match="float"):
            call(float("nan"))
    with pytest.raises(InvalidValue, match="cols = 0"):
        caps.preferred_compaction_tile(0)
    with pytest.raises(InvalidValue, match="hint = -8"):
        caps.preferred_tile(64, -8)
