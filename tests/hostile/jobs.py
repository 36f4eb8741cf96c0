"""What an attacker who has taken over a parser might try. Each is run in the sandbox, by tests."""

import faulthandler
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path


def burn() -> None:
    while True:
        pass


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def eat() -> int:
    return len(bytearray(3_000_000_000))


def flood(size: int) -> str:
    return "x" * size


def write(path: str) -> None:
    Path(path).write_text("owned", encoding="utf-8")


def make_folder(path: str) -> None:
    Path(path).mkdir()


def remove(path: str) -> None:
    Path(path).unlink()


def read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def read_again(file: object, path: str) -> str:
    """The file it was handed, by its name."""
    return read(path)


def connect() -> None:
    socket.create_connection(("127.0.0.1", 9), timeout=1)


def resolve() -> None:
    socket.getaddrinfo("example.org", 80)


def start() -> None:
    subprocess.run(["/bin/true"], check=True)


def fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def thread() -> None:
    threading.Thread(target=time.sleep, args=(0,)).start()


def kill_parent() -> None:
    os.kill(os.getppid(), signal.SIGKILL)


def own_sockets(victim: int) -> None:
    """Have the kernel kill a process when something happens to what this one has open, and make it happen."""
    import fcntl

    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    for descriptor in filter(_is_open, range(3, 64)):
        fcntl.fcntl(descriptor, 8, victim)  # F_SETOWN
        fcntl.fcntl(descriptor, 10, signal.SIGKILL)  # F_SETSIG
        fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)
        for _ in range(99):
            os.write(descriptor, b"J" * 1_000_000)


def nan() -> float:
    return float("nan")


def abort() -> None:
    faulthandler.disable()  # pytest's, which outlives the first signal
    os.abort()


def raise_error(name: str) -> None:
    raise type(name, (Exception,), {})("a long story")


def leave(code: int) -> None:
    os._exit(code)


def forge(answer: str) -> None:
    """Write an answer that no honest child writes, to whatever is open."""
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, answer.encode())
        except OSError:
            continue
    os._exit(0)


def surroundings() -> dict[str, object]:
    """What a child can see of where it comes from."""
    return {
        "environment": sorted(os.environ),
        "folder": os.getcwd(),
        "files": [d for d in range(200) if _is_open(d)],
        "modules": sorted(sys.modules),
        "arguments": sys.argv,
    }


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def process() -> int:
    return os.getpid()


def remember(value: str) -> list[str]:
    """What was said to this process so far."""
    said = sys.modules[__name__].__dict__.setdefault("_said", [])
    said.append(value)
    return list(said)


def base_seconds() -> float:
    """What the call was said to have."""
    from prongsai.lib import sandbox

    return sandbox.base_seconds()


def server() -> int:
    return os.getppid()


def give(size: int) -> bytes:
    return b"y" * size


def count(file: object) -> int:
    return len(file.read())  # type: ignore[attr-defined]


def go_on(pieces: int, seconds: float) -> int:
    """Take some processor time for each piece, and say so."""
    from prongsai.lib import sandbox

    for _ in range(pieces):
        sandbox.allow_until(time.process_time() + 1)
        until = time.process_time() + seconds
        while time.process_time() < until:
            pass
    return pieces


def multiply() -> float:
    """Matrices large enough to be multiplied by several threads."""
    import numpy as np

    matrix = np.ones((500, 500))
    return float((matrix @ matrix)[0, 0])
