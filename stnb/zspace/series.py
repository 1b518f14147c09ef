"""Power series with trapezoid weights, and the Mellin transform that they are on a logarithmic lattice."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import DataLength, InvalidValue, NonFiniteValue
from stnb._core.numbers import finite
from stnb.zspace.intake import vector

if TYPE_CHECKING:
    from jaxtyping import Complex

__all__ = [
    "mellin_transform",
    "zspace_eval",
    "zspace_eval_stable",
    "zspace_eval_with_derivative",
    "zspace_eval_with_derivative_stable",
]

Pairs = list[tuple[float, float]]


def zspace_eval(real: Any, imag: Any, z_re: Any, z_im: Any) -> Pairs:
    """V(z) = Σ_k w_k(real_k + i·imag_k)z^k at every point, as (re, im) pairs.

    The weights w are those of the trapezoid rule: ½ at both ends and 1 between them; a single sample has weight 1. So
    h·e^{st₀}·V(e^{sh}) is a Mellin transform (`mellin_transform`), and the points e^{sh} are where to look.

    Raises:
        DataLength: when two lists that belong together differ in length.
        EmptyInput: without a sample or without a point.
        NonFiniteValue: for NaN and infinities, also where V(z) itself exceeds float64.

    >>> zspace_eval([1, 0.5, 0.25], [0, 0, 0], [0.5, 1.0], [0.5, 0.0])
    [(0.75, 0.3125), (1.125, 0.0)]
    """
    a, z = _weighted(real, imag), _points(z_re, z_im)
    with np.errstate(all="ignore"):
        return _pairs(_horner(a, z))


def zspace_eval_with_derivative(real: Any, imag: Any, z_re: Any, z_im: Any) -> tuple[Pairs, Pairs]:
    """V(z) of `zspace_eval` and V′(z) = Σ_k k·a_k z^{k−1}, two lists of (re, im) pairs.

    >>> zspace_eval_with_derivative([2, 3, 4], [0, 0, 0], [2.0], [0.0])
    ([(15.0, 0.0)], [(11.0, 0.0)])
    """
    a, z = _weighted(real, imag), _points(z_re, z_im)
    with np.errstate(all="ignore"):
        return _pairs(_horner(a, z)), _pairs(_horner(_derived(a), z))


def zspace_eval_stable(real: Any, imag: Any, z_re: Any, z_im: Any) -> Pairs:
    """`zspace_eval`, summed beyond the unit circle as z^{n−1}·Σ_k a_k(1/z)^{n−1−k}, where no power grows."""
    a, z = _weighted(real, imag), _points(z_re, z_im)
    with np.errstate(all="ignore"):
        return _pairs(_from_both_sides(a, z))


def zspace_eval_with_derivative_stable(real: Any, imag: Any, z_re: Any, z_im: Any) -> tuple[Pairs, Pairs]:
    """`zspace_eval_with_derivative`, summed beyond the unit circle in powers of 1/z."""
    a, z = _weighted(real, imag), _points(z_re, z_im)
    with np.errstate(all="ignore"):
        return _pairs(_from_both_sides(a, z)), _pairs(_from_both_sides(_derived(a), z))


def mellin_transform(log_start: float, log_step: float, real: Any, imag: Any, s: complex) -> complex:
    """∫ f(x)x^{s−1}dx ≈ h·Σ_k w_k f(e^{t_k})e^{st_k}, t_k = t₀ + kh: the trapezoid rule in t = ln x.

    Equal to h·e^{st₀}·V(e^{sh}) of `zspace_eval`, but no factor overflows before the sum does. For integrands that are
    analytic and decay at both ends the error falls exponentially with 1/h.

    Args:
        log_start: t₀ = ln x₀.
        log_step: h > 0.
        real: real parts of f(e^{t_k}).
        imag: imaginary parts.
        s: any complex number for which the integral exists.

    Raises:
        InvalidValue: for a step that is not above 0.
        DataLength: when `real` and `imag` differ in length.
        NonFiniteValue: for NaN and infinities, also where the sum exceeds float64.

    >>> t = np.arange(-12, 4.01, 0.05)
    >>> round(mellin_transform(-12.0, 0.05, np.exp(-np.exp(t)), 0 * t, 1.5).real, 5)  # Γ(3/2) = √π/2
    0.88623
    """
    start, step, exponent = finite("log_start", log_start), finite("log_step", log_step), _complex("s", s)
    if not step > 0:
        raise InvalidValue(f"log_step = {step}; the lattice needs a step above 0, such as 0.05.")
    a = _weighted(real, imag)
    with np.errstate(all="ignore"):
        found = complex(step * np.dot(a, np.exp(exponent * (start + step * np.arange(len(a))))))
    if not (math.isfinite(found.real) and math.isfinite(found.imag)):
        raise NonFiniteValue(
            f"the transform at s = {exponent} exceeds float64; take a shorter lattice, or s with a smaller real part."
        )
    return found


def _weighted(real: Any, imag: Any) -> Complex[np.ndarray, " n"]:
    a = _paired("real", real, "imag", imag)
    if len(a) > 1:
        a[[0, -1]] *= 0.5
    return a


def _points(z_re: Any, z_im: Any) -> Complex[np.ndarray, " p"]:
    return _paired("z_re", z_re, "z_im", z_im)


def _paired(first: str, x: Any, second: str, y: Any) -> Complex[np.ndarray, " n"]:
    re, im = vector(first, x), vector(second, y)
    if len(re) != len(im):
        raise DataLength(f"{first} has {len(re)} values but {second} has {len(im)}; give as many of each.")
    return re + 1j * im


def _derived(a: Complex[np.ndarray, " n"]) -> Complex[np.ndarray, " m"]:
    """Coefficients of the derivative; of a constant, one 0."""
    return np.arange(1, len(a)) * a[1:] if len(a) > 1 else np.zeros(1, complex)


def _horner(a: Complex[np.ndarray, " n"], z: Complex[np.ndarray, " p"]) -> Complex[np.ndarray, " p"]:
    total = np.full(len(z), a[-1])
    for coefficient in a[-2::-1]:
        total *= z
        total += coefficient
    return total


def _from_both_sides(a: Complex[np.ndarray, " n"], z: Complex[np.ndarray, " p"]) -> Complex[np.ndarray, " p"]:
    """Powers of z inside the unit circle, of 1/z outside; where z^{n−1} alone overflows, Horner's rule again."""
    total = np.empty(len(z), complex)
    far = np.abs(z) > 1
    total[~far] = _horner(a, z[~far])
    total[far] = z[far] ** (len(a) - 1) * _horner(a[::-1], 1 / z[far])
    lost = ~np.isfinite(total)
    if lost.any():
        total[lost] = _horner(a, z[lost])
    return total


def _pairs(values: Complex[np.ndarray, " p"]) -> Pairs:
    finite = np.isfinite(values)
    if not finite.all():
        raise NonFiniteValue(
            f"the series at point {int(np.argmin(finite))} exceeds float64; take fewer samples or a point nearer to 0."
        )
    return list(zip(np.real(values).tolist(), np.imag(values).tolist(), strict=True))


def _complex(name: str, value: Any) -> complex:
    if isinstance(value, bool) or not isinstance(value, numbers.Complex):
        raise TypeError(f"{name} = {value!r} is of type {type(value).__name__}; give a complex number.")
    found = complex(value)
    if not (math.isfinite(found.real) and math.isfinite(found.imag)):
        raise NonFiniteValue(f"{name} = {found}; give a finite number.")
    return found
