"""The rows of a step's accounts: joules per particle, written by the ops that move them, added up by the tally.

drag        kinetic energy that became heat by friction
pressure    heat that became kinetic energy
walls       kinetic energy that became heat at a wall
contacts    kinetic energy that became heat in collisions
radiation   heat that left
projection  potential energy that pushing overlapping particles apart costs
elastic     energy stored in squeezed contacts, half of a pair's with each partner (a store, not a flow)
limiter     kinetic energy that became heat because a speed was capped
"""

from __future__ import annotations

__all__ = [
    "ACCOUNTS",
    "CONTACTS",
    "DRAG",
    "ELASTIC",
    "LIMITER",
    "PRESSURE",
    "PROJECTION",
    "RADIATION",
    "WALLS",
]

ACCOUNTS = ("drag", "pressure", "walls", "contacts", "radiation", "projection", "elastic", "limiter")
DRAG, PRESSURE, WALLS, CONTACTS, RADIATION, PROJECTION, ELASTIC, LIMITER = range(len(ACCOUNTS))
