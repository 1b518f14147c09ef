"""Plain torch, the fallback for Apple GPUs: blocks of oscillators against all carriers. It allocates and waits."""

from __future__ import annotations

import math

import torch

from stnb_kernels.bank import COUNT, CRYSTALLIZED, IMAG, REAL, STATE, STEP
from stnb_kernels.random import fill_random
from stnb_kernels.swing import PHASE_STREAM
from stnb_kernels.swing.reference import normals
from stnb_kernels.tune.torch import blocks, tuning

TURN = 2.0 * math.pi


def noise_like(phase, seed, step):  # noqa: ANN001, ANN201
    """A normal number for each place: drawn on an Apple GPU itself, elsewhere on the host."""
    n = phase.shape[0]
    if phase.device.type != "mps":
        return torch.from_numpy(normals(n, seed, PHASE_STREAM, step)).to(phase)
    noise = torch.empty(n, dtype=torch.float32, device=phase.device)
    fill_random(noise, seed=seed, stream=PHASE_STREAM, step=step, law="normal")
    return noise


def run(oscillators, bank, spectrum, law, seed, algorithm):  # noqa: ANN001, ANN201
    del algorithm
    n, count = oscillators.phase.shape[0], int(bank.counts[COUNT])
    boost = torch.where(bank.whole[STATE, :count] == CRYSTALLIZED, 1.0 + law.boost, 1.0).to(bank.real)
    pull = torch.stack((boost * bank.real[REAL, :count], boost * bank.real[IMAG, :count]))
    for part in blocks(n):
        heard = tuning(oscillators.frequency[part], bank.real, count)[1]
        spectrum.field[:, part] = pull @ heard
        spectrum.coverage[part] = heard.sum(dim=0)
    torque = spectrum.phasor[0, :n] * spectrum.field[1, :n] - spectrum.phasor[1, :n] * spectrum.field[0, :n]
    phase = oscillators.phase + law.dt * (oscillators.frequency + law.coupling * torque)
    if law.temperature > 0:
        spread = math.sqrt(2.0 * law.temperature * law.dt)
        phase = phase + spread * noise_like(phase, seed, int(bank.counts[STEP]))
    wrapped = phase - TURN * torch.floor(phase / TURN)
    oscillators.phase.copy_(torch.where((wrapped >= 0) & (wrapped < TURN), wrapped, 0.0))
