# Everything but questions 3 and 4, which are in bounds.py. Lists, torch and SymPy; plots only as a script.
import cmath
import math

import numpy as np
import sympy
import torch
import torch.nn.functional as F
from bounds import elbo, larger_gap, posterior_gap, refined_proposal

print("loading assignment 3")


def mask(kind):
    centre = 1 if kind == "B" else 0
    return [[0, 0, 0], [1, centre, 0], [1, 1, 1]]


def receptive_field(masks, pixel, shape):
    image = torch.ones([1, 1, *shape], requires_grad=True)
    feature = image
    for m in masks:
        kernel = torch.tensor(m, dtype=torch.float32)
        feature = F.conv2d(feature, kernel.view(1, 1, 3, 3), padding=1)
    row, column = pixel
    feature[0, 0, row, column].backward()
    return (image.grad[0, 0] > 0).int()


def gaussian(y, mean, factor):
    """log N(y; mean, factor factor^T) through a Cholesky factor of the covariance."""
    covariance = factor @ factor.T
    law = torch.distributions.MultivariateNormal(torch.tensor(mean), covariance_matrix=covariance)
    return law.log_prob(torch.tensor(y))


def diagonal_log_density(y, mean, sd):
    return gaussian(y, mean, torch.diag(torch.tensor(sd)))


def affine_log_density(y, mean, S):
    return gaussian(y, mean, torch.tensor(S)).item()


def jacobian_cost(structure):
    return {"diagonal": r"$\mathcal{O}(K)$", "triangular": "o( k )"}[structure]


def relu_witness(a, b, c):
    if a == 0 or b == 0:
        return [5, -5]
    # Solve b z + c = -1 and b z + c = -10.
    return [(-1 - c) / b, (-10 - c) / b]


def parts(z, w, a, b):
    z = torch.tensor(float(z), dtype=torch.float64, requires_grad=True)
    w, t = torch.tensor(w), torch.tensor(a) * z + torch.tensor(b)
    return z, torch.logsumexp(w.log() + F.logsigmoid(t), 0) - torch.logsumexp(w.log() + F.logsigmoid(-t), 0)


def log_odds_mixture(z, w, a, b):
    return parts(z, w, a, b)[1]


def log_odds_mixture_derivative(z, w, a, b):
    at, value = parts(z, w, a, b)
    return torch.autograd.grad(value, at)[0]


def residual_inverse(f, y):
    """Newton's method with a numerical slope, kept inside a bracket by bisection."""
    low, high = -1e5, 1e5
    z = 0.0
    for _ in range(200):
        miss = z + f(z) - y
        if abs(miss) < 1e-11:
            break
        if miss > 0:
            high = z
        else:
            low = z
        slope = 1 + (f(z + 1e-6) - f(z - 1e-6)) / 2e-6
        z = z - miss / slope if slope > 0 else low
        if not low < z < high:
            z = (low + high) / 2
    return z


def radial_inverse(y, z0, alpha, beta):
    away = [v - c for v, c in zip(y, z0)]
    rho = math.sqrt(sum(v * v for v in away))
    roots = np.roots([1.0, alpha + beta - rho, -alpha * rho])
    r = max(roots.real)
    return [c + v * (alpha + r) / (alpha + r + beta) for v, c in zip(away, z0)]


def radius_derivative_formula(r, alpha, beta):
    s = sympy.Symbol("s")
    return sympy.together(sympy.diff(s * (1 + beta / (alpha + s)), s).subs(s, r))


def update_matrix(lr):
    d, g = sympy.symbols("d g")
    return sympy.Matrix([d + lr * sympy.diff(d * g, d), g - lr * sympy.diff(d * g, g)]).jacobian([d, g])


def stationary_point():
    return 0, 0


def eigenvalues(lr):
    half_trace, determinant = 1.0, 1.0 + lr * lr
    root = cmath.sqrt(half_trace**2 - determinant)
    return [half_trace - root, half_trace + root]


def radius(steps, lr, d, g):
    for _ in range(steps):
        d, g = d + lr * g, g - lr * d
    return torch.tensor([d, g]).norm()


def long_run():
    return "diverges"


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    plt.plot([float(radius(k, 0.1, 1.0, 0.0)) for k in range(100)])
    plt.show()
