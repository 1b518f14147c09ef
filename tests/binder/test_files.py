"""The files of `binder/` say what Binder and stnb need, and say it the same way."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
BINDER = ROOT / "binder"
SCRIPTS = ["postBuild", "start"]
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins() -> dict[str, str]:
    """Package name on the Python index -> pinned version, without the interpreter and pip."""
    lines = yaml.safe_load((BINDER / "environment.yml").read_text())["dependencies"]
    split = [line.partition("=") for line in lines]
    return {CONDA_NAMES.get(name, name): version for name, _, version in split if name != "pip"}


def environment() -> dict:
    return yaml.safe_load((BINDER / "environment.yml").read_text())


def test_one_binder_folder_with_these_files():
    assert sorted(path.name for path in BINDER.iterdir()) == ["environment.yml", *SCRIPTS]
    assert not (ROOT / ".binder").exists()


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_can_run(name):
    content = (BINDER / name).read_bytes()
    assert content.startswith(b"#!/usr/bin/env bash\n")
    assert b"\r" not in content
    assert os.access(BINDER / name, os.X_OK)


def test_post_build_stops_at_the_first_failure_and_start_hands_over():
    assert "\nset -euo pipefail\n" in (BINDER / "postBuild").read_text()
    assert (BINDER / "start").read_text().endswith('\nexec "$@"\n')


def test_both_scripts_use_one_cache():
    exports = re.compile(r"^export NUMBA_\w+=.*$", re.MULTILINE)
    shared = [exports.findall((BINDER / name).read_text()) for name in SCRIPTS]
    assert len(shared[0]) == 2
    assert shared[0] == shared[1]


def test_packages_come_from_conda_forge_alone():
    assert environment()["channels"] == ["conda-forge", "nodefaults"]
    assert all(isinstance(line, str) for line in environment()["dependencies"]), (
        "no pip section: it breaks layer caching"
    )


def test_the_interpreter_is_one_that_stnb_supports():
    assert pins()["python"] == "3.11"
    assert "3.11.9" in SpecifierSet(PROJECT["requires-python"])


def test_everything_is_pinned_and_nothing_needs_a_gpu():
    unpinned = [name for name, version in pins().items() if not re.fullmatch(r"\d+(\.\d+)+", version)]
    assert not unpinned
    assert not [name for name in pins() if re.search(r"cuda|nvidia|triton|gpu|^pytorch$", name)]


def test_torch_is_the_tested_one():
    tested = dict(re.findall(r"^([\w-]+)==([\w.]+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    assert pins()["torch"] == tested["torch"]


def test_every_dependency_is_there_and_in_range():
    wanted = [Requirement(line) for line in PROJECT["dependencies"]]
    assert {need.name for need in wanted} <= set(pins())
    lab = [Requirement(line) for line in PROJECT["optional-dependencies"]["lab"]]
    for need in [*wanted, *lab]:
        version = pins()[need.name]
        assert version in need.specifier or f"{version}.99" in need.specifier, (
            f"{need} but Binder has {version}"
        )


def badge_problems(text: str) -> list[str]:
    """What is wrong with the Binder links of a page: each opens an existing file at a branch or tag."""
    problems = []
    for link in re.findall(r"https://mybinder\.org/v2/[^\s)\"'>]+", text):
        parts = urlsplit(link)
        if not re.fullmatch(r"/v2/gh/[\w.-]+/[\w.-]+/(main|HEAD|v\d+\.\d+\.\d+)", parts.path):
            problems.append(f"{link}: want /v2/gh/OWNER/REPOSITORY/REF with REF main, HEAD or vX.Y.Z")
        opened = parse_qs(parts.query).get("urlpath", [""])[0]
        if not (opened.startswith("lab/tree/") and (ROOT / opened.removeprefix("lab/tree/")).is_file()):
            problems.append(f"{link}: urlpath={opened!r} opens no notebook of this checkout")
    return problems


def test_badges_lead_somewhere():
    assert badge_problems((ROOT / "README.md").read_text()) == []
    assert badge_problems("https://mybinder.org/v2/gh/o/r/main?urlpath=lab%2Ftree%2FREADME.md") == []
    assert len(badge_problems("https://mybinder.org/v2/gh/o/r/abc?urlpath=lab/tree/notebooks/no.ipynb")) == 2
