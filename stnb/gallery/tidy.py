"""What a committed notebook carries: its text, its outputs, and nothing that changes from run to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stnb.gallery.reading import Notebook

__all__ = ["strip"]

WIDGET = "application/vnd.jupyter.widget-view+json"
STILLS = ("image/png", "image/svg+xml", "text/html")
KEPT_CELL_METADATA = ("tags", "slideshow", "nbmake")
KEPT_METADATA = ("kernelspec", "stnb", "title")
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}


def strip(notebook: Notebook) -> Notebook:
    """A copy without timings, widget state, flags and version numbers; outputs and cell ids stay.

    A widget that brought a still picture is reduced to it: its live model died with its kernel. Executed
    cells are numbered in order.
    """
    kept = {key: notebook["metadata"][key] for key in KEPT_METADATA if key in notebook["metadata"]}
    metadata = {**kept, "kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    cells, count = [], 0
    for cell in notebook["cells"]:
        executed = cell["cell_type"] == "code" and cell.get("execution_count") is not None
        count += executed
        cells.append(_strip_cell(cell, count if executed else None))
    return {**notebook, "metadata": metadata, "cells": cells}


def _strip_cell(cell: dict[str, Any], count: int | None) -> dict[str, Any]:
    kept = {key: value for key, value in cell["metadata"].items() if key in KEPT_CELL_METADATA}
    tidy = {**cell, "metadata": kept}
    if cell["cell_type"] == "code":
        tidy["execution_count"] = count
        tidy["outputs"] = [_strip_output(output, count) for output in cell["outputs"]]
    return tidy


def _strip_output(output: dict[str, Any], count: int | None) -> dict[str, Any]:
    tidy = {key: value for key, value in output.items() if key != "transient"}
    if "execution_count" in tidy:
        tidy["execution_count"] = count
    data = output.get("data", {})
    if WIDGET in data and any(kind in data for kind in STILLS):
        tidy["data"] = {kind: content for kind, content in data.items() if kind != WIDGET}
    return tidy
