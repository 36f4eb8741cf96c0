"""Jobs that behave well, and jobs that do not."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

from prongsai.jobs.kinds import Queue, job, periodic


def write_line(text):
    """One line in the log of what was done: appended whole, whoever else writes."""
    descriptor = os.open(Path(settings.DATA) / "done.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{text}\n".encode())
    os.close(descriptor)


@job(title="จดหนึ่งบรรทัด", queue=Queue.MAIL)
def note(lease, text):
    with lease.write(finish=True):
        write_line(text)


@job(title="ทำนาน", queue=Queue.BULK)
def take_long(lease, seconds):
    """Works for some time, with a process of its own, and tells how far it is."""
    write_line(f"began {os.getpid()}")
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as child:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(0.1)
        child.kill()
    with lease.write(finish=True):
        write_line(f"ended {os.getpid()}")


@job(title="ทำให้โปรแกรมตาย", queue=Queue.FILES, tries=3)
def kill_worker(lease, what):
    os.kill(os.getpid(), signal.SIGKILL)


@job(title="ผิดพลาดเสมอ", queue=Queue.PAPERS, tries=3)
def fail(lease):
    raise ValueError


@job(title="เขียนไฟล์ใหญ่", queue=Queue.COMPUTE)
def fill_disk(lease):
    if not (Path(settings.DATA) / "room").exists():
        raise OSError(errno.ENOSPC, "No space left on device")
    write_line("stored")


@periodic(title="ทุกวินาที", queue=Queue.SURVEY, seconds=1)
def tick(lease):
    pass
