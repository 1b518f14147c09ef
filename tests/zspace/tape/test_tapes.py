"""What both tapes do with observations: sums, alignment, and nothing half added."""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import (
    CurvatureMismatch,
    EmptyInput,
    InvalidDimensions,
    InvalidValue,
    LoopDetected,
    NonFiniteValue,
    NonPositiveLearningRate,
    ShapeMismatch,
    TensorVolumeExceeded,
)
from stnb.zspace import (
    AmegaHypergrad,
    AmegaRealgrad,
    ComplexTensor,
    Hypergrad,
    LanguageWaveEncoder,
    OpenTopos,
    Realgrad,
    Tensor,
    hypergrad,
    hypergrad_topos,
    realgrad,
    z_space_barycenter,
)
from tests.golden_cases import session_case

SEED = st.integers(0, 2**31)
MAKERS = {
    "hypergrad": lambda r, c: Hypergrad(-1.0, 0.05, r, c),
    "realgrad": lambda r, c: Realgrad(0.05, r, c),
}
BOTH = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
NAN = math.nan


def drawn(rows, cols, seed):
    return Tensor.from_torch(torch.randn(rows, cols, generator=torch.Generator().manual_seed(seed)))


def test_names():
    assert AmegaHypergrad is Hypergrad
    assert AmegaRealgrad is Realgrad


@BOTH
def test_observations_add_up(make):
    p, t, v = (drawn(2, 3, s) for s in range(3))
    wave = ComplexTensor(2, 2, [1 + 2j, 3, 4j, 5])
    tape, wide = make(2, 3), make(2, 4)
    tape.accumulate_pair(p, t)
    tape.accumulate_wave(v)
    assert torch.allclose(tape.gradient_tensor().torch(), p.torch() - t.torch() + v.torch(), atol=1e-6)
    wide.accumulate_complex_wave(wave)
    assert wide.gradient() == [1, 2, 3, 0, 0, 4, 5, 0]
    tape.reset()
    assert tape.gradient() == [0.0] * 6
    assert tape.shape() == (2, 3)


@BOTH
@pytest.mark.parametrize("width", [3, 6, 9])
def test_waves_are_cut_or_filled_lane_by_lane(make, width):
    wave = Tensor(1, width, range(1, width + 1))
    tape = make(2, 3)
    tape.accumulate_pair(Tensor(2, 3), wave)
    lanes = (wave.data() + [0.0] * 6)[:6]
    assert tape.gradient() == [-x for x in lanes]
    assert tape.summary().sum_squares() <= wave.squared_l2_norm()
    with pytest.raises(ShapeMismatch, match=rf"\(1, {width}\).*\(2, 3\)"):
        tape.accumulate_pair(Tensor(2, 3), wave, align="strict")
    with pytest.raises(ShapeMismatch):
        tape.accumulate_wave(wave)


@BOTH
def test_texts_become_waves(make):
    encoder, tape = LanguageWaveEncoder(-1.0, 0.5), make(1, 8)
    tape.absorb_text(encoder, "a longer text")
    assert tape.gradient() == encoder.encode_z_space("a longer text").data()[:8]
    same = make(1, 8)
    same.absorb_text(encoder, "four", align="strict")
    assert same.gradient() == encoder.encode_z_space("four").data()


