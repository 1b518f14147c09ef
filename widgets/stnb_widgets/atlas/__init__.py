"""Atlas: particles in a box, on a plane or in the Poincaré disk, and what stands among them."""

from __future__ import annotations

from stnb_widgets.atlas.marks import District, Markers, Selection, Slice
from stnb_widgets.atlas.points import Points
from stnb_widgets.atlas.widget import Atlas

__all__ = ["Atlas", "District", "Markers", "Points", "Selection", "Slice"]
