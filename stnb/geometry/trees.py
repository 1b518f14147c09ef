"""Trees as points: how far apart nodes are, how well an embedding keeps that, and embeddings that need no learning.

A graph is a list of edges between nodes 0 … n − 1, and d_G(u, v) its number of edges between u and v. An embedding is
judged by all its distances d_E:

    distortion   mean over u ≠ v of |s·d_E − d_G|/d_G, with the scale s that makes it least
    MAP          mean over u, then over its neighbours v, of |N(u) ∩ B|/|B|, where B holds every node but u that is
                 no farther from u than v

In a ball a scale is a curvature: s·d is the distance in the ball of curvature κ/s².
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import torch
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, shortest_path

from stnb._core.errors import DataLength, EmptyInput, InputError, InvalidValue, NonFiniteValue, ShapeMismatch
from stnb.geometry.ball import Ball
from stnb.geometry.rim import RIM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jaxtyping import Float
    from torch import Tensor

    Edges: TypeAlias = Iterable[Iterable[object]]

__all__ = ["Distortion", "distortion", "hops", "mean_average_precision", "radial", "sarkar"]

PLANE = 2


class Distortion(NamedTuple):
    """How badly distances fit.

    Attributes:
        mean: Mean of |s·d_E − d_G|/d_G; 0 for a perfect embedding.
        worst: Largest d_E/d_G over the least, which no scale changes; 1 for a perfect embedding.
        scale: s.
    """

    mean: float
    worst: float
    scale: float


class _Rooted(NamedTuple):
    """A tree seen from its root: nodes in order of depth, the children of each, and its depth."""

    order: list[int]
    children: list[list[int]]
    parent: list[int]
    depth: list[int]


def hops(edges: Edges) -> Float[Tensor, "n n"]:
    """d_G of every two nodes, float64.

    >>> hops([(0, 1), (1, 2)])[0]
    tensor([0., 1., 2.], dtype=torch.float64)
    """
    return torch.from_numpy(shortest_path(_adjacency(edges), unweighted=True))


def distortion(distances: Float[Tensor, "_ _"], hops: Float[Tensor, "_ _"]) -> Distortion:
    """The mean and the worst distortion of an embedding, from its distances and those of the graph.

    With r = d_E/d_G the mean is that of |s·r − 1| = r·|s − 1/r|, so the best s is a median: that of 1/r, weighted by r.

    Raises:
        InvalidValue: when a distance is negative, a graph distance is not above 0, or all points coincide.
    """
    _require_tables(distances, hops)
    i, j = torch.triu_indices(len(hops), len(hops), 1, device=hops.device)
    far, steps = distances[i, j].double(), hops[i, j].double()
    _require_values("distances", far, far >= 0, "give distances of 0 or more")
    _require_values("hops", steps, steps > 0, "give the distances of a connected graph")
    ratio = far / steps
    if not bool((ratio > 0).any()):
        raise InvalidValue(f"all {len(hops)} points coincide, and no scale fits; give points that differ.")
    inverse, rank = torch.sort(1.0 / ratio)
    weight = torch.cumsum(ratio[rank], 0)
    scale = float(inverse[torch.searchsorted(weight, 0.5 * weight[-1])])
    least = float(ratio.min())
    worst = float(ratio.max()) / least if least else math.inf
    return Distortion(float((scale * ratio - 1.0).abs().mean()), worst, scale)


def mean_average_precision(distances: Float[Tensor, "_ _"], edges: Edges) -> float:
    """MAP: 1 when nothing is as near to a node as its farthest neighbour but its neighbours. Ties count against it.

    >>> mean_average_precision(hops([(0, 1), (1, 2)]), [(0, 1), (1, 2)])
    1.0
    """
    linked = torch.from_numpy(_adjacency(edges).toarray() > 0).to(distances.device)
    _require_tables(distances, linked)
    _require_values("distances", distances, distances >= 0, "give distances of 0 or more")
    total = 0.0
    for node, neighbours in enumerate(linked):
        others = torch.arange(len(linked), device=distances.device) != node
        near = (distances[node] <= distances[node, neighbours].unsqueeze(-1)) & others
        total += float(((near & neighbours).sum(-1) / near.sum(-1)).double().mean())
    return total / len(linked)


def sarkar(edges: Edges, *, length: float, root: int = 0, ball: Ball | None = None) -> Float[Tensor, "n 2"]:
    """The tree in a 2-D ball, every edge `length` long, in float64 (Sarkar, *Low distortion Delaunay embedding*, 2011).

    The root is the origin. Around each node its k neighbours stand at angles 2π/k apart, counter-clockwise: the parent
    first, then the children in the order in which `edges` names them. As the length grows, any two edges that meet at an
    angle θ look more and more like a path: they are 2·length − 2·ln(1/sin(θ/2)) long (at κ = −1), so that distortion
    vanishes. A tree of depth h needs h·length to stay below the rim, 35.3/√c.

    Raises:
        InputError: when the edges are no tree, or a node would lie beyond the rim.
    """
    ball = Ball(-1.0) if ball is None else ball
    tree = _rooted(edges, root)
    _require_room(length, max(tree.depth), ball)
    points = torch.zeros(len(tree.order), PLANE, dtype=torch.float64)
    step = math.tanh(0.5 * math.sqrt(ball.c) * length) / math.sqrt(ball.c)
    for node in tree.order:
        children = tree.children[node]
        if not children:
            continue
        here, inner = points[node], node != root
        count = len(children) + inner
        start = _angle(ball.add(-here, points[tree.parent[node]])) if inner else 0.0
        angles = start + 2.0 * math.pi / count * (torch.arange(len(children), dtype=torch.float64) + inner)
        points[children] = ball.add(here, step * _unit(angles))
    return points


def radial(edges: Edges, *, length: float = 1.0, root: int = 0) -> Float[Tensor, "n 2"]:
    """The tree drawn in the plane: the root in the middle, a node of depth h at radius h·length, and no edge crosses.

    Every subtree has a wedge of its own, as wide as its share of the leaves.
    """
    tree = _rooted(edges, root)
    _require_length(length)
    leaves = [1] * len(tree.order)
    for node in reversed(tree.order):
        leaves[node] = sum(leaves[child] for child in tree.children[node]) or 1
    start, width = [0.0] * len(leaves), [2.0 * math.pi] * len(leaves)
    for node in tree.order:
        angle = start[node]
        for child in tree.children[node]:
            start[child], width[child] = angle, width[node] * leaves[child] / leaves[node]
            angle += width[child]
    middle = torch.tensor(start, dtype=torch.float64) + 0.5 * torch.tensor(width, dtype=torch.float64)
    return length * torch.tensor(tree.depth, dtype=torch.float64).unsqueeze(-1) * _unit(middle)


def _unit(angles: Tensor) -> Tensor:
    return torch.stack((torch.cos(angles), torch.sin(angles)), -1)


def _angle(point: Tensor) -> float:
    return math.atan2(float(point[1]), float(point[0]))


def _adjacency(edges: Edges) -> csr_array:
    """The connected graph that the edges describe, or a refusal."""
    pairs = _pairs(edges)
    number = int(pairs.max()) + 1
    ends = np.concatenate((pairs, pairs[:, ::-1])).T
    graph = csr_array((np.ones(len(ends[0])), (ends[0], ends[1])), shape=(number, number))
    reached = breadth_first_order(graph, 0, directed=False, return_predecessors=False)
    if len(reached) < number:
        lost = min(set(range(number)) - set(reached.tolist()))
        raise InputError(f"node {lost} of {number} is not linked to node 0; give a connected graph.")
    return graph


def _pairs(edges: Edges) -> np.ndarray:
    pairs = np.asarray(edges if isinstance(edges, np.ndarray) else [tuple(edge) for edge in edges])
    if pairs.size == 0:
        raise EmptyInput("there are no edges; give at least one pair of nodes, such as (0, 1).")
    if pairs.ndim != PLANE or pairs.shape[1] != PLANE or pairs.dtype.kind not in "iu":
        raise InputError(
            f"edges have shape {pairs.shape} and type {pairs.dtype}; give pairs of node numbers."
        )
    if pairs.min() < 0:
        raise InvalidValue(f"edges name node {pairs.min()}; number the nodes from 0 on.")
    loops = np.flatnonzero(pairs[:, 0] == pairs[:, 1])
    if loops.size:
        raise InvalidValue(f"edge {loops[0]} links node {pairs[loops[0], 0]} to itself; leave it out.")
    return pairs


def _rooted(edges: Edges, root: int) -> _Rooted:
    pairs = _pairs(edges)
    _adjacency(pairs)
    number = int(pairs.max()) + 1
    if len(pairs) != number - 1:
        raise DataLength(
            f"{len(pairs)} edges on {number} nodes are no tree; give {number - 1}, and no cycle."
        )
    if not 0 <= root < number:
        raise InvalidValue(f"root = {root} is no node; give 0 … {number - 1}.")
    linked: list[list[int]] = [[] for _ in range(number)]
    for first, second in pairs.tolist():
        linked[first].append(second)
        linked[second].append(first)
    order, parent, depth = [root], [root] * number, [0] * number
    children: list[list[int]] = [[] for _ in range(number)]
    for node in order:
        children[node] = [other for other in linked[node] if node == root or other != parent[node]]
        for child in children[node]:
            parent[child], depth[child] = node, depth[node] + 1
            order.append(child)
    return _Rooted(order, children, parent, depth)


def _require_tables(distances: Tensor, other: Tensor) -> None:
    if distances.ndim != PLANE or distances.shape[0] != distances.shape[1] or distances.shape != other.shape:
        raise ShapeMismatch(
            f"distances have shape {tuple(distances.shape)} but the graph has {other.shape[0]} nodes; "
            f"give {tuple(other.shape)}, one row and one column a node."
        )


def _require_values(name: str, values: Tensor, right: Tensor, remedy: str) -> None:
    right = right & torch.isfinite(values)
    if not bool(right.all()):
        first = float(values[~right][0])
        kind = InvalidValue if math.isfinite(first) else NonFiniteValue
        raise kind(f"{name} contain {first:g}; {remedy}.")


def _require_length(length: float) -> None:
    if not (math.isfinite(length) and length > 0):
        raise InvalidValue(f"length = {length!r} is no length of an edge; give a finite number above 0.")


def _require_room(length: float, depth: int, ball: Ball) -> None:
    """Refuse edges so long that the deepest node would lie beyond the rim of float64."""
    _require_length(length)
    reach = math.log(2.0 / RIM[torch.float64] - 1.0) / math.sqrt(ball.c)
    if depth * length > reach:
        raise InvalidValue(
            f"length = {length:g} puts nodes of depth {depth} at {depth * length:.4g}, beyond the rim of float64 "
            f"at {reach:.4g}; give length ≤ {math.floor(1e3 * reach / depth) / 1e3:g}, or a root nearer to the middle."
        )
