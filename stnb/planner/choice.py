"""How one rank-k kernel is launched: sizes, merge strategy and the shape of a Fourier transform."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

from stnb._core.errors import InvalidValue
from stnb._core.numbers import whole
from stnb.planner import softlines, unison
from stnb.planner.fft.shape import LONGEST, MOST_SEGMENTS, RADICES
from stnb.planner.inputs import flag, power_of_two
from stnb.planner.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Choice"]

DETAILS_OF = {0: (3,), 1: (1, 2), 2: (4, 5)}
LOWEST = {"wg": 1, "kl": 1, "ch": 0, "tile": 0, "ctile": 0, "fft_tile": 0, "fft_radix": 0, "fft_segments": 0}


@dataclasses.dataclass(frozen=True)
class Choice(Record):
    """One consistent way to launch; an inconsistent one cannot be made.

    A warp merge (mk = 2) exchanges values between lanes: it needs subgroups and the detail 4 or 5. A shared merge
    (mk = 1) keeps a heap (mkd = 1) or merges k ways (2); a bitonic merge (mk = 0) is bitonic in detail (3). Long names
    serve as keys too: `choice["workgroup"]`, `"lanes"`, `"channel_stride"`, `"compaction_tile"`, `"two_stage"`,
    `"merge_kind"` and `"merge_detail"`; the last two give the words.

    Attributes:
        use_2ce: whether candidates are kept by a first dispatch and compacted by a second.
        wg: threads of a workgroup.
        kl: entries that a lane keeps in its loop over k.
        ch: columns between the channels of a wide row; 0 for one channel.
        mk: 0 bitonic, 1 shared, 2 warp.
        mkd: 1 heap, 2 kway, 3 bitonic, 4 warp_heap, 5 warp_bitonic.
        tile: columns of a sweep; 0 for unset.
        ctile: columns of a compaction; 0 for none.
        subgroup: whether lanes can exchange values.
        fft_tile: length of a transform, a power of two; 0 for none, and then `fft_radix` and `fft_segments` are 0 too.
        fft_radix: 2 or 4.
        fft_segments: transforms side by side, 1 to 4.
    """

    use_2ce: bool
    wg: int
    kl: int
    ch: int
    mk: int
    mkd: int
    tile: int
    ctile: int
    subgroup: bool
    fft_tile: int = 0
    fft_radix: int = 0
    fft_segments: int = 0

    ALIASES: ClassVar[Mapping[str, str]] = {
        "two_stage": "use_2ce",
        "workgroup": "wg",
        "lanes": "kl",
        "channel_stride": "ch",
        "merge_kind": "merge_kind",
        "merge_detail": "merge_detail",
        "compaction_tile": "ctile",
    }

    def __post_init__(self) -> None:
        flag("use_2ce", self.use_2ce)
        flag("subgroup", self.subgroup)
        for name, low in LOWEST.items():
            object.__setattr__(self, name, whole(name, getattr(self, name), low=low))
        self._check_merge()
        self._check_transform()

    @property
    def merge_kind(self) -> str:
        """The word for `mk`: "bitonic", "shared" or "warp"."""
        return unison.MERGES[self.mk]

    @property
    def merge_detail(self) -> str:
        """The word for `mkd`: "heap", "kway", "bitonic", "warp_heap" or "warp_bitonic"."""
        return unison.DETAILS[self.mkd]

    def as_dict(self) -> dict[str, Any]:
        """Every field by name."""
        return dict(self)

    def to_unison_script(self, kind: str) -> str:
        """A block of lines for people and logs, `unison topk { workgroup 32 … }`; see `from_unison_script`."""
        return unison.write(kind, self)

    @classmethod
    def from_unison_script(cls, text: str) -> Choice:
        """The choice that such a block describes; the kind in its first line is checked and left out.

        Raises:
            InvalidValue: with the number of the line, for anything that is no such block.
        """
        return cls(**unison.read(text))

    def to_spiralk(self, kind: str, weight: float = 0.2, cond: str = "true") -> str:
        """The same as wishes of a SpiralK program, one a line: `soft(field, value, weight, cond);`.

        Fields that are unset (0), and the compaction of a TopK plan, are no wishes.

        Args:
            kind: of the plan.
            weight: of every wish; below 0 it speaks against.
            cond: the condition under which the wishes hold, one expression such as "c >= 1024".
        """
        return softlines.wishes(kind, self, weight, cond)

    def _check_merge(self) -> None:
        allowed = DETAILS_OF.get(whole("mk", self.mk))
        if allowed is None:
            raise InvalidValue(f"mk = {self.mk} is no merge; give 0 (bitonic), 1 (shared) or 2 (warp).")
        if whole("mkd", self.mkd) not in allowed:
            fitting = " or ".join(f"{code} ({unison.DETAILS[code]})" for code in allowed)
            raise InvalidValue(
                f"mkd = {self.mkd} does not fit mk = {self.mk} ({self.merge_kind}); give {fitting}."
            )
        if self.mk == 2 and not self.subgroup:
            raise InvalidValue(
                "mk = 2 (warp) needs subgroup = True; give mk = 1 (shared) or 0 (bitonic) without."
            )

    def _check_transform(self) -> None:
        shape = (self.fft_tile, self.fft_radix, self.fft_segments)
        if not any(shape):
            return
        power_of_two("fft_tile", self.fft_tile, high=LONGEST)
        if self.fft_radix not in RADICES:
            raise InvalidValue(f"fft_radix = {self.fft_radix} is no radix; give 2 or 4.")
        if not 1 <= self.fft_segments <= MOST_SEGMENTS:
            raise InvalidValue(f"fft_segments = {self.fft_segments} must be from 1 to {MOST_SEGMENTS}.")
