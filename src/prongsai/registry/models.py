"""Assessments, agencies and their earlier versions, rounds and their phases, appointments, assignments, declared
interests."""

import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from prongsai.framework import NATIONAL
from prongsai.lib import fiscal, thai
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.names import search_key
from prongsai.registry.provinces import REGION_OF


class Assessment(models.Model):
    """An assessment of the family: the national one, a university's of its faculties, a ministry's of its hospitals.
    Its agencies, rounds, results and users are its own; ``slug`` is the name of its rules and stands in addresses."""

    slug = models.SlugField("ชื่อย่อในที่อยู่เว็บ", primary_key=True, max_length=20)
    name_th = models.CharField("ชื่อการประเมิน", max_length=200)
    name_en = models.CharField("ชื่ออังกฤษ", max_length=200, blank=True)
    owner = models.CharField("ผู้จัดการประเมิน", max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return self.name_th


class AgencyDetails(models.Model):
    """The details of an agency that change over time."""

    name_th = models.CharField("ชื่อ", max_length=200)
    name_en = models.CharField("ชื่ออังกฤษ", max_length=200, blank=True)
    kind = models.CharField("ประเภท", max_length=30, choices=AgencyType.choices)
    province = models.CharField("จังหวัด", max_length=60, blank=True)
    district = models.CharField("อำเภอ", max_length=60, blank=True)
    parent_code = models.CharField("สังกัด", max_length=40, blank=True)
    website = models.URLField("เว็บไซต์", blank=True)

    DETAIL_FIELDS = ("name_th", "name_en", "kind", "province", "district", "parent_code", "website")

    class Meta:
        abstract = True

    @property
    def region(self) -> str:
        return REGION_OF.get(self.province, "")

    def get_details(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.DETAIL_FIELDS}


class Agency(AgencyDetails):
    """A public agency as it is today. Its code never changes and is never used again; its details before ``since`` are
    in ``AgencyVersion``. A closed agency keeps its results; ``merged_into`` is its successor."""

    code = models.CharField("รหัส", max_length=40, unique=True)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    since = models.DateField("ข้อมูลนี้ใช้ตั้งแต่", default=datetime.date(1900, 1, 1))
    closed_on = models.DateField("ยุบเลิกเมื่อ", null=True, blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    fictional = models.BooleanField(default=False)
    search = models.CharField(max_length=601, db_index=True, editable=False)
    order = models.CharField(max_length=240, db_index=True, editable=False)

    class Meta:
        indexes = (models.Index(fields=("kind", "province")), models.Index(fields=("province",)))

    def __str__(self) -> str:
        return self.name_th

    def fill_keys(self) -> "Agency":
        """Compute the keys for searching and for Thai order, which no database can do itself; returns the agency."""
        earlier_names = [v.name_th for v in self.versions.all()] if self.pk else []
        parts = [self.name_th, self.name_en, *earlier_names, self.code, self.province, self.district]
        self.search = " ".join(filter(None, map(search_key, parts)))[:600] + " "
        self.order = thai.sort_key(self.name_th)
        return self

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fill_keys()
        super().save(*args, **kwargs)


class AgencyVersion(AgencyDetails):
    """The details of an agency from one day until another, before the present ones."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="versions")
    since = models.DateField()
    until = models.DateField()

    class Meta:
        ordering = ("-until", "-id")


class Round(models.Model):
    """An assessment's round of one fiscal year, by rules that are pinned by digest."""

    class Status(models.TextChoices):
        PREPARING = "preparing", "กำลังเตรียม"
        RUNNING = "running", "กำลังประเมิน"
        CLOSED = "closed", "ปิดรอบแล้ว"

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    fiscal_year = models.PositiveIntegerField("ปีงบประมาณ")
    framework_digest = models.CharField(max_length=64)
    status = models.CharField("สถานะ", max_length=12, choices=Status.choices, default=Status.PREPARING)
    agencies = models.ManyToManyField(Agency, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-fiscal_year",)
        constraints = (models.UniqueConstraint(fields=("assessment", "fiscal_year"), name="round_once"),)

    def __str__(self) -> str:
        return f"ปีงบประมาณ พ.ศ. {self.fiscal_year}"

    @property
    def parcels(self) -> Path:
        """The folder of the round's sealed inputs."""
        folder: Path = settings.MEDIA_ROOT / "parcels"
        if self.assessment_id != NATIONAL:  # whose folders are older than other assessments
            folder /= self.assessment_id
        return folder / str(self.fiscal_year)


MAX_ORDER_NUMBER, MAX_ORDER_REASON = 80, 600  # letters


class Order(models.Model):
    """By what something that is sealed is opened again, and why, as the office states it."""

    class Ground(models.TextChoices):
        APPEAL = "appeal", "รับอุทธรณ์"
        COURT = "court", "คำสั่งศาล"
        AUDIT = "audit", "คำสั่งหรือข้อทักท้วงของผู้ตรวจสอบ"

    ground = models.CharField("อาศัย", max_length=6, choices=Ground.choices)
    number = models.CharField("เลขที่", max_length=MAX_ORDER_NUMBER)
    dated = models.DateField("ลงวันที่")
    reason = models.CharField("เหตุผล", max_length=MAX_ORDER_REASON)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    @property
    def title(self) -> str:
        """The order as a sentence names it, in Thai."""
        return f"{self.Ground(self.ground).label} เลขที่ {self.number} ลงวันที่ {fiscal.short_date(self.dated)}"


class Phase(models.Model):
    """A phase of a round's calendar. Open on its days, both included; without days it is not open yet."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="phases")
    key = models.CharField(max_length=40)
    label_th = models.CharField(max_length=120)
    label_en = models.CharField(max_length=120, blank=True)
    position = models.PositiveSmallIntegerField()
    starts = models.DateField("เริ่ม", null=True, blank=True)
    ends = models.DateField("สิ้นสุด", null=True, blank=True)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("round", "key"), name="phase_once"),
            models.CheckConstraint(
                condition=models.Q(starts=None) | models.Q(ends=None) | models.Q(ends__gte=models.F("starts")),
                name="phase_ends_after_it_starts",
                violation_error_message="วันสิ้นสุดอยู่ก่อนวันเริ่ม",
            ),
        )

    def is_open_on(self, day: datetime.date) -> bool:
        return bool(self.starts and self.starts <= day and (self.ends is None or day <= self.ends))


class DeadlineExtension(models.Model):
    """A later last day of a phase for one agency, and why the office granted it."""

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="extensions")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    ends = models.DateField("สิ้นสุด")
    reason = models.CharField("เหตุที่ขยายเวลา", max_length=200)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("phase", "agency"), name="deadline_extended_once"),)


class Appointment(models.Model):
    """A user acts for an agency, from a day until a day, or without end."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "agency"), condition=models.Q(until=None), name="appointment_once"),
        )


class Assignment(models.Model):
    """An assessor is assigned an agency in a round."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("round", "agency"), name="assigned_once"),)


class Interest(models.Model):
    """A tie of an assessor to an agency, as declared: a conflict of interest from then on."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField("เหตุ", max_length=200)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "agency"), name="interest_once"),)


class AgencyImport(models.Model):
    """An uploaded list of agencies: read in the background, then waiting to be confirmed or discarded."""

    class Status(models.TextChoices):
        READING = "reading", "กำลังอ่าน"
        WAITING = "waiting", "รอยืนยัน"
        DONE = "done", "นำเข้าแล้ว"
        DROPPED = "dropped", "ยกเลิก"

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=60, blank=True, default="")  # the file; empty where it was read at once
    rows = models.JSONField()  # [{"place", "code", "values"}] of rows that may be stored
    problems = models.JSONField()  # [{"place", "text"}]
    fictional = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)


