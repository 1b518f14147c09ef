"""Cells of an executed notebook as HTML."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from stnb.gallery.pictures import picture, picture_kind
from stnb.gallery.prose import code
from stnb.gallery.reading import joined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stnb.gallery.prose import Prose
    from stnb.gallery.reading import Notebook

__all__ = ["WIDGET", "body"]

WIDGET = "application/vnd.jupyter.widget-view+json"
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_CHECK = re.compile(r"^(✓ .*)$", re.MULTILINE)


def body(notebook: Notebook, prose: Prose, fragments: Mapping[str, str]) -> str:
    """All cells, from the top.

    Args:
        notebook: executed, with its widget views.
        prose: writes the Markdown, and learns the headings.
        fragments: model id → HTML that stands in place of that widget's still.
    """
    return "\n".join(
        _cell(cell, prose, fragments) for cell in notebook["cells"] if joined(cell["source"]).strip()
    )


def _cell(cell: dict[str, Any], prose: Prose, fragments: Mapping[str, str]) -> str:
    source = joined(cell["source"])
    if cell["cell_type"] == "markdown":
        return f'<section class="prose">\n{prose.html(source, cell.get("attachments"))}</section>'
    if cell["cell_type"] != "code":
        return f'<pre class="code" tabindex="0">{escape(source)}</pre>'
    shown = "".join(_output(output, fragments) for output in cell["outputs"])
    return f'<section class="cell">\n{code(source)}{shown}</section>'


def _output(output: dict[str, Any], fragments: Mapping[str, str]) -> str:
    if output["output_type"] == "stream":
        return _stream(joined(output["text"]), output["name"])
    data = output.get("data", {})
    replay = fragments.get(data.get(WIDGET, {}).get("model_id", ""))
    if replay:
        return f'<div class="output live">\n{replay}</div>\n'
    several = joined(data.get("text/html", "")).count("<img") > 1
    if (kind := picture_kind(output)) and not several:
        return f'<div class="output figure">{picture(output, kind)}</div>\n'
    if "text/html" in data:
        return f'<div class="output html" tabindex="0">{joined(data["text/html"])}</div>\n'
    return _stream(joined(data["text/plain"]), "result") if "text/plain" in data else ""


def _stream(text: str, name: str) -> str:
    """Printed text; what was checked stands out."""
    plain = escape(_ANSI.sub("", text).rstrip("\n"), quote=False)
    if not plain:
        return ""
    shown = _CHECK.sub(r'<span class="check">\1</span>', plain) if name == "stdout" else plain
    return f'<pre class="output {name}" tabindex="0">{shown}</pre>\n'
