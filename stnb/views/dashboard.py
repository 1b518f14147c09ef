"""Several live views of one session side by side: brush one and the others follow."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Protocol

from stnb._core.errors import InputError, nearest

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from stnb_widgets.base import LiveWidget

__all__ = ["Dashboard", "is_closed"]

NARROWEST = "430px"  # below it a view gets a row of its own
WHOLE_ROW = frozenset({"timeline"})


class Link(Protocol):
    """What feeds the views of a dashboard."""

    def refresh(self) -> None:
        """Take what is new."""
        ...

    def close(self) -> None:
        """Stop listening."""
        ...


class Dashboard:
    """Views by name, as attributes too; shown together in a notebook, and as one file that needs no kernel.

    They share the moment, the brush, what the pointer rests on and what is selected: in the browser, at once, whether
    or not a kernel is there.

    >>> view = session.view()  # doctest: +SKIP
    >>> view.atlas.alt_text  # doctest: +SKIP
    >>> view.to_html("run.html")  # doctest: +SKIP
    """

    def __init__(
        self, widgets: Mapping[str, LiveWidget], *, title: str = "", link: Link | None = None
    ) -> None:
        if not widgets:
            raise InputError("a dashboard without views; give at least one.")
        self._widgets = dict(widgets)
        self._box: Any = None
        self._link = link
        self.title = title

    @property
    def widgets(self) -> dict[str, LiveWidget]:
        """The views by name, in their order."""
        return dict(self._widgets)

    @property
    def alt_text(self) -> str:
        """A sentence for each view."""
        return " ".join(widget.alt_text for widget in self._widgets.values())

    def flush(self) -> None:
        """Take what is new, and send the newest frame of every view now."""
        if self._link is not None:
            self._link.refresh()
        for widget in self._widgets.values():
            widget.flush()

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write one file that plays what was shown, in any browser, without kernel and network."""
        from stnb_widgets.page import save_page

        self.flush()
        return save_page(path, list(self._widgets.values()), title=self.title, layout="grid")

    def save_movie(self, path: str | os.PathLike[str], panel: str = "atlas", fps: float = 12) -> Path:
        """Save what one view has shown as .gif, .mp4 or .npz: every frame of its film once and in order."""
        widget = self[panel]
        self.flush()
        return widget.save_movie(path, fps=fps)

    def assert_clean(self) -> None:
        """Raise what failed behind the back of a view."""
        for widget in self._widgets.values():
            widget.assert_clean()

    def close(self) -> None:
        """Close every view, and stop listening."""
        if self._link is not None:
            self._link.close()
        for widget in self._widgets.values():
            widget.close()
        if self._box is not None:
            self._box.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._widgets:
            known = list(self.__dict__.get("_widgets", {}))
            raise AttributeError(f"there is no view {name!r}; {nearest(name, known)}")
        return self._widgets[name]

    def __getitem__(self, name: str) -> LiveWidget:
        if name not in self._widgets:
            raise KeyError(f"there is no view {name!r}; {nearest(str(name), list(self._widgets))}")
        return self._widgets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._widgets)

    def __len__(self) -> int:
        return len(self._widgets)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._widgets]

    def __repr__(self) -> str:
        return f"Dashboard({', '.join(self._widgets)})"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live grid; posters with their words where no widget can be shown."""
        self.flush()
        shown = [widget._repr_mimebundle_(**kwargs) for widget in self._widgets.values()]
        data = dict(self._grid()._repr_mimebundle_(**kwargs))
        pictures = "".join(bundle[0]["text/html"] for bundle in shown if bundle)
        data["text/plain"] = self.alt_text
        data["text/html"] = (
            f'<div aria-label="{html.escape(self.title or repr(self), quote=True)}">{pictures}</div>'
        )
        data["image/png"] = next(bundle[0]["image/png"] for bundle in shown if bundle)
        return data, {"image/png": {"alt": next(iter(self._widgets.values())).alt_text}}

    def _grid(self) -> Any:
        """Views in as many columns as fit; a timeline takes the whole row."""
        import ipywidgets

        if self._box is None:
            columns = f"repeat(auto-fit, minmax(min(100%, {NARROWEST}), 1fr))"
            for name, widget in self._widgets.items():
                if name in WHOLE_ROW:
                    # JupyterLab drops grid_column: it clears grid_area, which stands for it too, afterwards.
                    widget.layout.grid_area = "auto / 1 / auto / -1"
            self._box = ipywidgets.GridBox(
                list(self._widgets.values()),
                layout=ipywidgets.Layout(grid_template_columns=columns, grid_gap="14px", width="100%"),
            )
        return self._box


def is_closed(view: Dashboard | LiveWidget) -> bool:
    """Whether a view, or any view of a dashboard, was closed."""
    widgets = view.widgets.values() if isinstance(view, Dashboard) else (view,)
    return any(widget.comm is None for widget in widgets)
