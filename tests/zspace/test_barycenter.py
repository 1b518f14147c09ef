"""Barycentres: the closed form is the minimum, the path descends, and what is no density is refused."""

import itertools
import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import (
    DataLength,
    DegenerateBarycenter,
    EmptyInput,
    InvalidDimensions,
    InvalidValue,
    NonFiniteValue,
    NonPositiveWeight,
    ShapeMismatch,
)
from stnb.zspace import Tensor, z_space_barycenter
from tests.golden_cases import session_case

CASES = ["two_g0.1", "two_g0", "single_g0.1", "three_states", "negative_entropy_weight", "disjoint_support"]
SEED = st.integers(0, 2**31)


def density(values):
    return Tensor(1, len(values), values)


@pytest.mark.parametrize("name", [*CASES, "unnormalised_input"])
def test_worked_cases(name):
    given_, expected, tolerance = session_case(f"barycenter_{name}")
    found = z_space_barycenter(
        [density(values) for values in given_["densities"]],
        given_["weights"],
        given_["entropy_weight"],
        given_["beta_j"],
        given_["coupling"],
    )
    np.testing.assert_allclose(found.density.tolist(), expected["density"], atol=tolerance)
    for key in ("kl_energy", "entropy", "coupling_energy", "objective", "effective_weight"):
        assert found[key] == pytest.approx(expected[key], abs=tolerance)
    for stage, other in zip(found.intermediates(), expected["path"], strict=True):
        np.testing.assert_allclose(stage.density.tolist(), other["density"], atol=tolerance)
        assert stage.interpolation == other["interpolation"]
        assert stage.objective == pytest.approx(other["objective"], abs=tolerance)
        assert stage.kl_energy == pytest.approx(other["kl_energy"], abs=tolerance)
        assert stage.entropy == pytest.approx(other["entropy"], abs=tolerance)


def test_degenerate_case():
    given_, _, _ = session_case("barycenter_degenerate")
    with pytest.raises(DegenerateBarycenter, match="above 0"):
        z_space_barycenter(
            [density(v) for v in given_["densities"]], given_["weights"], given_["entropy_weight"]
        )


class Problem:
    """Random densities and weights, and the functional itself in float64, term by term."""

    def __init__(self, seed, sharpen):
        rng = np.random.default_rng(seed)
        self.u, self.n = int(rng.integers(1, 5)), int(rng.integers(2, 9))
        self.q = rng.dirichlet(np.full(self.n, 0.7), self.u).astype(np.float32)
        self.w = rng.uniform(0.0, 3.0, self.u)
        self.gamma = -0.7 * self.w.sum() if sharpen else float(rng.uniform(0.01, 3.0))
        self.beta = float(rng.uniform(0.0, 2.0))
        self.J = rng.uniform(0.0, 2.0, (self.u, self.u)).astype(np.float32)
        floored = np.maximum(self.q.astype(float) / self.q.astype(float).sum(1, keepdims=True), 1e-12)
        self.p = floored / floored.sum(1, keepdims=True)
        self.rng = rng

    def solve(self, **options):
        tensors = [Tensor.from_numpy(row.reshape(1, -1).copy()) for row in self.q]
        return z_space_barycenter(tensors, list(self.w), self.gamma, self.beta, self.J, **options)

    def objective(self, rho):
        pairs = sum(
            float(self.J[u, v]) * (kl(self.p[u], self.p[v]) + kl(self.p[v], self.p[u]))
            for u in range(self.u)
            for v in range(self.u)
        )
        pull = sum(w * kl(rho, p) for w, p in zip(self.w, self.p, strict=True))
        return pull + self.gamma * (rho * np.log(np.maximum(rho, 1e-300))).sum() + self.beta / 2 * pairs

    def best(self):
        log = self.w @ np.log(self.p) / (self.w.sum() + self.gamma)
        grown = np.exp(log - log.max())
        return grown / grown.sum()


