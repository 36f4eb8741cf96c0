"""The tables of an agency's channels and pages: settings and keys, questions, complaints with what was written, the
steps of those who handle them, published statistics; the pages of disclosure items, version by version. Those of
services and consultations are in ``opinions``.

Nothing here says when in a day, from where or by what device somebody wrote: dates alone, and no column for a name.
What is written in a complaint is sealed. Rows that senders write have identifiers drawn at random: in a sequence they
would stand between rows of others whose second is known. Steps, statistics and versions of
pages are append-only; steps go with the complaint that they belong to, once it is destroyed.
"""

import secrets

from django.conf import settings
from django.db import models

from prongsai.registry.models import Agency, Assessment

NUMBER_LETTERS, REFERENCE_LETTERS, TOKEN_LETTERS = 8, 14, 24


def draw_id() -> int:
    """An identifier of a row that says nothing of when it was added."""
    return secrets.randbelow(2**62) + 1


class ChannelSettings(models.Model):
    """Which channels an agency offers, and what it promises there, in days."""

    agency = models.OneToOneField(Agency, on_delete=models.PROTECT, related_name="+")
    questions_open = models.BooleanField("เปิดช่องทางถามตอบ (Q&A)", default=False)
    complaints_open = models.BooleanField("เปิดช่องทางร้องเรียน", default=False)
    complaints_since = models.DateField(null=True)  # when that channel was first opened
    question_days = models.PositiveSmallIntegerField("ตอบคำถามภายใน (วัน)", default=15)
    acknowledge_days = models.PositiveSmallIntegerField("รับเรื่องร้องเรียนภายใน (วัน)", default=7)
    answer_days = models.PositiveSmallIntegerField("แจ้งผลเรื่องร้องเรียนภายใน (วัน)", default=30)
    retention_days = models.PositiveSmallIntegerField("ทำลายหลังจบเรื่องแล้ว (วัน)", default=365)
    destroyed_through = models.DateField(null=True)  # what had ended by that day was destroyed
    procedure = models.TextField("ขั้นตอนการดำเนินการ", blank=True)
    contact = models.CharField("ช่องทางอื่น", max_length=300, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"ช่องทางของ {self.agency}"


class ChannelKey(models.Model):
    """The key that complaints are sealed to: of an agency, or, without one, of an assessment's office. The private half
    lies in the key folder."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, related_name="+")
    public_key = models.CharField(max_length=64, unique=True)
    created_on = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("agency",), name="channel_key_of_agency"),
            models.UniqueConstraint(
                fields=("assessment",), condition=models.Q(agency=None), name="channel_key_of_office"
            ),
        )


class Question(models.Model):
    """A question that a visitor asked in public. ``reference`` is the secret part of the address by which the visitor
    finds it before it is published, or the reason why it is not."""

    id = models.BigAutoField(primary_key=True, default=draw_id)

    class Status(models.TextChoices):
        PENDING = "pending", "รอตอบ"
        PUBLISHED = "published", "ตอบแล้ว"
        DECLINED = "declined", "ไม่เผยแพร่"

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=REFERENCE_LETTERS, unique=True)
    text = models.TextField("คำถาม")
    asked_on = models.DateField()
    answer_by = models.DateField()
    status = models.CharField("สถานะ", max_length=9, choices=Status.choices, default=Status.PENDING)
    answer = models.TextField("คำตอบ", blank=True)
    reason = models.CharField("เหตุที่ไม่เผยแพร่", max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(null=True)

    class Meta:
        ordering = ("-decided_on", "-id")
        indexes = (models.Index(fields=("agency", "status"), name="question_status"),)

    def __str__(self) -> str:
        return self.text[:80]


class Complaint(models.Model):
    """A complaint. Its sender is known by the public half of a key that only the sender's secret gives. ``tier`` says
    who handles it; ``handler`` has taken it."""

    id = models.BigAutoField(primary_key=True, default=draw_id)

    class Kind(models.TextChoices):
        CORRUPTION = "corruption", "การทุจริตและประพฤติมิชอบ"
        GENERAL = "general", "เรื่องร้องเรียนทั่วไป"

    class About(models.TextChoices):
        OTHER = "other", "บุคคลหรือเรื่องอื่น"
        HANDLER = "handler", "เจ้าหน้าที่ผู้รับเรื่องร้องเรียน"
        EXECUTIVE = "executive", "ผู้บริหารของหน่วยงาน"

    class Tier(models.TextChoices):
        AGENCY = "agency", "เจ้าหน้าที่ผู้รับเรื่อง"
        EXECUTIVE = "executive", "ผู้บริหาร"
        OFFICE = "office", "ส่วนกลาง"

    class Status(models.TextChoices):
        NEW = "new", "รอรับเรื่อง"
        OPEN = "open", "กำลังดำเนินการ"
        CLOSED = "closed", "แจ้งผลแล้ว"

    class Outcome(models.TextChoices):
        FOUNDED = "founded", "มีมูล ดำเนินการแล้ว"
        UNFOUNDED = "unfounded", "ตรวจแล้วไม่มีมูล"
        FORWARDED = "forwarded", "ส่งหน่วยงานที่มีอำนาจ"
        INSUFFICIENT = "insufficient", "ข้อมูลไม่พอให้ดำเนินการ"

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    number = models.CharField("เลขเรื่อง", max_length=NUMBER_LETTERS, unique=True)
    sender_key = models.CharField(max_length=64, unique=True)
    kind = models.CharField("ประเภท", max_length=10, choices=Kind.choices)
    about = models.CharField("เกี่ยวกับ", max_length=9, choices=About.choices, default=About.OTHER)
    tier = models.CharField("อยู่กับ", max_length=9, choices=Tier.choices)
    status = models.CharField("สถานะ", max_length=6, choices=Status.choices, default=Status.NEW)
    outcome = models.CharField("ผล", max_length=12, choices=Outcome.choices, blank=True)
    handler = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    received_on = models.DateField("วันที่รับ")
    acknowledge_by = models.DateField("รับเรื่องภายใน")
    answer_by = models.DateField("แจ้งผลภายใน")
    closed_on = models.DateField(null=True)
    escalated_on = models.DateField(null=True)
    has_news = models.BooleanField(default=True)  # the sender wrote what no handler has opened yet

    class Meta:
        ordering = ("-received_on", "number")  # not in the order of a day
        indexes = (
            models.Index(fields=("agency", "tier", "status"), name="complaint_desk"),
            models.Index(fields=("status", "answer_by"), name="complaint_due"),
        )

    def __str__(self) -> str:
        return self.number


class Message(models.Model):
    """Something written in a complaint, sealed to the key of those who handle it and, but for a note of theirs, to the
    sender's. ``token`` is of the form it was written in: a page sent twice adds it once."""

    id = models.BigAutoField(primary_key=True, default=draw_id)

    class Kind(models.TextChoices):
        SENDER = "sender", "ผู้ร้อง"
        REPLY = "reply", "หน่วยงาน"
        NOTE = "note", "บันทึกภายใน"

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="messages")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=6, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    on = models.DateField()
    content = models.BinaryField()
    sealed_to = models.ForeignKey(ChannelKey, on_delete=models.PROTECT, related_name="+")
    handler_box = models.BinaryField()
    sender_box = models.BinaryField(null=True)
    token = models.CharField(max_length=TOKEN_LETTERS, unique=True)

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("complaint", "position"), name="message_once"),)


