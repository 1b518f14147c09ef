"""Why a carrier is alive: what the coming step gives it and takes from it, and how far it is from the next threshold.

A step turns C into e^{iΩdt}·C⁺ with C⁺ = κC + f·g·D + ξ: κ = e^{−Γdt} and g = (1 − κ)/Γ for the sum Γ of the rates at
which the carrier follows its gate (f), is damped (λ) and starves, D = Σ_i T_i z_i / (S + ε) is what its gate says, ξ is
noise. The power |C|² changes by Re((C⁺ − C)·conj(C⁺ + C)), in which each cause has its own share, linear in what it adds
to C⁺ − C: the gate f·g·D, the noise ξ, and −(rate)·g·C for each rate. Nothing is left over. This division of the power
is a convention of this project.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from stnb_kernels import bank as rows
from stnb_kernels.evolve import CARRIER_STREAM
from stnb_kernels.swing.reference import normals_of
from stnb_kernels.tune.reference import amplitudes, tuning

from stnb._core.errors import InputError
from stnb.views.sentences import sentence_of, thresholds

if TYPE_CHECKING:
    from stnb_kernels.law import CarrierLaw

    from stnb.session.manifold import ManifoldSession

__all__ = ["Balance", "balance", "why"]


@dataclass(frozen=True, slots=True)
class Balance:
    """What the coming step of the carriers does to one of them.

    Attributes:
        gate: Part of the change of |C|² that the gate gives, and so on for the others.
        following: What the carrier gives up in order to follow its gate.
        damping: What damping takes.
        hunger: What starving takes.
        noise: What chance gives or takes.
        torque: How fast its gate and chance turn it, beside its own Ω, in rad/s.
        power: |C|² now.
        support: Σ T A of its gate, in √J.
        order: Order parameter of its gate now.
        pumped: Power that the oscillators of its gate receive from outside, Σ T P, in W.
        warmed: Power that they lose as heat, Σ T E/τ, in W.
        dt: The step, in s.
    """

    gate: float
    following: float
    damping: float
    hunger: float
    noise: float
    torque: float
    power: float
    support: float
    order: float
    pumped: float
    warmed: float
    dt: float

    @property
    def change(self) -> float:
        """What |C|² changes by: the sum of the five parts."""
        return self.gate + self.following + self.damping + self.hunger + self.noise


def balance(session: ManifoldSession, uid: int) -> Balance:
    """The balance of a carrier's coming step, splits and mergers aside; nobody may step the session meanwhile."""
    law, place, saved = law_of(session), place_of(session, uid), session.engine.spectral.bank_state()
    real, whole = saved["bank_real"][:, place].astype(np.float64), saved["bank_whole"][:, place]
    drive, support, pumped, warmed = gate_of(session, real, law)
    state = int(whole[rows.STATE])
    heard = support > law.support_floor
    order = min(abs(drive) / support, 1.0) if heard else 0.0
    free = state != rows.CRYSTALLIZED
    follow = (law.follow_volatile, law.follow_stable, 0.0)[state]
    damping = law.damping if free else 0.0
    hunger = law.hunger * max(0.0, 1.0 - order**2 / law.upkeep) if free else 0.0
    total = follow + damping + hunger
    gain = -np.expm1(-total * law.dt) / total if total > 0 else law.dt
    c = complex(real[rows.REAL], real[rows.IMAG])
    given = follow * gain * drive / (support + law.support_floor)
    chance = noise_of(
        session, whole, saved, law, spread=(follow, gain, np.exp(-total * law.dt), free, support)
    )
    chance *= np.exp(-1j * real[rows.FREQUENCY] * law.dt)
    after = c * np.exp(-total * law.dt) + given + chance
    both = np.conj(after + c)

    def part(added: complex) -> float:
        return float((added * both).real)

    turned = np.angle(after * np.conj(c)) / law.dt if c and after else 0.0
    return Balance(
        gate=part(given),
        following=part(-follow * gain * c),
        damping=part(-damping * gain * c),
        hunger=part(-hunger * gain * c),
        noise=part(chance),
        torque=float(turned),
        power=abs(c) ** 2,
        support=float(support),
        order=float(order),
        pumped=pumped,
        warmed=warmed,
        dt=law.dt,
    )


