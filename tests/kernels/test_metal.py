"""Metal shaders, compiled as C++ through a shim and compared with the reference."""

from __future__ import annotations

import ctypes
from importlib import resources

import numpy as np
import pytest
import stnb_kernels as kernels
from stnb_kernels.deposit import cases as deposit_cases
from stnb_kernels.random import cases as random_cases

from .metal_build import build, pointer

pytestmark = pytest.mark.metal

ENTRY = {
    "random": (
        'extern "C" void run(float *out, uint n, uint stream, uint step, uint k0, uint k1, uint normal, uint threads) {'
        " for (uint t = 0; t < threads; ++t) fill_random(out, n, stream, step, k0, k1, normal, t); }"
    ),
    "deposit": (
        'extern "C" void run(const float *x, const float *y, const float *z, const float *mass, const float *heat,'
        " const int *order, const int *start, int nx, int ny, int nz, float inverse, int periodic, float *nm, float *nh,"
        " uint threads) { for (uint t = 0; t < threads; ++t)"
        " deposit(x, y, z, mass, heat, order, start, nx, ny, nz, inverse, periodic, nm, nh, t); }"
    ),
}


def test_random_agrees_with_the_reference(tmp_path):
    run = build(tmp_path, "random", ENTRY["random"])
    for index in range(40):
        case = random_cases.draw(np.random.default_rng(index), small=index < 20, backend="metal")
        out = np.full(case.n, np.nan, dtype=np.float32)
        words = (
            case.n,
            case.stream,
            case.step,
            case.seed & 0xFFFFFFFF,
            case.seed >> 32,
            case.law == "normal",
        )
        run(pointer(out), *(ctypes.c_uint32(int(w)) for w in words), ctypes.c_uint32(-(-case.n // 4)))
        error, tolerance = random_cases.error(case, "out", out, random_cases.reference(case)["out"])
        assert error <= tolerance, case


def test_deposit_agrees_with_the_reference(tmp_path):
    run = build(tmp_path, "deposit", ENTRY["deposit"])
    for index in range(30):
        case = deposit_cases.draw(np.random.default_rng(index), small=index < 20, backend="metal")
        grid, position = case.particles.grid, case.particles.position
        cells = kernels.CellList.allocate(grid, position.shape[1], position)
        kernels.build_cells(position, grid, cells, backend="reference")
        outputs = {name: np.full(grid.shape, np.nan, dtype=np.float32) for name in ("node_mass", "node_heat")}
        inputs = [np.ascontiguousarray(a) for a in (*position, case.mass, case.heat)]
        run(
            *(pointer(a) for a in (*inputs, cells.order, cells.start)),
            *(ctypes.c_int32(n) for n in grid.shape),
            ctypes.c_float(1.0 / grid.spacing),
            ctypes.c_int32(grid.periodic),
            *(pointer(a) for a in outputs.values()),
            ctypes.c_uint32(grid.nodes),
        )
        expected = deposit_cases.reference(case)
        for name, value in outputs.items():
            error, tolerance = deposit_cases.error(case, name, value, expected[name])
            assert error <= tolerance, (str(case), name)


def test_shaders_use_no_barrier_and_no_64_bit_atomic():
    found = [
        f for f in resources.files("stnb_kernels").joinpath("metal").iterdir() if f.name.endswith(".metal")
    ]
    assert {f"{name}.metal" for name in ENTRY} <= {f.name for f in found}
    for file in found:
        text = file.read_text(encoding="utf-8")
        assert "barrier" not in text, file.name
        assert "atomic_ulong" not in text, file.name
