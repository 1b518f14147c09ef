"""On a GPU nothing is waited for, and the numbers are the same."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from stnb.session.watch import watch
from tests.session.watch.runs import batches, mlp

pytestmark = pytest.mark.cuda


def run(device, steps, strict):
    torch.manual_seed(0)
    model = nn.Sequential(*mlp(), nn.Linear(4, 600), nn.ReLU(), nn.Linear(600, 300), nn.Linear(300, 4)).to(
        device
    )
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    data = [(x.to(device), y.to(device)) for _, (x, y) in zip(range(steps), batches(0), strict=False)]
    with watch(model, optimizer, every=3) as w:
        for number, (x, y) in enumerate(data):
            if strict and number == 4:
                torch.cuda.set_sync_debug_mode("error")
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            w.step(loss)
        if strict:
            torch.cuda.set_sync_debug_mode("default")
    return w


@pytest.mark.filterwarnings("ignore:Synchronization debug mode:UserWarning")
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
def test_cuda__is_never_waited_for_and_reads_what_the_cpu_reads():
    try:
        there = run("cuda", 40, strict=True)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    here = run("cpu", 40, strict=False)
    for name in ("loss", "grad_norm", "above", "beneath", "drift"):
        np.testing.assert_allclose(there.history[name], here.history[name], rtol=2e-2, atol=1e-6)
    assert there.history["device_mb"][0] > 0
    assert math.isnan(here.history["device_mb"][0])
    assert there.advice() == []
