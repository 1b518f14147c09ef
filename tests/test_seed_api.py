"""Every promised public name has a room, and the table says truthfully whether it is there."""

from __future__ import annotations

import inspect
import json
import tomllib
from pathlib import Path

import pytest

from .seed_names import AbsentError, Promise, find

DATA = Path(__file__).resolve().parent / "data"
TABLE = "tests/data/seed_rooms.toml"
PROMISES = [Promise(**row) for row in json.loads((DATA / "seed_api.json").read_text())["names"]]
ROWS = {
    name: (room, state)
    for room, names in tomllib.loads((DATA / "seed_rooms.toml").read_text()).items()
    for name, state in names.items()
}
FOLDERS = [
    "geometry",
    "zspace",
    "inference",
    "chrono",
    "psi",
    "telemetry",
    "sot",
    "dataset",
    "nn",
    "rl",
    "rec",
    "language",
    "vision",
    "observe",
    "compat",
    "integrations",
    "planner",
    "fleet",
    "manifold",
    "memory",
    "experiments",
    "session",
    "views",
    "plots",
    "recording",
    "gallery",
]
ROOMS = {"stnb", *(f"stnb.{folder}" for folder in FOLDERS)}


def test_every_promise_has_one_row():
    assert len(PROMISES) == 420
    names = [promise.name for promise in PROMISES]
    assert sorted(names) == sorted(ROWS), f"{TABLE} and tests/data/seed_api.json name different things"


def test_rooms_and_states_are_known():
    assert {room for room, _ in ROWS.values()} <= ROOMS
    odd = [f"{n} = {s!r}" for n, (_, s) in ROWS.items() if s not in {"here", "not yet"} and known_as(s) == ""]
    assert not odd, f'write "here", "not yet" or "here as stnb.room.Name" in {TABLE}: {odd}'


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
def test_the_row_tells_the_truth(promise):
    room, state = ROWS[promise.name]
    assert verdict(promise, room, state) == ""


def known_as(state: str) -> str:
    """The other name of a row that says `here as stnb.room.Name`."""
    return state.removeprefix("here as ") if state.startswith("here as stnb.") else ""


def verdict(promise: Promise, room: str, state: str) -> str:
    """What to do about a row; an empty string when it tells the truth."""
    row = f"{promise.name} (document line {promise.where})"
    try:
        found = find(promise, room, known_as(state))
    except AbsentError as problem:
        if state == "not yet":
            return ""
        return f"{row} is marked {state!r} in {TABLE}, but {problem}. Make it work, or mark it 'not yet'."
    if state == "not yet":
        return (
            f"{row} is there now. Move its row in {TABLE}, under [\"{room}\"], from 'not yet' to 'here'. "
            "If it is a stub, remove the stub: a name that is not ready stays absent."
        )
    home = getattr(found, "__module__", None)
    own = home and home.partition(".")[0] == "stnb" and (inspect.isclass(found) or inspect.isfunction(found))
    if own and room != "stnb" and home != room and not home.startswith(f"{room}."):
        return f'{row} lives in {home}; its row stands under ["{room}"]. Move the code or the row.'
    return ""
