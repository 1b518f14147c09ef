"""Settings of the oscillators and of the carriers that bind them, with units and ranges."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from stnb_kernels.law import CarrierLaw
from stnb_kernels.spectrum import ALGORITHMS

from stnb._core.config import Config, quantity
from stnb._core.errors import ConfigError

__all__ = ["CarrierConfig"]


@dataclass(frozen=True)
class CarrierConfig(Config):
    """What decides how oscillators swing and carriers bind them; see `stnb_kernels.law` for the equations' constants.

    The spectral layer takes one step of `cadence · dt` every `cadence` steps of the matter.

    Why these defaults. An oscillator ω away from a carrier follows it if K·A·T·|C| > |ω − Ω|. With A = 0.87, the mean of
    the first oscillators, K = 2 locks what lies within about two thirds of a gate of 0.35 rad/s, in seconds; K = 0.5
    locks only the narrowest gates, in half a minute, and at K = 0.1 nothing crystallizes. All thresholds are on the order
    parameter, which lies in [0, 1] whatever the energy. Energy fades with a time constant of 10 s; a pump of 0.075 W
    holds it at 0.75 J, its mean at the start, and is the supply from which carriers crystallize. Rates are per second:
    5.268 and 1.0101 are −ln 0.90 and −ln 0.98 per 0.02 s. Conflict and centre follow in a second, slower than phases
    lock, so that a carrier does not split while its gate is only beginning to agree. Both gates shrink by 0.7 in a
    split: only then are two crowds 0.4 rad/s apart two modes for them.
    """

    carriers: int = quantity(64, low=1, help="the most carriers that may exist at a time")
    cadence: int = quantity(10, low=0, help="steps of matter between two steps of the carriers; 0 for none")
    tuning: str = quantity(
        "auto", choices=("auto", *ALGORITHMS), help="how the sums over oscillators are made"
    )
    frequency_range: float = quantity(
        2.0, unit="rad/s", low=0.0, open_low=True, help="the first oscillators swing at 0 … this"
    )
    frequency_spread: float = quantity(
        0.05, unit="rad/s", low=0.0, help="standard deviation within a batch that is injected later"
    )
    coupling: float = quantity(
        2.0,
        unit="1/(s·√J)",
        low=0.0,
        high=100.0,
        live=True,
        help="coupling K: pull of the carriers on the phases",
    )
    crystal_boost: float = quantity(1.0, low=0.0, help="a crystallized carrier pulls 1 + this times as much")
    phase_noise: float = quantity(
        0.01,
        unit="1/s",
        low=0.0,
        high=10.0,
        live=True,
        help="temperature τ of the noise on phases and carriers",
    )
    pump: float = quantity(
        0.075,
        unit="W",
        low=0.0,
        high=100.0,
        live=True,
        help="power that every oscillator receives from outside",
    )
    thermalization_tau: float = quantity(
        10.0, unit="s", low=0.0, open_low=True, help="time in which an oscillator's energy becomes heat"
    )
    thermal_coupling: float = quantity(
        0.0,
        unit="J/K",
        low=0.0,
        help="oscillator energy in equilibrium with a particle's temperature; 0 for none",
    )
    gate_width: float = quantity(0.35, unit="rad/s", low=0.0, open_low=True, help="gate σ of a new carrier")
    gate_width_min: float = quantity(0.08, unit="rad/s", low=0.0, open_low=True, help="the narrowest gate")
    gate_width_max: float = quantity(1.25, unit="rad/s", low=0.0, open_low=True, help="the widest gate")
    volatile_rate: float = quantity(
        5.268, unit="1/s", low=0.0, help="how fast a volatile carrier follows its gate"
    )
    stable_rate: float = quantity(
        1.0101, unit="1/s", low=0.0, help="how fast a stable carrier follows its gate"
    )
    carrier_damping: float = quantity(
        0.15, unit="1/s", low=0.0, help="how fast carriers fade by themselves, λ"
    )
    hunger: float = quantity(
        1.0, unit="1/s", low=0.0, help="how fast a carrier starves in a gate without order"
    )
    upkeep: float = quantity(
        0.1, low=0.0, high=1.0, open_low=True, help="square of the order below which a carrier starves"
    )
    conflict_rate: float = quantity(1.0, unit="1/s", low=0.0, help="how fast the conflict follows 1 − order")
    recentre_rate: float = quantity(
        1.0, unit="1/s", low=0.0, help="how fast a carrier moves to its gate's middle"
    )
    repulsion: float = quantity(
        0.05, unit="1/s", low=0.0, help="how fast neighbouring carriers part while idling to disambiguate"
    )
    stable_order: float = quantity(
        0.6, low=0.0, high=1.0, help="order at which a volatile carrier becomes stable …"
    )
    stable_after: float = quantity(1.0, unit="s", low=0.0, help="… when it lasts so long")
    crystal_order: float = quantity(
        0.85, low=0.0, high=1.0, help="order at which a stable one crystallizes …"
    )
    crystal_conflict: float = quantity(0.12, low=0.0, high=1.0, help="… with at most this conflict …")
    crystal_support: float = quantity(3.0, unit="√J", low=0.0, help="… and at least this support …")
    crystal_after: float = quantity(2.4, unit="s", low=0.0, help="… when it lasts so long")
    split_conflict: float = quantity(0.35, low=0.0, high=1.0, help="conflict above which a carrier may split")
    narrowing: float = quantity(
        0.7, low=0.0, high=1.0, open_low=True, help="factor on both gates when a carrier splits"
    )
    uncoupled: float = quantity(
        0.1, low=0.0, open_low=True, help="tuning, in all, below which an oscillator founds a carrier"
    )
    weight_floor: float = quantity(1e-3, unit="√J", low=0.0, help="weight below which nobody is an anchor")
    prune_amplitude: float = quantity(0.05, low=0.0, help="a volatile carrier weaker than this …")
    prune_after: float = quantity(2.0, unit="s", low=0.0, help="… for so long is removed")
    merge_distance: float = quantity(0.25, low=0.0, help="carriers closer than this part of a gate merge …")
    merge_coherence: float = quantity(
        0.5, low=-1.0, high=1.0, help="… if the cosine of their phases is larger"
    )
    anchor_rate: float = quantity(1.0, unit="1/s", low=0.0, help="how fast the anchors' scores follow")
    anchor_chance: float = quantity(0.05, low=0.0, high=1.0, help="how often a random anchor is tried")
    topdown_phase: float = quantity(
        0.05, unit="1/(s·√J)", low=0.0, live=True, help="how hard a crystallized carrier pulls its anchors"
    )
    topdown_energy: float = quantity(
        0.05, unit="√J/s", low=0.0, live=True, help="how much energy it gives them"
    )
    topdown_chance: float = quantity(0.02, low=0.0, high=1.0, help="how often it feeds a random oscillator")

    def check(self) -> None:
        """Rules that join several fields."""
        super().check()
        if not self.gate_width_min <= self.gate_width <= self.gate_width_max:
            raise ConfigError(
                f"gate_width = {self.gate_width:g} rad/s lies outside gate_width_min … gate_width_max = "
                f"{self.gate_width_min:g} … {self.gate_width_max:g}; widen that range, or choose a width in it"
            )

    def law(self, dt: float, **changes: Any) -> CarrierLaw:
        """The constants of a carrier step of this length; `changes` are the constants' own names."""
        constants: dict[str, Any] = {
            "dt": dt,
            "coupling": self.coupling,
            "boost": self.crystal_boost,
            "follow_volatile": self.volatile_rate,
            "follow_stable": self.stable_rate,
            "damping": self.carrier_damping,
            "hunger": self.hunger,
            "upkeep": self.upkeep,
            "conflict_rate": self.conflict_rate,
            "recentre_rate": self.recentre_rate,
            "temperature": self.phase_noise,
            "repulsion": 0.0,
            "width": self.gate_width,
            "width_min": self.gate_width_min,
            "width_max": self.gate_width_max,
            "narrowing": self.narrowing,
            "stable_order": self.stable_order,
            "stable_after": steps(self.stable_after, dt),
            "crystal_order": self.crystal_order,
            "crystal_conflict": self.crystal_conflict,
            "crystal_support": self.crystal_support,
            "crystal_after": steps(self.crystal_after, dt),
            "split_conflict": self.split_conflict,
            "weight_floor": self.weight_floor,
            "covered": self.uncoupled,
            "prune_amplitude": self.prune_amplitude,
            "prune_after": steps(self.prune_after, dt),
            "merge_distance": self.merge_distance,
            "merge_coherence": self.merge_coherence,
            "anchor_rate": self.anchor_rate,
            "anchor_chance": self.anchor_chance,
            "pull_phase": self.topdown_phase,
            "feed_energy": self.topdown_energy,
            "feed_chance": self.topdown_chance,
            "decay": 1.0 / self.thermalization_tau,
            "pump": self.pump,
            "thermal": self.thermal_coupling,
        }
        return CarrierLaw(**(constants | changes))


def steps(time: float, dt: float) -> int:
    """Steps that last at least so long; one at least."""
    return max(1, math.ceil(time / dt - 1e-9))
