"""The token engine: a proper distribution, exact laws, fixed capacity, one state however the bytes arrive."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stnb import ManifoldSession
from stnb._core.errors import CapacityError, CheckpointError, ConfigError, InputError
from stnb.manifold.tokens import TokenConfig, TokenEngine
from stnb.manifold.tokens.readout import escape_mixture

WORDS = b"the cat sat on the mat and the dog sat on the log; "

words = st.lists(
    st.sampled_from([b"the ", b"cat ", b"sat ", b"\x00\xff", b"on a mat. "]), min_size=1, max_size=40
)
streams = st.one_of(st.binary(min_size=1, max_size=300), words.map(b"".join))
configs = st.fixed_dictionaries(
    {
        "orders": st.sampled_from([(3, 2, 1, 0), (0,), (2,), (6, 1), (4, 3, 2, 1, 0)]),
        "max_carriers": st.sampled_from([64, 100, 2048]),
        "frequency_bits": st.sampled_from([8, 12, 27]),
        "gate_width": st.sampled_from([0.08, 0.35]),
        "volatile_decay": st.sampled_from([0.0, 0.005, 40.0, 5000.0]),
        "anchor_alpha": st.sampled_from([0.0, 0.02, 0.5]),
        "prune_below": st.sampled_from([0.0, 0.5, 1.0]),
    }
)


def same(left, right):
    return left.facts == right.facts and all(
        np.array_equal(left.arrays[name], right.arrays[name]) for name in left.arrays
    )


@settings(max_examples=60)
@given(data=streams, config=configs)
def test_a_proper_distribution(data, config):
    """256 terms rounded to 2⁻⁵³ each, at seven orders at most: far below 1e-12."""
    engine = TokenEngine(**config)
    assert np.array_equal(engine.predict_next(), np.full(256, 1 / 256))
    engine.observe(data)
    p = engine.predict_next()
    assert abs(p.sum() - 1) < 1e-12
    assert (p > 0).all()
    assert engine.predict_byte() == int(np.argmax(p))


@settings(max_examples=60)
@given(data=streams, config=configs)
def test_capacity_is_never_exceeded(data, config):
    engine = TokenEngine(**config)
    engine.observe(data * 3)
    carriers, census = engine.carriers, engine.census
    assert len(carriers["frequency"]) <= config["max_carriers"]
    assert len(carriers["frequency"]) == census["volatile"] + census["stable"] + census["crystallized"]
    assert (np.diff(carriers["frequency"]) > 0).all()
    held = carriers["anchor_weight"].sum(axis=1)
    assert (held <= carriers["mass"] * (1 + 1e-5)).all()
    assert (np.hypot(carriers["real"], carriers["imag"]) <= carriers["mass"] * (1 + 1e-5)).all()
    assert ((carriers["conflict"] >= 0) & (carriers["conflict"] <= 1)).all()


@settings(max_examples=60)
@given(data=streams, config=configs, cuts=st.lists(st.integers(0, 300), max_size=6))
def test_pieces_are_the_whole(data, config, cuts):
    whole, pieces = TokenEngine(**config), TokenEngine(**config)
    whole.observe(data)
    edges = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    for start, end in itertools.pairwise(edges):
        pieces.predict_next()
        pieces.observe(data[start:end])
    assert same(whole.snapshot(), pieces.snapshot())


def test_long_streams_are_read_in_blocks(monkeypatch):
    monkeypatch.setattr("stnb.manifold.tokens.engine.BLOCK", 7)
    blocks, whole = TokenEngine(), TokenEngine()
    blocks.observe(WORDS)
    monkeypatch.setattr("stnb.manifold.tokens.engine.BLOCK", 65_536)
    whole.observe(WORDS)
    assert same(whole.snapshot(), blocks.snapshot())


@settings(max_examples=40)
@given(data=streams, more=streams, config=configs)
def test_restore_is_exact(data, more, config):
    engine = TokenEngine(**config, seed=5)
    engine.observe(data)
    engine.particles(b"abc")
    saved = engine.snapshot()
    after = [engine.predict_next()]
    engine.observe(more)
    after += [engine.predict_next(), engine.inject_id(9).positions]
    twin = TokenEngine(TokenConfig.from_dict(saved.facts["config"]), seed=saved.facts["seed"])
    for other in (engine, twin):
        other.restore(saved)
        assert same(other.snapshot(), saved)
        again = [other.predict_next()]
        other.observe(more)
        again += [other.predict_next(), other.inject_id(9).positions]
        assert all(np.array_equal(a, b) for a, b in zip(after, again, strict=True))


class Eager:
    """The laws once more, by bytes instead of frequencies: all contexts fade at every byte, none is ever lost."""

    def __init__(self, config):
        self.config, self.history, self.contexts = config, b"", {}

    def present(self, order):
        return self.history[len(self.history) - order :] if order <= len(self.history) else None

    def predict(self):
        rows = []
        for order in sorted(self.config.orders):
            held = self.contexts.get(self.present(order))
            if held is not None:
                evidence = np.zeros(256)
                for byte, weight in held["anchors"].items():
                    evidence[byte] = weight
                rows.append((evidence, held["mass"] - sum(held["anchors"].values())))
        return escape_mixture([(e, max(lost, 0.0)) for e, lost in rows], self.config.discount)

    def read(self, byte):
        config = self.config
        for order in config.orders:
            context = self.present(order)
            if context is None:
                continue
            held = self.contexts.setdefault(context, {"mass": 0.0, "anchors": {}, "state": 0, "row": 0})
            keep = 1.0 if order == 0 else 1.0 - config.anchor_alpha
            known = byte in held["anchors"]
            held["mass"] = keep * held["mass"] + 1.0
            held["anchors"] = {b: keep * w for b, w in held["anchors"].items()}
            if known:
                held["anchors"][byte] += 1.0
            else:
                if order and len(held["anchors"]) == 8:
                    del held["anchors"][min(held["anchors"], key=held["anchors"].get)]
                held["anchors"][byte] = 1.0
            self.mature(held)
            if known:
                break
        rates = (config.volatile_decay * config.dt, config.stable_decay * config.dt, 0.0)
        for context, held in self.contexts.items():
            fade = 1.0 if context == b"" else math.exp(-rates[held["state"]])
            held["mass"] *= fade
            held["anchors"] = {b: fade * w for b, w in held["anchors"].items()}
        self.history += bytes([byte])

    def mature(self, held):
        presence = held["mass"] / (held["mass"] + 1.0)
        if held["state"] == 0 and presence >= self.config.stable_presence:
            held["state"], held["row"] = 1, 0
        if held["state"] == 1:
            held["row"] = held["row"] + 1 if presence >= self.config.crystallize_presence else 0
            if held["row"] >= self.config.crystallize_age:
                held["state"] = 2


@pytest.mark.parametrize("rates", [(0.005, 0.0005), (1.0, 0.25), (0.0, 0.0)])
@pytest.mark.parametrize("orders", [(3, 2, 1, 0), (2, 0), (4, 1)])
def test_the_laws_step_by_step(rates, orders):
    """Carriers keep float32: a few hundred sums of relative error 6e-8 stay below 1e-4 of a probability."""
    config = TokenConfig(orders=orders, volatile_decay=rates[0], stable_decay=rates[1])
    engine, eager = TokenEngine(config), Eager(config)
    rng = np.random.default_rng(2)
    data = WORDS * 4 + bytes(rng.integers(0, 12, 300, dtype=np.uint8)) + WORDS * 2
    for t, byte in enumerate(data):
        assert np.abs(engine.predict_next() / eager.predict() - 1).max() < 1e-4, t
        engine.observe(data[t : t + 1])
        eager.read(byte)
    states = sorted(held["state"] for context, held in eager.contexts.items() if context)
    census = engine.census
    others = [states.count(state) for state in (0, 1)]
    assert [census["volatile"], census["stable"]] == others


def test_a_failed_claim_changes_nothing():
    engine = TokenEngine(orders=(3,), max_carriers=64, prune_below=0.0)
    engine.observe(bytes(range(70)))
    before = engine.snapshot().arrays
    assert engine.census["failed"] == 67 - 64
    engine.observe(bytes(range(100, 150)))
    after = engine.snapshot().arrays
    assert engine.census["failed"] == 67 - 64 + 50
    for name in before:
        if name not in ("carriers.counts", "history"):
            assert np.array_equal(before[name], after[name]), name


def test_the_weakest_makes_room():
    """64 contexts, each later one fresher; the third is met again. The first two go first, then the fourth."""
    engine = TokenEngine(orders=(1,), max_carriers=64, volatile_decay=0.5)
    engine.observe(bytes(range(64)))
    engine.observe(bytes([2, 3]))
    assert engine.census["replaced"] == 0

    def knows(byte):
        probe = TokenEngine(orders=(1,), max_carriers=64, volatile_decay=0.5)
        probe.restore(engine.snapshot())
        probe._history = np.array([byte], np.uint8)
        return probe.predict_next().max() > 1 / 256

    assert all(knows(byte) for byte in range(64))
    engine.observe(bytes([200, 201, 202, 203]))
    assert engine.census["replaced"] == 3
    assert [byte for byte in range(64) if not knows(byte)] == [0, 1, 4]
    assert all(knows(byte) for byte in (200, 201, 202))


def test_only_frequent_contexts_crystallize():
    engine = TokenEngine(orders=(2,))
    engine.observe(b"ab" * 20 + b"xyz")
    carriers = engine.carriers
    assert sorted(carriers["state"].tolist()) == [0, 0, 2, 2]
    assert carriers["conflict"][carriers["state"] == 2].max() < 0.1
    ambiguous = TokenEngine(orders=(1,))
    ambiguous.observe(b"".join(b"a" + bytes([byte]) for byte in range(200)))
    assert ambiguous.carriers["conflict"].max() > 0.5


def test_what_is_remembered_can_be_read():
    """`qu` is driven at bytes 2, 6 and 10, fades by 0.1 a drive and 0.02·0.005 a byte, and is read at byte 12."""
    engine = TokenEngine(orders=(2,), anchor_alpha=0.1)
    engine.observe(b"qux.qux.quit")
    kept = engine.recall(b"qu")
    assert list(kept.successors) == [ord("x"), ord("i")]
    now = math.exp(-2 * 0.02 * 0.005)
    assert kept.successors[ord("i")] == pytest.approx(now, rel=1e-6)
    before = 0.9 * (0.9 * math.exp(-4e-4) + 1) * math.exp(-4e-4)
    assert kept.successors[ord("x")] == pytest.approx(before * now, rel=1e-6)
    mass = (before + 1) * now
    assert kept.presence == pytest.approx(mass / (mass + 1), rel=1e-6)
    assert str(kept).startswith("volatile, presence 0.7")
    assert engine.recall(b"zz") is None
    with pytest.raises(InputError, match="3 bytes is not kept"):
        engine.recall(b"qui")


def test_order_is_learned_not_just_the_spectrum():
    """The same bytes in another order predict something else."""
    forward, backward = TokenEngine(), TokenEngine()
    forward.observe(b"abc" * 30 + b"a")
    backward.observe(b"cba" * 30)
    assert chr(forward.predict_byte()) == "b"
    assert chr(backward.predict_byte()) == "c"


def test_scores_of_ids_are_probabilities():
    engine = TokenEngine(num_labels=2)
    engine.observe(WORDS)
    p = engine.predict_next()
    candidates = engine.tokenizer.candidates(engine.position)
    assert np.array_equal(engine.score_ids(candidates), p)
    everything = engine.score_ids(np.arange(engine.tokenizer.vocab_size))
    assert abs(everything.sum() - 1) < 1e-12
    assert everything[:5].tolist() == [0] * 5
    assert everything[-2:].tolist() == [0] * 2


def test_bursts_have_place_frequency_and_energy():
    engine = TokenEngine(seed=3, grid=(24, 32, 40), spacing=0.5)
    many = engine.particles(b"hello, world", particles=2000, energy_scale=2.0)
    assert many.count == 12 * 2000
    assert engine.population.count == many.count
    assert (many.positions >= 0.25).all()
    assert (many.positions <= np.array([22.5, 30.5, 38.5]) * 0.5).all()
    ids = engine.tokenizer.encode_bytes(b"hello, world")
    assert np.array_equal(many.ids, np.repeat(ids, 2000))
    assert np.array_equal(many.masses, np.full(many.count, 2.0))
    assert np.array_equal(many.energy, many.masses)
    assert not many.heat.any()
    base = (many.ids % 2048) / 2048 * 2.0
    spread = 5 / np.sqrt(many.count)
    assert abs((many.omega - base).std() / 0.01 - 1) < spread
    assert abs(many.velocities.std() / 0.05 - 1) < spread
    assert abs(np.exp(1j * many.phases).mean()) < spread
    assert many.phases.min() >= 0
    assert many.phases.max() < 2 * np.pi


def test_bursts_repeat_with_the_seed_and_enter_a_session():
    first, second, other = TokenEngine(seed=3), TokenEngine(seed=3), TokenEngine(seed=4)
    bursts = [engine.inject_id(3229) for engine in (first, second, other)]
    assert np.array_equal(bursts[0].positions, bursts[1].positions)
    assert not np.array_equal(bursts[0].positions, bursts[2].positions)
    assert not np.array_equal(first.inject_id(3229).positions, bursts[0].positions)
    session = ManifoldSession(0, 32)
    session.add(**first.population.arrivals())
    assert session.count == 16
    first.reset_particles()
    assert first.population.count == 0


def test_resets_are_separate():
    engine = TokenEngine()
    engine.observe(WORDS)
    engine.particles(b"ab")
    learned = engine.predict_next()
    engine.reset_particles()
    assert np.array_equal(engine.predict_next(), learned)
    engine.particles(b"ab")
    engine.reset_carriers()
    assert engine.population.count == 16
    assert engine.position == 0
    assert np.array_equal(engine.predict_next(), np.full(256, 1 / 256))


BAD = {
    "no bytes": (lambda e: e.observe(b""), InputError, "0 bytes"),
    "text": (lambda e: e.observe("abc"), InputError, "encode"),
    "numbers": (lambda e: e.observe(np.arange(4)), InputError, "int64"),
    "id too large": (lambda e: e.inject_id(4101), InputError, "4101 .* 0 to 4100"),
    "id below zero": (lambda e: e.inject_id(-1), InputError, "-1"),
    "score of no token": (lambda e: e.score_ids([5, 9999]), InputError, "9999"),
    "no particle": (lambda e: e.inject_id(5, particles=0), ConfigError, "particles_per_token"),
    "no energy": (lambda e: e.inject_id(5, energy_scale=-1.0), ConfigError, "energy_scale"),
    "no token": (lambda e: e.inject_id([]), InputError, "no token"),
    "too many particles": (lambda e: e.particles(b"abcdef"), CapacityError, "reset_particles"),
    "nothing to evaluate": (lambda e: e.evaluate(b""), InputError, "0 bytes"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_changes_nothing(case):
    call, kind, words = BAD[case]
    engine = TokenEngine(max_particles=40)
    engine.observe(WORDS)
    engine.inject_id(9)
    before = engine.snapshot()
    with pytest.raises(kind, match=words):
        call(engine)
    assert same(before, engine.snapshot())


DAMAGE = {
    "another config": lambda a, f: f["config"].update(discount=0.5),
    "another seed": lambda a, f: f.update(seed=1),
    "a column less": lambda a, f: a.pop("carriers.mass"),
    "another type": lambda a, f: a.update({"carriers.mass": a["carriers.mass"].astype(float)}),
    "another capacity": lambda a, f: a.update({"carriers.clock": a["carriers.clock"][1:]}),
    "too many in use": lambda a, f: a["carriers.counts"].__setitem__(0, 10**9),
    "an order out of range": lambda a, f: a["carriers.order"].__setitem__(0, 10**6),
    "an order that falls": lambda a, f: a["carriers.frequency"].__setitem__(a["carriers.order"][0], 1e12),
    "not a number": lambda a, f: a["carriers.mass"].__setitem__(0, np.nan),
    "a clock ahead": lambda a, f: a["carriers.clock"].__setitem__(0, 10**6),
    "less than nothing": lambda a, f: a["carriers.anchor_weight"].__setitem__((0, 0), -1.0),
    "no such state": lambda a, f: a["carriers.state"].__setitem__(0, 7),
    "a negative position": lambda a, f: f.update(position=-1),
    "a shorter history": lambda a, f: a.update(history=a["history"][1:]),
    "fewer phases": lambda a, f: a.update({"particles.phases": a["particles.phases"][1:]}),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_damaged_snapshots_are_refused(case):
    engine = TokenEngine()
    engine.observe(WORDS)
    engine.inject_id(9)
    before, broken = engine.snapshot(), engine.snapshot()
    DAMAGE[case](*broken)
    with pytest.raises(CheckpointError):
        engine.restore(broken)
    assert same(before, engine.snapshot())


@pytest.mark.parametrize(
    ("settings_", "words"),
    [
        ({"orders": ()}, "orders"),
        ({"orders": (2, 2)}, "orders"),
        ({"orders": (7,)}, "orders"),
        ({"max_carriers": 8}, "max_carriers"),
        ({"gate_width": 0.01}, "gate_width"),
        ({"crystallize_presence": 0.1}, "stable_presence"),
        ({"discound": 0.5}, "discount"),
    ],
)
def test_bad_settings_are_refused(settings_, words):
    with pytest.raises(ConfigError, match=words):
        TokenEngine(**settings_)


def test_it_says_what_it_is():
    engine = TokenEngine()
    engine.observe(b"ab")
    assert repr(engine) == (
        "TokenEngine(2 bytes read, 2 of 4096 carriers: 1 volatile, 0 stable, 1 crystallized; "
        "contexts of 3, 2, 1, 0 bytes)"
    )
    with pytest.raises(InputError, match="seed"):
        TokenEngine(seed=-1)
