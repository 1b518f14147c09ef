"""An executed notebook as one static page that needs no kernel and no network."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from stnb._core.errors import InputError
from stnb.gallery.cells import WIDGET, body
from stnb.gallery.execute import NotebookError
from stnb.gallery.fragments import FILM_BYTES, share
from stnb.gallery.layout import external_references, page, table_of_contents
from stnb.gallery.prose import Prose
from stnb.gallery.reading import check_lines, outputs

if TYPE_CHECKING:
    from stnb.gallery.catalogue import Entry
    from stnb.gallery.execute import Run
    from stnb.gallery.fragments import Replays

__all__ = ["MAX_PAGE_BYTES", "notebook_page"]

MAX_PAGE_BYTES = 3_000_000
FILMS = (FILM_BYTES, FILM_BYTES // 2, FILM_BYTES // 4, FILM_BYTES // 8, FILM_BYTES // 16)
"""How much of each film a page keeps: as much as it has room for."""


def notebook_page(
    entry: Entry, run: Run, *, before: Entry | None = None, after: Entry | None = None
) -> tuple[str, list[str]]:
    """The page of a notebook, and the plain text of its headings.

    Args:
        entry: what the catalogue says of it.
        run: how it went, with the replays of its widgets.
        before: the notebook that comes before it in the gallery.
        after: the one that comes after it.

    Raises:
        NotebookError: when a formula cannot be written, or the page would fetch something or is too large.
        MissingExtraError: without the packages of `stnb[lab]`.
    """
    displayed = [output["data"][WIDGET]["model_id"] for output in _views(run)]
    shown = {name: run.replays[name] for name in displayed if name in run.replays}
    html, headings = "", []
    for film_bytes in FILMS:
        html, headings = _written(entry, run, share(shown, film_bytes), before, after)
        if len(html.encode()) <= MAX_PAGE_BYTES:
            break
    _refuse(entry, html)
    return html, headings


def _written(
    entry: Entry, run: Run, replays: Replays, before: Entry | None, after: Entry | None
) -> tuple[str, list[str]]:
    prose = Prose(entry.path.parent)
    try:
        cells = body(run.notebook, prose, replays.fragments)
    except InputError as error:
        raise NotebookError(f"{entry.path.name}: {error}") from error
    parts = [(level > 2, anchor, text) for level, anchor, text in prose.headings if level > 1]
    heading = "" if any(level == 1 for level, _, _ in prose.headings) else f"<h1>{escape(entry.title)}</h1>\n"
    html = page(
        f"{entry.title} – stnb",
        f'<div class="columns">\n{table_of_contents(parts)}<article>\n{_facts(entry, run)}{heading}{cells}\n'
        f"{_turn(before, after)}</article>\n</div>",
        place="index.html",
        head=replays.head,
    )
    return html, [text for _, _, text in prose.headings]


def _views(run: Run) -> list[dict]:
    return [output for output in outputs(run.notebook) if WIDGET in output.get("data", {})]


def _facts(entry: Entry, run: Run) -> str:
    tags = "".join(f"<li>{escape(tag)}</li>" for tag in entry.tags)
    count = len(check_lines(run.notebook))
    return (
        f'<div class="facts"><span>{run.seconds:.0f} s · {run.peak_mb:.0f} MB · {count} checks passed</span>'
        f'<ul class="tags">{tags}</ul></div>\n'
    )


def _turn(before: Entry | None, after: Entry | None) -> str:
    links = [
        f'<a class="{rel}" rel="{rel}" href="{escape(entry.page)}"><small>{word}</small>{escape(entry.title)}</a>'
        for rel, word, entry in (("prev", "Before this", before), ("next", "Next", after))
        if entry is not None
    ]
    return f'<nav class="turn" aria-label="Neighbours">{"".join(links)}</nav>\n' if links else ""


def _refuse(entry: Entry, html: str) -> None:
    if addresses := external_references(html):
        raise NotebookError(
            f"{entry.path.name} would fetch {', '.join(addresses)}; a gallery page works without a network."
        )
    size = len(html.encode())
    if size > MAX_PAGE_BYTES:
        raise NotebookError(
            f"the page of {entry.path.name} takes {size / 1e6:.1f} MB of {MAX_PAGE_BYTES / 1e6:.0f} MB; "
            "show fewer widgets or fewer particles."
        )
