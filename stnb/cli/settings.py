"""From the words of a command line to a session: settings typed by the config, a schedule, a resumed run."""

from __future__ import annotations

import json
import tomllib
import typing
from typing import TYPE_CHECKING, Any

import stnb
from stnb._core.errors import ConfigError, nearest

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from stnb.manifold.schedule import Schedule
    from stnb.session import ManifoldSession

__all__ = ["open_session", "parse_schedule", "parse_setting"]

OWN_FLAGS = ("particles", "grid", "dt", "capacity")
TRUTH = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def open_session(arguments: argparse.Namespace) -> ManifoldSession:
    """The session that the flags describe, new or resumed."""
    from stnb.manifold import ManifoldConfig

    wanted = {} if arguments.config is None else _read_toml(arguments.config)
    wanted.update(_named(arguments))
    schedule = None if arguments.inject is None else parse_schedule(arguments.inject)
    if arguments.resume is not None:
        session = stnb.ManifoldSession.load(arguments.resume)
        _refuse_contradictions(session, arguments, wanted, schedule)
    else:
        seed, device = arguments.seed or 0, arguments.device or "auto"
        session = stnb.ManifoldSession(config=ManifoldConfig.from_dict(wanted), seed=seed, device=device)
    if schedule is not None:
        session.schedule = schedule
    return session


def parse_setting(name: str, text: str) -> Any:
    """The value that a text means for a field of the config."""
    from stnb.manifold import ManifoldConfig

    kinds = typing.get_type_hints(ManifoldConfig)
    if name not in kinds:
        raise ConfigError(f"there is no setting {name!r}; {nearest(name, ManifoldConfig.quantities())}")
    return _typed(name, text, kinds[name])


def parse_schedule(text: str) -> Schedule:
    """A schedule from `every=50,size=40:80,pattern=cycle`; what is left out keeps its default."""
    from stnb.manifold.schedule import Schedule

    values: dict[str, Any] = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise ConfigError(
                f"--inject {text}: {part!r} has no value; write every=50,size=40:80,pattern=cycle."
            )
        _once(values, name, value if name == "pattern" else _range(name, value))
    return Schedule.build(**values)


def _named(arguments: argparse.Namespace) -> dict[str, Any]:
    """Settings that have a flag of their own, and those of `--set`."""
    values: dict[str, Any] = {}
    for name in OWN_FLAGS:
        text = getattr(arguments, name)
        if text is not None:
            values[name] = parse_setting(name, text)
    for pair in arguments.set:
        name, equals, text = (piece.strip() for piece in pair.partition("="))
        if not equals:
            raise ConfigError(f"--set {pair}: write --set {name or 'key'}=value.")
        _once(values, name, parse_setting(name, text))
    return values


def _once(values: dict[str, Any], name: str, value: Any) -> None:
    if name in values and values[name] != value:
        raise ConfigError(f"{name} is given twice, as {values[name]!r} and as {value!r}; give it once.")
    values[name] = value


def _typed(name: str, text: str, kind: Any) -> Any:
    if typing.get_origin(kind) is tuple:
        pieces = text.replace("x", ",").split(",")
        typed = tuple(_typed(name, piece, typing.get_args(kind)[0]) for piece in pieces)
        return typed[0] if len(typed) == 1 else typed
    readers = {int: (int, "a whole number"), float: (float, "a number"), bool: (_truth, "true or false")}
    if kind is str:
        return text
    read, words = readers.get(kind, (json.loads, f"a {kind} as JSON writes it"))
    try:
        return read(text.strip())
    except (ValueError, KeyError) as error:
        raise ConfigError(f"{name} = {text!r} will not do; give {words}.") from error


def _truth(text: str) -> bool:
    return TRUTH[text.lower()]


def _range(name: str, text: str) -> Any:
    low, colon, high = text.partition(":")
    try:
        return (int(low), int(high)) if colon else int(low)
    except ValueError:
        raise ConfigError(
            f"--inject: {name}={text} will not do; give a number, as 50, or two, as 40:80."
        ) from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"--config {path} cannot be read: {error.strerror}; check the path.") from error
    except ValueError as error:
        raise ConfigError(f"--config {path} is not TOML: {error}.") from error


def _refuse_contradictions(
    session: ManifoldSession, arguments: argparse.Namespace, wanted: dict[str, Any], schedule: Schedule | None
) -> None:
    """A checkpoint decides its world: a flag may repeat what it says and nothing else."""
    asked = session.config.replace(**wanted)
    pairs = [(name, getattr(session.config, name), getattr(asked, name)) for name in wanted]
    if arguments.seed is not None:
        pairs.append(("seed", session.seed, arguments.seed))
    if arguments.device not in (None, "auto"):
        pairs.append(("device", session.device, arguments.device))
    if schedule is not None and session.schedule is not None:
        pairs.append(("inject", session.schedule, schedule))
    for name, old, new in pairs:
        if old != new:
            raise ConfigError(
                f"{arguments.resume} was made with {name} = {_short(old)}, not {_short(new)}; "
                "drop that flag, or begin a run of its own without --resume."
            )


def _short(value: Any) -> str:
    if hasattr(value, "to_dict"):
        return json.dumps(value.to_dict())
    return repr(value)
