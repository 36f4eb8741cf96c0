"""What an agency sets for its papers, its own templates, issued papers, memos with their signatures, and batches over a
nation."""

import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from prongsai.improvement.models import RegisterSheet
from prongsai.registry.models import Agency
from prongsai.results.models import AgencyResult, ResultSet

STUCK_SECONDS = 60  # a paper is written in some five


class DocumentSettings(models.Model):
    """The settings of an agency for all its papers."""

    class Digits(models.TextChoices):
        THAI = "thai", "เลขไทย (๑๒๓)"
        ARABIC = "arabic", "เลขอารบิก (123)"

    agency = models.OneToOneField(Agency, on_delete=models.CASCADE, related_name="+")
    digits = models.CharField("ตัวเลขในเอกสาร", max_length=6, choices=Digits.choices, default=Digits.THAI)
    prepared_by = models.CharField("ส่วนงานที่จัดทำ", max_length=150, blank=True)
    executive_position = models.CharField("ตำแหน่งผู้บริหารสูงสุด", max_length=150, blank=True)
    reference_prefix = models.CharField("เลขที่หนังสือ (ต้นเลข)", max_length=60, blank=True)
    emblem = models.BinaryField(default=bytes, editable=False)  # PNG, drawn anew; empty for none
    signing_line = models.JSONField(default=list)  # of memos: [{"position", "name", "user": id or None}, …]


class AgencyTemplate(models.Model):
    """A Word file of an agency that replaces our form of one paper."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    data = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("agency", "kind"), name="agency_template_once"),)


class Paper(models.Model):
    """An issued document: written, read back, and stored unchangeably. ``content_digest`` is of what it says and of the
    template."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    fiscal_year = models.PositiveIntegerField()
    content_digest = models.CharField(max_length=64)
    docx_sha256 = models.CharField(max_length=64)
    pdf_sha256 = models.CharField(max_length=64)
    figures_read = models.PositiveIntegerField()  # back out of the two files
    notes = models.JSONField(null=True)  # {"contradictions": […], "faults": n, "results": {year: id}}
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("agency", "fiscal_year", "kind")),)


