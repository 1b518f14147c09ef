"""`st.z`: texts, rows, metrics and partials in one line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stnb._core.errors import InvalidValue, nearest
from stnb.inference.metrics import z_metrics
from stnb.inference.partials import blend_zspace_partials, partial
from stnb.telemetry import softlogic_signal
from stnb.zspace.coordinates import clear, describe, embed, feedback, snapshot
from stnb.zspace.encoder import LanguageWaveEncoder

if TYPE_CHECKING:
    from stnb.zspace.tensor import Tensor

__all__ = ["ZShortcut", "encode_zspace", "z"]

CURVATURE, TEMPERATURE = -1.0, 0.5
OPTIONS = ("curvature", "temperature", "encoder")


def encode_zspace(
    text: str,
    curvature: float = CURVATURE,
    temperature: float = TEMPERATURE,
    encoder: LanguageWaveEncoder | None = None,
) -> Tensor:
    """A text as one row of the ball, by an encoder of one's own or by one of that curvature and temperature.

    >>> encode_zspace("hello").shape()
    (1, 10)
    """
    if encoder is None:
        encoder = LanguageWaveEncoder(curvature, temperature)
    elif not isinstance(encoder, LanguageWaveEncoder):
        raise TypeError(f"encoder is of type {type(encoder).__name__}; give a LanguageWaveEncoder.")
    return encoder.encode_z_space(text)


class ZShortcut:
    """One-liners around Z-space.

        z["text"]                                    the text as a Tensor, κ = −1, temperature 0.5
        z["text", 0.7]                               another temperature
        z["text", {"curvature": -0.5}]               options by name
        z["text", ("temperature", 0.7)]              the same as a pair
        z("text", curvature=-0.5)                    the same as a call
        z.embed(rows)                                rows with a variance and a cell each
        z.metrics(speed=0.5), z.partial(speed=0.5)   named metrics, and a partial observation of them
        z.bundle(a, b), z.blend(a, b)                partials blended
        z.describe(), z.snapshot(), z.feedback(), z.signal(), z.clear()   what the hub knows

    >>> z["hello", 0.7] == LanguageWaveEncoder(-1.0, 0.7).encode_z_space("hello")
    True
    """

    metrics = staticmethod(z_metrics)
    partial = staticmethod(partial)
    embed = staticmethod(embed)
    describe = staticmethod(describe)
    feedback = staticmethod(feedback)
    snapshot = staticmethod(snapshot)
    clear = staticmethod(clear)
    signal = staticmethod(softlogic_signal)

    def __getitem__(self, text: Any) -> Tensor:
        """A text as a row of the ball, with options after it."""
        selector, *others = text if isinstance(text, tuple) else (text,)
        if not isinstance(selector, str):
            raise TypeError(
                f'the first selector is of type {type(selector).__name__}; give a text, as in z["hello"].'
            )
        return encode_zspace(selector, **_options(others))

    def __call__(
        self,
        text: str,
        curvature: float = CURVATURE,
        temperature: float = TEMPERATURE,
        encoder: LanguageWaveEncoder | None = None,
    ) -> Tensor:
        """A text as a row of the ball."""
        return encode_zspace(text, curvature, temperature, encoder)

    def bundle(self, *partials: Any, strategy: str = "mean", weights: Any = None) -> dict[str, Any]:
        """Partials blended into one mapping of metrics."""
        return blend_zspace_partials(partials, weights=weights, strategy=strategy)

    blend = bundle

    def __repr__(self) -> str:
        return 'stnb.z: z["text"], z.embed(rows), z.metrics(…), z.partial(…), z.bundle(…)'


def _options(selectors: list[Any]) -> dict[str, Any]:
    """What stands after the text: numbers are temperatures, pairs and mappings are options by name."""
    found: dict[str, Any] = {}
    for selector in selectors:
        if isinstance(selector, Mapping):
            pairs = list(selector.items())
        elif isinstance(selector, tuple) and len(selector) == 2:
            pairs = [selector]
        elif isinstance(selector, (int, float)) and not isinstance(selector, bool):
            pairs = [("temperature", selector)]
        else:
            raise TypeError(
                f"the selector {selector!r} is of type {type(selector).__name__}; "
                "give a temperature, a pair such as ('curvature', -0.5), or a mapping."
            )
        for name, value in pairs:
            if name not in OPTIONS:
                raise InvalidValue(f"{name!r} is no option of a text; {nearest(str(name), OPTIONS)}")
            if name in found:
                raise TypeError(f"{name} is given twice, {found[name]!r} and {value!r}; give it once.")
            found[name] = value
    return found


z = ZShortcut()
