"""The libraries that this grader runs with, as a constraints file for others."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution

_HEAD = "# The versions that this was made with: install with `pip install -c constraints.txt`.\n"


def constraints() -> str:
    """A line `name==version` for everything that the installed grader needs, in order of names; extras are left out."""
    from packaging.requirements import Requirement  # no other command needs these
    from packaging.utils import canonicalize_name

    found: dict[str, str] = {}
    waiting = ["grader"]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue  # for another platform
        found[name] = package.version.partition("+")[0]
        for text in package.requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(needed.name)
    lines = [f"{name}=={version}\n" for name, version in sorted(found.items()) if name != "grader"]
    return _HEAD + "".join(lines)
