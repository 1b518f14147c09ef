"""Distortion and MAP have the values that paper and pencil give; Sarkar's trees do what the theorem says."""

import math

import mpmath
import networkx as nx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stnb._core.errors import InputError
from stnb.geometry import Ball
from stnb.geometry.trees import distortion, hops, mean_average_precision, radial, sarkar

from .samples import generator, points

BALL = Ball(-1.0)
PATH = [(i, i + 1) for i in range(5)]
STAR = [(0, i) for i in range(1, 7)]
BINARY = list(nx.balanced_tree(2, 4).edges)
SEED = st.integers(0, 2**31)


def table(x, ball=None):
    x, y = x.unsqueeze(-2), x.unsqueeze(-3)
    return (x - y).norm(dim=-1) if ball is None else ball.distance(x, y)


def random_tree(seed, nodes=12):
    rng = generator(seed)
    return [(int(torch.randint(i, (1,), generator=rng)), i) for i in range(1, nodes)]


@given(SEED)
def test_hops__are_those_of_networkx(seed):
    edges = random_tree(seed)
    lengths = dict(nx.all_pairs_shortest_path_length(nx.Graph(edges)))
    assert hops(edges).tolist() == [[lengths[u][v] for v in range(12)] for u in range(12)]


def test_a_path__is_isometric_on_a_line_and_on_a_geodesic():
    line = torch.arange(6, dtype=torch.float64).unsqueeze(-1)
    found = distortion(table(7.0 * line), hops(PATH))
    assert found == pytest.approx((0.0, 1.0, 1 / 7), abs=1e-15)
    assert mean_average_precision(table(line), PATH) == 1.0
    way = sarkar(PATH, length=3.0, root=2)
    found = distortion(table(way, BALL), hops(PATH))
    assert found == pytest.approx((0.0, 1.0, 1 / 3), abs=1e-10)


def test_a_star__of_three_in_the_plane_has_the_distortion_of_its_angles():
    """Leaves are √3 apart instead of 2: r = 1, 1, 1, √3/2 ×3, and the median takes s = 1."""
    star = [(0, 1), (0, 2), (0, 3)]
    angles = torch.tensor([0.0, 2.0, 4.0], dtype=torch.float64) * math.pi / 3
    plane = torch.cat((torch.zeros(1, 2, dtype=torch.float64), torch.stack((angles.cos(), angles.sin()), -1)))
    found = distortion(table(plane), hops(star))
    assert found.scale == pytest.approx(1.0)
    assert found.mean == pytest.approx(0.5 * (1 - math.sqrt(0.75)))
    assert found.worst == pytest.approx(2 / math.sqrt(3))
    assert mean_average_precision(table(plane), star) == 1.0


def test_mean_average_precision__counts_what_comes_between():
    """On the line 0 · 2 · 1 the path 0–1–2 has its middle node at the end: precisions ½, (1, 1), 1."""
    line = torch.tensor([[0.0], [2.0], [1.1]], dtype=torch.float64)
    path = [(0, 1), (1, 2)]
    assert mean_average_precision(table(line), path) == pytest.approx((1 / 2 + 1 + 1) / 3)
    swapped = torch.tensor([[0.0], [1.0], [0.4]], dtype=torch.float64)
    assert mean_average_precision(table(swapped), path) == pytest.approx((1 / 2 + 1 + 1 / 2) / 3)


def test_mean_average_precision__counts_ties_against_the_embedding():
    together = torch.zeros(4, 4, dtype=torch.float64)
    assert mean_average_precision(together, [(0, 1), (1, 2), (2, 3)]) == pytest.approx((1 / 3 + 2 / 3) / 2)


