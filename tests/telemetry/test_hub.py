"""The hub under one thread and under many."""

import copy
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue
from stnb.telemetry import HubState, LoopbackEnvelope, SoftlogicZFeedback, hub, softlogic_signal

SLOTS = ("chrono_loop", "psi", "psychoid", "collapse_pulse", "region")
SIGNAL = SimpleNamespace(summary=SimpleNamespace(latest_timestamp=2.5))
FEEDBACK = SoftlogicZFeedback(1.0, 0.5, (3.0, 2.0, 1.0), 0.1, -0.25)


@dataclass
class Reading:
    total: float


def _envelope(number):
    return LoopbackEnvelope(SIGNAL, float(number))


def _times(envelopes):
    return [envelope.timestamp for envelope in envelopes]


@pytest.mark.parametrize("slot", SLOTS)
def test_slot__keeps_the_latest_and_gives_copies(slot):
    state = HubState()
    put, get = getattr(state, f"set_{slot}"), getattr(state, f"get_{slot}")
    assert get() is None
    value = {"energy": [1.0]}
    put({"energy": [0.0]})
    put(value)
    value["energy"].append(2.0)
    get()["energy"].append(3.0)
    assert get() == {"energy": [1.0]}
    for other in set(SLOTS) - {slot}:
        assert getattr(state, f"get_{other}")() is None
    put(None)
    assert get() is None


def test_slot__shares_what_nobody_can_change():
    state = HubState()
    state.set_softlogic_z(FEEDBACK)
    assert state.get_softlogic_z() is FEEDBACK


def test_slot__copies_records_that_can_change():
    state, reading = HubState(), Reading(1.0)
    state.set_psi(reading)
    reading.total = 2.0
    state.get_psi().total = 3.0
    assert state.get_psi() == Reading(1.0)


def test_softlogic_slot__takes_feedback_only():
    state = HubState()
    with pytest.raises(TypeError, match="SoftlogicZFeedback"):
        state.set_softlogic_z({"z_signal": 0.1})
    assert state.get_softlogic_z() is None


def test_softlogic_signal__is_a_dict_once_there_is_one():
    assert softlogic_signal() is None
    hub.set_softlogic_z(FEEDBACK)
    assert softlogic_signal() == {
        "psi_total": 1.0,
        "weighted_loss": 0.5,
        "band_energy": [3.0, 2.0, 1.0],
        "drift": 0.1,
        "z_signal": -0.25,
    }


@given(st.lists(st.integers(0, 150), max_size=6), st.integers(0, 150))
def test_loopback__is_a_bounded_queue(drains, pushed):
    state, model = HubState(), []
    for number in range(pushed):
        state.push_loopback(_envelope(number))
        model = [*model, float(number)][-64:]
    for limit in drains:
        assert _times(state.peek_loopback(limit)) == model[:limit]
        assert _times(state.drain_loopback(limit)) == model[:limit]
        model = model[limit:]
    assert _times(state.drain_loopback(64)) == model


@pytest.mark.parametrize("read", ["drain_loopback", "peek_loopback"])
@pytest.mark.parametrize(
    ("limit", "error"), [(-1, InvalidValue), (1.0, TypeError), (True, TypeError), (None, TypeError)]
)
def test_loopback__refuses_odd_limits_and_stays_as_it_was(read, limit, error):
    state = HubState()
    state.push_loopback(_envelope(1))
    with pytest.raises(error, match="limit"):
        getattr(state, read)(limit)
    assert _times(state.peek_loopback(9)) == [1.0]


def test_loopback__takes_envelopes_only():
    state = HubState()
    with pytest.raises(TypeError, match="LoopbackEnvelope"):
        state.push_loopback({"support": 1.0})
    assert state.peek_loopback(1) == []


def test_loopback__keeps_a_copy_of_the_signal():
    state = HubState()
    signal = SimpleNamespace(summary=SimpleNamespace(latest_timestamp=1.0, energies=[1.0]))
    state.push_loopback(LoopbackEnvelope(signal))
    signal.summary.energies.append(2.0)
    state.peek_loopback(1)[0].loop_signal.summary.energies.append(3.0)
    assert state.drain_loopback(1)[0].loop_signal.summary.energies == [1.0]


def test_uq__keeps_the_latest_256():
    state = HubState()
    for number in range(300):
        state.push_uq({"number": number})
    assert [record["number"] for record in state.uq()] == list(range(44, 300))


def test_reset__forgets_everything():
    state = HubState()
    for slot in SLOTS:
        getattr(state, f"set_{slot}")(1)
    state.set_softlogic_z(FEEDBACK)
    state.push_loopback(_envelope(1))
    state.push_uq({})
    assert "psychoid" in repr(state)
    assert "1 envelopes" in repr(state)
    state.reset()
    assert repr(state) == repr(HubState())
    assert state.peek_loopback(9) == state.uq() == []


class _Watched:
    """A lock that counts how often it is taken."""

    def __init__(self, lock):
        self.lock, self.taken = lock, 0

    def __enter__(self):
        self.taken += 1
        return self.lock.__enter__()

    def __exit__(self, *error):
        return self.lock.__exit__(*error)


