"""Writing a recording frame by frame, next to the target, which appears whole when the recording is closed."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import platform
import secrets
import threading
import weakref
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stnb._core.errors import CheckpointError, InputError
from stnb._core.files import sync_folder
from stnb.recording.layout import FORMAT, HEADER, HISTORY, STEP, SUFFIX, TIME, frame_name, to_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Self

    from jaxtyping import Shaped

    from stnb._core.bus import Subscription
    from stnb._core.frames import Frame
    from stnb._core.history import History

__all__ = ["Recorder"]

OPEN, CLOSED, FAILED = "open", "closed", "failed"


class Recorder:
    """A recording that is being made; `session.record` gives one.

    `close()` adds the history and gives the file its name, as do the end of a `with` block, the end of the session,
    and the end of the program. When the disk fails, the recording ends and nothing is left of the file.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        kind: str,
        seed: int,
        config: Mapping[str, Any],
        history: History,
        every: int,
    ) -> None:
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise InputError(f"every = {every!r}; give a positive number of steps.")
        self.path = _checked_target(path)
        self.every = every
        header = {
            "format": FORMAT,
            "kind": kind,
            "seed": seed,
            "config": dict(config),
            "every": every,
            "columns": history.columns,
            "versions": _versions(),
        }
        self._draft = _Draft(self.path, header, history)
        self._unsubscribe: Callable[[], None] = lambda: None
        weakref.finalize(self, self._draft.finish)

    @property
    def frames(self) -> int:
        """How many frames there are so far."""
        return self._draft.count

    @property
    def closed(self) -> bool:
        """Whether frames stopped coming."""
        return self._draft.state != OPEN

    def ends(self, subscription: Subscription) -> None:
        """Close this subscription together with the recording."""
        self._unsubscribe = subscription.close

    def write(self, frame: Frame) -> None:
        """Take a frame, if it is the first, or of a step that `every` divides, or another of the newest step."""
        self._draft.take(frame, self.every)
        if self.closed:
            self._unsubscribe()

    def close(self) -> None:
        """Add the history and give the file its name; closing twice is fine.

        Raises:
            CheckpointError: when the disk refuses, now or earlier; nothing is left of the file then.
        """
        self._unsubscribe()
        self._draft.finish()
        if self._draft.state == FAILED:
            raise CheckpointError(
                f"{self.path} was not written, because the disk failed ({self._draft.reason}); "
                "see that there is room, and record again."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self.close()
        except CheckpointError:
            if kind is None:
                raise

    def __repr__(self) -> str:
        return f"Recorder({str(self.path)!r}, {self.frames} frames, {self._draft.state})"


class _Draft:
    """The file under its temporary name.

    Of frames of the same step the last one counts, so the newest waits for the next one. Those that have passed are
    in the file and no longer in memory.
    """

    def __init__(self, target: Path, header: Mapping[str, Any], history: History) -> None:
        self.state = OPEN
        self.reason = ""
        self._target = target
        self._history = history
        self._newest: _Moment | None = None
        self._steps: list[int] = []
        self._times: list[float] = []
        self._lock = threading.Lock()
        self._temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
        try:
            self._file = self._temporary.open("xb")
        except OSError as error:
            raise CheckpointError(
                f"{target} cannot be written: {error.strerror}; choose another place."
            ) from error
        self._zip = zipfile.ZipFile(self._file, "w")
        self._zip.writestr(zipfile.ZipInfo(HEADER), json.dumps(header, sort_keys=True))

    @property
    def count(self) -> int:
        """Frames so far."""
        return len(self._steps) + (self._newest is not None)

    def take(self, frame: Frame, every: int) -> None:
        """Keep a frame and write the one before it. One that is refused changes nothing."""
        with self._lock:
            newest = self._newest
            again = newest is not None and frame.step == newest.step
            if self.state != OPEN or (newest is not None and not again and frame.step % every):
                return
            if newest is not None and frame.step < newest.step:
                raise InputError(
                    f"a frame of step {frame.step} after step {newest.step}; a recording goes forward."
                )
            self._newest = _Moment(frame.step, frame.time, to_table(frame))
            if newest is not None and not again:
                with self._or_nothing():
                    self._add(newest)

    def finish(self) -> None:
        """Write what is left, flush it to the disk, and rename, unless that was done before."""
        with self._lock:
            if self.state != OPEN:
                return
            with contextlib.suppress(OSError), self._or_nothing():
                if self._newest is not None:
                    self._add(self._newest)
                    self._newest = None
                self._put(STEP, np.array(self._steps, "<i8"))
                self._put(TIME, np.array(self._times, "<f8"))
                for name, column in self._history.to_dict().items():
                    self._put(f"{HISTORY}{name}{SUFFIX}", column)
                self._zip.close()
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
                self._temporary.replace(self._target)
                sync_folder(self._target.parent)
                self.state = CLOSED

    @contextlib.contextmanager
    def _or_nothing(self) -> Iterator[None]:
        """Leave nothing behind when the disk fails."""
        try:
            yield
        except OSError as error:
            self.state, self.reason = FAILED, error.strerror or str(error)
            self._newest = None
            with contextlib.suppress(OSError, ValueError):
                self._zip.close()
            with contextlib.suppress(OSError):
                self._file.close()
            with contextlib.suppress(OSError):
                self._temporary.unlink()
            raise

    def _add(self, moment: _Moment) -> None:
        self._put(frame_name(moment.step), moment.table)
        self._steps.append(moment.step)
        self._times.append(moment.time)

    def _put(self, name: str, array: Shaped[np.ndarray, "*shape"]) -> None:
        plain = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        with self._zip.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
            np.lib.format.write_array(member, plain, allow_pickle=False)


class _Moment(NamedTuple):
    step: int
    time: float
    table: Any


def _checked_target(path: str | os.PathLike[str]) -> Path:
    target = Path(path)
    if not target.parent.is_dir():
        raise CheckpointError(f"there is no folder {target.parent}; make it first, or record somewhere else.")
    if target.is_dir():
        raise CheckpointError(f"{target} is a folder; give the name of a file in it.")
    return target


def _versions() -> dict[str, str]:
    versions = {name: importlib.metadata.version(name) for name in ("stnb", "numpy")}
    return {**versions, "python": platform.python_version()}
