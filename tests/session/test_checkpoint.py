import json
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from stnb._core.errors import CheckpointError
from stnb.session import checkpoint
from stnb.session.checkpoint import Checkpoint, read, write

ODD = {
    "empty": np.zeros((0, 3)),
    "scalar": np.array(2.5, np.float32),
    "strided": np.arange(12.0).reshape(3, 4)[:, ::2],
    "big_endian": np.arange(3, dtype=">f8"),
    "flags": np.array([True, False]),
    "counter": np.array([2**64 - 1], np.uint64),
    "bytes": np.arange(3, dtype=np.uint8),
    "half": np.ones(2, np.float16),
    "wave": np.array([complex(-0.0, np.inf), complex(np.nan, -1)]),
    "wave_of_one": np.array(1 + 2j, np.complex64),
    "no_waves": np.zeros((0, 2), complex),
}


def test_file__holds_every_kind_of_array_bit_for_bit(tmp_path):
    write(tmp_path / "a", Checkpoint("walk", ODD, {"é": [1, None, 2**80]}))
    again = read(tmp_path / "a", "walk")
    assert again.facts == {"é": [1, None, 2**80]}
    assert again.arrays.keys() == ODD.keys()
    for name, array in ODD.items():
        same = again.arrays[name]
        assert (same.shape, same.dtype) == (array.shape, array.dtype.newbyteorder("<"))
        assert same.tobytes() == array.astype(array.dtype.newbyteorder("<")).tobytes()


def test_resume__is_bit_identical(make_session, tmp_path):
    straight, stopped = make_session(seed=2), make_session(seed=2)
    for session in (straight, stopped):
        session.step(7)
        session.set(dt=0.3)
    stopped.save(tmp_path / "walk.stnb")
    resumed = make_session.kind.load(tmp_path / "walk.stnb")
    assert (resumed.seed, resumed.config, resumed.time) == (2, stopped.config, stopped.time)
    for session in (straight, resumed):
        session.step(9)
    assert resumed.engine.x.tobytes() == straight.engine.x.tobytes()
    assert resumed.engine.wave.tobytes() == straight.engine.wave.tobytes()
    for name, column in straight.history.to_dict().items():
        assert column.tobytes() == resumed.history.to_dict()[name].tobytes()


def test_restore__goes_back_in_place(make_session, tmp_path):
    session, seen = make_session(), []
    session.step(3)
    session.save(tmp_path / "walk")
    at_three = session.engine.x.copy()
    session.subscribe(lambda f: seen.append(f.step), every=5)
    session.step(4)
    session.restore(tmp_path / "walk")
    assert session.step_index == 3
    assert np.array_equal(session.engine.x, at_three)
    assert session.history.steps.tolist() == [0, 1, 2, 3]
    session.step(2)
    assert seen == [5, 3, 5]
    assert session.frames.steps == [3, 5]


@pytest.fixture
def saved(make_session, tmp_path):
    session = make_session()
    session.step(3)
    return session.save(tmp_path / "walk")


def _refused(make_session, path, match):
    session = make_session(seed=9)
    session.step(2)
    before, rows = session.engine, session.history
    with pytest.raises(CheckpointError, match=match):
        session.restore(path)
    assert session.engine is before
    assert session.history is rows
    assert session.seed == 9
    with pytest.raises(CheckpointError, match=match):
        make_session.kind.load(path)
    session.step()


