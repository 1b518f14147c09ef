"""What a notebook of the gallery must be: executed, proven, described, small, and at home anywhere."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from stnb.gallery.reading import check_lines, code_cells, joined, outputs, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stnb.gallery.reading import Notebook

__all__ = ["LEAST_CHECKS", "MAX_BYTES", "problems"]

MAX_BYTES = 300_000
LEAST_CHECKS = 3
LEAST_CELLS = 3
SHORTEST_ALT = 10
SILENCERS = {"raises-exception", "skip-execution"}
FOREIGN_PATH = re.compile(
    r"(?<![\w.:/-])/(?:home|Users|root|tmp|var|work|mnt|opt|srv|content)/\w[^\s\"'<>]*|\b[A-Z]:\\\w+"
)
INSTALLER = re.compile(r"^\s*[!%]\s*(?:\S*python\S* -m )?(?:pip|conda|mamba|apt(?:-get)?|uv)\b", re.MULTILINE)
MARKDOWN_IMAGE = re.compile(r"!\[([^\]]*)\]\(")


def problems(notebook: Notebook) -> list[str]:
    """One sentence for each broken rule; an empty list for a notebook that may be shared."""
    return [problem for rule in RULES for problem in rule(notebook)]


def _size(notebook: Notebook) -> Iterator[str]:
    size = len(json.dumps(notebook, indent=1, ensure_ascii=False).encode())
    if size > MAX_BYTES:
        yield f"takes {size / 1000:.0f} kB of {MAX_BYTES / 1000:.0f} kB; draw fewer points or smaller images"


def _executed(notebook: Notebook) -> Iterator[str]:
    cells = code_cells(notebook)
    if len(cells) < LEAST_CELLS:
        yield f"has {len(cells)} code cells, at least {LEAST_CELLS} are wanted"
    waiting = [c for c in cells if c.get("execution_count") is None]
    if waiting:
        yield f"has {len(waiting)} cells that never ran; run `python -m stnb.gallery build --update`"


def _proven(notebook: Notebook) -> Iterator[str]:
    count = len(check_lines(notebook))
    if count < LEAST_CHECKS:
        yield f"makes {count} checks, at least {LEAST_CHECKS} are wanted; stnb.check(name, value, below=…)"


def _loud(notebook: Notebook) -> Iterator[str]:
    for number, cell in enumerate(notebook["cells"], start=1):
        silenced = SILENCERS.intersection(cell["metadata"].get("tags", []))
        if silenced:
            yield f"cell {number} is tagged {', '.join(sorted(silenced))}, which hides failures"
    if notebook["metadata"].get("execution", {}).get("allow_errors"):
        yield "allows errors in its metadata, which hides failures"
    for where, text in texts(notebook):
        if "Traceback (most recent call last)" in text:
            yield f"{where} shows a traceback"
    if any(output["output_type"] == "error" for output in outputs(notebook)):
        yield "stops with an error"


def _portable(notebook: Notebook) -> Iterator[str]:
    for where, text in texts(notebook):
        if found := FOREIGN_PATH.search(text):
            yield f"{where} names the path {found.group()}, which others do not have"
        if where.startswith("cell") and (found := INSTALLER.search(text)):
            yield f"{where} installs packages ({found.group().strip()}); notebooks use what stnb[lab] brings"


def _described(notebook: Notebook) -> Iterator[str]:
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == "markdown":
            found = MARKDOWN_IMAGE.findall(joined(cell["source"]))
            described = all(len(alt.strip()) >= SHORTEST_ALT for alt in found)
        else:
            described = all(map(_has_alt, cell.get("outputs", [])))
        if not described:
            yield f"cell {number} shows a picture without alt text; use stnb.show(figure, alt=…)"


def _has_alt(output: dict[str, Any]) -> bool:
    data = output.get("data", {})
    html = _Pictures(joined(data.get("text/html", "")))
    images = [kind for kind in data if kind.startswith("image/")]
    if not images:
        return html.all_described
    metadata = output.get("metadata", {})
    alts = [metadata.get(kind, {}).get("alt") or metadata.get("alt") or html.alt for kind in images]
    return html.all_described and all(len(alt.strip()) >= SHORTEST_ALT for alt in alts)


class _Pictures(HTMLParser):
    """The pictures of an HTML output: `img`, and anything with the role of one."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.alts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "img" or named.get("role") == "img":
            self.alts.append(named.get("alt") or named.get("aria-label") or "")

    @property
    def alt(self) -> str:
        return next(iter(self.alts), "")

    @property
    def all_described(self) -> bool:
        return all(len(alt.strip()) >= SHORTEST_ALT for alt in self.alts)


RULES: list[Callable[[Notebook], Iterator[str]]] = [_size, _executed, _proven, _loud, _portable, _described]
