"""A real JupyterLab with a private life, and a real browser that looks at it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.capabilities import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

START_S = 90
NEWS = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
SIMULATORS = ("NUMBA_ENABLE_CUDASIM", "TRITON_INTERPRET")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
LOCAL_HOST = "127.0.0.1"
FAILURE = re.compile(r"Traceback \(most recent call last\)|^\[[EC] |\b(?:ERROR|CRITICAL)\b", re.MULTILINE)
HUNG_UP = re.compile(
    r"^tornado\.(?:websocket\.WebSocketClosedError|iostream\.StreamClosedError)", re.MULTILINE
)


def failures_in(lines: list[str]) -> list[str]:
    """Errors with their tracebacks, except those of a server that was writing when the page hung up."""
    found, place = [], 0
    while place < len(lines):
        end = place + 1
        if FAILURE.search(lines[place]):
            while end < len(lines) and ("Traceback" in lines[end] or lines[end].startswith((" ", "\t"))):
                end += 1
            if "Traceback" in "".join(lines[place:end]):
                end += 1
            block = "".join(lines[place:end])
            if not HUNG_UP.search(block):
                found.append(block)
        place = end
    return found


class Lab:
    """A running JupyterLab; everything that it and its kernels print is kept in `log`."""

    def __init__(self, process: subprocess.Popen[str], port: int, root: Path) -> None:
        self._process = process
        self.root = root
        self.address = f"http://{LOCAL_HOST}:{port}"
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            with self._news:
                self._lines.append(line)
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    @property
    def log(self) -> str:
        """What the server and its kernels printed so far."""
        return "".join(self._lines)

    def failures(self, since: int = 0) -> list[str]:
        """What the log, from line number `since` on, says of errors, each with its traceback."""
        return failures_in(self._lines[since:])

    @property
    def length(self) -> int:
        """How many lines the log has so far."""
        return len(self._lines)

    def wait_until_ready(self) -> None:
        """Return once the server answers requests."""
        self.wait_for_log("is running at")

    def wait_for_log(self, text: str) -> None:
        """Return once a line of the log holds `text`."""
        with self._news:
            found = self._news.wait_for(lambda: self._ended or text in self.log, START_S)
        if not found or text not in self.log:
            message = f"JupyterLab did not print {text!r} within {START_S} s:\n{self.log}"
            raise RuntimeError(message)

    def stop(self) -> None:
        """End the server and its kernels."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(5)
        if self._process.stdout:
            self._process.stdout.close()


@contextmanager
def running_lab(scratch: Path) -> Iterator[Lab]:
    """JupyterLab on an empty folder; its settings, runtime files and history live under `scratch` too."""
    root = scratch / "root"
    root.mkdir(parents=True)
    port = _free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--ip={LOCAL_HOST}", f"--port={port}"]
    command += [
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",
    ]
    command += ["--LabApp.expose_app_in_browser=True", "--allow-root", f"--ServerApp.root_dir={root}"]
    process = subprocess.Popen(
        command,
        cwd=root,
        env=_private_environment(scratch),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    lab = Lab(process, port, root)
    try:
        lab.wait_until_ready()
        yield lab
    finally:
        lab.stop()


def _private_environment(scratch: Path) -> dict[str, str]:
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    names += ("JUPYTERLAB_WORKSPACES_DIR", "JUPYTERLAB_SETTINGS_DIR")
    private = {name: str(scratch / name.lower()) for name in names}
    settings = scratch / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(NEWS), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if name not in SIMULATORS}
    return {**kept, **private, "PYTHONUNBUFFERED": "1"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCAL_HOST, 0))
        return probe.getsockname()[1]


@contextmanager
def running_browser(*flags: str) -> Iterator[Browser]:
    """A headless Chromium that draws WebGL in software, with more flags if need be."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*CHROMIUM_FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


class Watch:
    """What went wrong in a page, and which hosts it spoke to."""

    def __init__(self, page: Page) -> None:
        self.problems: list[str] = []
        self.hosts: set[str] = set()
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        page.on("console", self._console)
        page.on("request", lambda request: self._host(request.url))
        page.on("websocket", lambda websocket: self._host(websocket.url))
        page.on("requestfailed", self._failed)

    def _console(self, message) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _failed(self, request) -> None:
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"request failed: {request.url} ({request.failure})")

    def _host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"}:
            self.hosts.add(parts.hostname or "")
