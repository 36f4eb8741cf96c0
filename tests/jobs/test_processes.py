"""Real workers, several and killed: everything is done, once, and nothing is left running."""

import time

import psutil

from tests.jobs.drive import AGENCIES
from tests.jobs.installation import kill, wait_until_gone

IMPORT_ROWS = 30_000  # so many that its worker is seen at work on a quick machine too


def kill_when(installation, worker, name, is_time):
    """Kill a worker's parent with -9 once its job is so far; nothing that it started may live on."""

    def is_so_far():
        job = installation.job(name)
        return job and job["state"] == "running" and is_time(job)

    installation.wait_until(is_so_far, pause=0.01)  # a quick machine reads the rows in half a second
    assert wait_until_gone(kill(worker))


# --- nothing twice, nothing lost


def test_two_workers_make_every_paper_of_a_batch_once(installation):
    batches = [installation.run("start_batch", ["summary"])]
    for cold in (True, False):
        installation.start_worker(cold=cold)
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
