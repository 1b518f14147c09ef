"""`python -m stnb.gallery build | reference | check | strip`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stnb._core.errors import StnbError
from stnb.gallery.build import build, write_words
from stnb.gallery.catalogue import load
from stnb.gallery.compare import changed_cells
from stnb.gallery.execute import execute
from stnb.gallery.reading import read, write
from stnb.gallery.rules import problems
from stnb.gallery.tidy import strip

if TYPE_CHECKING:
    from stnb.gallery.reading import Notebook


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

    telling = commands.add_parser("reference", help="write the reference and the glossary alone")
    telling.add_argument("--into", type=Path, default=Path("build/gallery"))
    telling.set_defaults(command=_reference)

    for name, command, help_text in (
        ("check", _check, "report what keeps notebooks from being shared"),
        ("strip", _strip, "remove timings, widget state and version numbers from notebooks"),
    ):
        one = commands.add_parser(name, help=help_text)
        one.add_argument(
            "paths", nargs="*", type=Path, help="notebooks; all of the gallery when none is given"
        )
        one.add_argument("--notebooks", type=Path, default=Path("notebooks"))
        if name == "check":
            one.add_argument(
                "--run",
                action="store_true",
                help='also run them, and name the cells that show something else; a cell tagged "volatile" may',
            )
        one.set_defaults(command=command)
    return parser


def _paths(options: argparse.Namespace) -> list[Path]:
    return options.paths or [entry.path for entry in load(options.notebooks)]


def _build(options: argparse.Namespace) -> int:
    print(build(options.notebooks, options.into, update=options.update))
    return 0


def _reference(options: argparse.Namespace) -> int:
    print(write_words(options.into))
    return 0


def _check(options: argparse.Namespace) -> int:
    found = 0
    for path in _paths(options):
        notebook = read(path)
        unstripped = ["carries volatile metadata; run `python -m stnb.gallery strip`"] * (
            strip(notebook) != notebook
        )
        stale = _stale(path, notebook) if options.run else []
        for problem in [*problems(notebook), *unstripped, *stale]:
            print(f"{path}: {problem}")
            found += 1
    return 1 if found else 0


def _stale(path: Path, notebook: Notebook) -> list[str]:
    """What a run of the notebook shows otherwise than the file does."""
    changed = changed_cells(strip(notebook), strip(execute(path).notebook))
    which = ", ".join(map(str, changed))
    return [f"a run shows something else in cells {which}; tag them volatile or rebuild"] if changed else []


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
