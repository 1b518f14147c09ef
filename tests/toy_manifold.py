"""A manifold engine that costs nothing: particles that shrink towards a corner, with every door of the real one."""

import types

import numpy as np
from stnb_kernels import fill_random

from stnb._core.errors import CapacityError
from stnb._core.frames import ParticleFrame


class ToyEngine:
    COLUMNS = ("kinetic", "thermal", "count")

    def __init__(self, config, seed=0, device="cpu"):
        self.config, self.seed, self.device = config, seed, "cpu"
        self.asked_device = device
        self.step_index, self.time, self.batches = 0, 0.0, 0
        self.ledger = types.SimpleNamespace(drift=3e-9, residual=2e-9, table=lambda: "the ledger")
        self.x = np.empty((0, 3))
        self.injected = []
        self.inject(config.pattern, config.particles)
        self.injected.clear()

    count = property(lambda self: len(self.x))

    def advance(self):
        noise = np.empty(1)
        fill_random(noise, seed=self.seed, step=self.step_index, backend="reference")
        self.step_index += 1
        self.time += self.config.dt
        self.x = self.x * (1 - 0.01 * noise)

    def measure(self):
        return {"kinetic": float((self.x**2).sum()), "thermal": 2.0, "count": self.count}

    def snapshot(self):
        line = self.x[:, 0]
        return ParticleFrame(self.step_index, self.time, self.x, 2 * self.x, line + 7, line, line + 1)

    def configure(self, config):
        self.config = config

    def inject(self, pattern, count):
        if self.count + count > self.config.room:
            raise CapacityError(f"{count} more do not fit beside {self.count}")
        drawn = np.random.default_rng([self.seed, self.batches]).random((count, 3))
        self.x = np.concatenate([self.x, drawn])
        self.batches += 1
        self.injected.append((self.step_index, pattern, count))

    def state(self):
        return {"x": self.x}

    def meta(self):
        return {"seed": self.seed, "step": self.step_index, "time": self.time, "batches": self.batches}

    @classmethod
    def restore(cls, config, arrays, meta, *, device="cpu"):
        engine = cls(config, seed=meta["seed"], device=device)
        engine.x, engine.batches = arrays["x"], meta["batches"]
        engine.step_index, engine.time = meta["step"], meta["time"]
        return engine
