# Rock paper scissors by names, and solved as a linear program.
from fractions import Fraction

from scipy.optimize import linprog

ORDER = ["rock", "paper", "scissors"]
BEATS = {"rock": "scissors", "paper": "rock", "scissors": "paper"}


def points_for_b(a, b):
    if a == b:
        return 0
    return 1 if BEATS[b] == a else -1


def payoff_matrix():
    return [[points_for_b(a, b) for b in ORDER] for a in ORDER]


def expected_payoff(alice, bob):
    total = Fraction(0)
    for a, share in zip(ORDER, alice):
        for b, other in zip(ORDER, bob):
            total += Fraction(float(share)) * Fraction(float(other)) * points_for_b(a, b)
    return total


def best_response(alice):
    pure = [[i == j for i in range(3)] for j in range(3)]
    earned = [expected_payoff(alice, p) for p in pure]
    best = [i for i in range(3) if earned[i] == max(earned)]
    return [1 / len(best) if i in best else 0.0 for i in range(3)]


def exploitability(alice):
    return max(expected_payoff(alice, p) for p in ([1, 0, 0], [0, 1, 0], [0, 0, 1]))


def solve():
    M = payoff_matrix()
    # Variables: three probabilities and the value of the game.
    simplex = dict(A_eq=[[1, 1, 1, 0]], b_eq=[1], bounds=[(0, 1)] * 3 + [(None, None)])
    a = linprog([0, 0, 0, 1], A_ub=[[M[i][j] for i in range(3)] + [-1] for j in range(3)], b_ub=[0] * 3, **simplex)
    b = linprog([0, 0, 0, -1], A_ub=[[-M[i][j] for j in range(3)] + [1] for i in range(3)], b_ub=[0] * 3, **simplex)
    return {"alice": a.x[:3], "bob": b.x[:3]}
