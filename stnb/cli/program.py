"""From arguments to an exit code."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

from stnb._core.errors import StnbError
from stnb.cli.flags import Parser, add_run_flags, program
from stnb.cli.info import bench, info

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

__all__ = ["main", "manifold"]

REFUSED, INTERRUPTED = 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m stnb`: parse, act, and answer with an exit code; what stnb refuses is one line on stderr."""
    parser, run = program()
    arguments, rest = parser.parse_known_args(argv)
    if rest and arguments.command != "bench":
        (run if arguments.command == "run" else parser).refuse(rest)
    if arguments.command == "run":
        return _guarded(lambda: _run(arguments))
    return _guarded(info if arguments.command == "info" else lambda: bench(rest))


def manifold(argv: Sequence[str] | None = None) -> int:
    """`python -m stnb.manifold`: the same as `python -m stnb run`."""
    parser = Parser(prog="python -m stnb.manifold")
    add_run_flags(parser)
    arguments, rest = parser.parse_known_args(argv)
    if rest:
        parser.refuse(rest)
    return _guarded(lambda: _run(arguments))


def _run(arguments: argparse.Namespace) -> int:
    from stnb.cli.run import run

    return run(arguments)


def _guarded(act: Callable[[], int]) -> int:
    with warnings.catch_warnings():
        warnings.showwarning = _warn
        try:
            return act()
        except (StnbError, OSError) as error:
            print(f"stnb: {error}", file=sys.stderr)
            return REFUSED
        except KeyboardInterrupt:
            return INTERRUPTED


def _warn(message: Warning | str, *_: object) -> None:
    """A warning is one line too."""
    print(f"stnb: {message}", file=sys.stderr)
