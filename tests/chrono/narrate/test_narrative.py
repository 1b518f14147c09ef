"""What a narrator hands over: words that can be kept, shown and compared."""

import copy
import dataclasses
import json
import pickle

import pytest

from stnb.chrono.narrate import ResonanceNarrative


def test_narrative__keeps_its_own_list():
    lines = ["a", "b"]
    told = ResonanceNarrative("all", lines)
    lines.append("c")
    assert told.highlights == ["a", "b"]
    told.story()[1].append("c")
    told.as_dict()["highlights"].append("c")
    assert told.story() == ("all", ["a", "b"])
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(told, "summary", "other")  # noqa: B010


def test_narrative__prints_line_by_line():
    assert str(ResonanceNarrative("All.", ["one", "two"])) == "All.\n  – one\n  – two"
    assert str(ResonanceNarrative("All.", [])) == "All."


def test_narrative__in_a_notebook_nothing_becomes_markup():
    shown = ResonanceNarrative("<b>", ["a & b", "<script>"])._repr_html_()
    assert shown == "<p>&lt;b&gt;</p><ul><li>a &amp; b</li><li>&lt;script&gt;</li></ul>"
    assert ResonanceNarrative("All.", [])._repr_html_() == "<p>All.</p>"


def test_narrative__survives_copies_and_json():
    told = ResonanceNarrative("∞", ["κ 🌀"])
    assert pickle.loads(pickle.dumps(told)) == copy.deepcopy(told) == told
    assert ResonanceNarrative(**json.loads(json.dumps(told.as_dict()))) == told


@pytest.mark.parametrize(
    ("summary", "highlights"), [(1, []), ("a", "b"), ("a", [1]), ("a", None), (None, [])]
)
def test_narrative__is_made_of_strings(summary, highlights):
    with pytest.raises(TypeError):
        ResonanceNarrative(summary, highlights)
