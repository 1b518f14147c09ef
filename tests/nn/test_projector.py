"""The projector: into the ball, with the derivative that goes with it, from rows, texts, spirals and biomes."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import (
    CurvatureMismatch,
    EmptyInput,
    InvalidValue,
    NonFiniteValue,
    ShapeMismatch,
    TensorVolumeExceeded,
)
from stnb.nn import LanguageWaveEncoder, ZSpaceProjector
from stnb.sot import generate_plan
from stnb.zspace import LanguageWaveEncoder as Encoder
from stnb.zspace import OpenTopos, Tensor, TensorBiome
from tests.golden_cases import session_case

SEED = st.integers(0, 2**31)
CURVATURE = st.floats(-4.0, -0.1)


def projector(curvature=-1.0, saturation=1e6, **options):
    return ZSpaceProjector(OpenTopos(curvature, saturation=saturation), Encoder(curvature, 0.5), **options)


def drawn(rows, cols, seed, scale=1.0):
    return Tensor.from_torch(scale * torch.randn(rows, cols, generator=torch.Generator().manual_seed(seed)))


def test_worked_cases():
    given_, expected, tolerance = session_case("projector_forward")
    made = ZSpaceProjector(OpenTopos(*given_["topos"]), Encoder(given_["topos"][0], 0.5))
    np.testing.assert_allclose(made.forward(Tensor(2, 2, given_["a"])).tolist(), expected, atol=tolerance)
    _, expected, tolerance = session_case("projector_backward")
    found = made.backward(Tensor(1, 2, [0.3, 0.4]), Tensor(1, 2, [1, 0]))
    np.testing.assert_allclose(found.tolist(), expected, atol=tolerance)


@given(SEED, CURVATURE, st.floats(1e-3, 1e3))
def test_rows_come_into_the_ball(seed, curvature, scale):
    x, made = drawn(4, 3, seed, scale), projector(curvature)
    y = made.forward(x)
    assert y.shape() == x.shape()
    assert bool((y.torch().double().norm(dim=1) * math.sqrt(-curvature) < 1).all())
    assert y == x.project_to_poincare(curvature)
    assert made(x) == y


@given(SEED, CURVATURE, st.floats(0.05, 0.95))
def test_backward__is_the_formula(seed, curvature, strength):
    x, g = drawn(3, 4, seed), drawn(3, 4, seed + 1)
    made = projector(curvature, saturation=1.0, strength=strength)
    X, G = x.torch().double(), g.torch().double()
    clamped, root = X.clamp(-1, 1), math.sqrt(-curvature)
    m = clamped.norm(dim=1, keepdim=True)
    t = torch.tanh(root * m)
    f = t / (root * m)
    slope = (root * m * (1 - t * t) - t) / (root * m * m)
    expected = (f * G + slope / m * (clamped * G).sum(1, keepdim=True) * clamped) * (X.abs() <= 1)
    expected = strength * expected + (1 - strength) * G
    torch.testing.assert_close(made.backward(x, g).torch().double(), expected, rtol=0, atol=2e-6)


def test_zero_rows_have_the_identity_as_derivative():
    made = projector(-2.0)
    assert made.forward(Tensor(1, 3)).data() == [0.0] * 3
    assert made.backward(Tensor(1, 2), Tensor(1, 2, [0.5, -2.0])).data() == [0.5, -2.0]


def test_strength_blends():
    x = drawn(3, 3, 0)
    assert projector(strength=0.0).forward(x) == x
    half, whole = projector(strength=0.5).forward(x), projector().forward(x)
    torch.testing.assert_close(half.torch(), 0.5 * (x.torch() + whole.torch()))


def test_torch_rows_pass_with_their_history():
    made = projector(-0.7, saturation=0.8, strength=0.6)
    x = torch.randn(2, 3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 0.5
    assert torch.autograd.gradcheck(made.forward_torch, x.clamp(-0.7, 0.7).requires_grad_())
    flat = made.forward(Tensor.from_torch(x.reshape(6, 4)))
    torch.testing.assert_close(made.forward_torch(x).reshape(6, 4).float(), flat.torch(), rtol=0, atol=3e-7)


def test_texts_spirals_and_biomes_enter_the_ball():
    made, plan = projector(), generate_plan(64, radial_growth=0.08)
    assert made.encode_text("open topos") == Encoder(-1.0, 0.5).encode_z_space("open topos")
    canvas = made.project_spiral(plan)
    assert canvas == made.forward(plan.as_tensor())
    norms = made.project_spiral(plan, scale="unit").torch().norm(dim=1)
    assert float(norms.max()) == pytest.approx(math.tanh(1.0), rel=1e-6)
    assert made.project_spiral(plan, scale=0.01) == made.forward(plan.as_tensor().scale(0.01))
    assert made.project_spiral(generate_plan(1, base_radius=0.0, base_height=0.0), scale="unit").rows == 1
    biome = TensorBiome(OpenTopos())
    biome.absorb("only", canvas)
    assert made.reimport_biome(biome) == made.forward(canvas)
    assert LanguageWaveEncoder is Encoder


def test_regularize__is_a_fractional_variation():
    assert projector(-0.5).regularize(Tensor(2, 2, [0, 1, 1, -1])) == pytest.approx(1 + 0 + 2**1.5)
    assert projector().regularize(Tensor(1, 1, [5])) == 0.0


def test_bad_input():
    with pytest.raises(CurvatureMismatch, match=r"-1.0.*-2.0"):
        ZSpaceProjector(OpenTopos(-1.0), Encoder(-2.0, 0.5))
    for strength in (-0.1, 1.1, math.nan):
        with pytest.raises(InvalidValue, match="strength"):
            projector(strength=strength)
    with pytest.raises(TypeError):
        ZSpaceProjector("topos", Encoder(-1.0, 0.5))
    with pytest.raises(TypeError):
        ZSpaceProjector(OpenTopos(), "encoder")
    made, plan = projector(), generate_plan(3)
    for bad in (math.nan, math.inf):
        with pytest.raises(NonFiniteValue, match=r"input\[0, 1\]"):
            made.forward(Tensor(1, 2, [0, bad]))
        with pytest.raises(NonFiniteValue):
            made.backward(Tensor(1, 1, [bad]), Tensor(1, 1))
        with pytest.raises(NonFiniteValue):
            made.backward(Tensor(1, 1), Tensor(1, 1, [bad]))
    with pytest.raises(ShapeMismatch):
        made.backward(Tensor(1, 2), Tensor(2, 1))
    with pytest.raises(EmptyInput):
        made.reimport_biome(TensorBiome(OpenTopos()))
    with pytest.raises(CurvatureMismatch):
        made.reimport_biome(TensorBiome(OpenTopos(-2.0)))
    for scale in ("units", 0.0, -1.0):
        with pytest.raises(InvalidValue, match="scale"):
            made.project_spiral(plan, scale=scale)
    for call in (made.project_spiral, made.reimport_biome):
        with pytest.raises(TypeError):
            call("neither")
    small = ZSpaceProjector(OpenTopos(max_volume=4), Encoder(-1.0, 0.5))
    with pytest.raises(TensorVolumeExceeded):
        small.encode_text("long")
    with pytest.raises(TensorVolumeExceeded):
        small.forward(Tensor(1, 5))
