"""A figure under a slider: the kernel draws it anew at every value, and a still stays where there is no kernel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from stnb._core.errors import InputError
from stnb._core.show import mimebundle

if TYPE_CHECKING:
    from collections.abc import Callable

    from plotly.graph_objects import Figure

__all__ = ["Slider"]


class Slider:
    """A slider from `low` to `high` over the figure `draw(value)`; shown like a figure, `st.show(slider, alt=…)`.

    With a kernel, moving it calls `draw` and puts the new coordinates and titles into the figure. Where the notebook is
    only read, the figure at `value` is there instead, without the slider.

    Args:
        draw: Makes the figure of a value; the number and the looks of its traces stay the same.
        low: The least value.
        high: The largest value.
        value: Where the slider begins.
        step: What one move of it changes.
        label: What stands before it.
    """

    def __init__(
        self,
        draw: Callable[[float], Figure],
        *,
        low: float,
        high: float,
        value: float,
        step: float,
        label: str,
    ) -> None:
        numbers = {"low": low, "high": high, "value": value, "step": step}
        for name, number in numbers.items():
            if not math.isfinite(number):
                raise InputError(f"{name} = {number!r} is no place of a slider; give a finite number.")
        if not (low < high and low <= value <= high and step > 0):
            raise InputError(f"low ≤ value ≤ high, low < high and step > 0 are wanted, got {numbers}.")
        self._draw, self._label, self._start = draw, label, value
        self._range = {"min": low, "max": high, "step": step, "value": value}
        self._still = draw(value)
        self._box: Any = None
        self._live: Any = None
        self._control: Any = None

    @property
    def value(self) -> float:
        """Where the slider stands; setting it moves it."""
        self._built()
        return self._control.value

    @value.setter
    def value(self, value: float) -> None:
        self._built()
        self._control.value = value

    @property
    def figure(self) -> Any:
        """The live figure."""
        self._built()
        return self._live

    def _redraw(self, change: dict[str, Any]) -> None:
        fresh: Any = self._draw(change["new"])
        if len(fresh.data) != len(self._live.data):
            raise InputError(
                f"draw made {len(fresh.data)} traces at {change['new']:g} and {len(self._live.data)} before; "
                "give the same number at every value."
            )
        with self._live.batch_update():
            for trace, new in zip(self._live.data, fresh.data, strict=True):
                trace.update(x=new.x, y=new.y, name=new.name)
            self._live.layout.title = fresh.layout.title
            self._live.layout.shapes = fresh.layout.shapes
            self._live.layout.annotations = fresh.layout.annotations

    def _built(self) -> Any:
        """The widget, made when it is first needed."""
        if self._box is None:
            import ipywidgets
            from plotly.graph_objects import FigureWidget

            self._live = FigureWidget(self._still)
            self._control = ipywidgets.FloatSlider(
                **self._range,
                description=self._label,
                readout_format=".2f",
                style={"description_width": "initial"},
                layout={"width": "min(100%, 34em)", "margin": "0 0 0 60px"},
            )
            self._control.observe(self._redraw, names="value")
            self._box = ipywidgets.VBox([self._control, self._live])
        return self._box

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        words = f"{self._label}: the figure at {self._start:g}"
        still, _metadata = mimebundle(self._still, words.ljust(10, "."))
        widget = self._built()._repr_mimebundle_()
        live = widget[0] if isinstance(widget, tuple) else widget
        return {**still, **live, "text/plain": words}
