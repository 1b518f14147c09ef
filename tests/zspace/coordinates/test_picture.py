"""The heat maps: the right numbers, words that can be read, nothing shown and nothing left behind."""

import subprocess
import sys

import numpy as np
import pytest

from stnb._core.errors import MissingExtraError
from stnb.zspace.coordinates import ZAtlas, ZFrame, plot_atlas, render_atlas, session
from stnb.zspace.coordinates.picture import atlas_map

matplotlib = pytest.importorskip("matplotlib")
SENTENCE = "No energy was observed yet."


@pytest.fixture
def atlas():
    """Low tones early, high ones late, in echo 0; a lone high tone in echo 4."""
    filled, t = ZAtlas(), np.arange(64)
    filled.observe(np.where(t < 32, np.cos(0.1 * t), np.cos(np.pi * t)))
    filled.observe(np.cos(np.pi * t) * (t >= 48), echo=4)
    return filled


def _texts(axes):
    return [text.get_text() for text in axes.texts]


def _mesh(axes):
    return axes.collections[0]


def test_render__shows_the_density_in_per_cent(atlas):
    figure = render_atlas(atlas=atlas)
    shown = np.asarray(_mesh(figure.axes[0]).get_array()).reshape(3, 4)
    np.testing.assert_allclose(shown, 100 * atlas.density().mean(2).numpy(), rtol=1e-12)
    one = np.asarray(_mesh(render_atlas(atlas=atlas, echo=4).axes[0]).get_array()).reshape(3, 4)
    np.testing.assert_allclose(one, 100 * atlas.density()[:, :, 4].numpy(), rtol=1e-12)


def test_render__says_what_is_what(atlas):
    axes, bar = render_atlas(atlas=atlas).axes
    assert [label.get_text().split("\n")[0] for label in axes.get_yticklabels()] == [
        "above",
        "here",
        "beneath",
    ]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "1", "2", "3"]
    assert axes.get_ylim() == (3, 0)
    assert "mean over 8 echoes" in axes.get_title(loc="left")
    assert "sheet" in axes.get_xlabel()
    assert "band" in axes.get_ylabel()
    assert bar.get_ylabel() == "share of all energy per cell"


def test_render__numbers_the_components(atlas):
    labels = atlas.homology().numpy()
    assert labels.max() == 3
    expected = [", ".join(str(n) for n in sorted(set(cell[cell > 0]))) for row in labels for cell in row]
    assert "1, 2" in expected
    axes = render_atlas(atlas=atlas).axes[0]
    assert _texts(axes)[0].startswith("3 connected components")
    assert _texts(axes)[1:] == expected
    assert len(_texts(render_atlas(atlas=atlas, annotate=False).axes[0])) == 1


def _luminance(rgba):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgba[:3]]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_render__writes_labels_in_a_colour_that_can_be_read():
    """At least 3 : 1, as the accessibility guidelines ask, over each of the 60 shades of a ramp."""
    from matplotlib.colors import to_rgba

    from stnb.zspace.coordinates import heatmap

    ramp = atlas_map(ZAtlas(ZFrame.regular(1, 60, 1)))._replace(
        shares=np.linspace(0, 1, 60)[None], labels=[["1"] * 60]
    )
    axes = heatmap.draw(ramp, None, annotate=True).axes[0]
    labels = [text for text in axes.texts if text.get_text() == "1"]
    assert len(labels) == 60
    for share, label in zip(ramp.shares[0], labels, strict=True):
        ground, letter = _luminance(heatmap.COLOURMAP(share)), _luminance(to_rgba(label.get_color()))
        assert (max(ground, letter) + 0.05) / (min(ground, letter) + 0.05) >= 3.0


def test_render__of_an_empty_atlas_is_an_empty_map_with_a_sentence():
    with session(bands=2, sheets=3) as ours:
        figure = render_atlas()
        (axes,) = figure.axes
        assert np.asarray(_mesh(axes).get_array()).shape == (2, 3)
        assert not np.asarray(_mesh(axes).get_array()).any()
        assert [text.partition("\n")[0] for text in _texts(axes)] == [SENTENCE]
        ours.observe([0.0, 0.0])
        assert len(render_atlas().axes) == 1


def test_render__draws_into_given_axes(atlas):
    from matplotlib.figure import Figure

    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert render_atlas(left, atlas=atlas) is figure
    assert _texts(left)
    assert not right.collections


def test_render__makes_a_picture(atlas, tmp_path):
    figure = render_atlas(atlas=atlas)
    assert figure._repr_png_().startswith(b"\x89PNG")
    figure.savefig(tmp_path / "atlas.svg")
    figure.canvas.draw()
    box = figure.bbox
    for axes in figure.axes:
        for text in [*axes.texts, axes.yaxis.label, axes.xaxis.label, *axes.get_yticklabels()]:
            seen = text.get_window_extent()
            assert seen.x0 >= -1
            assert seen.x1 <= box.x1 + 1


def test_render__is_headless_and_leaves_pyplot_alone(tmp_path):
    code = (
        "import sys\nfrom stnb.zspace.coordinates import render_atlas, plot_atlas\n"
        "assert 'matplotlib' not in sys.modules and 'plotly' not in sys.modules\n"
        f"render_atlas().savefig({str(tmp_path / 'a.png')!r})\nsys.exit('matplotlib.pyplot' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_render__without_matplotlib_names_what_is_missing(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "stnb.zspace.coordinates.heatmap", raising=False)
    monkeypatch.delattr("stnb.zspace.coordinates.heatmap", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match="matplotlib"):
        render_atlas()


@pytest.mark.parametrize("draw", [render_atlas, plot_atlas])
def test_pictures__refuse_other_echoes_and_atlases(draw):
    with pytest.raises(IndexError, match="echo 8"):
        draw(echo=8)
    with pytest.raises(TypeError, match="ZAtlas"):
        draw(atlas=np.zeros((3, 4, 8)))


def test_plot__shows_the_same(atlas):
    figure = plot_atlas(atlas=atlas)
    (map_,) = figure.data
    np.testing.assert_allclose(map_.z, 100 * atlas.density().mean(2).numpy(), rtol=1e-12)
    assert "1, 2" in np.asarray(map_.text).ravel()
    assert map_.colorbar.title.text == "share of all energy per cell"
    assert figure.layout.yaxis.autorange == "reversed"
    assert [name.partition("<br>")[0] for name in figure.layout.yaxis.ticktext] == [
        "above",
        "here",
        "beneath",
    ]
    assert plot_atlas(atlas=atlas, annotate=False).data[0].texttemplate is None


def test_plot__of_an_empty_atlas_says_so():
    figure = plot_atlas()
    assert SENTENCE in figure.layout.annotations[0].text
    assert figure.data[0].showscale is False


def test_pictures__tell_a_silent_echo_from_an_empty_atlas(atlas):
    sentence = "There is no energy in echo 3."
    assert _texts(render_atlas(atlas=atlas, echo=3).axes[0]) == [sentence]
    assert plot_atlas(atlas=atlas, echo=3).layout.annotations[0].text == sentence


def test_pictures__of_many_cells_thin_their_ticks():
    wide = ZAtlas(ZFrame.regular(20, 50, 2))
    wide.observe(np.random.default_rng(0).normal(size=5000))
    axes = render_atlas(atlas=wide).axes[0]
    assert len(axes.get_xticklabels()) <= 17
    assert len(axes.get_yticklabels()) <= 17
    assert len(plot_atlas(atlas=wide).data[0].z) == 20
