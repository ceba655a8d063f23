"""Downloads of learning platforms, in the exact naming of each, with all that real classes put into them."""

from __future__ import annotations

import io
import json
import stat
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.intake import Collected, collect, discover, read_source
from grader.records import UserError

NAMES = [f"{first} {last}" for first in ("Ann", "Jürgen", "Zoë", "O'Neil", "李") for last in ("Müller", "van der Berg", "Smith", "D,Arc", "x", "Ng")]
CODE = b"def project(y, a):\n    return y\n"


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def canvas_name(name: str) -> str:
    first, last = name.split(" ", 1)
    return "".join(c for c in (last + first).lower() if c.isalnum())


def canvas() -> dict[str, bytes]:
    files = {f"{canvas_name(n)}_{100 + i}_{9000 + i}_solution.py": CODE + str(i).encode() for i, n in enumerate(NAMES)}
    late = f"{canvas_name(NAMES[0])}_100_9000_solution.py"
    files[late.replace("_100_", "_LATE_100_")] = files.pop(late)
    return files


def moodle() -> dict[str, bytes]:
    return {f"{n}_{5000 + i}_assignsubmission_file_/solution.py": CODE + str(i).encode() for i, n in enumerate(NAMES)}


def gradescope() -> dict[str, bytes]:
    files = {f"assignment_7_export/submission_{800 + i}/solution.py": CODE + str(i).encode() for i in range(len(NAMES))}
    rows = [
        f"submission_{800 + i}:\n  :submitters:\n  - :name: {json.dumps(n, ensure_ascii=False)}\n    :sid: '{3000 + i}'\n    :email: s{i}@x.edu\n"
        f"  :created_at: 2026-11-0{1 + i % 9} 10:00:00.000000000 Z\n  :score: 0.0\n  :history: []\n"
        for i, n in enumerate(NAMES)
    ]
    files["assignment_7_export/submission_metadata.yml"] = ("---\n" + "".join(rows)).encode()
    return files


def collected(tmp_path: Path, files: Mapping[str, bytes | str], name: str = "download.zip") -> tuple[Collected, Path]:
    download = tmp_path / name
    download.write_bytes(zipped(files))
    folder = tmp_path / "hw1"
    return collect(download, folder), folder


