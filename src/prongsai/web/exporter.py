"""What Prometheus reads: an own process with an own address, started beside the site and beside each worker.

Requests come from the files that the site's processes share; everything else is asked of the database, the disk and the
clock when somebody reads. Whoever reads every second must not learn when somebody answered the survey: what respondents
do is shown as it stood at the last full hour, in whole hundreds; answers as they stood in the morning, likewise; the
disk in steps; and of the queue that mixes answers only what is late or failed.
"""

import hmac
import logging
import math
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count
from django.utils import timezone
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

import prongsai
from prongsai.disclosure.link_checks import count_due_links
from prongsai.disclosure.models import Link
from prongsai.jobs.kinds import Queue
from prongsai.jobs.models import Job
from prongsai.jobs.queries import count_by_queue, oldest_by_queue, seconds_since_worker
from prongsai.people.queries import last_heartbeat
from prongsai.survey.queries import last_totals
from prongsai.web.metrics import RESPONDENTS

log = logging.getLogger("prongsai.metrics")
STEP = 100  # requests of respondents are shown in whole hundreds
DISK_STEP = 100_000_000  # bytes
LATE = 600  # seconds after which a job of the survey's queue is late
LINKS_SECONDS = 300  # seconds for which the count of links is not made again
_STATES = (Job.State.WAITING, Job.State.RUNNING, Job.State.FAILED)


class Collector(Protocol):
    def collect(self) -> Iterable[Metric]: ...


# --- requests


class RequestCollector:
    """Requests as the site's processes counted them; those of respondents as they stood when ``hold`` was last called,
    rounded down."""

    def __init__(self, folder: str) -> None:
        self.source: Collector = MultiProcessCollector(None, folder)  # type: ignore[no-untyped-call]  # the library's
        self.held: dict[str, list[Any]] = {}

    def collect(self) -> Iterator[Metric]:
        for metric in self.source.collect():
            metric.samples = [s for s in metric.samples if s.labels.get("route") != RESPONDENTS]
            metric.samples += self.held.get(metric.name, [])
            yield metric

    def hold(self) -> None:
        """Take down what respondents did until now. Called by the clock, never by a reader."""
        self.held = {m.name: list(_round(m)) for m in self.source.collect()}

    def hold_hourly(self) -> None:
        """Call ``hold`` at each full hour, for ever."""
        while True:
            time.sleep(3600 - time.time() % 3600)
            self.hold()


