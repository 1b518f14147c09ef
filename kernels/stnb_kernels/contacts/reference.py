"""The definition: sums over all touching pairs, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_kernels.accounts import CONTACTS
from stnb_kernels.contacts import UNSHARED
from stnb_kernels.neighbours.reference import separation, touching_pairs

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.cells import CellList
    from stnb_kernels.grid import Grid
    from stnb_kernels.neighbours import ContactList

__all__ = ["run"]


def run(
    position: Float[np.ndarray, "3 n"],
    velocity: Float[np.ndarray, "3 n"],
    mass: Float[np.ndarray, " n"],
    heat: Float[np.ndarray, " n"],
    lists: tuple[Grid, CellList, ContactList, float, int],
    outputs: tuple[Float[np.ndarray, "*_"], ...],
    settings: tuple[float, float, float, float],
) -> None:
    grid, _, contacts, reach, _ = lists
    velocity_out, heat_out, push, accounts = outputs
    restitution, relaxation, conductance, specific_heat = settings
    n = mass.shape[0]
    i, j = touching_pairs(position, grid, reach) if n else (np.empty(0, dtype=np.int64),) * 2
    v, m, q = (a.astype(np.float64) for a in (velocity, mass, heat))
    apart = separation(position, i, j, grid)
    distance = np.sqrt((apart**2).sum(axis=0))
    normal, overlap = apart / distance, reach - distance
    both = m[i] + m[j]

    def total(values: Float[np.ndarray, " pairs"]) -> Float[np.ndarray, " n"]:
        return np.bincount(i, weights=values, minlength=n)

    speed = np.maximum(-((v[:, i] - v[:, j]) * normal).sum(axis=0), 0.0)
    full = (1 + restitution) * m[i] * m[j] / both * speed
    shared = np.maximum(contacts.approaching[i], contacts.approaching[j]).astype(np.float64)
    impulse = np.divide(full, shared, out=np.zeros_like(full), where=shared > 0)
    momentum = np.array([total(impulse * normal[a]) for a in range(3)])
    paid = total(0.5 * impulse * (full / m[i] + 0.5 * (1 - restitution) * speed))
    lost = paid - 0.5 * (momentum**2).sum(axis=0) / m

    crowd = np.maximum(contacts.count[i], contacts.count[j]).astype(np.float64)
    capacity = specific_heat * m
    joint = capacity[i] * capacity[j] / (capacity[i] + capacity[j])
    section = 0.5 * np.pi * overlap * (reach - 0.5 * overlap)
    link = conductance * section
    flow = (q[j] / capacity[j] - q[i] / capacity[i]) * joint * link / (joint + link) / crowd

    velocity_out[:] = v + momentum / m
    heat_out[:] = q + lost + total(flow)
    part: Any = relaxation * overlap * m[j] / (both * np.maximum(crowd / UNSHARED, 1))
    push[:] = [total(part * normal[a]) for a in range(3)]
    accounts[CONTACTS] = lost
