"""Gathering what a document is made of from the rooms where it lives: result, last year, marks, plan, surveys."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.utils import timezone

from prongsai import framework as rules
from prongsai import links as web
from prongsai.disclosure import queries as filings
from prongsai.disclosure.models import Filing
from prongsai.documents.material import (
    Disclosure,
    FollowUp,
    Material,
    Measure,
    MemoHead,
    Office,
    Opinion,
    Result,
    Settings,
    SurveyProgress,
)
from prongsai.documents.models import Memo, Style
from prongsai.improvement import queries as plans
from prongsai.improvement.models import Plan
from prongsai.improvement.periods import RHYTHM_TH, Rhythm
from prongsai.registry.models import Agency, Round
from prongsai.registry.places import AgencyType
from prongsai.registry.queries import today
from prongsai.results import queries as record
from prongsai.results.models import AgencyResult
from prongsai.survey import queries as surveys

_NUMBER = re.compile(r"^\s*[0-9๐-๙]{1,2}(?:[.)](?![0-9๐-๙])| *\|)\s*")  # papers number the steps themselves
_HEAD = re.compile(
    r"^\s*(?:ลำดับ(?:ที่)?|ที่|ข้อ(?:ที่)?|No\.?) *\|", re.IGNORECASE
)  # the head of a pasted table whose rows are numbered
# how an agency's name becomes that of its head: what the name begins with, and what stands in its place
HEADS = {
    AgencyType.SUBDISTRICT_ORGANIZATION: ("องค์การ", "นายกองค์การ"),
    AgencyType.PROVINCIAL_ORGANIZATION: ("องค์การ", "นายกองค์การ"),
    AgencyType.SUBDISTRICT_MUNICIPALITY: ("เทศบาล", "นายกเทศมนตรี"),
    AgencyType.TOWN: ("เทศบาล", "นายกเทศมนตรี"),
    AgencyType.CITY: ("เทศบาล", "นายกเทศมนตรี"),
    AgencyType.PROVINCE: ("จังหวัด", "ผู้ว่าราชการจังหวัด"),
    AgencyType.DISTRICT: ("อำเภอ", "นายอำเภอ"),
    AgencyType.BANGKOK_DISTRICT: ("สำนักงานเขต", "ผู้อำนวยการเขต"),
    AgencyType.DEPARTMENT: ("กรม", "อธิบดีกรม"),
    AgencyType.UNIVERSITY: ("มหาวิทยาลัย", "อธิการบดีมหาวิทยาลัย"),
}


def style_of(agency: Agency) -> Style:
    """What the agency set, or what fits its kind."""
    found = Style.objects.filter(agency=agency).first()
    return found or Style(agency=agency, head=head_of(agency))


def head_of(agency: Agency) -> str:
    """Who papers of an agency go up to, by its kind and name; those who know better set it."""
    before, after = HEADS.get(AgencyType(agency.kind), ("", ""))
    name = agency.name_th.strip()
    if not after or not name.startswith(before):
        return "ผู้บริหารสูงสุด"
    return after + name.removeprefix(before)


def years(agency: Agency) -> list[int]:
    """Fiscal years that papers can be written of: those with a result, and those whose round runs, newest first."""
    running = Round.objects.filter(agencies=agency, status=Round.Status.RUNNING).values_list("fiscal_year", flat=True)
    return sorted({*plans.results_of(agency), *running}, reverse=True)


def material(agency: Agency, fiscal_year: int, kind: str = "") -> Material:
    """Everything the platform knows for an agency's papers of a fiscal year."""
    found = plans.results_of(agency)
    return material_of(agency, fiscal_year, found.get(fiscal_year), found.get(fiscal_year - 1), kind)


def material_of(
    agency: Agency, fiscal_year: int, result: AgencyResult | None, before: AgencyResult | None, kind: str = ""
) -> Material:
    """As ``material``, with the results at hand. The plan is the one that answers the year's result; of an outcome
    report (``kind``) it is the one that was carried out in that year, once it is in force."""
    framework = record.frameworks()[fiscal_year]
    style = style_of(agency)
    earlier = _result(before)
    assessment_round = Round.objects.filter(fiscal_year=fiscal_year, agencies=agency).prefetch_related("phases").first()
    return Material(
        office=_office(agency, style),
        result=_result(result) or Result(framework, {}),
        before=earlier,
        chain=(earlier.framework, framework) if earlier else (),
        disclosures=_disclosures(agency, fiscal_year, result.shown if result else {}),
        not_asked=frozenset(
            (item.id, n)
            for item in framework.rules.disclosure_items
            for n in set(range(len(item.elements))) - {k for k, _ in filings.required_elements(item, agency)}
        ),
        plan=_plan(_the_plan(agency, fiscal_year, kind)) if result else (),
        memo=MemoHead(f"{style.prepared_by} {agency.name_th}".strip(), style.head, style.number),
        opinions=(Opinion(""), Opinion(style.head)),
        surveys=_surveys(assessment_round, agency) if assessment_round else (),
        date=today(),
        settings=Settings(digits="arabic" if style.digits == Style.Digits.ARABIC else "thai"),
    )


def _office(agency: Agency, style: Style) -> Office:
    parts = (
        (f"อำเภอ{agency.district}" if agency.district else ""),
        (f"จังหวัด{agency.province}" if agency.province else ""),
    )
    place = agency.province if agency.province == "กรุงเทพมหานคร" else " ".join(filter(None, parts))
    return Office(agency.name_th, place, style.prepared_by, style.head, bytes(style.emblem))


