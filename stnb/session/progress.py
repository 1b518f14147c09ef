"""A progress bar that costs nothing when nobody sees it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

__all__ = ["Progress"]

REFRESH_S = 0.25
OFF = ("", "0", "false", "no")


class Progress:
    """A tqdm bar with a note that is renewed a few times a second; `TQDM_DISABLE` switches it off."""

    def __init__(self, total: int | None, note: Callable[[], dict[str, str]], *, enabled: bool) -> None:
        self._total = total
        self._note = note
        self._enabled = enabled and os.environ.get("TQDM_DISABLE", "").lower() in OFF
        self._bar: Any = None
        self._renewed = 0.0

    def __enter__(self) -> Self:
        if self._enabled:
            from tqdm.auto import tqdm

            self._bar = tqdm(total=self._total, unit="step", mininterval=REFRESH_S, disable=False)
        return self

    def update(self) -> None:
        """One step more."""
        if self._bar is None:
            return
        now = time.monotonic()
        if now - self._renewed >= REFRESH_S:
            self._renewed = now
            self._bar.set_postfix(self._note(), refresh=False)
        self._bar.update()

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.set_postfix(self._note(), refresh=False)
            self._bar.close()
