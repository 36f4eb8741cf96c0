"""What is kept of a survey. No table here has a person, an address, or a time finer than a day."""

import uuid

from django.db import models

from prongsai.registry.models import Agency, Round


class Population(models.Model):
    """How many people there are to ask, as the officer says: what the minimum sample is taken of."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=20)
    people = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("round", "agency", "instrument"), name="headcount_once"),)


class Channel(models.Model):
    """A way to one agency's form of one instrument."""

    class Kind(models.TextChoices):
        LINK = "link", "ลิงก์สาธารณะ"
        CODES = "codes", "บัตรรหัสใช้ครั้งเดียว"
        INTERVIEW = "interview", "การสัมภาษณ์โดยผู้ประเมิน"

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=20)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    slug = models.CharField(max_length=16, unique=True)
    open = models.BooleanField(default=True)
    opened_on = models.DateField(auto_now_add=True)

    class Meta:
        ordering = ("instrument", "id")
        indexes = (models.Index(fields=("round", "agency")),)


class Code(models.Model):
    """A one-time code: a keyed digest of it, and whether it was used. Nothing says when, or for which answers."""

    digest = models.CharField(max_length=64, primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    spent = models.BooleanField(default=False)


class Receipt(models.Model):
    """A digest of the number that a respondent was given: proves that an answer was counted, not which one."""

    digest = models.CharField(max_length=64, primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")


class Envelope(models.Model):
    """An answer that was acknowledged and waits to be mixed: encrypted, of one length with all others of its
    instrument."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    key = models.BigIntegerField()
    content = models.BinaryField()


class Response(models.Model):
    """A mixed answer: one byte a question, the index of the chosen option. The day is the day of mixing, the same for
    all that were mixed together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    answers = models.BinaryField()


class Seal(models.Model):
    """A round's answers as parcels: what was written, and whether the rows here have been destroyed since."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    made_on = models.DateField(auto_now_add=True)
    responses = models.PositiveIntegerField()
    files = models.JSONField()  # {name: sha256}
    destroyed_on = models.DateField(null=True)

    class Meta:
        ordering = ("-id",)
