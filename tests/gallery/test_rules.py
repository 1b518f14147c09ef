"""Each rule of the gallery is silent on a good notebook and speaks up on one that breaks it."""

from __future__ import annotations

import pytest

from stnb.gallery import problems, strip
from tests import tiny_notebooks


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def shown(data, metadata=None):
    return {"output_type": "display_data", "data": data, "metadata": metadata or {}}


def broken(change):
    notebook = tiny_notebooks.executed()
    change(notebook)
    return notebook


def first(notebook):
    return notebook["cells"][1]


def test_a_good_notebook_has_no_problems():
    assert problems(tiny_notebooks.executed()) == []


CASES = {
    "takes 4": lambda n: first(n)["outputs"].append(stream("x" * 400_000)),
    "has 2 code cells": lambda n: n["cells"].remove(first(n)),
    "has 1 cells that never ran": lambda n: first(n).update(execution_count=None),
    "makes 2 checks": lambda n: n["cells"][3]["outputs"][0].update(text="✓ a  1  = 1\n✓ b  1  = 1\n✗ c"),
    "cell 2 is tagged raises-exception": lambda n: first(n)["metadata"].update(tags=["raises-exception"]),
    "cell 2 is tagged skip-execution": lambda n: first(n)["metadata"].update(tags=["skip-execution"]),
    "allows errors": lambda n: n["metadata"].update(execution={"allow_errors": True}),
    "stderr of cell 2 shows a traceback": lambda n: first(n)["outputs"].append(
        stream("Traceback (most recent call last):\n", "stderr")
    ),
    "stops with an error": lambda n: first(n)["outputs"].append(
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
    ),
    "cell 2 names the path /home/ada/x.npy": lambda n: first(n).update(source="load('/home/ada/x.npy')"),
    r"names the path C:\Users": lambda n: first(n).update(source=r"load('C:\Users\ada')"),
    "stdout of cell 2 names the path /mnt/a": lambda n: first(n)["outputs"].append(stream("saved to /mnt/a")),
    "installs packages (!pip)": lambda n: first(n).update(source="!pip install numpy"),
    "installs packages (%conda)": lambda n: first(n).update(source="x = 1\n%conda install numpy"),
    "cell 1 shows a picture without alt text": lambda n: n["cells"][0].update(source="![](attachment:a.png)"),
    "cell 2 shows a picture without alt text": lambda n: first(n)["outputs"].append(
        shown({"image/png": "aaaa"})
    ),
    "cell 3 shows a picture": lambda n: n["cells"][2]["outputs"][0]["metadata"]["image/png"].update(
        alt="dot"
    ),
}
HTML = {
    '<img src="a.png">': False,
    '<img src="a.png" alt="A wide enough description">': True,
    '<svg role="img" aria-label="A wide enough description"></svg>': True,
    '<svg role="img"></svg>': False,
}


@pytest.mark.parametrize(("complaint", "change"), CASES.items(), ids=CASES)
def test_a_broken_rule_is_named(complaint, change):
    found = problems(broken(change))
    assert [problem for problem in found if complaint in problem], found


@pytest.mark.parametrize(("html", "described"), HTML.items())
def test_pictures_in_html_need_words_too(html, described):
    notebook = broken(lambda n: first(n)["outputs"].append(shown({"text/html": html, "text/plain": ""})))
    assert (problems(notebook) == []) is described


def test_a_picture_may_be_described_by_the_html_beside_it():
    html = '<figure role="img" aria-label="A wide enough description"></figure>'
    notebook = broken(lambda n: first(n)["outputs"].append(shown({"text/html": html, "image/png": "aaaa"})))
    assert problems(notebook) == []


def test_strip_removes_what_changes_and_keeps_what_was_shown():
    tidy = tiny_notebooks.executed()
    ran = tiny_notebooks.executed()
    ran["metadata"].update(widgets={"application/vnd.jupyter.widget-state+json": {"state": {}}})
    ran["metadata"]["language_info"]["version"] = "3.11.7"
    cell = ran["cells"][2]
    cell["execution_count"] = 17
    cell["metadata"] = {"execution": {"iopub.execute_input": "2026-01-01T00:00:00"}, "scrolled": True}
    cell["outputs"][0]["data"]["application/vnd.jupyter.widget-view+json"] = {"model_id": "abc"}
    assert strip(ran) == tidy
    assert strip(tidy) == tidy


def test_strip_keeps_tags_and_widgets_that_have_no_still():
    ran = tiny_notebooks.executed()
    ran["cells"][1]["metadata"] = {"tags": ["parameters"]}
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "abc"}, "text/plain": "Slider()"}
    ran["cells"][1]["outputs"] = [shown(view)]
    assert strip(ran) == ran
