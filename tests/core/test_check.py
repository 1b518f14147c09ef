import numpy as np
import pytest

from stnb._core.check import Check
from stnb._core.errors import CheckError, InputError


@pytest.mark.parametrize(
    ("name", "value", "bounds", "line"),
    [
        ("energy drift", 3.1e-8, {"below": 1e-3}, "✓ energy drift        3.1e-08  < 1e-03"),
        (
            "speed",
            2.5,
            {"above": 1, "below": 3.0, "unit": "m/s"},
            "✓ speed               2.5 m/s  > 1 and < 3",
        ),
        ("mass", 10.0, {"equals": 10, "within": 0.5}, "✓ mass                10  = 10 ± 0.5"),
        ("count", 1000, {"equals": 1000}, "✓ count               1000  = 1000"),
        ("same", True, {"equals": True}, "✓ same                True  = True"),
    ],
)
def test_check__prints_one_tidy_line(capsys, name, value, bounds, line):
    check = Check()
    assert check(name, value, **bounds) is value
    assert capsys.readouterr().out == line + "\n"
    assert check.records()[0].passed


@pytest.mark.parametrize(
    ("value", "bounds"),
    [
        (1e-3, {"below": 1e-3}),
        (1.0, {"above": 1.0}),
        (2.0, {"below": 3, "above": 2.5}),
        (np.nan, {"below": 1}),
        (np.nan, {"above": 1}),
        (np.nan, {"equals": np.nan}),
        (np.nan, {"equals": 1, "within": 5}),
        (1.6, {"equals": 1, "within": 0.5}),
        (1, {"equals": 2}),
        (False, {"equals": True}),
        (np.float64(2), {"below": 1}),
        (np.array([2.0]), {"below": 1}),
    ],
)
def test_check__false_raises_and_is_recorded(capsys, value, bounds):
    check = Check()
    with pytest.raises(CheckError, match=r"✗ claim .* is false"):
        check("claim", value, **bounds)
    assert capsys.readouterr().out == ""
    assert [record.passed for record in check.records()] == [False]
    check.clear()
    assert check.records() == ()


@pytest.mark.parametrize(
    ("value", "bounds", "message"),
    [
        (1, {}, "no bound, so it cannot fail"),
        (1, {"within": 1}, "nothing to be near"),
        (1, {"below": np.inf}, "give a finite number"),
        (1, {"above": np.nan}, "give a finite number"),
        (1, {"equals": 1, "within": np.inf}, "give a finite number"),
        (1, {"equals": 1, "within": -1}, "not negative"),
        (1, {"below": "2"}, "give a finite number"),
        (np.ones(3), {"below": 2}, "one number"),
        (np.ones(0), {"below": 2}, "one number"),
        ("fast", {"below": 2}, "compares 'fast'"),
        (True, {"above": 0}, "compares True"),
    ],
)
def test_check__a_claim_that_cannot_fail_is_refused(value, bounds, message):
    check = Check()
    with pytest.raises(InputError, match=message):
        check("claim", value, **bounds)
    assert check.records() == ()
