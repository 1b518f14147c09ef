"""The phrases that the meter counts: short English lists, each replaceable by one's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stnb._core.errors import InvalidValue, UnknownNameError, nearest

__all__ = ["LEXICONS", "Lexicon", "lexicons_of"]

LEXICONS: dict[str, tuple[str, ...]] = {
    "assent": (
        "absolutely",
        "agreed",
        "certainly",
        "exactly so",
        "good point",
        "i agree",
        "indeed",
        "of course",
        "that is right",
        "you are right",
    ),
    "contrast": (
        "although",
        "but",
        "by contrast",
        "even so",
        "however",
        "i disagree",
        "nevertheless",
        "on the contrary",
        "whereas",
        "yet",
    ),
    "refusal": (
        "against my rules",
        "beyond my abilities",
        "i am not able to",
        "i am only a program",
        "i can't",
        "i cannot",
        "i must decline",
        "i won't",
        "no comment",
        "not allowed to",
    ),
    "ritual": (
        "as you know",
        "by way of introduction",
        "first of all",
        "great question",
        "here is a summary",
        "in this answer",
        "let me begin",
        "let us begin",
        "thank you for asking",
        "to begin with",
    ),
    "numinous": (
        "abyss",
        "awe",
        "boundless",
        "eternal",
        "holy",
        "mystery",
        "sacred",
        "sublime",
        "unearthly",
        "vision",
    ),
    "taxonomy": (
        "can be divided into",
        "categories of",
        "classes of",
        "classified as",
        "falls into",
        "is a kind of",
        "kinds of",
        "species of",
        "the following types",
        "types of",
    ),
    "symbols": (
        "bridge",
        "door",
        "ember",
        "key",
        "ladder",
        "lantern",
        "mirror",
        "river",
        "seed",
        "tower",
    ),
}


class Lexicon:
    """Phrases as whole words, whatever their case, their white space and the shape of their apostrophes."""

    def __init__(self, phrases: tuple[str, ...]) -> None:
        longest_first = sorted(phrases, key=len, reverse=True)
        words = ("\\s+".join(map(re.escape, phrase.split())) for phrase in longest_first)
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)") if phrases else None

    def found(self, text: str) -> list[str]:
        """Every phrase as often as it stands in a text, in order; where two overlap, the first and the longer."""
        if self._pattern is None:
            return []
        return [" ".join(match.split()) for match in self._pattern.findall(_folded(text))]


def lexicons_of(given: Mapping[str, Any] | None) -> dict[str, tuple[str, ...]]:
    """`LEXICONS` with some lists replaced; an empty list counts nothing.

    Raises:
        UnknownNameError: for a list that no metric reads.
        TypeError: for phrases that are no strings.
        InvalidValue: for a phrase of white space.
    """
    if given is None:
        return dict(LEXICONS)
    if not isinstance(given, Mapping):
        raise TypeError(
            f"lexicons is of type {type(given).__name__}; give a dict such as {{'symbols': ['key']}}."
        )
    for name in given:
        if name not in LEXICONS:
            raise UnknownNameError(f"no metric reads a lexicon {name!r}; {nearest(str(name), LEXICONS)}")
    return LEXICONS | {name: _phrases(name, phrases) for name, phrases in given.items()}


def _phrases(name: str, phrases: Any) -> tuple[str, ...]:
    if isinstance(phrases, str) or not hasattr(phrases, "__iter__"):
        raise TypeError(f"lexicons[{name!r}] = {phrases!r}; give a list of phrases.")
    listed = list(phrases)
    for phrase in listed:
        if not isinstance(phrase, str):
            raise TypeError(f"lexicons[{name!r}] holds {phrase!r}; give phrases as strings.")
        if not phrase.strip():
            raise InvalidValue(f"lexicons[{name!r}] holds {phrase!r}; give phrases with a word in them.")
    return tuple(dict.fromkeys(" ".join(_folded(phrase).split()) for phrase in listed))


def _folded(text: str) -> str:
    return text.replace("’", "'").casefold()
