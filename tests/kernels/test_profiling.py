"""What a profile counts, what it does not, and that nothing is paid without one."""

import threading
import types

import numpy as np
import pytest
import stnb_kernels as kernels
from stnb_kernels import profiling, registry
from stnb_kernels.profiling import Profile, Row, profile

from stnb._core.errors import BusyError


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is moved."""
    made = types.SimpleNamespace(now=0.0)
    monkeypatch.setattr(profiling.time, "perf_counter", lambda: made.now)
    return made


def work(clock, seconds):
    def call(*args):
        clock.now += seconds

    return call


def test_profile__counts_calls_times_and_shares(clock):
    with profile() as cost:
        for _ in range(3):
            cost.measure("heat", np.empty(1), work(clock, 0.5), ())
        cost.measure("kick", np.empty(1), work(clock, 2.0), ())
        clock.now += 0.5
    assert cost.rows == (Row("kick", 1, 2000.0, 0.5), Row("heat", 3, 1500.0, 0.375))
    assert cost.rows[1].each == 500.0
    assert cost.elsewhere == 500.0
    ops = {
        "heat": {"calls": 3, "ms": 1500.0, "share": 0.375},
        "kick": {"calls": 1, "ms": 2000.0, "share": 0.5},
    }
    assert cost.to_dict() == {"ms": 4000.0, "elsewhere_ms": 500.0, "ops": ops}


def test_profile__prints_a_table(clock):
    with profile() as cost:
        cost.measure("heat", np.empty(1), work(clock, 0.5), ())
        clock.now += 1.5
    lines = [line.split() for line in str(cost).splitlines()]
    assert lines[1] == ["heat", "1", "500.0", "500.0000", "25.0%"]
    assert lines[2] == ["elsewhere", "1500.0", "75.0%"]
    page = cost._repr_html_()
    assert page.count("<tr>") == 3
    assert "<td>25.0%</td>" in page


def test_profile__sees_every_op_while_it_lasts_and_none_after():
    out = np.empty(8)
    kernels.fill_random(out, seed=1, backend="reference")
    with profile() as cost:
        for step in range(4):
            kernels.fill_random(out, seed=1, step=step, backend="reference")
    kernels.fill_random(out, seed=1, backend="reference")
    (row,) = cost.rows
    assert (row.op, row.calls) == ("random", 4)
    assert 0 < row.milliseconds <= cost.milliseconds


def test_profile__changes_no_result():
    plain, measured = np.empty(8), np.empty(8)
    kernels.fill_random(plain, seed=1, backend="reference")
    with profile():
        kernels.fill_random(measured, seed=1, backend="reference")
    assert plain.tobytes() == measured.tobytes()


def test_profile__what_an_op_calls_is_part_of_it(clock):
    with profile() as cost:

        def outer():
            clock.now += 1
            cost.measure("inner", np.empty(1), work(clock, 2), ())

        cost.measure("outer", np.empty(1), outer, ())
        cost.measure("inner", np.empty(1), work(clock, 4), ())
    assert {row.op: (row.calls, row.milliseconds) for row in cost.rows} == {
        "outer": (1, 3000.0),
        "inner": (1, 4000.0),
    }


def test_profile__an_op_that_fails_is_over(clock):
    with profile() as cost:
        with pytest.raises(ZeroDivisionError):
            cost.measure("bad", np.empty(1), lambda: 1 / 0, ())
        cost.measure("good", np.empty(1), work(clock, 1), ())
    assert [row.op for row in cost.rows] == ["good"]


def test_profile__counts_other_threads_too(clock):
    with profile() as cost:
        calls = [
            threading.Thread(target=cost.measure, args=("heat", np.empty(1), work(clock, 0), ()))
            for _ in range(4)
        ]
        for call in calls:
            call.start()
        for call in calls:
            call.join(20)
    assert cost.rows[0].calls == 4


def test_profiling__is_true_inside_only():
    assert not registry.profiling()
    with registry.profile():
        assert registry.profiling()
    assert not registry.profiling()

    def leave():
        with profile():
            raise KeyError

    with pytest.raises(KeyError):
        leave()
    assert not registry.profiling()


def test_profile__one_at_a_time():
    with profile() as cost:
        with pytest.raises(BusyError, match="is running already"), profile():
            pass
        kernels.fill_random(np.empty(3), seed=1, backend="reference")
    assert cost.rows[0].calls == 1


class FakeGpu:
    """As much of torch as a profile asks for; the device is done when it is waited for."""

    def __init__(self):
        self.log, self.done, self.capturing = [], False, False
        gpu = self

        class Event:
            def __init__(self, *, enable_timing):
                assert enable_timing

            def record(self):
                self.at = len(gpu.log)
                gpu.log.append("event")

            def query(self):
                return gpu.done

            def synchronize(self):
                gpu.done = True
                gpu.log.append("wait")

            def elapsed_time(self, end):
                assert gpu.done
                return float(end.at - self.at)

        self.Tensor = types.SimpleNamespace
        self.cuda = types.SimpleNamespace(Event=Event, is_current_stream_capturing=lambda: self.capturing)
        self.mps = types.SimpleNamespace(event=types.SimpleNamespace(Event=Event))

    def tensor(self, device):
        return types.SimpleNamespace(device=types.SimpleNamespace(type=device))

    def call(self):
        self.log.append("call")


@pytest.fixture
def gpu(monkeypatch):
    import sys

    made = FakeGpu()
    monkeypatch.setitem(sys.modules, "torch", made)
    return made


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_gpu__is_timed_by_events_and_waited_for_at_the_end_only(gpu, device):
    with profile() as cost:
        for _ in range(3):
            cost.measure("heat", gpu.tensor(device), gpu.call, ())
        assert "wait" not in gpu.log
        assert cost.rows == ()
    assert gpu.log[:9] == ["event", "call", "event"] * 3
    assert (cost.rows[0].calls, cost.rows[0].milliseconds) == (3, 6.0)


def test_gpu__events_that_happened_are_let_go(gpu, monkeypatch):
    monkeypatch.setattr(profiling, "EVENTS_KEPT", 4)
    with profile() as cost:
        gpu.done = True
        for _ in range(10):
            cost.measure("heat", gpu.tensor("cuda"), gpu.call, ())
        assert len(cost._pending) == 2
    assert cost.rows[0].calls == 10


def test_gpu__events_that_have_not_happened_wait(gpu, monkeypatch):
    monkeypatch.setattr(profiling, "EVENTS_KEPT", 4)
    with profile() as cost:
        for _ in range(10):
            cost.measure("heat", gpu.tensor("cuda"), gpu.call, ())
        assert len(cost._pending) == 10
    assert cost.rows[0].calls == 10


def test_gpu__a_graph_that_is_recorded_is_left_alone(gpu):
    gpu.capturing = True
    with profile() as cost:
        cost.measure("heat", gpu.tensor("cuda"), gpu.call, ())
    assert gpu.log == ["call"]
    assert cost.rows == ()


def test_profile__before_anything_was_called_is_an_empty_table():
    assert str(Profile()).splitlines()[1].split() == ["elsewhere", "0.0", "0.0%"]