def _result(result: AgencyResult | None) -> Result | None:
    if result is None or result.result_set.fiscal_year not in record.frameworks():
        return None
    return Result(record.framework_of(result.result_set), record.known(result))


def _disclosures(agency: Agency, fiscal_year: int, shown: Mapping[str, str]) -> tuple[Disclosure, ...]:
    """What was filed, and what assessors said of it once they handed it over: of items that did not get full marks, and
    only where the result (``shown``) has the very mark that they gave. A result may be older than the marks, or come
    from elsewhere."""
    filing = (
        Filing.objects.select_related("round", "agency", "confirmed")
        .filter(agency=agency, round__fiscal_year=fiscal_year)
        .first()
    )
    if filing is None:
        return ()
    made, framework = [], record.frameworks()[fiscal_year]
    for row in filings.item_rows(filing):
        said = row.mark if filing.released_at else None
        full = max(framework.mark_points(row.item.id))
        if said and (said.points == full or Fraction(shown.get(row.item.id, said.points)) != said.points):
            said = None
        comment = " ".join(filter(None, [*said.reasons, said.comment])) if said else ""
        if not (row.is_filed or comment):
            continue
        state = web.STATE_TH.get(
            row.worst_state, "เปิดได้" if row.links and all(filings.is_working(x) for x in row.links) else ""
        )
        made.append(
            Disclosure(
                row.item.id,
                comment,
                tuple(x.url for x in row.links),
                state,
                frozenset(k for k, _ in row.ticked) if row.links and not row.worst_state else frozenset(),
            )
        )
    return tuple(made)


def _the_plan(agency: Agency, fiscal_year: int, kind: str) -> Plan | None:
    found = Plan.objects.filter(agency=agency).select_related("agency", "result__result_set")
    if kind == "outcome":
        carried = found.filter(fiscal_year=fiscal_year).first()
        return carried if carried and plans.in_force(carried) else None
    return found.filter(result__result_set__fiscal_year=fiscal_year).first()


def _plan(plan: Plan | None) -> tuple[Measure, ...]:
    """The measures of a plan, as approved or, marked so, as they are being drafted."""
    if plan is None:
        return ()
    sheet = plans.sheet(plan)
    return tuple(
        Measure(
            indicators=tuple(i for i, _ in row.indicators),
            title=row.title,
            finding=row.finding,
            steps=_steps(row.steps),
            period=row.period,
            responsible=row.units,
            budget="ไม่ใช้งบประมาณ" if row.budget is None else f"{row.budget:,.2f}".removesuffix(".00") + " บาท",
            success=row.success,
            watching=RHYTHM_TH[Rhythm(row.rhythm)],
            drafted=sheet.approved is None,
            follow_ups=tuple(
                FollowUp(f.on, f.status, f.done, " ".join(name for name, _ in f.evidence), f.obstacles, f.suggestion)
                for f in row.follow_ups
            ),
        )
        for row in sheet.rows
        if row.title and (row.indicators or row.whole)
    )


def _steps(text: str) -> tuple[str, ...]:
    """The steps of a measure, a line each, without numbers of their own; rows of a pasted table as they read."""
    lines = [line for line in text.splitlines() if line.strip()]
    return tuple(_NUMBER.sub("", line).strip().replace(" | ", " – ") for line in lines if not _HEAD.match(line))


def _surveys(assessment_round: Round, agency: Agency) -> tuple[SurveyProgress, ...]:
    phase = next((p for p in assessment_round.phases.all() if p.key == surveys.PHASE), None)
    return tuple(
        SurveyProgress(s.instrument.id, s.received, s.minimum_sample, phase.ends if phase else None)
        for s in surveys.find_quota_progress(assessment_round, agency)
    )


# --- memos


def frozen(material: Material) -> dict[str, Any]:
    """What a memo keeps of its material besides the result, which never changes by itself."""
    head = material.memo
    assert head is not None
    return {
        "head": [head.office, head.to, head.number, head.subject],
        "office": [material.office.name, material.office.place, material.office.prepared_by, material.office.head],
        "digits": material.settings.digits,
        "disclosures": [[d.item, d.comment, list(d.urls), d.status, sorted(d.present)] for d in material.disclosures],
        "before": {k: str(v) for k, v in material.before.known.items()} if material.before else None,
    }


def material_of_memo(memo: Memo) -> Material:
    """A memo's material with the opinions signed so far, and a line for whoever is next."""
    kept, framework = memo.content, record.framework_of(memo.result.result_set)
    office, to, number, subject = kept["head"]
    year, written = framework.fiscal_year, timezone.localtime(memo.made_at).date()
    before = (
        Result(rules.load(str(year - 1)), {k: Fraction(v) for k, v in kept["before"].items()})
        if kept["before"]
        else None
    )
    signed = [Opinion(s.position, s.name, s.opinion, timezone.localtime(s.at).date()) for s in memo.signatures.all()]
    if memo.waiting:
        signed.append(Opinion(memo.waiting_position, memo.waiting.name))
    return Material(
        office=Office(*kept["office"], bytes(memo.emblem)),
        result=Result(framework, record.known(memo.result)),
        before=before,
        chain=(before.framework, framework) if before else (),
        disclosures=tuple(Disclosure(i, c, tuple(u), s, frozenset(p)) for i, c, u, s, p in kept["disclosures"]),
        memo=MemoHead(office, to, number, written, subject),
        opinions=tuple(signed),
        date=written,
        settings=Settings(digits=kept["digits"]),
    )
