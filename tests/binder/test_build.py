"""repo2docker renders our image, and everything in it that needs no Docker and no conda runs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.checkouts import clean_environment, copy_checkout

pytestmark = pytest.mark.binder


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return copy_checkout(tmp_path_factory.mktemp("binder") / "checkout")


def test_the_image_is_ours(checkout):
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(checkout)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    image = run.stdout + run.stderr
    assert "Building conda environment for python=3.11" in image
    assert '--file "binder/environment.yml"' in image
    assert "RUN ./binder/postBuild" in image
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in image
    assert image.index("COPY --chown=0:0 src/binder/environment.yml") < image.index("COPY --chown=0:0 src/ ")


@pytest.fixture(scope="module")
def built(checkout, tmp_path_factory):
    """The environment variables of an image on which postBuild has run."""
    prefix = tmp_path_factory.mktemp("prefix") / "env"
    python = clean_environment(prefix)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("NUMBA_", "TRITON_", "STNB_", "PYTHON"))
    }
    variables = {
        **kept,
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "NB_PYTHON_PREFIX": str(prefix),
    }
    run = subprocess.run(
        [checkout / "binder" / "postBuild"],
        cwd=checkout,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return variables, prefix / "share" / "stnb" / "numba"


def started(built, checkout, code):
    """What `code` prints when Python runs as a kernel of the started image would."""
    command = [checkout / "binder" / "start", "python", "-c", code]
    folder = checkout / "notebooks"
    return subprocess.run(
        command, cwd=folder, env=built[0], capture_output=True, text=True, check=True
    ).stdout


def test_a_launch_finds_the_installed_package_and_its_host(built, checkout):
    code = "import os, stnb; print(os.environ['STNB_HOST'], stnb.__file__)"
    host, file = started(built, checkout, code).split()
    assert host == "binder"
    assert file.startswith(built[0]["NB_PYTHON_PREFIX"])


def test_a_launch_compiles_nothing(built, checkout):
    _, cache = built
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb?")}
    assert before, "postBuild left no compiled kernels behind"
    started(built, checkout, "import stnb; stnb.ManifoldSession(seed=1).step(2)")
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb?")} == before
