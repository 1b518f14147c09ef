"""A transport that keeps what was sent, a clock that tests turn, and the built front-end sources."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

JS = Path(__file__).parents[2] / "widgets" / "js"
NPM_CI = ("ci", "--prefer-offline", "--no-audit", "--no-fund")


@dataclass
class Clock:
    """Seconds that pass only when told to."""

    now: float = 100.0

    def __call__(self):
        return self.now

    def tick(self, seconds):
        self.now += seconds


@dataclass
class Wire:
    """Stands in for the comm of a widget: the messages sent, with their buffers as they were handed over."""

    messages: list = field(default_factory=list)
    kernel: object = "alive"
    comm_id: str = "wire"

    def send(self, data, buffers=None, **_):
        self.messages.append((data, list(buffers or [])))

    def close(self, *_, **__):
        self.kernel = None

    @property
    def frames(self):
        return [(data["content"], buffers) for data, buffers in self.messages if data["method"] == "custom"]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cloud():
    """Builds Points of n particles in a box of side 31, the same for the same seed."""
    from stnb_widgets import Points

    def build(n=50, step=1, seed=0, **change):
        rng = np.random.default_rng(seed)
        fields = {
            "step": step,
            "time": 0.01 * step,
            "positions": rng.uniform(0, 31, (n, 3)),
            "attributes": {"speed": rng.exponential(size=n), "heat": rng.normal(size=n)},
            "status": "energy drift 3e-7",
        }
        return Points(**{**fields, **change})

    return build


@pytest.fixture
def atlas(monkeypatch):
    """An Atlas with two attributes and one slider whose messages land in `atlas.wire`."""
    monkeypatch.setenv("STNB_HOST", "local")
    from stnb_widgets import Atlas, Slider

    widget = Atlas(
        box=((0, 0, 0), (31, 31, 31)),
        attributes={"speed": "m/s", "heat": "J"},
        colour="speed",
        controls=[Slider("dt", label="time step", value=0.01, low=1e-4, high=0.1, unit="s", log=True)],
        title="1,000 particles under their own gravity",
    )
    widget.wire = widget._wire = Wire()
    yield widget
    widget.close()


@pytest.fixture
def say():
    """Sends one message as the browser would."""

    def send(widget, **content):
        widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})

    return send


def npm(folder, *arguments, **environment):
    """Run npm in `folder`; the tail of its output is the failure message."""
    import os

    command = [shutil.which("npm"), *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, f"npm {' '.join(arguments)}:\n{(done.stdout + done.stderr)[-4000:]}"
    return done.stdout


@pytest.fixture(scope="session")
def js_folder(tmp_path_factory):
    """widgets/js with its tools: in place when they are installed, in a copy otherwise."""
    if (JS / "node_modules" / ".bin" / "esbuild").exists():
        return JS
    copy = tmp_path_factory.mktemp("widgets")
    ignored = shutil.ignore_patterns("node_modules", "build")
    shutil.copytree(JS, copy / "js", ignore=ignored)
    shutil.copytree(JS.parent / "stnb_widgets" / "static", copy / "stnb_widgets" / "static")
    npm(copy / "js", *NPM_CI)
    return copy / "js"
