"""The page over HTTP: who gets in, what forms do, and that two people lose nothing."""

from __future__ import annotations

import html
import http.client
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import pytest

from grader.records import Report, decisions_in, from_json
from grader.review import Watched
from tests.review.classroom import CHAIN, HOSTILE, classroom, keep, prose, served


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str


class Visitor:
    """A browser without a screen: keeps its cookie, fills in forms as they came."""

    def __init__(self, address: str) -> None:
        self.parts = urlsplit(address)
        self.cookie = ""

    @property
    def origin(self) -> str:
        return f"http://{self.parts.netloc}"

    def ask(self, path: str, *, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
        line = http.client.HTTPConnection(str(self.parts.hostname), self.parts.port, timeout=60)
        sent = {"Cookie": self.cookie, **{name.replace("_", "-"): text for name, text in headers.items()}}
        try:
            line.request(method, path, body=body, headers=sent)
            got = line.getresponse()
            text = got.read().decode()
            return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, text)
        finally:
            line.close()

    def enter(self) -> Visitor:
        answer = self.ask(f"/?{self.parts.query}")
        assert answer.status == 303 and answer.headers["location"] == "/"
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return self

    def form(self, item: str) -> list[tuple[str, str]]:
        """The hidden fields of an item's form."""
        page = self.ask(f"/item?i={quote(item)}")
        assert page.status == 200, page
        decide = page.text.partition('action="/decide"')[2].partition("</form>")[0]
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', decide)
        return [(name, html.unescape(value)) for name, value in found]

    def post(self, fields: list[tuple[str, str]], path: str = "/decide", **headers: str) -> Answer:
        kind = {"Content_Type": "application/x-www-form-urlencoded", "Origin": self.origin}
        return self.ask(path, method="POST", body=urlencode(fields), **{**kind, **headers})


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return classroom(tmp_path_factory.mktemp("class") / "out")


@pytest.fixture(scope="module")
def address(out: Path) -> Iterator[str]:
    with served(out) as url:
        yield url


@pytest.fixture
def visitor(address: str) -> Visitor:
    return Visitor(address).enter()


def test_the_token_becomes_a_cookie_that_scripts_and_other_sites_cannot_use(address: str) -> None:
    answer = Visitor(address).ask(f"/?{urlsplit(address).query}")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower()
    assert urlsplit(address).query.partition("=")[2] not in cookie


@pytest.mark.parametrize(
    "path", ["/", "/item?i=x", "/student", "/review.js", "/nothing", "/?token=", "/?token=guess"]
)
def test_without_the_token_nothing_is_shown(address: str, path: str) -> None:
    answer = Visitor(address).ask(path)
    assert answer.status == 403 and answer.text.startswith("refused") and answer.text.count("\n") == 1


def test_a_name_that_only_points_here_is_refused(visitor: Visitor) -> None:
    for host in (
        "evil.example",
        "evil.example:80",
        "127.0.0.1",
        "127.0.0.1:1",
        f"x@127.0.0.1:{visitor.parts.port}",
    ):
        answer = visitor.ask("/", Host=host)
        assert answer.status == 403 and "address" in answer.text
    assert visitor.ask("/", Host=f"localhost:{visitor.parts.port}").status == 200


def test_a_form_from_elsewhere_is_refused(visitor: Visitor, out: Path) -> None:
    before = decisions_in(out / "results.sqlite")
    fields = [*visitor.form("hw10/alder/2::rubric_1"), ("points", "2")]
    for origin in (
        "http://evil.example",
        "null",
        "",
        f"https://{visitor.parts.netloc}",
        "http://127.0.0.1:1",
    ):
        assert visitor.post(fields, Origin=origin).status == 403
    forged = [(name, "x" if name == "csrf" else value) for name, value in fields]
    assert visitor.post(forged).status == 403 and visitor.post(fields[1:]).status == 403
    other = Visitor(f"http://{visitor.parts.netloc}/?{visitor.parts.query}").enter()
    assert other.post(fields).status == 403  # another session's form
    assert visitor.post(fields, "/undo", Origin="http://evil.example").status == 403
    assert visitor.ask("/", Origin="http://evil.example").status == 403  # to read is no better
    stranger = Visitor(f"http://{visitor.parts.netloc}/")
    assert stranger.post(fields).status == 403
    assert decisions_in(out / "results.sqlite") == before


