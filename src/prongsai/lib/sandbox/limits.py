"""What the child takes from itself before it touches an input.

| | Linux with libseccomp | Linux without | elsewhere |
|---|---|---|---|
| processor time, wall time, size of the answer, open files, no core file | yes | yes | yes |
| memory | yes | yes | where the system counts address space |
| writes no file | by system call, folder and size | by folder and size | by size |
| reads only Python's libraries and its input | Landlock (Linux 5.13) | Landlock | no |
| no network, no other process, no other system call than some seventy | yes | TCP by Landlock (Linux 6.7) | no |
| no signal to another process | yes | Landlock (Linux 6.12) | no |

libseccomp is called through ctypes: its Python binding is built with the system's own Python alone, and the one on the
package index has had no release for years. Five functions are used; the rules, and the numbers of system calls on each
kind of processor, are the library's.
"""

import ctypes
import math
import os
import resource
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_OPEN_FILES = 64
_NICER = 5  # than the pages that are served meanwhile
# of the environment of whoever forks a child: a library that began threads before has none after, and may start none
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Limits:
    """``seconds`` of processor time, which :func:`allow_until` extends up to ``max_seconds``; ``wall`` seconds on the
    clock; bytes of address space; bytes of the answer."""

    seconds: int = 4
    max_seconds: int = 4
    wall: float = 30
    memory: int = 800_000_000
    answer: int = 64_000_000


_is_child = False
_base = Limits.seconds


def allow_until(seconds: float) -> None:
    """In the child: this much processor time in all, within ``max_seconds``; elsewhere nothing happens. A reader of
    something long says so as it goes on, so that no piece takes the time of all the others."""
    if not _is_child:
        return
    soft, most = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = min(math.ceil(seconds), most)
    if wanted > soft:
        resource.setrlimit(resource.RLIMIT_CPU, (wanted, most))


def base_seconds() -> float:
    """The processor time that a child has before it shows how it gets on: ``Limits.seconds`` of the call, or what is
    left of an Allowance. What it earns by reading comes on top."""
    return _base


def describe_protection() -> dict[str, bool]:
    """Which protections this machine gives: ``limits``, ``system_calls``, ``files``, ``network``."""
    protection = Protection()
    return {
        "limits": True,
        "system_calls": protection.filter is not None,
        "files": protection.landlock_version > 0,
        "network": protection.filter is not None or protection.landlock_version >= _TCP_VERSION,
    }


