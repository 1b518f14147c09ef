"""Movies of one view of a dashboard: the pictures of its film, or the numbers of the run so far."""

import re

import numpy as np
import pytest

import stnb
from tests.widgets.gif_reader import frames_of


def test_a_dashboard_saves_the_movie_of_one_panel(tmp_path):
    with stnb.ManifoldSession(particles=60, grid=8, seed=3) as session:
        view = session.view()
        for _ in range(2):
            session.step(5)
            session.refresh()
        seen = frames_of(view.save_movie(tmp_path / "run.gif", fps=20).read_bytes())
        assert len(seen) == len(view.atlas.film()) >= 2
        assert {delay for _, delay in seen} == {5}
        with np.load(view.save_movie(tmp_path / "run.npz", panel="timeline")) as numbers:
            assert numbers["step"].tolist() == list(range(11))
            at = numbers["channels"][0].tolist().index(view.timeline.shown[0])
            assert numbers["latest"][-1, at] == session.history[view.timeline.shown[0]][-1]
        with pytest.raises(KeyError, match="did you mean 'carriers'"):
            view.save_movie(tmp_path / "no.gif", panel="carrier")
        with pytest.raises(ValueError, match=re.escape("ends in '.avi'")):
            view.save_movie(tmp_path / "run.avi")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.gif", "run.npz"]
