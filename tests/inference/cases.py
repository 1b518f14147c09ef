"""Worked cases, and the ways in which people hold a series of numbers."""

import json
from collections import deque
from pathlib import Path

import numpy as np
import torch
from hypothesis import strategies as st

GOLDEN = Path(__file__).parents[1] / "golden" / "session.json"

VALUE = st.floats(-100.0, 100.0)
LATENT = st.lists(VALUE, min_size=1, max_size=40)
READINGS = st.dictionaries(st.sampled_from("abcdef"), st.floats(-50.0, 50.0), min_size=1)
OBSERVED = st.dictionaries(
    st.sampled_from(["speed", "memory", "stability", "frac", "drs", "canvas_energy"]), st.floats(-2.0, 2.0)
)


def case(name):
    """Inputs, output and tolerance of a worked case."""
    cases = json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]
    found = next(c for c in cases if c["name"] == name)
    return found["inputs"], found["output"], found["tolerance"]


class Exporter:
    """Only speaks DLPack."""

    def __init__(self, array):
        self._array = array

    def __dlpack__(self, **options):
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()


class Lister:
    """Only has `tolist()`."""

    def __init__(self, values):
        self._values = values

    def tolist(self):
        return list(self._values)


HOLDERS = {
    "tuple": tuple,
    "deque": deque,
    "float64": np.array,
    "float32": lambda v: np.array(v, np.float32),
    "float16": lambda v: np.array(v, np.float16),
    "big endian": lambda v: np.array(v, ">f8"),
    "reversed view": lambda v: np.array(v[::-1])[::-1],
    "row": lambda v: np.array([v]),
    "column": lambda v: np.array(v)[:, None],
    "objects": lambda v: [np.float64(x) for x in v],
    "scalars of torch": lambda v: [torch.tensor(x, requires_grad=True) for x in v],
    "torch": torch.tensor,
    "torch float64": lambda v: torch.tensor(v, dtype=torch.float64),
    "bfloat16": lambda v: torch.tensor(v, dtype=torch.bfloat16),
    "with gradient": lambda v: torch.tensor(v, requires_grad=True),
    "strided": lambda v: torch.tensor([v, v]).T[:, 0],
    "dlpack": lambda v: Exporter(np.array(v)),
    "dlpack of torch": lambda v: Exporter(torch.tensor(v)),
    "dlpack of bfloat16": lambda v: Exporter(torch.tensor(v, dtype=torch.bfloat16)),
    "tolist": Lister,
}
"""Values such as 0.5 and −0.25 are the same in all of them."""
