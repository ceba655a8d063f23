"""`grader audit` finds what is wrong with checks, and nothing where nothing is."""

from __future__ import annotations

import pytest

from grader.audit import TopicAudit
from grader.bank import Course
from grader.engine import Options, audit_topics
from tests.audit.courses import TOPICS, write_topic


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TopicAudit]:
    root = tmp_path_factory.mktemp("course")
    for name, files in TOPICS.items():
        write_topic(root, name, files)
    course = Course(root)
    audits = audit_topics(course, [course.topic(name) for name in TOPICS], Options(), repeats=4)
    return {audit.topic: audit for audit in audits}


def lines(audit: TopicAudit, about: str) -> list[str]:
    return [line for line in audit.shortfalls if about in line]


def test_sound_checks_are_clean(found: dict[str, TopicAudit]) -> None:
    audit = found["sound"]
    assert audit.shortfalls == ()
    assert (audit.right_accepted, audit.right, audit.wrong_rejected, audit.wrong_named) == (2, 2, 1, 1)
    assert (audit.equivalent, audit.killed) == (1, audit.mutants - 1)
    assert audit.killed > 5
    assert audit.starter_clean
    assert (audit.flakes, audit.repeats) == (0, 4 * 3)


def test_helpers_and_constants_of_a_function_are_mutated_and_the_rest_is_not(
    found: dict[str, TopicAudit],
) -> None:
    (only,) = found["sound"].checks
    assert only.alone == found["sound"].killed
    # `oracle` is for the checks: its `17`, which nothing meets, would live.
    assert found["sound"].survivors == ()


def test_a_mutant_that_no_check_rejects_is_named_with_its_diff(found: dict[str, TopicAudit]) -> None:
    audit = found["weak"]
    assert not audit.clean
    survivors = {str(s.key): s.diff for s in audit.survivors}
    assert "-    return abs(x)\n+    return x" in survivors["distance, call: abs(x) -> x"]
    assert lines(audit, "a mutant lives: distance, call: abs(x) -> x")


def test_all_mutants_of_a_function_that_no_check_calls_live(found: dict[str, TopicAudit]) -> None:
    audit = found["weak"]
    assert lines(audit, "unasked, arithmetic: x + 1 -> x - 1")
    assert audit.killed == audit.mutants - len(audit.survivors)


def test_errors_of_the_list_of_equivalents_are_found(found: dict[str, TopicAudit]) -> None:
    audit = found["liar"]
    assert len(audit.shortfalls) == 2
    assert lines(audit, "listed as equivalent, but liar::doubled rejects it")
    assert lines(audit, "there is no such mutant: first_doubled, constant: v[3] -> v[4]")


def test_an_endless_loop_is_a_killed_mutant(found: dict[str, TopicAudit]) -> None:
    assert found["endless"].shortfalls == ()
    assert found["endless"].equivalent == 2


def test_a_verdict_that_depends_on_the_seed_is_a_flake(found: dict[str, TopicAudit]) -> None:
    audit = found["lucky"]
    assert lines(audit, "repeated with another seed: right, but lucky::draw says failed")
    assert 0 < audit.flakes <= audit.repeats == 4


def test_a_verdict_that_depends_on_the_order_is_a_flake(found: dict[str, TopicAudit]) -> None:
    audit = found["order"]
    assert lines(
        audit, "repeated with the same seed in reversed order: order::second said passed, then failed"
    )
    assert (audit.flakes, audit.repeats) == (1, 4)
    assert audit.flake_rate == 0.25


def test_a_check_that_keeps_what_others_answered_accepts_a_wrong_hand_in(found: dict[str, TopicAudit]) -> None:
    audit = found["keeps"]
    assert (audit.right_accepted, audit.wrong, audit.wrong_rejected) == (1, 1, 0)
    assert lines(audit, "repeated with the same seed in reversed order: keeps::same said passed, then failed")


def test_a_tolerance_that_nearly_rejects_right_and_nearly_takes_wrong_answers_leaves_no_gap(
    found: dict[str, TopicAudit],
) -> None:
    audit = found["broad"]
    assert audit.right_accepted == audit.right == 2
    assert audit.gap.below == pytest.approx(0.6)
    assert audit.gap.above < 100
    assert lines(audit, "a right answer uses 0.6 of its tolerance (rounded in broad::half)")
    assert lines(audit, "wrong, but only by")


def test_a_check_that_fails_itself_is_the_graders_fault(found: dict[str, TopicAudit]) -> None:
    audit = found["broken"]
    assert lines(audit, "the grader failed: the check itself failed: KeyError")
    assert audit.right_accepted == 0


def test_weakest_and_mainstay_name_checks(found: dict[str, TopicAudit]) -> None:
    assert found["order"].weakest in ("order::first", "order::second")
    assert found["sound"].mainstay == "sound::doubled"
