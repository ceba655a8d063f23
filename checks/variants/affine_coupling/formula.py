"""Known right and wrong versions of `log_abs_det_formula`."""

from __future__ import annotations

from typing import Any

import sympy

from grader import right, slip


@right("log of a product of exponentials", of="log_abs_det_formula")
def formula_product(s_values: Any) -> Any:
    return sympy.log(sympy.prod([sympy.exp(v) for v in s_values]))


@right("log of the determinant of a diagonal matrix, plain symbols", of="log_abs_det_formula")
def formula_matrix(s_values: Any) -> Any:
    entries = [sympy.exp(sympy.Symbol(str(v), real=True)) for v in s_values]
    return sympy.log(sympy.Abs(sympy.diag(*entries).det()))


@right("built-in sum", of="log_abs_det_formula")
def formula_sum(s_values: Any) -> Any:
    return sum(s_values)


@right("a vector of ones times s, as a 1x1 matrix", of="log_abs_det_formula")
def formula_ones(s_values: Any) -> Any:
    return sympy.ones(1, len(s_values)) * sympy.Matrix(s_values)


@slip("log |det| is the sum of exp(s) instead of the sum of s", of="log_abs_det_formula")
def formula_sum_exp(s_values: Any) -> Any:
    return sum(sympy.exp(v) for v in s_values)


@slip("log |det| with the wrong sign", of="log_abs_det_formula")
def formula_negative(s_values: Any) -> Any:
    return -sum(s_values)


@slip("log |det| is the sum of |s|", of="log_abs_det_formula")
def formula_absolute(s_values: Any) -> Any:
    return sum(sympy.Abs(v) for v in s_values)


@slip("the determinant without the logarithm", of="log_abs_det_formula")
def formula_no_log(s_values: Any) -> Any:
    return sympy.exp(sum(s_values))


@slip("log |det| is the sum of log |s|", of="log_abs_det_formula")
def formula_log_abs(s_values: Any) -> Any:
    return sum(sympy.log(sympy.Abs(v)) for v in s_values)


@slip("log |det| is the mean of s instead of the sum", of="log_abs_det_formula")
def formula_mean(s_values: Any) -> Any:
    return sum(s_values) / len(s_values)


@slip("log |det| is the product of s instead of the sum", of="log_abs_det_formula")
def formula_product_of_s(s_values: Any) -> Any:
    return sympy.prod(s_values)


@slip("log |det| is the log of the sum of exp(s)", of="log_abs_det_formula")
def formula_log_sum(s_values: Any) -> Any:
    return sympy.log(sum(sympy.exp(v) for v in s_values))
