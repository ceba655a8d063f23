"""Known right and wrong versions of `gan_dynamics`."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
import torch

from grader import right, slip


@right("nested lists", of="update_matrix")
def matrix_of_lists(lr: Any) -> Any:
    return [[1, lr], [-lr, 1]]


@right("a SymPy matrix", of="update_matrix")
def matrix_of_sympy(lr: Any) -> Any:
    return sympy.Matrix([[1, lr], [-lr, 1]])


@right("the identity plus a rotation generator", of="update_matrix")
def matrix_as_sum(lr: Any) -> Any:
    return np.eye(2) + lr * np.array([[0, 1], [-1, 0]])


@right("the Jacobian of the step by SymPy", of="update_matrix")
def matrix_by_jacobian(lr: Any) -> Any:
    d, g = sympy.symbols("d g")
    V = d * g
    return sympy.Matrix([d + lr * V.diff(d), g - lr * V.diff(g)]).jacobian([d, g])


@right("torch in single precision where lr is a number", of="update_matrix")
def matrix_by_torch(lr: Any) -> Any:
    return [[1, lr], [-lr, 1]] if isinstance(lr, sympy.Expr) else torch.tensor([[1.0, lr], [-lr, 1.0]])


@slip("transposed: d descends and g ascends", of="update_matrix")
def matrix_transposed(lr: Any) -> Any:
    return np.array([[1, -lr], [lr, 1]])


@slip("alternating updates: g sees the new d", of="update_matrix")
def matrix_alternating(lr: Any) -> Any:
    return np.array([[1, lr], [-lr, 1 - lr**2]])


@slip("alternating updates: d sees the new g", of="update_matrix")
def matrix_alternating_g_first(lr: Any) -> Any:
    return np.array([[1 - lr**2, lr], [-lr, 1]])


@slip("d and g both descend", of="update_matrix")
def matrix_both_descend(lr: Any) -> Any:
    return np.array([[1, -lr], [-lr, 1]])


@slip("d and g both ascend", of="update_matrix")
def matrix_both_ascend(lr: Any) -> Any:
    return np.array([[1, lr], [lr, 1]])


@slip("only the change of a step: the identity is missing", of="update_matrix")
def matrix_change(lr: Any) -> Any:
    return np.array([[0 * lr, lr], [-lr, 0 * lr]])


@slip("each player moves along itself: lr on the diagonal", of="update_matrix")
def matrix_diagonal(lr: Any) -> Any:
    return np.array([[1 + lr, 0], [0, 1 - lr]])


@slip("the learning rate is missing", of="update_matrix")
def matrix_no_rate(lr: Any) -> Any:
    return np.array([[1, 1], [-1, 1]])


@right("a list of integers", of="stationary_point")
def origin_as_list() -> Any:
    return [0, 0]


@right("the kernel of A - 1, solved in floating point", of="stationary_point")
def origin_by_solving() -> Any:
    return np.linalg.solve(np.array([[0.0, 0.5], [-0.5, 0.0]]), np.zeros(2))


@slip("the point (1, 1)", of="stationary_point")
def ones() -> Any:
    return np.ones(2)


@slip("an eigenvector of A", of="stationary_point")
def eigenvector() -> Any:
    return np.array([1.0, -1.0])


@right("NumPy's eigvals", of="eigenvalues")
def values_by_numpy(lr: Any) -> Any:
    return np.linalg.eigvals(np.array([[1.0, lr], [-lr, 1.0]]))


@right("torch's eigvals in single precision, the lower one first", of="eigenvalues")
def values_by_torch(lr: Any) -> Any:
    values = torch.linalg.eigvals(torch.tensor([[1.0, lr], [-lr, 1.0]]))
    return values[torch.argsort(values.imag)]


@right("Python's complex numbers", of="eigenvalues")
def values_in_python(lr: Any) -> Any:
    return 1 - complex(0, lr), 1 + complex(0, lr)


@right("roots of the characteristic polynomial by SymPy", of="eigenvalues")
def values_by_sympy(lr: Any) -> Any:
    z = sympy.Symbol("z")
    found = sympy.roots(sympy.Poly((1 - z) ** 2 + sympy.Rational(lr) ** 2, z), multiple=True)
    return [sympy.sympify(root) for root in found]


@slip("the imaginary unit is missing: 1 + lr and 1 - lr", of="eigenvalues")
def values_real(lr: Any) -> Any:
    return np.array([1 + lr, 1 - lr])


@slip("the real part is missing: i lr and -i lr", of="eigenvalues")
def values_imaginary(lr: Any) -> Any:
    return np.array([1j * lr, -1j * lr])


@slip("absolute values instead of the eigenvalues", of="eigenvalues")
def values_absolute(lr: Any) -> Any:
    return np.full(2, np.sqrt(1 + lr**2))


@slip("lr squared in the imaginary part", of="eigenvalues")
def values_squared(lr: Any) -> Any:
    return np.array([1 + 1j * lr**2, 1 - 1j * lr**2])


@slip("eigenvalues of alternating updates", of="eigenvalues")
def values_alternating(lr: Any) -> Any:
    return np.linalg.eigvals(np.array([[1.0, lr], [-lr, 1.0 - lr**2]]))


@slip("one eigenvalue twice", of="eigenvalues")
def values_twice(lr: Any) -> Any:
    return np.array([1 + 1j * lr, 1 + 1j * lr])


@right("simulated step by step", of="radius")
def radius_by_steps(k: Any, lr: Any, d0: Any, g0: Any) -> Any:
    d, g = d0, g0
    for _ in range(k):
        d, g = d + lr * g, g - lr * d
    return (d * d + g * g) ** 0.5


@right("a power of the matrix, in single precision", of="radius")
def radius_by_power(k: Any, lr: Any, d0: Any, g0: Any) -> Any:
    A = torch.tensor([[1.0, lr], [-lr, 1.0]])
    return torch.linalg.norm(torch.linalg.matrix_power(A, k) @ torch.tensor([d0, g0]))


@right("the absolute value of an eigenvalue to the power k", of="radius")
def radius_by_eigenvalue(k: Any, lr: Any, d0: Any, g0: Any) -> Any:
    return abs(complex(1, lr)) ** k * np.linalg.norm([d0, g0])


@right("a complex number that is multiplied", of="radius")
def radius_of_complex(k: Any, lr: Any, d0: Any, g0: Any) -> Any:
    return np.abs((d0 + 1j * g0) * (1 - 1j * lr) ** k)


@slip("constant: (d, g) moves in a circle", of="radius")
def radius_constant(k: Any, lr: Any, d0: Any, g0: Any) -> Any:
    return np.hypot(d0, g0)


@slip("no square root: the factor of a step is 1 + lr^2", of="radius")
def radius_no_root(k: Any, lr: Any, d0: Any, g0: Any) -> Any:
    return np.hypot(d0, g0) * (1 + lr**2) ** k


@slip("the radius is squared", of="radius")
def radius_squared(k: Any, lr: Any, d0: Any, g0: Any) -> Any:
    return (d0**2 + g0**2) * (1 + lr**2) ** k


@slip("shrinks by the factor by which it grows", of="radius")
def radius_shrinks(k: Any, lr: Any, d0: Any, g0: Any) -> Any:
    return np.hypot(d0, g0) * (1 + lr**2) ** (-k / 2)


@slip("the factor of a step is 1 + lr", of="radius")
def radius_linear_factor(k: Any, lr: Any, d0: Any, g0: Any) -> Any:
    return np.hypot(d0, g0) * (1 + lr) ** k


@slip("one step too many", of="radius")
def radius_late(k: Any, lr: Any, d0: Any, g0: Any) -> Any:
    return np.hypot(d0, g0) * (1 + lr**2) ** ((k + 1) / 2)


@slip("one step too few", of="radius")
def radius_early(k: Any, lr: Any, d0: Any, g0: Any) -> Any:
    return np.hypot(d0, g0) * (1 + lr**2) ** ((k - 1) / 2)


@slip("alternating updates: the second sees the first", of="radius")
def radius_alternating(k: Any, lr: Any, d0: Any, g0: Any) -> Any:
    d, g = d0, g0
    for _ in range(k):
        d = d + lr * g
        g = g - lr * d
    return np.hypot(d, g)


@slip("|d| + |g| instead of the distance", of="radius")
def radius_in_l1(k: Any, lr: Any, d0: Any, g0: Any) -> Any:
    return (abs(d0) + abs(g0)) * (1 + lr**2) ** (k / 2)


@right("another form of the word", of="long_run")
def divergent() -> Any:
    return "'Divergent'."


@slip("(d, g) cycles", of="long_run")
def cycles() -> Any:
    return "cycles"


@slip("(d, g) converges", of="long_run")
def converges() -> Any:
    return "converges"
