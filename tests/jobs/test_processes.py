"""Real workers, several and killed: everything is done, once, and nothing is left running."""

import contextlib
import os
import re
import subprocess
import time

import psutil
import pytest

from tests.jobs.drive import AGENCIES
from tests.jobs.installation import Installation, descendants, kill, wait_until_gone

LONG = "jobs.take_long"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """The folder of an installation with agencies, whose copies are the tests' own."""
    folder = tmp_path_factory.mktemp("prepared")
    Installation(folder).close()
    return folder


@pytest.fixture
def installation(prepared, tmp_path):
    made = Installation(tmp_path, like=prepared)
    yield made
    made.close()


IMPORT_ROWS = 20_000  # so many that its worker is seen at work on a quick machine too


def kill_when(installation, worker, name, is_time):
    """Kill a worker's parent with -9 once its job is so far; nothing that it started may live on."""
    installation.wait_until(lambda: (j := installation.job(name)) and j["state"] == "running" and is_time(j))
    assert wait_until_gone(kill(worker))


# --- nothing twice, nothing lost


def test_two_workers_make_every_paper_of_a_batch_once(installation):
    batches = [installation.run("start_batch", ["summary"])]
    for _ in range(2):
        installation.start_worker()
    installation.wait_for("documents.run_batch_in_background", "done")
    counts = installation.run("counts")
    assert (counts["papers"], counts["different"]) == (AGENCIES, AGENCIES)
    assert counts["batches"] == [["done", AGENCIES, []]]
    assert (len(batches), counts["notices"], counts["trail"]) == (1, 1, "")


def test_a_second_worker_during_an_import_does_it_no_harm(installation):
    made = installation.run("start_import", 1500)
    installation.start_worker()
    installation.wait_until(lambda: installation.job("results.read_import")["steps_done"])
    installation.start_worker()
    installation.wait_for("results.read_import", "done")
    state = installation.run("import_state", made)
    assert state == {"status": "ready", "rows": 1500, "different": 1500, "problem": ""}


def test_an_import_whose_workers_are_killed_is_read_to_its_end(installation):
    made = installation.run("start_import", IMPORT_ROWS)
    seen = 0
    for _ in range(2):
        worker = installation.start_worker()
        kill_when(installation, worker, "results.read_import", lambda j, seen=seen: j["steps_done"] > seen)
        seen = installation.job("results.read_import")["steps_done"]
    installation.start_worker()
    installation.wait_for("results.read_import", "done")
    state = installation.run("import_state", made)
    assert state == {"status": "ready", "rows": IMPORT_ROWS, "different": IMPORT_ROWS, "problem": ""}


def test_a_round_whose_worker_is_killed_while_computing_is_computed_once(installation):
    assert len(set(installation.run("start_round"))) == 1  # pressed three times
    worker = installation.start_worker()
    kill_when(installation, worker, "results.run_in_background", lambda j: True)
    for _ in range(2):
        installation.start_worker()
    installation.wait_for("results.run_in_background", "done")
    counts = installation.run("counts")
    assert (counts["sets"], counts["notices"], counts["trail"]) == (2, 1, "")


def test_a_batch_whose_worker_is_killed_makes_every_paper_once(installation):
    installation.run("start_batch", ["summary", "development"])
    worker = installation.start_worker()
    installation.wait_until(lambda: installation.run("counts")["papers"] >= 3)
    assert wait_until_gone(kill(worker))
    for _ in range(2):
        installation.start_worker()
    installation.wait_for("documents.run_batch_in_background", "done")
    counts = installation.run("counts")
    assert (counts["papers"], counts["different"]) == (2 * AGENCIES, 2 * AGENCIES)
    assert (counts["notices"], counts["trail"]) == (1, "")


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
    from tests.jobs.installation import LEASE

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


def test_scheduled_work_is_begun_once_in_a_period_by_several_workers(installation):
    workers = [installation.start_worker() for _ in range(3)]

    def ticks():
        return [j for j in installation.run("jobs") if j["name"] == "jobs.tick"]

    installation.wait_until(ticks)
    before, began = len(ticks()), time.monotonic()
    time.sleep(5)
    made, passed = len(ticks()) - before, time.monotonic() - began
    assert made <= passed + 1
    assert all(psutil.pid_exists(w.pid) for w in workers)


def test_many_workers_do_each_job_once(installation):
    for n in range(60):
        installation.run("enqueue", "jobs.note", f"note {n}")
    for _ in range(4):
        installation.start_worker()
    installation.wait_until(lambda: len(installation.run("log")) >= 60)
    installation.wait_until(
        lambda: all(j["state"] == "done" for j in installation.run("jobs") if j["name"] == "jobs.note")
    )
    assert sorted(installation.run("log")) == sorted(f"note {n}" for n in range(60))


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
