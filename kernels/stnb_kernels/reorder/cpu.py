"""Numba: pieces of rows in parallel, first into the scratch, then back."""

from __future__ import annotations

from numba import njit, prange

from stnb_kernels.reorder import flat_rows

CHUNK = 4096


@njit(parallel=True, cache=True)
def gather(columns, pitch, rows, uid, order, scratch, scratch_pitch, uid_scratch):
    n = order.shape[0]
    chunks = (n + CHUNK - 1) // CHUNK
    for task in prange((rows + 1) * chunks):
        r, first = task // chunks, (task % chunks) * CHUNK
        last = min(first + CHUNK, n)
        if r == rows:
            for q in range(first, last):
                uid_scratch[q] = uid[order[q]]
        else:
            for q in range(first, last):
                scratch[r * scratch_pitch + q] = columns[r * pitch + order[q]]
    for task in prange((rows + 1) * chunks):
        r, first = task // chunks, (task % chunks) * CHUNK
        last = min(first + CHUNK, n)
        if r == rows:
            for q in range(first, last):
                uid[q] = uid_scratch[q]
        else:
            for q in range(first, last):
                columns[r * pitch + q] = scratch[r * scratch_pitch + q]


def run(columns, uid, order, scratch, uid_scratch):
    rows, n = columns.shape
    if n:
        flat, pitch = flat_rows(columns)
        room, room_pitch = flat_rows(scratch)
        gather(flat, pitch, rows, uid, order, room, room_pitch, uid_scratch)