class Attachment(models.Model):
    """A page of a file that came with a message, drawn anew as a JPEG and sealed with it. In the database: a file on a
    disk would have the second in which it was written."""

    id = models.BigAutoField(primary_key=True, default=draw_id)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    position = models.PositiveSmallIntegerField()  # among the sealed parts of the message; 0 is its text
    content = models.BinaryField()

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("message", "position"), name="attachment_once"),)


class Step(models.Model):
    """What somebody who handles a complaint, or the system, did with it, in the order of ``position``. That it was
    opened again is a sender's act: hence no identifiers in a sequence. Rows are only added."""

    id = models.BigAutoField(primary_key=True, default=draw_id)

    class Kind(models.TextChoices):
        TAKEN = "taken", "รับเรื่องมาดำเนินการ"
        OPENED = "opened", "เปิดอ่าน"
        REPLIED = "replied", "ตอบผู้ร้อง"
        NOTED = "noted", "บันทึกภายใน"
        TRANSFERRED = "transferred", "โอนให้ผู้อื่น"
        RAISED = "raised", "ส่งขึ้นไป"
        ESCALATED = "escalated", "เลยกำหนด ระบบส่งขึ้นไป"
        CLOSED = "closed", "แจ้งผลและยุติเรื่อง"
        REOPENED = "reopened", "ผู้ร้องเขียนเพิ่ม เปิดเรื่องอีกครั้ง"

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=11, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    to = models.CharField(max_length=160, blank=True)  # a name, or a tier and why, as it was then
    on = models.DateField()

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("complaint", "position"), name="step_once"),)


