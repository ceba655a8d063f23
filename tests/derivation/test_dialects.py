"""Habits of notation that are read rightly: what follows from them holds, and one change more does not."""

from __future__ import annotations

import pytest

from tests.derivation.support import check, verdicts

NAMED = r"Let $X = \mu + \sigma Z$ with $Z \sim \mathcal{N}(0, 1)$." + "\n\n"
WEIGHTS = r"Let $w_k = \frac{p_\theta(x|Z_k) p_Z(Z_k)}{q_\phi(Z_k|x)}$." + "\n\n"
MIXTURE = r"Let $u(z) = \sum_{i=1}^N w_i \sigma(a_i z + b_i)$." + "\n\n"

RIGHT = (
    # One random variable made of another stands for that where the other one is drawn.
    (
        "hw10",
        "6b",
        NAMED
        + r"$$\frac{\partial}{\partial \sigma} \mathbb{E}[X \sin X] = \mathbb{E}_Z[Z (\sin X + X \cos X)]$$",
    ),
    (
        "hw10",
        "6b",
        NAMED + r"$$\frac{\partial X}{\partial \mu} = 1, \qquad \frac{\partial X}{\partial \sigma} = Z$$",
    ),
    # An expectation without a law is over all draws in it.
    ("hw11", "1a", WEIGHTS + r"$$\mathbb{E}\left[\frac{1}{K} \sum_{k=1}^K w_k\right] = p_\theta(x)$$"),
    (
        "hw11",
        "1a",
        WEIGHTS
        + r"$$\mathbb{E}\left[\log \frac{1}{K} \sum_{k=1}^K w_k\right] = VLB^{(K)}_{\theta,\phi}(x)$$",
    ),
    # A function's bare name in its own brackets: a product.
    (
        "generative",
        "5.2",
        MIXTURE
        + r"$$g'(z) = \frac{u'(z)}{u(z)(1 - u(z))}, \qquad \frac{1}{u} + \frac{1}{1-u} = \frac{1}{u(1-u)}$$",
    ),
    # The density of a normal law at a point, Jacobians by letter, a column said to be transposed.
    ("generative", "2.3", r"$$q(y) = \mathcal{N}(y; \mu, S S^\top), \qquad J_{z_0} g(z_0) = S$$"),
    (
        "generative",
        "2.1",
        r"$$q(y) = \prod_{i=1}^K \frac{1}{\sqrt{2\pi} \sigma_i} \exp\left(-\frac{(y_i - \mu_i)^2}{2 \sigma_i^2}\right)$$",
    ),
    ("hw11", "4a", r"Let $u = (1/3, 1/3, 1/3)^T$." + "\n\n" + r"$$M u = (0, 0, 0)^T$$"),
    # Densities that underflow far out.
    (
        "hw10",
        "6a",
        r"$$\int x \sin x \, f(x) \frac{\partial \log f(x)}{\partial \mu} \, dx = \frac{\partial}{\partial \mu} \int x \sin x \, f(x) \, dx$$",
    ),
)
WRONG = (
    ("hw10", "6b", NAMED + r"$$\frac{\partial}{\partial \sigma} \mathbb{E}[X \sin X] = \mathbb{E}_Z[\sin X + X \cos X]$$"),
    ("hw11", "1a", WEIGHTS + r"$$\mathbb{E}\left[\sum_{k=1}^K w_k\right] = p_\theta(x)$$"),
    ("generative", "5.2", MIXTURE + r"$$\frac{1}{u(z)} + \frac{1}{1-u(z)} = \frac{2}{u(z)(1-u(z))}$$"),
    ("generative", "2.3", r"$$q(y) = \mathcal{N}(y; \mu, S^\top S)$$"),
    ("generative", "2.1", r"$$q(y) = \prod_{i=1}^K \frac{1}{\sqrt{2\pi} \sigma_i} \exp\left(-\frac{(y_i - \mu_i)^2}{\sigma_i^2}\right)$$"),
    ("hw10", "6a", r"$$\int x \sin x \, f(x) \frac{\partial \log f(x)}{\partial \mu} \, dx = \frac{\partial}{\partial \mu} \int x \cos x \, f(x) \, dx$$"),
)  # fmt: skip


@pytest.mark.parametrize(("assignment", "problem", "text"), RIGHT)
def test_what_is_right_is_supported(assignment: str, problem: str, text: str) -> None:
    assert set(verdicts(text, problem, assignment)) == {"supported"}


@pytest.mark.parametrize(("assignment", "problem", "text"), WRONG)
def test_what_is_wrong_is_refuted(assignment: str, problem: str, text: str) -> None:
    assert "refuted" in verdicts(text, problem, assignment)


def test_one_case_after_another_and_an_index_for_every_observation() -> None:
    cases = (
        "Suppose $y_2 > 1$.\n\n$$\\Pi_C(y) = (a, 1)^T$$\n\nSuppose $y_2 < 0$.\n\n$$\\Pi_C(y) = (a, 0)^T$$\n"
    )
    assert verdicts(cases, "2") == ["supported", "supported"]
    score = r"$$\nabla_\lambda VLB_{\theta,\phi,\lambda}(X_i) = \mathbb{E}_{Z \sim q_\phi}[\nabla_\lambda \log r_\lambda(Z)]$$"
    assert verdicts(score, "2b", "hw11") == ["supported"]


def test_the_direction_of_a_permutation_is_the_writers_choice() -> None:
    for right in (r"J_1 = P J_2 P^{-1}", r"J_2 = P J_1 P^{-1}"):
        assert verdicts(f"$${right}$$", "4b") == ["undecided"]
    assert verdicts(r"$$J_1 = P J_2 P$$", "4b") == ["refuted"]
    assert (
        verdicts(r"$$|\det J_1| = |\det P| |\det J_2| |\det P^{-1}| = |\det J_2|$$", "4b")
        == ["supported"] * 2
    )


def test_a_counterexample_names_the_values_of_defined_symbols() -> None:
    (step,) = check(
        r"$$\frac{\partial}{\partial \sigma} \log f(x) = \frac{(x-\mu)^2}{\sigma^2} - \frac{1}{\sigma}$$",
        "6a",
    ).steps
    assert step.witness is not None and r"\sigma = " in str(step.witness["model"])
    (step,) = check(r"$$|\lambda|^2 = \lambda^2$$", "6.3", "generative").steps
    assert step.verdict == "refuted" and step.witness is not None and "i" in str(step.witness["right"])
