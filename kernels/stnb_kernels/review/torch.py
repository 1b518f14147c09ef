"""Plain torch, the fallback for Apple GPUs: one reviewed carrier after the other. It allocates and waits."""

from __future__ import annotations

import torch

from stnb_kernels.bank import ANCHOR_UID, COUNT, EMPTY, FREQUENCY, IMAG, REAL, STEP, WIDTH
from stnb_kernels.review import ALLY, OFFENDER
from stnb_kernels.spectrum import REVIEWED


def run(oscillators, bank, spectrum, law):  # noqa: ANN001, ANN201
    n, count, step = oscillators.phase.shape[0], int(bank.counts[COUNT]), int(bank.counts[STEP])
    spectrum.score.zero_()
    spectrum.found.fill_(EMPTY)
    if n == 0:
        return
    re, im, amplitude = spectrum.phasor[:, :n]
    for turn in range(min(REVIEWED, count)):
        k = (step * REVIEWED + turn) % count
        x, y = bank.real[REAL, k], bank.real[IMAG, k]
        size = torch.hypot(x, y)
        if float(size) == 0:
            continue
        away = (oscillators.frequency - bank.real[FREQUENCY, k]) / bank.real[WIDTH, k]
        heard = torch.exp(-away.square())
        weight, support = heard * amplitude, heard * (re * x + im * y) / size
        loud = weight > law.weight_floor
        known = torch.isin(oscillators.uid, bank.whole[ANCHOR_UID:, k])
        scores = {
            OFFENDER: torch.where(loud, weight - support, 0.0),
            ALLY: torch.where(loud & ~known, support, 0.0),
        }
        for row, score in scores.items():
            best = score.max()
            if float(best) > 0:
                spectrum.score[row, turn] = best
                spectrum.found[row, turn] = int((score == best).nonzero()[0])