def _round(metric: Metric) -> Iterator[Any]:
    """The samples of respondents, in whole hundreds. The sum of seconds is left out: its difference would be the time
    of one."""
    for sample in metric.samples:
        if sample.labels.get("route") == RESPONDENTS and not sample.name.endswith("_sum"):
            yield sample._replace(value=float(sample.value // STEP * STEP))


# --- the installation


class InstallationCollector:
    """Jobs, workers, answers, links, backup and disk. A database that does not answer is one figure, not a failure."""

    def __init__(self) -> None:
        self._links: tuple[float, dict[str, int], int] = (-math.inf, {}, 0)

    def collect(self) -> Iterator[Metric]:
        yield _gauge("prongsai_info", "The version of the program.", {(("version", prongsai.__version__),): 1})
        disk = shutil.disk_usage(settings.DATA)
        yield _gauge(
            "prongsai_disk_free_bytes", "Free bytes of the data disk.", {(): disk.free // DISK_STEP * DISK_STEP}
        )
        yield _gauge("prongsai_disk_size_bytes", "Bytes of the data disk.", {(): disk.total})
        try:
            from_database = [*self._jobs(), *self._answers(), *self._rest()]
        except DatabaseError:
            connection.close()
            yield _gauge("prongsai_database_up", "Whether the database answers.", {(): 0})
            return
        yield _gauge("prongsai_database_up", "Whether the database answers.", {(): 1})
        yield from from_database

    def _jobs(self) -> Iterator[Metric]:
        counts, ages = count_by_queue(_STATES), oldest_by_queue()
        if ages.get(Queue.SURVEY, 0) < LATE:  # when answers are mixed is nobody's business
            ages.pop(Queue.SURVEY, None)
            counts = {k: n for k, n in counts.items() if k[0] != Queue.SURVEY or k[1] == Job.State.FAILED}
        yield _gauge(
            "prongsai_jobs",
            "Jobs by queue and state.",
            {(("queue", str(q)), ("state", str(state))): counts.get((q, state), 0) for q in Queue for state in _STATES},
        )
        yield _gauge(
            "prongsai_queue_age_seconds",
            "For how long the oldest job that could begin has waited.",
            {(("queue", str(q)),): ages.get(q, 0) for q in Queue},
        )
        yield _gauge(
            "prongsai_worker_silence_seconds",
            "Since when no worker was seen; infinite if none ever was.",
            {(): seconds_since_worker()},
        )

    def _answers(self) -> Iterator[Metric]:
        totals = last_totals()
        if totals is not None:
            yield _gauge(
                "prongsai_answers",
                "Answers of the nation, acknowledged and mixed, in whole hundreds, as they stood in the morning.",
                {(("stage", "acknowledged"),): totals.acknowledged, (("stage", "mixed"),): totals.mixed},
            )

    def _rest(self) -> Iterator[Metric]:
        now = time.monotonic()
        if now - self._links[0] > LINKS_SECONDS:
            by_state = Link.objects.order_by().values_list("state").annotate(Count("pk"))
            self._links = now, {state or "unchecked": count for state, count in by_state}, count_due_links()
        yield _gauge(
            "prongsai_links",
            "Links of disclosures by the state that their checks gave them.",
            {(("state", state),): count for state, count in self._links[1].items()},
        )
        yield _gauge("prongsai_links_due", "Links whose next check is due.", {(): self._links[2]})
        backup = last_heartbeat("backup")
        yield _gauge(
            "prongsai_backup_age_seconds",
            "Since the last backup; infinite if there was none.",
            {(): (timezone.now() - backup).total_seconds() if backup else math.inf},
        )


def _gauge(name: str, text: str, values: dict[tuple[tuple[str, str], ...], float]) -> Metric:
    labels = [label for label, _ in next(iter(values), ())]
    gauge = GaugeMetricFamily(name, text, labels=labels)
    for pairs, value in values.items():
        gauge.add_metric([text for _, text in pairs], value)
    return gauge


# --- serving


class _Handler(BaseHTTPRequestHandler):
    server: "Exporter"
    server_version, sys_version = "prongsai", ""
    timeout = 10  # seconds for somebody slow

    def do_GET(self) -> None:
        if self.path != "/metrics":
            self._answer(404, b"", "text/plain")
        elif not self._is_allowed():
            self._answer(401, b"", "text/plain")
        else:
            self._answer(200, self.server.render(), CONTENT_TYPE_PLAIN_0_0_4)

    def _is_allowed(self) -> bool:
        token = self.server.token
        sent = self.headers.get("Authorization", "")
        return not token or hmac.compare_digest(sent.encode(), f"Bearer {token}".encode())

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class Exporter(ThreadingHTTPServer):
    """Answers GET /metrics, to whoever has the token if there is one."""

    daemon_threads = True

    def __init__(self, address: str, port: int, *, token: str, collectors: list[Collector]) -> None:
        if ":" in address:
            import socket

            self.address_family = socket.AF_INET6
        super().__init__((address, port), _Handler)
        self.token, self._lock = token, threading.Lock()
        self.registry = CollectorRegistry()
        for collector in collectors:
            self.registry.register(collector)

    def handle_error(self, *_: Any) -> None:
        log.warning("a reader of metrics could not be answered", exc_info=True)

    def render(self) -> bytes:
        with self._lock:  # however many read, the database is asked by one
            try:
                return generate_latest(self.registry)
            finally:
                connection.close()  # of this thread


def run_exporter(address: str, port: int, *, folder: str = "", of_worker: bool = False) -> None:
    """Serve until the process that started this one is gone. ``folder``: where the site's processes count."""
    collectors: list[Collector] = [InstallationCollector()]
    if folder:
        requests = RequestCollector(folder)
        collectors.append(requests)
        threading.Thread(target=requests.hold_hourly, daemon=True).start()
    exporter = Exporter(address, port, token=settings.METRICS_TOKEN, collectors=collectors)
    if of_worker:
        ProcessCollector("prongsai_worker", pid=os.getppid, registry=exporter.registry)
    threading.Thread(target=_end_without, args=(os.getppid(),), daemon=True).start()
    exporter.serve_forever()


def _end_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)
