"""What is recorded comes back, and a failure leaves nothing."""

import json
import os

import numpy as np
import pytest

from stnb import recording
from stnb._core.errors import CheckpointError, InputError
from stnb._core.frames import Frame, ParticleFrame
from stnb.recording import load
from tests.recording.files import frame, recorded, recorder, same


def test_module__offers_what_it_lists():
    assert set(recording.__all__) == {"Frames", "Recorder", "Recording", "load"}


def test_file__gives_back_every_frame_of_any_size(tmp_path):
    frames = [frame(0, 4), frame(3, 0), frame(7, 1), frame(8, 300)]
    with load(recorded(tmp_path / "r", *frames)) as back:
        assert len(back.frames) == 4
        for one, two in zip(back.frames, frames, strict=True):
            same(one, two)
        same(back.frames[-1], frames[3])
        assert back.frames.steps.tolist() == [0, 3, 7, 8]
        assert [each.step for each in back.frames[1:3]] == [3, 7]
        assert [each.step for each in reversed(back.frames)] == [8, 7, 3, 0]
        with pytest.raises(IndexError):
            back.frames[4]


def test_file__gives_back_history_and_header(tmp_path):
    with load(recorded(tmp_path / "r", frame(0), every=2)) as back:
        assert list(back.history) == ["kinetic", "count"]
        assert back.history.steps.tolist() == [0, 1, 2]
        assert back.history["kinetic"].tolist() == [0, 1 / 3, 2 / 3]
        assert (back.kind, back.seed, back.config) == ("walk", 5, {"dt": 0.1})
        assert back.header["every"] == 2
        assert back.header["versions"].keys() == {"stnb", "numpy", "python"}
        assert (
            repr(back) == f"Recording('{tmp_path / 'r'}', walk, Frames(1 of steps 0 … 0), 3 rows of history)"
        )


def test_file__opens_with_plain_numpy(tmp_path):
    path = recorded(tmp_path / "r.zip", frame(0), frame(12))
    with np.load(path, allow_pickle=False) as plain:
        assert plain["step"].tolist() == [0, 12]
        assert plain["time"].tolist() == [0, pytest.approx(1.2)]
        assert np.array_equal(plain["frames/00000012"]["positions"], frame(12).positions.astype("f4"))
        assert plain["history/count"].tolist() == [4, 4, 4]
        assert json.loads(plain["header.json"])["kind"] == "walk"


def test_file__the_same_run_gives_the_same_bytes(tmp_path):
    one, two = (recorded(tmp_path / name, frame(0), frame(1)).read_bytes() for name in "ab")
    assert one == two


def test_write__obeys_the_cadence_and_keeps_the_last_of_a_step(tmp_path):
    again = ParticleFrame(10, 9.0, *frame(99, 7).arrays().values())
    first = ParticleFrame(3, 9.0, *frame(98, 2).arrays().values())
    path = recorded(
        tmp_path / "r", frame(3), first, frame(4), frame(5), frame(10), frame(11), again, frame(15), every=5
    )
    with load(path) as back:
        assert back.frames.steps.tolist() == [3, 5, 10, 15]
        same(back.frames[0], first)
        same(back.frames[2], again)


def test_write__holds_one_frame_only(tmp_path):
    made = recorder(tmp_path / "r")
    (draft,) = (path for path in tmp_path.iterdir())
    for step in range(5):
        made.write(frame(step, 2000))
    made._draft._file.flush()
    assert draft.stat().st_size > 4 * frame(0, 2000).nbytes / 2
    assert made.frames == 5
    assert not (tmp_path / "r").exists()
    made.close()
    assert list(tmp_path.iterdir()) == [tmp_path / "r"]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (
            ParticleFrame(6, 0.6, *[np.full(s, np.nan) for s in ((2, 3), (2, 3), 2, 2, 2)]),
            "positions at step 6",
        ),
        (frame(6, scale=1e300), "not finite in float32"),
        (frame(2), "a frame of step 2 after step 5"),
        (Frame(6, 0.6), "holds particles, not a Frame"),
    ],
)
def test_write__a_frame_that_is_refused_changes_nothing(tmp_path, bad, message):
    with recorder(tmp_path / "r") as made:
        made.write(frame(5))
        with pytest.raises(InputError, match=message):
            made.write(bad)
        assert not made.closed
        made.write(frame(7))
    with load(tmp_path / "r") as back:
        assert back.frames.steps.tolist() == [5, 7]


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "3"])
def test_recorder__every_is_a_number_of_steps(tmp_path, every):
    with pytest.raises(InputError, match="give a positive number of steps"):
        recorder(tmp_path / "r", every)
    assert list(tmp_path.iterdir()) == []


def test_recorder__needs_a_place(tmp_path):
    with pytest.raises(CheckpointError, match="there is no folder"):
        recorder(tmp_path / "no" / "r")
    with pytest.raises(CheckpointError, match="is a folder; give the name of a file in it"):
        recorder(tmp_path)


def test_close__twice_is_fine_and_nothing_comes_after(tmp_path):
    made = recorder(tmp_path / "r")
    made.write(frame(0))
    made.close()
    content = (tmp_path / "r").read_bytes()
    made.write(frame(1))
    made.close()
    assert (tmp_path / "r").read_bytes() == content
    assert repr(made) == f"Recorder('{tmp_path / 'r'}', 1 frames, closed)"


def test_close__an_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = recorded(tmp_path / "r", frame(0))
    old = path.read_bytes()
    made = recorder(path)
    made.write(frame(1))
    assert path.read_bytes() == old
    made.close()
    with load(path) as back:
        assert back.frames.steps.tolist() == [1]


def test_block__left_with_an_error_keeps_what_there_is(tmp_path):
    def leave():
        with recorder(tmp_path / "r") as made:
            made.write(frame(0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leave()
    with load(tmp_path / "r") as back:
        assert len(back.frames) == 1


def test_recorder__one_that_is_forgotten_is_finished(tmp_path):
    made = recorder(tmp_path / "r")
    made.write(frame(0))
    del made
    with load(tmp_path / "r") as back:
        assert len(back.frames) == 1


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_disk__that_fails_at_the_end_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch, broken):
    path = recorded(tmp_path / "r", frame(0))
    old = path.read_bytes()

    def fail(*args):
        raise OSError(28, "disk full")

    made = recorder(path)
    made.write(frame(1))
    monkeypatch.setattr(*((os, "fsync") if broken == "fsync" else (type(path), "replace")), fail)
    for _ in range(2):
        with pytest.raises(CheckpointError, match=r"was not written, because the disk failed \(disk full\)"):
            made.close()
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_disk__that_fails_after_another_error_masks_nothing(tmp_path, monkeypatch):
    def fail(*args):
        raise OSError(28, "disk full")

    def leave():
        with recorder(tmp_path / "r"):
            monkeypatch.setattr(os, "fsync", fail)
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        leave()
    assert list(tmp_path.iterdir()) == []


class Full:
    """A file on a disk without room."""

    def __init__(self, file):
        self._file = file

    def __getattr__(self, name):
        return getattr(self._file, name)

    def write(self, _):
        raise OSError(28, "disk full")


def test_disk__that_fails_in_between_ends_the_recording(tmp_path):
    made = recorder(tmp_path / "r")
    closed = []
    made._unsubscribe = lambda: closed.append(True)
    made.write(frame(0))
    file = made._draft._file
    made._draft._zip.fp = Full(file)
    with pytest.raises(OSError, match="disk full"):
        made.write(frame(1))
    assert made.closed
    made.write(frame(2))
    assert closed == [True]
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(CheckpointError, match="disk failed"):
        made.close()
    assert file.closed
