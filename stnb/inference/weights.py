"""Weights of other models as a partial observation: their statistics named like metrics, and inferred with."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import InvalidValue, NonPositiveWeight, nearest
from stnb._core.numbers import finite
from stnb.inference.decode import bounded_tanh
from stnb.inference.infer import ZSpaceInference, infer_from_partial
from stnb.inference.partials import ZSpacePartialBundle
from stnb.inference.telemetry import balance_and_focus, merge_telemetry
from stnb.zspace.intake import vector

if TYPE_CHECKING:
    from torch import Tensor

    from stnb.inference.tally import Tally

__all__ = [
    "infer_weights_from_compat",
    "infer_weights_from_dlpack",
    "weights_partial_from_compat",
    "weights_partial_from_dlpack",
]

NORMS = ("mean", "rms")
DEEPEST = 64


def weights_partial_from_dlpack(
    weights: Any,
    *,
    bundle_weight: float = 1.0,
    label: str | None = None,
    weight_gain: float = 1.25,
    stability_gain: float = 1.5,
    focus_gain: float = 1.0,
    telemetry_prefix: str = "psi",
    telemetry: Any = None,
    norm: str = "mean",
) -> ZSpacePartialBundle:
    """Statistics of N weights x as metrics in (−1, 1) and as telemetry, a convention of this project.

        speed     = tanh(mean + focus_gain·balance)        frac = tanh(max|x|/(‖x‖₂ + 10⁻⁹))
        memory    = tanh(weight_gain·‖x‖₂/N)               drs  = tanh(balance)
        stability = tanh(stability_gain·(1 − variance/A)), A = max(10⁻⁹, amplitude + energy/N)

    Balance and focus are those of `ZSpaceTelemetryFrame`; the statistics themselves are `import_l1`, `import_mean`, ….
    All this describes a distribution of numbers, not what a model has learnt.

    ‖x‖₂/N vanishes for large N, and the telemetry's energy Σx² grows with it, so that the confidence of an inference
    falls with the mere size of a model. With norm="rms" memory takes ‖x‖₂/√N, and the telemetry has the power Σx²/N
    in place of the energy.

    Args:
        weights: a torch, NumPy or JAX array, whatever has `__dlpack__`, a DLPack capsule, nested lists, a mapping such
            as a state dict, or a module with `state_dict()`. Mappings with floating-point arrays count those only:
            integer arrays beside them are counters or masks.
        bundle_weight: weight of the partial in a blend, from 0 on.
        label: its origin; "dlpack" if None.
        weight_gain: factor of the memory, from 0 on.
        stability_gain: factor of the stability, from 0 on.
        focus_gain: factor of the balance in the speed, from 0 on.
        telemetry_prefix: what the telemetry's names begin with.
        telemetry: further readings, over those of the weights where names agree.
        norm: "mean" or "rms".

    Raises:
        EmptyInput: without a value.
        TypeError: for None, text, truth values, complex numbers.
        NonFiniteValue: for NaN and infinities.
        InvalidValue: for a negative gain, or an unknown norm.
        NonPositiveWeight: for a negative bundle weight.

    >>> bundle = weights_partial_from_dlpack([[0.1, -0.2], [0.3, 0.4]])
    >>> round(bundle.metrics["memory"], 6), bundle.origin, bundle.telemetry["psi.count"]
    (0.169511, 'dlpack', 4.0)
    """
    gains = {"weight_gain": weight_gain, "stability_gain": stability_gain, "focus_gain": focus_gain}
    gains = {name: _from_zero(name, value, InvalidValue) for name, value in gains.items()}
    weight = _from_zero("bundle_weight", bundle_weight, NonPositiveWeight)
    _require_text("telemetry_prefix", telemetry_prefix)
    _require_text("label", label or "")
    if norm not in NORMS:
        raise InvalidValue(f"norm = {norm!r} is unknown; {nearest(str(norm), NORMS)}")
    beside = merge_telemetry(telemetry)
    from stnb.inference.tally import tally

    sums = tally(_leaves("weights", weights))
    balance, focus = balance_and_focus(sums.positive, sums.negative)
    read = _statistics(sums, balance, focus)
    told = _telemetry(read, norm)
    return ZSpacePartialBundle(
        _metrics(sums, balance, norm, **gains) | {f"import_{name}": value for name, value in read.items()},
        weight=weight,
        origin=label or "dlpack",
        telemetry={f"{telemetry_prefix}.{name}": value for name, value in told.items()} | beside,
    )


def weights_partial_from_compat(
    weights: Any,
    *,
    adapter: str | None = None,
    bundle_weight: float = 1.0,
    label: str | None = None,
    weight_gain: float = 1.25,
    stability_gain: float = 1.5,
    focus_gain: float = 1.0,
    telemetry_prefix: str = "psi",
    telemetry: Any = None,
    norm: str = "mean",
) -> ZSpacePartialBundle:
    """`weights_partial_from_dlpack` under the name of the framework that the weights come from.

    The origin is "compat", or "compat:<adapter>" with telemetry under "<prefix>.<adapter>".

    >>> weights_partial_from_compat([0.1, 0.2], adapter="torch").origin
    'compat:torch'
    """
    if adapter is not None and not (isinstance(adapter, str) and adapter):
        raise TypeError(f"adapter = {adapter!r}; give the name of a framework such as 'torch', or None.")
    _require_text("telemetry_prefix", telemetry_prefix)
    return weights_partial_from_dlpack(
        weights,
        bundle_weight=bundle_weight,
        label=label or (f"compat:{adapter}" if adapter else "compat"),
        weight_gain=weight_gain,
        stability_gain=stability_gain,
        focus_gain=focus_gain,
        telemetry_prefix=f"{telemetry_prefix}.{adapter}" if adapter else telemetry_prefix,
        telemetry=telemetry,
        norm=norm,
    )


def infer_weights_from_dlpack(
    z_state: Any,
    weights: Any,
    *,
    alpha: float = 0.35,
    smoothing: float = 0.35,
    bundle_weight: float = 1.0,
    label: str | None = None,
    weight_gain: float = 1.25,
    stability_gain: float = 1.5,
    focus_gain: float = 1.0,
    telemetry_prefix: str = "psi",
    telemetry: Any = None,
    norm: str = "mean",
) -> ZSpaceInference:
    """`infer_from_partial` of z with `weights_partial_from_dlpack(weights, …)`; telemetry goes over the bundle's."""
    bundle = weights_partial_from_dlpack(
        weights,
        bundle_weight=bundle_weight,
        label=label,
        weight_gain=weight_gain,
        stability_gain=stability_gain,
        focus_gain=focus_gain,
        telemetry_prefix=telemetry_prefix,
        telemetry=telemetry,
        norm=norm,
    )
    return infer_from_partial(z_state, bundle, alpha=alpha, smoothing=smoothing)


