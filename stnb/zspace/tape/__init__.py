"""Tapes: buffers of derivatives that become steps of weights, in the ball or in flat space."""

from stnb.zspace.tape.flat import AmegaRealgrad, Realgrad
from stnb.zspace.tape.hyperbolic import AmegaHypergrad, Hypergrad
from stnb.zspace.tape.make import hypergrad, hypergrad_topos, realgrad
from stnb.zspace.tape.summary import GradientSummary
from stnb.zspace.tape.tape import GradientTape
from stnb.zspace.tape.telemetry import HypergradTelemetry

__all__ = [
    "AmegaHypergrad",
    "AmegaRealgrad",
    "GradientSummary",
    "GradientTape",
    "Hypergrad",
    "HypergradTelemetry",
    "Realgrad",
    "hypergrad",
    "hypergrad_topos",
    "realgrad",
]
