"""What every session shows of itself: views, figures, a page, and a table in a notebook."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from stnb._core import registry
from stnb._core.config import Config

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from plotly.graph_objects import Figure

    from stnb._core.frames import FrameRing
    from stnb._core.history import History

__all__ = ["Shown"]


class Shown:
    """The part of a session that is looked at; it needs the rest to be there."""

    history: History
    frames: FrameRing
    config: Any

    def _begin(self) -> None:
        """What every call does first."""
        raise NotImplementedError

    def view(self, *panels: str, **options: Any) -> Any:
        """The live view of this session: a dashboard of all panels, or of those that are named; of one, the widget.

        Asking again for the same gives the same.
        """
        self._begin()
        return registry.view(self, *panels, **options)

    def to_html(self, path: str | os.PathLike[str], *panels: str, **options: Any) -> Path:
        """Write one file that plays what the view has shown so far, in any browser, without kernel and network.

        Without a view that was open before, it holds the present moment and the whole history.
        """
        return self.view(*panels, **options).to_html(path)

    def plot_history(self, *columns: str) -> Figure:
        """Columns of the history over simulated time (all of them when none is named)."""
        from stnb.plots import plot_history

        return plot_history(self.history, *columns)

    def _repr_html_(self) -> str:
        config = (
            self.config._repr_html_() if isinstance(self.config, Config) else html.escape(str(self.config))
        )
        kept = f"{self.history!r}, {self.frames!r}"
        head = f"<b>{html.escape(repr(self))}</b><br><small>{html.escape(kept)}</small>"
        return f"<div>{head}<details open><summary>config</summary>{config}</details></div>"
