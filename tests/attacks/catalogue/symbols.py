"""Our own: formulas that are small to send and heavy to evaluate, to print or to prove."""

from __future__ import annotations

from tests.attacks.model import Attack, source, verdicts

GROUP = "H formulas"


def _formula(name: str, row: int, title: str, body: str, ends: str = "failed review", once: bool = False) -> Attack:
    files = source("slope", "import sympy\n" + body)
    return Attack(name, row, GROUP, title, files, verdicts(ends), "formula::slope", "slope", once=once)


def _number(name: str, row: int, title: str, body: str) -> Attack:
    files = source("square", "import sympy\n" + body)
    return Attack(name, row, GROUP, title, files, verdicts("failed timeout"), once=True)


_RAW = "U = lambda head, *parts: head(*parts, evaluate=False)\n"

ATTACKS = (
    _formula("h132_power_tower", 132, "answer 10**10**10**10, unevaluated", _RAW + """
n = sympy.Integer(10)
return U(sympy.Pow, n, U(sympy.Pow, n, U(sympy.Pow, n, n)))
"""),
    _formula("h133_factorial", 133, "answer the factorial of a huge number", _RAW + """
return U(sympy.factorial, sympy.Integer(10) ** 9) - U(sympy.factorial, sympy.Integer(10) ** 9) + x**2
"""),
    _formula("h134_deep", 134, "answer sin(sin(... x)), a thousand deep", """
for _ in range(1000):
    x = sympy.sin(x)
return x
""", "failed review error memory crashed"),
    _formula("h135_wide", 135, "answer a sum of thirty thousand terms", "return sympy.Add(*[sympy.Symbol(f'y{n}') for n in range(30_000)])"),
    _formula("h136_product", 136, "answer a product that fills memory when it is expanded", """
return sympy.Mul(*[(x + n) ** 40 for n in range(120)], evaluate=False)
"""),
    _formula("h137_nested_rounding", 137, "answer digits that have to be computed to the end", _RAW + """
return U(sympy.floor, U(sympy.exp, U(sympy.exp, U(sympy.exp, sympy.Integer(9))))) * x
"""),
    _formula("h138_integral", 138, "answer an integral that nobody can do", """
y = sympy.Symbol("y", real=True)
return sympy.Integral(sympy.exp(sympy.sin(y) ** 3 + x * y) / (1 + y**4) ** sympy.pi, (y, -sympy.oo, sympy.oo))
""", once=True),
    _formula("h139_sum", 139, "answer a sum of 10**12 terms", """
n = sympy.Symbol("n", integer=True)
return sympy.Sum(sympy.sin(n * x), (n, 1, 10**12))
""", once=True),
    _formula("h140_wrong_in_one_place", 140, "answer a formula that is wrong at one tiny interval only", """
return 3 * x**2 + sympy.Piecewise((1, sympy.And(x > sympy.Rational(1, 3), x < sympy.Rational(1, 3) + sympy.Rational(1, 10**6))), (0, True))
""", "failed review"),
    _formula("h141_derivative_of_a_symbol", 141, "answer the question itself, unevaluated, under another name", """
return sympy.Derivative(sympy.Function("f")(x), (x, 40))
"""),
    _formula("h142_markup_in_names", 142, "answer symbols whose names are markup and commands", """
return sympy.Symbol("<script>forged()</script>\\x1b[31m\\n::error::forged") * x
"""),
    _number("h143_thousands_of_formulas", 143, "answer thirty thousand formulas where one number is due", "return [sympy.pi] * 30_000"),
    _number("h144_slow_numbers", 144, "answer integrals where numbers are due", """
y = sympy.Symbol("y", real=True)
return [sympy.Integral(sympy.exp(y**5 + sympy.sin(y)), (y, 0, 1 + n)) for n in range(200)]
"""),
    _number("h145_one_slow_number", 145, "answer one number that takes for ever to be evaluated", """
y = sympy.Symbol("y", real=True)
return sympy.Integral(sympy.exp(sympy.sin(y**7) * sympy.cos(1 / y)), (y, 0, 10**6))
"""),
)
