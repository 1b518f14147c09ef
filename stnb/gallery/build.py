"""Execute every notebook and write the gallery."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from stnb.gallery.catalogue import load
from stnb.gallery.checks import checks_json, checks_page, table
from stnb.gallery.compare import changed_cells, settled
from stnb.gallery.execute import NotebookError, execute
from stnb.gallery.glossary import glossary_page, read_glossary
from stnb.gallery.index import Card, index_page
from stnb.gallery.page import notebook_page
from stnb.gallery.reading import read, write
from stnb.gallery.reference import write_reference
from stnb.gallery.rooms import House
from stnb.gallery.rules import problems
from stnb.gallery.tidy import strip

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from stnb.gallery.catalogue import Entry

__all__ = ["build", "write_words"]


def build(notebooks: Path, into: Path, *, update: bool = False, rooms: Iterable[str] | None = None) -> Path:
    """Run the notebooks of a folder and write their pages, an index, the glossary, the reference and all checks.

    Args:
        notebooks: the folder with the notebooks and their `gallery.toml`.
        into: where the pages go; created when needed.
        update: also replace each notebook by its executed, stripped form, if that shows anything else.
        rooms: packages that the reference describes; all of them when None.

    Returns:
        The path of the index.

    Raises:
        NotebookError: when a notebook fails, breaks a rule, or its page needs a network.
    """
    into.mkdir(parents=True, exist_ok=True)
    entries = load(notebooks)
    cards, sizes = [], {}
    for number, entry in enumerate(entries):
        before = entries[number - 1] if number else None
        after = entries[number + 1] if number + 1 < len(entries) else None
        card, size = _notebook(entry, into, before, after, update=update)
        cards.append(card)
        sizes[entry.page] = size
        print(f"{entry.path.name}: {len(card.checks)} checks in {card.seconds:.1f} s, {card.peak_mb:.0f} MB")
    write_words(into, rooms)
    _write(into / "checks.html", checks_page(cards, sizes))
    _write(into / "checks.json", checks_json(cards, sizes))
    print(table(cards, sizes))
    return _write(into / "index.html", index_page(cards))


def write_words(into: Path, rooms: Iterable[str] | None = None) -> Path:
    """Write the reference of these rooms, all of them when None, and the glossary; returns the reference's page."""
    house = House(rooms)
    reference = write_reference(into, house)
    _write(into / "glossary.html", glossary_page(read_glossary(), house))
    return reference


def _notebook(
    entry: Entry, into: Path, before: Entry | None, after: Entry | None, *, update: bool
) -> tuple[Card, int]:
    """Run one notebook, judge it and write its page; returns its card and the size of the page."""
    run = execute(entry.path, replays=True)
    tidy = strip(run.notebook)
    broken = problems(tidy)
    if broken:
        raise NotebookError(f"{entry.path.name} {'; '.join(broken)}.")
    page, headings = notebook_page(entry, run, before=before, after=after)
    _write(into / entry.page, page)
    if update:
        _update(entry.path, tidy)
    shutil.copyfile(entry.path, into / entry.path.name)
    return Card.of(entry, run, headings), len(page.encode())


def _update(path: Path, tidy: dict) -> None:
    """Replace the notebook by its new form; cells that were declared volatile do not count as news."""
    committed = read(path)
    fresh = settled(committed, tidy)
    if fresh != committed:
        shown = ", ".join(map(str, changed_cells(committed, tidy)))
        print(f"{path.name}: updated{f', cells {shown}' if shown else ''}")
        write(path, fresh)


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
