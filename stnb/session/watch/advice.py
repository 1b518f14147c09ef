"""Advice: what goes wrong, since when, by how much, and what to do about it."""

from __future__ import annotations

import dataclasses
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stnb.session.watch import rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jaxtyping import Float

    from stnb.session.watch.ledger import Readings
    from stnb.session.watch.rules import Verdict

__all__ = ["KINDS", "LOSSES", "READINGS", "Advice", "Board", "Evidence", "judge"]

KINDS = ("exploding", "vanishing", "stalled", "oscillating")
READINGS = 20
"""Readings that are judged together."""
LOSSES = 256
"""Losses that are judged together at most."""
RECENT = 64
"""Losses that say which way the loss goes now."""
CLEAR = 20
"""After so many steps without one, a loss that was not finite is over."""
WORDS = {
    "not finite": (
        "the {place} is NaN or infinite",
        (
            "go back to the last good state with a smaller learning rate, or clip gradients; "
            "torch.autograd.set_detect_anomaly(True) names the operation."
        ),
    ),
    "loss grows": (
        "the loss has grown to {value:.4g} and should be below {threshold:.4g}",
        "divide the learning rate by 3 to 10, warm it up, or clip gradients to norm 1.",
    ),
    "gradient grows": (
        "the gradient of {place} has grown to {value:.4g}, a hundred times what it was",
        "clip gradients to norm 1, and divide the learning rate by 3.",
    ),
    "vanishing": (
        "{place} gets {value:.2g} of the largest layer's gradient at most",
        (
            "shorten the way to it: ReLU or GELU instead of sigmoid or tanh, normalisation, residual connections; "
            "look for dead units where it is 0."
        ),
    ),
    "standstill": (
        "an update changes the weights by {value:.2g} of themselves, and the loss does not fall",
        "raise the learning rate (is it 0, or its schedule over?), or look whether outputs are saturated.",
    ),
    "plateau": (
        "the loss has gained {value:.2g} since the start, within its noise ({threshold:.2g})",
        "raise the learning rate, check that labels belong to inputs, and try to learn one minibatch by heart.",
    ),
    "loss alternates": (
        "the loss goes up and down in turn (correlation {value:.2f} of successive changes)",
        "halve the learning rate: steps leap across the valley.",
    ),
    "gradient turns": (
        "each gradient points against the one before (cosine {value:.2f})",
        "halve the learning rate, or lower the momentum: steps leap across the valley.",
    ),
}


@dataclasses.dataclass(frozen=True)
class Advice:
    """One thing that goes wrong now.

    Attributes:
        kind: "exploding", "vanishing", "stalled" or "oscillating".
        layer: where, None for the whole model.
        since_step: the step at which it was seen first, without a break since.
        value: what was measured; NaN for what is not finite.
        threshold: what it was held against.
        what: that in words.
        do: what to do next.
    """

    kind: str
    layer: str | None
    since_step: int
    value: float
    threshold: float
    what: str
    do: str

    def as_dict(self) -> dict[str, Any]:
        """Every attribute by name."""
        return dataclasses.asdict(self)

    def __str__(self) -> str:
        return f"{self.kind} since step {self.since_step}: {self.what}. Do: {self.do}"


class Evidence(NamedTuple):
    """What is judged.

    Attributes:
        step: the latest.
        loss: the latest losses, NaN where there was none.
        start: the first losses of the run.
        totals: columns of the latest readings of the whole model: grad_norm, drift, turn.
        readings: the same of every layer.
        names: of the layers.
        broken_loss: the latest step with a loss that was not finite, None without one.
        broken_layers: the layers whose gradient was not finite in the latest reading.
    """

    step: int
    loss: Float[np.ndarray, " t"]
    start: Float[np.ndarray, " s"]
    totals: dict[str, np.ndarray]
    readings: Readings
    names: tuple[str, ...]
    broken_loss: int | None
    broken_layers: tuple[str, ...]


class Finding(NamedTuple):
    """Advice that does not know its step yet."""

    kind: str
    layer: str | None
    words: str
    value: float
    threshold: float


def judge(evidence: Evidence) -> list[Finding]:
    """What every rule has to say, at most one finding for a kind and a layer; the first one holds."""
    found: dict[tuple[str, str | None], Finding] = {}
    for finding in _findings(evidence):
        found.setdefault((finding.kind, finding.layer), finding)
    return list(found.values())


def _findings(seen: Evidence) -> Iterator[Finding]:
    loss, recent, totals = seen.loss, seen.loss[-RECENT:], seen.totals
    if seen.broken_loss is not None and seen.step - seen.broken_loss < CLEAR:
        yield Finding("exploding", None, "not finite", np.nan, np.inf)
    for name in seen.broken_layers:
        yield Finding("exploding", name, "not finite", np.nan, np.inf)
    yield from _found("exploding", None, "loss grows", rules.growing_loss(recent, seen.start))
    norms = seen.readings.column("grad_norm")
    grown = rules.growing_gradient(totals["grad_norm"], recent)
    if grown.fires:
        yield from _found("exploding", _most_grown(norms, seen.names), "gradient grows", grown)
    for name, verdict in zip(seen.names, rules.vanishing_layers(norms), strict=True):
        yield from _found("vanishing", name, "vanishing", verdict)
    yield from _found("stalled", None, "standstill", rules.standstill(loss, seen.start, totals["drift"]))
    yield from _found("stalled", None, "plateau", rules.plateau(loss, seen.start))
    yield from _found("oscillating", None, "loss alternates", rules.alternating_loss(recent))
    yield from _found("oscillating", None, "gradient turns", rules.turning_gradient(totals["turn"], recent))


def _found(kind: str, layer: str | None, words: str, verdict: Verdict) -> Iterator[Finding]:
    if verdict.fires:
        yield Finding(kind, layer, words, verdict.value, verdict.threshold)


def _most_grown(norms: Float[np.ndarray, "t l"], names: tuple[str, ...]) -> str:
    """The layer whose latest norm is the largest multiple of its first in the window."""
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.nan_to_num(norms[-1] / norms[0], nan=0.0)
    return names[int(factor.argmax())]


class Board:
    """The advice that holds now; it remembers since when, and what is cured goes."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str | None], Advice] = {}
        self._lock = threading.Lock()

    def update(self, findings: Iterable[Finding], step: int) -> list[Advice]:
        """Put up what was found at a step, take down the rest; returns what is new."""
        with self._lock:
            before, self._held = self._held, {}
            for finding in findings:
                key = finding.kind, finding.layer
                since = before[key].since_step if key in before else step
                self._held[key] = _advice(finding, since)
            return [advice for key, advice in self._held.items() if key not in before]

    def advice(self) -> list[Advice]:
        """Everything that is up, the gravest kind first."""
        with self._lock:
            return sorted(self._held.values(), key=lambda advice: KINDS.index(advice.kind))


def _advice(finding: Finding, since: int) -> Advice:
    what, do = WORDS[finding.words]
    place = finding.layer or "loss"
    if finding.words == "not finite" and finding.layer:
        place = f"gradient of {finding.layer}"
    value, threshold = float(finding.value), float(finding.threshold)
    words = what.format(place=place, value=value, threshold=threshold)
    return Advice(finding.kind, finding.layer, since, value, threshold, words, do)
