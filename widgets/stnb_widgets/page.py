"""Web pages that replay what widgets have shown: one file, no kernel, no network.

A page holds the built front end once for each kind of widget, and of each widget its scene, its state, its film and a
still picture, which stays where scripts or WebGL2 are missing. All widgets of a page follow one clock.
"""

from __future__ import annotations

import base64
import html
import json
import re
import secrets
from typing import TYPE_CHECKING, Any

from stnb_widgets.base import LiveWidget, static_text
from stnb_widgets.files import write_whole
from stnb_widgets.front import as_expression
from stnb_widgets.parcel import unpack

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["page_fragment", "save_page"]

LAYOUTS = ("column", "grid")


def save_page(
    path: str | os.PathLike[str],
    widgets: Sequence[LiveWidget] | LiveWidget,
    *,
    title: str = "",
    layout: str = "column",
    dark: bool | None = None,
) -> Path:
    """Write one HTML file that replays the widgets; it opens from a disk without network.

    Args:
        path: where to; an older file of this name is replaced once the new one is whole.
        widgets: what to show, from the top; each must have shown a frame.
        title: heading and name of the page; the title of the first widget when empty.
        layout: "column", or "grid" for widgets side by side where there is room.
        dark: how the page opens; None follows the system. A button changes it.
    """
    shown = _checked(widgets)
    heading = html.escape(title or shown[0].title or type(shown[0]).__name__)
    theme = "" if dark is None else f' data-theme="{"dark" if dark else "light"}"'
    page = (
        f'<!doctype html>\n<html lang="en" data-stnb-page{theme}>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f'<title>{heading}</title>\n<link rel="icon" href="data:,">\n</head>\n<body>\n<main>\n'
        f"<h1>{heading}</h1>\n{_fragment(shown, layout, toggle=True)}</main>\n</body>\n</html>\n"
    )
    return write_whole(path, page.encode())


def page_fragment(widgets: Sequence[LiveWidget] | LiveWidget, *, layout: str = "column") -> str:
    """The same as one `<div>`, to stand in a larger page; several may stand in one page.

    Its colours are those of the system, or the page's custom properties `--stnb-host-ground` and `--stnb-host-ink`.
    """
    return _fragment(_checked(widgets), layout, toggle=False)


def _checked(widgets: Sequence[LiveWidget] | LiveWidget) -> list[LiveWidget]:
    shown = [widgets] if isinstance(widgets, LiveWidget) else list(widgets)
    if not shown:
        raise ValueError("there is no widget to put on the page; pass at least one")
    for widget in shown:
        if not isinstance(widget, LiveWidget):
            raise TypeError(
                f"a {type(widget).__name__} cannot be put on the page; pass widgets of this package, such as an Atlas"
            )
    for widget in shown:
        if not widget.film():
            raise ValueError(
                f"the {type(widget).__name__} {widget.title!r} has shown nothing yet; offer it a frame first"
            )
    return shown


def _fragment(widgets: list[LiveWidget], layout: str, *, toggle: bool) -> str:
    if layout not in LAYOUTS:
        raise ValueError(f"layout is {layout!r}; choose from {', '.join(LAYOUTS)}")
    name = f"stnb-page-{secrets.token_hex(6)}"
    sources = {_kind(widget): (widget.code, str(getattr(widget, "_css", ""))) for widget in widgets}
    styles = "\n".join([*(css for _, css in sources.values()), static_text("page.css")])
    places = "".join(f'<div class="stnb-page-view">{_still(widget)}</div>\n' for widget in widgets)
    return (
        f'<div class="stnb-page" id="{name}" data-layout="{layout}"{" data-toggle" if toggle else ""}>\n'
        f"<style>\n{_closed(styles, 'style')}</style>\n"
        '<div class="stnb-page-bar"><p class="stnb-page-note">A still picture of a recorded run; '
        'with scripts it plays.</p><p class="stnb-page-words" role="status"></p></div>\n'
        f'<div class="stnb-page-views">\n{places}</div>\n'
        f'<script type="module">\n{_closed(_program(name, widgets, sources), "script")}</script>\n</div>\n'
    )


def _program(name: str, widgets: list[LiveWidget], sources: dict[str, tuple[str, str]]) -> str:
    """One script: every front end as an expression, then the start of the page."""
    modules = ",\n".join(f"{json.dumps(kind)}: {code}" for kind, (code, _) in sources.items())
    recorded = ",\n".join(_json(_recorded(widget)) for widget in widgets)
    return (
        f"const modules = {{\n{modules}\n}};\nconst recorded = [\n{recorded}\n];\n"
        f"const start = {as_expression(static_text('page.js'))};\n"
        f'start(document.getElementById("{name}"), modules, recorded);\n'
    )


def _recorded(widget: LiveWidget) -> dict[str, Any]:
    film = [[unpack(packed).header["step"], base64.b64encode(packed).decode()] for packed in widget.film()]
    return {"widget": _kind(widget), "scene": widget.scene, "state": widget.state, "film": film}


def _still(widget: LiveWidget) -> str:
    picture = base64.b64encode(widget.poster()).decode()
    alt = html.escape(widget.alt_text, quote=True)
    return f'<img class="stnb-poster" role="img" alt="{alt}" src="data:image/png;base64,{picture}">'


def _kind(widget: LiveWidget) -> str:
    return f"{type(widget).__module__}.{type(widget).__qualname__}"


def _json(value: object) -> str:
    """JSON that ends no script and starts no comment."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _closed(text: str, tag: str) -> str:
    """Code or style that cannot end its element early: `</script` only ever stands inside their strings."""
    return re.sub(rf"<(?=/{tag}|!--)", r"\\x3c" if tag == "script" else r"\\3c ", text, flags=re.IGNORECASE)
