"""A watch as a table for notebooks."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb.session.watch.plot import BAND_COLOURS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stnb.session.watch.watch import Watch

__all__ = ["band_bar", "watch_table"]

RIGHT = "style='text-align:right'"
LEFT = "style='text-align:left'"
TITLES = ("layer", "‖g‖", "above, here, beneath", "drift")
SHOWN = 24
WIDTH = 120


def watch_table(watch: Watch) -> str:
    """The latest step above, one row a layer with its bands as a bar, and the advice beneath."""
    history = watch.history
    caption = html.escape(f"watch on {type(watch.model).__name__}: {_latest(history.tail(1000))}")
    table = watch.latest_layers()
    body = "".join(_row(name, values) for name, values in list(table.items())[:SHOWN])
    hidden = len(table) - SHOWN
    more = f"<tr><td colspan='4' {LEFT}>and {hidden} layers more</td></tr>" if hidden > 0 else ""
    head = "".join(f"<th scope='col'>{title}</th>" for title in TITLES)
    foot = "".join(f"<tr><td colspan='4' {LEFT}>{html.escape(line)}</td></tr>" for line in _remarks(watch))
    return (
        f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}{more}</tbody><tfoot>{foot}</tfoot></table>"
    )


def band_bar(values: Mapping[str, float]) -> str:
    """The shares of ‖g‖² in the three bands, as colours and in words.

    >>> band_bar({"above": 0.0, "here": 1.0, "beneath": 0.0})[:58]
    "<span role='img' aria-label='above 0 %, here 100 %, beneat"
    """
    energies = {name: values[name] ** 2 for name in BAND_COLOURS}
    total = sum(energies.values())
    if not total > 0:
        return "–"
    shares = {name: energy / total for name, energy in energies.items()}
    words = ", ".join(f"{name} {share:.0%}".replace("%", " %") for name, share in shares.items())
    blocks = "".join(
        f"<span style='display:inline-block;height:0.8em;width:{share * WIDTH:.0f}px;"
        f"background:{BAND_COLOURS[name]}'></span>"
        for name, share in shares.items()
    )
    return f"<span role='img' aria-label='{words}' title='{words}'>{blocks}</span>"


def _row(name: str, values: Mapping[str, float]) -> str:
    return (
        f"<tr><th scope='row' {LEFT}>{html.escape(name)}</th><td {RIGHT}>{_number(values['grad_norm'])}</td>"
        f"<td {LEFT}>{band_bar(values)}</td><td {RIGHT}>{_number(values['drift'])}</td></tr>"
    )


def _latest(rows: Mapping[str, np.ndarray]) -> str:
    """Step, loss, time and memory as they are known last."""
    if not len(rows["step"]):
        return "no step yet"
    told = {name: values[~np.isnan(values)] for name, values in rows.items() if name != "step"}
    known = {name: values[-1].item() for name, values in told.items() if len(values)}
    words = [f"step {rows['step'][-1]}"]
    units = (("loss", "loss", ""), ("step_ms", "time", " ms"), ("memory_mb", "memory", " MB"))
    words += [f"{label} {known[name]:.4g}{unit}" for name, label, unit in units if name in known]
    return ", ".join(words)


def _remarks(watch: Watch) -> list[str]:
    lines = [str(advice) for advice in watch.advice()] or ["no advice"]
    if watch.frozen:
        lines.append("frozen: " + ", ".join(watch.frozen))
    if watch.tied:
        lines.append("tied: " + ", ".join(f"{name} = {other}" for name, other in watch.tied.items()))
    return lines


def _number(value: Any) -> str:
    return "–" if math.isnan(value) else f"{value:.3g}"
