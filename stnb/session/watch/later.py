"""Numbers of a device that are read once they are there, so that nobody waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

__all__ = ["Later"]

WIDE = (torch.float32, torch.float64)


class Later:
    """The values of a tensor as they were when this was made.

    On the CPU they are copied at once. From CUDA they are copied to pinned memory behind the work that is queued, and an
    event says when they have arrived. Elsewhere the tensor is cloned, and read when somebody insists.
    """

    __slots__ = ("_event", "_held")

    def __init__(self, tensor: Tensor, *, owned: bool = False) -> None:
        source = tensor.detach()
        if source.dtype not in WIDE:
            source, owned = source.to(torch.float32), True
        self._event: Any = None
        if source.device.type == "cuda":
            self._held = torch.empty(source.shape, dtype=source.dtype, pin_memory=True)
            self._held.copy_(source, non_blocking=True)
            self._event = torch.cuda.Event()
            self._event.record(torch.cuda.current_stream(source.device))
        else:
            self._held = source if owned else source.clone()

    def ready(self) -> bool:
        """Whether `array` answers at once."""
        if self._event is not None:
            return bool(self._event.query())
        return self._held.device.type == "cpu"

    def array(self) -> np.ndarray:
        """The values; waits for them where it must."""
        if self._event is not None:
            self._event.synchronize()
            self._event = None
        return self._held.cpu().numpy()

    def item(self) -> float:
        """The value, of one."""
        return float(self.array().reshape(-1)[0])
