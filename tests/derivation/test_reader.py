"""What stands where: physical lines, cells, rows, problems."""

from __future__ import annotations

import json

import pytest

from grader.derivation import check_writeup, read_writeup
from grader.records import UserError
from tests.derivation.support import check, sheets, verdicts

INTEGRAL = r"\int q_\phi(z) \, dz"


def test_each_step_carries_the_physical_line_of_its_relation() -> None:
    text = (
        "\n\n$$\n\\begin{aligned}\n"
        + INTEGRAL
        + "\n&= 1 \\\\\n% a comment line\n&= \\int q_\\phi(z)\n dz\n\\end{aligned}\n$$\n"
    )
    assert [step.line for step in check(text, "1", kind="tex").steps] == [6, 8]


def test_a_notebook_gives_the_cell_and_the_line_within_it() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# 1\n"]},
        {"cell_type": "code", "source": ["x = 1 # $$1 = 2$$\n"]},
        {"cell_type": "markdown", "source": f"words\n$$ {INTEGRAL}\n = 1 $$"},
    ]
    (record,) = check_writeup(
        json.dumps({"cells": cells}), file="a.ipynb", kind="ipynb", sheets={"1": sheets("hw10")["1"]}
    )
    assert [(step.cell, step.line) for step in record.steps] == [(2, 3)]


@pytest.mark.parametrize("text", ["{", "[]", '{"cells": 3}', '{"cells": [1]}'])
def test_what_is_no_notebook_is_one_clear_line(text: str) -> None:
    with pytest.raises(UserError, match="not a notebook"):
        read_writeup(text, kind="ipynb", file="a.ipynb")


@pytest.mark.parametrize(
    "display",
    [
        rf"$${INTEGRAL} = 1 = {INTEGRAL}$$",
        rf"\[ {INTEGRAL} = 1 = {INTEGRAL} \]",
        rf"\begin{{align}} {INTEGRAL} &= 1 \label{{a}} \\ &= {INTEGRAL}. \nonumber \end{{align}}",
        rf"\begin{{eqnarray*}} {INTEGRAL} &=& 1 \\ &=& {INTEGRAL} \end{{eqnarray*}}",
        rf"\begin{{equation*}}\begin{{split}} {INTEGRAL} &= 1 \\ &= {INTEGRAL} \end{{split}}\end{{equation*}}",
        rf"$$\begin{{aligned}} & {INTEGRAL} \\ & = 1 \\ & = {INTEGRAL} \quad (3) \end{{aligned}}$$",
        rf"\begin{{align*}} {INTEGRAL} &\overset{{(i)}}{{=}} 1 && \text{{by definition}} \\ &\stackrel{{(ii)}}{{=}} {INTEGRAL} \tag{{2}} \end{{align*}}",
        rf"\begin{{align*}} {INTEGRAL} = \\ 1 = \\ {INTEGRAL} \end{{align*}}",
        rf"$${INTEGRAL} = \qquad 1$$ $$= {INTEGRAL}$$",
        rf"\begin{{multline*}} {INTEGRAL} = 1 \\ = 0 \\ + {INTEGRAL} \end{{multline*}}",
    ],
)
def test_layouts_give_the_same_chain(display: str) -> None:
    found = verdicts(display, "1", kind="tex")
    assert len(found) == 2 and set(found) <= {"supported", "proved"}


def test_two_columns_and_commas_are_separate_statements() -> None:
    text = rf"\begin{{align*}} {INTEGRAL} &= 1, & \nabla_\phi {INTEGRAL} &= 0, \quad 2 = 1 + 1 \end{{align*}}"
    assert (
        set(verdicts(text, "1", kind="tex")) <= {"supported", "proved"}
        and len(verdicts(text, "1", kind="tex")) == 3
    )


def test_a_side_goes_on_over_a_line_break() -> None:
    text = r"\begin{align*} & \mathbb{E}_{q_\phi}[\log h(Z)] \\ &= \int q_\phi(z) \log h(z) \, dz + 1 \\ &\quad - 1 \end{align*}"
    assert verdicts(text, "1", kind="tex") == ["supported"]


def test_rows_with_a_left_side_of_their_own_begin_a_new_chain() -> None:
    text = rf"\begin{{aligned}} & {INTEGRAL} \\ &= 1 \\ & \nabla_\phi {INTEGRAL} \\ &= 0 \end{{aligned}}"
    assert verdicts(f"$${text}$$", "1") == ["supported", "supported"]


@pytest.mark.parametrize(
    ("macro", "use"),
    [
        (r"\newcommand{\q}{q_\phi}", r"\q(z)"),
        (r"\newcommand\q[1]{q_\phi(#1)}", r"\q{z}"),
        (r"\def\q#1{q_\phi(#1)}", r"\q{z}"),
        (r"\renewcommand{\q}[2]{q_#1(#2)}", r"\q{\phi}{z}"),
        (r"\newcommand{\p}{\phi}\newcommand{\q}{q_\p}", r"\q(z)"),
        (r"\newcommand{\q}[2][\phi]{q_{#1}(#2)}", r"\q{z}"),
        (r"\newcommand{\q}[2][\psi]{q_{#1}(#2)}", r"\q[\phi]{z}"),
        (r"\DeclarePairedDelimiter{\inn}{(}{)}", r"q_\phi\inn*{z}"),
        (r"\DeclarePairedDelimiter{\inn}{(}{)}", r"q_\phi\inn[\big]{z}"),
        (r"\newcommand{\dd}{\mathop{}\!\mathrm{d}}", r"q_\phi(z) \dd z - \int 0"),
    ],
)
def test_macros_of_the_writer_are_expanded(macro: str, use: str) -> None:
    assert verdicts(rf"{macro} \[ \int {use} \, dz = 1 \]", "1", kind="tex") == ["supported"]


