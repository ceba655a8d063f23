"""How often a hand-in is loaded anew to confirm what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.course import REFERENCE, write_course, write_handins
from tests.support.graded import problems


@pytest.mark.parametrize(
    ("answer", "slip", "loaded"),
    [
        ("2 * x", "doubles instead of squaring", 2),
        ("2 * x + 1", "", 3),
        ("2 * x if x != 2.5 else 0.0", "doubles instead of squaring", 2),
    ],
)
def test_a_known_slip_is_confirmed_once_a_topic_and_other_mistakes_each(
    answer: str, slip: str, loaded: int, tmp_path: Path
) -> None:
    root, log = write_course(tmp_path), tmp_path / "log"
    source = REFERENCE.replace("def square", f"ONE = open({str(log)!r}, 'a').write('x')\n\n\ndef square")
    write_handins(root, {"a": source.replace("return x * x", f"return ONE * ({answer})")})
    wrong = [c for c in problems(root, isolation="L1")["a"][0]["checks"] if c["verdict"] == "failed"]
    assert [(c["id"], c["slip"]) for c in wrong] == [("square::example", slip), ("square::square", slip)]
    assert all(c["counterexample"]["got"] for c in wrong)
    assert not any("earlier calls" in c["message"] for c in wrong)
    assert len(log.read_text()) == loaded


def test_a_mistake_that_only_earlier_calls_bring_about_is_told_as_such_in_each_check(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    stateful = "SEEN.append(x)\n    return 2 * x if len(SEEN) > 1 else x * x"
    source = REFERENCE.replace("def square", "SEEN = []\n\n\ndef square").replace("return x * x", stateful)
    write_handins(root, {"a": source})
    checks = {c["id"]: c for c in problems(root)["a"][0]["checks"]}
    wrong = [checks["square::example"], checks["square::square"]]
    assert all(c["verdict"] == "failed" and "earlier calls" in c["message"] for c in wrong)
