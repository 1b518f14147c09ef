"""The books balance: energy with every flow on and over long runs, momentum where a force keeps it."""

from __future__ import annotations

import numpy as np
import pytest

from stnb import ManifoldSession
from tests.bare_manifold import BARE

EVERY_FLOW = {
    "particles": 300,
    "grid": 10,
    "dtype": "float64",
    "dt": 0.02,
    "speed": 1.5,
    "temperature": 3.0,
    "viscosity": 0.01,
    "gas_constant": 1.0,
    "radiation": 1e-2,
    "conductivity": 5.0,
    "capacity": 300,
}


@pytest.mark.parametrize("boundary", ["walls", "periodic"])
def test_without_gravity_each_step_closes_to_rounding_with_every_flow_on(boundary):
    made = ManifoldSession(gravity=0.0, boundary=boundary, seed=3, **EVERY_FLOW)
    scale = made.ledger.total
    mass = made.snapshot().mass
    residual = 0.0
    for _ in range(200):
        made.step()
        assert abs(made.ledger.residual - residual) < 1e-10 * scale
        residual = made.ledger.residual
    flows = made.ledger.flows
    used = {"drag", "pressure", "contacts", "radiation"} | ({"walls"} if boundary == "walls" else set())
    for name in used:
        assert abs(flows[name]) > 1e-3 * scale, name
    assert np.array_equal(made.snapshot().mass, mass)


@pytest.mark.parametrize("boundary", ["walls", "periodic"])
def test_with_gravity_the_books_close_for_ten_thousand_steps(boundary):
    settings = {
        "particles": 150,
        "grid": 12,
        "pattern": "cluster",
        "gravity": 0.01,
        "speed": 0.3,
        "temperature": 0.5,
    }
    quiet = {"viscosity": 1e-4, "gas_constant": 0.02, "restitution": 0.95, "wall_restitution": 0.95}
    made = ManifoldSession(
        boundary=boundary, seed=1, dtype="float64", capacity=150, **settings, **quiet
    ).engine
    worst = 0.0
    for step in range(10_000):
        made.advance()
        if step % 20 == 19:
            worst = max(worst, abs(made.measure()["drift"]))
    assert worst < 1e-4
    assert made.ledger.flows["contacts"] > 0.05 * made.ledger.stores["kinetic"]


@pytest.mark.parametrize("contacts", ["none", "impulse"])
@pytest.mark.parametrize(("dtype", "share"), [("float64", 1e-12), ("float32", 1e-6)])
def test_the_momentum_force_keeps_the_momentum_of_a_periodic_box(dtype, share, contacts):
    """Drag and pressure push against a medium at rest, so they are off."""
    settings = {**BARE, "dtype": dtype, "contact_model": contacts, "gravity": 0.01, "dt": 0.02}
    made = ManifoldSession(
        400, 12, boundary="periodic", force="momentum", pattern="cluster", speed=0.3, seed=2, **settings
    )

    def momentum():
        frame = made.snapshot()
        each = frame.mass[:, None].astype(float) * frame.velocities
        return each.sum(axis=0), np.linalg.norm(each, axis=1).sum()

    before, scale = momentum()
    made.step(200)
    assert made.engine.ledger.flows["contacts"] > 0 or contacts == "none"
    assert np.linalg.norm(momentum()[0] - before) < share * scale
