"""A reader of the part of WGSL that the kernels are written in: it turns a module into Python functions.

Unsigned numbers wrap at 2³² and divide without a rest, `source` can only be read, and every place of `destination` can
be written once in a dispatch: a second thread that writes it is an error.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

FUNCTION = re.compile(r"fn (\w+)\((.*)\)(?: -> [\w<>]+)? \{")
BINDING = re.compile(r"@group\(0\) @binding\((\d)\) var<storage, (\w+)> (\w+): array<vec2<f32>>;")
CONSTANT = re.compile(r"const (\w+): (u32|f32) = (.+);")
ENTRY = re.compile(r"@compute @workgroup_size\((\w+)\)")
ASSIGNMENT = re.compile(r"(?:let )?([\w\[\]]+) = (.+);")


class Module(NamedTuple):
    """What a text declares, and its functions as Python."""

    constants: dict
    bindings: dict
    entry_points: dict
    scope: dict


class U32(int):
    """An unsigned number of 32 bits."""

    def __new__(cls, value):
        return super().__new__(cls, int(value) % 2**32)

    def __add__(self, other):
        return U32(int(self) + int(other))

    def __sub__(self, other):
        return U32(int(self) - int(other))

    def __mul__(self, other):
        return U32(int(self) * int(other))

    def __truediv__(self, other):
        return U32(int(self) // int(other))

    def __mod__(self, other):
        return U32(int(self) % int(other))

    def __rshift__(self, other):
        return U32(int(self) >> int(other))


class Pair(NamedTuple):
    """vec2<f32>."""

    x: float
    y: float

    def __add__(self, other):
        return Pair(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Pair(self.x - other.x, self.y - other.y)


class Thread(NamedTuple):
    """global_invocation_id."""

    x: U32


class WriteOnce:
    """A buffer of which each place takes one value, and whose values nobody reads."""

    def __init__(self, length):
        self.values = [None] * length

    def __setitem__(self, place, value):
        assert isinstance(place, U32)
        assert self.values[place] is None, f"place {place} is written twice"
        self.values[place] = value


def read(text):
    """Bindings, constants, and functions by name; a line that is none of them is an error."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("//")]
    constants, bindings, entry_points, code, workgroup = {}, {}, {}, [], None
    for line in lines:
        if found := CONSTANT.fullmatch(line):
            constants[found[1]] = _expression(found[3])
        elif found := BINDING.fullmatch(line):
            bindings[found[3]] = (int(found[1]), found[2])
        elif found := ENTRY.fullmatch(line):
            workgroup = found[1]
        else:
            if (found := FUNCTION.fullmatch(line)) and workgroup:
                entry_points[found[1]] = workgroup
                workgroup = None
            code.append(_statement(line))
    reverse = {"reverseBits": lambda value: U32(int(f"{value:032b}"[::-1], 2))}
    scope = {"U32": U32, "Pair": Pair, "f32": float, "cos": math.cos, "sin": math.sin, **reverse}
    exec("\n".join([f"{name} = {value}" for name, value in constants.items()] + code), scope)
    sizes = {name: int(scope[size]) for name, size in entry_points.items()}
    return Module({name: scope[name] for name in constants}, bindings, sizes, scope)


def dispatch(module, entry_point, workgroups, source):
    """What a dispatch leaves in the destination, for a list of complex numbers."""
    destination = WriteOnce(len(source))
    readable = tuple(Pair(value.real, value.imag) for value in source)
    module.scope.update(source=readable, destination=destination)
    for thread in range(workgroups * module.entry_points[entry_point]):
        module.scope[entry_point](Thread(U32(thread)))
    return [complex(value.x, value.y) for value in destination.values]


def _statement(line):
    indent, body = line[: len(line) - len(line.lstrip())], line.strip()
    if found := FUNCTION.fullmatch(body):
        names = re.findall(r"(\w+): ", found[2])
        return f"def {found[1]}({', '.join(names)}):"
    if found := re.fullmatch(r"if \((.+)\) \{", body):
        return f"{indent}if {_expression(found[1])}:"
    if body == "}":
        return f"{indent}pass"
    if found := re.fullmatch(r"return ?(.*);", body):
        return f"{indent}return {_expression(found[1])}"
    if found := ASSIGNMENT.fullmatch(body):
        return f"{indent}{found[1]} = {_expression(found[2])}"
    if found := re.fullmatch(r"(\w+\(.+\));", body):
        return f"{indent}{_expression(found[1])}"
    raise AssertionError(f"{line!r} is no line that the kernels use")


def _expression(text):
    return re.sub(r"\b(\d+)u\b", r"U32(\1)", text).replace("vec2<f32>(", "Pair(")