def test_odd_requests_get_one_line_each(visitor: Visitor) -> None:
    fields = visitor.form("hw10/alder/2::rubric_1")
    for answer, status in (
        (visitor.ask("/nothing"), 404),
        (visitor.ask("/item?i=nobody"), 404),
        (visitor.ask("/student?a=x&s=y"), 404),
        (visitor.ask("/item?" + "i=1&" * 60), 400),
        (visitor.ask("/?" + "x" * 9000), 414),
        (visitor.ask("/", method="DELETE"), 405),
        (visitor.ask("/decide"), 405),
        (visitor.post([*fields, ("comment", "x" * 400_000)]), 413),
        (visitor.post(fields, Content_Type="application/json"), 415),
        (visitor.ask("/decide", method="POST", body="\xff=%", Origin=visitor.origin, Content_Type="application/x-www-form-urlencoded"), 400),
    ):  # fmt: skip
        assert answer.status == status and len(answer.text.splitlines()) == 1, answer
        assert "Traceback" not in answer.text and "content-security-policy" in answer.headers


def test_what_students_wrote_is_text(visitor: Visitor) -> None:
    page = visitor.ask("/item?i=hw10/alder/2%3A%3Arubric_1")
    assert (
        html.escape(HOSTILE, quote=True) in page.text.replace("&#34;", "&quot;") and "<img" not in page.text
    )
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"


def test_a_decision_is_kept_with_its_author_and_the_pages_follow(out: Path, address: str) -> None:
    visitor = Visitor(address).enter()
    answer = visitor.post([*visitor.form("hw10/ash/2::rubric_1"), ("points", "1,5"), ("comment", "no proof")])
    assert answer.status == 303 and "saved=" in answer.headers["location"]
    flash = visitor.ask(answer.headers["location"])
    assert "Saved: ash" in flash.text and "1.5 of 2 points" in flash.text
    last = decisions_in(out / "results.sqlite")[-1]
    assert (last.author, last.points, last.comment, last.student) == ("J. Doe", 1.5, "no proof", "ash")
    history = visitor.ask("/item?i=hw10/ash/2%3A%3Arubric_1").text
    assert "no proof" in history and "J. Doe" in history
    undone = visitor.post([*visitor.form("hw10/ash/2::rubric_1")[:5], ("batch", last.batch)], "/undo")
    assert undone.status == 303 and "Withdrawn" in visitor.ask(undone.headers["location"]).text
    assert decisions_in(out / "results.sqlite")[-1].undoes == last.id


@pytest.mark.parametrize(
    "typed",
    [
        ("points", "2.5"),
        ("points", "-1"),
        ("points", "two"),
        ("points", "nan"),
        ("points", ""),
        ("ruling", "right"),
    ],
)
def test_what_is_no_mark_is_said_and_kept_in_the_form(
    visitor: Visitor, out: Path, typed: tuple[str, str]
) -> None:
    before = decisions_in(out / "results.sqlite")
    answer = visitor.post([*visitor.form("hw10/beech/2::rubric_1"), typed, ("comment", "my words")])
    assert answer.status == 400 and "from 0 to 2" in answer.text and "my words" in answer.text
    override = visitor.post(
        [*visitor.form("hw10/beech/projection::closest"), ("points", "1"), ("comment", "  ")]
    )
    assert override.status == 400 and "give a reason" in override.text
    assert decisions_in(out / "results.sqlite") == before


def test_a_conflict_shows_both_and_asks(visitor: Visitor, out: Path, address: str) -> None:
    other = Visitor(address).enter()
    mine, theirs = visitor.form("hw10/birch/2::rubric_1"), other.form("hw10/birch/2::rubric_1")
    assert other.post([*theirs, ("points", "0.5"), ("comment", "theirs")]).status == 303
    answer = visitor.post([*mine, ("points", "2"), ("comment", "mine")])
    assert answer.status == 409 and "theirs" in answer.text and ">mine</textarea>" in answer.text
    hidden = re.findall(
        r'<input type="hidden" name="(\w+)" value="([^"]*)"',
        answer.text.partition('action="/decide"')[2].partition("</form>")[0],
    )
    again = visitor.post([(n, html.unescape(v)) for n, v in hidden] + [("points", "2"), ("comment", "mine")])
    assert again.status == 303
    said = [(d.points, d.comment) for d in decisions_in(out / "results.sqlite") if d.student == "birch"]
    assert said == [(0.5, "theirs"), (2.0, "mine")]


