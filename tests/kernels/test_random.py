"""Random numbers: the published Philox vectors, the older hash, the laws' moments."""

from __future__ import annotations

import numpy as np
import pytest
import stnb_kernels as kernels
from hypothesis import given
from hypothesis import strategies as st
from stnb_kernels.random import philox, reference

from tests.golden_cases import golden


def rounds(counter, key):
    c, k = [np.uint64(v) for v in counter], [np.uint64(v) for v in key]
    for _ in range(philox.ROUNDS):
        c = philox.mix(*c, *k)
        k = philox.advance_key(*k)
    return [int(v) for v in c]


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox_gives_the_published_words(counter, key, words):
    assert rounds(counter, key) == words


def test_older_hash_matches_its_golden_case():
    inputs, outputs, tolerance = golden("manifold", "rng_hash_u32")
    hashed = reference.hash32(np.array(inputs["x"], dtype=np.uint64))
    assert hashed.tolist() == outputs["hash"]
    unit = np.maximum((hashed & np.uint64(0xFFFFFF)).astype(float) / 2**24, 1e-7)
    assert np.allclose(unit, outputs["u01_of_hash"], rtol=0, atol=tolerance)


def test_older_normals_match_their_golden_case():
    inputs, outputs, tolerance = golden("manifold", "rng_normals")
    drawn = [reference.hash_normals(*pair) for pair in inputs["pairs"]]
    assert np.allclose(drawn, outputs["randn2"], rtol=0, atol=tolerance)


@given(
    n=st.integers(0, 300),
    more=st.integers(0, 50),
    law=st.sampled_from(["uniform", "normal"]),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_a_number_depends_on_its_index_and_not_on_how_many_are_drawn(n, more, law, dtype):
    short, long = np.empty(n, dtype), np.empty(n + more, dtype)
    for out in (short, long):
        kernels.fill_random(out, seed=7, stream=2, step=5, law=law, backend="cpu")
    assert np.array_equal(short, long[:n])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_moments(dtype):
    u, z = np.empty(200_000, dtype), np.empty(200_000, dtype)
    kernels.fill_random(u, seed=11, backend="cpu")
    kernels.fill_random(z, seed=11, stream=1, law="normal", backend="cpu")
    five_sigma = 5 / np.sqrt(200_000)
    assert u.min() >= 0
    assert u.max() < 1
    assert abs(u.mean(dtype=float) - 0.5) < five_sigma * np.sqrt(1 / 12)
    assert abs(z.mean(dtype=float)) < five_sigma
    assert abs(z.var(dtype=float) - 1) < five_sigma * np.sqrt(2)
    assert abs(np.corrcoef(z[:-1], z[1:])[0, 1]) < five_sigma


def test_streams_steps_and_seeds_differ():
    columns = []
    for key in (
        {"seed": 1},
        {"seed": 2},
        {"seed": 1, "stream": 1},
        {"seed": 1, "step": 1},
        {"seed": 1 + 2**32},
    ):
        columns.append(np.empty(64))
        kernels.fill_random(columns[-1], **key, backend="cpu")
    assert len({c.tobytes() for c in columns}) == 5
