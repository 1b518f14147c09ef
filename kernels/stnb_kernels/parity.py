"""Parity: does a back end compute the function that the reference defines?

An op's `cases.py` draws random cases (odd, empty, one-element, clustered, NaN-poisoned outputs) and calls the op on
any back end. Integers must be identical. Floats must agree to a tolerance that `cases.py` states and derives.

`python -m stnb_kernels.parity --op deposit --backend cuda --cases 1000`

An op of another package is there once that package registered it: `--import its_package`.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stnb._core.errors import InputError, nearest
from stnb_kernels.languages import accepts
from stnb_kernels.registry import ops

__all__ = ["Mismatch", "Report", "check", "to_device", "to_numpy"]


def to_device(array: np.ndarray, backend: str) -> Any:
    """A copy of the array where the back end wants it."""
    place = accepts(backend)[0]
    if place == "numpy":
        return array.copy()
    import torch

    device = place.partition(":")[2]
    if backend == "torch":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.from_numpy(array.copy()).to(device)


def to_numpy(array: Any) -> np.ndarray:
    """The array's values on the host."""
    return array if isinstance(array, np.ndarray) else array.cpu().numpy()


@dataclass(frozen=True)
class Mismatch:
    """One output of one case that is out of tolerance."""

    case: str
    output: str
    error: float
    tolerance: float

    def __str__(self) -> str:
        return f"{self.case}: {self.output} is off by {self.error:.3g}, tolerance {self.tolerance:.3g}"


@dataclass
class Report:
    """What a parity run found."""

    op: str
    backend: str
    cases: int = 0
    worst: dict[str, float] = field(default_factory=dict)
    mismatches: list[Mismatch] = field(default_factory=list)

    @property
    def green(self) -> bool:
        """Whether every case agreed, and there was at least one."""
        return self.cases > 0 and not self.mismatches

    def __str__(self) -> str:
        state = "green" if self.green else f"RED ({len(self.mismatches)} mismatches)"
        worst = ", ".join(f"{k} {v:.2g}" for k, v in self.worst.items())
        lines = [f"{self.op} on {self.backend}: {state}, {self.cases} cases; worst error {worst}"]
        return "\n  ".join([*lines, *(str(m) for m in self.mismatches[:5])])


def check(op: str, backend: str, *, cases: int, seed: int = 0, small: bool = False) -> Report:
    """Compare a back end with the reference on random cases.

    Args:
        op: Name of the op.
        backend: The back end to test.
        cases: How many cases to draw.
        seed: Of the draw.
        small: Only sizes that simulators finish in a moment.
    """
    known = ops()
    if op not in known:
        raise InputError(f"unknown op {op!r}: {nearest(op, known)}")
    suite = importlib.import_module(f"{known[op].package}.cases")
    report = Report(op, backend)
    for index in range(cases):
        case = suite.draw(np.random.default_rng([seed, index]), small=small, backend=backend)
        expected = suite.reference(case)
        for name, value in suite.compute(case, backend).items():
            error, tolerance = suite.error(case, name, value, expected[name])
            report.worst[name] = float(np.maximum(report.worst.get(name, 0.0), error))  # NaN stays
            if not error <= tolerance:
                report.mismatches.append(Mismatch(f"case {seed}/{index} {case}", name, error, tolerance))
        report.cases += 1
    return report


def main(argv: list[str] | None = None) -> int:
    """Command line of `python -m stnb_kernels.parity`."""
    parser = argparse.ArgumentParser(description="Compare back ends with the reference.")
    parser.add_argument("--op", action="append", help="only this op; repeatable")
    parser.add_argument(
        "--import", action="append", default=[], dest="packages", metavar="PACKAGE", help="first"
    )
    parser.add_argument("--backend", action="append", help="only this back end; repeatable")
    parser.add_argument("--cases", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--small", action="store_true", help="only small cases")
    args = parser.parse_args(argv)
    for package in args.packages:
        importlib.import_module(package)
    known, green = ops(), True
    for name in args.op or ():
        if name not in known:
            parser.error(f"unknown op {name!r}: {nearest(name, known)}")
    for name, op in known.items():
        if args.op and name not in args.op:
            continue
        for backend in op.order:
            able, reason = op.status(backend)
            if backend == "reference" or (args.backend and backend not in args.backend):
                continue
            if not able:
                print(f"{name} on {backend}: not here ({reason})")
                continue
            report = check(name, backend, cases=args.cases, seed=args.seed, small=args.small)
            print(report, flush=True)
            green &= report.green
    return 0 if green else 1


if __name__ == "__main__":
    sys.exit(main())