class MonthStatistics(models.Model):
    """The complaints of a month as an agency published them, small numbers withheld. Rows are only added.

    ``content``: {"received": {kind: number or None}, "closed": {kind: number or None}}."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField()
    content = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-first_day",)
        constraints = (models.UniqueConstraint(fields=("agency", "first_day"), name="statistics_once"),)


class ItemPage(models.Model):
    """The page of an agency for one disclosure item of a year's rules. What it says is that of its latest version."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    fiscal_year = models.PositiveIntegerField("ปีงบประมาณ")
    item = models.CharField(max_length=40)
    public = models.BooleanField("เผยแพร่", default=False)

    class Meta:
        ordering = ("-fiscal_year", "item")
        constraints = (models.UniqueConstraint(fields=("agency", "fiscal_year", "item"), name="item_page_once"),)

    def __str__(self) -> str:
        return f"{self.item} {self.fiscal_year}"


class PageVersion(models.Model):
    """What a page said from a day on. ``content``: {the words of a required element: text}, so that it still says what
    it is about when the rules number their elements anew. Rows are only added."""

    page = models.ForeignKey(ItemPage, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("page", "number"), name="page_version_once"),)


class PagePart(models.Model):
    """A file or a table beside what a page says of an element, in the versions that show it. Rows are only added.

    Of a file: the name of what is stored, and of what was uploaded. Of a table: ``columns`` as [heading, whether it is
    of numbers], ``rows`` of as many texts."""

    page = models.ForeignKey(ItemPage, on_delete=models.PROTECT, related_name="+")
    versions = models.ManyToManyField(PageVersion, related_name="parts")
    element = models.TextField()  # the words of a required element, as in the content of a version
    title = models.CharField("ชื่อที่แสดง", max_length=200)
    file_name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=60, blank=True)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    columns = models.JSONField(default=list)
    rows = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.title

    @property
    def is_table(self) -> bool:
        return not self.stored_as

    @property
    def suffix(self) -> str:
        """The type of a file, without a dot."""
        return self.stored_as.rpartition(".")[2]

    @property
    def is_picture(self) -> bool:
        return self.suffix == "jpg"

    def says_same(self, other: "PagePart") -> bool:
        """Whether another part shows the same beside the same element."""
        mine, others = (
            (p.element, p.title, p.sha256, [tuple(c) for c in p.columns], [tuple(r) for r in p.rows])
            for p in (self, other)
        )
        return mine == others


class TableDraft(models.Model):
    """A table that was read from a file and waits for whoever sent it to confirm it: one of each user and page.
    ``problems``: [where, what could not be read]."""

    page = models.ForeignKey(ItemPage, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    element = models.TextField()
    title = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    columns = models.JSONField()
    rows = models.JSONField()
    problems = models.JSONField()
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("page", "by"), name="table_draft_once"),)


class HeldFile(models.Model):
    """A file that came with a form which was refused: it waits for whoever sent it, one of each element of a page,
    until it is attached, taken away, or too old."""

    page = models.ForeignKey(ItemPage, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    element = models.TextField()
    name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("page", "by"), name="held_file_of"),)


class FiledVersion(models.Model):
    """A version of a page that the agency filed to the round: everybody may read it when the page says something else
    by now. One that must not be read any more, as with somebody's data in it, is hidden with the reason."""

    version = models.OneToOneField(PageVersion, on_delete=models.PROTECT, related_name="filed")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    hidden_reason = models.CharField("เหตุที่นำออก", max_length=300, blank=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    hidden_on = models.DateField(null=True)


class SectionExport(models.Model):
    """The latest ZIP of an agency's section, for its own host."""

    agency = models.OneToOneField(Agency, on_delete=models.PROTECT, related_name="+")
    stored_as = models.CharField(max_length=60)
    size = models.PositiveBigIntegerField()
    pages = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)


from prongsai.sites import opinions  # noqa: E402, F401  (the rest of this room's tables)
