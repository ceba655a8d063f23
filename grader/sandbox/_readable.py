"""Which paths a worker may read: the interpreter, its libraries, fonts and time zones; never `sys.path`.

An editable install puts the folder of a project on `sys.path`, and that folder may hold checks and references.
"""

import os
import site
import stat
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_SYSTEM = (
    *("/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64", "/usr/local/lib"),
    *("/etc/ld.so.cache", "/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/zoneinfo"),
)
_PREFIX_PARTS = ("lib", "lib64", "share/zoneinfo")


@dataclass(frozen=True)
class Layout:
    """Readable paths as they appear in the file system.

    `real` are absolute paths free of symbolic links, none below another; `links` pairs each symbolic link on
    the way to them, that none of them contains, with its target.
    """

    real: tuple[str, ...]
    links: tuple[tuple[str, str], ...]

    def exposes(self, path: str) -> bool:
        """Tell whether a worker could read `path` (a file or directory), or something below it."""
        wanted = os.path.realpath(path)
        return any(is_below(wanted, root) or is_below(root, wanted) for root in self.real)


def is_below(path: str, root: str) -> bool:
    """Tell whether the absolute `path` is `root` or lies below it, by name."""
    return path == root or path.startswith(root.rstrip("/") + "/")


def default_paths() -> tuple[str, ...]:
    """List the existing paths that Python and its libraries need, as they are named (links unresolved)."""
    installed = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    prefixes = dict.fromkeys((sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix))
    libraries = [str(Path(prefix, part)) for prefix in prefixes for part in _PREFIX_PARTS]
    candidates = dict.fromkeys((*installed, *site.getsitepackages(), *libraries, *_SYSTEM))
    return tuple(path for path in candidates if os.access(path, os.R_OK))


def devices() -> tuple[str, ...]:
    """List the harmless devices that this machine has."""
    return tuple(path for path in _DEVICES if Path(path).is_char_device())


def layout(paths: Iterable[str]) -> Layout:
    """Resolve `paths`: where each really lies, and every symbolic link that leads there.

    The dynamic loader and Python open files by the names they were configured with, so a new root needs the links
    as well. Paths that do not exist are left out.
    """
    links: dict[str, str] = {}
    present = [path for path in paths if Path(path).exists()]
    for path in present:
        _collect_links(Path(path).absolute(), links)
    roots = _outermost(os.path.realpath(path) for path in present)
    outside = {link: to for link, to in links.items() if not any(is_below(link, root) for root in roots)}
    return Layout(roots, tuple(outside.items()))


def loaded_files() -> tuple[str, ...]:
    """List the files of all modules loaded in this process."""
    folders: dict[str, str] = {}  # a few hundred for thousands of files
    found = []
    for module in tuple(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or not os.path.exists(file):  # noqa: PTH110 - as below
            continue
        folder, name = os.path.split(file)
        if folder not in folders:
            folders[folder] = os.path.realpath(folder)
        path = os.path.join(folders[folder], name)  # noqa: PTH118
        found.append(os.path.realpath(path) if os.path.islink(path) else path)  # noqa: PTH114
    return tuple(found)


def unreadable(readable: Layout, samples: Sequence[str], *, owner: int | None) -> str | None:
    """Give a path that stands in the way of a process without capabilities, or None.

    Looked at are those of `samples` (real paths of files) that lie below `readable`, and the directories they lie
    in, which an import lists. `owner` is the user id of that process, and the mode bits of every directory from `/`
    on count; None stands for a stranger in a root of its own, where only what lies inside the mounted paths
    counts. Groups and access control lists are not considered.
    """
    seen: set[str] = set()
    for sample in samples:
        root = next((root for root in readable.real if is_below(sample, root)), None)
        if root is None:
            continue
        if not _permits(sample, 0o4, owner):
            return sample
        # Above a folder that was seen, all were: the walk to `root`, and to `/`, was made for it.
        place = os.path.dirname(sample)  # noqa: PTH120 - thousands of paths, and pathlib takes 20 times as long
        while place not in seen and (owner is not None or is_below(place, root)):
            seen.add(place)
            if not _permits(place, 0o5 if is_below(place, root) else 0o1, owner):
                return place
            place = os.path.dirname(place)  # noqa: PTH120
    return None


def _permits(path: str, needed: int, owner: int | None) -> bool:
    state = os.stat(path)  # noqa: PTH116
    shift = 6 if owner is not None and state.st_uid == owner else 0
    return (stat.S_IMODE(state.st_mode) >> shift) & needed == needed


def _collect_links(path: Path, links: dict[str, str]) -> None:
    """Walk `path` from the root; note each symbolic link met and go on where it points."""
    rest = list(path.parts[1:])
    done = Path("/")
    while rest:
        part = rest.pop(0)
        step = done.parent if part == ".." else done / part
        if not step.is_symlink():
            done = step
            continue
        target = step.readlink()
        links.setdefault(str(step), str(target))
        rest = [*target.parts[1 if target.is_absolute() else 0 :], *rest]
        done = Path("/") if target.is_absolute() else done


def _outermost(paths: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not any(is_below(path, root) for root in kept):
            kept.append(path)
    return tuple(kept)
