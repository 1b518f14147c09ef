"""A matrix of complex numbers: waves, with one frequency a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from stnb._core.errors import DataLength, InvalidDimensions, ShapeMismatch
from stnb.zspace.guards import require_axis, require_finite
from stnb.zspace.table import table
from stnb.zspace.tensor import Tensor

if TYPE_CHECKING:
    from jaxtyping import Complex
    from torch import Tensor as TorchTensor

    Rows = Complex[TorchTensor, "rows cols"]

__all__ = ["ComplexTensor"]


class ComplexTensor:
    """Rows × cols complex numbers, each of two float32.

    Args:
        rows: Number of rows, at least 1.
        cols: Number of columns, at least 1.
        data: Entries in row-major order, as complex numbers or as pairs (re, im); zeros when left out.

    >>> ComplexTensor(1, 2, [1 + 2j, (3, 4)]).to_tensor().tolist()
    [[1.0, 2.0, 3.0, 4.0]]
    """

    __slots__ = ("__weakref__", "_values")

    def __init__(self, rows: int, cols: int, data: Any = None) -> None:
        rows, cols = require_axis("rows", rows), require_axis("cols", cols)
        if data is None:
            self._values = torch.zeros(rows, cols, dtype=torch.complex64)
            return
        values = _flat(data)
        if values.numel() != rows * cols:
            raise DataLength(f"data has {values.numel()} entries for {rows} × {cols}; give {rows * cols}.")
        self._values = values.reshape(rows, cols)

    @staticmethod
    def zeros(rows: int, cols: int) -> ComplexTensor:
        """All zeros."""
        return ComplexTensor(rows, cols)

    @staticmethod
    def from_torch(t: TorchTensor) -> ComplexTensor:
        """A tensor that shares memory with complex64 rows; other types are converted. A vector is one row."""
        if not isinstance(t, torch.Tensor):
            raise TypeError(f"t is of type {type(t).__name__}; give a torch tensor.")
        if t.ndim > 2 or t.numel() == 0:
            raise InvalidDimensions(
                f"t has shape {tuple(t.shape)}; give rows and columns, one of each at least."
            )
        rows = t.detach().reshape(1, -1) if t.ndim < 2 else t.detach()
        made = ComplexTensor.__new__(ComplexTensor)
        made._values = rows.to(torch.complex64).contiguous()
        return made

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self._values.shape[0]

    @property
    def cols(self) -> int:
        """Number of columns."""
        return self._values.shape[1]

    def shape(self) -> tuple[int, int]:
        """(rows, cols)."""
        return self.rows, self.cols

    def data(self) -> list[complex]:
        """A copy of the entries in row-major order."""
        return self._values.reshape(-1).tolist()

    def tolist(self) -> list[list[complex]]:
        """A copy as a list of rows."""
        return self._values.tolist()

    def torch(self) -> Rows:
        """The torch tensor underneath: what changes there changes here."""
        return self._values.view_as(self._values)

    def clone(self) -> ComplexTensor:
        """A copy with memory of its own."""
        return ComplexTensor.from_torch(self._values.clone())

    def to_tensor(self) -> Tensor:
        """(rows, 2·cols) real numbers: re₀, im₀, re₁, im₁, … of each row, in memory of their own."""
        return Tensor.from_torch(torch.view_as_real(self._values).reshape(self.rows, -1).clone())

    def matmul(self, other: ComplexTensor) -> ComplexTensor:
        """The matrix product."""
        if not isinstance(other, ComplexTensor):
            raise TypeError(f"other is of type {type(other).__name__}; give a ComplexTensor.")
        if self.cols != other.rows:
            raise ShapeMismatch(
                f"self has shape {self.shape()} but other has shape {other.shape()}; "
                "self.cols must equal other.rows."
            )
        require_finite("self", self._values)
        require_finite("other", other._values)
        return ComplexTensor.from_torch(self._values @ other._values)

    def __matmul__(self, other: ComplexTensor) -> ComplexTensor:
        return self.matmul(other)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        array = self._values.cpu().numpy()
        return np.array(array, dtype=dtype, copy=True) if copy else np.asarray(array, dtype=dtype)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ComplexTensor):
            return NotImplemented
        return self.shape() == other.shape() and bool((self._values == other._values).all())

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __len__(self) -> int:
        return self.rows

    def __getitem__(self, index: int | tuple[int, int]) -> Any:
        """A row as a list, or one entry as a number."""
        return self._values[index].tolist()

    def __repr__(self) -> str:
        return f"ComplexTensor(rows={self.rows}, cols={self.cols})"

    def _repr_html_(self) -> str:
        return table(self._values, repr(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self._values.cpu().numpy(),)

    def __deepcopy__(self, memo: dict[int, Any]) -> ComplexTensor:
        return self.clone()

    __copy__ = clone


def _restored(array: np.ndarray) -> ComplexTensor:
    return ComplexTensor.from_torch(torch.from_numpy(array.copy()))


def _flat(data: Any) -> Complex[TorchTensor, " n"]:
    if isinstance(data, (torch.Tensor, np.ndarray)):
        return torch.as_tensor(np.asarray(data)).reshape(-1).to(torch.complex64).clone()
    if isinstance(data, (str, bytes)) or not hasattr(data, "__iter__"):
        raise TypeError(f"data is of type {type(data).__name__}; give a list of complex numbers.")
    return torch.tensor([_number(index, value) for index, value in enumerate(data)], dtype=torch.complex64)


def _number(index: int, value: Any) -> complex:
    try:
        if isinstance(value, (tuple, list)):
            real, imaginary = value
            return complex(float(real), float(imaginary))
        if not isinstance(value, (str, bytes)):
            return complex(value)
    except (TypeError, ValueError):
        pass
    raise TypeError(f"data[{index}] = {value!r} is no complex number; give one, or a pair (re, im).")
