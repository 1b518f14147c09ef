"""The flags, what they mean, and which of them go together."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import stnb
from stnb._core.errors import InputError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Parser", "add_run_flags", "checked", "program"]

STEPS, RECORD_EVERY = 200, 10
TARGETS = ("record", "ledger", "profile", "save")

WHAT = "Run particles on a grid and account for every joule."
EXAMPLES = """
examples:
  {prog} --particles 10000 --grid 64 --steps 500 --record fall.zip
      ten thousand particles; every tenth frame goes into fall.zip, which
      stnb.recording.load and numpy.load open

  {prog} --continuous --inject every=50,size=40:80,pattern=cycle \\
      --capacity 20000 --save world.stnb --save-every 1000
      on and on with fresh particles, until Ctrl-C; then
      {prog} --resume world.stnb --steps 500  goes on bit for bit

exit codes: 0 done; 2 refused, with one line that says why; 130 stopped by
Ctrl-C or SIGTERM before its end. With --continuous, being stopped is the end: 0.
"""


class Parser(argparse.ArgumentParser):
    """Refuses in one line, knows the nearest flag, and takes no abbreviations, so that scripts stay right."""

    def __init__(self, **options: object) -> None:
        options.setdefault("formatter_class", _Tidy)
        super().__init__(allow_abbrev=False, **options)  # pyright: ignore[reportArgumentType]

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and where to read on."""
        self.exit(2, f"stnb: {message}; see {self.prog} --help\n")

    def refuse(self, unknown: Sequence[str]) -> NoReturn:
        """Arguments that nobody knows."""
        flag = unknown[0].partition("=")[0]
        known = [flag for action in self._actions for flag in action.option_strings]
        self.error(f"unknown argument {flag!r}: {nearest(flag, known).rstrip('.')}")


class _Tidy(argparse.RawDescriptionHelpFormatter):
    """Flags in a column of their own, examples as they were written."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=98)


def program() -> tuple[Parser, Parser]:
    """The parser of `python -m stnb`, and that of its command `run`."""
    parser = Parser(prog="stnb", description="Live, trustworthy simulations.")
    parser.add_argument("--version", action="version", version=f"stnb {stnb.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    run = commands.add_parser("run", help="run particles on a grid and print the energy ledger")
    add_run_flags(run)
    commands.add_parser("info", help="versions, back ends, and why not the others")
    commands.add_parser("bench", help="time the kernels of a checkout; further arguments go to the runner")
    return parser, run


def add_run_flags(parser: Parser) -> None:
    """Everything that `run` takes."""
    parser.description, parser.epilog = WHAT, EXAMPLES.format(prog=parser.prog)
    parser.usage = "%(prog)s [flags]"
    world = parser.add_argument_group("the world")
    world.add_argument("--particles", metavar="N", help="how many to begin with (1000)")
    world.add_argument("--grid", metavar="N", help="nodes along each side, 32, or along three, 32x32x64 (32)")
    world.add_argument("--dt", metavar="S", help="time step in seconds (0.01)")
    world.add_argument(
        "--capacity", metavar="N", help="most particles that fit (twice the first, 4096 at least)"
    )
    world.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="any other setting of ManifoldConfig; repeat",
    )
    world.add_argument(
        "--config", metavar="FILE.toml", type=Path, help="settings to start from; flags go over it"
    )
    world.add_argument("--seed", metavar="N", type=_whole(0), help="one seed, one result, to the bit (0)")
    world.add_argument("--device", metavar="NAME", help="auto, cpu or cuda (auto)")
    world.add_argument(
        "--resume", metavar="FILE", type=Path, help="go on from a checkpoint; it decides the world"
    )

    course = parser.add_argument_group("its course")
    course.add_argument("--steps", metavar="N", type=_whole(0), help=f"how many steps to take ({STEPS})")
    course.add_argument(
        "--seconds", metavar="S", type=_seconds, help="stop after this much time on the clock"
    )
    course.add_argument("--continuous", action="store_true", help="go on until Ctrl-C, or for --seconds")
    course.add_argument(
        "--inject",
        metavar="SPEC",
        help="add particles now and then: every=50,size=40:80,pattern=cycle (a pattern's name, cycle or random)",
    )

    keep = parser.add_argument_group("what to keep")
    keep.add_argument("--save", metavar="FILE", type=Path, help="write a checkpoint at the end")
    keep.add_argument(
        "--save-every", metavar="N", type=_whole(1), help="and each N steps, over the one before"
    )
    keep.add_argument("--record", metavar="FILE", type=Path, help="write frames and history as they come")
    keep.add_argument(
        "--record-every", metavar="N", type=_whole(1), help=f"steps between frames ({RECORD_EVERY})"
    )
    keep.add_argument("--ledger", metavar="FILE.csv", type=Path, help="write the history as a table")

    show = parser.add_argument_group("what to show")
    show.add_argument(
        "--profile",
        metavar="FILE.json",
        nargs="?",
        const="",
        help="where the time went, op by op, from the second step on: printed, or written into FILE.json",
    )
    show.add_argument("--quiet", action="store_true", help="only the ledger: no settings, no progress bar")
    show.add_argument("--json", action="store_true", help="only a summary, in one line of JSON")


def checked(arguments: argparse.Namespace) -> argparse.Namespace:
    """Fill in what depends on other flags, and refuse those that contradict each other or cannot be obeyed."""
    if arguments.continuous and arguments.steps is not None:
        raise InputError("--continuous has no last step; drop it, or drop --steps.")
    for flag, needed in (("save_every", "save"), ("record_every", "record")):
        if getattr(arguments, flag) is not None and getattr(arguments, needed) is None:
            raise InputError(
                f"--{flag.replace('_', '-')} says how often, but not where; add --{needed} FILE."
            )
    if arguments.steps is None and arguments.seconds is None and not arguments.continuous:
        arguments.steps = STEPS
    arguments.record_every = arguments.record_every or RECORD_EVERY
    _refuse_targets(arguments)
    return arguments


def _refuse_targets(arguments: argparse.Namespace) -> None:
    """Before hours of work, see that there is a place for what they bring."""
    taken: dict[Path, str] = {}
    for flag in TARGETS:
        given = getattr(arguments, flag)
        if not given:
            continue
        target = Path(given).absolute()
        if not target.parent.is_dir():
            raise InputError(f"--{flag} {given}: there is no folder {target.parent}; make it first.")
        if target.is_dir():
            raise InputError(f"--{flag} {given} is a folder; give the name of a file in it.")
        if target in taken:
            raise InputError(f"--{flag} and --{taken[target]} both write {given}; give two names.")
        taken[target] = flag


def _whole(low: int) -> Callable[[str], int]:
    """A reader of whole numbers from `low` on."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if number < low:
            raise argparse.ArgumentTypeError(f"{text!r} will not do, give a whole number, {low} or more")
        return number

    return read


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} will not do, give a positive number of seconds")
    return number
