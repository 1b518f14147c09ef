"""Plain torch on whatever device holds the bank, in its type; the fallback for Apple GPUs.

All columns of the bank are computed and those of carriers that do not exist are left as they were, so that the host
need not know their number. It allocates.
"""

from __future__ import annotations

import math

import torch

from stnb_kernels.bank import (
    AGE,
    CONFLICT,
    COUNT,
    CRYSTALLIZED,
    FREQUENCY,
    IDENTITY,
    IMAG,
    ORDER,
    QUIET,
    REAL,
    STABLE,
    STATE,
    STEP,
    SUPPORT,
    VOLATILE,
    WIDTH,
)
from stnb_kernels.evolve import CARRIER_STREAM
from stnb_kernels.evolve.motion import LEAST_REACH, numbers
from stnb_kernels.random import philox

LOW, HALF = 0xFFFFFFFF, 32
MULTIPLIERS = int(philox.MULTIPLIER_0), int(philox.MULTIPLIER_1)
WEYL = int(philox.WEYL_0), int(philox.WEYL_1)


def words(counter, stream, step, seed):  # noqa: ANN001, ANN201
    """Philox-4×32-10 in int64: products wrap around, and shifts bring the sign with them, which the mask removes."""
    c0, c1, c2, c3 = counter, torch.full_like(counter, stream), torch.zeros_like(counter) + step, 0 * counter
    k0, k1 = seed & LOW, seed >> HALF
    for _ in range(philox.ROUNDS):
        p0, p1 = MULTIPLIERS[0] * c0, MULTIPLIERS[1] * c2
        c0, c1 = ((p1 >> HALF) & LOW) ^ c1 ^ k0, p1 & LOW
        c2, c3 = ((p0 >> HALF) & LOW) ^ c3 ^ k1, p0 & LOW
        k0, k1 = (k0 + WEYL[0]) & LOW, (k1 + WEYL[1]) & LOW
    return c0, c1


def noise_of(bank, seed):  # noqa: ANN001, ANN201
    """Two standard normals for each carrier."""
    w = words(bank.whole[IDENTITY].long(), CARRIER_STREAM, bank.counts[STEP].long(), seed)
    u0, u1 = ((v >> 8).to(bank.real.dtype) * 2.0**-24 for v in w)
    radius, angle = torch.sqrt(-2.0 * torch.log1p(-u0)), 2.0 * math.pi * u1
    return radius * torch.cos(angle), radius * torch.sin(angle)


def repelled(frequency, width, exists):  # noqa: ANN001, ANN201
    """Σ_j (Ω_k − Ω_j) exp(−((Ω_k − Ω_j)/max(σ_k + σ_j, 10⁻³))²)."""
    apart = frequency[:, None] - frequency[None]
    reach = (width[:, None] + width[None]).clamp(min=LEAST_REACH)
    return (apart * torch.exp(-((apart / reach).square())) * exists[None]).sum(dim=1)


def run(bank, spectrum, law, seed):  # noqa: ANN001, ANN201
    (
        (
            dt,
            volatile,
            stable,
            damping,
            hunger,
            upkeep,
            floor,
            temperature,
            boost,
            learn,
            recentre,
            push,
            *clamp,
        ),
        _,
    ) = numbers(law)
    real, zero = bank.real, torch.zeros_like(bank.real[0])
    exists = torch.arange(bank.capacity, device=real.device) < bank.counts[COUNT]
    state, (re, im, frequency, width) = bank.whole[STATE], real[[REAL, IMAG, FREQUENCY, WIDTH]]
    drive_re, drive_im, support, shift = torch.where(exists, spectrum.sums, zero)
    free, heard = state != CRYSTALLIZED, support > floor
    divisor = torch.where(heard, support, 1.0)
    order = torch.where(heard, torch.hypot(drive_re, drive_im) / divisor, 0.0).clamp(max=1.0)

    follow = torch.where(free, torch.where(state == VOLATILE, zero + volatile, zero + stable), 0.0)
    losses = damping + hunger * (1.0 - order.square() / upkeep).clamp(min=0.0)
    total = follow + torch.where(free, losses, 0.0)
    kept = torch.exp(-total * dt)
    gain = torch.where(total > 0, -torch.expm1(-total * dt) / torch.where(total > 0, total, 1.0), dt)
    more = follow * gain / (support + floor)
    x, y = kept * re + more * drive_re, kept * im + more * drive_im
    cosine, sine = torch.cos(frequency * dt), torch.sin(frequency * dt)
    re, im = cosine * x - sine * y, sine * x + cosine * y
    if temperature > 0:
        weight = torch.where(free, 1.0, boost) * support.clamp(min=1.0)
        spread = torch.sqrt(temperature * follow * gain * (1.0 + kept) / weight)
        xi, eta = noise_of(bank, seed)
        re, im = re + spread * xi, im + spread * eta

    conflict = real[CONFLICT] + learn * torch.where(heard, 1.0 - order - real[CONFLICT], 0.0)
    moved = recentre * torch.where(heard, shift / divisor, 0.0)
    if push != 0:
        moved = moved + push * repelled(frequency, width, exists)
    frequency = torch.where(free, frequency + moved, frequency)
    rows = {REAL: re, IMAG: im, CONFLICT: conflict, ORDER: order, SUPPORT: support, FREQUENCY: frequency}
    rows[WIDTH] = width.clamp(*clamp[:2])
    for row, values in rows.items():
        real[row] = torch.where(exists, values, real[row])
    _mature(bank, law, exists)


def _mature(bank, law, exists):  # noqa: ANN001, ANN202
    """The state machine and the count of quiet steps."""
    real, (state, age, quiet) = bank.real, bank.whole[[STATE, AGE, QUIET]]
    calm = 1.0 - real[CONFLICT]
    ready = (state == VOLATILE) & (calm >= law.stable_order)
    firm = (state == STABLE) & (calm >= law.crystal_order)
    firm = firm & (real[CONFLICT] <= law.crystal_conflict) & (real[SUPPORT] >= law.crystal_support)
    age = torch.where(ready | firm, age + 1, torch.where(state == CRYSTALLIZED, age, 0))
    up = (ready & (age >= law.stable_after)) | (firm & (age >= law.crystal_after))
    age = torch.where(up & (state == VOLATILE), 0, age)
    state = state + up
    faint = (state == VOLATILE) & (torch.hypot(real[REAL], real[IMAG]) < law.prune_amplitude)
    for row, values in {STATE: state, AGE: age, QUIET: torch.where(faint, quiet + 1, 0)}.items():
        bank.whole[row] = torch.where(exists, values, bank.whole[row]).to(torch.int32)
