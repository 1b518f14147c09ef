"""Recordings: the frames and the history of a run in one plain file.

A recording is a zip of `.npy` members that are not compressed, which `numpy.load` opens too:

    header.json              kind, config, seed, cadence, columns of the history, versions
    frames/00000010.npy      one structured float32 array a frame: positions, velocities, heat, …
    step.npy, time.npy       of every frame
    history/<column>.npy     every row that the session still had when the recording was closed

`session.record(path)` writes one, `load(path)` reads it. Nothing is ever unpickled.
"""

from __future__ import annotations

from stnb.recording.reader import Frames, Recording, load
from stnb.recording.writer import Recorder

__all__ = ["Frames", "Recorder", "Recording", "load"]
