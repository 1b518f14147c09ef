"""Execute every notebook and write the gallery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb.gallery.catalogue import load
from stnb.gallery.execute import NotebookError, execute
from stnb.gallery.page import Card, index_page, notebook_page
from stnb.gallery.reading import write
from stnb.gallery.rules import problems
from stnb.gallery.tidy import strip

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build"]


def build(notebooks: Path, into: Path, *, update: bool = False) -> Path:
    """Run the notebooks of a folder and write their pages, and an index, into another.

    Args:
        notebooks: the folder with the notebooks and their `gallery.toml`.
        into: where the pages go; created when needed.
        update: also replace each notebook by its executed, stripped form.

    Returns:
        The path of the index.

    Raises:
        NotebookError: when a notebook fails, breaks a rule, or its page needs a network.
    """
    into.mkdir(parents=True, exist_ok=True)
    cards = []
    for entry in load(notebooks):
        run = execute(entry.path)
        tidy = strip(run.notebook)
        broken = problems(tidy)
        if broken:
            raise NotebookError(f"{entry.path.name} {'; '.join(broken)}.")
        page = notebook_page(entry, tidy)
        (into / f"{entry.path.stem}.html").write_text(page, encoding="utf-8")
        if update:
            write(entry.path, tidy)
        cards.append(Card.of(entry, tidy, run.seconds))
        print(f"{entry.path.name}: {cards[-1].checks} checks in {run.seconds:.1f} s")
    index = into / "index.html"
    index.write_text(index_page(cards), encoding="utf-8")
    return index
