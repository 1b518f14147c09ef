"""Google docstrings, read: a summary, paragraphs, sections of named parts, examples."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from inspect import cleandoc

__all__ = ["Docstring", "Part", "Section", "blocks", "parse"]

SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises", "Example", "Examples", "Note", "Notes")
NAMED = ("Args", "Attributes", "Raises")
_TITLE = re.compile(rf"^({'|'.join(SECTIONS)}):$")
_PART = re.compile(r"^(?P<name>\*{0,2}[\w.,`*/ ]+?(?: \([^)]*\))?): *(?P<text>.*)$")


@dataclass(frozen=True)
class Part:
    """One line of a section, such as one argument."""

    name: str
    text: str


@dataclass(frozen=True)
class Section:
    """A titled part of a docstring: `parts` where they have names, else `text`."""

    title: str
    text: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Docstring:
    """What a docstring says."""

    summary: str
    text: str
    sections: tuple[Section, ...] = field(default=())


def parse(docstring: str | None) -> Docstring:
    """The first paragraph, what follows it, and its sections in order."""
    summary, _, rest = cleandoc(docstring or "").partition("\n\n")
    prose: list[str] = []
    found: list[tuple[str, list[str]]] = []
    for line in rest.splitlines():
        title = _TITLE.match(line)
        if title:
            found.append((title[1], []))
        elif found and (line.startswith(" ") or not line):
            found[-1][1].append(line)
        else:
            prose.append(line)
    return Docstring(" ".join(summary.split()), "\n".join(prose).strip("\n"), tuple(map(_section, found)))


def blocks(text: str) -> list[tuple[str, str]]:
    """Text as ("paragraph" | "list" | "doctest" | "code", content): what is indented is code, `>>>` begins a doctest."""
    found = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines = block.splitlines()
        if not block.strip():
            continue
        if lines[0].lstrip().startswith(">>>"):
            found.append(("doctest", cleandoc("\n" + block)))
        elif all(line.startswith("    ") for line in lines):
            found.append(("code", cleandoc("\n" + block)))
        elif lines[0].startswith(("- ", "* ")):
            items = re.split(r"^[-*] ", block, flags=re.MULTILINE)[1:]
            found.append(("list", "\n".join(" ".join(item.split()) for item in items)))
        else:
            found.append(("paragraph", " ".join(block.split())))
    return found


def _section(found: tuple[str, list[str]]) -> Section:
    title, lines = found
    text = cleandoc("\n" + "\n".join(lines)).strip("\n")
    if title not in NAMED:
        return Section(title, text)
    parts: list[Part] = []
    for line in text.splitlines():
        named = None if line.startswith(" ") else _PART.match(line)
        if named:
            parts.append(Part(named["name"], named["text"]))
        elif parts and line.strip():
            parts[-1] = Part(parts[-1].name, f"{parts[-1].text} {line.strip()}".strip())
        elif line.strip():
            return Section(title, text)
    return Section(title, "", tuple(parts))
