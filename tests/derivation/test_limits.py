"""No input hangs, blows up or ends in a traceback."""

from __future__ import annotations

import itertools
import random

import pytest

from grader.derivation import check_writeup, read_writeup
from grader.records import UserError
from tests.derivation.support import check, sheets

HEAD = r"\section*{1}" + "\n"


def _doubling() -> str:
    names = [chr(97 + n) for n in range(24)]
    return "".join(rf"\newcommand{{\{a}}}{{\{b}\{b}}}" for a, b in itertools.pairwise(names))


@pytest.mark.parametrize(
    "text",
    [
        rf"$${chr(92)}nabla_\phi " + r"\nabla_\phi " * 50 + r" h(z) = 0$$",
        "$$" + r"\log " * 58 + "h(z) q_\\phi(z) = 0$$",
        "$$" + "(" * 3000 + "1" + ")" * 3000 + " = 1$$",
        "$$" + "{" * 3000 + "1" + "}" * 3000 + " = 1$$",
        "$$" + r"\frac{1}{" * 400 + "1" + "}" * 400 + " = 1$$",
        "$$" + r"\left|" * 500 + "1" + r"\right|" * 500 + " = 1$$",
        "$$" + "|" * 2000 + " = 1$$",
        "$$" + "a_" * 3000 + " = 1$$",
        "$$2^{2^{2^{2^{2^{2}}}}} = 1$$",
        "$$e^{e^{e^{e^{100}}}} = 1$$",
        "$$" + "9" * 5000 + " = 1$$",
        r"$$\sum_{i=1}^{10000000000} i = 1$$",
        r"$$\mathbf{1}_{99999999}^\top 1 = 1$$",
        r"$$(1, \dots, 10^{30}) = \begin{pmatrix} 1 \\ \vdots \\ 99999999 \end{pmatrix}$$",
        "$$" + r"\int_0^1 " * 12 + "1" + " dt" * 12 + " = 1$$",
        "$$" + "x + " * 90_000 + "x = 1$$",
        r"\newcommand{\q}[2][\q]{\q[#1]{#2}} $$\q{1} = 2$$",
        "$$" + r"\langle " * 3000 + "1" + r"\rangle " * 3000 + " = 1$$",
        "$$" + r"\sum_{i=1}^{60}\sum_{j=1}^{60}\sum_{k=1}^{60}" + "1 = 1$$",
        r"$$\mathbb{E}_{z_{1:1000000} \sim q_\phi}[1] = 1$$",
        "$$1 = 1$$\n" * 5000,
        "if $h(z) > 0$ and " * 5000,
        r"\[" * 50_000,
        "$$" * 50_001,
        r"\begin{align}" * 3000,
        r"$$\frac" * 2000,
        r"$$\begin{pmatrix}" + "&" * 5000 + r"\end{pmatrix} = 1$$",
        "$$" + " = 1" * 3000 + "$$",
        "$$" + "- 1 \\\\" * 3000 + "$$",
        r"$$\mathbb{E}_{" * 300 + "$$",
        r"\newcommand{\x}{\x} $$\x = 1$$",
        _doubling() + r"$$\a = 1$$",
        "\\" * 9999,
        "\x00\ufeff$$\u202e = 1$$",
    ],
)
def test_hostile_input_ends_without_a_traceback(text: str) -> None:
    for record in check_writeup(HEAD + text, file="a.tex", kind="tex", sheets={"1": sheets("hw10")["1"]}):
        assert len(record.steps) <= 600


def test_random_token_soup_ends_without_a_traceback() -> None:
    words = [
        r"\nabla_\phi",
        r"\log",
        r"\int",
        r"dz",
        r"q_\phi(z)",
        r"h(z)",
        r"=",
        r"+",
        r"-",
        r"(",
        r")",
        r"[",
        r"]",
        r"{",
        r"}",
        r"_",
        r"^",
        r"|",
        r"\left(",
        r"\right)",
        r"\frac",
        r"\mathbb{E}",
        r"_{Z\sim",
        r"q_\phi}",
        r"\sum_{i=1}^K",
        r"&",
        r"\\",
        r"\begin{pmatrix}",
        r"\end{pmatrix}",
        r"\begin{cases}",
        r"\end{cases}",
        r"1",
        r"2",
        r"z",
        r"\det",
        r"A",
        r"P",
        r"s_i",
        r",",
        r".",
        r"\quad",
        r"\Rightarrow",
        r"\leq",
        r"'",
        r"\partial",
        r"\dots",
        r"\max",
        r"\argmin",
        r"/",
        r"\sqrt",
        r"~",
        r"%",
        r"$",
        r"\underbrace",
        r"\text{if}",
        r"\operatorname{diag}",
        r":=",
        r"\propto",
        r"||",
        r";",
        r":",
        r"\tilde{q}",
        r"\cdot",
    ]
    rng = random.Random(11)
    for number in range(400):
        body = " ".join(rng.choice(words) for _ in range(rng.randrange(1, 60)))
        prose = " ".join(rng.choice([*words, "if", "let", "where", "since", "$"]) for _ in range(12))
        problem = rng.choice(["1", "2", "4a", "4c", "6a"])
        text = f"$${body}$$\n{prose} $${body[::-1]}$$"
        kind = "tex" if number % 2 else "md"
        check_writeup(text, file="a", kind=kind, sheets={problem: sheets("hw10")[problem]})


def test_submitted_text_is_never_code() -> None:
    record = check(
        r"$$\int q_\phi(z) dz = \operatorname{__import__}('os').\operatorname{system}('true')$$", "1"
    )
    assert [step.verdict for step in record.steps] == ["unreadable"]


def test_a_text_beyond_all_measure_is_refused_in_one_line() -> None:
    with pytest.raises(UserError, match="longer than") as raised:
        read_writeup("x" * 500_000, kind="tex", file="a.tex")
    assert "\n" not in str(raised.value)


def test_another_kind_of_file_is_refused() -> None:
    with pytest.raises(UserError, match=r"\.tex, \.md or \.ipynb"):
        read_writeup("", kind="docx", file="a.docx")
