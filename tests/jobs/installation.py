"""An installation of a test's own, with as many workers as wanted, which can be killed."""

import contextlib
import json
import os
import shutil
import signal
import time

import psutil
import psycopg

from tests import forked
from tests.installation import database_name, environment, make_tables

LEASE = 3  # seconds
PATIENCE = 180  # seconds for whatever must happen; on a busy machine far more than it takes


def copy_installation(source, target):
    """The files and the database of an installation that nobody is using, in a new folder."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    if server := os.environ.get("TEST_DATABASE_URL"):
        old, new = database_name(source), database_name(target)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {new} TEMPLATE {old}")


class Installation:
    """The process of tests/jobs/drive.py, and workers."""

    def __init__(self, folder, *, like=None, **settings):
        if like:
            copy_installation(like, folder)
        else:
            make_tables(folder)
        ours = {
            "DJANGO_SETTINGS_MODULE": "tests.jobs.installation_settings",
            "LOG_LEVEL": "CRITICAL",
            "PRONGSAI_JOBS_LEASE": str(LEASE),
            "PRONGSAI_JOBS_RETRY": "0",
            "PRONGSAI_LEAST_SHARE": "0",  # a few answers are sealed
            "EMAIL_URL": "smtp://127.0.0.1:9",
        }
        self.environment = environment(folder, **(ours | settings))
        self.workers = []
        self.start_driver()
        if not like:
            self.run("set_up")

    def start_driver(self):
        self.driver = forked.start("tests.jobs.drive", env=self.environment, pipes=True)

    def stop_driver(self):
        self.driver.stdin.close()
        self.driver.stdout.close()
        self.driver.wait(PATIENCE)

    def run(self, command, *arguments):
        self.driver.stdin.write(json.dumps([command, *arguments]) + "\n")
        self.driver.stdin.flush()
        line = self.driver.stdout.readline()
        assert line, f"{command} failed; the error is above"
        return json.loads(line)

    def start_worker(self, *, cold=False):
        worker = forked.start("prongsai.cli", "worker", env=self.environment, cold=cold)
        self.workers.append(worker)
        return worker

    def wait_until(self, condition, patience=PATIENCE, pause=0.1):
        """Wait until ``condition()`` gives something true, which is returned; asked every ``pause`` seconds."""
        deadline = time.monotonic() + patience
        while not (found := condition()):
            assert time.monotonic() < deadline, self.run("jobs")
            time.sleep(pause)
        return found

    def job(self, name):
        """The last job of a name."""
        return next((j for j in reversed(self.run("jobs")) if j["name"] == name), None)

    def wait_for(self, name, *states):
        """Wait until the last job of a name is in one of these states; returns it."""
        return self.wait_until(lambda: (j := self.job(name)) and j["state"] in states and j)

    def stop_workers(self):
        for worker in self.workers:
            if worker.poll() is None:
                worker.terminate()
        codes = [worker.wait(PATIENCE) for worker in self.workers]
        self.workers.clear()
        return codes

    def close(self):
        self.stop_workers()
        if self.driver.poll() is None:
            self.stop_driver()


def descendants(worker):
    return psutil.Process(worker.pid).children(recursive=True)


def kill(worker):
    """Kill a worker's parent process alone, with -9; returns what it leaves behind for the moment."""
    left = descendants(worker)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    return left


def are_gone(processes):
    alive = [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    return not alive


def wait_until_gone(processes, seconds=15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(psutil.NoSuchProcess):
            if are_gone(processes):
                return True
        time.sleep(0.1)
    return False
