"""The tables of disclosures: filings, links and their checks, confirmations, marks, clarifications, the seal, what was
opened again after it; and how the work is shared out among assessors.

A filing may be changed while it is open. Confirmations, checks, marks, clarifications, decisions, seals and reopenings
are append-only.
"""

from django.conf import settings
from django.db import models

from prongsai.registry.models import Agency, Order, Round, TableUpload


class Filing(models.Model):
    """Everything that an agency files in a round. ``confirmed`` is the confirmation in force, if there is one."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    confirmed = models.ForeignKey("Confirmation", on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)  # when the first marks were released to the agency

    class Meta:
        constraints = (models.UniqueConstraint(fields=("round", "agency"), name="filing_once"),)

    def __str__(self) -> str:
        return f"{self.agency} ปี {self.round.fiscal_year}"


class Entry(models.Model):
    """What is filed for one item. ``elements``: indices of the required elements that the officer ticked."""

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
    """An address filed for an item, in the canonical form of ``links``. Withdrawn by a date, never deleted.

    ``state`` is decided from its checks (``links.STATES``): "" before the first, "pending" until enough of them
    establish one; afterwards a failed check changes it only when enough others confirm the failure. ``alarm_since``:
    when something else than the agency's page (gambling, sales) was seen first, until the page is good again.
    ``render_since``: when scripts were first found to make the page, while it waits to be rendered.
    """

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="links")
    url = models.CharField(max_length=2000)
    position = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, blank=True)
    state_since = models.DateTimeField(null=True)
    next_check_at = models.DateTimeField(null=True, db_index=True)
    next_reason = models.CharField(max_length=8, default="filing")
    alarm_since = models.DateTimeField(null=True, db_index=True)
    render_since = models.DateTimeField(null=True, db_index=True)
    last_check = models.ForeignKey("LinkCheck", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("position", "id")
        indexes = (models.Index(fields=("entry", "until")),)


class Snapshot(models.Model):
    """What an address served at one time: a signed WACZ file, stored under its own digest in ``files/snapshots``.

    ``package``: the digest that its signature covers ("": a WARC of an earlier version, unsigned). The same bytes at
    the same address are one snapshot, however often they are seen: ``url`` and ``body_digest`` say which.
    ``scan_since``: since when it waits to be read by OCR. ``scan``: the digest of what was read, stored in
    ``files/scans``; ``scan_problem``: why nothing was."""

    digest = models.CharField(max_length=64, unique=True)
    content_type = models.CharField(max_length=120, blank=True)
    length = models.PositiveBigIntegerField()
    taken_at = models.DateTimeField()
    # with a default of the database, for programs of the version before
    package = models.CharField(max_length=64, blank=True, default="", db_default="")
    url = models.CharField(max_length=2000, blank=True, default="", db_default="")
    body_digest = models.CharField(max_length=64, blank=True, db_index=True, default="", db_default="")
    scan_since = models.DateTimeField(null=True, db_index=True)
    scan = models.CharField(max_length=64, blank=True, db_index=True, default="", db_default="")
    scan_problem = models.CharField(max_length=300, blank=True, default="", db_default="")


class SnapshotBatch(models.Model):
    """One entry of the public log for many sightings: the root of the tree over them. Never changed."""

    entry = models.PositiveBigIntegerField(unique=True)
    size = models.PositiveIntegerField()
    root = models.CharField(max_length=64)

    class Meta:
        ordering = ("id",)


class Sighting(models.Model):
    """That a snapshot's bytes were served at a time, with its place in the public log once it is there: among those
    of its batch, in the order of their keys. It outlives the snapshot: the leaves of a batch are needed for the proofs
    of all others in it."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.SET_NULL, null=True, related_name="sightings")
    package = models.CharField(max_length=64)
    at = models.DateTimeField()
    batch = models.ForeignKey(SnapshotBatch, on_delete=models.PROTECT, null=True, related_name="sightings")

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("id",), condition=models.Q(batch=None), name="sighting_unlogged"),)


