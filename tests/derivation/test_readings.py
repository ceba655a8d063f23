"""How a formula is understood, and that nobody is judged by a reading he need not have meant."""

from __future__ import annotations

import pytest

from tests.derivation.support import check, verdicts

GOOD = {"supported", "proved"}


@pytest.mark.parametrize(
    "step",
    [
        r"\int \log h(z) \nabla_\phi q_\phi(z) dz = \int (\log h(z)) (\nabla_\phi q_\phi(z)) dz",
        r"\log h(z) q_\phi(z) = \log(h(z)) + \log(q_\phi(z))",
        r"\nabla_\phi q_\phi(z) h(z) = h(z) \nabla_\phi q_\phi(z)",
        r"\int dz \, q_\phi(z) \log h(z) - q_\phi(z) = \int q_\phi(z) \log h(z) \, dz - 1",
        r"\int dz \, q_\phi(z) - \int dz \, q_\phi(z) h(z) = 1 - \mathbb{E}_{q_\phi}[h(Z)]",
        r"\nabla_\phi \mathbb{E}_{q_\phi} \log h(Z) = \mathbb{E}_{Z\sim q_\phi}[\log h(Z) \, \nabla_\phi \log q_\phi(Z)]",
        r"1/2 h(z) = \frac{h(z)}{2}",
        r"1/2h(z) = \frac{1}{2 h(z)}",
        r"\frac12 h(z) = \tfrac 1 2 h(z)",
        r"\mathbb{E}_q[h(Z)]^2 = \left(\int h(z) q(z) dz\right)^2",
        r"h(z) \, \underbrace{\int q_\phi(z) dz}_{=1} = h(z)",
    ],
)
def test_an_open_scope_is_read_as_the_writer_may_have_meant_it(step: str) -> None:
    assert set(verdicts(f"$${step}$$", "1")) <= GOOD


@pytest.mark.parametrize(
    "step",
    [
        r"\mathbb{E}_{q_\phi}[\log h(Z)] = \log \mathbb{E}_{q_\phi}[h(Z)]",
        r"\log(h(z)) q_\phi(z) = h(z)",
        r"\int q_\phi(z) \log q_\phi(z) dz \le 0",
        r"\nabla_\phi \int q_\phi(z) h(z) dz = \int q_\phi(z) h(z) \nabla_\phi q_\phi(z) dz",
    ],
)
def test_what_fails_in_every_reading_is_refuted(step: str) -> None:
    assert verdicts(f"$${step}$$", "1") == ["refuted"]


def test_a_differential_entropy_may_have_either_sign() -> None:
    """With cells of width one, `E_q log q <= 0` would pass every model."""
    (step,) = check(r"$$\mathbb{E}_{Z\sim q_\phi}[\log q_\phi(Z)] \le 0$$", "1").steps
    assert step.verdict == "refuted" and float(str(step.witness["left"])) > 0


def test_a_logarithm_with_brackets_binds_tightly_but_costs_nothing() -> None:
    step = r"\mathbb{E}_{q_\phi}[\log(2) h(Z)] = \mathbb{E}_{q_\phi}[\log(2 h(Z))]"
    assert verdicts(f"$${step}$$", "1") == ["undecided"]


def test_the_reading_shows_the_scopes() -> None:
    (step,) = check(r"$$\nabla_\phi q_\phi(z) h(z) = h(z) \nabla_\phi q_\phi(z)$$", "1").steps
    assert (
        step.reading
        == r"\nabla_{\phi} \left(q_\phi(z)\right) \, h(z) = h(z) \, \nabla_{\phi} \left(q_\phi(z)\right)"
    )


@pytest.mark.parametrize("symbol", [r"\psi", "w_k", r"\tilde{h}(z)", "q_\\theta(z)", r"\mathcal{F}", "n"])
def test_a_symbol_that_the_sheet_lacks_is_unreadable_and_never_guessed(symbol: str) -> None:
    (step,) = check(rf"$$\int q_\phi(z) dz = {symbol}$$", "1").steps
    assert step.verdict == "unreadable" and "notation sheet" in step.reason and step.reading == ""


@pytest.mark.parametrize(
    "side",
    [
        r"\left( 1",
        r"\frac{1}",
        "1 +",
        r"\sqrt[3]{h(z)}",
        r"\nabla^2 h(z)",
        r"\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}",
        r"h(z)^{(k)}",
    ],
)
def test_malformed_formulas_are_unreadable(side: str) -> None:
    assert set(verdicts(rf"$$\int q_\phi(z) dz = {side}$$", "1")) <= {"unreadable"}


def test_sides_of_different_type_are_for_a_person() -> None:
    (step,) = check(r"$$\nabla_\phi \mathbb{E}_{q_\phi}[h(Z)] = \mathbb{E}_{q_\phi}[h(Z)]$$", "1").steps
    assert step.verdict == "undecided" and step.reason.startswith("types")


def test_an_equality_up_to_something_is_no_equality() -> None:
    assert verdicts(r"$$\int q_\phi(z) dz \overset{c}{=} 2$$", "1") == ["undecided"]
