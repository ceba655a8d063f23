"""Chance on the grader's side: a check, or a known slip that it calls, may draw from a library's own generator."""

from __future__ import annotations

import random
import sys

import numpy as np


def settle(seed: int) -> None:
    """Begin every global generator anew (63 bits): equal runs give equal records, and torch starts from entropy."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(seed)
