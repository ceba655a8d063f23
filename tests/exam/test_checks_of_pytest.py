"""What pytest adds to a check takes part: fixtures, marks, set-up functions, explained `assert`s, outcomes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.course import REFERENCE, write_course, write_handins
from tests.support.graded import problems

HEAD = """
import pytest
from grader import Topic, agree, cases, check, holds

topic = Topic("square", source="a test", functions={"square(x)": "x squared, a number."})

"""
PLAIN = """
@check()
@cases(dict(x=3.0))
def check_plain(student, reference, x):
    \"""The square of three.\"""
    agree(student.square(x), reference.square)

"""


def _checks(tmp_path: Path, text: str) -> dict[str, Any]:
    root = write_course(tmp_path)
    (root / "checks" / "square.py").write_text(HEAD + text)
    write_handins(root, {"a": REFERENCE})
    return {c["id"].partition("::")[2]: c for c in problems(root)["a"][0]["checks"]}


@pytest.mark.parametrize(
    "ready",
    [
        "@pytest.fixture(autouse=True)\ndef ready():\n    STATE.append(1)\n",
        "def setup_module():\n    STATE.append(1)\n",
        "def setup_function(function):\n    STATE.append(1)\n",
    ],
)
def test_what_is_to_be_done_before_a_check_is_done(ready: str, tmp_path: Path) -> None:
    looks = PLAIN.replace("check_plain", "check_ready").replace("    agree", "    holds(STATE, 'nothing was done')\n    agree")
    found = _checks(tmp_path, f"STATE = []\n{ready}\n{looks}")
    assert [c["verdict"] for c in found.values()] == ["passed"]


def test_fixtures_of_the_checks_own_and_of_the_references_name_are_given(tmp_path: Path) -> None:
    fixtures = """
@pytest.fixture(scope="module")
def limit(reference):
    return reference.square(2.0)

@pytest.fixture
def twice(limit):
    yield 2 * limit

@check()
@cases(dict(x=3.0))
def check_limits(student, limit, twice, x):
    \"""Beyond both limits.\"""
    holds(student.square(x).scalar() > twice, f"not above {twice}")
    holds(student.square(x).scalar() < limit, f"not below {limit}")
"""
    found = _checks(tmp_path, PLAIN + fixtures + PLAIN.replace("check_plain", "check_after"))
    assert [(n, c["verdict"]) for n, c in found.items()] == [("plain", "passed"), ("limits", "failed"), ("after", "passed")]
    assert found["limits"]["message"] == "not below 4.0"
    other = "class Cubes:\n    square = staticmethod(lambda x: x**3)\n\n@pytest.fixture\ndef reference():\n    return Cubes\n"
    assert _checks(tmp_path / "other", other + PLAIN)["plain"]["verdict"] == "failed"


def test_marks_of_a_file_and_outcomes_and_asserts_are_pytests(tmp_path: Path) -> None:
    skips = PLAIN.replace("check_plain", "check_skips").replace("    agree", "    pytest.skip('next year')\n    agree")
    ends = PLAIN.replace("check_plain", "check_ends").replace("    agree", "    raise SystemExit(3)\n    agree")
    own = PLAIN.replace("check_plain", "check_own").replace("    agree", "    raise type('Own', (BaseException,), {})\n    agree")
    found = _checks(tmp_path, PLAIN + skips + ends + own)
    verdicts = {n: c["verdict"] for n, c in found.items()}
    assert verdicts == {"plain": "passed", "skips": "fault", "ends": "fault", "own": "fault"}
    marked = "pytestmark = pytest.mark.skip(reason='next year')\n" + PLAIN
    assert _checks(tmp_path / "marked", marked)["plain"]["verdict"] == "fault"
    asserts = PLAIN.replace("    agree(student.square(x), reference.square)", "    assert student.square(x).scalar() == 10")
    assert _checks(tmp_path / "asserts", asserts)["plain"]["message"].startswith("assert 9.0 == 10")
