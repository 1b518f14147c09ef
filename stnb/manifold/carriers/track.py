"""How every carrier fared: its amplitude, frequency and state, step by step, for as long as memory is kept."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from stnb_kernels import bank as rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jaxtyping import Float, Int

__all__ = ["CarrierTrack", "Life"]

LENGTH = 4096


class Life(NamedTuple):
    """One carrier over time."""

    identity: int
    time: Float[np.ndarray, " t"]
    amplitude: Float[np.ndarray, " t"]
    frequency: Float[np.ndarray, " t"]
    state: Int[np.ndarray, " t"]


class CarrierTrack:
    """The last few thousand steps of the carriers, as they were when the history took its rows."""

    def __init__(self) -> None:
        self._moments: deque[tuple[float, dict[str, np.ndarray]]] = deque(maxlen=LENGTH)

    def __len__(self) -> int:
        return len(self._moments)

    def append(self, time: float, bank: Mapping[str, np.ndarray]) -> None:
        """Keep the carriers of one moment; a moment that is there already is replaced."""
        m = int(bank["bank_counts"][rows.COUNT])
        real, whole = bank["bank_real"][:, :m], bank["bank_whole"][:, :m]
        kept = {
            "identity": whole[rows.IDENTITY].copy(),
            "amplitude": np.hypot(real[rows.REAL], real[rows.IMAG]),
            "frequency": real[rows.FREQUENCY].copy(),
            "state": whole[rows.STATE].copy(),
        }
        if self._moments and self._moments[-1][0] == time:
            self._moments.pop()
        self._moments.append((time, kept))

    def lives(self) -> Iterator[Life]:
        """Every carrier that was seen, the oldest first."""
        seen: dict[int, list[tuple[float, float, float, int]]] = {}
        for time, kept in self._moments:
            for identity, *values in zip(*(kept[n].tolist() for n in kept), strict=True):
                seen.setdefault(identity, []).append((time, *values))
        for identity in sorted(seen):
            time, amplitude, frequency, state = (np.array(c) for c in zip(*seen[identity], strict=True))
            yield Life(identity, time, amplitude, frequency, state)
