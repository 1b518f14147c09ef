"""Named metrics of a latent vector, corrected by partial observations, telemetry and imported weights.

Speed, memory, stability, frac and drs are bounded numbers computed from a series (`decode_zspace_embedding`), a
convention of this project. Observations of some of them, from elsewhere, are partials; `infer_from_partial` puts them
in place and says how far they were from what the latent says itself.
"""

from __future__ import annotations

from stnb.inference.decode import ZSpaceDecoded, decode_zspace_embedding
from stnb.inference.infer import (
    ZSpaceInference,
    infer_from_partial,
    infer_with_partials,
    inference_to_mapping,
    inference_to_zmetrics,
)
from stnb.inference.metrics import ZMetrics, z_metrics
from stnb.inference.partials import ZSpacePartialBundle, blend_zspace_partials, partial
from stnb.inference.runtime import ZSpaceInferencePipeline, ZSpaceInferenceRuntime, compile_inference
from stnb.inference.shortcut import ZShortcut, encode_zspace, z
from stnb.inference.telemetry import ZSpaceTelemetryFrame
from stnb.inference.trainer import ZSpaceTrainer, step_many, stream_zspace_training
from stnb.inference.weights import (
    infer_weights_from_compat,
    infer_weights_from_dlpack,
    weights_partial_from_compat,
    weights_partial_from_dlpack,
)

__all__ = [
    "ZMetrics",
    "ZShortcut",
    "ZSpaceDecoded",
    "ZSpaceInference",
    "ZSpaceInferencePipeline",
    "ZSpaceInferenceRuntime",
    "ZSpacePartialBundle",
    "ZSpaceTelemetryFrame",
    "ZSpaceTrainer",
    "blend_zspace_partials",
    "compile_inference",
    "decode_zspace_embedding",
    "encode_zspace",
    "infer_from_partial",
    "infer_weights_from_compat",
    "infer_weights_from_dlpack",
    "infer_with_partials",
    "inference_to_mapping",
    "inference_to_zmetrics",
    "partial",
    "step_many",
    "stream_zspace_training",
    "weights_partial_from_compat",
    "weights_partial_from_dlpack",
    "z",
    "z_metrics",
]
