"""Small notebooks for tests that need one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
CHECKS = "print('✓ heat  1e-9  < 1e-3')\nprint('✓ mass  0  = 0')\nprint('✓ steps  10  = 10')"
PICTURE = (
    "from IPython.display import display\n"
    f"display({{'image/png': '{PIXEL}', 'text/plain': 'dot'}}, raw=True,\n"
    "        metadata={'image/png': {'alt': 'One red pixel on a clear ground'}})"
)


DRAWING = (
    "from IPython.display import display\n"
    "display({'image/svg+xml': '<svg xmlns=\"http://www.w3.org/2000/svg\"/>', 'text/plain': 'line'}, raw=True,\n"
    "        metadata={'image/svg+xml': {'alt': 'A drawing with nothing on it'}})"
)


def notebook(*sources: str, markdown: str = "# Tiny\n\nA notebook for tests.") -> dict:
    """A notebook of one Markdown cell and code cells that have not run."""
    cells = [{"cell_type": "markdown", "id": "md", "metadata": {}, "source": markdown}]
    for number, source in enumerate(sources):
        cell = {"cell_type": "code", "id": f"code{number}", "metadata": {}, "source": source}
        cells.append({**cell, "execution_count": None, "outputs": []})
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


def good() -> dict:
    """A notebook that keeps every rule once it has run."""
    return notebook("x = 1 + 1\nx", PICTURE, CHECKS)


def save(folder: Path, name: str, content: dict, *, budget_s: float = 60) -> Path:
    """Write a notebook and its entry in `gallery.toml`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(json.dumps(content), encoding="utf-8")
    with (folder / "gallery.toml").open("a", encoding="utf-8") as file:
        file.write(f'["{name}"]\ntitle = "Tiny <1>"\nquestion = "Is it small?"\n')
        file.write(f'tags = ["test"]\nbudget_s = {budget_s}\n')
    return path


def executed() -> dict:
    """`good()` as it looks after a run and a strip, without running it."""
    ran = good()
    shown = {"image/png": PIXEL, "text/plain": "dot"}
    alt = {"image/png": {"alt": "One red pixel on a clear ground"}}
    lines = "✓ heat  1e-9  < 1e-3\n✓ mass  0  = 0\n✓ steps  10  = 10\n"
    made = [
        {"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": "2"}, "metadata": {}},
        {"output_type": "display_data", "data": shown, "metadata": alt},
        {"output_type": "stream", "name": "stdout", "text": lines},
    ]
    for count, (cell, output) in enumerate(zip(ran["cells"][1:], made, strict=True), start=1):
        cell.update(execution_count=count, outputs=[output])
    ran["metadata"]["language_info"] = {"name": "python"}
    return ran
