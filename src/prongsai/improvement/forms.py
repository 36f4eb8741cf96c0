"""What is typed on the plan's page, read measure by measure; and the form of a follow-up."""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.http import QueryDict

from prongsai.framework import Framework
from prongsai.improvement.actions import MOST_EVIDENCE, SUFFIXES, Shown, Typed
from prongsai.improvement.drafting import is_whole
from prongsai.improvement.models import FollowUp, Measure, PlanFinding
from prongsai.improvement.periods import RHYTHM_TH
from prongsai.improvement.text import LONGEST, listed, one_line, tidy
from prongsai.lib import fiscal, thai

MOST_BAHT = Decimal("1000000000000")
_LONG = f"ยาวเกินที่เก็บได้ ({LONGEST:,} ตัวอักษร) ตัดให้สั้นลง หรือแนบเป็นไฟล์หลักฐานตอนติดตาม"
_FINDING = re.compile(r"m(\d{1,12})-f(\d{1,12})-(defect|remedy|home)", re.ASCII)


@dataclass
class Point:
    """A finding on the page, as it stands or as typed."""

    row: PlanFinding
    defect: str
    remedy: str
    home: int


@dataclass
class Entry:
    """A measure on the page: what its fields hold, and what is wrong with them. ``was`` is the stamp of what the page
    first showed; ``theirs`` is the stored measure when somebody else changed it meanwhile."""

    measure: Measure
    fields: dict[str, Any]
    points: list[Point]
    was: str
    errors: dict[str, str] = field(default_factory=dict)
    theirs: Measure | None = None
    found: str = ""  # a finding of the agency's own, typed and not stored yet

    @property
    def whole(self) -> bool:
        """Whether it may stand without an indicator."""
        return is_whole(p.row.kind for p in self.points)

    @property
    def id(self) -> str:
        return f"m{self.measure.pk}"


def budget_text(value: Decimal | None) -> str:
    if value is None:
        return ""
    return f"{value:,.2f}".removesuffix(".00")


def stored(measure: Measure) -> Entry:
    """A measure as it stands."""
    fields = {
        "title": measure.title,
        "indicators": list(measure.indicators),
        "steps": measure.steps,
        "starts": measure.starts,
        "ends": measure.ends,
        "rhythm": str(measure.rhythm),
        "units": ", ".join(measure.units),
        "budget": budget_text(measure.budget),
        "success": measure.success,
        "keeper": measure.keeper_id,
    }
    points = [Point(f, f.defect, f.remedy, measure.pk) for f in measure.findings.all()]
    return Entry(measure, fields, points, measure.stamp())


def read(
    post: QueryDict, rows: Sequence[Measure], framework: Framework, keepers: Sequence[int]
) -> tuple[list[Entry], list[Typed], dict[int, int]]:
    """Everything typed: the entries for showing again, what can be stored, and where findings go. A measure that the
    page did not have is left out."""
    entries, typed, moves = [], [], {}
    findings = {f.pk: f for m in rows for f in m.findings.all()}
    posted: dict[int, dict[int, dict[str, str]]] = {}
    for name in post:
        if found := _FINDING.fullmatch(name):
            measure, finding, part = int(found[1]), int(found[2]), found[3]
            if finding in findings:
                posted.setdefault(measure, {}).setdefault(finding, {})[part] = post[name]
    known = {m.pk for m in rows}
    for measure in rows:
        if f"m{measure.pk}-was" not in post:
            continue
        entry, values = _read_measure(post, measure, framework, keepers)
        for pk, parts in posted.get(measure.pk, {}).items():
            texts = [tidy(parts.get(part, "")) for part in ("defect", "remedy")]
            if any(len(t) > LONGEST for t in texts):
                entry.errors["findings"] = f"ข้อค้นพบหรือแนวทางแก้{_LONG}"
            values["findings"][str(pk)] = texts
            home = parts.get("home", "")
            at = (
                int(home)
                if home.isascii() and home.isdecimal() and len(home) < 13 and int(home) in known
                else measure.pk
            )
            entry.points.append(Point(findings[pk], *texts, at))
            if at != measure.pk:
                moves[pk] = at
        entry.found = tidy(post.get(f"m{measure.pk}-found", ""))
        if len(entry.found) > LONGEST:
            entry.errors["findings"] = f"ข้อค้นพบ{_LONG}"
        elif entry.found:
            values["found"] = entry.found
        entries.append(entry)
        if not entry.errors:
            typed.append(Typed(measure.pk, entry.was, values))
    return entries, typed, moves


