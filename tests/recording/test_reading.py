"""A recording that is damaged, foreign or of another version is refused."""

import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import CheckpointError, InputError
from stnb.recording import load
from tests.recording.files import frame, read_all, recorded, same


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = recorded(tmp_path_factory.mktemp("good") / "r", frame(0), frame(1))
    return path.read_bytes(), read_all(path)


@given(st.data())
def test_load__any_damaged_byte_is_noticed_or_harmless(tmp_path_factory, good, data):
    content, contents = bytearray(good[0]), good[1]
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("bad") / "r"
    path.write_bytes(content)
    try:
        found = read_all(path)
    except CheckpointError:
        return
    assert found == contents


def test_load__the_list_of_members_cannot_lie(tmp_path, good):
    path = tmp_path / "r"
    path.write_bytes(good[0])
    with zipfile.ZipFile(path) as archive:
        begin = archive.start_dir
    for at in range(begin, len(good[0])):
        content = bytearray(good[0])
        content[at] ^= 1
        path.write_bytes(content)
        try:
            found = read_all(path)
        except CheckpointError:
            continue
        assert found == good[1], at


@pytest.mark.parametrize("keep", [0, 1, 100, -1, -30, -2000])
def test_load__a_cut_file_is_refused(tmp_path, good, keep):
    (tmp_path / "r").write_bytes(good[0][:keep])
    with pytest.raises(CheckpointError, match="is damaged or is no recording of stnb"):
        load(tmp_path / "r")


def test_load__a_number_that_changed_is_refused(tmp_path, good):
    at = good[0].index(frame(1).heat.astype("<f4")[:1].tobytes())
    content = bytearray(good[0])
    content[at] ^= 1
    (tmp_path / "r").write_bytes(content)
    with load(tmp_path / "r") as back:
        same(back.frames[0], frame(0))
        with pytest.raises(CheckpointError, match="Bad CRC-32"):
            back.frames[1]


def rewritten(path, changes=None, drop=(), compression=zipfile.ZIP_STORED):
    """A recording with members replaced or missing."""
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist() if name not in drop}
    members.update(changes or {})
    with zipfile.ZipFile(path, "w", compression) as new:
        for name, content in members.items():
            new.writestr(name, content)
    return path


def npy(array):
    import io

    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"drop": ["header.json"]}, "There is no item named 'header.json'"),
        ({"drop": ["step.npy"]}, "There is no item named 'step.npy'"),
        ({"drop": ["history/step.npy"]}, "There is no item named 'history/step.npy'"),
        ({"drop": ["history/kinetic.npy"]}, "There is no item named 'history/kinetic.npy'"),
        ({"drop": ["frames/00000001.npy"]}, "the frame of step 1 is missing"),
        ({"changes": {"step.npy": npy(np.array([1, 0]))}}, "its steps do not rise"),
        ({"changes": {"step.npy": npy(np.array([0, 1, 2]))}}, "their times are missing"),
        ({"changes": {"history/count.npy": npy(np.zeros(2))}}, "is damaged"),
        ({"changes": {"step.npy": npy(np.array([{}], object))}}, "Object arrays cannot be loaded"),
        ({"changes": {"header.json": b"[]"}}, "is damaged"),
        ({"changes": {"header.json": b'{"format": 9}'}}, "has format 9; this stnb reads format 1"),
        ({"compression": zipfile.ZIP_DEFLATED}, "it has members that no recorder writes"),
    ],
)
def test_load__what_does_not_belong_together_is_refused(tmp_path, good, how, message):
    path = tmp_path / "r"
    path.write_bytes(good[0])
    with pytest.raises(CheckpointError, match=message):
        load(rewritten(path, **how))


def test_load__a_frame_of_another_type_is_refused(tmp_path, good):
    path = tmp_path / "r"
    path.write_bytes(good[0])
    rewritten(path, {"frames/00000001.npy": npy(np.zeros((3, 3)))})
    with load(path) as back, pytest.raises(CheckpointError, match=r"the frame of step 1 is float64\(3, 3\)"):
        back.frames[1]


def test_load__a_missing_or_foreign_file_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="cannot be read: No such file or directory; check the path"):
        load(tmp_path / "none")
    with pytest.raises(CheckpointError, match="cannot be read: Is a directory"):
        load(tmp_path)
    (tmp_path / "a").write_text("hello")
    with pytest.raises(CheckpointError, match="no recording of stnb"):
        load(tmp_path / "a")


def test_closed__frames_say_so(tmp_path):
    back = load(recorded(tmp_path / "r", frame(0)))
    back.close()
    back.close()
    with pytest.raises(InputError, match="is closed; load it again"):
        back.frames[0]
