"""Known right and known wrong versions of `minimax`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import scipy.optimize
import sympy
import torch

from grader import right, slip

FOR_B = np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]])


@right("a list of lists", of="payoff_matrix")
def matrix_list() -> Any:
    return [[0, 1, -1], [-1, 0, 1], [1, -1, 0]]


@right("a SymPy matrix", of="payoff_matrix")
def matrix_sympy() -> Any:
    return sympy.Matrix(3, 3, lambda i, j: [0, 1, -1][(j - i) % 3])


@right("a torch tensor from rules by name", of="payoff_matrix")
def matrix_rules() -> Any:
    beats = {("paper", "rock"), ("rock", "scissors"), ("scissors", "paper")}
    names = ["rock", "paper", "scissors"]
    return torch.tensor([[((b, a) in beats) - ((a, b) in beats) for b in names] for a in names])


@right("a double loop", of="expected_payoff")
def payoff_loops(p_a: Any, p_b: Any) -> Any:
    return sum(p_a[i] * FOR_B[i, j] * p_b[j] for i in range(3) for j in range(3))


@right("a determinant", of="expected_payoff")
def payoff_determinant(p_a: Any, p_b: Any) -> Any:
    return np.linalg.det(np.array([np.ones(3), p_a, p_b], dtype=np.float64))


@right("torch in single precision, which takes tensors only", of="expected_payoff")
def payoff_torch(p_a: Any, p_b: Any) -> Any:
    return torch.dot(p_a.float(), torch.as_tensor(FOR_B).float() @ p_b.float())


@right("spread over all best plays", of="best_response")
def response_spread(p_a: Any) -> Any:
    payoffs = p_a @ FOR_B
    best = np.isclose(payoffs, payoffs.max())
    return best / best.sum()


@right("the last best play, as integers", of="best_response")
def response_last(p_a: Any) -> Any:
    payoffs = [p_a[2] - p_a[1], p_a[0] - p_a[2], p_a[1] - p_a[0]]
    return [int(k == 2 - int(np.argmax(payoffs[::-1]))) for k in range(3)]


@right("a linear program", of="best_response")
def response_program(p_a: Any) -> Any:
    found = scipy.optimize.linprog(-(p_a @ FOR_B), A_eq=np.ones((1, 3)), b_eq=[1.0])
    return found.x


@right("the largest of three differences", of="exploitability")
def exploit_differences(p_a: Any) -> Any:
    rock, paper, scissors = map(float, p_a)
    return max(scissors - paper, rock - scissors, paper - rock)


@right("exact fractions", of="exploitability")
def exploit_fractions(p_a: Any) -> Any:
    p = [Fraction(float(x)) for x in p_a]
    return max(sum(p[i] * int(FOR_B[i, j]) for i in range(3)) for j in range(3))


@right("a tensor of one entry", of="exploitability")
def exploit_tensor(p_a: Any) -> Any:
    return (torch.as_tensor(p_a) @ torch.as_tensor(FOR_B, dtype=torch.float64)).max().reshape(1)


@right("exact thirds", of="solve")
def solve_exact() -> Any:
    third = Fraction(1, 3)
    return [third, third, third], [third] * 3


@right("a dictionary with tensors", of="solve")
def solve_torch() -> Any:
    return {"p_a": torch.ones(3) / 3, "p_b": torch.full((3,), 1 / 3)}


@right("two linear programs", of="solve")
def solve_programs() -> Any:
    cost, equal = [0.0, 0.0, 0.0, 1.0], np.array([[1.0, 1.0, 1.0, 0.0]])
    bounds = [(0, 1)] * 3 + [(None, None)]
    p_a = scipy.optimize.linprog(cost, np.c_[FOR_B.T, -np.ones(3)], np.zeros(3), equal, [1.0], bounds).x[:3]
    p_b = scipy.optimize.linprog(cost, np.c_[-FOR_B, -np.ones(3)], np.zeros(3), equal, [1.0], bounds).x[:3]
    return p_a, p_b


@right("both rows of one array", of="solve")
def solve_rows() -> Any:
    return np.ones((2, 3)) / 3


@slip("the matrix pays A instead of B (transposed)", of="payoff_matrix")
def matrix_transposed() -> Any:
    return FOR_B.T


@slip("a win counts 1 and a loss 0", of="payoff_matrix")
def matrix_no_losses() -> Any:
    return np.maximum(FOR_B, 0)


@slip("the order is rock, scissors, paper", of="payoff_matrix")
def matrix_order() -> Any:
    return FOR_B[np.ix_([0, 2, 1], [0, 2, 1])]


@slip("a draw counts as a win of B", of="payoff_matrix")
def matrix_draws() -> Any:
    return FOR_B + np.eye(3)


@slip("the payoff is A's instead of B's (matrix transposed)", of="expected_payoff")
def payoff_of_a(p_a: Any, p_b: Any) -> Any:
    return float(p_b @ FOR_B @ p_a)


@slip("always 0, as if B played uniformly", of="expected_payoff")
def payoff_zero(p_a: Any, p_b: Any) -> Any:
    return 0.0


@slip("only the probability that B wins", of="expected_payoff")
def payoff_wins(p_a: Any, p_b: Any) -> Any:
    return float(p_a @ np.maximum(FOR_B, 0) @ p_b)


@slip("the payoff of the likeliest plays only", of="expected_payoff")
def payoff_likeliest(p_a: Any, p_b: Any) -> Any:
    return float(FOR_B[np.argmax(p_a), np.argmax(p_b)])


@slip("the mean over the nine outcomes instead of the expectation", of="expected_payoff")
def payoff_mean(p_a: Any, p_b: Any) -> Any:
    return float(p_a @ FOR_B @ p_b) / 9


@slip("minimum for maximum: the worst response", of="best_response")
def response_worst(p_a: Any) -> Any:
    return np.eye(3)[np.argmin(p_a @ FOR_B)]


@slip("the best response of A instead of B (matrix transposed)", of="best_response")
def response_transposed(p_a: Any) -> Any:
    return np.eye(3)[np.argmax(FOR_B @ p_a)]


@slip("beats the likeliest play of A only", of="best_response")
def response_likeliest(p_a: Any) -> Any:
    return np.eye(3)[(np.argmax(p_a) + 1) % 3]


@slip("the uniform strategy, which only never loses", of="best_response")
def response_uniform(p_a: Any) -> Any:
    return np.ones(3) / 3


@slip("the same strategy as A's", of="best_response")
def response_copy(p_a: Any) -> Any:
    return np.array(p_a)


@slip("the payoffs of the three plays instead of a strategy", of="best_response")
def response_payoffs(p_a: Any) -> Any:
    return p_a @ FOR_B


@slip("a softmax of the payoffs instead of the best play", of="best_response")
def response_softmax(p_a: Any) -> Any:
    weights = np.exp(p_a @ FOR_B)
    return weights / weights.sum()


@slip("1 for every best play: where plays tie, the probabilities add up to more than 1", of="best_response")
def response_unnormalised(p_a: Any) -> Any:
    payoffs = p_a @ FOR_B
    return np.isclose(payoffs, payoffs.max()).astype(float)


@slip("nothing where several plays are best", of="best_response")
def response_strict(p_a: Any) -> Any:
    payoffs = p_a @ FOR_B
    return [float(all(x > y + 1e-9 for y in np.delete(payoffs, k))) for k, x in enumerate(payoffs)]


@slip("minimum for maximum", of="exploitability")
def exploit_minimum(p_a: Any) -> Any:
    return float(np.min(p_a @ FOR_B))


@slip("the worst for A is taken over A's plays (matrix transposed)", of="exploitability")
def exploit_transposed(p_a: Any) -> Any:
    return float(np.max(FOR_B @ p_a))


@slip("0 for every strategy: any p_a is called optimal", of="exploitability")
def exploit_zero(p_a: Any) -> Any:
    return 0.0


@slip("the largest absolute payoff", of="exploitability")
def exploit_absolute(p_a: Any) -> Any:
    return float(np.abs(p_a @ FOR_B).max())


@slip("the distance from the uniform strategy", of="exploitability")
def exploit_distance(p_a: Any) -> Any:
    return float(np.abs(p_a - 1 / 3).max())


@slip("the difference of the largest and the smallest payoff", of="exploitability")
def exploit_range(p_a: Any) -> Any:
    return float(np.ptp(p_a @ FOR_B))


@slip("any p_a is called optimal: A always plays rock", of="solve")
def solve_rock() -> Any:
    return np.array([1.0, 0.0, 0.0]), np.ones(3) / 3


@slip("two pure plays", of="solve")
def solve_pure() -> Any:
    return np.eye(3)[0], np.eye(3)[1]


@slip("weights that do not add up to 1", of="solve")
def solve_unscaled() -> Any:
    return np.ones(3), np.ones(3)


@slip("thirds rounded to two digits", of="solve")
def solve_rounded() -> Any:
    return np.array([0.33, 0.33, 0.34]), np.array([0.33, 0.33, 0.34])
