"""The notebooks as a gallery: run them, judge them, tidy them, and show them as static pages."""

from __future__ import annotations

from stnb.gallery.build import build, write_words
from stnb.gallery.catalogue import Entry, load
from stnb.gallery.compare import changed_cells
from stnb.gallery.execute import NotebookError, Run, execute
from stnb.gallery.glossary import Term, read_glossary
from stnb.gallery.rules import problems
from stnb.gallery.tidy import strip

__all__ = [
    "Entry",
    "NotebookError",
    "Run",
    "Term",
    "build",
    "changed_cells",
    "execute",
    "load",
    "problems",
    "read_glossary",
    "strip",
    "write_words",
]
