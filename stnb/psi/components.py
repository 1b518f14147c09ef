"""The parts that the stress of training, ψ, is made of, and the names that people give them."""

from __future__ import annotations

import re

from stnb._core.errors import UnknownNameError, nearest

__all__ = ["COMPONENTS", "DEFAULTS", "component", "parse_list"]

COMPONENTS = ("loss", "grad_norm", "update_ratio", "act_drift", "attn_entropy", "band_energy")
DEFAULTS = frozenset(COMPONENTS[:4])
ALIASES = {
    "grad": "grad_norm",
    "gradient": "grad_norm",
    "grad_l2": "grad_norm",
    "gradnorm": "grad_norm",
    "update": "update_ratio",
    "ratio": "update_ratio",
    "updateratio": "update_ratio",
    "act": "act_drift",
    "activation": "act_drift",
    "activation_drift": "act_drift",
    "actdrift": "act_drift",
    "drift": "act_drift",
    "attn": "attn_entropy",
    "attention": "attn_entropy",
    "attention_entropy": "attn_entropy",
    "attnentropy": "attn_entropy",
    "entropy": "attn_entropy",
    "band": "band_energy",
    "bands": "band_energy",
    "bandenergy": "band_energy",
    "energy": "band_energy",
}


def component(name: str) -> str:
    """The component behind a name or one of its aliases, in any case, with `-` for `_` where one likes.

    Raises:
        TypeError: when the name is no string.
        UnknownNameError: a ValueError, when nobody knows it.
    """
    if not isinstance(name, str):
        raise TypeError(f"component = {name!r} is of type {type(name).__name__}; give a name such as 'loss'.")
    plain = name.strip().lower().replace("-", "_")
    found = plain if plain in COMPONENTS else ALIASES.get(plain)
    if found is None:
        raise UnknownNameError(f"{name!r} is no component of ψ; {nearest(plain, COMPONENTS)}")
    return found


def parse_list(text: str) -> frozenset[str]:
    """The components in a list separated by commas, bars, semicolons or spaces; loss to act_drift if it is empty.

    >>> sorted(parse_list("loss | grad; band"))
    ['band_energy', 'grad_norm', 'loss']
    """
    if not isinstance(text, str):
        raise TypeError(f"a list of type {type(text).__name__}; give a string such as 'loss, grad_norm'.")
    words = [word for word in re.split(r"[,|;\s]+", text) if word]
    return frozenset(map(component, words)) or DEFAULTS
