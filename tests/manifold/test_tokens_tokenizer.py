"""Token ids: the worked cases, the inverse, what is refused; frequencies, places and contexts."""

from __future__ import annotations

import array

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import ConfigError, InputError
from stnb.manifold.tokens import (
    TokenizerConfig,
    UniversalTokenizer,
    spectral_score,
    token_centre,
    token_frequency,
)
from stnb.manifold.tokens.contexts import FAN, SPACING, context_frequency, fan_frequencies, stream_frequencies
from tests.golden_cases import golden

CONTEXTS = FAN + 256 + 256**2 + 256**3
"""Contexts of order 0 to 3."""

sizes = st.tuples(st.integers(1, 5000), st.integers(1, 2**31))


@pytest.fixture
def tokenizer():
    return UniversalTokenizer()


def test_worked_ids(tokenizer):
    _, want, tolerance = golden("manifold", "tokenizer_ids")
    hello = tokenizer.encode_text("hello")
    assert hello.tolist() == want["hello"]
    assert tokenizer.encode_bytes(b"Hi", bos=True, eos=True).tolist() == want["hi_with_bos_eos"]
    assert tokenizer.encode_text("hello", position_offset=100).tolist() == want["hello_offset_100"]
    assert tokenizer.encode_text("<bos> The cat sat on the mat <eos>").tolist() == want["phrase_ids"]
    assert tokenizer.vocab_size == want["vocab_size"]
    labelled = UniversalTokenizer(num_labels=10)
    labels = np.array([labelled.label_id(i) for i in range(10)])
    assert labels.tolist() == want["label_ids_0_to_9"]
    assert np.abs(token_frequency(hello) - want["omega_of_hello"]).max() <= tolerance
    assert np.abs(token_frequency(labels) - want["omega_of_labels"]).max() <= tolerance
    assert token_centre(hello, (32, 32, 32)).tolist() == want["center_of_hello_32"]


def test_worked_scores_of_candidates(tokenizer):
    given_, want, tolerance = golden("manifold", "score_candidate_bytes")
    bank = {
        "frequency": np.array(given_["carrier_omega"]),
        "width": np.array(given_["gate"]),
        "amplitude": np.array(given_["amplitude"]),
    }
    omega = token_frequency(tokenizer.candidates(given_["position"]))
    score = spectral_score(omega, **bank)
    for byte, expected in want["score_of_bytes"].items():
        assert abs(score[int(byte)] - expected) <= tolerance
    assert int(np.argmax(score)) == want["argmax"]
    assert abs(score.max() - want["max"]) <= tolerance
    assert abs(score.sum() - want["sum"]) <= tolerance * 256
    silent = spectral_score(omega, **bank, mask=np.array([True, False]))
    alone = {name: column[:1] for name, column in bank.items()}
    assert np.array_equal(silent, spectral_score(omega, **alone))
    with pytest.raises(InputError, match="2 truth values"):
        spectral_score(omega, **bank, mask=np.array([True]))


