"""Every notebook of the gallery runs, proves what it claims, and is fit to be shared."""

from __future__ import annotations

from pathlib import Path

import pytest

from stnb.gallery import load, problems, strip
from stnb.gallery.reading import check_lines, read

from . import guards

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
EVERY = pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))


def test_the_catalogue_lists_every_notebook():
    assert {entry.path.name for entry in load(NOTEBOOKS)} == {path.name for path in NOTEBOOKS.glob("*.ipynb")}


def test_the_welcome_notebook_is_there():
    assert (NOTEBOOKS / "00_welcome.ipynb").is_file()


@EVERY
def test_committed_as_it_should_be_shared(name):
    notebook = read(NOTEBOOKS / name)
    assert problems(notebook) == []
    assert strip(notebook) == notebook, f"run `python -m stnb.gallery strip notebooks/{name}`"


@EVERY
@pytest.mark.timeout(600)
def test_runs_and_proves(name, tmp_path, record_property):
    (entry,) = (entry for entry in load(NOTEBOOKS) if entry.path.name == name)
    verdict = guards.try_out(entry, tmp_path)
    record_property("seconds", round(verdict.seconds, 1))
    record_property("checks", verdict.checks)
    assert verdict.problems == []
    committed = check_lines(read(entry.path))
    assert len(committed) == verdict.checks, "the committed outputs are old; rebuild with --update"
