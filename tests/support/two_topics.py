"""A course of two topics whose checks write down each examination: who was examined on what, and how often."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from grader.bank import Course
from grader.intake import HandIn, discover

TOPICS = ("first", "second")
_CHECKS = '''
from pathlib import Path

from grader import Topic, agree, cases, check

topic = Topic("{topic}", source="a test", functions={{"who()": "A name.", "{topic}_value(x)": "x + 1."}})


@check(points=1)
def check_examined(student):
    """Has a name."""
    name = student.who().label()
    if name != "nobody":  # who does not hand in, but rehearses
        with Path({log!r}).open("a") as log:
            log.write("{topic} " + name + "\\n")


@check(points=3)
@cases(dict(x=1.0), dict(x=2.5))
def check_value(student, x):
    """One more than x."""
    agree(student.{topic}_value(x), x + 1)
'''
_REFERENCE = """
def who():
    return "nobody"


def {topic}_value(x):
    return x + 1
"""


def write_course(root: Path) -> Course:
    """Write it into an empty folder; `hw1` has a problem for each topic."""
    sheet = 'title = "Two"\n'
    for number, topic in enumerate(TOPICS, start=1):
        texts = {
            f"checks/{topic}.py": _CHECKS.format(topic=topic, log=str(root / "examined.txt")),
            f"reference/{topic}.py": _REFERENCE.format(topic=topic),
        }
        for name, text in texts.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        sheet += f'[[problem]]\nnumber = "{number}"\ntopic = "{topic}"\ntitle = "{topic}"\npoints = 10\n'
    (root / "checks/assignments").mkdir()
    (root / "checks/assignments/hw1.toml").write_text(sheet)
    return Course(root)


def solution(name: str, *, second: str = "x + 1", top: str = "") -> str:
    """A hand-in of somebody; second: what its second function gives, top: what stands at its top."""
    return (
        f"{top}\n\ndef who():\n    return {name!r}\n\n\n"
        f"def first_value(x):\n    return x + 1\n\n\ndef second_value(x):\n    return {second}\n"
    )


def hand_in(root: Path, name: str, text: str | None = None) -> Path:
    """Write one; gives its file."""
    path = root / "submissions" / "hw1" / name / "solution.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(solution(name) if text is None else text)
    return path


def hand_ins(course: Course) -> tuple[HandIn, ...]:
    """All that were written."""
    return discover(course.root / "submissions", course.assignments).handins


def examined(course: Course) -> Counter[str]:
    """`topic name` of each examination since the last call."""
    log = course.root / "examined.txt"
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return Counter(lines)
