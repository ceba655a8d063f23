"""What can be asked: topics, their checks and variants, assignments, the course folder that holds them.

Imports `records` only. Promises: reading a course runs the instructor's files and nothing else, and the
same check gives the same corpus on every machine with the same versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader._lazy import lazy

if TYPE_CHECKING:
    from grader.bank._assignment import Assignment as Assignment
    from grader.bank._assignment import Criterion as Criterion
    from grader.bank._assignment import Problem as Problem
    from grader.bank._assignment import read_assignment as read_assignment
    from grader.bank._catalogue import problems_page as problems_page
    from grader.bank._check import RNG as RNG
    from grader.bank._check import CheckSpec as CheckSpec
    from grader.bank._check import Rng as Rng
    from grader.bank._check import Row as Row
    from grader.bank._check import cases as cases
    from grader.bank._check import check as check
    from grader.bank._check import check_spec as check_spec
    from grader.bank._check import forall as forall
    from grader.bank._corpus import Corpora as Corpora
    from grader.bank._corpus import Trail as Trail
    from grader.bank._corpus import corpus as corpus
    from grader.bank._corpus import smallest as smallest
    from grader.bank._course import Course as Course
    from grader.bank._course import find_course as find_course
    from grader.bank._freeze import freeze as freeze
    from grader.bank._freeze import thaw as thaw
    from grader.bank._kit import KIT_SCHEMA as KIT_SCHEMA
    from grader.bank._kit import STAMP as STAMP
    from grader.bank._kit import KitStamp as KitStamp
    from grader.bank._kit import digest_of as digest_of
    from grader.bank._kit import public_notation as public_notation
    from grader.bank._kit import public_sheet as public_sheet
    from grader.bank._kit import read_stamp as read_stamp
    from grader.bank._public_checks import public_checks as public_checks
    from grader.bank._scaffold import new_course as new_course
    from grader.bank._scaffold import new_topic as new_topic
    from grader.bank._support import Shipped as Shipped
    from grader.bank._support import Support as Support
    from grader.bank._support import support as support
    from grader.bank._topic import Function as Function
    from grader.bank._topic import Topic as Topic
    from grader.bank._variants import Variant as Variant
    from grader.bank._variants import right as right
    from grader.bank._variants import slip as slip

__all__ = [
    "KIT_SCHEMA",
    "RNG",
    "STAMP",
    "Assignment",
    "CheckSpec",
    "Corpora",
    "Course",
    "Criterion",
    "Function",
    "KitStamp",
    "Problem",
    "Rng",
    "Row",
    "Shipped",
    "Support",
    "Topic",
    "Trail",
    "Variant",
    "cases",
    "check",
    "check_spec",
    "corpus",
    "digest_of",
    "find_course",
    "forall",
    "freeze",
    "new_course",
    "new_topic",
    "problems_page",
    "public_checks",
    "public_notation",
    "public_sheet",
    "read_assignment",
    "read_stamp",
    "right",
    "slip",
    "smallest",
    "support",
    "thaw",
]

_PLACES = {
    "Assignment": "grader.bank._assignment",
    "Criterion": "grader.bank._assignment",
    "Problem": "grader.bank._assignment",
    "read_assignment": "grader.bank._assignment",
    "CheckSpec": "grader.bank._check",
    "RNG": "grader.bank._check",
    "Rng": "grader.bank._check",
    "Row": "grader.bank._check",
    "cases": "grader.bank._check",
    "check": "grader.bank._check",
    "check_spec": "grader.bank._check",
    "forall": "grader.bank._check",
    "Corpora": "grader.bank._corpus",
    "corpus": "grader.bank._corpus",
    "Trail": "grader.bank._corpus",
    "smallest": "grader.bank._corpus",
    "Course": "grader.bank._course",
    "find_course": "grader.bank._course",
    "problems_page": "grader.bank._catalogue",
    "new_course": "grader.bank._scaffold",
    "new_topic": "grader.bank._scaffold",
    "Shipped": "grader.bank._support",
    "Support": "grader.bank._support",
    "support": "grader.bank._support",
    "KIT_SCHEMA": "grader.bank._kit",
    "STAMP": "grader.bank._kit",
    "KitStamp": "grader.bank._kit",
    "digest_of": "grader.bank._kit",
    "public_notation": "grader.bank._kit",
    "public_sheet": "grader.bank._kit",
    "read_stamp": "grader.bank._kit",
    "public_checks": "grader.bank._public_checks",
    "freeze": "grader.bank._freeze",
    "thaw": "grader.bank._freeze",
    "Function": "grader.bank._topic",
    "Topic": "grader.bank._topic",
    "Variant": "grader.bank._variants",
    "right": "grader.bank._variants",
    "slip": "grader.bank._variants",
}

__getattr__ = lazy(__name__, _PLACES)