def infer_weights_from_compat(
    z_state: Any,
    weights: Any,
    *,
    adapter: str | None = None,
    alpha: float = 0.35,
    smoothing: float = 0.35,
    bundle_weight: float = 1.0,
    label: str | None = None,
    weight_gain: float = 1.25,
    stability_gain: float = 1.5,
    focus_gain: float = 1.0,
    telemetry_prefix: str = "psi",
    telemetry: Any = None,
    norm: str = "mean",
) -> ZSpaceInference:
    """`infer_from_partial` of z with `weights_partial_from_compat(weights, …)`; telemetry goes over the bundle's."""
    bundle = weights_partial_from_compat(
        weights,
        adapter=adapter,
        bundle_weight=bundle_weight,
        label=label,
        weight_gain=weight_gain,
        stability_gain=stability_gain,
        focus_gain=focus_gain,
        telemetry_prefix=telemetry_prefix,
        telemetry=telemetry,
        norm=norm,
    )
    return infer_from_partial(z_state, bundle, alpha=alpha, smoothing=smoothing)


def _statistics(sums: Tally, balance: float, focus: float) -> dict[str, float]:
    names = ("l1", "l2", "linf", "mean", "variance", "energy", "count", "amplitude")
    return {name: float(getattr(sums, name)) for name in names} | {"balance": balance, "focus": focus}


def _telemetry(read: Mapping[str, float], norm: str) -> dict[str, float]:
    told = {n: read[n] for n in ("mean", "variance", "energy", "amplitude", "balance", "focus", "count")}
    if norm == "rms":
        told["power"] = told.pop("energy") / told["count"]
    return told


