"""Runs of the command line on an engine that costs nothing."""

import json
import types

import pytest

import stnb
import stnb.manifold
from stnb.cli import main
from tests.toy_manifold import ToyEngine


@pytest.fixture
def engines(monkeypatch):
    """Every engine that was made, none of which computes."""
    made = []

    class Engine(ToyEngine):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            made.append(self)

    monkeypatch.setattr(stnb.manifold, "ManifoldEngine", Engine)
    return made


@pytest.fixture
def call(engines, capsys):
    """`call(*flags)` runs a toy: the exit code, what was printed, the last engine and the summary."""

    def call(*arguments, begin=("--particles", "9")):
        engines.clear()
        code = main(["run", "--device", "cpu", *begin, *(str(each) for each in arguments)])
        shown = capsys.readouterr()
        facts = json.loads(shown.out) if "--json" in arguments and code == 0 else None
        engine = engines[-1] if engines else None
        return types.SimpleNamespace(code=code, out=shown.out, err=shown.err, facts=facts, engine=engine)

    return call


@pytest.fixture
def refused():
    """`refused(result, *words)`: nothing was done, and one line on stderr says why."""

    def check(result, *words):
        assert result.code == 2
        assert result.out == ""
        assert result.err.startswith("stnb: ")
        assert result.err.count("\n") == 1
        for word in words:
            assert word in result.err

    return check
