import gc
import threading
import weakref

import pytest

from stnb._core.errors import BackgroundError, BusyError, InputError, WaitError
from stnb.session.baton import Baton
from stnb.session.player import Player

PATIENCE = 20


def test_play__steps_in_the_background_until_paused(make_session):
    session = make_session()
    session.play()
    assert session.playing
    session.wait_for(20, timeout=PATIENCE)
    session.pause()
    stopped = session.step_index
    assert stopped >= 20
    assert not session.playing
    assert session.history.steps.tolist() == list(range(stopped + 1))
    session.step()
    assert session.step_index == stopped + 1
    session.assert_clean()


def test_play__gives_the_same_bits_as_stepping(make_session):
    played, stepped = make_session(seed=5), make_session(seed=5)
    played.play()
    played.wait_for(10, timeout=PATIENCE)
    played.pause()
    stepped.step(played.step_index)
    assert (played.engine.x == stepped.engine.x).all()


def test_play__thread_is_a_daemon_and_ends(make_session):
    session = make_session()
    session.play()
    thread = session._player._thread
    assert thread.daemon
    session.pause()
    assert not thread.is_alive()
    session.pause()


def test_play__stepping_by_hand_is_refused_meanwhile(make_session):
    session = make_session()
    session.play()
    for call in (session.step, lambda: session.run(1)):
        with pytest.raises(BusyError, match="pause"):
            call()


def test_play__set_takes_effect_between_steps(make_session):
    session = make_session()
    session.engine.gate = gate = threading.Event()
    session.play()
    assert session.engine.reached.wait(PATIENCE)
    setter = threading.Thread(target=session.set, kwargs={"dt": 0.5})
    setter.start()
    while not session._baton._waiting:
        assert setter.is_alive()
    assert session.config.dt == 0.1
    session.engine.gate = None
    gate.set()
    setter.join(PATIENCE)
    session.pause()
    assert session.config.dt == 0.5
    assert session.history.times[1] == pytest.approx(0.1)
    if session.step_index > 1:
        assert session.history.times[2] == pytest.approx(0.6)


def test_play__speed_limit_holds_back_but_pause_does_not_wait(make_session):
    session = make_session()
    session.play(steps_per_second=1e-3)
    session.wait_for(1, timeout=PATIENCE)
    with pytest.raises(WaitError, match=r"did not get there in 0\.01 s"):
        session.wait_for(2, timeout=0.01)
    session.pause()
    assert session.step_index == 1


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_play__speed_is_positive(make_session, speed):
    session = make_session()
    with pytest.raises(InputError, match="steps_per_second"):
        session.play(steps_per_second=speed)
    assert not session.playing


def test_play__again_changes_the_speed(make_session):
    session = make_session()
    session.play(steps_per_second=1e-3)
    session.wait_for(1, timeout=PATIENCE)
    session.play()
    session.wait_for(50, timeout=PATIENCE)
    assert session.playing


def test_play__an_exception_ends_it_and_is_raised_by_the_next_call(make_session):
    session = make_session()
    session.engine.fail_at = 4
    session.play()
    with pytest.raises(BackgroundError, match=r"after step 3: ZeroDivisionError: the walk tripped") as caught:
        session.wait_for(100, timeout=PATIENCE)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert not session.playing
    session.assert_clean()
    session.step()
    assert session.step_index == 4


@pytest.mark.parametrize(
    "call", ["step", "play", "pause", "assert_clean", "close", "set", "save", "view", "subscribe"]
)
def test_play__every_call_tells_what_went_wrong(make_session, tmp_path, call):
    session = make_session()
    session.engine.fail_at = 1
    session.play()
    session._player._thread.join(PATIENCE)
    arguments = {"save": [tmp_path / "x"], "subscribe": [print]}.get(call, [])
    options = {"dt": 0.5} if call == "set" else {}
    with pytest.raises(BackgroundError, match="tripped"):
        getattr(session, call)(*arguments, **options)
    assert session.step_index == 0
    assert session.config.dt == 0.1
    session.assert_clean()


def test_play__a_failing_subscriber_does_not_stop_it(make_session):
    session = make_session()
    session.subscribe(lambda _: 1 / 0)
    session.play()
    assert session._baton.wait_for(lambda: session.step_index >= 10, PATIENCE)
    assert session.playing
    with pytest.raises(BackgroundError, match="ZeroDivisionError"):
        session.pause()
    assert not session.playing


def test_play__a_subscriber_may_pause_and_set(make_session):
    session, seen = make_session(), threading.Event()

    def act(frame):
        if frame.step == 3:
            session.set(dt=0.25)
            session.pause()
            seen.set()

    session.subscribe(act)
    session.play()
    assert seen.wait(PATIENCE)
    session._player._thread.join(PATIENCE)
    assert session.step_index == 3
    assert session.config.dt == 0.25
    session.assert_clean()


def test_play__save_and_refresh_work_meanwhile(make_session, tmp_path):
    session, got = make_session(), threading.Event()
    session.subscribe(lambda _: got.set(), every=10**9)
    session.play()
    session.refresh()
    assert got.wait(PATIENCE)
    session.save(tmp_path / "walk.stnb")
    assert session.playing
    again = make_session.kind.load(tmp_path / "walk.stnb")
    assert again.step_index == again.history.steps[-1]


def test_play__a_forgotten_session_stops(make_session):
    session = make_session.kind()
    session.play()
    session.wait_for(3, timeout=PATIENCE)
    thread, gone = session._player._thread, weakref.ref(session)
    del session
    thread.join(PATIENCE)
    gc.collect()
    assert not thread.is_alive()
    assert gone() is None


def test_wait_for__says_when_nobody_steps(make_session):
    session = make_session()
    session.wait_for(0)
    with pytest.raises(WaitError, match=r"is not playing; call play\(\)"):
        session.wait_for(1)


def test_close__stops_the_thread(make_session):
    with make_session() as session:
        session.play()
        session.wait_for(2, timeout=PATIENCE)
        thread = session._player._thread
    assert not thread.is_alive()


def test_baton__others_go_before_the_tireless():
    baton, order = Baton(), []
    taken, free = threading.Event(), threading.Event()

    def worker():
        with baton.hold(yielding=True):
            taken.set()
            assert free.wait(PATIENCE)
        for _ in range(3):
            with baton.hold(yielding=True):
                order.append("worker")

    def guest():
        with baton.hold(), baton.hold():
            order.append("guest")

    threads = [threading.Thread(target=worker), threading.Thread(target=guest)]
    threads[0].start()
    assert taken.wait(PATIENCE)
    threads[1].start()
    while not baton._waiting:
        assert threads[1].is_alive()
    free.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert order == ["guest", "worker", "worker", "worker"]
    assert not baton.wait_for(lambda: False, 0.001)


def test_player__tells_its_owner_when_it_ends():
    class Owner:
        def __init__(self):
            self.told = []

        def step(self):
            raise ValueError("no")

        def end(self):
            self.told.append(player.failed)

    owner = Owner()
    player = Player(owner.step, owner.end)
    player.start()
    player._thread.join(PATIENCE)
    assert owner.told == [True]
    assert isinstance(player.take_error(), ValueError)
    assert not player.failed
