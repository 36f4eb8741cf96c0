"""Reads of registers: the sheets of an agency, what a paper of one says, and the disclosure items that they fulfil."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from prongsai.disclosure import queries as disclosures
from prongsai.disclosure.models import Link
from prongsai.framework import DisclosureItem
from prongsai.improvement.models import Decision, RegisterDecision, RegisterRecord, RegisterSheet
from prongsai.improvement.registers import values
from prongsai.improvement.registers.fulfilment import FulfilledItem, SheetFacts, Sheets, fulfil
from prongsai.improvement.registers.item_text import WrittenElement, write_elements
from prongsai.improvement.registers.kinds import STAGES, Column, RegisterKind, Stage, load
from prongsai.lib import fiscal, thai
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import today
from prongsai.rulebooks.queries import find_framework, framework_for, frameworks


def sheet_years(agency: Agency) -> list[int]:
    """Fiscal years that registers are kept of, newest first: that of today, the one before, the next where its rules
    are known, and every year with a sheet."""
    current = fiscal.year_of(today())
    known = frameworks(agency.assessment_id)
    offered = {year for year in (current - 1, current, current + 1) if year in known}
    stored = set(RegisterSheet.objects.filter(agency=agency).values_list("fiscal_year", flat=True))
    return sorted(offered | stored, reverse=True)


def has_rules(agency: Agency, fiscal_year: int) -> bool:
    """Whether registers can be kept of a year: its rules are known."""
    return find_framework(agency.assessment_id, fiscal_year) is not None


def find_sheet(agency: Agency, fiscal_year: int, kind: str) -> RegisterSheet | None:
    sheets = RegisterSheet.objects.select_related("agency", "changed_by")
    return sheets.filter(agency=agency, fiscal_year=fiscal_year, kind=kind).first()


def records_of(sheet: RegisterSheet) -> list[RegisterRecord]:
    """The records of the working copy, in order."""
    records = list(sheet.records.filter(removed=False).select_related("changed_by"))
    for record in records:
        record.sheet = sheet
    return records


def latest_approval(sheet: RegisterSheet) -> RegisterDecision | None:
    """The approval whose content is in force."""
    return sheet.decisions.filter(step=Decision.Step.APPROVED).order_by("-pk").first()


def content_of(sheet: RegisterSheet) -> dict[str, Any]:
    """What an executive decides on, as JSON data: what is written with the plan, and no reports."""
    kind = sheet.definition
    planned = {c.key for c in kind.written_at("plan")}
    own = {f.key for f in kind.fields if f.stage == "plan"}
    return {
        "agency": sheet.agency.code,
        "fiscal_year": sheet.fiscal_year,
        "kind": sheet.kind,
        "fields": {key: value for key, value in sheet.fields.items() if key in own},
        "records": [
            {"id": r.pk, "values": {key: value for key, value in r.values.items() if key in planned}}
            for r in records_of(sheet)
            if planned
        ],
    }


def waits_for_decision(sheet: RegisterSheet) -> bool:
    """Whether an executive is asked to decide on what was written."""
    return sheet.status == RegisterSheet.Status.SUBMITTED


@dataclass(frozen=True, kw_only=True)
class SheetContent:
    """What a sheet says: as approved with the reports written since, or as it is being written (``is_draft``)."""

    kind: RegisterKind
    fiscal_year: int
    fields: Mapping[str, str]
    records: tuple[Mapping[str, str], ...]
    approval: RegisterDecision | None = None
    is_draft: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether it is confirmed, for some of the year, that there is nothing to record."""
        return not self.records and bool(self.kind.nothing and self.fields.get(self.kind.nothing))

    @property
    def is_partial(self) -> bool:
        """Whether that was confirmed for a part of a year that is over."""
        return self.is_nothing and _is_partial(self.kind, self.fields, self.fiscal_year)

    @property
    def confirmed_period(self) -> str:
        """The period for which it is confirmed, in Thai."""
        return values.describe_confirmed(self.fields[self.kind.nothing], self.fiscal_year) if self.is_nothing else ""


