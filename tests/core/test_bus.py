import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.bus import Bus
from stnb._core.errors import BackgroundError, InputError
from stnb._core.frames import Frame


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def frame(step):
    return Frame(step, 0.0)


@given(
    every=st.none() | st.integers(1, 6),
    hz=st.none() | st.sampled_from([0.5, 1, 2, 8]),
    gaps=st.lists(st.sampled_from([0.0, 0.0625, 0.25, 0.5, 1.0, 4.0]), max_size=40),
)
def test_bus__cadence_matches_its_sentence(every, hz, gaps):
    clock, seen, expected, last = Clock(), [], [], None
    bus = Bus(clock)
    bus.subscribe(lambda f: seen.append(f.step), every=every, hz=hz)
    for step, gap in enumerate(gaps, start=1):
        clock.now += gap
        on_step = step % (every or 1) == 0
        in_time = hz is None or last is None or clock.now - last >= 1 / hz
        if on_step and in_time:
            expected.append(step)
            last = clock.now
        bus.publish(step, lambda step=step: frame(step))
    assert seen == expected


def test_bus__a_frame_is_built_once_and_only_when_somebody_is_due():
    built = []

    def make():
        built.append(1)
        return frame(len(built))

    bus = Bus(Clock())
    assert bus.publish(1, make) is None
    bus.subscribe(lambda _: None, every=2)
    bus.subscribe(lambda _: None, every=4)
    for step in range(1, 9):
        bus.publish(step, make)
    assert len(built) == 4


def test_bus__closing_unsubscribes():
    seen, bus = [], Bus(Clock())
    with bus.subscribe(seen.append) as first:
        bus.publish(1, lambda: frame(1))
    assert first.closed
    first.close()
    second = bus.subscribe(seen.append)
    bus.close()
    assert second.closed
    assert bus.publish(2, lambda: frame(2)) is None
    assert [f.step for f in seen] == [1]


def test_bus__one_may_close_another_while_a_frame_is_delivered():
    seen, bus = [], Bus(Clock())
    bus.subscribe(lambda _: other.close())
    other = bus.subscribe(seen.append)
    bus.publish(1, lambda: frame(1))
    assert seen == []


def test_bus__request_serves_everybody_once():
    seen, bus = [], Bus(Clock())
    bus.subscribe(lambda f: seen.append(f.step), every=100)
    bus.request()
    bus.publish(7, lambda: frame(7))
    bus.publish(8, lambda: frame(8))
    assert seen == [7]


def test_bus__errors_are_kept_and_raised_once():
    seen, bus = [], Bus(Clock())

    def broken(f):
        raise ZeroDivisionError(f"frame {f.step}")

    bus.subscribe(broken)
    bus.subscribe(lambda f: seen.append(f.step))
    for step in (1, 2, 3):
        bus.publish(step, lambda step=step: frame(step))
    assert seen == [1, 2, 3]
    with pytest.raises(BackgroundError, match=r"broken failed at step 1 \(3 failures in all\)") as caught:
        bus.assert_clean()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    bus.assert_clean()
    bus.publish(4, lambda: frame(4))
    with pytest.raises(BackgroundError, match="at step 4: ZeroDivisionError: frame 4"):
        bus.raise_errors()


def test_bus__an_error_outlives_its_subscription():
    bus = Bus(Clock())
    with bus.subscribe(lambda _: 1 / 0):
        bus.publish(1, lambda: frame(1))
    with pytest.raises(BackgroundError):
        bus.assert_clean()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 0}, "every = 0"),
        ({"every": 1.5}, "every = 1.5"),
        ({"every": True}, "every = True"),
        ({"hz": 0}, "hz = 0"),
        ({"hz": -1}, "hz = -1"),
        ({"hz": float("nan")}, "hz = nan"),
        ({"hz": float("inf")}, "hz = inf"),
        ({"hz": "fast"}, "hz = 'fast'"),
    ],
)
def test_bus__refusals_teach(options, message):
    bus = Bus()
    with pytest.raises(InputError, match=message):
        bus.subscribe(print, **options)
    with pytest.raises(InputError, match="not callable"):
        bus.subscribe(3)
    assert bus.subscriptions == ()


def test_a_frame_that_nobody_wants_now_is_never_made():
    bus, made, wanted = Bus(), [], [False]
    bus.subscribe(made.append, when=lambda: wanted[0])
    assert bus.publish(1, lambda: pytest.fail("nobody wanted a frame")) is None
    wanted[0] = True
    second = frame(2)
    assert bus.publish(2, lambda: second) is second
    assert made == [second]