@given(SEED)
@settings(max_examples=30)
def test_distortion__has_the_best_of_all_scales(seed):
    rng, graph = generator(seed), hops(BINARY)
    distances = table(torch.randn(31, 3, dtype=torch.float64, generator=rng))
    found = distortion(distances, graph)
    u, v = torch.triu_indices(31, 31, 1)
    ratio = (distances / graph)[u, v]
    for scale in (found.scale, *(1.0 / ratio).tolist()):
        assert float((scale * ratio - 1).abs().mean()) >= found.mean * (1 - 1e-12)
    assert distortion(3.0 * distances, graph) == pytest.approx((found.mean, found.worst, found.scale / 3))


@given(SEED, st.floats(0.5, 2.5))
@settings(max_examples=30)
def test_both__are_invariant_under_isometries_of_the_ball(seed, length):
    rng, edges = generator(seed), random_tree(seed)
    tree = sarkar(edges, length=length)
    (a,), angle = (
        points(BALL, 1, 2, rng, dtype=torch.float64, nearest=0.2),
        6.28 * float(torch.rand(1, generator=rng)),
    )
    c, s = math.cos(angle), math.sin(angle)
    turn = torch.tensor([[c, -s], [s, c]], dtype=torch.float64)
    inner = 0.9 * tree + 0.02 * torch.rand(
        12, 2, dtype=torch.float64, generator=rng
    )  # no ties, nothing on the rim
    graph, before = hops(edges), table(inner, BALL)
    for image in (BALL.add(a.expand_as(inner), inner), inner @ turn.T):
        after = table(image, BALL)
        torch.testing.assert_close(after, before, rtol=0, atol=1e-9)
        assert distortion(after, graph) == pytest.approx(distortion(before, graph), rel=1e-8)
        assert mean_average_precision(after, edges) == mean_average_precision(before, edges)


@given(SEED, st.floats(0.3, 4.0), st.floats(-4.0, -0.1))
@settings(max_examples=20)
def test_sarkar__makes_every_edge_as_long_and_every_angle_as_wide_as_promised(seed, length, curvature):
    ball, edges = Ball(curvature), random_tree(seed, nodes=8)
    length *= ball.radius
    root = nx.center(nx.Graph(edges))[0]
    tree = sarkar(edges, length=length, root=root, ball=ball)
    assert tree[root].tolist() == [0.0, 0.0]
    u, v = torch.tensor(edges).T
    torch.testing.assert_close(
        ball.distance(tree[u], tree[v]), torch.full((7,), length).double(), rtol=1e-6, atol=0
    )
    for node, around in nx.Graph(edges).adjacency():
        seen = ball.add(-tree[node].expand(len(around), 2), tree[list(around)])
        angles = torch.atan2(seen[:, 1], seen[:, 0]).sort().values
        gaps = torch.cat((angles.diff(), angles[:1] + 2 * math.pi - angles[-1:]))
        torch.testing.assert_close(gaps, torch.full_like(gaps, 2 * math.pi / len(around)), rtol=0, atol=1e-5)


def test_sarkar__approaches_a_perfect_tree_as_theory_says():
    """The longest way with a bend of 120° at every node has six edges and five bends."""
    graph, before = hops(BINARY), math.inf
    for length in (1.0, 2.0, 4.0, 7.0):
        found = distortion(table(sarkar(BINARY, length=length), BALL), graph)
        theory = 1 / (1 - 5 / 6 * 2 / length * math.log(2 / math.sqrt(3)))
        assert found.worst < before
        assert found.mean < found.worst - 1
        assert bool(BALL.contains(sarkar(BINARY, length=length)).all())
        before = found.worst
    assert found.worst - 1 == pytest.approx(theory - 1, rel=0.02)