def _is_partial(kind: RegisterKind, fields: Mapping[str, str], fiscal_year: int) -> bool:
    is_over = today() > fiscal.last_day(fiscal_year)
    return is_over and not values.covers_year(fields.get(kind.nothing, ""), fiscal_year)


def last_confirmable(fiscal_year: int) -> datetime.date | None:
    """The last day for which anything can be confirmed today; None before the fiscal year begins."""
    day = min(today(), fiscal.last_day(fiscal_year))
    return day if day >= fiscal.first_day(fiscal_year) else None


def read_sheet(sheet: RegisterSheet, *, working_copy: bool = False) -> SheetContent:
    """What is in force of a sheet, and where nothing was approved yet, or with ``working_copy``, what is being
    written."""
    kind = sheet.definition
    approval = None if working_copy else latest_approval(sheet)
    if approval is None or not any(c.stage == "plan" for c in kind.columns):
        records = tuple(r.values for r in records_of(sheet))
    else:
        assert approval.content is not None  # every approval stores its content
        stored = {r.pk: r.values for r in sheet.records.all()}
        reported = {c.key for c in kind.columns if c.stage != "plan"}
        records = tuple(
            row["values"] | {key: v for key, v in stored.get(row["id"], {}).items() if key in reported}
            for row in approval.content["records"]
        )
    fields = dict(sheet.fields)
    if approval is not None and approval.content is not None:
        reported = {f.key for f in kind.fields if f.stage != "plan"}
        fields = approval.content["fields"] | {key: v for key, v in fields.items() if key in reported}
    return SheetContent(
        kind=kind,
        fiscal_year=sheet.fiscal_year,
        fields=fields,
        records=records,
        approval=approval,
        is_draft=kind.needs_approval and approval is None,
    )


@dataclass(frozen=True)
class MissingValue:
    """Something that a sheet needs at a stage, in Thai: of one record, or of the sheet."""

    text: str
    record: RegisterRecord | None = None


def missing_values(sheet: RegisterSheet, stage: Stage) -> list[MissingValue]:
    """What is required at a stage and not written yet."""
    kind = sheet.definition
    missing = [
        MissingValue(f"ยังไม่ได้กรอก{field.label}")
        for field in kind.fields
        if field.required and field.stage == stage and not sheet.fields.get(field.key)
    ]
    records = records_of(sheet)
    if not any(c.stage == stage for c in kind.columns):
        return missing
    is_nothing = bool(kind.nothing and sheet.fields.get(kind.nothing))
    if not records and not is_nothing:
        more = " หากไม่มีให้ติ๊กยืนยันว่าไม่มี" if kind.nothing else ""
        missing.append(MissingValue(f"ยังไม่มี{kind.row}{more}"))
    if not records and is_nothing and _is_partial(kind, sheet.fields, sheet.fiscal_year):
        confirmed = values.describe_confirmed(sheet.fields[kind.nothing], sheet.fiscal_year)
        missing.append(MissingValue(f"ยืนยันว่าไม่มีไว้{confirmed} ยังไม่ได้ยืนยันช่วงหลังจากนั้น"))
    if records and is_nothing:
        missing.append(MissingValue(f"ยืนยันไว้ว่าไม่มี แต่มี{kind.row} {len(records)} รายการ เอาเครื่องหมายออก หรือนำรายการออก"))
    required = [c for c in kind.written_at(stage) if c.required]
    for record in records:
        empty = [c.label for c in required if not record.values.get(c.key)]
        if empty:
            missing.append(MissingValue(f"ยังขาด {', '.join(empty)}", record))
    return missing


def open_stage(sheet: RegisterSheet) -> Stage:
    """The stage that is worked on: the plan until it is approved, then the report that the day asks for."""
    stages = sheet.definition.stages
    if "plan" in stages and latest_approval(sheet) is None:
        return "plan"
    is_over = fiscal.year_of(today()) > sheet.fiscal_year
    is_second = is_over or fiscal.month_of(today()) > fiscal.MONTHS // 2
    wanted: Stage = "year" if is_second else "half"
    return wanted if wanted in stages else stages[-1]


REPORT_SOON = datetime.timedelta(days=30)  # before the end of its period a report is asked for


