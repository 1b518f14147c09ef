import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import CapacityError, InputError
from stnb._core.frames import Frame, FrameRing, ParticleFrame, freeze


def particles(step=0, n=3, **changes):
    fields = {
        "positions": np.zeros((n, 3)),
        "velocities": np.full((n, 3), 2.0),
        "heat": np.ones(n),
        "temperature": np.ones(n),
        "mass": np.ones(n),
    }
    return ParticleFrame(step, 0.1 * step, **{**fields, **changes})


def unchecked(**changes):
    """The frame as it is made where no test harness checks shapes first."""
    fields = {name: array.copy() for name, array in particles().arrays().items()}
    frame = object.__new__(ParticleFrame)
    inspect.unwrap(ParticleFrame.__init__)(frame, 0, 0.0, **{**fields, **changes})
    return frame


@pytest.mark.parametrize("n", [0, 1, 5])
def test_frame__arrays_are_read_only_copies(n):
    source = np.arange(3.0 * n).reshape(n, 3)
    frame = particles(n=n, positions=source)
    source += 1
    assert np.array_equal(frame.positions, np.arange(3.0 * n).reshape(n, 3))
    for array in frame.arrays().values():
        assert type(array) is np.ndarray
        with pytest.raises(ValueError, match=r"read-only|writeable"):
            array[...] = 0
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.view().setflags(write=True)
    assert frame.nbytes == 9 * 8 * n
    assert np.allclose(frame.speed, np.sqrt(12))
    assert frame.count == n


def test_freeze__copies_once():
    owned = np.ones(4)
    owned.flags.writeable = False
    assert freeze(owned) is owned
    view = np.ones(8)[::2]
    view.flags.writeable = False
    assert freeze(view).base is None
    assert freeze(np.ones((2, 4))[:, ::2]).flags.c_contiguous


@pytest.mark.parametrize("name", ["positions", "velocities", "heat", "temperature", "mass"])
def test_frame__wrong_shape_is_named(name):
    bad = np.zeros((3, 2)) if name in ("positions", "velocities") else np.zeros((4, 1))
    with pytest.raises(
        InputError, match=rf"{name} has shape \({bad.shape[0]}, {bad.shape[1]}\); 3 particles need"
    ):
        unchecked(**{name: bad})


def test_frame__objects_are_refused():
    with pytest.raises(InputError, match="numbers only"):
        unchecked(heat=np.array([None, None, None]))


@given(
    limit=st.integers(1, 60),
    sizes=st.lists(st.integers(0, 70), max_size=40),
    repeats=st.lists(st.booleans(), min_size=40, max_size=40),
)
def test_ring__bytes_stay_within_the_budget(limit, sizes, repeats):
    ring, kept, step = FrameRing(limit * 8), [], 0
    for size, again in zip(sizes, repeats, strict=False):
        if again and kept:
            kept.pop()
        else:
            step += 1
        kept.append((step, size * 8))
        while len(kept) > 1 and sum(b for _, b in kept) > limit * 8:
            kept.pop(0)
        ring.append(Blob(step, float(step), np.zeros(size)))
        assert [frame.step for frame in ring] == ring.steps == [s for s, _ in kept]
        assert ring.nbytes == sum(frame.nbytes for frame in ring)
        assert ring.nbytes <= limit * 8 or len(ring) == 1
        assert ring.last.step == step


@given(st.sets(st.integers(0, 50), min_size=1), st.integers(-10, 60))
def test_ring__nearest_matches_a_search(steps, wanted):
    ring = FrameRing()
    for step in sorted(steps):
        ring.append(Frame(step, 0.0))
    assert ring.nearest(wanted).step == min(sorted(steps), key=lambda step: abs(step - wanted))


def test_ring__refusals_teach():
    ring = FrameRing()
    with pytest.raises(InputError, match="no frame was captured"):
        ring.nearest(3)
    ring.append(Frame(5, 0.0))
    with pytest.raises(InputError, match="step 4 after step 5"):
        ring.append(Frame(4, 0.0))
    with pytest.raises(InputError, match="pass a Frame"):
        ring.append("picture")
    for bad in (0, -1, 1.5, True):
        with pytest.raises(CapacityError, match="max_bytes"):
            FrameRing(bad)
    ring.clear()
    assert (len(ring), ring.nbytes) == (0, 0)


def test_ring__default_is_256_mb():
    assert FrameRing().max_bytes == 256_000_000


class Blob(Frame):
    def __init__(self, step, time, data):
        object.__setattr__(self, "step", step)
        object.__setattr__(self, "time", time)
        object.__setattr__(self, "data", freeze(data))

    def arrays(self):
        return {"data": self.data}
