"""Shared by the tests of the derivation room: the shipped notation sheets and our own write-ups."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from grader.derivation import Sheet, check_writeup, load_sheets
from grader.records import Derivation, DerivationStep

ROOT = Path(__file__).resolve().parents[2]
NOTATION = ROOT / "checks" / "notation"
WRITEUPS = sorted((Path(__file__).parent / "writeups").iterdir())


@cache
def sheets(assignment: str) -> Mapping[str, Sheet]:
    return load_sheets(NOTATION / assignment)


def check(text: str, problem: str, assignment: str = "hw10", kind: str = "md", seed: int = 0) -> Derivation:
    """The record of a text without headings, under one problem's sheet."""
    sheet = sheets(assignment)[problem]
    (record,) = check_writeup(text, file="writeup." + kind, kind=kind, sheets={problem: sheet}, seed=seed)
    return record


def verdicts(text: str, problem: str, assignment: str = "hw10", kind: str = "md") -> list[str]:
    return [step.verdict for step in check(text, problem, assignment, kind).steps]


def assignment_of(path: Path) -> tuple[str, str]:
    """The assignment and problem that a write-up's name begins with: `hw10-4a-det.tex`."""
    assignment, problem, _ = path.name.split("-", 2)
    return assignment, problem


@cache
def check_file(path: Path, text: str | None = None) -> tuple[Derivation, ...]:
    assignment, problem = assignment_of(path)
    known = sheets(assignment)
    source = path.read_text(encoding="utf-8") if text is None else text
    return check_writeup(source, file=path.name, kind=path.suffix[1:], sheets={problem: known[problem]})


def steps_of(records: tuple[Derivation, ...]) -> list[DerivationStep]:
    return [step for record in records for step in record.steps]


RULES = (
    ("plus for minus", r"(?<=[^\s{(\[&=,]) *\+ *", " - "),
    ("minus for plus", r"(?<=[^\s{(\[&=,^]) *- *(?!1\})", " + "),
    ("a lost logarithm", r"\\log(?![a-z])", ""),
    ("sine for cosine", r"\\cos(?![a-z])", r"\sin"),
    ("cosine for sine", r"\\sin(?![a-z])", r"\cos"),
    ("max for min", r"\\min(?![a-z])", r"\max"),
    ("a cube for a square", r"\^2(?![0-9])", "^3"),
    ("a lost mean", r"\\frac1K|\\frac\{1\}\{K\}", ""),
    ("a product for a sum", r"\\sum", r"\prod"),
    ("a sum for a product", r"\\prod", r"\sum"),
    ("one too many", r"(?<![\d_^{])1(?![\d}])", "2"),
    ("the other density", r"(?<![a-zA-Z\\])h\(", "q("),
    ("half for third", r"\\frac12|\\tfrac12", r"\frac13"),
    ("n lost", r"mn", "m"),
    ("a negated expectation", r"\\mathbb\{E\}", r"-\mathbb{E}"),
    ("the other direction", r"\\leq?(?![a-z])", r"\ge "),
    ("this direction", r"\\geq?(?![a-z])", r"\le "),
)


def mutants(text: str, step: DerivationStep) -> Iterator[tuple[str, str]]:
    """The text with one token of the step's right side changed, and what was done."""
    pattern = re.compile(r"\s+".join(re.escape(word) for word in step.source.split()))
    for match in pattern.finditer(text):
        if text.count("\n", 0, match.start()) + 1 == step.line:
            region = match.group()
            for name, old, new in RULES:
                for found in re.finditer(old, region):
                    changed = region[: found.start()] + new + region[found.end() :]
                    yield name, text[: match.start()] + changed + text[match.end() :]
            return


EQUIVALENT = (
    # Expectations of the score vanish, so any multiple of them may be added.
    ("hw10-1-", {"plus for minus", "minus for plus", "one too many", "a negated expectation"}),
    ("hw8-8-", {"plus for minus", "minus for plus", "one too many"}),
    ("hw11-2b-", {"minus for plus"}),
    # Determinants do not see the signs of a triangular matrix's other entries, and a normal law is symmetric.
    ("hw10-4a-", {"plus for minus"}),
    ("hw10-6b-", {"plus for minus"}),
    ("hw11-2c-", {"plus for minus"}),
    # The minimum of h is zero; a clip at two does nothing where the value is below one; a cube has the same minimiser.
    ("hw8-2-", {"minus for plus"}),
    ("hw10-2-", {"one too many", "a cube for a square"}),
    # True, though looser.
    ("generative-5", {"one too many", "a cube for a square"}),
)
"""Mutants that say the same as the right step, by the write-up's name and what was done to it."""

_MATRICES = frozenset(["hw10-4", "hw8-4", "hw8-5", "hw11-4", "generative-2", "generative-6"])
_SCALARS = frozenset(["hw10-2", "hw8-2", "generative-5"])


def dialect_of(path: Path) -> str:
    """matrices, scalars, or expectations (integrals, divergences, bounds)."""
    assignment, problem = assignment_of(path)
    start = f"{assignment}-{problem[0]}"
    return "matrices" if start in _MATRICES else "scalars" if start in _SCALARS else "expectations"


def outcome_of(path: Path, text: str, name: str) -> str:
    """What becomes of a mutant: detected, unreadable, for a person, equivalent or survived."""
    before = Counter(step.verdict for step in steps_of(check_file(path)))
    after = Counter(step.verdict for step in steps_of(check_file(path, text)))
    if after["refuted"] + after["recovers"] > before["refuted"] + before["recovers"]:
        return "detected"
    if after["unreadable"] > before["unreadable"]:
        return "unreadable"
    if after["undecided"] > before["undecided"]:
        return "for a person"
    equivalent = any(path.name.startswith(start) and name in names for start, names in EQUIVALENT)
    return "equivalent" if equivalent else "survived"