def _read_measure(
    post: QueryDict, measure: Measure, framework: Framework, keepers: Sequence[int]
) -> tuple[Entry, dict[str, Any]]:
    errors: dict[str, str] = {}

    def got(name: str) -> str:
        return post.get(f"m{measure.pk}-{name}", "")

    def month(name: str) -> int:
        text = got(name)
        return (
            int(text)
            if text.isascii() and text.isdecimal() and len(text) < 3 and 1 <= int(text) <= fiscal.MONTHS
            else 0
        )

    title, steps, success = one_line(got("title")), tidy(got("steps")), tidy(got("success"))
    if len(title) > 300:
        errors["title"] = f"ชื่อมาตรการยาว {len(title)} ตัวอักษร ให้ไม่เกิน 300 รายละเอียดใส่ในขั้นตอน"
    for name, text in (("steps", steps), ("success", success)):
        if len(text) > LONGEST:
            errors[name] = _LONG
    starts, ends = month("starts"), month("ends")
    if not starts or not ends:
        errors["period"] = "เลือกเดือนที่เริ่มและเดือนที่สิ้นสุด"
    elif ends < starts:
        errors["period"] = "เดือนที่สิ้นสุดอยู่ก่อนเดือนที่เริ่ม (ปีงบประมาณเริ่มเดือนตุลาคม)"
    rhythm = got("rhythm")
    if rhythm not in set(RHYTHM_TH):
        errors["rhythm"] = "เลือกรอบการติดตาม"
    units = listed(got("units"))
    if len(units) > 40 or any(len(u) > 150 for u in units):
        errors["units"] = "คั่นชื่อหน่วยด้วยจุลภาค แต่ละชื่อไม่เกิน 150 ตัวอักษร ไม่เกิน 40 หน่วย"
    budget, problem = read_budget(got("budget"))
    if problem:
        errors["budget"] = problem
    keeper_text = got("keeper")
    keeper = int(keeper_text) if keeper_text.isascii() and keeper_text.isdecimal() and len(keeper_text) < 13 else None
    if keeper is not None and keeper not in keepers and keeper != measure.keeper_id:
        errors["keeper"] = "ผู้นี้ไม่ได้ทำหน้าที่แทนหน่วยงานแล้ว เลือกคนอื่น"
    chosen = set(post.getlist(f"m{measure.pk}-indicators"))
    indicators = [i.id for i in framework.rules.indicators if i.id in chosen]
    fields = {
        "title": title,
        "indicators": indicators,
        "steps": steps,
        "starts": starts,
        "ends": ends,
        "rhythm": rhythm,
        "units": ", ".join(units),
        "budget": got("budget").strip(),
        "success": success,
        "keeper": keeper,
    }
    values = {
        **fields,
        "units": units,
        "budget": None if budget is None else str(budget),
        "findings": {},
        "removed": False,
    }
    return Entry(measure, fields, [], got("was")[:64], errors), values


def read_budget(text: str) -> tuple[Decimal | None, str]:
    """Baht as people write it: Thai digits, commas, a unit, a dash for none. Gives the amount with satang, and what is
    wrong."""
    plain = re.sub(r"[,\s]|บาท|\.-$|-$", "", thai.clean(text))
    if plain in ("", "ไม่มี", "ไม่ใช้งบประมาณ"):
        return None, ""
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        return None, f"“{text.strip()[:40]}” ไม่ใช่จำนวนเงิน พิมพ์ตัวเลขเป็นบาท เช่น 20,000 หรือเว้นว่างหากไม่ใช้งบประมาณ"
    if not amount.is_finite() or not 0 <= amount < MOST_BAHT:
        return None, "งบประมาณต้องอยู่ระหว่าง 0 ถึงล้านล้านบาท"
    return amount.quantize(Decimal("0.01")), ""


# --- follow-up


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(FilesField, self).clean(d, initial) for d in data or []]


class FollowUpForm(forms.Form):
    due = forms.TypedChoiceField(label="รอบการติดตาม", coerce=datetime.date.fromisoformat)
    on = forms.DateField(label="วันที่ติดตาม", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    status = forms.ChoiceField(label="สถานะ", choices=FollowUp.Status.choices)
    done = forms.CharField(label="สิ่งที่ทำแล้ว", required=False, widget=forms.Textarea(attrs={"rows": 4}))
    obstacles = forms.CharField(label="ปัญหาอุปสรรค", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    suggestion = forms.CharField(label="ข้อเสนอแนะ", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    links = forms.CharField(
        label="ลิงก์หลักฐาน",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="บรรทัดละหนึ่งลิงก์ ขึ้นต้นด้วย https://",
    )
    file = FilesField(
        label="ไฟล์หลักฐาน",
        required=False,
        widget=FilesInput(attrs={"accept": ",".join(f".{s}" for s in SUFFIXES)}),
        help_text="ภาพ PDF Word หรือ Excel เลือกได้หลายไฟล์ รวมไม่เกิน 20 MB",
    )

    def __init__(self, *args: Any, dues: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due"].choices = list(dues.items())  # type: ignore[attr-defined]

    def _text(self, name: str) -> str:
        text = tidy(self.cleaned_data[name])
        if len(text) > LONGEST:
            raise ValidationError(_LONG)
        return text

    def clean_done(self) -> str:
        return self._text("done")

    def clean_obstacles(self) -> str:
        return self._text("obstacles")

    def clean_suggestion(self) -> str:
        return self._text("suggestion")

    def clean_links(self) -> list[Shown]:
        links = [one_line(x) for x in tidy(self.cleaned_data["links"]).splitlines() if x.strip()]
        valid = URLValidator(schemes=["http", "https"])
        wrong = []
        for link in links:
            try:
                if len(link) > 500:
                    raise ValidationError("")
                valid(link)
            except ValidationError:
                wrong.append(link[:80])
        if wrong:
            raise ValidationError([f"“{w}” ไม่ใช่ลิงก์ที่เปิดได้ ต้องขึ้นต้นด้วย https:// และยาวไม่เกิน 500 ตัวอักษร" for w in wrong])
        return [Shown(url=x, name=x[:200]) for x in links]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        status = given.get("status")
        if status in (FollowUp.Status.DOING, FollowUp.Status.DONE) and given.get("done") == "":
            self.add_error("done", "บอกสั้น ๆ ว่าทำอะไรไปแล้ว")
        if status == FollowUp.Status.STUCK and given.get("obstacles") == "":
            self.add_error("obstacles", "บอกว่าติดขัดที่อะไร")
        if len(given.get("links") or ()) + len(given.get("file") or ()) > MOST_EVIDENCE:
            self.add_error("links", f"แนบหลักฐานได้ครั้งละไม่เกิน {MOST_EVIDENCE} รายการ")
        return given
