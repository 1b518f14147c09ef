"""The tape of flat space."""

from __future__ import annotations

from typing import Any

from stnb.zspace.guards import require_finite
from stnb.zspace.tape.tape import GradientTape

__all__ = ["AmegaRealgrad", "Realgrad"]


class Realgrad(GradientTape):
    """Gathers g and steps w ← w − η·g, as `torch.optim.SGD` does.

    Args:
        learning_rate: η > 0.
        rows: Rows of the weights.
        cols: Columns of the weights.

    >>> from stnb.zspace import Tensor
    >>> tape, w = Realgrad(0.5, 1, 2), Tensor(1, 2, [1.0, 2.0])
    >>> tape.accumulate_pair(w, Tensor(1, 2))
    >>> tape.apply(w)
    >>> w.tolist()
    [[0.5, 1.0]]
    """

    def apply(self, weights: Any) -> None:
        """W ← w − η·g in place, then g ← 0."""
        rows = self._weights(weights)
        require_finite("weights", rows)
        stepped = rows.sub(self._gradient.to(rows.device), alpha=self._learning_rate)
        require_finite("the stepped weights", stepped)
        rows.copy_(stepped)
        self.reset()


AmegaRealgrad = Realgrad
