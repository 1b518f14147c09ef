"""Array shapes that stnb states with jaxtyping are checked at run time, in tests only.

A function whose annotations mention a jaxtyping array (`Float[Array, "n d"]`) is wrapped by `jaxtyped` and
beartype when its module is imported. The annotations are strings, and their names are often imported under
`if TYPE_CHECKING:`, so they are resolved at the first call, when every module is there. Modules that Numba or
Triton compile are left alone: their functions take no part in Python's calling convention.
"""

from __future__ import annotations

import ast
import functools
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import re
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"stnb": ROOT / "stnb", "stnb_kernels": ROOT / "kernels" / "stnb_kernels"}
COMPILED = frozenset({"cpu", "cuda", "triton_"})
_ARRAY = re.compile(r"\b(Float|Int|UInt|Bool|Complex|Inexact|Integer|Num|Real|Shaped|Key|BFloat)\d*\s*\[")


def modules() -> list[str]:
    """Every module of the checked packages except those that a kernel compiler reads."""
    names = []
    for package, folder in PACKAGES.items():
        for path in sorted(folder.rglob("*.py")):
            parts = [package, *path.relative_to(folder).with_suffix("").parts]
            if parts[-1] == "__init__":
                parts.pop()
            if not COMPILED.intersection(parts):
                names.append(".".join(parts))
    return names


def install() -> None:
    """Watch imports of the checked modules; without jaxtyping and beartype do nothing."""
    if all(importlib.util.find_spec(name) for name in ("jaxtyping", "beartype")):
        sys.meta_path.insert(0, _Finder(frozenset(modules())))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname not in self._names:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(fullname, spec.loader.path)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def exec_module(self, module: types.ModuleType) -> None:
        super().exec_module(module)
        for owner, name, value in _members(module):
            if isinstance(value, property) and _states_shapes(value.fget):
                setattr(owner, name, value.getter(checked(value.fget)))
            elif _states_shapes(value):
                setattr(owner, name, checked(value))


def _members(module: types.ModuleType) -> Iterator[tuple[Any, str, Any]]:
    for name, thing in list(vars(module).items()):
        if getattr(thing, "__module__", None) == module.__name__:
            yield module, name, thing
            if inspect.isclass(thing):
                yield from ((thing, key, value) for key, value in list(vars(thing).items()))


def _states_shapes(value: Any) -> bool:
    hints = value.__annotations__.values() if isinstance(value, types.FunctionType) else ()
    return any(_ARRAY.search(str(hint)) for hint in hints)


def checked(function: types.FunctionType) -> Callable[..., Any]:
    """`function` with its stated shapes enforced from the first call on."""

    @functools.cache
    def strict() -> Callable[..., Any]:
        import beartype
        import jaxtyping

        names = {**vars(jaxtyping), **_type_checking_names(function.__module__), **function.__globals__}
        twin = types.FunctionType(
            function.__code__,
            function.__globals__,
            function.__name__,
            function.__defaults__,
            function.__closure__,
        )
        twin.__kwdefaults__ = function.__kwdefaults__
        twin.__qualname__, twin.__module__ = function.__qualname__, function.__module__
        twin.__annotations__ = {key: _resolve(hint, names) for key, hint in function.__annotations__.items()}
        lenient = beartype.BeartypeConf(is_pep484_tower=True)
        return jaxtyping.jaxtyped(twin, typechecker=beartype.beartype(conf=lenient))

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return strict()(*args, **kwargs)

    return call


def _resolve(hint: Any, names: dict[str, Any]) -> Any:
    return eval(hint, names) if isinstance(hint, str) else hint


@functools.cache
def _type_checking_names(module: str) -> dict[str, Any]:
    """What the module imports under `if TYPE_CHECKING:`."""
    path = sys.modules[module].__file__
    found: dict[str, Any] = {"__package__": sys.modules[module].__package__}
    for node in ast.parse(Path(path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            exec(compile(ast.Module(node.body, []), path, "exec"), found)
    return found
