"""Each example runs without a screen, makes a page that needs no network, and is a class that others can drive."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkouts import ROOT

EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.py"))
FEW = {
    "falling_cluster": ["--steps", "20", "--particles", "200"],
    "two_populations": ["--steps", "100", "--particles", "60"],
    "watch_a_torch_loop": ["--steps", "30"],
}


def names(paths):
    return [path.stem for path in paths]


def test_every_example_is_tried_here():
    assert names(EXAMPLES) == sorted(FEW)


@pytest.mark.parametrize("path", EXAMPLES, ids=names(EXAMPLES))
def test_it_runs_and_writes_a_page(path, tmp_path):
    made = tmp_path / "made.html"
    done = subprocess.run(
        [sys.executable, str(path), *FEW[path.stem], "--out", str(made)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "TQDM_DISABLE": "1"},
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert str(made) in done.stdout
    page = made.read_text(encoding="utf-8")
    assert "<noscript>" in page or 'role="img"' in page
    assert not re.search(r'(?:src|href)="https?://', page)
    assert list(tmp_path.iterdir()) == [made], "an example leaves nothing else behind"


@pytest.mark.parametrize("path", EXAMPLES, ids=names(EXAMPLES))
def test_it_is_short_and_can_be_driven(path, tmp_path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 75
    spec = importlib.util.spec_from_file_location(f"example_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    example = module.Example()
    example.step()
    assert example.render(Path(tmp_path) / "one.html").stat().st_size > 10_000
