"""Real hand-ins and official sheets, where they are at hand: known errors are found, what is right is not refuted.

The folder is `$GRADER_SEEDS`, or `../shared/seeds` beside the repository. Without it these tests are skipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from grader.derivation import check_writeup
from grader.records import Derivation, DerivationStep
from tests.derivation.support import ROOT, sheets

SEEDS = Path(os.environ.get("GRADER_SEEDS", ROOT.parent / "shared" / "seeds"))
pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed documents are not at hand")

DOCUMENTS = {"000": "hw10", "001": "hw10", "002": "generative", "003": "hw11", "004": "hw8"}
KNOWN = {
    "001": (
        r"\det P = \det L",
        r"= \det(U + \text{diag}(s))",
        r"= \frac{(x - \mu)^2}{\sigma^2} - 1/\sigma^2",
    ),
    "002": (
        r"= \frac{1}{\sqrt{(2\pi)^k |\mathbf{S}|}}",
        r"= \mathbb{E}_{z_2:K} \left[ \int_z \tilde{q}(z|x, z_2 : z_K) \log \left( \frac{p(x, z)}{\frac{1}{k}",
        r"k \frac{p(x, z_1)}{q(z_1|x)} = \sum_{i=1}^k",
        r"= \mathbb{E}_{z \sim q(z|x)} \left[ \log \frac{p(x,z)}{q(z|x)} \right]",
        r"= \mathbb{E}_{z \sim q(z|x)} \left[ \log \left( \frac{p(x,z)}{\mathbb{E}",
        r"= - \int_z p(x,z) \mathbb{E}",
        r"= \frac{1 + \beta\alpha}{(\alpha + r)^2}",
        r"\geq -\frac{(\alpha + r)^2}{\alpha}",
        r"\propto [\cos(t), \sin(t)]^T",
    ),
    "003": (r"< L(\theta^{\star}, \phi^{\star})",),
    "004": (r"= \mathbf{1}_{(n-k)}^T",),
}
"""Beginnings of the steps that are wrong."""


@cache
def _records(number: str) -> tuple[Derivation, ...]:
    (path,) = SEEDS.glob(f"{number}_*.txt")
    return check_writeup(
        path.read_text(encoding="utf-8"), file=path.name, kind="md", sheets=sheets(DOCUMENTS[number])
    )


def _steps(number: str) -> Iterator[DerivationStep]:
    for record in _records(number):
        yield from record.steps


@pytest.mark.parametrize(("number", "start"), [(n, start) for n, starts in KNOWN.items() for start in starts])
def test_known_errors_are_refuted(number: str, start: str) -> None:
    matching = [step for step in _steps(number) if step.source.startswith(start)]
    assert "refuted" in {step.verdict for step in matching}


@pytest.mark.parametrize("number", DOCUMENTS)
def test_nothing_else_is_refuted(number: str) -> None:
    known = (*KNOWN.get(number, ()), r"< L(\theta, \phi^{\star})", r"k \frac{p(x,z_1)}{q(z_1|x)}")
    assert not [s.source for s in _steps(number) if s.verdict == "refuted" and not s.source.startswith(known)]


def test_a_lost_constant_and_a_lost_brace_are_slips() -> None:
    assert {step.line for step in _steps("003") if step.verdict == "recovers"} == {83}
    assert {step.line for step in _steps("004") if step.verdict == "recovers"} == {452, 453}


def test_a_component_below_a_vector_is_not_refuted() -> None:
    assert {s.verdict for s in _steps("001") if s.line == 185} <= {"undecided", "unreadable"}


@pytest.mark.parametrize(("number", "problem"), [("002", "4.2"), ("003", "4a")])
def test_a_wrong_goal_is_noticed(number: str, problem: str) -> None:
    (record,) = [r for r in _records(number) if r.problem == problem]
    assert record.goal_reached is False


@pytest.mark.parametrize(
    ("number", "problem"),
    [("000", "1"), ("001", "1"), ("004", "8"), ("003", "1a"), ("003", "2a"), ("003", "2b"), ("000", "2")],
)
def test_right_derivations_reach_their_goal(number: str, problem: str) -> None:
    (record,) = [r for r in _records(number) if r.problem == problem]
    assert record.goal_reached is True


def test_most_of_what_was_written_is_readable() -> None:
    verdicts = [step.verdict for number in DOCUMENTS for step in _steps(number)]
    assert verdicts.count("unreadable") <= 0.25 * len(verdicts)
