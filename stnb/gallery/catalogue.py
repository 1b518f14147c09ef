"""`gallery.toml`: title, question, tags and time budget of each notebook."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from stnb._core.errors import ConfigError, nearest

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CATALOGUE", "Entry", "load"]

CATALOGUE = "gallery.toml"


@dataclass(frozen=True)
class Entry:
    """One notebook of the gallery."""

    path: Path
    title: str
    question: str
    tags: tuple[str, ...]
    budget_s: float


def load(folder: Path) -> list[Entry]:
    """The entries of `folder/gallery.toml`, in the order of their file names.

    Raises:
        ConfigError: when a notebook has no entry, an entry no notebook, or a setting is missing or unknown.
    """
    catalogue = folder / CATALOGUE
    if not catalogue.is_file():
        raise ConfigError(f"{catalogue} does not exist; run in the project's folder or pass --notebooks.")
    tables = tomllib.loads(catalogue.read_text(encoding="utf-8"))
    found = {path.name for path in folder.glob("*.ipynb")}
    for name in sorted(found - set(tables)):
        raise ConfigError(
            f'{name} has no entry in {catalogue}; add ["{name}"] with title, question, tags, budget_s.'
        )
    for name in sorted(set(tables) - found):
        raise ConfigError(f'{catalogue} lists "{name}", which {folder} does not hold. {nearest(name, found)}')
    return [_entry(folder / name, tables[name]) for name in sorted(tables)]


def _entry(path: Path, table: dict) -> Entry:
    wanted = [field.name for field in fields(Entry) if field.name != "path"]
    for key in table:
        if key not in wanted:
            raise ConfigError(
                f"{path.name} has an unknown setting {key!r} in {CATALOGUE}; {nearest(key, wanted)}"
            )
    lacking = [key for key in wanted if not table.get(key)]
    if lacking:
        raise ConfigError(f"{path.name} lacks {', '.join(lacking)} in {CATALOGUE}.")
    return Entry(path, **{**table, "tags": tuple(table["tags"])})
