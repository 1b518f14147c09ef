"""Run a notebook from a copy of its folder, in a kernel of this very interpreter."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stnb._core.errors import MissingExtraError, StnbError
from stnb.gallery.replays import FOLDER, REPORT

if TYPE_CHECKING:
    from stnb.gallery.reading import Notebook

__all__ = ["NotebookError", "Run", "execute"]

QUIET = {"TQDM_DISABLE": "1"}
LAST_WORDS = "from stnb.gallery.replays import finish as _finish\n\n_finish()"


class NotebookError(StnbError, RuntimeError):
    """A notebook failed, or breaks a rule of the gallery."""


@dataclass(frozen=True)
class Run:
    """An executed notebook and what it took.

    Attributes:
        notebook: as it is after the run.
        seconds: from the start of the kernel to the end of the last cell.
        peak_mb: largest resident memory of the kernel and its children.
        replays: model id → HTML of every live widget; empty unless asked for.
    """

    notebook: Notebook
    seconds: float
    peak_mb: float = 0.0
    replays: dict[str, str] = field(default_factory=dict, repr=False)


def execute(path: Path, *, cell_timeout_s: int = 300, replays: bool = False) -> Run:
    """Run every cell of the notebook at `path`; the original and its folder stay as they are.

    Args:
        path: the notebook.
        cell_timeout_s: seconds that a cell may take.
        replays: also keep what its live widgets have shown.

    Raises:
        NotebookError: when a cell raises or runs longer than `cell_timeout_s`.
        MissingExtraError: without the packages of `stnb[lab]`.
    """
    try:
        import nbformat
        from nbclient.exceptions import CellExecutionError, CellTimeoutError
    except ImportError as error:
        raise MissingExtraError(f"running notebooks needs {error.name}; pip install 'stnb[lab]'") from error

    notebook: Any = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(LAST_WORDS, id="stnb-last-words"))
    last = len(notebook.cells) - 1
    with tempfile.TemporaryDirectory(prefix="stnb-gallery-") as scratch:
        folder, stage = Path(scratch) / path.parent.name, Path(scratch) / ".replays"
        shutil.copytree(path.parent, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        stage.mkdir()
        ended: list[float] = []
        client = _client(notebook, folder, cell_timeout_s)
        client.on_cell_start = lambda cell_index, **_: (
            ended.append(time.perf_counter()) if cell_index == last else None
        )
        environment = {**os.environ, **QUIET, FOLDER: str(stage) if replays else ""}
        start = time.perf_counter()
        try:
            client.execute(cleanup_kc=True, env=environment)
        except (CellExecutionError, CellTimeoutError) as error:
            raise NotebookError(f"{path.name} failed: {error}") from error
        kept = {file.stem: file.read_text(encoding="utf-8") for file in sorted(stage.glob("*.html"))}
    report = _report(notebook.cells.pop())
    return Run(_plain(notebook), ended[0] - start, report["peak_mb"], kept)


def _client(notebook: Any, folder: Path, cell_timeout_s: int) -> Any:
    try:
        from jupyter_client.manager import AsyncKernelManager
        from nbclient import NotebookClient
    except ImportError as error:
        raise MissingExtraError(f"running notebooks needs {error.name}; pip install 'stnb[lab]'") from error

    manager = AsyncKernelManager(kernel_name="python3")
    if manager.kernel_spec is None:
        raise MissingExtraError("running notebooks needs ipykernel; pip install 'stnb[lab]'")
    manager.kernel_spec.argv[0] = sys.executable
    return NotebookClient(
        notebook,
        km=manager,
        timeout=cell_timeout_s,
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,
    )


def _report(cell: Any) -> dict[str, Any]:
    """What the kernel said at its end."""
    return next(output.data[REPORT] for output in cell.outputs if REPORT in output.get("data", {}))


def _plain(node: Any) -> Any:
    """Plain dictionaries and lists in place of nbformat's nodes."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(value) for value in node] if isinstance(node, list) else node
