"""Verdicts are drawn where they held, and nowhere else."""

import numpy as np
import pytest

from stnb._core.errors import EmptyInput, InvalidValue, NonFiniteValue, ShapeMismatch
from stnb._core.show import mimebundle
from stnb.chrono.maintainer.report import SEVERITY
from stnb.plots import plot_verdicts
from stnb.plots.verdicts import VERDICT_COLOURS

TIMES = [1.0, 2.0, 3.0, 4.0, 5.0]
CURVES = {"energy": [1.0, 10.0, 100.0, 10.0, 1.0]}
SAID = ["stable", "clamp", "clamp", "stable", "rewrite"]


def drawn(**changes):
    return {
        t.name: t
        for t in plot_verdicts(**{"times": TIMES, "curves": CURVES, "verdicts": SAID, **changes}).data
    }


def test_a_verdict_holds_until_the_next_one():
    traces = drawn()
    assert traces["stable"].x == (1.0, 2.0, None, 4.0, 5.0, None)
    assert traces["clamp"].x == (2.0, 4.0, None)
    assert traces["rewrite"].x == (5.0, 5.0, None)
    np.testing.assert_array_equal(traces["energy"].y, CURVES["energy"])


def test_the_gravest_lies_on_top_and_all_lie_beneath_the_curves():
    traces = drawn(verdicts=["dormant", "clamp", "odd", "stable", "rewrite"])
    levels = {name: traces[name].y[0] for name in ("rewrite", "clamp", "stable", "dormant", "odd")}
    assert list(levels.values()) == sorted(levels.values(), reverse=True)
    assert max(levels.values()) < min(CURVES["energy"])
    assert list(VERDICT_COLOURS) == list(SEVERITY)
    assert all(traces[name].line.color == VERDICT_COLOURS[name] for name in SEVERITY)


def test_a_logarithm_is_named_so():
    np.testing.assert_allclose(drawn(log=True)["energy"].y, [0, 1, 2, 1, 0])
    assert plot_verdicts(TIMES, CURVES, SAID, y="energy", log=True).layout.yaxis.title.text == "log₁₀ energy"


def test_the_still_is_a_picture_with_every_verdict():
    still = mimebundle(plot_verdicts(TIMES, CURVES, SAID), "Energy over verdicts")[0]["image/svg+xml"]
    assert all(f">{name}</text>" in still for name in ("energy", "rewrite", "clamp", "stable"))


REFUSED = [
    ({"times": [], "verdicts": []}, EmptyInput, "times or curves are empty"),
    ({"curves": {}}, EmptyInput, "times or curves are empty"),
    ({"verdicts": SAID[:3]}, ShapeMismatch, "3 verdicts for times"),
    ({"times": [1, 2, 2, 3, 4]}, InvalidValue, "do not rise"),
    ({"times": [1, 2, np.nan, 3, 4]}, InvalidValue, "do not rise"),
    ({"curves": {"a": [1.0]}}, ShapeMismatch, r"'a' has shape \(1,\)"),
    ({"curves": {"a": [1, 2, np.inf, 4, 5]}}, NonFiniteValue, r"a\[2\] = inf"),
    ({"curves": {"a": [1, 0, 1, 1, 1]}, "log": True}, NonFiniteValue, r"a\[1\] = 0.0 .* above 0"),
]


@pytest.mark.parametrize(("wrong", "error", "words"), REFUSED)
def test_what_cannot_be_drawn_is_refused(wrong, error, words):
    with pytest.raises(error, match=words):
        drawn(**wrong)
