"""What is counted as a phrase, and whose phrases are counted."""

import pytest

from stnb._core.errors import InvalidValue, UnknownNameError
from stnb.psi.psychoid.lexicons import LEXICONS, Lexicon, lexicons_of


def test_lists__are_short_sorted_and_without_repeats():
    for name, phrases in LEXICONS.items():
        assert 8 <= len(phrases) <= 12, name
        assert list(phrases) == sorted(set(phrases)), name
        assert all(phrase == phrase.casefold().strip() for phrase in phrases), name


def test_every_phrase__is_found_where_it_stands():
    for phrases in LEXICONS.values():
        for phrase in phrases:
            assert Lexicon(phrases).found(f"Well, {phrase.upper()}.") == [phrase]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I cannot. I CANNOT!", ["i cannot", "i cannot"]),
        ("i\n  cannot", ["i cannot"]),
        ("I can’t, I can't", ["i can't", "i can't"]),
        ("hi cannot", []),
        ("i cannots", []),
        ("not allowed to, no comment", ["not allowed to", "no comment"]),
        ("", []),
    ],
)
def test_phrases__are_whole_words(text, found):
    assert Lexicon(LEXICONS["refusal"]).found(text) == found


def test_the_longer_phrase__counts_where_two_begin():
    assert Lexicon(("i must", "i must decline")).found("I must decline, I must") == [
        "i must decline",
        "i must",
    ]


def test_lists__can_be_replaced_one_by_one():
    own = lexicons_of({"symbols": ["Wheel ", "wheel", "Great  Wheel"], "assent": []})
    assert own["symbols"] == ("wheel", "great wheel")
    assert Lexicon(own["assent"]).found("i agree") == []
    assert own["refusal"] == LEXICONS["refusal"]
    assert lexicons_of(None) == LEXICONS
    assert LEXICONS["symbols"][0] == "bridge"


def test_bad_lists__are_refused():
    with pytest.raises(UnknownNameError, match="did you mean 'symbols'"):
        lexicons_of({"symbol": ["key"]})
    with pytest.raises(TypeError, match="give a list of phrases"):
        lexicons_of({"symbols": "key"})
    with pytest.raises(TypeError, match="holds 3"):
        lexicons_of({"symbols": [3]})
    with pytest.raises(InvalidValue, match="with a word in them"):
        lexicons_of({"symbols": [" "]})
    with pytest.raises(TypeError, match="lexicons is of type list"):
        lexicons_of(["key"])  # pyright: ignore[reportArgumentType]
