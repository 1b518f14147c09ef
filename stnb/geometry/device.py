"""The maps and their first derivatives as one kernel each on an NVIDIA GPU, where rows match without broadcasting.

Everything else on a device is plain torch; `stnb.geometry.taped` joins a map to its derivatives. A call allocates its
results alone, looks at no value and waits for nothing: what is refused on the CPU gives NaN here. Kernels are
compiled for the type of the rows and the power of two that holds d; n, d, c and the settings of a step are arguments.
"""

from __future__ import annotations

import functools
import importlib.util
import struct
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from stnb_kernels.languages import triton_interpreted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

__all__ = [
    "adam",
    "add",
    "applies",
    "available",
    "back",
    "distance",
    "exp",
    "exp0",
    "log",
    "log0",
    "readable",
    "squared_distance",
    "suits",
    "transport",
]

WIDEST, MOST_ROWS = 1024, 1 << 31
ALIGNED = 16
AT_ONCE = 1 << 16 if triton_interpreted() else 1024
NARROWEST = 4
DTYPES = (torch.float32, torch.float64)
BACK = "back through "
LENGTHS = ("distance", "squared_distance")


class _Plan(NamedTuple):
    """How rows of one width and type are handed to a kernel.

    Attributes:
        rows: Rows a program.
        fixed: Everything that the kernel is compiled for.
        start: Launches over a number of programs.
    """

    rows: int
    fixed: tuple[Any, ...]
    start: Callable[..., Any]


def available() -> tuple[bool, str]:
    """Whether kernels could run on a GPU of this machine, and the reason."""
    if importlib.util.find_spec("triton") is None:
        return False, "triton is not installed; pip install 'stnb[gpu]'"
    if triton_interpreted():
        return False, "TRITON_INTERPRET=1 has Triton interpreted on the CPU"
    if torch.version.cuda is None or not torch.cuda.is_available():
        return False, "torch sees no NVIDIA GPU"
    return True, "Triton on an NVIDIA GPU"


def applies(*operands: Tensor) -> bool:
    """Whether one kernel can take the operands, and nobody will ask for a derivative."""
    x = operands[0]
    if not x.is_cuda:
        return False
    if torch.is_grad_enabled() and any(t.requires_grad for t in operands):
        return False
    return suits(*operands)


def suits(*operands: Tensor) -> bool:
    """`applies`, whether or not the operands require derivatives."""
    x = operands[0]
    return (
        x.is_cuda
        and not torch.compiler.is_compiling()
        and x.dtype in DTYPES
        and 0 < x.shape[-1] <= WIDEST
        and x.numel() < MOST_ROWS * x.shape[-1]
        and all(_plain(t, x) for t in operands)
        and _ready(x.device.index)
    )


def add(x: Tensor, y: Tensor, c: float) -> Tensor:
    """The sum x ⊕ y."""
    out = torch.empty_like(x)
    _launch("add", (x, y, out), (_bits_of(c),))
    return out


def exp(x: Tensor, v: Tensor, c: float) -> Tensor:
    """exp_x(v)."""
    out = torch.empty_like(x)
    _launch("exp", (x, v, out), (_bits_of(c),))
    return out


def exp0(v: Tensor, c: float) -> Tensor:
    """`exp` at the origin."""
    out = torch.empty_like(v)
    _launch("exp0", (v, out), (_bits_of(c),))
    return out


def log(x: Tensor, y: Tensor, c: float) -> Tensor:
    """log_x(y)."""
    out = torch.empty_like(x)
    _launch("log", (x, y, out), (_bits_of(c),))
    return out


def log0(y: Tensor, c: float) -> Tensor:
    """`log` at the origin."""
    out = torch.empty_like(y)
    _launch("log0", (y, out), (_bits_of(c),))
    return out


def transport(x: Tensor, y: Tensor, v: Tensor, c: float) -> Tensor:
    """A vector v carried from x to y."""
    out = torch.empty_like(x)
    _launch("transport", (x, y, v, out), (_bits_of(c),))
    return out


def distance(x: Tensor, y: Tensor, c: float) -> Tensor:
    """d(x, y), shape (…, 1)."""
    out = x.new_empty((*x.shape[:-1], 1))
    _launch("distance", (x, y, out), (_bits_of(c),), False)  # noqa: FBT003
    return out


def squared_distance(x: Tensor, y: Tensor, c: float) -> Tensor:
    """d(x, y)², shape (…, 1)."""
    out = x.new_empty((*x.shape[:-1], 1))
    _launch("distance", (x, y, out), (_bits_of(c),), True)  # noqa: FBT003
    return out


