"""A watch as a callback of PyTorch Lightning, by its protocol alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stnb.session.watch.watch import Watch

__all__ = ["LightningWatch", "lightning_watch"]

LIBRARIES = ("lightning.pytorch", "pytorch_lightning")


class LightningWatch:
    """Starts its watch with the fit, records each batch, stops it at the end, also where the fit fails.

    Hooks that a watch has no use for do nothing. With gradient accumulation each batch is a row, and the rows whose batch
    updates the weights are read.

    Attributes:
        watch: what records.
    """

    watch: Watch

    @property
    def state_key(self) -> str:
        """Under which name the trainer saves `state_dict`."""
        return f"stnb.watch.{type(self.watch.model).__name__}"

    def setup(self, trainer: Any, pl_module: Any, stage: str | None = None) -> None:
        """Nothing to prepare: optimizers come later."""
        del trainer, pl_module, stage

    def teardown(self, trainer: Any, pl_module: Any, stage: str | None = None) -> None:
        """Whatever ended the fit, the hooks come off."""
        del trainer, pl_module, stage
        self.watch.stop()

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Attach what optimizers there are already, and start."""
        del pl_module
        self._start(trainer)

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """The same, now that all of them are there."""
        del pl_module
        self._start(trainer)

    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any, *_: Any) -> None:
        """Attach an optimizer that nobody announced."""
        del trainer, pl_module
        self.watch.attach(optimizer)

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any = None, batch_idx: int = 0, *_: Any
    ) -> None:
        """The step is over; outputs are a loss, a mapping with "loss", or nothing.

        The trainer has divided them by the batches that it accumulates, unless the module optimises by hand.
        """
        del batch, batch_idx
        if self.watch.running:
            loss, parts = _loss_of(outputs), getattr(trainer, "accumulate_grad_batches", 1)
            if loss is not None and parts > 1 and getattr(pl_module, "automatic_optimization", True):
                loss = loss * parts
            self.watch.step(loss)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """The fit is over."""
        del trainer, pl_module
        self.watch.stop()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """The fit failed; what was recorded stays."""
        del trainer, pl_module, exception
        self.watch.stop()

    def state_dict(self) -> dict[str, Any]:
        """How many steps were recorded, and how many seconds they took: a resumed fit goes on there."""
        steps, seconds = self.watch.progress
        return {"steps": steps, "seconds": seconds}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on counting where a saved fit stopped."""
        self.watch.resume(state_dict["steps"], state_dict["seconds"])

    def _start(self, trainer: Any) -> None:
        self.watch.attach(list(getattr(trainer, "optimizers", None) or []))
        if not self.watch.running:
            self.watch.start()

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("on_"):
            return _nothing
        raise AttributeError(f"{type(self).__name__} has no {name!r}.")


def lightning_watch(watch: Watch) -> LightningWatch:
    """The callback; where a program has imported Lightning, also one of its own kind, as its trainer wants it."""
    kinds = (getattr(sys.modules.get(name), "Callback", None) for name in LIBRARIES)
    bases = tuple(kind for kind in kinds if kind is not None)[:1]
    made = type("LightningWatch", (LightningWatch, *bases), {})()
    made.watch = watch
    return made


def _nothing(*_: Any, **__: Any) -> None:
    """A hook that a watch has no use for."""


def _loss_of(outputs: Any) -> Any:
    return outputs.get("loss") if hasattr(outputs, "get") else outputs
