"""What a long history costs: 64 channels of 10 million samples, appended in blocks, then looked at.

    python widgets/bench/timeline_scale.py [--samples 10000000] [--channels 64] [--folder /somewhere/large]

Prints the rate of appending, the memory of the process (peak, and anonymous), what lies on the disk, and how long
windows take; 2.6 GB of float32 samples and a third of that in levels are written to a temporary folder.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from stnb_widgets import Pyramid, Timeline

BLOCK = 10_000
PIXELS = 1100


def status(name: str) -> float:
    """Megabytes of a line of /proc/self/status."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in text.splitlines() if line.startswith(name)).split()[1]) / 1024


def frames(timeline: Timeline, shown: int, span: float, repeats: int = 15) -> tuple[float, float, int]:
    """Median and largest milliseconds to make and pack the frame of a window anywhere, and its most bytes."""
    timeline.show_channels(list(timeline.scene["channels"])[:shown])
    last = float(len(timeline.history) - 1)
    times, sizes = [], []
    for first in np.random.default_rng(1).uniform(0, last - span, repeats):
        timeline._sight = timeline._sight.within(first, first + span)
        began = time.perf_counter()
        frame = timeline._compose()
        sizes.append(frame.parcel(1, 200_000).nbytes if frame else 0)
        times.append(1e3 * (time.perf_counter() - began))
    return float(np.median(times)), max(times), max(sizes)


def appended(channels: int, samples: int, folder: str | None) -> tuple[Timeline, float]:
    """A Timeline with its history, and the seconds that it took; sines with noise, and a gap now and then."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(BLOCK, channels)).astype(np.float32)
    noise[rng.random(noise.shape) < 1e-4] = np.nan
    names = {f"channel {i:02d}": "" for i in range(channels)}
    timeline = Timeline(channels=names, folder=folder, dtype=np.float32)
    history: Pyramid = timeline.history
    spent = 0.0
    for at in range(0, samples, BLOCK):
        steps = np.arange(at, at + BLOCK)
        block = noise + np.sin(steps / 5e4, dtype=np.float32)[:, None]
        began = time.perf_counter()
        history.append(steps, block, steps * 1e-3)
        spent += time.perf_counter() - began
    return timeline, spent


def main() -> None:
    """Append, look, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=10_000_000)
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--folder")
    asked = parser.parse_args()
    before = status("VmHWM")
    timeline, spent = appended(asked.channels, asked.samples, asked.folder)
    history = timeline.history
    folder = history.folder
    disk = sum(path.stat().st_size for path in folder.iterdir()) if folder else 0
    print(f"{asked.channels} channels x {len(history):,} samples, {disk / 1e9:.2f} GB on the disk")
    print(f"append: {spent:.1f} s, {len(history) / spent:,.0f} rows/s of {asked.channels} channels")
    print(f"rows read to build the levels: {history.read_once / len(history):.4f} of those appended")
    last = float(len(history) - 1)
    spans = {"whole run": last, "a tenth": last / 10, "a thousandth": last / 1000, "1,000 steps": 1000.0}
    for name, span in spans.items():
        for shown in (8, asked.channels):
            median, worst, size = frames(timeline, shown, span)
            print(
                f"{name:>13}, {shown:2d} channels: median {median:6.1f} ms, worst {worst:6.1f} ms, {size:,} bytes"
            )
    print(f"memory: peak {status('VmHWM'):.0f} MB, {status('VmHWM') - before:.0f} MB above the start")
    print(f"memory: anonymous {status('RssAnon'):.0f} MB")
    timeline.close()


if __name__ == "__main__":
    main()
