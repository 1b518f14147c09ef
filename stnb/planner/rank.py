"""Rank plans: which k of each row, on which device, launched how."""

from __future__ import annotations

import dataclasses
from typing import Any

from stnb._core.errors import InvalidDimensions, InvalidValue
from stnb._core.numbers import whole
from stnb.planner.baseline import choose_baseline, refined
from stnb.planner.caps import DeviceCaps
from stnb.planner.choice import Choice
from stnb.planner.devices import caps_for
from stnb.planner.fft.shape import SpiralKFftPlan
from stnb.planner.inputs import RankKind, rank_kind
from stnb.planner.record import Record

__all__ = ["RankPlan", "plan", "plan_bottomk", "plan_midk", "plan_rank", "plan_topk"]

SOURCES = ("baseline",)


@dataclasses.dataclass(frozen=True, repr=False)
class RankPlan(Record):
    """How to find k entries of each row on a device: advice for a kernel, which never changes a result.

    Fields are attributes and keys alike, down to `plan["choice"]["tile"]`.

    Attributes:
        kind: "topk", "midk" or "bottomk", a `RankKind`.
        rows: of the matrix.
        cols: numbers of a row.
        k: entries wanted, 1 to cols.
        choice: the launch.
        source: who proposed it: "baseline", the rules of thumb.
        caps: the device that it is for.
    """

    kind: str
    rows: int
    cols: int
    k: int
    choice: Choice
    source: str
    caps: DeviceCaps

    def __post_init__(self) -> None:
        for name, kind in (("choice", Choice), ("caps", DeviceCaps)):
            value = getattr(self, name)
            if not isinstance(value, kind):
                raise TypeError(f"{name} is of type {type(value).__name__}; give a {kind.__name__}.")
        if self.source not in SOURCES:
            raise InvalidValue(f"source = {self.source!r} is unknown; give 'baseline'.")
        object.__setattr__(self, "kind", rank_kind(self.kind))
        for name, value in zip(("rows", "cols", "k"), sizes(self.rows, self.cols, self.k), strict=True):
            object.__setattr__(self, name, value)
        self._check_fit()

    def fft_plan(self) -> SpiralKFftPlan:
        """The Fourier transform of a row's tile."""
        choice = self.choice
        if choice.fft_tile == 0:
            raise InvalidValue(
                "the choice has no transform (fft_tile = 0); set fft_tile, fft_radix and fft_segments."
            )
        return SpiralKFftPlan(choice.fft_radix, choice.fft_tile, choice.fft_segments, choice.subgroup)

    def fft_wgsl(self) -> str:
        """Its kernel in WGSL."""
        return self.fft_plan().emit_wgsl()

    def fft_spiralk_hint(self) -> str:
        """Its shape as three wishes of a SpiralK program."""
        return self.fft_plan().emit_spiralk_hint()

    def to_unison_script(self, kind: str | None = None) -> str:
        """The choice as a block of lines, under the plan's own kind unless another is named."""
        return self.choice.to_unison_script(self.kind if kind is None else kind)

    def explain(self) -> dict[str, Any]:
        """Where the choice comes from: `source`, `candidates` and their `scores`, and a reason for every field."""
        from stnb.planner.explain import explain

        return explain(self)

    def __repr__(self) -> str:
        from stnb.planner.explain import summary

        return summary(self)

    def _repr_html_(self) -> str:
        from stnb.planner.explain import table

        return table(self)

    def _check_fit(self) -> None:
        choice, caps = self.choice, self.caps
        if choice.wg % caps.lane_width or choice.wg > caps.max_workgroup:
            raise InvalidValue(
                f"wg = {choice.wg} does not fit a device of {caps.lane_width} lanes and {caps.max_workgroup} threads a "
                f"workgroup; give {caps.align_workgroup(choice.wg)}."
            )
        if choice.subgroup and not caps.subgroup:
            raise InvalidValue("the choice uses subgroups, and the device has none; give subgroup = False.")
        if self.kind == RankKind.TopK and choice.ctile:
            raise InvalidValue(f"ctile = {choice.ctile}, and TopK has no compaction; give ctile = 0.")


def plan(kind: str, rows: int, cols: int, k: int, device: str | DeviceCaps | None = None) -> RankPlan:
    """Plan how to find k entries of each of `rows` rows of `cols` numbers.

    Args:
        kind: "topk" (or "top"), "midk" or "bottomk", in any case.
        rows: at least 1.
        cols: at least 1.
        k: 1 to cols.
        device: a name as for `describe_device`, or a `DeviceCaps`. "auto" (as None) is the back end of the best device
            that the running torch drives.

    Raises:
        InvalidValue: for an unknown kind or device, or k > cols.
        InvalidDimensions: for an axis below 1.

    >>> plan("topk", 8, 65536, 1024, "wgpu")["choice"]["merge_kind"]
    'shared'
    """
    return plan_rank(kind, rows, cols, k, caps_for(device))


def plan_topk(rows: int, cols: int, k: int, device: str | DeviceCaps | None = None) -> RankPlan:
    """`plan` for the k largest entries of each row."""
    return plan(RankKind.TopK, rows, cols, k, device)


def plan_midk(rows: int, cols: int, k: int, device: str | DeviceCaps | None = None) -> RankPlan:
    """`plan` for k entries in the middle of each row's order."""
    return plan(RankKind.MidK, rows, cols, k, device)


def plan_bottomk(rows: int, cols: int, k: int, device: str | DeviceCaps | None = None) -> RankPlan:
    """`plan` for the k smallest entries of each row."""
    return plan(RankKind.BottomK, rows, cols, k, device)


def plan_rank(kind: str, rows: int, cols: int, k: int, caps: DeviceCaps) -> RankPlan:
    """`plan` for a device that is described by its capabilities."""
    if not isinstance(caps, DeviceCaps):
        raise TypeError(
            f"caps is of type {type(caps).__name__}; give a DeviceCaps, or call plan with a name."
        )
    sort = rank_kind(kind)
    rows, cols, k = sizes(rows, cols, k)
    choice = refined(choose_baseline(sort, rows, cols, k, caps), sort)
    return RankPlan(sort, rows, cols, k, choice, "baseline", caps)


def sizes(rows: int, cols: int, k: int) -> tuple[int, int, int]:
    """Three whole numbers, 1 ≤ rows, 1 ≤ k ≤ cols."""
    height = whole("rows", rows, low=1, error=InvalidDimensions)
    width = whole("cols", cols, low=1, error=InvalidDimensions)
    wanted = whole("k", k, low=1)
    if wanted > width:
        raise InvalidValue(f"k = {wanted} is more than cols = {width}; give k from 1 to {width}.")
    return height, width, wanted
