"""The row of the step under way: what is taken before and after each update, and when the row is over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from stnb.session.watch.later import Later
from stnb.session.watch.memory import device_megabytes, resident_megabytes
from stnb.session.watch.reading import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stnb.session.watch.cadence import Cadence
    from stnb.session.watch.layers import LayerMap
    from stnb.session.watch.reader import Reader, Taken

__all__ = ["Recorder", "Row"]


class Row:
    """One step.

    Attributes:
        step: how many came before it.
        due: whether all layers are read.
        values: what is known of it, by column; a `Later` where the number is still on a device.
        told: the columns that the loop has told.
        parts: what was taken around the update of each optimizer.
        updated: the readers whose optimizer has stepped.
        end: when its last update was over; None before.
        cost: seconds that the watch took.
        time: seconds from the start to its end; set when it is over.
    """

    __slots__ = ("cost", "due", "end", "parts", "step", "time", "told", "updated", "values")

    def __init__(self, step: int, *, due: bool) -> None:
        self.step = step
        self.due = due
        self.values: dict[str, Any] = {}
        self.told: set[str] = set()
        self.parts: dict[Reader, Part] = {}
        self.updated: set[Reader] = set()
        self.end: float | None = None
        self.cost = 0.0
        self.time = 0.0

    def ready(self) -> bool:
        """Whether every number can be had without waiting."""
        return all(value.ready() for value in self.values.values() if isinstance(value, Later)) and all(
            part.ready() for part in self.parts.values()
        )


class Recorder:
    """Keeps the row under way.

    A row is over when `close` is called: by the loop, or before an optimizer steps that has stepped in this row already.
    What is taken for a later reading, or worked out after it, is `charge`d to the next reading.

    Attributes:
        row: the step under way.
        explicit: whether the loop says when a step is over; then optimizers do not.
        elapsed: seconds up to the end of the last row.
    """

    def __init__(
        self, layers: LayerMap, cadence: Cadence, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.row = Row(0, due=cadence.is_due(0))
        self.explicit = False
        self.elapsed = 0.0
        self._layers = layers
        self._cadence = cadence
        self._clock = clock
        self._begin = 0.0
        self._charged = 0.0
        self._gradients: dict[Reader, Sequence[Taken]] = {}
        self._before: dict[Reader, Sequence[Taken]] = {}
        self._latest: dict[Reader, tuple[int, Sequence[Taken]]] = {}

    def start(self, plain: Reader | None = None) -> None:
        """The clock runs from here. `plain` reads a model without an optimizer, whose weights are taken now."""
        self._before.clear()
        self._begin = self._clock()
        if plain is not None and self.row.due:
            self._before[plain] = plain.weights()

    def resume(self, step: int, elapsed: float) -> None:
        """Go on at this step and time of an earlier run."""
        self.row = Row(step, due=self._cadence.is_due(step))
        self.elapsed = elapsed

    def is_over(self, reader: Reader) -> bool:
        """Whether the row is over now that this optimizer is about to step."""
        return reader in self.row.updated and not self.explicit

    def before_update(self, reader: Reader, *, closure: bool) -> None:
        """An optimizer is about to step. With a closure its gradients are not there yet; they are read afterwards."""
        begin = self._clock()
        if self.row.due:
            self._gradients[reader] = () if closure else reader.gradients()
            self._before[reader] = reader.weights()
            self.row.cost += self._clock() - begin
        elif not closure:
            self._glimpse(reader)

    def after_update(self, reader: Reader, *, closure: bool) -> None:
        """An optimizer has stepped."""
        begin = self.row.end = self._clock()
        self.row.updated.add(reader)
        if self.row.due:
            self._take(reader, self._gradients.pop(reader, ()) or reader.gradients())
            self.row.cost += self._clock() - begin
        elif closure:
            self._glimpse(reader)

    def close(self, plain: Reader | None = None, *, now: float | None = None) -> Row:
        """The row, which ended `now`, or else with its last update."""
        begin = self._clock()
        row = self.row
        end = begin if now is None and row.end is None else (row.end if now is None else now)
        seconds = max((end or begin) - self._begin, 0.0)
        self._begin += seconds
        self.elapsed += seconds
        row.time = self.elapsed
        row.values["step_ms"] = 1e3 * seconds
        if plain is not None and row.due:
            self._take(plain, plain.gradients())
        elif plain is not None:
            self._glimpse(plain)
        if row.due:
            row.values["memory_mb"] = resident_megabytes()
            row.values["device_mb"] = device_megabytes(self._layers.device())
        row.cost += self._clock() - begin
        return row

    def charge(self, seconds: float) -> None:
        """A reading has cost so much apart from its row."""
        self._charged += seconds

    def next_row(self, plain: Reader | None = None) -> None:
        """Begin the row after the one that was closed, now that it is known what that has cost."""
        row = self.row
        cost = row.cost
        if row.due:
            cost, self._charged = cost + self._charged, 0.0
        self._cadence.note(row.step, cost=cost, seconds=row.values["step_ms"] / 1e3)
        self.row = Row(row.step + 1, due=self._cadence.is_due(row.step + 1))
        if plain is not None and self.row.due:
            begin = self._clock()
            self._before[plain] = plain.weights()
            self.charge(self._clock() - begin)

    def _take(self, reader: Reader, gradients: Sequence[Taken]) -> None:
        """A part of a reading: these gradients, those of the step before, the weights then and now."""
        step, latest = self._latest.get(reader, (-1, ()))
        before = self._before.pop(reader, ())
        after = reader.weights() if before else ()
        previous = latest if step == self.row.step - 1 else ()
        self.row.parts[reader] = Part(gradients, previous, before, after)
        self._latest[reader] = self.row.step, gradients

    def _glimpse(self, reader: Reader) -> None:
        """Keep the gradients of a step that comes right before a reading: it says which way they turn."""
        if self._cadence.is_due(self.row.step + 1):
            begin = self._clock()
            self._latest[reader] = self.row.step, reader.gradients()
            self.charge(self._clock() - begin)
