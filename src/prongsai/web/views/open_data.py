"""Downloads of published results: a file for each year and format, written once for each state of the data; a workbook
of many agencies by a worker."""

import csv
import re
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from prongsai.framework import NATIONAL, STATE_TH, Framework
from prongsai.jobs.kinds import Queue, job
from prongsai.jobs.leases import Lease
from prongsai.lib import digest
from prongsai.lib.spreadsheets import escape_formula
from prongsai.machines import files
from prongsai.people.access import public_page
from prongsai.people.requests import SiteRequest
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.queries import agency_revision
from prongsai.results import queries as results
from prongsai.results.models import Overview, PublishedResult
from prongsai.rulebooks.queries import find_framework, frameworks
from prongsai.web import ranked_files
from prongsai.web.api import api
from prongsai.web.rendered_pages import rendered_once
from prongsai.web.waiting_page import wait_for_file

_COLUMNS: dict[str, tuple[str, str]] = {
    "agency": ("string", "รหัสหน่วยงาน"),
    "name": ("string", "ชื่อหน่วยงาน"),
    "kind": ("string", "ประเภท"),
    "province": ("string", "จังหวัด"),
    "region": ("string", "ภาค"),
    "fiscal_year": ("integer", "ปีงบประมาณ (พ.ศ.)"),
    "level": ("string", "ระดับผลการประเมิน"),
    "passed": ("boolean", "คะแนนรวมถึงค่าเป้าหมาย"),
    "overall": ("number", "คะแนนรวม"),
    "fictional": ("boolean", "หน่วยงานสมมุติเพื่อการสาธิต"),
    "result_set": ("string", "รหัสกำกับของชุดผล (SHA-256)"),
    "rules": ("string", "สถานะของหลักเกณฑ์"),  # announced, provisional or none
    # the surveys of which that is so, separated by spaces
    "open_link": ("string", "แบบวัดที่เปิดลิงก์ให้ใครก็ตอบได้ จึงไม่ได้ยืนยันตัวผู้ตอบ"),
    "above_population": ("string", "แบบวัดที่มีคำตอบมากกว่าจำนวนผู้มีสิทธิตอบ"),
}


RULES_STATE_TH = {**STATE_TH, "none": "บันทึกตามที่ประกาศ ยังไม่มีหลักเกณฑ์"}  # for people; data have the key


def column_names(framework: Framework) -> list[str]:
    scores = [*framework.instruments, *(i.id for i in framework.rules.indicators)]
    return [
        "agency",
        "name",
        "kind",
        "province",
        "region",
        "fiscal_year",
        "overall",
        "level",
        "passed",
        *scores,
        "fictional",
        "result_set",
        "rules",
        *results.COLLECTION_MARKS,
    ]


def result_rows(framework: Framework, *, fictional: bool) -> Iterator[dict[str, Any]]:
    """The rows of real agencies, or of fictional ones: a file never has both."""
    published = (
        results.published(framework.assessment, framework.fiscal_year, fictional=fictional)
        .select_related("agency", "result__result_set")
        .defer("result__basis")
        .annotate(collection=results.COLLECTION)
    )
    state = _rules_state(framework)
    for row in published.order_by("agency__order").iterator(chunk_size=1000):
        agency, shown = row.agency, row.result.shown
        yield {
            "agency": agency.code,
            "name": agency.name_th,
            "kind": str(AgencyType(agency.kind).label),
            "province": agency.province,
            "region": agency.region,
            "fiscal_year": row.fiscal_year,
            "level": row.level,
            "passed": row.passed,
            "fictional": agency.fictional,
            "result_set": row.result.result_set.digest,
            "rules": state,
            **{mark: _marked(row, mark) for mark in results.COLLECTION_MARKS},
            **{n: shown.get(n) for n in column_names(framework) if n in framework.nodes},
        }


def _marked(row: PublishedResult, mark: str) -> str:
    """The surveys of a result, annotated with its marks, that have one of them."""
    collection: dict[str, dict[str, Any]] = vars(row)["collection"] or {}
    return " ".join(sorted(instrument for instrument, marks in collection.items() if mark in marks))


def _write_csv(path: Path, framework: Framework, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, column_names(framework))
        writer.writeheader()
        for row in rows:
            writer.writerow({k: escape_formula(v) for k, v in row.items()})


def _write_xlsx(path: Path, framework: Framework, rows: Iterable[dict[str, Any]]) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(str(framework.fiscal_year))
    bold, score = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
    names = column_names(framework)
    sheet.freeze_panes(1, 2)
    sheet.write_row(0, 0, [_column_title(framework, n) for n in names], bold)
    for number, row in enumerate(rows, 1):
        for k, name in enumerate(names):
            value = row[name]
            if value is not None and name in framework.nodes:
                sheet.write_number(number, k, float(value), score)
            elif name == "rules":
                sheet.write(number, k, RULES_STATE_TH[value])
            elif isinstance(value, bool):
                sheet.write_boolean(number, k, value)
            elif value is not None:
                sheet.write(number, k, value)
    book.close()


