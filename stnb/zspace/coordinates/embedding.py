"""Rows of data with an uncertainty each and a place in Z-space, as uncertainty heads take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from stnb._core.errors import InvalidDimensions, InvalidValue, ShapeMismatch
from stnb.zspace.coordinates.frame import ZIndex, require_frame
from stnb.zspace.coordinates.series import band_of, numbers
from stnb.zspace.coordinates.sessions import current
from stnb.zspace.spectrum import one_sided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float, Int
    from torch import Tensor

    from stnb.zspace.coordinates.frame import ZFrame

__all__ = ["LEAST_VARIANCE", "ZTensor", "embed"]

LEAST_VARIANCE = 1e-6


@dataclass(frozen=True, eq=False)
class ZTensor:
    """Means, variances and cells, one row each.

    Attributes:
        mu: means, rows × columns.
        sigma: variances (not deviations) of the same shape, from 0 on; `variance` is another name.
        indices: the cell of each row.
    """

    mu: Tensor
    sigma: Tensor
    indices: Sequence[ZIndex]

    def __post_init__(self) -> None:
        for name in ("mu", "sigma"):
            value = getattr(self, name)
            if not isinstance(value, torch.Tensor):
                raise TypeError(f"{name} is of type {type(value).__name__}; give a torch tensor.")
        if self.mu.ndim != 2 or self.mu.shape != self.sigma.shape:
            raise ShapeMismatch(
                f"mu has shape {tuple(self.mu.shape)} and sigma {tuple(self.sigma.shape)}; give matrices of one shape."
            )
        object.__setattr__(self, "indices", tuple(self.indices))
        for place, index in enumerate(self.indices):
            if not isinstance(index, ZIndex):
                raise TypeError(f"indices[{place}] is of type {type(index).__name__}; give a ZIndex.")
        if len(self.indices) != len(self.mu):
            raise ShapeMismatch(f"{len(self.indices)} indices for {len(self.mu)} rows; give one a row.")
        if not bool((self.sigma >= 0).all()):
            raise InvalidValue(
                "sigma holds a negative number or NaN; it is a variance: give numbers from 0 on."
            )

    @property
    def variance(self) -> Float[Tensor, "rows cols"]:
        """`sigma` by its proper name."""
        return self.sigma

    def __len__(self) -> int:
        return len(self.mu)


def embed(x: Any, *, frame: ZFrame | None = None) -> ZTensor:
    """Rows x_r with the variance of their columns, each at a cell of the frame; all a convention of this project.

    Row r of N lies at echo r mod P and sheet ⌊r·S/N⌋, in the band with the largest share of the row's spectrum, the
    first of equals. The variance of a column is the population variance over rows, 1e-6 at least, the same in each
    row. A torch tensor of floats is taken as it is, with its device and its gradient; all else becomes float32, and
    float64 stays.

    Args:
        x: a matrix.
        frame: where; the frame of the current session unless given.

    >>> z = embed([[1.0, 1.0], [1.0, -1.0]])
    >>> [index.band for index in z.indices], z.sigma[0].tolist()
    ([2, 0], [9.999999974752427e-07, 1.0])
    """
    home = current().frame if frame is None else require_frame(frame)
    values = numbers("x", x)
    if values.ndim != 2:
        raise InvalidDimensions(f"x has shape {values.shape}; give a matrix with one row a sample.")
    mu = _as_tensor(x, values)
    variance = mu.double().var(dim=0, correction=0).clamp_min(LEAST_VARIANCE).to(mu.dtype)
    return ZTensor(mu, variance.expand_as(mu).clone(), _places(values, home))


def _as_tensor(x: Any, values: Float[np.ndarray, "rows cols"]) -> Float[Tensor, "rows cols"]:
    if isinstance(x, torch.Tensor) and x.is_floating_point():
        return x
    exact = isinstance(x, np.ndarray) and x.dtype == np.float64
    return torch.from_numpy(values.copy() if exact else values.astype(np.float32))


def _places(values: Float[np.ndarray, "rows cols"], frame: ZFrame) -> tuple[ZIndex, ...]:
    bands, sheets, echoes = frame.shape
    rows = len(values)
    strongest: Int[np.ndarray, " rows"] = _strongest_bands(values, frame, bands)
    return tuple(ZIndex(int(strongest[r]), r * sheets // rows, r % echoes) for r in range(rows))


def _strongest_bands(
    values: Float[np.ndarray, "rows cols"], frame: ZFrame, bands: int
) -> Int[np.ndarray, " rows"]:
    frequencies, power = one_sided(values)
    homes = band_of(frequencies, frame)
    shares = np.stack([power[:, homes == band].sum(axis=1) for band in range(bands)], axis=1)
    return shares.argmax(axis=1)
