"""Hyperbolic geometry on the Poincaré ball: points, maps, means, and optimisers that stay inside."""

from stnb.geometry.adam import RiemannianAdam
from stnb.geometry.ball import Ball
from stnb.geometry.parameter import BallParameter
from stnb.geometry.rim import RIM, TENSOR_MARGIN, Admitted
from stnb.geometry.sgd import RiemannianSGD
from stnb.geometry.trees import Distortion, distortion, hops, mean_average_precision, radial, sarkar

__all__ = [
    "RIM",
    "TENSOR_MARGIN",
    "Admitted",
    "Ball",
    "BallParameter",
    "Distortion",
    "RiemannianAdam",
    "RiemannianSGD",
    "distortion",
    "hops",
    "mean_average_precision",
    "radial",
    "sarkar",
]
