"""The rules of a sheet as written in its TOML: understood, or refused in one line that says what is allowed."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from grader.bank import read_assignment
from grader.records import HandedIn, LateRule, Policy, UserError

SHEET = """
title = "A sheet"
[policy]
{rules}
[[problem]]
number = "1"
topic = "one"
points = 10
[[problem]]
number = "2"
topic = "two"
points = 10
[[problem]]
number = "3"
topic = "three"
points = {third}
"""


def policy(tmp_path: Path, rules: str, student: str = "ann", third: int = 10) -> Policy:
    path = tmp_path / "hw1.toml"
    path.write_text(SHEET.replace("{rules}", rules).replace("{third}", str(third)), encoding="utf-8")
    found = read_assignment(path).policy
    assert found is not None
    return found.of(student)


def test_all_rules_together(tmp_path: Path) -> None:
    rules = """
    due = 2030-11-20T23:59:00
    timezone = "Europe/Zurich"
    late = { per_day = "10%", grace = "15m", last = "3d 12h", after = "refused", of = "earned", at_most = "50%" }
    minimum = "40%"
    caps = { "1" = 8.5 }
    cap = "110%"
    drop = { lowest = 1, by = "loss" }
    bonus = ["3"]
    extra = 1
    rounding = { to = 0.5, direction = "up" }
    [policy.extensions]
    ann = "2d"
    bob = 2030-12-01T12:00:00
    [policy.excused]
    ann = ["2"]
    zoe = true
    """
    ann = policy(tmp_path, rules)
    assert ann == Policy(
        due="2030-11-22T23:59:00+01:00",
        extension="2d",
        late=LateRule("day", "10%", "earned", 900, 302_400, "refused", "50%"),
        minimum=dict.fromkeys("123", "40%"),
        caps={"1": "8.5"},
        drop=1,
        drop_by="loss",
        bonus=("3",),
        extra="1",
        cap="110%",
        rounding="0.5",
        direction="up",
        excused=("2",),
    )
    assert policy(tmp_path, rules, "bob").due == "2030-12-01T12:00:00+01:00"
    assert policy(tmp_path, rules, "zoe").excused == ("all",)
    assert policy(tmp_path, rules, "eve").due == "2030-11-20T23:59:00+01:00"


def test_clocks_that_change_cost_nobody_an_hour(tmp_path: Path) -> None:
    spring = 'due = 2030-03-30T23:59:00\ntimezone = "Europe/Zurich"\nextensions = { ann = "1d" }'
    assert policy(tmp_path, spring).due == "2030-04-01T00:59:00+02:00"
    autumn = 'due = 2030-10-26T23:59:00\ntimezone = "Europe/Zurich"\nextensions = { ann = "1d" }'
    assert policy(tmp_path, autumn).due == "2030-10-27T23:59:00+01:00"
    twice = 'due = 2030-10-27T02:30:00\ntimezone = "Europe/Zurich"'
    assert policy(tmp_path, twice).due == "2030-10-27T02:30:00+01:00"


def test_names_match_in_both_spellings_and_strangers_are_named(tmp_path: Path) -> None:
    rules = "due = 2030-11-20T23:59:00Z\n" + unicodedata.normalize(
        "NFD", 'extensions = { "Zoë" = "2d", "Anne" = "1d" }'
    )
    assert policy(tmp_path, rules, unicodedata.normalize("NFC", "Zoë")).extension == "2d"
    sheet = read_assignment(tmp_path / "hw1.toml").policy
    assert sheet is not None
    assert sheet.strangers(["Zoë", "Ann"]) == ("Anne",)


def test_the_sheet_may_say_when_a_hand_in_came(tmp_path: Path) -> None:
    policy(tmp_path, "due = 2030-11-20T23:59:00+01:00\nhanded_in = { ann = 2030-11-19T10:00:00 }\n")
    sheet = read_assignment(tmp_path / "hw1.toml").policy
    assert sheet is not None
    assert sheet.timed("ann", HandedIn("", "canvas", True)) == HandedIn(
        "2030-11-19T10:00:00+01:00", "sheet", True
    )
    assert sheet.timed("bob", HandedIn("2030-11-19T10:00:00", "moodle")).time == "2030-11-19T10:00:00+01:00"


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("lat = 1", "unknown key 'lat' .*is 'late' meant"),
        ('late = { per_day = "10%" }', "late: needs `due`"),
        ("due = 2030-11-20", "due: must be a date with time and offset"),
        ('due = "2030-11-20T10:00:00Z"', "due: must be a date with time"),
        ("due = 2030-11-20T10:00:00", "due: needs an offset"),
        ('due = 2030-11-20T10:00:00\ntimezone = "Mars/Olympus"', "timezone: must be the name of a time zone"),
        ("due = 2030-11-20T10:00:00Z\nlate = 5", "late: must be a table"),
        (
            "due = 2030-11-20T10:00:00Z\nlate = { per_day = 1, per_hour = 1 }",
            "needs one of per_day and per_hour",
        ),
        (
            'due = 2030-11-20T10:00:00Z\nlate = { per_day = 1, grace = "soon" }',
            "late grace: must be a time such as",
        ),
        (
            'due = 2030-11-20T10:00:00Z\nlate = { per_day = 1, of = "all" }',
            'late of: must be one of "max", "earned"',
        ),
        ('due = 2030-11-20T10:00:00Z\nlate = { per_day = 1, after = "zero" }', "late after: needs `last`"),
        (
            'due = 2030-11-20T10:00:00Z\nextensions = { ann = "2 weeks or so" }',
            "extensions ann: must be a time",
        ),
        ('due = 2030-11-20T10:00:00Z\nextensions = "ann"', "extensions: must be a table of students"),
        ("drop = 3", "drop: must be a whole number below 3"),
        ("drop = 1.5", "drop: must be a whole number"),
        ('caps = { "1" = 5 }\ndrop = 1', "drop: is sound only among problems of equal points"),
        ('bonus = ["4"]', r"bonus: there is no problem '4' \(there are: 1, 2, 3\)"),
        ('bonus = "3"', "bonus: must be a list of problems"),
        ("cap = -5", "cap: must be points"),
        ('cap = "many"', "cap: must be points"),
        ("cap = true", "cap: must be points"),
        ("cap = nan", "cap: must be points"),
        ('minimum = { "9" = 2 }', "minimum: there is no problem '9'"),
        ('rounding = "10%"', "rounding: must be a number of points"),
        ("rounding = 0", "rounding: must be a number of points"),
        ('rounding = { to = 1, direction = "sideways" }', "rounding direction: must be one of"),
        ("file_times = 1", "file_times: must be one of true, false"),
        ('excused = { ann = "yes" }', "excused ann: must be a list of problems"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(tmp_path: Path, rules: str, words: str) -> None:
    with pytest.raises(UserError, match=words) as raised:
        policy(tmp_path, rules)
    assert str(raised.value).startswith(str(tmp_path / "hw1.toml") + ": [policy]")
    assert "\n" not in str(raised.value)


def test_a_misspelled_table_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "hw1.toml").write_text(
        SHEET.replace("[policy]", "[polcy]").replace("{rules}", "").replace("{third}", "1")
    )
    with pytest.raises(UserError, match="unknown key 'polcy'"):
        read_assignment(tmp_path / "hw1.toml")
