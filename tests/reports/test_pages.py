"""The HTML pages."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from grader.records import Derivation, DerivationStep, Report, Verdict
from grader.reports import class_html, page_names, student_html

from . import samples

VOID = frozenset({"meta", "br", "rect", "line", "input", "polyline", "circle", "path"})


class Page(HTMLParser):
    """A page taken apart; fails on tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"]):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def _student(report: Report) -> Page:
    return Page(student_html(report, "Homework 10"))


@pytest.fixture(scope="module")
def class_page() -> Page:
    return Page(class_html(samples.run(), samples.class_of_hw10()))


def test_a_failed_check_is_laid_out_with_all_that_is_known() -> None:
    page = _student(samples.one_of_each())
    for words in (
        "The result is at least as close to y as any other point of C", "project([0, 2], a=1) -> [1.0, 2.0]",
        "[1.0, 1.0]", 'same as the known slip "no clip from above"', "exact; no sampling involved",
        'python -c "from solution import project; print(project([0, 2], a=1))"', "largest difference", "corpus",
        "a list was taken as an array", "helper.py: defined twice; the first counts",
    ):  # fmt: skip
        assert words in page.text


def test_a_verdict_is_a_word_and_not_only_a_colour() -> None:
    page = _student(samples.one_of_each())
    assert all(f" {verdict} " in page.text for verdict in Verdict if verdict is not Verdict.FAULT)


def test_a_derivation_shows_how_each_line_was_read() -> None:
    page = _student(samples.one_of_each())
    assert r"\le \nabla_\phi q(z)" in [formula["alttext"] for formula in page.all("math")]
    assert "First wrong step: line 17" in page.text and "refuted : fails in 2 models" in page.text.replace(
        "refuted:", "refuted :"
    )
    assert "widths [0.5, 1.25]" in page.text and "Goal undecided" in page.text


def test_formulas_are_drawn_without_links_and_hostile_ones_are_text() -> None:
    hostile = (
        r"\href{javascript:alert(1)}{x} = <script>alert(1)</script>",
        r"\text{</math><img src=x>} = 1",
        "\\frac{",
    )
    steps = tuple(DerivationStep(n, text, 3, None, text, "supported") for n, text in enumerate(hostile))
    written = Derivation("w.tex", "1", steps)
    page = _student(samples.report(samples.problem(samples.check(Verdict.PASSED), derivation=written)))
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img", "a"})
    assert not any("href" in attributes for tag, attributes in page.tags if tag.startswith("m"))
    assert page.text.count("alert(1)") >= 2


def test_a_student_page_never_tells_what_a_hidden_check_tried() -> None:
    text = student_html(samples.one_of_each(), "Homework 10")
    assert "Holds for matrices of any shape" in text and samples.SECRET not in text and "7.25" not in text


def test_a_fault_shows_no_zero_on_the_student_page() -> None:
    page = _student(samples.report(samples.problem(samples.check(Verdict.FAULT))))
    assert "– of 1 points" in page.text and "costs you nothing" in page.text and "0/1" not in page.text


def test_pages_need_nothing_from_outside_and_run_no_script_but_our_own(class_page: Page) -> None:
    for page, scripts in ((class_page, 1), (_student(samples.one_of_each()), 0)):
        names = {tag for tag, _ in page.tags}
        assert len(page.all("script")) == scripts
        assert not names & {"link", "img", "iframe", "object", "form", "base"}
        assert not any(
            key.startswith("on") or key == "src" for _, attributes in page.tags for key in attributes
        )
        links = [a["href"] or "" for a in page.all("a")]
        assert not any(":" in link or link.startswith("/") for link in links)


def test_pages_are_made_for_both_schemes_for_phones_and_for_readers_by_ear(class_page: Page) -> None:
    assert "prefers-color-scheme: dark" in class_html(samples.run(), [])
    for page in (class_page, _student(samples.one_of_each())):
        assert page.all("html") == [{"lang": "en"}]
        assert any(meta.get("name") == "viewport" for meta in page.all("meta"))
        assert len(page.all("h1")) == 1 and len(page.all("main")) == 1
        assert len(page.all("caption")) == len(page.all("table"))
        assert all("scope" in header for header in page.all("th"))
        drawings = [svg for svg in page.all("svg") if svg.get("aria-hidden") != "true"]
        assert drawings and all(svg["role"] == "img" and svg["aria-label"] for svg in drawings)
        ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        pointed = [a[1]["aria-labelledby"] for a in page.tags if "aria-labelledby" in a[1]]
        assert set(pointed) <= set(ids)


def test_the_class_page_has_every_student_linked_to_the_page_that_is_written(class_page: Page) -> None:
    links = {a["href"] for a in class_page.all("a")}
    assert {f"hw10/{student}.html" for student in samples.STUDENTS} <= links


def test_the_class_page_says_what_an_instructor_asks_first(class_page: Page) -> None:
    for words in (
        "Hand-ins 20", "Mean", "Median", "Wait for a person 3", "Grader faults 1", "Distribution", "The grader itself failed",
        "Gambler's ruin by importance sampling : chestnut", "sum for mean (", "numpy 2.4.1", "Seed 20240", "Isolation L3",
    ):  # fmt: skip
        assert words in class_page.text


