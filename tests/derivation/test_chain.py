"""Chains in Python: the same trees and verdicts as those read from LaTeX."""

from __future__ import annotations

import pytest

from grader.derivation import KL, Chain, E, det, draws, index, integral, log, terms_of, total
from grader.records import UserError
from tests.derivation.support import check, sheets


def test_a_right_chain_reaches_its_goal() -> None:
    sheet = sheets("hw10")["1"]
    names = terms_of(sheet)
    q, h, phi, z = (names[name] for name in ("q", "h", "phi", "z"))
    chain = (
        Chain(E(q, log(h / q)).grad(phi))
        .eq(integral((log(h) - log(q) - 1) * q.grad(phi), z))
        .eq(integral((log(h) - log(q)) * q.grad(phi), z), by="the score has mean zero")
        .eq(E(q, log(q).grad(phi) * log(h / q)))
    )
    record = chain.check(sheet)
    assert [step.verdict for step in record.steps] == ["supported"] * 3
    assert record.goal_reached is True and not record.needs_review
    assert "mean zero" in record.steps[1].reason


def test_links_carry_the_line_on_which_they_were_made() -> None:
    sheet = sheets("hw10")["1"]
    q = terms_of(sheet)["q"]
    record = Chain(E(q, 1)).eq(1).le(2).check(sheet)
    first = test_links_carry_the_line_on_which_they_were_made.__code__.co_firstlineno
    assert [step.line for step in record.steps] == [first + 3, first + 3]


def test_a_wrong_link_is_refuted_as_its_latex_would_be() -> None:
    sheet = sheets("hw10")["1"]
    names = terms_of(sheet)
    q, h = names["q"], names["h"]
    (step,) = Chain(E(q, log(h))).ge(log(E(q, h))).check(sheet).steps
    (same,) = check(r"$$\mathbb{E}_{q_\phi}[\log h] \ge \log \mathbb{E}_{q_\phi}[h]$$", "1").steps
    assert step.verdict == same.verdict == "refuted"
    assert (
        step.witness is not None and same.witness is not None and step.witness["left"] == same.witness["left"]
    )


def test_samples_divergences_and_matrices_are_there_too() -> None:
    sheet = sheets("hw11")["1a"]
    names = terms_of(sheet)
    p, q, x, z, K = (names[name] for name in ("p", "q", "x", "z", "K"))
    k = index("k")
    weight = p(x, given=(z[k],)) * names["p"](z[k]) / q(z[k], given=(x,))
    bound = E(q(z, given=(x,)), log(total(weight, k, 1, K) / K), draws(z, 1, K))
    assert [s.verdict for s in Chain(bound).le(log(p(x))).check(sheet).steps] == ["supported"]
    gap = KL(q(z, given=(x,)), p(z, given=(x,)))
    assert [s.verdict for s in Chain(gap).ge(0).check(sheet).steps] == ["supported"]
    plu = sheets("hw10")["4a"]
    P = terms_of(plu)["P"]
    assert [s.verdict for s in Chain(det(P @ P.T)).eq(1).check(plu).steps] == ["supported"]
    assert [s.verdict for s in Chain(det(P)).eq(1).check(plu).steps] == ["refuted"]


def test_what_is_no_function_takes_no_arguments() -> None:
    phi = terms_of(sheets("hw10")["1"])["phi"]
    with pytest.raises(UserError, match="takes arguments"):
        phi(1)