class LinkCheck(models.Model):
    """One check of a link. ``details``: redirects, types, length, digests, language, years, notes.

    ``answers``, ``is_owners``, ``is_about``: does it answer, is it the agency's, is it about the item and its year
    ("": not asked, as of checks before these questions). ``identity``: the class of page, each answer's confidence and
    reasons, and the sketches by which a later page is compared with this one.
    ``rendered``, ``picture``: digests of a page that scripts made, as it stood in the browser, and of its picture;
    stored in ``files/rendered``. ``server``: the IP address that was asked, or, where the name led to none, the one
    before. ``excused``: why a failure is held against nobody (``links.OUTAGES``); "" of any other check."""

    class Reason(models.TextChoices):
        FILING = "filing", "ตอนยื่น"
        RETRY = "retry", "ตรวจซ้ำ"
        MARKING = "marking", "ตอนตรวจให้คะแนน"
        MONITOR = "monitor", "ติดตามรายเดือน"
        ASKED = "asked", "มีผู้สั่งตรวจ"

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="checks")
    at = models.DateTimeField()
    reason = models.CharField(max_length=8, choices=Reason.choices)
    state = models.CharField(max_length=12)
    error = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=300, blank=True)
    text_digest = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict)
    answers = models.CharField(max_length=6, blank=True)
    is_owners = models.CharField(max_length=6, blank=True)
    is_about = models.CharField(max_length=6, blank=True)
    identity = models.JSONField(default=dict)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, null=True, related_name="+")
    # with a default of the database, for programs of the version before
    rendered = models.CharField(max_length=64, blank=True, default="", db_default="")
    picture = models.CharField(max_length=64, blank=True, default="", db_default="")
    server = models.CharField(max_length=45, blank=True, default="", db_default="")
    excused = models.CharField(max_length=12, blank=True, default="", db_default="")

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("link", "-at")), models.Index(fields=("at",), name="link_check_at"))


class Comparison(models.Model):
    """A snapshot beside the page of now, on an assessor's request: the last one of each link and snapshot.

    ``rows``: [kind, stored, live] each a line of text with its differences (``links.compare_texts``); ``problem``: why
    there are none."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="+")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    rows = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("link", "snapshot"), name="compared_once"),)


class Remark(models.Model):
    """A comment of officer or executive about an item, or (no item) about the whole filing. Never changed."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="remarks")
    item = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    text = models.TextField()

    class Meta:
        ordering = ("id",)


class Confirmation(models.Model):
    """An executive's confirmation of a filing: who, in which position, and exactly what. Never changed."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="confirmations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=150)
    position = models.CharField("ตำแหน่ง", max_length=150)
    at = models.DateTimeField()
    content = models.JSONField()  # {item: {"links": [[id, url]], "explanation", "elements"}}
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("-id",)


class StandingMarks(models.Manager["Mark"]):
    """The marks that were not withdrawn: no other ever counts."""

    def get_queryset(self) -> models.QuerySet["Mark"]:
        return super().get_queryset().filter(withdrawal=None)


class Mark(models.Model):
    """One mark of one item, by one assessor, at one stage. A changed mark is a new row; the last of a stage counts. One
    that came in a table may be withdrawn, and is as if it had never been."""

    class Stage(models.TextChoices):
        FIRST = "first", "ตรวจครั้งแรก"
        SECOND = "second", "ตรวจซ้ำโดยไม่เห็นผลเดิม"
        DECISION = "decision", "ชี้ขาด"

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="marks")
    item = models.CharField(max_length=40)
    stage = models.CharField(max_length=8, choices=Stage.choices)
    points = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=list)  # the sentences chosen
    comment = models.TextField(blank=True)
    elements = models.JSONField(default=list)  # indices of the elements that the assessor ticked
    evidence = models.JSONField(default=list)  # digests of the snapshots that the assessor saw
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = StandingMarks()

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("filing", "item")),)


class BroughtMark(models.Model):
    """A mark that came in a table: in which, and who brought it. ``Mark.by`` is the assessor in whose name. Never
    changed."""

    mark = models.OneToOneField(Mark, on_delete=models.PROTECT, related_name="brought")
    upload = models.ForeignKey(TableUpload, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")


class MarkWithdrawal(models.Model):
    """A mark of a table that was undone while nothing depended on it. Never changed."""

    mark = models.OneToOneField(Mark, on_delete=models.PROTECT, related_name="withdrawal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)


class BlindReview(models.Model):
    """An item sampled for a second mark, and the assessor who gives it without seeing the first."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=40)
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    done = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("filing", "item"), name="blind_review_once"),)


