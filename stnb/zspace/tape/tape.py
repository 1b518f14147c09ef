"""What both tapes share: a buffer of partial derivatives that observations are added to."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import torch

from stnb._core.errors import EmptyInput, InvalidValue, NonPositiveLearningRate, nearest
from stnb._core.numbers import positive
from stnb.zspace.complex_tensor import ComplexTensor
from stnb.zspace.encoder import LanguageWaveEncoder
from stnb.zspace.guards import require_axis, require_finite, require_same_shape
from stnb.zspace.tape.align import aligned, as_lanes, require_alignment
from stnb.zspace.tape.summary import GradientSummary
from stnb.zspace.tensor import Tensor, as_tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float
    from torch import Tensor as TorchTensor

    from stnb.zspace.barycenter import BarycenterIntermediate

    Rows = Float[TorchTensor, "rows cols"]

__all__ = ["GradientTape"]

QUIET = 1e-12
WEIGHTINGS = ("uniform", "objective")


class GradientTape:
    """A buffer g of rows × cols partial derivatives; `Hypergrad` and `Realgrad` say how a step follows from it.

    Everything that is added is looked at first: after an error g is what it was.
    """

    def __init__(self, learning_rate: float, rows: int, cols: int) -> None:
        self._learning_rate = positive("learning_rate", learning_rate, NonPositiveLearningRate)
        self._gradient = torch.zeros(require_axis("rows", rows), require_axis("cols", cols))

    def learning_rate(self) -> float:
        """η."""
        return self._learning_rate

    def shape(self) -> tuple[int, int]:
        """(rows, cols)."""
        return self._gradient.shape[0], self._gradient.shape[1]

    def gradient(self) -> list[float]:
        """A copy of g in row-major order."""
        return self._gradient.reshape(-1).tolist()

    def gradient_tensor(self) -> Tensor:
        """A copy of g."""
        return Tensor.from_torch(self._gradient.clone())

    def reset(self) -> None:
        """Let g be 0."""
        self._gradient.zero_()

    def accumulate_pair(self, prediction: Any, target: Any, *, align: str = "auto") -> None:
        """G ← g + (p − t), the derivative of ½‖p − t‖² by p.

        With `align="auto"` a target that is one row of another width is taken for a wave: its lowest lanes fill the
        shape of the tape. With "strict" shapes must be equal.
        """
        require_alignment(align)
        p = self._look("prediction", prediction)
        t = self._look("target", target)
        require_same_shape("prediction", tuple(p.shape), "the tape", self.shape())
        self._add(p - aligned("target", t, self.shape(), align))

    def accumulate_wave(self, tensor: Any, *, align: str = "strict") -> None:
        """G ← g + v for partial derivatives v; the metric is applied once, in `apply`."""
        require_alignment(align)
        self._add(aligned("tensor", self._look("tensor", tensor), self.shape(), align))

    def accumulate_complex_wave(self, wave: ComplexTensor, *, align: str = "strict") -> None:
        """The same for complex numbers, interleaved as re₀, im₀, re₁, im₁ and so on."""
        if not isinstance(wave, ComplexTensor):
            raise TypeError(f"wave is of type {type(wave).__name__}; give a ComplexTensor.")
        require_alignment(align)
        lanes = as_lanes(wave.torch())
        require_finite("wave", lanes)
        self._add(aligned("wave", lanes, self.shape(), align))

    def absorb_text(self, encoder: LanguageWaveEncoder, text: str, *, align: str = "auto") -> None:
        """Encode a text and add it as a wave, its lowest lanes where the widths differ."""
        if not isinstance(encoder, LanguageWaveEncoder):
            raise TypeError(f"encoder is of type {type(encoder).__name__}; give a LanguageWaveEncoder.")
        self._meet(encoder, text)
        self.accumulate_wave(encoder.encode_z_space(text), align=align)

    def accumulate_barycenter_path(
        self, intermediates: Sequence[BarycenterIntermediate], *, weighting: str = "uniform"
    ) -> None:
        """G ← g + Σₖ sₖ(ρₖ₋₁ − ρₖ), so that a step from ρ₀ leads towards the barycentre.

        With "uniform" every sₖ is 1 and the sum is ρ₀ − ρ_K. With "objective" sₖ is the share that stage k has in the
        whole descent of J, so that the shares add up to 1: what helped most counts most.
        """
        if weighting not in WEIGHTINGS:
            raise InvalidValue(f"weighting = {weighting!r} is unknown; {nearest(str(weighting), WEIGHTINGS)}")
        stages = list(intermediates)
        if not stages:
            raise EmptyInput("intermediates is empty; give the stages of a barycentre.")
        for k, stage in enumerate(stages):
            if not hasattr(stage, "density") or not hasattr(stage, "objective"):
                raise TypeError(
                    f"intermediates[{k}] is of type {type(stage).__name__}; give stages of a barycentre."
                )
        densities = [
            self._look(f"intermediates[{k}].density", stage.density) for k, stage in enumerate(stages)
        ]
        for k, density in enumerate(densities):
            require_same_shape(f"intermediates[{k}].density", tuple(density.shape), "the tape", self.shape())
        if weighting == "uniform" or len(stages) == 1:
            self._add(densities[0] - densities[-1])
            return
        drops = [a.objective - b.objective for a, b in itertools.pairwise(stages)]
        whole = sum(drops)
        shares = [drop / whole if whole else 1.0 / len(drops) for drop in drops]
        segments = [a - b for a, b in itertools.pairwise(densities)]
        self._add(torch.stack([share * step for share, step in zip(shares, segments, strict=True)]).sum(0))

    def scale_learning_rate(self, factor: float) -> None:
        """Η ← factor·η; a factor that is not finite and above 0 changes nothing."""
        scaled = self._learning_rate * float(factor)
        if float(factor) > 0 and math.isfinite(scaled) and scaled > 0:
            self._learning_rate = scaled

    def scale_gradient(self, factor: float) -> None:
        """G ← factor·g; a factor that is not finite resets g."""
        if math.isfinite(float(factor)):
            self._gradient = self._bounded(self._gradient * float(factor))
        else:
            self.reset()

    def rescale_rms(self, target_rms: float) -> float:
        """Scale g to this root mean square and return the factor.

        A g without length (rms ≤ 1e-12) stays and gives 0; a target of 0 or less resets and gives 0; one that is not
        finite changes nothing and gives 1.
        """
        target = float(target_rms)
        if not math.isfinite(target):
            return 1.0
        if target <= 0:
            self.reset()
            return 0.0
        rms = self.summary().rms()
        if rms <= QUIET:
            return 0.0
        factor = target / rms
        self.scale_gradient(factor)
        return factor

    def summary(self) -> GradientSummary:
        """Moments, extremes and signs of g."""
        return GradientSummary.from_values(self._gradient)  # pyright: ignore[reportArgumentType]

    def finite_count(self) -> int:
        """How many entries of g are finite."""
        return int(torch.isfinite(self._gradient).sum())

    def non_finite_count(self) -> int:
        """How many are not."""
        return self._gradient.numel() - self.finite_count()

    def non_finite_ratio(self) -> float:
        """The share that is not."""
        return self.non_finite_count() / self._gradient.numel()

    def has_non_finite(self) -> bool:
        """Whether any is not."""
        return self.non_finite_count() > 0

    def _add(self, values: Rows) -> None:
        """Add what was looked at; a sum that overflows is bounded or refused, and g stays where it was until then."""
        self._gradient = self._bounded(self._gradient.to(values.device) + values)

    def _look(self, label: str, value: Any) -> Rows:
        values = as_tensor(label, value).torch()
        require_finite(label, values)
        return values

    def _weights(self, weights: Any) -> Rows:
        """The memory of the weights, which a step writes to, not yet looked at."""
        if not isinstance(weights, (Tensor, torch.Tensor)):
            raise TypeError(
                f"weights is of type {type(weights).__name__}; give a Tensor, which apply changes."
            )
        if isinstance(weights, torch.Tensor) and (weights.dtype != torch.float32 or weights.ndim != 2):
            raise TypeError(
                f"weights is {weights.dtype} of shape {tuple(weights.shape)}; give float32 rows, which apply changes."
            )
        rows = weights.torch() if isinstance(weights, Tensor) else weights.detach()
        require_same_shape("weights", tuple(rows.shape), "the tape", self.shape())
        return rows

    def _bounded(self, values: Rows) -> Rows:
        """Values that may become g."""
        require_finite("gradient", values)
        return values

    def _meet(self, encoder: LanguageWaveEncoder, text: str) -> None:
        """Look at an encoder and a text that are about to be added."""

    def __repr__(self) -> str:
        rows, cols = self.shape()
        return f"{type(self).__name__}({rows} × {cols}, learning_rate={self._learning_rate!r})"
