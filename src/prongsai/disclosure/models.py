"""What an agency files for each item of the year, what was seen at its addresses, and what assessors gave for it.

A filing may be changed while it is open. What was confirmed, seen, marked, replied and decided is only ever added to.
"""

from django.conf import settings
from django.db import models

from prongsai.registry.models import Agency, Round


class Filing(models.Model):
    """All that an agency files in a round. ``confirmed`` is the confirmation that holds, if one does."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    confirmed = models.ForeignKey("Confirmation", on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)  # first marks were handed to the agency

    class Meta:
        constraints = (models.UniqueConstraint(fields=("round", "agency"), name="filing_once"),)

    def __str__(self) -> str:
        return f"{self.agency} ปี {self.round.fiscal_year}"


class Entry(models.Model):
    """What is filed for one item. ``elements``: numbers, from 0, of the required elements the officer says are
    there."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="entries")
    item = models.CharField(max_length=40)
    explanation = models.TextField(blank=True)
    elements = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=0)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("filing", "item"), name="entry_once"),)


class Link(models.Model):
    """An address filed for an item, in the one spelling of ``links``. Taken back by a date, never deleted.

    ``state`` is what its looks add up to (``links.STATES``): "" before the first, "pending" while the first ones
    say nothing yet; later a bad look changes nothing until enough of them do.
    """

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="links")
    url = models.CharField(max_length=2000)
    place = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, blank=True)
    state_since = models.DateTimeField(null=True)
    next_look = models.DateTimeField(null=True, db_index=True)
    next_why = models.CharField(max_length=8, default="filing")
    look = models.ForeignKey("Look", on_delete=models.PROTECT, null=True, related_name="+")  # the latest

    class Meta:
        ordering = ("place", "id")
        indexes = (models.Index(fields=("entry", "until")),)


class Snapshot(models.Model):
    """What an address gave once: a WARC file under its own digest, kept in ``files/snapshots``."""

    digest = models.CharField(max_length=64, unique=True)
    content_type = models.CharField(max_length=120, blank=True)
    length = models.PositiveBigIntegerField()
    taken_at = models.DateTimeField()


class Look(models.Model):
    """What one look at a link saw. ``seen``: redirects, types, length, digests, language, years, notes."""

    class Why(models.TextChoices):
        FILING = "filing", "ตอนยื่น"
        RETRY = "retry", "ตรวจซ้ำ"
        MARKING = "marking", "ตอนตรวจให้คะแนน"
        MONITOR = "monitor", "ติดตามรายเดือน"
        ASKED = "asked", "มีผู้สั่งตรวจ"

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="looks")
    at = models.DateTimeField()
    why = models.CharField(max_length=8, choices=Why.choices)
    state = models.CharField(max_length=12)
    error = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=300, blank=True)
    text_digest = models.CharField(max_length=64, blank=True)
    seen = models.JSONField(default=dict)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("link", "-at")),)


class Remark(models.Model):
    """What officer and executive say to each other about an item, or (no item) about the whole. Kept as said."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="remarks")
    item = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    text = models.TextField()

    class Meta:
        ordering = ("id",)


class Confirmation(models.Model):
    """An executive's word for a whole filing: who, in what office, and exactly what was confirmed. Never changed."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="confirmations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=150)
    position = models.CharField("ตำแหน่ง", max_length=150)
    at = models.DateTimeField()
    content = models.JSONField()  # {item: {"links": [[id, url]], "explanation", "elements"}}
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("-id",)


class Mark(models.Model):
    """One mark of one item, by one assessor, at one stage. Given anew is another row; the last of a stage counts."""

    class Stage(models.TextChoices):
        FIRST = "first", "ตรวจครั้งแรก"
        SECOND = "second", "ตรวจซ้ำโดยไม่เห็นผลเดิม"
        DECISION = "decision", "ชี้ขาด"

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="marks")
    item = models.CharField(max_length=40)
    stage = models.CharField(max_length=8, choices=Stage.choices)
    points = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=list)  # sentences chosen
    comment = models.TextField(blank=True)
    elements = models.JSONField(default=list)  # numbers of the elements the assessor saw
    evidence = models.JSONField(default=list)  # digests of the snapshots that were before the assessor
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("filing", "item")),)


class SecondLook(models.Model):
    """An item drawn for a second mark, and who gives it without seeing the first."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=40)
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    done = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("filing", "item"), name="second_look_once"),)


class Clarification(models.Model):
    """An agency's reply to the mark of one item, once, with what was seen there when it was filed."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="clarifications")
    item = models.CharField(max_length=40)
    text = models.TextField()
    evidence = models.JSONField(default=list)  # digests of snapshots
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("filing", "item"), name="clarified_once"),)


class Change(models.Model):
    """Something that became different on an agency's page of disclosures: for the feed and for mails of changes."""

    class Kind(models.TextChoices):
        ADDED = "added", "เพิ่มลิงก์"
        REMOVED = "removed", "ถอนลิงก์"
        STATE = "state", "สถานะลิงก์เปลี่ยน"
        CONTENT = "content", "เนื้อหาเปลี่ยน"
        CONFIRMED = "confirmed", "ผู้บริหารยืนยัน"

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="changes")
    item = models.CharField(max_length=40, blank=True)
    link = models.ForeignKey(Link, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    before = models.CharField(max_length=12, blank=True)
    after = models.CharField(max_length=12, blank=True)
    at = models.DateTimeField()
    told = models.BooleanField(default=False)  # the agency was sent word of it, or needs none

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("filing", "-at")), models.Index(fields=("told",)))


class MarksSeal(models.Model):
    """The marks of a round, written as ``marks.parquet``. The last row is the one that holds."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    agencies = models.PositiveIntegerField()
    marks = models.PositiveIntegerField()
    missing = models.PositiveIntegerField()  # marks that were not there
    digest = models.CharField(max_length=64)  # SHA-256 of the file

    class Meta:
        ordering = ("-id",)
