"""A session: seed, config, engine, past, and whoever is watching, behind one object."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, ClassVar

from stnb._core.bus import Bus, Subscription
from stnb._core.errors import BackgroundError, BusyError, ConfigError, InputError, StnbError, WaitError
from stnb._core.frames import Frame, FrameRing
from stnb._core.history import History
from stnb.session import checkpoint, saved
from stnb.session.baton import Baton
from stnb.session.player import Player
from stnb.session.progress import Progress
from stnb.session.shown import Shown

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Self

    import numpy as np

    from stnb.recording import Recorder
    from stnb.session.engine import Engine

__all__ = ["Session"]


class Session(Shown):
    """Drives an engine, keeps its history and frames, and tells its subscribers.

    Every step appends a row to `history`; a frame is built only when a subscriber is due. A failure in a
    background thread or in a subscriber is raised by the next call, as `BackgroundError`. Subclasses set
    `kind` and say how to rebuild their engine in `_rebuild`.
    """

    kind: ClassVar[str] = ""

    def __init__(
        self,
        engine: Engine,
        *,
        seed: int,
        history: History | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seed = seed
        self.engine: Any = engine
        self.frames = FrameRing()
        self.history = History(engine.COLUMNS) if history is None else history
        self._clock = clock
        self._bus = Bus(clock)
        self._baton = Baton()
        self._player = Player(self._play_step, self._played_out, clock)
        self._watchers: list[Callable[[], object]] = []
        self._recorders: list[Recorder] = []
        self._closed = False
        self._stale = True
        if history is None:
            self._record()

    @classmethod
    def _rebuild(
        cls, config: Mapping[str, Any], arrays: dict[str, np.ndarray], meta: dict[str, Any]
    ) -> Engine:
        """The engine that a checkpoint describes."""
        raise NotImplementedError

    @property
    def config(self) -> Any:
        """The settings in force."""
        return self.engine.config

    @property
    def step_index(self) -> int:
        """How many steps were taken."""
        return self.engine.step_index

    @property
    def time(self) -> float:
        """Simulated time."""
        return self.engine.time

    @property
    def playing(self) -> bool:
        """Whether a background thread is stepping."""
        return self._player.running

    def step(self, n: int = 1) -> None:
        """Take `n` steps."""
        if isinstance(n, bool) or not isinstance(n, int) or n < 0:
            raise InputError(f"n = {n!r}; give how many steps to take, 0 or more.")
        self._begin(stepping=True)
        for _ in range(n):
            self._advance()
        if n > 1:
            self._changed()
        self._raise_failures()

    def run(self, steps: int | None = None, *, seconds: float | None = None, progress: bool = True) -> None:
        """Take `steps` steps, or as many as fit in `seconds` of wall-clock time, with a progress bar.

        With both, whichever ends first. `TQDM_DISABLE=1` hides the bar.
        """
        if steps is None and seconds is None:
            raise InputError("run() has no end; give steps= or seconds=, or use play() and pause().")
        if steps is not None and (isinstance(steps, bool) or not isinstance(steps, int) or steps < 0):
            raise InputError(f"steps = {steps!r}; give how many steps to take, 0 or more.")
        if seconds is not None and not (isinstance(seconds, (int, float)) and 0 < seconds < math.inf):
            raise InputError(f"seconds = {seconds!r}; give a positive number of wall-clock seconds.")
        self._begin(stepping=True)
        end = math.inf if seconds is None else self._clock() + seconds
        taken = 0
        with Progress(steps, self._progress_note, enabled=progress) as bar:
            while (steps is None or taken < steps) and self._clock() < end:
                self._advance()
                taken += 1
                bar.update()
        self._changed()
        self._raise_failures()

    def play(self, *, steps_per_second: float | None = None) -> None:
        """Step in a background thread, at full speed or at most `steps_per_second`, until `pause()`."""
        self._begin()
        self._player.start(steps_per_second)
        self._changed()

    def pause(self) -> None:
        """Stop the background thread after the step in hand."""
        self._player.stop()
        self._raise_failures()

    def wait_for(self, step: int, timeout: float | None = None) -> None:
        """Sleep until a playing session has reached `step`.

        Raises:
            WaitError: when `timeout` seconds passed first, or the session is not playing.
        """
        self._begin()
        arrived = self._baton.wait_for(lambda: self.step_index >= step or not self.playing, timeout)
        self._raise_failures()
        if self.step_index < step:
            reason = (
                "is not playing; call play()" if arrived else f"did not get there in {timeout} s; wait longer"
            )
            raise WaitError(f"waited for step {step}, but the session at step {self.step_index} {reason}.")

    def set(self, **parameters: Any) -> None:
        """Change live parameters between two steps; a bad name or value changes nothing."""
        self._begin()
        with self._baton.hold():
            before = self.config
            config = before.replace(**parameters)
            fixed = sorted(set(parameters) - set(config.live_fields()))
            if fixed:
                live = ", ".join(config.live_fields()) or "none"
                raise ConfigError(
                    f"{', '.join(fixed)} cannot change while a session lives (live: {live}); "
                    "make a new session with that value."
                )
            try:
                self.engine.configure(config)
            except Exception:
                self.engine.configure(before)
                raise
            self._stale = True
        self._changed()

    def subscribe(
        self,
        callback: Callable[[Any], object],
        *,
        every: int | None = None,
        hz: float | None = None,
        when: Callable[[], bool] | None = None,
    ) -> Subscription:
        """Call `callback(frame)` each `every` steps, at most `hz` times a second, if `when()` says so.

        `close()` ends it.
        """
        self._begin()
        return self._bus.subscribe(callback, every=every, hz=hz, when=when)

    def on_change(self, callback: Callable[[], object]) -> None:
        """Call `callback()` when the session begins to play or comes to rest, and when a setting changes.

        What it raises is kept, like the errors of subscribers, and raised by the next call.
        """
        self._watchers.append(callback)

    def still(self) -> AbstractContextManager[None]:
        """A `with` block in which nobody takes a step, so that all that is read in it is of one moment."""
        return self._baton.hold()

    def snapshot(self) -> Any:
        """The frame of this moment; it is kept in `frames` like those that subscribers receive."""
        with self._baton.hold():
            return self._capture()

    def refresh(self) -> None:
        """Give every subscriber a frame now, whatever its cadence; when playing, at the next step."""
        self._bus.request()
        if not self.playing:
            due = self._bus.due(self.step_index)
            if due:
                self._bus.deliver(self.snapshot(), due)

    def record(self, path: str | os.PathLike[str], *, every: int = 10) -> Recorder:
        """Write the frame of now and that of each `every` steps from now on into a file, until `close()`.

        >>> with session.record("run.zip", every=5):  # doctest: +SKIP
        ...     session.run(1000)

        The file appears when it is closed, at the latest with the session; `stnb.recording.load` reads it.
        """
        from stnb.recording import Recorder

        self._begin()
        with self._baton.hold():
            recorder = Recorder(
                path,
                kind=self.kind,
                seed=self.seed,
                config=self.config.to_dict(),
                history=self.history,
                every=every,
            )
            recorder.write(self.snapshot())
            recorder.ends(self._bus.subscribe(recorder.write, every=every))
        self._recorders.append(recorder)
        return recorder

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write everything that a resumed run needs; a playing session goes on afterwards."""
        self._raise_failures()
        with self._baton.hold():
            kept = saved.gather(self, self._facts())
        return checkpoint.write(path, kept)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """A session that goes on where the saved one stood, bit for bit."""
        found = saved.read(path, cls)
        session = cls.__new__(cls)
        Session.__init__(session, found.engine, seed=found.seed, history=found.history)
        vars(session).update(found.facts)
        return session

    def restore(self, path: str | os.PathLike[str]) -> None:
        """Go back, in place, to what a file holds; a file that is refused changes nothing. Recordings end."""
        self._begin()
        found = saved.read(path, type(self))
        with self._baton.hold():
            self._end_recordings()
            self.engine, self.history, self.seed = found.engine, found.history, found.seed
            vars(self).update(found.facts)
            self.frames.clear()
            self._stale = True
        self.refresh()

    def assert_clean(self) -> None:
        """Raise what went wrong in the background; say nothing when all is well."""
        self._raise_failures()

    def close(self) -> None:
        """Stop stepping, let go of every subscriber, raise what is still unsaid. Closing twice is fine."""
        self._stop()
        self._raise_failures()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stop()
        if kind is None:
            self._raise_failures()

    def __repr__(self) -> str:
        state = "closed" if self._closed else "playing" if self.playing else "paused"
        return (
            f"{type(self).__name__}(step {self.step_index}, t = {self.time:.6g}, {state}, seed {self.seed})"
        )

    def _progress_note(self) -> dict[str, str]:
        """What the progress bar shows beside the speed."""
        return {}

    def _advance(self, *, yielding: bool = False) -> None:
        """One step, one row, and a frame for those who are due; subscribers run without the baton."""
        with self._baton.hold(yielding=yielding):
            self.engine.advance()
            self._stale = True
            self._record()
            self._between()
            due = self._bus.due(self.step_index)
            frame = self._capture() if due else None
        if frame is not None:
            self._bus.deliver(frame, due)

    def _between(self) -> None:
        """What happens by itself between two steps, after the row of the one and before its frame."""

    def _facts(self) -> dict[str, Any]:
        """What a checkpoint must hold beside the engine, as JSON knows it."""
        return {}

    @classmethod
    def _understand(cls, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The inverse of `_facts`: attributes of a session."""
        del facts
        return {}

    def _play_step(self) -> None:
        self._advance(yielding=True)

    def _played_out(self) -> None:
        """The background thread has taken its last step."""
        self._baton.notify()
        self._changed()

    def _changed(self) -> None:
        for callback in tuple(self._watchers):
            try:
                callback()
            except Exception as error:  # noqa: BLE001
                self._bus.keep(callback, error, self.step_index)

    def _record(self) -> None:
        self.history.append(self.step_index, self.time, self.engine.measure())

    def _capture(self) -> Frame:
        if self._stale:
            self.frames.append(self.engine.snapshot())
            self._stale = False
        return self.frames.last

    def _begin(self, *, stepping: bool = False) -> None:
        """What every call does first: raise old failures, refuse what the present state does not allow."""
        self._raise_failures()
        if self._closed:
            raise BusyError(f"this {type(self).__name__} is closed; make a new one, or load a saved one.")
        if stepping and self.playing:
            raise BusyError(
                "the session is playing, so its background thread takes the steps; pause() first."
            )

    def _raise_failures(self) -> None:
        error = self._player.take_error()
        if error is not None:
            raise BackgroundError(
                f"playing stopped after step {self.step_index}: {type(error).__name__}: {error}"
            ) from error
        self._bus.raise_errors()

    def _end_recordings(self) -> None:
        """Finish the files; one that cannot be finished is told like the failure of a subscriber."""
        recorders, self._recorders = self._recorders, []
        for recorder in (each for each in recorders if not each.closed):
            try:
                recorder.close()
            except (OSError, StnbError) as error:
                self._bus.keep(recorder.write, error, self.step_index)

    def _stop(self) -> None:
        self._player.stop()
        self._end_recordings()
        self._watchers.clear()
        self._bus.close()
        self._closed = True
