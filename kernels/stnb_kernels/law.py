"""The numbers that the carriers' equations contain, with their usual values.

A gate's order parameter is r_k = |Σ_i T_ik A_i e^{iθ_i}| / S_k with the support S_k = Σ_i T_ik A_i; it lies in [0, 1].
All rates are per second, so that a run does not change its nature with the step.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CarrierLaw"]


@dataclass(frozen=True, slots=True)
class CarrierLaw:
    """Constants of one carrier step.

    Attributes:
        dt: The step, in s.
        coupling: K, pull of the carriers on the phases, 1/(s·√J).
        boost: Factor by which a crystallized carrier pulls more is 1 + boost.
        follow_volatile: Rate at which a volatile carrier follows its gate.
        follow_stable: The same of a stable carrier. A crystallized one follows nothing.
        damping: λ, rate at which carriers fade that are not crystallized.
        hunger: Rate at which a carrier starves whose gate is in no order at all.
        upkeep: Order parameter squared below which a carrier begins to starve.
        conflict_rate: Rate at which the conflict follows 1 − r.
        recentre_rate: Rate at which Ω follows the mean frequency of its gate.
        temperature: τ of the Langevin noise on phases and carriers.
        repulsion: Rate at which neighbouring Ω part.
        support_floor: Support, in √J, below which a gate counts as empty.
        width: σ of a spawned carrier, in rad/s.
        width_min: The narrowest gate.
        width_max: The widest gate.
        narrowing: Factor on the widths of parent and child when a carrier splits.
        stable_order: Order parameter at which a volatile carrier is on its way to stable …
        stable_after: … and becomes it after so many steps in a row.
        crystal_order: Order parameter at which a stable carrier is on its way to crystallized …
        crystal_conflict: … if its conflict is at most this …
        crystal_support: … and its gate holds at least so many √J, …
        crystal_after: … for so many steps in a row.
        split_conflict: Conflict above which a carrier may split.
        weight_floor: Weight T·A, in √J, at or below which an oscillator is no offender and no ally.
        covered: Σ_k T_ik below which an oscillator asks for a carrier of its own.
        prune_amplitude: |C| below which a volatile carrier is quiet …
        prune_after: … and removed after so many steps in a row.
        merge_distance: Distance in frequency, over the narrower width, below which two carriers merge …
        merge_coherence: … if the cosine of their phases is above this.
        anchor_rate: Rate at which the anchors' scores and phases follow.
        anchor_chance: Probability that a reviewed carrier tries a random oscillator as an anchor.
        pull_phase: Rate at which a crystallized carrier pulls its anchors into phase, 1/(s·√J).
        feed_energy: Rate at which it feeds them, √J/s.
        feed_chance: Probability that it feeds a random oscillator besides.
        decay: Rate 1/τ at which an oscillator's energy becomes heat.
        pump: Power that every oscillator receives from outside, in W.
        thermal: J/K of oscillator energy in equilibrium with a particle's temperature.
    """

    dt: float = 0.1
    coupling: float = 2.0
    boost: float = 1.0
    follow_volatile: float = 5.268
    follow_stable: float = 1.0101
    damping: float = 0.15
    hunger: float = 1.0
    upkeep: float = 0.1
    conflict_rate: float = 1.0
    recentre_rate: float = 1.0
    temperature: float = 0.01
    repulsion: float = 0.0
    support_floor: float = 1e-3
    width: float = 0.35
    width_min: float = 0.08
    width_max: float = 1.25
    narrowing: float = 0.7
    stable_order: float = 0.6
    stable_after: int = 10
    crystal_order: float = 0.85
    crystal_conflict: float = 0.12
    crystal_support: float = 3.0
    crystal_after: int = 24
    split_conflict: float = 0.35
    weight_floor: float = 1e-3
    covered: float = 0.1
    prune_amplitude: float = 0.05
    prune_after: int = 20
    merge_distance: float = 0.25
    merge_coherence: float = 0.5
    anchor_rate: float = 1.0
    anchor_chance: float = 0.05
    pull_phase: float = 0.05
    feed_energy: float = 0.05
    feed_chance: float = 0.02
    decay: float = 0.1
    pump: float = 0.075
    thermal: float = 0.0
