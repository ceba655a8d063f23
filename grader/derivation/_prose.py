"""What the words between formulas say: definitions, conditions, cited reasons, and what is not understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.derivation._lexer import Token
from grader.derivation._row_tokens import RELATIONS

_DEFINING = (
    "let|define|denote|set|put|write|writing|where|with|setting|introduce|call|denoting|defining|abbreviate"
)
_CONDITIONAL = "if|for|when|whenever|suppose|assume|assuming|given|provided|unless|case"
_CITING = "since|because|using|use|by|as|fact|property|identity|recall|recalling|know|known|note|noting|observe|have used|apply|applying"
_INDEX_LETTERS = ("i", "j", "k", "l", "m", "n", r"\ell")
_CUE = re.compile(
    rf"\b(?P<word>{_DEFINING}|{_CONDITIONAL}|{_CITING})\b(?P<between>[^⟦⟧.;:!?]{{0,70}})⟦(?P<n>\d+)⟧",
    re.IGNORECASE,
)
_CASE = re.compile(r"\bcase\b[^⟦⟧]{0,12}⟦(?P<n>\d+)⟧", re.IGNORECASE)
_CONCLUDES = re.compile(
    r"\b(?:thus|hence|so|therefore|get|have|obtain|gives?|yields?|follows|conclude|then|is|are)\W*$",
    re.IGNORECASE,
)
_MORE = re.compile(r"\s*(?:,|and|, and|or)\s*⟦(\d+)⟧")
_BARE_CONDITION = re.compile(
    r"(?:^|[.;:,!?]\s*|\b(?:then|and|but|so)\s+)(?P<word>if|when|suppose|assume|assuming|whenever|unless|provided|for(?=\s+(?!(?:the|all|any|every|each|some|example|instance|this|that|these|those|our|a|an|it|which|both|convenience|simplicity|short)\b)[a-z]))\b(?P<rest>[^.;!?]*)",
    re.IGNORECASE,
)
_BENIGN = re.compile(
    r"interchang|swap|exchang|order of|differentiab|continuous|exist|finite|integrab|regular|smooth|independent|i\.?i\.?d|well.defined|"
    r"densit|measur|bounded|support|necessary|invertible|permut|random|enough memory|we (?:can|may|want|wish|use|do|take|write|need)|desired|needed",
    re.IGNORECASE,
)
_PREMISE = re.compile(
    r"\b(?:setting|set|solve|solving|require|requires|need|needs|condition|must|should|contradict\w*|contrary|naive\w*|wrong\w*|incorrect\w*|"
    r"would|instead|want|wish|whether|not (?:true|equal|hold|valid|correct|the case|be|in general|an? )|false|mistake\w*|equation|such that|subject to|guess|conjecture)\b[^.;]*$"
    r"|\b(?:if|suppose|assume|assuming|unless)\b[^.;,]*$",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile(r"\b(?:i\.\s?e\.|e\.\s?g\.|w\.\s?r\.\s?t\.|resp\.|cf\.|viz\.)", re.IGNORECASE)
_THEN = re.compile(
    r"\b(?:if|suppose|assume|assuming)\b[^.;]*\b(?:then|we (?:have|get|obtain|find|see)|it follows(?: that)?)\W*$",
    re.IGNORECASE,
)
"""What follows the words "if ..., then" is claimed, under a condition."""
_INTRODUCES = re.compile(
    r"\b(?:let|define|denote|denoting|set|write|writing|put|introduce|call|defined|definition|as follows|given by|abbreviate|letting|notation)\b[^.;]*$"
    r"|\b(?:where|with|and|consider)\W*$",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\s+(?:(?:each|every|any|one|a|the|fixed|given|single)\s+)*(?:pixel|position|site|location|place|entry|entries|component|coordinate|"
    r"element|index|indices|pair|triple|sample|channel|row|column|dimension|block|term|step)s?\s*⟦\d+⟧\W*",
    re.IGNORECASE,
)
_QUALIFIED = re.compile(
    r"\s*,?\s*(?:for|if|when|whenever|unless|provided|as long as|in case)\b", re.IGNORECASE
)
"""What follows a reason and limits it: `B_{ij} = 0` for `i > j`."""
_DENIED = re.compile(r"^[^.⟦]{0,40}\b(?:not|false|wrong|fails?|incorrect)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Inline:
    """A formula in the running text."""

    tokens: tuple[Token, ...]
    line: int
    source: str = ""

    @property
    def typed(self) -> str:
        """Its beginning as it was typed, for messages."""
        if not self.tokens:
            return ""
        return " ".join(self.source[self.tokens[0].start : self.tokens[-1].stop].split())[:60]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the words say about what follows."""

    kind: str
    """define, condition, claim, member (of a set), maybe (a relation whose role the words do not tell), or unclear."""
    formula: Inline | None = None
    lasting: bool = False
    """Whether it holds for the rest of the problem, not only for the paragraph."""
    text: str = ""


