"""Inference as a running thing: a function compiled to one, a latent that gathers observations, a batch of partials."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, overload

from stnb.inference.decode import ZSpaceDecoded, decode_zspace_embedding, floored_alpha
from stnb.inference.infer import ZSpaceInference, fraction, infer_with_partials, project
from stnb.inference.partials import blend_zspace_partials, counted, partial
from stnb.inference.telemetry import merge_telemetry

__all__ = ["ZSpaceInferencePipeline", "ZSpaceInferenceRuntime", "compile_inference"]

Observe = Callable[..., Any]
Infer = Callable[..., ZSpaceInference]


@overload
def compile_inference(observe: Observe, /) -> Infer: ...
@overload
def compile_inference(
    *, alpha: float = ..., smoothing: float = ..., telemetry: Any = ...
) -> Callable[[Observe], Infer]: ...
def compile_inference(
    observe: Observe | None = None,
    /,
    *,
    alpha: float = 0.35,
    smoothing: float = 0.35,
    telemetry: Any = None,
) -> Infer | Callable[[Observe], Infer]:
    """Turn a function that returns a partial into one that takes a latent first and returns its inference.

    Settings are checked when the function is compiled.

    >>> @compile_inference(smoothing=0.5)
    ... def paced(speed):
    ...     return {"speed": speed}
    >>> dict(paced([0.1, 0.2], 0.4).applied)
    {'speed': 0.4}
    """
    order, share, payload = floored_alpha(alpha), fraction("smoothing", smoothing), merge_telemetry(telemetry)
    if observe is not None and not callable(observe):
        raise TypeError(
            f"{observe!r} is of type {type(observe).__name__}; give a function that returns a partial."
        )

    def compiled(function: Observe) -> Infer:
        @functools.wraps(function)
        def infer(z_state: Any, *args: Any, **kwargs: Any) -> ZSpaceInference:
            found = function(*args, **kwargs)
            return infer_with_partials(z_state, found, alpha=order, smoothing=share, telemetry=payload)

        return infer

    return compiled if observe is None else compiled(observe)


class ZSpaceInferenceRuntime:
    """One latent that gathers observations: each update overrides what it names and keeps the rest.

    >>> runtime = ZSpaceInferenceRuntime([0.1, 0.2, -0.1])
    >>> _ = runtime.update({"speed": 0.4})
    >>> dict(runtime.update({"mem": 0.1}).applied)
    {'speed': 0.4, 'memory': 0.1}
    """

    def __init__(
        self,
        z_state: Any,
        *,
        alpha: float = 0.35,
        smoothing: float = 0.35,
        accumulate: bool = True,
        telemetry: Any = None,
    ) -> None:
        """Decode the latent once.

        Args:
            z_state: the latent, a series of numbers.
            alpha: order of the fractional energy.
            smoothing: share of the decoded barycentric coordinates that is kept.
            accumulate: False forgets the earlier observations at every update.
            telemetry: readings that go before those of the updates.
        """
        self._smoothing = fraction("smoothing", smoothing)
        self._alpha = floored_alpha(alpha)
        self._base = merge_telemetry(telemetry)
        self._prior = decode_zspace_embedding(z_state, alpha=self._alpha)
        self._accumulate = bool(accumulate)
        self._observed: dict[str, Any] = {}
        self._payload = dict(self._base)

    @property
    def prior(self) -> ZSpaceDecoded:
        """The latent as it decodes without observations."""
        return self._prior

    def update(self, partial: Any = None, *, telemetry: Any = None) -> ZSpaceInference:
        """Take an observation in and infer; a partial that is refused changes nothing."""
        bundles = counted([partial])
        observed = blend_zspace_partials(bundles)
        payload = merge_telemetry(*bundles, telemetry)
        if self._accumulate:
            observed, payload = self._observed | observed, self._payload | payload
        else:
            payload = self._base | payload
        found = project(self._prior, observed, payload, self._smoothing)
        self._observed, self._payload = observed, payload
        return found

    def infer(self) -> ZSpaceInference:
        """The inference from what is known now."""
        return project(self._prior, self._observed, self._payload, self._smoothing)

    def reset(self, z_state: Any = None) -> None:
        """Forget every observation, and take a new latent if one is given."""
        if z_state is not None:
            self._prior = decode_zspace_embedding(z_state, alpha=self._alpha)
        self._observed, self._payload = {}, dict(self._base)


class ZSpaceInferencePipeline:
    """Partials collected for one latent and inferred together.

    >>> pipeline = ZSpaceInferencePipeline([0.1, 0.2, -0.1], strategy="max")
    >>> pipeline.add_partial({"speed": 0.4}).add_partial({"speed": 0.6}).infer().applied["speed"]
    0.6
    """

    def __init__(
        self,
        z_state: Any,
        *,
        alpha: float = 0.35,
        smoothing: float = 0.35,
        strategy: str = "mean",
        gradient_alignment: str = "strict",
        telemetry: Any = None,
    ) -> None:
        """Decode the latent once; the settings are those of `infer_with_partials`."""
        blend_zspace_partials((), strategy=strategy, gradient_alignment=gradient_alignment)
        self._smoothing = fraction("smoothing", smoothing)
        self._how = {"strategy": strategy, "gradient_alignment": gradient_alignment}
        self._telemetry = merge_telemetry(telemetry)
        self._prior = decode_zspace_embedding(z_state, alpha=alpha)
        self._partials: list[Any] = []

    def __len__(self) -> int:
        return len(self._partials)

    def add_partial(self, source: Any = None, **named: Any) -> ZSpaceInferencePipeline:
        """Keep a partial, made as by `partial`, and return the pipeline."""
        self._partials.append(partial(source, **named))
        return self

    def infer(self, *, weights: Sequence[Any] | None = None, telemetry: Any = None) -> ZSpaceInference:
        """Infer from all that were added; they stay until `clear`."""
        bundles = counted(self._partials, weights)
        payload = merge_telemetry(*bundles, self._telemetry, telemetry)
        return project(self._prior, blend_zspace_partials(bundles, **self._how), payload, self._smoothing)

    def clear(self) -> None:
        """Drop the partials."""
        self._partials.clear()
