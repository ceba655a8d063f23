"""Known right and wrong versions of `reparameterization`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from scipy import linalg, stats

from grader import right, slip

LOG_2PI = math.log(2 * math.pi)


def quadratic(d: Any, M: Any) -> Any:
    """d^T M^-1 d."""
    return d @ np.linalg.inv(M) @ d


@right("a loop over the components with SciPy's normal law", of="diagonal_log_density")
def diagonal_by_scipy(y: Any, mu: Any, sigma: Any) -> Any:
    return sum(stats.norm(m, s).logpdf(v) for v, m, s in zip(y, mu, sigma, strict=True))


@right("torch distributions in single precision", of="diagonal_log_density")
def diagonal_by_torch(y: Any, mu: Any, sigma: Any) -> Any:
    law = torch.distributions.Normal(torch.as_tensor(mu).float(), torch.as_tensor(sigma).float())
    return law.log_prob(torch.as_tensor(y).float()).sum()  # type: ignore[no-untyped-call]


@right("logs of the determinant of the covariance, a one-element array", of="diagonal_log_density")
def diagonal_by_covariance(y: Any, mu: Any, sigma: Any) -> Any:
    d = (y - mu).reshape(-1, 1)
    return -0.5 * (d.T @ np.diag(sigma**-2.0) @ d + np.log(np.prod(2 * np.pi * sigma**2)))


@right("plain Python floats", of="diagonal_log_density")
def diagonal_in_python(y: Any, mu: Any, sigma: Any) -> Any:
    total = 0.0
    for i in range(len(y)):
        total -= ((y[i] - mu[i]) / sigma[i]) ** 2 / 2 + math.log(sigma[i] * math.sqrt(2 * math.pi))
    return float(total)


@slip("sigma taken for the variance", of="diagonal_log_density")
def diagonal_variance(y: Any, mu: Any, sigma: Any) -> Any:
    return -0.5 * np.sum((y - mu) ** 2 / sigma + np.log(2 * np.pi * sigma))


@slip("the sign of the log-determinant", of="diagonal_log_density")
def diagonal_sign(y: Any, mu: Any, sigma: Any) -> Any:
    return -0.5 * np.sum(((y - mu) / sigma) ** 2 + LOG_2PI) + np.sum(np.log(sigma))


@slip("the determinant is squared", of="diagonal_log_density")
def diagonal_squared(y: Any, mu: Any, sigma: Any) -> Any:
    return -0.5 * np.sum(((y - mu) / sigma) ** 2 + LOG_2PI) - np.sum(np.log(sigma**2))


@slip("the determinant is missing", of="diagonal_log_density")
def diagonal_no_determinant(y: Any, mu: Any, sigma: Any) -> Any:
    return -0.5 * np.sum(((y - mu) / sigma) ** 2 + LOG_2PI)


@slip("the constant with 2 pi is missing", of="diagonal_log_density")
def diagonal_no_constant(y: Any, mu: Any, sigma: Any) -> Any:
    return -0.5 * np.sum(((y - mu) / sigma) ** 2) - np.sum(np.log(sigma))


@slip("one factor of sqrt(2 pi) instead of K", of="diagonal_log_density")
def diagonal_one_constant(y: Any, mu: Any, sigma: Any) -> Any:
    return -0.5 * np.sum(((y - mu) / sigma) ** 2) - np.sum(np.log(sigma)) - 0.5 * LOG_2PI


@slip("a log-density per component instead of their sum", of="diagonal_log_density")
def diagonal_per_component(y: Any, mu: Any, sigma: Any) -> Any:
    return -0.5 * (((y - mu) / sigma) ** 2 + LOG_2PI) - np.log(sigma)


@slip("the mean over the components instead of the sum", of="diagonal_log_density")
def diagonal_mean(y: Any, mu: Any, sigma: Any) -> Any:
    return np.mean(diagonal_per_component(y, mu, sigma))


@slip("the density instead of its logarithm", of="diagonal_log_density")
def diagonal_density(y: Any, mu: Any, sigma: Any) -> Any:
    return np.exp(np.sum(diagonal_per_component(y, mu, sigma)))


@slip("the logarithm of a density that underflows", of="diagonal_log_density")
def diagonal_underflow(y: Any, mu: Any, sigma: Any) -> Any:
    return np.log(np.prod(stats.norm.pdf(y, mu, sigma)))


@slip("works in place on its arguments: mu is subtracted from y", of="diagonal_log_density")
def diagonal_in_place(y: Any, mu: Any, sigma: Any) -> Any:
    y -= mu
    return np.sum(stats.norm.logpdf(y, 0.0, sigma))


@right("SciPy's multivariate normal", of="affine_log_density")
def affine_by_scipy(y: Any, mu: Any, S: Any) -> Any:
    return stats.multivariate_normal(mu, S @ S.T).logpdf(y)


@right("torch, triangular factor of the covariance", of="affine_log_density")
def affine_by_torch(y: Any, mu: Any, S: Any) -> Any:
    factor = torch.linalg.cholesky(torch.as_tensor(S) @ torch.as_tensor(S).T)
    law = torch.distributions.MultivariateNormal(torch.as_tensor(mu), scale_tril=factor)
    return law.log_prob(torch.as_tensor(y))  # type: ignore[no-untyped-call]


@right("the inverse, in single precision", of="affine_log_density")
def affine_single(y: Any, mu: Any, S: Any) -> Any:
    S = S.astype(np.float32)
    z = np.linalg.inv(S) @ (y - mu).astype(np.float32)
    return -np.sum(z**2) / 2 - np.float32(len(y) * LOG_2PI / 2) - np.log(np.abs(np.linalg.det(S)))


@right("LU factors, a 0-d array", of="affine_log_density")
def affine_by_lu(y: Any, mu: Any, S: Any) -> Any:
    factors = linalg.lu_factor(S)
    z = linalg.lu_solve(factors, np.subtract(y, mu))
    return np.array(-0.5 * (z @ z + len(z) * LOG_2PI) - np.log(np.abs(np.diag(factors[0]))).sum())


@right("QR factors and the standard normal's log-density", of="affine_log_density")
def affine_by_qr(y: Any, mu: Any, S: Any) -> Any:
    Q, R = np.linalg.qr(S)
    z = linalg.solve_triangular(R, Q.T @ (y - mu))
    return [stats.norm.logpdf(z).sum() - 0.5 * np.log(np.diag(R) ** 2).sum()]


@slip("sqrt((2 pi)^K |S|) in the denominator: |det S| under the root", of="affine_log_density")
def affine_root(y: Any, mu: Any, S: Any) -> Any:
    d, K = y - mu, len(y)
    return -0.5 * quadratic(d, S @ S.T) - 0.5 * (K * LOG_2PI + np.log(abs(np.linalg.det(S))))


@slip(
    "sqrt((2 pi)^K det S) in the denominator: det S under the root, and of either sign",
    of="affine_log_density",
)
def affine_root_no_abs(y: Any, mu: Any, S: Any) -> Any:
    d, K = y - mu, len(y)
    return -0.5 * quadratic(d, S @ S.T) - 0.5 * np.log((2 * np.pi) ** K * np.linalg.det(S))


@slip("det S without its absolute value", of="affine_log_density")
def affine_no_abs(y: Any, mu: Any, S: Any) -> Any:
    return -0.5 * quadratic(y - mu, S @ S.T) - 0.5 * len(y) * LOG_2PI - np.log(np.linalg.det(S))


@slip("S^T S instead of S S^T", of="affine_log_density")
def affine_other_product(y: Any, mu: Any, S: Any) -> Any:
    return -0.5 * quadratic(y - mu, S.T @ S) - 0.5 * len(y) * LOG_2PI - np.linalg.slogdet(S)[1]


@slip("S taken for the covariance", of="affine_log_density")
def affine_covariance(y: Any, mu: Any, S: Any) -> Any:
    return -0.5 * quadratic(y - mu, S) - 0.5 * len(y) * LOG_2PI - 0.5 * np.linalg.slogdet(S)[1]


@slip("the sign of the log-determinant", of="affine_log_density")
def affine_sign(y: Any, mu: Any, S: Any) -> Any:
    return -0.5 * quadratic(y - mu, S @ S.T) - 0.5 * len(y) * LOG_2PI + np.linalg.slogdet(S)[1]


@slip("the determinant is missing", of="affine_log_density")
def affine_no_determinant(y: Any, mu: Any, S: Any) -> Any:
    return -0.5 * quadratic(y - mu, S @ S.T) - 0.5 * len(y) * LOG_2PI


@slip("the determinant is squared", of="affine_log_density")
def affine_squared(y: Any, mu: Any, S: Any) -> Any:
    return -0.5 * quadratic(y - mu, S @ S.T) - 0.5 * len(y) * LOG_2PI - 2 * np.linalg.slogdet(S)[1]


@slip("the constant with 2 pi is missing", of="affine_log_density")
def affine_no_constant(y: Any, mu: Any, S: Any) -> Any:
    return -0.5 * quadratic(y - mu, S @ S.T) - np.linalg.slogdet(S)[1]


@slip("one factor of sqrt(2 pi) instead of K", of="affine_log_density")
def affine_one_constant(y: Any, mu: Any, S: Any) -> Any:
    return -0.5 * quadratic(y - mu, S @ S.T) - 0.5 * LOG_2PI - np.linalg.slogdet(S)[1]


@slip("S applied to y - mu instead of its inverse", of="affine_log_density")
def affine_not_inverted(y: Any, mu: Any, S: Any) -> Any:
    return -0.5 * np.sum((S @ (y - mu)) ** 2) - 0.5 * len(y) * LOG_2PI - np.linalg.slogdet(S)[1]


@slip("no factor 1/2 in the exponent", of="affine_log_density")
def affine_no_half(y: Any, mu: Any, S: Any) -> Any:
    return -quadratic(y - mu, S @ S.T) - 0.5 * len(y) * LOG_2PI - np.linalg.slogdet(S)[1]


@slip("only the diagonal of S counts", of="affine_log_density")
def affine_diagonal(y: Any, mu: Any, S: Any) -> Any:
    s = np.abs(np.diag(S))
    return -0.5 * np.sum(((y - mu) / s) ** 2 + LOG_2PI) - np.log(s).sum()


@slip("mu is ignored", of="affine_log_density")
def affine_no_mean(y: Any, mu: Any, S: Any) -> Any:
    return -0.5 * quadratic(y, S @ S.T) - 0.5 * len(y) * LOG_2PI - np.linalg.slogdet(S)[1]


@slip("the density instead of its logarithm", of="affine_log_density")
def affine_density(y: Any, mu: Any, S: Any) -> Any:
    return np.exp(affine_by_lu(y, mu, S))


@slip("works in place on its arguments: mu is subtracted from y", of="affine_log_density")
def affine_in_place(y: Any, mu: Any, S: Any) -> Any:
    y -= mu
    return affine_by_qr(y, 0.0, S)


@right("LaTeX", of="jacobian_cost")
def cost_in_latex(structure: Any) -> Any:
    return r"$\mathcal{O}\left( K \right)$" if structure == "diagonal" else r"\mathcal O(K^{1})"


@right("small letters, blanks, constants", of="jacobian_cost")
def cost_with_constants(structure: Any) -> Any:
    return " o( k )" if structure == "diagonal" else "O(2*K - 1) operations"


@right("Theta, or in words", of="jacobian_cost")
def cost_as_theta(structure: Any) -> Any:
    return "\N{GREEK CAPITAL LETTER THETA}(K)" if structure == "diagonal" else "Linear in K."


@right("LaTeX in other fonts and sizes", of="jacobian_cost")
def cost_in_other_fonts(structure: Any) -> Any:
    return r"$\mathscr{O}\Bigg(K\Bigg)$" if structure == "diagonal" else r"{\rm O}(\mathbf{K})"


@slip("O(K^2): every entry of a triangular matrix is visited", of="jacobian_cost")
def cost_squared(structure: Any) -> Any:
    return "O(K)" if structure == "diagonal" else "O(K^2)"


@slip("O(K^3): as for a general matrix", of="jacobian_cost")
def cost_cubed(structure: Any) -> Any:
    return "O(K^3)"


@slip("O(1): the determinant costs nothing", of="jacobian_cost")
def cost_constant(structure: Any) -> Any:
    return "O(1)"


@slip("O(K log K) instead of O(K)", of="jacobian_cost")
def cost_with_logarithm(structure: Any) -> Any:
    return r"$O(K \log K)$"
