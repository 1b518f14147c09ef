"""The search behind the seed table finds each kind of name, and refuses stubs and half-kept promises."""

from __future__ import annotations

import dataclasses
import types

import pytest

import stnb

from .seed_names import AbsentError, Promise, find
from .test_seed_api import verdict


@dataclasses.dataclass
class Lamp:
    """A lamp; `settings` holds the key `colour`."""

    power: float
    label: str = dataclasses.field(default_factory=str)

    def shine(self, *, seconds: float, settings: dict | None = None):
        """Shine for `seconds`; settings: `colour`."""

    @property
    def lit(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def lamps(monkeypatch):
    module = types.ModuleType("stnb.lamps")
    module.Lamp = Lamp
    monkeypatch.setattr(stnb, "lamps", module, raising=False)
    monkeypatch.setattr(stnb, "Lamp", Lamp, raising=False)


def promise(name, kind="attribute", args=(), module="stnb", call=""):
    return Promise(name, kind, module, list(args), "000:1", call)


KEPT = [
    promise("Lamp", "class", ["power", "label"]),
    promise("Lamp.shine", "method", ["seconds"]),
    promise("Lamp.lit"),
    promise("Lamp.power"),
    promise("Lamp.label"),
    promise("lamps.Lamp", "class", module="stnb.lamps"),
    promise("Lamp.shine(settings=)['colour']", "config-key"),
    promise('Lamp.power="2.0"', "config-value", call="Lamp(power=2.0)"),
    promise("Lamp", "concept", module="stnb.nowhere"),
    promise("pyproject.toml", "example"),
    promise("spiraltorch", "module"),
]
BROKEN = [
    (promise("Lamp.shine", "method", ["minutes"]), "takes no minutes; it takes self, seconds, settings"),
    (promise("Lamp.dim", "method"), "Lamp has no dim"),
    (promise("Torch", "class"), "stnb has no Torch"),
    (promise("Lamp", "class", module="stnb.nowhere"), "stnb has no nowhere"),
    (promise("Lamp.shine(settings=)['hue']", "config-key"), "does not say what the key 'hue' means"),
    (promise('Lamp.power="x"', "config-value", call="Lamp(watt=1)"), "unexpected keyword argument 'watt'"),
    (promise("env:NO_SUCH_VARIABLE", "env"), "no string in stnb names NO_SUCH_VARIABLE"),
    (promise("examples/no_such.py", "example"), "examples/no_such.py does not exist"),
]


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: kept.name)
def test_kept(kept):
    find(kept, "stnb")
    assert "is there now. Move its row" in verdict(kept, "stnb", "not yet")


@pytest.mark.parametrize(("broken", "reason"), BROKEN, ids=lambda value: getattr(value, "name", ""))
def test_broken(broken, reason):
    with pytest.raises(AbsentError, match=reason.replace("(", r"\(")):
        find(broken, "stnb")
    assert reason in verdict(broken, "stnb", "here")


def test_another_name_is_followed():
    assert find(promise("Bulb", "class"), "stnb", "stnb.lamps.Lamp") is Lamp
