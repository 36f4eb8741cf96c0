"""The tables of what people say of an agency's services at the counter, and in its consultations.

An answer is stored with the month alone, an opinion of a consultation with no time at all, both under identifiers drawn
at random; the comment of an answer lies apart from its steps. What was published of a month is append-only.
"""

from django.conf import settings
from django.db import models

from prongsai.registry.models import Agency
from prongsai.sites.models import REFERENCE_LETTERS, TOKEN_LETTERS, draw_id

SLUG_LETTERS = 10
MAX_NAME = 120


class Service(models.Model):
    """A service or counter whose visitors are asked. ``slug`` is in the address that its QR code has."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    slug = models.CharField(max_length=SLUG_LETTERS, unique=True)
    name = models.CharField("ชื่องานบริการหรือจุดบริการ", max_length=MAX_NAME)
    name_en = models.CharField("ชื่อภาษาอังกฤษ", max_length=MAX_NAME, blank=True)
    is_open = models.BooleanField("เปิดรับความคิดเห็น", default=True)
    opened_on = models.DateField()

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class ServiceAnswer(models.Model):
    """What one visitor answered, in steps of 1 to 5. ``token`` is of the form: a page sent twice is stored once."""

    id = models.BigAutoField(primary_key=True, default=draw_id)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()  # its first day
    staff = models.PositiveSmallIntegerField()
    process = models.PositiveSmallIntegerField()
    place = models.PositiveSmallIntegerField()
    overall = models.PositiveSmallIntegerField()
    token = models.CharField(max_length=TOKEN_LETTERS, unique=True)

    class Meta:
        indexes = (models.Index(fields=("service", "month"), name="service_answer_month"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(
                    **{f"{name}__range": (1, 5) for name in ("staff", "process", "place", "overall")},
                ),
                name="service_answer_steps",
            ),
        )


class ServiceComment(models.Model):
    """What a visitor added in words. Nothing says to which answer."""

    id = models.BigAutoField(primary_key=True, default=draw_id)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    text = models.TextField()

    class Meta:
        ordering = ("-month", "id")
        indexes = (models.Index(fields=("service", "month"), name="service_comment_month"),)


class ServiceMonth(models.Model):
    """The answers of a month as an agency published them. Rows are only added.

    ``content``: [{"service": key, "name": text, "name_en": text, "answers": number, or None where they are too few to
    be shown, "sums": {question: sum of steps}, empty where there are no answers to show, "approximate": whether the
    sums have an error, as all since this key exists}]."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField()
    content = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-first_day",)
        constraints = (models.UniqueConstraint(fields=("agency", "first_day"), name="service_month_once"),)


class Consultation(models.Model):
    """A matter on which an agency asks for opinions. ``choices``: [text], none where people only write.

    ``result``, from when it is published: {"choices": [number or None], "none": number or None, "total": number or
    None, "opinions": number, "withheld": number or None}."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    title = models.CharField("เรื่อง", max_length=200)
    text = models.TextField("รายละเอียด")
    purpose = models.TextField("จะนำความคิดเห็นไปใช้อย่างไร")
    choices = models.JSONField("ตัวเลือก", default=list, blank=True)
    opened_on = models.DateField(null=True)
    closes_on = models.DateField("รับถึงวันที่")
    heard = models.TextField("สรุปสิ่งที่ได้รับฟัง", blank=True)
    decided = models.TextField("สิ่งที่หน่วยงานตัดสินใจและเหตุผล", blank=True)
    result = models.JSONField(null=True)
    published_on = models.DateField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-closes_on", "-pk")
        indexes = (models.Index(fields=("agency", "closes_on"), name="consultation_closing"),)

    def __str__(self) -> str:
        return self.title


class Opinion(models.Model):
    """What one person chose and wrote in a consultation. ``choice`` counts from 0. ``token`` is of the form, and the
    secret part of the address where its author reads what became of it."""

    id = models.BigAutoField(primary_key=True, default=draw_id)

    class Status(models.TextChoices):
        PENDING = "pending", "รอพิจารณา"
        ADMITTED = "admitted", "เผยแพร่"
        WITHHELD = "withheld", "ไม่เผยแพร่"

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="opinions")
    choice = models.PositiveSmallIntegerField(null=True)
    text = models.TextField(blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    reason = models.CharField(max_length=300, blank=True)
    token = models.CharField(max_length=REFERENCE_LETTERS, unique=True)

    class Meta:
        ordering = ("id",)  # drawn at random: in no order of arrival
        indexes = (models.Index(fields=("consultation", "status"), name="opinion_status"),)
