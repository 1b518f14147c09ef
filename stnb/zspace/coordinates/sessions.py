"""Z-space sessions: a frame with its atlas, current inside a `with` block."""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from stnb._core.errors import BusyError
from stnb.zspace.coordinates.atlas import ZAtlas
from stnb.zspace.coordinates.frame import ZFrame
from stnb.zspace.coordinates.region import ZSpaceRegionDescriptor, publish

if TYPE_CHECKING:
    from typing import Self

    from stnb.zspace.coordinates.field import ZFieldSample
    from stnb.zspace.coordinates.frame import ZIndex

__all__ = ["ZSpaceSession", "current", "reset_sessions", "sample_field", "session"]


class ZSpaceSession:
    """A frame, the atlas of what was observed in it, and a place on the stack of sessions while entered.

    Attributes:
        atlas: what was observed; it may be warped into another frame.
    """

    def __init__(self, frame: ZFrame | None = None) -> None:
        self.atlas = ZAtlas(frame)

    @property
    def frame(self) -> ZFrame:
        """The frame of the atlas, immutable."""
        return self.atlas.frame

    def index(self, band: int, sheet: int, echo: int) -> ZIndex:
        """The address of a cell; one outside the frame is an IndexError."""
        return self.frame.index(band, sheet, echo)

    def observe(self, samples: Any, *, echo: int | None = None) -> ZFieldSample:
        """`atlas.observe`, and the region of the series goes to the hub, where `snapshot` finds it."""
        frame = self.atlas.frame
        sample = self.atlas.observe(samples, echo=echo)
        publish(ZSpaceRegionDescriptor.of(sample, frame))
        return sample

    def __enter__(self) -> Self:
        _stack.set((*_stack.get(), self))
        return self

    def __exit__(self, *_: object) -> None:
        entered = _stack.get()
        places = [place for place, session in enumerate(entered) if session is self]
        if not places:
            raise BusyError(
                "this Z-space session was entered in another thread or task; leave it where it was entered."
            )
        _stack.set(entered[: places[-1]] + entered[places[-1] + 1 :])

    def __repr__(self) -> str:
        return f"ZSpaceSession({self.atlas!r})"


class Fallback:
    """The session of those who opened none, made when first asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: ZSpaceSession | None = None

    def get(self) -> ZSpaceSession:
        """The one of this process."""
        with self._lock:
            self._session = self._session or ZSpaceSession()
            return self._session

    def forget(self) -> None:
        """Let the next `get` make a new one."""
        with self._lock:
            self._session = None


_stack: ContextVar[tuple[ZSpaceSession, ...]] = ContextVar("stnb_zspace_sessions", default=())
_fallback = Fallback()


def session(*, bands: int = 3, sheets: int = 4, echoes: int = 8, curvature: float = -1.0) -> ZSpaceSession:
    """A new session; use it as `with st.zspace.session() as session:` to make it the current one in the block.

    >>> with session(bands=2) as outer, session():
    ...     len(current().frame.bands)
    3
    """
    return ZSpaceSession(ZFrame.regular(bands, sheets, echoes, curvature))


def current() -> ZSpaceSession:
    """The innermost session of this thread or task, else the default one of the process.

    Tasks of asyncio start within the session of whoever made them; new threads start without.
    """
    entered = _stack.get()
    return entered[-1] if entered else _fallback.get()


def reset_sessions() -> None:
    """Empty the stack of this thread or task and forget the default session, as for a new process."""
    _stack.set(())
    _fallback.forget()


def sample_field(
    band: int | None = None,
    sheet: int | None = None,
    echo: int | None = None,
    *,
    samples: Any = None,
    sheet_hint: int | None = None,
) -> ZFieldSample:
    """`sample` of the current session's atlas: features of the latest series, density of the cells asked for."""
    return current().atlas.sample(band, sheet, echo, samples=samples, sheet_hint=sheet_hint)
