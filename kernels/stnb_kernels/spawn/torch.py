"""Through the host: the fallback for Apple GPUs. It waits for the device."""

from __future__ import annotations

from stnb_kernels.spawn import cpu
from stnb_kernels.through_host import run_on_host


def run(oscillators, bank, spectrum, law, rounds):  # noqa: ANN001, ANN201
    run_on_host(cpu.run, oscillators, bank, spectrum, law, rounds, scratch=("coverage", "block_found"))
