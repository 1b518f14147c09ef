"""Parity cases of `neighbours`: integers, so identical."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_kernels.cells import CellList, build_cells
from stnb_kernels.grid import Grid
from stnb_kernels.neighbours import OP, SLOTS, ContactList, find_contacts, reach_in_cells
from stnb_kernels.neighbours import reference as definition
from stnb_kernels.parity import to_device, to_numpy

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

COUNTS = (0, 1, 7, 60, 1000, 8000)
CLUSTER, CROWD = 1, 400
"""The law that puts everybody within reach of everybody, and the most particles that it draws."""
DENSEST = 15
"""Particles per cubed reach of the other laws: sixty contacts each, twice what a list holds."""
SHAPES = ((4, 4, 4), (5, 7, 4), (17, 9, 33))
UNLISTED = -2


@dataclass(frozen=True)
class Case:
    """Particles in a box."""

    grid: Grid
    position: Float[np.ndarray, "3 n"]
    velocity: Float[np.ndarray, "3 n"]
    reach: float

    def __str__(self) -> str:
        return f"{self.position.shape[1]} {self.position.dtype} particles on {self.grid}, reach {self.reach}"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    """Uniform, clustered, in planes of nodes, some in the same place; reach of one cell and of two and a half."""
    n = int(rng.choice(COUNTS[:4] if small else COUNTS))
    shape = SHAPES[int(rng.integers(2 if small else 3))]
    grid = Grid(shape, float(rng.choice([1.0, 0.5, 1.7])), bool(rng.integers(2)))
    reach = grid.spacing * float(rng.choice([0.5, 1.0, 2.5 if not grid.periodic else 1.7]))
    dtype = "float32" if backend in ("metal", "triton") else str(rng.choice(["float32", "float64"]))
    extent = np.array(grid.extent)[:, None]
    laws = (
        lambda: rng.random((3, n)) * extent,
        lambda: np.clip(rng.normal(0.5, 0.05, (3, n)), 0, 0.999) * extent,
        lambda: (
            np.where(rng.random((3, n)) < 0.3, np.floor(rng.random((3, n)) * 3), rng.random((3, n)))
            * extent
            / 3
        ),
    )
    law = int(rng.integers(len(laws)))
    most = CROWD if law == CLUSTER else int(DENSEST * np.prod(extent / reach)) + COUNTS[3]
    position = laws[law]()[:, :most].astype(dtype)
    n = position.shape[1]
    if n > 4:
        position[:, 3] = position[:, 4]
    velocity = rng.normal(0, 1, (3, n)).astype(dtype)
    keep = ~undecided(position, velocity, grid, reach)
    return Case(grid, position[:, keep].copy(), velocity[:, keep].copy(), reach)


def undecided(
    position: Float[np.ndarray, "3 n"], velocity: Float[np.ndarray, "3 n"], grid: Grid, reach: float
) -> Bool[np.ndarray, " n"]:
    """Particles in a pair that rounding could put on either side of a threshold."""
    n = position.shape[1]
    bad = np.zeros(n, dtype=bool)
    if n < 2:
        return bad
    first, second = definition.touching_pairs(position, grid, 1.0005 * reach)
    apart = definition.separation(position, first, second, grid)
    distance = np.sqrt((apart**2).sum(axis=0))
    change = velocity[:, first].astype(np.float64) - velocity[:, second]
    speed = (apart * change).sum(axis=0) / distance
    margin = (np.abs(distance - reach) < 1e-4 * reach) | (np.abs(speed) < 1e-5) | (distance < 1e-4 * reach)
    bad[first[margin]] = True
    return bad


def listed(case: Case, backend: str) -> Any:
    """The cell list of the case, where the back end wants it."""
    cells = CellList.allocate(case.grid, case.position.shape[1], case.position)
    build_cells(case.position, case.grid, cells, backend="reference")
    return CellList(*(to_device(getattr(cells, f), backend) for f in CellList.__slots__))


def poisoned(n: int, backend: str) -> ContactList:
    """A contact list whose buffers hold rubbish."""
    blank: list[Any] = [np.full(size, -77, dtype=np.int32) for size in ((n,), (n,), (SLOTS, n))]
    return ContactList(*(to_device(a, backend) for a in blank))


def reference(case: Case) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    n = case.position.shape[1]
    contacts = poisoned(n, backend)
    position, velocity = (to_device(a, backend) for a in (case.position, case.velocity))
    cells = listed(case, backend)
    find_contacts(position, velocity, case.grid, cells, contacts, reach=case.reach, backend=backend)
    count = to_numpy(contacts.count)
    filled = np.arange(SLOTS)[:, None] < np.where(count <= SLOTS, count, 0)
    partner = np.sort(np.where(filled, indices(case, backend, contacts, cells), -1), axis=0)
    return {"count": count, "approaching": to_numpy(contacts.approaching), "partner": partner}


def indices(case: Case, backend: str, contacts: ContactList, cells: CellList) -> Int[np.ndarray, "slots n"]:
    """The partners as indices of particles, whatever form the back end gave them."""
    decode = getattr(OP.module(backend), "partners", None)
    if decode is None:
        return to_numpy(contacts.partner)
    span = reach_in_cells(case.grid, case.reach)
    return decode(contacts, cells, case.grid, span, str(case.position.dtype))


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """How many integers differ. A list that the back end keeps for nobody does not count."""
    del case
    if name == "partner":
        value = np.where((value == UNLISTED).any(axis=0), expected, value)
    return float(np.count_nonzero(value != expected)), 0.0
