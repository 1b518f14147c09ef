"""What a live widget costs: offer() by size, and a simulation's speed under three kinds of reader.

    python widgets/bench/offer_cost.py [--seconds 2] [--rounds 3]

Everything runs in a real kernel behind a real jupyter_server; the "browser" is a websocket client that reads
and acknowledges, reads nothing, or is not there. Nothing is drawn.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import websocket

if TYPE_CHECKING:
    from collections.abc import Iterator

IN_KERNEL = '''
import json, threading, time
import numpy as np
from stnb_widgets import Atlas, Points

def cloud(n):
    rng = np.random.default_rng(0)
    return Points(1, 0.0, rng.uniform(0, 31, (n, 3)), {"speed": rng.exponential(size=n)})

def offer_costs(sizes):
    rows = {}
    for n in sizes:
        atlas = Atlas(attributes={"speed": "m/s"})
        points, wall, busy = cloud(n), [], []
        for _ in range(40 if n > 200_000 else 150):
            start, worked = time.perf_counter(), time.thread_time()
            atlas.offer(points)
            busy.append(1e3 * (time.thread_time() - worked))
            wall.append(1e3 * (time.perf_counter() - start))
            time.sleep(0.002)
        atlas.close()
        rows[n] = [float(np.median(wall)), float(np.percentile(wall, 99)), float(np.median(busy))]
    return rows

class Run:
    """Plays a session of `n` particles for some seconds, with or without its view."""
    def __init__(self, n, seconds, watch):
        import stnb
        self.seconds = seconds
        self.session = stnb.ManifoldSession(particles=n, grid=32, contact_model="none")
        self.session.step(3)
        self.atlas = self.session.view("atlas") if watch else None
        if self.atlas:
            self.atlas._link.displayed()

    def go(self):
        self.first, self.begun = self.session.step_index, time.perf_counter()
        self.session.play()

    def result(self):
        self.session.pause()
        taken = time.perf_counter() - self.begun
        rate = (self.session.step_index - self.first) / taken
        stats = self.atlas.stats if self.atlas else None
        if self.atlas:
            self.atlas.close()
        self.session.close()
        if not stats:
            return [rate, 0, 0, "-", 0]
        return [rate, stats.sent, stats.bytes_sent / 1e6, stats.mode, stats.errors]
'''


class Client:
    """One websocket to a kernel, in the server's default framing."""

    def __init__(self, base: str, kernel: str) -> None:
        self.session = uuid.uuid4().hex
        url = f"{base.replace('http', 'ws')}/api/kernels/{kernel}/channels?session_id={self.session}"
        self.socket = websocket.create_connection(url, timeout=60)

    def send(self, kind: str, content: dict[str, Any]) -> str:
        """Put one message on the shell channel."""
        identity = uuid.uuid4().hex
        header = {
            "msg_id": identity,
            "msg_type": kind,
            "session": self.session,
            "username": "",
            "version": "5.3",
        }
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
        }
        self.socket.send(json.dumps({**message, "buffers": []}))
        return identity

    def receive(self) -> dict[str, Any]:
        """The next message, without its buffers."""
        data = self.socket.recv()
        if isinstance(data, bytes):
            parts = int.from_bytes(data[:4], "big")
            starts = [int.from_bytes(data[4 * i : 4 * i + 4], "big") for i in range(1, parts + 1)]
            data = data[starts[0] : starts[1] if parts > 1 else None]
        return json.loads(data)

    def run(self, code: str) -> str:
        """Execute and return what was printed."""
        identity = self.send("execute_request", {"code": code, "silent": False, "store_history": False})
        printed, still_to_come = "", {"execute_reply", "idle"}
        while still_to_come:
            message = self.receive()
            if message.get("parent_header", {}).get("msg_id") != identity:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                printed += content["text"]
            if kind == "error":
                raise RuntimeError("\n".join(content["traceback"]))
            still_to_come -= {kind, content.get("execution_state", "")}
        return printed

    def tell(self, comm: str, **content: object) -> None:
        """Say something to the widget, as its view would."""
        self.send("comm_msg", {"comm_id": comm, "data": {"method": "custom", "content": content}})

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


