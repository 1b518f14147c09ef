"""LiveWidget: what every live widget shares: the link, the keyframe, the poster, intents, a clean close."""

from __future__ import annotations

import base64
import html
import threading
import weakref
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from .link import FrameLink, LinkStats, Route
from .pace import host_budget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .link import Frame

__all__ = ["LiveWidget", "static_text"]

_STATIC = Path(__file__).parent / "static"
_OURS_ALONE = frozenset({"keyframe", "state", "scene"})


@cache
def static_text(name: str) -> str:
    """A built front-end file as text; anywidget given a path instead would keep every widget alive."""
    return (_STATIC / name).read_text(encoding="utf-8")


class LiveWidget(anywidget.AnyWidget):
    """A view that is fed frames and answers with intents.

    Traits flow to the browser only: `scene` (fixed), `state` (small, changes), `keyframe` (last frame, for
    reloads). The browser answers with messages: `ack`, `view`, `intent`.
    """

    scene = traitlets.Dict().tag(sync=True, echo_update=False)
    state = traitlets.Dict().tag(sync=True, echo_update=False)
    keyframe = traitlets.Bytes(b"").tag(sync=True, echo_update=False)

    def __init__(self, scene: dict[str, Any], state: dict[str, Any]) -> None:
        _host, budget = host_budget()
        self._listeners: list[Callable[[str, object], object]] = []
        self._state_lock = threading.RLock()
        self._wire: Any = None
        self._link: FrameLink[Any] = FrameLink(_weak_route(self), budget=budget)
        super().__init__(scene={**scene, "intent_ms": budget.intent_ms}, state=state)
        self._wire = self.comm

    @property
    def stats(self) -> LinkStats:
        """What the link has done so far."""
        return self._link.stats

    @property
    def alt_text(self) -> str:
        """One sentence that stands in for the picture."""
        raise NotImplementedError

    def poster(self) -> bytes:
        """The last frame as a PNG."""
        raise NotImplementedError

    def due(self) -> bool:
        """True when a frame offered now would go somewhere: ask before making an expensive one."""
        return self._link.due()

    def flush(self) -> None:
        """Send the newest frame now and keep it for reloads; call it when the simulation pauses."""
        self._link.flush()

    def on_intent(self, callback: Callable[[str, object], object]) -> None:
        """Call `callback(name, value)` for every wish of the person at the browser.

        It runs on the thread that brought the message. What it raises is counted in `stats.errors` and
        raised again by `assert_clean()`.
        """
        self._listeners.append(callback)

    def assert_clean(self) -> None:
        """Raise what failed in callbacks and in sending, which nobody could catch at the time."""
        if self._link.errors:
            raise ExceptionGroup(
                f"{self.stats.errors} errors happened behind this widget's back; the first ones follow",
                self._link.errors,
            )

    def close(self) -> None:
        """Remove the views, forget the frames and the callbacks; offering afterwards does nothing."""
        if hasattr(self, "_link"):
            self._link.close()
            self._listeners.clear()
        super().close()

    def get_state(
        self,
        key: str | Iterable[str] | None = None,
        drop_defaults: bool = False,  # noqa: FBT001, FBT002 (the signature of ipywidgets)
    ) -> dict[str, Any]:
        """State for the browser; a request for all of it (a page reload) gets the newest keyframe."""
        state = super().get_state(key, drop_defaults=drop_defaults)
        if key is None and "keyframe" in state and self._link.latest is not None:
            state["keyframe"] = self._pack_keyframe(0, self._link.latest)
        return state

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take traits from the browser, except those that only Python may set."""
        super().set_state({name: value for name, value in sync_data.items() if name not in _OURS_ALONE})

    def _pack_keyframe(self, seq: int, frame: Any) -> bytes:
        raise NotImplementedError

    def _pack_message(
        self, seq: int, frame: Any, most_bytes: int
    ) -> tuple[dict[str, object], list[memoryview]]:
        raise NotImplementedError

    def _handle_custom_msg(self, content: Any, buffers: Any) -> None:
        kind = content.get("type") if isinstance(content, dict) else None
        try:
            if kind == "ack":
                self._link.acked(int(content["seq"]), str(content.get("view", "")))
            elif kind == "view":
                self._link.seen(
                    str(content["view"]),
                    visible=bool(content["visible"]),
                    gone=bool(content.get("gone", False)),
                )
            elif kind == "intent":
                self._receive(str(content["name"]), content.get("value"))
            else:
                super()._handle_custom_msg(content, buffers)
        except Exception as error:  # noqa: BLE001 (ipywidgets would log it where nobody looks)
            self._link.note(error)

    def _receive(self, name: str, value: object) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(name, value)
            except Exception as error:  # noqa: BLE001 (one listener must not silence the others)
                self._link.note(error)

    def _deliver(self, seq: int, frame: Frame, most_bytes: int) -> int:
        wire = self._wire
        if wire is None or getattr(wire, "kernel", self) is None:
            return 0
        header, buffers = self._pack_message(seq, frame, most_bytes)
        wire.send(data={"method": "custom", "content": header}, buffers=buffers)
        return sum(buffer.nbytes for buffer in buffers)

    def _publish(self, seq: int, frame: Frame) -> None:
        self.keyframe = self._pack_keyframe(seq, frame)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        self._link.displayed()
        if bundle is None:
            return None
        data, metadata = bundle
        picture = base64.b64encode(self.poster()).decode("ascii")
        alt = html.escape(self.alt_text, quote=True)
        data["text/plain"] = self.alt_text
        data["image/png"] = picture
        data["text/html"] = (
            f'<img role="img" alt="{alt}" style="max-width:100%;height:auto" '
            f'src="data:image/png;base64,{picture}">'
        )
        return data, {**metadata, "image/png": {"alt": self.alt_text}}


def _weak_route(widget: LiveWidget) -> Route[Any]:
    """A route that does not keep its widget alive."""
    reference = weakref.ref(widget)

    def deliver(seq: int, frame: Frame, most_bytes: int) -> int:
        alive = reference()
        return 0 if alive is None else alive._deliver(seq, frame, most_bytes)

    def publish(seq: int, frame: Frame) -> None:
        alive = reference()
        if alive is not None:
            alive._publish(seq, frame)

    return Route(deliver, publish)
