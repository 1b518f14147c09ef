"""Plain torch, the fallback for Apple GPUs, which have no float64: their columns are copied to the CPU and added there.

`sums` and the working memory then lie on the CPU. On other devices they lie beside the particles. It allocates.
"""

from __future__ import annotations

import torch


def run(velocity, mass, heat, energy, potential, accounts, scratch, sums):  # noqa: ANN001, ANN201
    del scratch
    columns = (velocity, mass, heat, energy, potential, accounts)
    v, m, heat, energy, potential, accounts = (a.to(sums.device).to(torch.float64) for a in columns)
    speed = v.square().sum(dim=0).sqrt()
    rows = [
        0.5 * (m * speed.square()).sum(),
        0.5 * (m * potential).sum(),
        heat.sum(),
        energy.sum(),
        m.sum(),
        *(m * v).sum(dim=1),
        (m * speed).sum(),
        speed.max() if len(m) else speed.sum(),
        *accounts.sum(dim=1),
    ]
    torch.stack(rows, out=sums)
