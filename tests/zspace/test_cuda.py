"""Tensors on a GPU stay there, and give what the CPU gives."""

import pytest
import torch

from stnb.nn import ZSpaceProjector
from stnb.zspace import (
    ComplexTensor,
    Hypergrad,
    LanguageWaveEncoder,
    OpenTopos,
    Realgrad,
    Tensor,
    TensorBiome,
    z_space_barycenter,
)

pytestmark = pytest.mark.cuda


def drawn(seed, scale=0.3):
    rows = scale * torch.randn(64, 8, generator=torch.Generator().manual_seed(seed))
    return Tensor.from_torch(rows), Tensor.from_torch(rows.cuda())


def same(there, here):
    assert there.torch().is_cuda
    torch.testing.assert_close(there.torch().cpu(), here.torch(), rtol=1e-5, atol=1e-6)


def test_algebra():
    (a, x), (b, y) = drawn(0), drawn(1)
    for there, here in (
        (x + y, a + b),
        (x * y, a * b),
        (x @ y.transpose(), a @ b.transpose()),
        (x.scale(2.0), a.scale(2.0)),
    ):
        same(there, here)
    same(x.project_to_poincare(-2.0), a.project_to_poincare(-2.0))
    assert a.matmul(b.transpose(), backend="wgpu").torch().device.type == "cpu"
    near, far = a.project_to_poincare(-1.0), b.project_to_poincare(-1.0)
    onto = [Tensor.from_torch(t.torch().cuda()) for t in (near, far)]
    assert onto[0].hyperbolic_distance(onto[1], -1.0) == pytest.approx(
        near.hyperbolic_distance(far, -1.0), rel=1e-6
    )


@pytest.mark.parametrize("make", [lambda: Hypergrad(-1.0, 0.05, 64, 8), lambda: Realgrad(0.05, 64, 8)])
def test_tapes(make):
    (w, v), (t, s) = drawn(2, 1.0), drawn(3)
    for weights, target in ((w, t), (v, s)):
        tape = make()
        tape.accumulate_pair(weights, target)
        tape.accumulate_wave(target)
        tape.apply(weights)
    same(v, w)


def test_densities_biomes_and_projectors():
    (a, x), (b, y) = drawn(4), drawn(5)
    q, p = ([Tensor.from_torch(t.torch().abs()) for t in pair] for pair in ((a, b), (x, y)))
    here, there = z_space_barycenter(q, entropy_weight=0.1), z_space_barycenter(p, entropy_weight=0.1)
    same(there.density, here.density)
    assert there.objective == pytest.approx(here.objective, rel=1e-6)
    topos = OpenTopos(saturation=0.4)
    projector = ZSpaceProjector(topos, LanguageWaveEncoder(-1.0, 0.5))
    biomes = TensorBiome(topos), TensorBiome(topos)
    for biome, pair in zip(biomes, ((a, b), (x, y)), strict=True):
        for tensor in pair:
            biome.absorb(tensor)
    same(biomes[1].canopy(), biomes[0].canopy())
    same(projector.reimport_biome(biomes[1]), projector.reimport_biome(biomes[0]))
    same(projector.backward(x, y), projector.backward(a, b))


def test_complex_tensors():
    z = torch.randn(4, 4, dtype=torch.complex64, generator=torch.Generator().manual_seed(0))
    here, there = ComplexTensor.from_torch(z), ComplexTensor.from_torch(z.cuda())
    torch.testing.assert_close((there @ there).torch().cpu(), (here @ here).torch(), rtol=1e-5, atol=1e-5)
    same(there.to_tensor(), here.to_tensor())
