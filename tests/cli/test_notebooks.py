"""Notebooks from the hand-in to the record and the student's terminal."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_commands import grader
from tests.sandbox.test_definitions_first import notebook
from tests.support.course import write_course, write_handins

RIGHT = notebook(
    ("markdown", "# Problem 1"),
    "%matplotlib inline\nimport numpy as np\nimport matplotlib.pyplot as plt",
    "def square(x):\n    return x * x",
    "for i in range(10**11):\n    square(i)\nplt.plot([square(i) for i in range(10)])\nplt.show()",
    "def double_all(v):\n    return 2 * np.asarray(v)",
    "def coin(rng):\n    return rng.integers(2)",
)
WRONG = notebook(
    "def square(x):\n    return 2 * x", "def double_all(v):\n    return (2 *", "def coin(rng):\n    raise NotImplementedError"
)


def test_notebooks_are_graded_like_files(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    write_handins(root, {"ann": {"hw.ipynb": ""}, "zoe": {"hw.ipynb": ""}})
    folder = root / "submissions/hw1"
    (folder / "ann/hw.ipynb").write_bytes(RIGHT)
    (folder / "zoe/hw.ipynb").write_text('{"oops')
    (folder / "bob.ipynb").write_bytes(WRONG)
    done = grader("run", "submissions", "--json", "-", cwd=root)
    ann, bob, zoe = json.loads(done.stdout)["reports"]
    assert (ann["score"], ann["submission"]["kind"]) == (10, "folder")
    assert any("work in cells 4" in note for note in ann["notes"])
    assert bob["submission"]["kind"] == "notebook"
    verdicts = {c["id"].split("::")[1]: c["verdict"] for p in bob["problems"] for c in p["checks"]}
    assert (verdicts["square"], verdicts["double"], verdicts["coin"]) == ("failed", "error", "missing")
    assert {c["verdict"] for p in zoe["problems"] for c in p["checks"]} <= {"error", "skipped"}
    shown = grader("check", "submissions/hw1/bob.ipynb", cwd=root)
    assert shown.returncode == 1
    assert "print(square(3.0)) # as the last cell of bob.ipynb" in shown.stdout
    assert "bob.ipynb, cell 2, line 2" in shown.stdout
