"""What a session asks of an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    import numpy as np

    from stnb._core.frames import Frame

__all__ = ["Engine"]


class Engine(Protocol):
    """A deterministic stepper: the same config, seed and state give the same next state, bit for bit."""

    COLUMNS: ClassVar[tuple[str, ...]]
    """Keys of `measure()`, always the same."""

    @property
    def config(self) -> Any:
        """Settings in force, a `Config`."""

    @property
    def step_index(self) -> int:
        """Steps taken since the beginning."""
        ...

    @property
    def time(self) -> float:
        """Simulated time."""
        ...

    def advance(self) -> None:
        """Take exactly one step."""

    def measure(self) -> dict[str, float]:
        """Scalars of the present state."""
        ...

    def snapshot(self) -> Frame:
        """A frame of the present state."""
        ...

    def configure(self, config: Any, /) -> None:
        """Go on with other live settings; the session has validated them."""

    def state(self) -> dict[str, np.ndarray]:
        """Arrays that, with `meta()`, are all that a resumed run needs."""
        ...

    def meta(self) -> dict[str, Any]:
        """What else a resumed run needs, as JSON knows it."""
        ...
