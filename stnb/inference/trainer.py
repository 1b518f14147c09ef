"""A latent vector that follows a stream of metrics, by Adam."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from stnb._core.errors import DataLength, InvalidValue, NonPositiveLearningRate
from stnb._core.numbers import finite
from stnb.inference.decode import floored_alpha
from stnb.inference.fractional import FractionalEnergy
from stnb.inference.infer import ZSpaceInference, infer_from_partial, inference_to_mapping
from stnb.inference.metrics import ZMetrics
from stnb.inference.names import GRADIENT, canonical_metrics
from stnb.inference.partials import ZSpacePartialBundle
from stnb.zspace.intake import vector

__all__ = ["ZSpaceTrainer", "step_many", "stream_zspace_training"]

TERMS = ("speed", "memory", "stability", "drs")
VECTORS = ("z", "moment", "velocity")
KEYS = (*VECTORS, "step", "hyperparams")


class ZSpaceTrainer:
    """Moves z against u = tanh(g) + λ_f·∇R/max(1, max|∇R|), g the observed gradient, with Adam's bias correction.

    g is repeated or cut off to the length of z, 0 if there is none; R is the fractional energy of z
    (`stnb.inference.fractional`). Each step returns

        loss = λ_s tanh(speed) + λ_m tanh(memory) + λ_st tanh(stability) + λ_d tanh(drs) + λ_f R(z)

    as it was before the step. The metrics are observations: only R depends on z, so **the loss need not fall** while z
    follows the gradients. Observed frac and auxiliary metrics are read but do not enter. A convention of this project.
    It draws no random numbers.

    >>> trainer = ZSpaceTrainer(z_dim=2)
    >>> loss = trainer.step({"speed": 0.3, "gradient": [0.1, -0.2]})
    >>> round(loss, 6), [round(x, 6) for x in trainer.state]
    (0.145656, [-0.01, 0.01])
    """

    def __init__(
        self,
        z_dim: int = 4,
        *,
        alpha: float = 0.35,
        lam_speed: float = 0.5,
        lam_mem: float = 0.3,
        lam_stab: float = 0.2,
        lam_frac: float = 0.1,
        lam_drs: float = 0.0,
        lr: float = 1e-2,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
    ) -> None:
        """A latent of z_dim zeros.

        Raises:
            InvalidValue: for a z_dim below 1, a beta outside [0, 1), or an eps that is not above 0.
            NonPositiveLearningRate: for an lr that is not above 0.
            TypeError: for a z_dim that is no integer.
        """
        if isinstance(z_dim, bool) or not isinstance(z_dim, (int, np.integer)):
            raise TypeError(f"z_dim = {z_dim!r} is of type {type(z_dim).__name__}; give an integer above 0.")
        if z_dim <= 0:
            raise InvalidValue(f"z_dim = {z_dim}; a latent needs at least one value.")
        self._n = int(z_dim)
        lambdas = (lam_speed, lam_mem, lam_stab, lam_frac, lam_drs)
        self._settle(_checked(alpha=alpha, lambdas=lambdas, lr=lr, beta1=beta1, beta2=beta2, eps=eps))
        self.reset()

    @property
    def z_dim(self) -> int:
        """Length of the latent."""
        return self._n

    @property
    def state(self) -> list[float]:
        """A copy of the latent."""
        return self._z.tolist()

    def step(
        self, metrics: Mapping[str, Any] | ZMetrics | ZSpaceInference, *, prefer_applied: bool = True
    ) -> float:
        """One Adam step; the loss before it.

        Args:
            metrics: a mapping under any of the metrics' names, `ZMetrics`, a bundle, or an inference.
            prefer_applied: take from an inference what was observed, if anything was, and not the decoded rest.

        Raises:
            TypeError: for a payload of another kind.
            UnknownMetricError: for a metric that nobody knows.
            NonFiniteValue: for NaN and infinities.
        """
        return self._advance(*self._parsed(metrics, prefer_applied=prefer_applied))

    def step_batch(self, metrics: Iterable[Any], *, prefer_applied: bool = True) -> list[float]:
        """One step for each payload, in order; if one of them is refused, none is taken."""
        parsed = [self._parsed(payload, prefer_applied=prefer_applied) for payload in metrics]
        return [self._advance(*payload) for payload in parsed]

    def step_partial(
        self, partial: Any, *, smoothing: float = 0.35, telemetry: Any = None, prefer_applied: bool = True
    ) -> float:
        """A step with the inference of the latent itself from a partial."""
        inference = infer_from_partial(
            self._z, partial, alpha=self._hyper["alpha"], smoothing=smoothing, telemetry=telemetry
        )
        return self.step(inference, prefer_applied=prefer_applied)

    def reset(self) -> None:
        """Back to zeros, as if no step had been taken."""
        self._z, self._moment, self._velocity = np.zeros((3, self._n))
        self._step = 0

    def state_dict(self) -> dict[str, Any]:
        """Everything that decides the next steps, as numbers and lists that `json` can write."""
        hyper = self._hyper | {"lambda": list(self._hyper["lambda"])}
        return {
            "z": self._z.tolist(),
            "moment": self._moment.tolist(),
            "velocity": self._velocity.tolist(),
            "step": self._step,
            "hyperparams": hyper,
        }

    def load_state_dict(self, state: Mapping[str, Any], *, strict: bool = True) -> None:
        """Continue from a `state_dict()`, bit for bit.

        Args:
            state: what `state_dict()` gave.
            strict: False keeps what is missing as it is, ignores unknown names, and cuts off vectors of another length
                or continues them by zeros.

        Raises:
            KeyError: for a missing or an unknown name.
            DataLength: for vectors of another length.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"state is of type {type(state).__name__}; give what state_dict() returned.")
        known = self.state_dict()
        merged = _merged("state", state, known, strict=strict)
        hyper = _merged("hyperparams", merged["hyperparams"], known["hyperparams"], strict=strict)
        settings = _checked(lambdas=hyper.pop("lambda"), **hyper)
        vectors = [self._fitted(name, merged[name], strict=strict) for name in VECTORS]
        if (vectors[2] < 0).any():
            raise InvalidValue("velocity holds a negative value; it is a mean of squares.")
        steps = merged["step"]
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
            raise InvalidValue(f"step = {steps!r}; give an integer from 0 on.")
        self._settle(settings)
        self._z, self._moment, self._velocity = vectors
        self._step = steps

    def _settle(self, settings: dict[str, Any]) -> None:
        self._hyper = settings
        self._regulariser = FractionalEnergy(self._n, settings["alpha"])

    def _parsed(self, payload: Any, *, prefer_applied: bool) -> tuple[float, np.ndarray]:
        """The metrics' part of the loss, and tanh of the gradient at the length of z."""
        if isinstance(payload, ZSpaceInference):
            payload = inference_to_mapping(payload, prefer_applied=prefer_applied)
        elif isinstance(payload, ZMetrics):
            payload = payload.readings()
        elif isinstance(payload, ZSpacePartialBundle):
            payload = payload.metrics
        elif not isinstance(payload, Mapping):
            raise TypeError(
                f"metrics are of type {type(payload).__name__}; give a mapping, ZMetrics or a ZSpaceInference."
            )
        known = canonical_metrics(payload)
        speed, memory, stability, _, drs = self._hyper["lambda"]
        factors = zip(TERMS, (speed, memory, stability, drs), strict=True)
        terms = sum(factor * math.tanh(known.get(name, 0.0)) for name, factor in factors)
        gradient = known.get(GRADIENT)
        pull = np.zeros(self._n) if gradient is None else np.tanh(np.resize(gradient, self._n))
        return terms, pull

    def _advance(self, terms: float, pull: np.ndarray) -> float:
        hyper = self._hyper
        weight, beta1, beta2 = hyper["lambda"][3], hyper["beta1"], hyper["beta2"]
        with np.errstate(over="ignore", invalid="ignore"):
            energy, slope = self._regulariser.value_and_gradient(self._z)
        if not math.isfinite(energy):
            raise InvalidValue(
                f"the latent reaches {np.abs(self._z).max():g} and its energy exceeds float64; reset, or lower lr."
            )
        u = pull + weight / max(1.0, float(np.abs(slope).max())) * slope
        self._step += 1
        self._moment = beta1 * self._moment + (1.0 - beta1) * u
        self._velocity = beta2 * self._velocity + (1.0 - beta2) * u * u
        unbiased = self._moment / (1.0 - beta1**self._step)
        spread = np.sqrt(self._velocity / (1.0 - beta2**self._step)) + hyper["eps"]
        self._z = self._z - hyper["lr"] * unbiased / spread
        return terms + weight * energy

    def _fitted(self, name: str, values: Any, *, strict: bool) -> np.ndarray:
        given = vector(name, values)
        if strict and len(given) != self._n:
            raise DataLength(
                f"{name} has {len(given)} values for a latent of {self._n}; pass strict=False to fit it."
            )
        fitted = np.zeros(self._n)
        fitted[: len(given)] = given[: self._n]
        return fitted


