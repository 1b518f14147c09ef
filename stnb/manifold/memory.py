"""Where a run's arrays live: NumPy on the CPU, torch on a CUDA device. The CPU never imports torch."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jaxtyping import Shaped

__all__ = ["Memory"]

WARM_UP_CALLS = 2


class Memory:
    """Makes, fills and reads arrays on one device, and records a sequence of kernels for replay."""

    def __init__(self, device: str, dtype: str) -> None:
        self.device = device
        self.dtype = dtype
        self.on_host = device == "cpu"
        if not self.on_host:
            _require_cuda(device)

    def zeros(self, *shape: int, dtype: str | None = None) -> Any:
        """An array of zeros, in the run's float type unless another is named."""
        name = dtype or self.dtype
        if self.on_host:
            return np.zeros(shape, dtype=name)
        import torch

        return torch.zeros(shape, dtype=getattr(torch, name), device=self.device)

    def fill(self, target: Any, values: Shaped[np.ndarray, "*shape"]) -> None:
        """Write host values into an array or a view of one, converted to its type."""
        if self.on_host:
            target[...] = values
            return
        import torch

        target.copy_(torch.from_numpy(np.array(values)))

    def host(self, array: Any) -> Shaped[np.ndarray, "*shape"]:
        """A copy of the values on the host."""
        return np.array(array) if self.on_host else array.cpu().numpy()

    def copied(self, array: Any) -> Any:
        """A copy beside the array."""
        return array.copy() if self.on_host else array.clone()

    def recorded(self, call: Callable[[], None]) -> Callable[[], None]:
        """The call as it is on the CPU; on a GPU, one graph of all its kernels.

        The arrays that the call uses, and the numbers that it passes, are part of the graph: record again when any of
        them is another one. The call runs a few times while it is recorded, so its effects must be saved by the caller.
        """
        if self.on_host:
            return call
        import torch

        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UP_CALLS):
                call()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with _nothing_collected(), torch.cuda.graph(graph, capture_error_mode="thread_local"):
            call()
        return graph.replay


@contextlib.contextmanager
def _nothing_collected() -> Iterator[None]:
    """No garbage collection: another run's graph, freed while this one is recorded, would spoil the recording."""
    gc.collect()
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _require_cuda(device: str) -> None:
    import torch

    if not (device.startswith("cuda") and torch.cuda.is_available()):
        raise BackendError(
            f"device={device!r}: the manifold runs on 'cpu' and on 'cuda', and torch {torch.__version__} finds "
            f"{'a' if torch.cuda.is_available() else 'no'} CUDA device; use device='cpu'"
        )
