"""Which session is current where, and what the regions of observations say."""

import asyncio
import contextvars
import json
import math
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import BusyError, InvalidDimensions, InvalidValue, NonFiniteValue
from stnb.geometry import Ball
from stnb.telemetry import SoftlogicZFeedback, hub
from stnb.zspace.coordinates import (
    ZAtlas,
    ZSpaceRegionDescriptor,
    ZSpaceSession,
    clear,
    current,
    describe,
    feedback,
    reset_sessions,
    sample_field,
    session,
    snapshot,
)
from stnb.zspace.coordinates.region import publish

REGION = {
    "spin_alignment": 0.5,
    "normalized_radius": 0.5,
    "curvature_radius": 1.0,
    "geodesic_radius": 1.0,
    "sheet_index": 1,
    "sheet_count": 4,
    "topological_sector": 2,
}


def test_session__has_a_frame_an_atlas_and_addresses():
    with session() as ours:
        assert isinstance(ours, ZSpaceSession)
        assert isinstance(ours.atlas, ZAtlas)
        assert len(ours.frame.bands) == 3
        assert len(ours.frame.sheets) == 4
        assert ours.frame.temporal.echo_count == 8
        assert ours.index(2, 3, 7).echo == 7
        with pytest.raises(IndexError):
            ours.index(3, 0, 0)
        assert current() is ours


def _divide_inside(ours):
    assert current() is ours
    raise ZeroDivisionError


def test_sessions__nest_and_come_back():
    default = current()
    with session() as outer:
        with session(bands=5) as inner, outer:
            assert current() is outer
        assert current() is outer
        with pytest.raises(ZeroDivisionError), inner:
            _divide_inside(inner)
        assert current() is outer
    assert current() is default


def test_sessions__may_be_left_in_any_order():
    first, second = session(), session()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert current() is second
    second.__exit__(None, None, None)
    with pytest.raises(BusyError, match="another thread or task"):
        first.__exit__(None, None, None)


def test_default_session__is_one_for_all_threads():
    workers = 4
    barrier = Barrier(workers)

    def look():
        barrier.wait(timeout=60)
        return current()

    with ThreadPoolExecutor(workers) as pool:
        found = [future.result() for future in [pool.submit(look) for _ in range(workers)]]
    assert len({id(one) for one in found}) == 1
    assert current() is found[0]
    reset_sessions()
    assert current() is not found[0]


def test_threads__have_stacks_of_their_own():
    default, workers = current(), 3
    barrier = Barrier(workers)

    def work(worker):
        before = current()
        with session(bands=worker + 1) as ours:
            barrier.wait(timeout=60)
            seen = current()
            barrier.wait(timeout=60)
        return before is default, seen is ours, current() is default

    with session(), ThreadPoolExecutor(workers) as pool:
        assert list(pool.map(work, range(workers))) == [(True, True, True)] * workers


def test_tasks__start_in_the_session_of_their_maker_and_part_there():
    async def child(turn, name):
        async with turn:
            outer = current()
        with session() as ours:
            async with turn:
                return name, outer, current() is ours

    async def main():
        turn = asyncio.Semaphore(1)
        with session() as ours:
            found = await asyncio.gather(*(child(turn, name) for name in range(4)))
            return ours, found, current()

    ours, found, after = asyncio.run(main())
    assert [(name, outer is ours, inner) for name, outer, inner in found] == [
        (n, True, True) for n in range(4)
    ]
    assert after is ours


def test_contexts__do_not_leak():
    with session() as ours:
        copied = contextvars.copy_context()
    assert copied.run(current) is ours
    assert current() is not ours


def test_sample_field__speaks_of_the_innermost_session():
    with session() as outer:
        outer.observe([1.0, 1.0])
        with session() as inner:
            assert sample_field().energy == 0.0
            inner.observe([3.0, 3.0])
            assert sample_field().energy == 3.0
        assert sample_field().energy == 1.0


