"""Which mutants there are, what they are called, and the list of those that are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.audit import Key, equivalents, mutants
from grader.bank import Course, Topic
from grader.records import UserError


def keys(source: str, *, functions: str = "f(x, y)") -> dict[str, Key]:
    topic = Topic("t", source="a test", functions={functions: "Anything."})
    return {str(m.key): m.key for m in mutants(source, topic) if m.key.operator != "pair"}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("return x - y", "f, arithmetic: x - y -> x + y"),
        ("return x - y", "f, arithmetic: x - y -> y - x"),
        ("return x - y", "f, term: x - y -> x"),
        ("return x - y", "f, term: x - y -> -y"),
        ("return x - y", "f, name: x - y -> y - y"),
        ("return x - y", "f, input: return x - y -> return y"),
        ("return x @ y", "f, index: x @ y -> x.T @ y"),
        ("return x.T", "f, index: x.T -> x"),
        ("return x < y", "f, comparison: x < y -> x <= y"),
        ("return x == y", "f, comparison: x == y -> x != y"),
        ("return x and y", "f, condition: x and y -> x or y"),
        ("return x if y else 0", "f, condition: x if y else 0 -> x if not y else 0"),
        ("return [z for z in x if z]", "f, condition: z -> not z"),
        ("return x + 2", "f, constant: x + 2 -> x + 3"),
        ("return x + 2", "f, constant: x + 2 -> x + -2"),
        ("return x + True", "f, constant: x + True -> x + False"),
        ("return np.sum(x)", "f, name: np.sum(x) -> np.mean(x)"),
        ("return x.sum(axis=1)", "f, name: x.sum(axis=1) -> x.mean(axis=1)"),
        ("return x.sum(axis=1)", "f, constant: axis=1 -> axis=0"),
        ("return x.sum(axis=1)", "f, arguments: x.sum(axis=1) -> x.sum()"),
        ("return x.sum(axis=1)", "f, call: x.sum(axis=1) -> x"),
        ("return math.sin(x)", "f, name: math.sin(x) -> math.cos(x)"),
        ("return math.log(x)", "f, name: math.log(x) -> math.log1p(x)"),
        ("return min(x)", "f, name: min(x) -> max(x)"),
        ("return pow(x, y)", "f, arguments: pow(x, y) -> pow(y, x)"),
        ("return x, y", "f, arguments: (x, y) -> (y, x)"),
        ("return abs(x)", "f, call: abs(x) -> x"),
        ("return x[1:]", "f, index: x[1:] -> x[:1]"),
        ("return x[y]", "f, name: x[y] -> x[x]"),
        ("return [0 for _ in range(y)]", "f, bounds: range(y) -> range(y - 1)"),
        ("x = x + 1\n    return x", "f, statement: x = x + 1 -> pass"),
        (
            "for z in x:\n        y += z\n    return y",
            "f, loop: for z in x: y += z -> for z in x: y += z break",
        ),
        ("for z in x:\n        y += z\n    return y", "f, arithmetic: y += z -> y -= z"),
    ],
)
def test_each_kind_of_mistake_is_made(body: str, name: str) -> None:
    assert name in keys(f"import math\nimport numpy as np\ndef f(x, y):\n    {body}\n")


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("return math.sum(x)", "math.mean"),
        ("z = x\n    return z", "z = x -> pass"),
        ("return max(x, y)", "arguments"),
        ("return float(x)", "call"),
        ("raise ValueError('x + 1')", "constant"),
        ('"""Says x + 1."""\n    return x', "constant"),
        ("return x in ('A', 'B')", "('B', 'A')"),
        ("return x == 'A'", ">="),
        ("with np.errstate(divide='ignore'):\n        return 1 / x", "arguments: np.errstate"),
        ("return x * 1.0", "constant: x * 1.0 -> x * 1.0"),
    ],
    ids=[
        "no such function",
        "nothing else binds it",
        "symmetric",
        "same value",
        "message",
        "docstring",
        "set",
        "order of texts",
        "context",
        "same",
    ],
)
def test_changes_that_say_nothing_about_the_checks_are_not_made(body: str, part: str) -> None:
    assert [
        k for k in keys(f"import math\nimport numpy as np\ndef f(x, y):\n    {body}\n") if part in k
    ] == []


def test_defaults_and_nested_functions_and_methods_are_part_of_it() -> None:
    assert "f, constant: 3 -> 4" in keys("def f(x, y=3):\n    return x\n")
    nested = keys("def f(x, y):\n    def g(z):\n        return z + 1\n    return g(x)\n")
    assert "f, arithmetic: z + 1 -> z - 1" in nested
    methods = keys("class F:\n    def __call__(self, x):\n        return x + 1\n", functions="F(n)")
    assert "F.__call__, arithmetic: x + 1 -> x - 1" in methods


def test_names_stay_the_same_when_other_code_moves() -> None:
    body = "def f(x, y):\n    a = x + 1\n    b = x + 1\n    return a * b\n"
    before = keys(body)
    after = keys(f"import os\n\n# moved\nLIMIT = 4\n\ndef g():\n    return LIMIT\n\n\n{body}")
    assert before == after
    assert "f, arithmetic: x + 1 -> x - 1, occurrence 2" in before


def test_no_two_mutants_have_the_same_source_and_none_that_of_the_reference() -> None:
    source = "def f(x, y):\n    return x * 1 + y * 0\n"
    topic = Topic("t", source="a test", functions={"f(x, y)": "Anything."})
    sources = [m.source for m in mutants(source, topic)]
    assert len(sources) == len(set(sources))
    assert source.strip() not in sources


def test_pairs_are_drawn_the_same_way_each_time_and_not_from_equivalents() -> None:
    source = "def f(x, y):\n    return (x + 1) * (y - 2)\n"
    topic = Topic("t", source="a test", functions={"f(x, y)": "Anything."})
    pairs = [m.key for m in mutants(source, topic) if m.key.operator == "pair"]
    assert pairs == [m.key for m in mutants(source, topic) if m.key.operator == "pair"]
    assert 0 < len(pairs) <= 8
    every = [m.key for m in mutants(source, topic) if m.key.operator != "pair"]
    assert [m for m in mutants(source, topic, every) if m.key.operator == "pair"] == []


ENTRY = '[[equivalent]]\nfunction = "f"\noperator = "term"\nchange = "a -> b"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ENTRY, "proof"),
        (ENTRY + 'proof = " "', "proof is missing"),
        (ENTRY + 'proof = "So."\nline = 3', "line"),
        (ENTRY + 'proof = "So."\noccurrence = "first"', "occurrence"),
        ((ENTRY + 'proof = "So."\n') * 2, "listed twice"),
        ("equivalent = 3", "entries"),
        ("[[equivalents]]", "entries"),
        ("[[", "cannot be read"),
    ],
)
def test_a_list_that_is_none_gets_one_clear_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "checks" / "equivalents" / "t.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(UserError, match=says) as raised:
        equivalents(Course(tmp_path), "t")
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


def test_no_list_means_no_equivalents(tmp_path: Path) -> None:
    assert equivalents(Course(tmp_path), "t") == ()