@contextlib.contextmanager
def served_kernel() -> Iterator[tuple[str, str, int]]:
    """Address of a private server, id of its kernel, process id of the server."""
    with socket.socket() as probe, tempfile.TemporaryDirectory() as home:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        places = {name: str(Path(home) / name.lower()) for name in names}
        flags = [
            "--no-browser",
            "--ip=127.0.0.1",
            f"--port={port}",
            "--IdentityProvider.token=",
            "--allow-root",
        ]
        flags += ["--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={home}"]
        server = subprocess.Popen(  # noqa: S603 (our own interpreter with flags from above)
            [sys.executable, "-m", "jupyter_server", *flags],
            env={**os.environ, **places, "STNB_HOST": "local"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            base = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 60
            while time.monotonic() < until:
                with contextlib.suppress(OSError):
                    _ask(port, "GET", "/api")
                    break
                time.sleep(0.1)
            yield base, _ask(port, "POST", "/api/kernels")["id"], server.pid
        finally:
            server.terminate()
            server.wait()


def _ask(port: int, method: str, path: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path, body="{}" if method == "POST" else None)
        return json.load(connection.getresponse())


def resident_mb(pid: int) -> float:
    """Resident memory of a process; NaN where /proc is missing."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return float("nan")


def measure(base: str, kernel: str, watch: str, reader: str, options: argparse.Namespace) -> list[Any]:
    """Steps per second and what was sent, with the given reader."""
    client = Client(base, kernel)
    make = f"run = Run({options.particles}, {options.seconds}, {watch!r})"
    comm = client.run(f"{make}\nprint(run.atlas.model_id if run.atlas else '')").strip()
    if comm and reader != "absent":
        client.tell(comm, type="view", view="bench", visible=True, gone=False)
    client.run("run.go()")
    if reader == "reads":
        until = time.monotonic() + options.seconds
        client.socket.settimeout(0.2)
        while time.monotonic() < until:
            with contextlib.suppress(websocket.WebSocketTimeoutException):
                content = client.receive().get("content", {}).get("data", {})
                content = content.get("content", {}) if isinstance(content, dict) else {}
                if content.get("type") == "frame":
                    client.tell(comm, type="ack", seq=content["seq"], view="bench")
    else:
        if reader == "absent":
            client.close()
        time.sleep(options.seconds)
    client.close()
    other = Client(base, kernel)
    result = json.loads(other.run("print(json.dumps(run.result()))"))
    other.close()
    return result


def compare(base: str, kernel: str, pid: int, options: argparse.Namespace) -> None:
    """Every reader in turn, several rounds; a ratio is to the runs without a view just before and after."""
    readers = ("absent", "stalled", "reads")
    rows: dict[str, list[Any]] = {reader: [] for reader in readers}
    bare = []
    for _ in range(options.rounds):
        for reader in readers:
            before = resident_mb(pid)
            around = [measure(base, kernel, "", "absent", options)[0]]
            rate, *rest = measure(base, kernel, "view", reader, options)
            around.append(measure(base, kernel, "", "absent", options)[0])
            bare += around
            rows[reader].append((2 * rate / sum(around), *rest, resident_mb(pid) - before))
    listed = ", ".join(f"{rate:.0f}" for rate in bare)
    print(f"\n{options.particles:,} particles on 32³, steps/s without a view: {listed}")
    print("reader    median ratio     of each round                    frames/s   MB/s   mode     server RSS")
    for reader, results in rows.items():
        ratios, frames, sizes, modes, errors, growth = zip(*results, strict=True)
        every = " ".join(f"{ratio:.2f}" for ratio in ratios)
        rates = f"{median(frames) / options.seconds:>8.1f} {median(sizes) / options.seconds:>6.1f}"
        trouble = f"  {sum(errors)} errors" if any(errors) else ""
        print(
            f"{reader:<8} {median(ratios):>14.3f}   {every:<32} {rates}   {modes[-1]:<8}"
            f" {max(growth):>+6.1f} MB{trouble}"
        )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--particles", type=int, default=20_000)
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load before: {os.getloadavg()[0]:.1f}")
    with served_kernel() as (base, kernel, pid):
        client = Client(base, kernel)
        client.run(IN_KERNEL)
        costs = json.loads(client.run("print(json.dumps(offer_costs([1000, 100_000, 500_000, 1_000_000])))"))
        client.close()
        print("\noffer() with one attribute    median ms    p99 ms   median CPU ms")
        for n, (middle, worst, busy) in costs.items():
            print(f"{int(n):>12,} points {middle:>20.3f} {worst:>9.3f} {busy:>15.3f}")
        compare(base, kernel, pid, options)


if __name__ == "__main__":
    main()
