import dataclasses
import json
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.config import Config, quantity
from stnb._core.errors import ConfigError, StnbError


@dataclasses.dataclass(frozen=True)
class Inner(Config):
    depth: int = quantity(2, low=0)


@dataclasses.dataclass(frozen=True)
class Box(Config):
    count: int = quantity(10, low=1, high=100, help="how many")
    dt: float = quantity(0.1, unit="s", low=0, open_low=True, high=1, log=True, live=True)
    wall: Literal["walls", "periodic"] = "walls"
    pattern: str = quantity("line", choices=("line", "cluster"))
    centre: tuple[float, float, float] = quantity((1.0, 2.0, 3.0), unit="m", low=0)
    limit: float | None = None
    strict: bool = False
    inner: Inner = dataclasses.field(default_factory=Inner)

    def check(self):
        if self.strict and self.limit is None:
            raise ConfigError("Box.strict needs a limit; give limit=.")


@dataclasses.dataclass(frozen=True)
class Needy(Config):
    mass: float


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_config__range_decides(dt):
    if 0 < dt <= 1:
        assert Box.build(dt=dt).dt == dt
    else:
        with pytest.raises(ConfigError):
            Box.build(dt=dt)


@given(
    low=st.integers(-5, 5),
    width=st.integers(0, 5),
    open_low=st.booleans(),
    open_high=st.booleans(),
    value=st.integers(-12, 12),
)
def test_config__bounds_are_open_or_closed_as_declared(low, width, open_low, open_high, value):
    high = low + width
    kind = quantity(value, low=low, high=high, open_low=open_low, open_high=open_high)
    made = dataclasses.make_dataclass("Made", [("x", int, kind)], bases=(Config,), frozen=True)
    inside = (low < value or (low == value and not open_low)) and (
        value < high or (value == high and not open_high)
    )
    if inside:
        assert made().x == value
    else:
        with pytest.raises(ConfigError):
            made()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dt": -0.5}, "Box.dt = -0.5 s is outside its range; choose a value in the range (0, 1] s."),
        ({"count": 3.0}, "Box.count = 3.0 is of type float; give a whole number."),
        ({"count": True}, "Box.count = True is of type bool; give a whole number."),
        ({"dt": "fast"}, "Box.dt = 'fast' is of type str; give a number."),
        ({"dt": float("nan")}, "Box.dt = nan is not finite; give a finite number."),
        ({"dt": 10**400}, "is not finite"),
        ({"limit": float("inf")}, "Box.limit = inf is not finite"),
        ({"limit": "x"}, "Box.limit = 'x' is of type str; give a number."),
        ({"wall": "wals"}, "did you mean 'walls'?"),
        ({"pattern": "clutser"}, "did you mean 'cluster'?"),
        ({"centre": (1, 2)}, "has 2 elements; give 3."),
        ({"centre": (1, 2, -3)}, "choose a value in the range ≥ 0 m."),
        ({"centre": (1, "b", 3)}, "Box.centre[1] = 'b'"),
        ({"centre": 4}, "give a tuple"),
        ({"strict": 1}, "give True or False"),
        ({"strict": True}, "give limit="),
        ({"ct": 1}, "did you mean 'count'?"),
        ({"inner": 3}, "give Inner"),
    ],
)
def test_config__refusals_teach(changes, message):
    for make in (Box.build, Box().replace, lambda **kw: Box.from_dict(kw)):
        with pytest.raises(ConfigError) as caught:
            make(**changes)
        assert message in str(caught.value)
    assert issubclass(ConfigError, StnbError)
    assert issubclass(ConfigError, ValueError)


def test_config__missing_value_is_named():
    with pytest.raises(ConfigError, match="Needy needs a value for mass"):
        Needy.build()


def test_config__log_range_needs_positive_bound():
    with pytest.raises(ConfigError, match="logarithmic"):
        quantity(1.0, low=0, log=True)


def test_config__round_trip_through_json():
    box = Box.build(count=np.int64(7), dt=np.float32(0.5), centre=np.array([1, 2, 3]), inner=Inner(4))
    assert type(box.count) is int
    assert type(box.dt) is float
    assert Box.from_dict(json.loads(json.dumps(box.to_dict()))) == box
    assert hash(box) == hash(box.replace())


def test_config__nested_typo_is_found():
    with pytest.raises(ConfigError, match="did you mean 'depth'"):
        Box.from_dict({"inner": {"dept": 3}})


def test_config__describes_itself():
    rows = {row.name: row for row in Box().describe()}
    assert rows["dt"] == ("dt", 0.1, "s", "(0, 1] s", True, "")
    assert rows["count"].range == "[1, 100]"
    assert rows["count"].help == "how many"
    assert rows["pattern"].range == "'line' | 'cluster'"
    assert Box.live_fields() == ("dt",)
    assert "dt       0.1 s" in str(Box())
    assert "<td>0.1</td><td>s</td>" in Box()._repr_html_()


def test_config__is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Box().dt = 0.5
