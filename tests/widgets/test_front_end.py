"""The TypeScript side: types, unit tests, and bundles that are what the sources say."""

import pytest

from .conftest import JS, npm

pytestmark = pytest.mark.js


def test_types(js_folder):
    npm(js_folder, "run", "check")


def test_units(js_folder):
    report = npm(js_folder, "test")
    assert "# fail 0" in report
    assert "# pass 0" not in report


def test_the_committed_bundles_are_what_the_sources_build(js_folder, tmp_path):
    npm(js_folder, "run", "build", STNB_STATIC=str(tmp_path))
    committed = JS.parent / "stnb_widgets" / "static"
    built = sorted(path.name for path in tmp_path.iterdir())
    assert "atlas.js" in built
    assert built == sorted(path.name for kind in ("js", "css") for path in committed.glob(f"*.{kind}"))
    for name in built:
        assert (tmp_path / name).read_bytes() == (committed / name).read_bytes(), (
            f"run npm run build: {name} is old"
        )
