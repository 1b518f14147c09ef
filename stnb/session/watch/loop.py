"""What goes along with a training loop: hooks around every update, a row for every step."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from stnb._core.errors import BusyError
from stnb.session.watch.hooks import Hooks
from stnb.session.watch.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch.optim import Optimizer

    from stnb.session.watch.digest import Digest
    from stnb.session.watch.layers import LayerMap
    from stnb.session.watch.recorder import Recorder

__all__ = ["Loop"]


class Loop:
    """Drives the recorder of a watch from its hooks and from what the loop says, and hands what is over to the digest.

    Attributes:
        lock: held while anything is recorded or worked through; re-entrant.
        running: whether steps are recorded.
    """

    def __init__(
        self, layers: LayerMap, optimizers: Sequence[Optimizer], recorder: Recorder, digest: Digest
    ) -> None:
        self.lock = threading.RLock()
        self.running = False
        self.recorder = recorder
        self._layers = layers
        self._digest = digest
        self._plain = Reader(layers, None)
        self._readers = {id(each): Reader(layers, each) for each in optimizers}
        self._hooks: list[Hooks] = []

    def start(self) -> None:
        """Put the hooks on; all of them or none."""
        with self.lock:
            if self.running:
                raise BusyError("this watch is running already; leave it first, or make another one.")
            try:
                for reader in self._readers.values():
                    self._hook(reader)
            except BusyError:
                self._unhook()
                raise
            self.running = True
            self.recorder.start(None if self._readers else self._plain)

    def stop(self) -> None:
        """Take the hooks off; a row that has something to say is closed."""
        with self.lock:
            self._unhook()
            if self.running:
                row = self.recorder.row
                if row.updated or row.told:
                    self._close()
                self.running = False
            self._digest.settle(wait=True)
            self._digest.finish()

    def step(self, values: dict[str, Any], now: float) -> None:
        """The step was over `now`; from here on the loop says when."""
        with self.lock:
            self._tell(values, now)
            self.recorder.explicit = True
            self._close(now)

    def note(self, values: dict[str, Any], now: float) -> None:
        """Add to the row under way, or to the next one where this one is over and has been told the same before."""
        with self.lock:
            row = self.recorder.row
            if row.updated and not self.recorder.explicit and not row.told.isdisjoint(values):
                self._close()
            self._tell(values, now)

    def attach(self, optimizer: Optimizer) -> None:
        """Add an optimizer, unless it is known."""
        with self.lock:
            if id(optimizer) not in self._readers:
                reader = Reader(self._layers, optimizer)
                if self.running:
                    self._hook(reader)
                self._readers[id(optimizer)] = reader

    @property
    def progress(self) -> tuple[int, float]:
        """How many steps are over, and the seconds up to the end of the last."""
        with self.lock:
            return self.recorder.row.step, self.recorder.elapsed

    def resume(self, steps: int, seconds: float) -> None:
        """Go on from here, where nothing was recorded yet."""
        with self.lock:
            if self.recorder.row.step or self.recorder.row.updated:
                raise BusyError(
                    f"{self.recorder.row.step} steps were recorded already; resume a watch before its first one."
                )
            self.recorder.resume(steps, seconds)

    def _tell(self, values: dict[str, Any], begin: float) -> None:
        if not self.running:
            raise BusyError("this watch is not running; put the loop into `with stnb.watch(…) as w:`.")
        row = self.recorder.row
        row.values.update(values)
        row.told.update(values)
        row.cost += time.perf_counter() - begin

    def _close(self, now: float | None = None) -> None:
        """End the row, work through what is there, begin the next."""
        plain = None if self._readers else self._plain
        row = self.recorder.close(plain, now=now)
        begin = time.perf_counter()
        self._digest.add(row)
        read = self._digest.settle(wait=False)
        spent = time.perf_counter() - begin
        if read:
            self.recorder.charge(spent)
        else:
            row.cost += spent
        self.recorder.next_row(plain)

    def _hook(self, reader: Reader) -> None:
        def before(optimizer: Optimizer, closure: bool) -> None:  # noqa: FBT001
            with self.lock:
                if self.recorder.is_over(reader):
                    self._close()
                rate = optimizer.param_groups[0].get("lr") if optimizer.param_groups else None
                if isinstance(rate, float):
                    self.recorder.row.values.setdefault("lr", rate)
                self.recorder.before_update(reader, closure=closure)

        def after(_: Optimizer, closure: bool) -> None:  # noqa: FBT001
            with self.lock:
                self.recorder.after_update(reader, closure=closure)

        assert reader.optimizer is not None  # noqa: S101
        self._hooks.append(Hooks(reader.optimizer, before, after))

    def _unhook(self) -> None:
        while self._hooks:
            self._hooks.pop().remove()
