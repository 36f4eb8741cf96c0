"""Forms of plans: the plan's page, parsed measure by measure, and the form of a follow-up."""

import datetime
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.http import QueryDict

from prongsai.framework import Framework
from prongsai.improvement.actions import EVIDENCE_SUFFIXES, MAX_EVIDENCE, EvidenceInput, MeasureEdit
from prongsai.improvement.findings import concerns_overall_result
from prongsai.improvement.input_text import MAX_TEXT_LENGTH, normalize_line, normalize_text, split_names
from prongsai.improvement.models import FollowUp, Measure, PlanFinding
from prongsai.improvement.periods import FOLLOW_UP_INTERVAL_TH
from prongsai.lib import fiscal, numbers, uploads
from prongsai.lib.fields import DateField, FilesField, FilesInput
from prongsai.lib.folded import fold_names
from prongsai.registry.queries import today

MAX_TITLE_LENGTH = 300
MAX_UNITS = 40
MAX_UNIT_LENGTH = 150
# fields of pages of version 0.1.0, which may be open while the site is updated
_FORMER_FIELDS = {"was": "base_version", "keeper": "owner", "rhythm": "follow_up_interval", "found": "new_finding"}
_FINDING_FIELD = re.compile(r"m(\d{1,12})-f(\d{1,12})-(defect|remedy|home)", re.ASCII)


def _say_too_long(*texts: str) -> str:
    """What to say of texts of which one is longer than what is stored."""
    longest = max(map(len, texts))
    return (
        f"ยาวเกินที่เก็บได้ {longest - MAX_TEXT_LENGTH:,} ตัวอักษร (พิมพ์ {longest:,} เก็บได้ {MAX_TEXT_LENGTH:,}) "
        "ตัดให้สั้นลง หรือแนบเป็นไฟล์หลักฐานตอนติดตาม"
    )


# --- the plan's page


@dataclass
class FindingForm:
    """A finding on the page, as stored or as typed. ``home`` is the measure it belongs to."""

    finding: PlanFinding
    defect: str
    remedy: str
    home: int


@dataclass
class MeasureForm:
    """A measure on the page: the values of its fields and their errors, in Thai. ``base_version`` is the version that
    the page showed first; ``current`` is the stored measure when somebody else changed it meanwhile; ``new_finding`` is
    a finding of the agency's own that is not stored yet;
    ``text_notes`` are, of a field, what to note beside its words."""

    measure: Measure
    fields: dict[str, Any]
    findings: list[FindingForm]
    base_version: str
    errors: dict[str, str] = field(default_factory=dict)
    current: Measure | None = None
    new_finding: str = ""
    text_notes: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_stored(self) -> bool:
        """Whether it says what is stored, and nothing that was refused."""
        return not self.errors and self.current is None

    @property
    def is_overall(self) -> bool:
        """Whether the measure needs no indicator."""
        return concerns_overall_result(f.finding.kind for f in self.findings)

    @property
    def id(self) -> str:
        return f"m{self.measure.pk}"


@dataclass(frozen=True)
class ParsedPlan:
    """A posted page: its measures to show again, the edits that can be saved, and findings by the measure they move
    to."""

    forms: list[MeasureForm]
    edits: list[MeasureEdit]
    moves: dict[int, int]


def form_of(measure: Measure) -> MeasureForm:
    """A measure as stored."""
    fields = {
        "title": measure.title,
        "indicators": list(measure.indicators),
        "steps": measure.steps,
        "starts": measure.starts,
        "ends": measure.ends,
        "follow_up_interval": str(measure.follow_up_interval),
        "units": ", ".join(measure.units),
        "budget": format_budget(measure.budget),
        "success": measure.success,
        "owner": measure.owner_id,
    }
    findings = [FindingForm(f, f.defect, f.remedy, measure.pk) for f in measure.findings.all()]
    return MeasureForm(measure, fields, findings, measure.version())


def parse_plan(
    post: QueryDict, measures: Sequence[Measure], framework: Framework, owners: Collection[int]
) -> ParsedPlan:
    """Parse everything typed on the page of a plan. ``measures`` are all those of the plan, ``owners`` the users who
    may own one. A measure that the page did not show is left out."""
    post = _rename_former_fields(post)
    findings = {f.pk: f for m in measures for f in m.findings.all()}
    typed_findings = _group_finding_fields(post, findings)
    known = {m.pk for m in measures}
    parsed = ParsedPlan([], [], {})
    for measure in measures:
        if f"m{measure.pk}-base_version" not in post:
            continue
        form, values = _parse_measure(post, measure, framework, owners)
        for pk, parts in typed_findings.get(measure.pk, {}).items():
            defect, remedy = (normalize_text(parts.get(part, "")) for part in ("defect", "remedy"))
            if max(len(defect), len(remedy)) > MAX_TEXT_LENGTH:
                form.errors["findings"] = f"ข้อค้นพบหรือแนวทางแก้{_say_too_long(defect, remedy)}"
            values["findings"][str(pk)] = [defect, remedy]
            home = _parse_number(parts.get("home", ""))
            if home not in known:
                home = measure.pk
            form.findings.append(FindingForm(findings[pk], defect, remedy, home))
            if home != measure.pk:
                parsed.moves[pk] = home
        form.new_finding = normalize_text(post.get(f"m{measure.pk}-new_finding", ""))
        if len(form.new_finding) > MAX_TEXT_LENGTH:
            form.errors["findings"] = f"ข้อค้นพบ{_say_too_long(form.new_finding)}"
        elif form.new_finding:
            values["new_finding"] = form.new_finding
        parsed.forms.append(form)
        if not form.errors:
            parsed.edits.append(MeasureEdit(measure.pk, form.base_version, values))
    return parsed


