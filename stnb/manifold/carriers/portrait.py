"""Pictures of the spectral layer: a frame of all carriers, and a row of numbers for the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from stnb_kernels import bank as rows
from stnb_kernels.bank import ANCHORS

from stnb.manifold.carriers.frame import CarrierFrame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Float, Int

    from stnb.manifold.carriers.layer import SpectralLayer

__all__ = ["CARRIER_COLUMNS", "carrier_row", "centroids", "portrait"]

CARRIER_COLUMNS = ("carriers", "volatile", "stable", "crystallized", "order", "conflict", "born", "died")

BLOCK = 8192
LEAST_WEIGHT = 1e-8


def carrier_row(layer: SpectralLayer, bank: Mapping[str, np.ndarray]) -> dict[str, float]:
    """How many carriers there are, in which states, and how ordered everything is; `bank` as it is on the host."""
    counts = bank["bank_counts"]
    m = int(counts[rows.COUNT])
    conflict = bank["bank_real"][rows.CONFLICT, :m] if m else np.zeros(1)
    states = np.bincount(bank["bank_whole"][rows.STATE, :m], minlength=3)
    values = (
        m,
        *states,
        layer.mean_order(),
        conflict.mean(dtype=np.float64),
        counts[rows.BORN],
        counts[rows.MERGED] + counts[rows.PRUNED],
    )
    return {name: float(value) for name, value in zip(CARRIER_COLUMNS, values, strict=True)}


def centroids(
    frequencies: Float[np.ndarray, " n"],
    places: Float[np.ndarray, "n 3"],
    centres: Float[np.ndarray, " m"],
    widths: Float[np.ndarray, " m"],
) -> Float[np.ndarray, "m 3"]:
    """X_k = Σ_i T_ik x_i / Σ_i T_ik; where a gate hears nobody, the middle of all places."""
    weight, moment = np.zeros(len(centres)), np.zeros((len(centres), 3))
    for first in range(0, len(frequencies), BLOCK):
        part = slice(first, first + BLOCK)
        away = (frequencies[None, part] - centres[:, None]) / widths[:, None]
        heard = np.exp(-(away**2))
        weight += heard.sum(axis=1)
        moment += heard @ places[part]
    middle = places.mean(axis=0) if len(places) else np.zeros(3)
    heard_any = weight > LEAST_WEIGHT
    return np.where(heard_any[:, None], moment / np.where(heard_any, weight, 1.0)[:, None], middle)


def portrait(
    layer: SpectralLayer, positions: Float[np.ndarray, "n 3"], *, step: int, time: float
) -> CarrierFrame:
    """A frame of the carriers; `positions` in the order of arrival."""
    saved, oscillators = layer.bank_state(), layer.state()
    counts = saved["bank_counts"]
    m = int(counts[rows.COUNT])
    real, whole = saved["bank_real"][:, :m], saved["bank_whole"][:, :m]
    phasor = real[rows.REAL] + 1j * real[rows.IMAG]
    anchors = slice(rows.ANCHOR_UID, rows.ANCHOR_UID + ANCHORS)

    def column(row: int) -> Int[np.ndarray, " m"]:
        return whole[row].copy()

    return CarrierFrame(
        step=step,
        time=time,
        frequencies=real[rows.FREQUENCY].copy(),
        widths=real[rows.WIDTH].copy(),
        amplitudes=np.abs(phasor),
        phases=np.angle(phasor),
        conflict=real[rows.CONFLICT].copy(),
        order=real[rows.ORDER].copy(),
        couplings=real[rows.SUPPORT].copy(),
        state=column(rows.STATE),
        age=column(rows.AGE),
        identity=column(rows.IDENTITY),
        parent=column(rows.PARENT),
        positions=centroids(
            oscillators["frequency"],
            positions[oscillators["oscillator_uid"]],
            real[rows.FREQUENCY],
            real[rows.WIDTH],
        ),
        anchors=whole[anchors].T.copy(),
        anchor_phases=real[rows.ANCHOR_PHASE : rows.ANCHOR_PHASE + ANCHORS].T.copy(),
        anchor_scores=real[rows.ANCHOR_SCORE : rows.ANCHOR_SCORE + ANCHORS].T.copy(),
        mean_order=layer.mean_order(),
        **{
            name: int(counts[row])
            for name, row in (
                ("born", rows.BORN),
                ("split", rows.SPLIT),
                ("spawned", rows.SPAWNED),
                ("merged", rows.MERGED),
                ("pruned", rows.PRUNED),
                ("refused", rows.REFUSED),
            )
        },
    )
