"""The maintainer: how a session fares, judged from its latest frames, and what it should change."""

from stnb.chrono.maintainer.config import MaintainerConfig
from stnb.chrono.maintainer.report import MaintainerReport
from stnb.chrono.maintainer.rules import assess

__all__ = ["MaintainerConfig", "MaintainerReport", "assess"]
