"""The step of one carrier: the one definition that Numba and Numba-CUDA share, in float64.

The functions hold only scalar arithmetic that means the same to both compilers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stnb_kernels.bank import CRYSTALLIZED, STABLE, VOLATILE

if TYPE_CHECKING:
    from stnb_kernels.law import CarrierLaw

__all__ = ["LEAST_REACH", "advance", "mature", "numbers"]

LEAST_REACH = 1e-3
"""The narrowest σ_k + σ_j over which two carriers push each other away."""


def numbers(law: CarrierLaw) -> tuple[tuple[float, ...], tuple[int, int]]:
    """The law as the kernels take it: rates and thresholds, then counts of steps."""
    rates = (
        law.dt,
        law.follow_volatile,
        law.follow_stable,
        law.damping,
        law.hunger,
        law.upkeep,
        law.support_floor,
        law.temperature,
        1.0 + law.boost,
        -math.expm1(-law.conflict_rate * law.dt),
        -math.expm1(-law.recentre_rate * law.dt),
        law.dt * law.repulsion,
        law.width_min,
        law.width_max,
        law.stable_order,
        law.crystal_order,
        law.crystal_conflict,
        law.crystal_support,
        law.prune_amplitude,
    )
    return tuple(float(r) for r in rates), (int(law.stable_after), int(law.crystal_after))


def advance(re, im, conflict, frequency, width, state, sums, noise, push, rates):  # noqa: ANN001, ANN201
    """C, conflict, order parameter, Ω and σ after a step; `noise` is ξ and `push` what the neighbours add to Ω."""
    drive_re, drive_im, support, shift = sums
    dt, volatile, stable, damping, hunger, upkeep, floor, temperature, boost, learn, recentre = rates[:11]
    free = state != CRYSTALLIZED
    heard = support > floor
    order = 0.0
    if heard:
        order = min(math.sqrt(drive_re * drive_re + drive_im * drive_im) / support, 1.0)
    follow = total = 0.0
    if free:
        follow = volatile if state == VOLATILE else stable
        total = follow + damping + hunger * max(0.0, 1.0 - order * order / upkeep)
    lost, gain = -math.expm1(-total * dt), dt
    kept = 1.0 - lost
    if total > 0.0:
        gain = lost / total
    more = follow * gain / (support + floor)
    x, y = kept * re + more * drive_re, kept * im + more * drive_im
    cosine, sine = math.cos(frequency * dt), math.sin(frequency * dt)
    re, im = cosine * x - sine * y, sine * x + cosine * y
    if temperature > 0.0:
        weight = (1.0 if free else boost) * max(support, 1.0)
        spread = math.sqrt(temperature * follow * gain * (1.0 + kept) / weight)
        re, im = re + spread * noise[0], im + spread * noise[1]
    moved = push
    if heard:
        conflict += learn * (1.0 - order - conflict)
        moved += recentre * shift / support
    if free:
        frequency += moved
    return re, im, conflict, order, frequency, min(max(width, rates[12]), rates[13])


def mature(state, age, quiet, re, im, conflict, support, rates, after):  # noqa: ANN001, ANN201
    """State, age and quiet steps, from C, the conflict and the support as they are stored."""
    calm = 1.0 - conflict
    ready = state == VOLATILE and calm >= rates[14]
    firm = state == STABLE and calm >= rates[15] and conflict <= rates[16] and support >= rates[17]
    if ready or firm:
        age += 1
    elif state != CRYSTALLIZED:
        age = 0
    if ready and age >= after[0]:
        state, age = state + 1, 0
    elif firm and age >= after[1]:
        state += 1
    quiet = quiet + 1 if state == VOLATILE and math.sqrt(re * re + im * im) < rates[18] else 0
    return state, age, quiet
