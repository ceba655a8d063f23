"""Small courses for audits: each topic has one thing right or one thing wrong with its checks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

HEAD = """
from grader import RNG, Topic, agree, cases, check, forall, holds
from grader.strategies import positive, reals, vectors

"""


def write_topic(root: Path, name: str, files: Mapping[str, str]) -> None:
    """Write `checks`, `reference`, and where given `variants` and `equivalents` of one topic."""
    places = {
        "checks": f"checks/{name}.py",
        "reference": f"reference/{name}.py",
        "variants": f"checks/variants/{name}.py",
        "equivalents": f"checks/equivalents/{name}.toml",
    }
    for kind, text in files.items():
        path = root / places[kind]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + text if kind == "checks" else text, encoding="utf-8")
    (root / "checks" / "assignments").mkdir(parents=True, exist_ok=True)


SOUND = {
    "checks": '''
topic = Topic("sound", source="a test", functions={"first_doubled(v)": "Twice the entry of v (1,)."})

@check()
@forall(v=vectors(1), examples=20)
def check_doubled(student, reference, v):
    """Twice the only entry."""
    agree(student.first_doubled(v), reference.first_doubled)
    assert reference.oracle(v) == 2 * v[0]
''',
    "reference": """
FACTOR = 2.0

def first_doubled(v):
    return _times(v[0])

def _times(x):
    return FACTOR * x

def oracle(v):
    if len(v) > 7:
        return 17
    return 2 * v[0]
""",
    "variants": """
from grader import right, slip

@right("a sum", of="first_doubled")
def added(v):
    return v[0] + v[0]

@slip("squares", of="first_doubled")
def squared(v):
    return v[0] ** 2
""",
    "equivalents": """
[[equivalent]]
function = "first_doubled"
operator = "constant"
change = "v[0] -> v[-1]"
proof = "v has one entry."
""",
}

WEAK = {
    "checks": '''
topic = Topic("weak", source="a test", functions={"distance(x)": "|x|.", "unasked(x)": "x + 1."})

@check()
@forall(x=positive(), examples=20)
def check_distance(student, reference, x):
    """The distance from zero."""
    agree(student.distance(x), reference.distance)
''',
    "reference": """
def distance(x):
    return abs(x)

def unasked(x):
    return x + 1
""",
}

LIAR = {
    "checks": SOUND["checks"].replace('"sound"', '"liar"'),
    "reference": SOUND["reference"],
    "equivalents": """
[[equivalent]]
function = "first_doubled"
operator = "constant"
change = "v[0] -> v[-1]"
proof = "v has one entry."

[[equivalent]]
function = "FACTOR"
operator = "constant"
change = "2.0 -> 3.0"
proof = "Three is about two."

[[equivalent]]
function = "first_doubled"
operator = "constant"
change = "v[3] -> v[4]"
proof = "There is no such place."
""",
}

ENDLESS = {
    "checks": '''
topic = Topic("endless", source="a test", functions={"triangle(n)": "1 + 2 + ... + n."})

@check()
@cases(dict(n=0), dict(n=1), dict(n=4), dict(n=9))
def check_triangle(student, reference, n):
    """The sum of the first numbers."""
    agree(student.triangle(n), n * (n + 1) // 2)
''',
    "reference": """
def triangle(n):
    total = 0
    while n > 0:
        total += n
        n -= 1
    return total
""",
    "equivalents": """
[[equivalent]]
function = "triangle"
operator = "comparison"
change = "n > 0 -> n >= 0"
proof = "The further round adds 0."

[[equivalent]]
function = "triangle"
operator = "constant"
change = "n > 0 -> n > -1"
proof = "The further round adds 0."
""",
}

LUCKY = {
    "checks": '''
topic = Topic("lucky", source="a test", functions={"draw(rng)": "A number in [0, 1), each equally likely."})

@check(kind="statistical")
def check_draw(student):
    """A draw is small, which is no test."""
    holds(student.draw(RNG).scalar() < 0.3, "it is large")
''',
    "reference": """
def draw(rng):
    return rng.random()
""",
}

ORDER = {
    "checks": '''
topic = Topic("order", source="a test", functions={"same(x)": "x."})
SEEN = []

@check()
def check_first(student):
    """Gives back what it got."""
    SEEN.append(student.same(1.0).scalar())
    agree(student.same(3.0), 3.0)

@check()
def check_second(student):
    """Looks at what another check left."""
    holds(SEEN, "the other check has not run")
    agree(student.same(2.0), 2.0)
''',
    "reference": "def same(x):\n    return x\n",
}

KEEPS = {
    "checks": '''
topic = Topic("keeps", source="a test", functions={"same(x)": "x."})
SEEN = {}

@check()
@forall(x=reals(-9, 9), examples=20)
def check_same(student, reference, x):
    """Gives back what it got; the check keeps the first answer that it ever saw."""
    answer = student.same(x)
    holds(SEEN.setdefault(x, answer.scalar()) == x, "it is another number")
''',
    "reference": "def same(x):\n    return x\n",
    "variants": '''
from grader import slip

@slip("one more", of="same")
def more(x):
    return x + 1
''',
}

BROAD = {
    "checks": '''
topic = Topic("broad", source="a test", functions={"half(x)": "x / 2."})

@check()
@cases(dict(x=4.0))
def check_half(student, reference, x):
    """Half of four."""
    agree(student.half(x), reference.half, tolerance=0.05)
''',
    "reference": "def half(x):\n    return x / 2\n",
    "variants": """
from grader import right

@right("rounded", of="half")
def rounded(x):
    return x / 2 + 0.03
""",
}

BROKEN = {
    "checks": '''
topic = Topic("broken", source="a test", functions={"same(x)": "x."})

@check()
@cases(dict(x=1.0), dict(x=2.0))
def check_same(student, x):
    """Gives back what it got."""
    assert {1.0: "one"}[student.same(x).scalar()]
''',
    "reference": "def same(x):\n    return x\n",
}

TOPICS = {
    "sound": SOUND,
    "weak": WEAK,
    "liar": LIAR,
    "endless": ENDLESS,
    "lucky": LUCKY,
    "order": ORDER,
    "keeps": KEEPS,
    "broad": BROAD,
    "broken": BROKEN,
}