@pytest.mark.parametrize(
    "macro",
    [
        r"\DeclareMathOperator*{\E}{\mathbb{E}}",
        r"\DeclareMathOperator{\E}{\mathbf{E}}",
        r"\newcommand{\E}{\mathop{\mathbb{E}}\limits}",
        r"\def\E{\operatorname{\mathbb E}}",
        r"\newcommand\E{\mathop{\mathrm{E}}}",
    ],
)
def test_an_expectation_by_any_name(macro: str) -> None:
    step = r"\[ \E_{Z \sim q_\phi}[\log h(Z)] = \int q_\phi(z) \log h(z) \, dz \]"
    assert verdicts(macro + "\n" + step, "1", kind="tex") == ["supported"]


@pytest.mark.parametrize(
    ("heading", "problem"),
    [
        (r"\section*{Problem 4 (a)}", "4a"),
        ("## 4a", "4a"),
        ("## Problem 4\n\n(a) The determinant", "4a"),
        ("**Problem 4.**\n\n**(c)**", "4c"),
        (r"\section*{4}\begin{enumerate}\item[(a)] first", "4a"),
        (r"\section*{Problem 4}\begin{enumerate}\item one \item two", "4b"),
        ("# Solution to Problem 4(c)", "4c"),
        ("### 4\n\n### c\n", "4c"),
        ("Exercise 1.", "1"),
        ("## Aufgabe 4a", "4a"),
        ("## Aufgabe 4: Glow\n\n### b) Determinante", "4b"),
        ("## 4. Aufgabe (a)", "4a"),
        (r"\section*{L\"osung zu Aufgabe 4~(a)}", "4a"),
        ("### Exercice 6 b)", "6b"),
        ("## 문제 4 (a)", "4a"),
        ("## 第4题 (a)", "4a"),
        ("**4.a)**", "4a"),
        ("__4 (c)__", "4c"),
        ("- **4d)** Words", "4d"),
        ("4a.", "4a"),
        ("4-b", "4b"),
        ("Exercise 4: A layer\n\n(d)", "4d"),
        ("## Problem 1: a bound", "1"),
        ("## HW10, Problem 4, part (b)", "4b"),
        ("## Problem 4 — c", "4c"),
        ("## Part (a) of Problem 4", "4a"),
        ("## Problem IV (ii)", "4b"),
        ("## Question Four (a)", "4a"),
        ("<h3>Problem 4a</h3>", "4a"),
        (r"\begin{problem}[4c]", "4c"),
        (r"\noindent\textbf{4. (a)} We", "4a"),
        ("## Problem 4a\n\n**1. First**, note that", "4a"),
        ("## Problem 4a\n\nNo 2 of them are equal, so", "4a"),
        ("## Problem 4a\n\n### Step 2", "4a"),
    ],
)
def test_the_nearest_heading_names_the_problem(heading: str, problem: str) -> None:
    records = check_writeup(heading + "\n\n$$1 + 1 = 2$$\n", file="a.md", kind="md", sheets=sheets("hw10"))
    assert [record.problem for record in records] == [problem]


@pytest.mark.parametrize(
    "heading",
    [
        "## Question 2, part 3",
        "## Aufgabe 2.3",
        "## Question 2\n\n### Part 3",
        "2.3:",
        "## Problem 2 (c)",
        "## Q2-3",
    ],
)
def test_parts_may_be_numbers_or_letters_whatever_the_sheet_says(heading: str) -> None:
    records = check_writeup(
        heading + "\n\n$$1 + 1 = 2$$\n", file="a.md", kind="md", sheets=sheets("generative")
    )
    assert [record.problem for record in records] == ["2.3"]


def test_numbers_within_a_question_choose_its_parts() -> None:
    text = "**Question 4** (8-8). Words.\n\n1. Show it.\n\n$$1+1=2$$\n\n2. And this.\n\n$$1=1$$\n"
    records = check_writeup(text, file="a.md", kind="md", sheets=sheets("generative"))
    assert [record.problem for record in records] == ["4.1", "4.2"]


def test_displays_of_other_problems_are_left_alone() -> None:
    assert check_writeup("# Problem 3\n$$1 = 2$$", file="a.md", kind="md", sheets=sheets("hw10")) == ()


def test_displays_before_any_heading_are_for_a_person() -> None:
    (record,) = check_writeup("$$\\int q_\\phi(z) dz = 1$$", file="a.md", kind="md", sheets=sheets("hw10"))
    assert (
        record.problem == "?" and record.needs_review and [s.verdict for s in record.steps] == ["unreadable"]
    )


def test_code_and_comments_hold_no_mathematics() -> None:
    assert verdicts("```\n$$1 = 2$$\n```\n$$1+1 = 2$$", "1") == ["supported"]
    assert verdicts("% $$1 = 2$$\n$$1+1 = 2$$", "1", kind="tex") == ["supported"]
