"""Rows that only ever grow: in memory while they are few, in a file mapped piece by piece once they are many."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from io import FileIO

    from numpy.typing import DTypeLike

__all__ = ["BorrowedRows", "GrowingRows", "Rows", "Shelf"]

IN_MEMORY_BYTES = 4_000_000
_FIRST_ROWS = 64


class Rows(Protocol):
    """Rows of numbers that can be read by their places."""

    def __len__(self) -> int: ...

    def read(self, first: int, last: int) -> np.ndarray:
        """Rows first ... last - 1; to be used before anything else is appended."""
        ...


class Shelf:
    """A temporary folder, made when the first file is put on it and removed with its owner.

    Args:
        folder: where to make it; None: where the system keeps temporary files.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self._parent = None if folder is None else Path(folder)
        if self._parent is not None and not self._parent.is_dir():
            raise FileNotFoundError(f"folder is {str(folder)!r}, where no folder is; make it first")
        self._files: list[FileIO] = []
        self._removal: weakref.finalize | None = None
        self.path: Path | None = None

    def open(self) -> FileIO:
        """A new empty file, whose writes are always at its end."""
        if self.path is None:
            self.path = Path(tempfile.mkdtemp(prefix="stnb-history-", dir=self._parent))
            self._removal = weakref.finalize(self, _remove, self._files, self.path)
        file = (self.path / f"{len(self._files):03d}.rows").open("a+b", buffering=0)
        self._files.append(file)
        return file

    def clear(self) -> None:
        """Close the files and remove the folder."""
        if self._removal is not None:
            self._removal()
        self._files, self._removal, self.path = [], None, None


def _remove(files: list[FileIO], folder: Path) -> None:
    for file in files:
        file.close()
    shutil.rmtree(folder, ignore_errors=True)


class GrowingRows:
    """Rows of `width` numbers, appended at the end; above 4 MB they live in a file of the shelf."""

    def __init__(self, width: int, dtype: DTypeLike, shelf: Shelf) -> None:
        self._width = width
        self._dtype = np.dtype(dtype)
        self._shelf = shelf
        self._block = np.empty((_FIRST_ROWS, width), self._dtype)
        self._file: FileIO | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return self._width * self._dtype.itemsize

    def read(self, first: int, last: int) -> np.ndarray:
        """Rows first ... last - 1, mapped or as a view."""
        if not 0 <= first <= last <= self._count:
            raise IndexError(f"rows {first} ... {last} of {self._count} were asked for; stay within them")
        if self._file is None:
            return self._block[first:last]
        if first == last:
            return np.empty((0, self._width), self._dtype)
        shape = (last - first, self._width)
        return np.asarray(np.memmap(self._file, self._dtype, "r", first * self.row_bytes, shape))

    def append(self, rows: np.ndarray) -> None:
        """Add rows (n, width) of the dtype of this store; after a failure none of them is there."""
        total = self._count + len(rows)
        if self._file is None and total * self.row_bytes > IN_MEMORY_BYTES:
            self._spill()
        if self._file is None:
            if total > len(self._block):
                grown = np.empty((max(total, 2 * len(self._block)), self._width), self._dtype)
                grown[: self._count] = self._block[: self._count]
                self._block = grown
            self._block[self._count : total] = rows
        else:
            self._write(self._file, rows)
        self._count = total

    def cut(self, count: int) -> None:
        """Forget everything after the first `count` rows."""
        self._count = min(count, self._count)
        if self._file is not None:
            self._file.truncate(self._count * self.row_bytes)

    def _spill(self) -> None:
        file = self._shelf.open()
        self._write(file, self._block[: self._count])
        self._file = file
        self._block = self._block[:0]

    def _write(self, file: FileIO, rows: np.ndarray) -> None:
        rest = np.ascontiguousarray(rows).reshape(-1).view(np.uint8).data
        try:
            while len(rest):
                rest = rest[file.write(rest) :]
        except OSError:
            file.truncate(self._count * self.row_bytes if file is self._file else 0)
            raise


class BorrowedRows:
    """Rows of somebody else's array, never copied as a whole and never written to."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    def read(self, first: int, last: int) -> np.ndarray:
        """Rows first ... last - 1, as a view."""
        return np.asarray(self._array[first:last])

    def release(self) -> None:
        """Let the system take back the pages of a mapped file that were read."""
        mapped = getattr(self._array, "_mmap", None)
        if mapped is not None and hasattr(mapped, "madvise"):
            from mmap import MADV_DONTNEED

            mapped.madvise(MADV_DONTNEED)
