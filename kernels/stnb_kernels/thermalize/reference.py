"""The definition, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.thermalize import numbers

if TYPE_CHECKING:
    from jaxtyping import Float, Int32

    from stnb_kernels.law import CarrierLaw

__all__ = ["run"]


def run(
    energy: Float[np.ndarray, " n"],
    home: Int32[np.ndarray, " n"],
    heat: Float[np.ndarray, " n"],
    mass: Float[np.ndarray, " n"],
    law: CarrierLaw,
    specific_heat: float,
) -> None:
    e, q, m = (a.astype(np.float64) for a in (energy, heat[home], mass[home]))
    thermal, kept, lost, pumped, left, c = numbers(law, specific_heat)
    f, g = thermal / (thermal + m * c), m * c / (thermal + m * c)
    energy[:] = e * (f + g * kept) + q * f * lost + f * (pumped + left) + g * pumped
    heat[home] = q * (g + f * kept) + e * g * lost + g * left
