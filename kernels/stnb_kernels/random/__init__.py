"""Counter-based random numbers: the value at an index depends on (seed, stream, step, index) and on nothing else.

Philox-4×32 with ten rounds, key = the 64-bit seed, counter = (block, stream, step, 0). A block of four 32-bit words
serves

* four float32 values, element i from word i mod 4 of block ⌊i/4⌋: `u = ⌊w/2⁸⌋·2⁻²⁴`;
* two float64 values, element i from words (2i, 2i+1) mod 4 of block ⌊i/2⌋: `u = (⌊a/2⁵⌋·2²⁶ + ⌊b/2⁶⌋)·2⁻⁵³`.

Uniforms lie in [0, 1). Normals come in pairs by Box–Muller, `√(−2 ln(1−u₀))·(cos 2πu₁, sin 2πu₁)`. Uniform numbers
are the same to the bit on every back end; normals differ by the rounding of its logarithm and cosine.

Reference: Salmon, Moraes, Dror, Shaw, *Parallel random numbers: as easy as 1, 2, 3* (2011).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from stnb._core.errors import InputError, nearest
from stnb_kernels.arrays import FLOATS, require
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["LAWS", "OP", "fill_random"]

OP = Op("random", ("cuda", "triton", "metal", "cpu", "reference"))

LAWS = ("uniform", "normal")


def fill_random(
    out: Float[Any, " n"],
    *,
    seed: int,
    stream: int = 0,
    step: int = 0,
    law: Literal["uniform", "normal"] = "uniform",
    backend: str | None = None,
) -> None:
    """Fill `out` with random numbers.

    Args:
        out: One-dimensional, float32 or float64; its device decides the back end.
        seed: The run's seed, 0 ≤ seed < 2⁶⁴.
        stream: What the numbers are for, 0 ≤ stream < 2³². Two streams never share a number.
        step: The step they belong to, 0 ≤ step < 2³².
        law: `uniform` on [0, 1) or standard `normal`.
        backend: Force a back end.
    """
    if law not in LAWS:
        raise InputError(f"unknown law {law!r}: {nearest(law, LAWS)}")
    for name, value, bits in (("seed", seed, 64), ("stream", stream, 32), ("step", step, 32)):
        if not 0 <= value < 2**bits:
            raise InputError(f"{name} must satisfy 0 <= {name} < 2**{bits}, got {value}")
    require("out", out, (out.shape[0] if len(out.shape) else 1,), FLOATS)
    OP.run(out, out, seed, stream, step, law, backend=backend)
