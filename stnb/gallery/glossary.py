"""The glossary: each poetic name of the toolkit with its formula, what it means, what it does not, and where it lives."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from stnb._core.errors import ConfigError, nearest
from stnb.gallery.layout import page, table_of_contents
from stnb.gallery.maths import mathml
from stnb.gallery.prose import slug
from stnb.gallery.reference import linked

if TYPE_CHECKING:
    from stnb.gallery.rooms import House

__all__ = ["Term", "glossary_page", "read_glossary"]

LEAD = (
    "Names that say more than a formula should. Here are the formulas, what they mean, and what they do not."
)
KEYS = ("formula", "means", "not", "where")


@dataclass(frozen=True)
class Term:
    """One name.

    Attributes:
        name: as people say it.
        formula: in LaTeX.
        means: one sentence.
        not_: what one might think that it means, and is wrong.
        where: what carries it, by full name.
    """

    name: str
    formula: str
    means: str
    not_: str
    where: tuple[str, ...]


def read_glossary(text: str | None = None) -> list[Term]:
    """The terms of a glossary in TOML, this package's own when None, in alphabetical order.

    Raises:
        ConfigError: when a term lacks something or has something unknown.
    """
    source = files("stnb.gallery").joinpath("glossary.toml").read_text("utf-8") if text is None else text
    terms = [_term(name, table) for name, table in tomllib.loads(source).items()]
    return sorted(terms, key=lambda term: (term.name[0] == "ψ", term.name.lower()))


def glossary_page(terms: list[Term], house: House) -> str:
    """The page of all terms.

    Raises:
        ConfigError: when a term lives nowhere in this house.
        InputError: when a formula cannot be written.
    """
    sections = "\n".join(_section(term, house) for term in terms)
    contents = [(False, slug(term.name), escape(term.name)) for term in terms]
    body = (
        f'<div class="columns">\n{table_of_contents(contents, "Names")}<article class="terms">\n<h1>Glossary</h1>\n'
        f'<p class="lead">{LEAD}</p>\n{_find()}{sections}\n</article>\n</div>'
    )
    return page("Glossary – stnb", body, place="glossary.html", scripts=("find.js",))


def _term(name: str, table: dict) -> Term:
    for key in table:
        if key not in KEYS:
            raise ConfigError(f"the term {name!r} has an unknown setting {key!r}; {nearest(key, KEYS)}")
    lacking = [key for key in KEYS if not table.get(key)]
    if lacking:
        raise ConfigError(f"the term {name!r} lacks {', '.join(lacking)}; a term has {', '.join(KEYS)}.")
    return Term(name, table["formula"], table["means"], table["not"], tuple(table["where"]))


def _section(term: Term, house: House) -> str:
    words = escape(f"{term.name} {term.means} {' '.join(term.where)}".lower(), quote=True)
    places = ", ".join(_place(term, path, house) for path in term.where)
    return (
        f'<section data-words="{words}">\n<h2 id="{slug(term.name)}">{escape(term.name)} '
        f'<a class="here" href="#{slug(term.name)}" aria-label="Link to this name">#</a></h2>\n'
        f"{mathml(term.formula, block=True)}\n<p>{linked(term.means, house, 'stnb')}</p>\n"
        f'<p class="not"><b>Not:</b> {linked(term.not_, house, "stnb")}</p>\n'
        f'<p class="where"><b>Where:</b> {places}</p>\n</section>'
    )


def _place(term: Term, path: str, house: House) -> str:
    address = house.address(path)
    if address is None and not house.complete:
        return f"<code>{escape(path)}</code>"
    if address is None:
        raise ConfigError(
            f"the term {term.name!r} lives in {path}, which nothing offers; name a public place."
        )
    return f'<a href="{address}"><code>{escape(path)}</code></a>'


def _find() -> str:
    return (
        '<form class="find" role="search" hidden>\n<label><input type="search" placeholder="Search (press /)" '
        'aria-label="Search names, meanings and places" autocomplete="off"></label>\n'
        '<output data-one="name" aria-live="polite"></output>\n</form>\n'
    )
