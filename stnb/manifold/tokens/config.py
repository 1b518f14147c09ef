"""Settings of the token engine, with units and ranges."""

from __future__ import annotations

from dataclasses import dataclass

from stnb._core.config import Config, quantity
from stnb._core.errors import ConfigError
from stnb.manifold.tokens.contexts import FAN, GATE_MIN, LONGEST
from stnb.manifold.tokens.tokenizer import TokenizerConfig

__all__ = ["TokenConfig"]


@dataclass(frozen=True)
class TokenConfig(Config):
    """Everything that decides a token engine, beside its seed."""

    hash_vocab_size: int = quantity(4096, low=1, high=2**24, help="hashed ids, V")
    hash_prime: int = quantity(31, low=1, high=2**31, help="multiplier of the byte")
    num_labels: int = quantity(0, low=0, high=2**24, help="ids after the hashed ones, for classes")
    omega_range: float = quantity(2.0, unit="rad/s", low=0.0, open_low=True, help="tokens' highest frequency")
    omega_mod: int = quantity(2048, low=1, help="distinct frequencies of tokens")

    grid: tuple[int, int, int] = quantity((32, 32, 32), low=4, help="nodes along each axis")
    spacing: float = quantity(1.0, unit="m", low=0.0, open_low=True, help="distance between nodes")
    particles_per_token: int = quantity(8, low=1, high=4096, help="size of a burst")
    injection_spread: float = quantity(0.6, unit="nodes", low=0.0, help="standard deviation about the centre")
    energy_scale: float = quantity(1.0, unit="J", low=0.0, open_low=True, help="energy, and mass in kg")
    max_particles: int = quantity(65_536, low=1, high=2**26, help="most particles that are kept")

    dt: float = quantity(0.02, unit="s", low=0.0, open_low=True, help="time that a byte takes")
    orders: tuple[int, ...] = quantity((3, 2, 1, 0), low=0, high=LONGEST, help="lengths of the contexts")
    max_carriers: int = quantity(4096, low=2 * FAN, high=2**22, help="carriers that there are")
    frequency_bits: int = quantity(27, low=8, high=40, help="2^bits places for contexts, 0.24 rad/s apart")
    gate_width: float = quantity(GATE_MIN, unit="rad/s", low=GATE_MIN, high=1.25, help="1/e half width σ")
    admission: float = quantity(0.1, low=0.0, high=1.0, open_low=True, help="least tuning that a gate admits")
    discount: float = quantity(
        0.75, low=0.0, high=1.0, open_low=True, open_high=True, help="evidence D that each anchor cedes"
    )
    anchor_alpha: float = quantity(0.02, low=0.0, high=1.0, open_high=True, help="forgetting per drive")
    ema_alpha: float = quantity(0.1, low=0.0, high=1.0, help="smoothing of the conflict per drive")
    volatile_decay: float = quantity(0.005, unit="1/s", low=0.0, help="decay rate of volatile carriers")
    stable_decay: float = quantity(0.0005, unit="1/s", low=0.0, help="decay rate of stable carriers")
    stable_presence: float = quantity(0.75, low=0.0, high=1.0, help="presence at which a carrier is stable")
    crystallize_presence: float = quantity(0.9, low=0.0, high=1.0, help="presence that crystallizes …")
    crystallize_age: int = quantity(4, low=1, help="… when it holds for so many drives in a row")
    prune_below: float = quantity(1.0, low=0.0, help="mass under which a carrier may be replaced")

    def __post_init__(self) -> None:
        if isinstance(self.grid, int) and not isinstance(self.grid, bool):
            object.__setattr__(self, "grid", (self.grid,) * 3)
        super().__post_init__()
        object.__setattr__(self, "orders", tuple(sorted(self.orders, reverse=True)))

    def check(self) -> None:
        """Rules that join several fields."""
        if not self.orders or len(set(self.orders)) != len(self.orders):
            raise ConfigError(
                f"orders = {self.orders} must name each length once, at least one; try (3, 2, 1, 0)"
            )
        if self.crystallize_presence < self.stable_presence:
            raise ConfigError(
                f"crystallize_presence = {self.crystallize_presence} lies below stable_presence = "
                f"{self.stable_presence}; a carrier crystallizes from the stable state, so raise it"
            )

    @property
    def tokenizer(self) -> TokenizerConfig:
        """The part that the tokenizer needs."""
        return TokenizerConfig(self.hash_vocab_size, self.hash_prime, self.num_labels)
