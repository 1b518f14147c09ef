"""Executed notebooks as static pages that need no network, and the index that leads to them."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from stnb._core.errors import MissingExtraError
from stnb.gallery.execute import NotebookError
from stnb.gallery.reading import check_lines, joined, outputs

if TYPE_CHECKING:
    from stnb.gallery.catalogue import Entry
    from stnb.gallery.reading import Notebook

__all__ = ["Card", "external_references", "index_page", "notebook_page"]

_REFERENCE = re.compile(r"<(script|link|img|iframe|video|audio|source|object|embed)\b[^>]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"""\b(?:src|href|data)\s*=\s*["']?((?:https?:)?//[^"'\s>]+)""", re.IGNORECASE)
_STYLE_ADDRESS = re.compile(r"""(?:@import\s+|url\(\s*)["']?((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)


@dataclass(frozen=True)
class Card:
    """What the index says of one notebook."""

    entry: Entry
    seconds: float
    checks: int
    thumbnail: str

    @classmethod
    def of(cls, entry: Entry, notebook: Notebook, seconds: float) -> Card:
        """The card of an executed notebook."""
        return cls(entry, seconds, len(check_lines(notebook)), _thumbnail(notebook))


def notebook_page(entry: Entry, notebook: Notebook) -> str:
    """The executed notebook as one HTML file.

    Raises:
        NotebookError: when the page would fetch something.
        MissingExtraError: without the packages of `stnb[lab]`.
    """
    try:
        import nbformat
        from nbconvert import HTMLExporter
        from pygments.formatters import HtmlFormatter
    except ImportError as error:
        raise MissingExtraError(
            f"writing notebook pages needs {error.name}; pip install 'stnb[lab]'"
        ) from error

    exporter = HTMLExporter(
        template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True, embed_images=True
    )
    body, _ = exporter.from_notebook_node(
        nbformat.reads(json.dumps(_with_described_drawings(notebook)), as_version=4)
    )
    light = HtmlFormatter(style="friendly").get_style_defs(".highlight")
    dark = HtmlFormatter(style="monokai").get_style_defs(".highlight")
    style = f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"
    page = _page(entry.title, f'<nav><a href="index.html">All notebooks</a></nav>\n{body}', style)
    if addresses := external_references(page):
        raise NotebookError(
            f"{entry.path.name} would fetch {', '.join(addresses)}; a gallery page works without a network."
        )
    return page


def index_page(cards: list[Card]) -> str:
    """The page that lists every notebook."""
    listed = "\n".join(map(_card, cards))
    return _page("stnb gallery", f'<h1>stnb gallery</h1>\n<ul class="cards">\n{listed}\n</ul>')


def external_references(page: str) -> list[str]:
    """Addresses of other hosts that a browser would fetch for this page; links are not among them."""
    found = [address for tag in _REFERENCE.finditer(page) for address in _ADDRESS.findall(tag.group())]
    return sorted({*found, *_STYLE_ADDRESS.findall(page)})


def _page(title: str, body: str, style: str = "") -> str:
    own = files("stnb.gallery").joinpath("page.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}\n{own}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _card(card: Card) -> str:
    tags = " ".join(f"<li>{escape(tag)}</li>" for tag in card.entry.tags)
    return (
        f'<li><a href="{escape(card.entry.path.stem)}.html">\n{card.thumbnail}\n'
        f"<h2>{escape(card.entry.title)}</h2></a>\n<p>{escape(card.entry.question)}</p>\n"
        f'<ul class="tags">{tags}</ul>\n'
        f'<p class="facts">{card.seconds:.0f} s · {card.checks} checks passed</p></li>'
    )


def _thumbnail(notebook: Notebook) -> str:
    for kind in ("image/png", "image/svg+xml"):
        for output in outputs(notebook):
            if kind in output.get("data", {}):
                return _picture(output, kind)
    return '<div class="blank"></div>'


def _with_described_drawings(notebook: Notebook) -> Notebook:
    """A copy whose SVG outputs are HTML pictures: nbconvert gives SVG no alt text."""
    described = copy.deepcopy(notebook)
    for output in outputs(described):
        if "image/svg+xml" in output.get("data", {}):
            output["data"]["text/html"] = _picture(output, "image/svg+xml")
    return described


def _picture(output: dict[str, Any], kind: str) -> str:
    content = joined(output["data"][kind])
    data = f"utf8,{quote(content)}" if kind == "image/svg+xml" else f"base64,{content.replace(chr(10), '')}"
    return f'<img src="data:{kind};{data}" alt="{escape(_alt(output, kind), quote=True)}">'


def _alt(output: dict[str, Any], kind: str) -> str:
    metadata = output.get("metadata", {})
    return metadata.get(kind, {}).get("alt") or metadata.get("alt") or ""
