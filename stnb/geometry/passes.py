"""Single passes over many rows by Numba, on the memory of CPU tensors.

`fits` says where they apply: rows that are many, match without broadcasting and lie on the CPU. Everything else is
plain torch, which is the definition; the passes only keep its intermediate tensors from being made.
"""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Any

import torch
from stnb_kernels.registry import parallel_launch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

__all__ = ["GRID_BITS", "blended_squares", "fits", "gaps", "grid_spacing", "launch", "products", "rows_of"]

FEWEST = 1 << 14
WORTH_WAKING = 1 << 18
GRID_BITS = {torch.float32: 12, torch.float64: 26}


def hidden(x: Tensor) -> bool:
    """Whether a look at values would cost a synchronisation, or is impossible: on a device, traced, or in `vmap`."""
    return x.device.type != "cpu" or torch.compiler.is_compiling() or _transformed(x)


def fits(*tensors: Tensor) -> bool:
    """Whether the rows are many, match without broadcasting, and have memory that Numba can read."""
    x = tensors[0]
    return x.numel() >= FEWEST and all(
        t.shape == x.shape and t.dtype == x.dtype and not hidden(t) for t in tensors
    )


def launch(name: str, *arguments: Any) -> None:
    """Run a kernel; tensors are handed over as arrays, matrices row by row."""
    from stnb.geometry import cpu

    arrays = [_array(value) if isinstance(value, torch.Tensor) else value for value in arguments]
    with parallel_launch(), _threads_for(arrays[0].size):
        getattr(cpu, name)(*arrays)


@contextlib.contextmanager
def _threads_for(elements: int) -> Iterator[None]:
    """One thread for little work: a pass of 0.1 ms is not worth waking others that a busy machine lets wait for 8."""
    if elements >= WORTH_WAKING:
        yield
        return
    import numba

    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(threads)


def rows_of(x: Tensor) -> Tensor:
    """The same rows in a matrix, without history."""
    return x.detach().reshape(-1, x.shape[-1]).contiguous()


def products(x: Tensor, y: Tensor) -> Tensor:
    """⟨x, y⟩ of each row, shape (…, 1)."""
    out = x.new_empty(x.shape[:-1])
    launch("products", rows_of(x), rows_of(y), out.view(-1))
    return out.unsqueeze(-1)


def blended_squares(x: Tensor, u: Tensor, k: Tensor) -> Tensor:
    """‖x + k·u‖² of each row, k of shape (…, 1)."""
    out = x.new_empty(x.shape[:-1])
    launch("blended_squares", rows_of(x), rows_of(u), k.expand(*x.shape[:-1], 1).reshape(-1), out.view(-1))
    return out.unsqueeze(-1)


def gaps(x: Tensor, c: float) -> Tensor:
    """1 − c‖x‖² of each row, shape (…, 1), accurate relative to itself."""
    out = x.new_empty(x.shape[:-1])
    launch("gaps", rows_of(x), c, grid_spacing(x, c), out.view(-1))
    return out.unsqueeze(-1)


def grid_spacing(x: Tensor, c: float) -> float:
    """Spacing of the grid on which the squares of float64 rows are summed exactly; 0 where float64 sums are enough."""
    if x.dtype == torch.float32:
        return 0.0
    return 2.0 ** (math.ceil(-0.5 * math.log2(c)) - GRID_BITS[x.dtype])


def _array(x: Tensor) -> Any:
    return x.detach().numpy()


def _transformed(x: Tensor) -> bool:
    """Inside `torch.func` transforms a tensor has no values to look at."""
    return torch._C._functorch.is_functorch_wrapped_tensor(x)  # pyright: ignore[reportAttributeAccessIssue]
