"""Where metrics live."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import EmptyInput, NonFiniteValue
from stnb.chrono.atlas import AtlasMetric, infer_district
from tests.golden_cases import session_case

from .samples import METRICS, NAMES, fragment


def test_infer__golden():
    inputs, expected, _ = session_case("atlas_infer_district")
    assert {name: infer_district(name) for name in inputs["names"]} == expected


@given(st.sampled_from(NAMES), st.sampled_from(["", " ", "\t"]), st.sampled_from(".:/-"), st.text())
def test_infer__reads_the_first_word_alone(name, blank, separator, rest):
    first = name.replace("/", ".").split(".")[0]
    assert infer_district(f"{blank}{first.upper()}{separator}{rest}") == infer_district(name)


@pytest.mark.parametrize("name", ["", ".z", "zz.bias", "sessions", "z_bias"])
def test_infer__does_not_guess(name):
    assert infer_district(name) == "Unknown"


def test_metric__its_own_district_wins():
    assert AtlasMetric("z.bias", 1.0, " Harbour ").as_tuple() == ("z.bias", 1.0, "Harbour")
    assert AtlasMetric("z.bias", 1.0, "Harbour").home == "Harbour"
    assert AtlasMetric("z.bias", 1, "  ").home == "Substrate"


@pytest.mark.parametrize(
    ("given_", "error", "words"),
    [
        (("", 1.0), EmptyInput, "name"),
        ((" ", 1.0), EmptyInput, "name"),
        ((7, 1.0), TypeError, "name = 7"),
        (("z", math.nan), NonFiniteValue, "value = nan"),
        (("z", "1"), TypeError, "value = '1'"),
        (("z", 1.0, 3), TypeError, "district = 3"),
    ],
)
def test_metric__refuses_what_says_nothing(given_, error, words):
    with pytest.raises(error, match=words):
        AtlasMetric(*given_)


@given(METRICS)
def test_districts__partition_the_metrics(metrics):
    frame = fragment(1.0, *metrics, notes=["x"]).to_frame()
    assert frame is not None
    districts = frame.districts()
    names = [district.name for district in districts]
    housed = [metric for district in districts for metric in district.metrics()]
    assert names == sorted(set(names))
    assert len(housed) == len(frame.metrics())
    assert all(metric in housed for metric in frame.metrics())
    for district in districts:
        assert {metric.district or infer_district(metric.name) for metric in district.metrics()} == {
            district.name
        }


@given(METRICS.filter(bool))
def test_districts__mean_and_span_are_those_of_the_values(metrics):
    frame = fragment(1.0, *metrics).to_frame()
    assert frame is not None
    for district in frame.districts():
        values = [metric.value for metric in district.metrics()]
        assert district.mean == statistics.mean(values)
        assert min(values) <= district.mean <= max(values)
        assert math.isfinite(district.span)
        assert district.span == pytest.approx(max(values) - min(values)) or math.isinf(
            max(values) - min(values)
        )


def test_district__of_one_metric_has_no_span():
    frame = fragment(1.0, ("z.bias", -3.0)).to_frame()
    assert frame is not None
    (district,) = frame.districts()
    assert district.as_dict() == {"name": "Substrate", "mean": -3.0, "span": 0.0, "metrics": ["z.bias"]}
    district.metrics().clear()
    assert len(district.metrics()) == 1