def test_the_histogram_counts_everybody_once(class_page: Page) -> None:
    label = class_page.all("svg")[0]["aria-label"] or ""
    counts = [int(n) for n in re.findall(r"to \d+ %: (\d+)", label)]
    assert sum(counts) == 19  # the twentieth has a fault and no total


def test_only_the_script_that_the_policy_names_may_run() -> None:
    text = class_html(samples.run(), [samples.hostile()])
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert (
        f"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; script-src 'sha256-{digest}'"
        in text
    )
    assert "script-src" not in student_html(samples.one_of_each(), "x")


def test_causes_gather_the_hand_ins_that_share_them() -> None:
    slip = samples.check(Verdict.FAILED, name="t::a", slip="no clip")
    same = samples.check(Verdict.FAILED, name="t::b", slip="no clip")
    numbers = [samples.check(Verdict.FAILED, name="t::c", message=f"entry [{n}] is 2.0") for n in range(2)]
    away = [
        samples.check(Verdict.ERROR, name=f"{t}::d", message=f"NameError: x (solution.py, line {n}: x)")
        for n, t in enumerate("tu")
    ]
    reports = [
        samples.report(samples.problem(slip, same), student="ash"),
        samples.report(samples.problem(same, numbers[0], *away), student="elm"),
        samples.report(samples.problem(numbers[1], away[1]), student="oak"),
    ]
    page = Page(class_html(samples.run(), reports))
    assert "2 no clip t" in page.text and "2 The result does what the problem asks for t::c" in page.text
    assert "2 NameError: x t, u · error" in page.text
    rows = {a["data-c"]: a["data-s"] for a in page.all("tr") if "data-c" in a}
    assert len(rows) == 3 and set(rows.values()) == {"lost low"}


def test_a_problem_that_strong_hand_ins_fail_stands_out() -> None:
    good, bad = samples.check(Verdict.PASSED), samples.check(Verdict.FAILED)
    reports = [
        samples.report(
            samples.problem(*[good] * n, *[bad] * (5 - n), number="1"),
            samples.problem(*[good] * n, *[bad] * (5 - n), number="2"),
            samples.problem(*[good] * n, *[bad] * (5 - n), number="3"),
            samples.problem(*[bad] * n, *[good] * (5 - n), number="4"),
            student=f"s{n}",
        )
        for n in range(6)
    ]
    text = Page(class_html(samples.run(), reports)).text
    assert "−1.00" in text and "1.00" in text.replace("−1.00", "")
    assert "1.00" not in Page(class_html(samples.run(), reports[:4])).text


def test_means_are_over_those_who_were_scored() -> None:
    good, bad = samples.check(Verdict.PASSED), samples.check(Verdict.FAILED)
    fault = samples.check(Verdict.FAULT)
    reports = [
        samples.report(samples.problem(c), student=s)
        for c, s in ((good, "oak"), (bad, "elm"), (fault, "fir"))
    ]
    assert "1 of 2 50 %" in Page(class_html(samples.run(), reports)).text


def test_weak_isolation_is_stamped_on_both_pages() -> None:
    weak = replace(samples.one_of_each(), environment=replace(samples.ENVIRONMENT, isolation="L1"))
    assert "ISOLATION L1" in _student(weak).text
    assert "ISOLATION L1" in Page(class_html(samples.run(), [weak])).text
    assert "ISOLATION L1" in Page(class_html(samples.run(isolation="L1"), [])).text
    assert "ISOLATION" not in _student(samples.one_of_each()).text


def test_what_could_not_be_graded_is_listed() -> None:
    page = Page(class_html(samples.run(missing=("hw10/yew: nothing <in> it",)), []))
    assert "hw10/yew: nothing <in> it" in page.text and "No hand-in was graded." in page.text


def test_hostile_text_is_text_on_both_pages() -> None:
    hostile = samples.hostile()
    run = samples.run(
        missing=(samples.HOSTILE,), titles={samples.HOSTILE: samples.HOSTILE}, isolation=samples.HOSTILE
    )
    for text in (student_html(hostile, samples.HOSTILE), class_html(run, [hostile])):
        page = Page(text)
        assert {tag for tag, _ in page.tags}.isdisjoint({"img", "iframe"}) and len(page.all("script")) <= 1
        assert "<script>alert(1)</script>" in page.text and "{{ 7*7 }}" in page.text and "&lt;" in page.text
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
        assert len(text) < 150_000


def test_equal_records_give_equal_pages() -> None:
    reports = samples.class_of_hw10()
    assert class_html(samples.run(), reports) == class_html(samples.run(), reversed(reports))
    assert student_html(reports[0], "x") == student_html(samples.class_of_hw10()[0], "x")


def test_links_survive_names_that_urls_do_not() -> None:
    reports = [
        samples.report(samples.problem(samples.check(Verdict.PASSED)), student=s)
        for s in ("a b", "ü", "x?#%")
    ]
    links = {a["href"] for a in Page(class_html(samples.run(), reports)).all("a")}
    names = page_names(reports)
    assert "hw10/a%20b.html" in links and "hw10/%C3%BC.html" in links
    assert names["hw10", "a b"] == "hw10/a b"