def back(
    name: str, operands: Sequence[Tensor], g: Tensor, c: float, wanted: Sequence[bool]
) -> list[Tensor | None]:
    """Derivatives by the wanted operands, where g is the derivative by the map's result."""
    if not g.is_contiguous() or g.data_ptr() % ALIGNED:
        g = g.clone(memory_format=torch.contiguous_format)
    found = [torch.empty_like(t) if by else None for t, by in zip(operands, wanted, strict=True)]
    # What is not wanted is not written, so that any rows will do in its place.
    places = [operands[0] if out is None else out for out in found]
    kernel, *squared = ("distance", name != "distance") if name in LENGTHS else (name,)
    _launch(f"{BACK}{kernel}", (*operands, g, *places), (_bits_of(c),), *wanted, *squared)
    return found


def adam(
    x: Tensor,
    g: Tensor,
    m: Tensor,
    v: Tensor,
    most: Tensor | None,
    c: float,
    *,
    lr: float,
    betas: tuple[float, float],
    step: int,
    eps: float,
    weight_decay: float,
) -> None:
    """One step of `stnb.geometry.adam.RiemannianAdam` in place; `most` is the largest v so far, or None."""
    beta1, beta2 = betas
    settings = (lr / (1.0 - beta1**step), beta1, beta2, 1.0 - beta2**step, eps, weight_decay)
    numbers = (_bits_of(c), *struct.unpack("6q", struct.pack("6d", *settings)))
    _launch("adam", (x, g, m, v, v if most is None else most), numbers, most is not None)


def readable(t: Tensor) -> bool:
    """Whether a tensor is its numbers in memory, with no transform or tangent about them."""
    known: Any = torch._C._functorch  # pyright: ignore[reportAttributeAccessIssue]
    return (
        (type(t) is torch.Tensor or isinstance(t, torch.nn.Parameter))
        and not known.is_functorch_wrapped_tensor(t)
        and not known.is_legacy_batchedtensor(t)
        and torch.autograd.forward_ad.unpack_dual(t).tangent is None
    )


def _plain(t: Tensor, x: Tensor) -> bool:
    """Rows in memory as x's are."""
    return (
        t.shape == x.shape
        and t.dtype == x.dtype
        and t.device == x.device
        and t.is_contiguous()
        and readable(t)
        and t.data_ptr() % ALIGNED == 0
    )


_plans: dict[tuple[Any, ...], _Plan] = {}


def _launch(name: str, tensors: tuple[Tensor, ...], numbers: tuple[int, ...], *flags: bool) -> None:
    x = tensors[0]
    d = x.shape[-1]
    n = x.numel() // d
    if n == 0:
        return None
    if x.is_cuda and x.device.index != torch.cuda.current_device():
        with torch.cuda.device(x.device):
            return _launch(name, tensors, numbers, *flags)
    key = (name, x.dtype, d, x.device.index, *flags)
    plan = _plans.get(key)
    if plan is None:
        return _first(key, tensors, n, d, numbers)
    plan.start((-(-n // plan.rows), 1, 1), *tensors, n, d, *numbers, *plan.fixed)
    return None


def _first(
    key: tuple[Any, ...], tensors: tuple[Tensor, ...], n: int, d: int, numbers: tuple[int, ...]
) -> None:
    """Launch through Triton's compiler, and remember what it compiled."""
    from stnb.geometry import triton_
    from stnb.geometry.backward import triton_ as backward

    name, _, _, _, *flags = key
    columns = max(NARROWEST, 1 << (d - 1).bit_length())
    rows = max(1, AT_ONCE // columns)
    fixed = (rows, columns, d == columns, *flags)
    kernel = getattr(backward if name.startswith(BACK) else triton_, name.removeprefix(BACK))
    compiled = kernel[(-(-n // rows), 1, 1)](*tensors, n, d, *numbers, *fixed)
    if triton_interpreted():
        _plans[key] = _Plan(rows, fixed, lambda grid, *arguments: kernel[grid](*arguments))
    else:
        _plans[key] = _Plan(rows, fixed, lambda grid, *arguments: compiled[grid](*arguments))


@functools.lru_cache(maxsize=256)
def _bits_of(value: float) -> int:
    """The bits of a float64, as which it reaches a kernel unrounded."""
    return struct.unpack("q", struct.pack("d", value))[0]


@functools.cache
def _ready(index: int) -> bool:
    """Whether a first kernel compiles and starts there; if not, say why once, and leave the maps to torch."""
    if not available()[0]:
        return False
    trial = torch.zeros(1, NARROWEST, device=f"cuda:{index}")
    try:
        log0(trial, 1.0)
    except Exception as error:  # noqa: BLE001
        warnings.warn(
            f"Triton starts no kernel on cuda:{index} ({type(error).__name__}: {error}); "
            "the maps run there as plain torch, many times slower.",
            stacklevel=2,
        )
        return False
    return True