class Exclusion(models.Model):
    """Why an agency is not assessed in a round, as the office states it: whoever enrols all agencies leaves it out."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField("เหตุที่ไม่อยู่ในรอบ", max_length=200)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("round", "agency"), name="excluded_once"),)


class TableFile(models.Model):
    """A table that went out, filled with what was there when it was written."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    stored_as = models.CharField(max_length=60)
    count = models.PositiveIntegerField()  # rows below the heading

    @property
    def suffix(self) -> str:
        """ ".xlsx", or ".zip" of several workbooks where one would have more rows than come back in a file."""
        return Path(self.stored_as).suffix


class TableUpload(models.Model):
    """A table that came back: read in the background, shown, then applied or dropped; and perhaps undone."""

    class Status(models.TextChoices):
        READING = "reading", "กำลังอ่าน"
        WAITING = "waiting", "รอยืนยัน"
        APPLYING = "applying", "กำลังบันทึก"
        DONE = "done", "บันทึกแล้ว"
        UNDOING = "undoing", "กำลังย้อนคืน"
        DROPPED = "dropped", "ยกเลิก"

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=60)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.READING)
    problem = models.CharField(max_length=300, blank=True)  # of the whole file
    unread = models.JSONField(default=list)  # headings of columns that the table does not have
    problem_file = models.CharField(max_length=60, blank=True)  # the rows that were not applied, with the reason

    class Meta:
        ordering = ("-id",)


class TableRow(models.Model):
    """A row of a table that came back: what it will do, against what was there, and what became of it."""

    class State(models.TextChoices):
        ADDED = "added", "เพิ่ม"
        CHANGED = "changed", "เปลี่ยน"
        SAME = "same", "เหมือนเดิม"
        ASKED = "asked", "รอคำตอบ"
        REFUSED = "refused", "ไม่รับ"
        CONFLICT = "conflict", "ขัดกัน"

    class Outcome(models.TextChoices):
        NONE = "", "ยังไม่บันทึก"
        APPLIED = "applied", "บันทึกแล้ว"
        UNDONE = "undone", "ย้อนคืนแล้ว"

    upload = models.ForeignKey(TableUpload, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    rank = models.PositiveSmallIntegerField(default=0)  # those of a lower one are applied first
    place = models.CharField("ตำแหน่ง", max_length=120)
    key = models.CharField(max_length=254)
    title = models.CharField(max_length=240)
    state = models.CharField(max_length=8, choices=State.choices)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True, default="")
    cells = models.JSONField()  # as the file shows them, by column
    before = models.JSONField(null=True)  # what was there, of the columns that the file has; none of a new one
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=600, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("upload", "position"), name="row_once"),)
        indexes = (models.Index(fields=("upload", "state", "outcome")),)
