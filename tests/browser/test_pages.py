"""The pages as people use them: in a browser, by mouse, by keyboard, in the dark, on a phone, without scripts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.records import Report, Verdict
from grader.reports import write_all
from tests.reports import samples


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    shown = replace(samples.one_of_each(), student="Übel, <i>Änne</i>")
    write_all(out, samples.run(), [*samples.class_of_hw10(), shown, samples.hostile()])
    return out


class Tab:
    """A page, and everything that the browser had to complain about."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on(
            "console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith("file://") else self.complaints.append(r.url))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message) or dialog.dismiss())


def _open(browser: Any, path: Path, **options: Any) -> Iterator[Tab]:
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    context.set_default_timeout(240_000)  # a busy machine is slow, and that is no failure
    tab = Tab(context.new_page())
    tab.page.goto(path.as_uri())
    yield tab
    context.close()
    assert tab.complaints == []


@pytest.fixture
def tab(browser: Any, folder: Path) -> Iterator[Tab]:
    yield from _open(browser, folder / "report.html")


def _sheet(tab: Tab) -> Any:
    return tab.page.locator(".sheet", has=tab.page.locator("h2", has_text="hw10"))


def test_a_click_on_a_header_sorts_and_another_one_turns_it_round(tab: Tab) -> None:
    sheet = _sheet(tab)
    header = sheet.locator(".grades thead th", has_text="Total")
    cells = sheet.locator(".grades tbody td.sum")
    for direction, turn in (("descending", -1), ("ascending", 1)):
        header.locator("button").click()
        assert header.get_attribute("aria-sort") == direction
        shown = cells.all_inner_texts()
        numbers = [float(text) for text in shown if text != "–"]
        assert numbers == sorted(numbers, reverse=turn < 0) and len(numbers) == 20
        assert shown[-1] == "–"  # what has no number comes last either way
    sheet.locator(".grades thead button", has_text="Student").click()
    assert sheet.locator(".grades thead [aria-sort]").count() == 1
    assert sheet.locator(".grades tbody th").first.inner_text() == "alder"


def test_the_keyboard_alone_sorts_filters_and_opens_a_student(tab: Tab) -> None:
    sheet = _sheet(tab)
    sheet.locator("input.name").focus()
    tab.page.keyboard.type("UBEL")  # found without its dots and in any case
    assert sheet.locator(".grades tbody tr:visible").count() == 1
    assert sheet.locator(".count").inner_text() == "1 of 21 shown"
    sheet.locator(".grades tbody tr:visible a").focus()
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_url("**/hw10/*.html")
    assert tab.page.locator("h1").inner_text() == "Übel, <i>Änne</i>"
    assert tab.page.get_by_text("the result leaves C: x2 = 2.0 > 1").count() == 1


def test_filters_combine_and_clear(tab: Tab) -> None:
    sheet = _sheet(tab)
    rows = sheet.locator(".grades tbody tr:visible")
    sheet.locator("select.state").select_option("fault")
    assert rows.locator("th").all_inner_texts() == ["chestnut"]
    sheet.locator("input.name").fill("oak")
    assert rows.count() == 0
    sheet.get_by_role("button", name="Clear").click()
    assert rows.count() == 21
    sheet.locator("select.state").select_option(label="2: not full marks")
    marks = [float(t) for t in rows.locator("td:nth-child(3) .num").all_inner_texts()]
    assert marks and 0 < len(marks) < 21 and all(mark < 4 for mark in marks)


def test_a_cause_shows_the_hand_ins_that_it_cost(tab: Tab) -> None:
    sheet = _sheet(tab)
    cause = sheet.locator(".causes li").first
    cause.locator("summary").click()
    named = cause.locator("a").all_inner_texts()
    cause.get_by_role("button", name="Show in the table").click()
    assert sorted(sheet.locator(".grades tbody tr:visible th").all_inner_texts()) == sorted(named) != []
    assert len(named) == int(cause.locator("summary b").inner_text())


def test_without_scripts_everything_is_there_but_the_filters(browser: Any, folder: Path) -> None:
    for tab in _open(browser, folder / "report.html", java_script_enabled=False):
        assert _sheet(tab).locator(".grades tbody tr:visible").count() == 21
        assert (
            tab.page.locator(".filters:visible").count() == 0
            and tab.page.locator(".grades thead button").count() == 0
        )


@pytest.mark.parametrize("name", ["report.html", "hw10/alder.html", "hw10/chestnut.html"])
def test_nothing_is_wider_than_a_phone(browser: Any, folder: Path, name: str) -> None:
    for tab in _open(browser, folder / name, viewport={"width": 360, "height": 740}):
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_hostile_text_stays_text_in_a_browser(browser: Any, folder: Path) -> None:
    hostile = next(path for path in folder.glob("*/*.html") if path.parent.name != "hw10")
    for tab in _open(browser, hostile):
        assert tab.page.locator("img, script, iframe").count() == 0
        assert "<script>alert(1)</script>" in tab.page.locator("body").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["class", "student"])
def test_axe_finds_nothing_serious(browser: Any, folder: Path, page: str, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    student = next(path for path in (folder / "hw10").glob("*bel*.html"))
    path = folder / "report.html" if page == "class" else student
    # The policy of the page lets no script in but its own; axe comes in by the back door.
    for tab in _open(browser, path, color_scheme=scheme, bypass_csp=True):
        tab.page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        found = axe.Axe().run(tab.page).response["violations"]
        assert [
            (v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")
        ] == []


def test_five_hundred_hand_ins_are_one_small_page_that_sorts(browser: Any, tmp_path: Path) -> None:
    reports = [_hand_in(index) for index in range(500)]
    write_all(tmp_path, samples.run(), reports)
    path = tmp_path / "report.html"
    assert path.stat().st_size < 3_000_000
    for tab in _open(browser, path):
        rows = tab.page.locator(".grades tbody tr[data-s]")
        assert rows.count() == 500
        tab.page.locator(".grades thead button", has_text="Total").click()
        totals = [float(t) for t in tab.page.locator("td.sum").all_inner_texts()]
        assert totals == sorted(totals, reverse=True)


def _hand_in(index: int) -> Report:
    """Fifteen problems with long messages, a third of the checks wrong."""
    rng = random.Random(index)
    problems = []
    for number in range(15):
        checks = []
        for name in "abcd":
            verdict = rng.choice([Verdict.PASSED, Verdict.PASSED, Verdict.FAILED, Verdict.TIMEOUT])
            message = "" if verdict is Verdict.PASSED else f"entry {rng.random()} of the result is wrong " * 5
            checks.append(
                samples.check(verdict, name=f"topic{number}::some_long_name_of_{name}", message=message)
            )
        problems.append(samples.problem(*checks, number=str(number), topic=f"topic{number}"))
    return samples.report(*problems, student=f"Student Number {index:03d}", id=f"{index:x}")
