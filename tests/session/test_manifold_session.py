import dataclasses
import os
import subprocess
import sys
import types

import numpy as np
import pytest

from stnb._core.config import Config, quantity
from stnb._core.errors import BackendError, CheckpointError, ConfigError
from stnb._core.frames import ParticleFrame
from stnb.session import manifold
from stnb.session.manifold import ManifoldSession, choose_device


@dataclasses.dataclass(frozen=True)
class ManifoldConfig(Config):
    particles: int = quantity(64, low=0)
    grid: int = quantity(8, low=2)
    gravity: float = quantity(0.0, low=0, live=True)


class Ledger:
    drift = 3e-9

    def table(self):
        return "a table"


class ManifoldEngine:
    COLUMNS = ("kinetic", "thermal", "count")

    def __init__(self, config, seed=0, device="cpu"):
        if device != "cpu":
            raise BackendError("deposit has no GPU version")
        self.config, self.device, self.ledger = config, device, Ledger()
        self.step_index, self.time = 0, 0.0
        self.x = np.random.default_rng(seed).random((config.particles, 3))

    count = property(lambda self: len(self.x))

    def advance(self):
        self.step_index += 1
        self.time += 0.01
        self.x = self.x * 0.99

    def measure(self):
        return {"kinetic": 1.0, "thermal": 2.0, "count": self.count}

    def snapshot(self):
        line = self.x[:, 0]
        return ParticleFrame(self.step_index, self.time, self.x, 2 * self.x, line + 7, line, line)

    def configure(self, config):
        self.config = config

    def inject(self, pattern, count, *, centre=None, spread=None, energy=1.0):
        self.injected = (pattern, count, centre, spread, energy)
        self.x = np.concatenate([self.x, np.zeros((count, 3))])

    def state(self):
        return {"x": self.x}

    def meta(self):
        return {"step": self.step_index, "time": self.time}

    @classmethod
    def restore(cls, config, arrays, meta, *, device="cpu"):
        engine = cls(config, device=device)
        engine.x, engine.step_index, engine.time = arrays["x"], meta["step"], meta["time"]
        return engine


@pytest.fixture(autouse=True)
def _fake_manifold(request, monkeypatch):
    if "real" in request.node.name:
        return
    fake = types.ModuleType("stnb.manifold")
    fake.ManifoldConfig, fake.ManifoldEngine = ManifoldConfig, ManifoldEngine
    monkeypatch.setitem(sys.modules, "stnb.manifold", fake)


def test_manifold__sizes_come_from_arguments_then_config_then_custom():
    assert ManifoldSession(device="cpu").config == ManifoldConfig.build(particles=1000, grid=32)
    assert ManifoldSession(7, 4, device="cpu", gravity=2).config == ManifoldConfig.build(
        particles=7, grid=4, gravity=2
    )
    config = ManifoldConfig.build(particles=9, grid=6)
    assert ManifoldSession(device="cpu", config=config).config == config
    assert ManifoldSession(5, device="cpu", config=config).config == config.replace(particles=5)


def test_manifold__auto_falls_back_to_the_cpu_and_cuda_does_not(monkeypatch):
    monkeypatch.setattr(manifold, "choose_device", lambda _: "cuda")
    assert ManifoldSession(5).device == "cpu"
    with pytest.raises(BackendError, match="no GPU version"):
        ManifoldSession(5, device="cuda")


def test_manifold__arrays_are_of_the_present_and_read_only():
    session = ManifoldSession(5, device="cpu")
    first = session.positions
    session.step()
    assert np.array_equal(session.positions, first * 0.99)
    assert np.array_equal(session.velocities, session.positions * 2)
    assert np.array_equal(session.heat, session.positions[:, 0] + 7)
    assert not session.positions.flags.writeable
    assert session.count == 5


def test_manifold__injection_is_seen_at_once():
    session, seen = ManifoldSession(5, device="cpu"), []
    session.subscribe(lambda frame: seen.append((frame.step, frame.count)), every=10**6)
    before = session.positions
    session.inject("line", 3, centre=(1, 2, 3), spread=0.5, energy=2)
    assert session.engine.injected == ("line", 3, (1, 2, 3), 0.5, 2)
    assert seen == [(0, 8)]
    assert session.count == len(session.positions) == 8
    assert np.array_equal(session.positions[:5], before)


