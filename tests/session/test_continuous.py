"""A session that feeds itself: injections by schedule, whatever takes the steps, and over checkpoints."""

import warnings

import numpy as np
import pytest

import stnb.manifold
from stnb._core.errors import BusyError, CheckpointError, InputError
from stnb.manifold.schedule import CapacityWarning, Schedule
from stnb.session import checkpoint
from stnb.session.manifold import ManifoldSession
from tests.toy_manifold import ToyEngine

PATIENCE = 20
SCHEDULE = Schedule(every=(2, 5), size=(1, 6), pattern="cycle")


@pytest.fixture(autouse=True)
def _toy_engine(request, monkeypatch):
    if "real" not in request.node.name:
        monkeypatch.setattr(stnb.manifold, "ManifoldEngine", ToyEngine)


def make(schedule=SCHEDULE, **options):
    session = ManifoldSession(10, 8, device="cpu", **{"seed": 3, **options})
    session.schedule = schedule
    return session


def planned(steps, schedule=SCHEDULE, seed=3):
    found = ((step, schedule.at(step, seed=seed)) for step in range(1, steps + 1))
    return [(step, injection.pattern, injection.size) for step, injection in found if injection]


def test_schedule__is_obeyed_by_run():
    session = make()
    session.run(20)
    assert session.engine.injected == planned(20)
    assert session.count == 10 + sum(size for _, _, size in planned(20))
    assert session.skipped == 0


def test_schedule__cutting_the_run_does_not_matter():
    whole, pieces = make(), make()
    whole.step(20)
    for n in (1, 4, 0, 7):
        pieces.step(n)
    pieces.run(3)
    pieces.play()
    pieces.wait_for(20, timeout=PATIENCE)
    pieces.pause()
    whole.step(pieces.step_index - 20)
    assert pieces.engine.injected == whole.engine.injected
    assert np.array_equal(pieces.positions, whole.positions)


def test_schedule__what_is_over_does_not_come_back():
    session = make(schedule=None)
    session.step(10)
    session.schedule = SCHEDULE
    assert session.engine.injected == []
    session.step(10)
    assert session.engine.injected == [each for each in planned(20) if each[0] > 10]
    session.schedule = None
    session.step(10)
    assert session.engine.injected[-1][0] <= 20


def test_schedule__the_row_is_of_the_step_and_the_frame_has_the_guests():
    session = make(Schedule(every=4, size=5))
    seen = []
    session.subscribe(lambda frame: seen.append((frame.step, frame.count)), every=2)
    session.step(6)
    assert session.history["count"].tolist() == [10, 10, 10, 10, 10, 15, 15]
    assert seen == [(2, 10), (4, 15), (6, 15)]


def test_resume__injects_what_would_have_come(tmp_path):
    straight, stopped = make(), make()
    stopped.step(9)
    stopped.save(tmp_path / "m")
    resumed = ManifoldSession.load(tmp_path / "m")
    assert resumed.schedule == SCHEDULE
    straight.step(25)
    resumed.step(16)
    assert resumed.engine.injected == [each for each in planned(25) if each[0] > 9]
    assert resumed.positions.tobytes() == straight.positions.tobytes()


def test_full__is_skipped_counted_and_warned_about_once(tmp_path):
    session = make(Schedule(every=2, size=3), capacity=17)
    with pytest.warns(CapacityWarning) as caught:
        session.step(10)
    assert (session.count, session.skipped, session.step_index) == (16, 3, 10)
    assert len(caught) == 1
    message = str(caught[0].message)
    assert message.startswith("step 6: 3 more do not fit beside 16. This injection is left out")
    session.save(tmp_path / "m")
    assert ManifoldSession.load(tmp_path / "m").skipped == 3


def test_full__what_fits_still_comes():
    session = make(Schedule(every=1, size=(1, 6)), capacity=30)
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        session.step(40)
    assert session.skipped > 0
    assert session.count == 30


def test_full__playing_goes_on():
    session = make(Schedule(every=1, size=20), capacity=25)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session.play()
        session.wait_for(10, timeout=PATIENCE)
        session.pause()
    assert session.skipped == session.step_index
    session.assert_clean()


def test_restore__takes_the_schedule_of_the_file(tmp_path):
    plain = make(schedule=None)
    path = plain.save(tmp_path / "m")
    session = make()
    session.step(5)
    session.restore(path)
    assert session.schedule is None
    session.step(10)
    assert session.count == 10


def test_load__a_file_from_before_schedules(tmp_path):
    session = make()
    path = session.save(tmp_path / "m")
    kind, arrays, facts = checkpoint.read(path, "manifold")
    facts.pop("session")
    checkpoint.write(path, checkpoint.Checkpoint(kind, arrays, facts))
    again = ManifoldSession.load(path)
    assert (again.schedule, again.skipped) == (None, 0)


@pytest.mark.parametrize("schedule", [{"every": [9, 5]}, {"evry": 3}, "often", {"pattern": "ring"}])
def test_load__a_schedule_that_cannot_be_is_refused(tmp_path, schedule):
    session = make()
    path = session.save(tmp_path / "m")
    kind, arrays, facts = checkpoint.read(path, "manifold")
    facts["session"]["schedule"] = schedule
    checkpoint.write(path, checkpoint.Checkpoint(kind, arrays, facts))
    with pytest.raises(CheckpointError, match="does not fit this version"):
        session.restore(path)
    assert session.schedule == SCHEDULE


def test_schedule__is_a_schedule_or_none():
    session = make()
    with pytest.raises(InputError, match=r"give a Schedule\(every"):
        session.schedule = {"every": 50}
    assert session.schedule == SCHEDULE
    session.close()
    with pytest.raises(BusyError, match="is closed"):
        session.schedule = None


def test_real_manifold__a_fed_run_resumes_bit_for_bit_and_its_books_close(tmp_path, monkeypatch):
    monkeypatch.setenv("STNB_BACKEND", "cpu")
    schedule = Schedule(every=(2, 4), size=(3, 9), pattern="random")
    straight, stopped = (ManifoldSession(60, 8, device="cpu", seed=4) for _ in range(2))
    straight.schedule = stopped.schedule = schedule
    buffers = straight.engine.particles.block
    stopped.step(5)
    stopped.save(tmp_path / "m")
    resumed = ManifoldSession.load(tmp_path / "m")
    straight.step(12)
    resumed.step(7)
    assert straight.count > 60
    for name, array in straight.snapshot().arrays().items():
        assert array.tobytes() == resumed.snapshot().arrays()[name].tobytes()
    assert straight.engine.particles.block is buffers
    assert abs(straight.ledger.drift) < 1e-3  # the bound of tests/packaging for ten steps of a manifold
