"""The files of open data and the pages of agencies, made before anybody asks for them: after a publication and after an
upgrade, on all cores.

What is rendered is stored as if a reader of the site's own address (``settings.SITE``) had asked. Pages that are
current are passed over, so that a run that was stopped goes on where it was. The years of an agency are rendered
together, since their pages share most of what they read. A run ends when the store is nearly full, since it would push
out what it rendered itself.
"""

from collections.abc import Iterator
from itertools import chain, groupby, islice
from operator import itemgetter

from django.conf import settings
from django.urls import reverse

from prongsai.framework import NATIONAL
from prongsai.jobs.kinds import Queue, periodic
from prongsai.jobs.leases import Lease
from prongsai.machines.table_changes import read_revisions
from prongsai.registry.models import Assessment
from prongsai.registry.queries import path_of
from prongsai.results import queries as results
from prongsai.results.models import PublishedResult
from prongsai.web.page_store import PageHead
from prongsai.web.reader import Reader, Readers, count_cores
from prongsai.web.rendered_pages import open_store, program_stamp
from prongsai.web.year_files import list_files

_FINISHED = "finished:"  # before the site, in the store: what the pages were when the last run ended
_PAGES_PER_PROGRESS = 50
_FULL = 0.8  # of the store


def is_behind() -> bool:
    """Whether something was published, or the program changed, since the pages were last rendered."""
    if not settings.SITE or not settings.PAGES_BYTES:
        return False
    finished = open_store().find(_FINISHED + settings.SITE, "")
    return finished is None or (finished[0].stamp, finished[0].tables) != _state()


@periodic(title="เตรียมหน้าสาธารณะไว้ล่วงหน้า", queue=Queue.BATCHES, seconds=300, when=is_behind)
def render_ahead(lease: Lease) -> None:
    """Write the files of open data, and render the pages of every agency's published years in both languages, as far as
    they are not current."""
    store, (stamp, tables) = open_store(), _state()
    total, done, reported = PublishedResult.objects.count(), 0, -_PAGES_PER_PROGRESS
    with Readers(settings.SITE, count_cores()) as readers:
        write_files(readers)
        for rendered in chain([0], readers.map(_render, list_agencies())):
            done += rendered
            if done - reported < _PAGES_PER_PROGRESS:
                continue
            reported = done
            lease.progress(done, total, advances=True)
            if store.size() > _FULL * settings.PAGES_BYTES:
                lease.outcome = "ที่เก็บหน้าสาธารณะเกือบเต็ม เพิ่ม PRONGSAI_PAGES_MB เพื่อให้เก็บได้ครบทุกปี"
                break
    store.put(_FINISHED + settings.SITE, PageHead(headers={}, route="", digest="", stamp=stamp, tables=tables), b"")
    with lease.write(done=total, total=total, finish=True):
        pass


def write_files(readers: Readers | None = None) -> None:
    """Write the files of open data of every published year that nobody has asked for yet: on the cores of readers, or
    here."""
    counts = [(assessment, sum(1 for _ in list_files(assessment))) for assessment in _list_assessments()]
    parts = [(assessment, number) for assessment, count in counts for number in range(count)]
    for _ in (readers or Readers(settings.SITE, 1)).map(_write_file, parts):
        pass


def _write_file(_: Reader, part: tuple[str, int]) -> None:
    """Write one of the files of an assessment, by its number."""
    assessment, number = part
    next(islice(list_files(assessment), number, None)).write()


def _list_assessments() -> list[str]:
    return [NATIONAL, *Assessment.objects.exclude(pk=NATIONAL).values_list("pk", flat=True)]


def _render(reader: Reader, addresses: list[str]) -> int:
    reader.render(addresses)
    return len(addresses)


def _state() -> tuple[str, dict[str, int]]:
    table = PublishedResult._meta.db_table
    return program_stamp(), {table: read_revisions("default").get(table, 0)}


def list_agencies() -> Iterator[list[str]]:
    """The pages of each agency's published years, the newest first."""
    for assessment in _list_assessments():
        rows = results.published(assessment).order_by("agency__code", "-fiscal_year")
        of_agencies = groupby(rows.values_list("agency__code", "fiscal_year"), key=itemgetter(0))
        for _, years in of_agencies:
            yield [path_of(assessment, reverse("agency_year", args=year)) for year in years]
