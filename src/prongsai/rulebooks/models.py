"""Editions of rules, which of them is in force, and rehearsals."""

from django.conf import settings
from django.db import models


class Edition(models.Model):
    """The complete rules of a year in one wording. The database refuses to change or delete it.

    ``key`` is the digest of all of ``content``; ``digest``, ``arithmetic_digest`` and ``wording_digest`` are those of
    :class:`prongsai.framework.Framework`. ``content`` is the JSON form of the rules.
    """

    key = models.CharField(primary_key=True, max_length=64)
    assessment = models.CharField(max_length=20)
    fiscal_year = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, db_index=True)
    arithmetic_digest = models.CharField(max_length=64)
    wording_digest = models.CharField(max_length=64)
    content = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("created_at", "key")


class Rulebook(models.Model):
    """The rules of an assessment's year in this installation: the edition in force, and the draft that is written.

    ``pinned`` is the arithmetic digest that a round uses: from then on the wording alone may change. ``pinned_edition``
    is the edition that the round was opened with; none of rounds of older versions.
    """

    assessment = models.CharField(max_length=20)
    fiscal_year = models.PositiveIntegerField("ปีงบประมาณ")
    current = models.ForeignKey(Edition, on_delete=models.PROTECT, null=True, related_name="+")
    draft = models.ForeignKey(Edition, on_delete=models.PROTECT, null=True, related_name="+")
    announced_on = models.DateField("วันที่ประกาศ", null=True)
    pinned = models.CharField(max_length=64, blank=True)
    pinned_edition = models.ForeignKey(Edition, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-fiscal_year",)
        constraints = (models.UniqueConstraint(fields=("assessment", "fiscal_year"), name="rulebook_once"),)


class Announcement(models.Model):
    """An edition came into force, or ceased to be: the history of a rulebook, newest first."""

    class Kind(models.TextChoices):
        RULES = "rules", "ประกาศหลักเกณฑ์"
        WORDING = "wording", "แก้ถ้อยคำ"
        WITHDRAWAL = "withdrawal", "ถอนประกาศ"

    rulebook = models.ForeignKey(Rulebook, on_delete=models.PROTECT, related_name="announcements")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    on = models.DateField("มีผลวันที่")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField("เหตุผล", max_length=300, blank=True)

    class Meta:
        ordering = ("-id",)


class Rehearsal(models.Model):
    """Last year's sealed answers and marks scored under an edition. ``summary`` and the table are there when it is
    ready; the table is a file below ``MEDIA_ROOT``."""

    class Status(models.TextChoices):
        WAITING = "waiting", "รอคำนวณ"
        READY = "ready", "เสร็จแล้ว"
        FAILED = "failed", "คำนวณไม่ได้"

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="rehearsals")
    previous_year = models.PositiveIntegerField()
    parcels = models.CharField(max_length=300)  # the folder of the sealed inputs
    agencies = models.JSONField(default=list)  # [[code, kind, province], …]
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    summary = models.JSONField(default=dict)
    table = models.CharField(max_length=200, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-id",)
