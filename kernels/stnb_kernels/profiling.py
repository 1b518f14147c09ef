"""Where the time of a run goes, op by op.

    with profile() as cost:
        session.run(100)
    print(cost)

Nothing is measured, and nothing is paid, outside of such a block. A call on NumPy arrays is timed by the clock. One on
a GPU is timed by a pair of events on its stream, which are read when the block has ended and the device has caught up,
so that the run is not held up. What an op calls in turn counts as part of it. A share is the op's time over the time
of the block; what is left is Python, arithmetic outside of the ops, and waiting.

Ops inside a recorded CUDA graph are not called one by one: whoever replays one asks `profiling()` first.
"""

from __future__ import annotations

import contextlib
import html
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from stnb._core.errors import BusyError
from stnb_kernels.arrays import kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Profile", "Row", "current", "profile", "profiling"]

MILLI = 1e-3
CLOCKED = ("numpy", "torch:cpu")
EVENTS_KEPT = 4096
"""Pairs of events that may wait for the end; beyond, those that have happened are read and let go."""


class Row(NamedTuple):
    """What one op cost; `share` is of the time of the whole block."""

    op: str
    calls: int
    milliseconds: float
    share: float

    @property
    def each(self) -> float:
        """Milliseconds a call."""
        return self.milliseconds / self.calls if self.calls else 0.0


class _Pending(NamedTuple):
    op: str
    begin: Any
    end: Any


class Profile:
    """Calls and times per op, printed as text and as an HTML table; complete when its block has ended."""

    def __init__(self) -> None:
        self.milliseconds = 0.0
        self._calls: dict[str, int] = {}
        self._spent: dict[str, float] = {}
        self._pending: list[_Pending] = []
        self._inside = threading.local()
        self._lock = threading.Lock()

    @property
    def rows(self) -> tuple[Row, ...]:
        """One row an op, the dearest first."""
        whole = self.milliseconds or 1.0
        made = [Row(op, self._calls[op], spent, spent / whole) for op, spent in self._spent.items()]
        return tuple(sorted(made, key=lambda row: (-row.milliseconds, row.op)))

    @property
    def elsewhere(self) -> float:
        """Milliseconds of the block that no op accounts for."""
        return self.milliseconds - sum(self._spent.values())

    def measure(self, op: str, array: Any, call: Callable[..., None], args: tuple[Any, ...]) -> None:
        """Make a call and book what it costs; `array` says where it runs."""
        where = kind(array)
        if getattr(self._inside, "op", None) is not None or _recording(where):
            call(*args)
            return
        self._inside.op = op
        try:
            if where in CLOCKED:
                self._clock(op, call, args)
            else:
                self._enclose(op, where, call, args)
        finally:
            self._inside.op = None

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON knows it."""
        ops = {row.op: {"calls": row.calls, "ms": row.milliseconds, "share": row.share} for row in self.rows}
        return {"ms": self.milliseconds, "elsewhere_ms": self.elsewhere, "ops": ops}

    def settle(self) -> None:
        """Wait until the device has done it all, and read the events that are left."""
        for pair in self._pending:
            pair.end.synchronize()
        self._read(lambda _: True)

    def _clock(self, op: str, call: Callable[..., None], args: tuple[Any, ...]) -> None:
        begin = time.perf_counter()
        call(*args)
        self._book(op, (time.perf_counter() - begin) / MILLI)

    def _enclose(self, op: str, where: str, call: Callable[..., None], args: tuple[Any, ...]) -> None:
        begin, end = (_event(where) for _ in range(2))
        begin.record()
        call(*args)
        end.record()
        with self._lock:
            self._pending.append(_Pending(op, begin, end))
        if len(self._pending) % EVENTS_KEPT == 0:
            self._read(lambda pair: pair.end.query())

    def _read(self, ready: Callable[[_Pending], bool]) -> None:
        with self._lock:
            waiting, self._pending = self._pending, []
        for pair in waiting:
            if ready(pair):
                self._book(pair.op, pair.begin.elapsed_time(pair.end))
            else:
                self._pending.append(pair)

    def _book(self, op: str, milliseconds: float) -> None:
        with self._lock:
            self._calls[op] = self._calls.get(op, 0) + 1
            self._spent[op] = self._spent.get(op, 0.0) + milliseconds

    def _cells(self) -> list[tuple[str, str, str, str, str]]:
        cells = [
            (row.op, str(row.calls), f"{row.milliseconds:.1f}", f"{row.each:.4f}", f"{row.share:.1%}")
            for row in self.rows
        ]
        left = self.elsewhere / (self.milliseconds or 1.0)
        return [*cells, ("elsewhere", "", f"{self.elsewhere:.1f}", "", f"{left:.1%}")]

    def __str__(self) -> str:
        lines = [f"{'op':<12} {'calls':>9} {'total ms':>10} {'ms a call':>10} {'share':>7}"]
        lines += [
            f"{op:<12} {n:>9} {ms:>10} {each:>10} {share:>7}" for op, n, ms, each, share in self._cells()
        ]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        left = "style='text-align:left'"
        body = "".join(
            f"<tr><td {left}>{html.escape(op)}</td>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
            for op, *cells in self._cells()
        )
        head = "".join(f"<th>{title}</th>" for title in ("op", "calls", "total ms", "ms a call", "share"))
        return f"<table><tr>{head}</tr>{body}</table>"


_current: Profile | None = None
_starting = threading.Lock()


def current() -> Profile | None:
    """The profile that is running."""
    return _current


def profiling() -> bool:
    """Whether calls are being measured, so that ops must be called one by one."""
    return _current is not None


@contextlib.contextmanager
def profile() -> Iterator[Profile]:
    """Measure every op that is called in this block, by any thread; one profile at a time."""
    global _current
    with _starting:
        if _current is not None:
            raise BusyError("a profile is running already; end its block first.")
        _current = made = Profile()
    begin = time.perf_counter()
    try:
        yield made
    finally:
        _current = None
        made.settle()
        made.milliseconds = (time.perf_counter() - begin) / MILLI


def _event(where: str) -> Any:
    import torch

    if where == "torch:mps":
        return torch.mps.event.Event(enable_timing=True)
    return torch.cuda.Event(enable_timing=True)


def _recording(where: str) -> bool:
    """Whether a CUDA graph is being recorded, which takes no timed events."""
    if where != "torch:cuda":
        return False
    import torch

    return torch.cuda.is_current_stream_capturing()
