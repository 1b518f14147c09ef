"""Launches: which are consistent, and their two forms in words."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue, NonFiniteValue, UnknownNameError
from stnb.planner import Choice
from tests.golden_cases import golden

from .launches import CHOICES, KINDS

PLAIN = Choice(False, 64, 8, 0, 1, 1, 256, 128, True)
SOFT = re.compile(r"soft\((\w+), (\d+|true|false), (-?\d+(?:\.\d+)?), ([^;]+)\);")


def test_script__is_the_worked_one():
    given_, expected, _ = golden("planner", "unison_script")
    choice = Choice(**given_["choice"])
    assert choice.to_unison_script(given_["kind"]) == expected["script"]
    assert Choice.from_unison_script(expected["script"]) == choice


@given(CHOICES, st.sampled_from(KINDS))
def test_script__reads_back_as_the_same_choice(choice, kind):
    script = choice.to_unison_script(kind)
    assert Choice.from_unison_script(script) == choice
    assert script.startswith(f"unison {kind} {{\n")
    header, *body, closing = script.splitlines()
    shuffled = "\n\n".join([f" {header}", *reversed(body), f"\t{closing}"])
    assert Choice.from_unison_script(shuffled) == choice


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("unison topk {", "unison topk", "line 1: .* is no beginning"),
        ("unison topk {", "unison tipk {", "did you mean 'topk'"),
        ("}", "", "line 7: 'two_stage false' ends the script"),
        ("workgroup 64", "workgrup 64", "line 2: 'workgrup' is unknown; did you mean 'workgroup'"),
        ("workgroup 64", "", "no line 'workgroup'"),
        ("workgroup 64", "workgroup -64", "line 2: workgroup '-64' is no whole number"),
        ("workgroup 64", "workgroup 6_4", "line 2"),
        ("workgroup 64", "workgroup 0", "wg = 0"),
        ("lanes 8", "lanes 8\n  lanes 8", "line 4: 'lanes' is there twice"),
        ("two_stage false", "two_stage no", "neither 'true' nor 'false'"),
        ("shared heap", "shared", "strategy and its detail"),
        ("shared heap", "shared hep", "did you mean 'heap'"),
        ("shared heap", "shared auto", "mkd = 0 does not fit"),
        ("shared heap", "warp heap", "mkd = 1 does not fit mk = 2"),
    ],
)
def test_script__tells_where_it_is_wrong(old, new, message):
    script = PLAIN.to_unison_script("topk")
    assert old in script
    with pytest.raises(InvalidValue, match=message):
        Choice.from_unison_script(script.replace(old, new, 1))


@given(st.text(max_size=60))
def test_script__refuses_any_other_text(text):
    with pytest.raises(InvalidValue):
        Choice.from_unison_script(text)


def test_script__wants_text():
    with pytest.raises(TypeError, match="bytes"):
        Choice.from_unison_script(b"unison topk {\n}")
    with pytest.raises(InvalidValue, match="empty"):
        Choice.from_unison_script("\n \n")


@given(CHOICES, st.sampled_from(KINDS), st.floats(-1e12, 1e12))
def test_spiralk__has_a_wish_for_every_field_that_is_set(choice, kind, weight):
    lines = choice.to_spiralk(kind, weight, "c >= 1024").splitlines()
    found = [SOFT.fullmatch(line) for line in lines]
    assert all(found)
    wishes = {match[1]: match[2] for match in found}
    assert {float(match[3]) for match in found} == {weight}
    assert {match[4] for match in found} == {"c >= 1024"}
    assert wishes["u2"] == str(choice.use_2ce).lower()
    for field in ("wg", "kl", "ch", "mk", "mkd"):
        assert wishes[field] == str(choice[field])
    optional = {"tile": "tile", "ctile": "ctile", "tile_cols": "fft_tile", "radix": "fft_radix"}
    for field, name in optional.items():
        shown = choice[name] != 0 and not (field == "ctile" and kind == "topk")
        assert wishes.get(field) == (str(choice[name]) if shown else None)


@pytest.mark.parametrize(
    "cond", ["", "  ", "true); wg: 1", "a, b", "(c", "c)", ")(", "c > 1 # x", "c\u00e9", "{c}"]
)
def test_spiralk__refuses_what_is_no_condition(cond):
    with pytest.raises(InvalidValue, match="cond"):
        PLAIN.to_spiralk("topk", cond=cond)


def test_spiralk__refuses_other_bad_input():
    assert "min(c, r) > 8);" in PLAIN.to_spiralk("midk", cond="min(c,\n r) > 8")
    with pytest.raises(NonFiniteValue, match="weight"):
        PLAIN.to_spiralk("topk", weight=float("nan"))
    with pytest.raises(TypeError, match="cond"):
        PLAIN.to_spiralk("topk", cond=True)
    with pytest.raises(InvalidValue, match="did you mean 'midk'"):
        PLAIN.to_spiralk("midkk")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"mk": 3}, InvalidValue, "mk = 3 is no merge"),
        ({"mk": 1.0}, TypeError, "float"),
        ({"mk": 2}, InvalidValue, r"give 4 \(warp_heap\) or 5 \(warp_bitonic\)"),
        ({"mk": 2, "mkd": 4, "subgroup": False}, InvalidValue, "needs subgroup"),
        ({"mk": 0, "mkd": 1}, InvalidValue, "mkd = 1 does not fit mk = 0"),
        ({"mk": True}, TypeError, "bool"),
        ({"wg": 0}, InvalidValue, "wg = 0"),
        ({"kl": 0}, InvalidValue, "kl = 0"),
        ({"tile": -1}, InvalidValue, "tile = -1"),
        ({"use_2ce": 0}, TypeError, "use_2ce"),
        ({"subgroup": None}, TypeError, "subgroup"),
        ({"fft_tile": 100, "fft_radix": 4, "fft_segments": 1}, InvalidValue, "power of two"),
        ({"fft_tile": 64}, InvalidValue, "fft_radix = 0"),
        ({"fft_tile": 64, "fft_radix": 3, "fft_segments": 1}, InvalidValue, "fft_radix = 3"),
        ({"fft_tile": 64, "fft_radix": 2, "fft_segments": 5}, InvalidValue, "fft_segments = 5"),
        ({"fft_radix": 2}, InvalidValue, "fft_tile = 0"),
    ],
)
def test_choice__refuses_inconsistency(changes, error, message):
    with pytest.raises(error, match=message):
        dataclasses.replace(PLAIN, **changes)


def test_choice__answers_to_keys():
    assert PLAIN["tile"] == PLAIN.tile == 256
    long = (
        "two_stage",
        "workgroup",
        "lanes",
        "channel_stride",
        "merge_kind",
        "merge_detail",
        "compaction_tile",
    )
    assert [PLAIN[name] for name in long] == [False, 64, 8, 0, "shared", "heap", 128]
    assert dict(PLAIN) == PLAIN.as_dict() == dataclasses.asdict(PLAIN)
    assert len(PLAIN) == len(dataclasses.fields(PLAIN))
    assert "tile" in PLAIN
    assert PLAIN.get("__class__") is None
    with pytest.raises(UnknownNameError, match="did you mean 'tile'"):
        PLAIN["tille"]
    with pytest.raises(KeyError):
        PLAIN[0]
