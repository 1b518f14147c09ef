"""What follows from a frame and a fragment."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from stnb.chrono.atlas import AtlasFragment

from .samples import fragment, fragments, harmonics, summary


def _without_support(frame):
    return {**frame.as_dict(), "loop_support": None}


@given(fragments(), fragments())
def test_merge__twice_is_once_except_for_support(first, second):
    start = first.to_frame()
    once = second.merged_into(start)
    twice = second.merged_into(once)
    assert _without_support(twice) == _without_support(once)
    assert [m.as_tuple() for m in twice.metrics()] == [m.as_tuple() for m in once.metrics()]
    assert twice.loop_support == once.loop_support + second.loop_support


@given(st.lists(fragments(), min_size=1, max_size=6))
def test_merge__what_was_said_last_holds(said):
    frame = None
    for each in said:
        frame = each.merged_into(frame)
    assert frame is not None
    assert frame.timestamp == max(each.timestamp for each in said)
    for name in ("z_signal", "collapse_total", "maintainer_status"):
        values = [getattr(each, name) for each in said if getattr(each, name) is not None]
        assert getattr(frame, name) == (values[-1] if values else None)
    pushed = [metric for each in said for metric in each.to_frame().metrics()]
    assert {(m.name, m.home): m.value for m in pushed} == {(m.name, m.home): m.value for m in frame.metrics()}
    assert len(frame.metrics()) == len({(m.name, m.home) for m in pushed})
    assert len(frame.notes()) == len(set(frame.notes()))
    assert set(frame.notes()) == {note for each in said for note in each.to_frame().notes()}


@given(st.lists(st.floats(0.0, 1e308), min_size=1, max_size=6))
def test_merge__support_adds_up_and_stays_finite(supports):
    frame, total = None, 0.0
    for weight in supports:
        frame = fragment(1.0, notes=["x"], loop_support=weight).merged_into(frame)
        total = min(total + weight, sys.float_info.max)
    assert frame is not None
    assert frame.loop_support == total


@given(fragments(), st.none() | st.floats(-1e9, 1e9))
def test_merge__an_empty_fragment_changes_nothing_not_even_the_time(first, time):
    frame = first.to_frame()
    assert AtlasFragment(time).merged_into(frame) is frame
    assert AtlasFragment(time).merged_into(None) is None


@given(fragments(), fragments())
def test_merge__leaves_both_as_they_were(first, second):
    frame = first.to_frame()
    before, said = frame.as_dict(), second.to_frame()
    second.merged_into(frame)
    assert frame.as_dict() == before
    assert second.to_frame() == said


def test_merge__a_repeated_note_and_metric_move_to_the_end():
    frame = fragment(1.0, ("z", 1.0), ("loop", 2.0), notes=["a", "b"]).to_frame()
    frame = fragment(2.0, ("z", 3.0), notes=["a", "c"]).merged_into(frame)
    assert frame is not None
    assert frame.notes() == ["b", "a", "c"]
    assert [metric.as_tuple() for metric in frame.metrics()] == [("loop", 2.0, None), ("z", 3.0, None)]


def test_merge__the_latest_64_notes_stay():
    frame = None
    for number in range(100):
        frame = fragment(1.0, notes=[f"source:{number}"]).merged_into(frame)
    assert frame is not None
    assert frame.notes() == [f"source:{number}" for number in range(36, 100)]


def test_merge__without_a_time_of_its_own_goes_on_at_the_time_of_the_frame():
    frame = fragment(None, ("z", 1.0)).merged_into(fragment(5.0, notes=["a"]).to_frame())
    assert frame is not None
    assert (frame.timestamp, frame.metric_value("z")) == (5.0, 1.0)


def test_merge__records_go_on_until_there_are_newer_ones():
    frame = fragment(1.0, summary=summary(), harmonics=harmonics()).to_frame()
    frame = fragment(2.0, summary=summary(frames=5)).merged_into(frame)
    assert frame is not None
    assert frame.summary() == summary(frames=5)
    assert frame.harmonics() == harmonics()
