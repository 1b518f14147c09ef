"""A matrix of float32 with value semantics: each row is a point, a density, or a line of a canvas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.dlpack import to_dlpack  # pyright: ignore[reportPrivateImportUsage]

from stnb._core.errors import EmptyInput, InvalidValue, ShapeMismatch
from stnb._core.numbers import finite
from stnb.geometry import Ball
from stnb.zspace import interchange
from stnb.zspace.engines import device_of
from stnb.zspace.guards import (
    require_axis,
    require_finite,
    require_length,
    require_same_shape,
)
from stnb.zspace.points import require_points, settle
from stnb.zspace.table import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float
    from torch import Tensor as TorchTensor

    from stnb.zspace.coordinates.frame import ZFrame

    Rows = Float[TorchTensor, "rows cols"]

__all__ = ["Tensor", "as_tensor", "common_frame"]


class Tensor:
    """Rows × cols numbers in float32.

    A thin coat over one torch tensor: `torch()`, NumPy and DLPack see the same memory. Operations give new tensors
    (those named `…_inplace` change this one), refuse NaN and infinities by index, and keep the Z-frame that a tensor
    lives in. There is no autograd: use `torch()` for that.

    Args:
        rows: Number of rows, at least 1.
        cols: Number of columns, at least 1.
        data: Entries in row-major order, or rows, or an array; copied. Zeros when left out. NaN may be stored.

    >>> Tensor(2, 2, [1, 2, 3, 4]).matmul(Tensor(2, 1, [1, 1])).tolist()
    [[3.0], [7.0]]
    """

    __slots__ = ("__weakref__", "_frame", "_values")

    def __init__(self, rows: int, cols: int, data: Any = None) -> None:
        rows, cols = require_axis("rows", rows), require_axis("cols", cols)
        self._values = torch.zeros(rows, cols) if data is None else interchange.filled(rows, cols, data)
        self._frame: ZFrame | None = None

    @staticmethod
    def zeros(rows: int, cols: int) -> Tensor:
        """All zeros."""
        return Tensor(rows, cols)

    @staticmethod
    def from_vec(rows: int, cols: int, data: Sequence[float]) -> Tensor:
        """The constructor by another name."""
        return Tensor(rows, cols, data)

    @staticmethod
    def from_torch(t: TorchTensor, *, copy: bool | None = None, require_contiguous: bool = True) -> Tensor:
        """A tensor that shares memory with float32 rows; other types are converted. A vector is one row."""
        if not isinstance(t, torch.Tensor):
            raise TypeError(f"t is of type {type(t).__name__}; give a torch tensor.")
        return _wrap(interchange.matrix(t, "t", copy=copy, contiguous=require_contiguous), _frame_of(t))

    @staticmethod
    def from_numpy(array: np.ndarray, *, copy: bool | None = None) -> Tensor:
        """A tensor that shares memory with a writeable float32 array; others are copied, or refused (`copy=False`)."""
        if not isinstance(array, np.ndarray):
            raise TypeError(f"array is of type {type(array).__name__}; give a NumPy array.")
        return _wrap(interchange.from_array(array, "array", copy=copy))

    @staticmethod
    def from_dlpack(source: Any, *, copy: bool | None = None) -> Tensor:
        """A tensor that shares memory with whatever speaks DLPack; a capsule can be consumed once."""
        return _wrap(interchange.from_dlpack(source, "source", copy=copy), _frame_of(source))

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self._values.shape[0]

    @property
    def cols(self) -> int:
        """Number of columns."""
        return self._values.shape[1]

    @property
    def frame(self) -> ZFrame | None:
        """The Z-frame in which the rows are read, where one was given."""
        return self._frame

    def with_frame(self, frame: ZFrame | None) -> Tensor:
        """The same memory, read in a Z-frame."""
        return _wrap(self._values, frame)

    def shape(self) -> tuple[int, int]:
        """(rows, cols)."""
        return self.rows, self.cols

    def data(self) -> list[float]:
        """A copy of the entries in row-major order."""
        return self._values.reshape(-1).tolist()

    def tolist(self) -> list[list[float]]:
        """A copy as a list of rows."""
        return self._values.tolist()

    def item(self) -> float:
        """The entry of a 1 × 1 tensor."""
        if self.shape() != (1, 1):
            raise ShapeMismatch(
                f"item() needs shape (1, 1) but this has {self.shape()}; use tolist() or t[i, j]."
            )
        return self._values.item()

    def torch(self) -> Rows:
        """The torch tensor underneath: what changes there changes here. It knows the Z-frame as `.zframe`."""
        view = self._values.view_as(self._values)
        if self._frame is not None:
            view.zframe = self._frame  # pyright: ignore[reportAttributeAccessIssue]
        return view

    def clone(self) -> Tensor:
        """A copy with memory of its own."""
        return _wrap(self._values.clone(), self._frame)

    def matmul(self, other: Any, backend: str | None = None) -> Tensor:
        """The matrix product.

        `backend` is "auto", "cpu" ("naive", "faer" and "simd" mean the same), or "gpu" ("wgpu"), which runs on the
        GPU that torch sees and on the CPU, saying so once in the log, where it sees none.
        """
        device = device_of(backend)
        left, right, frame = self._with(other)
        if left.shape[1] != right.shape[0]:
            raise ShapeMismatch(
                f"self has shape {self.shape()} but other has shape {tuple(right.shape)}; "
                "self.cols must equal other.rows."
            )
        product = left.to(device) @ right.to(device) if device else left @ right
        return _wrap(product.to(left.device), frame)

    def add(self, other: Any) -> Tensor:
        """Entrywise sum."""
        left, right, frame = self._same(other)
        return _wrap(left + right, frame)

    def sub(self, other: Any) -> Tensor:
        """Entrywise difference."""
        left, right, frame = self._same(other)
        return _wrap(left - right, frame)

    def hadamard(self, other: Any) -> Tensor:
        """Entrywise product."""
        left, right, frame = self._same(other)
        return _wrap(left * right, frame)

    def scale(self, value: float) -> Tensor:
        """Every entry times a finite number."""
        factor = finite("value", value)
        return _wrap(self._checked() * factor, self._frame)

    def add_scaled_inplace(self, other: Any, scale: float) -> None:
        """Self ← self + scale·other."""
        factor = finite("scale", scale)
        left, right, frame = self._same(other)
        left.add_(right, alpha=factor)
        self._frame = frame

    add_scaled_ = add_scaled_inplace

    def add_row_inplace(self, bias: Sequence[float]) -> None:
        """Add one row to every row."""
        row = interchange.from_sequence(bias, "bias") if not isinstance(bias, Tensor) else bias._values
        require_length("bias", row.reshape(-1), self.cols, "columns")
        require_finite("bias", row.reshape(-1))
        self._checked().add_(row.reshape(1, -1))

    def transpose(self) -> Tensor:
        """Rows as columns."""
        return _wrap(self._checked().t().contiguous(), self._frame)

    def reshape(self, rows: int, cols: int) -> Tensor:
        """The same entries in row-major order under another shape."""
        rows, cols = require_axis("rows", rows), require_axis("cols", cols)
        require_length("self", self._values.reshape(-1), rows * cols, f"places of {rows} × {cols}")
        return _wrap(self._checked().reshape(rows, cols).clone(), self._frame)

    def sum_axis0(self) -> list[float]:
        """The sum of each column, accumulated in float64."""
        return self._checked().sum(0, dtype=torch.float64).tolist()

    def sum_axis1(self) -> list[float]:
        """The sum of each row, accumulated in float64."""
        return self._checked().sum(1, dtype=torch.float64).tolist()

    def squared_l2_norm(self) -> float:
        """Σ x², accumulated in float64."""
        return self._checked().double().square().sum().item()

    @staticmethod
    def cat_rows(tensors: Sequence[Any]) -> Tensor:
        """All rows of the tensors, one after another."""
        parts = [as_tensor(f"tensors[{index}]", t) for index, t in enumerate(tensors)]
        if not parts:
            raise EmptyInput("tensors is empty; give at least one.")
        for index, part in enumerate(parts):
            if part.cols != parts[0].cols:
                raise ShapeMismatch(
                    f"tensors[0] has shape {parts[0].shape()} but tensors[{index}] has shape {part.shape()}; "
                    "give equal numbers of columns."
                )
        rows = [part._checked(f"tensors[{index}]") for index, part in enumerate(parts)]
        return _wrap(torch.cat(rows), common_frame(*parts))

    def project_to_poincare(self, curvature: float) -> Tensor:
        """Each row, read as a tangent vector at the origin, as a point of the ball: exp₀(v) = tanh(√c‖v‖)·v/(√c‖v‖)."""
        ball = Ball(curvature)
        return _wrap(settle(ball, ball.exp0(self._checked().double())), self._frame)

    def hyperbolic_distance(self, other: Any, curvature: float) -> float:
        """√Σ d(xᵢ, yᵢ)² over the rows, the distance in the product of balls of this curvature."""
        ball = Ball(curvature)
        left, right, _ = self._same(other)
        rows = ball.distance(require_points("self", left, ball), require_points("other", right, ball))
        return math.sqrt(rows.square().sum().item())

    def to_dlpack(self) -> Any:
        """A DLPack capsule; it can be consumed once."""
        return to_dlpack(self._values)

    def __dlpack__(self, **options: Any) -> Any:
        return self._values.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[Any, int]:
        return self._values.__dlpack_device__()

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return interchange.to_array(self._values, dtype=dtype, copy=copy)

    def __matmul__(self, other: Any) -> Tensor:
        return self.matmul(other)

    def __add__(self, other: Any) -> Tensor:
        return self.add(other)

    def __sub__(self, other: Any) -> Tensor:
        return self.sub(other)

    def __mul__(self, other: Any) -> Tensor:
        return self.scale(other) if isinstance(other, (int, float)) else self.hadamard(other)

    __rmul__ = __mul__

    def __neg__(self) -> Tensor:
        return self.scale(-1.0)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tensor):
            return NotImplemented
        return self.shape() == other.shape() and bool((self._values == other._values).all())

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __len__(self) -> int:
        return self.rows

    def __getitem__(self, index: int | tuple[int, int]) -> Any:
        """A row as a list, or one entry as a number: `t[0]`, `t[0, 1]`."""
        return self._values[index].tolist()

    def __repr__(self) -> str:
        return f"Tensor(rows={self.rows}, cols={self.cols})"

    def _repr_html_(self) -> str:
        return table(self._values, repr(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self._values.cpu().numpy(), self._frame)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        return self.clone()

    __copy__ = clone

    def _checked(self, label: str = "self") -> Rows:
        require_finite(label, self._values)
        return self._values

    def _with(self, other: Any) -> tuple[Rows, Rows, ZFrame | None]:
        right = as_tensor("other", other)
        return self._checked(), right._checked("other"), common_frame(self, right)

    def _same(self, other: Any) -> tuple[Rows, Rows, ZFrame | None]:
        right = as_tensor("other", other)
        require_same_shape("self", self.shape(), "other", right.shape())
        return self._with(right)


def as_tensor(label: str, value: Any) -> Tensor:
    """A Tensor from a Tensor, a torch tensor, a NumPy array, a list of rows, or whatever speaks DLPack."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (list, tuple)):
        return _wrap(interchange.from_sequence(value, label))
    if interchange.speaks_dlpack(value):
        return _wrap(interchange.from_dlpack(value, label), _frame_of(value))
    raise TypeError(f"{label} is of type {type(value).__name__}; give a Tensor, an array, or a list of rows.")


def common_frame(*tensors: Tensor) -> ZFrame | None:
    """The one Z-frame that the tensors are read in; those without one follow."""
    frames = [t.frame for t in tensors if t.frame is not None]
    for frame in frames[1:]:
        if frame.signature != frames[0].signature:
            raise InvalidValue(
                f"two Z-frames meet, {frames[0].signature[:8]} and {frame.signature[:8]}; "
                "read both in one with with_frame(frame)."
            )
    return frames[0] if frames else None


def _wrap(values: Rows, frame: ZFrame | None = None) -> Tensor:
    tensor = Tensor.__new__(Tensor)
    tensor._values = values
    tensor._frame = frame
    return tensor


def _frame_of(source: Any) -> ZFrame | None:
    return source.frame if isinstance(source, Tensor) else getattr(source, "zframe", None)


def _restored(array: np.ndarray, frame: ZFrame | None) -> Tensor:
    return _wrap(torch.from_numpy(array.copy()), frame)
