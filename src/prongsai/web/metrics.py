"""Counting requests for Prometheus: by route, never by address; processes of one machine share files.

``prongsai serve`` names the folder of those files in the environment before it starts its processes; without it nothing
is counted and nothing of it is imported. ``web.exporter`` reads them, and holds back what respondents do.
"""

import os
import threading
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # the library's own name; read when it is imported
REQUESTS, SECONDS = "prongsai_requests", "prongsai_request_seconds"
RESPONDENTS = "respondents"  # the one route of whatever serves a respondent
NO_ROUTE = "none"  # no such page
_METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(frozen=True)
class _Instruments:
    requests: "Counter"
    seconds: "Histogram"


def is_counting() -> bool:
    """Whether this process counts requests."""
    return bool(os.environ.get(FOLDER_VARIABLE))


_lock = threading.Lock()


def _instruments() -> _Instruments:
    """The instruments of this process. Two threads that made them at once would each write over what the other
    counts."""
    with _lock:
        return _make_instruments()


@cache
def _make_instruments() -> _Instruments:
    from prometheus_client import CollectorRegistry, Counter, Histogram

    registry = CollectorRegistry()
    return _Instruments(
        Counter(REQUESTS, "Requests answered.", ("route", "method", "status"), registry=registry),
        Histogram(SECONDS, "Seconds until a request was answered.", ("route",), buckets=BUCKETS, registry=registry),
    )


def count_request(*, route: str, method: str, status: int, seconds: float, is_quiet: bool) -> None:
    """Count a request that was answered. Of a quiet one nothing is known but the class of its status."""
    if is_quiet:
        route, method = RESPONDENTS, ""
    elif method not in _METHODS:
        method = "other"
    instruments = _instruments()
    instruments.requests.labels(route or NO_ROUTE, method, f"{status // 100}xx").inc()
    instruments.seconds.labels(route or NO_ROUTE).observe(seconds)
