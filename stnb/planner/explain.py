"""A plan in words: one line, a table, and a reason for every field."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from stnb.planner.baseline import (
    LEAST_THREADS,
    LONGEST_FFT,
    ONE_CHANNEL,
    SCARCE,
    SEGMENTS,
    SHORTEST_FFT,
    WIDE,
    choose_baseline,
    shared_below,
)
from stnb.planner.inputs import RankKind

if TYPE_CHECKING:
    from stnb.planner.choice import Choice
    from stnb.planner.rank import RankPlan

__all__ = ["explain", "reasons", "summary", "table"]


def explain(plan: RankPlan) -> dict[str, Any]:
    """The source, the candidates with their scores, and the reasons; plain values throughout.

    The baseline is the only candidate; it is shown as it was before refinement. Its score is the occupancy of its
    workgroup, `DeviceCaps.occupancy_score`.
    """
    proposed = _baseline(plan)
    return {
        "source": plan.source,
        "device": plan.caps.as_dict(),
        "candidates": {"baseline": proposed.as_dict()},
        "scores": {"baseline": {"occupancy": plan.caps.occupancy_score(proposed.wg)}},
        "reasons": reasons(plan),
    }


def reasons(plan: RankPlan) -> dict[str, str]:
    """Field by field, why the baseline has the value that it has."""
    caps, choice = plan.caps, _baseline(plan)
    lane = f"l = {caps.lane_width}"
    memory = caps.shared_mem_per_workgroup
    known = "unknown shared memory" if memory is None else f"{memory} bytes of shared memory"
    return {
        "use_2ce": _two_stage(plan, choice),
        "wg": f"{8 if caps.subgroup else 4} rows of lanes ({lane}) or {LEAST_THREADS} threads, for {plan.rows} rows",
        "kl": f"k = {plan.k} beside 4l = {4 * caps.lane_width} and 2l = {2 * caps.lane_width}",
        "ch": f"{plan.cols} columns: {'one channel' if choice.ch == 0 else f'more than {ONE_CHANNEL}, {known}'}",
        "mk": f"k = {plan.k} on {caps.backend} {'with' if caps.subgroup else 'without'} subgroups: "
        f"{choice.merge_kind} merge",
        "mkd": f"{choice.merge_detail} is the detail of a {choice.merge_kind} merge for k = {plan.k}",
        "tile": f"a power of two within {plan.cols} columns, {lane}, at most {caps.max_workgroup} threads, {known}",
        "ctile": _compaction(plan, choice),
        "subgroup": f"the {caps.backend} device {'has' if caps.subgroup else 'lacks'} subgroups",
        "fft_tile": f"the next power of two of {plan.cols} columns, from {SHORTEST_FFT} to {LONGEST_FFT}",
        "fft_radix": "4 halves the number of passes; an odd log₂ of the length takes one pass of radix 2",
        "fft_segments": f"{plan.cols} columns: "
        + ", ".join(f"{most} above {columns}" for columns, most in SEGMENTS),
    }


def summary(plan: RankPlan) -> str:
    """One line."""
    choice = plan.choice
    stages = "two stages" if choice.use_2ce else "one stage"
    compaction = f", compaction {choice.ctile}" if choice.ctile else ""
    return (
        f"RankPlan({plan.kind}, {plan.rows}×{plan.cols}, k={plan.k}, {plan.caps.backend}: "
        f"{choice.merge_kind} {choice.merge_detail}, workgroup {choice.wg}, lanes {choice.kl}, tile {choice.tile}"
        f"{compaction}, {stages}; {plan.source})"
    )


def table(plan: RankPlan) -> str:
    """The same as a table, with reasons."""
    shown = plan.choice.as_dict() | {
        "mk": f"{plan.choice.mk} {plan.choice.merge_kind}",
        "mkd": f"{plan.choice.mkd} {plan.choice.merge_detail}",
    }
    rows = "".join(
        f"<tr><th>{name}</th><td>{html.escape(str(shown[name]))}</td><td>{html.escape(reason)}</td></tr>"
        for name, reason in reasons(plan).items()
    )
    title = f"{plan.kind}, k = {plan.k} of {plan.cols}, {plan.rows} rows, {plan.caps.backend}: {plan.source}"
    return f"<table><caption>{html.escape(title)}</caption>{rows}</table>"


def _baseline(plan: RankPlan) -> Choice:
    return choose_baseline(RankKind(plan.kind), plan.rows, plan.cols, plan.k, plan.caps)


def _two_stage(plan: RankPlan, choice: Choice) -> str:
    verdict = "two stages" if choice.use_2ce else "one stage"
    if shared_below(SCARCE, plan.caps):
        return f"{verdict}: less than {SCARCE} bytes of shared memory"
    return f"{verdict}: {plan.cols} columns beside {WIDE}, k = {plan.k} beside 4l, {plan.rows} rows"


def _compaction(plan: RankPlan, choice: Choice) -> str:
    if plan.kind == RankKind.TopK:
        return "TopK has no compaction"
    half = ", half a sweep at most" if plan.kind == RankKind.BottomK else ""
    return f"by {plan.cols} columns, at most the sweep of {choice.tile}{half}"
