"""The notebooks as a gallery: run them, judge them, tidy them, and show them as static pages."""

from __future__ import annotations

from stnb.gallery.build import build
from stnb.gallery.catalogue import Entry, load
from stnb.gallery.execute import NotebookError, Run, execute
from stnb.gallery.rules import problems
from stnb.gallery.tidy import strip

__all__ = ["Entry", "NotebookError", "Run", "build", "execute", "load", "problems", "strip"]