def why(session: ManifoldSession, uid: Any) -> dict[str, Any]:
    """The answer to a Carriers widget: one sentence, and rows of label, value, unit and share."""
    if isinstance(uid, bool) or not isinstance(uid, int):
        raise InputError(f"a carrier is named by its number, not by {uid!r}; pass a whole number")
    b = balance(session, uid)
    saved = session.engine.spectral.bank_state()
    place = place_of(session, uid)
    real, whole = saved["bank_real"][:, place].astype(np.float64), saved["bank_whole"][:, place]
    parts = {
        "its gate gives": b.gate,
        "it forgets to follow": b.following,
        "damping takes": b.damping,
        "hunger takes": b.hunger,
        "chance": b.noise,
        "|C|² in all": b.change,
    }
    most = max(*(abs(value) for value in parts.values()), 1e-30)
    lines: list[list[Any]] = [
        [label, value / b.dt, "1/s", float(np.clip(value / most, -1, 1))] for label, value in parts.items()
    ]
    lines += [
        ["turned by its gate", b.torque, "rad/s", None],
        ["order of its gate", b.order, "", b.order],
        ["its oscillators receive", b.pumped, "W", None],
        ["and lose as heat", b.warmed, "W", None],
    ]
    law = law_of(session)
    lines += thresholds(real, whole, law)
    return {"sentence": sentence_of(b, whole, law), "lines": lines}


def law_of(session: ManifoldSession) -> CarrierLaw:
    """The constants of the coming step of the carriers."""
    config = session.config
    return config.law(max(config.cadence, 1) * config.dt)


def place_of(session: ManifoldSession, uid: int) -> int:
    """The column of a carrier, or a refusal."""
    saved = session.engine.spectral.bank_state()
    there = saved["bank_whole"][rows.IDENTITY, : int(saved["bank_counts"][rows.COUNT])]
    found = np.flatnonzero(there == uid)
    if not len(found):
        raise InputError(
            f"there is no carrier {uid} at step {session.step_index}; it is gone, or was never born"
        )
    return int(found[0])


def gate_of(
    session: ManifoldSession, real: np.ndarray, law: CarrierLaw
) -> tuple[complex, float, float, float]:
    """Σ T z, Σ T A, Σ T P and Σ T E/τ of one gate."""
    o = session.engine.spectral.state()
    heard = tuning(o["frequency"], real[[rows.FREQUENCY]], real[[rows.WIDTH]])[0]
    amplitude, phase = amplitudes(o["energy"]), o["phase"].astype(np.float64)
    drive = complex((heard * amplitude * np.exp(1j * phase)).sum())
    warmed = float((heard * o["energy"].astype(np.float64)).sum() * law.decay)
    return drive, float((heard * amplitude).sum()), float(heard.sum() * law.pump), warmed


def noise_of(
    session: ManifoldSession,
    whole: np.ndarray,
    saved: dict[str, np.ndarray],
    law: CarrierLaw,
    *,
    spread: tuple[float, float, float, bool, float],
) -> complex:
    """What chance will add to C: the same numbers that the step will draw."""
    follow, gain, kept, free, support = spread
    if law.temperature <= 0:
        return 0j
    weight = (1.0 if free else 1.0 + law.boost) * max(support, 1.0)
    size = np.sqrt(law.temperature * follow * gain * (1.0 + kept) / weight)
    step = int(saved["bank_counts"][rows.STEP])
    x, y = normals_of(whole[[rows.IDENTITY]], session.engine.spectral.seed, CARRIER_STREAM, step)
    return complex(size * (x[0] + 1j * y[0]))
