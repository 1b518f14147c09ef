"""Metal shaders of `place` and `reorder`, compiled as C++ through a shim and compared with the reference."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from stnb_kernels import shaders
from stnb_kernels.place import cases as place_cases
from stnb_kernels.place import numbers
from stnb_kernels.reorder import cases as reorder_cases
from stnb_kernels.reorder import flat_rows

from .metal_build import build, pointer

pytestmark = pytest.mark.metal

ARRAYS = (
    "float *x, float *y, float *z, float *vx, float *vy, float *vz, float *mass, float *heat, float *energy"
)
PLACE = (
    f'extern "C" void run({ARRAYS}, int n, const uint *w, const float *l) {{'
    " for (int t = 0; t < n + 3; ++t)"
    " place(x, y, z, vx, vy, vz, mass, heat, energy, n, int(w[0]), int(w[1]), int(w[2]), w[3], w[4], w[5],"
    " l[0], l[1], l[2], l[3], l[4], l[5], l[6], l[7], l[8], l[9], l[10], l[11], l[12], l[13], uint(t)); }"
)
REORDER = (
    'extern "C" void run(float *columns, uint pitch, uint rows, uint n, int *uid, const int *order, float *scratch,'
    " uint scratch_pitch, int *uid_scratch) {"
    " for (uint q = 0; q < n + 3; ++q)"
    " gather(columns, pitch, rows, n, uid, order, scratch, scratch_pitch, uid_scratch, q);"
    " for (uint q = 0; q < n + 3; ++q)"
    " copy_back(columns, pitch, rows, n, uid, scratch, scratch_pitch, uid_scratch, q); }"
)


def test_place_agrees_with_the_reference(tmp_path):
    run = build(tmp_path, "place", PLACE)
    for index in range(60):
        case = place_cases.draw(np.random.default_rng(index), small=index < 40, backend="metal")
        whole, lengths = numbers(case.n, *case.law.values())
        expected = place_cases.reference(case)
        outputs = {name: np.full_like(a, np.nan) for name, a in expected.items() if name != "beyond"}
        rows = [*outputs["position"], *outputs["velocity"], *(outputs[k] for k in ("mass", "heat", "energy"))]
        run(
            *(pointer(row) for row in rows),
            ctypes.c_int32(case.n),
            pointer(np.array(whole, dtype=np.uint32)),
            pointer(np.array(lengths, dtype=np.float32)),
        )
        for name, value in outputs.items():
            error, tolerance = place_cases.error(case, name, value, expected[name])
            assert error <= tolerance, (str(case), name)


def test_reorder_agrees_with_the_reference(tmp_path):
    run = build(tmp_path, "reorder", REORDER)
    for index in range(30):
        case = reorder_cases.draw(np.random.default_rng(index), small=index < 20, backend="metal")
        n, rows = len(case.order), len(case.block)
        block, uid = case.block.copy(), case.uid.copy()
        scratch = np.full((rows, n + 5), np.nan, dtype=np.float32)
        uid_scratch = np.full(n + 5, -77, dtype=np.int32)
        pitches = [ctypes.c_uint32(flat_rows(a)[1]) for a in (block, scratch)]
        run(
            pointer(block),
            pitches[0],
            ctypes.c_uint32(rows),
            ctypes.c_uint32(n),
            pointer(uid),
            pointer(case.order),
            pointer(scratch),
            pitches[1],
            pointer(uid_scratch),
        )
        expected = reorder_cases.reference(case)
        assert np.array_equal(block, expected["columns"], equal_nan=True), str(case)
        assert np.array_equal(uid, expected["uid"]), str(case)


@pytest.mark.parametrize("name", ["place", "reorder"])
def test_shaders_use_no_barrier_and_no_64_bit_atomic(name):
    text = shaders.source(name)
    assert "barrier" not in text
    assert "atomic_ulong" not in text
