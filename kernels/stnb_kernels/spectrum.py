"""What the sums over oscillators and carriers need: the oscillators' chunks, the order of their moments, scratch.

A chunk is `CHUNK` oscillators next to each other in frequency, with the middle ω_c and the reach h = max|ω_i − ω_c|.
Far from the chunk only a few moments of it matter. With u = (ω_c − Ω)/σ and Hermite polynomials H_n,

    Σ_{i∈c} a_i T(ω_i) = e^{−u²} Σ_{n<p} (−1)^n H_n(u) m_n/σ^n + R,      m_n = Σ_{i∈c} a_i (ω_i − ω_c)^n / n!,
    |R| ≤ 1.09·(√2·h/σ)^p / √(p!) · Σ_{i∈c}|a_i|                              (Cramér's bound on H_n)

whatever the gate. The order p is the smallest of `ORDERS` whose bound, at the narrowest gate that may occur, is below
`TOLERANCE` for the most chunks that any order serves; chunks that none serves are summed one by one. Frequencies never
change, so all of this is settled when oscillators arrive.
"""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_kernels.arrays import kind

if TYPE_CHECKING:
    from jaxtyping import Float, Int32

__all__ = [
    "ALGORITHMS",
    "CHUNK",
    "ORDERS",
    "REVIEWED",
    "TOLERANCE",
    "Spectrum",
    "moment_bound",
    "shift_bound",
]

CHUNK = 512
ORDERS = (2, 4, 6, 8)
TOLERANCE = 1e-6
CRAMER = 1.09

ALGORITHMS = ("brute", "moments")

REVIEWED = 8
"""Carriers that a step looks at for an offender and an ally."""

PARTS = 1024
"""The most partial sums of one carrier."""
PARTIAL_ROOM = 1 << 22
SUMS = 4

# A pair of an oscillator and a carrier costs 1. Measured on two cores and on an H200; only their ratio to 1 matters.
MOMENT_COST, PAIR_COST = 10.0, 3.0


def moment_bound(reach: Any, width: Any, order: int) -> Any:
    """The most by which p moments of a chunk miss a sum over T, per Σ|a|."""
    return CRAMER * (math.sqrt(2.0) * reach / width) ** order / math.sqrt(math.factorial(order))


def shift_bound(reach: Any, width: Any, order: int) -> Any:
    """The same for a sum over T·(ω − Ω), in rad/s: the derivative −σ/2·d/du of the expansion."""
    return width * math.sqrt((order + 1) / 2) * moment_bound(reach, width, order)


