"""The kernel's own text, read line by line and executed, gives the transform; and it says what its plan says."""

import numpy as np
import pytest
from hypothesis import given

from stnb.planner import SpiralKFftPlan, auto_fft_spiralk, auto_fft_wgsl

from .test_fft import PLANS, noise
from .wgsl_reader import dispatch, read


def execute(plan, x):
    """The result of the emitted text, dispatched as its schedule says."""
    module = read(plan.emit_wgsl())
    buffers = [list(x), [complex("nan")] * len(x)]
    for stage in plan.dispatch_schedule():
        found = dispatch(module, stage.entry_point, stage.workgroups, buffers[stage.source])
        buffers[stage.destination] = found
    return np.array(buffers[stage.destination])


@pytest.mark.parametrize("radix", [2, 4])
@pytest.mark.parametrize("length", [2, 4, 8, 16, 32, 64, 128, 256, 512])
@pytest.mark.parametrize(("segments", "subgroup"), [(1, True), (3, False)])
def test_text__computes_the_transform(length, radix, segments, subgroup):
    plan = SpiralKFftPlan(radix, length, segments, subgroup)
    x = noise(plan)
    expected = np.fft.fft(x.reshape(segments, length)).reshape(-1)
    np.testing.assert_allclose(execute(plan, x), expected, atol=1e-12 * length, rtol=0)


@given(PLANS)
def test_text__declares_what_the_plan_says(plan):
    text = plan.emit_wgsl()
    module, stages = read(text), plan.dispatch_schedule()
    assert module.bindings == {"source": (0, "read"), "destination": (1, "read_write")}
    assert module.constants == {
        "TILE": plan.tile_cols,
        "LOG2_TILE": np.log2(plan.tile_cols),
        "SEGMENTS": plan.segments,
        "COUNT": plan.segments * plan.tile_cols,
        "WORKGROUP": plan.workgroup_size(),
        "TAU": 2 * np.pi,
    }
    assert list(module.entry_points) == [stage.entry_point for stage in stages]
    assert set(module.entry_points.values()) == {plan.workgroup_size()}
    for stage in stages[1:]:
        assert f"butterfly_{stage.radix}(id.x, {stage.span}u);" in text
        assert f"{stage.entry_point}: {stage.workgroups} workgroup(s), source = buffer {stage.source}" in text
    assert f"The result is in buffer {stages[-1].destination}." in text
    unused = {2, 4} - {stage.radix for stage in stages}
    assert not any(f"butterfly_{radix}" in text for radix in unused)


@given(PLANS)
def test_text__shares_nothing_between_threads_that_a_barrier_would_guard(plan):
    text = plan.emit_wgsl()
    assert not any(
        word in text for word in ("Barrier", "var<workgroup>", "var<private>", "atomic", "subgroup")
    )
    assert text.count("var<storage, read_write>") == 1
    assert text.isascii()


@given(PLANS, PLANS)
def test_text__is_the_same_for_equal_plans_only(a, b):
    assert a.emit_wgsl() == SpiralKFftPlan(a.radix, a.tile_cols, a.segments, a.subgroup).emit_wgsl()
    same = (a.dispatch_schedule(), a.segments) == (b.dispatch_schedule(), b.segments)
    same = same and a.workgroup_size() == b.workgroup_size()
    assert (a.emit_wgsl() == b.emit_wgsl()) is same


def test_auto__plans_a_webgpu_device():
    text = auto_fft_wgsl(8, 65_536, 1_024, True)
    assert text == SpiralKFftPlan(4, 8192, 2, True).emit_wgsl()
    assert (
        auto_fft_wgsl(rows=8, cols=100, k=3, subgroup=False) == SpiralKFftPlan(4, 128, 1, False).emit_wgsl()
    )
    assert auto_fft_spiralk(8, 200_000, 1_024, True) == SpiralKFftPlan(4, 8192, 4, True).emit_spiralk_hint()
    for auto in (auto_fft_wgsl, auto_fft_spiralk):
        with pytest.raises(TypeError, match="subgroup"):
            auto(8, 64, 4, "yes")
        with pytest.raises(ValueError, match="k = 65 is more than cols = 64"):
            auto(8, 64, 65, True)
