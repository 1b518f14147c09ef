"""Replays of one page: front ends and styles once, films thinned to what a page may weigh.

A fragment of `stnb_widgets.page` stands alone: it carries its styles and its front end. Where several stand in one page
they are taken apart, and what they have in common is written once. A fragment of another make stays as it is.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

__all__ = ["FILM_BYTES", "Replays", "share", "thin"]

FILM_BYTES = 1_500_000
SHARED = 'globalThis[Symbol.for("stnb gallery")]'
_STYLE = re.compile(r"<style>\n(.*?)</style>\n", re.DOTALL)
_SCRIPT = re.compile(
    r'<script type="module">\nconst modules = \{\n(?P<modules>.*)\n\};\nconst recorded = \[\n(?P<recorded>.*)\n\];\n'
    r"const start = (?P<start>\(\(\) => \{.*\}\)\(\));\n(?P<call>start\([^\n]*\);)\n</script>\n",
    re.DOTALL,
)
_MODULE = re.compile(
    r'^"(?P<kind>[\w.]+)": (?P<code>\(\(\) => \{\n.*?\n\}\)\(\)),?$', re.DOTALL | re.MULTILINE
)


class Replays(NamedTuple):
    """What a page needs to replay its widgets: `head` once, and for each widget its fragment."""

    head: str
    fragments: dict[str, str]


def share(fragments: dict[str, str], film_bytes: int = FILM_BYTES) -> Replays:
    """Fragments by name, with their front ends and styles moved to one head and their films thinned."""
    styles: dict[str, None] = {}
    programs: dict[str, str] = {}
    lighter: dict[str, str] = {}
    for name, fragment in fragments.items():
        script = _SCRIPT.search(fragment)
        modules = _modules(script["modules"]) if script else {}
        known = {**modules, "start": script["start"]} if script else {}
        if not script or not modules or any(programs.get(kind, code) != code for kind, code in known.items()):
            lighter[name] = fragment
            continue
        programs.update(known)
        styles.update(dict.fromkeys(_STYLE.findall(fragment)))
        film = _thinned(script["recorded"], film_bytes)
        short = (
            f'<script type="module">\nconst {{ start, ...modules }} = {SHARED};\nconst recorded = [\n{film}\n];\n'
            f"{script['call']}\n</script>\n"
        )
        lighter[name] = _STYLE.sub("", fragment[: script.start()] + short + fragment[script.end() :])
    return Replays(_head(styles, programs), lighter)


def thin(film: list[Any], most_bytes: int) -> list[Any]:
    """Every second frame away, as often as it takes; the first and the last one stay."""
    while len(film) > 2 and sum(len(packed) for _, packed in film) > most_bytes:
        film = [*film[:-1:2], film[-1]] if len(film) > 3 else [film[0], film[-1]]
    return film


def _modules(text: str) -> dict[str, str]:
    """Front ends by kind; none where the text holds anything else."""
    found = {module["kind"]: module["code"] for module in _MODULE.finditer(text)}
    again = ",\n".join(f"{json.dumps(kind)}: {code}" for kind, code in found.items())
    return found if again == text else {}


def _thinned(recorded: str, most_bytes: int) -> str:
    widgets = json.loads(f"[{recorded}]")
    for widget in widgets:
        widget["film"] = thin(widget["film"], most_bytes)
    lines = (json.dumps(widget, separators=(",", ":")).replace("<", "\\u003c") for widget in widgets)
    return ",\n".join(lines)


def _head(styles: dict[str, None], programs: dict[str, str]) -> str:
    if not programs:
        return ""
    entries = ",\n".join(f"{json.dumps(name)}: {code}" for name, code in programs.items())
    style = "\n".join(styles)
    return f'<style>\n{style}</style>\n<script type="module">\n{SHARED} = {{\n{entries}\n}};\n</script>\n'
