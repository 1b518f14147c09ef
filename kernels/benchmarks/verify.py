"""Thousand-case parity of every op and back end on this machine, written beside the commit it was made at.

    python kernels/benchmarks/verify.py              hours, every op
    python kernels/benchmarks/verify.py --op deposit --cases 1000

Results go to `results/verify-<op>.json`, one entry per back end. `make test` lists the ops whose sources are newer.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from run import commit_of, hardware, source_digest, version  # noqa: E402
from stnb_kernels import ops, parity  # noqa: E402
from stnb_kernels.languages import cuda_simulated, triton_interpreted  # noqa: E402

MORE_CASES = {"tune": 10}
"""Ten thousand random spectra against the bound of the moments."""


def verify(op: str, backend: str, cases: int, seed: int, commit: str | None) -> dict[str, Any]:
    """One back end of one op."""
    begin = time.perf_counter()
    report = parity.check(op, backend, cases=cases, seed=seed)
    print(report, f"({time.perf_counter() - begin:.0f} s)", flush=True)
    return {
        "cases": report.cases,
        "green": report.green,
        "worst": report.worst,
        "mismatches": [str(m) for m in report.mismatches[:10]],
        "sources": source_digest(op),
        "commit": commit_of(commit),
        "when": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "hardware": hardware().get("gpu" if backend in ("cuda", "triton") else "cpu"),
        "versions": {p: version(p) for p in ("numpy", "numba", "numba-cuda", "torch", "triton")},
    }


def stale(op: str) -> list[str]:
    """Back ends of an op that were never verified as its sources now are."""
    file = HERE / "results" / f"verify-{op}.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    digest = source_digest(op)
    wanted = [b for b in ops()[op].order if b not in ("reference", "metal")]
    return [b for b in wanted if not known.get(b, {}).get("green") or known[b]["sources"] != digest]


def listed_stale() -> str:
    """Every op with the back ends that want `make verify`, on one line."""
    late = {name: stale(name) for name in ops()}
    return (
        "; ".join(f"{name} ({', '.join(backends)})" for name, backends in late.items() if backends) or "none"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Thousand-case parity.")
    parser.add_argument("--op", action="append", choices=sorted(ops()))
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--backend", action="append", help="only this back end; repeatable")
    parser.add_argument("--commit", help="commit to record where git is not there")
    parser.add_argument("--stale", action="store_true", help="only list what is newer than its verification")
    arguments = parser.parse_args()
    if arguments.stale:
        print(f"Ops whose source is newer than their verification: {listed_stale()}")
        return 0
    if cuda_simulated() or triton_interpreted():
        sys.exit("verification runs on real devices: unset NUMBA_ENABLE_CUDASIM and TRITON_INTERPRET")
    green = True
    for name, op in ops().items():
        if arguments.op and name not in arguments.op:
            continue
        file = HERE / "results" / f"verify-{name}.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        for backend in op.order:
            wanted = not arguments.backend or backend in arguments.backend
            if backend == "reference" or not wanted or not op.status(backend)[0]:
                continue
            cases = arguments.cases * MORE_CASES.get(name, 1)
            known[backend] = verify(name, backend, cases, arguments.seed, arguments.commit)
            green &= known[backend]["green"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(known, indent=1) + "\n")
    return 0 if green else 1


if __name__ == "__main__":
    sys.exit(main())
