"""Records survive the trip to JSON, to the store and back."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from grader.records import (
    CheckResult,
    Counterexample,
    Environment,
    Kind,
    ProblemResult,
    Report,
    Run,
    Store,
    Submission,
    SubmittedFile,
    UserError,
    Verdict,
    Visibility,
    clean_text,
    from_json,
    run_document,
    to_json,
)


def report(student: str = "ann", verdict: Verdict = Verdict.FAILED) -> Report:
    example = Counterexample("f(1)", {"x": "1"}, "2", "nan", float("nan"), "python -c ...")
    check = CheckResult("t::c", "It holds", Kind.PROPERTY, Visibility.VISIBLE, verdict, 0.0, 2.0, "no", example)
    return Report(
        id="abc",
        assignment="hw1",
        student=student,
        submission=Submission((SubmittedFile("a.py", "0" * 64),), "file"),
        score=0.0,
        max_score=2.0,
        complete=True,
        problems=(ProblemResult("1", "t", "T", 0.0, 2.0, (check,)),),
        notes=("a note",),
        environment=Environment("0", "3", "2", "1", "1", "2", "linux", "L3", 0),
        started="2024-05-27T17:00:00+00:00",
        duration_s=1.0,
    )


def test_a_report_survives_json_and_equal_records_give_equal_bytes() -> None:
    text = to_json(report())
    again = from_json(Report, text)
    assert to_json(again) == text
    assert again.checks[0].verdict is Verdict.FAILED
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_the_run_document_follows_the_contract() -> None:
    run = Run("r", "2024-05-27T17:00:00+00:00", 1.0, 0, "L3", ("hw1",))
    document = json.loads(run_document(run, [report()]))
    assert document["schema_version"] == 1
    assert document["reports"][0]["problems"][0]["checks"][0]["counterexample"]["call"] == "f(1)"


def test_the_store_gives_back_what_was_saved_and_only_for_the_same_content(tmp_path: Path) -> None:
    with Store(tmp_path / "results.sqlite") as store:
        store.save(report(), cache_key="k", run_id="r")
    with Store(tmp_path / "results.sqlite") as store:
        assert to_json(store.cached("hw1", "ann", "k")) == to_json(report())
        assert store.cached("hw1", "ann", "other") is None


@pytest.mark.parametrize("partial", [False, True])
def test_a_fault_or_a_partial_run_never_replaces_a_finished_report(tmp_path: Path, partial: bool) -> None:
    newer = report(verdict=Verdict.PASSED if partial else Verdict.FAULT)
    with Store(tmp_path / "results.sqlite") as store:
        store.save(report(), cache_key="k", run_id="r")
        store.save(newer, cache_key="k2", run_id="r2", partial=partial)
        assert [r.checks[0].verdict for r in store.reports()] == [Verdict.FAILED]


def test_a_fault_alone_is_kept_but_never_taken_for_finished(tmp_path: Path) -> None:
    with Store(tmp_path / "results.sqlite") as store:
        store.save(report(verdict=Verdict.FAULT), cache_key="k", run_id="r")
        assert store.cached("hw1", "ann") is None
        assert len(store.reports()) == 1


def test_a_file_that_is_no_store_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "results.sqlite").write_text("this is not a database, but long enough to be taken for one" * 20)
    with pytest.raises(UserError, match="another folder"):
        Store(tmp_path / "results.sqlite")


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    with Store(tmp_path / "results.sqlite"):
        pass
    with sqlite3.connect(tmp_path / "results.sqlite") as db:
        db.execute("UPDATE meta SET value='99'")
    with pytest.raises(UserError, match="another version"):
        Store(tmp_path / "results.sqlite")


@pytest.mark.parametrize(
    ("hostile", "clean"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07x", "x"),
        ("a\x00b", "a\ufffdb"),
        ("\u202eabc", "\ufffdabc"),
        ("<object at 0x7f3a2b1c9d00>", "<object at 0x\u2026>"),
        ("x" * 5000, "x" * 1999 + "\u2026"),
        ("\ud800", "?"),
    ],
)
def test_text_from_submitted_code_is_harmless(hostile: str, clean: str) -> None:
    assert clean_text(hostile) == clean


def test_a_store_from_before_there_were_units_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    with Store(path) as store:
        store.save(report(), cache_key="k", run_id="r")
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE units")
        db.execute("UPDATE meta SET value='1'")
    with Store(path) as store:
        assert to_json(store.cached("hw1", "ann", "k")) == to_json(report())
        store.save_unit("u", ("hw1", "ann", "t"), "a record", seconds=2.5)
    with Store(path) as store:
        assert store.unit("u") == "a record"
        assert store.durations() == {("hw1", "ann", "t"): 2.5}


def test_the_last_results_of_a_unit_are_kept_and_no_more_than_that(tmp_path: Path) -> None:
    with Store(tmp_path / "results.sqlite") as store:
        for number in range(20):
            store.save_unit(f"k{number}", ("hw1", "ann", "t"), str(number), seconds=number)
        store.save_unit("other", ("hw1", "bob", "t"), "bob's", seconds=1)
        kept = [n for n in range(20) if store.unit(f"k{n}") == str(n)]
        assert kept == list(range(20 - len(kept), 20)) and 1 < len(kept) < 10
        assert store.unit("other") == "bob's"
        assert store.durations()["hw1", "ann", "t"] == 19
