"""A builder: settings said one after another, then made into a session."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from stnb._core.errors import InvalidValue, nearest
from stnb.session.spiral.settings import SpiralSettings, given
from stnb.zspace.topos import OpenTopos

if TYPE_CHECKING:
    from typing import Self

    from stnb.session.spiral.session import SpiralSession

__all__ = ["SpiralSessionBuilder"]

SETTINGS = tuple(field.name for field in dataclasses.fields(SpiralSettings) if field.name != "device")


class SpiralSessionBuilder:
    """Gathers settings and builds one session; every setter checks its value and returns the builder.

    Settings may also be given by name: `SpiralSessionBuilder(device="cpu", curvature=-0.5)`.

    >>> SpiralSessionBuilder("cpu").curvature(-0.5).build().curvature()
    -0.5
    """

    def __init__(self, device: str | None = None, **settings: Any) -> None:
        unknown = next((name for name in settings if name not in SETTINGS), None)
        if unknown is not None:
            raise TypeError(f"{unknown!r} is no setting of a session; {nearest(unknown, SETTINGS)}")
        self._topos: OpenTopos | None = settings.pop("topos", None)
        self._settings = SpiralSettings(device=device, **settings)
        self._built = False

    @classmethod
    def of(cls, settings: SpiralSettings) -> SpiralSessionBuilder:
        """A builder that starts from settings."""
        builder = cls(settings.device)
        builder._settings, builder._topos = settings.replace(topos=None), settings.topos
        return builder

    def curvature(self, value: float) -> Self:
        """κ < 0."""
        return self._set(curvature=value)

    def hyper_learning_rate(self, value: float) -> Self:
        """η of hyperbolic tapes."""
        return self._set(hyper_learning_rate=value)

    def fallback_learning_rate(self, value: float) -> Self:
        """η of flat tapes."""
        return self._set(fallback_learning_rate=value)

    def entropy_weight(self, value: float) -> Self:
        """γ of barycentres."""
        return self._set(entropy_weight=value)

    def beta_j(self, value: float) -> Self:
        """β of their coupling."""
        return self._set(beta_j=value)

    def coupling(self, tensor: Any = None) -> Self:
        """J of their coupling; None for none."""
        return self._set(coupling=tensor)

    def topos(
        self, curvature: float, tolerance: float, saturation: float, max_depth: int, max_volume: int
    ) -> Self:
        """Limits by number."""
        return self.topos_guard(OpenTopos(curvature, tolerance, saturation, max_depth, max_volume))

    def topos_guard(self, topos: OpenTopos) -> Self:
        """Limits as an object; its curvature has to be the session's when it is built."""
        if not isinstance(topos, OpenTopos):
            raise TypeError(f"topos is of type {type(topos).__name__}; give an OpenTopos.")
        self._open()
        self._topos = topos
        return self

    def clear_topos(self) -> Self:
        """No limits of one's own."""
        self._open()
        self._topos = None
        return self

    def chrono_capacity(self, frames: int) -> Self:
        """How many frames the timeline keeps."""
        return self._set(chrono_capacity=frames)

    def maintainer(
        self,
        jitter_threshold: float | None = None,
        growth_threshold: float | None = None,
        energy_floor: float | None = None,
        clamp_min: float | None = None,
        clamp_max: float | None = None,
        pressure_step: float | None = None,
        window: int | None = None,
        harmonic_threshold: float | None = None,
        **unknown: Any,
    ) -> Self:
        """What the maintainer tolerates; what is not given stays as it is."""
        changes = given(
            jitter_threshold=jitter_threshold,
            growth_threshold=growth_threshold,
            energy_floor=energy_floor,
            clamp_min=clamp_min,
            clamp_max=clamp_max,
            pressure_step=pressure_step,
            window=window,
            harmonic_threshold=harmonic_threshold,
            **unknown,
        )
        return self._set(maintainer=self._settings.watch_rules().replace(**changes))

    def build(self) -> SpiralSession:
        """The session; a builder builds once."""
        from stnb.session.spiral.session import SpiralSession

        self._open()
        settings = self._settings.replace(topos=self._topos)
        self._built = True
        return SpiralSession(**settings.as_dict())

    def _set(self, **changes: Any) -> Self:
        self._open()
        self._settings = self._settings.replace(**changes)
        return self

    def _open(self) -> None:
        if self._built:
            raise InvalidValue("this builder has built its session; start another with session.builder().")