def _rename_former_fields(post: QueryDict) -> QueryDict:
    renamed = QueryDict(mutable=True)
    for name, values in post.lists():
        measure, _, field_name = name.partition("-")
        current = f"{measure}-{_FORMER_FIELDS[field_name]}" if field_name in _FORMER_FIELDS else name
        renamed.setlist(current, post.getlist(current) or values)
    return renamed


def _group_finding_fields(post: QueryDict, findings: Collection[int]) -> dict[int, dict[int, dict[str, str]]]:
    """The typed parts of known findings, by measure and finding."""
    grouped: dict[int, dict[int, dict[str, str]]] = {}
    for name in post:
        if match := _FINDING_FIELD.fullmatch(name):
            measure, finding, part = int(match[1]), int(match[2]), match[3]
            if finding in findings:
                grouped.setdefault(measure, {}).setdefault(finding, {})[part] = post.get(name, "")
    return grouped


def _parse_measure(
    post: QueryDict, measure: Measure, framework: Framework, owners: Collection[int]
) -> tuple[MeasureForm, dict[str, Any]]:
    errors: dict[str, str] = {}

    def posted(name: str) -> str:
        return post.get(f"m{measure.pk}-{name}", "")

    title = normalize_line(posted("title"))
    if len(title) > MAX_TITLE_LENGTH:
        errors["title"] = f"ชื่อมาตรการยาว {len(title)} ตัวอักษร ให้ไม่เกิน {MAX_TITLE_LENGTH} รายละเอียดใส่ในขั้นตอน"
    texts = {name: normalize_text(posted(name)) for name in ("steps", "success")}
    errors |= {name: _say_too_long(text) for name, text in texts.items() if len(text) > MAX_TEXT_LENGTH}
    starts, ends = _parse_month(posted("starts")), _parse_month(posted("ends"))
    if not starts or not ends:
        errors["period"] = "เลือกเดือนที่เริ่มและเดือนที่สิ้นสุด"
    elif ends < starts:
        errors["period"] = "เดือนที่สิ้นสุดอยู่ก่อนเดือนที่เริ่ม (ปีงบประมาณเริ่มเดือนตุลาคม)"
    interval = posted("follow_up_interval")
    if interval not in set(FOLLOW_UP_INTERVAL_TH):
        errors["follow_up_interval"] = "เลือกรอบการติดตาม"
    units = split_names(posted("units"))
    if len(units) > MAX_UNITS or any(len(u) > MAX_UNIT_LENGTH for u in units):
        errors["units"] = f"คั่นชื่อหน่วยด้วยจุลภาค แต่ละชื่อไม่เกิน {MAX_UNIT_LENGTH} ตัวอักษร ไม่เกิน {MAX_UNITS} หน่วย"
    budget, problem = parse_budget(posted("budget"))
    if problem:
        errors["budget"] = problem
    owner = _parse_number(posted("owner"))
    if owner is not None and owner not in owners and owner != measure.owner_id:
        errors["owner"] = "ผู้นี้ไม่ได้ทำหน้าที่แทนหน่วยงานแล้ว เลือกคนอื่น"
    chosen = set(post.getlist(f"m{measure.pk}-indicators"))
    fields = {
        "title": title,
        "indicators": [i.id for i in framework.rules.indicators if i.id in chosen],
        "starts": starts,
        "ends": ends,
        "follow_up_interval": interval,
        "units": ", ".join(units),
        "budget": posted("budget").strip(),
        "owner": owner,
        **texts,
    }
    values: dict[str, Any] = {
        **fields,
        "units": units,
        "budget": None if budget is None else str(budget),
        "findings": {},
        "removed": False,
    }
    return MeasureForm(measure, fields, [], posted("base_version")[:64], errors), values


