"""Starts a browser where there is no network, and nothing of this machine: a program of its own, called by the driver.

In namespaces of its own the browser has no network interface, not even loopback; sees no process but its own, all of
which end with the first of them, and that one with whoever started it; and has its profile, and whatever it writes, in
memory of limited size. Landlock leaves it the system's libraries, and fonts, to read. Its own sandbox stays on: inside
it is not root, whoever runs the worker. Where the system refuses any of this, the browser does not start.
"""

import ctypes
import os
import shutil
import signal
import sys
from pathlib import Path

from prongsai.lib.sandbox.limits import ANY, EXECUTE, READ, WRITE, Protection

SCRATCH_BYTES = 300_000_000
_NEW_MOUNTS, _NEW_USER, _NEW_PROCESSES, _NEW_NETWORK, _NEW_IPC = 0x20000, 0x10000000, 0x20000000, 0x40000000, 0x8000000
_PRIVATE_MOUNTS = 1 << 14 | 1 << 18
_NO_SETUID, _NO_DEVICES = 2, 4
_SET_PARENT_DEATH_SIGNAL, _SET_NO_NEW_PRIVILEGES = 1, 38
_USER = 1000  # inside; a browser that is root has no sandbox
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/fonts", "/etc/chromium", "/etc/ld.so.cache", "/sys/devices")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/random")


_FONTS = Path(__file__).parents[1] / "fonts"  # for machines without a font for Thai
_FONT_SETTINGS = f"""<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>/usr/local/share/fonts</dir><dir>{_FONTS}</dir></fontconfig>"""


def main(folder: str, browser: str, arguments: list[str]) -> int:
    """Run the browser with its profile in ``folder``; returns its exit code. Raises OSError where it may not be."""
    libc = ctypes.CDLL(None, use_errno=True)
    protection = Protection()
    if not protection.landlock_version:
        raise OSError("this system has no Landlock")
    _end_with_parent(libc)
    _enter_namespaces(libc, folder)
    child = os.fork()
    if child == 0:
        try:
            _end_with_parent(libc)
            libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
            protection.restrict_files(_usable_files(folder))
            os.chdir(folder)
            Path("fonts.conf").write_text(_FONT_SETTINGS)
            arguments = [a for a in arguments if not a.startswith("--user-data-dir=")]
            command = [browser, *arguments, f"--user-data-dir={folder}/profile"]
            os.execve(browser, command, _environment(folder))  # noqa: S606
        finally:
            os._exit(126)
    for descriptor in (0, 1, 3, 4):  # the pipes of the driver are the browser's: it must see when one is closed
        with open(os.devnull, "r+b") as nowhere:
            os.dup2(nowhere.fileno(), descriptor)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF


def _end_with_parent(libc: ctypes.CDLL) -> None:
    libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def _enter_namespaces(libc: ctypes.CDLL, folder: str) -> None:
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEW_USER | _NEW_NETWORK | _NEW_PROCESSES | _NEW_MOUNTS | _NEW_IPC):
        raise OSError(ctypes.get_errno(), "this system gives no namespaces")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_USER} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{_USER} {group} 1")
    _mount(libc, None, "/", None, _PRIVATE_MOUNTS, None)
    scratch = f"size={SCRATCH_BYTES},mode=0700"
    _mount(libc, "tmpfs", folder, "tmpfs", _NO_SETUID | _NO_DEVICES, scratch)
    _mount(libc, "tmpfs", "/run", "tmpfs", _NO_SETUID | _NO_DEVICES, "size=4096,mode=0700")  # sockets of services


def _mount(libc: ctypes.CDLL, source: str | None, target: str, kind: str | None, flags: int, data: str | None) -> None:
    texts = [None if text is None else text.encode() for text in (source, target, kind, data)]
    if libc.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3]):
        raise OSError(ctypes.get_errno(), f"mount {target}")


def _usable_files(folder: str) -> dict[str, int]:
    rights = dict.fromkeys(_SYSTEM, READ | EXECUTE) | dict.fromkeys(_DEVICES, READ | WRITE)
    rights |= {str(_FONTS): READ, "/proc": READ | WRITE, folder: ANY & ~EXECUTE}
    return {path: allowed for path, allowed in rights.items() if Path(path).exists()}


def _environment(folder: str) -> dict[str, str]:
    inside = {"HOME": folder, "TMPDIR": folder, "FONTCONFIG_FILE": f"{folder}/fonts.conf"}
    return inside | {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "Asia/Bangkok"}


def find_obstacle() -> str:
    """Why a browser cannot be confined on this machine; "" where it can. Tries it, without a browser."""
    import subprocess
    import tempfile

    if sys.platform != "linux":
        return "not Linux"
    with tempfile.TemporaryDirectory(prefix="prongsai-browser-") as folder:
        launcher = write_launcher(Path(folder), shutil.which("true") or "/bin/true")
        tried = subprocess.run([launcher], capture_output=True, timeout=20, check=False)
    return "" if tried.returncode == 0 else tried.stderr.decode(errors="replace").strip().rpartition("\n")[2][:200]


def write_launcher(folder: Path, browser: str) -> Path:
    """A file that runs ``browser`` confined, its profile in a folder beside it. The number of its process is in
    ``folder/process`` once it has begun."""
    from shlex import quote

    from prongsai.lib.sandbox.client import search_path

    (folder / "scratch").mkdir()
    code = "import sys; sys.path += sys.argv[1].split(':'); from prongsai.lib.sandbox.confinement import main; "
    code += "sys.exit(main(sys.argv[2], sys.argv[3], sys.argv[4:]))"
    command = [sys.executable, "-I", "-S", "-c", code, ":".join(search_path()), str(folder / "scratch"), browser]
    launcher = folder / "browser"
    launcher.write_text(
        f"#!/bin/sh\necho $$ > {quote(str(folder / 'process'))}\n"
        f'exec env -i PATH=/usr/bin:/bin {" ".join(map(quote, command))} "$@"\n'
    )
    launcher.chmod(0o700)
    return launcher
