import json
import subprocess
import sys
import types

import pytest

import stnb

HEAVY = ("torch", "numba", "numpy", "anywidget", "IPython", "jupyter_core", "plotly", "scipy")
LIMIT_S = 0.15


def _python(*arguments):
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)


def test_import__leaves_heavy_modules_alone():
    code = f"import sys, json, stnb; print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    assert json.loads(_python("-c", code).stdout) == []


def test_import__is_fast():
    """The best of three by the interpreter's own account, since other work on the machine is not ours."""
    report = ""
    best = float("inf")
    for _ in range(3):
        report = _python("-X", "importtime", "-c", "import stnb").stderr
        (line,) = (line for line in report.splitlines() if line.split("|")[-1].strip() == "stnb")
        best = min(best, int(line.split("|")[1]) / 1e6)
    print(f"import stnb: {best * 1000:.1f} ms")
    assert best <= LIMIT_S, report


def test_names__are_listed_and_lazy():
    assert dir(stnb) == sorted(stnb.__all__)
    code = "import sys, stnb; stnb.check; stnb.show; stnb.StnbError; stnb.view; stnb.kernels; stnb.widgets\n"
    _python("-c", code + "sys.exit(any(m in sys.modules for m in ('torch', 'numba', 'anywidget', 'plotly')))")


@pytest.mark.parametrize("name", ["StnbError", "check", "kernels", "show", "view", "widgets", "backends"])
def test_names__resolve(name):
    assert getattr(stnb, name) is getattr(stnb, name)


def test_names__point_to_their_definitions():
    from stnb._core.check import check
    from stnb._core.errors import StnbError
    from stnb._core.registry import view

    assert stnb.check is check
    assert stnb.StnbError is StnbError
    assert stnb.view is view
    with pytest.raises(AttributeError, match="ManifoldSesion"):
        stnb.ManifoldSesion  # noqa: B018


@pytest.mark.parametrize("name", ["kernels", "widgets"])
def test_facade__offers_what_the_package_offers(name, monkeypatch):
    real = types.ModuleType(f"stnb_{name}")
    real.__all__ = ["thing"]
    real.thing, real._private = object(), object()
    monkeypatch.setitem(sys.modules, f"stnb_{name}", real)
    facade = getattr(stnb, name)
    assert facade.thing is real.thing
    assert dir(facade) == ["thing"]
    assert facade.__all__ == ["thing"]
    for missing in ("other", "_private"):
        with pytest.raises(AttributeError, match=missing):
            getattr(facade, missing)


def test_facade__reaches_the_real_packages():
    import stnb_kernels

    assert stnb.kernels.backends is stnb_kernels.backends is stnb.backends
    assert set(stnb_kernels.__all__) == set(dir(stnb.kernels))
