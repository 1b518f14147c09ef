"""Bytes in, a distribution of the next byte out: carriers as the memory of contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import CapacityError, InputError
from stnb.manifold.tokens.config import TokenConfig
from stnb.manifold.tokens.contexts import fan_frequencies, stream_frequencies
from stnb.manifold.tokens.incoming import as_bytes
from stnb.manifold.tokens.memory import STATES, Bank, copy_of, empty_bank, rules_of
from stnb.manifold.tokens.particles import TokenParticles, draw_bursts, no_particles
from stnb.manifold.tokens.recall import Recollection, recollect
from stnb.manifold.tokens.saved import Snapshot, require_match
from stnb.manifold.tokens.tokenizer import BYTES, UniversalTokenizer

if TYPE_CHECKING:
    from jaxtyping import Float64, UInt8

    from stnb.manifold.tokens.evaluation import Report

__all__ = ["TokenEngine"]

BLOCK = 65_536
"""Bytes whose contexts are worked out at a time."""


class TokenEngine:
    """Reads bytes one after the other and predicts the next.

    Every context of the last n bytes has a frequency of its own; the carrier whose gate admits it remembers what
    followed, in eight anchors (laws in `stnb.manifold.tokens.memory`), and `predict_next` mixes the contexts from
    short to long (formula in `stnb.manifold.tokens.readout`). A carrier is brought up to date when it is driven or
    read, exactly, because between drives its law is linear. Reading in pieces or at once gives the same state, bit
    for bit; only particles are random.

    >>> engine = TokenEngine()
    >>> engine.observe(b"abracadabra abracadab")
    >>> chr(engine.predict_byte())
    'r'
    """

    def __init__(self, config: TokenConfig | None = None, *, seed: int = 0, **overrides: Any) -> None:
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**64:
            raise InputError(f"seed = {seed!r}; give a whole number from 0 to 2**64 - 1.")
        self.config = (config or TokenConfig()).replace(**overrides)
        self.seed = int(seed)
        self.tokenizer = UniversalTokenizer(self.config.tokenizer)
        self._rules = rules_of(self.config)
        self._lengths = tuple(n for n in self.config.orders if n > 0)
        self._fan = fan_frequencies(self.config.frequency_bits) if 0 in self.config.orders else np.zeros(0)
        self.reset_carriers()
        self._bursts = 0
        self.reset_particles()

    def reset_carriers(self) -> None:
        """Forget every context and begin a new stream at position 0; particles stay."""
        self._bank = empty_bank(self.config.max_carriers)
        self._history = np.zeros(0, np.uint8)
        self._position = 0

    def reset_particles(self) -> None:
        """Let the particles go; carriers stay, since their anchors hold bytes and point at no particle."""
        self._population = no_particles()

    @property
    def position(self) -> int:
        """Bytes read so far: the position of the next one."""
        return self._position

    @property
    def population(self) -> TokenParticles:
        """Particles injected since the last reset."""
        return self._population

    @property
    def carriers(self) -> dict[str, np.ndarray]:
        """Columns of the carriers in use, copied, from the lowest frequency to the highest."""
        chosen = self._bank.order[: self._bank.counts[0]]
        columns = self._bank._asdict()
        return {name: columns[name][chosen] for name in Bank._fields if name not in ("order", "counts")}

    @property
    def census(self) -> dict[str, int]:
        """Carriers by state, how many were replaced, and claims that failed."""
        used, replaced, failed = self._bank.counts.tolist()
        by_state = np.bincount(self._bank.state[:used], minlength=len(STATES)).tolist()
        return dict(zip(STATES, by_state, strict=True)) | {"replaced": replaced, "failed": failed}

    @property
    def memory_bytes(self) -> int:
        """Size of the bank: every array that the memory keeps."""
        return sum(array.nbytes for array in self._bank)

    def observe(self, data: Any) -> None:
        """Learn from bytes, in their order.

        Raises:
            InputError: for nothing at all and for what is not bytes; nothing is changed then.
        """
        from stnb.manifold.tokens.cpu import absorb

        stream = as_bytes(data)
        for start in range(0, len(stream), BLOCK):
            block = stream[start : start + BLOCK].copy()
            omega, empty = self._frequencies(block), len(self._lengths)
            absorb(self._bank, self._rules, block, omega, empty, self._position)
            tail = np.concatenate([self._history, block])
            self._history = tail[max(0, len(tail) - max(self._lengths, default=0)) :].copy()
            self._position += len(block)

    def predict_next(self) -> Float64[np.ndarray, " 256"]:
        """Probability of each of the 256 bytes as the next one; all are positive and they sum to 1."""
        from stnb.manifold.tokens.cpu import read_out

        out, evidence = np.empty(BYTES), np.empty(BYTES)
        contexts = self._contexts()
        read_out(self._bank, self._rules, self._fan, contexts, self._position, evidence, out)
        return out

    def predict_byte(self) -> int:
        """The likeliest next byte; of equals the smallest."""
        return int(np.argmax(self.predict_next()))

    def recall(self, context: Any) -> Recollection | None:
        """What is remembered of the bytes that followed a context; None when no gate admits it."""
        before = as_bytes(context)
        if len(before) not in self._lengths:
            raise InputError(
                f"a context of {len(before)} bytes is not kept; this engine keeps those of "
                f"{', '.join(map(str, self._lengths)) or 'no'} bytes. Pass another, or change orders."
            )
        omega = stream_frequencies(np.zeros(1, np.uint8), before, (len(before),), self.config.frequency_bits)
        return recollect(self._bank, self._rules, float(omega[0, 0]), self._position)

    def score_ids(self, ids: Any) -> Float64[np.ndarray, " n"]:
        """Probability that the next token has each of these ids; 0 for those that no byte has at this position."""
        byte = self.tokenizer.bytes_at(ids, self._position)
        return np.where(byte >= 0, self.predict_next()[byte], 0.0)

    def inject_id(
        self,
        id: int,  # noqa: A002
        particles: int | None = None,
        energy_scale: float | None = None,
    ) -> TokenParticles:
        """Draw the burst of a token and keep it; the burst is returned."""
        return self._inject(self.tokenizer.require_ids(id), particles, energy_scale)

    def particles(
        self, data: Any, particles: int | None = None, energy_scale: float | None = None
    ) -> TokenParticles:
        """Draw the bursts of bytes that begin at the present position and keep them; they are returned."""
        ids = self.tokenizer.encode_bytes(data, position_offset=self._position)
        return self._inject(ids, particles, energy_scale)

    def evaluate(self, data: Any) -> Report:
        """Predict, then read, byte by byte, on a fresh engine of this config, with baselines beside it.

        This engine stays as it is.
        """
        from stnb.manifold.tokens.evaluation import compare

        return compare(as_bytes(data), TokenEngine(self.config, seed=self.seed))

    def snapshot(self) -> Snapshot:
        """Everything, copied."""
        population = {f"particles.{k}": v.copy() for k, v in vars(self._population).items()}
        bank = {f"carriers.{k}": v.copy() for k, v in self._bank._asdict().items()}
        facts = {
            "config": self.config.to_dict(),
            "seed": self.seed,
            "position": self._position,
            "bursts": self._bursts,
        }
        return Snapshot({**bank, **population, "history": self._history.copy()}, facts)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of an engine with the same config and seed.

        Raises:
            CheckpointError: when it belongs to another engine or is incomplete; nothing is changed then.
        """
        require_match(snapshot, self.snapshot())
        arrays, facts = snapshot
        self._bank = copy_of({name: arrays[f"carriers.{name}"] for name in Bank._fields})
        self._history = arrays["history"].copy()
        self._population = TokenParticles(
            **{name: arrays[f"particles.{name}"].copy() for name in vars(self._population)}
        )
        self._position, self._bursts = facts["position"], facts["bursts"]

    def _inject(self, ids: Any, particles: int | None, energy_scale: float | None) -> TokenParticles:
        wanted = {"particles_per_token": particles, "energy_scale": energy_scale}
        config = self.config.replace(**{k: v for k, v in wanted.items() if v is not None})
        if not len(ids):
            raise InputError("got no token; give at least one id. Nothing was changed.")
        each = config.particles_per_token
        after = self._population.count + len(ids) * each
        if after > config.max_particles:
            raise CapacityError(
                f"{len(ids) * each} particles more make {after}, above max_particles = {config.max_particles}; "
                "call reset_particles() first, or raise max_particles. Nothing was changed."
            )
        drawn = draw_bursts(
            ids, config, each=each, energy=config.energy_scale, seed=self.seed, batch=self._bursts
        )
        self._bursts += 1
        self._population = self._population.joined(drawn)
        return drawn

    def _frequencies(self, block: UInt8[np.ndarray, " n"]) -> Float64[np.ndarray, "n o"]:
        """ω of the contexts of each byte, the longest first; the last column is the fan's."""
        bits = self.config.frequency_bits
        omega = stream_frequencies(block, self._history, self._lengths, bits)
        if not len(self._fan):
            return omega
        return np.column_stack([omega, self._fan[block // (BYTES // len(self._fan))]])

    def _contexts(self) -> Float64[np.ndarray, " o"]:
        """ω of the present contexts, the shortest first."""
        ahead = np.zeros(1, np.uint8)
        omega = stream_frequencies(ahead, self._history, self._lengths, self.config.frequency_bits)
        return np.ascontiguousarray(omega[0, ::-1])

    def __repr__(self) -> str:
        census, used = self.census, int(self._bank.counts[0])
        states = ", ".join(f"{census[name]} {name}" for name in STATES)
        orders = ", ".join(map(str, self.config.orders))
        return (
            f"TokenEngine({self._position} bytes read, {used} of {self.config.max_carriers} carriers: {states}; "
            f"contexts of {orders} bytes)"
        )
