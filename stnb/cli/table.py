"""The history as a CSV file that grows with the run and appears, whole, at its end."""

from __future__ import annotations

import contextlib
import csv
import os
import secrets
from typing import TYPE_CHECKING

from stnb._core.errors import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

    from stnb._core.history import History

__all__ = ["HistoryTable"]

BATCH = 1024
"""Steps between two looks at the history, far fewer than it keeps."""


class HistoryTable:
    """Every row of a history, also those that it forgets when it is full; numbers in full."""

    def __init__(self, path: Path, history: History) -> None:
        self._path = path
        self._history = history
        self._last = -1
        self._waiting = 0
        self._failed = False
        self._temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")

    def __enter__(self) -> Self:
        with self._or_nothing():
            self._file = self._temporary.open("x", newline="", encoding="utf-8")
            self._rows = csv.writer(self._file)
            self._rows.writerow(("step", "time", *self._history.columns))
            self._take(self._history.capacity)
        return self

    def step(self) -> None:
        """One step more was taken."""
        self._waiting += 1
        if self._waiting == BATCH:
            with self._or_nothing():
                self._take(BATCH)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write what is left, and give the file its name; also when the run failed, since it holds the reason."""
        if self._failed:
            return
        try:
            with self._or_nothing():
                self._take(BATCH)
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
                self._temporary.replace(self._path)
        except CheckpointError:
            if kind is None:
                raise

    def _take(self, most: int) -> None:
        columns = [column.tolist() for column in self._history.tail(most).values()]
        rows = [row for row in zip(*columns, strict=True) if row[0] > self._last]
        self._rows.writerows(rows)
        self._last = rows[-1][0] if rows else self._last
        self._waiting = 0

    @contextlib.contextmanager
    def _or_nothing(self) -> Iterator[None]:
        """Leave nothing behind when the disk fails."""
        try:
            yield
        except OSError as error:
            self._failed = True
            with contextlib.suppress(OSError, AttributeError):
                self._file.close()
            with contextlib.suppress(OSError):
                self._temporary.unlink()
            raise CheckpointError(f"{self._path} cannot be written: {error.strerror}.") from error
