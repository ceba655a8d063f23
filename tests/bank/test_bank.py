"""Topics, checks, corpora, variants and assignments, as an instructor writes them."""

from __future__ import annotations

import ast
import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from grader.bank import (
    Course,
    Topic,
    cases,
    check,
    check_spec,
    corpus,
    find_course,
    forall,
    read_assignment,
    smallest,
)
from grader.bank._topic import TAKEN
from grader.exam import Student
from grader.records import Kind, UserError
from grader.strategies import permutations, reals, vectors

TOPIC = Topic("demo", source="a test", functions={"f(x, n)": "Anything.", "g()": "Nothing."})


def _spec() -> Any:
    @check(points=2)
    @forall(y=vectors(2), a=reals())
    def check_demo(student: Any, y: Any, a: Any) -> None:
        """The demo holds."""

    return check_spec(check_demo)


def test_a_check_takes_its_title_kind_and_fixtures_from_the_function() -> None:
    spec = _spec()
    assert (spec.name, spec.title, spec.kind, spec.fixtures) == ("demo", "The demo holds", Kind.PROPERTY, ("student",))


def test_a_corpus_is_the_same_on_every_call_and_in_every_process() -> None:
    rows = corpus(_spec(), "demo")
    assert len(rows) == 60
    assert repr(rows) == repr(corpus(_spec(), "demo"))
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from test_bank import _spec; from grader.bank import corpus;"
        "print(repr(corpus(_spec(), 'demo')))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent)], capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == repr(rows)


def test_the_smallest_failure_is_small() -> None:
    row = smallest(_spec(), "demo", lambda row: bool(row["y"][1] > 1))
    assert row is not None
    assert row["a"] == 0.0
    assert row["y"].tolist() == [0.0, 1.0625]


def test_nothing_is_found_where_nothing_fails() -> None:
    assert smallest(_spec(), "demo", lambda row: False) is None


def test_the_search_for_a_smaller_input_stops_after_the_calls_it_was_given() -> None:
    calls = 0

    def fails(row: Any) -> bool:
        nonlocal calls
        calls += 1
        return True

    smallest(_spec(), "demo", fails, calls=5)
    assert calls <= 7


def test_a_failure_that_comes_and_goes_still_gives_a_row() -> None:
    answers = iter([True] + [False] * 10_000)
    assert smallest(_spec(), "demo", lambda row: next(answers)) is not None


def test_the_search_ends_when_time_is_up() -> None:
    calls = 0

    def fails(row: Any) -> bool:
        nonlocal calls
        calls += 1
        return True

    assert smallest(_spec(), "demo", fails, enough=lambda: calls >= 1) is not None
    assert calls == 1


def test_numbers_drawn_are_exact_in_single_precision() -> None:
    for row in corpus(_spec(), "demo"):
        assert np.array_equal(row["y"].astype(np.float32).astype(np.float64), row["y"])


