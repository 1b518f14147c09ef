"""What goes into the meter and what comes out of it."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from stnb._core.numbers import whole
from stnb.zspace.intake import vector

__all__ = ["KEYS", "PsychoidEvent", "PsychoidFrame", "PsychoidReading", "PsychoidSample"]

KEYS: tuple[str, ...] = ("D", "S", "C", "K", "H", "RR", "RRI", "NU", "TD", "SE", "AX")


@dataclasses.dataclass(frozen=True, eq=False)
class PsychoidFrame:
    """One token: what the model predicted there, what it held in mind, what it wrote.

    Attributes:
        token_id: number of the token, from 0 on.
        logits: scores of all tokens, at least one; their softmax is the prediction. Kept as float64.
        hidden: the activation behind them, kept likewise.
        token_text: what the token spells, with its own spacing; empty for models that write numbers.
    """

    token_id: int
    logits: Any
    hidden: Any
    token_text: str = ""

    def __post_init__(self) -> None:
        settled = {
            "token_id": whole("token_id", self.token_id),
            "logits": vector("logits", self.logits).copy(),
            "hidden": vector("hidden", self.hidden).copy(),
            "token_text": _text("token_text", self.token_text),
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)


@dataclasses.dataclass(frozen=True, eq=False)
class PsychoidSample:
    """Some consecutive tokens with the prompt that they answer.

    Attributes:
        prompt: what was asked.
        generated: what was written, as a whole; the metrics read the texts of the frames.
        frames: the tokens, oldest first.
    """

    prompt: str = ""
    generated: str = ""
    frames: tuple[PsychoidFrame, ...] = ()

    def __post_init__(self) -> None:
        frames = tuple(self.frames)
        wrong = next((frame for frame in frames if not isinstance(frame, PsychoidFrame)), None)
        if wrong is not None:
            raise TypeError(
                f"frames hold something of type {type(wrong).__name__}; give PsychoidFrame objects."
            )
        _text("prompt", self.prompt)
        _text("generated", self.generated)
        object.__setattr__(self, "frames", frames)


@dataclasses.dataclass(frozen=True)
class PsychoidReading:
    """The self-metrics after one sample; the keys of `raw` and `z` are explained in `stnb.psi.psychoid.metrics`.

    Attributes:
        step: number of the reading, from 0 on.
        cti: composite index in (0, 1), 0.5 when nothing stands out.
        raw: the metrics.
        z: how far each lies from its own past, in robust deviations.
    """

    step: int
    cti: float
    raw: dict[str, float]
    z: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Every attribute by name."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class PsychoidEvent:
    """A reading that stands out.

    Attributes:
        kind: "dream-pass", or "dream-export" when refusals go with symbols.
        step: that of the reading.
        cti: that of the reading.
        diary: of an export: one sentence with a symbol for every refusal.
        symbols: of an export: these symbols.
    """

    kind: Literal["dream-pass", "dream-export"]
    step: int
    cti: float
    diary: str = ""
    symbols: list[str] = dataclasses.field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The attributes that its kind has, by name."""
        values = dataclasses.asdict(self)
        return (
            values
            if self.kind == "dream-export"
            else {name: values[name] for name in ("kind", "step", "cti")}
        )


def _text(label: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{label} = {value!r} is of type {type(value).__name__}; give a string.")
    return value
