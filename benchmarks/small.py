"""A class of hand-ins that cost next to nothing: what it takes to grade it is the grader's own work."""

from __future__ import annotations

from pathlib import Path

ASSIGNMENT = "small"
TOPICS = ("shifted", "doubled")
_CHECKS = '''
from grader import Topic, agree, cases, check

topic = Topic("{topic}", source="benchmarks", functions={{"{topic}(x)": "A number."}})


@check(points=1)
@cases(*(dict(x=float(x)) for x in range(5)))
def check_values(student, reference, x):
    """Five values are right."""
    agree(student.{topic}(x), reference.{topic})


@check(points=1)
@cases(dict(x=-0.5))
def check_half(student, reference, x):
    """So is that at minus one half."""
    agree(student.{topic}(x), reference.{topic})
'''
_RIGHT = {"shifted": "x + 1", "doubled": "2 * x"}


def write_small_class(folder: Path, students: int) -> Path:
    """Course and hand-ins, every tenth of them wrong in one topic; gives the folder of the hand-ins."""
    sheet = 'title = "Small"\n'
    for number, topic in enumerate(TOPICS, start=1):
        texts = {
            "checks": _CHECKS.format(topic=topic),
            "reference": f"def {topic}(x):\n    return {_RIGHT[topic]}\n",
        }
        for part, text in texts.items():
            (folder / part).mkdir(parents=True, exist_ok=True)
            (folder / part / f"{topic}.py").write_text(text, encoding="utf-8")
        sheet += f'[[problem]]\nnumber = "{number}"\ntopic = "{topic}"\ntitle = "{topic}"\npoints = 10\n'
    (folder / "checks" / "assignments").mkdir()
    (folder / "checks" / "assignments" / f"{ASSIGNMENT}.toml").write_text(sheet, encoding="utf-8")
    for number in range(students):
        wrong = number % 10 == 9
        path = folder / "submissions" / ASSIGNMENT / f"s{number:05}" / "solution.py"
        path.parent.mkdir(parents=True)
        body = "".join(
            f"def {topic}(x):\n    return {'3 * x' if wrong and topic == 'doubled' else right}\n\n\n"
            for topic, right in _RIGHT.items()
        )
        path.write_text(f"{body}NUMBER = {number}\n", encoding="utf-8")
    return folder / "submissions"
