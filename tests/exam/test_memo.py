"""Expected values are computed once for all hand-ins, and no record shows whether they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.course import REFERENCE, VARIANTS, write_course, write_files, write_handins
from tests.support.graded import records

pytestmark = pytest.mark.usefixtures("one_processor")
TALLY = "return 2.0 * np.asarray(v)"
WRONG = REFERENCE.replace("return x * x", "return x * x + (x > 2)")
SINGLE = REFERENCE.replace("2.0 * np.asarray(v)", "(2.0 * np.asarray(v)).astype(np.float32)")


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_CACHE", "")


def test_the_reference_is_asked_once_and_records_stay_the_same(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    tally = tmp_path / "tally"
    counted = f"open({str(tally)!r}, 'a').write('x'); return 2.0 * np.asarray(v)"
    path = root / "reference" / "square.py"
    path.write_text(REFERENCE.replace("return 2.0 * np.asarray(v)", counted))
    write_handins(root, {"a": REFERENCE, "b": REFERENCE, "c": WRONG, "d": SINGLE})
    alone = records(root, ["a"])
    asked = tally.stat().st_size
    tally.unlink()
    together = records(root, ["a", "c"])  # too few for a rehearsal
    assert tally.stat().st_size == asked
    apart = {name: record for name in "abcd" for name, record in records(root, [name]).items()}
    assert together == {name: apart[name] for name in "ac"}
    assert alone["a"] == apart["a"]
    assert records(root) == apart


def test_known_slips_are_asked_once_for_all_wrong_hand_ins_with_the_same_answers(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    tally = tmp_path / "tally"
    counted = f"open({str(tally)!r}, 'a').write('x'); return 2 * x"
    path = root / "checks" / "variants" / "square.py"
    path.write_text(VARIANTS.replace("return 2 * x", counted))
    doubled = REFERENCE.replace("return x * x", "return 2 * x")
    write_handins(root, dict.fromkeys("abc", doubled))
    alone = records(root, ["a"])
    asked = tally.stat().st_size
    tally.unlink()
    together = records(root)
    assert asked <= tally.stat().st_size < 2 * asked
    assert "doubles instead of squaring" in together["c"]
    assert alone["a"] == together["a"]


TENSORS = '''
import torch

from grader import Topic, agree, cases, check, support

topic = Topic("tripled", source="a test", functions={"tripled(x, f)": "3 f(x) for a tensor x (n,), a tensor."})


@check()
@cases(dict(x=[1.0, 2.0]), dict(x=[0.5, 4.0]))
def check_tripled(student, reference, x):
    """Three times."""
    agree(student.tripled(torch.tensor(x), support(__file__, "curves").ship("cube")), reference.tripled)
'''


def test_expected_values_of_tensors_and_shipped_functions_are_kept_too(tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    solution = "def tripled(x, f):\n    return 3 * f(x)\n"
    sheet = 'title = "T"\n[[problem]]\nnumber = "1"\ntopic = "tripled"\ntitle = "T"\npoints = 1\n'
    write_files(
        tmp_path,
        {
            "checks/tripled.py": TENSORS,
            "checks/support/curves.py": "def cube(x):\n    return x**3\n",
            "checks/assignments/hw1.toml": sheet,
            "reference/tripled.py": solution.replace("return", f"open({str(tally)!r}, 'a').write('x'); return"),
        },
    )
    write_handins(tmp_path, {"a": solution, "c": solution.replace("3 * f", "2 * f")})
    alone = records(tmp_path, ["a"])
    asked = tally.stat().st_size
    tally.unlink()
    together = records(tmp_path)
    assert tally.stat().st_size == asked
    assert together["a"] == alone["a"]
    assert '"failed"' in together["c"]


def test_what_the_first_examiner_had_to_import_later_ones_find(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    tally = tmp_path / "tally"
    path = root / "checks" / "square.py"
    looked = f'''"""Squares two numbers."""
    import sys
    open({str(tally)!r}, "a").write(str(int("email.mime.audio" in sys.modules)))
    import email.mime.audio
'''
    path.write_text(path.read_text().replace('"""Squares two numbers."""\n', looked))
    write_handins(root, dict.fromkeys("ab", REFERENCE))
    records(root)
    assert tally.read_text() == "01" + "11"  # two examples each


def test_a_later_run_has_the_values_of_an_earlier_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "cache"))
    root = write_course(tmp_path)
    tally = tmp_path / "tally"
    path = root / "reference" / "square.py"
    path.write_text(REFERENCE.replace(TALLY, f"open({str(tally)!r}, 'a').write('x'); {TALLY}"))
    write_handins(root, {"a": REFERENCE, "b": WRONG})
    first = records(root)
    asked = tally.stat().st_size
    assert asked
    tally.unlink()
    assert records(root) == first
    assert not tally.exists()
    assert records(root, fresh=True) == first
    assert tally.stat().st_size == asked
    tally.unlink()
    path.write_text(path.read_text().replace("2.0 *", "3.0 *"))
    other = records(root)
    assert other != first
    asked = tally.stat().st_size
    tally.unlink()
    for kept in (tmp_path / "cache" / "values").iterdir():
        kept.write_bytes(kept.read_bytes()[:-1])
    assert records(root) == other
    assert tally.stat().st_size == asked
