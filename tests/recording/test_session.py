"""A session that is recorded while it runs, plays, grows, fails or is forgotten."""

import gc
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest

import stnb
from stnb._core.errors import BackgroundError, BusyError, CheckpointError, InputError
from stnb.recording import load
from tests.checkouts import ROOT

PATIENCE = 20


def test_record__holds_frames_and_history_of_the_run(make_session, tmp_path):
    session, seen = make_session(seed=2), []
    session.step(3)
    session.subscribe(seen.append, every=4)
    with session.record(tmp_path / "r", every=4) as made:
        session.run(10)
        assert made.frames == 4
        assert session.engine.snapshots == 4
    session.step(4)
    with load(tmp_path / "r") as back:
        assert back.frames.steps.tolist() == [3, 4, 8, 12]
        for frame, theirs in zip(back.frames[1:], seen, strict=False):
            assert np.array_equal(frame.positions, theirs.positions.astype("f4"))
            assert frame.time == theirs.time
        assert back.history.steps.tolist() == list(range(14))
        assert np.array_equal(back.history["kinetic"], session.history["kinetic"][:14])
        assert (back.kind, back.seed) == ("walk", 2)
        assert back.config == session.config.to_dict()


def test_record__a_playing_session(make_session, tmp_path):
    session = make_session()
    session.play()
    made = session.record(tmp_path / "r", every=3)
    session.wait_for(session.step_index + 30, timeout=PATIENCE)
    made.close()
    assert session.playing
    session.pause()
    with load(tmp_path / "r") as back:
        steps = back.frames.steps
        assert steps[1:].tolist() == list(range(steps[1], steps[-1] + 1, 3))
        assert len(steps) >= 8
        assert back.history.steps[-1] >= steps[-1]


def test_record__ends_with_the_session(make_session, tmp_path):
    session = make_session()
    made = session.record(tmp_path / "r", every=2)
    session.step(4)
    session.close()
    assert made.closed
    with load(tmp_path / "r") as back:
        assert back.frames.steps.tolist() == [0, 2, 4]


def test_record__two_at_once_with_two_cadences(make_session, tmp_path):
    session = make_session()
    with session.record(tmp_path / "a", every=2), session.record(tmp_path / "b", every=5):
        session.step(10)
    with load(tmp_path / "a") as a, load(tmp_path / "b") as b:
        assert a.frames.steps.tolist() == [0, 2, 4, 6, 8, 10]
        assert b.frames.steps.tolist() == [0, 5, 10]


def test_restore__ends_a_recording_before_time_goes_back(make_session, tmp_path):
    session = make_session()
    session.step(1)
    session.save(tmp_path / "start")
    session.record(tmp_path / "r", every=1)
    session.step(3)
    session.restore(tmp_path / "start")
    session.step(2)
    with load(tmp_path / "r") as back:
        assert back.frames.steps.tolist() == [1, 2, 3, 4]
        assert back.history.steps.tolist() == [0, 1, 2, 3, 4]


def test_record__refusals_leave_nothing(make_session, tmp_path):
    session = make_session()
    for path, every, error in (
        (tmp_path / "no" / "r", 1, CheckpointError),
        (tmp_path, 1, CheckpointError),
        (tmp_path / "r", 0, InputError),
    ):
        with pytest.raises(error):
            session.record(path, every=every)
    assert session._bus.subscriptions == ()
    assert list(tmp_path.iterdir()) == []
    session.close()
    with pytest.raises(BusyError, match="is closed"):
        session.record(tmp_path / "r")


def test_record__a_full_disk_is_told_by_the_next_call_and_the_run_goes_on(
    make_session, tmp_path, monkeypatch
):
    session = make_session()
    made = session.record(tmp_path / "r", every=1)

    def fail(*args):
        raise OSError(28, "disk full")

    monkeypatch.setattr(made._draft, "_put", fail)
    with pytest.raises(
        BackgroundError, match=r"subscriber Recorder\.write failed at step 1: OSError: .*disk full"
    ):
        session.step(5)
    assert session.step_index == 5
    session.step(1)
    session.close()
    assert list(tmp_path.iterdir()) == []


def test_record__a_disk_that_is_full_at_the_end_is_told_by_close(make_session, tmp_path, monkeypatch):
    session = make_session()
    made = session.record(tmp_path / "r", every=10)

    def fail(*args):
        raise OSError(28, "disk full")

    monkeypatch.setattr(made._draft, "_put", fail)
    with pytest.raises(BackgroundError, match="disk full"):
        session.close()


def test_record__keeps_no_session_alive(make_session, tmp_path):
    session = make_session.kind()
    made = session.record(tmp_path / "r", every=1)
    session.play()
    session.wait_for(3, timeout=PATIENCE)
    thread, gone = session._player._thread, weakref.ref(session)
    del session
    thread.join(PATIENCE)
    gc.collect()
    assert gone() is None
    made.close()
    with load(tmp_path / "r") as back:
        assert len(back.frames) >= 3


def test_record__closing_waits_for_a_write_in_hand(make_session, tmp_path, monkeypatch):
    session = make_session()
    made = session.record(tmp_path / "r", every=1)
    inside, free = threading.Event(), threading.Event()
    real = made._draft._put

    def slow(name, array):
        if name.startswith("frames/00000001"):
            inside.set()
            assert free.wait(PATIENCE)
        real(name, array)

    monkeypatch.setattr(made._draft, "_put", slow)
    session.play()
    assert inside.wait(PATIENCE)
    closer = threading.Thread(target=made.close)
    closer.start()
    free.set()
    closer.join(PATIENCE)
    session.pause()
    with load(tmp_path / "r") as back:
        assert [frame.step for frame in back.frames][:2] == [0, 1]


CRASH = """
import os, sys
from tests.recording.files import frame, recorder
made = recorder(sys.argv[1])
made.write(frame(0))
made.write(frame(1))
if sys.argv[2] == "crash":
    os._exit(9)
"""


@pytest.mark.parametrize("how", ["crash", "end"])
def test_process__that_dies_leaves_no_half_file_and_one_that_ends_a_whole_one(tmp_path, how):
    command = [sys.executable, "-c", CRASH, str(tmp_path / "r"), how]
    done = subprocess.run(command, cwd=ROOT, check=False, timeout=100)
    assert done.returncode == (9 if how == "crash" else 0)
    if how == "crash":
        assert not (tmp_path / "r").exists()
    else:
        with load(tmp_path / "r") as back:
            assert len(back.frames) == 2


def test_oscillators_do_not_keep_a_session_from_being_recorded(tmp_path):
    with stnb.ManifoldSession(particles=40, grid=8, cadence=4, seed=1) as session:
        assert session.snapshot().swing is not None
        with session.record(tmp_path / "run.zip", every=2):
            session.step(4)
        with stnb.recording.load(tmp_path / "run.zip") as kept:
            assert kept.frames.steps.tolist() == [0, 2, 4]
            assert kept.frames[-1].swing is None
            assert kept.frames[-1].positions.tolist() == session.positions.astype("f4").tolist()
