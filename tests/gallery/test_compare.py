"""What a re-run may change: nothing but the cells that said so."""

from __future__ import annotations

import copy

import pytest

from stnb.gallery import changed_cells
from stnb.gallery.compare import settled
from stnb.gallery.reading import read, write
from tests import tiny_notebooks


@pytest.fixture
def pair():
    return tiny_notebooks.executed(), tiny_notebooks.executed()


def test_the_same_is_the_same_however_it_is_stored(pair, tmp_path):
    before, after = pair
    stream = before["cells"][3]["outputs"][0]
    lines = stream["text"].splitlines(keepends=True)
    before["cells"][3]["outputs"] = [{**stream, "text": lines[:1]}, {**stream, "text": lines[1:]}]
    before["cells"][2]["outputs"][0]["data"]["text/plain"] = ["d", "ot"]
    before["cells"][1]["execution_count"] = 12
    assert changed_cells(before, after) == []
    write(tmp_path / "a.ipynb", after)
    assert changed_cells(read(tmp_path / "a.ipynb"), after) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda cell: cell.update(source="y"),
        lambda cell: cell["outputs"].clear(),
        lambda cell: cell["outputs"][0]["data"].update({"text/plain": "3"}),
        lambda cell: cell["outputs"].append({"output_type": "stream", "name": "stderr", "text": "2"}),
    ],
)
def test_a_change_is_named_by_its_cell(pair, change):
    before, after = pair
    change(after["cells"][1])
    assert changed_cells(before, after) == [2]
    assert settled(before, after) == after


def test_more_cells_change_everything(pair):
    before, after = pair
    after["cells"].append(copy.deepcopy(after["cells"][-1]))
    assert changed_cells(before, after) == [1, 2, 3, 4, 5]


def test_a_volatile_cell_may_show_something_else_and_keeps_what_it_showed(pair):
    before, after = pair
    for notebook in pair:
        notebook["cells"][1]["metadata"]["tags"] = ["volatile"]
    after["cells"][1]["outputs"][0]["data"]["text/plain"] = "3"
    assert changed_cells(before, after) == []
    assert settled(before, after) == before
    after["cells"][2]["outputs"][0]["data"]["text/plain"] = "news"
    assert changed_cells(before, after) == [3]
    assert settled(before, after) == after, "with other news it is brought up to date"


def test_the_code_of_a_volatile_cell_is_no_exception(pair):
    before, after = pair
    after["cells"][1]["metadata"]["tags"] = ["volatile"]
    after["cells"][1]["source"] = "x = 2"
    assert changed_cells(before, after) == [2]
