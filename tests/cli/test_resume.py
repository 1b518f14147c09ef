"""A resumed run goes on, and its file decides."""

import numpy as np
import pytest


def test_resume__goes_on(call, tmp_path):
    straight = call("--steps", 12, "--seed", 5, "--inject", "every=5,size=3").engine
    call("--steps", 7, "--seed", 5, "--inject", "every=5,size=3", "--save", tmp_path / "m")
    resumed = call("--steps", 5, "--resume", tmp_path / "m", "--json", begin=())
    assert (resumed.facts["steps"], resumed.facts["step"]) == (5, 12)
    assert np.array_equal(resumed.engine.x, straight.x)


def test_resume__flags_may_repeat_what_the_file_says(call, tmp_path):
    world = ("--seed", 5, "--inject", "every=5,size=3", "--dt", "0.02", "--grid", "8")
    call("--steps", 1, *world, "--save", tmp_path / "m")
    assert call("--steps", 1, *world, "--resume", tmp_path / "m").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seed", "6"], "was made with seed = 5, not 6; drop that flag"),
        (["--particles", "10"], "particles = 9, not 10"),
        (["--grid", "8"], "grid = (32, 32, 32), not (8, 8, 8)"),
        (["--dt", "0.1"], "dt = 0.01, not 0.1"),
        (["--capacity", "50"], "capacity = 0, not 50"),
        (["--set", "gravity=0.5"], "gravity = 0.001, not 0.5"),
        (["--device", "cuda"], "device = 'cpu', not 'cuda'"),
        (["--inject", "every=6"], 'inject = {"every": [5, 5]'),
    ],
)
def test_resume__flags_that_contradict_the_file_are_refused(call, refused, tmp_path, arguments, words):
    call("--steps", 1, "--seed", 5, "--inject", "every=5", "--save", tmp_path / "m")
    result = call("--resume", tmp_path / "m", *arguments, begin=())
    refused(result, words)
    assert result.engine.step_index == 1


def test_resume__may_begin_to_inject(call, tmp_path):
    call("--steps", 3, "--save", tmp_path / "m")
    resumed = call("--steps", 3, "--resume", tmp_path / "m", "--inject", "every=5,size=2", begin=())
    assert resumed.engine.injected == [(5, "cluster", 2)]
