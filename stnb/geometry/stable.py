"""Functions of one number whose plain forms lose digits or derivatives near 0, written in q = t² so that they are smooth.

    tanh_ratio(q)    tanh t / t             1 − q/3 + 2q²/15 − …
    sech2(q)         1 / cosh² t            1 − q + 2q²/3 − …
    asinh_ratio(q)   asinh t / t            1 − q/6 + 3q²/40 − …

Below q = 0.01 the power series is taken, whose first left-out term is under 1e-17; above it the closed form, whose
derivatives lose at most 1/q = 100 units in the last place. Each branch sees only arguments that it can bear, so that
derivatives of every order are finite at q = 0.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

__all__ = ["asinh_from", "asinh_of_root", "asinh_ratio", "asinh_ratio_and_slope", "tanh_ratio_and_sech2"]

SMALL = 0.01
TERMS = 9


def _tanh_coefficients() -> tuple[float, ...]:
    """Of tanh t / t in powers of t², from y′ = 1 − y² for y = tanh t."""
    a = [Fraction(1)]
    for n in range(1, TERMS):
        a.append(-sum((a[i] * a[n - 1 - i] for i in range(n)), Fraction(0)) / (2 * n + 1))
    return tuple(float(term) for term in a)


def _asinh_coefficients() -> tuple[float, ...]:
    """Of asinh t / t in powers of t², from the binomial series of 1/√(1 + t²)."""
    binomial, a = Fraction(1), [Fraction(1)]
    for n in range(1, TERMS):
        binomial *= Fraction(-(2 * n - 1), 2 * n)
        a.append(binomial / (2 * n + 1))
    return tuple(float(term) for term in a)


TANH = _tanh_coefficients()
ASINH = _asinh_coefficients()
ASINH_SLOPES = tuple(n * term for n, term in enumerate(ASINH))[1:]


def _polynomial(q: Tensor, coefficients: tuple[float, ...]) -> Tensor:
    """Σ aₙ qⁿ by Horner's rule."""
    value = q * coefficients[-1] + coefficients[-2]
    for term in coefficients[-3::-1]:
        value = value * q + term
    return value


def tanh_ratio_and_sech2(q: Float[Tensor, "*n 1"]) -> tuple[Float[Tensor, "*n 1"], Float[Tensor, "*n 1"]]:
    """Both tanh √q / √q and 1/cosh² √q: with E = e^(−2t), tanh t = (1 − E)/(1 + E) and sech² t = 4E/(1 + E)²."""
    small = q < SMALL
    t = torch.where(small, 1.0, q).sqrt()
    decay = torch.exp(-2.0 * t)
    above = 1.0 + decay
    series = _polynomial(torch.where(small, q, 0.0), TANH)
    ratio = torch.where(small, series, -torch.expm1(-2.0 * t) / (above * t))
    sech2 = torch.where(small, 1.0 - q * series * series, 4.0 * decay / (above * above))
    return ratio, sech2


def asinh_from(q: Float[Tensor, "*n"], t: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
    """The value asinh t = log1p(t + q/(1 + √(1 + q))) for t = √q ≥ 0: no digits are lost at either end."""
    return torch.log1p(t + q / (1.0 + torch.sqrt(1.0 + q)))


def asinh_of_root(q: Float[Tensor, "*n 1"]) -> Float[Tensor, "*n 1"]:
    """The value of asinh √q, with derivative 0 at q = 0, the tip of a cone."""
    positive = q > 0
    t = torch.where(positive, q, 1.0).sqrt()
    return torch.where(positive, asinh_from(torch.where(positive, q, 1.0), t), 0.0)


def asinh_ratio(q: Float[Tensor, "*n 1"]) -> Float[Tensor, "*n 1"]:
    """The ratio asinh √q / √q."""
    small = q < SMALL
    large = torch.where(small, 1.0, q)
    t = large.sqrt()
    return torch.where(small, _polynomial(torch.where(small, q, 0.0), ASINH), asinh_from(large, t) / t)


def asinh_ratio_and_slope(q: Float[Tensor, "*n"]) -> tuple[Float[Tensor, "*n"], Float[Tensor, "*n"]]:
    """R = asinh √q / √q and its derivative by q, (1/√(1 + q) − R)/(2q), as numbers without history."""
    ratio = asinh_ratio(q.unsqueeze(-1)).squeeze(-1)
    small = q < SMALL
    slope = (torch.rsqrt(1.0 + q) - ratio).div_(torch.where(small, 1.0, q).mul_(2.0))
    return ratio, torch.where(small, _polynomial(torch.where(small, q, 0.0), ASINH_SLOPES), slope)
