"""What is stored of a survey: populations, channels, codes, invitations, tokens, receipts, envelopes, responses and
seals. No table has a person, an address, or a time finer than a day."""

import uuid

from django.db import models

from prongsai.registry.models import Agency, Order, Round, TableUpload


class Population(models.Model):
    """How many people an instrument has to ask at an agency: as its officer states or, once there is a ``roll``, as
    the national office fixed it. The minimum sample follows from it, how many answers with cards are taken, and how
    many rights to answer can be issued."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    roll = models.JSONField(null=True)  # [[unit, people]]: numbers, no names; their sum is ``size``
    agency_prints = models.BooleanField(null=True)  # the office appointed the agency as its own printer

    class Meta:
        constraints = (models.UniqueConstraint(fields=("round", "agency", "instrument"), name="one_population"),)


class Channel(models.Model):
    """One way to answer one instrument about one agency: an open link, one-time codes, blindly signed tokens that
    invitations are exchanged for, or interviews."""

    class Kind(models.TextChoices):
        LINK = "link", "ลิงก์สาธารณะ"
        CODES = "codes", "บัตรรหัสใช้ครั้งเดียว"
        TOKENS = "tokens", "คำเชิญแลกสิทธิ์ตอบ"
        INTERVIEW = "interview", "การสัมภาษณ์โดยผู้ประเมิน"

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=20)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    slug = models.CharField(max_length=16, unique=True)
    is_open = models.BooleanField(default=True)
    opened_on = models.DateField(auto_now_add=True)
    unreadable = models.PositiveIntegerField(null=True)  # envelopes that held no answers, found at the seal
    exchanged = models.PositiveIntegerField(null=True)  # invitations, as noted once a day: the agency sees no moment
    reopening = models.ForeignKey("SurveyReopening", on_delete=models.PROTECT, null=True, related_name="channels")
    left_out = models.PositiveIntegerField(null=True)  # envelopes of a reopening that were too few to be opened

    class Meta:
        ordering = ("instrument", "id")
        indexes = (models.Index(fields=("round", "agency")),)


class Batch(models.Model):
    """Cards or invitations that were ordered at once, and count against the roll from then on. Their numbers exist on
    paper alone: what is printed is never stored, so a batch is printed once. A batch that was lost is withdrawn: what
    nobody used of it is void, and may be issued anew."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    size = models.PositiveIntegerField()
    ordered_on = models.DateField(auto_now_add=True)
    printed_on = models.DateField(null=True)
    withdrawn_on = models.DateField(null=True)

    class Meta:
        ordering = ("id",)


class Code(models.Model):
    """A keyed digest of a one-time code, and whether it was used: not when, nor for which answers. ``refused`` is a
    code that came when as many had answered as there are people; it stays unused."""

    digest = models.CharField(max_length=64, primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    spent = models.BooleanField(default=False)
    refused = models.BooleanField(null=True)
    batch = models.ForeignKey(Batch, null=True, on_delete=models.SET_NULL, related_name="+")  # none before 0009


class TokenKey(models.Model):
    """The key that signs the tokens of a channel: a token of another channel is none of this one. The private half is
    encrypted with a key of the key folder, so that a copy of the database signs nothing, and gone after the seal."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="+")
    modulus = models.CharField(max_length=1024)  # in hex; the exponent is always the same
    private_key = models.BinaryField()


class Invitation(models.Model):
    """A keyed digest of a one-time invitation number and, once it was exchanged for a token, a digest of the blinded
    message that was signed for it: whoever lost the answer to it may ask for the same signature again. The blinded
    message is the same for every token in the world: it leads to none."""

    digest = models.CharField(max_length=64, primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+")
    blinded = models.CharField(max_length=64, blank=True)


class SpentToken(models.Model):
    """A keyed digest of a token that an answer came with: not when, nor of which invitation it came."""

    digest = models.CharField(max_length=64, primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")


class Receipt(models.Model):
    """A keyed digest of the number that a respondent receives: proves that an answer was counted, not which one."""

    digest = models.CharField(max_length=64, primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")


class SealingKey(models.Model):
    """The public half of a key that a round's answers are sealed to. Its private half is split among ``holders``, who
    keep their shares away from here, ``threshold`` of which open it; without holders it lies in the key folder.

    The newest of a round that was not given up is in force; those before it still open what was sealed to them."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+")
    public_key = models.CharField(max_length=64, unique=True)  # in hex
    holders = models.JSONField(default=list)  # names of institutions
    threshold = models.PositiveSmallIntegerField(default=1)
    created_on = models.DateField(auto_now_add=True)
    abandoned_on = models.DateField(null=True)  # too few shares are left
    lost = models.PositiveIntegerField(null=True)  # answers sealed to it, when it was given up

    class Meta:
        ordering = ("id",)


