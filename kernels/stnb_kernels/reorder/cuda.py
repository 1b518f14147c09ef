"""Numba-CUDA: a thread per particle takes all its rows, first into the scratch, then back."""

from __future__ import annotations

from numba import cuda

from stnb_kernels.launch import THREADS, blocks_for, device_array, stream_of
from stnb_kernels.reorder import flat_rows


@cuda.jit
def gather(columns, pitch, rows, n, uid, order, scratch, scratch_pitch, uid_scratch):
    q = cuda.grid(1)
    if q >= n:
        return
    p = order[q]
    uid_scratch[q] = uid[p]
    for r in range(rows):
        scratch[r * scratch_pitch + q] = columns[r * pitch + p]


@cuda.jit
def copy_back(columns, pitch, rows, n, uid, scratch, scratch_pitch, uid_scratch):
    q = cuda.grid(1)
    if q >= n:
        return
    uid[q] = uid_scratch[q]
    for r in range(rows):
        columns[r * pitch + q] = scratch[r * scratch_pitch + q]


def run(columns, uid, order, scratch, uid_scratch):
    rows, n = columns.shape
    if n == 0:
        return
    flat, pitch = flat_rows(columns)
    room, room_pitch = flat_rows(scratch)
    launch = blocks_for(n), THREADS, stream_of(columns)
    flat, room, names, names_room = (device_array(a) for a in (flat, room, uid, uid_scratch))
    gather[launch](flat, pitch, rows, n, names, device_array(order), room, room_pitch, names_room)
    copy_back[launch](flat, pitch, rows, n, names, room, room_pitch, names_room)
