"""Reads gradients and weights of the layers that one optimizer moves, without touching either."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from stnb.session.watch.bands import Sample
from stnb.session.watch.later import Later

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jaxtyping import Shaped
    from torch import Tensor
    from torch.optim import Optimizer

    from stnb.session.watch.layers import LayerMap

__all__ = ["SAMPLE", "Reader", "Taken", "stride_of"]

SAMPLE = 8192
"""Entries that are read of one tensor, or up to twice as many where that is all of it."""


class Taken(NamedTuple):
    """Entries on their way from one device."""

    values: Later
    lengths: list[int]
    sizes: list[int]
    owner: list[int]
    whole: list[int]
    norms: Later | None
    dense: bool

    def ready(self) -> bool:
        """Whether the entries are there."""
        return self.values.ready() and (self.norms is None or self.norms.ready())

    def sample(self) -> Sample:
        """The entries; waits for them where it must."""
        squares = np.full(len(self.lengths), math.nan)
        if self.norms is not None:
            with np.errstate(over="ignore"):
                squares[self.whole] = np.square(self.norms.array(), dtype=np.float64)
        lengths, sizes, owner = (np.array(row) for row in (self.lengths, self.sizes, self.owner))
        return Sample(self.values.array(), lengths, sizes, owner, squares, self.dense)


class Reader:
    """Takes the parameters of an optimizer that belong to chosen layers; all of these where there is no optimizer."""

    def __init__(self, layers: LayerMap, optimizer: Optimizer | None) -> None:
        self.layers = layers
        self.optimizer = optimizer

    def gradients(self) -> list[Taken]:
        """Entries of every gradient that is there, one batch a device; ‖·‖ of the whole of each large one."""
        found = [(place, p.grad) for place, p in self._parameters() if p.grad is not None]
        return _by_device(found, norms=True)

    def weights(self) -> list[Taken]:
        """Entries of every parameter that takes gradients, at the same places of each tensor as the gradient's."""
        found = [(place, p) for place, p in self._parameters() if p.requires_grad]
        return _by_device(found, norms=False)

    def _parameters(self) -> list[tuple[int, Tensor]]:
        pairs = self._pairs()
        if any(place is None for place, _ in pairs):
            self.layers.refresh()
            pairs = self._pairs()
        return [(place, parameter) for place, parameter in pairs if place is not None]

    def _pairs(self) -> list[tuple[int | None, Tensor]]:
        owner = self.layers.owner
        if self.optimizer is None:
            return [(owner(parameter), parameter) for parameter in self.layers.parameters()]
        return [(owner(p), p) for group in self.optimizer.param_groups for p in group["params"]]


@functools.lru_cache(maxsize=4096)
def stride_of(shape: tuple[int, ...]) -> int:
    """The least s ≥ n/8192 without a common divisor with any side, so that the places go through every row and column.

    1 for up to 16384 entries.

    >>> stride_of((128, 100)), stride_of((512, 512)), stride_of((33, 1000))
    (1, 33, 7)
    """
    size = math.prod(shape)
    if size <= 2 * SAMPLE:
        return 1
    stride = math.ceil(size / SAMPLE)
    while math.gcd(stride, size) > 1:
        stride += 1
    return stride


def _by_device(found: Iterable[tuple[int, Tensor]], *, norms: bool) -> list[Taken]:
    batches: dict[torch.device, list[tuple[int, Tensor]]] = {}
    for place, tensor in found:
        if tensor.numel():
            batches.setdefault(tensor.device, []).append((place, tensor))
    with torch.no_grad():
        return [_taken(batch, norms=norms) for batch in batches.values()]


def _taken(batch: list[tuple[int, Tensor]], *, norms: bool) -> Taken:
    parts: list[Tensor] = []
    large: list[Tensor] = []
    whole: list[int] = []
    sizes: list[int] = []
    for number, (_, tensor) in enumerate(batch):
        entries, size = _flat(tensor.detach())
        sizes.append(size)
        stride = 1 if tensor.layout != torch.strided else stride_of(_sides(tensor))
        if stride > 1 and norms:
            whole.append(number)
            large.append(_norm(entries))
        parts.append(entries[::stride])
    return Taken(
        Later(torch.cat(parts), owned=True),
        [part.shape[0] for part in parts],
        sizes,
        [place for place, _ in batch],
        whole,
        Later(torch.stack(large), owned=True) if large else None,
        all(tensor.layout == torch.strided for _, tensor in batch),
    )


def _sides(tensor: Tensor) -> tuple[int, ...]:
    """The shape, in real entries."""
    return (*tensor.shape, 2) if tensor.is_complex() else tuple(tensor.shape)


def _norm(entries: Tensor) -> Tensor:
    """‖·‖, in float64 where the device has it: a float32 is soon too large or too small to square."""
    wide = torch.float32 if entries.device.type == "mps" else torch.float64
    return torch.linalg.vector_norm(entries, dtype=wide)


def _flat(tensor: Tensor) -> tuple[Shaped[Tensor, " v"], int]:
    """Real entries in the order of the memory, and how many there are; of a sparse tensor those that are not 0.

    A complex entry is two real ones. A sparse tensor without any entry gives one 0.
    """
    size = tensor.numel() * (2 if tensor.is_complex() else 1)
    if tensor.layout != torch.strided:
        tensor = tensor.coalesce().values() if tensor.layout == torch.sparse_coo else tensor.values()
        if not tensor.numel():
            tensor = tensor.new_zeros(1)
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor.resolve_conj())
    if not tensor.is_contiguous():
        order = sorted(range(tensor.ndim), key=tensor.stride, reverse=True)
        tensor = tensor.permute(order)
    return tensor.reshape(-1), size
