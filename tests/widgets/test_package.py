"""Promises about the package: light to import, small bundles, no network, one table for both languages."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import stnb_widgets
from stnb_widgets.colours import colour_table

WIDGETS = Path(__file__).parents[2] / "widgets"
STATIC = WIDGETS / "stnb_widgets" / "static"
MOST_BYTES = 40_000
MOST_BYTES_OF = {
    "atlas.js": 60_000
}  # three projections, density, fields, markers and lasso: 40,000 were aimed at
BUNDLES = sorted(path.name for kind in ("js", "css") for path in STATIC.glob(f"*.{kind}"))
WIDGET_NAMES = sorted({name.partition(".")[0] for name in BUNDLES} - {"page"})


def test_import_is_light():
    probe = (
        "import sys, stnb_widgets; "
        "print([m for m in ('anywidget', 'ipywidgets', 'traitlets', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_resolve_and_typos_are_explained():
    for name in stnb_widgets.__all__:
        assert getattr(stnb_widgets, name).__name__ == name, name
        assert name in dir(stnb_widgets)
    with pytest.raises(AttributeError, match="no attribute 'Atlass'; it has Atlas"):
        stnb_widgets.Atlass  # noqa: B018


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_is_small_self_contained_and_ends_its_line(name):
    text = (STATIC / name).read_text(encoding="utf-8")
    assert len(text.encode()) <= MOST_BYTES_OF.get(name, MOST_BYTES)
    assert text.endswith("\n"), "anywidget takes a string without a line end for a path"
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert not re.search(r"\bimport\s*[({\"']|\bfrom\s*[\"']|@import|url\(", text)


def test_the_lockfile_names_no_registry():
    text = (WIDGETS / "js" / "package-lock.json").read_text()
    assert "resolved" not in text
    assert "://" not in re.sub(r'"url": "[^"]*"', "", text)


def test_the_readme_lists_the_keys_of_every_widget():
    readme = (WIDGETS / "README.md").read_text(encoding="utf-8")
    tables = sorted((WIDGETS / "js").glob("*/keys.ts"))
    assert len(tables) == 1 + len(WIDGET_NAMES)
    for table in tables:
        keys = re.findall(
            r'shown: "([^"]+)", action: "[^"]+", text: "([^"]+)"', table.read_text(encoding="utf-8")
        )
        assert len(keys) >= 4
        for shown, text in keys:
            assert f"| `{shown}` | {text} |" in readme


def test_the_colour_map_rises_evenly_in_lightness():
    linear = colour_table(128) ** 2.2 @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(linear) > 0).all()
    lightness = np.cbrt(linear)
    steps = np.diff(lightness)
    assert steps.max() < 2.5 * steps.min()


def test_no_style_of_one_widget_reaches_into_another():
    """All style sheets meet on one page: a class of its own belongs to one widget, or its rule names the widget."""
    js = WIDGETS / "js"
    shared = set(re.findall(r"\.stnb-[a-z-]+", (js / "core" / "core.css").read_text(encoding="utf-8")))
    owners = {}
    for name in WIDGET_NAMES:
        text = (js / name / f"{name}.css").read_text(encoding="utf-8")
        selectors = [each for rule in re.findall(r"([^{}]+)\{", text) for each in rule.split(",")]
        free = [each for each in selectors if f".stnb-{name}" not in each]
        for own in {found for each in free for found in re.findall(r"\.stnb-[a-z-]+", each)} - shared:
            assert owners.setdefault(own, name) == name, f"{own} is styled by {owners[own]} and by {name}"
    assert len(owners) > 10
