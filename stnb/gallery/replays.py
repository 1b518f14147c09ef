"""Inside a notebook's kernel, once its last cell has run: what its widgets have shown, and how much memory it took.

`execute` appends a cell that calls `finish` and takes it away again; nobody else needs this module.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "REPORT", "finish", "peak_mb", "write_fragments"]

FOLDER = "STNB_REPLAYS"
REPORT = "application/vnd.stnb.run+json"


def finish() -> None:
    """Write the replays into the folder that `STNB_REPLAYS` names, if any, and display what the run took."""
    from IPython.display import display

    report: dict[str, Any] = {"peak_mb": peak_mb()}
    folder = os.environ.get(FOLDER)
    if folder:
        report["replays"] = write_fragments(Path(folder))
    display({REPORT: report}, raw=True)


def write_fragments(folder: Path) -> list[str]:
    """One `<model id>.html` for every open live widget that has shown a frame, and every box of such widgets.

    Returns:
        The model ids.
    """
    written = []
    for name, widgets in sorted(_shows().items()):
        from stnb_widgets.page import page_fragment

        layout = "column" if len(widgets) == 1 else "grid"
        (folder / f"{name}.html").write_text(page_fragment(widgets, layout=layout), encoding="utf-8")
        written.append(name)
    return written


def peak_mb() -> float:
    """Largest resident memory of this process so far, plus that of each child that is alive, in megabytes.

    Children that have ended are left out: the system counts their parent's memory as theirs.
    """
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    own = _peak_of("self") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return (own + sum(map(_peak_of, _children("self")))) / 1e6


def _shows() -> dict[str, list[Any]]:
    """Model id → the live widgets inside that have shown a frame; nothing is imported to find out that there are none."""
    base, registry = sys.modules.get("stnb_widgets.base"), sys.modules.get("ipywidgets.widgets.widget")
    if base is None or registry is None:
        return {}
    found = {name: _live(widget, base.LiveWidget) for name, widget in dict(registry._instances).items()}
    return {name: live for name, live in found.items() if live}


def _live(widget: Any, kind: type) -> list[Any]:
    """The widget itself, or what a box holds, from the top."""
    if isinstance(widget, kind):
        return [widget] if widget.film() else []
    return [live for child in getattr(widget, "children", ()) for live in _live(child, kind)]


def _peak_of(process: str) -> int:
    """Peak resident bytes of a process as Linux tells them; 0 where it does not."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def _children(process: str) -> list[str]:
    """Process ids of all descendants that are alive."""
    found: list[str] = []
    for tasks in sorted(Path(f"/proc/{process}/task").glob("*/children")):
        try:
            direct = tasks.read_text(encoding="utf-8").split()
        except OSError:
            continue
        for child in direct:
            found += [child, *_children(child)]
    return found
