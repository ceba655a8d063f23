"""The rules by which a step is judged."""

from __future__ import annotations

import pytest

from tests.derivation.support import check, verdicts

A = r"\nabla_\phi \mathbb{E}_{Z\sim q_\phi}[\log q_\phi(Z)]"
B = r"\int (1 + \log q_\phi(z)) \nabla_\phi q_\phi(z) \, dz"
C = r"\mathbb{E}_{Z\sim q_\phi}[\log q_\phi(Z) \nabla_\phi \log q_\phi(Z)]"
WRONG = r"\int \nabla_\phi q_\phi(z) \log h(z) \, dz"


def test_a_wrong_last_line_is_refuted_with_a_counterexample_in_numbers() -> None:
    steps = check(f"$${A} = {B} = {WRONG}$$", "1").steps
    assert [s.verdict for s in steps] == ["supported", "refuted"]
    witness = steps[1].witness
    assert witness is not None and int(str(witness["models_against"])) >= 2
    assert witness["left"] != witness["right"] and "cells of width" in str(witness["model"])


def test_a_slip_between_two_lines_that_agree_recovers() -> None:
    assert verdicts(f"$${A} = {WRONG} = {C}$$", "1") == ["recovers", "recovers"]


def test_a_slip_that_is_never_mended_is_refuted_once() -> None:
    assert verdicts(f"$${A} = {WRONG} = {WRONG}$$", "1") == ["refuted", "proved"]


def test_an_inequality_is_judged_by_its_direction() -> None:
    jensen = r"\mathbb{E}_{q_\phi}[\log h(Z)] {} \log \mathbb{E}_{q_\phi}[h(Z)]"
    assert verdicts(f"$${jensen.replace('{}', chr(92) + 'le')}$$", "1") == ["supported"]
    assert verdicts(f"$${jensen.replace('{}', chr(92) + 'ge')}$$", "1") == ["refuted"]


def test_a_repair_is_named_where_one_token_does_it() -> None:
    (step,) = check(
        r"$$\frac{\partial}{\partial \sigma} \log f(x) = \frac{(x-\mu)^2}{\sigma^3} + \frac{1}{\sigma}$$",
        "6a",
    ).steps
    assert (
        step.verdict == "refuted"
        and step.witness is not None
        and "- \\frac{1}{\\sigma}" in str(step.witness["repair"])
    )


def test_an_additive_constant_that_no_gradient_sees_is_a_slip() -> None:
    step = r"\mathbb{E}_{Z\sim q_\phi(z|X_i)}[\log p_\theta(X_i|Z)] = -\frac{1}{2\sigma^2} \mathbb{E}_{Z\sim q_\phi(z|X_i)}[(X_i - f_\theta(Z))^2]"
    (found,) = check(f"$${step}$$", "2c", "hw11").steps
    assert found.verdict == "recovers" and found.reason.startswith("constant")
    assert verdicts(f"$${step.replace('= -', '= ')}$$", "2c", "hw11") == ["refuted"]
    assert verdicts(f"$${step} + \\text{{const}}$$", "2c", "hw11") == ["supported"]


def test_a_side_undefined_on_the_domain_is_refuted() -> None:
    """det S is negative in some models, so its root is no density."""
    step = r"q(g(z_0)) = \frac{1}{\sqrt{(2\pi)^K (\det S)^2}} e^{-\frac12 z_0^\top z_0}"
    assert verdicts(f"$${step}$$", "2.3", "generative") == ["supported"]
    wrong = r"q(g(z_0)) = \frac{1}{(2\pi)^{K/2} \sqrt{\det S} \sqrt{\det S}} e^{-\frac12 z_0^\top z_0}"
    assert verdicts(f"$${wrong}$$", "2.3", "generative") == ["refuted"]


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        (r"If $y_2 > 1$, then $$\min\{\max\{y_2,0\},1\} = 1.$$", ["supported"]),
        (r"If $y_2 < 1$, then $$\min\{\max\{y_2,0\},1\} = 1.$$", ["refuted"]),
        (r"Case 2: $0 \le y_2 \le 1$." + "\n\n" + r"$$\min\{\max\{y_2,0\},1\} = y_2$$", ["supported"]),
        (r"$$\min\{\max\{y_2,0\},1\} = y_2 \quad \text{for } 0 \le y_2 \le 1$$", ["supported"]),
        (r"$$\min\{\max\{y_2,0\},1\} = y_2$$", ["refuted"]),
        (r"When the point lies inside, $$\min\{\max\{y_2,0\},1\} = y_2$$", ["undecided"]),
        (r"For interior points $$\min\{\max\{y_2,0\},1\} = y_2$$", ["undecided"]),
        (r"For the second entry we get $$\min\{\max\{y_2,0\},1\} = y_2$$", ["refuted"]),
        (r"If the point lies inside, $$\min\{\max\{y_2,0\},1\} = y_2$$", ["undecided"]),
        (r"Suppose $y_2$ is such that nothing is cut off. $$\min\{\max\{y_2,0\},1\} = y_2$$", ["undecided"]),
        (r"Since $y_2 < 0$ here, $$\max\{y_2,0\} = 0$$", ["supported"]),
    ],
)
def test_conditions_in_prose_limit_what_is_claimed(prose: str, expected: list[str]) -> None:
    assert verdicts(prose, "2") == expected