@given(st.data())
def test_read__any_damaged_byte_is_noticed(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damage") / "a"
    write(path, Checkpoint("walk", {"x": np.arange(5.0)}, {"step": 3}))
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        again = read(path, "walk")
    except CheckpointError:
        return
    assert (again.kind, again.facts) == ("walk", {"step": 3})
    assert np.array_equal(again.arrays["x"], np.arange(5.0))


@pytest.mark.parametrize("keep", [0, 1, 7, 8, 100, -1])
def test_restore__a_cut_file_changes_nothing(make_session, saved, keep):
    saved.write_bytes(saved.read_bytes()[:keep])
    _refused(make_session, saved, "damaged or was not written by stnb")


def test_restore__a_changed_number_changes_nothing(make_session, saved):
    content = bytearray(saved.read_bytes())
    content[-3] ^= 1
    saved.write_bytes(content)
    _refused(make_session, saved, "do not match their checksum")


def _rewrite(path, change):
    """The same file with its JSON header changed and, unless told otherwise, a right checksum."""
    arrays = {"x": np.zeros(2)}
    header = {"format": checkpoint.FORMAT, "kind": "walk", "facts": {}, "complex": []}
    change(header)
    header.setdefault("checksum", checkpoint._checksum(arrays, header))
    path.write_bytes(save(arrays, metadata={"stnb": json.dumps(header)}))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda h: h.update(format=99), "has format 99; this stnb reads format 1"),
        (lambda h: h.update(kind="spiral"), "holds a 'spiral' session, not a 'walk' one"),
        (lambda h: h.update(checksum="0" * 64), "do not match their checksum"),
        (lambda h: h.pop("kind"), "damaged or was not written by stnb"),
        (lambda h: h.update(facts={"seed": 1, "config": {"dtt": 1}, "meta": {}}), "did you mean 'dt'"),
        (lambda h: h.update(facts={"config": {}}), "does not fit this version"),
        (lambda h: h.update(facts=[]), "does not fit this version"),
    ],
)
def test_restore__a_foreign_header_changes_nothing(make_session, tmp_path, change, match):
    _rewrite(tmp_path / "walk", change)
    _refused(make_session, tmp_path / "walk", match)


@pytest.mark.parametrize(
    "content", [b"", b"hello", save({"x": np.zeros(2)}), save({"x": np.zeros(2)}, metadata={"stnb": "[]"})]
)
def test_restore__a_foreign_file_changes_nothing(make_session, tmp_path, content):
    (tmp_path / "walk").write_bytes(content)
    _refused(make_session, tmp_path / "walk", "was not written by stnb")


def test_restore__a_missing_file_changes_nothing(make_session, tmp_path):
    _refused(make_session, tmp_path / "nowhere", "cannot be read: No such file")


def test_save__needs_a_folder_and_numbers(make_session, tmp_path):
    with pytest.raises(CheckpointError, match="there is no folder"):
        make_session().save(tmp_path / "no" / "walk")
    with pytest.raises(CheckpointError, match="'x' has dtype <U1"):
        write(tmp_path / "a", Checkpoint("walk", {"x": np.array(["a"])}, {}))
    for facts in ({"a": object()}, {"a": float("nan")}):
        with pytest.raises(CheckpointError, match="cannot be written"):
            write(tmp_path / "a", Checkpoint("walk", {}, facts))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_save__a_failure_leaves_the_old_file_and_no_litter(make_session, tmp_path, monkeypatch, broken):
    session = make_session()
    path = session.save(tmp_path / "walk")
    old = path.read_bytes()
    session.step(3)

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(*((os, "fsync") if broken == "fsync" else (type(path), "replace")), fail)
    with pytest.raises(OSError, match="disk full"):
        session.save(path)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_save__syncs_the_file_before_the_rename_and_the_folder_after(make_session, tmp_path, monkeypatch):
    order, fsync, replace = [], os.fsync, type(tmp_path).replace
    monkeypatch.setattr(os, "fsync", lambda fd: (order.append("fsync"), fsync(fd)))
    monkeypatch.setattr(type(tmp_path), "replace", lambda a, b: (order.append("rename"), replace(a, b)))
    make_session().save(tmp_path / "walk")
    assert order == ["fsync", "rename", "fsync"]


def test_save__same_state_same_bytes(make_session, tmp_path):
    one, two = make_session(seed=1), make_session(seed=1)
    assert one.save(tmp_path / "a").read_bytes() == two.save(tmp_path / "b").read_bytes()
