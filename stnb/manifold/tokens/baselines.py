"""Ordinary predictors to stand beside the engine, all with the same two methods.

    predict_next() → probability of each byte as the next one
    observe(data)  → learn from it

* `LastByte`: the byte just read comes again, p = (n + 1)/(m + 2), with m the predictions made and n those that held;
  the others share the rest.
* `NGram(n)`: counts c_b after each context of up to n bytes, mixed from short to long by Witten and Bell's escape,
  p_k(b) = (c_b + u·p_{k−1}(b))/(Σc + u), u being the distinct bytes seen and p_{−1} = 1/256. n = 0 is the adaptive
  unigram, n = 1 the bigram with a way back.
* `BoundedNGram(n, bytes)`: a table of (context, successor, count) rows of which there are only as many as fit into
  `bytes`; the row that was used least recently makes room. It mixes by the engine's own formula (`readout`), so that
  what differs is the memory.

Reference: I. H. Witten, T. C. Bell, *The zero-frequency problem* (IEEE Trans. Information Theory 37, 1991), method C.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from stnb._core.errors import InputError
from stnb.manifold.tokens.incoming import as_bytes
from stnb.manifold.tokens.readout import escape_mixture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jaxtyping import Float64

__all__ = ["ROW_BYTES", "BoundedNGram", "LastByte", "NGram", "Predictor"]

ROW_BYTES = 8 + 1 + 4
"""A row of the bounded table: a key of 64 bits, a byte, a count of 32 bits. What finds a row is not charged."""


class Predictor(Protocol):
    """What can be evaluated byte by byte."""

    def predict_next(self) -> Any:
        """256 probabilities."""
        ...

    def observe(self, data: Any) -> None:
        """Learn from bytes."""
        ...


class LastByte:
    """Whatever came comes again."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._made = self._held = 0

    def predict_next(self) -> Float64[np.ndarray, " 256"]:
        """Most on the last byte, the rest spread evenly."""
        if self._last is None:
            return np.full(256, 1 / 256)
        sure = (self._held + 1) / (self._made + 2)
        p = np.full(256, (1 - sure) / 255)
        p[self._last] = sure
        return p

    def observe(self, data: Any) -> None:
        """Count how often it held."""
        for byte in as_bytes(data).tolist():
            if self._last is not None:
                self._made += 1
                self._held += byte == self._last
            self._last = byte


class NGram:
    """Counts without any limit, with Witten and Bell's escape."""

    def __init__(self, order: int) -> None:
        self._order = _checked_order(order)
        self._counts: dict[bytes, Float64[np.ndarray, " 256"]] = {}
        self._history = b""

    def predict_next(self) -> Float64[np.ndarray, " 256"]:
        """The mixture over all contexts that were met."""
        p = np.full(256, 1 / 256)
        for context in _contexts(self._history, self._order):
            counts = self._counts.get(context)
            if counts is not None:
                distinct = np.count_nonzero(counts)
                p = (counts + distinct * p) / (counts.sum() + distinct)
        return p

    def observe(self, data: Any) -> None:
        """Count each byte after every context."""
        for byte in as_bytes(data).tolist():
            for context in _contexts(self._history, self._order):
                if context not in self._counts:
                    self._counts[context] = np.zeros(256)
                self._counts[context][byte] += 1
            self._history = _recent(self._history, byte, self._order)


class BoundedNGram:
    """Counts in a table of limited size; the row that was used least recently makes room."""

    def __init__(self, order: int, size: int, *, discount: float = 0.75) -> None:
        self._order = _checked_order(order)
        self.rows = size // ROW_BYTES
        if self.rows < 1:
            raise InputError(f"size = {size!r} bytes holds no row; a row takes {ROW_BYTES} bytes, give more.")
        self._discount = discount
        self._used: OrderedDict[tuple[bytes, int], None] = OrderedDict()
        self._counts: dict[bytes, dict[int, float]] = {}
        self._history = b""

    def predict_next(self) -> Float64[np.ndarray, " 256"]:
        """The engine's mixture, of counts."""
        return escape_mixture(self._evidence(), self._discount)

    def observe(self, data: Any) -> None:
        """Count each byte after the longest context, and after shorter ones until one knew it."""
        for byte in as_bytes(data).tolist():
            for context in reversed(list(_contexts(self._history, self._order))):
                known = byte in self._counts.get(context, ())
                self._count(context, byte)
                if known:
                    break
            self._history = _recent(self._history, byte, self._order)

    def _count(self, context: bytes, byte: int) -> None:
        row = (context, byte)
        if row not in self._used and len(self._used) == self.rows:
            (old, successor), _ = self._used.popitem(last=False)
            del self._counts[old][successor]
            if not self._counts[old]:
                del self._counts[old]
        self._used[row] = None
        self._used.move_to_end(row)
        successors = self._counts.setdefault(context, {})
        successors[byte] = successors.get(byte, 0.0) + 1.0

    def _evidence(self) -> Iterator[tuple[Float64[np.ndarray, " 256"], float]]:
        for context in _contexts(self._history, self._order):
            evidence = np.zeros(256)
            for byte, count in self._counts.get(context, {}).items():
                evidence[byte] = count
            yield evidence, 0.0


def _contexts(history: bytes, order: int) -> Iterator[bytes]:
    """The last 0, 1, … bytes of the history, as far as it reaches."""
    return (history[len(history) - n :] for n in range(min(order, len(history)) + 1))


def _recent(history: bytes, byte: int, order: int) -> bytes:
    longer = history + bytes([byte])
    return longer[max(0, len(longer) - order) :]


def _checked_order(order: int) -> int:
    if isinstance(order, bool) or not isinstance(order, int) or order < 0:
        raise InputError(f"order = {order!r}; give a whole number of bytes, 0 or more.")
    return order