def remarks(text: str, formulas: Sequence[Inline]) -> list[Remark]:
    """The remarks of a stretch of prose in which `⟦n⟧` stands for the n-th formula."""
    found: list[tuple[int, Remark]] = []
    used: set[int] = set()
    for match in _CUE.finditer(text):
        word, between = _nearest(match["word"].lower(), match["between"])
        numbers = [int(match["n"])]
        end = match.end()
        while more := _MORE.match(text, end):
            numbers.append(int(more[1]))
            end = more.end()
        for number in numbers:
            if number in used or number >= len(formulas):
                continue
            remark = _remark(word, between, formulas[number], text[end:])
            if remark is not None:
                used.add(number)
                found.append((match.start(), remark))
    for match in _CASE.finditer(text):
        number = int(match["n"])
        if number < len(formulas) and number not in used and _relations(formulas[number]):
            used.add(number)
            found.append((match.start(), Remark("condition", formulas[number])))
    for number, formula in enumerate(formulas):
        if number not in used and any(t.text in (r"\coloneq", r"\triangleq") for t in formula.tokens):
            found.append((text.find(f"⟦{number}⟧"), Remark("define", formula)))
        elif number not in used and _limits(formula):
            before = text[: text.find(f"⟦{number}⟧")]
            if not _CONCLUDES.search(before[-30:]):
                found.append((len(before), Remark("maybe", formula)))
    found.extend(_unclear(text, formulas, found))
    return [remark for _, remark in sorted(found, key=lambda item: item[0])]


def _nearest(word: str, between: str) -> tuple[str, str]:
    """Of several cue words before a formula ("note that if ...") the last one counts."""
    inner = list(re.finditer(rf"\b(?:{_DEFINING}|{_CONDITIONAL}|since|because)\b", between, re.IGNORECASE))
    return (inner[-1].group().lower(), between[inner[-1].end() :]) if inner else (word, between)


def _relations(formula: Inline) -> list[str]:
    depth = 0
    result = []
    for token in formula.tokens:
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
        if depth == 0 and token.text in RELATIONS:
            result.append(RELATIONS[token.text])
    return result


def _limits(formula: Inline) -> bool:
    """Whether a relation may limit what follows: an inequality, or a single symbol set equal to something."""
    ops = _relations(formula)
    if not ops or not all(op in ("=", "<=", ">=", "<", ">", "!=") for op in ops) or _lists(formula):
        return False
    if ops != ["="]:
        return True
    texts = [t.text for t in formula.tokens]
    left = "".join(texts[: texts.index("=")])
    return (
        re.fullmatch(r"(?:\\?[A-Za-z]+|[A-Za-z])(?:_\{?[A-Za-z0-9\\]+\}?)?(?:\([A-Za-z0-9_\\{}]+\))?", left)
        is not None
    )


def _remark(word: str, between: str, formula: Inline, after: str) -> Remark | None:
    ops = _relations(formula)
    if len(ops) > 1 and ops[-1] == "in" and re.fullmatch(_DEFINING, word):
        ops = ops[:-1]  # `s = \\sigma(x) \\in (0, 1)` says first of all what s is
    if (
        ops == ["in"]
        and re.fullmatch(_CONDITIONAL, word)
        and not re.search(r"\b(?:all|every|each|any)\b", between)
    ):
        return Remark("member", formula, text=f"{word}{between}")
    checkable = bool(ops) and all(op in ("=", ":=", "<=", ">=", "<", ">", "!=") for op in ops)
    if not checkable or (ops == ["="] and _lists(formula)):
        return None
    if re.fullmatch(_DEFINING, word):
        if ops[0] in ("=", ":="):
            return Remark("define", formula, lasting=True)
        return Remark("condition", formula, lasting=word != "with")
    if re.fullmatch(_CONDITIONAL, word):
        if word == "unless" or re.search(r"\bnot\b", between):
            return Remark("unclear", None, False, f"{word}{between}")
        return Remark("condition", formula, lasting=word in ("suppose", "assume", "assuming"))
    if (
        _DENIED.match(after)
        or _QUALIFIED.match(after)
        or re.search(r"\bnot\b|\bif\b|\bwant\b|\bshow\b|\bprove\b|\bneed\b", between)
    ):
        return None
    return Remark("claim", formula)


