"""The reference: one page a room, from docstrings and signatures, with links between them."""

from __future__ import annotations

import inspect
import re
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

from stnb.gallery.docstrings import Docstring, Section, blocks, parse
from stnb.gallery.layout import page, table_of_contents
from stnb.gallery.prose import code
from stnb.gallery.rooms import ROOTS, House, Name, Room, members
from stnb.gallery.signatures import signature

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["linked", "room_page", "rooms_page", "write_reference"]

LONGEST_VALUE = 160
_TICKS = re.compile(r"``?([^`]+)``?")
_STRESSED = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
_LEAD = "Every public name, with what it takes and what it does, as its docstring has it."


def write_reference(into: Path, house: House) -> Path:
    """Write a page for each room and one that leads to them; returns the latter."""
    into.mkdir(parents=True, exist_ok=True)
    for room in house.rooms:
        (into / room.file).write_text(room_page(room, house), encoding="utf-8")
    index = into / "reference.html"
    index.write_text(rooms_page(house), encoding="utf-8")
    return index


def rooms_page(house: House) -> str:
    """The page that leads to every room."""
    rows = "\n".join(
        f'<tr><td><a href="{room.file}"><code>{room.name}</code></a></td>'
        f"<td>{linked(parse(room.module.__doc__).summary, house, room.name)}</td>"
        f'<td class="number">{len(house.own(room)) or len(room.names)}</td></tr>'
        for room in house.rooms
    )
    head = '<tr><th>room</th><th>what it is</th><th class="number">names</th></tr>'
    body = (
        f'<h1>Reference</h1>\n<p class="lead">{_LEAD}</p>\n'
        f'<div class="wide"><table class="plain">{head}\n{rows}</table></div>'
    )
    return page("Reference – stnb", body, place="reference.html")


def room_page(room: Room, house: House) -> str:
    """The page of one room: a table of all its names, then each that has its home here."""
    about = parse(room.module.__doc__)
    own = sorted(house.own(room), key=lambda name: name.kind == "value")
    rows = "\n".join(_row(name, house) for name in sorted(room.names, key=lambda name: name.name.lower()))
    described = "\n".join(_described(name, house) for name in own)
    contents = [(False, name.name, f"<code>{name.name}</code>") for name in own]
    body = (
        f'<div class="columns">\n{table_of_contents(contents, "In this room")}<article>\n'
        f'<p class="facts"><a href="reference.html">Reference</a></p>\n<h1><code>{room.name}</code></h1>\n'
        f'<p class="lead">{linked(about.summary, house, room.name)}</p>\n'
        f"{_text(about.text, house, room.name)}{_sections(about, house, room.name)}\n"
        f'<div class="wide"><table class="plain names">\n{rows}\n</table></div>\n{described}\n</article>\n</div>'
    )
    return page(f"{room.name} – stnb", body, place="reference.html")


def linked(text: str, house: House, scope: str) -> str:
    """One line of docstring as HTML: what stands in backticks is code, and a link where it is described.

    Args:
        text: as it stands in the docstring.
        house: knows what is described where.
        scope: full name of the room or the class whose docstring it is; names are looked for in it first.
    """
    parts = _TICKS.split(text)
    return "".join(
        _code(part, house, scope) if number % 2 else _STRESSED.sub(r"<em>\1</em>", escape(part, quote=False))
        for number, part in enumerate(parts)
    )


def _code(text: str, house: House, scope: str) -> str:
    address = next(
        (found for path in _paths(text.removesuffix("()"), scope) if (found := house.address(path))), None
    )
    shown = f"<code>{escape(text, quote=False)}</code>"
    return f'<a href="{address}">{shown}</a>' if address else shown


def _paths(path: str, scope: str) -> list[str]:
    """What a name may mean: in its scope, in the packages around it, and, if it looks like a class, anywhere."""
    if path.partition(".")[0] in ROOTS:
        return [path]
    around = [scope.rsplit(".", k)[0] for k in range(scope.count(".") + 1)]
    return [
        f"{place}.{path}" for place in around if place != ROOTS[0] or path[:1].isupper() or scope == place
    ]


