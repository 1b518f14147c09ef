"""The test harness itself: skips are counted, required tools fail, stated shapes are enforced."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from . import capabilities, shape_hook

ROOT = Path(__file__).resolve().parent.parent
PROBE = f"{Path(__file__).relative_to(ROOT)}::test_metal_probe"


@pytest.mark.metal
def test_metal_probe():
    assert capabilities.missing("metal") == ""


def run_probe_without_tools(tmp_path, *args, **env):
    """This file's probe in a fresh pytest whose PATH holds nothing."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *args, PROBE]
    environment = {**os.environ, "PATH": str(tmp_path), **env}
    return subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False)


def test_a_missing_tool_is_a_skip_that_the_controller_counts(tmp_path):
    run = run_probe_without_tools(tmp_path, "-n", "1", STNB_REQUIRE="")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Skipped for want of a tool: 1 × metal: clang++ not on PATH; install clang" in run.stdout


def test_a_required_tool_that_is_missing_fails(tmp_path):
    run = run_probe_without_tools(tmp_path, STNB_REQUIRE="metal")
    assert run.returncode == 1
    assert "STNB_REQUIRE asks for metal, but clang++ not on PATH" in run.stdout


def test_an_unknown_requirement_is_refused(monkeypatch):
    monkeypatch.setenv("STNB_REQUIRE", "metall")
    with pytest.raises(ValueError, match="STNB_REQUIRE names metall; known: js, browser, metal, binder"):
        capabilities.required()


def test_compiled_modules_keep_their_functions():
    names = shape_hook.modules()
    assert "stnb._core.errors" in names
    assert not [name for name in names if name.rpartition(".")[2] in {"cpu", "cuda", "triton_"}]


def test_stated_shapes_are_enforced(tmp_path, monkeypatch):
    source = """
        from __future__ import annotations
        from typing import TYPE_CHECKING
        import numpy as np
        if TYPE_CHECKING:
            from jaxtyping import Float

        def weigh(x: Float[np.ndarray, "n d"], w: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n d"]:
            return x * w[:, None]

        class Box:
            @property
            def corners(self) -> Float[np.ndarray, "8 3"]:
                return np.zeros((8, 2))
    """
    (tmp_path / "stnb_shape_probe.py").write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(
        sys, "meta_path", [shape_hook._Finder(frozenset({"stnb_shape_probe"})), *sys.meta_path]
    )
    import stnb_shape_probe

    assert stnb_shape_probe.weigh(np.ones((3, 2)), np.ones(3)).shape == (3, 2)
    with pytest.raises(Exception, match="weigh"):
        stnb_shape_probe.weigh(np.ones((3, 2)), np.ones(2))
    with pytest.raises(Exception, match="corners"):
        _ = stnb_shape_probe.Box().corners
