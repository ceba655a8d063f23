"""What a student reads in a terminal."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

import pytest
from rich.cells import cell_len

from grader.records import Verdict
from grader.reports import message_block, student_text

from . import samples

BLOCK = """\
✗ projection::closest  The result is at least as close to y as any other point of C          0/2
  You        project([0, 2], a=1)  ->  [1.0, 2.0]
  Expected   [1.0, 1.0]
  Why        the result leaves C: x2 = 2.0 > 1  (same as the known slip "no clip from above")
  Replay     grader replay 3f2a -> python -c "from solution import project; print(project([0, 2], a=1))"
  Certainty  exact; no sampling involved"""
COLOR = re.compile(r"\x1b\[[0-9;]*m")


def test_a_failed_check_reads_as_the_design_shows_it() -> None:
    assert message_block(samples.CLOSEST, replay_id="3f2a") == BLOCK


def test_colour_changes_no_character_of_the_text() -> None:
    for check in samples.one_of_each().checks:
        colored = message_block(check, color=True)
        assert "\x1b[" in colored
        assert COLOR.sub("", colored) == message_block(check)


@pytest.mark.parametrize(
    "verdict", [Verdict.ERROR, Verdict.MISSING, Verdict.TIMEOUT, Verdict.MEMORY, Verdict.CRASHED, Verdict.FORBIDDEN]
)  # fmt: skip
def test_a_check_without_an_answer_says_what_happened_and_why(verdict: Verdict) -> None:
    lines = message_block(samples.check(verdict)).splitlines()
    assert lines[0].startswith("✗ topic::check") and lines[0].endswith(" 0/1")
    assert [line.split()[0] for line in lines[1:]] == ["You", "Why"]
    assert lines[2].endswith(f"because of {verdict}")


def test_a_timeout_with_a_known_input_shows_the_call() -> None:
    assert samples.CLOSEST.counterexample is not None
    slow = replace(samples.CLOSEST, verdict=Verdict.TIMEOUT, slip="", counterexample=replace(
        samples.CLOSEST.counterexample, got=""))  # fmt: skip
    assert "project([0, 2], a=1)  ->  no answer within the time limit" in message_block(slow)


def test_a_fault_of_the_grader_shows_no_zero() -> None:
    block = message_block(samples.check(Verdict.FAULT))
    assert block.splitlines()[0].endswith("–/1")
    assert "0/1" not in block and "the grader itself failed" in block


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_hidden_check_shows_title_and_verdict_only(verdict: Verdict) -> None:
    block = message_block(samples.secretive(verdict))
    assert "Holds for matrices of any shape" in block and verdict in block
    assert samples.SECRET not in block and "7.25" not in block
    assert len(block.splitlines()) == 1


def test_a_replay_line_can_be_pasted_whole_whatever_the_width() -> None:
    narrow = message_block(samples.CLOSEST, width=40)
    assert 'python -c "from solution import project; print(project([0, 2], a=1))"' in narrow
    others = [line for line in narrow.splitlines() if "python -c" not in line]
    assert max(map(cell_len, others)) <= 40


def test_a_replay_line_with_quotes_survives_the_shell() -> None:
    assert samples.CLOSEST.counterexample is not None
    code = """from solution import f; print(f("it's $HOME"))"""
    quoted = replace(samples.CLOSEST, counterexample=replace(samples.CLOSEST.counterexample, replay=code))
    line = next(line for line in message_block(quoted).splitlines() if "Replay" in line)
    assert shlex.split(line) == ["Replay", "python", "-c", code]


def test_notes_come_below_and_multi_line_values_stay_in_their_column() -> None:
    assert samples.CLOSEST.counterexample is not None
    matrix = replace(samples.CLOSEST.counterexample, got="[[1.0, 2.0],\n [3.0, 4.0]]")
    lines = message_block(
        replace(samples.CLOSEST, counterexample=matrix, notes=("a list was taken",))
    ).splitlines()
    assert lines[2] == " " * 13 + " [3.0, 4.0]]"
    assert lines[-1] == "  Note       a list was taken"


def test_student_text_keeps_passes_on_one_line_and_explains_the_rest() -> None:
    text = student_text(samples.one_of_each())
    assert text.count("topic::passed") == 1
    passed = next(line for line in text.splitlines() if "topic::passed" in line)
    assert passed.strip().startswith("✓") and passed.endswith("1/1")
    assert "Expected   [1.0, 1.0]" in text and "a list was taken as an array" in text
    assert "First wrong step: line 17" in text and "fails in 2 models" in text and r"\le \nabla_\phi q(z)" in text
    assert "The score is provisional. A part waits for a person." in text
    assert "helper.py: defined twice" in text


@pytest.mark.parametrize("width", [30, 44, 80, 120])
def test_student_text_fits_its_width_but_for_replay_lines(width: int) -> None:
    lines = student_text(samples.one_of_each(), width=width).splitlines()
    assert max(cell_len(line) for line in lines if "python -c" not in line) <= width


def test_wide_characters_count_double() -> None:
    wide = samples.report(samples.problem(replace(samples.CLOSEST, title="射影" * 40)))
    lines = student_text(wide, width=60).splitlines()
    assert max(cell_len(line) for line in lines if "python -c" not in line) <= 60


def test_a_students_report_never_tells_what_a_hidden_check_tried() -> None:
    text = student_text(samples.one_of_each())
    assert "Holds for matrices of any shape" in text and samples.SECRET not in text and "7.25" not in text


def test_visible_only_leaves_hidden_checks_out_of_lines_and_sums() -> None:
    report = samples.report(samples.problem(samples.check(Verdict.PASSED), samples.secretive()))
    text = student_text(report, visible_only=True)
    assert "Holds for matrices" not in text and "8.25" not in text
    assert text.splitlines()[0].endswith("1/1") and "1 checks: 1 passed." in text


def test_scores_have_no_float_noise() -> None:
    third = replace(samples.check(Verdict.FAILED), score=0.1 + 0.2, max_score=2 / 3)
    assert message_block(third).splitlines()[0].endswith(" 0.3/0.67")


def test_weak_isolation_is_stamped() -> None:
    weak = replace(samples.one_of_each(), environment=replace(samples.ENVIRONMENT, isolation="L1"))
    assert "ISOLATION L1" in student_text(weak)
    assert "ISOLATION" not in student_text(samples.one_of_each())


@pytest.mark.parametrize("color", [False, True])
def test_hostile_text_commands_no_terminal_and_no_ci(color: bool) -> None:
    text = student_text(samples.hostile(), color=color, width=70)
    bare = COLOR.sub("", text)
    assert "<script>alert(1)</script>" in bare
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", bare)
    assert not any(line.lstrip().startswith("::") for line in bare.splitlines())
    assert not re.search(r"##\w*\[", bare)
    assert len(bare) < 40_000
    assert "[31m" not in bare and "2J" not in bare  # a sequence goes as a whole
