"""System call numbers of the architectures that the lock-down supports.

Source: Linux `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h` (used by aarch64).
A call that an architecture does not have stands as `-`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from grader.sandbox._level import LockError

# From here on the numbers are the same on every architecture, and older C libraries do not know the calls.
FIRST_COMMON = 424


@dataclass(frozen=True)
class Architecture:
    """One machine type as seccomp names it."""

    machine: str  # as `os.uname().machine` says
    audit: int  # AUDIT_ARCH_* of linux/audit.h, what a filter compares
    numbers: Mapping[str, int]  # name of a call -> its number; calls the machine lacks are absent
    x32_bit: int | None  # the bit that marks calls of the x32 interface, where there is one


def architecture(machine: str) -> Architecture:
    """Give the call table of `machine`; LockError where there is none (an unknown table would lock nothing)."""
    columns = {"x86_64": (1, 0xC000003E, 0x40000000), "aarch64": (2, 0xC00000B7, None)}
    if machine not in columns:
        raise LockError(
            f"no system call table for machine type {machine!r}: level L2 needs x86_64 or aarch64"
        )
    column, audit, x32_bit = columns[machine]
    rows = (line.split() for line in _TABLE.strip().splitlines())
    numbers = {row[0]: int(row[column]) for row in rows if row[column] != "-"}
    return Architecture(machine, audit, MappingProxyType(numbers), x32_bit)


# name, x86_64, aarch64
_TABLE = """
read 0 63
write 1 64
readv 19 65
writev 20 66
pread64 17 67
pwrite64 18 68
preadv 295 69
pwritev 296 70
preadv2 327 286
pwritev2 328 287
lseek 8 62
close 3 57
close_range 436 436
open 2 -
creat 85 -
openat 257 56
stat 4 -
fstat 5 80
lstat 6 -
newfstatat 262 79
statx 332 291
access 21 -
faccessat 269 48
faccessat2 439 439
readlink 89 -
readlinkat 267 78
getdents 78 -
getdents64 217 61
getcwd 79 17
chdir 80 49
fchdir 81 50
mkdir 83 -
mkdirat 258 34
rmdir 84 -
unlink 87 -
unlinkat 263 35
rename 82 -
renameat 264 38
renameat2 316 276
ftruncate 77 46
fallocate 285 47
fsync 74 82
fdatasync 75 83
sync_file_range 277 84
fadvise64 221 223
readahead 187 213
copy_file_range 326 285
sendfile 40 71
dup 32 23
dup2 33 -
dup3 292 24
pipe 22 -
pipe2 293 59
fcntl 72 25
ioctl 16 29
statfs 137 43
fstatfs 138 44
umask 95 166
getxattr 191 8
lgetxattr 192 9
fgetxattr 193 10
listxattr 194 11
llistxattr 195 12
flistxattr 196 13
select 23 -
pselect6 270 72
poll 7 -
ppoll 271 73
epoll_create 213 -
epoll_create1 291 20
epoll_wait 232 -
epoll_pwait 281 22
epoll_ctl 233 21
eventfd 284 -
eventfd2 290 19
socketpair 53 199
sendto 44 206
recvfrom 45 207
getsockname 51 204
getpeername 52 205
getsockopt 55 209
shutdown 48 210
mmap 9 222
munmap 11 215
mremap 25 216
mprotect 10 226
madvise 28 233
brk 12 214
msync 26 227
membarrier 324 283
get_mempolicy 239 236
clone 56 220
futex 202 98
set_robust_list 273 99
rseq 334 293
set_tid_address 218 96
gettid 186 178
getpid 39 172
getppid 110 173
sched_yield 24 124
sched_getaffinity 204 123
sched_setaffinity 203 122
sched_getparam 143 121
sched_getscheduler 145 120
sched_get_priority_max 146 125
sched_get_priority_min 147 126
getpriority 140 141
getcpu 309 168
rt_sigaction 13 134
rt_sigprocmask 14 135
rt_sigreturn 15 139
rt_sigtimedwait 128 137
rt_sigpending 127 136
rt_sigsuspend 130 133
sigaltstack 131 132
pause 34 -
alarm 37 -
setitimer 38 103
getitimer 36 102
kill 62 129
tkill 200 130
tgkill 234 131
restart_syscall 219 128
wait4 61 260
waitid 247 95
exit 60 93
exit_group 231 94
clock_gettime 228 113
clock_getres 229 114
clock_nanosleep 230 115
nanosleep 35 101
gettimeofday 96 169
time 201 -
times 100 153
getrusage 98 165
getuid 102 174
geteuid 107 175
getgid 104 176
getegid 108 177
getgroups 115 158
getresuid 118 148
getresgid 120 150
getpgrp 111 -
getpgid 121 155
getsid 124 156
capget 125 90
uname 63 160
sysinfo 99 179
getrandom 318 278
arch_prctl 158 -
prctl 157 167
getrlimit 97 163
prlimit64 302 261
ptrace 101 117
process_vm_writev 311 271
kexec_load 246 104
kexec_file_load 320 294
init_module 175 105
finit_module 313 273
delete_module 176 106
reboot 169 142
swapon 167 224
swapoff 168 225
mount 165 40
umount2 166 39
pivot_root 155 41
unshare 272 97
mount_setattr 442 442
capset 126 91
seccomp 317 277
landlock_create_ruleset 444 444
landlock_add_rule 445 445
landlock_restrict_self 446 446
"""
