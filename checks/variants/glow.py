"""Known right and wrong versions of `glow`."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
import torch

from grader import right, slip


@right("slogdet of the whole matrix", of="plu_log_abs_det")
def plu_by_slogdet(P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.linalg.slogdet(P @ L @ (U + np.diag(s)))[1]


@right("log of the absolute determinant", of="plu_log_abs_det")
def plu_by_det(P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.log(abs(np.linalg.det(P @ (L @ (U + np.diag(s))))))


@right("torch in single precision", of="plu_log_abs_det")
def plu_by_torch(P: Any, L: Any, U: Any, s: Any) -> Any:
    p, low, up, diagonal = (torch.as_tensor(a).float() for a in (P, L, U, s))
    return torch.linalg.slogdet(p @ low @ (up + torch.diag(diagonal))).logabsdet


@right("diagonal of R in a QR factorisation", of="plu_log_abs_det")
def plu_by_qr(P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.log(np.abs(np.diag(np.linalg.qr(P @ L @ (U + np.diag(s)))[1]))).sum()


@slip("no absolute value: sum of log s", of="plu_log_abs_det")
def plu_no_abs(P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.sum(np.log(s))


@slip("takes det P = 1 and drops the absolute value: log(prod s)", of="plu_log_abs_det")
def plu_log_of_product(P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.log(np.prod(s))


@slip("sum of s instead of the sum of log |s|", of="plu_log_abs_det")
def plu_sum(P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.sum(s)


@slip("|det A| without the logarithm", of="plu_log_abs_det")
def plu_no_log(P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.abs(np.prod(s))


@right("log of the absolute product", of="plu_log_abs_det_formula")
def formula_product(s: Any) -> Any:
    return sympy.log(sympy.Abs(sympy.prod(s)))


@right("half the log of squares", of="plu_log_abs_det_formula")
def formula_squares(s: Any) -> Any:
    return sum(sympy.log(x**2) for x in s) / 2


@right("logs of square roots of squares, plain symbols", of="plu_log_abs_det_formula")
def formula_roots(s: Any) -> Any:
    return sum(sympy.log(sympy.sqrt(sympy.Symbol(str(x)) ** 2)) for x in s)


@right("by the sign of each entry", of="plu_log_abs_det_formula")
def formula_piecewise(s: Any) -> Any:
    return sum(sympy.Piecewise((sympy.log(x), x > 0), (sympy.log(-x), True)) for x in s)


@slip("no absolute value: sum of log s", of="plu_log_abs_det_formula")
def formula_no_abs(s: Any) -> Any:
    return sum(sympy.log(x) for x in s)


@slip("takes det P = 1 and drops the absolute value: log(prod s)", of="plu_log_abs_det_formula")
def formula_log_of_product(s: Any) -> Any:
    return sympy.log(sympy.prod(s))


@slip("sum of s instead of the sum of log |s|", of="plu_log_abs_det_formula")
def formula_sum(s: Any) -> Any:
    return sum(s)


@slip("|det A| without the logarithm", of="plu_log_abs_det_formula")
def formula_no_log(s: Any) -> Any:
    return sympy.Abs(sympy.prod(s))


@right("loops over lists", of="reorder_jacobian")
def reorder_by_loops(J: Any, order: Any) -> Any:
    return [[J[i][j] for j in order] for i in order]


@right("torch", of="reorder_jacobian")
def reorder_by_torch(J: Any, order: Any) -> Any:
    return torch.as_tensor(J)[torch.tensor(order)][:, torch.tensor(order)]


@slip("P and P^T swapped: the order is applied the wrong way round", of="reorder_jacobian")
def reorder_inverse(J: Any, order: Any) -> Any:
    back = np.argsort(order)
    return J[np.ix_(back, back)]


@slip("only the rows are reordered", of="reorder_jacobian")
def reorder_rows(J: Any, order: Any) -> Any:
    return J[order]


@slip("the Jacobian is transposed", of="reorder_jacobian")
def reorder_transposed(J: Any, order: Any) -> Any:
    return J.T[np.ix_(order, order)]


@slip("the Jacobian is returned as it was", of="reorder_jacobian")
def reorder_nothing(J: Any, order: Any) -> Any:
    return J


@right("einsum", of="conv1x1")
def conv_by_einsum(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.einsum("ij,jkl->ikl", P @ L @ (U + np.diag(s)), x)


@right("torch conv2d in single precision, with a batch axis", of="conv1x1")
def conv_by_torch(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    A = torch.as_tensor(P @ L @ (U + np.diag(s))).float()
    return torch.nn.functional.conv2d(torch.as_tensor(x).float()[None], A[:, :, None, None])


@right("matrix product of the flattened image", of="conv1x1")
def conv_by_matrix(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    W = U.copy()
    np.fill_diagonal(W, s)
    return ((P @ L @ W) @ x.reshape(len(s), -1)).reshape(x.shape).tolist()


@slip("A transposed", of="conv1x1")
def conv_transposed(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.einsum("ji,jkl->ikl", P @ L @ (U + np.diag(s)), x)


@slip("P ignored", of="conv1x1")
def conv_no_permutation(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.einsum("ij,jkl->ikl", L @ (U + np.diag(s)), x)


@slip("P^T instead of P", of="conv1x1")
def conv_inverse_permutation(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.einsum("ij,jkl->ikl", P.T @ L @ (U + np.diag(s)), x)


@slip("P applied last instead of first: L (U + diag s) P", of="conv1x1")
def conv_permutation_last(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.einsum("ij,jkl->ikl", L @ (U + np.diag(s)) @ P, x)


@slip("U + s: s added to every row instead of the diagonal", of="conv1x1")
def conv_broadcast(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.einsum("ij,jkl->ikl", P @ L @ (U + s), x)


@slip("diag s missing", of="conv1x1")
def conv_no_scale(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    return np.einsum("ij,jkl->ikl", P @ L @ U, x)


@right("log of a power", of="conv1x1_log_abs_det_formula")
def conv_formula_power(s: Any, m: Any, n: Any) -> Any:
    return sympy.log(sympy.Abs(sympy.prod(s)) ** (m * n))


@right("a double sum over the pixels", of="conv1x1_log_abs_det_formula")
def conv_formula_sums(s: Any, m: Any, n: Any) -> Any:
    i, j = sympy.symbols("i j", integer=True)
    return sympy.Sum(sum(sympy.log(sympy.Abs(x)) for x in s), (i, 1, m), (j, 1, n))


@slip("mn dropped", of="conv1x1_log_abs_det_formula")
def conv_formula_no_pixels(s: Any, m: Any, n: Any) -> Any:
    return sum(sympy.log(sympy.Abs(x)) for x in s)


@slip("m + n instead of mn", of="conv1x1_log_abs_det_formula")
def conv_formula_sum_of_sides(s: Any, m: Any, n: Any) -> Any:
    return (m + n) * sum(sympy.log(sympy.Abs(x)) for x in s)


@slip("no absolute value: mn times the sum of log s", of="conv1x1_log_abs_det_formula")
def conv_formula_no_abs(s: Any, m: Any, n: Any) -> Any:
    return m * n * sum(sympy.log(x) for x in s)


@slip("mn times the sum of s", of="conv1x1_log_abs_det_formula")
def conv_formula_sum(s: Any, m: Any, n: Any) -> Any:
    return m * n * sum(s)


@slip("only m", of="conv1x1_log_abs_det_formula")
def conv_formula_only_m(s: Any, m: Any, n: Any) -> Any:
    return m * sum(sympy.log(sympy.Abs(x)) for x in s)


@right("einsum and slogdet", of="coupling")
def coupling_by_slogdet(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    C = x.shape[0] // 2
    A = P @ L(x[:C]) @ (U(x[:C]) + np.diag(s(x[:C])))
    z = np.concatenate([x[:C], np.einsum("ij,jkl->ikl", A, x[C:])], axis=0)
    return z, x.shape[1] * x.shape[2] * np.linalg.slogdet(A)[1]


@right("a dictionary and torch tensors", of="coupling")
def coupling_by_torch(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    C = len(P)
    scale = torch.as_tensor(s(x[:C]))
    A = torch.as_tensor(P) @ torch.as_tensor(L(x[:C])) @ (torch.as_tensor(U(x[:C])) + torch.diag(scale))
    z = torch.as_tensor(x).clone()
    z[C:] = torch.tensordot(A, z[C:], dims=1)
    return {"z": z, "log_abs_det": scale.abs().log().sum() * x[0].size}


@right("single precision, copied and overwritten", of="coupling")
def coupling_single(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    z = np.array(x, dtype=np.float32)
    C = len(z) // 2
    first = z[:C].copy()
    A = (P @ L(first) @ (U(first) + np.diag(s(first)))).astype(np.float32)
    for i in range(z.shape[1]):
        for j in range(z.shape[2]):
            z[C:, i, j] = A @ z[C:, i, j]
    return [z, np.float32(z[0].size * np.sum(np.log(np.abs(s(first)))))]


@slip("transforms the wrong half", of="coupling")
def coupling_wrong_half(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    first, second = np.split(x, 2)
    A = P @ L(first) @ (U(first) + np.diag(s(first)))
    return np.vstack([np.tensordot(A, first, axes=1), second]), first[0].size * np.log(np.abs(s(first))).sum()


@slip("s read from the other half", of="coupling")
def coupling_scale_from_second(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    first, second = np.split(x, 2)
    A = P @ L(first) @ (U(first) + np.diag(s(second)))
    return np.vstack([first, np.tensordot(A, second, axes=1)]), first[0].size * np.log(
        np.abs(s(second))
    ).sum()


@slip("L, U and s all read from the second half", of="coupling")
def coupling_all_from_second(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    first, second = np.split(x, 2)
    A = P @ L(second) @ (U(second) + np.diag(s(second)))
    return np.vstack([first, np.tensordot(A, second, axes=1)]), first[0].size * np.log(
        np.abs(s(second))
    ).sum()


@slip("mn dropped from the log-determinant", of="coupling")
def coupling_no_pixels(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    first, second = np.split(x, 2)
    A = P @ L(first) @ (U(first) + np.diag(s(first)))
    return np.vstack([first, np.tensordot(A, second, axes=1)]), np.log(np.abs(s(first))).sum()


@slip("m + n instead of mn in the log-determinant", of="coupling")
def coupling_sum_of_sides(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    first, second = np.split(x, 2)
    A = P @ L(first) @ (U(first) + np.diag(s(first)))
    return np.vstack([first, np.tensordot(A, second, axes=1)]), sum(x.shape[1:]) * np.log(
        np.abs(s(first))
    ).sum()


@slip("no absolute value in the log-determinant", of="coupling")
def coupling_no_abs(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    first, second = np.split(x, 2)
    A = P @ L(first) @ (U(first) + np.diag(s(first)))
    return np.vstack([first, np.tensordot(A, second, axes=1)]), first[0].size * np.log(s(first)).sum()


@slip("sum of s in the log-determinant", of="coupling")
def coupling_sum(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    first, second = np.split(x, 2)
    A = P @ L(first) @ (U(first) + np.diag(s(first)))
    return np.vstack([first, np.tensordot(A, second, axes=1)]), first[0].size * s(first).sum()


@slip("P^T instead of P", of="coupling")
def coupling_inverse_permutation(x: Any, P: Any, L: Any, U: Any, s: Any) -> Any:
    first, second = np.split(x, 2)
    A = P.T @ L(first) @ (U(first) + np.diag(s(first)))
    return np.vstack([first, np.tensordot(A, second, axes=1)]), first[0].size * np.log(np.abs(s(first))).sum()
