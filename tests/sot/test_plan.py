"""Plans: worked tables, sums, angles and heights, and biomes that hold together."""

import copy
import itertools
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import EmptyInput, InvalidValue, ShapeMismatch, TensorVolumeExceeded
from stnb.sot import (
    SoT3DPlan,
    fibonacci_pacing,
    generate_plan,
    golden_angle,
    golden_ratio,
    pack_tetranacci_chunks,
    pack_tribonacci_chunks,
)
from stnb.zspace import OpenTopos, Tensor, TensorBiome
from tests.golden_cases import session_case

STEPS = st.integers(1, 200)
GROWTH = st.floats(-0.1, 0.1)


def close(found, expected, tolerance):
    """Compare nested records: numbers within the tolerance, everything else exactly."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            close(found[key], value, tolerance)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, abs=tolerance, rel=1e-8)
    else:
        assert found == expected


def test_worked_tables():
    assert [golden_angle(), golden_ratio()] == pytest.approx(session_case("sot_constants")[1], abs=1e-8)
    for name, function in (
        ("sot_fibonacci_pacing", fibonacci_pacing),
        ("sot_pack_tetranacci", pack_tetranacci_chunks),
    ):
        for n, expected in session_case(name)[1].items():
            assert function(int(n)) == expected
    assert pack_tribonacci_chunks(8) == [4, 2, 1, 1]
    assert pack_tribonacci_chunks(13) == [7, 4, 1, 1]
    assert pack_tribonacci_chunks(64) == [24, 24, 7, 4, 2, 2, 1]


def test_worked_plans():
    plan = generate_plan(8, radial_growth=0.08)
    for name, found in (
        ("sot_plan_macro_summaries", [block.as_dict() for block in plan.macro_summaries()]),
        ("sot_plan_last_step", [generate_plan(64, radial_growth=0.08).as_dicts()[-1]]),
    ):
        _, expected, tolerance = session_case(name)
        expected = expected if isinstance(expected, list) else [expected]
        for mine, other in zip(found, expected, strict=True):
            close(mine, other, max(tolerance, 5e-8))
    _, expected, _ = session_case("sot_plan_reflections")
    assert [list(point) for point in plan.reflection_points()] == expected
    given_, expected, tolerance = session_case("sot_plan_feature_row")
    assert plan.feature_tensor()[given_["row"]] == pytest.approx(expected, abs=tolerance)


@given(STEPS)
def test_groups_cover_every_step_once(n):
    blocks = fibonacci_pacing(n)
    assert sum(blocks) == n
    steps = generate_plan(n).steps()
    for level in ("macro", "meso", "micro"):
        index = [getattr(s, f"{level}_index") for s in steps]
        assert index == sorted(index)
        assert set(index) == set(range(index[-1] + 1))
        for number in set(index):
            group = [s for s, i in zip(steps, index, strict=True) if i == number]
            assert [getattr(s, f"{level}_position") for s in group] == list(range(len(group)))
            assert {getattr(s, f"{level}_length") for s in group} == {len(group)}
            assert [getattr(s, f"{level}_reflection") for s in group] == [False] * (len(group) - 1) + [True]
            phases = [getattr(s, f"{level}_phase") for s in group]
            assert phases == pytest.approx(np.linspace(0, 1, len(group)) if len(group) > 1 else [0.0])
    for block in {s.macro_index for s in steps}:
        chunks = [s.meso_index for s in steps if s.macro_index == block]
        assert [chunks.count(c) for c in sorted(set(chunks))] == pack_tribonacci_chunks(blocks[block])


@given(STEPS, GROWTH, st.floats(0.1, 10.0), st.floats(0.1, 3.0))
def test_geometry_follows_its_definition(n, growth, radius, height):
    plan = generate_plan(n, radius, growth, height)
    steps, phi = plan.steps(), golden_ratio()
    i = np.arange(n)
    r = radius * np.exp(growth * i)
    np.testing.assert_allclose([s.radius for s in steps], r, rtol=1e-12)
    np.testing.assert_allclose([s.angle for s in steps], i * math.pi * (3 - math.sqrt(5)), rtol=1e-12)
    around = np.c_[r * np.cos(i * golden_angle()), r * np.sin(i * golden_angle())]
    np.testing.assert_allclose([(s.x, s.y) for s in steps], around, atol=1e-9 * r.max())
    assert all(0 <= s.angle_wrapped < 2 * math.pi for s in steps)
    assert all(math.cos(s.angle_wrapped) == pytest.approx(math.cos(s.angle), abs=1e-9) for s in steps)
    np.testing.assert_allclose([s.curvature for s in steps], math.sqrt(1 + growth**2) / r, rtol=1e-12)
    per_radian = growth / golden_angle()
    np.testing.assert_allclose(
        [s.planar_curvature for s in steps], 1 / (r * math.sqrt(1 + per_radian**2)), rtol=1e-12
    )
    track = [s.z_track for s in steps]
    assert all(b > a for a, b in itertools.pairwise(track))
    blocks = len(plan.macro_summaries())
    assert track[-1] == pytest.approx(height * sum(phi**-m for m in range(blocks)), rel=1e-12)
    assert track[-1] < height * phi**2
    for s in steps:
        assert s.height == pytest.approx(
            s.z_track + 0.2 * (s.meso_phase - 0.5) + 0.05 * (s.micro_phase - 0.5)
        )
        assert s.meso_role == ("explore", "structure", "verify")[s.meso_index % 3]
        assert s.micro_role == ("diverge", "ground", "design", "test")[s.micro_index % 4]


@given(STEPS)
def test_tensors_say_what_the_steps_say(n):
    plan = generate_plan(n, radial_growth=0.02)
    steps = plan.steps()
    assert plan.as_tensor() == Tensor(n, 3, plan.polyline())
    assert plan.polyline() == [s.position() for s in steps]
    assert plan.role_tensor() == Tensor(n, 2, [(s.meso_role_index, s.micro_role_index) for s in steps])
    flags = [(s.macro_reflection, s.meso_reflection, s.micro_reflection) for s in steps]
    assert plan.reflection_tensor() == Tensor(n, 3, flags)
    assert plan.feature_tensor().shape() == (n, 9)
    blocks = plan.macro_summaries()
    assert plan.macro_summary_tensor().shape() == (len(blocks), 6)
    assert sum(b.length for b in blocks) == n
    assert len([p for p in plan.reflection_points() if p[1] == "macro"]) == len(blocks)
    assert [b.reflection_step for b in blocks] == [
        i for i, level in plan.reflection_points() if level == "macro"
    ]


def test_biomes_have_shoots_of_one_shape():
    plan, topos = generate_plan(64, radial_growth=0.08), OpenTopos()
    biome = plan.grow_biome(topos)
    assert biome.labels() == ["sot_positions", "sot_features", "sot_phases", "sot_reflections", "sot_roles"]
    assert biome.weights() == [1, 1.25, 1, 1, 1]
    assert biome.shape() == (64, 3)
    assert biome.shoots()[0] == plan.as_tensor()
    plain = plan.grow_biome(topos, "p", include_reflections=False, include_roles=False)
    assert plain.labels() == ["p_positions", "p_features", "p_phases"]
    last, shoots = plan.steps()[-1], dict(zip(biome.labels(), biome.shoots(), strict=True))
    assert shoots["sot_features"][63] == pytest.approx(
        [last.radius, last.angle_wrapped, last.curvature], rel=1e-6
    )
    assert shoots["sot_phases"][63] == pytest.approx([last.macro_phase, last.meso_phase, last.micro_phase])
    assert shoots["sot_roles"][63] == pytest.approx([1 / 3, 1 / 4, 8 / 9])


def test_a_biome_takes_the_whole_plan_or_nothing():
    plan = generate_plan(5)
    narrow = TensorBiome(OpenTopos(max_volume=14))
    with pytest.raises(TensorVolumeExceeded):
        plan.infuse_biome(narrow)
    other = TensorBiome(OpenTopos())
    other.absorb("canvas", Tensor(4, 3))
    with pytest.raises(ShapeMismatch, match=r"\(4, 3\).*\(5, 3\)"):
        plan.infuse_biome(other)
    assert narrow.is_empty()
    assert other.labels() == ["canvas"]
    with pytest.raises(TypeError):
        plan.infuse_biome("biome")


def test_an_empty_plan_has_no_tensors():
    plan = generate_plan(0)
    assert (
        plan.steps()
        == plan.polyline()
        == plan.as_dicts()
        == plan.reflection_points()
        == plan.macro_summaries()
        == []
    )
    for call in (
        plan.as_tensor,
        plan.feature_tensor,
        plan.role_tensor,
        plan.reflection_tensor,
        plan.macro_summary_tensor,
    ):
        with pytest.raises(EmptyInput):
            call()
    assert len(plan) == 0


def test_a_radius_of_zero_has_infinite_curvature():
    plan = generate_plan(3, base_radius=0.0)
    assert [s.curvature for s in plan.steps()] == [math.inf] * 3
    assert plan.macro_summaries()[0].mean_curvature == math.inf


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((-1,), InvalidValue, "total_steps = -1"),
        ((1.5,), TypeError, "of type float"),
        ((True,), TypeError, "bool"),
        (("8",), TypeError, "of type str"),
        ((8, math.nan), InvalidValue, "base_radius"),
        ((8, 1.0, math.inf), InvalidValue, "radial_growth"),
        ((8, 1.0, 200.0), InvalidValue, "radius of step 4"),
        ((8, 1.0, 0.0, math.nan), InvalidValue, "base_height"),
        ((8, 1.0, 0.0, 1.0, math.inf), InvalidValue, "meso_gain"),
        ((8, 1.0, 0.0, 1.0, 0.2, "x"), TypeError, "micro_gain"),
    ],
)
def test_bad_input(arguments, error, words):
    with pytest.raises(error, match=words):
        generate_plan(*arguments)
    for pace in (fibonacci_pacing, pack_tribonacci_chunks, pack_tetranacci_chunks):
        with pytest.raises(InvalidValue):
            pace(-1)


def test_plans_are_copied_and_shown():
    plan = SoT3DPlan(20)
    for other in (copy.deepcopy(plan), pickle.loads(pickle.dumps(plan))):
        assert other.as_dicts() == plan.as_dicts()
    assert plan._repr_html_().count("<tr>") == 9
    assert "total_steps=20" in repr(plan)
