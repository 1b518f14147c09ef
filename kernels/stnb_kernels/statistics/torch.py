"""Plain torch, the fallback for Apple GPUs, which have no float64: the values are copied to the CPU.

`stats` and the working memory then lie on the CPU. On other devices they lie beside the values. It allocates.
"""

from __future__ import annotations

import torch


def run(values, scratch, stats):  # noqa: ANN001, ANN201
    del scratch
    n = values.shape[0]
    if n == 0:
        stats.zero_()
        return
    x = values.to(stats.device).to(torch.float64)
    mean = x.mean()
    stats[0] = x.abs().mean()
    stats[1] = mean
    stats[2] = (x - mean).square().mean().sqrt()
    stats[3].fill_(n)
