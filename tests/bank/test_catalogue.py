"""The page of problems is what the bank says."""

from __future__ import annotations

from pathlib import Path

from grader.bank import find_course, problems_page
from tests.support.course import write_course

ROOT = Path(__file__).parents[2]


def test_a_page_names_functions_checks_points_and_what_a_person_marks(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    sheet = root / "checks/assignments/hw1.toml"
    sheet.write_text(sheet.read_text() + "rubric = [{ points = 2, text = 'Says why | how' }]\nwriteup = 3\n")
    page = problems_page(find_course(root / "checks", root))
    for line in (
        "### 1 Squares (15 points)",
        "- `square(x)`: x squared, a number.",
        "| Squares two numbers | example | 2 |",
        "| Larger numbers too * | property | 1 |",
        "- Says why \\| how (2)",
        "Written derivation: 3 points.",
    ):
        assert line in page, page


def test_the_page_of_this_repository_is_up_to_date() -> None:
    """Make it again: `grader problems -o docs/problems.md`."""
    assert (ROOT / "docs/problems.md").read_text(encoding="utf-8") == problems_page(find_course(ROOT))
