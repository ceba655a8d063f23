"""Formulas to trees: a Pratt parser that asks a policy wherever typesetting leaves the scope open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from grader.derivation import _parse_big as big
from grader.derivation import _parse_constants as constants
from grader.derivation import _parse_derivatives as derivatives
from grader.derivation import _parse_factors as factors
from grader.derivation import _parse_matrix as matrix
from grader.derivation import _parse_symbols as symbols
from grader.derivation._ast import Node, Num, Op, Wild
from grader.derivation._errors import Unreadable
from grader.derivation._lexer import Token
from grader.derivation._names import Scope, script
from grader.derivation._parse_factors import FUNCTIONS, OPENING
from grader.derivation._parse_series import product_series, sum_series
from grader.derivation._policy import CHOICES

MAX_DIGITS = 40
MAX_WORK = 20_000
"""Factors read, again and again where scopes are open, before a formula is given up."""
MAX_DEPTH = 60
"""Nesting beyond which a formula is not read."""

_NOT_FACTORS = frozenset(
    [
        "+",
        "-",
        ")",
        "]",
        r"\}",
        ",",
        ";",
        ":",
        "=",
        r"\pm",
        r"\mp",
        "/",
        "*",
        r"\cdot",
        r"\times",
        r"\odot",
        r"\otimes",
        r"\oslash",
        "_",
        "^",
        "'",
        r"\rangle",
        ".",
        r"\in",
    ]
)


class Parser:
    """One formula, one policy. `live` tells which choices mattered."""

    def __init__(self, tokens: Sequence[Token], scope: Scope, policy: Mapping[str, str]) -> None:
        self.tokens = list(tokens)
        self.at = 0
        self.scope = scope
        self.policy = policy
        self.live: set[str] = set()
        self.fences: list[str] = []
        self.work = [0]
        """Factors read so far, by this parser and those within it."""
        self.depth = 0

    def parse(self) -> Node:
        """The whole formula as one expression. Raises Unreadable."""
        if not self.tokens:
            raise Unreadable("nothing stands here")
        node = self.sum()
        if self.at < len(self.tokens):
            raise Unreadable(f"{self.tokens[self.at].text!r} is not understood here")
        return node

    def peek(self, ahead: int = 0) -> str:
        """The text of a token to come, or an empty string."""
        return self.tokens[self.at + ahead].text if self.at + ahead < len(self.tokens) else ""

    def token(self) -> Token:
        """The token at hand. Raises Unreadable at the end."""
        if self.at >= len(self.tokens):
            raise Unreadable("the formula ends too early")
        return self.tokens[self.at]

    def expect(self, text: str) -> None:
        """Step over a token that has to be there."""
        if self.peek() != text:
            raise Unreadable(f"{text!r} is missing" + (f" before {self.peek()!r}" if self.peek() else ""))
        self.at += 1

    def choose(self, kind: str) -> str:
        """How an open scope is read under this policy."""
        self.live.add(kind)
        return self.policy.get(kind, CHOICES[kind].options[0])

    def inside(self, tokens: Sequence[Token], scope: Scope | None = None) -> Node:
        """Parse other tokens under the same policy."""
        parser = Parser(tokens, scope or self.scope, self.policy)
        parser.depth = self.depth + 1
        parser.work = self.work
        if parser.depth > MAX_DEPTH:
            raise Unreadable("nested too deeply")
        node = parser.parse()
        self.live |= parser.live
        return node

    def script_tokens(self) -> list[Token]:
        """The tokens of the sub- or superscript that starts at the cursor (after its sign)."""
        tokens, self.at = script(self.tokens, self.at)
        if not tokens:
            raise Unreadable("an empty index")
        return tokens

    def sum(self) -> Node:
        """Terms with + and - between them."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("nested too deeply")
        terms: list[Node] = []
        sign = ""
        while True:
            while self.peek() in ("+", "-"):
                sign = (
                    {"": "+", "+": "+", "-": "-"}[sign]
                    if self.peek() == "+"
                    else {"": "-", "+": "-", "-": "+"}[sign]
                )
                self.at += 1
            if self.peek() in (r"\pm", r"\mp"):
                sign = sign if self._plus() else {"": "-", "+": "-", "-": "+"}[sign]
            term = self.product()
            terms.append(Op("neg", (term,)) if sign == "-" else term)
            sign = ""
            if self.peek() in (r"\pm", r"\mp"):
                plus = self._plus()
                second = self.product()
                terms.append(second if plus else Op("neg", (second,)))
            if self.peek() not in ("+", "-"):
                break
        self.depth -= 1
        terms = sum_series(terms)
        return terms[0] if len(terms) == 1 else Op("add", tuple(terms))

    def _plus(self) -> bool:
        """Whether the double sign at the cursor, which is stepped over, is read as a plus."""
        upper = self.peek() == r"\pm"
        self.at += 1
        return (self.choose("pm") == "plus") == upper

    def product(self, *, stop_at_functions: bool = False) -> Node:
        """Factors side by side or with a sign between them."""
        factors = [self.factor()]
        while True:
            mark = self.peek()
            if mark in (r"\cdot", r"\times", "*"):
                self.at += 1
                while self.peek() == "-":
                    self.at += 1
                    factors[-1] = Op("neg", (factors[-1],))
                factors.append(self.factor())
            elif mark in (r"\odot", r"\otimes"):
                self.at += 1
                left = product_series(factors)
                whole = left[0] if len(left) == 1 else Op("mul", tuple(left))
                factors = [Op("odot" if mark == r"\odot" else "kron", (whole, self.factor()))]
            elif mark in ("/", r"\oslash"):
                self.at += 1
                divisor = self._divisor()
                left = product_series(factors)
                factors = [Op("div", (left[0] if len(left) == 1 else Op("mul", tuple(left)), divisor))]
            elif self.starts_factor() and not (stop_at_functions and self.at_function()):
                factors.append(self.factor())
            else:
                break
        factors = product_series(factors)
        return factors[0] if len(factors) == 1 else Op("mul", tuple(factors))

    def _divisor(self) -> Node:
        first = self.factor()
        if not self.starts_factor() or self.choose("slash") == "tight":
            return first
        factors = [first]
        while self.starts_factor():
            factors.append(self.factor())
        return Op("mul", tuple(factors))

    def at_function(self) -> bool:
        """Whether a function such as log, or a gradient, begins here."""
        return self.peek() in FUNCTIONS or self.peek() == r"\nabla"

    def starts_factor(self) -> bool:
        """Whether a factor begins here, next to the one before."""
        if self.at >= len(self.tokens):
            return False
        token = self.tokens[self.at]
        if token.kind == "bar":
            return self._bar_opens(token)
        return (
            token.kind not in ("close", "end", "row", "cell", "text", "intertext")
            and token.text not in _NOT_FACTORS
        )

    def _bar_opens(self, token: Token) -> bool:
        if token.side in ("open", "close", "mid"):
            return token.side == "open"
        top = self.fences[-1] if self.fences else ""
        if token.side == "twice" and top == "|":
            return False  # |a||b|: one closes, the next opens
        return top not in ("args", token.text)

    def factor(self) -> Node:
        """A base with its powers, transposes and indices."""
        self.depth += 1
        self.work[0] += 1
        if self.depth > MAX_DEPTH or self.work[0] > MAX_WORK:
            raise Unreadable("nested too deeply")
        node = self._base()
        self.depth -= 1
        return self.postfix(node)

    def _base(self) -> Node:
        token = self.token()
        text = token.text
        if token.kind == "number":
            self.at += 1
            if len(text) > MAX_DIGITS:
                raise Unreadable("a number too long to read")
            return Num(Fraction(text))
        if token.kind == "bar":
            return factors.bars(self, token)
        if text in OPENING:
            return self.bracket()
        if token.kind == "open":
            tokens = self.script_tokens()
            return self.inside(tokens)
        if token.kind == "begin":
            return matrix.environment(self)
        if text == "-":
            self.at += 1
            return Op("neg", (self.factor(),))
        if text in (r"\dots",):
            self.at += 1
            return Wild("dots")
        if text == "const":
            self.at += 1
            return Wild("const")
        if text == r"\star" or (text == "*" and len(self.tokens) == 1):
            self.at += 1
            return Wild("star")
        return self._named(token)

    def _named(self, token: Token) -> Node:
        text = token.text
        known = symbols.lookup(self)
        if known is not None:
            return known
        if big.starts(self):
            return big.parse(self)
        if text == r"\frac":
            return derivatives.fraction(self)
        if text == r"\sqrt":
            return factors.root(self)
        if text in FUNCTIONS:
            self.at += 1
            return factors.function(self, text)
        constant = constants.constant(self)
        if constant is not None:
            return constant
        raise Unreadable(f"{symbols.typed(self)} is not in the notation sheet")

    def bracket(self) -> Node:
        """A bracketed expression; several with commas are a column."""
        return factors.bracket(self)

    def postfix(self, node: Node) -> Node:
        """Powers, transposes and indices that follow."""
        while self.peek() in ("^", "'", "_"):
            if self.peek() == "_":
                self.at += 1
                node = factors.indexed(self, node)
                continue
            if self.peek() == "'":
                raise Unreadable("a prime on what is no function")
            self.at += 1
            node = factors.power(self, node, self.script_tokens())
        return node

    def product_head(self) -> Node:
        """One factor, a sign before it allowed."""
        if self.peek() == "-":
            self.at += 1
            return Op("neg", (self.factor(),))
        return self.factor()
