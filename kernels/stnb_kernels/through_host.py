"""Carriers in the host's memory: how back ends in plain torch run what is one decision after the other.

The bank and the columns that the CPU kernel reads are copied to the host, which waits for the device; the kernel runs
there; what it wrote is copied back. On the CPU torch and NumPy share the memory and nothing is copied. It is meant for
Apple GPUs, where a bank has no other version; it cannot be captured in a graph.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stnb_kernels.registry import parallel_launch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.spectrum import Spectrum

__all__ = ["run_on_host"]

OSCILLATORS = ("phase", "frequency", "energy", "uid", "where")
BANK = ("real", "whole", "counts")


def run_on_host(
    kernel: Callable[..., None],
    oscillators: Oscillators,
    bank: Bank,
    spectrum: Spectrum,
    *args: Any,
    scratch: Iterable[str],
    moved: Iterable[str] = (),
) -> None:
    """Call `kernel(oscillators, bank, spectrum, *args)` on copies and write back what it changed.

    Args:
        kernel: The `run` of a CPU module.
        oscillators: Columns on the device.
        bank: The carriers on the device; all of the bank is written back.
        spectrum: Scratch on the device.
        args: The kernel's other arguments.
        scratch: Fields of the spectrum that the kernel uses; all are written back.
        moved: Columns of the oscillators that the kernel changes.
    """
    records = (oscillators, OSCILLATORS), (bank, BANK), (spectrum, tuple(scratch))
    copies = [replace(r, **{name: getattr(r, name).cpu().numpy() for name in names}) for r, names in records]
    with parallel_launch():
        kernel(*copies, *args)
    written = (oscillators, tuple(moved)), *records[1:]
    for (record, names), copy in zip(written, copies, strict=True):
        for name in names:
            tensor, values = getattr(record, name), getattr(copy, name)
            if tensor.device.type != "cpu":
                tensor.copy_(_tensor(values))


def _tensor(values: Any) -> Any:
    import torch

    return torch.from_numpy(values)
