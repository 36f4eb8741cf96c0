"""Results, their publication, and imports before they are confirmed."""

from django.conf import settings
from django.db import models

from prongsai.registry.models import Agency, Assessment, Round


class ResultSet(models.Model):
    """Results of one computation of a round, or of one import. The database refuses to change or delete it; a
    correction is another ResultSet that refers to it."""

    class Origin(models.TextChoices):
        RUN = "run", "คำนวณจากคำตอบและผลตรวจ"
        IMPORT = "import", "นำเข้าจากผลที่ประกาศแล้ว"

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    fiscal_year = models.PositiveIntegerField("ปีงบประมาณ", db_index=True)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, null=True, related_name="+")
    framework_digest = models.CharField(max_length=64, blank=True)  # none: recorded as printed, without rules
    origin = models.CharField("ที่มา", max_length=6, choices=Origin.choices)
    inputs = models.JSONField()  # {"digest": …, "files": [{"name", "sha256"}]}
    code = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, unique=True)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField("หมายเหตุ", max_length=300, blank=True)
    readings = models.JSONField(null=True)  # analysis.count_reading_effects, of a computed round
    created_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-id",)


class AgencyResult(models.Model):
    """One agency's result in a ResultSet; equally unchangeable. ``shown`` are the displayed scores by node, as they may
    leave (``prongsai.analysis.small_groups``); ``basis`` is what they are computed from and does not leave: {"items":
    {item: [[points, answers], …]}, "n": {…}, "withheld": […], "secret": …, "odds": …}, with "collection" where answers
    came by an open link or are more than the people, with "brought" the items whose marks came in a table; or
    {"figures": [{node, value, printed, place}]}."""

    result_set = models.ForeignKey(ResultSet, on_delete=models.PROTECT, related_name="results")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    overall = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    level = models.CharField(max_length=40, blank=True)
    passed = models.BooleanField(null=True)
    status = models.CharField(max_length=20, blank=True)
    shown = models.JSONField()
    basis = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("result_set", "agency"), name="result_once"),)


class Publication(models.Model):
    """A period in which a ResultSet is public: from publication until withdrawal, or until today."""

    result_set = models.ForeignKey(ResultSet, on_delete=models.PROTECT, related_name="publications")
    published_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField("เหตุผลที่ถอน", max_length=300, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("result_set",), condition=models.Q(withdrawn_at=None), name="published_once"
            ),
        )


class Erratum(models.Model):
    """That a publication corrected what was public before: why, as the public reads it; of how many agencies, and how
    many others have another rank by it (``moved``). The database refuses to change or delete it."""

    publication = models.OneToOneField(Publication, on_delete=models.PROTECT, related_name="erratum", primary_key=True)
    reason = models.CharField("เหตุผลของการแก้ไข", max_length=600)
    agencies = models.PositiveIntegerField()
    moved = models.PositiveIntegerField()


class CorrectedResult(models.Model):
    """One agency of an erratum: its result ``before``, by which publication that was public, and ``after``, which is
    none where it has no result any more. ``ranks``: [[place, of], [place, of]] before and after, None for none. The
    database refuses to change or delete it."""

    erratum = models.ForeignKey(Erratum, on_delete=models.PROTECT, related_name="results")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    before = models.ForeignKey(AgencyResult, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(AgencyResult, on_delete=models.PROTECT, null=True, related_name="+")
    ranks = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("erratum", "agency"), name="corrected_once"),)


class LoggedPublication(models.Model):
    """That a publication stands in the public log, and where: the index of its entry. The database refuses to change or
    delete it."""

    publication = models.OneToOneField(Publication, on_delete=models.PROTECT, related_name="logged", primary_key=True)
    entry = models.PositiveBigIntegerField()
    receipts = models.PositiveIntegerField()


