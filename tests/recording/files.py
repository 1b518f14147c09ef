"""Frames and recordings to play with."""

import numpy as np

from stnb._core.frames import ParticleFrame
from stnb._core.history import History
from stnb.recording import Recorder, load

NAMES = ("positions", "velocities", "heat", "temperature", "mass")


def frame(step, n=4, scale=1.0):
    rng = np.random.default_rng(step)
    arrays = [rng.normal(size=shape) * scale for shape in ((n, 3), (n, 3), n, n, n)]
    return ParticleFrame(step, step * 0.1, *arrays)


def recorder(path, every=1, rows=3):
    history = History(["kinetic", "count"])
    for step in range(rows):
        history.append(step, step * 0.1, {"kinetic": step / 3, "count": 4})
    return Recorder(path, kind="walk", seed=5, config={"dt": 0.1}, history=history, every=every)


def recorded(path, *frames, every=1):
    with recorder(path, every) as made:
        for each in frames:
            made.write(each)
    return path


def same(one, two):
    assert (one.step, one.time) == (two.step, two.time)
    for name in NAMES:
        a, b = getattr(one, name), getattr(two, name)
        assert a.dtype == np.float32
        assert a.tobytes() == b.astype("<f4").tobytes()


def read_all(path):
    with load(path) as back:
        return [(f.step, f.time, *(a.tobytes() for a in f.arrays().values())) for f in back.frames], {
            name: column.tobytes() for name, column in back.history.to_dict().items()
        }
