"""The catalogue of the gallery: its order teaches, and what is wrong in it is explained."""

from __future__ import annotations

import pytest

from stnb._core.errors import ConfigError
from stnb.gallery import load

PLAIN = 'title = "A"\nquestion = "?"\ntags = ["t"]\nbudget_s = 5\n'


def saved(folder, table, names=("a", "b")):
    for name in names:
        (folder / f"{name}.ipynb").write_text("{}")
    (folder / "gallery.toml").write_text(table)
    return folder


def test_the_order_is_that_of_the_file(tmp_path):
    table = f'["b.ipynb"]\n{PLAIN}thumbnail = "figure 3"\nlevel = "deep"\nneeds = ["a.ipynb"]\n["a.ipynb"]\n{PLAIN}'
    first, second = load(saved(tmp_path, table))
    assert [first.path.name, second.path.name] == ["b.ipynb", "a.ipynb"]
    assert (first.figure, second.figure) == (3, 1)
    assert (first.level, first.needs, first.page) == ("deep", ("a.ipynb",), "b.html")


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("", r'a.ipynb has no entry in .*; add \["a.ipynb"\]'),
        ('["a.ipynb"]\ntitle = "A"\nquestion = "?"\ntags = ["t"]', "a.ipynb lacks budget_s"),
        ('["a.ipynb"]\ntitel = "A"', "unknown setting 'titel'.*did you mean 'title'"),
        (f'["a.ipynb"]\n{PLAIN}thumbnail = "table 1"', "thumbnail 'table 1'; write \"figure 1\""),
        (f'["a.ipynb"]\n{PLAIN}thumbnail = "figure 0"', "thumbnail 'figure 0'"),
        (f'["a.ipynb"]\n{PLAIN}level = "deeep"', "level 'deeep'; did you mean 'deep'"),
        (f'["a.ipynb"]\n{PLAIN}needs = ["c.ipynb"]', "needs 'c.ipynb', which is not in the gallery"),
        ('["b.ipynb"]\n["a.ipynb"]\n', "lists \"b.ipynb\".*did you mean 'a.ipynb'"),
    ],
)
def test_a_wrong_catalogue_is_explained(tmp_path, table, complaint):
    saved(tmp_path, table, ["a"])
    with pytest.raises(ConfigError, match=complaint):
        load(tmp_path)


def test_a_folder_without_catalogue_is_explained(tmp_path):
    with pytest.raises(ConfigError, match="does not exist; run in the project's folder"):
        load(tmp_path)
