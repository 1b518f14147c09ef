"""Rows that are over become history, readings, a timeline and advice, in their order and once their numbers are there."""

from __future__ import annotations

import math
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb.session.watch.advice import CLEAR, LOSSES, READINGS, Advice, Board, Evidence, judge
from stnb.session.watch.later import Later
from stnb.session.watch.reading import Reading, read
from stnb.session.watch.rules import START

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stnb._core.bus import Bus, Subscription
    from stnb.session.watch.ledger import LayerTable, StepHistory
    from stnb.session.watch.recorder import Row

__all__ = ["Digest"]

WAITING = 256
"""So many rows may wait for their numbers; then the oldest is waited for."""
TOGETHER = 32
"""Rows that are worked through in one go."""
JUDGED = 64
"""Steps after which the rules are asked even if nothing was read."""
TOTALS = ("grad_norm", "drift", "turn")


class Digest:
    """Owns nothing that people read but the board; it fills the history, the table and the timeline of a watch."""

    def __init__(
        self,
        history: StepHistory,
        table: LayerTable,
        bus: Bus,
        hear: Callable[[Reading, float], None],
    ) -> None:
        self.board = Board()
        self.callbacks: list[Callable[[Advice], object]] = []
        self._history = history
        self._table = table
        self._bus = bus
        self._hear = hear
        self._waiting: deque[Row] = deque()
        self._urgent = False
        self._loss: deque[float] = deque(maxlen=LOSSES)
        self._start: list[float] = []
        self._totals: deque[tuple[float, ...]] = deque(maxlen=READINGS)
        self._step = -1
        self._broken_loss: int | None = None
        self._broken_layers: tuple[str, ...] = ()
        self._told: weakref.WeakKeyDictionary[Subscription, int] = weakref.WeakKeyDictionary()

    def add(self, row: Row) -> None:
        """Take a row that is over."""
        self._waiting.append(row)
        loss = row.values.get("loss")
        self._urgent |= row.due or (isinstance(loss, float) and not math.isfinite(loss))

    def settle(self, *, wait: bool) -> bool:
        """Work through the rows whose numbers are there, or through all of them; whether there was a reading.

        Rows without news wait for each other, unless somebody subscribed: many in one go cost a tenth of one by one.
        """
        read_any = False
        if not (wait or self._urgent or len(self._waiting) >= TOGETHER or self._bus.subscriptions):
            return read_any
        while self._waiting and (wait or len(self._waiting) > WAITING or self._waiting[0].ready()):
            row = self._waiting.popleft()
            read_any |= row.due
            self._work(row)
        self._urgent = bool(self._waiting)
        return read_any

    def judge(self) -> None:
        """Ask the rules, put up what they say, and tell those who want to hear of new advice."""
        if self._step < 0:
            return
        for advice in self.board.update(judge(self._evidence()), self._step):
            for callback in tuple(self.callbacks):
                try:
                    callback(advice)
                except Exception as error:  # noqa: BLE001
                    self._bus.keep(callback, error, self._step)

    def publish(self) -> None:
        """Give the latest columns to the subscribers that are due."""
        self._deliver(self._bus.due(self._step))

    def finish(self) -> None:
        """Give the last columns to those whose pace has left them out."""
        late = (each for each in self._bus.subscriptions if each.hz and self._step % each.every == 0)
        self._deliver([each for each in late if self._told.get(each, -1) < self._step])

    def frame(self) -> dict[str, Any]:
        """The latest row, the latest reading of every layer, and what is advised."""
        advice = [each.as_dict() for each in self.board.advice()]
        return {**self._history.last, "layers": self._table.latest(), "advice": advice}

    def _deliver(self, due: Sequence[Subscription]) -> None:
        if not due:
            return
        frame = self.frame()
        for each in due:
            self._told[each] = self._step
            error = each.deliver(frame)  # pyright: ignore[reportArgumentType]
            if error is not None:
                self._bus.keep(each.callback, error, self._step)

    def _work(self, row: Row) -> None:
        values = {
            name: value.item() if isinstance(value, Later) else value for name, value in row.values.items()
        }
        self._step = row.step
        news = self._note_loss(row.step, values.get("loss"))
        if row.parts:
            reading = read(tuple(row.parts.values()), len(self._table.names))
            values.update(reading.totals)
            self._table.append(row.step, reading.layers)
            self._totals.append(tuple(reading.totals.get(name, math.nan) for name in TOTALS))
            self._broken_layers = tuple(
                name for name, broken in zip(self._table.names, reading.broken, strict=True) if broken
            )
            self._hear(reading, row.time)
        self._history.append(row.step, row.time, values)
        if news or row.parts or row.step % JUDGED == 0:
            self.judge()
        self.publish()

    def _note_loss(self, step: int, loss: float | None) -> bool:
        """Remember a loss; whether it is news that it is not finite."""
        if loss is None:
            self._loss.append(math.nan)
            return False
        if math.isfinite(loss):
            self._loss.append(loss)
            if len(self._start) < START:
                self._start.append(loss)
            return False
        self._loss.append(math.nan)
        recent = self._broken_loss is not None and step - self._broken_loss < CLEAR
        self._broken_loss = step
        return not recent

    def _evidence(self) -> Evidence:
        totals = np.array(self._totals, np.float64).reshape(-1, len(TOTALS))
        return Evidence(
            step=self._step,
            loss=np.array(self._loss, np.float64),
            start=np.array(self._start, np.float64),
            totals=dict(zip(TOTALS, totals.T, strict=True)),
            readings=self._table.tail(READINGS),
            names=self._table.names,
            broken_loss=self._broken_loss,
            broken_layers=self._broken_layers,
        )
