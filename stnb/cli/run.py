"""`run`: steps until the end or a signal, with writers that are closed whatever happens."""

from __future__ import annotations

import contextlib
import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from stnb_kernels.registry import profile

from stnb.cli.flags import checked
from stnb.cli.settings import open_session
from stnb.cli.stop import Stop
from stnb.cli.summary import summary
from stnb.cli.table import HistoryTable
from stnb.session.progress import Progress

if TYPE_CHECKING:
    import argparse

    from stnb_kernels.profiling import Profile

    from stnb.session import ManifoldSession

__all__ = ["run"]

STOPPED = 130


class Course(NamedTuple):
    """How the steps went."""

    taken: int
    seconds: float
    cut_short: bool
    cost: Profile | None


def run(arguments: argparse.Namespace) -> int:
    """Do what the flags say; the exit code."""
    checked(arguments)
    talk = not (arguments.quiet or arguments.json)
    with open_session(arguments) as session, Stop() as stop:
        if talk:
            print(f"{session!r}\n{session.config}")
        course = _go(session, arguments, stop)
        if arguments.save is not None:
            session.save(arguments.save)
        _tell(session, arguments, course)
        if talk:
            _tell_more(session, arguments, course)
    return STOPPED if course.cut_short and not arguments.continuous else 0


def _go(session: ManifoldSession, arguments: argparse.Namespace, stop: Stop) -> Course:
    """Take the steps. Whatever ends them, the writers are closed."""
    limit = math.inf if arguments.steps is None else arguments.steps
    taken, cost, begin = 0, None, time.perf_counter()
    end = begin + (arguments.seconds or math.inf)
    shown = not (arguments.quiet or arguments.json)
    with contextlib.ExitStack() as open_:
        table = None
        if arguments.ledger is not None:
            table = open_.enter_context(HistoryTable(arguments.ledger, session.history))
        if arguments.record is not None:
            open_.enter_context(session.record(arguments.record, every=arguments.record_every))
        bar = open_.enter_context(Progress(arguments.steps, lambda: _note(session), enabled=shown))
        while taken < limit and time.perf_counter() < end and not stop.asked:
            if arguments.profile is not None and cost is None and taken >= min(1, limit - 1):
                cost = open_.enter_context(profile())
            session.step()
            taken += 1
            bar.update()
            if table is not None:
                table.step()
            if arguments.save_every is not None and session.step_index % arguments.save_every == 0:
                session.save(arguments.save)
        seconds = time.perf_counter() - begin
    return Course(taken, seconds, stop.asked and taken < limit, cost)


def _note(session: ManifoldSession) -> dict[str, str]:
    return {"drift": f"{session.ledger.drift:.1e}"}


def _tell(session: ManifoldSession, arguments: argparse.Namespace, course: Course) -> None:
    """The ledger and the profile, or all of it in one line."""
    cost = course.cost
    if arguments.profile:
        Path(arguments.profile).write_text(
            json.dumps(cost.to_dict() if cost else {}, indent=1), encoding="utf-8"
        )
    if arguments.json:
        facts = summary(session, steps=course.taken, seconds=course.seconds)
        if arguments.profile == "" and cost is not None:
            facts["profile"] = cost.to_dict()
        print(json.dumps(facts))
        return
    print(session.ledger.table())
    if arguments.profile == "":
        print(cost or "no step was taken, so there is nothing to profile")


def _tell_more(session: ManifoldSession, arguments: argparse.Namespace, course: Course) -> None:
    pace = course.taken / course.seconds if course.seconds else 0.0
    print(f"{course.taken} steps in {course.seconds:.1f} s ({pace:.0f} a second), {session.count} particles")
    if session.skipped:
        print(f"{session.skipped} injections found no room; a larger --capacity has it")
    for flag in ("save", "record", "ledger", "profile"):
        if getattr(arguments, flag):
            print(f"{'saved' if flag == 'save' else flag} {getattr(arguments, flag)}")
