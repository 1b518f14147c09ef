"""Metal shaders of what moves particles, compiled as C++ through the shim and compared with the references.

The ops' own Metal modules call them, on NumPy arrays instead of torch tensors.
"""

from __future__ import annotations

import ctypes
import importlib
import re

import numpy as np
import pytest
from stnb_kernels import shaders
from stnb_kernels.accounts import ACCOUNTS
from stnb_kernels.grid import Grid
from stnb_kernels.neighbours import SLOTS
from stnb_kernels.neighbours import cases as pair_cases
from stnb_kernels.parity import check

from .metal_build import build, pointer

pytestmark = pytest.mark.metal

KERNELS = {
    "drift": "move",
    "kick": "gather",
    "neighbours": "search",
    "contacts": "resolve",
    "springs": "kick",
}
LARGE = {"drift": 20, "kick": 20, "neighbours": 4, "contacts": 4, "springs": 4}
BUFFERS = 31
SPARE_THREADS = 3
SPARE_COLUMNS = 5

# Calls a kernel of any signature, for more threads than particles, as a GPU rounds their number up.
ENTRY = """
#include <tuple>
#include <utility>
template <class T> struct As { static T get(void *p) { return static_cast<T>(p); } };
template <class T> struct As<const T &> { static const T &get(void *p) { return *static_cast<const T *>(p); } };
template <class... A, std::size_t... I>
void call(void (*f)(A...), void **a, uint t, std::index_sequence<I...>) {
    f(As<std::tuple_element_t<I, std::tuple<A...>>>::get(a[I])..., t);
}
template <class... A> void each(void (*f)(A...), void **a, uint threads) {
    for (uint t = 0; t < threads; ++t) call(f, a, t, std::make_index_sequence<sizeof...(A) - 1>());
}
extern "C" void run(void **a, uint threads) { each(KERNEL, a, threads); }
"""


def converted(value):
    """An array, or a list as torch passes it: 64-bit integers, 32-bit floats, or one type's worth of either."""
    if isinstance(value, np.ndarray):
        return value
    kinds = {type(v) for v in value}
    assert kinds in ({int}, {float}), kinds
    return np.array(value, dtype=np.int64 if kinds == {int} else np.float32)


def compiled(folder, name):
    """Stands for the compiled library of a shader: its kernel, called as torch would call it."""
    run = build(folder, name, ENTRY.replace("KERNEL", KERNELS[name]))

    def kernel(*args, threads):
        arrays = [converted(a) for a in args]
        assert len(arrays) <= BUFFERS
        addresses = (ctypes.c_void_p * len(arrays))(*(pointer(a) for a in arrays))
        run(addresses, ctypes.c_uint32(threads + SPARE_THREADS))

    return type("Library", (), {KERNELS[name]: staticmethod(kernel)})


@pytest.fixture
def on_numpy(tmp_path, monkeypatch):
    """A function that lets an op's Metal module run here, on NumPy arrays."""

    def prepare(name):
        module = importlib.import_module(f"stnb_kernels.{name}.metal")
        libraries = {name: compiled(tmp_path, name)}
        monkeypatch.setattr(module, "library", libraries.__getitem__)
        monkeypatch.setattr("stnb_kernels.languages.available", lambda backend: (True, "a shim"))
        monkeypatch.setattr("stnb_kernels.languages.accepts", lambda backend: ("numpy",))
        monkeypatch.setattr("stnb_kernels.parity.accepts", lambda backend: ("numpy",))
        return module

    return prepare


@pytest.mark.parametrize("name", KERNELS)
def test_agrees_with_the_reference(on_numpy, name):
    """Contacts and springs read the list that the Metal version of neighbours writes."""
    if name in ("contacts", "springs"):
        on_numpy("neighbours")
    on_numpy(name)
    for small, cases in ((True, 60), (False, LARGE[name])):
        report = check(name, "metal", cases=cases, small=small, seed=7)
        assert report.green, str(report)


def test_some_of_the_cases_overfill_their_lists():
    """Else only lists would be tested, and not the way through the cells."""
    drawn = (pair_cases.draw(np.random.default_rng([7, k]), small=True, backend="metal") for k in range(60))
    counts = [pair_cases.reference(case)["count"].max(initial=0) for case in drawn]
    assert sum(count > SLOTS for count in counts) >= 3
    assert sum(0 < count <= SLOTS for count in counts) >= 3


