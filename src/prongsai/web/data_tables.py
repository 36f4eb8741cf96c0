"""The tables of open data: what their columns mean, the rows of published results, and the formats that they leave in.

*results* has a row for each agency, with its scores as columns; *scores* a row for each agency and node of the rules,
with what is known of that score, so that years with other indicators stand in one table. What few answered is in
neither.
"""

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from django.db.models import F

from prongsai.framework import STATE_TH, Framework, Node
from prongsai.lib.spreadsheets import escape_formula
from prongsai.registry.agency_types import AGENCY_TYPES_EN, AgencyType
from prongsai.registry.models import Agency
from prongsai.registry.place_names import name_in_roman, place_codes
from prongsai.results import queries as results
from prongsai.results.models import PublishedResult, ResultSet
from prongsai.rulebooks.queries import find_framework

RULES_STATE_TH = {**STATE_TH, "none": "บันทึกตามที่ประกาศ ยังไม่มีหลักเกณฑ์"}  # for people; data have the key
_AT_ONCE = 500  # results that are read, and rows that are written, at a time
_ALWAYS_LISTED = ("overall", "composite", "instrument", "indicator")  # nodes with a row also where there is no score


@dataclass(frozen=True)
class Column:
    """A column of a table: its title in Thai, and what it says, in English."""

    name: str
    type: Literal["string", "integer", "number", "boolean"]
    title: str
    about: str


@dataclass(frozen=True)
class Table:
    """A table of a year. ``key``: the columns that no two rows have alike."""

    columns: Callable[[Framework | None], list[Column]]  # without a year those alone that all years have
    rows: Callable[[Framework, Iterable[PublishedResult]], Iterator[dict[str, Any]]]
    key: tuple[str, ...]
    title_th: str
    title_en: str


_AGENCY = Column("agency", "string", "รหัสหน่วยงาน", "Code of the agency, which never changes")
_PROVINCE = Column("province", "string", "จังหวัด", "Province, in Thai; empty for an agency of the whole country")
_YEAR = Column("fiscal_year", "integer", "ปีงบประมาณ (พ.ศ.)", "Fiscal year of the Buddhist calendar, from 1 October of the year before")  # fmt: skip
_LEVEL = "Level of the total, as the rules of the year print it"
_END = [
    Column("fictional", "boolean", "หน่วยงานสมมุติเพื่อการสาธิต", "Invented for demonstration; no file has both"),
    Column("result_set", "string", "รหัสกำกับของชุดผล (SHA-256)", "Digest of the set of results that this row is from"),
    Column("rules", "string", "สถานะของหลักเกณฑ์", "Whether the rules of the year were announced"),
]
_WIDE = [
    _AGENCY,
    Column("name", "string", "ชื่อหน่วยงาน", "Name of the agency, in Thai"),
    Column("kind", "string", "ประเภท", "Type of the agency, in Thai"),
    _PROVINCE,
    Column("region", "string", "ภาค", "Region of the country, in Thai"),
    _YEAR,
    Column("overall", "number", "คะแนนรวม", "Total, of 100"),
    Column("level", "string", "ระดับผลการประเมิน", _LEVEL),
    Column("passed", "boolean", "คะแนนรวมถึงค่าเป้าหมาย", "Whether the total reaches the target of the year"),
]
_COLLECTION = [
    Column(
        "open_link",
        "string",
        "แบบวัดที่เปิดลิงก์ให้ใครก็ตอบได้ จึงไม่ได้ยืนยันตัวผู้ตอบ",
        "Surveys, separated by spaces, that anybody with the link could answer",
    ),
    Column(
        "above_population",
        "string",
        "แบบวัดที่มีคำตอบมากกว่าจำนวนผู้มีสิทธิตอบ",
        "Surveys, separated by spaces, with more answers than people",
    ),
]
_LONG = [
    _AGENCY,
    Column("name_th", "string", "ชื่อหน่วยงาน", "Name of the agency, in Thai"),
    Column("name_en", "string", "ชื่อภาษาอังกฤษ", "English name; empty where there is none and no rule writes one"),
    Column("name_en_source", "string", "ที่มาของชื่อภาษาอังกฤษ", "Whose the English name is"),
    Column("agency_type", "string", "ประเภท", "Type of the agency"),
    _PROVINCE,
    Column("province_code", "string", "รหัสจังหวัด", "Code of the province at the Department of Provincial Administration"),
    Column("province_iso", "string", "รหัสจังหวัดตาม ISO 3166-2", "Code of the province in ISO 3166-2"),
    Column("district_code", "string", "รหัสอำเภอ", "Code of the district at the Department of Provincial Administration"),
    _YEAR,
    Column("node", "string", "รายการคะแนน", "What the score is of: see the table of nodes"),
    Column("score", "number", "คะแนน", "Score, of 100, as it is published"),
    Column("status", "string", "สถานะของคะแนน", "What is known of the score"),
    Column("n_least", "integer", "จำนวนผู้ตอบ อย่างน้อย", "Least number of people who answered this survey"),
    Column("n_most", "integer", "จำนวนผู้ตอบ อย่างมาก", "Most people who answered it; the same where the number is public"),
    Column("level", "string", "ระดับผลการประเมิน", f"{_LEVEL}; of the total alone"),
    Column("origin", "string", "ที่มาของผล", "Where the result comes from"),
    *_END,
    Column("rules_digest", "string", "รหัสกำกับของหลักเกณฑ์ (SHA-256)", "Digest of the rules; empty where recorded as printed"),
]  # fmt: skip
# of columns with coded values: what each means, in Thai and in English
VALUES: dict[str, dict[str, tuple[str, str]]] = {
    "status": {
        "published": ("คะแนนที่เผยแพร่", "Published as it is"),
        "approximate": ("มีความคลาดเคลื่อนสุ่ม เพื่อคุ้มครองผู้ตอบ", "With a random error, to protect who answered"),
        "withheld": ("ไม่แสดง เพราะมีผู้ตอบน้อย", "Not shown, since few answered"),
        "missing": ("ไม่มีคะแนน", "There is none"),
    },
    "name_en_source": {
        "official": ("ชื่อของหน่วยงานเอง", "The agency's own"),
        "romanised": ("ถอดอักษรตามราชบัณฑิตยสภาจากชื่อสถานที่", "A place in Roman letters (RTGS) and its type"),
        "": ("ไม่มีชื่อภาษาอังกฤษ", "No English name"),
    },
    "origin": {
        ResultSet.Origin.RUN: ("คำนวณในระบบนี้", "Computed here"),
        ResultSet.Origin.IMPORT: ("รับจากเอกสารที่เผยแพร่", "Taken over from a published document"),
    },
    "rules": {
        "announced": (RULES_STATE_TH["announced"], "Announced"),
        "provisional": (RULES_STATE_TH["provisional"], "Provisional: carried over from the year before"),
        "none": (RULES_STATE_TH["none"], "Recorded as printed; the year has no rules here"),
    },
    "agency_type": {str(kind): (str(kind.label), AGENCY_TYPES_EN[kind]) for kind in AgencyType},
}


