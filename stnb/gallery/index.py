"""The page that leads to every notebook: cards with pictures, a field to search in, and tags to choose by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from stnb.gallery.layout import page
from stnb.gallery.pictures import thumbnail
from stnb.gallery.prose import without_tags
from stnb.gallery.reading import check_lines

if TYPE_CHECKING:
    from stnb.gallery.catalogue import Entry
    from stnb.gallery.execute import Run

__all__ = ["Card", "index_page"]

ENOUGH_TAGS = 6
"""With so many tags that several notebooks have, those of a single one are left to the search."""
LEAD = (
    "Questions that people have, answered with something that moves. Every page was written by running its notebook; "
    "what it claims was checked while it ran, and the widgets replay what they showed."
)


@dataclass(frozen=True)
class Card:
    """What the index says of one notebook."""

    entry: Entry
    seconds: float
    peak_mb: float
    checks: tuple[str, ...]
    headings: tuple[str, ...]
    thumbnail: str

    @classmethod
    def of(cls, entry: Entry, run: Run, headings: list[str]) -> Card:
        """The card of an executed notebook."""
        plain = tuple(map(without_tags, headings))
        picture = thumbnail(run.notebook, entry.figure)
        checks = tuple(check_lines(run.notebook))
        return cls(entry, run.seconds, run.peak_mb, checks, plain, picture)


def index_page(cards: list[Card]) -> str:
    """The page that lists every notebook, in the order in which they teach."""
    listed = "\n".join(map(_card, cards))
    checks = sum(len(card.checks) for card in cards)
    seconds = sum(card.seconds for card in cards)
    body = (
        f'<h1>Notebooks</h1>\n<p class="lead">{LEAD}</p>\n'
        f'<p class="facts">{_count(len(cards), "notebook")} · {_count(checks, "check")} passed · '
        f'{seconds:.0f} s in all · <a href="checks.html">every check with its value</a></p>\n{_find(cards)}'
        f'<ul class="cards">\n{listed}\n</ul>'
    )
    return page("stnb gallery", body, place="index.html", scripts=("find.js",))


def _find(cards: list[Card]) -> str:
    """Search and tags, hidden until the script that makes them work has started."""
    counted = Counter(tag for card in cards for tag in card.entry.tags)
    ordered = sorted(counted, key=lambda tag: (-counted[tag], tag))
    common = [tag for tag in ordered if counted[tag] > 1]
    tags = "\n".join(
        f'<button type="button" class="tag" value="{escape(tag, quote=True)}" aria-pressed="false">'
        f"{escape(tag)}</button>"
        for tag in (common if len(common) >= ENOUGH_TAGS else ordered)
    )
    return (
        '<form class="find" role="search" hidden>\n<label><input type="search" placeholder="Search (press /)" '
        'aria-label="Search titles, questions, tags and headings" autocomplete="off"></label>\n'
        f'<output data-one="notebook" aria-live="polite"></output>\n</form>\n'
        f'<div class="find tags" role="group" aria-label="Tags" hidden>\n{tags}\n</div>\n'
    )


def _card(card: Card) -> str:
    entry = card.entry
    words = " ".join((entry.title, entry.question, *entry.tags, *card.headings)).lower()
    tags = " ".join(f"<li>{escape(tag)}</li>" for tag in entry.tags)
    level = f"{escape(entry.level)} · " if entry.level else ""
    return (
        f'<li class="card" data-tags="{escape("|".join(entry.tags), quote=True)}" '
        f'data-words="{escape(words, quote=True)}">\n{card.thumbnail}\n<div class="words">'
        f'<h2><a href="{escape(entry.page)}">{escape(entry.title)}</a></h2>\n<p>{escape(entry.question)}</p>\n'
        f'<ul class="tags" aria-label="Tags">{tags}</ul>\n'
        f'<p class="facts">{level}{card.seconds:.0f} s · {card.peak_mb:.0f} MB · '
        f"{_count(len(card.checks), 'check')} passed</p></div></li>"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
