"""Pages of recorded runs as text: what they hold, what they refuse, and how large they are."""

import re

import numpy as np
import pytest
from stnb_widgets import Atlas, Points
from stnb_widgets.base import static_text
from stnb_widgets.front import as_expression
from stnb_widgets.page import _closed, page_fragment, save_page

CODE_BYTES = 300_000
NASTY = "</script><!--<b> & \"x\" 'y'"


@pytest.fixture
def shown(atlas, cloud):
    for step in (1, 2, 3):
        atlas.offer(cloud(step=step))
    return atlas


def test_a_page_is_one_file_that_asks_for_nothing(shown, tmp_path):
    path = save_page(tmp_path / "run.html", [shown, shown])
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert not re.search(r"<(?:link|script|img)[^>]*(?:src|href)=\"(?!data:)", text)
    assert text.count("</script>") == text.count("<script") == 1
    assert text.count(static_text("atlas.js")[:2000]) == 1, "the front end is there once for both"
    assert text.count('alt="1,000 particles under their own gravity: 50 particles at step 3') == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.html"]


def test_the_code_of_three_widgets_fits(shown):
    fragment = page_fragment([shown])
    once = len(re.sub(r'"[A-Za-z0-9+/=]{400,}"', "", fragment).encode())
    largest = 2 * 40_000
    assert once - len(static_text("atlas.js")) - len(static_text("atlas.css")) + 3 * largest <= CODE_BYTES


def test_words_from_people_cannot_leave_their_place(cloud, tmp_path):
    widget = Atlas(title=NASTY, attributes={"speed": "", "heat": ""})
    widget.offer(cloud(status=NASTY))
    text = save_page(tmp_path / "run.html", widget, title=NASTY).read_text(encoding="utf-8")
    widget.close()
    assert text.count("</script>") == text.count("<script") == 1
    assert "<!--" not in text
    assert "<b>" not in text


def test_to_html_is_a_page_of_one_widget_and_dark_is_written_down(shown, tmp_path):
    text = shown.to_html(tmp_path / "one.html", dark=True).read_text(encoding="utf-8")
    assert 'data-theme="dark"' in text
    assert "<title>1,000 particles under their own gravity</title>" in text
    plain = shown.to_html(str(tmp_path / "one.html")).read_text(encoding="utf-8")
    assert "data-theme" not in plain[: plain.index("<body>")]


def test_fragments_have_names_of_their_own_and_no_button_for_the_theme(shown):
    names = [re.search(r'id="(stnb-page-\w+)"', page_fragment(shown))[1] for _ in range(2)]
    assert len(set(names)) == 2
    assert "data-toggle" not in page_fragment(shown)


def test_a_module_becomes_the_value_of_its_default_export():
    assert (
        as_expression("const a=1;export{a as default};\n")
        == '(() => {\n"use strict";\nconst a=1;\nreturn a;\n})()'
    )
    assert as_expression("let $b=2;export{c as d,$b as default,e as f};").endswith("return $b;\n})()")
    with pytest.raises(ValueError, match="does not end with a default export; build it again"):
        as_expression("export{a as b};")


def test_code_and_style_cannot_end_their_element():
    assert _closed('"</SCRIPT>" "<!--"', "script") == '"\\x3c/SCRIPT>" "\\x3c!--"'
    assert _closed('content:"</style>"', "style") == 'content:"\\3c /style>"'


def test_a_page_that_cannot_be_written_leaves_the_old_one(shown, tmp_path, monkeypatch):
    path = save_page(tmp_path / "run.html", shown)
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save_page(path, [shown, shown])
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.html"]


def test_bad_input_is_explained_before_anything_is_written(shown, tmp_path):
    path = tmp_path / "run.html"
    empty = Atlas(title="silent")
    with pytest.raises(ValueError, match="there is no widget to put on the page"):
        save_page(path, [])
    with pytest.raises(TypeError, match="a str cannot be put on the page"):
        save_page(path, [shown, "atlas"])
    with pytest.raises(ValueError, match="the Atlas 'silent' has shown nothing yet"):
        save_page(path, [shown, empty])
    with pytest.raises(ValueError, match="layout is 'rows'; choose from column, grid"):
        save_page(path, shown, layout="rows")
    assert not path.exists()
    empty.close()


def test_a_long_run_stays_bounded(atlas, tmp_path):
    atlas_of_many = Atlas(attributes={})
    for step in range(200):
        atlas_of_many.offer(Points(step=step, time=0.0, positions=np.full((20_000, 3), step)))
    assert (
        len(save_page(tmp_path / "run.html", atlas_of_many).read_bytes()) <= 66 * 48_000 * 4 / 3 + CODE_BYTES
    )
    atlas_of_many.close()
