"""Written derivations, checked step by step: LaTeX, Markdown or a `Chain` in, verdicts with counterexamples out.

Imports `records` only. Promises: nothing is evaluated as code, no input hangs, equal inputs give equal verdicts,
and a step is refuted only where it fails in every reading, in at least two models, with many digits.
"""

from grader.derivation._chain import (
    KL,
    Chain,
    E,
    Term,
    det,
    draws,
    exp,
    index,
    integral,
    log,
    terms_of,
    total,
)
from grader.derivation._check import check_writeup
from grader.derivation._process import Checked, ReaderLimits, WriteupReader
from grader.derivation._sections import Section, sections
from grader.derivation._sheet import Box, Density, Function, Goal, Sheet, Space, Subset, Variable
from grader.derivation._sheet_toml import load_sheets
from grader.derivation._source import read_writeup

__all__ = [
    "KL",
    "Box",
    "Chain",
    "Checked",
    "Density",
    "E",
    "Function",
    "Goal",
    "ReaderLimits",
    "Section",
    "Sheet",
    "Space",
    "Subset",
    "Term",
    "Variable",
    "WriteupReader",
    "check_writeup",
    "det",
    "draws",
    "exp",
    "index",
    "integral",
    "load_sheets",
    "log",
    "read_writeup",
    "sections",
    "terms_of",
    "total",
]