def test_the_same_answer_for_equal_texts_has_an_entry_of_its_own_for_each(
    visitor: Visitor, out: Path
) -> None:
    fields = visitor.form("hw10/cedar/2::rubric_1")
    listed = [value.split(" ", 2)[2] for name, value in fields if name == "also"]
    assert len(listed) >= 5 and not [name for name in listed if "alder" in name or "ash/" in name]
    before = len(decisions_in(out / "results.sqlite"))
    answer = visitor.post([*fields, ("points", "2"), ("comment", "as all"), ("all", "1")])
    assert answer.status == 303
    added = decisions_in(out / "results.sqlite")[before:]
    assert sorted(f"hw10/{d.student}/{d.item}" for d in added) == sorted([*listed, "hw10/cedar/2::rubric_1"])
    assert len({d.batch for d in added}) == 1
    undone = visitor.post([*fields[:5], ("batch", added[0].batch)], "/undo")
    assert undone.status == 303
    assert {d.undoes for d in decisions_in(out / "results.sqlite")[before + len(added) :]} == {
        d.id for d in added
    }


def test_forty_at_once_lose_no_edit(out: Path, address: str) -> None:
    visitors = [Visitor(address).enter() for _ in range(4)]
    forms = [(v, v.form("hw10/chestnut/2::rubric_1"), n) for n, v in enumerate(visitors * 10)]
    before = len(decisions_in(out / "results.sqlite"))
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda f: f[0].post([*f[1], ("points", "1"), ("comment", f"edit {f[2]}")]), forms)
        )
    added = decisions_in(out / "results.sqlite")[before:]
    assert sorted(a.status for a in answers) == [303] + [409] * 39 and len(added) == 1
    for answer, (_, _, n) in zip(answers, forms, strict=True):
        assert answer.status == 303 or (f"edit {n}<" in answer.text and added[0].comment in answer.text)


def test_a_hand_in_that_changed_is_asked_again_and_nothing_counts_silently(tmp_path: Path) -> None:
    out = classroom(tmp_path / "out", ("alder", "beech"))
    with served(out) as url:
        visitor = Visitor(url).enter()
        assert visitor.post([*visitor.form("hw10/beech/2::rubric_1"), ("points", "2")]).status == 303
        stale = visitor.form("hw10/alder/2::rubric_1")
        keep(out, "alder", CHAIN + "I thought again.", run="later")
        keep(out, "beech", CHAIN + prose("beech") + "And more.", run="later")
        late = visitor.post([*stale, ("points", "2")])
        assert late.status == 409 and "graded again" in late.text and "I thought again." in late.text
        page = visitor.ask("/item?i=hw10/beech/2%3A%3Arubric_1").text
        assert "Was decided on an earlier hand-in" in page and 'value="2" autofocus' in page
        assert "1 decided on an earlier hand-in" in visitor.ask("/").text
    final = Watched(out / "results.sqlite").board().finals()[1]
    assert final.score == 1.0 and "earlier hand-in" in final.decisions[-1]
    assert [d.student for d in decisions_in(out / "results.sqlite")] == ["beech"]


def test_reports_are_written_again_while_the_page_is_open(tmp_path: Path) -> None:
    out = classroom(tmp_path / "out", ("beech",))
    with served(out, end=signal.SIGTERM) as url:
        visitor = Visitor(url).enter()
        for item, field in (("2::rubric_1", ("points", "2")), ("1::writeup", ("points", "3"))):
            assert visitor.post([*visitor.form(f"hw10/beech/{item}"), field]).status == 303
        assert "Nothing waits" in visitor.ask("/").text
    final = from_json(Report, (out / "hw10" / "beech.json").read_text())
    assert final.complete and final.score == 6.0
    assert (
        ",final," in (out / "gradebook.csv").read_text()
        and "marked by J. Doe" in (out / "hw10" / "beech.html").read_text()
    )
