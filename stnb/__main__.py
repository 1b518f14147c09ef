"""python -m stnb: run a manifold, see what this machine can do, time the kernels."""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import stnb
from stnb._core.errors import StnbError

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGES = (
    "numpy",
    "numba",
    "torch",
    "triton",
    "numba-cuda",
    "plotly",
    "anywidget",
    "safetensors",
    "jupyterlab",
)
RUNNER = Path(__file__).parents[1] / "kernels" / "benchmarks" / "run.py"


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, act, and answer with an exit code; what stnb refuses is one line on stderr."""
    arguments, rest = _parser().parse_known_args(argv)
    if rest and arguments.command != "bench":
        _parser().error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        if arguments.command == "run":
            return _run(arguments)
        return _info() if arguments.command == "info" else _bench(rest)
    except StnbError as error:
        print(f"stnb: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stnb", description="Live, trustworthy simulations.")
    parser.add_argument("--version", action="version", version=f"stnb {stnb.__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a manifold and print its energy ledger")
    run.add_argument("--steps", type=int, default=200, help="how many steps to take (%(default)s)")
    run.add_argument("--particles", type=int, default=1000, help="how many to begin with (%(default)s)")
    run.add_argument("--grid", type=int, default=32, help="nodes along each side (%(default)s)")
    run.add_argument("--seed", type=int, default=0, help="one seed, one result (%(default)s)")
    run.add_argument("--device", default="auto", help="auto, cpu or cuda (%(default)s)")
    run.add_argument("--save", type=Path, metavar="PATH", help="write a checkpoint at the end")
    run.add_argument("--quiet", action="store_true", help="no progress bar, only the ledger")
    commands.add_parser("info", help="versions, back ends, and why not the others")
    commands.add_parser("bench", help="time the kernels of a checkout; further arguments go to the runner")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    session = stnb.ManifoldSession(
        arguments.particles, arguments.grid, seed=arguments.seed, device=arguments.device
    )
    with session:
        if not arguments.quiet:
            print(f"{session!r}\n{session.config}")
        session.run(arguments.steps, progress=not arguments.quiet)
        print(session.ledger.table())
        if arguments.save is not None:
            session.save(arguments.save)
            if not arguments.quiet:
                print(f"saved {arguments.save}")
    return 0


def _info() -> int:
    machine = f"{platform.system()} {platform.machine()}"
    print(f"stnb {stnb.__version__}, Python {platform.python_version()}, {machine}")
    for name in PACKAGES:
        print(f"  {name:<12} {_version(name)}")
    print(stnb.backends())
    return 0


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _bench(rest: Sequence[str]) -> int:
    if not RUNNER.is_file():
        raise StnbError(
            "the benchmarks are not part of the installed package; clone the repository, install it with "
            'pip install -e ".[dev]", and run python -m stnb bench there.'
        )
    return subprocess.run([sys.executable, str(RUNNER), *rest], check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
