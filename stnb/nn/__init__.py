"""Modules that act on the rows of tensors."""

from stnb.nn.prepared import PreparedModule, prepare
from stnb.nn.projector import ZSpaceProjector
from stnb.nn.stable_projector import StableZSpaceProjector
from stnb.zspace.encoder import LanguageWaveEncoder

__all__ = ["LanguageWaveEncoder", "PreparedModule", "StableZSpaceProjector", "ZSpaceProjector", "prepare"]