class IssuedReceipt(models.Model):
    """The receipt of a published result as it was issued: its place among those of its publication, the digest that the
    public log commits to, and the compressed JSON. The database refuses to change or delete it."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="+")
    result = models.ForeignKey(AgencyResult, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("publication", "position"), name="receipt_position_once"),)
        indexes = (models.Index(fields=("result",)),)


class PublishedResult(models.Model):
    """The one public result of an agency for a year. Publishing creates it, withdrawing removes it; the columns copied
    here are those that tables sort and count by. ``change`` is of the total against the year before, in points;
    ``level_change`` in levels, better ones positive; ``caution`` says in Thai why they are not compared. ``facts``
    (``results.facts``) are of published scores alone: {"overall": total, "scores": {node: score}, "weak": [[item,
    score, approximate], …], "before": [total, level], "falls": [[indicator, change, caution], …]}."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    fiscal_year = models.PositiveIntegerField()
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    result = models.ForeignKey(AgencyResult, on_delete=models.PROTECT, related_name="+")
    overall = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    level = models.CharField(max_length=40, blank=True)
    passed = models.BooleanField(null=True)
    change = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    level_change = models.SmallIntegerField(null=True)
    caution = models.CharField(max_length=200, blank=True, default="")
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("agency", "fiscal_year"), name="current_once"),)
        indexes = (
            models.Index(fields=("assessment", "fiscal_year", "-overall")),
            models.Index(fields=("assessment", "fiscal_year", "change")),
        )


class Overview(models.Model):
    """The summary of an assessment's year, computed when results are published or withdrawn."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    fiscal_year = models.PositiveIntegerField()
    data = models.JSONField()
    digest = models.CharField(max_length=64)  # changes whenever anything published of the year does

    class Meta:
        constraints = (models.UniqueConstraint(fields=("assessment", "fiscal_year"), name="overview_once"),)


class Import(models.Model):
    """An uploaded file, from reading to decision. Nothing in it is a result until it is confirmed."""

    class Status(models.TextChoices):
        READING = "reading", "กำลังอ่าน"
        READY = "ready", "รอตรวจและยืนยัน"
        FAILED = "failed", "อ่านไม่ได้"
        CONFIRMED = "confirmed", "ยืนยันแล้ว"
        DROPPED = "dropped", "ยกเลิก"

    class Shape(models.TextChoices):
        DOCUMENT = "document", "เอกสารของหน่วยงาน"
        BULK = "nation", "ตารางหลายหน่วยงาน"

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, related_name="+")
    fiscal_year = models.PositiveIntegerField(null=True)
    shape = models.CharField(max_length=8, choices=Shape.choices)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.READING)
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=200)
    # of a document: {"agency", "figures": [{year, node, value, place, sure, note}]}; of a table: {"ignored"}
    reading = models.JSONField(default=dict)
    problem = models.CharField(max_length=500, blank=True)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)
    result_sets = models.ManyToManyField(ResultSet, related_name="imports", related_query_name="import")

    class Meta:
        ordering = ("-id",)

    @property
    def is_unfetched(self) -> bool:
        """Whether it is an address, in ``file_name``, whose document has not been fetched."""
        return bool(self.stored_as) and not self.file_digest  # a typed result has neither


class ImportRow(models.Model):
    """One row of a bulk import: matched with an agency, or refused with a reason."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    place = models.CharField(max_length=60)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, related_name="+")
    figures = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True)
    contradicted = models.JSONField(default=list)

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("of", "number"), name="import_row_once"),)


class AlertReader(models.Model):
    """Somebody without an account who has mail about what is published. ``address`` is encrypted with a key of the key
    folder, ``address_digest`` keyed by it. What was published up to ``sent_through``, the number of a publication, was
    mailed already. The row goes with the last alert."""

    address = models.TextField()
    address_digest = models.CharField(max_length=64, unique=True)
    stop_token = models.CharField(max_length=40, unique=True)
    language = models.CharField(max_length=2)
    confirmed_on = models.DateField()
    sent_through = models.BigIntegerField()


class Alert(models.Model):
    """What a reader has mail about: an agency, a province, or the nation where there is neither."""

    class Topic(models.TextChoices):
        ALL = "all", "ผลใหม่และการแก้ไข"
        RESULTS = "results", "ผลใหม่"
        CORRECTIONS = "corrections", "การแก้ไขผล"

    reader = models.ForeignKey(AlertReader, on_delete=models.CASCADE, related_name="alerts")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, related_name="+")
    province = models.CharField(max_length=60, blank=True)
    topic = models.CharField(max_length=11, choices=Topic.choices)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("reader", "agency"), name="alert_of_agency_once"),
            models.UniqueConstraint(
                fields=("reader", "province"), condition=models.Q(agency=None), name="alert_of_place_once"
            ),
        )
