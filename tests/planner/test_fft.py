"""Transforms: the stages that a plan lists give the discrete Fourier transform of every segment."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue
from stnb.planner import SpiralKFftPlan
from tests.golden_cases import golden

PLANS = st.builds(
    SpiralKFftPlan,
    st.sampled_from((2, 4)),
    st.integers(1, 12).map(lambda bits: 2**bits),
    st.integers(1, 4),
    st.booleans(),
)
LENGTHS = [2**bits for bits in range(1, 13)]


def interpret(plan, x):
    """The stages one by one between two buffers, in NumPy."""
    buffers = [np.array(x, complex), np.full(len(x), np.nan, complex)]
    for stage in plan.dispatch_schedule():
        source = buffers[stage.source]
        step = {"bit_reverse": _reorder, "butterfly": {2: _two, 4: _four}.get(stage.radix)}[stage.kind]
        buffers[stage.destination] = step(source.reshape(-1, stage.span)).reshape(-1)
        buffers[stage.source] = np.full(len(x), np.nan, complex)
    return buffers[stage.destination]


def _reorder(runs):
    bits = runs.shape[1].bit_length() - 1
    order = [int(f"{n:0{bits}b}"[::-1], 2) for n in range(runs.shape[1])]
    return runs[:, order]


def _two(runs):
    span = runs.shape[1]
    even, odd = np.split(runs, 2, axis=1)
    turned = np.exp(-2j * np.pi * np.arange(span // 2) / span) * odd
    return np.concatenate([even + turned, even - turned], axis=1)


def _four(runs):
    span = runs.shape[1]
    x0, x1, x2, x3 = np.split(runs, 4, axis=1)
    w = np.exp(-2j * np.pi * np.arange(span // 4) / span)
    p0, p1, p2, p3 = x0 + w**2 * x1, x0 - w**2 * x1, x2 + w**2 * x3, x2 - w**2 * x3
    return np.concatenate([p0 + w * p2, p1 - 1j * w * p3, p0 - w * p2, p1 + 1j * w * p3], axis=1)


def noise(plan):
    rng = np.random.default_rng(plan.tile_cols + plan.segments)
    parts = rng.standard_normal((2, plan.segments * plan.tile_cols))
    return parts[0] + 1j * parts[1]


@pytest.mark.parametrize("radix", [2, 4])
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("segments", [1, 2, 3, 4])
def test_stages__give_the_transform_of_every_segment(length, radix, segments):
    plan = SpiralKFftPlan(radix, length, segments, True)
    x = noise(plan)
    expected = np.fft.fft(x.reshape(segments, length)).reshape(-1)
    np.testing.assert_allclose(interpret(plan, x), expected, atol=1e-12 * length, rtol=0)


def test_schedule__is_the_worked_one():
    given_, expected, _ = golden("planner", "fft_schedule")
    stages = SpiralKFftPlan(**given_).dispatch_schedule()
    assert [[stage.kind, stage.radix, stage.span] for stage in stages] == expected["stages"]


@given(PLANS)
def test_schedule__hands_on_from_buffer_to_buffer(plan):
    stages = plan.dispatch_schedule()
    assert stages[0].source == 0
    assert all(stage.destination == 1 - stage.source for stage in stages)
    assert all(after.source == before.destination for before, after in itertools.pairwise(stages))
    assert np.prod([stage.radix for stage in stages]) == stages[-1].span == plan.tile_cols
    assert {stage.radix for stage in stages[2:]} <= {plan.radix}


@given(PLANS)
def test_schedule__has_a_thread_for_every_butterfly(plan):
    for stage in plan.dispatch_schedule():
        needed = plan.segments * plan.tile_cols // stage.radix
        threads = stage.workgroups * plan.workgroup_size()
        assert needed <= threads < needed + plan.workgroup_size()
        assert stage.workgroups <= 65535


def test_workgroups__of_the_longest_transform_fit_a_dispatch():
    plan = SpiralKFftPlan(2, 2**18, 4, subgroup=True)
    assert max(stage.workgroups for stage in plan.dispatch_schedule()) == 32768
    with pytest.raises(InvalidValue, match="262144"):
        SpiralKFftPlan(2, 2**19, 4, subgroup=True)


def test_workgroup_size__depends_on_subgroups():
    assert SpiralKFftPlan(2, 8, 1, True).workgroup_size() == 32
    assert SpiralKFftPlan(2, 8, 1, False).workgroup_size() == 64


def test_hint__is_three_wishes():
    assert SpiralKFftPlan(4, 512, 2, True).emit_spiralk_hint() == (
        "soft (tile_cols, 512, 0.85, c >= 512);\nsoft (radix, 4, 0.90, true);\nsoft (segments, 2, 0.75, true);\n"
    )


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"tile_cols": 100}, InvalidValue, "tile_cols = 100 must be a power of two"),
        ({"tile_cols": 1}, InvalidValue, "tile_cols = 1"),
        ({"tile_cols": 0}, InvalidValue, "tile_cols = 0"),
        ({"tile_cols": 64.0}, TypeError, "float"),
        ({"radix": 3}, InvalidValue, "radix = 3"),
        ({"radix": 8}, InvalidValue, "radix = 8"),
        ({"segments": 0}, InvalidValue, "segments = 0"),
        ({"segments": 5}, InvalidValue, "segments = 5"),
        ({"segments": float("nan")}, TypeError, "segments"),
        ({"subgroup": 1}, TypeError, "subgroup"),
    ],
)
def test_plan__refuses_other_shapes(changes, error, message):
    with pytest.raises(error, match=message):
        dataclasses.replace(SpiralKFftPlan(4, 64, 1, True), **changes)


def test_plan__is_the_same_for_numpy_numbers():
    plan = SpiralKFftPlan(np.int64(4), np.int32(64), np.uint8(2), True)
    assert plan == SpiralKFftPlan(4, 64, 2, True)
    assert type(plan.tile_cols) is int