def kl(a, b):
    return float((a * np.log(np.maximum(a, 1e-300) / b)).sum())


@given(SEED, st.booleans())
def test_any_other_density_is_worse_by_the_identity(seed, sharpen):
    problem = Problem(seed, sharpen)
    found, best = problem.solve(), problem.best()
    np.testing.assert_allclose(found.density.data(), best, atol=1e-6)
    assert sum(found.density.data()) == pytest.approx(1.0, abs=1e-6)
    least = problem.objective(best)
    size = 1 + abs(least)
    assert found.objective == pytest.approx(least, abs=1e-9 * size)
    for rho in problem.rng.dirichlet(np.ones(problem.n), 5):
        excess = problem.objective(rho) - least
        assert excess >= -1e-9 * size
        assert excess == pytest.approx(found.effective_weight * kl(rho, best), rel=1e-6, abs=1e-8 * size)


@given(SEED, st.booleans(), st.sampled_from(["linear", "geometric"]), st.integers(2, 9))
def test_the_path_never_rises(seed, sharpen, path, steps):
    problem = Problem(seed, sharpen)
    found = problem.solve(path=path, steps=steps)
    stages = found.intermediates()
    assert [s.interpolation for s in stages] == pytest.approx(np.linspace(0, 1, steps))
    objectives = [s.objective for s in stages]
    slack = 1e-6 * (1 + abs(found.objective))
    assert all(b <= a + slack for a, b in itertools.pairwise(objectives))
    assert stages[-1].density == found.density
    assert stages[-1].objective == found.objective
    start = problem.w @ problem.p / problem.w.sum()
    np.testing.assert_allclose(stages[0].density.data(), start, atol=1e-6)
    for stage in stages:
        rho = np.array(stage.density.data(), dtype=float)
        assert stage.entropy == pytest.approx(-(rho * np.log(np.maximum(rho, 1e-300))).sum(), abs=1e-5)
        assert stage.as_tuple()[0] == stage.interpolation


@given(SEED, st.floats(0.1, 10.0))
def test_symmetries(seed, k):
    problem = Problem(seed, False)
    found = problem.solve()
    order = problem.rng.permutation(problem.u)
    problem.q, problem.w, problem.J = problem.q[order], problem.w[order], problem.J[np.ix_(order, order)]
    turned = problem.solve()
    np.testing.assert_allclose(turned.density.data(), found.density.data(), atol=1e-6)
    assert turned.objective == pytest.approx(found.objective, rel=1e-9, abs=1e-9)
    problem.q = problem.q * np.float32(4.0)
    np.testing.assert_allclose(problem.solve().density.data(), found.density.data(), atol=1e-6)
    problem.w, problem.gamma = k * problem.w, k * problem.gamma
    scaled = problem.solve()
    np.testing.assert_allclose(scaled.density.data(), found.density.data(), atol=1e-6)
    apart = found.objective - found.coupling_energy
    assert scaled.objective - scaled.coupling_energy == pytest.approx(k * apart, rel=1e-7, abs=1e-9)


def test_limits_of_the_entropy_weight():
    q = density([0.7, 0.2, 0.1])
    same = z_space_barycenter([q, q], [1.0, 2.0])
    np.testing.assert_allclose(same.density.data(), q.data(), atol=1e-7)
    assert same.kl_energy == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_allclose(
        z_space_barycenter([q], entropy_weight=1e9).density.data(), [1 / 3] * 3, atol=1e-7
    )
    tilted = np.array(q.data()) ** (1 / 1.5)
    np.testing.assert_allclose(
        z_space_barycenter([q], [2.0], 1.0).density.data(), tilted / tilted.sum(), atol=1e-6
    )
    assert max(z_space_barycenter([q], [1.0], -0.9).density.data()) > 0.99
    uniform = z_space_barycenter([q], [0.0], 1.0)
    np.testing.assert_allclose(uniform.intermediates()[0].density.data(), [1 / 3] * 3, atol=1e-7)


