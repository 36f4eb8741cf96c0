"""What an agency sets for its papers, its own templates, what was issued, memos with their signatures, and runs over a
nation."""

from django.conf import settings
from django.db import models

from prongsai.registry.models import Agency
from prongsai.results.models import AgencyResult, ResultSet


class Style(models.Model):
    """How an agency's papers look and what stands on all of them."""

    class Digits(models.TextChoices):
        THAI = "thai", "เลขไทย (๑๒๓)"
        ARABIC = "arabic", "เลขอารบิก (123)"

    agency = models.OneToOneField(Agency, on_delete=models.CASCADE, related_name="+")
    digits = models.CharField("ตัวเลขในเอกสาร", max_length=6, choices=Digits.choices, default=Digits.THAI)
    prepared_by = models.CharField("ส่วนงานที่จัดทำ", max_length=150, blank=True)
    head = models.CharField("ตำแหน่งผู้บริหารสูงสุด", max_length=150, blank=True)
    number = models.CharField("เลขที่หนังสือ (ต้นเลข)", max_length=60, blank=True)
    emblem = models.BinaryField(default=bytes, editable=False)  # PNG, drawn anew; empty for none


class OwnTemplate(models.Model):
    """A Word file of the agency's that takes the place of the shop's for one document."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    data = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("agency", "kind"), name="own_template_once"),)


class Paper(models.Model):
    """A document that was issued: written, read back, and kept as it was. ``says`` is the digest of what it says and of
    the template."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    fiscal_year = models.PositiveIntegerField()
    says = models.CharField(max_length=64)
    docx = models.CharField(max_length=64)  # SHA-256
    pdf = models.CharField(max_length=64)
    figures = models.PositiveIntegerField()  # read back out of the two files
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("agency", "fiscal_year", "kind")),)


class Memo(models.Model):
    """A memo on its way up the line. ``content`` is frozen when it is written; ``waiting`` is whose turn it is, None
    when it is done."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    result = models.ForeignKey(AgencyResult, on_delete=models.PROTECT, related_name="+")
    content = models.JSONField()  # head, office, digits, disclosures
    emblem = models.BinaryField(default=bytes)
    waiting = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    waiting_position = models.CharField(max_length=150, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)


class Signature(models.Model):
    """An opinion signed on screen: who, in what position, and the paper as it stood with it, in all its forms. Never
    changed."""

    memo = models.ForeignKey(Memo, on_delete=models.PROTECT, related_name="signatures")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=150)
    position = models.CharField(max_length=150)
    opinion = models.TextField(blank=True)
    at = models.DateTimeField()
    says = models.CharField(max_length=64)
    html = models.TextField()
    docx = models.CharField(max_length=64)  # SHA-256 of the kept files
    pdf = models.CharField(max_length=64)

    class Meta:
        ordering = ("id",)


class Batch(models.Model):
    """Documents for every agency of a result set. ``last`` is the last result that is done: a run that was stopped goes
    on after it."""

    class Status(models.TextChoices):
        RUNNING = "running", "กำลังทำ"
        DONE = "done", "เสร็จแล้ว"

    result_set = models.ForeignKey(ResultSet, on_delete=models.PROTECT, related_name="+")
    kinds = models.JSONField()
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.RUNNING)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    last = models.BigIntegerField(default=0)
    problems = models.JSONField(default=list)  # [agency's name, document, what]
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
