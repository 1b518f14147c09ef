"""A tiny engine: particles that random-walk, with everything that a session may ask for."""

import dataclasses
import threading

import numpy as np
import pytest

from stnb._core.config import Config, quantity
from stnb._core.frames import ParticleFrame
from stnb.session.base import Session


@dataclasses.dataclass(frozen=True)
class WalkConfig(Config):
    particles: int = quantity(5, low=0, high=1000)
    dt: float = quantity(0.1, unit="s", low=0, open_low=True, high=1, live=True)


class Walk:
    COLUMNS = ("kinetic", "count")

    def __init__(self, config, seed=0):
        self.config = config
        self.step_index = 0
        self.time = 0.0
        self.snapshots = 0
        self.rng = np.random.default_rng(seed)
        self.x = self.rng.normal(size=(config.particles, 3))
        self.wave = np.exp(1j * self.rng.normal(size=3))
        self.fail_at = None
        self.gate = None
        self.reached = threading.Event()

    def advance(self):
        if self.gate is not None:
            self.reached.set()
            assert self.gate.wait(20)
        if self.step_index + 1 == self.fail_at:
            self.fail_at = None
            raise ZeroDivisionError("the walk tripped")
        self.x = self.x + self.config.dt * self.rng.normal(size=self.x.shape)
        self.wave = self.wave * np.exp(1j * self.config.dt)
        self.step_index += 1
        self.time += self.config.dt

    def measure(self):
        return {"kinetic": float((self.x**2).sum()), "count": len(self.x)}

    def snapshot(self):
        self.snapshots += 1
        ones = np.ones(len(self.x))
        return ParticleFrame(self.step_index, self.time, self.x, self.x, ones, ones, ones)

    def configure(self, config):
        if config.dt == 0.666:
            self.config = config
            raise RuntimeError("the device said no")
        self.config = config

    def state(self):
        return {"x": self.x, "wave": self.wave}

    def meta(self):
        return {"step": self.step_index, "time": self.time, "rng": self.rng.bit_generator.state}

    @classmethod
    def restore(cls, config, arrays, meta):
        engine = cls(config)
        engine.x, engine.wave = arrays["x"], arrays["wave"]
        engine.step_index, engine.time = meta["step"], meta["time"]
        engine.rng.bit_generator.state = meta["rng"]
        return engine


class WalkSession(Session):
    kind = "walk"

    def __init__(self, seed=0, clock=None, **overrides):
        options = {} if clock is None else {"clock": clock}
        super().__init__(Walk(WalkConfig.build(**overrides), seed), seed=seed, **options)

    @classmethod
    def _rebuild(cls, config, arrays, meta):
        return Walk.restore(WalkConfig.from_dict(config), arrays, meta)


@pytest.fixture
def make_session():
    """`make_session(seed=…, **config)`; whatever still plays at the end is stopped."""
    made = []

    def make(*args, **kwargs):
        made.append(WalkSession(*args, **kwargs))
        return made[-1]

    make.kind = WalkSession
    yield make
    for session in made:
        if session.engine.gate is not None:
            session.engine.gate.set()
        session._stop()
