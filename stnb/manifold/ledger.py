"""The ledger: where every joule is, what was put in, and what does not add up.

    total = kinetic ½Σmv² + gravitational ½Σmφ + thermal ΣQ + oscillator ΣE
    drift = (total − supplied) / max over the run of (kinetic + |gravitational|)

`supplied` is the total at the beginning plus everything that came from outside since: injected particles, and the
potential energy that a changed setting made or took. Every other flow moves energy from one store to another, so a
correct step leaves the drift at rounding and integration error.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plotly.graph_objects import Figure

__all__ = ["STORES", "Ledger", "LedgerTable"]

STORES = ("kinetic", "gravitational", "thermal", "oscillator")


@dataclass(frozen=True)
class LedgerTable:
    """Rows of a ledger, printed as text and as HTML."""

    rows: tuple[tuple[str, float, str], ...]

    def __str__(self) -> str:
        width = max(len(name) for name, _, _ in self.rows)
        return "\n".join(f"{name:<{width}}  {value: .6e} {unit}".rstrip() for name, value, unit in self.rows)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        body = "".join(
            f"<tr><td style='text-align:left'>{html.escape(name)}</td><td>{value:.6g}</td>"
            f"<td style='text-align:left'>{unit}</td></tr>"
            for name, value, unit in self.rows
        )
        return f"<table><caption>ledger</caption>{body}</table>"


class Ledger:
    """The books of one run."""

    def __init__(self) -> None:
        self._stores: dict[str, float] = dict.fromkeys(STORES, 0.0)
        self._opening: dict[str, float] | None = None
        self._supplied = 0.0
        self._scale = 0.0

    @property
    def total(self) -> float:
        """Energy in all stores, in J."""
        return sum(self._stores.values())

    @property
    def supplied(self) -> float:
        """Energy at the beginning and everything put in since, in J."""
        return self._supplied

    @property
    def drift(self) -> float:
        """What does not add up, relative to the largest kinetic + |gravitational| energy of the run."""
        return (self.total - self._supplied) / (self._scale or 1.0)

    def post(self, stores: Mapping[str, float]) -> None:
        """Book the stores after a step."""
        self._stores = {name: stores[name] for name in STORES}
        if self._opening is None:
            self._opening = dict(self._stores)
            self._supplied = self.total
        self._scale = max(self._scale, stores["kinetic"] + abs(stores["gravitational"]))

    def supply(self, stores: Mapping[str, float]) -> None:
        """Book a change from outside: the stores jump to these, and the difference counts as supplied."""
        before = self.total
        self.post(stores)
        self._supplied += self.total - before

    def table(self) -> LedgerTable:
        """Every row, in J."""
        rows = [(name, value, "J") for name, value in self._stores.items()]
        rows += [("total", self.total, "J"), ("supplied", self._supplied, "J"), ("drift", self.drift, "")]
        return LedgerTable(tuple(rows))

    def plot(self) -> Figure:
        """The stores at the beginning and now, side by side."""
        from plotly import graph_objects as go

        opening = self._opening or self._stores
        names = list(STORES)
        figure = go.Figure(
            [
                go.Bar(name="beginning", x=names, y=[opening[n] for n in names], marker_color="#9aa5b1"),
                go.Bar(name="now", x=names, y=[self._stores[n] for n in names], marker_color="#0072b2"),
            ]
        )
        figure.update_layout(
            barmode="group",
            yaxis_title="energy / J",
            title=f"ledger: drift {self.drift:.1e}",
            template="plotly_white",
            height=320,
            margin={"l": 60, "r": 20, "t": 50, "b": 40},
        )
        return figure

    def to_dict(self) -> dict[str, Any]:
        """What a checkpoint needs to go on with the books."""
        return {
            "opening": self._opening,
            "stores": self._stores,
            "supplied": self._supplied,
            "scale": self._scale,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Ledger:
        """Books as they were saved."""
        ledger = cls()
        ledger._opening = None if data["opening"] is None else {n: float(data["opening"][n]) for n in STORES}
        ledger._stores = {n: float(data["stores"][n]) for n in STORES}
        ledger._supplied, ledger._scale = float(data["supplied"]), float(data["scale"])
        return ledger
