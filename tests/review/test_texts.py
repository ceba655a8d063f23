"""What a person is shown of a hand-in: the text of the problem, whatever it was written in, and what is not shown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from grader.derivation import sections
from grader.intake import read_source
from grader.records import Place, Report
from grader.review._texts import Shown, Texts
from tests.review.classroom import CHAIN, hand_in

MARKDOWN = "Intro.\n\n# Problem 1\nBecause of this.\n\n```python\nx = 1\n```\n\n## Problem 2\n\nSince $C$ is\n\n$$\na\n$$\n\nconvex.\n"
LATEX = "\\begin{document}\n\\section*{Problem 2}\nSince C is convex.\n\\section*{Problem 3}\nNo.\n\\end{document}\n"
NOTEBOOK = json.dumps({
    "nbformat": 4,
    "cells": [
        {"cell_type": "markdown", "source": ["# Problem 1\n", "One."]},
        {"cell_type": "code", "source": "print(1)", "outputs": []},
        {"cell_type": "markdown", "source": "## Problem 2\nTwo."},
        {"cell_type": "markdown", "source": "Still two."},
    ],
})  # fmt: skip


def _shown(root: Path, files: dict[str, str | bytes], problem: str = "2") -> Shown:
    for name, text in files.items():
        (root / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return Texts().of(_report(root), problem, Place("hw10", "alder", str(root), str(root)))


def _report(root: Path) -> Report:
    return replace(hand_in("alder", CHAIN), submission=read_source(root).record)


def _lines(shown: Shown) -> list[tuple[str, int, str]]:
    return [(part.title, number, line) for part in shown.parts for number, line in part.lines if line.strip()]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"w.md": MARKDOWN}, [("w.md", 10, "## Problem 2"), ("w.md", 12, "Since $C$ is"), ("w.md", 14, "$$"),
                              ("w.md", 15, "a"), ("w.md", 16, "$$"), ("w.md", 18, "convex.")]),
        ({"w.tex": LATEX}, [("w.tex", 2, r"\section*{Problem 2}"), ("w.tex", 3, "Since C is convex.")]),
        ({"w.ipynb": NOTEBOOK}, [("w.ipynb, cell 2", 1, "## Problem 2"), ("w.ipynb, cell 2", 2, "Two."),
                                 ("w.ipynb, cell 3", 1, "Still two.")]),
    ],
)  # fmt: skip
def test_the_text_of_the_problem_is_shown_with_its_lines(
    tmp_path: Path, files: dict[str, str | bytes], expected: list[tuple[str, int, str]]
) -> None:
    shown = _shown(tmp_path, {**files, "solution.py": "x = 1"})
    assert _lines(shown) == expected and shown.exact and shown.remarks == ()


def test_equal_but_for_blanks_is_equal_and_nothing_else_is(tmp_path: Path) -> None:
    texts = ["## Problem 2\nA  b\nc.", "## Problem 2\n\nA b c.  \n", "## Problem 2\nA b d."]
    found = []
    for number, text in enumerate(texts):
        (tmp_path / str(number)).mkdir()
        found.append(_shown(tmp_path / str(number), {"w.md": text}).likeness)
    assert found[0] == found[1] != found[2] and all(found)


@pytest.mark.parametrize(
    ("files", "remark", "line"),
    [
        ({"w.md": "No heading at all."}, "the whole write-up is shown", "No heading at all."),
        ({"solution.py": "def f():\n    'because'\n"}, "its code is shown", "    'because'"),
        ({"solution.ipynb": NOTEBOOK.replace("markdown", "raw")}, "its code is shown", "print(1)"),
        ({"scan.pdf": b"%PDF", "solution.py": "x = 1"}, "also handed in: scan.pdf", "x = 1"),
        ({"w.ipynb": "{", "solution.py": "x = 1"}, "not a notebook", "x = 1"),
        ({"w.md": "é".encode("utf-16")}, "the whole write-up is shown", "é"),
    ],
)
def test_what_is_less_than_that_is_said(
    tmp_path: Path, files: dict[str, str | bytes], remark: str, line: str
) -> None:
    shown = _shown(tmp_path, files)
    assert any(remark in text for text in shown.remarks) and line in [text for _, _, text in _lines(shown)]
    assert not shown.exact and not shown.likeness  # never taken for another one


def test_a_hand_in_that_changed_or_went_away_is_said(tmp_path: Path) -> None:
    (tmp_path / "w.md").write_text(MARKDOWN)
    report, place = _report(tmp_path), Place("hw10", "alder", str(tmp_path), str(tmp_path))
    (tmp_path / "w.md").write_text(MARKDOWN + "More.")
    shown = Texts().of(report, "2", place)
    assert "changed after it was graded" in shown.remarks[0] and not shown.likeness
    assert (
        "not there any more" in Texts().of(report, "2", replace(place, path=str(tmp_path / "x"))).remarks[0]
    )
    assert "not there any more" in Texts().of(report, "2", None).remarks[0]


def test_sections_give_every_line_of_a_problem_once() -> None:
    found = sections(MARKDOWN, kind="md", file="w.md", problems=["1", "2"])
    assert [part.text for part in found[""]] == ["Intro."] and "x = 1" in found["1"][0].text
    assert sum(len(p.text.split()) for parts in found.values() for p in parts) == len(MARKDOWN.split())
