"""What this machine can test: each capability is present, or missing for a reason that people can act on."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
from pathlib import Path

MARKERS = ("js", "browser", "metal", "binder", "cuda")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def gpu_visible() -> bool:
    """Whether to test on a real NVIDIA GPU. `STNB_TEST_GPU=0` or `=1` overrides what the devices say."""
    forced = os.environ.get("STNB_TEST_GPU", "")
    if forced:
        return forced not in {"0", "no", "false"}
    return any(Path(device).exists() for device in ("/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg"))


def chromium() -> str | None:
    """The path of the first Chromium-like browser on PATH."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def _js() -> str:
    absent = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    return f"{' and '.join(absent)} not on PATH; install Node 20 or newer" if absent else ""


def _browser() -> str:
    if chromium() is None:
        return f"none of {', '.join(CHROMIUM_NAMES)} on PATH; install chromium"
    absent = [name for name in ("playwright", "jupyterlab") if importlib.util.find_spec(name) is None]
    return f"{' and '.join(absent)} not installed; pip install 'stnb[dev]'" if absent else ""


def _metal() -> str:
    return "" if shutil.which("clang++") else "clang++ not on PATH; install clang"


def _binder() -> str:
    return (
        ""
        if importlib.util.find_spec("repo2docker")
        else "repo2docker not installed; pip install 'stnb[dev]'"
    )


def _cuda() -> str:
    return "" if gpu_visible() else "no NVIDIA GPU is visible"


_PROBES = {"js": _js, "browser": _browser, "metal": _metal, "binder": _binder, "cuda": _cuda}


@functools.cache
def missing(capability: str) -> str:
    """Why `capability` cannot be tested here; an empty string when it can."""
    return _PROBES[capability]()


def required() -> frozenset[str]:
    """The capabilities that `STNB_REQUIRE` names: their tests fail instead of being skipped."""
    names = frozenset(filter(None, (part.strip() for part in os.environ.get("STNB_REQUIRE", "").split(","))))
    unknown = names.difference(MARKERS)
    if unknown:
        message = f"STNB_REQUIRE names {', '.join(sorted(unknown))}; known: {', '.join(MARKERS)}"
        raise ValueError(message)
    return names
