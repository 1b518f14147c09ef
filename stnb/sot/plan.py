"""A golden-angle spiral of steps that climbs in blocks: a schedule that one can look at."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from stnb._core.errors import EmptyInput, InvalidValue
from stnb._core.numbers import finite, whole
from stnb.sot.levels import levels_of
from stnb.sot.pacing import golden_angle, golden_ratio
from stnb.sot.step import MESO_ROLES, MICRO_ROLES, MacroSummary, SoT3DStep
from stnb.zspace.biome import TensorBiome
from stnb.zspace.tensor import Tensor

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb.zspace.topos import OpenTopos

__all__ = ["SoT3DPlan", "generate_plan"]

SHOWN = 8


class SoT3DPlan:
    """N steps, step i at angle i·θ, radius r₀·exp(g·i), in blocks of Fibonacci length that climb by h₀·Φ^{−M}.

    θ is the golden angle and Φ the golden ratio; M is the number of the block, whose climb is shared out evenly among
    its steps, so that all blocks together stay below Φ²·h₀. The height adds meso_gain·(phase − ½) for the place in the
    chunk and micro_gain·(phase − ½) for that in the piece. Numbers of chunks and pieces are a convention of this project.

    Attributes:
        total_steps: N.
        base_radius: r₀.
        radial_growth: g, per step.
        base_height: h₀.
        meso_gain: Weight of the place in the chunk.
        micro_gain: Weight of the place in the piece.
    """

    def __init__(
        self,
        total_steps: int,
        base_radius: float = 1.0,
        radial_growth: float = 0.05,
        base_height: float = 1.0,
        meso_gain: float = 0.2,
        micro_gain: float = 0.05,
    ) -> None:
        self.total_steps = whole("total_steps", total_steps)
        self.base_radius = _finite("base_radius", base_radius)
        self.radial_growth = _finite("radial_growth", radial_growth)
        self.base_height = _finite("base_height", base_height)
        self.meso_gain = _finite("meso_gain", meso_gain)
        self.micro_gain = _finite("micro_gain", micro_gain)
        self._levels = levels_of(self.total_steps)
        self._columns = self._shape_columns()

    def steps(self) -> list[SoT3DStep]:
        """Every step as a record."""
        names = [field for field in SoT3DStep.__dataclass_fields__ if field != "index"]
        columns = [self._column(name).tolist() for name in names]
        return [SoT3DStep(i, *values) for i, values in enumerate(zip(*columns, strict=True))]

    def as_dicts(self) -> list[dict[str, Any]]:
        """Every step as a dict."""
        return [step.as_dict() for step in self.steps()]

    def polyline(self) -> list[tuple[float, float, float]]:
        """(x, y, height) of each step."""
        return list(map(tuple, self._stacked("x", "y", "height").tolist()))

    def as_tensor(self) -> Tensor:
        """(N, 3): x, y, height."""
        return self._tensor("x", "y", "height")

    def feature_tensor(self) -> Tensor:
        """(N, 9): radius, angle, height, curvature, the three phases, the two gains."""
        names = ("radius", "angle", "height", "curvature", "macro_phase", "meso_phase", "micro_phase")
        return self._tensor(*names, "meso_gain", "micro_gain")

    def role_tensor(self) -> Tensor:
        """(N, 2): number of the role of chunk and piece."""
        return self._tensor("meso_role", "micro_role")

    def reflection_tensor(self) -> Tensor:
        """(N, 3): 1 where a block, a chunk, a piece ends, else 0."""
        return self._tensor("macro_reflection", "meso_reflection", "micro_reflection")

    def macro_summaries(self) -> list[MacroSummary]:
        """Every block as a record."""
        found, start, ideal, following = [], 0, 1, 1
        for block, length in enumerate(self._levels["macro"].lengths):
            curvature = self._columns["curvature"][start : start + length]
            finite = curvature[np.isfinite(curvature)]
            mean = float(finite.mean()) if finite.size else math.inf
            gain = self.base_height * golden_ratio() ** -block
            found.append(MacroSummary(block, start, length, ideal, start + length - 1, gain, mean))
            start += length
            ideal, following = following, ideal + following
        return found

    def macro_summary_tensor(self) -> Tensor:
        """(M, 6): index, length, ideal length, height gain, mean curvature, reflection step."""
        names = ("index", "length", "ideal_length", "height_gain", "mean_curvature", "reflection_step")
        rows = [[float(getattr(block, name)) for name in names] for block in self.macro_summaries()]
        self._require_steps()
        return Tensor(len(rows), len(names), rows)

    def reflection_points(self) -> list[tuple[int, str]]:
        """(step, level) wherever a piece, a chunk or a block ends, in this order within a step."""
        ends = {level: self._levels[level].reflection for level in ("micro", "meso", "macro")}
        return [(i, level) for i in range(self.total_steps) for level, ended in ends.items() if ended[i]]

    def grow_biome(
        self,
        topos: OpenTopos,
        label_prefix: str = "sot",
        include_reflections: bool = True,  # noqa: FBT001, FBT002
        include_roles: bool = True,  # noqa: FBT001, FBT002
    ) -> TensorBiome:
        """A biome of (N, 3) shoots; see `infuse_biome`."""
        biome = TensorBiome(topos)
        self.infuse_biome(biome, label_prefix, include_reflections, include_roles)
        return biome

    def infuse_biome(
        self,
        biome: TensorBiome,
        label_prefix: str = "sot",
        include_reflections: bool = True,  # noqa: FBT001, FBT002
        include_roles: bool = True,  # noqa: FBT001, FBT002
    ) -> None:
        """Add the plan to a biome as shoots of shape (N, 3), all of them or none.

            …_positions     x, y, height                                   weight 1
            …_features      radius, wrapped angle, curvature               weight 1 + meso_gain + micro_gain
            …_phases        place in block, chunk, piece                   weight 1
            …_reflections   1 where block, chunk, piece end                weight 1
            …_roles         role of chunk/3, of piece/4, block/blocks      weight 1

        A canopy over these mixes unlike quantities: it is a summary to compare, not a thing to measure.
        """
        if not isinstance(biome, TensorBiome):
            raise TypeError(f"biome is of type {type(biome).__name__}; give a TensorBiome.")
        shoots = {
            "positions": self.as_tensor(),
            "features": self._tensor("radius", "angle_wrapped", "curvature"),
            "phases": self._tensor("macro_phase", "meso_phase", "micro_phase"),
        }
        if include_reflections:
            shoots["reflections"] = self.reflection_tensor()
        if include_roles:
            shoots["roles"] = self._tensor("meso_role_share", "micro_role_share", "macro_share")
        trial = TensorBiome(biome.topos())
        for name, tensor in shoots.items():
            weight = 1.0 + self.meso_gain + self.micro_gain if name == "features" else 1.0
            trial.absorb_weighted(f"{label_prefix}_{name}", tensor, weight)
        biome.absorb_all(trial)

    def __len__(self) -> int:
        return self.total_steps

    def __repr__(self) -> str:
        return (
            f"SoT3DPlan(total_steps={self.total_steps}, base_radius={self.base_radius!r}, "
            f"radial_growth={self.radial_growth!r})"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{s.index}</td><td>{s.x:.4g}</td><td>{s.y:.4g}</td><td>{s.height:.4g}</td>"
            f"<td>{s.macro_index}</td><td>{s.meso_role}</td><td>{s.micro_role}</td></tr>"
            for s in self.steps()[:SHOWN]
        )
        head = "".join(f"<th>{name}</th>" for name in ("step", "x", "y", "height", "block", "chunk", "piece"))
        return f"<table><caption>{html.escape(repr(self))}</caption><tr>{head}</tr>{rows}</table>"

    def _shape_columns(self) -> dict[str, Float[np.ndarray, " n"]]:
        """What has to be computed of each step, in float64."""
        macro, meso, micro = (self._levels[level] for level in ("macro", "meso", "micro"))
        i = np.arange(self.total_steps)
        angle = i * golden_angle()
        with np.errstate(over="ignore", divide="ignore"):
            radius = self.base_radius * np.exp(self.radial_growth * i)
            if not np.isfinite(radius).all():
                step = int(np.argmin(np.isfinite(radius)))
                raise InvalidValue(
                    f"radial_growth = {self.radial_growth!r} makes the radius of step {step} infinite; "
                    "lower it, or plan fewer steps."
                )
            nearness = 1.0 / np.abs(radius)
        climb = self.base_height * golden_ratio() ** -macro.index.astype(float) / macro.length
        track = np.cumsum(climb)
        per_radian = self.radial_growth / golden_angle()
        return {
            "angle": angle,
            "angle_wrapped": np.mod(angle, 2.0 * math.pi),
            "radius": radius,
            "x": radius * np.cos(angle),
            "y": radius * np.sin(angle),
            "z_track": track,
            "height": track + self.meso_gain * (meso.phase - 0.5) + self.micro_gain * (micro.phase - 0.5),
            "curvature": math.hypot(1.0, self.radial_growth) * nearness,
            "planar_curvature": nearness / math.hypot(1.0, per_radian),
            "meso_role": meso.index % len(MESO_ROLES),
            "micro_role": micro.index % len(MICRO_ROLES),
            "meso_role_share": meso.index % len(MESO_ROLES) / len(MESO_ROLES),
            "micro_role_share": micro.index % len(MICRO_ROLES) / len(MICRO_ROLES),
            "macro_share": macro.index / max(len(macro.lengths), 1),
            "meso_gain": np.full(self.total_steps, self.meso_gain),
            "micro_gain": np.full(self.total_steps, self.micro_gain),
        }

    def _column(self, name: str) -> np.ndarray:
        if name in self._columns:
            return self._columns[name]
        level, part = name.split("_", 1)
        return getattr(self._levels[level], part)

    def _stacked(self, *names: str) -> Float[np.ndarray, "n k"]:
        return np.stack([self._column(name) for name in names], axis=1).astype(np.float64)

    def _tensor(self, *names: str) -> Tensor:
        self._require_steps()
        return Tensor.from_torch(torch.from_numpy(self._stacked(*names).astype(np.float32)))

    def _require_steps(self) -> None:
        if not self.total_steps:
            raise EmptyInput("the plan has no steps, and a tensor needs rows; plan at least one step.")


def generate_plan(
    total_steps: int,
    base_radius: float = 1.0,
    radial_growth: float = 0.05,
    base_height: float = 1.0,
    meso_gain: float = 0.2,
    micro_gain: float = 0.05,
) -> SoT3DPlan:
    """A spiral plan of that many steps.

    >>> generate_plan(64, radial_growth=0.08).as_tensor().shape()
    (64, 3)
    """
    return SoT3DPlan(total_steps, base_radius, radial_growth, base_height, meso_gain, micro_gain)


def _finite(label: str, value: Any) -> float:
    """A finite number, or the refusal that this module promises."""
    try:
        return finite(label, value)
    except ValueError as error:
        raise InvalidValue(str(error)) from None
