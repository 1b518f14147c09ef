"""Whoever subscribes hears of frames as they are recorded, and its failures are told, not swallowed."""

import pytest

import stnb as st
from stnb._core.errors import BackgroundError, InputError
from tests.session.spiral.test_chronicle import resonance


def record(session, frames):
    for _ in range(frames):
        session.resonate_over_time(resonance(session), dt=0.1)


def test_a_subscriber_gets_the_frames_of_its_cadence_until_it_closes():
    session = st.SpiralSession()
    heard = []
    with session.subscribe(heard.append, every=3):
        record(session, 7)
    record(session, 7)
    assert [frame.step for frame in heard] == [0, 3, 6]
    assert heard == [session.timeline()[step] for step in (0, 3, 6)]


def test_a_failing_subscriber_stops_nothing_and_is_told_by_the_next_call():
    session = st.SpiralSession()
    heard = []

    def broken(frame):
        raise RuntimeError(f"frame {frame.step}")

    session.subscribe(broken, every=2)
    session.subscribe(heard.append)
    record(session, 1)
    assert len(heard) == len(session.timeline()) == 1
    with pytest.raises(BackgroundError, match="RuntimeError: frame 0"):
        record(session, 1)
    assert len(session.timeline()) == 1
    record(session, 2)
    with pytest.raises(BackgroundError, match="frame 2"):
        session.assert_clean()
    session.assert_clean()


def broken_block(heard, error=None):
    with st.SpiralSession() as session:
        session.subscribe(lambda _: 1 / 0)
        session.subscribe(heard.append)
        record(session, 1)
        if error is not None:
            raise error
    return session


def test_the_end_of_a_block_tells():
    with pytest.raises(BackgroundError, match="ZeroDivisionError"):
        broken_block([])


def test_the_end_of_a_block_does_not_hide_what_happened_in_it():
    with pytest.raises(KeyError, match="own"):
        broken_block([], KeyError("own"))


def test_after_the_block_nobody_hears_any_more():
    heard = []
    with st.SpiralSession() as session:
        session.subscribe(heard.append)
        record(session, 1)
    record(session, 2)
    assert len(heard) == 1


def test_bad_cadences_are_explained():
    with pytest.raises(InputError, match="every = 0"):
        st.SpiralSession().subscribe(print, every=0)
    with pytest.raises(InputError, match="not callable"):
        st.SpiralSession().subscribe("loudly")
