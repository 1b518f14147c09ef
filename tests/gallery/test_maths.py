"""Formulas become MathML when pages are written, all those of the notebooks and of the glossary among them."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from stnb._core.errors import InputError
from stnb.gallery.glossary import read_glossary
from stnb.gallery.maths import mathml
from stnb.gallery.prose import Prose, slug, without_tags
from stnb.gallery.reading import joined, read

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
CHILDREN = {
    "mfrac": 2,
    "msub": 2,
    "msup": 2,
    "msubsup": 3,
    "munder": 2,
    "mover": 2,
    "munderover": 3,
    "mroot": 2,
}


def sound(html):
    """MathML that a browser can lay out: each element has as many parts as it needs, and no LaTeX is left."""
    (element,) = re.findall(r"<math.*</math>", html, flags=re.DOTALL)
    tree = ET.fromstring(element)
    for node in tree.iter():
        assert len(node) == CHILDREN.get(node.tag, len(node)), element
    assert not re.search(r"[\\$]", "".join(tree.itertext()))
    return tree


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_formula_of_a_notebook_is_left_as_latex(path):
    prose = Prose(path.parent)
    for cell in read(path)["cells"]:
        if cell["cell_type"] == "markdown":
            html = prose.html(joined(cell["source"]), cell.get("attachments"))
            for element in re.findall(r"<math.*?</math>", html, flags=re.DOTALL):
                sound(element)
            plain = re.sub(r"<(math|pre|code)\b.*?</\1>", "", html, flags=re.DOTALL)
            assert not re.search(r"[\\$]", without_tags(plain))
    assert prose.headings[0][0] == 1


@pytest.mark.parametrize("term", read_glossary(), ids=lambda term: term.name)
def test_every_formula_of_the_glossary_is_one(term):
    assert "".join(sound(mathml(term.formula, block=True)).itertext()).strip()


def test_a_formula_keeps_its_source_as_title_and_its_words_upright():
    tree = sound(mathml(r"\mathrm{KL}(a\|b) = 2\ln \frac1x"))
    assert tree.get("title") == r"\mathrm{KL}(a\|b) = 2\ln \frac1x"
    assert [node.text for node in tree.iter("mi")] == ["KL", "a", "b", "ln", "x"]
    row = list(next(tree.iter("mrow")))
    ln = next(i for i, node in enumerate(row) if node.text == "ln")
    assert [row[ln - 1].tag, row[ln + 1].tag] == ["mspace", "mspace"]


def test_a_backslash_at_the_end_of_a_line_is_a_space():
    assert "".join(sound(mathml("a\\\n\\text{or}\\ b")).itertext()).split() == ["a", "or", "b"]


def test_an_index_of_a_function_stays_one():
    tree = sound(mathml(r"x\leftarrow\exp_x(-g)"))
    assert [child.text for child in next(node for node in tree.iter("msub"))] == ["exp", "x"]


def test_wide_formulas_scroll_in_a_frame_of_their_own():
    assert mathml("x^2").startswith("<math ")
    assert mathml("x^2", block=True).startswith('<span class="formula block"')
    assert mathml("+".join(f"x_{{{i}}}" for i in range(20))).startswith('<span class="formula long"')


@pytest.mark.parametrize(
    ("formula", "complaint"),
    [
        ("  ", "is empty"),
        (r"\frac{1}{", "cannot be read"),
        (r"x + \nosuch", "would show as"),
        (r"a \$ b", "show"),
    ],
)
def test_what_cannot_be_written_is_refused_by_its_source(formula, complaint):
    with pytest.raises(InputError, match=complaint):
        mathml(formula)


def test_headings_are_numbered_where_they_are_the_same(tmp_path):
    prose = Prose(tmp_path)
    html = prose.html("# Energy of $x$\n\n## Limits\n\n## Limits\n\n## Déjà vu & more")
    assert [anchor for _, anchor, _ in prose.headings] == [
        "energy-of-x",
        "limits",
        "limits-2",
        "déjà-vu-more",
    ]
    assert '<h2 id="limits-2">Limits' in html
    assert slug("¿?") == "part"


def test_links_between_notebooks_lead_to_pages(tmp_path):
    html = Prose(tmp_path).html(
        "[why](05_b.ipynb#Two-averages,-two) [a](05_b.ipynb) [b](https://x.org/a.ipynb) [c](#Limits)"
    )
    assert re.findall(r'href="([^"]*)"', html) == [
        "05_b.html#two-averages-two",
        "05_b.html",
        "https://x.org/a.ipynb",
        "#limits",
    ]


def test_pictures_beside_the_notebook_are_taken_into_the_page(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    assert 'src="data:image/png;base64,' in Prose(tmp_path).html("![A tiny picture](a.png)")
