"""One reading: what the entries of a step amount to, layer by layer and altogether."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stnb.session.watch.bands import band_squares, cosine_parts, drift_squares
from stnb.session.watch.ledger import LAYER_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jaxtyping import Bool, Float64

    from stnb.session.watch.reader import Taken

__all__ = ["Part", "Reading", "read"]


class Part(NamedTuple):
    """What was taken around one update of one optimizer; every list has a batch for each device.

    Attributes:
        gradients: those of the update.
        previous: those of the step before, empty where they were not taken.
        before: the weights before the update, empty where they were not taken.
        after: the same after it.
    """

    gradients: Sequence[Taken]
    previous: Sequence[Taken]
    before: Sequence[Taken]
    after: Sequence[Taken]

    def ready(self) -> bool:
        """Whether everything is there."""
        return all(taken.ready() for batch in self for taken in batch)


class Reading(NamedTuple):
    """The columns of every layer, their totals, and which layers had a gradient that is not finite."""

    layers: Float64[np.ndarray, "l c"]
    totals: dict[str, float]
    broken: Bool[np.ndarray, " l"]


def read(parts: Sequence[Part], layers: int) -> Reading:
    """The reading of a step from what was taken around each of its updates.

    A layer's drift is ‖w_t − w_{t−1}‖/‖w_{t−1}‖ and its turn cos(g_t, g_{t−1}); NaN where they are not known, as
    everything is for a layer without a gradient. Totals are those of one long vector of all layers.
    """
    bands, touched = np.zeros((3, layers)), np.zeros(layers, bool)
    moved, turned = np.zeros((2, layers)), np.zeros((3, layers))
    drifts, turns = np.zeros(layers, bool), np.zeros(layers, bool)
    for part in parts:
        for taken in part.gradients:
            sample = taken.sample()
            bands += band_squares(sample, layers)
            touched[sample.owner] = True
        for older, newer in _pairs(part.before, part.after):
            moved += drift_squares(older, newer, layers)
            drifts[older.owner] = True
        for older, newer in _pairs(part.previous, part.gradients):
            turned += cosine_parts(newer, older, layers)
            turns[newer.owner] = True
    drifts &= touched
    turns &= touched
    squares = bands.sum(axis=0)
    columns = {
        "grad_norm": squares,
        **dict(zip(("above", "here", "beneath"), bands, strict=True)),
        "drift": np.where(drifts, _quotient(moved[0], moved[1]), math.nan),
        "weight_norm": np.where(drifts, moved[1], math.nan),
    }
    table = np.full((layers, len(LAYER_COLUMNS)), math.nan)
    for name, values in columns.items():
        table[:, LAYER_COLUMNS.index(name)] = np.sqrt(values)
    table[:, LAYER_COLUMNS.index("turn")] = np.where(turns, _cosine(turned), math.nan)
    table[~touched] = math.nan
    broken = touched & ~np.isfinite(squares)
    table[~np.isfinite(table)] = math.nan
    return Reading(table, _totals(bands, moved[:, drifts], turned[:, turns], touched), broken)


def _totals(
    bands: Float64[np.ndarray, "3 l"],
    moved: Float64[np.ndarray, "2 d"],
    turned: Float64[np.ndarray, "3 t"],
    touched: Bool[np.ndarray, " l"],
) -> dict[str, float]:
    if not touched.any():
        return {}
    above, here, beneath = bands.sum(axis=1)
    totals = {"above": above, "here": here, "beneath": beneath, "grad_norm": above + here + beneath}
    found = {name: math.sqrt(square) if square >= 0 else math.nan for name, square in totals.items()}
    found["drift"] = math.sqrt(_quotient(*moved.sum(axis=1)))
    found["turn"] = float(_cosine(turned.sum(axis=1)))
    return found


def _pairs(older: Sequence[Taken], newer: Sequence[Taken]) -> Iterator[tuple]:
    """The batches of both that hold entries of the same places; none where anything else changed meanwhile."""
    if len(older) == len(newer):
        for one, other in zip(older, newer, strict=True):
            first, second = one.sample(), other.sample()
            if first.like(second):
                yield first, second


def _quotient(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """The quotient; NaN where the whole is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, math.nan)


def _cosine(parts: np.ndarray) -> np.ndarray:
    """⟨a, b⟩/(‖a‖‖b‖); NaN where one of them is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        length = np.sqrt(parts[1]) * np.sqrt(parts[2])
        return np.where(length > 0, parts[0] / length, math.nan)
