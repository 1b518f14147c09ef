"""Statistics of a column of values.

    mean |x| = Σ|x|/n,   mean x̄ = Σx/n,   standard deviation √(Σ(x − x̄)²/n) of the population,   count n

in float64 whatever the values' type, in an order that depends on their number only. Parts of the column are described
apart, each in two passes, and merged: Σ(x − x̄)² = Σ_parts [Σ(x − x̄_p)² + n_p·(x̄_p − x̄)²]. No difference of large
squares is taken. Without values all four are 0.

The results and their working memory lie beside the values, except on Apple GPUs: Metal has no float64, so there both
lie on the CPU.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb_kernels.arrays import FLOATS, require
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["OP", "PARTS", "STATISTICS_BLOCKS", "STATS", "describe_values"]

OP = Op("statistics", ("cuda", "cpu", "torch", "reference"))

STATS = ("mean_magnitude", "mean", "deviation", "count")

PARTS = ("magnitude", "sum", "square")
"""What is kept of a part of the column: Σ|x|, Σx and Σ(x − x̄_p)²."""

STATISTICS_BLOCKS = 256
"""The most parts that a back end makes: rows of the working memory."""


def describe_values(
    values: Float[Any, " n"],
    stats: Float[Any, " stats"],
    scratch: Float[Any, "blocks parts"],
    *,
    backend: str | None = None,
) -> None:
    """Write mean magnitude, mean, standard deviation and count, in the order of `STATS`.

    Args:
        values: The column.
        stats: Receives four float64 numbers.
        scratch: Working memory, float64 of shape (`STATISTICS_BLOCKS`, 3).
        backend: Force a back end.
    """
    require("values", values, (values.shape[0],), FLOATS)
    require("stats", stats, (len(STATS),), ("float64",))
    require("scratch", scratch, (STATISTICS_BLOCKS, len(PARTS)), ("float64",))
    OP.run(values, values, scratch, stats, backend=backend)