def test_sarkar__holds_its_distances_near_the_rim_to_the_digits_that_float64_has_there():
    """Two leaves at 24 from the origin in 60 digits: 2⁻⁵³·e²⁴ = 3e-6 is what coordinates leave undecided."""
    length, depth = 6.0, 4
    tree = sarkar(BINARY, length=length)
    with mpmath.workdps(60):
        a, b = mpmath.cosh(mpmath.mpf(length) / 2), mpmath.sinh(mpmath.mpf(length) / 2)
        ends = []
        for side in (0, 1):
            p, q = mpmath.mpc(1), mpmath.mpc(0)
            for step in range(depth):
                turn = (
                    mpmath.expjpi(mpmath.mpf(0))
                    if step == 0
                    else mpmath.expjpi(mpmath.mpf(1) / 2 + mpmath.mpf(1 + side) / 3)
                )
                p, q = p * turn, q * mpmath.conj(turn)
                p, q = p * a + q * b, p * b + q * a
            ends.append((p, q))
        (p, q), (r, s) = ends
        exact = float(2 * mpmath.acosh(abs(mpmath.conj(p) * r - q * mpmath.conj(s))))
    first, last = 15, 22  # always the first child, and the second from the second level on
    found = float(BALL.distance(tree[first], tree[last]))
    assert found == pytest.approx(exact, abs=1e-4)
    assert bool(BALL.contains(tree).all())


def test_radial__keeps_depth_and_order_and_crosses_nothing():
    tree = radial(BINARY, length=2.0)
    torch.testing.assert_close(tree.norm(dim=-1), 2.0 * hops(BINARY)[0])
    leaves = torch.atan2(tree[15:, 1], tree[15:, 0]) % (2 * math.pi)
    torch.testing.assert_close(leaves.diff(), torch.full((15,), 2 * math.pi / 16).double())
    lopsided = radial([(0, 1), (0, 2), (2, 3), (2, 4), (2, 5)])
    angle = torch.atan2(lopsided[:, 1], lopsided[:, 0]) % (2 * math.pi)
    assert angle[1:3].tolist() == pytest.approx([math.pi / 4, 5 * math.pi / 4])


TABLE = hops(PATH)
REFUSED = [
    (lambda: hops([]), "no edges"),
    (lambda: hops([(0, 1, 2)]), r"shape \(1, 3\)"),
    (lambda: hops([(0.5, 1.0)]), "type float64"),
    (lambda: hops([(-1, 0)]), "node -1"),
    (lambda: hops([(0, 1), (1, 1)]), "edge 1 links node 1 to itself"),
    (lambda: hops([(0, 1), (2, 3)]), "node 2 of 4 is not linked"),
    (lambda: sarkar([(0, 1), (1, 2), (2, 0)], length=1.0), "3 edges on 3 nodes are no tree"),
    (lambda: sarkar(PATH, length=1.0, root=6), "root = 6 is no node"),
    (lambda: sarkar(PATH, length=math.nan), "length = nan"),
    (lambda: sarkar(PATH, length=0.0), "length = 0.0"),
    (lambda: sarkar(PATH, length=8.0), r"beyond the rim .*give length ≤ 7\.0"),
    (lambda: radial(PATH, length=-1.0), "length = -1.0"),
    (lambda: distortion(torch.zeros(6, 6), TABLE), "all 6 points coincide"),
    (lambda: distortion(torch.zeros(5, 5), TABLE), r"shape \(5, 5\).*6 nodes"),
    (lambda: distortion(TABLE * math.nan, TABLE), "distances contain nan"),
    (lambda: distortion(-TABLE, TABLE), "distances contain -1"),
    (lambda: distortion(TABLE, 0 * TABLE), "hops contain 0"),
    (lambda: mean_average_precision(TABLE * math.inf, PATH), "distances contain nan"),
    (lambda: mean_average_precision(TABLE, STAR), r"shape \(6, 6\).*7 nodes"),
]


@pytest.mark.parametrize(("ask", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_what_is_no_tree_or_no_distance_is_refused(ask, words):
    with pytest.raises(InputError, match=words):
        ask()


def test_a_point_on_another__makes_the_worst_distortion_infinite():
    line = torch.tensor([[0.0], [0.0], [1.0]], dtype=torch.float64)
    assert distortion(table(line), hops([(0, 1), (1, 2)])).worst == math.inf
