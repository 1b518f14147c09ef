"""Z-space: tensors of points, the limits they keep, waves of text, tapes, barycentres, series and coordinates."""

from stnb._core.errors import TensorError
from stnb.zspace import telemetry
from stnb.zspace.barycenter import BarycenterIntermediate, ZSpaceBarycenter, z_space_barycenter
from stnb.zspace.biome import TensorBiome
from stnb.zspace.complex_tensor import ComplexTensor
from stnb.zspace.coordinates import (
    SpectralFeatureSample,
    ZAtlas,
    ZBand,
    ZFieldSample,
    ZFrame,
    ZIndex,
    ZSheet,
    ZSpaceRegionDescriptor,
    ZSpaceSession,
    ZTemporal,
    ZTensor,
    clear,
    current,
    describe,
    embed,
    feedback,
    plot_atlas,
    render_atlas,
    reset_sessions,
    sample_field,
    session,
    snapshot,
)
from stnb.zspace.encoder import LanguageWaveEncoder
from stnb.zspace.monad import RewriteMonad
from stnb.zspace.series import (
    mellin_transform,
    zspace_eval,
    zspace_eval_stable,
    zspace_eval_with_derivative,
    zspace_eval_with_derivative_stable,
)
from stnb.zspace.tape import (
    AmegaHypergrad,
    AmegaRealgrad,
    GradientSummary,
    Hypergrad,
    HypergradTelemetry,
    Realgrad,
    hypergrad,
    hypergrad_topos,
    realgrad,
)
from stnb.zspace.tensor import Tensor
from stnb.zspace.topos import OpenCartesianTopos, OpenTopos

eval = zspace_eval  # noqa: A001

__all__ = [
    "AmegaHypergrad",
    "AmegaRealgrad",
    "BarycenterIntermediate",
    "ComplexTensor",
    "GradientSummary",
    "Hypergrad",
    "HypergradTelemetry",
    "LanguageWaveEncoder",
    "OpenCartesianTopos",
    "OpenTopos",
    "Realgrad",
    "RewriteMonad",
    "SpectralFeatureSample",
    "Tensor",
    "TensorBiome",
    "TensorError",
    "ZAtlas",
    "ZBand",
    "ZFieldSample",
    "ZFrame",
    "ZIndex",
    "ZSheet",
    "ZSpaceBarycenter",
    "ZSpaceRegionDescriptor",
    "ZSpaceSession",
    "ZTemporal",
    "ZTensor",
    "clear",
    "current",
    "describe",
    "embed",
    "eval",
    "feedback",
    "hypergrad",
    "hypergrad_topos",
    "mellin_transform",
    "plot_atlas",
    "realgrad",
    "render_atlas",
    "reset_sessions",
    "sample_field",
    "session",
    "snapshot",
    "telemetry",
    "z_space_barycenter",
    "zspace_eval",
    "zspace_eval_stable",
    "zspace_eval_with_derivative",
    "zspace_eval_with_derivative_stable",
]
