"""Open data: the downloads of published results and what describes them, for people and for programs."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from prongsai.framework import METHOD_TH, NATIONAL
from prongsai.lib import digest
from prongsai.lib.spreadsheets import escape_formula
from prongsai.people.access import public_page
from prongsai.people.requests import SiteRequest
from prongsai.registry.models import Agency
from prongsai.results import queries as results
from prongsai.rulebooks.queries import frameworks
from prongsai.web.api import api
from prongsai.web.data_tables import (
    FORMATS,
    RESULTS,
    SCORES,
    VALUES,
    Column,
    name_rules_state,
)
from prongsai.web.rendered_pages import answer_unchanged, depend_on, leave_unstored, rendered_once
from prongsai.web.waiting_page import wait_for_file
from prongsai.web.year_files import YearFile, list_files, list_worlds, write_download

_VERSION_DIGITS = 32


@public_page
@require_safe
@rendered_once()
def downloads(request: SiteRequest) -> HttpResponse:
    years = [(o.fiscal_year, o, *world) for o in results.overviews(request.assessment) for world in list_worlds(o)]
    tables = [
        [
            (form, form.removeprefix("scores.").removesuffix(".gz").upper())
            for form, f in FORMATS.items()
            if f.table is table
        ]
        for table in (RESULTS, SCORES)
    ]
    context = {"years": years, "tables": tables, "shown_years": [year for year, *_ in years]}
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
    if overview is None or form not in FORMATS:
        raise Http404
    framework = results.framework_of_year(request.assessment, fiscal_year)
    fictional = request.GET.get("fictional") == "1"
    file = YearFile(overview=overview, framework=framework, form=form, fictional=fictional)
    etag = f'"{file.state}-{form}{"-fictional" if fictional else ""}"'
    if unchanged := answer_unchanged(request, etag):
        return unchanged
    if file.takes_long:
        csv_address = reverse("download", args=[fiscal_year, "csv"]) + ("?fictional=1" if fictional else "")
        waiting = wait_for_file(
            request,
            write_download,
            file.name,
            *(request.assessment, fiscal_year, fictional),
            about=f"ปี {fiscal_year}",
            csv=csv_address if FORMATS[form].table is RESULTS else "",
            back=reverse("downloads"),
        )
        if waiting is not None:
            return waiting
    else:
        file.write()
    response = FileResponse(
        file.open(),
        content_type=FORMATS[form].media_type,
        as_attachment=True,
        filename=f"prongsai-{file.title}.{form}",
    )
    response["ETag"] = etag
    return response


def list_resources(request: SiteRequest) -> list[dict[str, Any]]:
    """Every file that is offered, as a Data Package describes it; without the digest of one that nobody has written."""
    depend_on(request, Agency)  # whose changes are in the state of each file
    resources = [_describe_file(request, file) for file in list_files(request.assessment)]
    if resources:
        resources += [_describe_glossary(request, *table) for table in _GLOSSARIES.items()]
    return resources


def _describe_glossary(request: SiteRequest, name: str, glossary: "_Glossary") -> dict[str, Any]:
    content = _write_glossary(request, glossary).encode()
    fields = [{"name": column.name, "type": column.type, "title": column.title} for column in glossary.columns]
    return {
        "name": name,
        "title": glossary.title_th,
        "description": glossary.title_en,
        "format": "csv",
        "mediatype": "text/csv",
        "path": request.build_absolute_uri(reverse("data_glossary", args=[name])),
        "encoding": "utf-8-sig",
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "bytes": len(content),
        "schema": {"fields": fields, "primaryKey": list(glossary.key)},
    }


def _describe_file(request: SiteRequest, file: YearFile) -> dict[str, Any]:
    form, table = FORMATS[file.form], FORMATS[file.form].table
    path = reverse("download", args=[file.overview.fiscal_year, file.form]) + ("?fictional=1" if file.fictional else "")
    described: dict[str, Any] = {
        "name": f"results-{file.title}-{file.form.replace('.', '-')}",
        "title": f"{table.title_th} ปี {file.title}",
        "description": f"{table.title_en}: fiscal year {file.overview.fiscal_year}"
        + (", fictional agencies of a demonstration" if file.fictional else ""),
        "format": form.kind,
        "mediatype": form.media_type.partition(";")[0],
        "version": file.state,
        "rules": name_rules_state(file.framework),
        "fictional": file.fictional,
        "path": request.build_absolute_uri(path),
    }
    if form.kind == "csv":
        described |= {"encoding": "utf-8-sig"} if file.form == "csv" else {"compression": "gz"}
    if written := file.digest():
        described |= {"hash": f"sha256:{written[0]}", "bytes": written[1]}
    if form.kind != "xlsx":  # a sheet for people: its header row is in Thai
        fields = [_describe_column(column) for column in table.columns(file.framework)]
        described["schema"] = {"fields": fields, "primaryKey": list(table.key)}
    return described


def _describe_column(column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {"name": column.name, "type": column.type}
    described |= {"title": column.title, "description": column.about}
    if values := VALUES.get(column.name):
        # an empty text is no value for a program that reads tables
        described["constraints"] = {"enum": [value for value in values if value]}
    if column.type == "boolean":
        described |= {"trueValues": ["True"], "falseValues": ["False"]}
    return described


@public_page
@require_safe
@rendered_once()
def datapackage(request: SiteRequest) -> HttpResponse:
    """The Data Package descriptor of every download (Frictionless, version 1). It is stored once every file has been
    written, and has a digest."""
    resources = list_resources(request)
    if not all("hash" in resource for resource in resources):
        leave_unstored(request)
    licence = {"name": "CC-BY-4.0", "title": "Creative Commons Attribution 4.0"}
    package = {
        "profile": "data-package",
        "name": "prongsai-results" if request.assessment == NATIONAL else f"prongsai-results-{request.assessment}",
        "title": "ผลการประเมินคุณธรรมและความโปร่งใสที่เผยแพร่",
        "description": "Published results of the Integrity and Transparency Assessment of public agencies by fiscal "
        "year: results (a row for each agency), scores (a row for each score), what scores are of, and a codebook.",
        "homepage": request.build_absolute_uri(reverse("downloads")),
        "version": digest.of_json([resource.get("version") for resource in resources])[:_VERSION_DIGITS],
        "licenses": [licence | {"path": "https://creativecommons.org/licenses/by/4.0/"}],
        "resources": resources,
    }
    return JsonResponse(package, json_dumps_params={"ensure_ascii": False})


# --- what the columns and their values mean


@dataclass(frozen=True)
class _Glossary:
    """A table that explains the others. ``key``: the columns that no two rows have alike."""

    columns: tuple[Column, ...]
    rows: Callable[[str], Iterator[tuple[Any, ...]]]
    key: tuple[str, ...]
    title_th: str
    title_en: str


def _list_nodes(assessment: str) -> Iterator[tuple[Any, ...]]:
    for fiscal_year in results.years(assessment):
        framework = results.framework_of_year(assessment, fiscal_year)
        for node in framework.nodes.values():
            parts = " ".join(f"{part}={weight}" for part, weight in node.parts.items())
            names = node.label.th, node.label.en or ""
            place = node.kind, node.instrument or "", node.indicator or ""
            yield fiscal_year, node.id, *place, *names, parts, METHOD_TH[node.method], node.basis.standing


def _list_columns(_: str) -> Iterator[tuple[Any, ...]]:
    for name, columns in (("results", RESULTS.columns(None)), ("scores", SCORES.columns(None))):
        for column in columns:
            about = name, column.name, column.type, column.title, column.about
            yield *about, "", "", ""
            for value, (thai, english) in VALUES.get(column.name, {}).items():
                yield *about, value or "-", thai, english


def _name_columns(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "integer" if name == "fiscal_year" else "string", name, "") for name in names)


_GLOSSARIES = {
    "nodes": _Glossary(
        _name_columns(
            *("fiscal_year", "node", "kind", "instrument", "indicator", "name_th", "name_en", "parts", "method_th"),
            "standing",
        ),
        _list_nodes,
        ("fiscal_year", "node"),
        "รายการคะแนนของแต่ละปี",
        "What scores are of, each year: totals, instruments, indicators and items, and how each is made of its parts",
    ),
    "codebook": _Glossary(
        _name_columns("table", "column", "type", "title_th", "about_en", "value", "value_th", "value_en"),
        _list_columns,
        ("table", "column", "value"),
        "ความหมายของคอลัมน์และค่า",
        "What columns and their coded values mean",
    ),
}


@public_page
@require_safe
@rendered_once()
def show_glossary(request: SiteRequest, glossary: str) -> HttpResponse:
    """A table, as CSV, that explains those of the results."""
    if glossary not in _GLOSSARIES:
        raise Http404
    return HttpResponse(_write_glossary(request, _GLOSSARIES[glossary]), content_type=FORMATS["csv"].media_type)


def _write_glossary(request: SiteRequest, glossary: _Glossary) -> str:
    text = io.StringIO()
    text.write("\ufeff")  # for Excel
    writer = csv.writer(text)
    writer.writerow(column.name for column in glossary.columns)
    writer.writerows([escape_formula(value) for value in row] for row in glossary.rows(request.assessment))
    return text.getvalue()
