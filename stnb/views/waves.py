"""What a Carriers widget is offered: the carriers of a session, whom they hear, and what happened since the last look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from stnb_kernels import bank as rows
from stnb_kernels.bank import SMALLEST_ENERGY
from stnb_widgets.atlas.frame import fair_order
from stnb_widgets.carriers.wave import Event, Oscillators, Wave

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    from stnb.session.manifold import ManifoldSession

__all__ = ["Waves", "loudest"]

SAMPLE = 4096
LINKS = 65_536
FEWEST, MOST = 8, 64
BLOCK = 64
REACH = 3.0
NAMES = ("volatile", "stable", "crystallized")


class Waves:
    """Makes one wave after the other from a session, and remembers who was there."""

    def __init__(self, session: ManifoldSession) -> None:
        self._born = {life.identity: float(life.time[0]) for life in session.engine.track.lives()}
        self._states: dict[int, int] | None = None
        self._tally = np.zeros(2, dtype=np.int64)
        self._particles = session.count

    def look(self, session: ManifoldSession) -> Wave:
        """The session as it is now; nobody may step it meanwhile."""
        engine = session.engine
        saved, heard = engine.spectral.bank_state(), engine.spectral.state()
        m = int(saved["bank_counts"][rows.COUNT])
        real, whole = saved["bank_real"][:, :m].astype(np.float64), saved["bank_whole"][:, :m]
        phasor = real[rows.REAL] + 1j * real[rows.IMAG]
        sample = sampled(heard)
        links, weights = loudest(sample, real[rows.FREQUENCY], real[rows.WIDTH])
        events = self._compare(saved, session)
        return Wave(
            step=session.step_index,
            time=session.time,
            uid=whole[rows.IDENTITY],
            omega=real[rows.FREQUENCY],
            amplitude=np.abs(phasor),
            phase=np.angle(phasor),
            width=real[rows.WIDTH],
            state=whole[rows.STATE],
            age=np.array([session.time - self._born[int(uid)] for uid in whole[rows.IDENTITY]]),
            conflict=real[rows.CONFLICT],
            order=real[rows.ORDER],
            oscillators=sample,
            links=links,
            weights=weights,
            mean_order=ordered(heard),
            events=events,
            status=f"energy drift {session.ledger.drift:+.1e}",
        )

    def _compare(self, saved: dict[str, np.ndarray], session: ManifoldSession) -> tuple[Event, ...]:
        """What is different from the last look; who merged and who faded is said only if all that left did the same."""
        counts, step = saved["bank_counts"], session.step_index
        whole = saved["bank_whole"][:, : int(counts[rows.COUNT])]
        uids, parents, states = (whole[row].tolist() for row in (rows.IDENTITY, rows.PARENT, rows.STATE))
        now = dict(zip(uids, states, strict=True))
        for uid in uids:
            self._born.setdefault(uid, session.time)
        self._born = {uid: self._born[uid] for uid in uids}
        tally = counts[[rows.MERGED, rows.PRUNED]].astype(np.int64)
        merged, faded = (tally - self._tally).tolist()
        before, self._states, self._tally = self._states, now, tally
        arrived, self._particles = session.count - self._particles, session.count
        if before is None:
            return ()
        events = [Event("injected", step, arrived)] if arrived > 0 else []
        left = "merged" if not faded else "faded" if not merged else "gone"
        events += [Event(left, step, uid) for uid in before if uid not in now]
        for uid, parent, state in zip(uids, parents, states, strict=True):
            if uid not in before:
                events.append(Event("born" if parent < 0 else "split", step, uid))
            elif state > before[uid]:
                events.append(Event(NAMES[state], step, uid))
        return tuple(events)


def sampled(heard: dict[str, np.ndarray]) -> Oscillators:
    """All oscillators, or so many of them in random order."""
    total = len(heard["phase"])
    chosen = fair_order(total)[:SAMPLE] if total > SAMPLE else slice(None)
    columns = {
        "uid": "oscillator_uid",
        "omega": "frequency",
        "phase": "phase",
        "energy": "energy",
    }
    values: dict[str, Any] = {name: heard[column][chosen] for name, column in columns.items()}
    return Oscillators(**values, total=total)


def ordered(heard: dict[str, np.ndarray]) -> float:
    """|Σ_i A_i e^{iθ_i}| / Σ_i A_i over all oscillators; NaN when there is none."""
    amplitude = np.sqrt(np.maximum(heard["energy"].astype(np.float64), SMALLEST_ENERGY))
    if not len(amplitude):
        return float("nan")
    return float(abs((amplitude * np.exp(1j * heard["phase"].astype(np.float64))).sum()) / amplitude.sum())


def loudest(
    sample: Oscillators, centres: Float[np.ndarray, " m"], widths: Float[np.ndarray, " m"]
) -> tuple[Int[np.ndarray, "m k"], Float[np.ndarray, "m k"]]:
    """Places in the sample of those with the largest weight T_ik A_i for each carrier, and these weights.

    Carriers are taken in blocks of near frequencies, and of the oscillators only those within three gates: others have
    T < 2·10⁻⁴.
    """
    omega, energy = np.asarray(sample.omega, np.float64), np.asarray(sample.energy, np.float64)
    m, n = len(centres), len(omega)
    k = min(n, max(FEWEST, min(MOST, LINKS // max(m, 1))))
    links, weights = np.full((m, k), -1), np.zeros((m, k))
    by_frequency, by_centre = np.argsort(omega, kind="stable"), np.argsort(centres, kind="stable")
    ladder = omega[by_frequency]
    amplitude = np.sqrt(np.maximum(energy, SMALLEST_ENERGY))[by_frequency]
    for first in range(0, m, BLOCK):
        block = by_centre[first : first + BLOCK]
        low, high = (
            (centres[block] - REACH * widths[block]).min(),
            (centres[block] + REACH * widths[block]).max(),
        )
        part = slice(np.searchsorted(ladder, low), np.searchsorted(ladder, high, side="right"))
        away = (ladder[None, part] - centres[block, None]) / widths[block, None]
        weight = np.exp(-(away**2)) * amplitude[None, part]
        most = min(k, weight.shape[1])
        if not most:
            continue
        best = np.argpartition(-weight, most - 1, axis=1)[:, :most]
        links[block, :most] = by_frequency[part][best]
        weights[block, :most] = np.take_along_axis(weight, best, axis=1)
    return links, weights