def everything(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def solution(folder: Path, number: int) -> bytes:
    (home,) = [p for p in folder.iterdir() if p.name.endswith(f"_{number}")]
    return (home / "solution.py").read_bytes()


@pytest.mark.parametrize(("files", "first", "platform"), [(canvas, 100, "canvas"), (moodle, 5000, "moodle"), (gradescope, 3000, "gradescope")])
def test_a_class_of_thirty_is_understood_and_a_second_call_changes_nothing(tmp_path: Path, files: object, first: int, platform: str) -> None:
    download = files()  # type: ignore[operator]
    result, folder = collected(tmp_path, download)
    assert (result.platform, len(result.new), result.remarks) == (platform, 30, [])
    assert all(solution(folder, first + i) == CODE + str(i).encode() for i in range(30))
    before = everything(folder)
    again, _ = collected(tmp_path, download)
    assert (len(again.unchanged), again.new, again.updated, again.remarks) == (30, [], [], [])
    assert everything(folder) == before
    assert len(discover(folder, ["hw1"]).handins) == 30


def test_late_marks_and_who_is_who_are_kept(tmp_path: Path) -> None:
    result, folder = collected(tmp_path, canvas())
    assert result.late == ["müllerann_100"]
    roster = json.loads((folder / ".collected.json").read_text())["students"]
    assert roster["müllerann_100"]["late"] is True
    assert roster["müllerjürgen_106"]["id"] == "106"
    (tmp_path / "g").mkdir()
    _, scope = collected(tmp_path / "g", gradescope())
    row = json.loads((scope / ".collected.json").read_text())["students"]["Ann Müller_3000"]
    assert (row["email"], row["submitted"]) == ("s0@x.edu", "2026-11-01T10:00:00+00:00")


def test_the_latest_hand_in_wins_and_all_are_kept(tmp_path: Path) -> None:
    files = {"doejane_7_100_solution.py": b"x = 1\n", "doejane_7_200_solution-1.py": b"x = 2\n", "doejane_7_201_part-1.py": b"", "doejane_7_202_part-2.py": b"y"}
    _, folder = collected(tmp_path, files)
    assert everything(folder / "doejane_7") == {"solution.py": b"x = 2\n", "part-1.py": b"", "part-2.py": b"y"}
    assert b"x = 1\n" in everything(folder / ".earlier").values()
    result, _ = collected(tmp_path, {"doejane_7_300_solution-2.py": b"x = 3\n"}, "again.zip")
    assert result.updated == ["doejane_7"]
    assert everything(folder / "doejane_7") == {"solution.py": b"x = 3\n"}
    assert b"x = 2\n" in everything(folder / ".earlier").values()
    back, _ = collected(tmp_path, files)
    assert back.unchanged == ["doejane_7"]
    assert everything(folder / "doejane_7") == {"solution.py": b"x = 3\n"}


def test_the_last_of_several_gradescope_submissions_counts(tmp_path: Path) -> None:
    person = "  :submitters:\n  - {':name': Ann, ':sid': '1'}\n  - {':name': Bob, ':sid': '2'}\n"
    files = {
        "submission_metadata.yml": f"submission_2:\n{person}  :created_at: 2026-01-02 00:00:00 Z\nsubmission_10:\n{person}  :created_at: 2026-01-01 00:00:00 Z\n",
        "submission_2/a.py": b"new",
        "submission_10/a.py": b"old",
        "submission_77/a.py": b"whose?",
    }
    result, folder = collected(tmp_path, files)
    assert (folder / "Ann_1/a.py").read_bytes() == (folder / "Bob_2/a.py").read_bytes() == b"new"
    assert b"old" in everything(folder / ".earlier").values()
    assert (folder / "submission_77/a.py").read_bytes() == b"whose?"
    assert any("does not say whose" in remark for remark in result.remarks)


def test_a_folder_changed_by_hand_is_never_overwritten(tmp_path: Path) -> None:
    _, folder = collected(tmp_path, {"doejane_7_100_solution.py": b"x = 1\n"})
    (folder / "doejane_7/solution.py").write_bytes(b"x = 1  # mended by the instructor\n")
    result, _ = collected(tmp_path, {"doejane_7_300_solution.py": b"x = 3\n"}, "again.zip")
    assert (folder / "doejane_7/solution.py").read_bytes() == b"x = 1  # mended by the instructor\n"
    assert b"x = 3\n" in everything(folder / ".earlier").values()
    assert "changed by hand" in result.remarks[0]


def test_archives_in_archives_are_opened(tmp_path: Path) -> None:
    inner = zipped({"hw/solution.py": CODE, "hw/data.csv": "1,2\n", "__MACOSX/hw/._solution.py": "x", "hw/.DS_Store": "x"})
    outer = zipped({"everything/hw.zip": inner})
    _, folder = collected(tmp_path, {"doejane_7_100_hw.zip": outer})
    assert everything(folder / "doejane_7") == {"solution.py": CODE, "data.csv": b"1,2\n"}
    assert read_source(folder / "doejane_7").modules == ("solution.py",)


def test_hostile_archives_leave_nothing_outside_and_lose_nothing(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("solution.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("../../escape.py", "x")
        archive.writestr("/abs.py", "x")
        archive.writestr("C:\\windows.py", "x")
        archive.writestr("ok.py", CODE)
        archive.writestr("OK.py", b"other")
        archive.writestr("what?.py", b"q")
    bomb = zipped({"zeros": bytes(300 << 20)})
    files = {
        "a_1_1_hw.zip": buffer.getvalue(),
        "b_2_2_bomb.zip": bomb,
        "c_3_3_broken.zip": b"PK\x03\x04 no",
        "../../d_4_4_solution.py": CODE,
        "notes.txt": "who is this?",
    }
    result, folder = collected(tmp_path, files)
    kept = {"escape.py": b"x", "abs.py": b"x", "windows.py": b"x"}
    assert everything(folder / "a_1") == {"ok.py": CODE, "OK-2.py": b"other", "what_.py": b"q"} | kept
    assert everything(folder / "d_4") == {"solution.py": CODE}
    assert list(everything(folder / "b_2")) == ["bomb.zip"]
    assert everything(folder / "c_3") == {"broken.zip": b"PK\x03\x04 no"}
    assert everything(folder / ".not_understood") == {"notes.txt": b"who is this?"}
    assert not (tmp_path.parent / "escape.py").exists()
    text = "\n".join(result.remarks)
    for words in ("symbolic link", "leaves the archive", "unpacks to more than", "cannot be opened", "notes.txt: belongs to no submission", "OK-2.py"):
        assert words in text, text


def test_moodle_names_flat_and_in_folders(tmp_path: Path) -> None:
    files = {
        "Ann B_1_assignsubmission_file_solution.py": CODE,
        "Ann B_1_assignsubmission_onlinetext_onlinetext.html": "<p>hello</p>",
        "Bob C_2_assignsubmission_file/sub/solution.py": CODE,
        "Participant 9_3_assignsubmission_file_/a.py": CODE,
    }
    result, folder = collected(tmp_path, files)
    assert result.remarks == []
    assert everything(folder / "Ann B_1") == {"solution.py": CODE, "online_text.html": b"<p>hello</p>"}
    assert everything(folder / "Bob C_2") == {"solution.py": CODE}
    assert everything(folder / "Participant 9_3") == {"a.py": CODE}


def test_what_is_no_download_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"not a zip")
    with pytest.raises(UserError, match="neither a zip file nor a folder"):
        collect(tmp_path / "x.zip", tmp_path / "hw1")
    (tmp_path / "empty.zip").write_bytes(zipped({}))
    with pytest.raises(UserError, match="holds no files"):
        collect(tmp_path / "empty.zip", tmp_path / "hw1")
    result, folder = collected(tmp_path, {"a.py": CODE, "b/c.txt": "x"})
    assert len(result.remarks) == 3
    assert everything(folder / ".not_understood") == {"a.py": CODE, "b_c.txt": b"x"}
    (folder / ".collected.json").write_text("{")
    with pytest.raises(UserError, match="damaged"):
        collected(tmp_path, canvas())


def locked(content: bytes) -> bytes:
    """A zip that asks for a password."""
    made = bytearray(content)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[made.find(mark) + place] |= 1
    return bytes(made)


PEOPLE = [
    unicodedata.normalize("NFC", "Zoë Müller"), unicodedata.normalize("NFD", "Zoë Müller"), "Ann Smith", "Ann Smith", "Ann Smith_LATE",
    "de la Cruz, María", "李 明", "x", "A" * 300, "名" * 120, "..", "CON", "Nul.", " lead", "=1+1|x", "LATE Comer", "Jean-Luc O'Neil",
    *(f"Ordinary Person{i}" for i in range(13)),
]  # fmt: skip
MESSY = (0, 3, 8)
"""Those of them who hand in everything below, and not one file."""
OPENED = {"nested.zip": b"three deep\n", "paths.zip": b"by its whole path\n"}
CAREFUL = {
    "solution.py": CODE,
    "Solution.py": b"other case\n",
    "CON": b"device 1\n",
    "nul.py": b"device 2\n",
    "a" * 300 + ".py": b"long\n",
    "back\\slash.py": b"stroke\n",
    "trailing. ": b"dot\n",
    "tab\tname.py": b"tab\n",
    unicodedata.normalize("NFC", "ü.py"): b"composed\n",
    unicodedata.normalize("NFD", "ü.py"): b"decomposed\n",
    "日本😀.py": b"far\n",
    "empty.py": b"",
    "hw.rar": b"Rar!",
    "hw.7z": b"7z",
    "hw.tar.gz": b"gz",
    "password.zip": locked(zipped({"solution.py": CODE})),
    "broken.zip": b"PK\x03\x04 no",
}
LITTER = {".DS_Store": b"litter", "._solution.py": b"litter", "Thumbs.db": b"litter", "__MACOSX/._x": b"litter"}


def files_of(number: int) -> dict[str, bytes]:
    if number not in MESSY:
        return {"solution.py": CODE + str(number).encode()}
    deep = zipped({"a/hw.zip": zipped({"b/hw.zip": zipped({"c/solution.py": OPENED["nested.zip"]})})})
    paths = zipped({"/home/me/hw/solution.py": OPENED["paths.zip"], "C:\\hw\\b.py": b"drive\n", "../../c.py": b"out\n"})
    return {**CAREFUL, **LITTER, "nested.zip": deep, "paths.zip": paths}


def messy_class(platform: str) -> dict[str, bytes]:
    """What thirty students handed in, as the platform's download has it."""
    found, number, rows = {}, 9000, "---\n"
    for i, name in enumerate(PEOPLE):
        composed = unicodedata.normalize("NFC", name).lower()
        short = "".join(c for c in composed if c.isalnum()) or "noname"
        rows += f"submission_{800 + i}:\n  :submitters:\n  - :name: {json.dumps(name)}\n    :sid: '{3000 + i}'\n    :email: s{i}@x.edu\n"
        rows += "  :created_at: 2026-11-01 10:00:00.000000000 Z\n"
        for file, content in files_of(i).items():
            number += 1
            prefix = {
                "canvas": f"{short}{'_LATE' if i % 4 == 1 else ''}_{100 + i}_{number}_",
                "moodle": f"{name}_{5000 + i}_assignsubmission_file_/",
                "gradescope": f"assignment_7_export/submission_{800 + i}/",
            }[platform]
            found[prefix + file] = content
    if platform == "moodle":
        found["Empty Person_7777_assignsubmission_file_/"] = b""
    if platform == "gradescope":
        found["assignment_7_export/submission_metadata.yml"] = rows.encode()
    return found


@pytest.mark.parametrize("platform", ["canvas", "moodle", "gradescope"])
def test_of_thirty_messy_hand_ins_nothing_is_lost_and_nothing_unsaid(tmp_path: Path, platform: str) -> None:
    files = messy_class(platform)
    result, folder = collected(tmp_path, files)
    assert (result.platform, len(result.new)) == (platform, 30)
    assert len(discover(folder, ["hw1"]).handins) == 30
    there = everything(folder)
    first = {"canvas": 100, "moodle": 5000, "gradescope": 3000}[platform]
    for number in range(30):
        homes = [p for p in folder.iterdir() if p.name.endswith(str(first + number))]
        assert len(homes) == 1, number
        kept = {p.read_bytes() for p in homes[0].rglob("*") if p.is_file()}
        wanted = {*CAREFUL.values(), *OPENED.values(), b"drive\n", b"out\n"} if number in MESSY else set(files_of(number).values())
        assert wanted - kept == set(), number
        assert (homes[0] / "solution.py").read_bytes().startswith(CODE)
    assert b"litter" not in there.values()
    assert all(len(part.encode()) <= 255 for path in there for part in path.split("/"))
    said = "\n".join(result.remarks)
    for words in ("password.zip: kept", "broken.zip: kept", "hw.rar: kept", "hw.7z: kept", "hw.tar.gz: kept", "leaves the archive"):
        assert said.count(words) >= len(MESSY), words
    assert platform != "moodle" or "Empty Person_7777_assignsubmission_file_: an empty folder" in said
    again, _ = collected(tmp_path, files)
    assert (len(again.unchanged), again.new, again.updated) == (30, [], [])
    assert everything(folder) == there


def test_one_student_under_two_spellings_is_one(tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, "Zoë") for form in ("NFC", "NFD")]
    rows = "".join(
        f"submission_{n}:\n  :submitters:\n  - {{':name': {json.dumps(name)}, ':sid': '1'}}\n  :created_at: 2026-01-0{n} 00:00:00 Z\n"
        for n, name in enumerate([*names, "zoe"], 1)
    )
    files = {"submission_metadata.yml": rows, **{f"submission_{n}/a.py": str(n) for n in (1, 2, 3)}}
    result, folder = collected(tmp_path, files)
    assert result.new == ["zoe_1"]
    assert (folder / "zoe_1/a.py").read_text() == "3"
    before = everything(folder)
    again, _ = collected(tmp_path, files)
    assert again.unchanged == ["zoe_1"]
    assert everything(folder) == before


def test_canvas_names_without_names_and_without_files_are_understood(tmp_path: Path) -> None:
    files = {
        "anon_aB3xZ_9990_solution.py": CODE,
        "LATE_anon_Qq1Rr_9991_solution.py": CODE,
        "anon_12345_9992_my_hw_2_final.py": CODE,
        "anon_zzzzz_text.html": "<p>typed</p>",
        "doejane_83_link.html": "<a>elsewhere</a>",
        "doejane_LATE_84_link.html": "<a>late</a>",
    }
    result, folder = collected(tmp_path, files)
    assert (result.platform, result.remarks, result.late) == ("canvas", [], ["anon_Qq1Rr", "doejane_84"])
    assert everything(folder / "anon_aB3xZ") == everything(folder / "anon_Qq1Rr") == {"solution.py": CODE}
    assert everything(folder / "anon_12345") == {"my_hw_2_final.py": CODE}
    assert everything(folder / "anon_zzzzz") == {"online_text.html": b"<p>typed</p>"}
    assert everything(folder / "doejane_83") == {"online_link.html": b"<a>elsewhere</a>"}


def test_gradescope_metadata_is_read_whatever_ruby_wrote_into_it(tmp_path: Path) -> None:
    rows = """---
submission_1: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
  :submitters:
  - :name: Ann
    :sid: 007
    :email:
  :created_at: 2026-01-02 00:00:00.000000000 Z
  :score: !ruby/object:BigDecimal 18:0.1e1
submission_2:
  :submitters:
  - :name: yes
    :sid: 1e3
  - :name: [odd, [list]]
    :sid: ~
    :email: bob@x
  :lateness: 0:10:00
"""
    files = {"submission_metadata.yml": rows, "submission_1/a.py": "1", "submission_2/a.py": "2"}
    result, folder = collected(tmp_path, files)
    assert (result.new, result.remarks) == (["Ann_007", "bob@x", "yes_1e3"], [])
    assert result.late == ["bob@x", "yes_1e3"]
    roster = json.loads((folder / ".collected.json").read_text())["students"]
    assert roster["Ann_007"]["submitted"] == "2026-01-02T00:00:00+00:00"


def test_gradescope_metadata_that_cannot_be_read_is_kept_aside(tmp_path: Path) -> None:
    result, folder = collected(tmp_path, {"x/submission_metadata.yml": "a: [", "x/submission_1/a.py": "1"})
    assert everything(folder / "submission_1") == {"a.py": b"1"}
    assert everything(folder / ".not_understood") == {"x_submission_metadata.yml": b"a: ["}
    assert "cannot be read" in result.remarks[0]


def test_a_file_below_what_is_a_file_already_is_kept_all_the_same(tmp_path: Path) -> None:
    archive = zipped({"solution.py": CODE, "solution.py/data.csv": "1", "SOLUTION.PY/more.csv": "2", "..": "3"})
    result, folder = collected(tmp_path, {"doejane_7_100_hw.zip": archive})
    kept = {"solution.py": CODE, "solution-2.py/data.csv": b"1", "SOLUTION-2.PY/more.csv": b"2", "unnamed": b"3"}
    assert everything(folder / "doejane_7") == kept
    assert len(result.remarks) == 3
