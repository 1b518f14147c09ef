"""The layers of a model: which module owns which parameter, by dotted name."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any

from torch import nn

from stnb._core.errors import EmptyInput, UnknownNameError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import torch
    from torch import Tensor

__all__ = ["LayerMap", "layer_name"]

COMPILED = "_orig_mod"


class LayerMap:
    """A layer is a module that owns parameters itself, wherever it stands; so every parameter is in exactly one.

    A parameter that several modules share counts once, with the first of them in the order of `named_modules`.

    Attributes:
        names: the layers in the order of the model.
        tied: layer without a parameter of its own → the layer that its first one is counted with.
    """

    def __init__(self, model: nn.Module, chosen: Iterable[str] | str | None = None) -> None:
        if not isinstance(model, nn.Module):
            raise TypeError(f"model is of type {type(model).__name__}; give a torch.nn.Module.")
        self._model = model
        self._owner: dict[int, int] = {}
        self.names: tuple[str, ...] = ()
        self.tied: dict[str, str] = {}
        found = self._read()
        if not found:
            raise EmptyInput(
                f"the {type(model).__name__} has no parameters; give the model that the optimizer moves."
            )
        self.names = tuple(found) if chosen is None else _chosen(tuple(found), chosen)
        self.refresh()

    def __len__(self) -> int:
        return len(self.names)

    def refresh(self) -> None:
        """Look up the parameters again; a move between devices may have put new ones in place of the old."""
        found = self._read()
        self._owner = {
            id(parameter): place for place, name in enumerate(self.names) for parameter in found.get(name, ())
        }

    def owner(self, parameter: Tensor) -> int | None:
        """The number of the layer that a parameter is counted with; None for a stranger."""
        return self._owner.get(id(parameter))

    def parameters(self) -> Iterator[Tensor]:
        """Every parameter of the chosen layers, each once."""
        found = self._read()
        for name in self.names:
            yield from found.get(name, ())

    def device(self) -> torch.device:
        """Where the first parameter is."""
        return next(self.parameters()).device

    def frozen(self) -> tuple[str, ...]:
        """The layers none of whose parameters takes a gradient now."""
        found = self._read()
        return tuple(
            name
            for name in self.names
            if not any(parameter.requires_grad for parameter in found.get(name, ()))
        )

    def _read(self) -> dict[str, Sequence[Tensor]]:
        """Layer → the parameters that are counted with it."""
        first: dict[int, str] = {}
        found: dict[str, Sequence[Tensor]] = {}
        for path, module in self._model.named_modules():
            own = [parameter for parameter in module._parameters.values() if parameter is not None]
            name = layer_name(path, module)
            fresh = [parameter for parameter in own if first.setdefault(id(parameter), name) == name]
            if fresh:
                found[name] = fresh
            elif own:
                self.tied[name] = first[id(own[0])]
        return found


def layer_name(path: str, module: nn.Module) -> str:
    """The dotted path without what `torch.compile` put into it; the type of the model for the model itself.

    >>> layer_name("_orig_mod.body.0", nn.Identity()), layer_name("", nn.Linear(1, 1))
    ('body.0', 'Linear')
    """
    return ".".join(part for part in path.split(".") if part != COMPILED) or type(module).__name__


def _chosen(names: tuple[str, ...], wanted: Any) -> tuple[str, ...]:
    """The layers that one of the patterns fits, in the order of the model."""
    patterns = [wanted] if isinstance(wanted, str) else list(wanted)
    for pattern in patterns:
        if not isinstance(pattern, str):
            raise TypeError(f"layers has {pattern!r} of type {type(pattern).__name__}; give dotted names.")
        if not fnmatch.filter(names, pattern):
            raise UnknownNameError(f"no layer {pattern!r} with parameters; {nearest(pattern, names)}")
    kept = tuple(name for name in names if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns))
    if not kept:
        raise EmptyInput("layers is empty; give dotted names such as 'body.*', or None for all of them.")
    return kept
