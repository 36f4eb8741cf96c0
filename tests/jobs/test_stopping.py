"""Real workers that are asked to stop, lose a process or have no room: signals and disks, whichever the database is."""

import contextlib
import os
import re
import subprocess
import time

import pytest

from tests.jobs.installation import LEASE, Installation, descendants, kill, wait_until_gone

LONG = "jobs.take_long"


# --- stopping


def test_a_worker_that_is_asked_to_stop_leaves_its_job_to_the_next(installation):
    installation.run("enqueue", LONG, 60)
    worker = installation.start_worker()
    installation.wait_until(lambda: installation.run("log"))
    started = installation.wait_until(lambda: len(d := descendants(worker)) >= 2 and d)
    assert installation.stop_workers() == [0]
    assert wait_until_gone(started)
    job = installation.job(LONG)
    assert (job["state"], job["tries"]) == ("waiting", 0)  # no try, and no lease to wait for
    installation.start_worker()
    installation.wait_until(lambda: len(installation.run("log")) == 2)


def test_a_job_about_to_end_may_end(installation):
    installation.run("enqueue", LONG, 2)
    installation.start_worker()
    installation.wait_until(lambda: installation.run("log"))
    assert installation.stop_workers() == [0]
    assert installation.job(LONG)["state"] == "done"


def test_what_a_killed_worker_started_dies_with_it_and_another_goes_on(installation):
    installation.run("enqueue", LONG, 4)
    worker = installation.start_worker()
    installation.start_worker()
    installation.wait_until(lambda: installation.run("log"))
    owner = installation.job(LONG)["owner"]
    busy = next(w for w in installation.workers if str(w.pid) in re.findall(r"\d+", owner))
    assert wait_until_gone(kill(busy))
    installation.wait_for(LONG, "done")
    began, again, ended = installation.run("log")
    assert [began.split()[0], again.split()[0], ended.split()[0]] == ["began", "began", "ended"]
    assert began != again
    assert worker in installation.workers


def test_a_job_that_is_cancelled_stops_within_seconds(installation):
    job = installation.run("enqueue", LONG, 60)
    worker = installation.start_worker()
    installation.wait_until(lambda: installation.run("log"))
    started = descendants(worker)
    installation.run("cancel", job)
    assert wait_until_gone(started, 5 * LEASE)
    assert (installation.job(LONG)["state"], len(installation.run("log"))) == ("cancelled", 1)
    assert worker.poll() is None


# --- what must not stop the worker


def test_a_long_job_holds_up_its_own_queue_alone(installation):
    installation.run("enqueue", LONG, 60)
    installation.start_worker()
    installation.wait_until(lambda: installation.run("log"))
    for n in range(5):
        installation.run("enqueue", "jobs.note", f"note {n}")
    installation.wait_until(lambda: len(installation.run("log")) == 6)
    assert sorted(installation.run("log")[1:]) == [f"note {n}" for n in range(5)]
    assert installation.job(LONG)["state"] == "running"


def test_a_job_that_kills_its_process_is_given_up_and_the_worker_lives(installation):
    installation.run("enqueue", "jobs.kill_worker", "x")
    installation.run("enqueue", "jobs.fail")
    worker = installation.start_worker()
    assert (
        installation.wait_for("jobs.kill_worker", "failed")["tries"] == 4
    )  # three times, and once to say that it is given up
    assert installation.wait_for("jobs.fail", "failed")["tries"] == 3
    installation.run("enqueue", "jobs.note", "alive")
    installation.wait_until(lambda: installation.run("log") == ["alive"])
    assert worker.poll() is None


def test_a_full_disk_stops_a_job_until_there_is_room(installation, tmp_path):
    installation.run("enqueue", "jobs.fill_disk")
    worker = installation.start_worker()
    for _ in range(3):
        installation.wait_until(
            lambda: (j := installation.job("jobs.fill_disk"))["state"] == "waiting" and j["problem"]
        )
        installation.run("make_due")
    (tmp_path / "room").touch()
    installation.wait_until(lambda: installation.run("make_due") is not None and installation.run("log") == ["stored"])
    assert installation.wait_for("jobs.fill_disk", "done")["tries"] == 1
    assert worker.poll() is None


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of its own, which can be filled."""
    if "TEST_DATABASE_URL" in os.environ:
        pytest.skip("the database lies on another disk; the run on SQLite has this test")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("no disk can be mounted here: needs root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_worker_on_a_disk_that_is_full_goes_on_when_there_is_room(prepared, small_disk):
    """Neither database nor files take a byte: nothing can be claimed, stored or released."""
    installation = Installation(small_disk, like=prepared)
    try:
        made = installation.run("start_import", 2500)
        worker = installation.start_worker()
        installation.wait_until(lambda: installation.job("results.read_import")["steps_done"])
        with contextlib.suppress(OSError), (small_disk / "filler").open("wb", buffering=0) as filler:
            while filler.write(b"\0" * 4096):
                pass
        time.sleep(5)
        assert worker.poll() is None
        (small_disk / "filler").unlink()
        installation.wait_until(lambda: installation.run("make_due") is not None and _is_read(installation))
        state = installation.run("import_state", made)
        assert state == {"status": "ready", "rows": 2500, "different": 2500, "problem": ""}
        assert worker.poll() is None
    finally:
        installation.close()


def _is_read(installation):
    return installation.job("results.read_import")["state"] == "done"