def test_manifold__progress_shows_the_drift():
    assert ManifoldSession(5, device="cpu")._progress_note() == {"drift": "3.0e-09"}


def test_manifold__energy_plot_has_the_stores_only():
    session = ManifoldSession(5, device="cpu")
    session.step(2)
    assert [trace.name for trace in session.plot_energy().data] == ["kinetic", "thermal"]


def test_manifold__save_and_load(tmp_path):
    session = ManifoldSession(5, device="cpu", seed=3)
    session.step(4)
    session.save(tmp_path / "m")
    again = ManifoldSession.load(tmp_path / "m")
    assert (again.seed, again.step_index, again.device) == (3, 4, "cpu")
    again.step()
    session.step()
    assert again.positions.tobytes() == session.positions.tobytes()


def test_manifold__a_file_of_another_kind_is_refused(tmp_path, make_session):
    make_session().save(tmp_path / "w")
    with pytest.raises(CheckpointError, match="holds a 'walk' session, not a 'manifold' one"):
        ManifoldSession.load(tmp_path / "w")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"particle": 5}, "did you mean 'particles'"),
        ({"particles": -5}, "ManifoldConfig.particles = -5 is outside"),
        ({"seed": -1}, "seed = -1"),
        ({"seed": 1.5}, "seed = 1.5"),
        ({"seed": True}, "seed = True"),
        ({"device": "gpu"}, "device = 'gpu' is unknown"),
        ({"device": "cud"}, "did you mean 'cuda'"),
    ],
)
def test_manifold__refusals_teach(options, message):
    with pytest.raises(ConfigError, match=message):
        ManifoldSession(**options)


@pytest.mark.parametrize(
    ("asked", "driver", "cuda", "chosen"),
    [
        ("cpu", True, True, "cpu"),
        ("auto", False, True, "cpu"),
        ("auto", True, False, "cpu"),
        ("auto", True, True, "cuda"),
        ("cuda", False, True, "cuda"),
        ("cuda", True, False, None),
    ],
)
def test_device__is_what_the_machine_has(monkeypatch, tmp_path, asked, driver, cuda, chosen):
    torch = types.SimpleNamespace(cuda=types.SimpleNamespace(is_available=lambda: cuda), __version__="2")
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setattr(manifold, "DRIVERS", (str(tmp_path if driver else tmp_path / "none"),))
    if chosen is None:
        with pytest.raises(BackendError, match="finds no CUDA device; use device='cpu'"):
            choose_device(asked)
    else:
        assert choose_device(asked) == chosen


def test_real_manifold__a_resumed_run_is_bit_identical(tmp_path, monkeypatch):
    monkeypatch.setenv("STNB_BACKEND", "cpu")
    straight, stopped = (ManifoldSession(60, 8, device="cpu", seed=4) for _ in range(2))
    stopped.step(3)
    stopped.inject("line", 5)
    stopped.save(tmp_path / "m")
    resumed = ManifoldSession.load(tmp_path / "m")
    straight.step(3)
    straight.inject("line", 5)
    for session in (straight, resumed):
        session.step(4)
    assert resumed.snapshot().arrays().keys() == straight.snapshot().arrays().keys()
    for name, array in straight.snapshot().arrays().items():
        assert array.tobytes() == resumed.snapshot().arrays()[name].tobytes()
    assert resumed.ledger.drift == straight.ledger.drift
    assert resumed.history.to_dict()["total"].tobytes() == straight.history.to_dict()["total"].tobytes()


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_real_manifold__ten_steps_on_the_cpu_never_import_torch(device):
    code = (
        "import sys, stnb.session.manifold as m; m.DRIVERS = ()\n"
        f"s = m.ManifoldSession(50, 8, device={device!r}); s.step(10); s.positions\n"
        "assert s.step_index == 10\n"
        "sys.exit('torch' in sys.modules)"
    )
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "0"}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=250, env=environment)