def _column_title(framework: Framework, name: str) -> str:
    if name in _COLUMNS:
        return _COLUMNS[name][1]
    return f"{name} {framework.nodes[name].label.th}"


def _write_parquet(path: Path, framework: Framework, rows: Iterable[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"integer": pa.int32(), "boolean": pa.bool_(), "string": pa.string()}
    fields = [
        pa.field(
            n,
            pa.decimal128(7, 4) if n in framework.nodes else kinds[_COLUMNS[n][0]],
            metadata={"title": _column_title(framework, n)},
        )
        for n in column_names(framework)
    ]
    records = [{k: Decimal(v) if k in framework.nodes and v is not None else v for k, v in row.items()} for row in rows]
    pq.write_table(pa.Table.from_pylist(records, pa.schema(fields)), path, compression="zstd")


_FORMATS: dict[str, tuple[Callable[[Path, Framework, Iterable[dict[str, Any]]], None], str]] = {
    "csv": (_write_csv, "text/csv; charset=utf-8"),
    "xlsx": (_write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "parquet": (_write_parquet, "application/vnd.apache.parquet"),
}


def name_year(assessment: str, fiscal_year: int) -> str:
    """What files of a year are called: the national ones by the year alone."""
    return str(fiscal_year) if assessment == NATIONAL else f"{assessment}-{fiscal_year}"


_FOLDER = "downloads"
_STATE_DIGITS = 32
_ROWS_PER_PROGRESS = 500


def _list_worlds(overview: Overview) -> list[tuple[dict[str, Any], bool]]:
    """The summaries of a year that have agencies, each with whether it is that of fiction."""
    both = {
        is_fiction: data for data, is_fiction in (results.choose_summary(overview, fictional=f) for f in (False, True))
    }
    return [(data, is_fiction) for is_fiction, data in both.items() if data["agencies"]]


def _name_file(overview: Overview, *, fictional: bool) -> str:
    name = name_year(overview.assessment_id, overview.fiscal_year)
    return f"{name}-fictional" if fictional else name


def _state_of(overview: Overview, framework: Framework) -> str:
    """A digest of everything that a file of the year is written from."""
    parts = [overview.digest, agency_revision(), framework.digest, _rules_state(framework), column_names(framework)]
    return digest.of_json(parts)[:_STATE_DIGITS]


def _rules_state(framework: Framework) -> str:
    """``announced``, ``provisional``, or ``none`` where results are recorded as printed."""
    in_force = find_framework(framework.assessment, framework.fiscal_year)
    return "none" if in_force is None else in_force.rules.state


def _find_stored(overview: Overview, framework: Framework, form: str, *, fictional: bool) -> str:
    """Where the file of this state of the data is stored."""
    return f"{_FOLDER}/{_name_file(overview, fictional=fictional)}-{_state_of(overview, framework)}.{form}"


@job(title="เตรียมไฟล์ข้อมูลเปิด", queue=Queue.BULK, tries=2)
def write_download(lease: Lease, assessment: str, fiscal_year: int, fictional: bool, stored: str) -> None:
    """Write the workbook of a year with many agencies, unless the data are others by now: whoever still wants it asks
    for that."""
    overview = results.overview(assessment, fiscal_year)
    framework = results.framework_of_year(assessment, fiscal_year)
    if overview is not None and _find_stored(overview, framework, "xlsx", fictional=fictional) == stored:
        total = results.choose_summary(overview, fictional=fictional)[0]["agencies"]
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
            # all read before the first word of progress: SQLite refuses to write in the middle of reading
            rows = _report(lease, list(result_rows(framework, fictional=fictional)), total)
            _write_xlsx(Path(file.name), framework, rows)
            if not files.exists(stored):
                files.store_copy(stored, Path(file.name))
        name = re.escape(_name_file(overview, fictional=fictional))
        old = re.compile(rf"{_FOLDER}/{name}-[0-9a-f]{{{_STATE_DIGITS}}}\.xlsx")
        for other in list(files.list_names(_FOLDER)):
            if other != stored and old.fullmatch(other):
                files.remove(other)
    with lease.write(finish=True):
        pass


def _report(lease: Lease, rows: Iterable[dict[str, Any]], total: int) -> Iterator[dict[str, Any]]:
    """The rows, telling how far they are."""
    for done, row in enumerate(rows):
        if done % _ROWS_PER_PROGRESS == 0:
            lease.progress(done, total)
        yield row


def _prepare_file(overview: Overview, framework: Framework, form: str, *, fictional: bool) -> Path:
    """The file of this state of the data, written on the first request."""
    folder = settings.MEDIA_ROOT / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = _name_file(overview, fictional=fictional)
    path: Path = folder / f"{name}-{_state_of(overview, framework)}.{form}"
    if not path.exists():
        draft = path.with_name(f"{path.stem}-{secrets.token_hex(8)}.part")  # another process may write the same
        _FORMATS[form][0](draft, framework, result_rows(framework, fictional=fictional))
        draft.replace(path)
        for old in folder.glob(f"{name}-{'[0-9a-f]' * _STATE_DIGITS}.{form}"):
            if old != path:
                old.unlink(missing_ok=True)
    return path


@public_page
@require_safe
@rendered_once()
def downloads(request: SiteRequest) -> HttpResponse:
    years = [(o.fiscal_year, o, *world) for o in results.overviews(request.assessment) for world in _list_worlds(o)]
    context = {"years": years, "formats": list(_FORMATS), "shown_years": [year for year, *_ in years]}
    return render(request, "web/downloads.html", context)


_OPERATIONS_TH = {
    "list_agencies": "หน่วยงาน เรียงตามรหัส",
    "get_agency": "หน่วยงานหนึ่ง",
    "list_agency_results": "ผลที่เผยแพร่ของหน่วยงาน",
    "list_rounds": "ปีงบประมาณที่มีผลเผยแพร่",
    "list_indicators": "ตัวชี้วัดและข้อของหลักเกณฑ์ปีหนึ่ง",
    "list_results": "ผลที่เผยแพร่ของปีหนึ่ง เรียงตามรหัสหน่วยงาน",
    "list_ranking": "ผลของปีหนึ่งตามที่ถาม: จัดลำดับด้วยอะไร จากดีหรือจากแย่ ของหน่วยงานใด",
}


def _list_operations() -> list[dict[str, str]]:
    described = ((path, item["get"]) for path, item in api.get_openapi_schema(path_prefix="/api/")["paths"].items())
    return [
        {"path": path, "id": get["operationId"], "en": get["summary"], "th": _OPERATIONS_TH[get["operationId"]]}
        for path, get in described
    ]


@public_page
@require_safe
@rendered_once()
def describe_api(request: SiteRequest) -> HttpResponse:
    """What programs can ask, with examples that lead to this site."""
    years = results.years(request.assessment)
    context = {
        "site": request.build_absolute_uri(reverse("home")).removesuffix("/").removesuffix("/en"),
        "year": years[0] if years else max(frameworks(request.assessment)),
        "operations": _list_operations(),
    }
    return render(request, "web/api.html", context)


@public_page
@require_safe
def download(request: SiteRequest, fiscal_year: int, form: str) -> HttpResponseBase:
    overview = results.overview(request.assessment, fiscal_year)
    if overview is None or form not in _FORMATS:
        raise Http404
    framework = results.framework_of_year(request.assessment, fiscal_year)
    fictional = request.GET.get("fictional") == "1"
    etag = f'"{_state_of(overview, framework)}-{form}{"-fictional" if fictional else ""}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    file: IO[bytes]
    count = results.choose_summary(overview, fictional=fictional)[0]["agencies"]
    if form == "xlsx" and count > ranked_files.MOST_INLINE:
        stored = _find_stored(overview, framework, form, fictional=fictional)
        csv_address = reverse("download", args=[fiscal_year, "csv"]) + ("?fictional=1" if fictional else "")
        waiting = wait_for_file(
            request,
            write_download,
            stored,
            *(request.assessment, fiscal_year, fictional),
            about=f"ปี {fiscal_year}",
            csv=csv_address,
            back=reverse("downloads"),
        )
        if waiting is not None:
            return waiting
        file = files.open_file(stored)
    else:
        file = _prepare_file(overview, framework, form, fictional=fictional).open("rb")
    response = FileResponse(
        file,
        content_type=_FORMATS[form][1],
        as_attachment=True,
        filename=f"prongsai-{_name_file(overview, fictional=fictional)}.{form}",
    )
    response["ETag"] = etag
    return response


def list_resources(request: SiteRequest) -> list[dict[str, Any]]:
    """Every file that is offered, as a Data Package describes it."""
    resources: list[dict[str, Any]] = []
    for overview in results.overviews(request.assessment):
        framework = results.framework_of_year(overview.assessment_id, overview.fiscal_year)
        fields = [
            {
                "name": n,
                "title": _column_title(framework, n),
                "type": "number" if n in framework.nodes else _COLUMNS[n][0],
            }
            for n in column_names(framework)
        ]
        for form, (_, fictional) in product(_FORMATS, _list_worlds(overview)):
            path = reverse("download", args=[overview.fiscal_year, form]) + ("?fictional=1" if fictional else "")
            resources.append(
                {
                    "name": f"results-{_name_file(overview, fictional=fictional)}-{form}",
                    "format": form,
                    "mediatype": _FORMATS[form][1].partition(";")[0],
                    "rules": _rules_state(framework),
                    "fictional": fictional,
                    "path": request.build_absolute_uri(path),
                }
            )
            if form != "xlsx":  # a sheet for people: its header row is in Thai
                resources[-1]["schema"] = {"fields": fields, "primaryKey": ["agency", "fiscal_year"]}
    return resources


@public_page
@require_safe
@rendered_once()
def datapackage(request: SiteRequest) -> HttpResponse:
    """The Data Package descriptor of every download (Frictionless, version 1)."""
    return JsonResponse(
        {
            "profile": "data-package",
            "name": "prongsai-results" if request.assessment == NATIONAL else f"prongsai-results-{request.assessment}",
            "title": "ผลการประเมินคุณธรรมและความโปร่งใสที่เผยแพร่",
            "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
            "resources": list_resources(request),
        },
        json_dumps_params={"ensure_ascii": False},
    )