def read_results(framework: Framework, *, fictional: bool) -> Iterator[PublishedResult]:
    """The published results of real agencies, or of fictional ones. Read some at a time, so that whoever reads may
    write meanwhile: SQLite lets nobody write in the middle of reading."""
    found = (
        results.published(framework.assessment, framework.fiscal_year, fictional=fictional)
        .select_related("agency", "result__result_set")
        .defer("result__basis")
        .annotate(
            collection=results.COLLECTION,
            counts=F("result__basis__n"),
            withheld=F("result__basis__withheld"),
            secret=F("result__basis__secret"),
        )
        .order_by("agency__order", "pk")
    )
    start = 0
    while some := list(found[start : start + _AT_ONCE]):
        yield from some
        start += _AT_ONCE


def _columns_of_results(framework: Framework | None) -> list[Column]:
    if framework is None:
        return [*_WIDE, *_END, *_COLLECTION]
    scores = [*framework.instruments, *(i.id for i in framework.rules.indicators)]
    labels = {n: framework.nodes[n].label for n in scores}
    of_scores = [Column(n, "number", f"{n} {labels[n].th}", f"Score of {labels[n].en or n}, of 100") for n in scores]
    return [*_WIDE, *of_scores, *_END, *_COLLECTION]


def _rows_of_results(framework: Framework, found: Iterable[PublishedResult]) -> Iterator[dict[str, Any]]:
    nodes = [column.name for column in _columns_of_results(framework) if column.name in framework.nodes]
    rules = name_rules_state(framework)
    for row in found:
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
            "rules": rules,
            **{mark: _surveys_marked(row, mark) for mark in results.COLLECTION_MARKS},
            **{n: shown.get(n) for n in nodes},
        }


def _surveys_marked(row: PublishedResult, mark: str) -> str:
    collection: dict[str, dict[str, Any]] = vars(row)["collection"] or {}
    return " ".join(sorted(instrument for instrument, marks in collection.items() if mark in marks))


def _rows_of_scores(framework: Framework, found: Iterable[PublishedResult]) -> Iterator[dict[str, Any]]:
    surveys = {i.id for i in framework.rules.instruments if i.kind == "survey"}
    rules = name_rules_state(framework)
    for row in found:
        result_set, counted = row.result.result_set, vars(row)
        about = _describe_agency(row.agency) | {
            "fiscal_year": row.fiscal_year,
            "origin": result_set.origin,
            "fictional": row.agency.fictional,
            "result_set": result_set.digest,
            "rules": rules,
            "rules_digest": result_set.framework_digest,
        }
        answered = results.count_answers(result_set, counted["counts"] or {}, secret=bool(counted["secret"]))
        approximate, withheld = results.list_approximate(row.result), set(counted["withheld"] or ())
        for node in framework.nodes.values():
            status = _find_status(node, row.result.shown, approximate, withheld)
            if status == "missing" and node.kind not in _ALWAYS_LISTED:
                continue
            least, most = answered.get(node.id, (None, None)) if node.id in surveys else (None, None)
            yield about | {
                "node": node.id,
                "score": row.result.shown.get(node.id),
                "status": status,
                "n_least": least,
                "n_most": most,
                "level": row.level if node.kind == "overall" else "",
            }


