"""Numeric cases that were worked out apart from the code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "golden"


def golden(file: str, case: str) -> tuple[dict[str, Any], dict[str, Any], float]:
    """Inputs, outputs and absolute float64 tolerance of a case."""
    cases = json.loads((FOLDER / f"{file}.json").read_text(encoding="utf-8"))["cases"]
    found = next(c for c in cases if c["id"] == case)
    return found["inputs"], found["outputs"], found["abs_tol_float64"]


def session_case(name: str) -> tuple[dict[str, Any], Any, float]:
    """Inputs, output and absolute tolerance of a case about sessions."""
    cases = json.loads((FOLDER / "session.json").read_text(encoding="utf-8"))["cases"]
    found = next(c for c in cases if c["name"] == name)
    return found["inputs"], found["output"], found["tolerance"]
