"""Plain torch on whatever device holds the particles, in their type; the fallback for Apple GPUs. It allocates."""

from __future__ import annotations

from stnb_kernels.thermalize import numbers


def run(energy, home, heat, mass, law, specific_heat):  # noqa: ANN001, ANN201
    thermal, kept, lost, pumped, left, c = numbers(law, specific_heat)
    places = home.long()
    e, q, capacity = energy.clone(), heat[places], mass[places] * c
    f, g = thermal / (thermal + capacity), capacity / (thermal + capacity)
    energy.copy_(e * (f + g * kept) + q * (f * lost) + (f * (pumped + left) + g * pumped))
    heat[places] = q * (g + f * kept) + e * (g * lost) + g * left
