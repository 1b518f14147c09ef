"""Through the host: the fallback for Apple GPUs, which have no 64-bit atomics. It waits for the device."""

from __future__ import annotations

from stnb_kernels.recall import cpu
from stnb_kernels.through_host import run_on_host


def run(oscillators, bank, spectrum, law, seed):  # noqa: ANN001, ANN201
    scratch, moved = ("gain", "books"), ("phase", "energy")
    run_on_host(cpu.run, oscillators, bank, spectrum, law, seed, scratch=scratch, moved=moved)
