import sys
import types

import pytest

from stnb._core import registry
from stnb._core.errors import StnbError


class Base:
    pass


class Special(Base):
    pass


@pytest.fixture(autouse=True)
def _own_table(monkeypatch):
    monkeypatch.setattr(registry, "_factories", {})
    monkeypatch.delitem(sys.modules, registry.VIEWS, raising=False)


def test_registry__nearest_base_wins():
    registry.register_view(Base, lambda _, **kw: ("base", kw))
    assert registry.view(Special(), width=3) == ("base", {"width": 3})
    registry.register_view(Special, lambda _: "special")
    assert registry.view(Special()) == "special"


def test_registry__views_are_imported_when_first_needed(monkeypatch):
    def find(name):
        assert name == "stnb.views"
        registry.register_view(Base, lambda _: "late")
        return types.ModuleType(name)

    monkeypatch.setattr(registry.importlib, "import_module", find)
    assert registry.view(Base()) == "late"


def test_registry__no_view_is_explained(monkeypatch):
    monkeypatch.setitem(sys.modules, registry.VIEWS, types.ModuleType(registry.VIEWS))
    registry.register_view(Special, print)
    with pytest.raises(StnbError, match=r"no view of a Base \(views exist for: Special\)"):
        registry.view(Base())


def test_registry__a_missing_package_is_explained_but_a_broken_one_is_not_hidden(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name=wanted)

    monkeypatch.setattr(registry.importlib, "import_module", missing)
    wanted = "stnb.views"
    with pytest.raises(StnbError, match="no view of a Base"):
        registry.view(Base())
    wanted = "anywidget"
    with pytest.raises(ModuleNotFoundError):
        registry.view(Base())


def test_registry__factory_is_callable():
    with pytest.raises(StnbError, match="give a callable"):
        registry.register_view(Base, 3)
