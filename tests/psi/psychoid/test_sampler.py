"""Numeric models: their samples, and the reading that a process shows."""

import json
import logging

import numpy as np
import pytest
import torch

from stnb._core.errors import NonFiniteValue, ShapeMismatch
from stnb.psi.psychoid import PsychoidMeter, get_psychoid_stats, publish_reading, sample_of
from stnb.psi.psychoid.records import KEYS
from stnb.telemetry import hub
from stnb.zspace.tensor import Tensor

INPUTS = [[0.0, 1.0], [1.0, 0.0]]
OUTPUTS = [[0.5, 0.25, 0.0], [0.0, 0.75, 0.25]]


@pytest.mark.parametrize(
    "make",
    [
        list,
        np.array,
        lambda rows: np.array(rows, np.float32),
        lambda rows: torch.tensor(rows, requires_grad=True),
        lambda rows: torch.tensor(rows, dtype=torch.bfloat16),
        lambda rows: Tensor(len(rows), len(rows[0]), [x for row in rows for x in row]),
    ],
)
def test_sample__is_one_frame_a_row(make):
    sample = sample_of(make(INPUTS), make(OUTPUTS))
    assert [frame.hidden.tolist() for frame in sample.frames] == INPUTS
    assert [frame.logits.tolist() for frame in sample.frames] == OUTPUTS
    assert [frame.token_id for frame in sample.frames] == [0, 1]
    assert {frame.token_text for frame in sample.frames} == {""} == {sample.prompt, sample.generated}


def test_sample__of_series_and_of_images():
    assert len(sample_of([1.0, 2.0], [3.0]).frames) == 1
    images = sample_of(torch.zeros(3, 2, 4, 4), torch.ones(3, 5))
    assert [frame.hidden.size for frame in images.frames] == [32, 32, 32]
    assert sample_of(np.zeros((0, 2)), np.zeros((0, 3))).frames == ()


def test_numeric_models__have_the_metrics_of_numbers_alone():
    meter = PsychoidMeter()
    seen = meter.observe(sample_of(INPUTS, OUTPUTS))
    assert seen is not None
    raw = seen[0].raw
    assert all(raw[key] > 0 for key in ("D", "C", "K", "AX"))
    assert all(raw[key] == 0 for key in set(KEYS) - {"D", "C", "K", "AX"})


def test_bad_batches__are_refused():
    with pytest.raises(ShapeMismatch, match="inputs have 2 rows but outputs 1"):
        sample_of(INPUTS, OUTPUTS[:1])
    with pytest.raises(NonFiniteValue, match=r"outputs\[0, 1\] = nan"):
        sample_of([[1.0]], [[1.0, float("nan")]])
    for wrong in ("text", None, [[1.0], [1.0, 2.0]], [[1j]], object()):
        with pytest.raises(TypeError, match="inputs is of type"):
            sample_of(wrong, OUTPUTS)


def test_stats__are_none_until_there_is_a_reading():
    assert get_psychoid_stats() is None
    seen = PsychoidMeter().observe(sample_of(INPUTS, OUTPUTS))
    assert seen is not None
    assert get_psychoid_stats() is None
    publish_reading(seen[0])
    stats = get_psychoid_stats()
    assert stats is not None
    assert json.loads(json.dumps(stats)) == stats == seen[0].as_dict()
    assert list(stats) == ["step", "cti", "raw", "z"]
    stats["raw"]["D"] = 7.0
    again = get_psychoid_stats()
    assert again is not None
    assert again["raw"]["D"] != 7.0
    hub.reset()
    assert get_psychoid_stats() is None


def test_log__has_a_line_a_reading_when_asked(caplog):
    meter = PsychoidMeter()
    with caplog.at_level(logging.INFO, logger="stnb.psychoid"):
        for to_log in (False, True):
            seen = meter.observe(sample_of(INPUTS, OUTPUTS))
            assert seen is not None
            publish_reading(seen[0], to_log=to_log)
    (record,) = caplog.records
    assert record.name == "stnb.psychoid"
    assert record.getMessage().startswith("step 1 cti 0.5000 D=")
    with pytest.raises(TypeError, match="reading is of type dict"):
        publish_reading({})  # pyright: ignore[reportArgumentType]
