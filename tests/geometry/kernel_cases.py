"""What a kernel of the maps is given, and how far it may be from plain torch: shared by the interpreter and the GPU."""

from __future__ import annotations

import math

import torch

from stnb.geometry import RIM, Ball, device, maps, metric, mobius

from .samples import eps, generator, points, vectors

WIDTHS = (1, 3, 16, 17, 64)
MAPS = {
    "add": (mobius.add, "xy"),
    "exp": (maps.exp, "xv"),
    "log": (maps.log, "xy"),
    "distance": (metric.distance, "xy"),
    "transport": (mobius.transport, "xyv"),
    "exp0": (maps.exp0, "w"),
    "log0": (maps.log0, "y"),
    "squared_distance": (metric.squared_distance, "xy"),
}
DEFINITIONS = {
    "add": mobius._add,
    "exp": maps._exp,
    "log": maps._log,
    "distance": metric._distance,
    "squared_distance": metric._squared_distance,
    "exp0": maps._exp0,
    "log0": maps._log0,
}


def operands(ball, n, d, dtype, *, nearest=None):
    """Points x and y to the square root of a rounding from the rim, v at x and w at the origin; some of them special."""
    rng = generator(n + d)
    nearest = eps(dtype) ** 0.5 if nearest is None else nearest
    x, y = (points(ball, n, d, rng, dtype=dtype, nearest=nearest) for _ in range(2))
    v = vectors(ball, x, rng, longest=3.0)
    w = vectors(ball, torch.zeros_like(x), rng, longest=3.0)
    if n >= 40:
        y[:10], y[10:20], x[20:30], v[30:40], w[30:40] = x[:10], -x[10:20], 0.0, 0.0, 0.0
    return {"x": x, "y": y, "v": v, "w": w}


def worst(name, curvature, d, dtype, *, n=1000, where="cpu"):
    """The largest difference of a kernel from plain torch on the CPU, in roundings.

    Points count in their own metric, lengths relative to themselves, vectors relative to the longest operand's length.
    """
    ball = Ball(curvature)
    f, letters = MAPS[name]
    given = operands(ball, n, d, dtype)
    rows = [given[letter] for letter in letters]
    # A thousand rows are too few for the passes of the CPU at every width but 17 and 64: the definition is float64's.
    right = torch.cat([f(*(t[i : i + 200] for t in rows), ball.c) for i in range(0, n, 200)])
    found = getattr(device, name)(*(t.to(where) for t in rows), ball.c).cpu()
    assert found.shape == right.shape
    assert found.dtype == dtype
    off = (found - right).double().abs()
    if name in ("add", "exp", "exp0"):
        off = off * ball.gap(right, keepdim=True).double().clamp(min=0) / ball.radius
    elif "distance" in name:
        off = off / right.double().clamp_min(1e-30)
    elif name == "transport":
        scale = ball.conformal_factor(given["y"], keepdim=True) / ball.norm(
            given["x"], given["v"], keepdim=True
        )
        off = torch.nan_to_num(off * scale.double(), posinf=0.0)
    else:
        off = off / ball.radius
    return float(off.max()) / eps(dtype)


def cotangent(like):
    """A derivative by the result, of all sizes and signs."""
    return torch.sin(torch.arange(like.numel(), dtype=torch.float64) ** 1.1).to(like.dtype).view_as(like)


def by_autograd(f, rows, c, g, **settings):
    """Derivatives of a definition on the CPU, and its result."""
    leaves = [t.detach().clone().requires_grad_() for t in rows]
    out = f(*leaves, c)
    return torch.autograd.grad(out, leaves, g.to(out.dtype).view_as(out), **settings), out.detach()


def worst_derivative(name, curvature, d, dtype, *, n=200, where="cpu", nearest=None):
    """The largest difference of a derivative from that of the definition in float64, in roundings of its length.

    Rows that the map clipped are left out: each type has a rim of its own.
    """
    ball = Ball(curvature)
    given = operands(ball, n, d, dtype, nearest=nearest)
    rows = [given[letter] for letter in MAPS[name][1]]
    g = cotangent(rows[0][:, :1] if "distance" in name else rows[0])
    right, out = by_autograd(DEFINITIONS[name], [t.double() for t in rows], ball.c, g)
    moved = [t.to(where) for t in rows]
    found = device.back(name, moved, g.to(where), ball.c, [True] * len(rows))
    free = torch.ones(n, dtype=torch.bool)
    if name in ("add", "exp", "exp0"):
        free = ball.gap(out) > 128.0 * RIM[dtype]
    off = 0.0
    for mine, other in zip(found, right, strict=True):
        assert mine.dtype == dtype
        assert mine.shape == other.shape
        length = other.norm(dim=-1).clamp_min(1e-30)
        off = max(off, float(((mine.cpu().double() - other).norm(dim=-1) / length)[free].max()))
    return off / eps(dtype)


def beyond_the_rim(name, dtype):
    """Operands whose results must be clipped."""
    ball, rng = Ball(-0.37), generator(3)
    x = points(ball, 300, 5, rng, dtype=dtype, nearest=4.0 * RIM[dtype])
    far = 1e3 * vectors(ball, x, rng, longest=3.0)
    return ball, {"add": (x, x.roll(1, 0)), "exp": (x, far), "exp0": (1e4 * x,)}[name]


def at_the_rim(name, dtype, where="cpu"):
    """Results that must be clipped: gaps of all of them, in rims, and how many lie within three of it."""
    ball, given = beyond_the_rim(name, dtype)
    found = getattr(device, name)(*(t.to(where) for t in given), ball.c).cpu()
    gap = ball.gap(found).double() / RIM[dtype]
    again = ball.project(found)
    return gap, torch.equal(found, again)


def adam_path(where, dtype, *, steps, d=5, n=300, amsgrad=False, weight_decay=0.0, kernel=None):
    """Point and moments after some steps of Adam, by `RiemannianAdam` or by the kernel itself."""
    from stnb.geometry import BallParameter, RiemannianAdam

    ball = Ball(-1.7)
    start = points(ball, n, d, generator(11), dtype=dtype, nearest=1e-3)
    settings = {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-7, "weight_decay": weight_decay}
    gradients = [torch.sin(start * 7.0 * (t + 1)) * 10.0 ** (t % 5 - 2) for t in range(steps)]
    if kernel is None:
        p = BallParameter(start.clone().to(where), ball)
        optimizer = RiemannianAdam([p], amsgrad=amsgrad, **settings)
        for g in gradients:
            p.grad = g.to(where)
            optimizer.step()
        state = optimizer.state[p]
        return ball, p.detach().cpu(), state["exp_avg"].cpu(), state["exp_avg_sq"].cpu()
    x, m = start.clone(), torch.zeros_like(start)
    v, most = (torch.zeros(n, 1, dtype=dtype) for _ in range(2))
    for t, g in enumerate(gradients):
        kernel(x, g, m, v, most if amsgrad else None, ball.c, step=t + 1, **settings)
    return ball, x, m, v


def adam_difference(one, other, dtype):
    """How far two paths are apart, in roundings: points in their own metric, moments relative to the largest."""
    ball, x, m, v = one
    _, y, k, w = other
    gap = ball.gap(y, keepdim=True).double()
    apart = ((x - y).double().abs() * gap).max() * math.sqrt(ball.c)
    return [
        float(value) / eps(dtype)
        for value in (apart, ((m - k).abs() / k.abs().max()).max(), ((v - w).abs() / w.abs().max()).max())
    ]
