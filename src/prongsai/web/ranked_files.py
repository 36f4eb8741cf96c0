"""Workbooks of many results, as an address asks for them: written once for each question and state of the data, by a
worker, for whoever asks until the next day.

Who asks waits at a page: see ``waiting_page``.
"""

import datetime
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.utils import timezone

from prongsai.framework import Framework
from prongsai.jobs.kinds import Queue, job, periodic
from prongsai.jobs.leases import Lease
from prongsai.lib import digest
from prongsai.lib.spreadsheets import write_xlsx
from prongsai.machines import files
from prongsai.registry.queries import agency_revision
from prongsai.results import queries as results
from prongsai.results.models import Overview
from prongsai.web import rankings

MOST_INLINE = 1_000  # rows that a request writes itself, in a third of a second
_FOLDER = "ranked"
_ROWS_PER_PROGRESS = 500


@dataclass(frozen=True)
class Asked:
    """What an address asks of a year, as the arguments of a job: its values without pages, the keys of its columns, and
    whether it is of fiction."""

    assessment: str
    fiscal_year: int
    values: dict[str, str]
    columns: list[str]
    fictional: bool

    def arguments(self) -> list[Any]:
        return [self.assessment, self.fiscal_year, self.values, self.columns, self.fictional]


def to_asked(assessment: str, request: rankings.Request) -> Asked:
    """By what decides the rows and nothing else: an address with other parameters asks for the same file."""
    question = request.question
    names = ("kind", "province", "district", "region", "level", "sort", "order")
    values: dict[str, str] = {name: getattr(question, name) for name in names}
    columns = [column.key for column in request.columns]
    year = question.framework.fiscal_year
    return Asked(assessment, year, values | {"q": question.text}, columns, question.fictional)


def name_file(asked: Asked, overview: Overview, framework: Framework) -> str:
    """Where the workbook of today's state of the data is stored."""
    state = [*asked.arguments(), overview.digest, agency_revision(), framework.digest]
    return f"{_FOLDER}/{timezone.localdate():%Y%m%d}/{digest.of_json(state)[:32]}.xlsx"


@job(title="เตรียมไฟล์ตารางผล", queue=Queue.BULK, tries=2)
def write_ranked(
    lease: Lease,
    assessment: str,
    fiscal_year: int,
    values: dict[str, str],
    columns: list[str],
    fictional: bool,  # as stored with the job
    name: str,
) -> None:
    """Write one workbook, unless what it is made of is another one by now: whoever still wants it asks for that."""
    asked = Asked(assessment, fiscal_year, values, columns, fictional)
    overview = results.overview(assessment, fiscal_year)
    framework = results.framework_of_year(assessment, fiscal_year)
    if overview is None or name_file(asked, overview, framework) != name or files.exists(name):
        with lease.write(finish=True):
            return
    data, _ = results.choose_summary(overview, fictional=fictional)
    request = rankings.read_request(framework, values, columns, fictional=fictional, levels=data["levels"])
    total = request.question.ordered().count()
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        write_workbook(file, request, report=lambda done: lease.progress(done, total))
        file.flush()
        files.store_copy(name, Path(file.name))
    with lease.write(done=total, total=total, finish=True):
        pass


def write_workbook(file: IO[bytes], request: rankings.Request, *, report: Callable[[int], None] | None = None) -> None:
    """Every row of the answer, as the page orders it."""
    titles = rankings.name_columns(request.columns, for_people=True)
    year = str(request.question.framework.fiscal_year)
    write_xlsx(file, year, titles, _write_rows(request, report))


def _write_rows(request: rankings.Request, report: Callable[[int], None] | None) -> Iterator[Sequence[Any]]:
    """Read a part at a time where it is told how far it is: nobody writes to a database (SQLite refuses it) in the
    middle of reading what others change meanwhile."""
    if report is None:
        yield from (rankings.write_row(row, request.columns) for row in rankings.iterate_rows(request))
        return
    start, rows = 0, rankings.list_rows(request, 0, _ROWS_PER_PROGRESS)
    while rows:
        report(start)
        yield from (rankings.write_row(row, request.columns) for row in rows)
        start += len(rows)
        rows = rankings.list_rows(request, start, start + _ROWS_PER_PROGRESS)


@periodic(title="ลบไฟล์ตารางผลเก่า", hour=4)
def delete_old_files(_: Lease) -> None:
    """Forget the workbooks of before yesterday."""
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    _remove(name for name in files.list_names(_FOLDER) if name.split("/")[1] < f"{yesterday:%Y%m%d}")


def _remove(names: Iterable[str]) -> None:
    for name in list(names):
        with suppress(OSError):
            files.remove(name)
