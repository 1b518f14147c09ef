"""Views: a session's frames become scenes of a widget, and what people do there reaches the session."""

from __future__ import annotations

from stnb._core.registry import register_view
from stnb.session.manifold import ManifoldSession
from stnb.views.manifold import view_manifold

__all__ = ["view_manifold"]

register_view(ManifoldSession, view_manifold)
