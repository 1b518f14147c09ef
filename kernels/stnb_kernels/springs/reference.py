"""The definition: sums over all touching pairs, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.accounts import CONTACTS, ELASTIC
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
    settings: tuple[float, float, float, float, float, bool],
) -> None:
    grid, _, contacts, reach, _ = lists
    velocity_out, heat_out, sprung, accounts = outputs
    stiffness, damping, conductance, specific_heat, time, first = settings
    n = mass.shape[0]
    i, j = touching_pairs(position, grid, reach) if n else (np.empty(0, dtype=np.int64),) * 2
    v, m, q = (a.astype(np.float64) for a in (velocity, mass, heat))
    apart = separation(position, i, j, grid)
    distance = np.sqrt((apart**2).sum(axis=0))
    normal, overlap = apart / distance, reach - distance
    speed = ((v[:, i] - v[:, j]) * normal).sum(axis=0)
    reduced = m[i] * m[j] / (m[i] + m[j])

    def total(values: Float[np.ndarray, " pairs"]) -> Float[np.ndarray, " n"]:
        return np.bincount(i, weights=values, minlength=n)

    dashpot = 2 * damping * np.sqrt(stiffness * reduced)
    spring = time * stiffness * overlap
    impulse = (spring - time * dashpot * speed) / (1 + 0.5 * time * dashpot / reduced)
    impulse = np.clip(impulse, 0, 2 * spring)
    damped = impulse - spring
    momentum = np.array([total(impulse * normal[a]) for a in range(3)])
    taken = np.array([total(damped * normal[a]) for a in range(3)])
    paid = total(-0.5 * damped * (speed + 0.5 * impulse / reduced))
    lost = paid - 0.5 * ((momentum * taken).sum(axis=0) - total(impulse * damped)) / m

    crowd = np.maximum(contacts.count[i], contacts.count[j]).astype(np.float64)
    capacity = specific_heat * m
    joint = capacity[i] * capacity[j] / (capacity[i] + capacity[j])
    section = 0.5 * np.pi * overlap * (reach - 0.5 * overlap)
    link = conductance * section
    flow = (q[j] / capacity[j] - q[i] / capacity[i]) * joint * link / (joint + link) / crowd

    velocity_out[:] = v + momentum / m
    sprung[:] = (momentum - taken) / m
    heat_out[:] = np.maximum(q + lost + total(flow), 0)
    accounts[CONTACTS] = lost if first else accounts[CONTACTS] + lost
    accounts[ELASTIC] = total(0.25 * stiffness * overlap**2)