def _row(name: Name, house: House) -> str:
    address = house.address(name.full)
    shown = f"<code>{name.name}</code>"
    link = f'<a href="{address}">{shown}</a>' if address else shown
    if name.kind == "value":
        told = f"<code>{escape(_short(name.thing), quote=False)}</code>"
    else:
        told = linked(parse(inspect.getdoc(name.thing)).summary, house, name.room)
    return f"<tr><td>{link}</td><td>{told}</td></tr>"


def _described(name: Name, house: House) -> str:
    heading = f'<h2 id="{name.name}">{name.name} <span class="kind">{name.kind}</span></h2>'
    if name.kind == "value":
        return f"{heading}\n{code(_short(name.thing))}"
    told = parse(inspect.getdoc(name.thing))
    shown = code(signature(name.name, name.thing)).replace('class="code"', 'class="signature"')
    inside = "\n".join(_member(name, member, thing, house) for member, thing in members(name.thing).items())
    return f"{heading}\n{shown}{_told(told, house, name.full)}{inside}"


def _member(owner: Name, name: str, thing: Any, house: House) -> str:
    shown = name if isinstance(thing, (property, cached_property)) else _call(name, thing)
    coloured = code(shown).replace('class="code"', 'class="signature"')
    told = _told(parse(inspect.getdoc(thing)), house, owner.full)
    kind = {property: "property", cached_property: "property", classmethod: "class method"}.get(
        type(thing), ""
    )
    label = f' <span class="kind">{kind}</span>' if kind else ""
    heading = f'<h4 id="{owner.name}.{name}"><code>{name}</code>{label}</h4>'
    return f'<div class="member">\n{heading}\n{coloured if shown != name else ""}{told}</div>'


def _call(name: str, thing: Any) -> str:
    still = isinstance(thing, staticmethod)
    return signature(name, getattr(thing, "__func__", thing), method=not still)


def _told(told: Docstring, house: House, scope: str) -> str:
    summary = f"<p>{linked(told.summary, house, scope)}</p>\n"
    return f"{summary}{_text(told.text, house, scope)}{_sections(told, house, scope)}"


def _sections(told: Docstring, house: House, scope: str) -> str:
    return "".join(_section(section, house, scope) for section in told.sections)


def _section(section: Section, house: House, scope: str) -> str:
    if not section.parts:
        return f"<h5>{section.title}</h5>\n{_text(section.text, house, scope)}"
    parts = "\n".join(
        f"<dt>{_part_name(part.name, section.title, house, scope)}</dt><dd>{linked(part.text, house, scope)}</dd>"
        for part in section.parts
    )
    return f'<h5>{section.title}</h5>\n<dl class="parts">\n{parts}\n</dl>\n'


def _part_name(name: str, title: str, house: House, scope: str) -> str:
    """Arguments and attributes are here and nowhere else; errors are described where they have their home."""
    plain = name.replace("`", "")
    return linked(f"`{plain}`", house, scope) if title == "Raises" else escape(plain)


def _text(text: str, house: House, scope: str) -> str:
    return "".join(_block(kind, content, house, scope) for kind, content in blocks(text))


def _block(kind: str, content: str, house: House, scope: str) -> str:
    if kind == "doctest":
        return code(content, "pycon")
    if kind == "code":
        return code(content, "python")
    if kind == "list":
        items = "".join(f"<li>{linked(item, house, scope)}</li>" for item in content.splitlines())
        return f"<ul>{items}</ul>\n"
    return f"<p>{linked(content, house, scope)}</p>\n"


def _short(value: Any) -> str:
    """What a value is; of an object of these packages only its kind, for its state changes."""
    kind = type(value)
    if kind.__module__.partition(".")[0] in ROOTS:
        return f"an instance of {kind.__name__}"
    text = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
