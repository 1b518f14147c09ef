"""Run a notebook from a copy of its folder, in a kernel of this very interpreter."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stnb._core.errors import MissingExtraError, StnbError

if TYPE_CHECKING:
    from stnb.gallery.reading import Notebook

__all__ = ["NotebookError", "Run", "execute"]

QUIET = {"TQDM_DISABLE": "1"}


class NotebookError(StnbError, RuntimeError):
    """A notebook failed, or breaks a rule of the gallery."""


@dataclass(frozen=True)
class Run:
    """An executed notebook and how long it took, kernel start included."""

    notebook: Notebook
    seconds: float


def execute(path: Path, *, cell_timeout_s: int = 300) -> Run:
    """Run every cell of the notebook at `path`; the original and its folder stay as they are.

    Raises:
        NotebookError: when a cell raises or runs longer than `cell_timeout_s`.
        MissingExtraError: without the packages of `stnb[lab]`.
    """
    try:
        import nbformat
        from jupyter_client.manager import AsyncKernelManager
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError
    except ImportError as error:
        raise MissingExtraError(f"running notebooks needs {error.name}; pip install 'stnb[lab]'") from error

    notebook: Any = nbformat.read(path, as_version=4)
    manager = AsyncKernelManager(kernel_name="python3")
    if manager.kernel_spec is None:
        raise MissingExtraError("running notebooks needs ipykernel; pip install 'stnb[lab]'")
    manager.kernel_spec.argv[0] = sys.executable
    with tempfile.TemporaryDirectory(prefix="stnb-gallery-") as scratch:
        folder = Path(scratch) / path.parent.name
        shutil.copytree(path.parent, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        client = NotebookClient(
            notebook,
            km=manager,
            timeout=cell_timeout_s,
            resources={"metadata": {"path": str(folder)}},
            store_widget_state=False,
            record_timing=False,
        )
        start = time.perf_counter()
        try:
            client.execute(cleanup_kc=True, env={**os.environ, **QUIET})
        except (CellExecutionError, CellTimeoutError) as error:
            raise NotebookError(f"{path.name} failed: {error}") from error
        seconds = time.perf_counter() - start
    return Run(_plain(notebook), seconds)


def _plain(node: Any) -> Any:
    """Plain dictionaries and lists in place of nbformat's nodes."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(value) for value in node] if isinstance(node, list) else node
