"""Metal shaders, compiled as C++ through a shim and compared with the reference."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import numpy as np
import pytest
import stnb_kernels as kernels
from stnb_kernels import shaders
from stnb_kernels.deposit import cases as deposit_cases
from stnb_kernels.random import cases as random_cases

pytestmark = pytest.mark.metal

HERE = Path(__file__).parent
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


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """Compile a shader with a loop over threads; answers with its entry point."""
    folder = tmp_path_factory.mktemp("metal")

    def build(name):
        text = shaders.source(name).replace("#include <metal_stdlib>", '#include "metal_shim.h"')
        source, library = folder / f"{name}.cpp", folder / f"{name}.so"
        source.write_text(text + ENTRY[name])
        flags = ["-std=c++17", "-O1", "-shared", "-fPIC", "-ffp-contract=off", "-Wno-unknown-attributes"]
        flags += ["-Wall", "-Werror", "-Wno-ignored-attributes", f"-I{HERE}"]
        done = subprocess.run(
            ["clang++", *flags, str(source), "-o", str(library)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return ctypes.CDLL(str(library)).run

    return build


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


def test_random_agrees_with_the_reference(compiled):
    run = compiled("random")
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


def test_deposit_agrees_with_the_reference(compiled):
    run = compiled("deposit")
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
    for name in ENTRY:
        text = shaders.source(name)
        assert "barrier" not in text
        assert "atomic_ulong" not in text
