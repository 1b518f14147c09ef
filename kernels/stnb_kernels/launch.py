"""Launching Numba-CUDA kernels on torch tensors, on torch's own stream, or on NumPy arrays under the simulator."""

from __future__ import annotations

from typing import Any

from stnb_kernels.languages import cuda_simulated

__all__ = ["THREADS", "blocks_for", "device_array", "stream_of"]

# The simulator runs every thread of a block as one of the operating system's.
THREADS = 32 if cuda_simulated() else 256


def blocks_for(items: int, threads: int = THREADS) -> int:
    """Blocks that cover `items` with one thread each; never zero, so that an empty launch stays legal."""
    return max(1, -(-items // threads))


def device_array(tensor: Any) -> Any:
    """The tensor's memory as a Numba array, without a copy."""
    if cuda_simulated():
        return tensor
    from numba import cuda

    return cuda.as_cuda_array(tensor)


def stream_of(tensor: Any) -> Any:
    """Torch's current stream on the tensor's device, so that launches keep torch's order and enter its graphs."""
    if cuda_simulated():
        return 0
    import torch
    from numba import cuda

    return cuda.external_stream(torch.cuda.current_stream(tensor.device).cuda_stream)
