"""The gallery executes notebooks in a copy and writes pages that fetch nothing."""

from __future__ import annotations

import builtins
import json

import pytest

from stnb._core.errors import ConfigError, MissingExtraError
from stnb.gallery import NotebookError, build, execute, load
from stnb.gallery.__main__ import main
from stnb.gallery.page import external_references
from tests import tiny_notebooks


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gallery")
    tiny_notebooks.save(folder / "notebooks", "00_tiny.ipynb", tiny_notebooks.good())
    before = (folder / "notebooks" / "00_tiny.ipynb").read_bytes()
    index = build(folder / "notebooks", folder / "pages")
    assert (folder / "notebooks" / "00_tiny.ipynb").read_bytes() == before
    return index


def test_the_index_shows_question_facts_and_thumbnail(built):
    page = built.read_text()
    assert '<a href="00_tiny.html">' in page
    assert "Tiny &lt;1&gt;" in page
    assert "Is it small?" in page
    assert "<li>test</li>" in page
    assert "3 checks passed" in page
    assert (
        f'<img src="data:image/png;base64,{tiny_notebooks.PIXEL}" alt="One red pixel on a clear ground">'
        in page
    )
    assert "prefers-color-scheme: dark" in page


def test_the_page_shows_outputs_with_their_words(built):
    page = built.with_name("00_tiny.html").read_text()
    assert "✓ heat" in page
    assert 'alt="One red pixel on a clear ground"' in page
    assert "A notebook for tests." in page


def test_drawings_keep_their_words(tmp_path):
    drawn = tiny_notebooks.notebook("1", tiny_notebooks.DRAWING, tiny_notebooks.CHECKS)
    tiny_notebooks.save(tmp_path / "notebooks", "a.ipynb", drawn)
    index = build(tmp_path / "notebooks", tmp_path / "pages")
    for page in (index, index.with_name("a.html")):
        assert 'alt="A drawing with nothing on it"' in page.read_text()
        assert "No description has been provided" not in page.read_text()


def test_pages_fetch_nothing(built):
    for page in built.parent.glob("*.html"):
        assert external_references(page.read_text()) == []


@pytest.mark.parametrize(
    "fetching",
    [
        '<script src="https://cdn.example/a.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/a.css">',
        "<img alt='x' src='http://example.org/a.png'>",
        "<style>@import 'https://example.org/a.css'</style>",
        "<style>body { background: url(https://example.org/a.png) }</style>",
    ],
)
def test_references_are_found(fetching):
    assert external_references(f"<p><a href='https://example.org'>read</a></p>{fetching}") != []


def test_a_page_that_would_fetch_is_refused(tmp_path):
    linked = tiny_notebooks.good()
    linked["cells"][0]["source"] = '<img src="https://example.org/a.png" alt="A picture from elsewhere">'
    tiny_notebooks.save(tmp_path / "notebooks", "a.ipynb", linked)
    with pytest.raises(NotebookError, match=r"a.ipynb would fetch https://example.org/a.png"):
        build(tmp_path / "notebooks", tmp_path / "pages")


def test_update_writes_the_outputs_back(tmp_path, capsys):
    path = tiny_notebooks.save(tmp_path / "notebooks", "a.ipynb", tiny_notebooks.good())
    places = ["--notebooks", str(tmp_path / "notebooks")]
    assert main(["check", *places]) == 1
    assert main(["build", *places, "--into", str(tmp_path / "pages"), "--update"]) == 0
    assert json.loads(path.read_text()) == tiny_notebooks.executed()
    assert main(["check", *places]) == 0
    assert "a.ipynb: 3 checks" in capsys.readouterr().out


def test_strip_rewrites_only_what_needs_it(tmp_path, capsys):
    dirty = tiny_notebooks.executed()
    dirty["metadata"]["widgets"] = {}
    path = tiny_notebooks.save(tmp_path, "a.ipynb", dirty)
    assert main(["check", str(path)]) == 1
    assert main(["strip", str(path)]) == 0
    assert json.loads(path.read_text()) == tiny_notebooks.executed()
    assert main(["strip", str(path)]) == 0
    assert capsys.readouterr().out.count("stripped") == 1


def test_a_failing_cell_names_its_notebook(tmp_path):
    path = tiny_notebooks.save(tmp_path, "a.ipynb", tiny_notebooks.notebook("1 / 0"))
    with pytest.raises(NotebookError, match=r"(?s)a.ipynb failed.*ZeroDivisionError"):
        execute(path)


def test_the_lab_extra_is_named_when_it_is_missing(tmp_path, monkeypatch):
    path = tiny_notebooks.save(tmp_path, "a.ipynb", tiny_notebooks.good())
    real = builtins.__import__

    def without_nbclient(name, *args, **kwargs):
        if name.partition(".")[0] == "nbclient":
            raise ImportError("No module named 'nbclient'", name="nbclient")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_nbclient)
    with pytest.raises(MissingExtraError, match=r"needs nbclient; pip install 'stnb\[lab\]'"):
        execute(path)


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("", r'a.ipynb has no entry in .*; add \["a.ipynb"\]'),
        ('["a.ipynb"]\ntitle = "A"\nquestion = "?"\ntags = ["t"]', "a.ipynb lacks budget_s"),
        ('["a.ipynb"]\ntitel = "A"', "unknown setting 'titel'.*did you mean 'title'"),
        ('["b.ipynb"]\n["a.ipynb"]\n', "lists \"b.ipynb\".*did you mean 'a.ipynb'"),
    ],
)
def test_a_wrong_catalogue_is_explained(tmp_path, table, complaint):
    (tmp_path / "a.ipynb").write_text("{}")
    (tmp_path / "gallery.toml").write_text(table)
    with pytest.raises(ConfigError, match=complaint):
        load(tmp_path)


def test_a_folder_without_catalogue_is_explained(tmp_path):
    with pytest.raises(ConfigError, match="does not exist; run in the project's folder"):
        load(tmp_path)
