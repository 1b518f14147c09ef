"""Uncertainty records: what comes in, what is kept, what is refused."""

import json
from types import MappingProxyType

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue, NonFiniteValue
from stnb.telemetry import hub
from stnb.zspace import telemetry

LEAF = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
RECORD = st.dictionaries(
    st.text(), st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3), max_leaves=5), max_size=4
)


@given(RECORD)
def test_log_uq__takes_mappings_and_their_text_alike(record):
    hub.reset()
    assert telemetry.log_uq(record) == record
    assert telemetry.log_uq(json.dumps(record)) == record
    assert telemetry.history() == [record, record]


def test_log_uq__makes_plain_numbers():
    record = telemetry.log_uq(
        MappingProxyType(
            {
                "picp": np.float32(0.5),
                "mu": torch.ones(2),
                "n": np.int64(3),
                "gate": MappingProxyType({"mean": None}),
            }
        )
    )
    assert record == {"picp": 0.5, "mu": [1.0, 1.0], "n": 3, "gate": {"mean": None}}
    assert type(record["picp"]) is float


def test_history__is_nobodys_to_change():
    given = {"bands": [1, 2]}
    telemetry.log_uq(given)["bands"].append(3)
    given["bands"].append(4)
    telemetry.history()[0]["bands"].append(5)
    assert telemetry.history() == [{"bands": [1, 2]}]


def test_history__holds_the_latest_256():
    for step in range(260):
        telemetry.log_uq({"step": step})
    assert [record["step"] for record in telemetry.history()] == list(range(4, 260))


@pytest.mark.parametrize(
    ("payload", "error", "words"),
    [
        ("{", InvalidValue, "not valid JSON"),
        ("", InvalidValue, "not valid JSON"),
        ("[1, 2]", InvalidValue, "JSON list"),
        ("3", InvalidValue, "JSON int"),
        ('{"nll": NaN}', NonFiniteValue, "NaN"),
        ('{"nll": 1e999}', NonFiniteValue, "1e999"),
        ({"nll": float("nan")}, NonFiniteValue, "NaN"),
        ({"nll": np.array([1.0, np.inf])}, NonFiniteValue, "Infinity"),
        ({"model": object()}, InvalidValue, "object"),
        ({("a", "b"): 1}, InvalidValue, "keys"),
        (b"{}", TypeError, "bytes"),
        ([("a", 1)], TypeError, "list"),
        (None, TypeError, "NoneType"),
    ],
)
def test_log_uq__refuses_and_keeps_nothing(payload, error, words):
    with pytest.raises(error, match=words):
        telemetry.log_uq(payload)
    assert telemetry.history() == []


def test_log_uq__refuses_circles():
    record = {}
    record["self"] = record
    with pytest.raises(InvalidValue, match="Circular"):
        telemetry.log_uq(record)
