"""Attackers and honest neighbours are graded together: nobody gains, nobody loses, nothing is left."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.attacks.catalogue import ATTACKS
from tests.attacks.conftest import tried
from tests.attacks.grading import Graded, Setting, left_behind, neighbours, settings, shortfall, timeless
from tests.attacks.model import Attack

Run = Callable[[Setting], Graded]
SETTINGS = pytest.mark.parametrize("setting", settings(), ids=lambda s: s.name)
CASES = [(s, a) for s in settings() for a in tried(s)]
LARGEST_PAGE = 300_000
"""Bytes of one student's page, whatever was handed in."""


def test_every_row_of_the_catalogue_is_tried_and_no_name_is_used_twice() -> None:
    rows = {attack.row for attack in ATTACKS}
    assert set(range(1, 66)) <= rows
    assert len({a.row for a in ATTACKS if a.row >= 100}) >= 20
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert not any("fault" in a.verdicts or ("passed" in a.verdicts and a.stopped_from) for a in ATTACKS)


@pytest.mark.parametrize(("setting", "attack"), CASES, ids=[f"{s.name} {a.name}" for s, a in CASES])
def test_an_attack_ends_as_it_has_to_and_gains_nothing(attacked: Run, setting: Setting, attack: Attack) -> None:
    graded = attacked(setting)
    if attack.stopped_from is not None and attack.stopped_from <= setting.level:
        assert shortfall(graded, attack) == ""
    report = graded.report(attack.topic, attack.name)
    assert report is None or not any(c["verdict"] == "fault" for p in report["problems"] for c in p["checks"])


@SETTINGS
def test_the_run_itself_ends_well(attacked: Run, setting: Setting) -> None:
    graded = attacked(setting)
    assert graded.status == 0, graded.stderr
    assert "Traceback" not in graded.stdout + graded.stderr
    verdicts = {c["verdict"] for r in graded.document["reports"] for p in r["problems"] for c in p["checks"]}
    assert "fault" not in verdicts
    assert {r["environment"]["isolation"] for r in graded.document["reports"]} == {setting.level.name}


@SETTINGS
@pytest.mark.parametrize(("topic", "student"), list(neighbours()), ids=" ".join)
def test_no_record_of_a_neighbour_changes_by_a_byte(
    attacked: Run, peaceful: Run, setting: Setting, topic: str, student: str
) -> None:
    assert timeless(attacked(setting).report(topic, student)) == timeless(peaceful(setting).report(topic, student))


@SETTINGS
def test_nothing_is_left_behind(attacked: Run, setting: Setting) -> None:
    graded = attacked(setting)
    assert graded.processes == ()
    assert left_behind(graded.stage.token) == []
    own = str(graded.stage.course.parent / "home" / ".cache")  # what checks need each time is kept for the next run
    assert sorted(n for n in graded.after - graded.before if n != own and not n.startswith(f"{own}/grader")) == []
    assert not any(graded.stage.token in name for name in graded.after)
    changed = [name for name in graded.before - graded.after if "/submissions/" not in name]
    assert changed == []


@SETTINGS
def test_students_see_nothing_hidden(attacked: Run, setting: Setting) -> None:
    graded = attacked(setting)
    for attack in tried(setting):
        for suffix in (".html", ".md"):
            path = graded.stage.out / attack.topic / (attack.name + suffix)
            shown = path.read_text() if path.exists() else ""
            assert not [text for text in attack.secret_text if text in shown], attack.name


@SETTINGS
def test_nothing_written_is_obeyed_by_whoever_reads_it(attacked: Run, setting: Setting) -> None:
    for name, text in attacked(setting).written():
        kind = Path(name).suffix or ".txt"
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text.replace("\r\n", "\n")), name
        assert OBEYED[kind](text) == [], name
        if "/" in name:
            assert len(text.encode("utf-8", "replace")) < LARGEST_PAGE, name


def in_page(text: str) -> list[str]:
    """Markup of theirs in a page; ours has no script but its own."""
    return re.findall(r"<(?:script|img|b)\b[^>]*(?:forged|onerror)|<script>forged", text)


def in_markdown(text: str) -> list[str]:
    """Markup that a reader of Markdown would pass on, and commands to a CI system."""
    tokens = MarkdownIt("commonmark", {"html": True}).parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    raw = [t.content for t in (*tokens, *inline) if t.type in ("html_block", "html_inline", "link_open", "image")]
    return raw + in_terminal(text)


def in_terminal(text: str) -> list[str]:
    """Lines that a CI system obeys."""
    return re.findall(r"^\s*::\w.*|##\[\w.*", text, re.M)


def in_table(text: str) -> list[str]:
    """Cells that a spreadsheet computes."""
    return [cell for row in csv.reader(io.StringIO(text)) for cell in row if cell.startswith(("=", "+", "-", "@"))]


def in_xml(text: str) -> list[str]:
    """Elements that are not of JUnit's format."""
    known = {"testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out", "properties", "property"}
    return sorted({element.tag for element in ET.fromstring(text).iter()} - known)


def in_json(text: str) -> list[str]:
    """Nothing, if it can be read at all."""
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    return []


OBEYED: dict[str, Callable[[str], list[str]]] = {
    ".html": in_page, ".md": in_markdown, ".csv": in_table, ".xml": in_xml, ".json": in_json, ".txt": in_terminal
}


@SETTINGS
def test_every_hand_in_has_its_page(attacked: Run, setting: Setting) -> None:
    graded = attacked(setting)
    pages = list(graded.stage.out.glob("*/*.html"))
    assert len(pages) == len(graded.document["reports"])
