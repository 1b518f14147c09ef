"""One JupyterLab and one browser for all browser tests; screenshots under `build/browser/`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .lab import running_browser, running_lab
from .notebook import OpenNotebook

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="module")
def browser():
    with running_browser() as browser:
        yield browser


@pytest.fixture
def open_notebook(lab, browser, tmp_path, screenshots):
    """Open a notebook, in a copy of its folder, in JupyterLab; the last thing seen is kept as a picture."""
    opened = []

    def start(path):
        folder = lab.root / tmp_path.name
        shutil.copytree(path.parent, folder)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(60_000)
        opened.append(OpenNotebook(page, lab, f"{folder.name}/{path.name}"))
        return opened[-1]

    yield start
    for number, notebook in enumerate(opened):
        notebook.screenshot(screenshots / f"{tmp_path.name}_{number}_last.png")
        notebook.close()


@pytest.fixture
def screenshots():
    """The folder for screenshots."""
    return ROOT / "build" / "browser"
