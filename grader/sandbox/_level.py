"""The levels of isolation and the error of a lock that could not be applied."""

from enum import IntEnum


class LockError(Exception):
    """The lock-down could not be applied in full; the message is one line that names the step and the cause.

    Whoever catches it in the child must end the child: a process that is locked half is not locked.
    """


class Level(IntEnum):
    """How well a worker is held; a higher level keeps every promise of the lower ones.

    L1: a process of its own with limits on memory, CPU time, file size and threads, and no inherited descriptors.
        It cannot forge a verdict from inside Python, but runs with the rights of the user who started it.
    L2: Linux, no privilege needed. It reads only the interpreter and its libraries, writes only its scratch
        directory, and has no sockets, no child processes, no new programs and no signals to others.
        What remains: names, sizes and times of files elsewhere can be asked for, and the disk that holds the
        scratch directory is shared.
    L3: everything else on the machine does not exist for it: a root of its own in which only the libraries
        are mounted, read-only; a scratch directory in memory with a size and a file count; no network
        devices; and, when started by root, a user of its own.
    """

    L1 = 1
    L2 = 2
    L3 = 3
