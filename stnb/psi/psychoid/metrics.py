"""The eleven raw metrics of a window of tokens. W is its number of words, at least 1; texts come from the tokens.

D    mean KL(p_t ‖ p_{t+1}) over consecutive predictions, with 1e-8 inside the logarithms: divergence
S    max(0, (phrases of assent − phrases of contrast)/W)
C    1 − mean cosine of consecutive activations
K    KL(latest prediction ‖ the first one ever seen): drift
H    phrases of refusal
RR   ritual openings/W, and RRI, by how much that rose since the reading before
NU   max(0, numinous words/W − ¼·share of the window's words that the prompt has too)
TD   1 where something is sorted into kinds, otherwise 0
SE   words for symbols
AX   0.35 D + 0.25 C + 0.25 RR + 0.15 NU

All of these are conventions of this project: counts of phrases and distances of vectors, which say nothing about a mind.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jaxtyping import Float

    from stnb.psi.psychoid.lexicons import Lexicon

__all__ = ["cosine", "divergence", "joined", "lexical", "softmax", "strain"]

LEAST = 1e-8
MARKS = str.maketrans({"Ġ": " ", "▁": " ", "Ċ": "\n"})
WORD = re.compile(r"\w+")


def softmax(logits: Float[np.ndarray, " v"]) -> Float[np.ndarray, " v"]:
    """exp(lᵢ)/Σ exp(l)."""
    with np.errstate(over="ignore"):
        powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def divergence(p: Float[np.ndarray, " v"], q: Float[np.ndarray, " v"]) -> float:
    """KL(p ‖ q) = Σ p (ln(p + 1e-8) − ln(q + 1e-8)); what the 1e-8 would take below 0 is 0."""
    return max(0.0, float((p * (np.log(p + LEAST) - np.log(q + LEAST))).sum()))


def cosine(a: Float[np.ndarray, " h"], b: Float[np.ndarray, " h"]) -> float:
    """The cosine in [−1, 1]; with a vector of zeros it is 1 if both are and 0 otherwise."""
    longest_a, longest_b = np.abs(a).max(), np.abs(b).max()
    if longest_a == 0 or longest_b == 0:
        return float(longest_a == longest_b)
    a, b = a / longest_a, b / longest_b
    return min(max(float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b))), -1.0), 1.0)


def joined(texts: Sequence[str]) -> str:
    """Token texts as running text, by their own spacing; by single spaces if they have none at all.

    `Ġ` and `▁` are read as spaces, `Ċ` as a line break, and `##` as "no space before me".
    """
    spelled = [text.translate(MARKS) for text in texts if text]
    if any(character.isspace() for text in spelled for character in text):
        return "".join(spelled)
    return " ".join(spelled).replace(" ##", "")


def lexical(text: str, prompt: str, lexicons: Mapping[str, Lexicon]) -> dict[str, float]:
    """S, H, RR, NU, TD and SE of a text that answers a prompt."""
    count = {name: len(lexicon.found(text)) for name, lexicon in lexicons.items()}
    words = max(1, len(text.split()))
    return {
        "S": max(0.0, (count["assent"] - count["contrast"]) / words),
        "H": float(count["refusal"]),
        "RR": count["ritual"] / words,
        "NU": max(0.0, count["numinous"] / words - 0.25 * _overlap(prompt, text)),
        "TD": float(count["taxonomy"] > 0),
        "SE": float(count["symbols"]),
    }


def strain(raw: Mapping[str, float]) -> float:
    """AX = 0.35 D + 0.25 C + 0.25 RR + 0.15 NU."""
    return math.fsum((0.35 * raw["D"], 0.25 * raw["C"], 0.25 * raw["RR"], 0.15 * raw["NU"]))


def _overlap(prompt: str, text: str) -> float:
    asked, said = (set(WORD.findall(words.casefold())) for words in (prompt, text))
    return len(asked & said) / len(said) if said else 0.0
