"""Formats that other programs read: Gradescope, JUnit, GitHub Actions, GitLab. Golden files, and their real readers."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.records import Report, Verdict
from grader.reports import (
    Place,
    annotation_lines,
    gradebook_csv,
    gradescope_json,
    junit_xml,
    quiet_commands,
    step_summary,
)

from . import samples

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"


def _nowhere(report: Report, function: str) -> Place | None:
    return None


def _somewhere(report: Report, function: str) -> Place | None:
    return Place("hw10/a,b: c/solution.py", 7 if function == "project" else 1)


# How a derivation reads is tested where it is made.
_FULL = samples.one_of_each()
SHOWN = replace(_FULL, problems=tuple(replace(problem, derivation=None) for problem in _FULL.problems))

MADE = {
    "results.json": lambda: gradescope_json(SHOWN),
    "junit.xml": lambda: junit_xml(samples.run(), [SHOWN]),
    "gradebook.csv": lambda: gradebook_csv([SHOWN, *samples.class_of_hw10()[:7]]),
    "annotations.txt": lambda: annotation_lines([SHOWN], _somewhere),
    "summary.md": lambda: step_summary(samples.run(), [SHOWN]),
}


@pytest.mark.parametrize("name", MADE)
def test_machine_formats_are_as_they_were(name: str) -> None:
    """With GRADER_GOLDEN=write the files are written anew: look at what changed before committing it."""
    made = MADE[name]().encode()
    if os.environ.get("GRADER_GOLDEN") == "write":
        (GOLDEN / name).write_bytes(made)
    assert made == (GOLDEN / name).read_bytes()


TOP = {
    "score": float, "execution_time": float, "output": str, "output_format": str, "test_output_format": str,
    "test_name_format": str, "visibility": str, "stdout_visibility": str, "extra_data": dict, "tests": list, "leaderboard": list,
}  # fmt: skip
TEST = {
    "score": float, "max_score": float, "status": str, "name": str, "name_format": str, "number": str, "output": str,
    "output_format": str, "tags": list, "visibility": str, "extra_data": dict,
}  # fmt: skip
VALUES = {
    "visibility": {"hidden", "after_due_date", "after_published", "visible"},
    "stdout_visibility": {"hidden", "after_due_date", "after_published", "visible"},
    "output_format": {"text", "html", "simple_format", "md", "ansi"},
    "status": {"passed", "failed"},
}


def _follows(document: dict[str, Any], fields: dict[str, type]) -> None:
    for key, value in document.items():
        wanted = (int, float) if fields[key] is float else fields[key]
        assert isinstance(value, wanted) and not isinstance(value, bool), key
        assert key not in VALUES or value in VALUES[key]


@pytest.mark.parametrize("report", [samples.one_of_each(), samples.hostile(), samples.class_of_hw10()[0]])
def test_results_json_follows_gradescopes_fields(report: Report) -> None:
    document = json.loads(gradescope_json(report))
    _follows(document, TOP)
    for test in document["tests"]:
        _follows(test, TEST)
    assert document["score"] == pytest.approx(report.score)
    assert len(document["tests"]) >= len(report.checks)


def test_results_json_tells_students_no_more_than_the_report_does() -> None:
    text = gradescope_json(samples.one_of_each())
    assert samples.SECRET not in text and "Holds for matrices of any shape" in text
    hidden = [t for t in json.loads(text)["tests"] if t["name"] == "Holds for matrices of any shape"]
    assert [t["visibility"] for t in hidden] == ["after_published"]


def test_a_fault_makes_no_results_json() -> None:
    with pytest.raises(ValueError, match="grader itself failed"):
        gradescope_json(samples.report(samples.problem(samples.check(Verdict.FAULT))))


def test_a_junit_reader_reads_junit() -> None:
    reader = pytest.importorskip(
        "junitparser", reason="junitparser is not installed (pip install -e '.[dev]')"
    )
    checks = [samples.check(verdict, name=f"topic::{verdict}") for verdict in Verdict]
    reports = [samples.report(samples.problem(*checks), student="oak"), samples.hostile()]
    suites = reader.JUnitXml.fromroot(
        reader.junitparser.etree.fromstring(junit_xml(samples.run(), reports).encode())
    )
    kinds = {case.name: [type(r).__name__ for r in case.result] for suite in suites for case in suite}
    assert kinds["topic::failed"] == ["Failure"] and kinds["topic::fault"] == ["Error"]
    assert kinds["topic::passed"] == [] and kinds["topic::review"] == ["Skipped"]
    assert (suites.tests, suites.failures, suites.errors, suites.skipped) == (13, 9, 1, 2)


def _obeyed(text: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands that GitHub's runner would obey in a log, as (name, properties, message)."""
    found, stopped = [], ""
    for line in text.splitlines():
        if stopped:
            stopped = "" if line.strip() == f"::{stopped}::" else stopped
        elif match := re.match(r"\s*::([a-z-]+) ?(.*?)::(.*)$", line):
            name, properties, message = match.groups()
            if name == "stop-commands":
                stopped = message
            else:
                pairs = (pair.partition("=") for pair in properties.split(",") if pair)
                found.append((name, {k: _unescaped(v) for k, _, v in pairs}, _unescaped(message)))
        else:
            assert "##[" not in line
    assert not stopped
    return found


