"""Sliders that follow from a config: label, unit and range of its live quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb_widgets import Slider

from stnb._core.errors import ConfigError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stnb._core.config import Config, Quantity

__all__ = ["sliders_for"]

BELOW, ABOVE = 100.0, 10.0


def sliders_for(config: Config, names: Iterable[str]) -> list[Slider]:
    """One slider per name, in this order; a name that cannot change in a run is refused."""
    live = config.live_fields()
    known = config.quantities()
    sliders = []
    for name in names:
        if name not in live:
            raise ConfigError(
                f"{name!r} cannot be a slider, it does not change in a run; {nearest(name, live)}"
            )
        value = float(getattr(config, name))
        low, high = reach(known[name], value)
        quantity = known[name]
        sliders.append(
            Slider(
                name,
                label=quantity.help,
                value=value,
                low=low,
                high=high,
                unit=quantity.unit,
                log=quantity.log,
            )
        )
    return sliders


def reach(quantity: Quantity, value: float) -> tuple[float, float]:
    """A useful part of the allowed range: up to ten times the value, and on a log scale down to a hundredth."""
    high = quantity.high if quantity.high is not None else max(ABOVE * value, 1.0)
    if value > 0:
        high = min(high, ABOVE * value)
    low = quantity.low or 0.0
    if quantity.log:
        low = max(low, value / BELOW)
    return low, high
