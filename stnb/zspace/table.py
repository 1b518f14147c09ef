"""The first rows and columns of a matrix as an HTML table."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor as TorchTensor

__all__ = ["table"]

SHOWN = 8


def table(values: TorchTensor, title: str) -> str:
    """The first rows and columns as an HTML table."""
    rows, cols = values.shape
    body = []
    for row in values[:SHOWN, :SHOWN].tolist():
        cells = "".join(f"<td style='text-align:right'>{_shown(value)}</td>" for value in row)
        body.append(f"<tr>{cells}{'<td>…</td>' if cols > SHOWN else ''}</tr>")
    more = "<tr><td>⋮</td></tr>" if rows > SHOWN else ""
    return f"<table><caption>{html.escape(title)}</caption>{''.join(body)}{more}</table>"


def _shown(value: complex) -> str:
    return f"{value:.4g}"
