"""What a notebook file says, read from its JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Notebook", "check_lines", "code_cells", "joined", "outputs", "read", "texts", "write"]

Notebook = dict[str, Any]


def read(path: Path) -> Notebook:
    """The notebook at `path`."""
    return json.loads(path.read_text(encoding="utf-8"))


def write(path: Path, notebook: Notebook) -> None:
    """Write as Jupyter does: sorted keys, one space of indentation, UTF-8."""
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def joined(text: str | list[str]) -> str:
    """Notebook text, which may be stored as a list of lines."""
    return text if isinstance(text, str) else "".join(text)


def code_cells(notebook: Notebook) -> list[dict[str, Any]]:
    """The code cells that hold code."""
    return [c for c in notebook["cells"] if c["cell_type"] == "code" and joined(c["source"]).strip()]


def outputs(notebook: Notebook) -> Iterator[dict[str, Any]]:
    """Every output, in order."""
    for cell in code_cells(notebook):
        yield from cell.get("outputs", [])


def texts(notebook: Notebook) -> Iterator[tuple[str, str]]:
    """Everything a reader can read, as (where, text): sources, streams, errors and textual results."""
    for number, cell in enumerate(notebook["cells"], start=1):
        yield f"cell {number}", joined(cell["source"])
        for output in cell.get("outputs", []):
            for kind, content in output.get("data", {}).items():
                if kind.startswith("text/"):
                    yield f"{kind} output of cell {number}", joined(content)
            if "text" in output:
                yield f"{output['name']} of cell {number}", joined(output["text"])
            if "traceback" in output:
                yield f"error of cell {number}", "\n".join(output["traceback"])


def check_lines(notebook: Notebook) -> list[str]:
    """The lines that `stnb.check` printed."""
    printed = "".join(joined(o["text"]) for o in outputs(notebook) if o.get("name") == "stdout")
    return [line for line in printed.splitlines() if line.startswith("✓ ")]
