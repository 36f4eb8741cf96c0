"""Plans with their measures and findings, the decisions of their approval, follow-ups with evidence, the library of
measures, and registers: sheets of records with the decisions of their approval."""

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models

from prongsai.improvement.findings import FINDING_KIND_TH, NON_DEFECTS
from prongsai.improvement.periods import FOLLOW_UP_INTERVAL_TH, FollowUpInterval, due_dates, period_text
from prongsai.improvement.registers import kinds, values
from prongsai.lib import digest
from prongsai.registry.models import Agency
from prongsai.results.models import AgencyResult

_SATANG = Decimal("0.01")
# Keys of two fields in stored plans and in the JSON that digests are taken of: those of version 0.1.0, so that the
# digest of a plan that was submitted or approved then is still that of its content.
_STORED_KEYS = {"owner": "keeper", "follow_up_interval": "rhythm"}
_FIELDS = {key: name for name, key in _STORED_KEYS.items()}


def to_stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a measure under the keys they are stored and digested with."""
    return {_STORED_KEYS.get(name, name): value for name, value in values.items()}


def from_stored(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a stored measure under the names of its fields."""
    return {_FIELDS.get(key, key): value for key, value in stored.items()}


def version_of(values: Mapping[str, Any]) -> str:
    """The version of a measure's values, a SHA-256: equal values have equal versions."""
    return digest.of_json(to_stored(values))


def version_of_texts(stored: Mapping[str, str], keys: Iterable[str], *, removed: bool = False) -> str:
    """The version of some values of a register, a SHA-256: equal values have equal versions; an empty one is none."""
    return digest.of_json([{key: stored.get(key, "") for key in sorted(keys)}, removed])


class Plan(models.Model):
    """What an agency intends to do in a fiscal year about the result of the year before (``result_year``), which an
    agency in its first year does not have. Its measures are the working copy; the plan in force is the content of its
    latest approval, a ``Decision``."""

    class Status(models.TextChoices):
        DRAFT = "draft", "กำลังร่าง"
        SUBMITTED = "submitted", "รอผู้บริหารอนุมัติ"
        RETURNED = "returned", "ส่งกลับให้แก้"
        APPROVED = "approved", "อนุมัติแล้ว"

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    fiscal_year = models.PositiveIntegerField("ปีงบประมาณ")
    result = models.ForeignKey(AgencyResult, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField("สถานะ", max_length=9, choices=Status.choices, default=Status.DRAFT)
    public = models.BooleanField("เผยแพร่", default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-fiscal_year",)
        constraints = (models.UniqueConstraint(fields=("agency", "fiscal_year"), name="plan_once"),)
        indexes = (models.Index(fields=("fiscal_year", "status")),)

    def __str__(self) -> str:
        return f"แผนปีงบประมาณ พ.ศ. {self.fiscal_year}"

    @property
    def result_year(self) -> int:
        """The fiscal year of the result that the plan answers, whether there is one or not."""
        return self.fiscal_year - 1


class Measure(models.Model):
    """One measure of a working copy. A removed measure is only marked, because its follow-ups refer to it."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="measures")
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField("มาตรการ", max_length=300, blank=True)
    indicators = models.JSONField("ตัวชี้วัด", default=list)
    steps = models.TextField("ขั้นตอน", blank=True)
    starts = models.PositiveSmallIntegerField("ตั้งแต่", default=1)  # months of the fiscal year: 1 is October
    ends = models.PositiveSmallIntegerField("ถึง", default=12)
    follow_up_interval = models.CharField(
        "รอบการติดตาม",
        max_length=9,
        choices=[(i.value, t) for i, t in FOLLOW_UP_INTERVAL_TH.items()],
        default=FollowUpInterval.QUARTERLY,
    )
    units = models.JSONField("ผู้รับผิดชอบ", default=list)
    budget = models.DecimalField("งบประมาณ", max_digits=14, decimal_places=2, null=True)
    success = models.TextField("ตัวชี้วัดความสำเร็จ", blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    removed = models.BooleanField(default=False)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.title or "(ยังไม่มีชื่อมาตรการ)"

    def values(self) -> dict[str, Any]:
        """What an officer edits, normalised: two versions of a measure are compared by it."""
        budget = None if self.budget is None else str(self.budget.quantize(_SATANG))
        return {
            "title": self.title,
            "indicators": list(self.indicators),
            "steps": self.steps,
            "starts": self.starts,
            "ends": self.ends,
            "follow_up_interval": str(self.follow_up_interval),
            "units": list(self.units),
            "budget": budget,
            "success": self.success,
            "owner": self.owner_id,
            "findings": {str(f.pk): [f.defect, f.remedy] for f in self.findings.all()},
            "removed": self.removed,
        }

    def version(self) -> str:
        """The version of what is stored; an edit states the version it is based on."""
        return version_of(self.values())

    @property
    def period(self) -> str:
        """The period in Thai."""
        return period_text(self.plan.fiscal_year, self.starts, self.ends)

    @property
    def due_dates(self) -> tuple[datetime.date, ...]:
        """The dates by which follow-ups are due, in order."""
        return due_dates(self.plan.fiscal_year, self.starts, self.ends, self.follow_up_interval)


class PlanFinding(models.Model):
    """A finding in a plan: what the result shows, in the officer's words, and the measure that answers it."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="findings")
    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="findings")
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=[(k.value, t) for k, t in FINDING_KIND_TH.items()])
    node = models.CharField(max_length=40, blank=True)  # empty for a finding of the agency's own
    score = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    before = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    defect = models.TextField("ข้อค้นพบ", blank=True)
    remedy = models.TextField("แนวทางแก้", blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("plan", "key"), name="finding_once"),)

    @property
    def node_label(self) -> str:
        """The node as people call it, in Thai."""
        return "คะแนนรวม" if self.node == "overall" else self.node

    @property
    def is_defect(self) -> bool:
        return self.kind not in NON_DEFECTS


