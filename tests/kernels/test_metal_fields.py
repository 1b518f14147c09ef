"""The Metal shader of `heat`, compiled as C++ through the shim and compared with the reference."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from stnb_kernels.heat import cases as heat_cases
from stnb_kernels.heat import metal as heat_metal

from .metal_build import build, pointer

pytestmark = pytest.mark.metal

HEAT = (
    'extern "C" void run(const float *mass, const float *heat, float *share, float *keep, float *upper, float *delta,'
    " float *closing, int n, int lines, int across, int beside, int stride, int sheet, float link, float c, float beta,"
    " float rest, int periodic, int first, int last, uint threads) { for (uint t = 0; t < threads; ++t)"
    " conduct(mass, heat, share, keep, upper, delta, closing, n, lines, across, beside, stride, sheet, link, c, beta,"
    " rest, periodic, first, last, t); }"
)


@pytest.fixture
def shader(tmp_path, monkeypatch):
    """Stands for the compiled library: `conduct` called as torch would call it, on NumPy arrays."""
    run = build(tmp_path, "heat", HEAT)

    def converted(value):
        if isinstance(value, np.ndarray):
            return pointer(value)
        return ctypes.c_float(value) if isinstance(value, float) else ctypes.c_int32(value)

    class Library:
        @staticmethod
        def conduct(*args, threads):
            run(*(converted(a) for a in args), ctypes.c_uint32(threads))

    monkeypatch.setattr(heat_metal, "library", lambda name: Library)


@pytest.mark.usefixtures("shader")
def test_heat_agrees_with_the_reference():
    for index in range(60):
        case = heat_cases.draw(np.random.default_rng(index), small=index < 20, backend="metal")
        share, keep = np.full((2, *case.grid.shape), np.nan, dtype=np.float32)
        scratch = np.full((3, *case.grid.shape), np.nan, dtype=np.float32)
        s = case.settings
        link = s["conductivity"] * case.grid.spacing * s["dt"]
        fields = (case.node_mass, case.node_heat, case.grid, share, keep, scratch)
        heat_metal.run(*fields, link, s["specific_heat"], s["relaxation"])
        expected = heat_cases.reference(case)
        for name, value in {"share": share, "keep": keep}.items():
            error, tolerance = heat_cases.error(case, name, value, expected[name])
            assert error <= tolerance, (str(case), name)
