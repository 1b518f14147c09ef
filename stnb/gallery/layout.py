"""The frame that all pages of the gallery share: one file each, with its styles and scripts inside."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from importlib.resources import files

__all__ = ["external_references", "page", "static", "table_of_contents"]

PLACES = {
    "index.html": "Notebooks",
    "glossary.html": "Glossary",
    "reference.html": "Reference",
    "checks.html": "Checks",
}
_REFERENCE = re.compile(r"<(script|link|img|iframe|video|audio|source|object|embed)\b[^>]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"""\b(?:src|href|data)\s*=\s*["']?((?:https?:)?//[^"'\s>]+)""", re.IGNORECASE)
_STYLE_ADDRESS = re.compile(r"""(?:@import\s+|url\(\s*)["']?((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)


def page(title: str, body: str, *, place: str = "", head: str = "", scripts: tuple[str, ...] = ()) -> str:
    """A whole page.

    Args:
        title: plain text, for the window.
        body: HTML of the main part.
        place: file name of the entry of the navigation that is marked.
        head: more HTML for the head.
        scripts: names of scripts of this package that run at the end.
    """
    links = "\n".join(_link(file, name, here=file == place) for file, name in PLACES.items())
    ends = "".join(f"<script>\n{static(name)}</script>\n" for name in scripts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)}</title>\n<link rel="icon" href="data:,">\n'
        f"<style>\n{static('gallery.css')}</style>\n<script>\n{static('theme.js')}</script>\n{head}</head>\n"
        '<body>\n<a class="skip" href="#main">Skip to the page</a>\n<header class="bar"><nav aria-label="Gallery">\n'
        f'<a class="brand" href="index.html">stnb</a>\n{links}\n'
        '<button type="button" class="theme" hidden>Dark theme</button>\n</nav></header>\n'
        f'<main id="main">\n{body}\n</main>\n{ends}</body>\n</html>\n'
    )


def table_of_contents(entries: list[tuple[bool, str, str]], title: str = "On this page") -> str:
    """Links to the parts of a page: (deeper, anchor, HTML); nothing for fewer than two."""
    if len(entries) < 2:
        return ""
    items = "\n".join(
        f'<li{" class=deeper" if deeper else ""}><a href="#{anchor}">{text}</a></li>'
        for deeper, anchor, text in entries
    )
    return f'<details class="contents"><summary>{escape(title)}</summary>\n<ol>\n{items}\n</ol></details>\n'


def external_references(html: str) -> list[str]:
    """Addresses of other hosts that a browser would fetch for this page; links are not among them."""
    found = [address for tag in _REFERENCE.finditer(html) for address in _ADDRESS.findall(tag.group())]
    return sorted({*found, *_STYLE_ADDRESS.findall(html)})


@cache
def static(name: str) -> str:
    """A stylesheet or script of this package."""
    return files("stnb.gallery").joinpath("static", name).read_text(encoding="utf-8")


def _link(file: str, name: str, *, here: bool) -> str:
    return f'<a href="{file}"{" aria-current=page" if here else ""}>{name}</a>'