@pytest.mark.parametrize(
    "call",
    [
        lambda state: state.set_psi(1.0),
        lambda state: state.get_psi(),
        lambda state: state.push_loopback(_envelope(1)),
        lambda state: state.drain_loopback(1),
        lambda state: state.peek_loopback(1),
        lambda state: state.push_uq({}),
        lambda state: state.uq(),
        lambda state: state.reset(),
        repr,
    ],
)
def test_lock__is_held_by_every_call_and_may_be_taken_twice(call):
    state = HubState()
    state.lock = _Watched(state.lock)
    call(state)
    assert state.lock.taken == 1
    with state.lock:
        assert state.lock.lock.acquire(blocking=False)
        state.lock.lock.release()
        with ThreadPoolExecutor(1) as pool:
            assert not pool.submit(state.lock.lock.acquire, blocking=False).result()


@pytest.fixture
def hasty():
    """Threads take turns as often as the interpreter can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def _race(workers, work):
    barrier = Barrier(workers)

    def run(worker):
        barrier.wait(timeout=60)
        return work(worker)

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, range(workers)))


def test_threads__each_envelope_is_drained_once_and_in_order(hasty):
    state, workers, each = HubState(), 4, 12
    for number in range(workers * each):
        state.push_loopback(_envelope(number))
    taken = _race(workers, lambda worker: [t for _ in range(each) for t in _times(state.drain_loopback(1))])
    assert all(times == sorted(times) for times in taken)
    assert sorted(t for times in taken for t in times) == [float(n) for n in range(workers * each)]


def test_threads__pushes_while_draining_lose_nothing(hasty):
    state, each = HubState(), 30

    def work(worker):
        if worker < 2:
            for number in range(each):
                state.push_loopback(_envelope(1000 * worker + number))
            return []
        return [t for _ in range(200) for t in _times(state.drain_loopback(3))]

    taken = [t for times in _race(3, work) for t in times] + _times(state.drain_loopback(64))
    for worker in range(2):
        own = [t for t in taken if worker * 1000 <= t < worker * 1000 + 1000]
        assert own == [1000.0 * worker + number for number in range(each)]


def test_threads__hold_the_lock_over_several_calls(hasty):
    state = HubState()
    state.set_psi(0)

    def work(worker):
        for _ in range(300):
            with state.lock:
                state.set_psi(state.get_psi() + 1)

    _race(4, work)
    assert state.get_psi() == 1200


def test_threads__readers_never_see_half_a_value(hasty):
    state = HubState()
    state.set_psi([0, 0])

    def work(worker):
        if worker == 0:
            for number in range(400):
                state.set_psi([number, -number])
            return []
        return [state.get_psi() for _ in range(400)]

    assert all(sum(pair) == 0 for pairs in _race(3, work) for pair in pairs)


def test_import__brings_neither_torch_nor_zspace():
    heavy = "any(m in sys.modules for m in ('torch', 'stnb.zspace'))"
    code = f"import sys, stnb.telemetry as t; t.hub.set_psi(1); sys.exit({heavy})"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_envelope__defaults_and_copies():
    envelope = LoopbackEnvelope(SIGNAL)
    assert (envelope.timestamp, envelope.source, envelope.support) == (2.5, None, 1.0)
    for twin in (copy.deepcopy(envelope), pickle.loads(pickle.dumps(envelope))):
        assert twin == envelope
    assert set(envelope.as_dict()) == {
        "loop_signal",
        "timestamp",
        "source",
        "support",
        "collapse_total",
        "z_signal",
        "script_hint",
    }


def test_envelope__writes_its_signal_by_its_own_rule():
    signal = SimpleNamespace(summary=SIGNAL.summary, as_dict=lambda: {"frames": 3})
    assert LoopbackEnvelope(signal).as_dict()["loop_signal"] == {"frames": 3}


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -float("inf"), 10**400])
def test_envelope__replaces_numbers_that_are_not_finite(odd):
    envelope = LoopbackEnvelope(SIGNAL, 1.0, support=odd, collapse_total=odd, z_signal=odd)
    assert (envelope.support, envelope.collapse_total, envelope.z_signal) == (1.0, None, None)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"loop_signal": None}, TypeError, "no summary"),
        ({"loop_signal": SimpleNamespace(summary=SimpleNamespace())}, TypeError, "latest_timestamp"),
        ({"timestamp": float("nan")}, ValueError, "timestamp = nan"),
        ({"timestamp": "now"}, TypeError, "timestamp = 'now'"),
        ({"support": -0.5}, ValueError, "support = -0.5"),
        ({"support": None}, TypeError, "support"),
        ({"collapse_total": "high"}, TypeError, "collapse_total"),
        ({"source": 7}, TypeError, "source = 7"),
        ({"script_hint": b"soft"}, TypeError, "script_hint"),
    ],
)
def test_envelope__refuses_what_it_cannot_mean(given, error, words):
    with pytest.raises(error, match=words):
        LoopbackEnvelope(**{"loop_signal": SIGNAL, **given})