@pytest.mark.parametrize("name", KERNELS)
def test_only_float32_is_taken(name):
    module = importlib.import_module(f"stnb_kernels.{name}.metal")
    assert module.supports(np.zeros((3, 4), dtype=np.float32))[0]
    assert module.supports(np.zeros((3, 4))) == (False, "Metal has no float64; use float32")


@pytest.mark.parametrize("name", KERNELS)
def test_rows_may_be_apart(on_numpy, monkeypatch, name):
    """Views of larger blocks give the same results, and the rest of the blocks stays as it is."""
    if name in ("contacts", "springs"):
        on_numpy("neighbours")
    module = on_numpy(name)
    run, moved = module.run, []

    def run_apart(*args):
        made = []

        def wide(value):
            if isinstance(value, tuple):
                return tuple(wide(v) for v in value)
            if not (isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype == np.float32):
                return value
            rows, n = value.shape
            block = np.full((rows, n + SPARE_COLUMNS + len(made)), np.nan, dtype=np.float32)
            block[:, :n] = value
            made.append((value, block))
            return block[:, :n]

        run(*wide(args))
        for value, block in made:
            n = value.shape[1]
            assert np.isnan(block[:, n:]).all()
            value[...] = block[:, :n]
        moved.extend(made)

    monkeypatch.setattr(module, "run", run_apart)
    report = check(name, "metal", cases=20, small=True, seed=5)
    assert report.green, str(report)
    assert len(moved) >= 2 * 20


def drifted(on_numpy, velocity, thrust, grid, kick):
    """Place and velocity of two cold particles at the origin after a drift by the Metal shader."""
    vectors = [np.zeros((3, 2), dtype=np.float32) for _ in range(6)]
    vectors[1][:], vectors[3][:] = velocity, thrust
    mass, heat = np.ones(2, dtype=np.float32), np.zeros(2, dtype=np.float32)
    accounts = np.zeros((len(ACCOUNTS), 2), dtype=np.float32)
    on_numpy("drift").run(*vectors, mass, heat, accounts, grid, 0.01, kick, 0.0, 0.0, 0.0, 1.0)
    return vectors[0], vectors[1]


def test_a_place_just_below_zero_does_not_become_the_far_face(on_numpy):
    """L − 10⁻¹² rounds to L in float32, which is 0 in a periodic box."""
    position, _ = drifted(on_numpy, -1e-10, 0.0, Grid((5, 7, 4), 1.0, periodic=True), kick=0.0)
    assert np.array_equal(position, np.zeros((3, 2)))


def test_pressure_does_not_move_what_is_cold_and_at_rest(on_numpy):
    """There is no heat to pay with, and 0/0 to avoid."""
    _, velocity = drifted(on_numpy, 0.0, 3.0, Grid((5, 7, 4)), kick=0.005)
    assert np.array_equal(velocity, np.zeros((3, 2)))


FUNCTIONS = {"expm1_of": ("drift", "kick"), "log1p_of": ("kick",)}


@pytest.mark.parametrize(("function", "name"), [(f, n) for f, names in FUNCTIONS.items() for n in names])
def test_functions_that_metal_lacks_are_as_accurate_as_they_say(tmp_path, function, name):
    entry = 'extern "C" void run(const float *x, float *y, uint n) { for (uint i = 0; i < n; ++i)'
    entry += f" y[i] = {function}(x[i]); }}"
    run = build(tmp_path, name, entry)
    x = np.concatenate([np.logspace(-30, 1.9, 20_001), np.linspace(0.3, 0.7, 20_001)]).astype(np.float32)
    x = np.r_[np.float32(0), x]
    exact = np.log1p(x.astype(np.float64))
    if function == "expm1_of":
        x = -x
        exact = np.expm1(x.astype(np.float64))
    y = np.full_like(x, np.nan)
    run(pointer(x), pointer(y), ctypes.c_uint32(len(x)))
    assert y[0] == 0
    assert np.abs(y[1:] / exact[1:] - 1).max() < 4 * 2.0**-24


@pytest.mark.parametrize("name", KERNELS)
def test_shaders_use_no_barrier_and_no_64_bit_atomic(name):
    text = shaders.source(name)
    assert "barrier" not in text
    assert "atomic" not in text
    assert "double " not in re.sub(r"//.*", "", text)


@pytest.mark.parametrize(
    ("name", "arrays"), [("drift", 9), ("kick", 16), ("neighbours", 8), ("contacts", 14), ("springs", 13)]
)
def test_buffers_are_numbered_one_by_one(name, arrays):
    numbers = [int(k) for k in re.findall(r"\[\[buffer\((\d+)\)\]\]", shaders.source(name))]
    assert numbers == list(range(arrays + 2))
