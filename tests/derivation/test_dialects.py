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
    # Plus or minus: each model has one of the signs.
    ("hw10", "4a", r"$$\det P = \pm 1, \qquad \det A = \pm \prod_{i=1}^C s_i$$"),
    ("hw10", "4a", r"Because $\det P = \pm 1$, $$|\det A| = |\pm 1| \cdot |\det L| \prod_{i=1}^C |s_i|$$"),
    # Two bars side by side close one pair and open the next.
    ("hw10", "4a", r"$$\log(|\det P||\det L|) = 0, \qquad \left|\det P\right|\left|\det L\right||\det P^\top| = 1$$"),
    # A condition after its display, which ends where the next one begins.
    (
        "hw10",
        "2",
        r"$$\operatorname{argmin}_{0\le x_2\le 1}(x_2-y_2)^2 = 1$$ if $y_2 > 1$ and $$\operatorname{argmin}_{0\le x_2\le 1}(x_2-y_2)^2 = 0$$ when $y_2 < 0$.",
    ),
    ("generative", "5.2", r"$$\frac{d}{dt} (\ln t - \ln(1-t)) = \frac{1}{t(1-t)}$$ for $0 < t < 1$."),
    # What an entry is says nothing else about the matrix; the entries of a vector may be given names.
    ("hw10", "4a", r"Let $W = U + \operatorname{diag}(s)$. Then $W$ is triangular with $W_{ii} = s_i$ and $$\det W = \prod_{i=1}^C W_{ii}$$"),
    ("hw11", "4a", r"Write $p_A = (a_1, a_2, a_3)^\top$. Then $$p_A^\top M = (a_3 - a_2, a_1 - a_3, a_2 - a_1), \quad a_1 + a_2 + a_3 = 1$$"),
    # Blocks, dots along a diagonal, cells left blank.
    ("hw10", "4a", r"$$\det(\operatorname{diag}(L, L)) = 1 = \det\begin{pmatrix} L & \\ & L \end{pmatrix}$$"),
    (
        "generative",
        "2.1",
        r"$$\frac{\partial g(z_0)}{\partial z_0^\top} = \begin{bmatrix} \sigma_1 & & 0 \\ & \ddots & \\ 0 & & \sigma_K \end{bmatrix} = \operatorname{diag}(\sigma_1, \dots, \sigma_K), \quad \begin{pmatrix} \mu_1 \\ \vdots \\ \mu_K \end{pmatrix} = \mu$$",
    ),
    ("generative", "2.1", r"$$\prod_k \sigma_k = \det \operatorname{diag}(\sigma)$$"),
    ("hw10", "4c", r"$$\det(A \otimes I_{mn}) = (\det A)^{mn}, \qquad |\det(\operatorname{diag}(A, A, \ldots, A))| = |\det A|^{mn}$$"),
    ("hw10", "4c", r"$$\frac{\partial f_2(X)_{i,j,k}}{\partial X_{l,j',k'}} = A_{i,l} \, \delta_{jj'} \, \delta_{kk'}$$"),
    ("hw8", "5", r"$$\left|\begin{matrix} I & 0 \\ * & \operatorname{diag}(e^{s_\theta(x_\Omega)}) \end{matrix}\right| = \prod_{j=1}^{n-k} e^{s_\theta(x_\Omega)_j}$$"),
    ("hw8", "5", r"$$\sum_{i=1}^{n-k} s_\theta(x_\Omega)_i = \mathbf{1}^\top s_\theta(x_\Omega)$$"),
    # A letter that only an extremum knows.
    ("hw10", "2", r"$$\underset{t \in [0,1]}{\operatorname{argmin}} (t - y_2)^2 = \underset{0 \le s \le 1}{\operatorname{argmin}} (s - y_2)^2 = \min\{\max\{y_2, 0\}, 1\}$$"),
    # The scope of a product may end before other factors; a logarithm's may reach over a slash.
    ("hw10", "4a", r"$$\det A = \prod_{i=1}^C s_i \det P$$"),
    ("hw10", "1", r"$$\mathbb{E}_{q_\phi}[\log h(Z)/q_\phi(Z)] = \int q_\phi(z) \log \frac{h(z)}{q_\phi(z)} dz$$"),
    ("hw11", "1a", WEIGHTS + r"$$\mathbb{E}_{Z_{1:K}}\left[\frac1K \sum_k w_k\right] = p_\theta(x)$$"),
    ("generative", "6.3", r"$$\lambda = \frac{2 \pm \sqrt{4 - 4(1 + \eta^2)}}{2} = 1 \pm \sqrt{-\eta^2} = 1 \pm i\eta$$"),
    ("hw10", "4c", r"$$|\det(\operatorname{diag}(\underbrace{A, \dots, A}_{mn \text{ times}}))| = |\det A|^{mn}$$"),
    # Other letters and brackets for means and divergences.
    ("hw10", "1", r"$$\langle \log h(Z) \rangle_{q_\phi} = \int q_\phi(z) \log h(z) \, \text{d}z$$"),
    ("hw10", "2", r"$$\langle y, y \rangle = \|y\|^2$$"),
    ("generative", "3.1", r"$$\mathcal{D}_{KL}(q(z|x) \| p(z)) = \int q(z|x) \log \frac{q(z|x)}{p(z)} dz, \quad \mathbb{D}(q(z|x) \| p(z)) \ge 0$$"),
    ("hw11", "1a", WEIGHTS + r"$$\mathbb{E}_{q_\phi}[w_k] = p_\theta(x)$$"),
    ("hw11", "1b", WEIGHTS + r"$$\frac{1}{K} \sum_{k=1}^K w_k = \mathbb{E}_I\left[\frac{1}{M} \sum_{i \in I} w_i\right]$$"),
    (
        "hw11",
        "1b",
        r"Let $a_k = w_k = \frac{p_\theta(x, Z_k)}{q_\phi(Z_k|x)}$. $$\mathbb{E}_I\left[\frac{a_{i_1} + \cdots + a_{i_M}}{M}\right] = \frac{a_1 + \cdots + a_K}{K}$$",
    ),
    # A derivative at its own point, and in an inner function; an integral's own letter.
    ("generative", "6.1", r"$$d_{k+1} = d_k + \eta \frac{\partial V}{\partial d}(d_k, g_k)$$"),
    ("generative", "5.2", r"Let $u = f(z)$. $$\frac{dg}{dz} = \frac{d \sigma^{-1}(u)}{du} \frac{du}{dz} = \frac{f'(z)}{u(1-u)}$$"),
    ("generative", "5.3", r"$$g(z_2) - g(z_1) = \int_{z_1}^{z_2} (1 + f'(t)) \, dt$$"),
    ("hw10", "1", r"$$\boxed{\int \nabla_\phi q_\phi(z) \, dz = 0}$$"),
)
WRONG = (
    ("hw10", "4a", r"$$\det A = \pm \sum_{i=1}^C s_i$$"),
    ("hw10", "2", r"If $y_2 > 1$ then $$\operatorname{argmin}_{0\le x_2\le 1}(x_2-y_2)^2 = 0.$$"),
    ("hw10", "4b", r"With $r_1(X) = P r_2(X)$, $$\frac{\partial r_1(h(X))}{\partial r_1(X)} = P \frac{\partial r_2(h(X))}{\partial r_2(X)} P$$"),
    ("hw10", "4c", r"$$\frac{\partial f_2(X)_{i,j,k}}{\partial X_{l,j',k'}} = A_{l,i} \, \delta_{jj'} \, \delta_{kk'}$$"),
    ("hw10", "4c", r"$$\det(I_{mn} \otimes A) = (\det A)^{m+n}$$"),
    ("hw10", "6a", r"$$\int x \sin x \, \nabla_\mu f(x) \, dx = \int x \cos x \, f(x) \nabla_\mu \log f(x) \, dx$$"),
    ("hw11", "4a", r"Write $p_A = (a_1, a_2, a_3)^\top$. Then $$p_A^\top M = (a_3 - a_2, a_1 - a_3, a_1 - a_2)$$"),
    (
        "hw11",
        "2c",
        r"$$\mathbb{E}_{Z\sim q_\phi(z|X_i)}[\log p_\theta(X_i|Z)] = \frac{1}{2\sigma^2}\mathbb{E}_{\epsilon\sim\mathcal{N}(0,1)}\left[(X_i-f_\theta(\mu_\phi(X_i)+\Sigma_\phi(X_i)^{1/2}\epsilon))^2\right] + \text{const}$$",
    ),
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


def test_what_hangs_on_a_convention_is_not_refuted() -> None:
    for step in (r"\frac{\partial f_2}{\partial X} = I_{mn} \otimes A", r"\frac{\partial f_2}{\partial X} = A \otimes I_{mn}"):
        assert set(verdicts(f"$${step}$$", "4c")) <= {"undecided", "supported"}
    constant = r"VLB_{\theta,\phi,\lambda}(X_i) = \mathbb{E}_{Z\sim q_\phi(z|X_i)}[\log p_\theta(X_i|Z)] + \text{const}"
    assert verdicts(f"$${constant}$$", "2c", "hw11") == ["undecided"]


def test_two_points_with_one_image_and_an_eigenvector_are_no_free_variables() -> None:
    injective = r"Let $z_1, z_2$ be such that $g(z_1) = g(z_2)$. $$z_1 + f(z_1) = z_2 + f(z_2)$$ There is $c$ with $$f'(c) = -1$$"
    assert "refuted" not in verdicts(injective, "5.3", "generative")
    assert "refuted" not in verdicts(r"Let $v$ be an eigenvector. $$A v = \lambda v$$", "6.3", "generative")


@pytest.mark.parametrize(
    ("assignment", "problem", "text"),
    [
        ("hw10", "2", r"For $y\in C$ we have $$\Pi_C(y) = y$$"),
        ("hw8", "4", r"$$P_\sigma^n = I$$ if $\sigma$ is an $n$-cycle."),
        ("hw8", "4", r"For an even permutation, $$\det P_\sigma = 1$$"),
        ("hw10", "4a", r"Ignoring the permutation, $$\det A = \prod_{i=1}^C s_i$$"),
        ("hw10", "4a", r"Let $B = U + \operatorname{diag}(s)$. Note $B_{ij} = 0$ for $i > j$. $$A = P L B$$"),
        ("hw10", "4c", r"Per pixel we get $$\left|\frac{\partial f_2}{\partial X}\right| = |\det A|$$"),
        ("hw10", "6a", r"At the stationary point, $$\mathbb{E}[X\sin X (X-\mu)/\sigma^2] + \mu - 1 = 0$$"),
        ("hw10", "6a", r"One might think that $$\nabla_\tau\log f(x) = \frac{(x-\mu)^2}{\sigma^2}$$"),
        ("hw11", "1a", r"In the limit $K\to\infty$, $$VLB^{(K)}_{\theta,\phi}(x) = \log p_\theta(x)$$"),
    ],
)
def test_what_is_said_of_a_special_case_is_not_refuted(assignment: str, problem: str, text: str) -> None:
    assert "refuted" not in verdicts(text, problem, assignment)
