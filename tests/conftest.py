"""One environment for every test: simulated GPUs, spawned processes, checked shapes, honest skips."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import Counter

import pytest

from . import capabilities, shape_hook

SIMULATORS = {"NUMBA_ENABLE_CUDASIM": "1", "TRITON_INTERPRET": "1"}
CAPABILITY = "stnb_capability"


def _prepare_environment() -> None:
    os.environ["TQDM_DISABLE"] = "1"
    # Two workers share the cores. stnb_kernels asks for the same, but torch loads GNU OpenMP too, and may come first.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if capabilities.gpu_visible():
        return
    early = [name for name in ("numba", "triton") if name in sys.modules]
    if early and any(os.environ.get(name) != value for name, value in SIMULATORS.items()):
        message = (
            f"{', '.join(early)} was imported before tests/conftest.py could choose the simulators; "
            f"run with {' '.join(f'{k}={v}' for k, v in SIMULATORS.items())}"
        )
        raise pytest.UsageError(message)
    for name, value in SIMULATORS.items():
        os.environ.setdefault(name, value)


def _load_hypothesis_profile() -> None:
    try:
        from hypothesis import HealthCheck, settings
    except ImportError:
        return
    repeatable = bool(os.environ.get("CI") or os.environ.get("STNB_REQUIRE"))
    slow = [HealthCheck.too_slow]
    settings.register_profile("stnb", deadline=None, suppress_health_check=slow, derandomize=repeatable)
    settings.load_profile("stnb")


_prepare_environment()
_load_hypothesis_profile()
shape_hook.install()


def pytest_configure():
    try:
        capabilities.required()
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    multiprocessing.set_start_method("spawn", force=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("browser") and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("browser"))


def pytest_runtest_setup(item):
    for name in capabilities.MARKERS:
        reason = item.get_closest_marker(name) and capabilities.missing(name)
        if not reason:
            continue
        item.user_properties.append((CAPABILITY, f"{name}: {reason}"))
        if name in capabilities.required():
            pytest.fail(f"STNB_REQUIRE asks for {name}, but {reason}", pytrace=False)
        pytest.skip(f"needs {name}: {reason}")


def pytest_terminal_summary(terminalreporter):
    skipped = Counter(
        value
        for report in terminalreporter.stats.get("skipped", [])
        for key, value in report.user_properties
        if key == CAPABILITY
    )
    listed = "; ".join(f"{count} × {reason}" for reason, count in sorted(skipped.items())) or "none"
    terminalreporter.write_line(f"Skipped for want of a tool: {listed}")
