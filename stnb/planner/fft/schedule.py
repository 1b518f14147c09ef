"""The stages of a transform: what each dispatch does, how large it is, and between which buffers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stnb.planner.fft.shape import SpiralKFftPlan

__all__ = ["FftStage", "dispatch_schedule", "radices"]


class FftStage(NamedTuple):
    """One dispatch.

    With w(e) = exp(−2πi·e/span), a butterfly takes j = 0 … span/radix − 1 of every run of `span` numbers:

        radix 2   y[i₀], y[i₁] = x[i₀] ± w(j)·x[i₁]                       iₙ = run + j + n·span/2
        radix 4   p₀, p₁ = x[i₀] ± w(2j)·x[i₁],  p₂, p₃ = x[i₂] ± w(2j)·x[i₃]
                  y[i₀], y[i₂] = p₀ ± w(j)·p₂                             iₙ = run + j + n·span/4
                  y[i₁], y[i₃] = p₁ ∓ i·w(j)·p₃

    A stage reads one of two buffers and writes the other, so no thread sees what another one writes; the data starts in
    buffer 0, and the last stage's `destination` holds the result.

    Attributes:
        kind: "bit_reverse" (y[n] = x[n with its log₂N bits reversed]) or "butterfly".
        radix: 1 for the reordering, else 2 or 4.
        span: numbers that a butterfly's runs have; N for the reordering.
        workgroups: to dispatch along x.
        source: buffer that is read, 0 or 1.
        destination: buffer that is written, the other one.
        entry_point: name of the function in the kernel.
    """

    kind: str
    radix: int
    span: int
    workgroups: int
    source: int
    destination: int
    entry_point: str


def dispatch_schedule(plan: SpiralKFftPlan) -> list[FftStage]:
    """The reordering and then the butterflies, from the shortest span to the whole length."""
    steps, span = [("bit_reverse", 1, plan.tile_cols)], 1
    for radix in radices(plan):
        span *= radix
        steps.append(("butterfly", radix, span))
    return [
        FftStage(kind, radix, span, _workgroups(plan, radix), place % 2, 1 - place % 2, f"stage_{place}")
        for place, (kind, radix, span) in enumerate(steps)
    ]


def radices(plan: SpiralKFftPlan) -> list[int]:
    """The radix of every butterfly stage; their product is N."""
    halvings = plan.tile_cols.bit_length() - 1
    if plan.radix == 2:
        return [2] * halvings
    return [2] * (halvings % 2) + [4] * (halvings // 2)


def _workgroups(plan: SpiralKFftPlan, radix: int) -> int:
    threads = plan.segments * plan.tile_cols // radix
    return -(-threads // plan.workgroup_size())
