"""The meter: a rolling window of tokens, its metrics against their own past, and one index out of them."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stnb._core.errors import ShapeMismatch
from stnb._core.numbers import whole
from stnb.psi.psychoid.dreams import dream
from stnb.psi.psychoid.lexicons import Lexicon, lexicons_of
from stnb.psi.psychoid.metrics import cosine, divergence, joined, lexical, softmax, strain
from stnb.psi.psychoid.records import KEYS, PsychoidReading, PsychoidSample
from stnb.psi.psychoid.robust import History, robust_z

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jaxtyping import Float

    from stnb.psi.psychoid.records import PsychoidEvent, PsychoidFrame

__all__ = ["PsychoidMeter", "index_of"]

LOWEST, HIGHEST = math.nextafter(0.0, 1.0), math.nextafter(1.0, 0.0)


class Token(NamedTuple):
    """What the window keeps of a token: how far it lies from the one before, and what it spells."""

    divergence: float
    turn: float
    text: str


class PsychoidMeter:
    """Self-metrics of a model over its latest tokens; see `stnb.psi.psychoid.metrics` for the formulas.

    The window keeps three values a token, so its memory does not grow with the vocabulary. The index is a convention of
    this project and nothing acts on it.

    Args:
        window: how many tokens count, at least 1.
        seed: for the symbols of the diary, the only thing that is drawn.
        lexicons: lists of phrases in the place of those in `stnb.psi.psychoid.LEXICONS`, by name.
    """

    def __init__(
        self, window: int = 256, *, seed: int = 0, lexicons: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        phrases = lexicons_of(lexicons)
        self._tokens: deque[Token] = deque(maxlen=whole("window", window, low=1))
        self._random = np.random.default_rng(whole("seed", seed))
        self._lexicons = {name: Lexicon(listed) for name, listed in phrases.items()}
        self._symbols = phrases["symbols"]
        self._first: np.ndarray | None = None
        self._latest: PsychoidFrame | None = None
        self._history = History(len(KEYS))
        self._ritual: float | None = None
        self._step = 0

    def observe(self, sample: PsychoidSample) -> tuple[PsychoidReading, list[PsychoidEvent]] | None:
        """Take some tokens in and read the window; None for a sample without any, which changes nothing.

        Raises:
            ShapeMismatch: when logits or activations have another length than those before; nothing has changed then.
        """
        if not isinstance(sample, PsychoidSample):
            raise TypeError(f"sample is of type {type(sample).__name__}; give a PsychoidSample.")
        if not sample.frames:
            return None
        self._refuse_other_lengths(sample.frames)
        for frame in sample.frames:
            self._take(frame)
        text = joined([token.text for token in self._tokens])
        raw = self._raw(text, sample.prompt)
        row = np.array([raw[key] for key in KEYS])
        z: dict[str, float] = dict(zip(KEYS, robust_z(row, self._history.past()).tolist(), strict=True))
        self._history.push(row)
        reading = PsychoidReading(self._step, index_of(z), raw, z)
        self._step += 1
        refusals = self._lexicons["refusal"].found(text)
        return reading, dream(reading, refusals, self._symbols, self._random)

    def _take(self, frame: PsychoidFrame) -> None:
        prediction, before = softmax(frame.logits), self._latest
        if self._first is None or before is None:
            self._first = prediction
            self._tokens.append(Token(0.0, 0.0, frame.token_text))
        else:
            change = divergence(softmax(before.logits), prediction)
            self._tokens.append(Token(change, 1.0 - cosine(before.hidden, frame.hidden), frame.token_text))
        self._latest = frame

    def _raw(self, text: str, prompt: str) -> dict[str, float]:
        steps = list(self._tokens)[1:]
        found = lexical(text, prompt, self._lexicons)
        found["RRI"] = 0.0 if self._ritual is None else found["RR"] - self._ritual
        self._ritual = found["RR"]
        found["D"] = math.fsum(token.divergence for token in steps) / max(1, len(steps))
        found["C"] = math.fsum(token.turn for token in steps) / max(1, len(steps))
        found["K"] = self._drift()
        found["AX"] = strain(found)
        return {key: found[key] for key in KEYS}

    def _drift(self) -> float:
        if self._first is None or self._latest is None:
            return 0.0
        return divergence(softmax(self._latest.logits), self._first)

    def _refuse_other_lengths(self, frames: Sequence[PsychoidFrame]) -> None:
        like = self._latest or frames[0]
        for i, frame in enumerate(frames):
            for name in ("logits", "hidden"):
                _refuse_other_length(f"frames[{i}].{name}", getattr(frame, name), getattr(like, name))


def index_of(z: Mapping[str, Any]) -> float:
    """CTI = σ(0.75·tanh(mean of z⁺ over D, C, K, NU) + 0.45 z⁺_RRI + 0.25 z⁺_H + 0.15 z⁺_NU − 0.35 z⁺_AX).

    z⁺ = max(0, z) and σ(x) = 1/(1 + e⁻ˣ); always inside (0, 1), and 0.5 where no z is above 0.
    """
    above = {key: max(0.0, z[key]) for key in KEYS}
    news = math.tanh(math.fsum(above[key] for key in ("D", "C", "K", "NU")) / 4.0)
    terms = (0.75 * news, 0.45 * above["RRI"], 0.25 * above["H"], 0.15 * above["NU"], -0.35 * above["AX"])
    return min(max(0.5 + 0.5 * math.tanh(0.5 * math.fsum(terms)), LOWEST), HIGHEST)


def _refuse_other_length(label: str, given: Float[np.ndarray, " n"], known: Float[np.ndarray, " m"]) -> None:
    if given.shape != known.shape:
        raise ShapeMismatch(
            f"{label} has {given.size} values, but those before had {known.size}; give as many."
        )
