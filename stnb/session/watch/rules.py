"""When training goes wrong: one rule a way, over plain arrays, each threshold with its reason."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = [
    "Verdict",
    "alternating_loss",
    "falls",
    "gained",
    "growing_gradient",
    "growing_loss",
    "plateau",
    "standstill",
    "turning_gradient",
    "vanishing_layers",
]

LEVEL = 8
"""Values whose median is the level of a loss: one wild minibatch, or three, do not move it."""
FEWEST_LOSSES = 16
"""Two levels: fewer losses say nothing about a trend."""
GROWN_LOSS = 2.0
"""A level above its start by twice the start: healthy losses go below it, and warm-ups do not triple it."""
NOISES = 10.0
"""… and by ten deviations of the minibatches at the start, which no healthy level reaches."""
GROWN_GRADIENT = 100.0
"""Gradients of healthy runs leave a plateau with tenfold norms, hardly with a hundredfold, and then the loss falls."""
EARLIER_READINGS = 5
VANISHED = 1e-5
"""Layers of healthy models lie within three decades of the largest; at a hundred-thousandth a layer stands still."""
VANISHED_READINGS = 5
TINY_UPDATE = 1e-7
"""float32 resolves 1.2e-7 of a weight: smaller updates are mostly rounded away."""
TINY_READINGS = 5
SIGNIFICANT = 3.0
"""Standard errors between two means that differ for certain (1 in 700 by chance)."""
FLAT = 1e-4
"""A loss that falls by less than this share of itself over a window is flat, however little noise it has."""
START = 32
"""Losses that are kept of the start."""
STARTS = (2, 4, 8, 16, 32)
"""A run may have learnt all it can after a few of them, or gain slowly: each of these means may be the start."""
PLATEAU = 256
"""A loss that has not gained anything in so many steps; real ones gain something within a tenth of that."""
ALTERNATES = -0.85
"""Independent minibatches have −0.5 ± 0.1 here, a loss that goes up and down in turn −1."""
ALTERNATIONS = 32
SWING = 1e-3
"""Differences below this share of the loss are no oscillation that matters."""
TURNS = -0.7
"""The cosine of two gradients: minibatches have about 0, steps over the bottom of a valley −1."""
TURN_READINGS = 8


class Verdict(NamedTuple):
    """What a rule measured, what it holds that against, and whether that is advice."""

    value: float
    threshold: float
    fires: bool


SILENT = Verdict(math.nan, math.nan, fires=False)


def growing_loss(loss: Float[np.ndarray, " _"], start: Float[np.ndarray, " _"]) -> Verdict:
    """Level > s + max(2|s|, 10σ): the median of the latest 8 losses; median s and deviation σ of the first 8.

    σ is 1.48 times the median distance from s.
    """
    recent, first = _known(loss)[-LEVEL:], _known(start)[:LEVEL]
    if len(recent) + len(first) < FEWEST_LOSSES:
        return SILENT
    s = float(np.median(first))
    noise = 1.48 * float(np.median(np.abs(first - s)))
    threshold = s + max(GROWN_LOSS * abs(s), NOISES * noise)
    value = float(np.median(recent))
    return Verdict(value, threshold, value > threshold)


def growing_gradient(norms: Float[np.ndarray, " _"], loss: Float[np.ndarray, " _"]) -> Verdict:
    """Norm > 100·m, while the loss does not fall: the median of the latest 3 norms, with the median m of those before."""
    known = _known(norms)
    recent, earlier = known[-3:], known[:-3]
    if len(earlier) < EARLIER_READINGS:
        return SILENT
    value, threshold = float(np.median(recent)), GROWN_GRADIENT * float(np.median(earlier))
    return Verdict(value, threshold, 0 < threshold < value and not falls(loss))


def vanishing_layers(norms: Float[np.ndarray, "t l"]) -> list[Verdict]:
    """q_l < 1e-5 in every reading, q_l = ‖g_l‖/max ‖g_k‖: for each layer the largest of its q, 0 where it is dead.

    A layer without a gradient in a reading is left out of it; one that was read fewer than 5 times is never judged, nor
    is the only one of its model.
    """
    if norms.shape[0] == 0:
        return [SILENT] * norms.shape[1]
    known = np.where(np.isnan(norms), -1.0, norms)
    largest = known.max(axis=1, keepdims=True, initial=-1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where((known >= 0) & (largest > 0), known / largest, -1.0)
    verdicts = []
    for column in share.T:
        seen = column[column >= 0]
        value = float(seen.max(initial=0.0))
        verdicts.append(Verdict(value, VANISHED, len(seen) >= VANISHED_READINGS and value < VANISHED))
    return verdicts


def standstill(
    loss: Float[np.ndarray, " _"], start: Float[np.ndarray, " _"], drift: Float[np.ndarray, " _"]
) -> Verdict:
    """Drift < 1e-7, while the loss has gained nothing since the start: the median drift of the readings."""
    known = _known(drift)
    if len(known) < TINY_READINGS or len(_known(loss)) < FEWEST_LOSSES:
        return SILENT
    value = float(np.median(known))
    return Verdict(value, TINY_UPDATE, value < TINY_UPDATE and not gained(loss, start))


def plateau(loss: Float[np.ndarray, " _"], start: Float[np.ndarray, " _"]) -> Verdict:
    """No gain since the start in 256 losses, and none within them.

    Value and threshold are the gain since the first 32 losses and what it has to exceed. A run that has learnt and
    converged is no plateau; one that is watched only after it has converged looks like one.
    """
    known, first = _known(loss)[-PLATEAU:], _known(start)[:START]
    if len(known) < PLATEAU:
        return SILENT
    gain, sure = _gain(first, known[PLATEAU // 2 :])
    return Verdict(gain, sure, not gained(known, start) and not falls(known) and gain >= -sure)


def alternating_loss(loss: Float[np.ndarray, " _"]) -> Verdict:
    """Σd_i·d_{i+1}/Σd_i² < −0.85 with the differences d of the loss, where it does not fall: −1 for up, down, up, down.

    Differences that are less than 1e-3 of the loss do not count.
    """
    known = _known(loss)
    d = np.diff(known)
    if len(d) < ALTERNATIONS:
        return SILENT
    energy = float(d @ d)
    size = math.sqrt(energy / len(d))
    value = float(d[:-1] @ d[1:]) / energy if energy > 0 else 0.0
    matters = size > SWING * float(np.abs(known).mean())
    return Verdict(value, ALTERNATES, value < ALTERNATES and matters and not falls(known))


def turning_gradient(turn: Float[np.ndarray, " _"], loss: Float[np.ndarray, " _"]) -> Verdict:
    """cos(g_t, g_{t−1}) < −0.7, where the loss does not fall: the median of the readings, 8 or more."""
    known = _known(turn)
    if len(known) < TURN_READINGS:
        return SILENT
    value = float(np.median(known))
    return Verdict(value, TURNS, value < TURNS and not falls(loss))


def falls(loss: Float[np.ndarray, " _"]) -> bool:
    """Whether the mean of the second half is certainly below that of the first; False where nothing is known."""
    known = _known(loss)
    half = len(known) // 2
    if half < 2:
        return False
    gain, sure = _gain(known[:half], known[half:])
    return gain > sure


def gained(loss: Float[np.ndarray, " _"], start: Float[np.ndarray, " _"]) -> bool:
    """Whether the latest losses (half of them, at most 128) certainly lie below the first 2, 4, 8, 16 or 32.

    Certainly: s − m > 3σ√(1/k + 1/n), with the mean s of the first k, and mean m and deviation σ of the latest n.
    """
    known, first = _known(loss), _known(start)[:START]
    latest = known[-min(len(known) // 2, PLATEAU // 2) :]
    if len(known) < 4:
        return False
    mean, noise = float(latest.mean()), float(latest.std())
    for size in STARTS:
        s = float(first[:size].mean())
        sure = SIGNIFICANT * noise * math.sqrt(1 / size + 1 / len(latest))
        if len(first) >= size and s - mean > max(sure, FLAT * abs(s)):
            return True
    return False


def _gain(earlier: Float[np.ndarray, " _"], later: Float[np.ndarray, " _"]) -> tuple[float, float]:
    """How far the mean fell, and how far it has to for us to be sure."""
    gain = float(earlier.mean() - later.mean())
    error = math.sqrt(float(earlier.var() / len(earlier) + later.var() / len(later)))
    return gain, max(SIGNIFICANT * error, FLAT * abs(float(earlier.mean())))


def _known(series: Float[np.ndarray, " _"]) -> Float[np.ndarray, " _"]:
    return series[~np.isnan(series)]
