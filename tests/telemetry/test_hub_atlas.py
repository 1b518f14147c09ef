"""The atlas of the process: what the hub merges, and what envelopes add."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue
from stnb.telemetry import AtlasFragment, AtlasFrame, HubState, LoopbackEnvelope, hub, infer_district
from tests.golden_cases import session_case


def _signal(**known):
    return SimpleNamespace(summary=SimpleNamespace(latest_timestamp=2.5, **known))


def _fragment(time, value=1.0, **scalars):
    built = AtlasFragment(time, **scalars)
    built.push_metric("z.bias", value)
    return built


def test_infer__golden():
    inputs, expected, _ = session_case("atlas_infer_district")
    assert {name: infer_district(name) for name in inputs["names"]} == expected


def test_atlas__merges_and_can_be_cleared():
    assert hub.get_atlas() is None
    assert hub.atlas_route().is_empty()
    frame = hub.merge_atlas(_fragment(1.0))
    assert hub.get_atlas() is frame
    assert hub.atlas_route(6).frames == [frame]
    for forget in (hub.clear_atlas, hub.reset, lambda: hub.set_atlas(None)):
        hub.merge_atlas(_fragment(1.0))
        forget()
        assert hub.get_atlas() is None
        assert hub.atlas_route().length == 0


def test_atlas__goes_on_from_the_frame_that_is_set():
    state, frame = HubState(), AtlasFrame(5.0, loop_support=2.0)
    state.merge_atlas(_fragment(9.0))
    state.set_atlas(frame)
    assert state.get_atlas() is frame
    after = state.merge_atlas(_fragment(1.0, loop_support=1.0))
    assert after is not None
    assert (after.timestamp, after.loop_support) == (5.0, 3.0)
    assert state.atlas_route().frames == [frame, after]


@pytest.mark.parametrize("call", ["set_atlas", "merge_atlas"])
def test_atlas__takes_its_own_records_only(call):
    state = HubState()
    state.merge_atlas(_fragment(1.0))
    with pytest.raises(TypeError, match="AtlasFra"):
        getattr(state, call)({"timestamp": 1.0})
    assert state.atlas_route().length == 1


@given(st.lists(st.floats(0.5, 100.0), max_size=40), st.integers(0, 40))
def test_route__is_bounded_and_in_order(times, limit):
    state = HubState()
    for time in times:
        state.merge_atlas(_fragment(time))
    assert state.atlas_route().length == min(len(times), 24)
    assert state.atlas_route(limit).length == min(len(times), 24, limit)
    route = [frame.timestamp for frame in state.atlas_route()]
    assert route == sorted(route)


@pytest.mark.parametrize(("limit", "error"), [(-1, InvalidValue), (2.0, TypeError)])
def test_route__refuses_odd_limits(limit, error):
    with pytest.raises(error, match="limit"):
        hub.atlas_route(limit)


def test_push__an_envelope_adds_what_it_knows():
    signal = _signal(frames=3, mean_energy=1.5, mean_drift=-0.25)
    hub.push_loopback(
        LoopbackEnvelope(
            signal, source="node-1", support=2.0, collapse_total=4.0, z_signal=0.5, script_hint="soft"
        )
    )
    frame = hub.get_atlas()
    assert frame is not None
    assert {metric.name: metric.value for metric in frame.metrics()} == {
        "loop.frames": 3.0,
        "loop.energy": 1.5,
        "loop.drift": -0.25,
        "collapse.total": 4.0,
        "z.bias": 0.5,
    }
    assert (frame.timestamp, frame.loop_support, frame.notes()) == (2.5, 2.0, ["source:node-1"])
    assert (frame.collapse_total, frame.z_signal, frame.script_hint) == (4.0, 0.5, "soft")


def test_push__what_an_envelope_does_not_know_stays():
    hub.push_loopback(LoopbackEnvelope(_signal(frames=3), 1.0, support=0.5, z_signal=0.5))
    hub.push_loopback(LoopbackEnvelope(_signal(frames=4), 2.0, support=0.25, z_signal=float("nan")))
    frame = hub.get_atlas()
    assert frame is not None
    assert (frame.z_signal, frame.loop_support, frame.metric_value("loop.frames")) == (0.5, 0.75, 4.0)
    assert frame.notes() == []
    assert hub.atlas_route().length == len(hub.peek_loopback(9)) == 2


def test_push__an_envelope_that_cannot_be_read_is_refused_whole():
    envelope = LoopbackEnvelope(_signal(frames="three"))
    with pytest.raises(TypeError, match="three"):
        hub.push_loopback(envelope)
    assert hub.peek_loopback(9) == []
    assert hub.get_atlas() is None


def test_push__draining_leaves_the_atlas():
    hub.push_loopback(LoopbackEnvelope(_signal(frames=3)))
    hub.drain_loopback(9)
    assert hub.get_atlas() is not None


@pytest.mark.parametrize(
    "call",
    [
        lambda state: state.merge_atlas(_fragment(1.0)),
        lambda state: state.atlas_route(3),
        lambda state: state.get_atlas(),
        lambda state: state.set_atlas(AtlasFrame(1.0)),
    ],
)
def test_lock__is_held_by_every_call(call):
    taken = []

    class Watched:
        def __enter__(self):
            taken.append(1)

        def __exit__(self, *error):
            pass

    state = HubState()
    state.lock = Watched()  # pyright: ignore[reportAttributeAccessIssue]
    call(state)
    assert len(taken) == 1
