"""A tree as LaTeX with its scopes made explicit, so that a writer sees how a line was understood."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from grader.derivation._ast import (
    Apply,
    Big,
    Call,
    Cases,
    Compare,
    Derivative,
    Divergence,
    Expect,
    Integral,
    Law,
    MatrixOf,
    Node,
    Num,
    Op,
    Range,
    Sym,
    Wild,
)
from grader.derivation._names import Scope

_SIGNS = MappingProxyType({"<=": r"\le", ">=": r"\ge", "!=": r"\neq", "in": r"\in"})
_BIG = MappingProxyType(
    {
        "sum": r"\sum",
        "prod": r"\prod",
        "max": r"\max",
        "min": r"\min",
        "argmax": r"\operatorname{argmax}",
        "argmin": r"\operatorname{argmin}",
    }
)
_PLAIN = ("log", "exp", "sin", "cos", "tan", "tanh", "sinh", "cosh", "det", "max", "min")


def to_latex(node: Node, scope: Scope) -> str:
    """The tree as LaTeX. Symbols are spelled as the sheet's first name for them."""
    return _Writer(scope).write(node)


class _Writer:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def write(self, node: Node) -> str:
        match node:
            case Num():
                v = node.value
                return str(v.numerator) if v.denominator == 1 else _decimal(str(float(v)))
            case Sym():
                return self._symbol(node.name) + self._index(node.index)
            case Range():
                return f"{self._symbol(node.name)}_{{{self.write(node.first)}:{self.write(node.last)}}}"
            case Apply():
                return self._apply(node)
            case Op():
                return self._operation(node)
            case Call():
                return self._call(node)
            case Wild():
                return {"const": r"\mathrm{const}", "star": r"\star", "dot": r"\cdot"}.get(
                    node.kind, r"\dots"
                )
            case MatrixOf():
                return (
                    r"\begin{pmatrix}"
                    + r" \\ ".join(" & ".join(map(self.write, row)) for row in node.rows)
                    + r"\end{pmatrix}"
                )
            case Cases():
                rows = (
                    f"{self.write(value)} & {self._conditions(when) or chr(92) + 'text{otherwise}'}"
                    for value, when in node.rows
                )
                return r"\begin{cases}" + r" \\ ".join(rows) + r"\end{cases}"
            case Compare():
                return self._conditions((node,))
            case Law():
                return self._law(node)
            case Divergence():
                return rf"D_{{\mathrm{{KL}}}}\left({self.write(node.left)} \,\|\, {self.write(node.right)}\right)"
        return self._bound(node)

    def _bound(self, node: Node) -> str:
        match node:
            case Expect():
                below = ", ".join(self._law(law) for law in node.laws)
                return (
                    rf"\mathbb{{E}}{'_{' + below + '}' if below else ''}\left[{self.write(node.body)}\right]"
                )
            case Integral():
                ends = f"_{{{self.write(node.low)}}}" if node.low is not None else ""
                ends += f"^{{{self.write(node.high)}}}" if node.high is not None else ""
                return rf"\int{ends} {self._tight(node.body)} \," + r" \,".join(
                    f"d{self.write(v)}" for v in node.variables
                )
            case Big():
                return self._big(node)
            case Derivative():
                if node.nabla:
                    return rf"\nabla_{{{self._list(node.wrt)}}} \left({self.write(node.body)}\right)"
                order = f"^{node.order}" if node.order > 1 else ""
                below = " ".join(rf"\partial {self.write(v)}" for v in node.wrt)
                return rf"\frac{{\partial{order}}}{{{below}}} \left({self.write(node.body)}\right)"
        return r"\ldots"

    def _symbol(self, name: str) -> str:
        sheet = self._scope.sheet
        for table in (sheet.spaces, sheet.densities, sheet.functions, sheet.variables):
            found = table.get(name.removesuffix("#prior"))
            if found is not None:
                names = getattr(found, "names", None) or getattr(found, "letters", None)
                if name.endswith("#prior"):
                    names = getattr(found, "prior_names", None) or names
                return str(names[0]) if names else name
        head, _, above = name.removeprefix("'").partition("^")
        base, _, below = head.partition("_")
        scripts = (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")
        return {"·": "j"}.get(base, base) + scripts.replace("⌃", "^").replace("⌄", "_")

    def _index(self, index: Sequence[Node]) -> str:
        return f"_{{{self._list(index)}}}" if index else ""

    def _list(self, nodes: Sequence[Node]) -> str:
        return ", ".join(map(self.write, nodes))

    def _apply(self, node: Apply) -> str:
        text = self._symbol(node.name) + self._index(node.index) + "'" * node.primes
        if not node.args and not node.given:
            return text
        given = rf" \mid {self._list(node.given)}" if node.given else ""
        return f"{text}({self._list(node.args)}{given})"

    def _operation(self, node: Op) -> str:
        a = node.args
        if node.op == "add":
            text = self.write(a[0])
            for term in a[1:]:
                negative = isinstance(term, Op) and term.op == "neg"
                text += (
                    f" - {self._tight(term.args[0])}"
                    if negative and isinstance(term, Op)
                    else f" + {self.write(term)}"
                )
            return text
        if node.op == "mul":
            return r" \, ".join(self._factor(x) for x in a)
        if node.op == "div":
            return rf"\frac{{{self.write(a[0])}}}{{{self.write(a[1])}}}"
        if node.op == "neg":
            return f"-{self._tight(a[0])}"
        if node.op == "pow":
            return f"{self._tight(a[0], power=True)}^{{{self.write(a[1])}}}"
        if node.op == "transpose":
            return rf"{self._tight(a[0], power=True)}^{{\top}}"
        if node.op == "index":
            return f"{self._tight(a[0], power=True)}_{{{self._list(a[1:])}}}"
        return self._fenced(node)

    def _fenced(self, node: Op) -> str:
        inner = self._list(node.args)
        if node.op == "odot":
            return r" \odot ".join(self._factor(x) for x in node.args)
        if node.op == "kron":
            return r" \otimes ".join(self._factor(x) for x in node.args)
        if node.op == "norm":
            return rf"\left\| {inner} \right\|"
        if node.op in ("absdet", "entrywise"):
            return rf"\left| {inner} \right|"
        if node.op == "det":
            return rf"\det\left({inner}\right)"
        if node.op == "set":
            return rf"\left\{{{inner}\right\}}"
        if node.op == "pm":
            return r" \pm ".join(map(self.write, node.args))
        return rf"\left({inner}\right)"

    def _factor(self, node: Node) -> str:
        wide = isinstance(node, Op) and node.op in ("add", "neg", "pm")
        return rf"\left({self.write(node)}\right)" if wide else self.write(node)

    def _tight(self, node: Node, *, power: bool = False) -> str:
        wide = isinstance(node, Op) and node.op in (
            ("add", "pm", "neg", "mul", "div", "pow", "odot") if power else ("add", "pm")
        )
        wide = wide or (
            power
            and isinstance(node, Call | Derivative | Big | Integral | Expect)
            and not (isinstance(node, Call) and not node.args)
        )
        return rf"\left({self.write(node)}\right)" if wide else self.write(node)

    def _call(self, node: Call) -> str:
        if node.name == "pi":
            return r"\pi"
        if node.name == "imaginary":
            return "i"
        if node.name == "infinity":
            return r"\infty"
        if node.name in ("identity", "ones", "delta"):
            return {"identity": "I", "ones": r"\mathbf{1}", "delta": r"\delta"}[node.name] + self._index(
                node.args
            )
        if node.name == "sqrt":
            return rf"\sqrt{{{self.write(node.args[0])}}}"
        if node.name == "gaussian":
            return rf"\mathcal{{N}}({self.write(node.args[0])}; {self._list(node.args[1:])})"
        if node.name == "normal":
            return rf"\mathcal{{N}}({self._list(node.args)})"
        name = rf"\{node.name}" if node.name in _PLAIN else rf"\operatorname{{{node.name}}}"
        return rf"{name}\left({self._list(node.args)}\right)"

    def _conditions(self, conditions: Sequence[Compare]) -> str:
        return ", ".join(
            f"{self.write(c.left)} {_SIGNS.get(c.op, c.op)} {self.write(c.right)}" for c in conditions
        )

    def _law(self, law: Law) -> str:
        drawn = self._list(law.variables)
        if law.law is None:
            return drawn
        return rf"{drawn} \sim {self.write(law.law)}" if drawn else self.write(law.law)

    def _big(self, node: Big) -> str:
        below = self._list(node.variables)
        if node.low is not None:
            below += f"={self.write(node.low)}"
        if node.condition:
            below = (
                self._conditions(node.condition)
                if node.low is None
                else f"{below}, {self._conditions(node.condition)}"
            )
        high = f"^{{{self.write(node.high)}}}" if node.high is not None else ""
        if node.kind == "list":
            return rf"\left({self.write(node.body)}\right)_{{{below}}}{high}"
        return f"{_BIG[node.kind]}_{{{below}}}{high} {self._factor(node.body)}"


def _decimal(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