def _lists(formula: Inline) -> bool:
    """Whether a formula only lists: `i = 1, \\dots, n`, `1 \\le i \\le n`, `I = \\{i_1, \\dots, i_M\\}`."""
    texts = [t.text for t in formula.tokens]
    middle = [
        texts[n + 1] for n, t in enumerate(texts[:-2]) if t in (r"\le", "<") and texts[n + 2] in (r"\le", "<")
    ]
    if r"\forall" in texts or (middle and middle[0] in _INDEX_LETTERS):
        return True
    after = texts[texts.index("=") + 1 : texts.index("=") + 2] if "=" in texts else []
    return r"\dots" in texts and (after == [r"\{"] or "," in texts[:8])


def _names_place(formula: Inline) -> bool:
    """Whether a formula only names indices, `(j, k)`, which limits nothing."""
    return bool(formula.tokens) and all(
        t.text in ("(", ")", ",") or (t.kind == "letter" and t.text.islower()) for t in formula.tokens
    )


def _unclear(
    text: str, formulas: Sequence[Inline], found: Sequence[tuple[int, Remark]]
) -> list[tuple[int, Remark]]:
    """Conditions in words alone."""
    taken = {remark.formula for _, remark in found if remark.kind in ("condition", "define")}
    result = []
    for match in _BARE_CONDITION.finditer(text):
        rest = match["rest"]
        numbers = [int(n) for n in re.findall(r"⟦(\d+)⟧", rest)]
        if any(n < len(formulas) and formulas[n] in taken for n in numbers) or _BENIGN.search(rest):
            continue
        if _PLACE.fullmatch(rest) and all(n < len(formulas) and _names_place(formulas[n]) for n in numbers):
            continue
        word = match["word"].lower()
        result.append(
            (
                match.start(),
                Remark("unclear", None, word in ("suppose", "assume", "assuming"), f"{word}{rest}"[:80]),
            )
        )
    return result


_SPECIAL = re.compile(
    r"\b(?:(?:might|may|could|would) (?:\w+ )?(?:think|believe|expect|hope|guess|suspect|be tempted)|tempting"
    r"|(?:ignor|neglect|disregard|pretend|omitt|dropp)\w*|(?:treat|regard)\w* [^.;]{1,60} as|approximately|roughly|heuristically"
    r"|at (?:the|an?|any|this|its|each|every|\w+'s) (?:\w+ )?(?:stationary|critical|fixed|saddle|optim|minim|maxim|origin|solution|equilibri|root|boundary)\w*"
    r"|in the (?:limit|limiting|special|degenerate|trivial|extreme|best|worst)\b|asymptotically|per \w+"
    r"|for (?:one|a single) \w+|for an? (?:\w+ )?(?:even|odd|diagonal|orthogonal|symmetric|special|trivial|degenerate|deterministic|uniform|linear|constant"
    r"|cyclic|singular|perfect|exact|transposition|cycle)\w*|for (?:even|odd) \w+)\b[^.;]*$",
    re.IGNORECASE,
)
"""Words after which a display need not hold in general."""


def _words(before: str) -> str:
    """The last words before a display, without formulas and without the full stops of abbreviations."""
    return _ABBREVIATED.sub(" ", re.sub(r"⟦\d+⟧", "", before))[-120:]


def is_premise(before: str) -> bool:
    """Whether the words before a display make it something else than a claim."""
    words = _words(before)
    return bool(_SPECIAL.search(words)) or (bool(_PREMISE.search(words)) and not _THEN.search(words))


def goes_on(text: str) -> bool:
    """Whether a paragraph's first word continues the thought of the one before."""
    return bool(
        re.match(
            r"\W*(?:then|so|hence|thus|therefore|and|we|it|this|which|because|since|here|now|in this case|consequently|as)\b",
            text,
            re.IGNORECASE,
        )
    )


def sums_up(text: str) -> bool:
    """Whether a paragraph leaves the cases that were distinguished."""
    return bool(
        re.match(
            r"\W*(?:in (?:all|each|every|any|general|summary)|together|altogether|combining|to sum up|in sum|summing up|otherwise|finally)\b",
            text,
            re.IGNORECASE,
        )
    )


def introduces(before: str) -> bool:
    """Whether the words before a display announce a definition."""
    return bool(_INTRODUCES.search(_words(before)))
