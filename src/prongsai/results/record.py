"""The record that the public reads: the published results of a year and its summary, written anew whenever something is
published or withdrawn, so that no page computes anything over a nation."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from django.db import connection
from django.db.models import QuerySet

from prongsai.framework import Framework
from prongsai.jobs.kinds import Queue, job
from prongsai.jobs.leases import Lease
from prongsai.lib import digest
from prongsai.results import queries
from prongsai.results.facts import describe
from prongsai.results.models import AgencyResult, Overview, PublishedResult, ResultSet
from prongsai.results.overview import compute_overview
from prongsai.rulebooks.queries import frameworks

_LOCK = 0x9E5  # first key of the advisory lock of PostgreSQL; the second is the fiscal year
_BATCH = 500


def lock_years(year: int) -> None:
    """Serialise publishing and withdrawing within a fiscal year, of any assessment, until the transaction ends; and
    within the year after, whose changes are against this one. SQLite has a single writer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for locked in (year, year + 1):
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, locked])


def update(result_set: ResultSet) -> None:
    """Recompute the published results of every agency in a ResultSet and in the one it corrects, what those of the year
    after say of their change, and the summaries of both years."""
    assessment, year = result_set.assessment_id, result_set.fiscal_year
    agencies = AgencyResult.objects.filter(result_set__in=[result_set.pk, result_set.corrects_id]).values("agency")
    framework_of = _remember_frameworks(assessment)
    in_force = queries.find_results_in_force(result_set)
    _join_sets(in_force.values())
    published = queries.published(assessment, year)
    _replace(
        published.filter(agency__in=agencies),
        in_force.values(),
        _find_published(queries.published(assessment, year - 1).filter(agency__in=agencies)),
        framework_of,
    )
    _summarize(assessment, year, framework_of)
    after = queries.published(assessment, year + 1).filter(agency__in=agencies)
    if after.exists():
        _replace(after, _find_published(after).values(), in_force, framework_of)
        _summarize(assessment, year + 1, framework_of)


@job(title="เตรียมตารางผลของปี", queue=Queue.COMPUTE)
def describe_year(lease: Lease, assessment: str, year: int) -> None:
    """Write what is derived of a year's published results anew, for those of a version that did not store it yet."""
    with lease.write(finish=True):
        lock_years(year)
        framework_of = _remember_frameworks(assessment)
        rows = queries.published(assessment, year)
        before = _find_published(queries.published(assessment, year - 1))
        _replace(rows, _find_published(rows).values(), before, framework_of)
        _summarize(assessment, year, framework_of)


def _remember_frameworks(assessment: str) -> Callable[[ResultSet], Framework]:
    """``queries.framework_of``, asked once for the rules of each digest."""
    in_force = frameworks(assessment)

    @cache
    def find(year: int, framework_digest: str) -> Framework:
        made_by = ResultSet(assessment_id=assessment, fiscal_year=year, framework_digest=framework_digest)
        return queries.framework_of(made_by, in_force)

    return lambda result_set: find(result_set.fiscal_year, result_set.framework_digest)


def _find_published(rows: QuerySet[PublishedResult]) -> dict[int, AgencyResult]:
    """The results that rows publish, with their scores, by agency."""
    found = AgencyResult.objects.filter(pk__in=rows.values("result")).defer("basis")
    return {result.agency_id: result for result in _join_sets(found)}


def _join_sets(results: Iterable[AgencyResult]) -> list[AgencyResult]:
    """Results with the sets that they are of: thousands are of a few."""
    found = list(results)
    sets = ResultSet.objects.in_bulk({r.result_set_id for r in found})
    for result in found:
        result.result_set = sets[result.result_set_id]
    return found


def _replace(
    rows: QuerySet[PublishedResult],
    results: Iterable[AgencyResult],
    before: Mapping[int, AgencyResult],
    framework_of: Callable[[ResultSet], Framework],
) -> None:
    """Have these results published instead of those of ``rows``. Rows are made anew: thousands are not updated one by
    one."""
    made = []
    for result in results:
        row = PublishedResult(
            assessment_id=result.result_set.assessment_id,
            fiscal_year=result.result_set.fiscal_year,
            agency_id=result.agency_id,
            result=result,
            overall=result.overall,
            level=result.level,
            passed=result.passed,
        )
        describe(row, before.get(result.agency_id), framework_of)
        made.append(row)
    rows.delete()
    PublishedResult.objects.bulk_create(made, batch_size=_BATCH)


def _summarize(assessment: str, year: int, framework_of: Callable[[ResultSet], Framework]) -> None:
    """Write the summary of a year anew: of real agencies, and of fictional ones apart; none where nothing is public."""
    rows = queries.published(assessment, year)
    newest = ResultSet.objects.filter(pk__in=rows.values("result__result_set")).first()
    if newest is None:
        queries.overviews(assessment).filter(fiscal_year=year).delete()
        return
    data, of_fiction = (
        compute_overview(
            framework_of(newest),
            queries.published(assessment, year, fictional=fictional)
            .select_related("agency", "result")
            .only("overall", "level", "passed", "change", "agency__kind", "agency__province", "result__shown"),
        )
        for fictional in (False, True)
    )
    data["fictional"] = of_fiction if of_fiction["agencies"] else None
    computed = queries.published_round(assessment, year)
    counted_in = data if data["agencies"] else of_fiction
    counted_in["readings"] = computed.readings if computed else None
    overview_digest = digest.of_json([data, sorted(rows.values_list("result_id", flat=True))])
    Overview.objects.update_or_create(
        assessment_id=assessment, fiscal_year=year, defaults={"data": data, "digest": overview_digest}
    )
