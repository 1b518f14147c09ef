"""A watch on any training loop of torch."""

from stnb.session.watch.advice import Advice
from stnb.session.watch.watch import Watch, watch

__all__ = ["Advice", "Watch", "watch"]
