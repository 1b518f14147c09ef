"""What several tests of the gallery begin with."""

from __future__ import annotations

import pytest

from stnb.gallery import load
from tests import tiny_notebooks


@pytest.fixture
def entry(tmp_path):
    """A notebook in a catalogue."""
    tiny_notebooks.save(tmp_path, "a.ipynb", tiny_notebooks.good())
    return load(tmp_path)[0]
