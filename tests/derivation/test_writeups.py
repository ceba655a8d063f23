"""Our own right write-ups, typeset in many ways: every step is read, and none is refuted; wrong ones are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.derivation.support import WRITEUPS, check_file, dialect_of, mutants, outcome_of, steps_of

EVERY = 23
"""Every so many-th mutant is tried; the whole set takes minutes."""


def test_there_are_many_write_ups_in_every_format() -> None:
    assert len(WRITEUPS) >= 40
    assert {path.suffix for path in WRITEUPS} == {".tex", ".md", ".ipynb"}


@pytest.mark.parametrize("path", WRITEUPS, ids=lambda path: path.name)
def test_no_right_step_is_refuted(path: Path) -> None:
    steps = steps_of(check_file(path))
    assert steps and not [step for step in steps if step.verdict in ("refuted", "recovers")]


def test_most_steps_are_readable() -> None:
    found: dict[bool, list[str]] = {True: [], False: []}
    for path in WRITEUPS:
        found[dialect_of(path) == "matrices"] += [step.verdict for step in steps_of(check_file(path))]
    for verdicts, share in ((found[False], 0.9), (found[True], 0.8)):
        assert sum(v in ("supported", "proved") for v in verdicts) >= share * len(verdicts)


def test_wrong_steps_are_found() -> None:
    outcomes: list[str] = []
    survivors: list[str] = []
    count = 0
    for path in WRITEUPS:
        if path.suffix == ".ipynb":
            continue
        text = path.read_text(encoding="utf-8")
        for step in steps_of(check_file(path)):
            right = step.verdict in ("supported", "proved")
            for name, mutant in mutants(text, step) if right else ():
                count += 1
                if count % EVERY == 0:
                    outcomes.append(outcome_of(path, mutant, name))
                    if outcomes[-1] == "survived":
                        survivors.append(f"{path.name}:{step.line} {name}")
    detected = outcomes.count("detected")
    assert detected >= 30
    assert detected >= 0.95 * (detected + len(survivors)), survivors
    assert detected >= 0.8 * (len(outcomes) - outcomes.count("equivalent"))
