"""Pictures of notebook outputs as HTML, with the words that describe them."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from stnb.gallery.reading import joined, outputs

if TYPE_CHECKING:
    from stnb.gallery.reading import Notebook

__all__ = ["alt_of", "picture", "picture_kind", "thumbnail"]

KINDS = ("image/svg+xml", "image/png", "image/jpeg", "image/gif")
PLAIN = " ='/:;,.()[]!*+-_~@"
BLANK = '<div class="blank" aria-hidden="true"></div>'


def picture_kind(output: dict[str, Any]) -> str:
    """The MIME type of the picture that an output carries; empty when there is none."""
    data = output.get("data", {})
    return next((kind for kind in KINDS if kind in data), "")


def picture(output: dict[str, Any], kind: str) -> str:
    """The picture of this type as an `<img>` that needs no other file."""
    content = joined(output["data"][kind])
    drawn = kind == "image/svg+xml"
    data = f"utf8,{quote(content, safe=PLAIN)}" if drawn else f"base64,{''.join(content.split())}"
    look = "drawing" if drawn else "photo"
    words = escape(alt_of(output, kind), quote=True)
    return f'<img class="{look}" src="data:{kind};{data}" alt="{words}">'


def alt_of(output: dict[str, Any], kind: str) -> str:
    """What the picture shows, in words: from its metadata, or from the HTML beside it."""
    metadata = output.get("metadata", {})
    beside = _Alt(joined(output["data"].get("text/html", ""))).alt
    return metadata.get(kind, {}).get("alt") or metadata.get("alt") or beside


def thumbnail(notebook: Notebook, number: int = 1) -> str:
    """The `number`-th picture of a notebook, or its last one if there are fewer; a blank field without any."""
    found = [(output, kind) for output in outputs(notebook) if (kind := picture_kind(output))]
    return picture(*found[min(number, len(found)) - 1]) if found else BLANK


class _Alt(HTMLParser):
    """The first description in some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.alt = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag  # whatever it is, its words count
        named = dict(attrs)
        self.alt = self.alt or named.get("alt") or named.get("aria-label") or ""
