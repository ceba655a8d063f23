"""Notation sheets: those that ship are sound, and a bad one is refused with a clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.derivation import Chain, Sheet, check_writeup, load_sheets, terms_of
from grader.records import UserError
from tests.derivation.support import NOTATION, sheets

ALL = [(path.parent.name, path.stem) for path in sorted(NOTATION.glob("*/*.toml"))]
DUE = {
    "hw8": "2 4 5 8",
    "hw10": "1 2 4a 4b 4c 4d 6a 6b",
    "hw11": "1a 1b 2a 2b 2c 4a",
    "generative": "2.1 2.3 3.1 3.2 4.1 4.2 5.2 5.3 5.4 6.1 6.2 6.3",
}


@pytest.mark.parametrize("assignment", DUE)
def test_every_derivation_of_the_bank_has_a_sheet(assignment: str) -> None:
    assert set(DUE[assignment].split()) <= set(sheets(assignment))


@pytest.mark.parametrize(("assignment", "problem"), ALL)
def test_goals_are_true_statements_and_no_proofs(assignment: str, problem: str) -> None:
    """Stating a goal is a right step, but does not reach it."""
    sheet = sheets(assignment)[problem]
    for goal in sheet.goals:
        (record,) = check_writeup(f"$${goal.statement}$$", file="a.md", kind="md", sheets={problem: sheet})
        assert {step.verdict for step in record.steps} <= {"supported", "proved"}, goal.name
        assert {found["name"]: found["reached"] for found in record.goals}[goal.name] is not False


@pytest.mark.parametrize(("assignment", "problem"), ALL)
def test_what_a_goal_names_besides_is_true(assignment: str, problem: str) -> None:
    """Its other wordings, its parts, and what it rests on."""
    sheet = sheets(assignment)[problem]
    texts = [text for goal in sheet.goals for text in (*goal.also, *goal.via, *goal.parts)]
    display = "\n\n".join(f"$${text}$$" for text in texts)
    for record in check_writeup(display, file="a.md", kind="md", sheets={problem: sheet}):
        assert {step.verdict for step in record.steps} <= {"supported", "proved"}
        assert len(record.steps) == len(texts)


@pytest.mark.parametrize(("assignment", "problem"), ALL)
def test_what_is_often_shown_instead_does_not_count(assignment: str, problem: str) -> None:
    sheet = sheets(assignment)[problem]
    for goal in sheet.goals:
        for other in goal.instead:
            (record,) = check_writeup(f"Let $${other}$$", file="a.md", kind="md", sheets={problem: sheet})
            assert {found["name"]: found["reached"] for found in record.goals}[goal.name] is False


def _load(tmp_path: Path, text: str) -> Sheet:
    file = tmp_path / "1.toml"
    file.write_text(text, encoding="utf-8")
    return load_sheets(file)["1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("problem = ", "cannot be read"),
        ('problems = "1"', "unknown key 'problems'"),
        ('[variables.x]\nsort = "number"', "sort is one of"),
        ("[functions.f]\nvalues = 'real'", "lacks 'of'"),
        ("[variables.x]\nnames = 3", "list of strings"),
    ],
)
def test_a_sheet_that_is_none_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        _load(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("definitions = ['f(x) := g(x)']\n[variables.x]", "not in the notation sheet"),
        ("definitions = ['f := x', 'f := 2 x']\n[variables.x]", "twice"),
        (r"definitions = ['f := \sum_{i=1}^3 x + x']" + "\n[variables.x]", "several ways"),
        ("assume = ['x >']\n[variables.x]", "assumption"),
    ],
)
def test_a_definition_that_does_not_parse_is_refused(tmp_path: Path, text: str, message: str) -> None:
    sheet = _load(tmp_path, text)
    with pytest.raises(UserError, match=message):
        check_writeup("$$x = x$$", file="a.md", kind="md", sheets={"1": sheet})


def test_a_goal_that_can_be_read_in_two_ways_is_refused(tmp_path: Path) -> None:
    sheet = _load(
        tmp_path, r"[variables.x]" + "\n[[goals]]\nname = 'g'\n" + r"statement = '\sum_{i=1}^3 x + 1 = x'"
    )
    with pytest.raises(UserError, match="add brackets"):
        check_writeup("$$x = x$$", file="a.md", kind="md", sheets={"1": sheet})


def test_a_sheet_can_be_written_in_python() -> None:
    from grader.derivation import Variable

    sheet = Sheet("1", variables={"a": Variable("a", ("a",), "real"), "b": Variable("b", ("b",), "real")})
    a, b = (terms_of(sheet)[name] for name in "ab")
    assert [s.verdict for s in Chain((a + b) ** 2).eq(a**2 + 2 * a * b + b**2).check(sheet).steps] == [
        "supported"
    ]
    (record,) = check_writeup("$$(a+b)^2 = a^2 + b^2$$", file="a.md", kind="md", sheets={"1": sheet})
    assert [step.verdict for step in record.steps] == ["refuted"]


LOSS = r"\nabla_\phi \mathbb{E}_{Z \sim q_\phi}\left[\log\frac{h(Z)}{q_\phi(Z)}\right]"
SCORE = r"\mathbb{E}_{Z \sim q_\phi}\left[(\nabla_\phi \log q_\phi(Z)) \log\frac{h(Z)}{q_\phi(Z)}\right]"


@pytest.mark.parametrize(
    ("assignment", "problem", "text", "expected"),
    [
        # What stands between the two sides may have their form.
        (
            "generative",
            "3.1",
            r"$$\mathbb{E}_{q(z|x)}[\log(p_\theta(x|z)p(z))] = \mathbb{E}_{q(z|x)}[\log p_\theta(z|x)] + \log p_\theta(x) = \log p_\theta(x) - D_{KL}(q(z|x) \| p_\theta(z|x)) + \mathbb{E}_{q(z|x)}[\log q(z|x)]$$",
            True,
        ),
        # Bars around a matrix and around its determinant; a prime and a quotient; entries on one line.
        (
            "hw10",
            "4a",
            r"$$\log\left|\det\frac{\partial f_1}{\partial x}\right| = \log|\det A| = \sum_{i=1}^C \log|s_i|$$",
            True,
        ),
        ("generative", "5.3", r"$$\frac{dg}{dz} = 1 + \frac{df}{dz} > 1 - 1 = 0$$", True),
        ("generative", "5.2", r"$$g'(z) = \frac{f'(z)}{f(z)(1-f(z))}$$ so $$g'(z) > 0$$", True),
        # A gap that is not negative; what was worked out under a derivative before.
        (
            "hw11",
            "2a",
            r"$$\log p_\theta(X_i) - VLB_{\theta,\phi,\lambda}(X_i) = D_{KL}(q_\phi(z|X_i) \| p_\theta(z|X_i)) \ge 0$$",
            True,
        ),
        (
            "generative",
            "5.4",
            r"$$\|y - z_0\| = r + \frac{\beta r}{\alpha+r}$$ $$\frac{d}{dr}\left(r + \frac{\beta r}{\alpha+r}\right) = 1 + \frac{\beta(\alpha + r) - \beta r}{(\alpha+r)^2} = 1 + \frac{\alpha\beta}{(\alpha+r)^2}$$",
            True,
        ),
        # Stated with what it rests on, in parts, or as all that was asked.
        (
            "hw10",
            "1",
            rf"$$\nabla_\phi \int q_\phi(z) \log q_\phi(z) dz = \int (1 + \log q_\phi(z)) \nabla_\phi q_\phi(z) dz$$ $${LOSS} = {SCORE}$$",
            True,
        ),
        # Stated, stated twice, stated with its right side in two writings.
        ("hw10", "1", rf"$${LOSS} = {SCORE}$$", None),
        ("hw10", "1", rf"$${LOSS} = {SCORE}$$ $${SCORE} = {LOSS}$$", None),
        (
            "hw10",
            "1",
            rf"$${LOSS} = {SCORE} = \mathbb{{E}}_{{q_\phi}}\left[\log\left(\frac{{h(Z)}}{{q_\phi(Z)}}\right) \nabla_\phi \log q_\phi(Z)\right]$$",
            None,
        ),
        ("generative", "5.3", "$$1 + f'(z) > 0$$", None),
    ],
)
def test_goals_are_reached_by_what_leads_to_them(
    assignment: str, problem: str, text: str, expected: bool | None
) -> None:
    sheet = sheets(assignment)[problem]
    (record,) = check_writeup(text, file="a.md", kind="md", sheets={problem: sheet})
    assert record.goals[0]["reached"] is expected, record.goals


def test_the_square_of_a_permutation_shows_nothing_about_its_inverse() -> None:
    (record,) = check_writeup(
        r"$$P_\sigma^\top P_\sigma = \sum_{i=1}^n e_{\sigma(i)} e_{\sigma(i)}^\top = I_n$$",
        file="a.md",
        kind="md",
        sheets={"4": sheets("hw8")["4"]},
    )
    assert {goal["name"]: goal["reached"] for goal in record.goals} == {
        "orthogonal": True,
        "the inverse permutation": None,
        "determinant": None,
    }
