"""How long a step may be: what each part of the physics asks for, and which one binds.

    contacts   dt ≤ ½·min(h, r)/v_max       nobody crosses half a radius unseen
    springs    dt ≤ 0.2·√(μ_min/Y)          five steps a radian of the stiffest contact (dem); μ_min = m_min/2
    gravity    dt ≤ 0.3/√(4πG·ρ_max)        a third of a radian of the densest cell's free fall

The bounds are conventions with a margin. A step beyond the contacts' or the springs' bound is warned about, one beyond
ten times that is refused. Nothing is ever shortened in silence.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stnb._core.errors import ConfigError

if TYPE_CHECKING:
    from stnb.manifold.config import ManifoldConfig

__all__ = ["StabilityWarning", "StepLimits", "enforce", "spring_limit", "step_limits"]

CROSSING = 0.5
SPRING_PHASE = 0.2
FALL_PHASE = 0.3
REFUSED_BEYOND = 10.0


class StabilityWarning(UserWarning):
    """The time step is longer than the physics asks for."""


@dataclass(frozen=True)
class StepLimits:
    """The longest steps in s; infinite where nothing limits.

    Attributes:
        contacts: So that nobody crosses half a radius, or half a cell, unseen.
        springs: So that the stiffest contact is resolved (dem).
        gravity: So that the densest cell's collapse is resolved.
    """

    contacts: float
    springs: float
    gravity: float

    @property
    def binding(self) -> tuple[str, float]:
        """The name and the value of the smallest."""
        name = min(("contacts", "springs", "gravity"), key=lambda n: getattr(self, n))
        return name, getattr(self, name)


def spring_limit(config: ManifoldConfig, lightest: float) -> float:
    """Longest step of a contact's spring between the two lightest particles."""
    if config.contact_model != "dem" or not lightest > 0:
        return math.inf
    return SPRING_PHASE * math.sqrt(lightest / 2 / config.young_modulus)


def step_limits(config: ManifoldConfig, *, fastest: float, densest: float, lightest: float) -> StepLimits:
    """The limits for the largest speed in m/s, the largest density in kg/m³ and the smallest mass in kg."""
    contacts = math.inf
    if config.contact_model != "none" and fastest > 0:
        contacts = CROSSING * min(config.spacing, config.particle_radius) / fastest
    fall = 4 * math.pi * config.gravity * densest
    gravity = FALL_PHASE / math.sqrt(fall) if fall > 0 else math.inf
    return StepLimits(contacts, spring_limit(config, lightest), gravity)


def enforce(config: ManifoldConfig, limits: StepLimits, *, stacklevel: int = 2) -> None:
    """Refuse a step far beyond what the contacts allow; warn of one that is merely beyond it."""
    reasons = {"contacts": "the fastest particle", "springs": "the stiffest contact"}
    for name, reason in reasons.items():
        limit = getattr(limits, name)
        if config.dt > REFUSED_BEYOND * limit:
            raise ConfigError(
                f"dt = {config.dt:g} s is {config.dt / limit:.0f} times the limit of {limit:.3g} s that {reason} sets; "
                f"use dt ≤ {limit:.3g}"
            )
        if config.dt > limit:
            advice = (
                "each step is cut into shorter ones for the contacts"
                if name == "springs"
                else "bounces are missed"
            )
            warnings.warn(
                f"dt = {config.dt:g} s is beyond the limit of {limit:.3g} s that {reason} sets: {advice}; "
                f"use dt ≤ {limit:.3g}",
                StabilityWarning,
                stacklevel=stacklevel + 1,
            )
