"""A biome: tensors of one shape with weights and labels, to be averaged or stacked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from stnb._core.errors import EmptyInput, NonPositiveWeight
from stnb._core.numbers import positive
from stnb.zspace.guards import require_same_shape
from stnb.zspace.monad import RewriteMonad
from stnb.zspace.tensor import Tensor, common_frame

if TYPE_CHECKING:
    from stnb.zspace.topos import OpenTopos

__all__ = ["TensorBiome"]


class _Shoot(NamedTuple):
    label: str
    tensor: Tensor
    weight: float
    rewrites: int


class TensorBiome:
    """Shoots tᵢ of one shape, rewritten by a topos, with weights wᵢ > 0.

    The canopy is rewrite(Σ wᵢtᵢ/Σ wᵢ), a mean entry by entry; the stack is all rows one after another.

    >>> from stnb.zspace.topos import OpenTopos
    >>> biome = TensorBiome(OpenTopos(saturation=10.0))
    >>> biome.absorb("left", Tensor(1, 2, [20.0, 0.5]))
    >>> biome.absorb_weighted("right", Tensor(1, 2, [-20.0, 1.0]), weight=3.0)
    >>> biome.canopy().tolist(), biome.rewrites()
    ([[-5.0, 0.875]], [1, 1])
    """

    def __init__(self, topos: OpenTopos) -> None:
        self._monad = RewriteMonad(topos)
        self._shoots: list[_Shoot] = []

    def topos(self) -> OpenTopos:
        """The topos that rewrites every shoot."""
        return self._monad.topos()

    def absorb(self, label: str | Tensor, tensor: Tensor | None = None, *, strict: bool = False) -> None:
        """Add a shoot of weight 1: `absorb("label", tensor)`, or `absorb(tensor)`."""
        label, tensor = self._named(label, tensor)
        self._add(label, tensor, 1.0, strict=strict)

    def absorb_weighted(
        self,
        label: str | Tensor,
        tensor: Tensor | float | None = None,
        weight: float | None = None,
        *,
        strict: bool = False,
    ) -> None:
        """Add a shoot: `absorb_weighted("label", tensor, weight)`, or `absorb_weighted(tensor, weight)`.

        With `strict`, entries beyond the saturation are refused instead of clamped.
        """
        if not isinstance(label, str) and weight is None:
            label, tensor, weight = self._name(), label, tensor  # pyright: ignore[reportAssignmentType]
        label, tensor = self._named(label, tensor)  # pyright: ignore[reportArgumentType]
        if weight is None:
            raise TypeError("absorb_weighted needs a weight; give weight=1.0, or use absorb.")
        self._add(label, tensor, positive("weight", weight, NonPositiveWeight), strict=strict)

    def absorb_all(self, other: TensorBiome) -> None:
        """Add every shoot of another biome, all of them or none."""
        if not isinstance(other, TensorBiome):
            raise TypeError(f"other is of type {type(other).__name__}; give a TensorBiome.")
        kept = list(self._shoots)
        try:
            for shoot in other._shoots:
                self._add(shoot.label, shoot.tensor, shoot.weight, strict=False)
                self._shoots[-1] = self._shoots[-1]._replace(
                    rewrites=self._shoots[-1].rewrites + shoot.rewrites
                )
        except ValueError:
            self._shoots = kept
            raise

    def is_empty(self) -> bool:
        """Whether there is no shoot."""
        return not self._shoots

    def shape(self) -> tuple[int, int] | None:
        """The shape that every shoot has; None while there is none."""
        return self._shoots[0].tensor.shape() if self._shoots else None

    def weights(self) -> list[float]:
        """The weight of each shoot."""
        return [shoot.weight for shoot in self._shoots]

    def total_weight(self) -> float:
        """Σ w."""
        return sum(self.weights())

    def labels(self) -> list[str]:
        """The label of each shoot."""
        return [shoot.label for shoot in self._shoots]

    def rewrites(self) -> list[int]:
        """How many entries of each shoot were clamped."""
        return [shoot.rewrites for shoot in self._shoots]

    def shoots(self) -> list[Tensor]:
        """Copies of the shoots, as rewritten."""
        return [shoot.tensor.clone() for shoot in self._shoots]

    def canopy(self) -> Tensor:
        """The weighted mean, accumulated in float64."""
        self._require_some("canopy")
        total = self.total_weight()
        mean = sum((shoot.weight / total) * shoot.tensor.torch().double() for shoot in self._shoots)
        assert isinstance(mean, torch.Tensor)  # noqa: S101
        return self._monad.rewrite_tensor("canopy", self._framed(mean.float()))

    harvest = canopy

    def stack(self) -> Tensor:
        """All rows in order of absorption: (len·rows, cols)."""
        self._require_some("stack")
        return Tensor.cat_rows([shoot.tensor for shoot in self._shoots])

    def clear(self) -> None:
        """Forget all shoots, and with them the shape."""
        self._shoots.clear()

    def len(self) -> int:
        """Number of shoots."""
        return len(self._shoots)

    def __len__(self) -> int:
        return len(self._shoots)

    def __repr__(self) -> str:
        return (
            f"TensorBiome({len(self)} shoots of shape {self.shape()}: {', '.join(self.labels()) or 'none'})"
        )

    def _add(self, label: str, tensor: Tensor, weight: float, *, strict: bool) -> None:
        rewritten, clamped = self._monad.rewrite(label, tensor, strict=strict)
        if self._shoots:
            first = self._shoots[0]
            require_same_shape(
                first.label,
                first.tensor.shape(),
                label,
                rewritten.shape(),
                "a biome holds one shape: start another.",
            )
            common_frame(first.tensor, rewritten)
        self._shoots.append(_Shoot(label, rewritten, weight, clamped))

    def _named(self, label: str | Tensor, tensor: Tensor | None) -> tuple[str, Tensor]:
        if not isinstance(label, str) and tensor is None:
            return self._name(), label
        if not isinstance(label, str) or tensor is None:
            raise TypeError(
                f"label is of type {type(label).__name__} and tensor of type {type(tensor).__name__}; "
                'give a text and a tensor, such as absorb("canvas", canvas).'
            )
        return label, tensor

    def _name(self) -> str:
        return f"shoot_{len(self._shoots)}"

    def _framed(self, values: torch.Tensor) -> Tensor:
        return Tensor.from_torch(values).with_frame(common_frame(*(shoot.tensor for shoot in self._shoots)))

    def _require_some(self, what: str) -> None:
        if not self._shoots:
            raise EmptyInput(f"the biome is empty and has no {what}; absorb a tensor first.")
