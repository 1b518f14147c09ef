"""What the flags mean, and refusals of one line."""

import json
import re

import pytest

import stnb
import stnb.manifold
from stnb.cli import flags, main, manifold
from stnb.cli.settings import parse_schedule, parse_setting
from stnb.manifold.schedule import Schedule


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        (["--particles", "7"], "particles", 7),
        (["--grid", "9"], "grid", (9, 9, 9)),
        (["--grid", "8x9x10"], "grid", (8, 9, 10)),
        (["--dt", "0.02"], "dt", 0.02),
        (["--capacity", "2000"], "capacity", 2000),
        (["--set", "gravity=0.25"], "gravity", 0.25),
        (["--set", "limiters=yes", "--set", "boundary=periodic"], "limiters", True),
        (["--set", "limiters=yes", "--set", "boundary=periodic"], "boundary", "periodic"),
        (["--set", "grid = 8,8,9"], "grid", (8, 8, 9)),
    ],
)
def test_settings__reach_the_config(call, arguments, name, value):
    result = call("--steps", 0, "--quiet", *arguments, begin=())
    assert result.code == 0
    assert getattr(result.engine.config, name) == value


def test_settings__defaults_are_those_of_the_session(call):
    result = call("--steps", 0, begin=())
    assert result.engine.config == stnb.ManifoldConfig()
    assert result.engine.seed == 0


def test_config__is_read_and_flags_go_over_it(call, tmp_path):
    file = tmp_path / "world.toml"
    file.write_text('grid = [8, 9, 10]\ndt = 1\nboundary = "periodic"\nlimiters = true\ngravity = 0.5\n')
    config = call("--config", file, "--steps", 0, "--set", "gravity=0.25", "--dt", "0.5").engine.config
    assert (config.grid, config.boundary, config.limiters) == ((8, 9, 10), "periodic", True)
    assert (config.gravity, config.dt, config.particles) == (0.25, 0.5, 9)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("gravty = 1", ["did you mean 'gravity'"]),
        ("dt = 5", ["dt = 5.0 s is outside its range"]),
        ("dt = 'a'", ["give a number"]),
        ("dt = =", ["world.toml is not TOML", "line 1"]),
        ("[world]\ndt = 1", ["no setting 'world'"]),
        (None, ["cannot be read: No such file"]),
    ],
)
def test_config__that_makes_no_sense_is_refused(call, refused, tmp_path, content, words):
    file = tmp_path / "world.toml"
    if content is not None:
        file.write_text(content)
    refused(call("--config", file), *words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--particles", "-1"], ["particles = -1 is outside its range", "≥ 0"]),
        (["--grid", "3x"], ["grid = ''", "give a whole number"]),
        (["--grid", "8x8"], ["has 2 elements; give 3"]),
        (["--dt", "fast"], ["dt = 'fast' will not do; give a number"]),
        (["--dt", "nan"], ["is not finite"]),
        (["--capacity", "3"], ["capacity 3 is less than 9 particles"]),
        (["--set", "gravty=1"], ["there is no setting 'gravty'; did you mean 'gravity'"]),
        (["--set", "gravity"], ["write --set gravity=value"]),
        (["--set", "limiters=maybe"], ["give true or false"]),
        (["--set", "boundary=perodic"], ["did you mean 'periodic'"]),
        (["--set", "dt=0.1", "--dt", "0.2"], ["dt is given twice, as 0.2 and as 0.1"]),
        (["--device", "cud"], ["did you mean 'cuda'"]),
        (["--inject", "every=5,sise=3"], ["did you mean 'size'"]),
        (["--inject", "every=5:x"], ["every=5:x will not do"]),
        (["--inject", "every=9:5"], ["runs backwards"]),
        (["--inject", "often"], ["'often' has no value"]),
        (["--inject", "every=5,pattern=ring"], ["pattern = 'ring' is not one of the choices"]),
        (["--inject", "every=5,every=6"], ["every is given twice"]),
        (["--continuous", "--steps", "5"], ["--continuous has no last step"]),
        (["--save-every", "5"], ["add --save FILE"]),
        (["--record-every", "5"], ["add --record FILE"]),
        (["--resume", "nowhere"], ["nowhere cannot be read"]),
    ],
)
def test_flags__that_cannot_be_obeyed_are_refused_in_one_line(call, refused, arguments, words):
    refused(call(*arguments), *words)


@pytest.mark.parametrize("flag", ["--save", "--record", "--ledger", "--profile"])
def test_targets__are_looked_at_before_the_run(call, refused, tmp_path, flag):
    for target, words in ((tmp_path / "no" / "x", "there is no folder"), (tmp_path, "is a folder")):
        result = call(flag, target)
        refused(result, flag, words)
        assert result.engine is None


def test_targets__are_different(call, refused, tmp_path):
    refused(call("--save", tmp_path / "x", "--record", tmp_path / "x"), "both write", "give two names")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["run", "--speed", "3"],
        ["info", "--x"],
        ["run", "--steps", "a"],
        ["run", "--steps", "-1"],
        ["run", "--steps", "1.5"],
        ["run", "--part", "3"],
        ["run", "--save-every", "0", "--save", "x"],
        ["run", "--record-every", "0", "--record", "x"],
        ["run", "--seconds", "0"],
        ["run", "--seconds", "nan"],
        ["run", "--seed", "-1"],
    ],
)
def test_main__unknown_and_impossible_arguments_are_refused_in_one_line(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    shown = capsys.readouterr().err
    assert shown.startswith("stnb: ")
    assert shown.count("\n") == 1
    assert shown.endswith("--help\n")


@pytest.mark.parametrize("program", [main, manifold])
def test_main__an_unknown_flag_is_answered_with_the_nearest(program, capsys):
    with pytest.raises(SystemExit):
        program((["run"] if program is main else []) + ["--partcles=5"])
    assert "unknown argument '--partcles': did you mean '--particles'?" in capsys.readouterr().err


def test_help__ends_with_examples_that_parse(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["run", "--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    assert max(len(line) for line in shown.splitlines()) <= 98
    _, _, examples = shown.partition("examples:")
    commands = re.findall(r"stnb run ((?:--\S+ ?[^-\s]*\s*\\?\s*)+)", examples)
    assert len(commands) == 3
    for command in commands:
        flags.program()[0].parse_args(["run", *command.replace("\\", " ").split("  goes")[0].split()])


def test_manifold__takes_the_same_flags(engines, capsys):
    assert manifold(["--particles", "9", "--steps", "4", "--device", "cpu", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["steps"] == 4
    with pytest.raises(SystemExit):
        manifold(["--help"])
    assert "usage: python -m stnb.manifold" in capsys.readouterr().out


def test_parsing__golden():
    assert parse_setting("grid", "8x9x10") == (8, 9, 10)
    assert parse_setting("particles", "1_000") == 1000
    assert parse_setting("limiters", "Off") is False
    assert parse_schedule("size=40:80") == Schedule(size=(40, 80))
    assert parse_schedule("every=9, pattern=line") == Schedule(every=9, pattern="line")
