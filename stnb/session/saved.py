"""What the file of a session holds: the engine, the history, and facts that only the session knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stnb._core.errors import CheckpointError
from stnb._core.history import History
from stnb.session import checkpoint

if TYPE_CHECKING:
    import os

    from stnb.session.base import Session
    from stnb.session.checkpoint import Checkpoint
    from stnb.session.engine import Engine

__all__ = ["Saved", "gather", "read"]

HISTORY, ENGINE = "history.", "engine."


class Saved(NamedTuple):
    """A file as it was understood; nothing is touched by it yet."""

    engine: Engine
    history: History
    seed: int
    facts: dict[str, Any]


def gather(session: Session, facts: dict[str, Any]) -> Checkpoint:
    """A copy of everything that a resumed run needs; the session must not move meanwhile."""
    arrays = {ENGINE + name: array.copy() for name, array in session.engine.state().items()}
    past = {HISTORY + name: column for name, column in session.history.to_dict().items()}
    header = {
        "config": session.config.to_dict(),
        "seed": session.seed,
        "step": session.step_index,
        "time": session.time,
        "meta": session.engine.meta(),
        "session": facts,
    }
    return checkpoint.Checkpoint(session.kind, {**arrays, **past}, header)


def read(path: str | os.PathLike[str], kind: type[Session]) -> Saved:
    """Everything of a file, built and checked before a session is touched."""
    saved = checkpoint.read(path, kind.kind)
    arrays, past = (_named(saved, prefix) for prefix in (ENGINE, HISTORY))
    try:
        engine = kind._rebuild(saved.facts["config"], arrays, saved.facts["meta"])
        history = History.from_dict({name: past[name] for name in ("step", "time", *engine.COLUMNS)})
        facts = kind._understand(saved.facts.get("session", {}))
        return Saved(engine, history, int(saved.facts["seed"]), facts)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{path} does not fit this version of stnb: {error}. Install the stnb that wrote it."
        ) from error


def _named(saved: Checkpoint, prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): a for name, a in saved.arrays.items() if name.startswith(prefix)}