def step_many(trainer: ZSpaceTrainer, samples: Iterable[Any]) -> list[float]:
    """One step for each sample; the latent after the last one."""
    for sample in samples:
        trainer.step(sample)
    return trainer.state


def stream_zspace_training(
    trainer: ZSpaceTrainer,
    samples: Iterable[Any],
    *,
    on_step: Callable[[int, list[float], float], Any] | None = None,
) -> list[float]:
    """One step for each sample as it comes; the losses.

    Args:
        trainer: what learns.
        samples: payloads of `ZSpaceTrainer.step`, from a list or a generator.
        on_step: called as on_step(index, state, loss) after each step.

    >>> stream_zspace_training(ZSpaceTrainer(z_dim=3), [{"speed": 0.0}] * 2)
    [0.0, 0.0]
    """
    losses = []
    for index, sample in enumerate(samples):
        losses.append(trainer.step(sample))
        if on_step is not None:
            on_step(index, trainer.state, losses[-1])
    return losses


def _merged(label: str, given: Any, known: Mapping[str, Any], *, strict: bool) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise TypeError(f"{label} is of type {type(given).__name__}; give a mapping.")
    missing, foreign = [k for k in known if k not in given], [k for k in given if k not in known]
    if strict and (missing or foreign):
        raise KeyError(
            f"{label} misses {missing} and has unknown {foreign}; pass strict=False to take the rest."
        )
    return {name: given.get(name, value) for name, value in known.items()}


def _checked(*, alpha: Any, lambdas: Any, lr: Any, beta1: Any, beta2: Any, eps: Any) -> dict[str, Any]:
    names = ("lam_speed", "lam_mem", "lam_stab", "lam_frac", "lam_drs")
    if len(lambdas) != len(names):
        raise DataLength(f"lambda has {len(lambdas)} values; give {len(names)}: {', '.join(names)}.")
    rate = finite("lr", lr)
    if not rate > 0:
        raise NonPositiveLearningRate(f"lr = {rate}; give a number above 0, such as 0.01.")
    betas = {"beta1": finite("beta1", beta1), "beta2": finite("beta2", beta2)}
    for name, beta in betas.items():
        if not 0.0 <= beta < 1.0:
            raise InvalidValue(f"{name} = {beta}; give a number from 0 to just below 1.")
    floor = finite("eps", eps)
    if not floor > 0:
        raise InvalidValue(f"eps = {floor}; give a small number above 0, such as 1e-8.")
    return {
        "alpha": floored_alpha(alpha),
        "lambda": tuple(finite(name, value) for name, value in zip(names, lambdas, strict=True)),
        "lr": rate,
        **betas,
        "eps": floor,
    }
