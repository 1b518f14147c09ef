"""The baseline: a launch by rules of thumb alone. All of them are conventions of this project, none a measurement."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from stnb.planner.caps import COMPACTION, step_for
from stnb.planner.choice import Choice
from stnb.planner.inputs import RankKind

if TYPE_CHECKING:
    from stnb.planner.caps import DeviceCaps

__all__ = [
    "choose_baseline",
    "compaction_tile",
    "fft_shape",
    "k_loop",
    "merge_codes",
    "refined",
    "sweep_tile",
    "two_stage",
    "workgroup",
]

KIB = 1024
TIGHT, SCARCE = 48 * KIB, 32 * KIB
LEAST_THREADS, LEAST_TILE = 64, 128
SHORTEST_SWEEP, LONGEST_SWEEP = 256, 16_384
ONE_CHANNEL = 16_384
WIDE = 32_768
SEGMENTS = ((131_072, 4), (32_768, 2), (0, 1))
SHORTEST_FFT, LONGEST_FFT = 2, 8192
MOST_SHARED = {"cuda": 4096, "hip": 4096, "mps": 2048, "wgpu": 2048}


def choose_baseline(kind: RankKind, rows: int, cols: int, k: int, caps: DeviceCaps) -> Choice:
    """The launch for k of each of `rows` rows of `cols` numbers, before `refined`."""
    mk, mkd = merge_codes(k, caps)
    tile = sweep_tile(cols, caps)
    fft_tile, fft_radix, fft_segments = fft_shape(cols)
    return Choice(
        use_2ce=two_stage(rows, cols, k, caps),
        wg=workgroup(rows, caps),
        kl=k_loop(k, caps),
        ch=channel_stride(cols, caps),
        mk=mk,
        mkd=mkd,
        tile=tile,
        ctile=compaction_tile(kind, cols, tile, caps),
        subgroup=caps.subgroup,
        fft_tile=fft_tile,
        fft_radix=fft_radix,
        fft_segments=fft_segments,
    )


def refined(choice: Choice, kind: RankKind) -> Choice:
    """The launch that a plan shows: without a compaction where the kind has none (TopK)."""
    return dataclasses.replace(choice, ctile=0) if kind is RankKind.TopK else choice


def workgroup(rows: int, caps: DeviceCaps) -> int:
    """8l threads with subgroups, 4l without, 64 at least; for fewer rows, a multiple of l that holds them."""
    usual = caps.align_workgroup(max((8 if caps.subgroup else 4) * caps.lane_width, LEAST_THREADS))
    return caps.align_workgroup(min(rows, usual))


def k_loop(k: int, caps: DeviceCaps) -> int:
    """32 entries a lane for k > 4l, 16 for k > 2l, else 8."""
    return 32 if k > 4 * caps.lane_width else 16 if k > 2 * caps.lane_width else 8


def channel_stride(cols: int, caps: DeviceCaps) -> int:
    """0 up to 16384 columns, then 8192, or 4096 on a processor and where shared memory is below 48 KiB."""
    if cols <= ONE_CHANNEL:
        return 0
    return 4096 if caps.backend == "cpu" or shared_below(TIGHT, caps) else 8192


def merge_codes(k: int, caps: DeviceCaps) -> tuple[int, int]:
    """The codes `mk` and `mkd`: within a warp for small k, in shared memory for larger ones, else bitonic.

    A warp needs subgroups and k ≤ 256 (WebGPU, Apple), 4l (CUDA) or 2l (ROCm), and is bitonic from k = 129 on. Shared
    memory needs k ≤ 2048 (WebGPU, Apple) or 4096, and merges k ways from k = 1025 on. A processor is always bitonic.
    """
    if caps.subgroup and k <= _most_in_a_warp(caps):
        return 2, 4 if k <= 128 else 5
    if k <= MOST_SHARED.get(caps.backend, 0):
        return 1, 1 if k <= 1024 else 2
    return 0, 3


def two_stage(rows: int, cols: int, k: int, caps: DeviceCaps) -> bool:
    """Whether to keep candidates first and compact them later: for more than 32768 columns, or for k > 4l in many rows.

    Many are 256 on WebGPU and Apple, and more than 8l on CUDA and ROCm. A processor does so for wide rows only, where
    there are more than 512; and nobody does with less than 32 KiB of shared memory.
    """
    if shared_below(SCARCE, caps):
        return False
    wide, deep = cols > WIDE, k > 4 * caps.lane_width
    if caps.backend == "cpu":
        return wide and rows > 512
    many = rows > 8 * caps.lane_width if caps.backend in {"cuda", "hip"} else rows >= 256
    return wide or (deep and many)


def sweep_tile(cols: int, caps: DeviceCaps) -> int:
    """The largest power of two from 256 to 16384 that is not beyond `cols`, in whole lanes, at most M·l or 128.

    Where the shared memory S is known, S/(8l) is the most.
    """
    widest = 1 << (cols.bit_length() - 1)
    size = max(min(widest, LONGEST_SWEEP), SHORTEST_SWEEP)
    most = max(caps.max_workgroup * caps.lane_width, caps.align_within(LEAST_TILE, LONGEST_SWEEP))
    if caps.shared_mem_per_workgroup is not None:
        most = min(most, caps.shared_mem_per_workgroup // (8 * caps.lane_width))
    return caps.align_within(size, most)


def compaction_tile(kind: RankKind, cols: int, tile: int, caps: DeviceCaps) -> int:
    """256, 512 or 1024 columns by the width of a row, 512 at most below 48 KiB of shared memory, the sweep at most.

    BottomK compacts half a sweep at most. 128 at least, where the sweep allows it.
    """
    size = min(step_for(cols, COMPACTION), tile)
    if shared_below(TIGHT, caps):
        size = min(size, 512)
    if kind is RankKind.BottomK:
        size = min(size, tile // 2)
    return caps.align_within(max(size, LEAST_TILE), tile)


def fft_shape(cols: int) -> tuple[int, int, int]:
    """Length, radix and segments of a transform of rows of `cols` numbers.

    The length is the next power of two, from 2 to 8192; the radix is 4, with one stage of radix 2 where the length asks
    for it; 2 segments above 32768 columns and 4 above 131072.
    """
    length = min(max(1 << (cols - 1).bit_length(), SHORTEST_FFT), LONGEST_FFT)
    return length, 4, step_for(cols, SEGMENTS)


def shared_below(size: int, caps: DeviceCaps) -> bool:
    """Whether the shared memory is known to be less than `size` bytes."""
    return caps.shared_mem_per_workgroup is not None and caps.shared_mem_per_workgroup < size


def _most_in_a_warp(caps: DeviceCaps) -> int:
    lanes = {"cuda": 4 * caps.lane_width, "hip": 2 * caps.lane_width, "cpu": 0}
    return lanes.get(caps.backend, 256)