def test_coupling_shifts_the_objective_and_moves_nothing():
    q = [density([0.6, 0.4]), density([0.5, 0.5])]
    plain = z_space_barycenter(q, [0.6, 0.4], 0.1)
    coupled = z_space_barycenter(q, [0.6, 0.4], 0.1, 2.0, [[9.0, 1.0], [2.0, 9.0]])
    a, b = np.array([0.6, 0.4]), np.array([0.5, 0.5])
    assert coupled.coupling_energy == pytest.approx(3.0 * (kl(a, b) + kl(b, a)), rel=1e-5)
    assert coupled.density == plain.density
    assert coupled.objective - plain.objective == pytest.approx(coupled.coupling_energy, rel=1e-12)
    assert z_space_barycenter(q, coupling=[[0.0, 1.0], [1.0, 0.0]]).coupling_energy == 0.0


def test_shapes_are_kept_and_results_can_be_read_in_many_ways():
    q = [Tensor.from_torch(torch.rand(3, 2, generator=torch.Generator().manual_seed(s))) for s in range(2)]
    found = z_space_barycenter(q)
    assert found.density.shape() == (3, 2)
    assert found.keys() == list(found.as_dict())
    assert dict(found)["objective"] == found["objective"] == found.objective
    assert json.dumps(found.as_dict(json=True))
    assert found._repr_html_().count("title=") == 6
    with pytest.raises(KeyError, match="objective"):
        found["objektive"]


NAN, INF = math.nan, math.inf
FINE = [[0.5, 0.5], [0.1, 0.9]]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([],), EmptyInput, "densities is empty"),
        ((FINE, [1.0]), DataLength, "1 entries for 2"),
        (([[0.5, 0.5], [1.0]],), ShapeMismatch, r"\(1, 2\).*\(1, 1\)"),
        (([[0.5, NAN]],), NonFiniteValue, r"densities\[0\]\[0, 1\]"),
        (([[0.5, INF]],), NonFiniteValue, r"densities\[0\]\[0, 1\]"),
        (([[0.5, 0.5], [1.5, -0.5]],), InvalidValue, r"densities\[1\]\[0, 1\] = -0.5"),
        (([[0.0, 0.0]],), InvalidValue, "no mass"),
        ((FINE, [1.0, -1.0]), NonPositiveWeight, r"weights\[1\]"),
        ((FINE, [1.0, NAN]), NonFiniteValue, r"weights\[1\]"),
        ((FINE, [0.0, 0.0]), DegenerateBarycenter, "above 0"),
        ((FINE, None, NAN), NonFiniteValue, "entropy_weight"),
        ((FINE, None, 0.0, -1.0), InvalidValue, "beta_j"),
        ((FINE, None, 0.0, INF), NonFiniteValue, "beta_j"),
        ((FINE, None, 0.0, 1.0, [[0.0]]), ShapeMismatch, r"\(2, 2\)"),
        ((FINE, None, 0.0, 1.0, [[0.0, -1.0], [0.0, 0.0]]), InvalidValue, r"coupling\[0, 1\]"),
        ((FINE, None, 0.0, 1.0, [[0.0, NAN], [0.0, 0.0]]), NonFiniteValue, r"coupling\[0, 1\]"),
        ((FINE, [1.0, "x"]), TypeError, r"weights\[1\]"),
        (("text",), TypeError, "list of Tensors"),
    ],
)
def test_bad_input(arguments, error, words):
    densities, *others = arguments
    if isinstance(densities, list):
        densities = [density(values) for values in densities]
    with pytest.raises(error, match=words):
        z_space_barycenter(densities, *others)


def test_bad_paths():
    with pytest.raises(InvalidDimensions):
        z_space_barycenter([density([1.0])], steps=1)
    with pytest.raises(InvalidValue, match="'linear'"):
        z_space_barycenter([density([1.0])], path="line")
