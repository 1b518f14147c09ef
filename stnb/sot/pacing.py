"""How a number of steps falls into blocks, and blocks into chunks: Fibonacci, tribonacci and tetranacci numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stnb._core.numbers import whole

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "fibonacci_pacing",
    "golden_angle",
    "golden_ratio",
    "pack_tetranacci_chunks",
    "pack_tribonacci_chunks",
]

TRIBONACCI = (1, 1, 2)
TETRANACCI = (1, 1, 2, 4)


def golden_ratio() -> float:
    """Φ = (1 + √5)/2."""
    return (1.0 + math.sqrt(5.0)) / 2.0


def golden_angle() -> float:
    """π(3 − √5) rad, the angle after which neighbours on a spiral never line up."""
    return math.pi * (3.0 - math.sqrt(5.0))


def fibonacci_pacing(total_steps: int) -> list[int]:
    """Blocks of 1, 1, 2, 3, 5, 8, … steps until none is left; the last is cut to what remains.

    >>> fibonacci_pacing(8)
    [1, 1, 2, 3, 1]
    """
    left = whole("total_steps", total_steps)
    blocks, size, following = [], 1, 1
    while left:
        blocks.append(min(size, left))
        left -= blocks[-1]
        size, following = following, size + following
    return blocks


def pack_tribonacci_chunks(length: int) -> list[int]:
    """Chunks of tribonacci length: each time the one closest to half of what is left, the larger of two.

    >>> pack_tribonacci_chunks(13)
    [7, 4, 1, 1]
    """
    return _pack(whole("length", length), TRIBONACCI)


def pack_tetranacci_chunks(length: int) -> list[int]:
    """The same with tetranacci numbers.

    >>> pack_tetranacci_chunks(13)
    [8, 2, 2, 1]
    """
    return _pack(whole("length", length), TETRANACCI)


def _pack(length: int, seeds: tuple[int, ...]) -> list[int]:
    terms = sorted(set(_terms(length, seeds)))
    chunks = []
    while length:
        fitting = [term for term in terms if term <= length]
        chunks.append(min(fitting, key=lambda term: (abs(2 * term - length), -term)))
        length -= chunks[-1]
    return chunks


def _terms(limit: int, seeds: tuple[int, ...]) -> Iterator[int]:
    """The numbers up to a limit, each the sum of as many before it as there are seeds."""
    window = list(seeds)
    yield from (seed for seed in seeds if seed <= limit)
    while (following := sum(window)) <= limit:
        yield following
        window = [*window[1:], following]