def keep_only(descriptors: Iterable[int]) -> None:
    """Close every other file; the three standard ones lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)
    needed = {0, 1, 2, *descriptors}
    try:
        opened = set(map(int, os.listdir("/dev/fd")))  # counting through all that are possible takes milliseconds
    except OSError:
        opened = set(range(resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
    for descriptor in opened - needed:
        with suppress(OSError):  # the list itself
            os.close(descriptor)


class Protection:
    """The filter of system calls and the folders that may be read, ready to be applied in a child."""

    def __init__(self) -> None:
        self._libc: Any = None
        self.landlock_version = 0
        self.filter: Callable[[], None] | None = None
        if sys.platform == "linux":
            self._libc = ctypes.CDLL(None, use_errno=True)
            self.landlock_version = max(self._libc.syscall(_LANDLOCK_CREATE, None, 0, 1), 0)
            self.filter = _build_filter()

    def apply(self, limits: Limits, parent: int) -> None:
        """In the child, which cannot undo it. ``parent`` is the process whose end ends it."""
        global _is_child, _base
        _is_child, _base = True, limits.seconds
        for kind, soft, hard in (
            (resource.RLIMIT_AS, limits.memory, limits.memory),
            (resource.RLIMIT_CPU, limits.seconds, max(limits.seconds, limits.max_seconds)),
            (resource.RLIMIT_FSIZE, 0, 0),
            (resource.RLIMIT_CORE, 0, 0),
            (resource.RLIMIT_NOFILE, MAX_OPEN_FILES, MAX_OPEN_FILES),
        ):
            with suppress(ValueError, OSError):  # where the system has a lower one already
                resource.setrlimit(kind, (soft, hard))
        with suppress(OSError):
            os.nice(_NICER)
        if self._libc is None:
            return
        self._libc.prctl(_SET_PARENT_DEATH_SIGNAL, 9, 0, 0, 0)
        if os.getppid() != parent:  # it ended before this was said
            os._exit(1)
        self._libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        self.restrict_files(dict.fromkeys(_readable_folders(), READ))
        if self.filter:
            self.filter()

    def restrict_files(self, rights: Mapping[str, int]) -> None:
        """This process, and what it starts, may use these files and folders (``READ``, ``EXECUTE``, ``WRITE``, or
        ``ANY`` of Landlock's rights) and no other; without Landlock nothing happens."""
        if not self.landlock_version:
            return
        version = min(self.landlock_version, len(_FILE_RIGHTS))
        # no right to anything; then to what is named
        attributes = (ctypes.c_uint64 * 3)(_FILE_RIGHTS[version - 1], _NO_TCP, _NO_SIGNALS)
        size = 24 if self.landlock_version >= _SIGNAL_VERSION else 16 if version >= _TCP_VERSION else 8
        rules = self._libc.syscall(_LANDLOCK_CREATE, attributes, size, 0)
        if rules < 0:
            raise OSError(ctypes.get_errno(), "landlock")
        for path, allowed in rights.items():
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
            allowed &= _FILE_RIGHTS[version - 1] & (-1 if Path(path).is_dir() else _OF_FILES)
            rule = _pack_rule(allowed, descriptor)
            if self._libc.syscall(_LANDLOCK_ADD, rules, 1, rule, 0):
                raise OSError(ctypes.get_errno(), "landlock")
            os.close(descriptor)
        if self._libc.syscall(_LANDLOCK_RESTRICT, rules, 0):
            raise OSError(ctypes.get_errno(), "landlock")
        os.close(rules)


# --- Landlock: numbers of the kernel's interface, the same on every processor

_SET_PARENT_DEATH_SIGNAL, _SET_NO_NEW_PRIVILEGES = 1, 38
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
READ = 1 << 2 | 1 << 3  # files, and what is in folders
EXECUTE, WRITE, ANY = 1 << 0, 1 << 1 | 1 << 14, (1 << 16) - 1
_OF_FILES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15  # the rights that a file can have
_FILE_RIGHTS = ((1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1)  # of versions 1 to 5
_TCP_VERSION, _NO_TCP = 4, 3  # to bind, to connect
_SIGNAL_VERSION, _NO_SIGNALS = 6, 3  # abstract sockets, signals: none that leads out of the child


def _pack_rule(rights: int, descriptor: int) -> Any:
    """``struct landlock_path_beneath_attr``, which is packed."""
    return ctypes.create_string_buffer(
        rights.to_bytes(8, sys.byteorder) + descriptor.to_bytes(4, sys.byteorder, signed=True), 12
    )


def _readable_folders() -> list[str]:
    """Python's libraries, ours, and the system's shared ones."""
    libraries = [Path(sys.base_prefix) / "lib", "/usr/lib", "/lib", "/lib64", "/usr/local/lib", "/usr/share/zoneinfo"]
    folders = [*filter(None, sys.path), *map(str, libraries), "/dev/null", "/dev/urandom", "/etc/ld.so.cache"]
    return [folder for folder in dict.fromkeys(folders) if Path(folder).exists()]


# --- system calls: what reading and computing takes; everything else is refused

_CALLS = (
    "read readv pread64 write writev lseek close fstat newfstatat stat lstat statx readlink readlinkat access "
    "faccessat faccessat2 getdents64 getcwd dup mmap mmap2 munmap mremap mprotect madvise brk futex "
    "futex_time64 rseq set_robust_list membarrier sched_yield sched_getaffinity getrandom clock_gettime "
    "clock_gettime64 clock_getres clock_nanosleep nanosleep gettimeofday time rt_sigaction rt_sigprocmask "
    "rt_sigreturn sigaltstack arch_prctl getpid gettid getppid getuid geteuid getgid getegid uname sysinfo "
    "getrusage times getrlimit ugetrlimit setrlimit poll ppoll select pselect6 recvfrom sendto shutdown exit "
    "exit_group restart_syscall "
)
_FILE_REQUESTS = (0, 1, 2, 3, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC; F_SETOWN would send signals
_TERMINAL_REQUESTS = (0x5401, 0x5450, 0x5451)  # TCGETS, FIONCLEX, FIOCLEX: what opening a file asks
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 1  # ... with EPERM
_EQUAL, _MASKED_EQUAL = 4, 7


class _Comparison(ctypes.Structure):
    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def _build_filter() -> Callable[[], None] | None:
    """Loads the filter of system calls into the process that calls it; None where libseccomp is not installed."""
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        return None
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.POINTER(_Comparison),
    ]
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    context = library.seccomp_init(_REFUSE)
    if not context:
        return None

    def allow(name: str, *comparisons: _Comparison) -> None:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # not every processor has every call
            library.seccomp_rule_add_array(
                context, _ALLOW, number, len(comparisons), (_Comparison * len(comparisons))(*comparisons)
            )

    for name in _CALLS.split():
        allow(name)
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    allow("open", _Comparison(1, _MASKED_EQUAL, writing, 0))
    allow("openat", _Comparison(2, _MASKED_EQUAL, writing, 0))
    allow("prlimit64", _Comparison(0, _EQUAL, 0, 0))  # of itself alone
    for request in _FILE_REQUESTS:
        allow("fcntl", _Comparison(1, _EQUAL, request, 0))
    for request in _TERMINAL_REQUESTS:
        allow("ioctl", _Comparison(1, _EQUAL, request, 0))

    def load() -> None:
        if library.seccomp_load(context):
            raise OSError("seccomp")

    return load
