import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import CapacityError, InputError
from stnb._core.history import History

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.integers(1, 7), st.lists(st.tuples(st.integers(1, 5), finite, finite), max_size=25), st.integers(0, 9)
)
def test_history__ring_matches_a_list(capacity, rows, n):
    history, model, step = History(["a", "b"], capacity), [], -1
    for gap, a, b in rows:
        step += gap
        history.append(step, 0.5 * step, {"b": b, "a": a})
        model.append((step, 0.5 * step, a, b))
    kept = model[-capacity:]
    assert len(history) == len(kept)
    assert history.steps.tolist() == [row[0] for row in kept]
    assert history.times.tolist() == [row[1] for row in kept]
    assert history["a"].tolist() == [row[2] for row in kept]
    assert history["b"].tolist() == [row[3] for row in kept]
    assert history.tail(n)["a"].tolist() == ([row[2] for row in kept[-n:]] if n else [])
    assert list(history.to_dict()) == ["step", "time", "a", "b"]
    if kept:
        assert history.last == dict(zip(("step", "time", "a", "b"), kept[-1], strict=True))
    again = History.from_dict(history.to_dict(), capacity)
    assert all(np.array_equal(x, again.to_dict()[name]) for name, x in history.to_dict().items())
    again.append(step + 1, 0.0, {"a": 0, "b": 1})
    assert again.last["b"] == 1.0
    assert len(again) == min(len(kept) + 1, capacity)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("at", ["time", "a", "b"])
def test_history__refuses_what_is_not_finite_and_keeps_nothing(bad, at):
    history = History(["a", "b"])
    row = {"time": 0.0, "a": 1.0, "b": 2.0, at: bad}
    with pytest.raises(InputError, match=f"^{at} = .* at step 3 is not finite"):
        history.append(3, row.pop("time"), row)
    assert len(history) == 0


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda h: h["kinetc"], "did you mean 'kinetic'"),
        (lambda h: h.append(9, 0, {"kinetc": 1, "heat": 1}), "did you mean 'kinetic'"),
        (lambda h: h.append(9, 0, {"kinetic": 1}), "lacks heat"),
        (lambda h: h.append(2, 0, {"kinetic": 1, "heat": 1}), "step 2 after step 2"),
        (lambda h: h.tail(-1), "n = -1"),
        (lambda h: h.tail(1.5), "n = 1.5"),
        (lambda _: History(["a", "a"]), "different names"),
        (lambda _: History(["step"]), "'step' and 'time'"),
        (lambda _: History("ab"), "different names"),
        (lambda _: History(["a"]).last, "the history is empty"),
        (lambda _: History.from_dict({"step": [2, 1], "time": [0, 0], "a": [0, 0]}), "rising steps"),
        (lambda _: History.from_dict({"step": [1], "time": [0], "a": [np.nan]}), "finite values"),
    ],
)
def test_history__refusals_teach(act, message):
    history = History(["kinetic", "heat"])
    history.append(2, 0.0, {"kinetic": 1, "heat": 1})
    with pytest.raises(InputError) as caught:
        act(history)
    assert message in str(caught.value)
    assert len(history) == 1


@pytest.mark.parametrize("capacity", [0, -3, 2.0, True])
def test_history__capacity_is_positive(capacity):
    with pytest.raises(CapacityError, match="capacity"):
        History(["a"], capacity)


def test_history__reading_copies():
    history = History(["a"], 2)
    history.append(1, 0.0, {"a": 1.0})
    read = history["a"]
    history.append(2, 0.0, {"a": 2.0})
    history.append(3, 0.0, {"a": 3.0})
    assert read.tolist() == [1.0]
    assert history["step"].tolist() == [2.0, 3.0]
    assert "a" in history
    assert list(history) == ["a"]
    history.clear()
    assert len(history) == 0


def test_since_gives_the_rows_of_later_steps():
    history = History(["a"], capacity=4)
    assert len(history.since(-1)["step"]) == 0
    for step in (2, 3, 7, 20, 21, 22):
        history.append(step, step / 10, {"a": float(step)})
    assert history.since(20)["step"].tolist() == [21, 22]
    assert history.since(7)["a"].tolist() == [20.0, 21.0, 22.0]
    assert history.since(8)["time"].tolist() == [2.0, 2.1, 2.2]
    assert history.since(-1)["step"].tolist() == [7, 20, 21, 22]
    assert history.since(22)["step"].tolist() == []
    assert history.since(99)["step"].tolist() == []
