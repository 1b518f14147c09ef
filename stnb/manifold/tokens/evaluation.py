"""Prequential evaluation: every byte is predicted before it is read.

    accuracy       share of bytes that were the likeliest, of equals the smallest
    bits per byte  −(1/n)·Σ log₂ p(byte)

Every predictor starts knowing nothing and sees the same stream.
"""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import InputError, nearest
from stnb.manifold.tokens.baselines import BoundedNGram, LastByte, NGram
from stnb.manifold.tokens.incoming import as_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Bool, Float64

    from stnb.manifold.tokens.baselines import Predictor
    from stnb.manifold.tokens.engine import TokenEngine

__all__ = ["Report", "Score", "compare", "ordinary_predictors", "prequential"]

ENGINE = "token engine"


@dataclass(frozen=True)
class Score:
    """How one predictor did on one stream."""

    name: str
    hits: Bool[np.ndarray, " n"]
    bits: Float64[np.ndarray, " n"]

    @property
    def accuracy(self) -> float:
        """Share of right guesses."""
        return float(self.hits.mean())

    @property
    def bits_per_byte(self) -> float:
        """Mean cost of a byte; 8 for one who knows nothing."""
        return float(self.bits.mean())


@dataclass(frozen=True)
class Report:
    """Scores side by side, printed as text and as HTML."""

    scores: tuple[Score, ...]
    length: int

    def __getitem__(self, name: str) -> Score:
        for score in self.scores:
            if score.name == name:
                return score
        raise InputError(f"the report has no row {name!r}; {nearest(name, self.names)}")

    @property
    def names(self) -> tuple[str, ...]:
        """Of the predictors, in the order of the rows."""
        return tuple(score.name for score in self.scores)

    def lead(self, over: str, name: str = ENGINE) -> float:
        """Accuracy of `name` minus that of another; negative when it loses."""
        return self[name].accuracy - self[over].accuracy

    def __str__(self) -> str:
        width = max(map(len, self.names))
        head = f"{'':<{width}}  accuracy  bits per byte"
        rows = (f"{s.name:<{width}}  {s.accuracy:8.4f}  {s.bits_per_byte:13.3f}" for s in self.scores)
        return "\n".join([f"{self.length} bytes, each predicted before it was read", head, *rows])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        left = "style='text-align:left'"
        body = "".join(
            f"<tr><td {left}>{html.escape(s.name)}</td><td>{s.accuracy:.4f}</td><td>{s.bits_per_byte:.3f}</td></tr>"
            for s in self.scores
        )
        return (
            f"<table><caption>{self.length} bytes, each predicted before it was read</caption>"
            f"<thead><tr><th></th><th>accuracy</th><th>bits per byte</th></tr></thead><tbody>{body}</tbody></table>"
        )


def prequential(name: str, predictor: Predictor, data: Any) -> Score:
    """Predict each byte, then let the predictor read it."""
    stream = as_bytes(data)
    hits, bits = np.zeros(len(stream), bool), np.zeros(len(stream))
    for t, byte in enumerate(stream.tolist()):
        p = predictor.predict_next()
        hits[t] = int(np.argmax(p)) == byte
        bits[t] = -math.log2(p[byte])
        predictor.observe(stream[t : t + 1])
    return Score(name, hits, bits)


def ordinary_predictors(memory_bytes: int, order: int = 3) -> dict[str, Predictor]:
    """The baselines by name; the last one has a table of `memory_bytes`."""
    return {
        "last byte again": LastByte(),
        "unigram": NGram(0),
        "bigram": NGram(1),
        f"order-{order} Witten–Bell": NGram(order),
        f"order-{order} table of equal memory": BoundedNGram(order, memory_bytes),
    }


def compare(data: Any, engine: TokenEngine, others: Mapping[str, Predictor] | None = None) -> Report:
    """The baselines and a fresh engine on the same stream."""
    stream = as_bytes(data)
    order = max(engine.config.orders)
    rivals = ordinary_predictors(engine.memory_bytes, order) if others is None else others
    rows = [prequential(name, rival, stream) for name, rival in rivals.items()]
    return Report((*rows, prequential(ENGINE, engine, stream)), len(stream))
