"""A worker that dies after everything it stores: a job that gets on is done all the same."""

import dataclasses
from contextlib import contextmanager

from prongsai.jobs import kinds, leases
from prongsai.jobs.actions import work_on
from prongsai.jobs.leases import Lease, LeaseLostError, take_job
from prongsai.jobs.models import Job

TRIES = 2


def work_through_deaths(queue, monkeypatch):
    """Do the job that waits in a queue, by workers of which each dies after the first step it stores that is not done
    again; at the end it is done, although more of them died than it has tries. How many died."""
    deaths, write, progress = [], Lease.write, Lease.progress

    @contextmanager
    def write_and_die(lease, *, finish=False, **named):
        with write(lease, finish=finish, **named) as step:
            yield step
        if step.advances and not finish:
            deaths.append(lease.job_id)
            raise LeaseLostError

    def progress_and_die(lease, done, total, *, advances=False):
        progress(lease, done, total, advances=advances)
        if advances:
            deaths.append(lease.job_id)
            raise LeaseLostError

    job = Job.objects.get(queue=queue, state=Job.State.WAITING)
    kind = kinds.find_kind(job.name)
    with monkeypatch.context() as patched:
        patched.setitem(kinds._kinds, kind.name, dataclasses.replace(kind, tries=TRIES))
        patched.setattr(leases, "MAX_LOSSES", TRIES)
        patched.setattr(Lease, "write", write_and_die)
        patched.setattr(Lease, "progress", progress_and_die)
        for _ in range(100):
            if (taken := take_job(queue=queue, owner="test")) is None:
                break
            work_on(taken)
            Job.objects.filter(pk=taken.pk, state=Job.State.RUNNING).update(lease_until="2020-01-01T00:00:00Z")
    job.refresh_from_db()
    assert (job.state, job.problem) == (Job.State.DONE, "")
    assert len(deaths) > TRIES
    return len(deaths)
