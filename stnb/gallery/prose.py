"""Markdown of notebooks as HTML: formulas, code in colour, headings that can be linked to."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from stnb._core.errors import MissingExtraError
from stnb.gallery.maths import mathml

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Heading", "Prose", "code", "slug", "without_tags"]

Heading = tuple[int, str, str]
_NEIGHBOUR = re.compile(r'href="(?:(?P<name>[\w.-]+)\.ipynb)?(?:#(?P<anchor>[^"]+))?"')
_TAG = re.compile(r"<[^>]+>")
_FORMULA = re.compile(r"<math.*?</math>", re.DOTALL)


class Prose:
    """Turns the Markdown cells of one notebook into HTML and remembers their headings.

    Args:
        folder: where pictures that the text names are looked for.

    Attributes:
        headings: (level, anchor, HTML of the text), in order.
    """

    def __init__(self, folder: Path) -> None:
        self.headings: list[Heading] = []
        self._folder = folder

    def html(self, source: str, attachments: dict[str, dict[str, str]] | None = None) -> str:
        """One cell.

        Raises:
            InputError: for a formula that cannot be written.
            MissingExtraError: without the packages of `stnb[lab]`.
        """
        markdown, renderer = _nbconvert()
        page = renderer(
            escape=False, embed_images=True, path=str(self._folder), attachments=attachments or {}
        )
        page.inline_math = mathml
        page.block_math = lambda body: mathml(body, block=True)
        page.latex_environment = lambda name, body: mathml(
            f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True
        )
        page.heading = self._heading
        page.block_code = lambda text, info=None: code(text, (info or "").strip())
        return _NEIGHBOUR.sub(_neighbour, markdown(renderer=page).render(source))

    def _heading(self, text: str, level: int, **_: Any) -> str:
        anchor = slug(without_tags(text))
        taken = {known for _, known, _ in self.headings}
        if anchor in taken:
            anchor += f"-{1 + sum(known.startswith(anchor) for known in taken)}"
        self.headings.append((level, anchor, text))
        return (
            f'<h{level} id="{anchor}">{text} '
            f'<a class="here" href="#{anchor}" aria-label="Link to this part">#</a></h{level}>\n'
        )


def _neighbour(found: re.Match[str]) -> str:
    """A link to another notebook, or to a part of it, leads to its page."""
    anchor = f"#{slug(unquote(found['anchor']))}" if found["anchor"] else ""
    place = f"{found['name']}.html" if found["name"] else ""
    return f'href="{place}{anchor}"'


def code(text: str, language: str = "python") -> str:
    """Source code with coloured words; plain where the language is unknown."""
    try:
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import get_lexer_by_name
        from pygments.util import ClassNotFound
    except ImportError as error:
        raise MissingExtraError(f"colouring code needs {error.name}; pip install 'stnb[lab]'") from error

    try:
        lexer = get_lexer_by_name(language or "text")
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    inner = highlight(text, lexer, HtmlFormatter(nowrap=True)).rstrip("\n")
    return f'<pre class="code" tabindex="0"><code>{inner}</code></pre>\n'


def slug(text: str) -> str:
    """Words as an anchor: small letters and hyphens."""
    return "-".join(re.findall(r"\w+", text.lower())) or "part"


def without_tags(html: str) -> str:
    """What a reader reads of some HTML; formulas by their source."""
    from html import unescape

    plain = _FORMULA.sub(lambda found: escape(_title(found.group())), html)
    return " ".join(unescape(_TAG.sub("", plain)).split())


def _title(element: str) -> str:
    found = re.search(r'title="([^"]*)"', element)
    return found[1] if found else ""


@cache
def _nbconvert() -> tuple[Any, Any]:
    try:
        from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
    except ImportError as error:
        raise MissingExtraError(
            f"writing notebook pages needs {error.name}; pip install 'stnb[lab]'"
        ) from error
    return MarkdownWithMath, IPythonRenderer
