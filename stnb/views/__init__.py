"""Views: a session's frames become scenes of a widget, and what people do there reaches the session."""

from __future__ import annotations

from stnb._core.registry import register_view
from stnb.session.manifold import ManifoldSession
from stnb.session.spiral import SpiralSession
from stnb.session.watch import Watch
from stnb.views.dashboard import Dashboard
from stnb.views.manifold import view_manifold
from stnb.views.spiral import view_spiral
from stnb.views.watch import view_watch

__all__ = ["Dashboard", "view_manifold", "view_spiral", "view_watch"]

register_view(ManifoldSession, view_manifold)
register_view(SpiralSession, view_spiral)
register_view(Watch, view_watch)
