"""`gallery.toml`: title, question, tags, level and time budget of each notebook, in the order that teaches."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any

from stnb._core.errors import ConfigError, nearest

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CATALOGUE", "LEVELS", "Entry", "load"]

CATALOGUE = "gallery.toml"
LEVELS = ("", "first steps", "going on", "deep")
LISTS = ("tags", "needs")


@dataclass(frozen=True)
class Entry:
    """One notebook of the gallery.

    Attributes:
        path: the notebook.
        title: heading of its page and its card.
        question: what a person wants to know.
        tags: words to find it by.
        budget_s: seconds that it may run on two cores.
        thumbnail: which output the card shows, such as "figure 2"; the first picture when empty.
        level: "first steps", "going on", "deep", or nothing.
        needs: notebooks to read before, by file name.
    """

    path: Path
    title: str
    question: str
    tags: tuple[str, ...]
    budget_s: float
    thumbnail: str = ""
    level: str = ""
    needs: tuple[str, ...] = ()

    @property
    def figure(self) -> int:
        """Which picture of the notebook is its thumbnail, counted from 1."""
        return int(self.thumbnail.removeprefix("figure ")) if self.thumbnail else 1

    @property
    def page(self) -> str:
        """File name of its page."""
        return f"{self.path.stem}.html"


def load(folder: Path) -> list[Entry]:
    """The entries of `folder/gallery.toml`, in the order in which they stand there.

    Raises:
        ConfigError: when a notebook has no entry, an entry no notebook, or a setting is missing, unknown or wrong.
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
    return [_checked(_entry(folder / name, table), found) for name, table in tables.items()]


def _entry(path: Path, table: dict[str, Any]) -> Entry:
    known = [field for field in fields(Entry) if field.name != "path"]
    names = [field.name for field in known]
    for key in table:
        if key not in names:
            raise ConfigError(
                f"{path.name} has an unknown setting {key!r} in {CATALOGUE}; {nearest(key, names)}"
            )
    lacking = [field.name for field in known if field.default is MISSING and not table.get(field.name)]
    if lacking:
        raise ConfigError(f"{path.name} lacks {', '.join(lacking)} in {CATALOGUE}.")
    settings: dict[str, Any] = {key: tuple(value) if key in LISTS else value for key, value in table.items()}
    return Entry(path, **settings)


def _checked(entry: Entry, known: set[str]) -> Entry:
    where = f"{entry.path.name} in {CATALOGUE}"
    kind, _, number = entry.thumbnail.partition(" ")
    if entry.thumbnail and (kind != "figure" or not number.isdecimal() or int(number) < 1):
        raise ConfigError(f'{where} has the thumbnail {entry.thumbnail!r}; write "figure 1", "figure 2", …')
    if entry.level not in LEVELS:
        raise ConfigError(f"{where} has the level {entry.level!r}; {nearest(entry.level, LEVELS[1:])}")
    for name in entry.needs:
        if name not in known:
            raise ConfigError(f"{where} needs {name!r}, which is not in the gallery. {nearest(name, known)}")
    return entry
