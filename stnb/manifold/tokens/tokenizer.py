"""Bytes as token numbers that need no training.

    id(b, p) = specials + (b·prime + p) mod V            byte b at position p ≥ 0

The vocabulary is `<pad> <unk> <bos> <eos> <mask>`, then V hashed ids, then labels. For one position the map from
bytes to ids is injective when V/gcd(prime, V) ≥ 256. When prime and V are coprime it has the inverse

    b = (id − specials − p)·prime⁻¹ mod V,  accepted when b < 256

which needs the position: every id stands for some byte at about one position in V/256. The same byte at another
position is another token, so what is learned about ids does not carry over from place to place; memory is therefore
addressed by context (`stnb.manifold.tokens.contexts`), not by id.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.config import Config, quantity
from stnb._core.errors import InputError
from stnb.manifold.tokens.incoming import as_bytes, as_whole_numbers

if TYPE_CHECKING:
    from jaxtyping import Int64

__all__ = ["BYTES", "SPECIALS", "TokenizerConfig", "UniversalTokenizer"]

BYTES = 256
SPECIALS = ("<pad>", "<unk>", "<bos>", "<eos>", "<mask>")
BOS, EOS = SPECIALS.index("<bos>"), SPECIALS.index("<eos>")
LAST_POSITION = 2**53


@dataclass(frozen=True)
class TokenizerConfig(Config):
    """Size of the vocabulary and the multiplier of the hash."""

    hash_vocab_size: int = quantity(4096, low=1, high=2**24, help="hashed ids, V")
    hash_prime: int = quantity(31, low=1, high=2**31, help="multiplier of the byte")
    num_labels: int = quantity(0, low=0, high=2**24, help="ids after the hashed ones, for classes")


class UniversalTokenizer:
    """Any bytes to ids and, where the positions are known, back.

    >>> UniversalTokenizer().encode_text("hello").tolist()
    [3229, 3137, 3355, 3356, 3450]
    """

    def __init__(self, config: TokenizerConfig | None = None, **overrides: Any) -> None:
        self.config = (config or TokenizerConfig()).replace(**overrides)
        V, prime = self.config.hash_vocab_size, self.config.hash_prime
        self._inverse = pow(prime, -1, V) if math.gcd(prime, V) == 1 and V >= BYTES else None

    @property
    def label_offset(self) -> int:
        """Id of label 0."""
        return len(SPECIALS) + self.config.hash_vocab_size

    @property
    def vocab_size(self) -> int:
        """Number of ids: specials, hashed ids and labels."""
        return self.label_offset + self.config.num_labels

    @property
    def vocab(self) -> tuple[str, ...]:
        """A name for every id: the special token, `hash_i` or `label_i`."""
        return tuple(self.name(i) for i in range(self.vocab_size))

    def name(self, id: int) -> str:  # noqa: A002
        """Name of one id."""
        (i,) = self.require_ids(id).tolist()
        if i < len(SPECIALS):
            return SPECIALS[i]
        if i < self.label_offset:
            return f"hash_{i - len(SPECIALS)}"
        return f"label_{i - self.label_offset}"

    def encode_bytes(
        self, data: Any, *, position_offset: int = 0, bos: bool = False, eos: bool = False
    ) -> Int64[np.ndarray, " n"]:
        """Ids of bytes, an array of uint8 being flattened; `<bos>` and `<eos>` take no position."""
        values = as_bytes(data).astype(np.int64)
        first = _position(position_offset)
        ids = self._hashed(values, first + np.arange(len(values)))
        return np.concatenate([[BOS] * bos, ids, [EOS] * eos]).astype(np.int64)

    def encode_text(
        self, text: str, *, position_offset: int = 0, bos: bool = False, eos: bool = False
    ) -> Int64[np.ndarray, " n"]:
        """Ids of the UTF-8 bytes; characters without a UTF-8 form are dropped, and "<bos>" is five bytes."""
        if not isinstance(text, str):
            raise InputError(f"encode_text got {type(text).__name__}; give a str, or use encode_bytes.")
        return self.encode_bytes(
            text.encode("utf-8", errors="ignore"), position_offset=position_offset, bos=bos, eos=eos
        )

    def label_id(self, label: int) -> int:
        """Id of a class."""
        wrong = isinstance(label, bool) or not isinstance(label, (int, np.integer))
        if wrong or not 0 <= label < self.config.num_labels:
            there = f"0 to {self.config.num_labels - 1}" if self.config.num_labels else "none"
            raise InputError(
                f"label {label!r} does not exist; labels: {there}. Raise num_labels to add some."
            )
        return self.label_offset + int(label)

    def candidates(self, position: int) -> Int64[np.ndarray, " 256"]:
        """Ids that the 256 bytes have at a position."""
        return self._hashed(np.arange(BYTES), _position(position))

    def bytes_at(self, ids: Any, position: int | Int64[np.ndarray, " n"]) -> Int64[np.ndarray, " n"]:
        """The byte that each id stands for at a position, or −1 where no byte has that id there."""
        if self._inverse is None:
            V, prime = self.config.hash_vocab_size, self.config.hash_prime
            raise InputError(
                f"ids of hash_prime = {prime} modulo hash_vocab_size = {V} have no inverse; "
                f"it takes two coprime numbers and {BYTES} ids or more, such as 31 and 4096."
            )
        known = self.require_ids(ids)
        V = self.config.hash_vocab_size
        hashed = known - len(SPECIALS)
        offset = np.asarray(position, dtype=np.int64)
        byte = ((hashed - offset) % V * self._inverse) % V
        stands = (hashed >= 0) & (hashed < V) & (byte < BYTES)
        return np.where(stands, byte, -1)

    def decode(self, ids: Any, *, position_offset: int = 0) -> bytes:
        """The bytes behind ids whose first position is known; a leading `<bos>` and a trailing `<eos>` are skipped.

        Raises:
            InputError: for an id that no byte has at its position.
        """
        known = self.require_ids(ids)
        lead = int(known.size > 0 and known[0] == BOS)
        known = known[lead : len(known) - int(known.size > lead and known[-1] == EOS)]
        positions = _position(position_offset) + np.arange(len(known))
        found = self.bytes_at(known, positions)
        if (found < 0).any():
            i = int(np.argmax(found < 0))
            raise InputError(
                f"id {int(known[i])} ({self.name(int(known[i]))}) at position {int(positions[i])} belongs to no "
                "byte there; give position_offset as it was when the ids were made."
            )
        return found.astype(np.uint8).tobytes()

    def require_ids(self, ids: Any) -> Int64[np.ndarray, " n"]:
        """Ids as a flat array, refused when one lies outside the vocabulary."""
        known = as_whole_numbers("ids", ids)
        wrong = (known < 0) | (known >= self.vocab_size)
        if wrong.any():
            i = int(np.argmax(wrong))
            raise InputError(
                f"ids[{i}] = {int(known[i])} is outside the vocabulary; ids run from 0 to {self.vocab_size - 1}. "
                "Use ids of this tokenizer, or make hash_vocab_size or num_labels larger. Nothing was changed."
            )
        return known

    def _hashed(
        self, values: Int64[np.ndarray, " n"], positions: int | Int64[np.ndarray, " n"]
    ) -> Int64[np.ndarray, " n"]:
        return (values * self.config.hash_prime + positions) % self.config.hash_vocab_size + len(SPECIALS)

    def __repr__(self) -> str:
        c = self.config
        return f"UniversalTokenizer({self.vocab_size} ids: hash {c.hash_prime}·b + p mod {c.hash_vocab_size})"


def _position(value: int) -> int:
    wrong = isinstance(value, bool) or not isinstance(value, (int, np.integer))
    if wrong or not 0 <= value <= LAST_POSITION:
        raise InputError(f"position {value!r} must be a whole number from 0 to 2**53.")
    return int(value)
