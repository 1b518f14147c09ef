"""An engine's whole state as plain arrays and facts, and the look at it before it is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stnb._core.errors import CheckpointError
from stnb.manifold.tokens.memory import Bank, copy_of, is_sound

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Snapshot", "require_match"]


class Snapshot(NamedTuple):
    """All that an engine knows: arrays by name, and facts that JSON can hold."""

    arrays: dict[str, np.ndarray]
    facts: dict[str, Any]


def require_match(snapshot: Snapshot, own: Snapshot) -> None:
    """Refuse a snapshot that an engine, whose own present one is `own`, could not go on from."""
    arrays, facts = snapshot
    for name in ("config", "seed"):
        if facts.get(name) != own.facts[name]:
            raise CheckpointError(
                f"the snapshot has {name} {facts.get(name)!r:.300}, this engine {own.facts[name]!r:.300}; "
                "restore it into TokenEngine(TokenConfig.from_dict(facts['config']), seed=facts['seed'])."
            )
    for name, array in own.arrays.items():
        there = arrays.get(name)
        first = 0 if name.startswith("carriers.") else 1
        if there is None or there.dtype != array.dtype or there.shape[first:] != array.shape[first:]:
            found = "is missing" if there is None else f"has type {there.dtype} and shape {there.shape}"
            raise CheckpointError(f"{name} {found}, expected {array.dtype} and {array.shape}; {REMEDY}")
    for name in ("position", "bursts"):
        value = facts.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise CheckpointError(f"{name} = {value!r} is no count; {REMEDY}")
    bank = copy_of({name: arrays[f"carriers.{name}"] for name in Bank._fields})
    if not is_sound(bank, facts["position"]):
        raise CheckpointError(f"the columns of the carriers contradict each other; {REMEDY}")
    if len({len(array) for name, array in arrays.items() if name.startswith("particles.")}) != 1:
        raise CheckpointError(f"the columns of the particles have different lengths; {REMEDY}")
    expected = min(facts["position"], max(own.facts["config"]["orders"]))
    if len(arrays["history"]) != expected:
        raise CheckpointError(f"history has {len(arrays['history'])} bytes, expected {expected}; {REMEDY}")


REMEDY = "it is damaged, take it again with snapshot()."
