"""A spiral session: one object that remembers the ball, the rates, the limits and the past, and hands out what fits."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from stnb._core import registry
from stnb.nn.prepared import PreparedModule, prepare
from stnb.planner import RankPlan, describe_device, plan
from stnb.session.spiral import keeping
from stnb.session.spiral.builder import SpiralSessionBuilder
from stnb.session.spiral.chronicle import Chronicle
from stnb.session.spiral.settings import SpiralSettings
from stnb.session.spiral.trace import SpiralDifferentialTrace
from stnb.zspace.barycenter import ZSpaceBarycenter, z_space_barycenter
from stnb.zspace.tape import Hypergrad, Realgrad
from stnb.zspace.topos import OpenTopos

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import Self

    from stnb.chrono.maintainer import MaintainerConfig
    from stnb.zspace.tensor import Tensor

__all__ = ["SpiralSession"]


class _BuilderAccess:
    """`SpiralSession.builder(device)` starts from the defaults, `session.builder()` from that session."""

    def __get__(
        self, session: SpiralSession | None, owner: type[SpiralSession]
    ) -> Callable[..., SpiralSessionBuilder]:
        if session is None:
            return SpiralSessionBuilder
        return lambda: SpiralSessionBuilder.of(session.settings.replace(maintainer=session._maintainer))


class SpiralSession(Chronicle):
    """Tapes, barycentres and traces of one ball, with the rates and limits that were set once.

    Args:
        device: "cpu", "cuda", "hip", "hip-real", "mps", "wgpu", "auto" or None. A device that this machine lacks is no
            error: `device()` says what is used instead, `device_caps()` what was asked for.
        curvature: κ < 0 of the ball.
        hyper_learning_rate: η of hyperbolic tapes.
        fallback_learning_rate: η of flat tapes.
        entropy_weight: γ of barycentres.
        beta_j: β ≥ 0 of their coupling.
        topos: Limits for the tapes and traces; without them tapes have their own, and `topos()` gives wide ones.
        coupling: J of the barycentres' coupling.
        chrono_capacity: How many frames the timeline keeps.
        maintainer: What the maintainer tolerates; a `MaintainerConfig`.

    Attributes:
        settings: All of these, checked.

    >>> session = SpiralSession(device="cpu", curvature=-1.0)
    >>> session.barycenter([[[0.7, 0.3]], [[0.2, 0.8]]]).density.shape()
    (1, 2)
    """

    builder = _BuilderAccess()

    def __init__(
        self,
        device: str | None = None,
        curvature: float = -1.0,
        hyper_learning_rate: float = 0.05,
        fallback_learning_rate: float = 0.01,
        entropy_weight: float = 0.1,
        beta_j: float = 0.0,
        topos: OpenTopos | None = None,
        coupling: Any = None,
        *,
        chrono_capacity: int = 256,
        maintainer: MaintainerConfig | None = None,
    ) -> None:
        self.settings = SpiralSettings(
            device,
            curvature,
            hyper_learning_rate,
            fallback_learning_rate,
            entropy_weight,
            beta_j,
            topos,
            coupling,
            chrono_capacity,
            maintainer,
        )
        super().__init__(self.curvature(), self.settings.chrono_capacity, self.settings.watch_rules())

    def curvature(self) -> float:
        """κ."""
        return self.settings.curvature

    def hyper_learning_rate(self) -> float:
        """η of hyperbolic tapes."""
        return self.settings.hyper_learning_rate

    def fallback_learning_rate(self) -> float:
        """η of flat tapes."""
        return self.settings.fallback_learning_rate

    def entropy_weight(self) -> float:
        """γ of barycentres."""
        return self.settings.entropy_weight

    def beta_j(self) -> float:
        """β of their coupling."""
        return self.settings.beta_j

    def coupling(self) -> Tensor | None:
        """J of their coupling, as a copy."""
        return None if self.settings.coupling is None else self.settings.coupling.clone()

    def topos(self) -> OpenTopos:
        """The limits: those that were given, or wide ones of the session's curvature."""
        return self.settings.topos or OpenTopos(self.curvature(), 1e-6, 1e6, 1024, 1 << 24)

    def given_topos(self) -> OpenTopos | None:
        """The limits that were given, or None."""
        return self.settings.topos

    def device(self) -> str:
        """The torch device that computes."""
        caps = self.device_caps()
        return caps["torch_device"] if caps["available"] else "cpu"

    def device_caps(self) -> dict[str, Any]:
        """What the named device usually offers; see `stnb.describe_device`."""
        return describe_device(self.settings.device)

    def hypergrad(self, rows: int, cols: int) -> Hypergrad:
        """A hyperbolic tape with the session's curvature and rate, and its limits where they were given."""
        return Hypergrad(self.curvature(), self.hyper_learning_rate(), rows, cols, self.settings.topos)

    def realgrad(self, rows: int, cols: int) -> Realgrad:
        """A flat tape with the fallback rate."""
        return Realgrad(self.fallback_learning_rate(), rows, cols)

    def barycenter(
        self,
        densities: Sequence[Any],
        weights: Sequence[float] | None = None,
        entropy_weight: float | None = None,
        beta_j: float | None = None,
        coupling: Any = None,
    ) -> ZSpaceBarycenter:
        """`stnb.z_space_barycenter` with the session's settings where none are given here."""
        return z_space_barycenter(
            densities,
            weights,
            self.entropy_weight() if entropy_weight is None else entropy_weight,
            self.beta_j() if beta_j is None else beta_j,
            self.settings.coupling if coupling is None else coupling,
        )

    def align_hypergrad(self, hypergrad: Hypergrad, barycenter: ZSpaceBarycenter) -> None:
        """Add the path to a barycentre to a tape, so that its next step leads there."""
        if not isinstance(hypergrad, Hypergrad):
            raise TypeError(f"hypergrad is of type {type(hypergrad).__name__}; give a Hypergrad.")
        if not isinstance(barycenter, ZSpaceBarycenter):
            raise TypeError(f"barycenter is of type {type(barycenter).__name__}; give a ZSpaceBarycenter.")
        hypergrad.accumulate_barycenter_path(barycenter.intermediates())

    def plan(self, kind: str, rows: int, cols: int, k: int) -> RankPlan:
        """How to find the `k` largest, middle or smallest of each row on the session's device; see `stnb.plan`.

        >>> SpiralSession(device="wgpu").plan("topk", rows=8, cols=65_536, k=1_024)["choice"].use_2ce
        True
        """
        return plan(kind, rows, cols, k, self.settings.device)

    def prepare_module(self, module: Any, *, mode: str = "declared") -> PreparedModule:
        """Give a module's trainable parameters tapes with the session's curvature, rates and limits.

        After backward passes `step()` of the result moves them; see `stnb.nn.prepare` for `mode`.
        """
        return prepare(
            module,
            curvature=self.curvature(),
            hyper_rate=self.hyper_learning_rate(),
            flat_rate=self.fallback_learning_rate(),
            topos=self.settings.topos,
            mode=mode,
        )

    def trace(self, seed: Any, sot: Mapping[str, Any] | None = None) -> SpiralDifferentialTrace:
        """A trace around a seed.

        `sot` asks for a spiral plan with it: "steps" (rows·cols of the seed when left out; 0 for no plan),
        "base_radius", "radial_growth", "base_height", "meso_gain", "micro_gain", as in `stnb.sot.generate_plan`.
        """
        return SpiralDifferentialTrace(self, seed, sot)

    def view(self, *panels: str, **options: Any) -> Any:
        """A live dashboard of the timeline and the atlas, or the one panel that is named."""
        return registry.view(self, *panels, **options)

    def to_html(self, path: str | os.PathLike[str], *panels: str, **options: Any) -> Path:
        """Write one file that shows timeline and atlas in any browser, without kernel and network."""
        return self.view(*panels, **options).to_html(path)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write settings, timeline and atlas into one file, whole or not at all."""
        return keeping.write(path, self.settings, self._past())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """A session that goes on where the saved one stood; a file that is damaged or foreign is refused."""
        kept = keeping.read(path)
        session = cls(**kept.settings.as_dict())
        session._resume(kept.timeline, kept.route, kept.charted)
        return session

    def __enter__(self) -> Self:
        return self

    def close(self) -> None:
        """Let go of every subscriber and raise what one failed with; the session itself can be used further."""
        self._bus.close()
        self.assert_clean()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._bus.close()
        if kind is None:
            self.assert_clean()

    def __repr__(self) -> str:
        s = self.settings
        return (
            f"SpiralSession(device={s.device!r}, curvature={s.curvature!r}, "
            f"hyper_learning_rate={s.hyper_learning_rate!r}, fallback_learning_rate={s.fallback_learning_rate!r})"
        )

    def _repr_html_(self) -> str:
        shown = {**self.settings.as_dict(), "computes on": self.device(), "maintainer": self._maintainer}
        return f"<div>{_table('SpiralSession', shown)}{_table('so far', self._state())}</div>"

    def _state(self) -> dict[str, Any]:
        """What was recorded, in a few words."""
        summary = self.timeline_summary()
        if summary is None:
            return {"timeline": "no frames yet; record some with resonate_over_time"}
        report = self.self_maintain()
        return {
            "timeline": self._timeline,
            "time": f"{summary.latest_timestamp:.6g}",
            "mean energy": f"{summary.mean_energy:.6g}",
            "mean |drift|": f"{summary.mean_abs_drift:.6g}",
            "maintainer says": f"{report.status}: {report.diagnostic}",
        }


def _table(caption: str, values: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
        f"<td style='text-align:left'>{html.escape(value if isinstance(value, str) else repr(value))}</td></tr>"
        for name, value in values.items()
    )
    return f"<table><caption>{html.escape(caption)}</caption>{rows}</table>"