def test_session__refuses_bad_counts():
    with pytest.raises(InvalidDimensions, match="echoes"):
        session(echoes=0)
    with pytest.raises(TypeError, match="sheets"):
        session(sheets=True)


@pytest.mark.parametrize("curvature", [-1.0, -4.0, -0.01])
def test_observe__publishes_a_region_on_the_geodesic(curvature):
    assert snapshot() is None
    with session(curvature=curvature) as ours:
        sample = ours.observe([0.1, 0.4, 0.4, 0.1])
    region = snapshot()
    ball = Ball(curvature)
    assert region.curvature_radius == ball.radius
    inside = math.atanh(region.normalized_radius) * 2 / math.sqrt(ball.c)
    assert region.geodesic_radius == pytest.approx(inside, rel=1e-12)
    assert region.geodesic_radius == 2 * sample.energy
    assert (region.sheet_index, region.sheet_count) == (sample.sheet_index, 4)
    assert region.topological_sector == sample.homology == 1
    assert region.spin_band == "leading"


def test_atlas__alone_publishes_nothing():
    ZAtlas().observe([1.0])
    assert snapshot() is None


@pytest.mark.parametrize(
    ("spin", "radius", "label"),
    [
        (0.34, 0.0, "spin.leading.radius.core"),
        (0.33, 0.32, "spin.neutral.radius.core"),
        (-0.33, 0.33, "spin.neutral.radius.mantle"),
        (-0.34, 0.65, "spin.trailing.radius.mantle"),
        (-7.0, 0.66, "spin.trailing.radius.edge"),
        (7.0, 7.0, "spin.leading.radius.edge"),
        (0.0, -7.0, "spin.neutral.radius.core"),
    ],
)
def test_region__has_a_label(spin, radius, label):
    region = ZSpaceRegionDescriptor(**{**REGION, "spin_alignment": spin, "normalized_radius": radius})
    assert region.label == label
    assert -1 <= region.spin_alignment <= 1
    assert 0 <= region.normalized_radius <= 1


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"spin_alignment": math.nan}, NonFiniteValue),
        ({"normalized_radius": math.inf}, NonFiniteValue),
        ({"curvature_radius": -1.0}, InvalidValue),
        ({"geodesic_radius": math.nan}, NonFiniteValue),
        ({"sheet_index": 4}, InvalidValue),
        ({"sheet_index": -1}, InvalidValue),
        ({"sheet_index": "1"}, TypeError),
        ({"sheet_count": 0}, InvalidDimensions),
        ({"topological_sector": -1}, InvalidValue),
    ],
)
def test_region__refuses_bad_values(changed, error):
    with pytest.raises(error, match=next(iter(changed))):
        ZSpaceRegionDescriptor(**{**REGION, **changed})


def test_describe__tells_what_is_asked_for_and_clear_forgets_it():
    assert describe(feedback=True) == {"region": None, "feedback": None}
    assert feedback() is None
    publish(ZSpaceRegionDescriptor(**REGION))
    softlogic = SoftlogicZFeedback(1.0, 0.5, (1.0, 1.0, 1.0), 0.0, 0.25)
    hub.set_softlogic_z(softlogic)
    assert feedback() == softlogic
    assert describe() == {"region": snapshot().as_dict()}
    assert describe(latest=False, feedback=True) == {"feedback": softlogic.as_dict()}
    assert json.loads(json.dumps(describe())) == describe()
    hub.set_psi(1.0)
    clear()
    assert describe(feedback=True) == {"region": None, "feedback": None}
    assert hub.get_psi() == 1.0


def test_publish__takes_regions_only():
    with pytest.raises(TypeError, match="ZSpaceRegionDescriptor"):
        publish(REGION)


@given(st.lists(st.booleans(), max_size=12))
def test_stack__is_a_stack(moves):
    entered = []
    for enter in moves:
        if enter or not entered:
            entered.append(session().__enter__())
        else:
            entered.pop().__exit__(None, None, None)
        assert not entered or current() is entered[-1]
    reset_sessions()
