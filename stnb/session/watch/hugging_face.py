"""A watch as a callback of the trainer of Hugging Face's Transformers, by its protocol alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stnb.session.watch.watch import Watch

__all__ = ["HuggingFaceWatch"]

LOGGED = {"loss": "loss", "learning_rate": "lr", "accuracy": "accuracy"}


class HuggingFaceWatch:
    """Starts its watch with the training and records each step; every method returns `control` as it came.

    The trainer logs after a step, and not after every one: what it logs belongs to the step before, and its loss is the
    mean since the last log. A step is over when the next begins.

    Attributes:
        watch: what records.
    """

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self._over = False

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        """Attach the optimizer, if it is there, and start."""
        del args, state
        self._attach(kwargs.get("optimizer"))
        if not self.watch.running:
            self.watch.start()
        return control

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        """The step before is over for good."""
        del args, state, kwargs
        self._close()
        return control

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        """Attach an optimizer that was made late."""
        del args, state
        self._attach(kwargs.get("optimizer"))
        return control

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        """The step is over, but for what will be logged of it."""
        del args, state, kwargs
        self._over = True
        return control

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Note loss, learning rate and accuracy; there is nothing to note once the training has ended."""
        del args, state, kwargs
        known = {column: (logs or {})[name] for name, column in LOGGED.items() if name in (logs or {})}
        if known and self.watch.running:
            self.watch.note(**known)
        return control

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        """The training is over."""
        del args, state, kwargs
        self._close()
        self.watch.stop()
        return control

    def _attach(self, optimizer: Any) -> None:
        if optimizer is not None:
            self.watch.attach(optimizer)

    def _close(self) -> None:
        if self._over and self.watch.running:
            self._over = False
            self.watch.step()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("on_"):
            return _unchanged
        raise AttributeError(f"{type(self).__name__} has no {name!r}.")


def _unchanged(args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
    """An event that a watch has no use for."""
    del args, state, kwargs
    return control