def report_end(sheet: RegisterSheet, stage: Stage) -> datetime.date:
    """The last day of the period that a stage reports on."""
    return fiscal.last_day(sheet.fiscal_year, fiscal.MONTHS // 2 if stage == "half" else fiscal.MONTHS)


def is_report_due(sheet: RegisterSheet, stage: Stage) -> bool:
    """Whether the period that a stage reports on is over, or nearly."""
    return stage != "plan" and today() >= report_end(sheet, stage) - REPORT_SOON


def may_report(sheet: RegisterSheet) -> bool:
    """Whether there is something to report on: a plan that is in force, or records that need no approval."""
    return latest_approval(sheet) is not None or not any(c.stage == "plan" for c in sheet.definition.columns)


# --- disclosure items


@dataclass(frozen=True)
class ItemToFile:
    """An item that a sheet fulfils. ``is_carried``: the year has no rules yet, those of the nearest year are shown;
    ``is_open``: the agency takes part in a round of that year; ``links`` are filed there."""

    fulfilled: FulfilledItem
    is_carried: bool
    is_open: bool
    links: tuple[Link, ...] = ()


def items_without_link(items: Sequence[ItemToFile], stage: Stage) -> list[ItemToFile]:
    """The items that papers of a stage fulfil and that have no link yet, where they can be filed."""
    return [i for i in items if i.is_open and not i.links and any(paper.stage == stage for paper in i.fulfilled.papers)]


def items_to_file(agency: Agency, kind: RegisterKind, fiscal_year: int) -> list[ItemToFile]:
    """The disclosure items that the sheet of a fiscal year fulfils: of that year's rules, and of the next year's."""
    return _items_by_kind(agency, [kind], fiscal_year)[kind.key]


def _items_by_kind(agency: Agency, kinds: Iterable[RegisterKind], fiscal_year: int) -> dict[str, list[ItemToFile]]:
    """``items_to_file`` of several kinds, by their keys: rules, sheets and filings are read once for all."""
    found: dict[str, list[ItemToFile]] = {kind.key: [] for kind in kinds}
    find_facts = sheets_of(agency)
    for year in (fiscal_year, fiscal_year + 1):
        framework = framework_for(agency.assessment_id, year)
        if framework is None:
            continue
        fulfilled = {
            key: fulfil(load()[key], fiscal_year, framework, find_facts, lambda item: _required_of(item, agency))
            for key in found
        }
        is_carried = find_framework(agency.assessment_id, year) is None
        filed = _links_filed(agency, year) if any(fulfilled.values()) else None
        for key, items in fulfilled.items():
            found[key] += [
                ItemToFile(item, is_carried, filed is not None, tuple((filed or {}).get(item.item.id, ())))
                for item in items
            ]
    return found


def sheets_of(agency: Agency) -> Sheets:
    """What each sheet of an agency holds, read once: several elements of several items ask for it."""
    facts: dict[tuple[str, int], SheetFacts | None] = {}

    def find_facts(kind: RegisterKind, fiscal_year: int) -> SheetFacts | None:
        key = kind.key, fiscal_year
        if key not in facts:
            facts[key] = _facts_of(agency, kind, fiscal_year)
        return facts[key]

    return find_facts


def write_item(agency: Agency, item: DisclosureItem, rules_year: int) -> dict[int, WrittenElement]:
    """What an agency's registers say of each element of an item of a year's rules that is required of it, by its
    index; those that no register holds are left out."""
    return write_elements(item, _required_of(item, agency), rules_year, sheets_of(agency))


def _required_of(item: DisclosureItem, agency: Agency) -> list[int]:
    return [number for number, _ in disclosures.required_elements(item, agency)]


def _facts_of(agency: Agency, kind: RegisterKind, fiscal_year: int) -> SheetFacts | None:
    sheet = find_sheet(agency, fiscal_year, kind.key)
    if sheet is None:
        return None
    content = read_sheet(sheet)
    return SheetFacts(
        kind,
        fiscal_year,
        content.fields,
        content.records,
        is_approved=content.approval is not None,
        holds_nothing=content.is_nothing and not content.is_partial,
        approved=_describe_approval(content.approval) if content.approval else "",
    )


def _describe_approval(approval: RegisterDecision) -> str:
    signatory = " ".join(filter(None, (approval.name, approval.position)))
    return f"อนุมัติโดย {signatory} เมื่อวันที่ {thai.date(timezone.localdate(approval.at))}"


def _links_filed(agency: Agency, fiscal_year: int) -> dict[str, list[Link]] | None:
    """The links of each item that is filed in a round of a year; None without a round that the agency takes part in."""
    assessment_round = Round.objects.filter(fiscal_year=fiscal_year, agencies=agency).first()
    if assessment_round is None or assessment_round.status == Round.Status.PREPARING:
        return None
    filing = disclosures.find_filing(assessment_round, agency)
    return {row.item.id: row.links for row in disclosures.item_rows(filing)} if filing else {}


# --- overviews


@dataclass(frozen=True)
class SheetRow:
    """One kind of register in a year of an agency."""

    kind: RegisterKind
    sheet: RegisterSheet | None
    records: int
    items: tuple[ItemToFile, ...]

    @property
    def missing(self) -> int:
        """Elements that the records should provide and do not."""
        return sum(not e.is_provided for i in self.items for e in i.fulfilled.elements if e.by)


def list_sheets(agency: Agency, fiscal_year: int) -> list[SheetRow]:
    """Every kind of register in a year."""
    rows = []
    items = _items_by_kind(agency, load().values(), fiscal_year)
    for kind in load().values():
        sheet = find_sheet(agency, fiscal_year, kind.key)
        rows.append(SheetRow(kind, sheet, len(records_of(sheet)) if sheet else 0, tuple(items[kind.key])))
    return rows


def waiting_sheets(agency: Agency) -> list[tuple[RegisterSheet, bool]]:
    """Sheets that wait for an executive, those that were returned to an officer, and those of the year before that say
    that there was nothing, and not for the whole of it (True)."""
    statuses = (RegisterSheet.Status.SUBMITTED, RegisterSheet.Status.RETURNED)
    kinds = [kind.key for kind in load().values() if kind.nothing]
    confirmed = Q(fiscal_year=fiscal.year_of(today()) - 1, kind__in=kinds)
    waiting = []
    for sheet in RegisterSheet.objects.filter(Q(status__in=statuses) | confirmed, agency=agency):
        if sheet.status in statuses:
            waiting.append((sheet, False))
        elif sheet.fields.get(sheet.definition.nothing) and read_sheet(sheet).is_partial:
            waiting.append((sheet, True))
    return waiting


def previous_sheet(agency: Agency, fiscal_year: int, kind: RegisterKind) -> tuple[RegisterSheet, int] | None:
    """The sheet of the year before with the number of its records, where it has any to start from."""
    if not any(c.stage == "plan" for c in kind.columns) and "plan" not in kind.stages:
        return None
    sheet = find_sheet(agency, fiscal_year - 1, kind.key)
    return (sheet, len(records_of(sheet))) if sheet else None


def shown_columns(kind: RegisterKind, stages: tuple[Stage, ...] = STAGES) -> list[Column]:
    """The columns of some stages, computed ones included."""
    return [c for c in kind.columns if c.stage in stages]


@dataclass(frozen=True)
class ShownRecord:
    """A record to read: its name, and (label, text) of every column that is written."""

    name: str
    cells: tuple[tuple[Column, str], ...]


def show_records(content: SheetContent, stages: tuple[Stage, ...] = STAGES) -> list[ShownRecord]:
    """The records of a sheet to read on a page, without what nobody has written."""
    kind = content.kind
    shown = []
    for record in content.records:
        cells = [
            (column, text)
            for column in shown_columns(kind, stages)
            if column.key != kind.subject
            and (text := values.show(kind, column.key, record, content.fiscal_year)) not in ("", "-")
            and (record.get(column.key) or column.type == "level" or column.stage == "plan")
        ]
        shown.append(ShownRecord(record.get(kind.subject, "") or f"({kind.row}ที่ยังไม่มีชื่อ)", tuple(cells)))
    return shown
