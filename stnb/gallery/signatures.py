"""Signatures as a reader wants them: one line if it fits, else one argument a line, and no addresses of memory."""

from __future__ import annotations

import inspect
import re
from typing import Any

__all__ = ["WIDTH", "signature"]

WIDTH = 88
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_MODULE = re.compile(r"\b(?:[a-z_]\w*\.)+(?=[A-Z])")
_LONGEST_DEFAULT = 48


def signature(name: str, thing: Any, *, method: bool = False) -> str:
    """`name(a: int, *, b: float = 1.0) -> str`, or only the name where Python cannot say more.

    Args:
        name: shown before the parentheses.
        thing: a function, method or class.
        method: leave the first argument out.
    """
    try:
        known = inspect.signature(thing)
    except (TypeError, ValueError):
        return name
    parameters = list(known.parameters.values())
    if method and parameters and parameters[0].name in {"self", "cls"}:
        parameters = parameters[1:]
    parts = _separated(parameters)
    returned = known.return_annotation
    result = (
        "" if returned is inspect.Signature.empty or isinstance(thing, type) else f" -> {_type(returned)}"
    )
    line = f"{name}({', '.join(parts)}){result}"
    if len(line) <= WIDTH or not parts:
        return line
    return "\n".join([f"{name}(", *(f"    {part}," for part in parts), f"){result}"])


def _separated(parameters: list[inspect.Parameter]) -> list[str]:
    """Arguments with the `/` and `*` that stand between their kinds."""
    parts: list[str] = []
    starred = False
    for i, parameter in enumerate(parameters):
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        starred = starred or parameter.kind is parameter.VAR_POSITIONAL
        parts.append(_parameter(parameter))
        after = parameters[i + 1].kind if i + 1 < len(parameters) else None
        if parameter.kind is parameter.POSITIONAL_ONLY and after is not parameter.POSITIONAL_ONLY:
            parts.append("/")
    return parts


def _parameter(parameter: inspect.Parameter) -> str:
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    typed = "" if parameter.annotation is parameter.empty else f": {_type(parameter.annotation)}"
    if parameter.default is parameter.empty:
        return f"{stars}{parameter.name}{typed}"
    equals = " = " if typed else "="
    return f"{stars}{parameter.name}{typed}{equals}{_default(parameter.default)}"


def _type(annotation: Any) -> str:
    known = getattr(annotation, "__forward_arg__", annotation)
    text = known if isinstance(known, str) else inspect.formatannotation(known)
    return _MODULE.sub("", text)


def _default(value: Any) -> str:
    if isinstance(value, type) or inspect.isroutine(value):
        return value.__name__
    text = _ADDRESS.sub("", repr(value))
    return text if len(text) <= _LONGEST_DEFAULT else "…"
