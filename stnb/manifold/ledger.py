"""The ledger: where every joule is, how it moved, what went in and out, and what does not add up.

    stores    kinetic ½Σmv², gravitational ½Σmφ, thermal ΣQ, oscillator ΣE, elastic Σ½Yδ²
    flows     drag, walls, contacts, limiter: kinetic → thermal;  pressure: thermal → kinetic
    in, out   supplied, pump, topdown in;  radiation out;  projection: what pushing overlapping particles apart costs
    residual  = total − (supplied + pump + topdown − radiation + projection)

A flow moves energy from one store to another, so it leaves the total alone. An oscillator's energy becomes its
particle's heat; both are stores. `supplied` is the total at the beginning plus all that came from outside since:
injected particles, and the potential energy that a changed setting made or took. The pump drives every oscillator, and
crystallized carriers feed the oscillators that they remember (topdown). `projection` is the work −Σm·a·d of
displacements d that are no motion, so that no force paid for it. What remains is the residual: the error of the
integrator and of rounding. The drift is the residual over the largest kinetic + |gravitational| energy of the run.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plotly.graph_objects import Figure

__all__ = ["FLOWS", "SOURCES", "STORES", "Ledger", "LedgerTable"]

STORES = ("kinetic", "gravitational", "thermal", "oscillator", "elastic")
SOURCES = ("pump", "topdown")
FLOWS = ("drag", "pressure", "walls", "contacts", "radiation", "projection", "limiter", *SOURCES)

ROUTES = {
    "drag": "kinetic → thermal",
    "pressure": "thermal → kinetic",
    "walls": "kinetic → thermal",
    "contacts": "kinetic → thermal",
    "limiter": "kinetic → thermal",
    "radiation": "thermal → outside",
    "projection": "contacts → gravitational",
    "pump": "outside → oscillator",
    "topdown": "outside → oscillator",
}
SUPPLIED = "outside → all stores"
GREY, BLUE, ORANGE = "#9aa5b1", "#0072b2", "#d55e00"


@dataclass(frozen=True)
class LedgerTable:
    """Rows of a ledger (name, value, unit, what it is), printed as text and as HTML."""

    rows: tuple[tuple[str, float, str, str], ...]

    def __str__(self) -> str:
        width = max(len(name) for name, *_ in self.rows)
        lines = (
            f"{name:<{width}}  {value: .6e} {unit:<2} {note}".rstrip()
            for name, value, unit, note in self.rows
        )
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        left = "style='text-align:left'"
        body = "".join(
            f"<tr><td {left}>{html.escape(name)}</td><td>{value:.6g}</td><td {left}>{unit}</td>"
            f"<td {left}>{html.escape(note)}</td></tr>"
            for name, value, unit, note in self.rows
        )
        return f"<table><caption>ledger</caption>{body}</table>"


class Ledger:
    """The books of one run."""

    def __init__(self) -> None:
        self._stores: dict[str, float] = dict.fromkeys(STORES, 0.0)
        self._flows: dict[str, float] = dict.fromkeys(FLOWS, 0.0)
        self._opening: dict[str, float] | None = None
        self._supplied = 0.0
        self._scale = 0.0

    @property
    def stores(self) -> dict[str, float]:
        """Energy in each store, in J."""
        return dict(self._stores)

    @property
    def flows(self) -> dict[str, float]:
        """What has flowed along each route since the beginning, in J."""
        return dict(self._flows)

    @property
    def total(self) -> float:
        """Energy in all stores, in J."""
        return sum(self._stores.values())

    @property
    def supplied(self) -> float:
        """Energy at the beginning and everything put in since, in J."""
        return self._supplied

    @property
    def residual(self) -> float:
        """What does not add up, in J."""
        entered = self._supplied + sum(self._flows[name] for name in SOURCES)
        return self.total - (entered - self._flows["radiation"] + self._flows["projection"])

    @property
    def drift(self) -> float:
        """The residual relative to the largest kinetic + |gravitational| energy of the run."""
        return self.residual / (self._scale or 1.0)

    def post(self, stores: Mapping[str, float], flows: Mapping[str, float]) -> None:
        """Book the stores after a step, and the flows since the beginning."""
        self._stores = {name: stores[name] for name in STORES}
        self._flows = {name: flows[name] for name in FLOWS}
        if self._opening is None:
            self._opening = dict(self._stores)
            self._supplied = self.total
        self._scale = max(self._scale, stores["kinetic"] + abs(stores["gravitational"]))

    def supply(self, stores: Mapping[str, float]) -> None:
        """Book a change from outside: the stores jump to these, and the difference counts as supplied."""
        before = self.total
        self.post(stores, self._flows)
        self._supplied += self.total - before

    def table(self) -> LedgerTable:
        """Every row: stores, flows since the beginning, and the balance."""
        rows = [(name, value, "J", "store") for name, value in self._stores.items()]
        rows += [("total", self.total, "J", "sum of the stores")]
        rows += [(name, self._flows[name], "J", ROUTES[name]) for name in ROUTES]
        rows += [("supplied", self._supplied, "J", SUPPLIED)]
        rows += [
            ("residual", self.residual, "J", "total − supplied − pump − topdown + radiation − projection")
        ]
        rows += [("drift", self.drift, "", "residual / max(kinetic + |gravitational|)")]
        return LedgerTable(tuple(rows))

    def plot(self) -> Figure:
        """The stores at the beginning and now, and what flowed between them."""
        from plotly import graph_objects as go
        from plotly.subplots import make_subplots

        opening = self._opening or self._stores
        stores, flows = list(STORES), [*ROUTES, "residual"]
        moved = [*(self._flows[name] for name in ROUTES), self.residual]
        figure = make_subplots(rows=1, cols=2, subplot_titles=("stores", "flows since the beginning"))
        bars = (
            (go.Bar(name="beginning", x=stores, y=[opening[n] for n in stores], marker_color=GREY), 1),
            (go.Bar(name="now", x=stores, y=[self._stores[n] for n in stores], marker_color=BLUE), 1),
            (go.Bar(name="flows", x=flows, y=moved, marker_color=ORANGE, showlegend=False), 2),
        )
        for bar, column in bars:
            figure.add_trace(bar, row=1, col=column)
        figure.update_layout(
            barmode="group",
            title=f"ledger: drift {self.drift:.1e}",
            template="plotly_white",
            height=360,
            margin={"l": 60, "r": 20, "t": 70, "b": 60},
            legend={"orientation": "h", "x": 0, "y": -0.25},
        )
        figure.update_yaxes(title_text="energy / J", col=1)
        return figure

    def to_dict(self) -> dict[str, Any]:
        """What a checkpoint needs to go on with the books."""
        return {
            "opening": self._opening,
            "stores": self._stores,
            "flows": self._flows,
            "supplied": self._supplied,
            "scale": self._scale,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Ledger:
        """Books as they were saved."""
        ledger = cls()
        ledger._opening = None if data["opening"] is None else {n: float(data["opening"][n]) for n in STORES}
        ledger._stores = {n: float(data["stores"][n]) for n in STORES}
        ledger._flows = {n: float(data["flows"][n]) for n in FLOWS}
        ledger._supplied, ledger._scale = float(data["supplied"]), float(data["scale"])
        return ledger
