"""The gallery executes notebooks in a copy and writes pages that fetch nothing."""

from __future__ import annotations

import builtins
import json
import re
from urllib.parse import unquote

import pytest
from stnb_widgets.base import static_text

from stnb._core.errors import MissingExtraError
from stnb.gallery import NotebookError, Run, build, execute
from stnb.gallery.__main__ import main
from stnb.gallery.cells import WIDGET
from stnb.gallery.index import Card
from stnb.gallery.layout import external_references
from stnb.gallery.page import notebook_page
from stnb.gallery.prose import without_tags
from stnb.gallery.reading import write
from tests import tiny_notebooks

from . import tiny_gallery
from .tiny_gallery import run_of


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gallery")
    places = tiny_gallery.save(folder / "notebooks")
    before = [place.read_bytes() for place in places]
    index = build(folder / "notebooks", folder / "pages", rooms=["stnb.geometry"])
    assert [place.read_bytes() for place in places] == before
    return index


def page_of(built, name):
    return built.with_name(name).read_text(encoding="utf-8")


def test_the_index_shows_question_facts_and_thumbnail(built):
    page = page_of(built, "index.html")
    assert '<h2><a href="b_words.html">Tiny &lt;1&gt;</a></h2>' in page
    assert "Is it small?" in page
    assert '<button type="button" class="tag" value="test" aria-pressed="false">test</button>' in page
    assert "2 notebooks · 6 checks passed" in page
    assert page.count("3 checks passed</p>") == 2
    assert (
        f'src="data:image/png;base64,{tiny_notebooks.PIXEL}" alt="One red pixel on a clear ground">' in page
    )
    assert "a part about waves" in page, "headings can be searched for"


def test_notebooks_stand_in_the_order_of_the_catalogue(built):
    page = page_of(built, "index.html")
    assert page.index("b_words.html") < page.index("a_widget.html")
    first, last = page_of(built, "b_words.html"), page_of(built, "a_widget.html")
    assert 'rel="next" href="a_widget.html"' in first
    assert 'rel="prev"' not in first
    assert 'rel="prev" href="b_words.html"' in last
    assert 'rel="next"' not in last


def test_the_page_shows_outputs_with_their_words_and_formulas(built):
    page = page_of(built, "b_words.html")
    assert '<span class="check">✓ heat  1e-9  &lt; 1e-3</span>' in page
    assert 'alt="One red pixel on a clear ground"' in page
    assert page.count("<math ") == 2
    assert '<a href="#a-part-about-waves">' in page
    assert '<h2 id="a-part-about-waves">' in page
    shown = without_tags(re.sub(r"<(style|script|math)\b.*?</\1>", "", page, flags=re.DOTALL))
    assert "$" not in shown
    assert "\\" not in shown
    assert '<span class="kn">import</span>' in page


def test_a_widget_is_replayed_where_it_was_shown(built):
    page = page_of(built, "a_widget.html")
    assert page.count('<div class="output live">') == 2
    assert page.count('"widget":"stnb_widgets.atlas.widget.Atlas"') == 2
    core = static_text("atlas.js")[:2000].strip()
    assert page.count(core) == 1, "the front end is there once"
    assert page.count(static_text("page.css").strip()) == 1
    assert "40 particles at step 30" in page, "its last picture is there for browsers without scripts"
    assert '<div class="output live">' not in page_of(built, "b_words.html")


def test_the_checks_are_listed_with_values_time_and_memory(built):
    page, told = page_of(built, "checks.html"), json.loads(page_of(built, "checks.json"))
    assert [one["notebook"] for one in told] == ["b_words.ipynb", "a_widget.ipynb"]
    assert told[0]["checks"][0] == {"name": "heat", "value": "1e-9", "bound": "< 1e-3"}
    for one in told:
        assert 40 < one["peak_mb"] < 4000
        assert 0.1 < one["seconds"] < 200
        assert one["page_bytes"] == built.with_name(one["notebook"]).with_suffix(".html").stat().st_size
    assert "<td>heat</td>" in page
    assert '<td class="number">1e-9</td>' in page


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


def test_drawings_keep_their_words(entry):
    alt = {"image/svg+xml": {"alt": "A drawing with nothing on it"}}
    drawing = {"image/svg+xml": ["<svg xmlns='http://www.w3.org/2000/svg'>", "<!-- # % -->\n</svg>"]}
    run = run_of(outputs=[{"output_type": "display_data", "data": drawing, "metadata": alt}])
    page, headings = notebook_page(entry, run)
    drawn = re.search(r'<img class="drawing" src="data:image/svg\+xml;utf8,([^"]*)" alt="([^"]*)">', page)
    assert drawn
    assert unquote(drawn[1]) == "".join(drawing["image/svg+xml"])
    assert drawn[2] == "A drawing with nothing on it"
    assert headings == ["A"]
    assert drawn.group() in Card.of(entry, run, headings).thumbnail


def test_films_are_thinned_until_the_page_fits(entry):
    film = [[step, "x" * 100_000] for step in range(15)]
    one = {"widget": "a.B", "film": film}
    fragment = (
        '<style>\nb {}</style>\n<script type="module">\nconst modules = {\n"a.B": (() => {\n1\n})()\n};\n'
        f"const recorded = [\n{json.dumps(one)},\n{json.dumps(one)},\n{json.dumps(one)}\n];\n"
        "const start = (() => {\n2\n})();\nstart(3);\n</script>\n"
    )
    view = {"output_type": "display_data", "data": {WIDGET: {"model_id": "m"}}, "metadata": {}}
    run = run_of(outputs=[view])
    page, _ = notebook_page(entry, Run(run.notebook, 1.0, 1.0, {"m": fragment}))
    assert 1_500_000 < len(page) < 3_000_000
    assert page.count('"widget":"a.B"') == 3
    assert page.count("[14,") == page.count("[0,") == 3


@pytest.mark.parametrize(
    ("markdown", "complaint"),
    [
        (
            '<img src="https://example.org/a.png" alt="A picture">',
            "a.ipynb would fetch https://example.org/a.png",
        ),
        (r"A formula $\nosuch x$", r"a.ipynb: the formula .* would show as"),
        ("x" * 3_000_000, r"the page of a.ipynb takes 3.0 MB of 3 MB"),
    ],
)
def test_a_page_that_would_not_do_is_refused(entry, markdown, complaint):
    with pytest.raises(NotebookError, match=complaint):
        notebook_page(entry, run_of(markdown=markdown))


def test_update_writes_the_outputs_back_and_volatile_cells_make_no_news(tmp_path, capsys):
    path = tiny_gallery.save_volatile(tmp_path / "notebooks")
    places = ["--notebooks", str(tmp_path / "notebooks")]
    assert main(["check", *places]) == 1
    build(tmp_path / "notebooks", tmp_path / "pages", update=True, rooms=[])
    first = path.read_bytes()
    assert json.loads(first)["cells"][1]["outputs"]
    assert main(["check", *places]) == 0
    assert "a.ipynb: updated, cells 3, 4" in capsys.readouterr().out
    build(tmp_path / "notebooks", tmp_path / "pages", update=True, rooms=[])
    assert path.read_bytes() == first, "a second run leaves git diff clean"
    assert "updated" not in capsys.readouterr().out
    old = json.loads(first)
    old["cells"][3]["outputs"][0]["text"] = "✓ heat  1e-8  < 1e-3\n✓ mass  0  = 0\n✓ steps  10  = 10\n"
    write(path, old)
    assert main(["check", "--run", *places]) == 1
    assert "a run shows something else in cells 4; tag them volatile or rebuild" in capsys.readouterr().out


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