class Clarification(models.Model):
    """An agency's reply to the mark of one item, once, with the snapshots of when it was filed."""

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
    """A change of an agency's disclosures: for the public feed and for notices."""

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
    notified = models.BooleanField(default=False)  # a notice was sent to the agency, or none is needed

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("filing", "-at")), models.Index(fields=("notified",)))


class MarksSeal(models.Model):
    """The sealed marks of a round, written as ``marks.parquet``. The last row is the one in force; after items were
    opened again it names the one that it ``replaces``, whose file stays in the folder ``replaced``."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    agencies = models.PositiveIntegerField()
    marks = models.PositiveIntegerField()
    missing = models.PositiveIntegerField()  # cells without a mark
    digest = models.CharField(max_length=64)  # SHA-256 of the file
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-id",)


class Reopening(Order):
    """One item of one agency, opened again for a decision after the marks were sealed. ``seal`` is the one in force
    then, ``mark`` the one that it counted. Never changed: a decision after the mark and a seal after the seal say what
    became of it."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="reopenings")
    item = models.CharField(max_length=40)
    seal = models.ForeignKey(MarksSeal, on_delete=models.PROTECT, related_name="reopenings")
    mark = models.ForeignKey(Mark, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("filing", "item")),)


class Allocation(models.Model):
    """How the agencies of a round may be shared out among assessors: a draft until it is released. ``choices``: by what
    it was drawn; ``bound``: how far loads may be apart by it; ``revision``: how often rows of it were moved."""

    class Status(models.TextChoices):
        DRAFT = "draft", "ร่าง"
        RELEASED = "released", "ใช้แล้ว"
        TAKEN_BACK = "back", "ถอนแล้ว"
        DROPPED = "dropped", "ทิ้งแล้ว"

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    choices = models.JSONField()
    bound = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("round",), condition=models.Q(status="draft"), name="one_allocation_draft"),
        )


class AllocationRow(models.Model):
    """Whom an agency goes to by an allocation (nobody: ``reason``), and who had it when that was drawn. ``is_fixed``:
    the draw left it where it was; ``is_by_hand``: somebody moved it since."""

    allocation = models.ForeignKey(Allocation, on_delete=models.CASCADE, related_name="rows")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    before = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    weight = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=8, blank=True)
    is_fixed = models.BooleanField(default=False)
    is_by_hand = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("allocation", "agency"), name="allocated_once"),)
        indexes = (models.Index(fields=("allocation", "assessor"), name="allocation_assessor"),)


class AssessorLimit(models.Model):
    """The most that an assessor takes on in a round, in the weights by which work is shared out."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+")
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    load = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("round", "assessor"), name="assessor_limit_once"),)


class AssessorProfile(models.Model):
    """Where an assessor lives, and which languages they interview in beside Thai; agencies are shared out by both."""

    assessor = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    home = models.CharField(max_length=40, blank=True)  # a province
    languages = models.JSONField(default=list)


class ProvinceLanguage(models.Model):
    """In which language the interviews of a province are held, where it is not Thai alone: what a draft of an
    allocation begins with."""

    assessment = models.ForeignKey("registry.Assessment", on_delete=models.CASCADE, related_name="+")
    province = models.CharField(max_length=40)
    language = models.CharField(max_length=60)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("assessment", "province"), name="province_language_once"),)


class DrawnDispute(models.Model):
    """A dispute that an assessor drew from the queue. It is theirs alone until a time; then others may draw it."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="+")
    item = models.CharField(max_length=40)
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("filing", "item"), name="dispute_drawn_once"),)
