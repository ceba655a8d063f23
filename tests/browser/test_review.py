"""`grader review` in a browser: twenty items by keyboard alone, two browsers at once, the dark, a phone, no scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.records import decisions_in
from grader.review import Watched
from tests.review.classroom import classroom, served

STUDENTS = ("alder", "ash", "beech", "cedar", "elm")
"""Four items each: two steps, the write-up, a line of the rubric."""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A class to look at, of which nothing is changed."""
    with served(classroom(tmp_path_factory.mktemp("class") / "out")) as url:
        yield url


class Tab:
    """A page, and everything that the browser had to complain about."""

    def __init__(self, browser: Any, url: str, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.context.set_default_timeout(240_000)  # a busy machine is slow, and that is no failure
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on(
            "console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message) or dialog.dismiss())
        self.home = url.partition("?")[0]
        self.page.goto(url)

    def press(self, *keys: str) -> None:
        """Keys one after the other; after one that leads to another page, that page."""
        for key in keys:
            if key == "Enter":
                with self.page.expect_navigation():
                    self.page.keyboard.press(key)
            else:
                self.page.keyboard.press(key)

    def go(self, key: str) -> None:
        """A key that leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def open(self, item: str) -> None:
        self.page.goto(f"{self.home}item?i={item}")

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []


def test_twenty_items_by_keyboard_alone(browser: Any, tmp_path: Path) -> None:
    out = classroom(tmp_path / "out", STUDENTS)
    with served(out) as url:
        tab = Tab(browser, url)
        assert "0 of 20 decided" in tab.page.inner_text("main")
        tab.go("j")  # the first item
        for number, student in enumerate(STUDENTS):
            assert tab.page.inner_text("h1") == student and f"{3 * number} of 15" in tab.page.inner_text(
                ".way"
            )
            tab.press("r", "Enter")  # a step is right
            tab.press("n", "c", *"odd sign", "Enter")  # one does not count, and why
            tab.press("3" if student == "ash" else "Enter", *(["Enter"] if student == "ash" else []))
        assert "15 of 20 decided" in tab.page.inner_text("main")  # a problem is done: back to the overview
        tab.go("j")  # the next one, over the whole class
        for student in STUDENTS:
            assert (tab.page.inner_text("h1"), tab.page.inner_text("h2")) == (student, "Says why C is convex")
            assert tab.page.evaluate("document.activeElement.id") == "points"  # where one is can be seen
            if student in ("cedar", "elm"):
                assert "as for beech" in tab.page.inner_text(".decide")  # offered, since the text is the same
                tab.press("Enter")
            else:
                tab.press("1", ".", "5", "Enter")
        assert "Nothing waits" in tab.page.inner_text("main") and "20 of 20 decided" in tab.page.inner_text(
            "main"
        )
        assert "Saved: elm" in tab.page.inner_text(".flash")
        tab.go("u")
        assert "Withdrawn: 1" in tab.page.inner_text(".flash") and tab.page.inner_text("h1") == "elm"
        tab.press("2", "Enter")
        tab.close()
    entries = decisions_in(out / "results.sqlite")
    assert len(entries) == 22 and {d.author for d in entries} == {"J. Doe"}
    board = Watched(out / "results.sqlite").board()
    assert {r.student: r.score for r in board.finals()} == {
        "alder": 6.5,
        "ash": 5.5,
        "beech": 6.5,
        "cedar": 6.5,
        "elm": 7.0,
    }
    assert all(r.complete for r in board.finals())
    assert (out / "gradebook.csv").read_text().count(",final,") == 5


def test_one_answer_for_all_who_wrote_the_same_and_one_key_takes_it_back(
    browser: Any, tmp_path: Path
) -> None:
    out = classroom(tmp_path / "out", STUDENTS)
    with served(out) as url:
        tab = Tab(browser, url)
        tab.open("hw10/beech/2::rubric_1&a=hw10&p=2")
        assert "2 others wrote exactly this" in tab.page.inner_text(".alike")
        assert "cedar" in tab.page.inner_text(".alike") and "alder" not in tab.page.inner_text(".alike")
        tab.press("a", "2", "Enter")
        assert "and 2 more" in tab.page.inner_text(".flash") and "3 of 5" in tab.page.inner_text(".way")
        tab.go("u")
        assert "Withdrawn: 3" in tab.page.inner_text(".flash") and "0 of 5" in tab.page.inner_text(".way")
        tab.go("k")
        assert tab.page.inner_text("h1") == "ash"
        tab.go("j")
        tab.press("?")
        assert tab.page.locator(".keys dl").is_visible()
        tab.press("Escape")
        tab.go("o")
        assert "0 of 20 decided" in tab.page.inner_text("main")
        tab.close()
    assert len(decisions_in(out / "results.sqlite")) == 6


def test_two_browsers_at_once_lose_no_edit(browser: Any, tmp_path: Path) -> None:
    out = classroom(tmp_path / "out", STUDENTS)
    with served(out) as url:
        one, other = Tab(browser, url), Tab(browser, url)
        for tab in (one, other):
            tab.open("hw10/alder/2::rubric_1")
        one.press("2", "c", *"mine", "Enter")
        other.press("0", "c", *"theirs", "Enter")
        said = other.page.inner_text(".decide")
        assert "Somebody decided here" in said and "2 of 2 points: mine" in said
        assert other.page.input_value("#comment") == "theirs" and other.page.input_value("#points") == "0"
        assert [d.comment for d in decisions_in(out / "results.sqlite")] == ["mine"]
        other.page.keyboard.press("Enter")  # once too often: no answer to what is asked
        assert len(decisions_in(out / "results.sqlite")) == 1
        other.go("m")  # put over the first, which stays in the history
        other.open("hw10/alder/2::rubric_1")
        assert "mine" in other.page.inner_text(".past") and "theirs" in other.page.inner_text(".past")
        one.close()
        # The browser itself says of the conflict that its answer was no 200.
        other.complaints = [text for text in other.complaints if "409" not in text]
        other.close()
    assert [(d.points, d.comment) for d in decisions_in(out / "results.sqlite")] == [
        (2.0, "mine"),
        (0.0, "theirs"),
    ]


PAGES = (
    "",
    "item?i=hw10/beech/2::rubric_1",
    "item?i=hw10/alder/projection::closest",
    "student?a=hw10&s=alder",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Any, shown: str, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    # The policy of the page lets no script in but its own; axe comes in by the back door.
    tab = Tab(browser, shown, color_scheme=scheme, bypass_csp=True)
    step = tab.page.get_attribute("a[data-open] >> nth=0", "href")
    for page in (*PAGES, str(step).lstrip("/")):
        tab.page.goto(tab.home + page)
        tab.page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        found = axe.Axe().run(tab.page).response["violations"]
        assert [
            (page, v["id"], v["nodes"][0]["html"][:200])
            for v in found
            if v["impact"] in ("serious", "critical")
        ] == []
    tab.close()


def test_nothing_is_wider_than_a_phone(browser: Any, shown: str) -> None:
    tab = Tab(browser, shown, viewport={"width": 360, "height": 740})
    step = tab.page.get_attribute("a[data-open] >> nth=0", "href")
    for page in (*PAGES, str(step).lstrip("/")):
        tab.page.goto(tab.home + page)
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= 360, page
    tab.close()


def test_hostile_text_stays_text(browser: Any, shown: str) -> None:
    tab = Tab(browser, shown)
    tab.open("hw10/alder/2::rubric_1")
    assert (
        "<script>alert(1)</script>" in tab.page.inner_text(".source") and tab.page.locator("img").count() == 0
    )
    tab.close()


def test_without_scripts_everything_works_by_mouse(browser: Any, tmp_path: Path) -> None:
    out = classroom(tmp_path / "out", STUDENTS[:1])
    with served(out) as url:
        tab = Tab(browser, url, java_script_enabled=False)
        tab.page.locator("a[data-open]").last.click()
        tab.page.get_by_role("button", name="1.5").click()
        assert "Saved: alder" in tab.page.inner_text(".flash")
        tab.page.get_by_role("button", name="Undo").click()
        assert "Withdrawn: 1" in tab.page.inner_text(".flash")
        tab.close()
    assert [d.points for d in decisions_in(out / "results.sqlite")] == [1.5, None]
