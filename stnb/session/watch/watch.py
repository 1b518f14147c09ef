"""A watch on any training loop of torch: what it costs, where its gradients are, and what goes wrong."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from stnb._core import registry
from stnb._core.bus import Bus, Subscription
from stnb._core.errors import InputError, InvalidValue, nearest
from stnb._core.numbers import positive, whole
from stnb.session.watch.cadence import Cadence
from stnb.session.watch.digest import Digest
from stnb.session.watch.hooks import unwrapped
from stnb.session.watch.layers import LayerMap
from stnb.session.watch.ledger import STEP_COLUMNS, LayerTable, StepHistory
from stnb.session.watch.lookback import Lookback
from stnb.session.watch.loop import Loop
from stnb.session.watch.recorder import Recorder
from stnb.session.watch.scalars import from_zero, scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self

    import numpy as np
    from plotly.graph_objects import Figure
    from torch import nn
    from torch.optim import Optimizer

    from stnb.chrono.maintainer import MaintainerConfig
    from stnb.session.watch.advice import Advice
    from stnb.session.watch.hugging_face import HuggingFaceWatch
    from stnb.session.watch.lightning import LightningWatch

__all__ = ["Watch", "watch"]

READINGS_KEPT = 1 / 32
"""Readings that are kept for each row of the history; at least 256."""
NOTED = ("loss", "lr", "accuracy")


def watch(
    model: nn.Module,
    optimizer: Optimizer | Iterable[Optimizer] | None = None,
    *,
    every: int | None = None,
    budget: float = 0.02,
    layers: str | Iterable[str] | None = None,
    capacity: int = 65536,
    notes: Iterable[str] = (),
    curvature: float = -1.0,
    maintainer: MaintainerConfig | None = None,
) -> Watch:
    """A watch on a training loop, which changes nothing about it: `with stnb.watch(model, optimizer=optimizer) as w:`.

    With an optimizer, or several, every step of it is recorded, and `w.step(loss)` at the end of a step adds the loss.
    Without one `w.step(loss)` comes after the update, while the gradients are still there.

    Args:
        model: what is trained.
        optimizer: what trains it.
        every: read all layers at steps 0 and 1 and at those that it divides; None lets `budget` decide.
        budget: the share of a step's time that readings of all layers may take, in (0, 1); each step costs about a tenth
            of a millisecond beside.
        layers: dotted names or patterns such as "body.*" of the layers to read; None for all.
        capacity: how many steps are kept.
        notes: names of further numbers that `w.note` and `w.step` will be told.
        curvature: κ < 0 of the timeline.
        maintainer: thresholds for `w.self_maintain()`.
    """
    return Watch(
        model,
        optimizer,
        every=every,
        budget=budget,
        layers=layers,
        capacity=capacity,
        notes=notes,
        curvature=curvature,
        maintainer=maintainer,
    )


class Watch(Lookback):
    """Records loss, gradients in bands, drift of the weights, time and memory of each step, and says what goes wrong.

    A step costs a clock and its loss, which is not waited for on a device. All layers are read in some of the steps:
    see `Cadence` for which, and `band_squares` and `drift_squares` for what is measured and how exactly. A layer is a
    module that owns parameters; one that gets no gradient in a step is left out of its reading.

    Gradients are those that the optimizer is given: summed over the backward passes of the step, unscaled, clipped. A
    step that a gradient scaler leaves out is a row without a reading; one with a closure is read as evaluated last.

    Attributes:
        model: what is watched.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: Optimizer | Iterable[Optimizer] | None = None,
        *,
        every: int | None = None,
        budget: float = 0.02,
        layers: str | Iterable[str] | None = None,
        capacity: int = 65536,
        notes: Iterable[str] = (),
        curvature: float = -1.0,
        maintainer: MaintainerConfig | None = None,
    ) -> None:
        self.model = model
        self._layers = LayerMap(model, layers)
        optimizers = _listed(optimizer)
        for each in optimizers:
            self._require_shared(each)
        spacing = None if every is None else whole("every", every, low=1)
        share = positive("budget", budget)
        if share >= 1:
            raise InvalidValue(f"budget = {share!r} is no share of a step; give one below 1, such as 0.02.")
        rows = whole("capacity", capacity, low=1)
        kept = max(int(rows * READINGS_KEPT), 256)
        extra = _extra(notes)
        super().__init__(LayerTable(self._layers.names, kept), kept, curvature, maintainer)
        self._notes = (*NOTED, *extra)
        self._history = StepHistory((*STEP_COLUMNS, *extra), rows)
        self._bus = Bus()
        self._digest = Digest(self._history, self._table, self._bus, self._hear)
        self._loop = Loop(
            self._layers, optimizers, Recorder(self._layers, Cadence(spacing, share)), self._digest
        )

    def start(self) -> Self:
        """Begin to watch, as `with` does. An optimizer that is watched already is refused."""
        self._loop.start()
        return self

    def stop(self) -> None:
        """Take the hooks off and take in everything that is still on its way; stopping twice is fine."""
        self._loop.stop()

    def step(self, loss: Any = None, **scalars: Any) -> None:
        """The step is over. `loss` is one number, of Python or in a tensor; NaN is recorded as a gap, and advised about.

        Call it once for each step of the optimizer, also where an update was left out; called once for each of several
        backward passes, it makes a row of each.
        """
        now = time.perf_counter()
        told = {name: value for name, value in {"loss": loss, **scalars}.items() if value is not None}
        self._loop.step(self._scalars(told), now)

    def note(self, **scalars: Any) -> None:
        """Numbers of the step under way: loss, lr, accuracy, and what `notes` named. The latest of a step holds.

        In a loop that never calls `step`, a loss after the update belongs to it, and so does one before it.
        """
        now = time.perf_counter()
        self._loop.note(self._scalars(scalars), now)

    def attach(self, optimizer: Any) -> None:
        """Watch a further optimizer from now on; one that is known already stays as it is."""
        for each in _listed(optimizer):
            self._require_shared(each)
            self._loop.attach(each)

    @property
    def progress(self) -> tuple[int, float]:
        """How many steps are over, and how many seconds they took."""
        return self._loop.progress

    def resume(self, steps: int, seconds: float) -> None:
        """Go on counting from an earlier run. Refused once steps were recorded here."""
        self._loop.resume(whole("steps", steps), from_zero("seconds", seconds))

    @property
    def running(self) -> bool:
        """Whether steps are being recorded."""
        return self._loop.running

    @property
    def history(self) -> StepHistory:
        """A row for each step that is over: step, time, and `STEP_COLUMNS`; NaN where nothing was read."""
        self._settle()
        return self._history

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers by dotted name, in the order of the model."""
        return self._layers.names

    @property
    def frozen(self) -> tuple[str, ...]:
        """The layers that take no gradient now."""
        return self._layers.frozen()

    @property
    def tied(self) -> dict[str, str]:
        """Layers all of whose parameters are counted with another layer."""
        return dict(self._layers.tied)

    def layer_history(self, name: str) -> dict[str, np.ndarray]:
        """The columns of one layer, a value for each reading that it took part in: step, and `LAYER_COLUMNS`."""
        self._settle()
        return self._table.of(name)

    def latest_layers(self) -> dict[str, dict[str, float]]:
        """Layer → its columns in the latest reading, of those that took part."""
        self._settle()
        return self._table.latest()

    def advice(self) -> list[Advice]:
        """What goes wrong now, the gravest kind first; an empty list for a healthy run."""
        with self._loop.lock:
            self._digest.settle(wait=True)
            self._digest.judge()
            return self._digest.board.advice()

    def on_advice(self, callback: Callable[[Advice], object]) -> None:
        """Call back with each new advice. What a callback raises is kept for `assert_clean`; training goes on."""
        if not callable(callback):
            raise InputError(f"a callback is called with each advice; {callback!r} is not callable.")
        self._digest.callbacks.append(callback)

    def subscribe(
        self,
        callback: Callable[[dict[str, Any]], object],
        *,
        every: int | None = None,
        hz: float | None = None,
    ) -> Subscription:
        """Call back with a dict of the latest columns, `layers` and `advice`, on steps that `every` divides."""
        return self._bus.subscribe(callback, every=every, hz=hz)

    def assert_clean(self) -> None:
        """Raise what a callback raised first, if any did; leaving the `with` block does that too."""
        self._bus.raise_errors()

    def view(self, *panels: str, **options: Any) -> Any:
        """A live dashboard of every step and an atlas of the layers, or the one panel that is named."""
        return registry.view(self, *panels, **options)

    def plot(self) -> Figure:
        """Loss, bands of the gradient and drift over the steps."""
        from stnb.session.watch.plot import plot_watch

        return plot_watch(self.history)

    def lightning(self) -> LightningWatch:
        """A callback for the trainer of PyTorch Lightning, which starts and stops this watch."""
        from stnb.session.watch.lightning import lightning_watch

        return lightning_watch(self)

    def hugging_face(self) -> HuggingFaceWatch:
        """A callback for the trainer of Hugging Face's Transformers, which starts and stops this watch."""
        from stnb.session.watch.hugging_face import HuggingFaceWatch

        return HuggingFaceWatch(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything as arrays and plain values: history, layers, timeline, advice, frozen and tied layers."""
        advice = [each.as_dict() for each in self.advice()]
        return {
            "history": self.history.to_dict(),
            "layers": {name: self.layer_history(name) for name in self.layers},
            "timeline": self._timeline.to_dict(),
            "advice": advice,
            "frozen": list(self.frozen),
            "tied": self.tied,
        }

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stop()
        if kind is None:
            self.assert_clean()

    def __repr__(self) -> str:
        state = "watching" if self._loop.running else "idle"
        kinds = ", ".join(advice.kind for advice in self.advice()) or "none"
        return (
            f"Watch({type(self.model).__name__}, {state}, {len(self.layers)} layers, {len(self._history)} steps, "
            f"{len(self._table)} readings, advice: {kinds})"
        )

    def _repr_html_(self) -> str:
        from stnb.session.watch.shown import watch_table

        return watch_table(self)

    def _settle(self) -> None:
        with self._loop.lock:
            self._digest.settle(wait=True)

    def _scalars(self, told: dict[str, Any]) -> dict[str, Any]:
        for name in told:
            if name not in self._notes:
                raise TypeError(f"no note {name!r}; {nearest(name, self._notes)} Name others with notes=[…].")
        return {name: scalar(name, value) for name, value in told.items()}

    def _require_shared(self, optimizer: Optimizer) -> None:
        groups = optimizer.param_groups
        if not any(self._layers.owner(p) is not None for group in groups for p in group["params"]):
            raise InvalidValue(
                f"the {type(optimizer).__name__} moves none of the {len(self._layers)} layers of the "
                f"{type(self.model).__name__}; give the optimizer made from this model's parameters()."
            )


def _listed(optimizer: Any) -> list[Optimizer]:
    """The optimizers of torch, each once."""
    if optimizer is None:
        return []
    several = isinstance(optimizer, (list, tuple, set, frozenset))
    found = [unwrapped(each) for each in (optimizer if several else [optimizer])]
    return list({id(each): each for each in found}.values())


def _extra(notes: Iterable[str]) -> tuple[str, ...]:
    named = (notes,) if isinstance(notes, str) else tuple(notes)
    for name in named:
        if not isinstance(name, str) or not name.isidentifier():
            raise InputError(f"notes has {name!r}; give names such as 'f1'.")
        if name in {*STEP_COLUMNS, "step", "time"}:
            raise InputError(f"notes has {name!r}, which is a column already; give another name.")
    return tuple(dict.fromkeys(named))
