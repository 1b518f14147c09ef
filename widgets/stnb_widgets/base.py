"""LiveWidget: what every live widget shares: link, keyframe, film, poster, wishes, questions, a clean close."""

from __future__ import annotations

import base64
import html
import json
import weakref
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from stnb_widgets.deck import Deck
from stnb_widgets.film import FILM_FRAME_BYTES, FILM_FRAMES, Film
from stnb_widgets.front import LOADER, as_expression
from stnb_widgets.link import FrameLink, LinkStats, Route
from stnb_widgets.pace import host_budget

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np

    from stnb_widgets.link import Frame
    from stnb_widgets.parcel import Parcel
    from stnb_widgets.slider import Slider

__all__ = ["KEYFRAME_BYTES", "LiveWidget", "static_text"]

KEYFRAME_BYTES = 256_000
_HEADER_ROOM = 4_000

_STATIC = Path(__file__).parent / "static"
_OURS_ALONE = frozenset({"code", "keyframe", "state", "scene"})


@cache
def static_text(name: str) -> str:
    """A built front-end file as text; anywidget given a path instead would keep every widget alive."""
    return (_STATIC / name).read_text(encoding="utf-8")


class LiveWidget(Deck):
    """A view that is fed frames and answers with wishes and questions.

    Traits flow to the browser only: `scene` (fixed), `state` (small, changes), `keyframe` (last frame, for
    reloads). The browser answers with messages: `ack`, `view`, `intent`, `ask`. A subclass gives its frames numbers
    that rise, calls `_show`, and says in `_parcel` how one travels.

    Args:
        scene: what never changes, beside title, group, deck and controls.
        state: what may change, beside playing, speed, past, recording and controls.
        title: shown above the picture and used in the alt text.
        group: widgets of one group share brush, moment, hover and selection in the browser; "" for none.
        deck: which of the parts play, step, speed, scrub and record are shown.
        controls: sliders, shown in this order.
    """

    code = traitlets.Unicode("").tag(sync=True, echo_update=False)
    keyframe = traitlets.Bytes(b"").tag(sync=True, echo_update=False)
    _front_end = ""
    _film_frames = FILM_FRAMES

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let the text of a bundle travel as `code`, and a loader of a few lines as the module."""
        bundle = cls.__dict__.get("_esm")
        if isinstance(bundle, str):
            cls._front_end, cls._esm = as_expression(bundle), LOADER
        super().__init_subclass__(**kwargs)

    def __init__(
        self,
        scene: dict[str, Any],
        state: dict[str, Any],
        *,
        title: str = "",
        group: str = "",
        deck: Sequence[str] = (),
        controls: Sequence[Slider] = (),
    ) -> None:
        _host, budget = host_budget()
        self._listeners: list[Callable[[str, object], object]] = []
        self._experts: dict[str, Callable[[Any], object]] = {}
        self._wire: Any = None
        self._film = Film(self._film_frames)
        self._link: FrameLink[Any] = FrameLink(_weak_route(self), budget=budget)
        super().__init__(
            scene={**scene, "intent_ms": budget.intent_ms},
            state=state,
            title=title,
            group=group,
            deck=deck,
            controls=controls,
        )
        self._wire = self.comm
        self._own_layout = self.layout

    @traitlets.default("code")
    def _default_code(self) -> str:
        return self._front_end

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

    def poster_of(self, parcel: Parcel) -> bytes:
        """A recorded frame as a PNG, every one of the same size."""
        raise NotImplementedError(
            f"{type(self).__name__} draws no recorded frames; save its numbers: a file that ends in .npz"
        )

    def numbers_of(self, parcel: Parcel) -> dict[str, np.ndarray]:
        """The arrays of a recorded frame in the units of the session where its header says how, as codes otherwise."""
        return dict(parcel.arrays)

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

    def on_ask(self, name: str, expert: Callable[[Any], object]) -> None:
        """Let `expert(value)` answer questions of this name; what it returns must be JSON, what it raises is told."""
        self._experts[name] = expert

    def film(self) -> list[bytes]:
        """Packed frames, evenly spread over what was shown, the newest last: what a page without a kernel plays."""
        frame = self._link.latest
        last = None if frame is None else (frame.number, self._parcel(0, frame, FILM_FRAME_BYTES).pack())
        return self._film.frames(last)

    def to_html(self, path: str | os.PathLike[str], *, dark: bool | None = None) -> Path:
        """Write one HTML file that replays the film of this widget without kernel or network."""
        from stnb_widgets.page import save_page

        return save_page(path, self, dark=dark)

    def movie_frames(self) -> Iterable[bytes]:
        """Packed frames for a movie: those of the film, if nothing better is known."""
        return self.film()

    def save_movie(self, path: str | os.PathLike[str], *, fps: float = 12) -> Path:
        """Save what was shown as .gif, .mp4 or .npz: every frame once and in order, however long one takes to draw."""
        from stnb_widgets.movie import save_movie

        return save_movie(path, self, fps=fps)

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
            self._film.clear()
            self._listeners.clear()
            self._experts.clear()
        if hasattr(self, "_own_layout") and self.comm is not None:
            self._hand_back()
        super().close()

    def _hand_back(self) -> None:
        """Leave little in the browser, which may keep models of closed widgets, and what they held before that."""
        self.code, self.keyframe = "", b""
        self.send_state("keyframe")
        self._own_layout.close()

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

    def _parcel(self, seq: int, frame: Any, most_bytes: int) -> Parcel:
        """A frame as it travels, thinned until its arrays fit into `most_bytes`."""
        raise NotImplementedError

    def _pack_keyframe(self, seq: int, frame: Any) -> bytes:
        return self._parcel(seq, frame, KEYFRAME_BYTES - _HEADER_ROOM).pack()

    def _show(self, frame: Any) -> None:
        """Offer a frame to the link, and to the film if it is its turn."""
        self._link.offer(frame)
        if self._film.wants(frame.number):
            self._film.take(frame.number, self._parcel(0, frame, FILM_FRAME_BYTES).pack())

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
            elif kind == "ask":
                self._answer(str(content["id"]), str(content["name"]), content.get("value"))
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

    def _answer(self, question: str, name: str, value: object) -> None:
        """Send what the expert says, or why there is no answer."""
        reply: dict[str, object] = {"type": "answer", "id": question, "value": None, "error": ""}
        try:
            answer = self._expert(name)(value)
            json.dumps(answer, allow_nan=False)
            reply["value"] = answer
        except Exception as error:  # noqa: BLE001 (the person who asked is told, and so is assert_clean)
            reply["error"] = str(error.args[0] if error.args else error) or type(error).__name__
            self._link.note(error)
        if self._wire is not None:
            self._wire.send(data={"method": "custom", "content": reply}, buffers=[])

    def _expert(self, name: str) -> Callable[[Any], object]:
        if name not in self._experts:
            raise KeyError(f"nobody here answers {name!r}; ask one of {sorted(self._experts)}")
        return self._experts[name]

    def _deliver(self, seq: int, frame: Frame, most_bytes: int) -> int:
        wire = self._wire
        if wire is None or getattr(wire, "kernel", self) is None:
            return 0
        header, buffers = self._parcel(seq, frame, most_bytes).message()
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