@pytest.mark.parametrize(
    "prose",
    [
        r"Let $w(z) = \frac{h(z)}{q_\phi(z)}$. $$\mathbb{E}_{q_\phi}[w(Z)] = \int h(z) \, dz$$",
        r"$$\mathbb{E}_{q_\phi}[w(Z)] = \int h(z) \, dz, \quad \text{where } w(z) = \frac{h(z)}{q_\phi(z)}$$",
        r"Define $$w(z) := \frac{h(z)}{q_\phi(z)}$$ so that $$\mathbb{E}_{q_\phi}[w(Z)] = \int h(z) \, dz$$",
        r"Denote $S = \log w$ with $w = 2$. Then $$S = \log 2$$",
    ],
)
def test_definitions_on_the_spot_are_used(prose: str) -> None:
    found = verdicts(prose, "1")
    assert found and set(found) <= {"supported", "proved"}


def test_a_definition_can_be_wrongly_used() -> None:
    text = r"Let $w(z) = \frac{h(z)}{q_\phi(z)}$. $$\mathbb{E}_{q_\phi}[w(Z)] = \int q_\phi(z) h(z) \, dz$$"
    assert verdicts(text, "1") == ["refuted"]


def test_giving_a_known_symbol_another_meaning_is_no_error() -> None:
    text = r"Let $$M = \begin{pmatrix} 0 & -1 & 1 \\ 1 & 0 & -1 \\ -1 & 1 & 0 \end{pmatrix}.$$ Then $$M = -M^\top$$"
    assert verdicts(text, "4a", "hw11") == ["undecided", "supported"]


def test_a_variable_made_of_another_stands_for_it() -> None:
    text = r"With $X = \mu + e^\tau Z$, $$\nabla_\mu \mathbb{E}_{X\sim\mathcal{N}(\mu,\sigma^2)}[X \sin X] = \mathbb{E}_{Z\sim\mathcal{N}(0,1)}[\sin X + X \cos X]$$"
    assert verdicts(text, "6b") == ["supported"]


def test_a_random_variable_outside_its_expectation_refutes_nothing() -> None:
    step = r"\nabla_\phi \mathbb{E}_{q_\phi}[\log h(Z)] = \log h(Z) \nabla_\phi \log q_\phi(Z)"
    assert verdicts(f"$${step}$$", "1") == ["undecided"]


def test_a_false_reason_is_refuted_even_where_the_step_is_right() -> None:
    text = r"Since $\det P = 1$, $$|\det A| = |\det L| |\det(U + \operatorname{diag}(s))|.$$"
    assert verdicts(text, "4a") == ["refuted", "supported"]
    assert check(text, "4a").steps[0].reason.startswith("cited reason")


def test_a_true_reason_is_supported() -> None:
    assert verdicts(r"As $|\det P| = 1$, $$|\det A| = \prod_{i=1}^C |s_i|$$", "4a") == [
        "supported",
        "supported",
    ]


def test_an_implication_is_judged_where_its_premise_holds() -> None:
    right = r"$$1 + \frac{\alpha\beta}{(\alpha+r)^2} \ge 0 \implies \beta \ge -\frac{(\alpha+r)^2}{\alpha}$$"
    wrong = r"$$\frac{1 + \alpha\beta}{(\alpha+r)^2} \ge 0 \implies \beta \ge -\frac{(\alpha+r)^2}{\alpha}$$"
    assert verdicts(right, "5.4", "generative")[-1] == "supported"
    assert verdicts(wrong, "5.4", "generative")[-1] == "refuted"


def test_an_equation_to_be_solved_is_no_identity() -> None:
    assert verdicts(r"Setting the derivative to zero, $$2(x_2 - y_2) = 0$$", "2") == ["undecided"]
    assert verdicts(r"$$2(x_2 - y_2) = 0 \iff x_2 = y_2$$", "2") == ["undecided", "undecided"]


def test_equal_inputs_give_equal_records() -> None:
    text = f"$${A} = {B} = {WRONG}$$"
    assert check(text, "1") == check(text, "1")


def test_verdicts_do_not_hang_on_the_seed() -> None:
    text = f"$${A} = {B} = {C} = {WRONG}$$"
    first = check(text, "1", seed=0)
    for seed in range(1, 6):
        other = check(text, "1", seed=seed)
        assert [s.verdict for s in other.steps] == [s.verdict for s in first.steps]
