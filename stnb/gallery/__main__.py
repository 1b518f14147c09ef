"""`python -m stnb.gallery build | check | strip`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from stnb._core.errors import StnbError
from stnb.gallery.build import build
from stnb.gallery.catalogue import load
from stnb.gallery.reading import read, write
from stnb.gallery.rules import problems
from stnb.gallery.tidy import strip


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 when a notebook is not."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except StnbError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stnb.gallery", description=__doc__)
    commands = parser.add_subparsers(required=True)

    making = commands.add_parser("build", help="execute every notebook and write static pages")
    making.add_argument("--notebooks", type=Path, default=Path("notebooks"))
    making.add_argument("--into", type=Path, default=Path("build/gallery"))
    making.add_argument(
        "--update", action="store_true", help="also write the outputs back into the notebooks"
    )
    making.set_defaults(command=_build)

    for name, command, help_text in (
        ("check", _check, "report what keeps notebooks from being shared"),
        ("strip", _strip, "remove timings, widget state and version numbers from notebooks"),
    ):
        one = commands.add_parser(name, help=help_text)
        one.add_argument(
            "paths", nargs="*", type=Path, help="notebooks; all of the gallery when none is given"
        )
        one.add_argument("--notebooks", type=Path, default=Path("notebooks"))
        one.set_defaults(command=command)
    return parser


def _paths(options: argparse.Namespace) -> list[Path]:
    return options.paths or [entry.path for entry in load(options.notebooks)]


def _build(options: argparse.Namespace) -> int:
    print(build(options.notebooks, options.into, update=options.update))
    return 0


def _check(options: argparse.Namespace) -> int:
    found = 0
    for path in _paths(options):
        notebook = read(path)
        unstripped = ["carries volatile metadata; run `python -m stnb.gallery strip`"] * (
            strip(notebook) != notebook
        )
        for problem in [*problems(notebook), *unstripped]:
            print(f"{path}: {problem}")
            found += 1
    return 1 if found else 0


def _strip(options: argparse.Namespace) -> int:
    for path in _paths(options):
        notebook = read(path)
        tidy = strip(notebook)
        if tidy != notebook:
            write(path, tidy)
            print(f"{path}: stripped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
