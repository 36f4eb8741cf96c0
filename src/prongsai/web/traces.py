"""Traces for OpenTelemetry, by setting: one span a request and one a job, made here from an allow-list.

The library's automatic instrumentation is not used: it would send addresses, searches, user agents and statements. A
span has a route, a method, a status, the number of statements and their time; of an error its class alone. The job
that a request queued is in the trace of that request. What serves a respondent is not traced at all.
"""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

import prongsai
from prongsai.jobs import actions as jobs
from prongsai.jobs.models import Job
from prongsai.lib.origin import Origin, current

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import SpanContext, Tracer

FLUSH_MILLISECONDS = 3000  # that the process of a job waits for its trace to be sent


def trace_request(*, method: str, status: int, start: int, of: Origin) -> None:
    """Trace a request that was answered. ``start`` in nanoseconds since 1970."""
    if not settings.TRACES or of.is_quiet:
        return
    from opentelemetry.trace import SpanKind, Status, StatusCode

    span = _tracer().start_span(f"{method} {of.route}".strip(), kind=SpanKind.SERVER, start_time=start)
    span.set_attributes(
        {
            "http.request.method": method,
            "http.route": of.route,
            "http.response.status_code": status,
            "prongsai.request_id": of.request_id,
            **_statements(of),
        }
    )
    if status >= 500:
        span.set_status(Status(StatusCode.ERROR))
    span.end()


def watch_jobs() -> None:
    """Trace every job from now on, where the installation asks for it."""
    if settings.TRACES and trace_job not in jobs.OBSERVERS:
        jobs.OBSERVERS.append(trace_job)


@contextmanager
def trace_job(job: Job) -> Iterator[None]:
    """Trace a job, in the trace of the request that queued it."""
    from opentelemetry.trace import NonRecordingSpan, SpanKind, Status, StatusCode, set_span_in_context

    origin = current()
    assert origin is not None  # begun by whoever works on the job
    request = _place_of(origin.request_id)
    parent = set_span_in_context(NonRecordingSpan(request)) if request else None
    start, problem = time.time_ns(), ""
    try:
        yield
    except BaseException as error:
        problem = type(error).__name__
        raise
    finally:
        span = _tracer().start_span(job.name, context=parent, kind=SpanKind.CONSUMER, start_time=start)
        span.set_attributes(
            {
                "prongsai.job": job.pk,
                "prongsai.queue": job.queue,
                "prongsai.request_id": origin.request_id,
                **_statements(origin),
            }
        )
        if problem:
            span.set_attribute("error.type", problem)
            span.set_status(Status(StatusCode.ERROR))
        span.end()
        _provider().force_flush(FLUSH_MILLISECONDS)  # its process ends at once


def _statements(origin: Origin) -> dict[str, Any]:
    return {"db.statements": origin.statements, "db.milliseconds": round(origin.statement_seconds * 1000, 1)}


def _place_of(request_id: str) -> "SpanContext | None":
    """Where the span of a request is, by the request's identifier: jobs find it without anything else being stored."""
    if not request_id:
        return None
    from opentelemetry.trace import SpanContext, TraceFlags

    drawn = hashlib.sha256(b"prongsai trace " + request_id.encode()).digest()
    trace, span = int.from_bytes(drawn[:16]), int.from_bytes(drawn[16:24])
    return SpanContext(trace, span, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))


_lock = threading.Lock()


def _provider() -> "TracerProvider":
    with _lock:  # one for all threads
        return _make_provider()


@cache
def _make_provider() -> "TracerProvider":
    """Made when the first span is: in a process of the site, or of one job, and never before one is forked."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = build_provider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.TRACES)))
    return provider


def build_provider() -> "TracerProvider":
    """A provider that names the program and its version, and not the machine; identifiers as in ``_place_of``."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class OfTheRequest(RandomIdGenerator):
        def _place(self) -> "SpanContext | None":
            origin = current()
            return _place_of(origin.request_id) if origin and origin.job_id is None else None

        def generate_trace_id(self) -> int:
            place = self._place()
            return place.trace_id if place else super().generate_trace_id()

        def generate_span_id(self) -> int:
            place = self._place()
            return place.span_id if place else super().generate_span_id()

    resource = Resource({"service.name": "prongsai", "service.version": prongsai.__version__})
    return TracerProvider(resource=resource, id_generator=OfTheRequest())


def _tracer() -> "Tracer":
    return _provider().get_tracer("prongsai", prongsai.__version__)
