"""Downloads: a year's published results as a file, made once for each state of the data and kept."""

import csv
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from prongsai.framework import Framework
from prongsai.people.access import public
from prongsai.registry.places import AgencyType
from prongsai.registry.queries import revision
from prongsai.results import queries as record
from prongsai.results.models import Overview

_ABOUT: dict[str, tuple[str, str]] = {
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
}


def columns(framework: Framework) -> list[str]:
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
    ]


def rows(framework: Framework) -> Iterator[dict[str, Any]]:
    published = (
        record.published(framework.fiscal_year).select_related("agency", "result__result_set").defer("result__basis")
    )
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
            **{n: shown.get(n) for n in columns(framework) if n in framework.nodes},
        }


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula, made plain."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def _csv(path: Path, framework: Framework, found: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns(framework))
        writer.writeheader()
        for row in found:
            writer.writerow({k: _harmless(v) for k, v in row.items()})


def _xlsx(path: Path, framework: Framework, found: Iterable[dict[str, Any]]) -> None:
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(str(framework.fiscal_year))
    bold, score = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
    names = columns(framework)
    sheet.freeze_panes(1, 2)
    sheet.write_row(0, 0, [_head(framework, n) for n in names], bold)
    for at, row in enumerate(found, 1):
        for k, name in enumerate(names):
            value = row[name]
            if value is not None and name in framework.nodes:
                sheet.write_number(at, k, float(value), score)
            elif isinstance(value, bool):
                sheet.write_boolean(at, k, value)
            elif value is not None:
                sheet.write(at, k, value)
    book.close()


def _head(framework: Framework, name: str) -> str:
    if name in _ABOUT:
        return _ABOUT[name][1]
    return f"{name} {framework.nodes[name].label.th}"


def _parquet(path: Path, framework: Framework, found: Iterable[dict[str, Any]]) -> None:
    kinds = {"integer": pa.int32(), "boolean": pa.bool_(), "string": pa.string()}
    fields = [
        pa.field(
            n,
            pa.decimal128(7, 4) if n in framework.nodes else kinds[_ABOUT[n][0]],
            metadata={"title": _head(framework, n)},
        )
        for n in columns(framework)
    ]
    made = [{k: Decimal(v) if k in framework.nodes and v is not None else v for k, v in row.items()} for row in found]
    pq.write_table(pa.Table.from_pylist(made, pa.schema(fields)), path, compression="zstd")


_FORMS: dict[str, tuple[Callable[[Path, Framework, Iterable[dict[str, Any]]], None], str]] = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "xlsx": (_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "parquet": (_parquet, "application/vnd.apache.parquet"),
}


def _file(overview: Overview, form: str) -> Path:
    """The file for this state of the data, made if nobody asked before."""
    folder = settings.MEDIA_ROOT / "downloads"
    folder.mkdir(parents=True, exist_ok=True)
    path: Path = folder / f"{overview.fiscal_year}-{overview.digest[:16]}-{revision()}.{form}"
    if not path.exists():
        framework = record.frameworks()[overview.fiscal_year]
        draft = path.with_name(f"{path.stem}-{id(overview):x}.part")
        _FORMS[form][0](draft, framework, rows(framework))
        draft.replace(path)
        for old in folder.glob(f"{overview.fiscal_year}-*.{form}"):
            if old != path:
                old.unlink(missing_ok=True)
    return path


@public
@require_safe
def downloads(request: HttpRequest) -> HttpResponse:
    years = [(o.fiscal_year, o) for o in Overview.objects.order_by("-fiscal_year")]
    return render(request, "web/downloads.html", {"years": years, "forms": list(_FORMS)})


@public
@require_safe
def download(request: HttpRequest, fiscal_year: int, form: str) -> HttpResponseBase:
    overview = record.overview(fiscal_year)
    if overview is None or form not in _FORMS:
        raise Http404
    etag = f'"{overview.digest[:32]}-{revision()}-{form}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    response = FileResponse(
        _file(overview, form).open("rb"),
        content_type=_FORMS[form][1],
        as_attachment=True,
        filename=f"prongsai-{fiscal_year}.{form}",
    )
    response["ETag"] = etag
    return response


@public
@require_safe
def package(request: HttpRequest) -> HttpResponse:
    """The Data Package descriptor of every download (Frictionless, version 1)."""
    resources: list[dict[str, Any]] = []
    for overview in Overview.objects.order_by("-fiscal_year"):
        framework = record.frameworks()[overview.fiscal_year]
        fields = [
            {"name": n, "title": _head(framework, n), "type": "number" if n in framework.nodes else _ABOUT[n][0]}
            for n in columns(framework)
        ]
        for form in _FORMS:
            resources.append(
                {
                    "name": f"results-{overview.fiscal_year}-{form}",
                    "format": form,
                    "mediatype": _FORMS[form][1].partition(";")[0],
                    "path": request.build_absolute_uri(reverse("download", args=[overview.fiscal_year, form])),
                }
            )
            if form != "xlsx":  # a sheet for people: its head row is in Thai
                resources[-1]["schema"] = {"fields": fields, "primaryKey": ["agency", "fiscal_year"]}
    return JsonResponse(
        {
            "profile": "data-package",
            "name": "prongsai-results",
            "title": "ผลการประเมินคุณธรรมและความโปร่งใสที่เผยแพร่",
            "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
            "resources": resources,
        },
        json_dumps_params={"ensure_ascii": False},
    )