def test_permutations_include_some_that_are_not_their_own_inverse() -> None:
    @check()
    @forall(order=permutations(3))
    def check_orders(student: Any, order: Any) -> None:
        """Orders."""

    orders = {row["order"] for row in corpus(check_spec(check_orders), "demo")}  # type: ignore[arg-type]
    assert (1, 2, 0) in orders or (2, 0, 1) in orders


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: forall(x=3),  # type: ignore[arg-type]
        lambda: forall(),
        lambda: cases(),
        lambda: cases({"a": 1}, {"b": 2}),
        lambda: forall(first=[{"y": 1}], x=st.integers()),
        lambda: check(points=0),
    ],
)
def test_a_wrong_decorator_says_so_at_once(wrong: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        wrong()


def test_variants_may_be_spread_over_the_files_of_a_folder(tmp_path: Path) -> None:
    course, folder = Course(tmp_path), tmp_path / "checks" / "variants"
    assert course.variants("demo") == ()
    (folder / "demo").mkdir(parents=True)
    text = "from grader import right\n@right('{0}', of='f')\ndef {0}(x, n): return x\n"
    for name in ("demo", "demo/b", "demo/a", "demolition"):
        (folder / f"{name}.py").write_text(text.format(name.replace("/", "_")))
    before = course.digest(("demo",))
    assert [v.title for v in course.variants("demo")] == ["demo", "demo_a", "demo_b"]
    assert len(course.known(["demo"])) == 3
    (folder / "demo" / "a.py").write_text(text.format("other"))
    assert course.digest(("demo",)) != before


def test_a_class_in_a_starter_is_a_class_without_a_body() -> None:
    topic = Topic("nets", source="a test", functions={"class Net(n, width)": "A module.", "f(net)": "Its value."})
    assert (topic.functions["Net"].name, topic.functions["Net"].parameters) == ("Net", ("n", "width"))
    tree = ast.parse(topic.starter())
    net = next(node for node in tree.body if isinstance(node, ast.ClassDef))
    assert net.name == "Net"
    assert ast.get_docstring(net) == "A module."
    assert len(net.body) == 1


def test_a_starter_defines_every_function_and_nothing_else() -> None:
    tree = ast.parse(TOPIC.starter())
    assert [n.name for n in tree.body if isinstance(n, ast.FunctionDef)] == ["f", "g"]


def test_this_repository_is_a_course() -> None:
    course = find_course(Path(__file__))
    sheet = course.assignment("hw10")
    assert sheet.max_score == 70
    assert "projection" in sheet.topics


def test_an_unknown_assignment_names_those_there_are() -> None:
    with pytest.raises(UserError, match="hw10"):
        find_course(Path(__file__)).assignment("hw99")


def test_no_course_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="--course"):
        find_course(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "title = 3", "[[problem]]\nnumber = '1'", "[[problem]]\nnumber='1'\ntopic='t'\npoints=-1", "not toml",
     "[[problem]]\nnumber='1'\ntopic='t'\nweigth=3",
     "[[problem]]\nnumber='1'\nrubric='neat'", "[[problem]]\nnumber='1'\nrubric=['neat']",
     "[[problem]]\nnumber='1'\nrubric=[{points=0, text='neat'}]", "[[problem]]\nnumber='1'\nrubric=[{points=1, text=' '}]",
     "[[problem]]\nnumber='1'\npoints=2\nrubric=[{points=1, text='neat'}]", "[[problem]]\nnumber='1'\nwriteup=true",
     "[[problem]]\nnumber='1'\ntopic='t'\n[[problem]]\nnumber='1'\ntopic='u'"],
)
def test_a_broken_assignment_names_its_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hw.toml"
    path.write_text(text)
    with pytest.raises(UserError, match=r"hw\.toml"):
        read_assignment(path)


def test_a_rubric_and_a_writeup_come_on_top_of_the_checks(tmp_path: Path) -> None:
    path = tmp_path / "hw.toml"
    path.write_text(
        "[[problem]]\nnumber = '1'\ntopic = 't'\npoints = 4\nwriteup = 3\nrubric = [{points = 2, text = 'says why'}]\n"
        "[[problem]]\nnumber = '2'\nrubric = [{points = 1.5, text = 'draws it'}, {points = 0.5, text = 'neatly'}]"
    )
    sheet = read_assignment(path)
    assert [p.max_score for p in sheet.problems] == [9, 2]
    assert (sheet.max_score, sheet.topics) == (11, ("t",))


def test_the_digest_changes_with_a_check_and_not_with_another_topic(tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    for name in ("a", "b"):
        (tmp_path / "checks" / f"{name}.py").write_text("x = 1")
    course = Course(tmp_path)
    before = course.digest(("a",)), course.digest(("b",))
    (tmp_path / "checks" / "a.py").write_text("x = 2")
    assert course.digest(("a",)) != before[0]
    assert course.digest(("b",)) == before[1]


def test_a_function_that_a_check_could_not_call_is_refused_in_a_line_that_says_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"topic linear: in a check student\.trace is something else; .*\[aliases\]"):
        Topic("linear", source="a test", functions={"f(x)": "Anything.", "trace(a)": "The trace of a (n, n)."})


def test_names_that_no_function_can_have_are_those_of_the_student() -> None:
    fields = {f.name for f in dataclasses.fields(Student)}
    assert {name for name in fields | set(dir(Student)) if not name.startswith("_")} == TAKEN