def _find_status(node: Node, shown: dict[str, str], approximate: Iterable[str], withheld: set[str]) -> str:
    if node.id in shown:
        return "approximate" if node.id in approximate else "published"
    return "withheld" if node.id in withheld else "missing"


def _describe_agency(agency: Agency) -> dict[str, Any]:
    name_en, source = agency.name_en, "official"
    if not name_en:
        name_en = name_in_roman(agency.name_th, agency.province)
        source = "romanised" if name_en else ""
    code = place_codes().get((agency.province, ""), "")
    return {
        "agency": agency.code,
        "name_th": agency.name_th,
        "name_en": name_en,
        "name_en_source": source,
        "agency_type": agency.kind,
        "province": agency.province,
        "province_code": code,
        "province_iso": code and f"TH-{code}",
        "district_code": place_codes().get((agency.province, agency.district), "") if agency.district else "",
    }


def name_rules_state(framework: Framework) -> str:
    """``announced``, ``provisional``, or ``none`` where results are recorded as printed."""
    in_force = find_framework(framework.assessment, framework.fiscal_year)
    return "none" if in_force is None else in_force.rules.state


RESULTS = Table(
    _columns_of_results,
    _rows_of_results,
    ("agency", "fiscal_year"),
    "ผลของหน่วยงาน หนึ่งแถวต่อหนึ่งหน่วยงาน",
    "Results of agencies, a row each",
)
SCORES = Table(
    lambda _: _LONG,
    _rows_of_scores,
    ("agency", "fiscal_year", "node"),
    "คะแนนทุกรายการ หนึ่งแถวต่อหนึ่งคะแนน",
    "Every score, a row each",
)


# --- formats


def _write_csv(path: Path, columns: list[Column], rows: Iterable[dict[str, Any]], _name: str) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        _write_lines(file, columns, rows)


def _write_csv_gz(path: Path, columns: list[Column], rows: Iterable[dict[str, Any]], _name: str) -> None:
    """The same bytes for the same rows: no name and no time in them."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as file,
        io.TextIOWrapper(file, encoding="utf-8", newline="") as text,
    ):
        _write_lines(text, columns, rows)


def _write_lines(file: Any, columns: list[Column], rows: Iterable[dict[str, Any]]) -> None:
    writer = csv.DictWriter(file, [column.name for column in columns])
    writer.writeheader()
    for row in rows:
        writer.writerow({k: escape_formula(v) for k, v in row.items()})


def _write_xlsx(path: Path, columns: list[Column], rows: Iterable[dict[str, Any]], name: str) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(name)
    bold, score = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
    sheet.freeze_panes(1, 2)
    sheet.write_row(0, 0, [column.title for column in columns], bold)
    for number, row in enumerate(rows, 1):
        for k, column in enumerate(columns):
            value = row.get(column.name)
            if value is not None and column.type == "number":
                sheet.write_number(number, k, float(value), score)
            elif column.name == "rules":
                sheet.write(number, k, RULES_STATE_TH[str(value)])
            elif isinstance(value, bool):
                sheet.write_boolean(number, k, value)
            elif value is not None:
                sheet.write(number, k, value)
    book.close()


def _write_parquet(path: Path, columns: list[Column], rows: Iterable[dict[str, Any]], _name: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"integer": pa.int32(), "boolean": pa.bool_(), "string": pa.string(), "number": pa.decimal128(7, 4)}
    schema = pa.schema([pa.field(c.name, kinds[c.type], metadata={"title": c.title}) for c in columns])
    numbers = [column.name for column in columns if column.type == "number"]
    rest = iter(rows)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while some := list(islice(rest, 100 * _AT_ONCE)):
            records = [row | {n: Decimal(row[n]) for n in numbers if row.get(n) is not None} for row in some]
            writer.write_table(pa.Table.from_pylist(records, schema))


@dataclass(frozen=True)
class Format:
    """What a table leaves as. ``inline``: the share of ``ranked_files.MOST_INLINE`` agencies of which a request writes
    it itself, 0 for any number."""

    table: Table
    write: Callable[[Path, list[Column], Iterable[dict[str, Any]], str], None]
    kind: str
    media_type: str
    inline: float = 0


_CSV = "text/csv; charset=utf-8"
_PARQUET = "application/vnd.apache.parquet"
FORMATS: dict[str, Format] = {
    "csv": Format(RESULTS, _write_csv, "csv", _CSV),
    "xlsx": Format(
        RESULTS,
        _write_xlsx,
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        inline=1,
    ),
    "parquet": Format(RESULTS, _write_parquet, "parquet", _PARQUET),
    "scores.csv.gz": Format(SCORES, _write_csv_gz, "csv", "application/gzip", inline=0.1),
    "scores.parquet": Format(SCORES, _write_parquet, "parquet", _PARQUET, inline=0.1),
}
