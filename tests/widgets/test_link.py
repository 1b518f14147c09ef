"""FrameLink against a clock that tests turn: latest wins, bounded, never silent, never stuck."""

import threading
from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from stnb_widgets.link import FrameLink, Route
from stnb_widgets.pace import BUDGETS, host_budget

from .conftest import Clock

LOCAL = BUDGETS["local"]


@dataclass
class Picture:
    number: int
    nbytes: int = 800_000


class Rig:
    """A link, its clock, and everything it sent as (time, seq, picture, bytes)."""

    def __init__(self, budget=LOCAL, *, watched=True):
        self.clock = Clock()
        self.sent, self.keyframes, self.number = [], [], 0
        self.link = FrameLink(Route(self._deliver, self._publish), budget=budget, clock=self.clock)
        if watched:
            self.link.seen("v", visible=True)

    def _deliver(self, seq, picture, most_bytes):
        size = min(picture.nbytes, most_bytes)
        self.sent.append((self.clock.now, seq, picture, size))
        return size

    def _publish(self, _seq, picture):
        self.keyframes.append((self.clock.now, picture))

    def offer(self, nbytes=800_000):
        self.number += 1
        self.link.offer(Picture(self.number, nbytes))

    def run(self, seconds, hz=100, nbytes=800_000, ack=None):
        """Offer at `hz`; `ack` seconds after each frame it is acknowledged."""
        answered = len(self.sent)
        for _ in range(int(seconds * hz)):
            self.clock.tick(1 / hz)
            while (
                ack is not None
                and answered < len(self.sent)
                and self.sent[answered][0] + ack <= self.clock.now
            ):
                self.link.acked(self.sent[answered][1], "v")
                answered += 1
            self.offer(nbytes)

    @property
    def mode(self):
        return self.link.stats.mode


def test_the_first_frame_leaves_at_once():
    rig = Rig()
    rig.offer()
    assert [picture.number for _, _, picture, _ in rig.sent] == [1]


def test_nobody_ever_displayed_it_so_only_keyframes_are_kept():
    rig = Rig(watched=False)
    rig.run(5)
    assert rig.sent == []
    assert rig.mode == "unseen"
    assert 5 <= len(rig.keyframes) <= 6


def test_a_hidden_view_costs_no_frames_and_gets_the_newest_when_it_comes_back():
    rig = Rig()
    rig.link.seen("v", visible=False)
    rig.run(3)
    assert rig.sent == []
    assert rig.mode == "hidden"
    rig.link.seen("v", visible=True)
    assert [picture.number for _, _, picture, _ in rig.sent] == [rig.number]


def test_one_of_two_views_in_sight_is_enough():
    rig = Rig()
    rig.link.seen("other", visible=False)
    rig.offer()
    rig.link.seen("v", visible=False, gone=True)
    assert rig.mode == "hidden"
    assert len(rig.sent) == 1


def test_quick_answers_fill_the_budget_and_no_more():
    rig = Rig()
    rig.run(4, hz=200, ack=0.005)
    size = sum(size for *_, size in rig.sent)
    assert 0.8 * 4 * LOCAL.bytes_per_s <= size <= 1.05 * 4 * LOCAL.bytes_per_s
    assert rig.mode == "paced"


def test_small_frames_are_bounded_by_their_number():
    rig = Rig()
    rig.run(4, hz=500, nbytes=1000, ack=0.002)
    assert 4 * 50 <= len(rig.sent) <= 4 * 60 + 1


def test_slow_answers_shrink_the_window_to_one_and_quick_ones_open_it_to_four():
    rig = Rig()
    rig.run(2, nbytes=1000, ack=0.02)
    assert rig.link.stats.window == 4
    rig.run(4, nbytes=1000, ack=0.4)
    assert rig.link.stats.window == 1


def test_without_answers_it_runs_open_loop_and_then_sends_keyframes_only():
    rig = Rig()
    start = rig.clock.now
    rig.run(0.45)
    assert len(rig.sent) == 2, "the window"
    rig.run(2.5)
    assert rig.mode == "open"
    open_loop = [size for when, _, _, size in rig.sent[2:]]
    assert 15 <= len(open_loop) <= 26
    assert sum(open_loop) <= 8e6 * 2.6
    rig.run(10)
    assert rig.mode == "stalled"
    assert max(when for when, *_ in rig.sent) <= start + 3.1
    assert 12 <= len(rig.keyframes) <= 14


def test_a_late_answer_wakes_a_stalled_link_with_the_newest_frame():
    rig = Rig()
    rig.run(6)
    before = len(rig.sent)
    rig.link.acked(rig.sent[0][1], "v")
    assert rig.mode == "paced"
    rig.link.acked(rig.sent[before - 1][1], "v")
    assert rig.sent[-1][2].number == rig.number


def test_a_reloaded_page_wakes_a_stalled_link():
    rig = Rig()
    rig.run(6)
    rig.link.seen("w", visible=True)
    assert rig.sent[-1][2].number == rig.number


def test_an_answer_sends_what_waits_in_the_mailbox():
    rig = Rig()
    rig.run(0.1, nbytes=1000)
    assert rig.sent[-1][2].number < rig.number
    rig.link.acked(rig.sent[-1][1], "v")
    assert rig.sent[-1][2].number == rig.number


def test_duplicate_unknown_and_old_answers_change_nothing():
    rig = Rig()
    rig.offer(1000)
    for seq in (1, 1, 0, -5, 99):
        rig.link.acked(seq, "v")
    assert rig.link.stats.acked == 1
    assert rig.link.stats.in_flight == 0


