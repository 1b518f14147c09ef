"""Plain torch: a stable sort on whatever device holds the particles; the fallback for Apple GPUs. It allocates."""

from __future__ import annotations

import torch

from stnb_kernels.cells.reference import FAR, MARGIN


def coordinate(x, nodes, grid):  # noqa: ANN001, ANN201
    """Base cell along one axis."""
    g = x * torch.tensor(1.0 / grid.spacing, dtype=x.dtype, device=x.device)
    if grid.periodic:
        g = torch.where(g.abs() < FAR, g, 0.0)
        g = g - nodes * torch.floor(g / nodes)
        g = torch.where(g < nodes, g, 0.0)
    else:
        g = torch.minimum(g, torch.tensor(nodes - MARGIN, dtype=x.dtype, device=x.device))
    return torch.where(g > 0, g, 0.0).floor().to(torch.int32)


def run(position, grid, cells):  # noqa: ANN001, ANN201
    n = position.shape[1]
    i, j, k = (coordinate(position[a], grid.shape[a], grid) for a in range(3))
    key = (i * grid.shape[1] + j) * grid.shape[2] + k
    ordered, order = torch.sort(key, stable=True)
    cells.key[:n] = key
    cells.order[:n] = order.to(torch.int32)
    bounds = torch.arange(grid.nodes + 1, dtype=torch.int32, device=key.device)
    cells.start.copy_(torch.searchsorted(ordered, bounds).to(torch.int32))
