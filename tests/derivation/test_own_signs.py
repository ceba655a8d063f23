"""What a writer introduces: indexed symbols, signs, places; and what is judged all the same."""

from __future__ import annotations

import pytest

from tests.derivation.support import verdicts

LOGIT = r"\frac{f'(z)}{f(z)(1-f(z))}"
SIGMOIDS = r"With $s_i=\sigma(a_iz+b_i)\in(0,1)$ and $f=\sum_i w_is_i$: "


@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        (r"g_i(z_0) = \mu_i + \sigma_i z_{0,i}", "supported"),
        (r"[g(z_0)]_i = \mu_i + \sigma_i z_{0i}", "supported"),
        (r"g_i(z_0) = \mu_i - \sigma_i z_{0,i}", "refuted"),
        (r"\frac{\partial g_i}{\partial z_{0,j}} = \sigma_i \delta_{ij}", "supported"),
        (r"\frac{\partial g_i}{\partial z_{0,j}} = \mu_i \delta_{ij}", "refuted"),
    ],
)
def test_components_of_a_defined_function(step: str, verdict: str) -> None:
    assert verdicts(f"$${step}$$", "2.1", "generative") == [verdict]


@pytest.mark.parametrize(
    ("step", "verdict"),
    [(r"f'(z) = \sum_i w_ia_is_i(1-s_i)", "supported"), (r"f'(z) = \sum_i w_ia_is_i(1+s_i)", "refuted")],
)
def test_an_index_makes_a_symbol_of_ones_own_of_a_letter_of_the_sheet(step: str, verdict: str) -> None:
    assert verdicts(f"{SIGMOIDS}$${step}$$", "5.2", "generative") == [verdict]


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        (r"For $j=1,2$ write $\partial_j = \partial/\partial\phi_j$. ", "refuted"),
        (r"Unless $q_\phi = h$, ", "undecided"),
    ],
)
def test_a_sign_that_is_not_understood_matters_only_where_it_is_used(words: str, verdict: str) -> None:
    assert verdicts(rf"{words}$$\int q_\phi(z) dz = 2$$", "1") == [verdict]


def test_a_named_place_is_no_condition() -> None:
    wrong = r"$$\log\left|\frac{\partial f_2}{\partial X}\right| = m\log|\det A|$$"
    assert verdicts(r"For pixel $(j,k)$ " + wrong, "4c") == ["refuted"]
    assert verdicts(r"For smooth $A$ " + wrong, "4c") != ["supported"]


@pytest.mark.parametrize(
    ("sides", "verdict"),
    [
        (
            r"\nabla_\tau \mathbb{E}_{X\sim\mathcal{N}(\mu,\sigma^2)}[X\sin X] = "
            r"\mathbb{E}_{X\sim\mathcal{N}(\mu,\sigma^2)}\left[X\sin X\left(\frac{(X-\mu)^2}{\sigma^2}+1\right)\right]",
            "refuted",
        ),
        (
            r"\nabla_\tau \mathbb{E}_{X\sim\mathcal{N}(\mu,\sigma^2)}[X\sin X] = "
            r"\mathbb{E}_{X\sim\mathcal{N}(\mu,\sigma^2)}\left[X\sin X\left(\frac{(X-\mu)^2}{\sigma^2}-1\right)\right]",
            "supported",
        ),
        # Grows so fast that what lies outside of any range counts: nobody is judged by such numbers.
        (r"\mathbb{E}_{X\sim\mathcal{N}(\mu,\sigma^2)}\left[e^{\frac{45}{100}\frac{(X-\mu)^2}{\sigma^2}}\right] = \sqrt{10}", "undecided"),
        (r"\mathbb{E}_{X\sim\mathcal{N}(\mu,\sigma^2)}\left[|X-\mu|\right] = \sigma\sqrt{2/\pi}", "undecided"),
    ],
)  # fmt: skip
def test_what_oscillates_is_decided_and_what_grows_is_not(sides: str, verdict: str) -> None:
    assert verdicts(f"$${sides}$$", "6a") == [verdict]


def test_a_letter_that_only_says_which_density_it_is_stands_in_no_expectation() -> None:
    law = r"Z_1,\dots,Z_K \sim q_\phi(z|x)"
    assert verdicts(rf"$$\mathbb{{E}}_{{{law}}}[\log p_\theta(x)] = p_\theta(x)$$", "1c", "hw11") == [
        "refuted"
    ]
    loose = rf"$$\mathbb{{E}}_{{{law}}}[p_\theta(x|z)] = \mathbb{{E}}_{{{law}}}[p_\theta(x|Z_1)]$$"
    assert verdicts(loose, "1c", "hw11") == ["undecided"]