def _unescaped(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_an_annotation_stands_at_the_function_and_says_what_is_wrong() -> None:
    (first, hidden, *rest) = _obeyed(annotation_lines([samples.one_of_each()], _somewhere))
    name, properties, message = first
    assert (name, properties["file"], properties["line"]) == ("error", "hw10/a,b: c/solution.py", "7")
    assert properties["title"].endswith("as any other point of C")
    assert (
        "You: project([0, 2], a=1)  ->  [1.0, 2.0]\nExpected: [1.0, 1.0]\nWhy: the result leaves C" in message
    )
    assert hidden[1]["line"] == "1" and hidden[2] == "hidden check: failed"
    assert len(rest) == 7


def test_github_shows_ten_errors_and_is_told_of_the_others() -> None:
    wrong = samples.problem(*[samples.check(Verdict.FAILED, name=f"t::{n}") for n in range(30)])
    errors = _obeyed(annotation_lines([samples.report(wrong)], _nowhere))
    assert len(errors) == 10 and errors[-1][2].startswith("21 more checks") and "file" not in errors[0][1]
    fault = samples.report(samples.problem(samples.check(Verdict.FAULT)))
    assert [name for name, _, _ in _obeyed(annotation_lines([fault], _nowhere))] == ["warning"]


def test_hostile_text_gives_github_no_command() -> None:
    reports = [samples.hostile()]
    obeyed = _obeyed(annotation_lines(reports, _nowhere))
    assert [name for name, _, _ in obeyed] == ["error", "error"]
    text = quiet_commands("::error::forged\n::stop-commands::x\n::x::\n##[error]forged")
    assert _obeyed(text) == []
    assert _obeyed(quiet_commands("a")) == [] and quiet_commands("a") != quiet_commands("a")
    summary = step_summary(samples.run(titles={samples.HOSTILE: samples.HOSTILE}), reports)
    assert _obeyed(summary) == []


def test_a_summary_stays_below_githubs_limit_and_says_what_is_left_out() -> None:
    wide = replace(samples.CLOSEST, notes=("x" * 500,) * 20)
    reports = [samples.report(samples.problem(*[wide] * 10), student=f"s{n:03}") for n in range(60)]
    text = step_summary(samples.run(), reports)
    assert len(text.encode()) <= 1 << 20 and "more reports did not fit" in text
    assert all(f"| s{n:03} |" in text for n in range(60))


def _valid(schema: str, text: str, folder: Path) -> None:
    pytest.importorskip(
        "check_jsonschema", reason="check-jsonschema is not installed (pip install -e '.[dev]')"
    )
    file = folder / "file.yml"
    file.write_text(text)
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_action_and_the_examples_follow_their_schemas(tmp_path: Path) -> None:
    _valid("vendor.github-actions", (ROOT / "action.yml").read_text(), tmp_path)
    guide = (ROOT / "docs/ci.md").read_text()
    for name, schema in (("workflow", "vendor.github-workflows"), ("gitlab", "vendor.gitlab-ci")):
        match = re.search(rf"<!-- {name} -->\n```yaml\n(.*?)```", guide, re.DOTALL)
        assert match is not None
        _valid(schema, match[1], tmp_path)


@pytest.mark.parametrize("code", [0, 1, 3])
def test_the_action_hands_its_inputs_over_as_they_are(tmp_path: Path, code: int) -> None:
    yaml = pytest.importorskip("ruamel.yaml", reason="ruamel.yaml is not installed (pip install -e '.[dev]')")
    action = yaml.YAML(typ="safe").load(io.StringIO((ROOT / "action.yml").read_text()))
    step = next(s for s in action["runs"]["steps"] if s.get("id") == "grade")
    assert "${{" not in step["run"]
    program = tmp_path / "grader/bin/grader"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/arguments"\nexit {code}\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    nasty = '$(touch pwned) "; touch pwned #'
    variables = {
        "HANDINS": nasty,
        "ASSIGNMENT": "hw10",
        "COURSE": "",
        "FAIL_UNDER": "50",
        "ISOLATION": "",
        "OUT": "out dir",
    }
    environment = {
        **os.environ,
        **variables,
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(command, cwd=tmp_path, env=environment, check=False, timeout=60)
    assert done.returncode == code and (tmp_path / "output").read_text() == f"exit-code={code}\n"
    arguments = (tmp_path / "arguments").read_text().splitlines()
    assert arguments == ["run", "--github", "--out", "out dir", "--junit", "out dir/junit.xml", "--assignment", "hw10",
                         "--fail-under", "50", "--", nasty]  # fmt: skip
    assert not (tmp_path / "pwned").exists()
