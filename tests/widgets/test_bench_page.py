"""The page that measures a browser: what the sources build, and without network."""

import re

import pytest

from .conftest import JS, npm

PAGE = JS.parents[1] / "examples" / "bench_browser.html"


@pytest.mark.js
def test_the_committed_page_is_what_the_sources_build(js_folder, tmp_path):
    npm(js_folder, "run", "build", "--", "--bench", STNB_BENCH=str(tmp_path / "page.html"))
    assert (tmp_path / "page.html").read_bytes() == PAGE.read_bytes(), "run npm run build -- --bench"


def test_the_page_needs_nothing_else():
    text = PAGE.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|src=|href=", text)
