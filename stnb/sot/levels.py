"""The three levels of a plan: which block, chunk and piece each step belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stnb.sot.pacing import fibonacci_pacing, pack_tetranacci_chunks, pack_tribonacci_chunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Bool, Float, Int

__all__ = ["Level", "levels_of"]


@dataclass(frozen=True, eq=False)
class Level:
    """One level, a row a step.

    Attributes:
        lengths: Steps of each group, in order.
        index: Number of the group of each step.
        length: Steps of that group.
        position: Place of the step in it, from 0.
        phase: position/(length − 1), 0 in a group of one.
        reflection: Whether the step is the last of its group.
    """

    lengths: tuple[int, ...]
    index: Int[np.ndarray, " n"]
    length: Int[np.ndarray, " n"]
    position: Int[np.ndarray, " n"]
    phase: Float[np.ndarray, " n"]
    reflection: Bool[np.ndarray, " n"]


def levels_of(total_steps: int) -> dict[str, Level]:
    """Blocks of Fibonacci length, cut into tribonacci chunks, cut into tetranacci pieces."""
    blocks = fibonacci_pacing(total_steps)
    chunks = [chunk for block in blocks for chunk in pack_tribonacci_chunks(block)]
    pieces = [piece for chunk in chunks for piece in pack_tetranacci_chunks(chunk)]
    return {"macro": _level(blocks), "meso": _level(chunks), "micro": _level(pieces)}


def _level(lengths: Sequence[int]) -> Level:
    sizes = np.array(lengths, dtype=np.int64)
    index = np.repeat(np.arange(len(sizes)), sizes)
    length = sizes[index]
    starts = np.cumsum(sizes) - sizes
    position = np.arange(len(index)) - starts[index]
    phase = position / np.maximum(length - 1, 1)
    return Level(tuple(lengths), index, length, position, phase, position == length - 1)