class Envelope(models.Model):
    """One person's answers, acknowledged and encrypted: sealed until the end of the round, or, in a round that has no
    key to seal to, waiting to be mixed. All of an instrument have the same length."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    key_number = models.BigIntegerField()  # of a key of the server's; 0 when it is sealed
    content = models.BinaryField()
    sealed_to = models.ForeignKey(SealingKey, null=True, on_delete=models.RESTRICT, related_name="+")


class InterviewBatch(models.Model):
    """The interviews of one agency that came in one table, sealed and shuffled when it was read: ``contents``, one
    after another, until somebody confirms the table. What became envelopes is known by ``digests`` from then on, as a
    whole, so that it can be taken back until it is opened: no row leads from a form's number to an envelope."""

    upload = models.ForeignKey(TableUpload, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=20)
    slug = models.CharField(max_length=16)  # of the channel that they are sealed for
    sealed_to = models.ForeignKey(SealingKey, on_delete=models.RESTRICT, related_name="+")
    size = models.PositiveIntegerField()
    receipts = models.JSONField()  # keyed digests of the forms' numbers, in order
    contents = models.BinaryField()
    digests = models.JSONField(default=list)  # SHA-256 of each envelope, in order; none before it is stored

    class Meta:
        constraints = (models.UniqueConstraint(fields=("upload", "agency"), name="interviews_once"),)


class Response(models.Model):
    """One person's answers after mixing: one byte a question, the index of the chosen option. ``day`` is the day of
    mixing, the same for the whole batch."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    answers = models.BinaryField()


class DayTotal(models.Model):
    """How many answers the nation had on the morning of a day, rounded down, for those who watch the installation: no
    agency, and no time finer than the day."""

    day = models.DateField(primary_key=True)
    acknowledged = models.PositiveIntegerField()
    mixed = models.PositiveIntegerField()


class Seal(models.Model):
    """The parcels written from a round's answers, and the day on which the rows in the database were destroyed. The
    newest is in force; after a survey was opened again it names the one that it ``replaces``, whose parcels it
    overwrote: no result was ever computed of them."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    created_on = models.DateField(auto_now_add=True)
    responses = models.PositiveIntegerField()
    files = models.JSONField()  # {name: sha256}
    destroyed_on = models.DateField(null=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-id",)


class SurveyReopening(Order):
    """The survey of one agency, opened again after the seal and before the count, until a day. What comes in comes
    through channels of its own, which are opened whole once, as every channel is; those of before stay closed.
    ``seal`` is the one in force then, ``resealed`` the one that has what came; none while it is open."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="+")
    closes_on = models.DateField("รับคำตอบถึงวันที่")
    resealed = models.ForeignKey(Seal, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("round", "agency"), condition=models.Q(resealed=None), name="survey_reopened_once"
            ),
        )


class SignalReport(models.Model):
    """The signals of stuffing that were last found in a round: counts and shares of whole forms, in words."""

    round = models.OneToOneField(Round, on_delete=models.CASCADE, related_name="+")
    found_at = models.DateTimeField()
    signals = models.JSONField()  # [{"agency": key, "instrument", "reasons", "advice"}], the most pressing first