def test_flush_sends_the_last_frame_past_the_window_and_keeps_it_for_reloads():
    rig = Rig()
    rig.run(0.3)
    assert rig.sent[-1][2].number < rig.number
    rig.link.flush()
    assert rig.sent[-1][2].number == rig.number
    assert rig.keyframes[-1][1].number == rig.number


def test_flushing_in_a_tight_loop_stays_below_120_messages_a_second():
    rig = Rig()
    for _ in range(4000):
        rig.clock.tick(0.001)
        rig.offer(1000)
        rig.link.flush()
        if rig.sent:
            rig.link.acked(rig.sent[-1][1], "v")
    assert len(rig.sent) + len(rig.keyframes) <= 4 * 90


def test_a_frame_larger_than_a_fifth_of_a_second_is_cut():
    rig = Rig(BUDGETS["colab"])
    rig.offer(8_000_000)
    assert rig.sent[0][3] == 256_000


def test_due_is_what_offer_does():
    rig = Rig()
    assert rig.link.due()
    rig.offer()
    assert not rig.link.due()
    rig.clock.tick(0.3)
    assert rig.link.due()


def test_a_broken_transport_is_counted_and_does_not_stop_the_caller(clock):
    def broken(*_):
        raise OSError("no route")

    link = FrameLink(Route(broken, broken), clock=clock)
    link.seen("v", visible=True)
    for number in range(60):
        clock.tick(0.1)
        link.offer(Picture(number))
    assert link.stats.errors >= 60
    assert len(link.errors) == 20
    assert link.stats.in_flight == 0


def test_nothing_leaves_after_close():
    rig = Rig()
    rig.offer()
    sent = len(rig.sent)
    rig.link.close()
    rig.clock.tick(5)
    rig.offer()
    rig.link.flush()
    rig.link.acked(1, "v")
    assert len(rig.sent) == sent
    assert rig.link.latest is None


def test_offers_and_answers_from_many_threads_lose_no_count():
    rig = Rig()
    together = threading.Barrier(4)

    def offering():
        together.wait()
        for _ in range(500):
            rig.link.offer(Picture(0, 10))

    def answering():
        together.wait()
        for _ in range(500):
            rig.clock.tick(0.001)
            rig.link.acked(rig.link.stats.sent, "v")

    threads = [threading.Thread(target=work) for work in (offering, offering, answering, answering)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stats = rig.link.stats
    assert stats.offered == 1000
    assert stats.sent == len(rig.sent) == len({seq for _, seq, *_ in rig.sent})
    assert stats.errors == 0


def test_hosts_have_names_and_unknown_ones_are_explained(monkeypatch):
    monkeypatch.setenv("STNB_HOST", "binder")
    assert host_budget() == ("hosted", BUDGETS["hosted"])
    monkeypatch.setenv("STNB_HOST", "mars")
    with pytest.raises(ValueError, match=r"STNB_HOST is 'mars'; known hosts are local"):
        host_budget()
    monkeypatch.delenv("STNB_HOST")
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    assert host_budget()[0] == "hosted"


class LinkMachine(RuleBasedStateMachine):
    """Any interleaving of offers, answers, silence and views keeps the promises."""

    @initialize(watched=st.booleans())
    def start(self, watched):
        self.rig = Rig(watched=watched)
        self.began = self.rig.clock.now
        self.flushes = 0

    @rule(nbytes=st.sampled_from([0, 1000, 800_000, 8_000_000]))
    def offer(self, nbytes):
        self.rig.offer(nbytes)

    @rule(seconds=st.sampled_from([0.001, 0.017, 0.3, 0.6, 3.5]))
    def wait(self, seconds):
        self.rig.clock.tick(seconds)

    @precondition(lambda self: self.rig.sent)
    @rule(back=st.integers(0, 5))
    def answer(self, back):
        self.rig.link.acked(self.rig.sent[-1 - min(back, len(self.rig.sent) - 1)][1], "v")

    @rule(seq=st.integers(-2, 500))
    def answer_something(self, seq):
        self.rig.link.acked(seq, "v")

    @rule(visible=st.booleans(), gone=st.booleans(), view=st.sampled_from(["v", "w"]))
    def look(self, visible, gone, view):
        self.rig.link.seen(view, visible=visible, gone=gone)

    @rule()
    def flush(self):
        self.flushes += 1
        self.rig.link.flush()
        if self.rig.number:
            assert self.rig.link.latest.number == self.rig.number

    @invariant()
    def frames_go_out_in_order_and_once(self):
        numbers = [picture.number for _, _, picture, _ in self.rig.sent]
        assert numbers == sorted(set(numbers))

    @invariant()
    def every_offer_is_accounted_for(self):
        stats = self.rig.link.stats
        assert stats.offered == self.rig.number
        assert 0 <= stats.offered - stats.sent - stats.superseded <= 1

    @invariant()
    def bytes_stay_within_the_budget(self):
        elapsed = self.rig.clock.now - self.began
        allowed = LOCAL.bytes_per_s * elapsed + (self.flushes + 1) * LOCAL.frame_bytes
        assert sum(size for *_, size in self.rig.sent) <= allowed

    @invariant()
    def keyframes_are_few(self):
        elapsed = self.rig.clock.now - self.began
        assert len(self.rig.keyframes) <= elapsed + 1 + min(3 + elapsed, self.flushes)

    @invariant()
    def nothing_failed(self):
        assert self.rig.link.stats.errors == 0


LinkMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
test_any_interleaving_keeps_the_promises = LinkMachine.TestCase
