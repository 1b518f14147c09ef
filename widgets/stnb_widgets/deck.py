"""What stands under every picture: buttons, speed, the way back through time, and sliders; Python says what is true."""

from __future__ import annotations

import threading
from dataclasses import asdict
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stnb_widgets.slider import Slider

__all__ = ["DECK_PARTS", "Deck"]

DECK_PARTS = ("play", "step", "speed", "scrub", "record")


class Deck(anywidget.AnyWidget):
    """The part of a widget that says whether a simulation runs, how fast, and what its settings are.

    A button or slider in the browser sends a wish and shows what it asked for; its face follows what is said here.
    """

    scene = traitlets.Dict().tag(sync=True, echo_update=False)
    state = traitlets.Dict().tag(sync=True, echo_update=False)

    def __init__(
        self,
        *,
        scene: dict[str, Any],
        state: dict[str, Any],
        title: str,
        group: str,
        deck: Sequence[str],
        controls: Sequence[Slider],
    ) -> None:
        self._state_lock = threading.RLock()
        self._sliders = {slider.name: slider for slider in controls}
        _check(deck, controls, self._sliders)
        shared_scene = {
            "title": str(title),
            "group": str(group),
            "deck": list(deck),
            "controls": [asdict(slider) for slider in controls],
        }
        shared_state = {
            "playing": False,
            "speed": None,
            "past": None,
            "recording": False,
            "controls": {
                name: {"value": slider.value, "error": "", "echo": 0}
                for name, slider in self._sliders.items()
            },
        }
        super().__init__(scene={**shared_scene, **scene}, state={**shared_state, **state})

    @property
    def title(self) -> str:
        """What stands above the picture."""
        return self.scene["title"]

    def set_playing(self, playing: bool) -> None:  # noqa: FBT001 (a setter's one value)
        """Say whether the simulation runs; the play button follows."""
        self._update(playing=bool(playing))

    def set_speed(self, steps_per_second: float | None) -> None:
        """Say how many steps a second are allowed, None for as many as go."""
        if steps_per_second is not None and not 0 < steps_per_second < inf:
            raise ValueError(
                f"the speed is {steps_per_second} steps a second; pass a number above 0, or None for full speed"
            )
        self._update(speed=None if steps_per_second is None else float(steps_per_second))

    def set_recording(self, recording: bool) -> None:  # noqa: FBT001 (as above)
        """Say whether frames are being written to a file."""
        self._update(recording=bool(recording))

    def set_past(self, first: int, last: int, shown: int | None = None) -> None:
        """Say which steps can be shown again, and which one is; None for the newest."""
        if first > last or (shown is not None and not first <= shown <= last):
            raise ValueError(
                f"the past runs from step {first} to {last} and shows {shown}; pass first <= shown <= last, or no `shown`"
            )
        self._update(
            past={
                "first": int(first),
                "last": int(last),
                "shown": None if shown is None else int(shown),
            }
        )

    def set_control(self, name: str, value: float, *, error: str = "") -> None:
        """Say the value that the session really has, and why a wish was refused."""
        if name not in self._sliders:
            raise KeyError(
                f"no control is named {name!r}; this {type(self).__name__} has {sorted(self._sliders)}: "
                "use one of those"
            )
        if not isfinite(value):
            raise ValueError(
                f"control {name!r} has value {value}; pass the finite number that the session uses"
            )
        with self._state_lock:
            controls = dict(self.state["controls"])
            echo = controls[name]["echo"] + 1
            controls[name] = {"value": float(value), "error": str(error), "echo": echo}
            self._update(controls=controls)

    def _update(self, **changes: Any) -> None:
        with self._state_lock:
            self.state = dict(self.state, **changes)


def _check(deck: Sequence[str], controls: Sequence[Slider], named: dict[str, Slider]) -> None:
    unknown = [part for part in deck if part not in DECK_PARTS]
    if unknown:
        raise ValueError(f"deck has no part {unknown[0]!r}; choose from {', '.join(DECK_PARTS)}")
    if len(named) != len(controls):
        names = [slider.name for slider in controls]
        raise ValueError(f"controls are named {names}; two have the same name: give each its own")
