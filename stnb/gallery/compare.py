"""What a re-run changed in a notebook, apart from the cells that were declared to change.

A cell with the tag `volatile` may show something else each time: a date, a speed, the name of a machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb.gallery.reading import joined

if TYPE_CHECKING:
    from stnb.gallery.reading import Notebook

__all__ = ["VOLATILE", "changed_cells", "settled"]

VOLATILE = "volatile"


def changed_cells(before: Notebook, after: Notebook) -> list[int]:
    """Numbers, from 1, of the cells that differ though they are not volatile; all cells where their number changed."""
    old, new = before["cells"], after["cells"]
    if len(old) != len(new):
        return list(range(1, max(len(old), len(new)) + 1))
    return [number for number, pair in enumerate(zip(old, new, strict=True), start=1) if not _alike(*pair)]


def settled(before: Notebook, after: Notebook) -> Notebook:
    """`after`, with the old outputs of volatile cells wherever nothing else than outputs changed in them.

    They are old in `before` and may be new in `after` without meaning anything; so a re-run leaves no difference.
    """
    if changed_cells(before, after):
        return after
    cells = [
        {**new, "outputs": old["outputs"]} if _volatile(new) and old.get("outputs") else new
        for old, new in zip(before["cells"], after["cells"], strict=True)
    ]
    return {**after, "cells": cells}


def _alike(old: dict[str, Any], new: dict[str, Any]) -> bool:
    if joined(old["source"]) != joined(new["source"]) or old["cell_type"] != new["cell_type"]:
        return False
    if _volatile(new):
        return True
    return _shown(old) == _shown(new)


def _volatile(cell: dict[str, Any]) -> bool:
    return VOLATILE in cell["metadata"].get("tags", [])


def _shown(cell: dict[str, Any]) -> list[Any]:
    """Outputs as a reader sees them: text in one piece, and consecutive lines of a stream in one."""
    shown: list[Any] = []
    for output in cell.get("outputs", []):
        plain = {key: value for key, value in output.items() if key not in {"execution_count", "transient"}}
        if "text" in plain:
            plain["text"] = joined(plain["text"])
        if "data" in plain:
            plain["data"] = {kind: _text(content) for kind, content in plain["data"].items()}
        last = shown[-1] if shown else {}
        if "text" in plain and last.get("name") == plain.get("name") and "text" in last:
            shown[-1] = {**last, "text": last["text"] + plain["text"]}
        else:
            shown.append(plain)
    return shown


def _text(content: Any) -> Any:
    return joined(content) if isinstance(content, list) else content
