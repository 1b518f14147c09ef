"""What carriers do while matter rests: three modes of idling, each a change of the constants.

mode           noise τ   random anchors   random feeding   weight floor   repulsion
consolidate    × 0.25    × 0.25           × 0.25           × 1            0             settle what is there
disambiguate   × 0.5     × 0.5            × 0.5            × 1            the config's  push neighbours apart
explore        × 2       at least 0.20    at least 0.10    × 0.1          0             try something else
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb._core.errors import InputError, nearest

if TYPE_CHECKING:
    from stnb_kernels.law import CarrierLaw

    from stnb.manifold.carriers.config import CarrierConfig

__all__ = ["MODES", "idle_law"]

MODES = ("consolidate", "disambiguate", "explore")
ALIASES = {
    "consolidation": "consolidate",
    "stabilize": "consolidate",
    "resolve": "disambiguate",
    "separate": "disambiguate",
    "counterfactual": "explore",
    "counterfactual_exploration": "explore",
}


def idle_law(config: CarrierConfig, mode: str, dt: float) -> CarrierLaw:
    """The constants of a step of idling."""
    name = ALIASES.get(mode, mode)
    if name not in MODES:
        raise InputError(f"unknown idle mode {mode!r}: {nearest(str(mode), (*MODES, *ALIASES))}")
    noise, anchors, feeding = config.phase_noise, config.anchor_chance, config.topdown_chance
    if name == "explore":
        return config.law(
            dt,
            temperature=2.0 * noise,
            anchor_chance=max(anchors, 0.20),
            feed_chance=max(feeding, 0.10),
            weight_floor=0.1 * config.weight_floor,
        )
    share, repulsion = (0.25, 0.0) if name == "consolidate" else (0.5, config.repulsion)
    return config.law(
        dt,
        temperature=share * noise,
        anchor_chance=share * anchors,
        feed_chance=share * feeding,
        repulsion=repulsion,
    )
