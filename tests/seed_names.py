"""Finding a promised name in the installed package, whatever kind of name it is."""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import stnb

ROOT = Path(__file__).resolve().parent.parent


class AbsentError(LookupError):
    """The name, or something on the way to it, is not there; the message says what."""


@dataclasses.dataclass(frozen=True)
class Promise:
    """One row of the promised names."""

    name: str
    kind: str
    module: str
    args: list[str]
    where: str
    call: str = ""

    @property
    def roots(self) -> list[str]:
        """Where the name may be reached: concepts, shown in prose only, may also stand at the top."""
        return [self.module, "stnb"] if self.kind == "concept" else [self.module]


def find(promise: Promise, room: str, known_as: str = "") -> Any:
    """The object behind `promise` (or a witness, for names that are no objects). Raises AbsentError."""
    if promise.call:
        return _evaluate(promise.call)
    if known_as:
        return _walk("stnb", known_as.removeprefix("stnb."))
    if promise.name.startswith(("env:", "file:")):
        return _mentioned(promise.name.rpartition(":")[2].rpartition("/")[2], "stnb")
    if promise.kind in {"example", "cli"}:
        return _file(promise.name)
    if " DSL" in promise.name:
        return [_mentioned(word, room) for word in promise.args]
    key = re.fullmatch(r"(?P<owner>[\w.]+)(?: \w+|\((?P<arg>\w+)=\))\['(?P<key>\w+)'\]", promise.name)
    if key:
        return _documented_key(promise.module, **key.groupdict())
    path = re.sub(r"\(\).*$", "", promise.name)
    path = re.sub(r"\['(\w+)'\]$", r".\1", path)
    found = _first(promise.roots, path)
    refuse_missing_arguments(found, promise)
    return found


def refuse_missing_arguments(found: Any, promise: Promise) -> None:
    """Raise AbsentError when a callable lacks an argument that was promised by name."""
    if not promise.args or "()" in promise.name or promise.name.endswith("__"):
        return
    if not callable(found):
        raise AbsentError(f"{promise.name} is no callable")
    parameters = inspect.signature(found).parameters
    named = {n for n, p in parameters.items() if p.kind in {p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY}}
    lacking = [name for name in promise.args if name not in named]
    if lacking:
        raise AbsentError(f"{promise.name} takes no {', '.join(lacking)}; it takes {', '.join(parameters)}")


def _first(roots: list[str], path: str) -> Any:
    problems = []
    for root in roots:
        try:
            return _walk(root, path)
        except AbsentError as problem:
            problems.append(str(problem))
    raise AbsentError("; ".join(problems))


def _walk(root: str, path: str) -> Any:
    if path == "spiraltorch":
        return stnb
    parts = path.split(".")
    inside = root.split(".")[1:]
    if parts[: len(inside)] == inside:
        parts = parts[len(inside) :]
    elif inside and parts[0] == inside[-1]:
        parts = parts[1:]
    found: Any = _import(root)
    for part in parts:
        found = _member(found, part)
    return found


def _import(name: str) -> Any:
    found: Any = stnb
    for part in name.split(".")[1:]:
        found = _member(found, part)
    return found


def _member(owner: Any, name: str) -> Any:
    try:
        return getattr(owner, name)
    except AttributeError:
        pass
    if inspect.ismodule(owner):
        full = f"{owner.__name__}.{name}"
        try:
            return importlib.import_module(full)
        except ModuleNotFoundError as error:
            if error.name == full or not hasattr(owner, "__path__"):
                raise AbsentError(f"{owner.__name__} has no {name}") from None
            raise
    if inspect.isclass(owner) and any(name in _declared(base) for base in owner.__mro__):
        return inspect.Parameter.empty
    raise AbsentError(f"{getattr(owner, '__qualname__', owner)} has no {name} (a method, property or field)")


def _declared(base: type) -> set[str]:
    return {*vars(base).get("__annotations__", {}), *getattr(base, "__slots__", ())}


def _evaluate(call: str) -> Any:
    name = ast.unparse(ast.parse(call, mode="eval").body.func)
    _walk("stnb", name)
    try:
        return eval(f"stnb.{call}", {"stnb": stnb})
    except (TypeError, ValueError) as error:
        raise AbsentError(f"stnb.{call} raises {error!r}") from error


def _documented_key(module: str, owner: str, arg: str | None, key: str) -> Any:
    function = _walk(module, owner)
    if arg and arg not in inspect.signature(function).parameters:
        raise AbsentError(f"{owner} takes no {arg}")
    if not re.search(rf"\b{key}\b", inspect.getdoc(function) or ""):
        raise AbsentError(f"the docstring of {owner} does not say what the key {key!r} means")
    return function


def _file(name: str) -> Path:
    path = ROOT / name
    if not path.exists():
        raise AbsentError(f"{name} does not exist")
    return path


@functools.cache
def _strings(room: str) -> frozenset[str]:
    """Every string literal in the source of a room."""
    folder = ROOT.joinpath(*room.split("."))
    files = [*folder.rglob("*.py"), *folder.parent.glob(f"{folder.name}.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return frozenset(n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str))


def _mentioned(text: str, room: str) -> str:
    pattern = re.compile(rf"\b{re.escape(text)}\b")
    if not any(pattern.search(string) for string in _strings(room)):
        raise AbsentError(f"no string in {room} names {text}")
    return text
