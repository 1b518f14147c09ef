"""A run on a real NVIDIA GPU: the same physics, one recorded graph a step, nothing reallocated, resumed to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from stnb._core.errors import CapacityError, InputError
from stnb.manifold import ManifoldConfig, ManifoldEngine

pytestmark = pytest.mark.cuda

SETTINGS = {"particles": 3000, "grid": 24, "temperature": 2.0, "speed": 0.3, "conductivity": 1.0}


def engine(device="cuda", seed=0, **settings):
    return ManifoldEngine(ManifoldConfig.build(**SETTINGS | settings), seed=seed, device=device)


def advance(made, steps):
    for _ in range(steps):
        made.advance()
    made.measure()
    return made


@pytest.mark.parametrize("boundary", ["walls", "periodic"])
@pytest.mark.parametrize("model", ["impulse", "dem", "none"])
@pytest.mark.filterwarnings("ignore::stnb.manifold.StabilityWarning")
def test_a_few_steps_agree_with_the_cpu(boundary, model):
    pair = [
        advance(engine(device, boundary=boundary, contact_model=model, particles=300, dtype="float64"), 3)
        for device in ("cpu", "cuda")
    ]
    for name in ("position", "velocity", "heat"):
        a, b = (made.column(name) for made in pair)
        assert np.abs(a - b).max() <= 1e-8 * np.abs(a).max(), name
    assert pair[0].ledger.total == pytest.approx(pair[1].ledger.total, rel=1e-10)


@pytest.mark.parametrize("boundary", ["walls", "periodic"])
def test_the_ledger_closes(boundary):
    made = engine(dtype="float64", gravity=0.0, boundary=boundary)
    scale = made.ledger.total
    for _ in range(50):
        made.advance()
        made.measure()
        assert abs(made.ledger.residual) < 1e-9 * scale


def test_the_same_seed_gives_the_same_bits_however_the_steps_are_cut():
    whole = advance(engine(), 150)
    parts = advance(engine(), 70)
    parts = ManifoldEngine.restore(parts.config, parts.state(), parts.meta(), device="cuda")
    advance(parts, 80)
    for name, column in whole.state().items():
        assert np.array_equal(column, parts.state()[name]), name
    assert whole.measure() == parts.measure()


def test_injection_writes_into_the_buffers_that_are_there():
    made = advance(engine(), 5)
    addresses = [made.particles.block.data_ptr(), made.fields.mass.data_ptr(), made.particles.uid.data_ptr()]
    made.inject("cluster", 500)
    advance(made, 5)
    now = [made.particles.block.data_ptr(), made.fields.mass.data_ptr(), made.particles.uid.data_ptr()]
    assert (made.count, now) == (3500, addresses)
    assert abs(made.ledger.drift) < 1e-2
    with pytest.raises(CapacityError, match="the capacity is 6000"):
        made.inject("cluster", 3000)
    with pytest.raises(InputError, match="masses"):
        made.add([[5.0, 5.0, 5.0]], masses=[np.nan])
    assert made.count == 3500


def test_a_step_allocates_nothing():
    import torch

    made = advance(engine(), 70)
    torch.cuda.synchronize()
    before = torch.cuda.memory_stats()["allocation.all.allocated"]
    for _ in range(20):
        made.advance()
    torch.cuda.synchronize()
    assert torch.cuda.memory_stats()["allocation.all.allocated"] == before


def test_carriers_agree_with_the_cpu_and_crystallize():
    pair = [advance(engine(device, particles=600, grid=16), 250) for device in ("cpu", "cuda")]
    a, b = (made.carriers() for made in pair)
    assert np.array_equal(a.state, b.state)
    assert np.array_equal(a.identity, b.identity)
    assert np.abs(a.frequencies - b.frequencies).max() < 1e-4
    assert np.abs(a.amplitudes - b.amplitudes).max() < 1e-3
    grown = advance(pair[1], 1500)
    assert (grown.carriers().state == 2).any()
    assert abs(grown.ledger.residual) < 1e-5 * grown.ledger.total
    grown.idle("explore", 10)
    assert abs(grown.ledger.residual) < 1e-5 * grown.ledger.total


def test_carriers_of_float64_run_too():
    pair = [
        advance(engine(device, particles=300, grid=16, dtype="float64"), 60) for device in ("cpu", "cuda")
    ]
    a, b = (made.carriers() for made in pair)
    assert np.array_equal(a.state, b.state)
    assert np.abs(a.amplitudes - b.amplitudes).max() < 1e-9


def test_a_setting_changes_between_two_steps():
    made = advance(engine(gravity=0.0), 5)
    made.configure(made.config.replace(gravity=0.05))
    advance(made, 5)
    assert made.measure()["gravitational"] < 0
    assert np.isfinite(made.column("velocity")).all()
