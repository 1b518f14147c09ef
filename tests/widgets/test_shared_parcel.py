"""Parcels and films: what is packed comes out again, and the film stays small, even, and keeps its ends."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from stnb_widgets.film import Film
from stnb_widgets.parcel import KINDS, Parcel, header, unpack

ARRAYS = st.dictionaries(
    st.text(min_size=1, max_size=8),
    st.sampled_from(sorted(KINDS)).flatmap(
        lambda kind: hnp.arrays(KINDS[kind], hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=7))
    ),
    max_size=5,
)
STATUS = st.text(max_size=20)


def same(one, other):
    assert one.shape == other.shape
    assert one.dtype == other.dtype
    assert one.tobytes() == other.tobytes()


@given(ARRAYS, STATUS, st.floats(allow_nan=True))
def test_a_packed_parcel_comes_out_as_it_went_in(arrays, status, time):
    about = header(seq=3, number=4, step=5, time=time, status=status)
    packed = Parcel(about, arrays).pack()
    back = unpack(packed)
    assert len(packed) % 4 == 0
    assert {name: value for name, value in back.header.items() if name != "arrays"} == about
    assert about["time"] == (time if np.isfinite(time) else None)
    assert list(back.arrays) == list(arrays)
    for name, array in arrays.items():
        same(back.arrays[name], array)
    assert Parcel(about, arrays).nbytes == sum(array.nbytes for array in arrays.values())


@given(ARRAYS)
def test_a_message_lists_its_buffers_in_order(arrays):
    listed, buffers = Parcel({"type": "frame"}, arrays).message()
    assert json.loads(json.dumps(listed))["arrays"] == [
        [name, f"{array.dtype.kind}{array.dtype.itemsize}", list(array.shape)]
        for name, array in arrays.items()
    ]
    assert [buffer.tobytes() for buffer in buffers] == [array.tobytes() for array in arrays.values()]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_any_memory_order_and_byte_order_says_the_same_numbers(kind):
    numbers = (np.arange(24).reshape(4, 6) * 9).astype(KINDS[kind])
    odd = {
        "turned": numbers.T,
        "sparse": numbers[::2, ::3],
        "big": numbers.astype(numbers.dtype.newbyteorder(">")),
    }
    back = unpack(Parcel({}, odd).pack()).arrays
    for name, array in odd.items():
        np.testing.assert_array_equal(back[name], array)


@pytest.mark.parametrize("dtype", [np.float64, np.int16, bool, complex, "U3", object])
def test_what_does_not_travel_is_refused_by_name(dtype):
    with pytest.raises(
        TypeError, match=r"an array of dtype .* does not travel; make it one of u1, u2, u4, f4"
    ):
        Parcel({}, {"x": np.zeros(3).astype(dtype)}).message()


def test_a_header_that_is_no_json_is_refused_and_a_long_status_is_cut():
    with pytest.raises(ValueError, match="not JSON compliant"):
        Parcel({"low": float("nan")}, {}).pack()
    assert len(header(seq=0, number=1, step=0, time=0, status="x" * 999)["status"]) == 400
    assert unpack(Parcel({}, {}).pack()).arrays == {}
    with pytest.raises((ValueError, struct.error)):
        unpack(Parcel({}, {"x": np.zeros(9, np.uint8)}).pack()[:-8])


@given(st.integers(1, 600), st.integers(1, 64))
def test_a_film_is_bounded_even_and_keeps_its_first_and_last(count, most):
    film = Film(most)
    for number in range(1, count + 1):
        film.take(number, str(number).encode())
    kept = [int(packed) for packed in film.frames((count, str(count).encode()))]
    assert kept[0] == 1
    assert kept[-1] == count
    assert min(count, most // 2 + 1) <= len(kept) <= most + 1
    gaps = set(np.diff(kept[:-1]).tolist())
    assert len(gaps) <= 1
    if gaps:
        assert 1 <= kept[-1] - kept[-2] <= max(gaps.pop(), 1)


def test_a_film_takes_what_it_wants_once_and_forgets_on_demand():
    film = Film(4)
    for number in (1, 1, 2, 2, 3, 4, 5):
        film.take(number, bytes([number]))
    assert film.frames() == [b"\x01", b"\x03", b"\x05"]
    assert not film.wants(6)
    assert film.wants(7)
    film.take(6, b"no")
    film.take(3, b"late")
    assert film.frames((5, b"\x05")) == [b"\x01", b"\x03", b"\x05"]
    film.clear()
    assert film.frames() == []
    assert film.wants(2)
    none = Film(0)
    none.take(1, b"x")
    assert none.frames() == []
