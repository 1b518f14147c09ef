"""The guards speak up about each way in which a green notebook can mean nothing."""

from __future__ import annotations

import shutil

import pytest

import stnb
from stnb.gallery import NotebookError, Run, load
from tests import tiny_notebooks

from . import guards


@pytest.fixture
def entry(tmp_path):
    tiny_notebooks.save(tmp_path / "notebooks", "a.ipynb", tiny_notebooks.good(), budget_s=10)
    return load(tmp_path / "notebooks")[0]


def second_run(place=stnb.__file__, seconds=5.0):
    ran = tiny_notebooks.executed()
    output = {"output_type": "stream", "name": "stdout", "text": f"stnb from {place}\n"}
    probe = {"cell_type": "code", "id": "p", "metadata": {}, "source": guards.WHERE}
    ran["cells"].append({**probe, "execution_count": 4, "outputs": [output]})
    return Run(ran, seconds)


def test_a_sound_notebook_passes_for_real(entry, tmp_path):
    before = entry.path.read_bytes()
    verdict = guards.try_out(entry, tmp_path / "scratch")
    assert verdict.problems == []
    assert verdict.checks == 3
    assert entry.path.read_bytes() == before


def test_a_failing_notebook_fails_under_nbmake_and_in_the_gallery(tmp_path):
    failing = tiny_notebooks.notebook("assert 1 > 2, 'one is not more'")
    path = tiny_notebooks.save(tmp_path / "notebooks", "a.ipynb", failing)
    with pytest.raises(AssertionError, match=r"(?s)a.ipynb fails under nbmake.*one is not more"):
        guards.run_nbmake(path, tmp_path / "scratch")
    with pytest.raises(NotebookError, match="one is not more"):
        guards.execute(path)


def test_another_stnb_is_noticed(entry):
    (problem,) = guards.judge(entry, tiny_notebooks.executed(), second_run(place="elsewhere"), 1.0)
    assert "used stnb from elsewhere" in problem


def test_time_counts_for_the_whole_notebook(entry):
    assert guards.judge(entry, tiny_notebooks.executed(), second_run(seconds=19.0), 2.0) == []
    (problem,) = guards.judge(entry, tiny_notebooks.executed(), second_run(seconds=21.0), 2.0)
    assert problem == "ran 21.0 s; 20 s are allowed (10 s × 2.0)"


def test_checks_that_differ_between_runs_are_noticed(entry):
    first = tiny_notebooks.executed()
    output = first["cells"][3]["outputs"][0]
    output["text"] = output["text"].replace("1e-9", "2e-9")
    (problem,) = guards.judge(entry, first, second_run(), 1.0)
    assert problem.startswith("checks differ between runs")


def test_the_gallery_rules_hold_for_both_runs(entry):
    first = tiny_notebooks.executed()
    traceback = {"output_type": "stream", "name": "stderr", "text": "Traceback (most recent call last):\n"}
    first["cells"][1]["outputs"].append(traceback)
    assert "stderr of cell 2 shows a traceback" in guards.judge(entry, first, second_run(), 1.0)


def test_a_run_leaves_the_folder_as_it_was(entry, tmp_path):
    probe = guards.with_probe(entry.path, tmp_path / "probe")
    assert guards.read(probe)["cells"][-1]["source"] == guards.WHERE
    shutil.rmtree(tmp_path / "probe")
    assert guards.read(entry.path) == tiny_notebooks.good()
