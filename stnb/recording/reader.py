"""Reading a recording: the history at once, each frame when it is asked for."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from stnb._core.errors import CheckpointError, InputError
from stnb._core.frames import ParticleFrame
from stnb._core.history import History
from stnb.recording.layout import FORMAT, HEADER, HISTORY, STEP, SUFFIX, TIME, frame_name, to_frame

if TYPE_CHECKING:
    import os
    from typing import Self

    from jaxtyping import Float64, Int64, Shaped

__all__ = ["Frames", "Recording", "load"]

ENCRYPTED = 1
DAMAGE = (OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, zipfile.BadZipFile)


class Frames(Sequence[ParticleFrame]):
    """The frames of a recording, read from the file one by one; a slice reads nothing yet."""

    def __init__(
        self, archive: _Archive, steps: Int64[np.ndarray, " t"], times: Float64[np.ndarray, " t"]
    ) -> None:
        self.steps = steps
        self.times = times
        self._archive = archive

    @overload
    def __getitem__(self, index: int) -> ParticleFrame: ...
    @overload
    def __getitem__(self, index: slice) -> Frames: ...
    def __getitem__(self, index: int | slice) -> ParticleFrame | Frames:
        if isinstance(index, slice):
            return Frames(self._archive, self.steps[index], self.times[index])
        step, time = int(self.steps[index]), float(self.times[index])
        table = self._archive.array(frame_name(step))
        try:
            return to_frame(step, time, table)
        except InputError as error:
            raise self._archive.damaged(error) from error

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        span = f" of steps {self.steps[0]} … {self.steps[-1]}" if len(self) else ""
        return f"Frames({len(self)}{span})"


class Recording:
    """A run as it was recorded. The file stays open until `close()`.

    Attributes:
        path: Where it was read from.
        frames: A sequence of `ParticleFrame`.
        history: Scalars of every step that the session still had.
        header: What the recorder noted: kind, seed, config, every, columns, versions.
    """

    def __init__(self, path: Path, archive: _Archive, header: dict[str, Any]) -> None:
        self.path = path
        self.header = header
        self._archive = archive
        self.frames = Frames(archive, *_moments(archive))
        self.history = _history(archive, header["columns"])

    @property
    def kind(self) -> str:
        """Which session it was."""
        return self.header["kind"]

    @property
    def seed(self) -> int:
        """Its seed."""
        return self.header["seed"]

    @property
    def config(self) -> dict[str, Any]:
        """Its settings when the recording began; `ManifoldConfig.from_dict` takes them."""
        return self.header["config"]

    def close(self) -> None:
        """Let go of the file; closing twice is fine."""
        self._archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Recording({str(self.path)!r}, {self.kind}, {self.frames!r}, {len(self.history)} rows of history)"


def load(path: str | os.PathLike[str]) -> Recording:
    """Open a recording.

    Raises:
        CheckpointError: when the file is damaged, foreign, or of another version. A frame is checked when it is read.
    """
    source = Path(path)
    archive = _Archive(source)
    try:
        return Recording(source, archive, _header(source, archive))
    except CheckpointError:
        archive.close()
        raise
    except DAMAGE as error:
        archive.close()
        raise archive.damaged(error) from error


class _Archive:
    """The members of the zip; whatever is wrong with one is a `CheckpointError`."""

    def __init__(self, source: Path) -> None:
        self._source = source
        try:
            self._zip = zipfile.ZipFile(source)
        except zipfile.BadZipFile as error:
            raise self.damaged(error) from error
        except OSError as error:
            raise CheckpointError(f"{source} cannot be read: {error.strerror}; check the path.") from error
        except (ValueError, NotImplementedError) as error:
            raise self.damaged(error) from error
        members = self._zip.infolist()
        self.names = {member.filename for member in members}
        if any(m.compress_type != zipfile.ZIP_STORED or m.flag_bits & ENCRYPTED for m in members):
            self.close()
            raise self.damaged("it has members that no recorder writes")

    def bytes(self, name: str) -> bytes:
        """The content of a member, which must agree with its checksum."""
        if self._zip.fp is None:
            raise InputError(f"the recording {self._source} is closed; load it again.")
        try:
            return self._zip.read(name)
        except DAMAGE as error:
            raise self.damaged(error) from error

    def array(self, name: str) -> Shaped[np.ndarray, "*shape"]:
        """A member as an array."""
        content = self.bytes(name)
        try:
            return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
        except DAMAGE as error:
            raise self.damaged(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()

    def damaged(self, why: object) -> CheckpointError:
        """The refusal."""
        reason = f"{type(why).__name__}: {why}" if isinstance(why, BaseException) else why
        return CheckpointError(
            f"{self._source} is damaged or is no recording of stnb ({reason}); use another copy."
        )


def _header(source: Path, archive: _Archive) -> dict[str, Any]:
    header = json.loads(archive.bytes(HEADER))
    if header["format"] != FORMAT:
        raise CheckpointError(
            f"{source} has format {header['format']}; this stnb reads format {FORMAT}. "
            "Install the stnb that wrote it."
        )
    return header


def _history(archive: _Archive, names: Sequence[str]) -> History:
    columns = {name: archive.array(f"{HISTORY}{name}{SUFFIX}") for name in ("step", "time", *names)}
    return History.from_dict(columns, capacity=max(1, len(columns["step"])))


def _moments(archive: _Archive) -> tuple[Int64[np.ndarray, " t"], Float64[np.ndarray, " t"]]:
    """Steps and times of the frames, which must all be there."""
    steps, times = archive.array(STEP), archive.array(TIME)
    fits = steps.ndim == 1 and steps.shape == times.shape
    if not fits or steps.dtype != np.int64 or times.dtype != np.float64 or not (np.diff(steps) > 0).all():
        raise archive.damaged("its steps do not rise, or their times are missing")
    missing = [step for step in steps.tolist() if frame_name(step) not in archive.names]
    if missing:
        raise archive.damaged(f"the frame of step {missing[0]} is missing")
    return steps, times
