"""A rolling restart under load, without a failed request: ``python -m tests.machines.rolling``, or ``make rolling``.

Two web servers with one database; people read pages and answer a survey all the while, through what a balancer does:
each asks the server it has until ``/health/ready`` is red, then the other. Each server in turn is told to stop
(SIGTERM) and started anew. A request that is not answered, or with 5xx, is a failure; there is no second try.
"""

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from prongsai.survey.codes import generate_code
from tests.installation import database
from tests.machines.machine import Machine

DRAIN = 5  # seconds; a balancer asks for readiness more often than that
PEOPLE = 4


class Balancer:
    """Which servers are ready, asked several times a second as a balancer asks."""

    def __init__(self, machines):
        self.machines, self.ready = machines, set(machines)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self):
        while not self.stop.wait(0.2):
            for machine in self.machines:
                is_ready = machine.port is not None and machine.get("/health/ready")[0] == 200
                (self.ready.add if is_ready else self.ready.discard)(machine)

    def choose(self, number):
        ready = sorted(self.ready, key=self.machines.index)
        return ready[number % len(ready)]


class People:
    def __init__(self, balancer, site):
        self.balancer, self.site = balancer, site
        self.stop = threading.Event()
        self.failures, self.counts, self.receipts = [], [0] * PEOPLE, []
        self.threads = [threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(PEOPLE)]
        for thread in self.threads:
            thread.start()

    def _work(self, number):
        turn = number
        while not self.stop.is_set():
            turn += 1
            machine = self.balancer.choose(turn)
            if turn % 3 == 0:
                receipt = generate_code(16)
                path = f"/s/{self.site['link']}/"
                status, page = machine.post(path, self.site["answers"] | {"receipt": receipt})
                if b'class="receipt">' in page:
                    self.receipts.append(receipt)
            else:
                path = ("/agency/N00/", "/rankings/", "/")[turn % 3]
                status, page = machine.get(path)
            self.counts[number] += 1
            if status is None or status >= 500:
                self.failures.append((path, status))


def run(folder, *, shared, rounds=1, report=print):
    """Restart each server so many times; returns the figures."""
    shared = shared | {"PRONGSAI_DRAIN": str(DRAIN)}
    machines = [Machine(folder / name, shared) for name in ("a", "b")]
    worker = None
    try:
        code, said = machines[0].call("migrate")
        assert code == 0, said
        site = machines[0].run("set_up")
        worker = machines[0].start("worker")
        servers = [m.serve(workers=1) for m in machines]
        for machine in machines:
            machine.wait_until(lambda m=machine: m.get("/health/ready")[0] == 200)
        balancer = Balancer(machines)
        people = People(balancer, site)
        time.sleep(1)
        for number in range(rounds * 2):
            machine, server = machines[number % 2], servers[number % 2]
            asked = sum(people.counts)
            server.send_signal(signal.SIGTERM)
            assert server.wait(60) == 0
            machine.port = None
            servers[number % 2] = machine.serve(workers=1)
            machine.wait_until(lambda m=machine: m in balancer.ready)
            report(
                f"restart {number + 1}: {sum(people.counts) - asked} requests meanwhile, {len(people.failures)} failed"
            )
        people.stop.set()
        for thread in people.threads:
            thread.join(60)
        balancer.stop.set()
        balancer.thread.join(30)
        state = machines[0].run("survey_state")
        return {
            "restarts": rounds * 2,
            "requests": sum(people.counts),
            "failed": people.failures,
            "answers acknowledged": len(people.receipts),
            "answers stored": state["known"],
        }
    finally:
        del worker
        for machine in machines:
            machine.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="prongsai-rolling-") as folder:
        place = Path(folder)
        shared = database(place) or {"DATABASE_URL": f"sqlite:///{place / 'shared.sqlite3'}"}
        figures = run(place, shared=shared | {"PRONGSAI_KEYS": str(place / "keys")}, rounds=arguments.rounds)
    print(figures)
    return 1 if figures["failed"] or figures["answers acknowledged"] != figures["answers stored"] else 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prongsai.settings")
    sys.exit(main())
