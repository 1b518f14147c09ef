"""The wheel holds exactly the three packages, and simulates in an environment that never saw the checkout."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from email.parser import HeaderParser

import pytest

from tests.checkouts import ROOT, clean_environment, copy_checkout

pytestmark = pytest.mark.packaging

PACKAGES = {"stnb": "stnb", "stnb_kernels": "kernels/stnb_kernels", "stnb_widgets": "widgets/stnb_widgets"}
MAX_BYTES = 2_000_000


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return copy_checkout(tmp_path_factory.mktemp("packaging") / "checkout")


@pytest.fixture(scope="module")
def wheel(checkout, tmp_path_factory):
    target = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(target),
        str(checkout),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    (built,) = target.glob("stnb-*-py3-none-any.whl")
    return built


@pytest.fixture(scope="module")
def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    python = clean_environment(tmp_path_factory.mktemp("clean") / "venv")
    command = [
        python,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-index",
        "--disable-pip-version-check",
        str(wheel),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return python


def run_outside(python, tmp_path, code):
    """What `code` prints, run as users would: elsewhere, without this suite's simulators."""
    ours = ("PYTHON", "NUMBA_", "TRITON_", "STNB_")
    users = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    command = [python, "-c", code]
    run = subprocess.run(
        command, cwd=tmp_path, env=users, capture_output=True, text=True, check=False, timeout=240
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.split()


def test_three_packages_and_nothing_else(contents):
    tops = {name.partition("/")[0] for name in contents}
    (info,) = (top for top in tops if top.endswith(".dist-info"))
    assert tops == {*PACKAGES, info}
    assert all(f"{package}/py.typed" in contents for package in PACKAGES)
    strays = [
        name for name in contents if {"tests", "js", "node_modules", "__pycache__"} & set(name.split("/"))
    ]
    assert not strays


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_is_there_unchanged(package, contents, checkout):
    folder = checkout / PACKAGES[package]
    digest = {
        f"{package}/{path.relative_to(folder).as_posix()}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
    packed = {
        n: hashlib.sha256(data).hexdigest() for n, data in contents.items() if n.startswith(f"{package}/")
    }
    assert packed == digest


def test_the_built_widgets_are_packed(contents):
    sources = {path.name for path in (ROOT / "widgets" / "js").iterdir() if (path / "index.ts").is_file()}
    bundles = {name.rpartition("/")[2] for name in contents if name.startswith("stnb_widgets/static/")}
    assert bundles >= {f"{name}.js" for name in sources - {"core"}}


def test_metadata(contents):
    texts = {
        name.partition(".dist-info/")[2]: data.decode()
        for name, data in contents.items()
        if ".dist-info/" in name
    }
    metadata = HeaderParser().parsestr(texts["METADATA"])
    assert metadata["Name"] == "stnb"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload().strip() == (ROOT / "README.md").read_text().strip()
    assert texts["licenses/LICENSE"] == (ROOT / "LICENSE").read_text()
    assert "Copyright 2026 The stnb authors" in texts["licenses/LICENSE"]


def test_size(wheel, capsys):
    size = wheel.stat().st_size
    with capsys.disabled():
        print(f"\nwheel: {size / 1000:.0f} kB")
    assert size < MAX_BYTES


def test_the_installed_wheel_is_what_is_imported(python, tmp_path):
    names = ["stnb", "stnb_kernels", "stnb_widgets"]
    code = f"import {', '.join(names)}; print({', '.join(f'{n}.__file__' for n in names)})"
    files = run_outside(python, tmp_path, code)
    assert len(files) == 3
    assert all(file.startswith(str(python.parent.parent)) for file in files)


def test_the_installed_wheel_simulates(python, tmp_path):
    code = "import stnb; s = stnb.ManifoldSession(particles=200, grid=16); s.step(10); "
    steps, drift = run_outside(python, tmp_path, code + "print(len(s.history), s.ledger.drift)")
    assert int(steps) >= 10
    assert abs(float(drift)) < 1e-3