class Memo(models.Model):
    """A memo on its way to the executive. ``content`` is frozen when it is written, with the line of positions that
    sign it; ``next_signatory`` is None when nobody is left to sign on screen. ``reference_number`` is one that was
    given after the memo was written. It reports a result, or puts a paper of a register (``sheet``) before the
    executive; ``content["about"]`` names that paper."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    result = models.ForeignKey(AgencyResult, on_delete=models.PROTECT, null=True, related_name="+")
    sheet = models.ForeignKey(RegisterSheet, on_delete=models.PROTECT, null=True, related_name="+")
    content = models.JSONField()  # see sources.freeze_memo
    emblem = models.BinaryField(default=bytes)
    next_signatory = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    next_position = models.CharField(max_length=150, blank=True)
    reference_number = models.CharField("เลขที่หนังสือ", max_length=60, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(result=None, sheet__isnull=False) | models.Q(result__isnull=False, sheet=None),
                name="memo_about_one",
            ),
        )

    @property
    def fiscal_year(self) -> int:
        """The year of the result or of the register."""
        if self.sheet is not None:
            return self.sheet.fiscal_year
        assert self.result is not None  # the database holds one of the two
        return self.result.result_set.fiscal_year

    @property
    def about(self) -> str:
        """The kind of its document: that of memos of results, or the paper of a register."""
        about: str = self.content.get("about", "memo")
        return about

    @property
    def subject(self) -> str:
        """The subject as typed; empty for the usual one."""
        subject: str = self.content["head"][3]
        return subject

    @property
    def name(self) -> str:
        """What it is called in a list."""
        name: str = self.subject or self.content.get("name", "รายงานผลการประเมิน")
        return name

    @property
    def hand_signatures_in_force(self) -> list["HandSignature"]:
        """The records of what was signed on paper that nobody has withdrawn, in the order of their days."""
        in_force = [record for record in self.hand_signatures.all() if record.withdrawn_at is None]
        return sorted(in_force, key=lambda record: (record.signed_on, record.pk))

    @property
    def unsigned_positions(self) -> list[str]:
        """The positions of the line that are not known to have signed, on screen or on paper."""
        signed = {signature.position for signature in self.signatures.all()}
        signed |= {position for record in self.hand_signatures_in_force for position in record.positions}
        return [place["position"] for place in self.content.get("line", ()) if place["position"] not in signed]

    @property
    def waits_for_hand(self) -> bool:
        """Whether nobody is asked on screen any more, and somebody of the line is still to sign on paper."""
        return self.next_signatory_id is None and bool(self.unsigned_positions)


class Signature(models.Model):
    """An opinion signed on screen: who, in what position, and the paper on screen as it stood then. Never changed. Its
    files are written in the background, see PaperJob; signatures of older versions hold their digests."""

    memo = models.ForeignKey(Memo, on_delete=models.PROTECT, related_name="signatures")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=150)
    position = models.CharField(max_length=150)
    opinion = models.TextField(blank=True)
    signed_at = models.DateTimeField()
    content_digest = models.CharField(max_length=64)
    html = models.TextField()
    docx_sha256 = models.CharField(max_length=64)
    pdf_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ("id",)


class HandSignature(models.Model):
    """What an officer recorded of a memo that came back signed by hand: the ``positions`` that signed, the day, and the
    scanned paper where one was added (stored under its SHA-256). One that was recorded by mistake is withdrawn, never
    changed or deleted."""

    memo = models.ForeignKey(Memo, on_delete=models.PROTECT, related_name="hand_signatures")
    positions = models.JSONField()  # of the line of the memo
    signed_on = models.DateField()
    scan_name = models.CharField(max_length=200, blank=True)
    scan_form = models.CharField(max_length=4, blank=True)  # pdf, png or jpg
    scan_sha256 = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)


class PassageEdit(models.Model):
    """What an agency says in other words in a paper of a year. ``key`` names the passage (``content.passages``),
    ``original`` is what it said when it was edited; without ``text`` it is left out."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    fiscal_year = models.PositiveIntegerField()
    key = models.CharField(max_length=100)
    original = models.TextField()
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("agency", "kind", "fiscal_year", "key"), name="passage_edited_once"),
        )


class PaperJob(models.Model):
    """A paper to be written in the background: a document of a year, or the files of a memo as ``content_digest``
    says."""

    class Status(models.TextChoices):
        WAITING = "waiting", "กำลังเขียน"
        DONE = "done", "เสร็จแล้ว"
        FAILED = "failed", "เขียนไม่สำเร็จ"

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    fiscal_year = models.PositiveIntegerField()
    memo = models.ForeignKey(Memo, on_delete=models.CASCADE, null=True, related_name="jobs")
    content_digest = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.WAITING)
    problem = models.TextField(blank=True)
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, null=True, related_name="+")
    docx_sha256 = models.CharField(max_length=64, blank=True)  # of a memo
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    notes = models.JSONField(null=True)  # of a memo: {"contradictions": […]}
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    @property
    def is_stuck(self) -> bool:
        """Whether it has waited so long that nobody seems to write it."""
        waited = timezone.now() - self.created_at
        return self.status == self.Status.WAITING and waited > datetime.timedelta(seconds=STUCK_SECONDS)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("memo", "content_digest"), condition=~models.Q(memo=None), name="memo_written_once"
            ),
        )
        indexes = (models.Index(fields=("agency", "fiscal_year", "kind"), name="paper_job_of_agency"),)


class Batch(models.Model):
    """Documents for every agency of a result set. ``last_result_id`` is the last AgencyResult that is done: a stopped
    batch resumes after it."""

    class Status(models.TextChoices):
        RUNNING = "running", "กำลังทำ"
        DONE = "done", "เสร็จแล้ว"
        FAILED = "failed", "หยุดไว้"

    result_set = models.ForeignKey(ResultSet, on_delete=models.PROTECT, related_name="+")
    kinds = models.JSONField()
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.RUNNING)
    agencies_total = models.PositiveIntegerField()
    agencies_done = models.PositiveIntegerField(default=0)
    last_result_id = models.BigIntegerField(default=0)
    problems = models.JSONField(default=list)  # [name of the agency, name of the document, problem]
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
