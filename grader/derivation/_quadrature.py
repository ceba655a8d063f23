"""Nodes and weights: for a standard normal law, for an interval, for the whole line."""

from __future__ import annotations

import math

import numpy as np

from grader.derivation._numbers import Arithmetic, Real

Rule = list[tuple[Real, Real]]

STEP = 0.0054
"""Of trapezoid rules, in standard deviations: enough for an integrand that turns 200 times in one."""


class Quadrature:
    """Rules in one arithmetic, kept once computed. Each comes twice, so that their difference bounds the error."""

    def __init__(self, arithmetic: Arithmetic, nodes: int | None = None) -> None:
        self._arithmetic = arithmetic
        self._nodes = nodes
        self._rules: dict[tuple[str, int], Rule] = {}

    def normal(self, dimension: int) -> tuple[Rule, Rule]:
        """Gauss-Hermite rules for N(0, 1), finer and coarser; trapezoid rules where many nodes were asked for."""
        if self._nodes is not None and dimension == 1:
            return self._trapezoid(self._nodes, STEP), self._trapezoid(self._nodes * 3 // 4, STEP * 4 / 3)
        sizes = {1: ((36, 30) if self._arithmetic.digits is None else (64, 56)), 2: (18, 15)}.get(
            dimension, (8, 7)
        )
        return self._hermite(sizes[0]), self._hermite(sizes[1])

    def interval(self) -> tuple[Rule, Rule]:
        """Gauss-Legendre rules for [-1, 1], finer and coarser."""
        sizes = (30, 24) if self._arithmetic.digits is None else (56, 48)
        return self._legendre(sizes[0]), self._legendre(sizes[1])

    def line(self) -> tuple[Rule, Rule]:
        """Trapezoid rules after x = sinh(t), for integrands that vanish fast at infinity."""
        steps = (0.08, 0.1) if self._arithmetic.digits is None else (0.04, 0.05)
        return self._sinh(steps[0]), self._sinh(steps[1])

    def _trapezoid(self, n: int, step: float) -> Rule:
        key = ("trapezoid", n)
        if key not in self._rules:
            a = self._arithmetic
            points = [a.number(0) + step * (k - n // 2) for k in range(n + 1)]
            weight = step / a.sqrt(2 * a.pi)
            self._rules[key] = [(x, a.exp(-x * x / 2) * weight) for x in points]
        return self._rules[key]

    def _sinh(self, step: float) -> Rule:
        a = self._arithmetic
        key = ("line", round(step * 1000))
        if key not in self._rules:
            h = a.number(round(step * 1000)) / 1000
            count = math.ceil(5.0 / step)
            self._rules[key] = [(a.sinh(h * k), a.cosh(h * k) * h) for k in range(-count, count + 1)]
        return self._rules[key]

    def _hermite(self, n: int) -> Rule:
        """Roots by Newton's method from double precision; weights from the orthonormal polynomials."""
        key = ("normal", n)
        if key in self._rules:
            return self._rules[key]
        a = self._arithmetic
        rule: Rule = []
        for start in np.polynomial.hermite_e.hermegauss(n)[0]:
            x = a.number(0) + float(start)
            for _ in range(1 if a.digits is None else 5):
                values = self._orthonormal(x, n)
                x = x - values[n] / (a.sqrt(a.number(n)) * values[n - 1])
            values = self._orthonormal(x, n)
            rule.append((x, 1 / sum(v * v for v in values[:n])))
        self._rules[key] = rule
        return rule

    def _orthonormal(self, x: Real, n: int) -> list[Real]:
        a = self._arithmetic
        roots = self._roots(n + 1)
        values = [a.number(1), x]
        for k in range(1, n):
            values.append((x * values[k] - roots[k] * values[k - 1]) / roots[k + 1])
        return values

    def _roots(self, n: int) -> list[Real]:
        key = ("roots", n)
        if key not in self._rules:
            self._rules[key] = [(self._arithmetic.sqrt(self._arithmetic.number(k)), 0) for k in range(n + 1)]
        return [root for root, _ in self._rules[key]]

    def _legendre(self, n: int) -> Rule:
        key = ("interval", n)
        if key in self._rules:
            return self._rules[key]
        a = self._arithmetic
        rule: Rule = []
        for start in np.polynomial.legendre.leggauss(n)[0]:
            x = a.number(0) + float(start)
            slope = a.number(1)
            for _ in range(2 if a.digits is None else 6):
                before, value = a.number(1), x
                for k in range(1, n):
                    before, value = value, ((2 * k + 1) * x * value - k * before) / (k + 1)
                slope = n * (x * value - before) / (x * x - 1)
                x = x - value / slope
            rule.append((x, 2 / ((1 - x * x) * slope * slope)))
        self._rules[key] = rule
        return rule
