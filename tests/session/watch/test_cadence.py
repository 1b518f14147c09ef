"""When layers are read, and what memory is."""

import math

import numpy as np
import pytest
import torch

from stnb.session.watch import memory, watch
from stnb.session.watch.cadence import LONGEST, Cadence
from stnb.session.watch.later import Later
from tests.session.watch.runs import mlp, train


def walk(cadence, steps, light, reading, step):
    """Steps that were read, and the share of the time that the watch cost, readings counted twice."""
    due, spent = [], 0.0
    for number in range(steps):
        cost = light
        if cadence.is_due(number):
            due.append(number)
            cost += reading
            spent += reading
        spent += cost
        cadence.note(number, cost=cost, seconds=step + cost)
    return due, spent / (steps * step)


def test_every__is_deterministic_and_begins_with_two():
    assert walk(Cadence(4, 0.02), 13, 1.0, 1.0, 1.0)[0] == [0, 1, 4, 8, 12]


@pytest.mark.parametrize("budget", [0.005, 0.02, 0.2])
@pytest.mark.parametrize(("light", "reading"), [(2e-5, 1e-3), (1e-6, 2e-4), (2e-5, 3e-2)])
def test_budget__holds_where_it_can(budget, light, reading):
    due, share = walk(Cadence(None, budget), 20_000, light, reading, 0.01)
    assert due[:2] == [0, 1]
    gaps = np.diff(due[1:])
    assert gaps.max() <= LONGEST
    if gaps.max() < LONGEST:
        assert share <= budget * 1.02 + 4 * reading / 200
        if gaps.min() > 3:
            assert share > budget * 0.7


def test_budget__a_cheap_reading_comes_every_step_and_a_dear_one_in_a_thousand():
    assert walk(Cadence(None, 0.02), 50, 0.0, 1e-5, 0.01)[0] == list(range(50))
    assert walk(Cadence(None, 0.02), 2002, 1.0, 1.0, 1e-6)[0] == [0, 1, 1001, 2001]


def test_watch__obeys_its_cadence():
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    with watch(model, optimizer, every=5) as w:
        train(w, model, optimizer, 12)
    read = np.flatnonzero(np.isfinite(w.history["grad_norm"])).tolist()
    assert read == [0, 1, 5, 10]
    assert np.flatnonzero(np.isfinite(w.history["turn"])).tolist() == [1, 5, 10]
    assert np.flatnonzero(np.isfinite(w.history["memory_mb"])).tolist() == read
    with watch(model, optimizer) as w:
        train(w, model, optimizer, 3)
    assert np.isfinite(w.history["grad_norm"][:2]).all()


def test_memory__grows_with_what_is_held(monkeypatch, tmp_path):
    before = memory.resident_megabytes()
    held = np.ones(30_000_000 // 8)
    assert 25 < memory.resident_megabytes() - before < 60
    assert held.nbytes == 30_000_000
    monkeypatch.setattr(memory, "STATM", tmp_path / "none")
    peak = memory.resident_megabytes()
    assert 25 < peak < 1e6
    assert math.isnan(memory.device_megabytes(torch.device("cpu")))


def test_later__keeps_what_was():
    told = torch.tensor(1.5, requires_grad=True)
    kept = Later(told)
    with torch.no_grad():
        told.fill_(9.0)
    assert kept.ready()
    assert kept.item() == 1.5
    assert Later(torch.tensor(2.0, dtype=torch.bfloat16)).item() == 2.0
