"""Bytes as oscillators: a tokenizer without training, and carriers that learn what follows what."""

from __future__ import annotations

from stnb.manifold.tokens.baselines import BoundedNGram, LastByte, NGram, Predictor
from stnb.manifold.tokens.config import TokenConfig
from stnb.manifold.tokens.engine import TokenEngine
from stnb.manifold.tokens.evaluation import Report, Score, compare, ordinary_predictors, prequential
from stnb.manifold.tokens.mappings import spectral_score, token_centre, token_frequency
from stnb.manifold.tokens.particles import TokenParticles
from stnb.manifold.tokens.recall import Recollection
from stnb.manifold.tokens.saved import Snapshot
from stnb.manifold.tokens.tokenizer import SPECIALS, TokenizerConfig, UniversalTokenizer

__all__ = [
    "SPECIALS",
    "BoundedNGram",
    "LastByte",
    "NGram",
    "Predictor",
    "Recollection",
    "Report",
    "Score",
    "Snapshot",
    "TokenConfig",
    "TokenEngine",
    "TokenParticles",
    "TokenizerConfig",
    "UniversalTokenizer",
    "compare",
    "ordinary_predictors",
    "prequential",
    "spectral_score",
    "token_centre",
    "token_frequency",
]
