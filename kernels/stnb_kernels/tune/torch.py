"""Plain torch, the fallback for Apple GPUs: blocks of oscillators against all carriers. It allocates and waits."""

from __future__ import annotations

import torch

from stnb_kernels.bank import COUNT, FREQUENCY, SMALLEST_ENERGY, WIDTH

BLOCK = 1024


def tuning(frequency, real, count):  # noqa: ANN001, ANN201
    """ω − Ω and T of some oscillators, one row a carrier."""
    away = frequency[None] - real[FREQUENCY, :count, None]
    return away, torch.exp(-(away / real[WIDTH, :count, None]).square())


def blocks(n: int) -> list[slice]:
    """The oscillators in pieces that keep the matrices small."""
    return [slice(first, min(n, first + BLOCK)) for first in range(0, n, BLOCK)]


def run(oscillators, bank, spectrum, algorithm):  # noqa: ANN001, ANN201
    del algorithm
    n, count = oscillators.phase.shape[0], int(bank.counts[COUNT])
    amplitude = oscillators.energy.clamp(min=SMALLEST_ENERGY).sqrt()
    re, im = amplitude * oscillators.phase.cos(), amplitude * oscillators.phase.sin()
    spectrum.phasor[:, :n] = torch.stack((re, im, amplitude))
    spectrum.sums.zero_()
    for part in blocks(n):
        away, heard = tuning(oscillators.frequency[part], bank.real, count)
        spectrum.sums[:3, :count] += (heard @ spectrum.phasor[:, part].T).T
        spectrum.sums[3, :count] += (heard * away) @ amplitude[part]
