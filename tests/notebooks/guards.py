"""Running a notebook twice, and what must hold of the two runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import stnb
from stnb.gallery import execute, problems, strip
from stnb.gallery.reading import check_lines, joined, read, write

if TYPE_CHECKING:
    from pathlib import Path

    from stnb.gallery import Entry, Run

# The suite shares two cores with its other worker, and a first run compiles what later runs find cached.
CI_FACTOR = 3.0
WHERE = "import stnb as _stnb; print('stnb from', _stnb.__file__)"


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a notebook, and the figures of its run."""

    problems: list[str]
    seconds: float
    checks: int


def time_factor() -> float:
    """How much slower than its budget a notebook may be here."""
    shared = {"CI", "STNB_REQUIRE", "PYTEST_XDIST_WORKER"} & set(os.environ)
    return CI_FACTOR if shared else 1.0


def try_out(entry: Entry, scratch: Path) -> Verdict:
    """Run a notebook once as users of nbmake do and once as the gallery does, both in copies."""
    through_nbmake = run_nbmake(entry.path, scratch / "nbmake")
    second = execute(with_probe(entry.path, scratch / "probe"))
    found = judge(entry, read(through_nbmake), second, time_factor())
    return Verdict(found, second.seconds, len(check_lines(second.notebook)))


def run_nbmake(path: Path, scratch: Path) -> Path:
    """Execute a copy of the notebook's folder under `pytest --nbmake`; the copy then holds the outputs."""
    folder = scratch / path.parent.name
    shutil.copytree(path.parent, folder)
    settings = scratch / "pytest.ini"
    settings.write_text("[pytest]\n", encoding="utf-8")
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(settings), "-p", "no:cacheprovider"]
    command += ["--nbmake", "--nbmake-kernel=python3", "--overwrite", str(folder / path.name)]
    run = subprocess.run(command, cwd=folder, env=quiet, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        message = f"{path.name} fails under nbmake:\n{run.stdout}{run.stderr}"
        raise AssertionError(message)
    return folder / path.name


def with_probe(path: Path, scratch: Path) -> Path:
    """A copy of the notebook whose last cell tells which stnb it used."""
    shutil.copytree(path.parent, scratch)
    notebook = read(path)
    probe = {"cell_type": "code", "id": "stnb-probe", "metadata": {}, "source": WHERE}
    notebook["cells"].append({**probe, "execution_count": None, "outputs": []})
    write(scratch / path.name, notebook)
    return scratch / path.name


def judge(entry: Entry, first: dict, second: Run, factor: float) -> list[str]:
    """One sentence for each thing that would make a green run mean less than it says."""
    *cells, probe = second.notebook["cells"]
    own = {**second.notebook, "cells": cells}
    printed = "".join(joined(output.get("text", "")) for output in probe["outputs"])
    found = [problem for notebook in (first, own) for problem in problems(strip(notebook))]
    if printed.strip() != f"stnb from {stnb.__file__}":
        found.append(f"used {printed.strip() or 'no stnb'}, and the tests are about {stnb.__file__}")
    if check_lines(first) != check_lines(second.notebook):
        found.append(f"checks differ between runs: {check_lines(first)} and {check_lines(second.notebook)}")
    allowed = entry.budget_s * factor
    if second.seconds > allowed:
        found.append(
            f"ran {second.seconds:.1f} s; {allowed:.0f} s are allowed ({entry.budget_s} s × {factor})"
        )
    return found
