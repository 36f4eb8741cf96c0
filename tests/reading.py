"""Whether a worker tells how far it is while it is in the middle of reading rows."""

from contextlib import contextmanager

from django.db.models import QuerySet

from prongsai.jobs.leases import Lease


@contextmanager
def watch_reading(monkeypatch):
    """Gives a list with an entry for each report of progress: how many iterators of rows were open then."""
    reports, open_now = [], []
    iterator, progress = QuerySet.iterator, Lease.progress

    def watched(rows, *arguments, **more):
        open_now.append(rows)
        yield from iterator(rows, *arguments, **more)
        open_now.pop()

    def report(lease, *arguments):
        reports.append(len(open_now))
        progress(lease, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(QuerySet, "iterator", watched)
        patched.setattr(Lease, "progress", report)
        yield reports
