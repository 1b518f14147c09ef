"""What every op promises beside its result: no recompilation, folders of one shape."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from stnb_kernels import ops, parity

OPS = sorted(ops())
FLOAT = r"float(32|64)"
LAYOUT = r"'[CA]'"
LITERAL = r"Literal\[int\]\(-?\d+\)"  # how a constant looks before it is an int64


def compiled(op):
    """Numba functions of the op's CPU module that Python calls: those that are kept on disk."""
    module = importlib.import_module(f"stnb_kernels.{op}.cpu")
    functions = [f for f in vars(module).values() if hasattr(f, "signatures")]
    return [f for f in functions if f.stats.cache_path and f.__module__ == module.__name__]


@pytest.mark.parametrize("op", [op for op in OPS if op != "poisson"])  # SciPy, nothing is compiled
def test_the_cpu_version_never_recompiles_for_another_size(op):
    parity.check(op, "cpu", cases=12, seed=1)
    before = [len(f.signatures) for f in compiled(op)]
    parity.check(op, "cpu", cases=12, seed=2)
    assert [len(f.signatures) for f in compiled(op)] == before
    assert before
    for function in compiled(op):
        plain = {re.sub(LITERAL, "int64", str(signature)) for signature in function.signatures}
        kinds = Counter(re.sub(FLOAT, "real", signature) for signature in plain)
        assert max(kinds.values(), default=0) <= 2, "one for float32, one for float64"
        assert len({re.sub(LAYOUT, "", kind) for kind in kinds}) <= 1, (
            "they differ in the arrays' layout only"
        )


@pytest.mark.parametrize("op", OPS)
def test_an_op_is_a_folder_that_holds_its_back_ends(op):
    folder = Path(importlib.import_module(f"stnb_kernels.{op}").__file__).parent
    files = {"triton": "triton_.py"}
    expected = {files.get(b, f"{b}.py") for b in ops()[op].order} | {"__init__.py", "cases.py"}
    assert expected <= {f.name for f in folder.glob("*.py")}
    assert ops()[op].order[-1] == "reference"


@pytest.mark.parametrize("op", OPS)
def test_a_draw_depends_on_its_seed_only(op):
    suite = importlib.import_module(f"stnb_kernels.{op}.cases")
    first, second = (suite.draw(np.random.default_rng(9), small=True, backend="cpu") for _ in range(2))
    for a, b in zip(suite.reference(first).values(), suite.reference(second).values(), strict=True):
        assert np.array_equal(a, b, equal_nan=True)
