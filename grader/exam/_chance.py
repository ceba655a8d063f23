"""Chance on the grader's side: a check, or a known slip that it calls, may draw from a library's own generator."""

from __future__ import annotations

import hashlib
import random
import sys

import numpy as np


def settle(seed: int) -> None:
    """Begin every global generator anew (63 bits): equal runs give equal records, and torch starts from entropy."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(seed)


def call_seed(seed: int, check: str, index: int) -> int:
    """63 bits from the run's seed, the check and the number of the call."""
    digest = hashlib.sha256(f"{seed}|{check}|{index}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