def _parse_number(text: str) -> int | None:
    """A whole number of at most twelve digits, such as an id; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 13 else None


def _parse_month(text: str) -> int:
    """A month of the fiscal year, 1 to 12; 0 for anything else."""
    month = _parse_number(text) or 0
    return month if 1 <= month <= fiscal.MONTHS else 0


def parse_budget(text: str) -> tuple[Decimal | None, str]:
    """Baht as people write it: Thai digits, commas, a unit, a dash for none. Returns the amount with satang, and the
    problem in Thai."""
    try:
        return numbers.read_baht(text), ""
    except numbers.NumberError as error:
        return None, str(error)


def format_budget(amount: Decimal | None) -> str:
    """An amount in baht, without satang when they are zero."""
    return "" if amount is None else f"{amount:,.2f}".removesuffix(".00")


# --- follow-up


_HOST = re.compile(r"(?:[^\s./?#:@]{1,63}\.){1,9}[A-Za-z\u0e01-\u0e4e]{2,30}(?::\d{1,5})?(?:[/?#]\S*)?")


def _with_scheme(line: str) -> str:
    """A typed web address; one without a scheme is taken to be secure. What is no address stays as it was typed."""
    address = normalize_line(line)
    return f"https://{address}" if "://" not in address and _HOST.fullmatch(address) else address


class PastDateField(DateField):
    """A date that is not in the future."""

    def validate(self, value: datetime.date | None) -> None:
        super().validate(value)
        if value is not None and value > today():
            raise ValidationError(f"{fiscal.short_date(value)} ยังมาไม่ถึง วันที่ติดตามต้องไม่อยู่ในอนาคต")


class ReportedWorkForm(forms.Form):
    """What was done on a measure, with evidence. ``files`` would be attached: those that wait and those chosen."""

    status = forms.ChoiceField(label="สถานะ", choices=FollowUp.Status.choices)
    done = forms.CharField(label="สิ่งที่ทำแล้ว", required=False, widget=forms.Textarea(attrs={"rows": 4}))
    obstacles = forms.CharField(label="ปัญหาอุปสรรค", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    suggestion = forms.CharField(label="ข้อเสนอแนะ", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    links = forms.CharField(
        label="ลิงก์หลักฐาน",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="บรรทัดละหนึ่งลิงก์ เช่น https://www.example.go.th/รายงาน.pdf",
    )
    file = FilesField(
        label="ไฟล์หลักฐาน",
        required=False,
        widget=FilesInput(attrs={"accept": ",".join(f".{s}" for s in EVIDENCE_SUFFIXES)}),
        help_text=f"ภาพ PDF Word หรือ Excel เลือกได้หลายไฟล์ พร้อมลิงก์ไม่เกิน {MAX_EVIDENCE} รายการ "
        f"ส่งครั้งละไม่เกิน {uploads.MAX_MEGABYTES} MB ที่เหลือบันทึกเป็นการติดตามอีกครั้งได้",
    )

    def __init__(self, *args: Any, files: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._files = files

    def _normalize(self, name: str) -> str:
        text = normalize_text(self.cleaned_data[name])
        if len(text) > MAX_TEXT_LENGTH:
            raise ValidationError(_say_too_long(text))
        return text

    def clean_done(self) -> str:
        return self._normalize("done")

    def clean_obstacles(self) -> str:
        return self._normalize("obstacles")

    def clean_suggestion(self) -> str:
        return self._normalize("suggestion")

    def clean_links(self) -> list[EvidenceInput]:
        links = [_with_scheme(x) for x in normalize_text(self.cleaned_data["links"]).splitlines() if x.strip()]
        validate = URLValidator(schemes=["http", "https"])
        invalid = []
        for link in links:
            try:
                if len(link) > 500:
                    raise ValidationError("")
                validate(link)
            except ValidationError:
                invalid.append(link)
        if invalid:
            problem = (
                "ไม่ใช่ลิงก์ที่เปิดได้ เขียนคำอธิบายในช่องสิ่งที่ทำแล้ว ช่องนี้คัดลอกที่อยู่ทั้งหมดจากแถบที่อยู่ของเบราว์เซอร์ และยาวไม่เกิน 500 ตัวอักษร"
            )
            raise ValidationError(fold_names(invalid, "ลิงก์", problem))
        return [EvidenceInput(url=x, name=x[:200]) for x in links]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        status = data.get("status")
        if status in (FollowUp.Status.DOING, FollowUp.Status.DONE) and data.get("done") == "":
            self.add_error("done", "บอกสั้น ๆ ว่าทำอะไรไปแล้ว")
        if status == FollowUp.Status.STUCK and data.get("obstacles") == "":
            self.add_error("obstacles", "บอกว่าติดขัดที่อะไร")
        links, files = len(data.get("links") or ()), self._files
        if links + files > MAX_EVIDENCE:
            counted = f"ขณะนี้มีลิงก์ {links} ลิงก์ และไฟล์ {files} ไฟล์"
            problem = f"แนบลิงก์และไฟล์รวมกันได้ครั้งละไม่เกิน {MAX_EVIDENCE} รายการ {counted} ที่เหลือบันทึกเป็นการติดตามอีกครั้งได้"
            self.add_error("file" if files > links else "links", problem)
        return data


class FollowUpForm(ReportedWorkForm):
    """A follow-up of one measure. ``due_dates`` are labels by ISO date."""

    due = forms.TypedChoiceField(label="รอบการติดตาม", coerce=datetime.date.fromisoformat)
    on = PastDateField(label="วันที่ติดตาม")
    field_order = ("due", "on")

    def __init__(self, *args: Any, due_dates: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["due"]).choices = list(due_dates.items())


class FollowUpDateForm(forms.Form):
    """The day on which several measures were followed up."""

    on = PastDateField(label="วันที่ติดตาม", help_text="ใช้กับทุกมาตรการที่บันทึกในหน้านี้")