@BOTH
def test_what_is_refused_leaves_the_buffer(make):
    tape = make(2, 2)
    tape.accumulate_wave(Tensor(2, 2, [1, 2, 3, 4]))
    bary = z_space_barycenter([Tensor(1, 2, [0.7, 0.3])])
    broken = Tensor(2, 2, [1, NAN, 1, 1])
    encoder = LanguageWaveEncoder(-1.0, 0.5)
    attempts = [
        (lambda: tape.accumulate_pair(broken, Tensor(2, 2)), NonFiniteValue),
        (lambda: tape.accumulate_pair(Tensor(2, 2), broken), NonFiniteValue),
        (lambda: tape.accumulate_pair(Tensor(3, 2), Tensor(3, 2)), ShapeMismatch),
        (lambda: tape.accumulate_pair(Tensor(2, 2), Tensor(3, 2)), ShapeMismatch),
        (lambda: tape.accumulate_pair(Tensor(2, 2), Tensor(2, 2), align="loose"), InvalidValue),
        (lambda: tape.accumulate_wave(broken), NonFiniteValue),
        (lambda: tape.accumulate_wave("wave"), TypeError),
        (lambda: tape.accumulate_complex_wave(Tensor(2, 2)), TypeError),
        (lambda: tape.accumulate_complex_wave(ComplexTensor(1, 1, [complex(NAN, 0)])), NonFiniteValue),
        (lambda: tape.accumulate_complex_wave(ComplexTensor(2, 2)), ShapeMismatch),
        (lambda: tape.absorb_text(encoder, ""), EmptyInput),
        (lambda: tape.absorb_text(encoder, 7), TypeError),
        (lambda: tape.absorb_text("encoder", "text"), TypeError),
        (lambda: tape.accumulate_barycenter_path([]), EmptyInput),
        (lambda: tape.accumulate_barycenter_path([1.0]), TypeError),
        (lambda: tape.accumulate_barycenter_path(bary.intermediates()), ShapeMismatch),
        (lambda: tape.accumulate_barycenter_path(bary.intermediates(), weighting="none"), InvalidValue),
        (lambda: tape.apply(Tensor(1, 4)), ShapeMismatch),
        (lambda: tape.apply([[1, 2], [3, 4]]), TypeError),
        (lambda: tape.apply(torch.zeros(2, 2, dtype=torch.float64)), TypeError),
        (lambda: tape.apply(broken), NonFiniteValue),
    ]
    for attempt, error in attempts:
        with pytest.raises(error):
            attempt()
        assert tape.gradient() == [1, 2, 3, 4]
    assert broken.data()[0] == 1
    assert math.isnan(broken.data()[1])


def test_a_hypergrad_guards_curvature_depth_and_volume():
    topos = OpenTopos(-1.0, max_depth=5, max_volume=4)
    tape = Hypergrad(-1.0, 0.05, 1, 4, topos)
    with pytest.raises(CurvatureMismatch, match=r"-1.0.*-2.0"):
        tape.absorb_text(LanguageWaveEncoder(-2.0, 0.5), "ab")
    with pytest.raises(LoopDetected):
        tape.absorb_text(LanguageWaveEncoder(-1.0, 0.5), "abcde")
    with pytest.raises(CurvatureMismatch):
        Hypergrad(-2.0, 0.05, 1, 4, topos)
    with pytest.raises(TensorVolumeExceeded):
        Hypergrad(-1.0, 0.05, 1, 5, topos)
    with pytest.raises(TypeError):
        Hypergrad(-1.0, 0.05, 1, 4, "topos")


@pytest.mark.parametrize("rate", [0.0, -1.0, NAN, math.inf])
def test_bad_learning_rates(rate):
    with pytest.raises(NonPositiveLearningRate):
        Hypergrad(-1.0, rate, 1, 1)
    with pytest.raises(NonPositiveLearningRate):
        Realgrad(rate, 1, 1)


@BOTH
def test_scaling(make):
    given_, expected, tolerance = session_case("hypergrad_rescale_rms")
    tape = make(1, 2)
    assert tape.rescale_rms(1.0) == 0.0
    tape.accumulate_wave(Tensor(1, 2, given_["gradient"]))
    assert tape.rescale_rms(given_["target"]) == pytest.approx(expected["factor"], abs=tolerance)
    assert tape.gradient() == pytest.approx(expected["gradient"], abs=tolerance)
    assert tape.rescale_rms(NAN) == 1.0
    tape.scale_gradient(2.0)
    assert tape.gradient() == pytest.approx([2 * x for x in expected["gradient"]], abs=tolerance)
    tape.scale_gradient(NAN)
    assert tape.gradient() == [0, 0]
    tape.accumulate_wave(Tensor(1, 2, [1, 1]))
    assert tape.rescale_rms(0.0) == 0.0
    assert tape.gradient() == [0, 0]
    for factor in (0.0, -1.0, NAN, math.inf):
        tape.scale_learning_rate(factor)
    assert tape.learning_rate() == 0.05
    tape.scale_learning_rate(2.0)
    assert tape.learning_rate() == 0.1


