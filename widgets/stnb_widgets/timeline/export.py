"""A stretch of a history as a table: CSV text for a browser, CSV or Parquet files."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stnb_widgets.timeline.pyramid import Pyramid

__all__ = ["csv_within", "write_table"]

_CHUNK_ROWS = 16_384
_FORMATS = (".csv", ".parquet")


def csv_within(
    history: Pyramid,
    names: Sequence[str],
    channels: Sequence[int],
    ends: tuple[float, float],
    most_bytes: int,
) -> dict[str, Any]:
    """CSV text of at most `most_bytes`: every sample if they fit, else least, mean and largest of buckets.

    Returns {"text", "rows", "note"}; the note says what the rows are.
    """
    begin, end = history.rows_between(*ends)
    width = 26 * (len(channels) + 2)
    text = (
        _plain(history, names, channels, begin, end)
        if (end - begin) * 4 * (len(channels) + 2) <= most_bytes
        else None
    )
    if text is not None and len(text) <= most_bytes:
        return {"text": text, "rows": end - begin, "note": f"all {end - begin:,} samples of the window"}
    buckets = max(2, most_bytes // (3 * width))
    window = history.window(*ends, buckets, channels)
    heads = [f"{name} {part}" for name in names for part in ("least", "mean", "largest")]
    digest = window.digest
    parts = np.stack([digest.low, digest.mean, digest.high], axis=2).reshape(len(window), -1)
    text = _csv([["step", "time", *heads]]) + _csv(_rows(window.edges[:-1], window.times[:-1], parts))
    note = f"{len(window):,} buckets of {window.size:,} samples: the window holds {end - begin:,} samples"
    return {"text": text, "rows": len(window), "note": note}


def write_table(history: Pyramid, names: Sequence[str], path: str | Path, ends: tuple[float, float]) -> int:
    """Every sample from step ends[0] to ends[1] as a .csv or .parquet file, whole or not at all; returns the rows."""
    path = Path(path)
    if path.suffix not in _FORMATS:
        raise ValueError(f"path ends in {path.suffix!r}; a window is written as {' or '.join(_FORMATS)}")
    begin, end = history.rows_between(*ends)
    chunks = (history.read(at, min(end, at + _CHUNK_ROWS)) for at in range(begin, end, _CHUNK_ROWS))
    write = _write_csv if path.suffix == ".csv" else _parquet_writer()
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    try:
        write(beside, names, chunks)
        Path(beside).chmod(0o666 & ~_umask())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    return end - begin


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _plain(history: Pyramid, names: Sequence[str], channels: Sequence[int], begin: int, end: int) -> str:
    x, times, samples = history.read(begin, end)
    return _csv([["step", "time", *names]]) + _csv(_rows(x, times, samples[:, channels]))


def _rows(x: np.ndarray, times: np.ndarray, values: np.ndarray) -> Iterator[list[Any]]:
    """Numbers as short as they can be read back exactly; what is not a number is left empty."""
    columns = [_words(times), *(_words(values[:, i]) for i in range(values.shape[1]))]
    for step, *rest in zip(x.astype(np.int64).tolist(), *columns, strict=True):
        yield [step, *rest]


def _words(values: np.ndarray) -> list[str]:
    return ["" if number != number else str(number) for number in values]


def _csv(rows: Any) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _write_csv(path: str, names: Sequence[str], chunks: Iterator[Any]) -> None:
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        file.write(_csv([["step", "time", *names]]))
        file.writelines(_csv(_rows(x, times, samples)) for x, times, samples in chunks)


def _parquet_writer() -> Callable[[str, Sequence[str], Iterator[Any]], None]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ImportError(
            'Parquet needs pyarrow, which is not installed: pip install "stnb[export]", or write a .csv file'
        ) from error

    def write(path: str, names: Sequence[str], chunks: Iterator[Any]) -> None:
        heads = ["step", "time", *names]
        writer = None
        for x, times, samples in chunks:
            columns = [
                pa.array(x.astype(np.int64)),
                pa.array(times),
                *(pa.array(column) for column in samples.T),
            ]
            table = pa.Table.from_arrays(columns, names=heads)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
        if writer is None:
            empty = [pa.array([], pa.int64()), *(pa.array([], pa.float64()) for _ in heads[1:])]
            pq.write_table(pa.Table.from_arrays(empty, names=heads), path)
        else:
            writer.close()

    return write
