"""Written derivations, checked step by step: LaTeX, Markdown or a `Chain` in, verdicts with counterexamples out.

Imports `records` only. Promises: nothing is evaluated as code, no input hangs, equal inputs give equal verdicts,
and a step is refuted only where it fails in every reading, in at least two models, with many digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader._lazy import lazy

if TYPE_CHECKING:
    from grader.derivation._chain import KL as KL
    from grader.derivation._chain import Chain as Chain
    from grader.derivation._chain import E as E
    from grader.derivation._chain import Term as Term
    from grader.derivation._chain import det as det
    from grader.derivation._chain import draws as draws
    from grader.derivation._chain import exp as exp
    from grader.derivation._chain import index as index
    from grader.derivation._chain import integral as integral
    from grader.derivation._chain import log as log
    from grader.derivation._chain import terms_of as terms_of
    from grader.derivation._chain import total as total
    from grader.derivation._check import check_writeup as check_writeup
    from grader.derivation._process import Checked as Checked
    from grader.derivation._process import ReaderLimits as ReaderLimits
    from grader.derivation._process import WriteupReader as WriteupReader
    from grader.derivation._sections import Section as Section
    from grader.derivation._sections import sections as sections
    from grader.derivation._sheet import Box as Box
    from grader.derivation._sheet import Density as Density
    from grader.derivation._sheet import Function as Function
    from grader.derivation._sheet import Goal as Goal
    from grader.derivation._sheet import Sheet as Sheet
    from grader.derivation._sheet import Space as Space
    from grader.derivation._sheet import Subset as Subset
    from grader.derivation._sheet import Variable as Variable
    from grader.derivation._sheet_toml import load_sheets as load_sheets
    from grader.derivation._source import read_writeup as read_writeup

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

_PLACES = {
    "Chain": "grader.derivation._chain",
    "E": "grader.derivation._chain",
    "KL": "grader.derivation._chain",
    "Term": "grader.derivation._chain",
    "det": "grader.derivation._chain",
    "draws": "grader.derivation._chain",
    "exp": "grader.derivation._chain",
    "index": "grader.derivation._chain",
    "integral": "grader.derivation._chain",
    "log": "grader.derivation._chain",
    "terms_of": "grader.derivation._chain",
    "total": "grader.derivation._chain",
    "check_writeup": "grader.derivation._check",
    "Checked": "grader.derivation._process",
    "ReaderLimits": "grader.derivation._process",
    "WriteupReader": "grader.derivation._process",
    "Section": "grader.derivation._sections",
    "sections": "grader.derivation._sections",
    "Box": "grader.derivation._sheet",
    "Density": "grader.derivation._sheet",
    "Function": "grader.derivation._sheet",
    "Goal": "grader.derivation._sheet",
    "Sheet": "grader.derivation._sheet",
    "Space": "grader.derivation._sheet",
    "Subset": "grader.derivation._sheet",
    "Variable": "grader.derivation._sheet",
    "load_sheets": "grader.derivation._sheet_toml",
    "read_writeup": "grader.derivation._source",
}

__getattr__ = lazy(__name__, _PLACES)
