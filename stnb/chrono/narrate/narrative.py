"""What a narrator says: one sentence or two, and a few details."""

from __future__ import annotations

import dataclasses
from html import escape
from typing import Any

__all__ = ["ResonanceNarrative"]


@dataclasses.dataclass(frozen=True)
class ResonanceNarrative:
    """A summary in plain sentences and highlights of one line each; the same record always gives the same words.

    >>> print(ResonanceNarrative("All is quiet.", ["Frames: 3"]))
    All is quiet.
      – Frames: 3
    """

    summary: str
    highlights: list[str]

    def __post_init__(self) -> None:
        if isinstance(self.highlights, str) or not isinstance(self.highlights, list | tuple):
            raise TypeError(
                f"highlights is of type {type(self.highlights).__name__}; give a list of strings."
            )
        for label, text in [("summary", self.summary), *_labelled(self.highlights)]:
            if not isinstance(text, str):
                raise TypeError(f"{label} is of type {type(text).__name__}; give a str.")
        object.__setattr__(self, "highlights", list(self.highlights))

    def as_dict(self) -> dict[str, Any]:
        """Summary and highlights, ready for JSON."""
        return {"summary": self.summary, "highlights": list(self.highlights)}

    def story(self) -> tuple[str, list[str]]:
        """Summary and highlights as a pair."""
        return self.summary, list(self.highlights)

    def __str__(self) -> str:
        return "\n".join([self.summary, *(f"  – {line}" for line in self.highlights)])

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape(line)}</li>" for line in self.highlights)
        return f"<p>{escape(self.summary)}</p>" + (f"<ul>{lines}</ul>" if lines else "")


def _labelled(highlights: list[str] | tuple[str, ...]) -> list[tuple[str, str]]:
    return [(f"highlights[{index}]", text) for index, text in enumerate(highlights)]
