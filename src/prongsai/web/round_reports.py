"""The weekly reports of a round, in Word and PDF: written by a worker at the beginning of each week, and on any day
that the office asks for one. They stay, one for each day that has one; that of today is at most an hour old."""

import datetime
from collections.abc import Iterator

from django.utils import timezone

from prongsai.documents.papers import round_report
from prongsai.documents.papers.round_report import Group, Phase, RoundProgress
from prongsai.jobs.kinds import Queue, job, periodic
from prongsai.jobs.leases import Lease
from prongsai.machines import files
from prongsai.registry.models import Round
from prongsai.web import report_files, steering

_FOLDER = "round-reports"


def name_report(assessment_round: Round, day: datetime.date) -> str:
    """Where the report of a day is stored, without the ending of its form: of today that of this hour, of an earlier
    day the one that it ended with."""
    now = timezone.localtime()
    if day == now.date():
        return _name_at(assessment_round, now)
    return next(reversed(_list_names(assessment_round, day)), f"{_folder(assessment_round)}/{day:%Y%m%d}")


def list_days(assessment_round: Round) -> list[datetime.date]:
    """The days of which there is a report, the newest first."""
    days = {_day_of(name) for name in _list_names(assessment_round)}
    return sorted(days, reverse=True)


def _name_at(assessment_round: Round, at: datetime.datetime) -> str:
    return f"{_folder(assessment_round)}/{at:%Y%m%dT%H}"


def _folder(assessment_round: Round) -> str:
    return f"{_FOLDER}/{assessment_round.pk}"


def _list_names(assessment_round: Round, day: datetime.date | None = None) -> list[str]:
    """The names of the stored reports without their ending, in the order of time: of a day, or all."""
    names = [n.removesuffix(".pdf") for n in files.list_names(_folder(assessment_round)) if n.endswith(".pdf")]
    return [name for name in names if day is None or _day_of(name) == day]


def _day_of(name: str) -> datetime.date:
    return datetime.date.fromisoformat(name.rpartition("/")[2].partition("T")[0])


def measure_progress(assessment_round: Round) -> RoundProgress:
    """Where a round stands today."""
    whole, *regions = _count(assessment_round, "region")
    _, *provinces = _count(assessment_round, "province")
    _, *assessors = _count(assessment_round, "assessor")
    return RoundProgress(
        assessment=assessment_round.assessment.name_th,
        fiscal_year=assessment_round.fiscal_year,
        at=timezone.localtime(),
        phases=[Phase(p.label_th, p.starts, p.ends) for p in assessment_round.phases.all()],
        stages=steering.list_stages(assessment_round),
        whole=whole,
        regions=regions,
        provinces=provinces,
        assessors=assessors,
        acts=steering.ACTS_OF_DAY,
        days=steering.count_by_day(assessment_round, 1 + 2 * round_report.WEEK),
        overdue="overdue",
    )


def _count(assessment_round: Round, by: str) -> Iterator[Group]:
    return (Group(g.title, g.agencies, g.counts) for g in steering.count_groups(assessment_round, by))


@job(title="จัดทำรายงานความก้าวหน้า", queue=Queue.BULK, tries=2)
def write_round_report(lease: Lease, round_id: int, name: str) -> None:
    """Write the report of this hour. Nothing where the hour it was asked for is over: whoever waits asks again."""
    assessment_round = Round.objects.prefetch_related("phases").get(pk=round_id)
    progress = measure_progress(assessment_round)
    if name == f"{_name_at(assessment_round, progress.at)}.pdf":
        _store(assessment_round, progress)
    with lease.write(finish=True):
        pass


def _store(assessment_round: Round, progress: RoundProgress) -> None:
    """Write a report, in the place of an earlier one of the same day."""
    before = _list_names(assessment_round, progress.at.date())
    name = _name_at(assessment_round, progress.at)
    report_files.store(name, round_report.compose(progress))
    for old in before:
        if old != name:
            report_files.remove(old)


@periodic(title="จัดทำรายงานความก้าวหน้าประจำสัปดาห์", queue=Queue.BULK, hour=5)
def write_weekly_reports(_: Lease) -> None:
    """Write a report of each round that runs and has none of this week."""
    today = timezone.localdate()
    monday = today - datetime.timedelta(today.weekday())
    for assessment_round in Round.objects.filter(status=Round.Status.RUNNING).prefetch_related("phases"):
        if not any(day >= monday for day in list_days(assessment_round)):
            _store(assessment_round, measure_progress(assessment_round))