class Decision(models.Model):
    """A step of the approval: submitted, withdrawn, returned, or approved. Rows are only added, never changed; ``name``
    and ``position`` are those of the decider at that time. ``content`` is the complete plan that was approved (None at
    the other steps), and ``digest`` the SHA-256 of the content at any step."""

    class Step(models.TextChoices):
        SUBMITTED = "submitted", "เสนอ"
        WITHDRAWN = "recalled", "ดึงกลับมาแก้"
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
    """What was done on a measure by a due date. Rows are only added; a later one for the same date replaces the one
    before."""

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
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("due", "id")


class Evidence(models.Model):
    """Proof of what was done: a stored file, or a link."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="evidence")
    url = models.URLField(max_length=500, blank=True)
    name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("id",)


class Reminder(models.Model):
    """A reminder of a plan's due date that was sent: one before it, one after."""

    class Kind(models.TextChoices):
        SOON = "soon", "ใกล้ครบกำหนด"
        LATE = "late", "เลยกำหนด"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    due = models.DateField()
    kind = models.CharField(max_length=4, choices=Kind.choices)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("plan", "due", "kind"), name="reminded_once"),)


class LibraryEntry(models.Model):
    """A measure of an approved plan, one row for each of its indicators: what the library counts. The rows of a plan
    are replaced at each approval."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    fiscal_year = models.PositiveIntegerField()
    indicator = models.CharField(max_length=40)
    key = models.CharField(max_length=64)  # digest of the title without spaces
    title = models.CharField(max_length=300)
    steps = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=("kind", "indicator", "key")),)


class StatedReason(models.Model):
    """What the approved plan of an agency quotes of an assessor about an item of the result it answers, by the fiscal
    year of that result. The rows of a plan are replaced at each approval; they are public where the plan is."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    fiscal_year = models.PositiveIntegerField()
    item = models.CharField(max_length=40)
    text = models.TextField()

    class Meta:
        indexes = (models.Index(fields=("fiscal_year", "agency")),)


