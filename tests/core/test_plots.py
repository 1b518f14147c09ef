import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InputError
from stnb._core.history import History
from stnb._core.show import mimebundle
from stnb.plots import plot_history, thin


@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(4, 40))
def test_thin__keeps_ends_and_extremes_within_its_budget(seed, count, points):
    array = np.random.default_rng(seed).normal(size=count)
    kept = thin(array, points)
    assert len(kept) <= points
    assert (np.diff(kept) > 0).all()
    assert {0, count - 1} <= set(kept.tolist())
    assert array[kept].max() == array.max()
    assert array[kept].min() == array.min()


def test_plot_history__a_full_history_stays_small():
    names = [f"store {i}" for i in range(8)]
    steps = np.arange(65536)
    columns = {name: np.sin(steps * (i + 1) / 7e3) for i, name in enumerate(names)}
    history = History.from_dict({"step": steps, "time": steps * 0.01, **columns})
    data, _ = mimebundle(plot_history(history, title="stores"), "Eight sine waves over time")
    assert len(str(data)) < 150_000
    assert "image/svg+xml" in data


def test_plot_history__refusals_teach():
    history = History(["kinetic"])
    with pytest.raises(InputError, match="empty"):
        plot_history(history)
    history.append(0, 0.0, {"kinetic": 1.0})
    with pytest.raises(InputError, match="did you mean 'kinetic'"):
        plot_history(history, "kinetik")
    assert plot_history(history).data[0].y.tolist() == [1.0]