def _metrics(
    sums: Tally, balance: float, norm: str, *, weight_gain: float, stability_gain: float, focus_gain: float
) -> dict[str, float]:
    size = sums.l2 / (sums.count if norm == "mean" else math.sqrt(sums.count))
    spread = sums.variance / max(1e-9, sums.amplitude + sums.energy / sums.count)
    return {
        "speed": bounded_tanh(sums.mean + focus_gain * balance),
        "memory": bounded_tanh(weight_gain * size),
        "stability": bounded_tanh(stability_gain * (1.0 - spread)),
        "frac": bounded_tanh(sums.linf / (sums.l2 + 1e-9)),
        "drs": bounded_tanh(balance),
    }


def _from_zero(name: str, value: Any, error: type[Exception]) -> float:
    found = finite(name, value)
    if found < 0:
        raise error(f"{name} = {found}; give a number from 0 on.")
    return found


def _require_text(name: str, text: Any) -> None:
    if not isinstance(text, str):
        raise TypeError(f"{name} = {text!r} is of type {type(text).__name__}; give text.")


def _leaves(name: str, weights: Any, depth: int = 0) -> list[Tensor]:
    """The real tensors that a structure of weights is made of, as they lie; refused by name where there is another."""
    if depth > DEEPEST:
        raise InvalidValue(f"{name} is nested deeper than {DEEPEST} levels; does it contain itself?")
    if isinstance(weights, Mapping) or hasattr(weights, "state_dict"):
        entries = weights if isinstance(weights, Mapping) else weights.state_dict()
        found = [
            leaf for key, entry in entries.items() for leaf in _leaves(f"{name}[{key!r}]", entry, depth + 1)
        ]
        return [leaf for leaf in found if leaf.is_floating_point()] or found
    if isinstance(weights, (list, tuple)):
        return list(_of_sequence(name, weights, depth))
    return [_tensor(name, weights)]


def _of_sequence(name: str, weights: list[Any] | tuple[Any, ...], depth: int) -> Iterator[Tensor]:
    import torch

    if _is_flat(weights):
        yield torch.from_numpy(vector(name, weights) if weights else np.empty(0))
        return
    for index, entry in enumerate(weights):
        yield from _leaves(f"{name}[{index}]", entry, depth + 1)


def _is_flat(weights: Any) -> bool:
    """Numbers only, no text or truth values that NumPy would take for such."""
    kinds = set(map(type, weights))
    return bool not in kinds and all(
        issubclass(kind, (int, float, np.floating, np.integer)) for kind in kinds
    )


def _tensor(name: str, weights: Any) -> Tensor:
    import torch

    if isinstance(weights, (int, float, np.number)) and not isinstance(weights, bool):
        return torch.tensor(float(weights), dtype=torch.float64)
    if type(weights).__name__ == "PyCapsule" or hasattr(weights, "__dlpack__"):
        tensor = _from_dlpack(name, weights)
    elif hasattr(weights, "__array__"):
        tensor = _from_array(name, np.asarray(weights))
    else:
        tensor = torch.from_numpy(vector(name, weights))
    if tensor.is_complex() or tensor.dtype == torch.bool:
        raise TypeError(f"{name} holds {tensor.dtype}; give real numbers.")
    return (tensor if tensor.layout == torch.strided else tensor.to_dense()).to("cpu")


def _from_dlpack(name: str, weights: Any) -> Tensor:
    import torch

    if isinstance(weights, torch.Tensor):
        return weights.detach()
    if isinstance(weights, np.ndarray):
        return _from_array(name, weights)
    source = weights.detach() if hasattr(weights, "detach") else weights
    return torch.from_dlpack(source).detach()


def _from_array(name: str, array: np.ndarray) -> Tensor:
    """NumPy arrays that torch cannot look at in place (read-only, reversed, of odd types) are copied to float64."""
    import torch

    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} is an array of {array.dtype}; give real numbers.")
    shared = array.flags.writeable and array.dtype.isnative and min(array.strides, default=0) >= 0
    if shared and array.dtype in (np.float64, np.float32, np.float16, np.int64, np.int32, np.uint8):
        return torch.from_numpy(array)
    integral = array.dtype.kind != "f"
    return torch.from_numpy(np.array(array, dtype=np.int64 if integral else np.float64))
