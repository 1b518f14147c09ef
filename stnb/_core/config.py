"""Settings as frozen dataclasses whose fields know their unit, range and meaning."""

from __future__ import annotations

import dataclasses
import functools
import html
import typing
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from stnb._core.errors import ConfigError, nearest
from stnb._core.values import coerce, jsonable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

__all__ = ["Config", "Quantity", "Setting", "quantity"]

T = TypeVar("T")


class Quantity(NamedTuple):
    """What a field knows about itself; `log` and `live` tell a slider how to behave."""

    unit: str = ""
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    log: bool = False
    live: bool = False
    help: str = ""
    choices: tuple[Any, ...] | None = None

    @property
    def range(self) -> str:
        """The allowed values in words: `(0, 1] s`, `≥ 1`, `'walls' | 'periodic'`, or nothing."""
        if self.choices is not None:
            return " | ".join(repr(choice) for choice in self.choices)
        unit = f" {self.unit}" if self.unit else ""
        if self.low is None and self.high is None:
            return ""
        if self.high is None:
            return f"{'>' if self.open_low else '≥'} {self.low:g}{unit}"
        if self.low is None:
            return f"{'<' if self.open_high else '≤'} {self.high:g}{unit}"
        left, right = "(["[not self.open_low], ")]"[not self.open_high]
        return f"{left}{self.low:g}, {self.high:g}{right}{unit}"

    def holds(self, number: float) -> bool:
        """Whether a number lies between the bounds, each open or closed as declared."""
        above = self.low is None or (number > self.low if self.open_low else number >= self.low)
        below = self.high is None or (number < self.high if self.open_high else number <= self.high)
        return above and below


class Setting(NamedTuple):
    """One row of `Config.describe()`."""

    name: str
    value: Any
    unit: str
    range: str
    live: bool
    help: str


def quantity(
    default: T,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    open_low: bool = False,
    open_high: bool = False,
    log: bool = False,
    live: bool = False,
    help: str = "",  # noqa: A002
    choices: Sequence[Any] | None = None,
) -> T:
    """A dataclass field with a default, a unit and the range that its values must keep.

    Bounds are part of the range unless `open_low` or `open_high` says otherwise. A `live` field may change
    while a session runs. On a tuple the range holds for every element.

    >>> @dataclasses.dataclass(frozen=True)
    ... class Pendulum(Config):
    ...     length: float = quantity(1.0, unit="m", low=0.0, open_low=True)
    >>> Pendulum.build(length=2).length
    2.0
    """
    allowed = None if choices is None else tuple(choices)
    known = Quantity(unit, low, high, open_low, open_high, log, live, help, allowed)
    if log and (low is None or low < 0 or (low == 0 and not open_low)):
        raise ConfigError(f"a logarithmic range needs a positive lower bound, not {low!r}; give low > 0.")
    return dataclasses.field(default=default, metadata={"quantity": known})


@functools.cache
def _schema(cls: type[Config]) -> dict[str, tuple[Any, Quantity]]:
    """Field name -> (type, quantity), in declaration order."""
    hints = typing.get_type_hints(cls)
    fields = dataclasses.fields(cls)
    return {f.name: (hints[f.name], f.metadata.get("quantity", Quantity())) for f in fields}


@dataclasses.dataclass(frozen=True)
class Config:
    """Base of every configuration: a frozen dataclass that refuses bad values when it is made.

    Subclasses are decorated with `@dataclass(frozen=True)`, declare fields with `quantity` and override
    `check` for rules that join several fields.
    """

    def __post_init__(self) -> None:
        for name, (kind, known) in _schema(type(self)).items():
            label = f"{type(self).__name__}.{name}"
            value = coerce(label, getattr(self, name), kind)
            _refuse_outside(label, value, known)
            object.__setattr__(self, name, value)
        self.check()

    def check(self) -> None:
        """Rules across fields; raise `ConfigError` when one is broken."""

    @classmethod
    def build(cls, **overrides: Any) -> Self:
        """A config from defaults and overrides; an unknown name is answered with the nearest known one."""
        schema = _schema(cls)
        _refuse_unknown(cls, overrides)
        missing = [f.name for f in dataclasses.fields(cls) if _is_required(f) and f.name not in overrides]
        if missing:
            wanted = ", ".join(f"{name} ({schema[name][0]})" for name in missing)
            raise ConfigError(f"{cls.__name__} needs a value for {wanted}; pass it by name.")
        return cls(**overrides)

    def replace(self, **changes: Any) -> Self:
        """A copy with some values changed, validated as a whole."""
        _refuse_unknown(type(self), changes)
        return dataclasses.replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Names and values as JSON knows them: tuples become lists, nested configs become dicts."""
        return {name: jsonable(getattr(self, name)) for name in _schema(type(self))}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`; names that are absent keep their defaults."""
        _refuse_unknown(cls, values)
        schema = _schema(cls)
        nested = {
            name: schema[name][0].from_dict(value)
            if isinstance(value, dict) and _is_config(schema[name][0])
            else value
            for name, value in values.items()
        }
        return cls.build(**nested)

    @classmethod
    def live_fields(cls) -> tuple[str, ...]:
        """Names that may change while a session runs."""
        return tuple(name for name, (_, known) in _schema(cls).items() if known.live)

    @classmethod
    def quantities(cls) -> dict[str, Quantity]:
        """What every field knows about itself, by name."""
        return {name: known for name, (_, known) in _schema(cls).items()}

    def describe(self) -> list[Setting]:
        """One row a field: name, value, unit, range, whether it is live, and what it means."""
        return [
            Setting(name, getattr(self, name), known.unit, known.range, known.live, known.help)
            for name, (_, known) in _schema(type(self)).items()
        ]

    def __str__(self) -> str:
        rows = self.describe()
        width = max((len(row.name) for row in rows), default=0)
        lines = [f"  {row.name:<{width}}  {_printed(row.value)} {row.unit}".rstrip() for row in rows]
        return "\n".join([type(self).__name__, *lines])

    def _repr_html_(self) -> str:
        cells = "".join(_html_row(row) for row in self.describe())
        head = "".join(f"<th>{title}</th>" for title in ("name", "value", "unit", "range", "live", "meaning"))
        title = html.escape(type(self).__name__)
        return (
            f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{cells}</tbody></table>"
        )


def _is_required(field: dataclasses.Field[Any]) -> bool:
    no_default = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    return field.init and no_default


def _is_config(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Config)


def _refuse_unknown(cls: type[Config], names: Mapping[str, Any]) -> None:
    schema = _schema(cls)
    for name in names:
        if name not in schema:
            raise ConfigError(f"{cls.__name__} has no setting {name!r}; {nearest(str(name), schema)}")


def _refuse_outside(label: str, value: Any, known: Quantity) -> None:
    """Choices and bounds, element by element for tuples."""
    if known.choices is not None:
        if value not in known.choices:
            hint = nearest(str(value), [str(choice) for choice in known.choices])
            raise ConfigError(f"{label} = {value!r} is not one of the choices; {hint}")
        return
    unit = f" {known.unit}" if known.unit else ""
    for number in value if isinstance(value, tuple) else (value,):
        if isinstance(number, (int, float)) and not known.holds(number):
            raise ConfigError(
                f"{label} = {value!r}{unit} is outside its range; choose a value in the range {known.range}."
            )


def _printed(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _html_row(row: Setting) -> str:
    shown = (row.name, _printed(row.value), row.unit, row.range, "yes" if row.live else "", row.help)
    return "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in shown) + "</tr>"
