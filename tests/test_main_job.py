"""The main job on the sample hand-ins of this repository: what the README promises."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.bank import find_course
from tests.support.nobody import run_as_nobody

ROOT = Path(__file__).parents[1]
HANDINS = ROOT / "submissions" / "hw10"
FULL = 70.0
LIMITED = {"endless_loop": "timeout", "sudden_death": "crashed", "memory_flood": "memory"}
"""Hand-ins that hit a limit in one function, and the verdict of that."""


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, Any]]]:
    out = tmp_path_factory.mktemp("out")
    command = [
        sys.executable,
        "-m",
        "grader",
        "run",
        "submissions/",
        "-o",
        str(out),
        "--json",
        str(out / "a.json"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    yield done.stdout, json.loads((out / "a.json").read_text())


def _reports(job: tuple[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {r["student"]: r for r in job[1]["reports"] if r["assignment"] == "hw10"}


def _checks(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [c for p in report["problems"] for c in p["checks"]]


def test_the_table_names_every_hand_in_and_the_report(job: tuple[str, dict[str, Any]]) -> None:
    names = [p.name for p in HANDINS.iterdir()]
    assert len(names) >= 8
    assert [n for n in names if n not in job[0]] == []
    assert "report.html" in job[0]


@pytest.mark.parametrize("name", ["right", "other_style"])
def test_right_hand_ins_get_full_marks(job: tuple[str, dict[str, Any]], name: str) -> None:
    report = _reports(job)[name]
    assert [(c["id"], c["message"]) for c in _checks(report) if c["verdict"] != "passed"] == []
    assert (report["score"], report["max_score"], report["complete"]) == (FULL, FULL, True)


def test_three_mistakes_cost_exactly_themselves_and_are_named(job: tuple[str, dict[str, Any]]) -> None:
    failed = [c for c in _checks(_reports(job)["three_mistakes"]) if c["verdict"] != "passed"]
    causes = {c["counterexample"]["call"].partition("(")[0]: c["slip"] for c in failed}
    assert set(causes) == {"plu_log_abs_det", "score_formula", "sgd_log_derivative"}
    assert "det P" in causes["plu_log_abs_det"]
    assert "sigma" in causes["score_formula"] or "σ" in causes["score_formula"]
    assert "already a mean" in causes["sgd_log_derivative"]
    assert all(c["verdict"] == "failed" and c["slip"] in c["message"] for c in failed)


def test_write_ups_are_read_and_their_wrong_steps_found(job: tuple[str, dict[str, Any]]) -> None:
    written = {
        name: {p["number"]: p["derivation"] for p in _reports(job)[name]["problems"] if p["derivation"]}
        for name in ("right", "three_mistakes")
    }
    assert {s["verdict"] for d in written["right"].values() for s in d["steps"]} == {"supported"}
    assert [n for n, d in written["right"].items() if d["goal_reached"]] == ["1", "2", "4a", "4c"]
    wrong = {
        n: [s["source"] for s in d["steps"] if s["verdict"] == "refuted"]
        for n, d in written["three_mistakes"].items()
    }
    assert wrong["1"] == [] and len(wrong["6a"]) == 1 and wrong["4a"][0] == r"= \det L"


def test_the_starter_gets_nothing_and_everything_is_missing(job: tuple[str, dict[str, Any]]) -> None:
    report = _reports(job)["starter"]
    assert report["score"] == 0
    assert {c["verdict"] for c in _checks(report)} <= {"missing", "skipped"}


def test_the_starter_is_made_from_the_signatures_that_the_checks_use() -> None:
    assert (HANDINS / "starter" / "solution.py").read_text() == find_course(ROOT).starter("hw10")


def test_one_wrong_function_in_each_topic_is_found(job: tuple[str, dict[str, Any]]) -> None:
    report = _reports(job)["one_wrong_each"]
    topics = {c["id"].partition("::")[0] for c in _checks(report) if c["verdict"] == "failed"}
    assert topics == {"log_derivative", "projection", "inpainting", "glow", "ruin", "gaussian_sgd"}
    assert 0 < report["score"] < FULL


@pytest.mark.parametrize(("name", "verdict"), LIMITED.items())
def test_a_limit_is_its_own_verdict_and_costs_nothing_else(
    job: tuple[str, dict[str, Any]], name: str, verdict: str
) -> None:
    report = _reports(job)[name]
    ended = [c for c in _checks(report) if c["verdict"] not in ("passed", "skipped")]
    assert {c["verdict"] for c in ended} == {verdict}
    topics = {c["id"].partition("::")[0] for c in ended}
    assert len(topics) == 1
    lost = sum(p["max_score"] for p in report["problems"] if p["topic"] in topics)
    assert report["score"] >= FULL - lost


def test_output_without_end_costs_nothing(job: tuple[str, dict[str, Any]]) -> None:
    assert _reports(job)["output_flood"]["score"] == FULL


def test_no_fault_and_the_best_isolation(job: tuple[str, dict[str, Any]]) -> None:
    assert job[1]["run"]["isolation"] in ("L2", "L3")
    assert all(c["verdict"] != "fault" for r in job[1]["reports"] for c in _checks(r))


def test_both_minima_are_accepted_and_named(job: tuple[str, dict[str, Any]]) -> None:
    notes = " ".join(n for c in _checks(_reports(job)["right"]) for n in c["notes"])
    assert "1.6962" in notes and "1.6644" in notes


def _timeless(document: dict[str, Any]) -> str:
    text = json.dumps({"reports": [r for r in document["reports"] if r["student"] not in LIMITED]})
    return re.sub(r'"(started|duration_s)": ("[^"]*"|[0-9.e-]+)', "", text)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_gets_the_same_records(job: tuple[str, dict[str, Any]]) -> None:
    # Not below pytest's own folder, which every new pytest run closes to others.
    with tempfile.TemporaryDirectory(prefix="nobody-") as folder:
        Path(folder).chmod(0o777)
        command = [sys.executable, "-m", "grader", "run", "submissions/", "-o", f"{folder}/o", "--json", "-"]
        done = run_as_nobody(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    assert _timeless(json.loads(done.stdout)) == _timeless(job[1])
