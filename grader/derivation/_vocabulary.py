"""Words of LaTeX that the tokenizer takes away, renames or joins."""

from __future__ import annotations

from types import MappingProxyType

SIZES = MappingProxyType(
    {r"\left": "open", r"\right": "close", r"\middle": "mid"}
    | {
        rf"\{size}{kind}": side
        for size in ("big", "Big", "bigg", "Bigg")
        for kind, side in (("l", "open"), ("r", "close"), ("m", "mid"), ("", ""))
    }
)

DROPPED = frozenset(
    [
        r"\,",
        r"\;",
        r"\:",
        r"\!",
        r"\>",
        r"\/",
        r"\displaystyle",
        r"\textstyle",
        r"\scriptstyle",
        r"\limits",
        r"\nolimits",
        r"\nonumber",
        r"\notag",
        r"\allowbreak",
        r"\centering",
        r"\break",
        r"\hfill",
        r"\noindent",
        r"\blacksquare",
        r"\square",
        r"\Box",
        r"\qed",
        r"\qedhere",
        r"\blacksquare",
        r"\square",
        r"\Box",
        r"\qed",
        r"\qedhere",
        r"\medspace",
        r"\thinspace",
        r"\negthinspace",
        r"\enspace",
        r"\bm*",
        r"\small",
        r"\normalsize",
    ]
) | {"\\ ", "\\\n"}

DROPPED_WITH_GROUP = frozenset(
    [
        r"\label",
        r"\tag",
        r"\tag*",
        r"\hspace",
        r"\hspace*",
        r"\vspace",
        r"\textcircled",
        r"\phantom",
        r"\hphantom",
        r"\vphantom",
        r"\color",
        r"\textcolor",
        r"\cancelto",
        r"\eqref",
    ]
)

TEXT_COMMANDS = frozenset(
    [
        r"\text",
        r"\textrm",
        r"\textup",
        r"\mbox",
        r"\textit",
        r"\textbf",
        r"\textnormal",
        r"\intertext",
        r"\shortintertext",
        r"\hbox",
    ]
)

WORD_COMMANDS = frozenset(
    [r"\operatorname", r"\operatorname*", r"\mathop", r"\mathrm", r"\mathsf", r"\mathtt", r"\rm"]
)

KEPT_FONTS = MappingProxyType(
    {r"\mathbb": r"\mathbb", r"\mathcal": r"\mathcal", r"\mathscr": r"\mathcal", r"\mathds": r"\mathbb"}
)

FONTS = frozenset(
    (
        r"\mathbf",
        r"\boldsymbol",
        r"\bm",
        r"\pmb",
        r"\mathit",
        r"\bold",
        r"\mathnormal",
        r"\vec",
        r"\ensuremath",
        *KEPT_FONTS,
    )
)

FRAMES = frozenset([r"\boxed", r"\cancel", r"\bcancel", r"\xcancel", r"\smash", r"\mathclap", r"\underline"])
"""Set around a formula, or around a whole statement, without changing it."""

ACCENTS = MappingProxyType(
    {
        r"\tilde": r"\tilde", r"\widetilde": r"\tilde", r"\hat": r"\hat", r"\widehat": r"\hat", r"\bar": r"\bar",
        r"\overline": r"\bar", r"\dot": r"\dot", r"\ddot": r"\ddot", r"\check": r"\check",
    }
)  # fmt: skip

SYNONYMS = MappingProxyType(
    {
        r"\leq": r"\le", r"\leqslant": r"\le", r"\leqq": r"\le", r"\geq": r"\ge", r"\geqslant": r"\ge", r"\geqq": r"\ge",
        r"\lt": "<", r"\gt": ">", r"\ne": r"\neq", r"\dfrac": r"\frac", r"\tfrac": r"\frac", r"\cfrac": r"\frac",
        r"\ast": "*", r"\star": r"\star", r"\intercal": r"\top", r"\dagger": r"\top", r"\coloneqq": r"\coloneq", r"\defeq": r"\coloneq",
        r"\dots": r"\dots", r"\ldots": r"\dots", r"\cdots": r"\dots", r"\dotsc": r"\dots", r"\dotsb": r"\dots", r"\dotsm": r"\dots",
        r"\vdots": r"\dots", r"\ddots": r"\dots", r"\thicksim": r"\sim", r"\Longrightarrow": r"\Rightarrow", r"\implies": r"\Rightarrow",
        r"\iff": r"\Leftrightarrow", r"\Longleftrightarrow": r"\Leftrightarrow", r"\to": r"\rightarrow", r"\longrightarrow": r"\rightarrow",
        r"\varepsilon": r"\epsilon", r"\varphi": r"\phi", r"\vartheta": r"\theta", r"\lbrack": "[", r"\rbrack": "]", r"\ln": r"\log",
        r"\prime": "'", r"\hdots": r"\dots", r"\circledast": r"\odot", r"\bigodot": r"\odot", r"\E": r"\E", r"\argmin": r"\argmin",
    }
)  # fmt: skip

_GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
]
_GREEK_CHARS = "αβγδεζηθικλμνξοπρστυφχψω"

UNICODE = MappingProxyType(
    {char: "\\" + name for char, name in zip(_GREEK_CHARS, _GREEK, strict=True)}
    | {
        "Σ": r"\Sigma", "Π": r"\Pi", "Ω": r"\Omega", "Δ": r"\Delta", "Λ": r"\Lambda", "Φ": r"\Phi", "∇": r"\nabla", "∂": r"\partial",
        "∫": r"\int", "∑": r"\sum", "∏": r"\prod", "≤": r"\le", "≥": r"\ge", "≠": r"\neq", "∼": r"\sim", "·": r"\cdot", "×": r"\times",
        "−": "-", "–": "-", "∈": r"\in", "∞": r"\infty", "⊤": r"\top", "‖": r"\|", "⊙": r"\odot", "√": r"\sqrt", "ϕ": r"\phi", "∣": "|",
        "⇒": r"\Rightarrow", "⇔": r"\Leftrightarrow", "→": r"\rightarrow", "…": r"\dots", "⋯": r"\dots", "≔": r"\coloneq", "𝔼": "E",
        "ε": r"\epsilon", "′": "'", "≡": r"\equiv",
    }
)  # fmt: skip

PLAIN_WORDS = frozenset(
    [
        "log",
        "exp",
        "sin",
        "cos",
        "tan",
        "tanh",
        "sinh",
        "cosh",
        "max",
        "min",
        "sup",
        "inf",
        "argmin",
        "argmax",
        "det",
        "diag",
        "tr",
        "Tr",
        "trace",
        "sign",
        "clamp",
        "clip",
        "ReLU",
        "KL",
        "VLB",
        "ELBO",
        "const",
        "Var",
        "Cov",
        "softmax",
        "sigmoid",
        "ELBo",
        "IWAE",
        "block",
        "blockdiag",
        "vec",
        "minimize",
        "maximize",
        "lim",
    ]
)