class RegisterSheet(models.Model):
    """What an agency records of one kind (``registers.kinds``) in a fiscal year. Its records are the working copy; what
    is in force is the content of its latest approval, a ``RegisterDecision``. Reports of what was done are no part of
    an approval."""

    class Status(models.TextChoices):
        DRAFT = "draft", "กำลังจัดทำ"
        SUBMITTED = "submitted", "รอผู้บริหารอนุมัติ"
        RETURNED = "returned", "ส่งกลับให้แก้"
        APPROVED = "approved", "อนุมัติแล้ว"

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    fiscal_year = models.PositiveIntegerField("ปีงบประมาณ")
    kind = models.CharField(max_length=20)
    fields = models.JSONField(default=dict)  # stored values by key
    status = models.CharField("สถานะ", max_length=9, choices=Status.choices, default=Status.DRAFT)
    public = models.BooleanField("เผยแพร่", default=False)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-fiscal_year", "kind")
        constraints = (models.UniqueConstraint(fields=("agency", "fiscal_year", "kind"), name="register_once"),)

    def __str__(self) -> str:
        return f"{kinds.load()[self.kind].name} ปีงบประมาณ พ.ศ. {self.fiscal_year}"

    @property
    def definition(self) -> kinds.RegisterKind:
        return kinds.load()[self.kind]

    def shown_fields(self) -> list[tuple[str, str]]:
        """The label and the text of each field that is filled in."""
        return values.show_fields(self.definition, self.fields, self.fiscal_year)

    def version(self, keys: Iterable[str]) -> str:
        """The version of some of its fields; an edit states the version it is based on."""
        return version_of_texts(self.fields, keys)


class RegisterRecord(models.Model):
    """One record of a working copy. A removed one is only marked, because an approval refers to it. ``token`` is unique
    to the form it was typed in, so that a page sent twice adds it once."""

    sheet = models.ForeignKey(RegisterSheet, on_delete=models.CASCADE, related_name="records")
    position = models.PositiveIntegerField(default=0)
    values = models.JSONField(default=dict)  # stored, by column
    token = models.CharField(max_length=40, unique=True)
    removed = models.BooleanField(default=False)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        kind = self.sheet.definition
        return str(self.values.get(kind.subject) or f"({kind.row}ที่ยังไม่มีชื่อ)")

    def shown_values(self) -> list[tuple[str, str]]:
        """The label and the text of each column that is filled in."""
        kind = self.sheet.definition
        stored = (c for c in kind.columns if self.values.get(c.key))
        return [(c.label, values.show(kind, c.key, self.values, self.sheet.fiscal_year)) for c in stored]

    def shown_levels(self) -> list[tuple[str, str]]:
        """The label and the text of each level."""
        kind, year = self.sheet.definition, self.sheet.fiscal_year
        return [(c.label, values.show(kind, c.key, self.values, year)) for c in kind.columns if c.type == "level"]

    def version(self, keys: Iterable[str]) -> str:
        """The version of what is stored in some columns."""
        return version_of_texts(self.values, keys, removed=self.removed)


class RegisterDecision(models.Model):
    """A step of the approval of a sheet. Rows are only added, never changed; ``name`` and ``position`` are those of the
    decider at that time. ``content`` is what was approved (None at the other steps), and ``digest`` the SHA-256 of the
    content at any step."""

    sheet = models.ForeignKey(RegisterSheet, on_delete=models.PROTECT, related_name="decisions")
    step = models.CharField(max_length=9, choices=Decision.Step.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    position = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    comment = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    content = models.JSONField(null=True)

    class Meta:
        ordering = ("id",)


class PendingUpload(models.Model):
    """A file that somebody attached to a follow-up which was refused: it waits for them until the follow-up is stored,
    they take it away, or it expires."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("created_at",), name="pending_upload_age"),)
