"""What is injected when: from the seed and the step alone."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import ConfigError
from stnb.manifold.generator import PATTERNS
from stnb.manifold.schedule import Injection, Schedule


def plan(schedule, steps, seed=0):
    found = {step: schedule.at(step, seed=seed) for step in range(steps + 1)}
    return {step: injection for step, injection in found.items() if injection is not None}


def test_one_number__comes_at_its_multiples_and_never_at_the_beginning():
    schedule = Schedule(every=7, size=5, pattern="line")
    assert plan(schedule, 30) == dict.fromkeys((7, 14, 21, 28), Injection("line", 5))
    assert list(plan(Schedule(every=1), 4)) == [1, 2, 3, 4]


ranges = st.tuples(st.integers(1, 40), st.integers(1, 40)).map(sorted).map(tuple)


@given(every=ranges, size=ranges, seed=st.integers(0, 2**63 - 1))
def test_ranges__hold_for_every_wait_and_every_size(every, size, seed):
    found = plan(Schedule(every=every, size=size), 400, seed)
    waits = [b - a for a, b in itertools.pairwise([0, *found])]
    assert min(waits) >= every[0]
    assert max(waits) <= every[1]
    assert 400 - max(found) <= every[1]
    assert all(size[0] <= injection.size <= size[1] for injection in found.values())


@pytest.mark.parametrize("every", [(4, 8), (4, 9), (3, 4)])
def test_ranges__are_used_to_their_ends(every):
    found = plan(Schedule(every=every, size=(2, 4)), 20_000)
    waits = {b - a for a, b in itertools.pairwise(found)}
    assert waits == set(range(every[0], every[1] + 1))
    assert {injection.size for injection in found.values()} == {2, 3, 4}


def test_at__asked_in_any_order_says_the_same():
    schedule = Schedule(every=(3, 11), size=(1, 99), pattern="random")
    forwards = [schedule.at(step, seed=5) for step in range(300)]
    backwards = [schedule.at(step, seed=5) for step in reversed(range(300))]
    assert forwards == backwards[::-1]


def test_at__depends_on_the_seed():
    schedule = Schedule(every=(3, 11), size=(1, 99))
    assert plan(schedule, 300, seed=1) != plan(schedule, 300, seed=2)


def test_at__golden():
    schedule = Schedule(every=(20, 60), size=(30, 100), pattern="random")
    assert plan(schedule, 150, seed=7) == {53: ("sphere", 32), 87: ("sphere", 55), 120: ("sphere", 48)}


def test_cycle__takes_one_pattern_after_the_other():
    found = plan(Schedule(every=10, pattern="cycle"), 70)
    assert [injection.pattern for injection in found.values()] == [*PATTERNS, *PATTERNS[:2]]


def test_random__draws_each_pattern_about_as_often():
    found = plan(Schedule(every=1, pattern="random"), 2000)
    counts = [sum(injection.pattern == name for injection in found.values()) for name in PATTERNS]
    # binomial(2000, 1/5): standard deviation 18
    assert all(abs(count - 400) < 5 * 18 for count in counts)


def test_dict__and_back():
    schedule = Schedule(every=(5, 9), size=3, pattern="grid")
    assert schedule.to_dict() == {"every": [5, 9], "size": [3, 3], "pattern": "grid"}
    assert Schedule.from_dict(schedule.to_dict()) == schedule
    assert schedule == Schedule(every=(5, 9), size=(3, 3), pattern="grid")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 0}, r"every = \(0, 0\) steps is outside its range; .* ≥ 1"),
        ({"every": (9, 5)}, r"every = \(9, 5\) runs backwards; write \(5, 9\)"),
        ({"every": 2.5}, "give a tuple"),
        ({"every": True}, "give a tuple"),
        ({"size": (1, 2, 3)}, "has 3 elements; give 2"),
        ({"size": (4, 3)}, "runs backwards"),
        ({"pattern": "cicle"}, "did you mean 'cycle'"),
        ({"evry": 3}, "did you mean 'every'"),
    ],
)
def test_bad_values__are_refused_in_words(options, message):
    with pytest.raises(ConfigError, match=message):
        Schedule.build(**options)