@BOTH
def test_counts(make):
    tape = make(2, 2)
    assert (tape.finite_count(), tape.non_finite_count(), tape.non_finite_ratio()) == (4, 0, 0.0)
    assert not tape.has_non_finite()
    assert tape.summary().count() == 4
    assert "2" in repr(tape)


@given(SEED, st.sampled_from(["uniform", "objective"]))
def test_barycenter_path__sums_its_segments(seed, weighting):
    rng = torch.Generator().manual_seed(seed)
    q = [Tensor.from_torch(torch.rand(1, 4, generator=rng) + 0.01) for _ in range(3)]
    stages = z_space_barycenter(q, entropy_weight=0.3).intermediates()
    tape = Realgrad(0.1, 1, 4)
    tape.accumulate_barycenter_path(stages, weighting=weighting)
    rows = [s.density.torch() for s in stages]
    if weighting == "uniform":
        expected = rows[0] - rows[-1]
    else:
        drops = [a.objective - b.objective for a, b in itertools.pairwise(stages)]
        expected = sum(d / sum(drops) * (a - b) for d, a, b in zip(drops, rows, rows[1:], strict=False))
    torch.testing.assert_close(tape.gradient_tensor().torch(), expected, rtol=0, atol=1e-6)
    alone = Realgrad(0.1, 1, 4)
    alone.accumulate_barycenter_path(stages[:1], weighting=weighting)
    assert alone.gradient() == [0.0] * 4
    flat = [stages[0], stages[0]]
    alone.accumulate_barycenter_path(flat, weighting=weighting)
    assert alone.gradient() == [0.0] * 4


@given(SEED)
def test_realgrad__is_gradient_descent(seed):
    w, g = drawn(2, 3, seed), drawn(2, 3, seed + 1)
    parameter = torch.nn.Parameter(w.torch().clone())
    parameter.grad = g.torch().clone()
    torch.optim.SGD([parameter], lr=0.05).step()
    tape = Realgrad(0.05, 2, 3)
    tape.accumulate_wave(g)
    tape.apply(w)
    torch.testing.assert_close(w.torch(), parameter.detach(), rtol=0, atol=1e-7)
    assert tape.gradient() == [0.0] * 6
    before = w.data()
    tape.apply(w)
    assert w.data() == before


def test_realgrad__refuses_a_step_that_overflows():
    w, tape = Tensor(1, 1, [3e38]), Realgrad(1.0, 1, 1)
    tape.accumulate_wave(Tensor(1, 1, [-3e38]))
    with pytest.raises(NonFiniteValue):
        tape.apply(w)
    assert w.item() == pytest.approx(3e38)
    with pytest.raises(NonFiniteValue):
        tape.accumulate_wave(Tensor(1, 1, [-3e38]))
    assert tape.gradient() == pytest.approx([-3e38])


@pytest.mark.parametrize("make", [hypergrad, realgrad])
def test_factories_take_shapes_in_many_ways(make):
    for tape in (
        make(1, 2),
        make((1, 2)),
        make(Tensor(1, 2)),
        make(torch.zeros(1, 2)),
        make(shape=(1, 2)),
        make(rows=1, cols=2),
    ):
        assert tape.shape() == (1, 2)
    for wrong in (make, lambda: make(1, 2, shape=(1, 2))):
        with pytest.raises(TypeError, match="times"):
            wrong()
    for wrong in (lambda: make(1, 2, 3), lambda: make(7), lambda: make(rows=1)):
        with pytest.raises(InvalidDimensions):
            wrong()


def test_factories_have_their_own_limits():
    topos = hypergrad_topos()
    assert (topos.tolerance(), topos.saturation(), topos.max_depth(), topos.max_volume()) == (
        1e-3,
        1.0,
        64,
        512,
    )
    tape = hypergrad(1, 1, topos=topos, learning_rate=0.5)
    tape.accumulate_wave(Tensor(1, 1, [5]))
    assert tape.gradient() == [1.0]
    assert tape.learning_rate() == 0.5
