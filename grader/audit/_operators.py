"""Mutation operators on expressions: each gives what could stand in an expression's place by a likely mistake."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

from grader.audit._sites import Site
from grader.audit._swaps import Swaps

_ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitOr,),
}
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq, ast.LtE, ast.GtE),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ONE_WAY = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
_CONVERSIONS = frozenset(
    {
        "float",
        "bool",
        "list",
        "tuple",
        "asarray",
        "tolist",
        "item",
        "detach",
        "numpy",
        "cpu",
        "to",
        "astype",
        "double",
    }
)
"""Calls that change how a value is represented: dropping one gives an answer that the judge takes as well."""
_PLUMBING = frozenset(
    {"range", "enumerate", "zip", "len", "isinstance", "super", "print", "iter", "next", "getattr"}
)
"""Without these, code only ends with a TypeError."""
_SYMMETRIC = frozenset(
    {
        "min",
        "max",
        "minimum",
        "maximum",
        "Min",
        "Max",
        "Add",
        "Mul",
        "add",
        "multiply",
        "logaddexp",
        "hypot",
        "gcd",
    }
)
"""Their arguments may come in any order."""
_KEPT_KEYWORDS = frozenset({"dtype", "device", "copy", "requires_grad", "strict"})


Operator = Callable[[Site, Swaps], Iterator[ast.AST]]


def arithmetic(site: Site, swaps: Swaps) -> Iterator[ast.AST]:
    """Another arithmetic operator, the operands the other way round."""
    node = site.node
    if isinstance(node, ast.AugAssign | ast.BinOp):
        for kind in _ARITHMETIC.get(type(node.op), ()):
            yield _with(node, op=kind())
    if isinstance(node, ast.BinOp) and isinstance(node.op, _ONE_WAY):
        yield _with(node, left=node.right, right=node.left)


def term(site: Site, swaps: Swaps) -> Iterator[ast.AST]:
    """An operand left out, a sign left out."""
    node = site.node
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.BoolOp):
        for i in range(len(node.values)):
            rest = node.values[:i] + node.values[i + 1 :]
            yield rest[0] if len(rest) == 1 else _with(node, values=rest)
    if isinstance(node, ast.BinOp):
        yield node.left
        if isinstance(node.op, ast.Add | ast.Mult | ast.MatMult | ast.BitAnd | ast.BitOr):
            yield node.right
        elif isinstance(node.op, ast.Sub):
            yield ast.UnaryOp(ast.USub(), node.right)
        elif isinstance(node.op, ast.Div):
            yield ast.BinOp(ast.Constant(1), ast.Div(), node.right)


def comparison(site: Site, swaps: Swaps) -> Iterator[ast.AST]:
    """A border that belongs to the other side, a comparison turned round."""
    node = site.node
    if isinstance(node, ast.Compare):
        text = any(
            isinstance(c, ast.Constant) and isinstance(c.value, str) for c in (node.left, *node.comparators)
        )
        for i, op in enumerate(node.ops):
            for kind in _COMPARISONS.get(type(op), ())[: 1 if text else None]:
                yield _with(node, ops=[*node.ops[:i], kind(), *node.ops[i + 1 :]])


def condition(site: Site, swaps: Swaps) -> Iterator[ast.AST]:
    """A condition negated, `and` for `or`."""
    node = site.node
    if isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    if isinstance(node, ast.expr) and site.field in ("test", "ifs"):
        yield ast.UnaryOp(ast.Not(), node)


def constant(site: Site, swaps: Swaps) -> Iterator[ast.AST]:
    """A number one up, one down, zero or negated; a truth value or a text turned into another."""
    node = site.node
    if not isinstance(node, ast.Constant) or node.value is None or node.value is Ellipsis:
        return
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, str):
        yield ast.Constant(f"{value}{value[:1]}")
        yield ast.Constant("")
    elif isinstance(value, int | float | complex):
        others = [value + 1, value - 1, value * 0, -value]
        yield from (_number(n) for i, n in enumerate(others) if n != value and n not in others[:i])


def name(site: Site, swaps: Swaps) -> Iterator[ast.AST]:
    """Another function of a similar name, another parameter."""
    node = site.node
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield from (_with(node, attr=other) for other in swaps.others(node))
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from (_with(node, id=other) for other in swaps.others(node))
        if node.id in site.parameters and len(site.parameters) > 1:
            following = site.parameters.index(node.id) + 1
            yield _with(node, id=site.parameters[following % len(site.parameters)])


def arguments(site: Site, swaps: Swaps) -> Iterator[ast.AST]:
    """Two neighbours swapped among arguments or entries, a keyword left out."""
    node = site.node
    field = "args" if isinstance(node, ast.Call) else "elts"
    listed = isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load) and not _is_set(site)
    if listed or (isinstance(node, ast.Call) and _called(node) not in _SYMMETRIC):
        items = list(getattr(node, field))
        for i in range(len(items) - 1):
            if not any(isinstance(item, ast.Starred) for item in items[i : i + 2]):
                yield _with(node, **{field: [*items[:i], items[i + 1], items[i], *items[i + 2 :]]})
    if isinstance(node, ast.Call):
        for i, keyword in enumerate(node.keywords):
            if keyword.arg is not None and keyword.arg not in _KEPT_KEYWORDS:
                yield _with(node, keywords=node.keywords[:i] + node.keywords[i + 1 :])


def call(site: Site, swaps: Swaps) -> Iterator[ast.AST]:
    """A call left out: its first argument, or the object whose method it is, as it stands."""
    node = site.node
    if not isinstance(node, ast.Call):
        return
    function, called = node.func, _called(node)
    if called in _CONVERSIONS | _PLUMBING:
        return
    if isinstance(function, ast.Attribute) and swaps.module(function.value) is None:
        yield function.value
    elif node.args and not isinstance(node.args[0], ast.Starred):
        literal = isinstance(node.args[0], ast.List | ast.Tuple | ast.ListComp)
        if not (called in ("array", "tensor", "stack") and literal):
            yield node.args[0]


def index(site: Site, swaps: Swaps) -> Iterator[ast.AST]:
    """A slice with a bound left out or on the other side, a matrix transposed or not."""
    node = site.node
    if isinstance(node, ast.Slice):
        for field in ("lower", "upper", "step"):
            if getattr(node, field) is not None:
                yield _with(node, **{field: None})
        if (node.lower is None) != (node.upper is None):
            yield _with(node, lower=node.upper, upper=node.lower)
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield node.value
    elif (
        isinstance(node, ast.expr)
        and isinstance(site.parent, ast.BinOp)
        and isinstance(site.parent.op, ast.MatMult)
    ):
        yield ast.Attribute(node, "T", ast.Load())


def bounds(site: Site, swaps: Swaps) -> Iterator[ast.AST]:
    """A range that is one too long, one too short, or starts one late."""
    node = site.node
    if not (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "range"
        and node.args
    ):
        return
    last = min(1, len(node.args) - 1)
    for op in (ast.Add(), ast.Sub()):
        changed = ast.BinOp(node.args[last], op, ast.Constant(1))
        yield _with(node, args=[*node.args[:last], changed, *node.args[last + 1 :]])
    if len(node.args) == 1:
        yield _with(node, args=[ast.Constant(1), node.args[0]])


EXPRESSIONS: tuple[Operator, ...] = (
    arithmetic, term, comparison, condition, constant, name, arguments, call, index, bounds,
)  # fmt: skip


def _with(node: ast.AST, **fields: object) -> ast.AST:
    """The node with other fields; what it holds is shared with the original."""
    other = copy.copy(node)
    for key, value in fields.items():
        setattr(other, key, value)
    return other


def _is_set(site: Site) -> bool:
    """Whether only membership matters: `kind in ("A", "B")`."""
    return isinstance(site.parent, ast.Compare) and isinstance(site.parent.ops[0], ast.In | ast.NotIn)


def _called(node: ast.Call) -> str:
    """The last part of the name of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _number(value: complex) -> ast.expr:
    if isinstance(value, complex) or value >= 0:
        return ast.Constant(value)
    return ast.UnaryOp(ast.USub(), ast.Constant(-value))
