"""Plans with their measures and findings, the chain of approval, follow-ups with evidence, and the library of measures
used."""

import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models

from prongsai.improvement.findings import KIND_TH, Kind
from prongsai.improvement.periods import RHYTHM_TH, Rhythm, due_dates, period_text
from prongsai.lib import digest
from prongsai.registry.models import Agency
from prongsai.results.models import AgencyResult

_SATANG = Decimal("0.01")


class Plan(models.Model):
    """What an agency means to do in a fiscal year about a result. Its measures are the working copy; what is in force
    is the last approved ``Decision``, which keeps the plan as it was approved."""

    class Status(models.TextChoices):
        DRAFT = "draft", "กำลังร่าง"
        SUBMITTED = "submitted", "รอผู้บริหารอนุมัติ"
        RETURNED = "returned", "ส่งกลับให้แก้"
        APPROVED = "approved", "อนุมัติแล้ว"

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    fiscal_year = models.PositiveIntegerField("ปีงบประมาณ")
    result = models.ForeignKey(AgencyResult, on_delete=models.PROTECT, related_name="+")
    status = models.CharField("สถานะ", max_length=9, choices=Status.choices, default=Status.DRAFT)
    public = models.BooleanField("เผยแพร่", default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-fiscal_year",)
        constraints = (models.UniqueConstraint(fields=("agency", "fiscal_year"), name="plan_once"),)
        indexes = (models.Index(fields=("fiscal_year", "status")),)

    def __str__(self) -> str:
        return f"แผนปีงบประมาณ พ.ศ. {self.fiscal_year}"


class Measure(models.Model):
    """One measure of a working copy. A measure that is taken out stays, for what was followed up stays with it."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="measures")
    place = models.PositiveSmallIntegerField(default=0)
    title = models.CharField("มาตรการ", max_length=300, blank=True)
    indicators = models.JSONField("ตัวชี้วัด", default=list)
    steps = models.TextField("ขั้นตอน", blank=True)
    starts = models.PositiveSmallIntegerField("ตั้งแต่", default=1)  # months of the fiscal year: 1 is October
    ends = models.PositiveSmallIntegerField("ถึง", default=12)
    rhythm = models.CharField(
        "รอบการติดตาม", max_length=9, choices=[(r.value, t) for r, t in RHYTHM_TH.items()], default=Rhythm.QUARTERLY
    )
    units = models.JSONField("ผู้รับผิดชอบ", default=list)
    budget = models.DecimalField("งบประมาณ", max_digits=14, decimal_places=2, null=True)
    success = models.TextField("ตัวชี้วัดความสำเร็จ", blank=True)
    keeper = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    removed = models.BooleanField(default=False)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("place", "id")

    def __str__(self) -> str:
        return self.title or "(ยังไม่มีชื่อมาตรการ)"

    def values(self) -> dict[str, Any]:
        """What an officer types of it, in one spelling: what two savings are compared by."""
        budget = None if self.budget is None else str(self.budget.quantize(_SATANG))
        return {
            "title": self.title,
            "indicators": list(self.indicators),
            "steps": self.steps,
            "starts": self.starts,
            "ends": self.ends,
            "rhythm": str(self.rhythm),
            "units": list(self.units),
            "budget": budget,
            "success": self.success,
            "keeper": self.keeper_id,
            "findings": {str(f.pk): [f.defect, f.remedy] for f in self.findings.all()},
            "removed": self.removed,
        }

    def stamp(self) -> str:
        return digest.of_json(self.values())

    @property
    def period(self) -> str:
        return period_text(self.plan.fiscal_year, self.starts, self.ends)

    @property
    def dues(self) -> tuple[datetime.date, ...]:
        return due_dates(self.plan.fiscal_year, self.starts, self.ends, self.rhythm)


class PlanFinding(models.Model):
    """A finding as it stands in a plan: what the result said, in the officer's words, and the measure that answers
    it."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="points")
    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="findings")
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=[(k.value, t) for k, t in KIND_TH.items()])
    node = models.CharField(max_length=40, blank=True)  # empty for what the agency found itself
    score = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    before = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    defect = models.TextField("ข้อค้นพบ", blank=True)
    remedy = models.TextField("แนวทางแก้", blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("plan", "key"), name="finding_once"),)

    @property
    def about(self) -> str:
        """The node as people call it."""
        return "คะแนนรวม" if self.node == "overall" else self.node

    @property
    def good(self) -> bool:
        return self.kind in (Kind.STRENGTH, Kind.UNKNOWN)


class Decision(models.Model):
    """A step of the chain: submitted, taken back, sent back, or approved. Rows are only ever added; who decided stands
    here by name and position as they were. ``content`` is the whole plan as it was approved, and ``digest`` its
    SHA-256."""

    class Step(models.TextChoices):
        SUBMITTED = "submitted", "เสนอ"
        RECALLED = "recalled", "ดึงกลับมาแก้"
        RETURNED = "returned", "ส่งกลับให้แก้"
        APPROVED = "approved", "อนุมัติ"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="decisions")
    step = models.CharField(max_length=9, choices=Step.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    position = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    comment = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    content = models.JSONField(null=True)

    class Meta:
        ordering = ("id",)


class FollowUp(models.Model):
    """What was done of a measure by a due date. Rows are only ever added; a later one for the same date takes its
    place."""

    class Status(models.TextChoices):
        WAITING = "waiting", "ยังไม่เริ่ม"
        DOING = "doing", "กำลังทำ"
        STUCK = "stuck", "ติดขัด"
        DONE = "done", "เสร็จแล้ว"

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="follow_ups")
    due = models.DateField("รอบที่ครบกำหนด")
    on = models.DateField("วันที่ติดตาม")
    status = models.CharField("สถานะ", max_length=7, choices=Status.choices)
    done = models.TextField("สิ่งที่ทำแล้ว", blank=True)
    obstacles = models.TextField("ปัญหาอุปสรรค", blank=True)
    suggestion = models.TextField("ข้อเสนอแนะ", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("due", "id")


class Evidence(models.Model):
    """What shows that it was done: a file kept here, or a link."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="evidence")
    url = models.URLField(max_length=500, blank=True)
    name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("id",)


class Reminder(models.Model):
    """People were reminded of a plan's due date: once before it, once after."""

    class Kind(models.TextChoices):
        SOON = "soon", "ใกล้ครบกำหนด"
        LATE = "late", "เลยกำหนด"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    due = models.DateField()
    kind = models.CharField(max_length=4, choices=Kind.choices)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("plan", "due", "kind"), name="reminded_once"),)


class LibraryEntry(models.Model):
    """A measure of an approved plan, one row for each indicator it is linked to: what the library counts and searches.
    Written anew whenever the plan is approved."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    fiscal_year = models.PositiveIntegerField()
    indicator = models.CharField(max_length=40)
    key = models.CharField(max_length=64)  # the title's digest, however it is spaced
    title = models.CharField(max_length=300)
    steps = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=("kind", "indicator", "key")),)
