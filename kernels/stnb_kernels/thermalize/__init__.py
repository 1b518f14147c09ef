"""Thermalize: the energy of oscillators becomes heat of the particles that they are, and a pump makes up for it.

Energy E and heat Q of a particle relax towards each other while a pump of power P feeds E:

    d(E − f·(E + Q))/dt = −(E − f·(E + Q))/τ + P (1 − f),      d(E + Q)/dt = P,      f = a/(1 + a),  a = β/(m c)

with β J/K of oscillator energy in equilibrium with a particle's temperature Q/(m c). It is solved exactly for any step,
never makes either negative, and creates nothing but P·dt. With β = 0 all of E decays: E → e^{−dt/τ}E + Pτ(1 − e^{−dt/τ}).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from stnb_kernels.arrays import dtype_name, require
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float, Int32

    from stnb_kernels.law import CarrierLaw

__all__ = ["OP", "numbers", "thermalize_oscillators"]

OP = Op("thermalize", ("cuda", "cpu", "torch", "reference"))


def numbers(law: CarrierLaw, specific_heat: float) -> tuple[float, ...]:
    """β, e^{−x} and 1 − e^{−x} of x = dt/τ, the parts of P·dt that stay in E and that become heat, and c.

    With g = 1 − f the solution is a sum of terms that are never negative, which is how the kernels compute it:

        E ← E (f + g e^{−x}) + Q f (1 − e^{−x}) + f P dt + g s,        s = Pτ(1 − e^{−x})
        Q ← Q (g + f e^{−x}) + E g (1 − e^{−x}) + g (P dt − s)
    """
    x = law.decay * law.dt
    lost = -math.expm1(-x)
    stays = law.pump * law.dt * (lost / x if x > 0 else 1.0)
    left = max(0.0, law.pump * law.dt - stays)
    return tuple(float(v) for v in (law.thermal, math.exp(-x), lost, stays, left, specific_heat))


def thermalize_oscillators(
    energy: Float[Any, " n"],
    home: Int32[Any, " n"],
    heat: Float[Any, " n"],
    mass: Float[Any, " n"],
    law: CarrierLaw,
    *,
    specific_heat: float,
    backend: str | None = None,
) -> None:
    """Exchange energy and heat in place.

    Args:
        energy: E of the oscillators in J.
        home: The place of each oscillator among the particles, every place once.
        heat: Q of the particles in J.
        mass: Of the particles in kg.
        law: Uses dt, decay, pump and thermal.
        specific_heat: c in J/(kg·K).
        backend: Force a back end.
    """
    n = int(energy.shape[0])
    real = (dtype_name(energy),)
    for name, array in (("heat", heat), ("mass", mass)):
        require(name, array, (n,), real)
    require("home", home, (n,), ("int32",))
    OP.run(energy, energy, home, heat, mass, law, specific_heat, backend=backend)
