"""Every check of the gallery with its value, and what each notebook took: as a page, as JSON, and as a table to print."""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from stnb.gallery.layout import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stnb.gallery.index import Card

__all__ = ["Measure", "checks_json", "checks_page", "split_check", "table"]

LEAD = "What the notebooks claim, and what was measured when these pages were built. A check that fails stops the build."
_PARTS = re.compile(r"^✓ (?P<name>.+?)  (?P<value>\S.*?)(?:  (?P<bound>\S.*))?$")


class Measure(NamedTuple):
    """A check: what was measured, its value and what it was held against."""

    name: str
    value: str
    bound: str


def split_check(line: str) -> Measure:
    """The parts of a line that `stnb.check` printed."""
    parts = _PARTS.match(line)
    if not parts:
        return Measure(line.removeprefix("✓ ").strip(), "", "")
    return Measure(parts["name"].strip(), parts["value"].strip(), (parts["bound"] or "").strip())


def checks_page(cards: Sequence[Card], page_bytes: dict[str, int]) -> str:
    """The page of all checks, after a table of time, memory and size."""
    rows = "\n".join(
        f'<tr><td><a href="{escape(card.entry.page)}">{escape(card.entry.title)}</a></td>'
        f'<td class="number">{card.seconds:.1f}</td><td class="number">{card.entry.budget_s:g}</td>'
        f'<td class="number">{card.peak_mb:.0f}</td><td class="number">{page_bytes[card.entry.page] / 1000:.0f}</td>'
        f'<td class="number">{len(card.checks)}</td></tr>'
        for card in cards
    )
    titles = ("seconds", "budget", "peak MB", "page kB", "checks")
    heads = "".join(f'<th class="number">{title}</th>' for title in titles)
    lists = "\n".join(map(_list, cards))
    body = (
        f'<h1>Checks</h1>\n<p class="lead">{LEAD}</p>\n'
        f'<div class="wide"><table class="plain"><tr><th>notebook</th>{heads}</tr>\n{rows}</table></div>\n{lists}\n'
        '<p class="facts"><a href="checks.json">The same as JSON</a></p>'
    )
    return page("Checks – stnb", body, place="checks.html")


def checks_json(cards: Sequence[Card], page_bytes: dict[str, int]) -> str:
    """All of it for programs."""
    told = [
        {
            "notebook": card.entry.path.name,
            "title": card.entry.title,
            "seconds": round(card.seconds, 2),
            "budget_s": card.entry.budget_s,
            "peak_mb": round(card.peak_mb, 1),
            "page_bytes": page_bytes[card.entry.page],
            "checks": [split_check(line)._asdict() for line in card.checks],
        }
        for card in cards
    ]
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def table(cards: Sequence[Card], page_bytes: dict[str, int]) -> str:
    """Time, memory, size and number of checks of each notebook, as text."""
    wide = max(len("notebook"), *(len(card.entry.path.name) for card in cards)) if cards else len("notebook")
    lines = [f"{'notebook':<{wide}}  {'s':>6}  {'of':>4}  {'peak MB':>7}  {'page kB':>7}  checks"]
    lines += [
        f"{card.entry.path.name:<{wide}}  {card.seconds:6.1f}  {card.entry.budget_s:4g}  {card.peak_mb:7.0f}  "
        f"{page_bytes[card.entry.page] / 1000:7.0f}  {len(card.checks):6d}"
        for card in cards
    ]
    return "\n".join(lines)


def _list(card: Card) -> str:
    rows = "\n".join(
        f'<tr><td>{escape(name)}</td><td class="number">{escape(value)}</td>'
        f'<td class="number">{escape(bound)}</td></tr>'
        for name, value, bound in map(split_check, card.checks)
    )
    return (
        f'<h2 id="{escape(card.entry.path.stem)}">{escape(card.entry.title)}</h2>\n<div class="wide">'
        f'<table class="plain"><tr><th>check</th><th class="number">value</th><th class="number">asked for</th></tr>\n'
        f"{rows}</table></div>"
    )