@given(size=sizes, position=st.integers(0, 2**40))
def test_bytes_at_one_position_have_different_ids(size, position):
    """31·b + p repeats after V/gcd bytes, so the number of ids is that or 256."""
    V, prime = size
    ids = UniversalTokenizer(hash_vocab_size=V, hash_prime=prime).candidates(position)
    assert len(np.unique(ids)) == min(256, V // np.gcd(V, prime))
    assert ids.min() >= 5
    assert ids.max() < 5 + V


@given(data=st.binary(min_size=1, max_size=300), offset=st.integers(0, 2**40), size=sizes, ends=st.booleans())
def test_decode_inverts_encode(data, offset, size, ends):
    V, prime = size
    tokenizer = UniversalTokenizer(hash_vocab_size=V, hash_prime=prime)
    ids = tokenizer.encode_bytes(data, position_offset=offset, bos=ends, eos=ends)
    if np.gcd(V, prime) == 1 and V >= 256:
        assert tokenizer.decode(ids, position_offset=offset) == data
    else:
        with pytest.raises(InputError, match="coprime"):
            tokenizer.decode(ids, position_offset=offset)


def test_ids_that_no_byte_has_are_not_decoded(tokenizer):
    here = set(tokenizer.candidates(7).tolist())
    stray = next(i for i in range(5, tokenizer.vocab_size) if i not in here)
    assert tokenizer.bytes_at([stray, 2], 7).tolist() == [-1, -1]
    with pytest.raises(InputError, match=rf"id {stray} \(hash_{stray - 5}\) at position 7"):
        tokenizer.decode([stray], position_offset=7)
    with pytest.raises(InputError, match="<mask>"):
        tokenizer.decode([4])


KINDS = {
    "bytearray": bytearray,
    "memoryview": memoryview,
    "every other byte of a view": lambda b: memoryview(bytes(x for y in b for x in (y, 0)))[::2],
    "array of numpy": lambda b: np.frombuffer(b, np.uint8),
    "columns of numpy": lambda b: np.frombuffer(b, np.uint8).reshape(2, 3).copy(order="F"),
    "tensor": lambda b: torch.tensor(list(b), dtype=torch.uint8).reshape(3, 2),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_bytes(tokenizer, kind):
    assert np.array_equal(
        tokenizer.encode_bytes(KINDS[kind](b"\x00abc\xff!")), tokenizer.encode_bytes(b"\x00abc\xff!")
    )


REFUSED = {
    "text": ("abc", "encode"),
    "nothing": (b"", "0 bytes"),
    "no elements": (np.zeros(0, np.uint8), "0 bytes"),
    "a list": ([1, 2], r"bytes\(numbers\)"),
    "None": (None, "NoneType"),
    "whole numbers": (np.arange(3), "int64"),
    "floats of torch": (torch.zeros(3), "float32"),
    "wide items": (memoryview(array.array("d", [1.0])), "cast"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_bytes_is_refused(tokenizer, case):
    data, words = REFUSED[case]
    with pytest.raises(InputError, match=words):
        tokenizer.encode_bytes(data)


def test_what_is_outside_the_vocabulary_is_refused(tokenizer):
    with pytest.raises(InputError, match=r"ids\[1\] = 4101 .* 0 to 4100"):
        tokenizer.require_ids([0, 4101])
    with pytest.raises(InputError, match="-1"):
        tokenizer.name(-1)
    with pytest.raises(InputError, match="float64"):
        tokenizer.decode([3229.0])
    with pytest.raises(InputError, match="num_labels"):
        tokenizer.label_id(0)
    with pytest.raises(InputError, match="position -1"):
        tokenizer.candidates(-1)
    with pytest.raises(ConfigError, match="hash_vocab_size"):
        TokenizerConfig(hash_vocab_size=0)


def test_text_and_names(tokenizer):
    assert np.array_equal(tokenizer.encode_text("é\ud800"), tokenizer.encode_bytes("é".encode()))
    with pytest.raises(InputError, match="0 bytes"):
        tokenizer.encode_text("\ud800")
    named = UniversalTokenizer(hash_vocab_size=3, num_labels=2)
    assert named.vocab == (
        *("<pad>", "<unk>", "<bos>", "<eos>", "<mask>"),
        *("hash_0", "hash_1", "hash_2", "label_0", "label_1"),
    )


@pytest.mark.parametrize("grid", [(32, 32, 32), (4, 5, 40), (7, 4, 4)])
def test_centres_lie_inside(grid):
    centre = token_centre(np.arange(5000), grid)
    assert (centre >= 1).all()
    assert (centre <= np.maximum(1, np.array(grid) - 2)).all()


def test_no_two_contexts_share_a_frequency():
    """All 16,843,040 of order 0 to 3 at 27 bits, as Hurwitz' bound promises."""
    taken = np.zeros(2**27, bool)
    for start in range(0, CONTEXTS, 2**21):
        keys = np.arange(start, min(start + 2**21, CONTEXTS), dtype=np.uint64)
        places = context_frequency(keys, 27) / SPACING
        assert np.abs(places - np.round(places)).max() < 1e-6
        taken[np.round(places).astype(np.int64)] = True
    assert taken.sum() == CONTEXTS


@given(keys=st.sets(st.integers(0, CONTEXTS - 1), min_size=300, max_size=400), bits=st.integers(8, 40))
def test_contexts_lie_three_gates_apart(keys, bits):
    """Where two share a place they share it exactly; 0.24 rad/s times a place is rounded to 2⁻⁵³ of at most 2³⁸."""
    omega = np.unique(context_frequency(np.array(sorted(keys), dtype=np.uint64), bits))
    assert np.diff(omega).min() >= 3 * 0.08 - 1e-4
    assert omega.min() >= 0
    assert omega.max() < SPACING * 2**bits


def test_low_discrepancy():
    """The first n frequencies fill the axis so evenly that no tenth of it holds more than two too many."""
    for n in (50, 400, 3000):
        omega = context_frequency(np.arange(n, dtype=np.uint64), 27) / (SPACING * 2**27)
        counts = np.bincount((omega * 10).astype(int), minlength=10)
        assert np.abs(counts - n / 10).max() <= 2.5


def key_of(context):
    if not context:
        raise ValueError
    first = FAN + sum(256**j for j in range(1, len(context)))
    return first + sum(byte * 256**j for j, byte in enumerate(reversed(context)))


@given(
    data=st.binary(min_size=1, max_size=20),
    cut=st.integers(0, 20),
    orders=st.lists(st.integers(1, 6), unique=True, max_size=4),
)
def test_a_stream_has_the_contexts_of_its_bytes(data, cut, orders):
    cut = min(cut, len(data) - 1)
    longest = max(orders, default=0)
    split = (data[max(0, cut - longest) : cut], data[cut:])
    history, rest = (np.frombuffer(part, np.uint8) for part in split)
    omega = stream_frequencies(rest, history, tuple(orders), 20)
    assert omega.shape == (len(rest), len(orders))
    for t in range(cut, len(data)):
        for column, order in enumerate(orders):
            if order > t:
                assert np.isnan(omega[t - cut, column])
            else:
                key = np.array([key_of(data[t - order : t])], dtype=np.uint64)
                assert omega[t - cut, column] == context_frequency(key, 20)[0]


def test_the_fan_comes_before_every_context():
    assert len(np.unique(fan_frequencies(27))) == FAN
    assert key_of(b"\x00") == FAN
    assert key_of(b"\xff\xff\xff") == CONTEXTS - 1