@dataclass
class Spectrum:
    """Scratch of the spectral ops, and the oscillators' chunks.

    Attributes:
        sums: Σ_i T A cos θ, Σ T A sin θ, Σ T A and Σ T A (ω − Ω) of each carrier.
        phasor: A cos θ, A sin θ and A of each oscillator, as `tune` found them.
        field: Real and imaginary part of what pulls each oscillator.
        gates: Ω, the scale of the gate and what each carrier pulls with, as the kernels want them.
        partial: Parts of these sums.
        coverage: Σ_k T_ik of each oscillator.
        centre: ω_c of each chunk.
        wide: 1 for chunks that are summed one by one.
        moments: m_n of A cos θ, A sin θ and A, one column a chunk.
        local: The carriers' pull and coverage around each chunk: coefficients of (ω − ω_c)^n, real and imaginary part
            of Σ_k b_k T C_k, then of Σ_k T.
        score: Of the offender (row 0) and the ally (row 1) of each reviewed carrier.
        found: Their places among the oscillators, −1 for none.
        block_score: Parts of that search.
        block_found: Parts of that search.
        gain: Fixed-point sums per oscillator: what anchors add to a phase and to an energy.
        books: Energy that anchors received since the beginning, in J.
        order: p.
        algorithm: What `None` means for these sizes.
        chunks: How many chunks there are.
        wide_chunks: How many of them are wide.
        bound: The most by which the moments may miss a sum over T, per Σ A.
        fed: Fixed-point energy that anchors receive in this step; it is and stays zero between calls.
        into: Whom each carrier merges with, and whether it takes others in.
        ticket: Blocks that have finished a search, which is and stays zero between calls, and what they found.
        seen: Ω and σ of the carriers at the beginning of a step.
    """

    sums: Float[Any, "4 carriers"]
    phasor: Float[Any, "3 capacity"]
    field: Float[Any, "2 capacity"]
    gates: Float[Any, "4 carriers"]
    partial: Float[Any, "parts 4 carriers"]
    coverage: Float[Any, " capacity"]
    centre: Float[Any, " chunks"]
    wide: Int32[Any, " chunks"]
    moments: Float[Any, "3 orders chunks"]
    local: Float[Any, "3 orders chunks"]
    score: Float[Any, "2 reviewed"]
    found: Int32[Any, "2 reviewed"]
    block_score: Float[Any, "2 reviewed parts"]
    block_found: Int32[Any, "2 reviewed parts"]
    gain: Any
    books: Any
    order: int = ORDERS[-1]
    algorithm: str = "brute"
    chunks: int = 0
    wide_chunks: int = 0
    bound: float = 0.0
    _: KW_ONLY
    fed: Any
    into: Int32[Any, "2 carriers"]
    ticket: Int32[Any, " 2"]
    seen: Float[Any, "2 carriers"]

    @classmethod
    def allocate(cls, capacity: int, carriers: int, like: Any) -> Spectrum:
        """Scratch for so many oscillators and carriers beside `like`, in its float type."""
        chunks = max(1, -(-capacity // CHUNK))
        parts = max(1, min(PARTS, PARTIAL_ROOM // (SUMS * max(carriers, 1))))
        real = {
            "sums": (SUMS, carriers),
            "phasor": (3, capacity),
            "field": (2, capacity),
            "gates": (4, carriers),
            "partial": (parts, SUMS, carriers),
            "coverage": (capacity,),
            "centre": (chunks,),
            "moments": (3, ORDERS[-1], chunks),
            "local": (3, ORDERS[-1], chunks),
            "score": (2, REVIEWED),
            "block_score": (2, REVIEWED, PARTS),
            "seen": (2, carriers),
        }
        whole = {"wide": (chunks,), "found": (2, REVIEWED), "block_found": (2, REVIEWED, PARTS)}
        whole |= {"into": (2, carriers), "ticket": (2,)}
        arrays: dict[str, Any]
        if kind(like) == "numpy":
            arrays = {name: np.zeros(shape, dtype=like.dtype) for name, shape in real.items()}
            arrays |= {name: np.zeros(shape, dtype=np.int32) for name, shape in whole.items()}
            gain, fed = np.zeros((2, capacity), np.int64), np.zeros(1, np.int64)
            return cls(**arrays, gain=gain, books=np.zeros(1), fed=fed)
        import torch

        where = like.device
        arrays = {name: torch.zeros(shape, dtype=like.dtype, device=where) for name, shape in real.items()}
        arrays |= {name: torch.zeros(shape, dtype=torch.int32, device=where) for name, shape in whole.items()}
        books = torch.zeros(1, dtype=torch.float64, device="cpu" if where.type == "mps" else where)
        gain, fed = (torch.zeros(shape, dtype=torch.int64, device=where) for shape in ((2, capacity), 1))
        return cls(**arrays, gain=gain, books=books, fed=fed)

    def arrange(self, frequency: Float[np.ndarray, " n"], *, width_min: float) -> None:
        """Settle chunks, order and algorithm for these frequencies, sorted and on the host."""
        n = len(frequency)
        first = np.arange(0, n, CHUNK)
        last = np.minimum(first + CHUNK, n) - 1
        values = frequency.astype(np.float64)
        centre = (0.5 * (values[first] + values[last])).astype(frequency.dtype) if n else np.zeros(0)
        away = np.maximum(values[last] - centre, centre - values[first]) if n else centre
        served = [moment_bound(away, width_min, order) <= TOLERANCE for order in ORDERS]
        most = max(int(s.sum()) for s in served)
        self.order, narrow = next((p, s) for p, s in zip(ORDERS, served, strict=True) if s.sum() == most)
        self.wide_chunks = int((~narrow).sum())
        missed = moment_bound(away[narrow], width_min, self.order)
        self.bound = float(np.max(missed, initial=0.0))
        _write(self.centre, centre)
        _write(self.wide, (~narrow).astype(np.int32))
        carriers = self.sums.shape[1]
        self.chunks = chunks = len(first)
        direct = n * carriers
        fast = (
            n * MOMENT_COST + chunks * carriers * PAIR_COST * self.order + self.wide_chunks * CHUNK * carriers
        )
        self.algorithm = "moments" if fast < direct else "brute"


def _write(target: Any, values: np.ndarray) -> None:
    """Host values into the beginning of an array, on whatever device."""
    if kind(target) == "numpy":
        target[: len(values)] = values
        return
    import torch

    target[: len(values)] = torch.from_numpy(np.ascontiguousarray(values)).to(target)
