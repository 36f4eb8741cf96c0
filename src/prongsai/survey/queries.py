"""Reads of the survey room: whether a form is open, how many answers an agency and the nation have, and what is odd
about them."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum

from prongsai.framework import Framework, Instrument
from prongsai.registry.models import Agency, DeadlineExtension, Phase, Round
from prongsai.registry.queries import describe_share, find_phase, is_enough, load_round_framework, today
from prongsai.rulebooks.models import Rulebook
from prongsai.scoring import minimum_sample
from prongsai.survey import codes, sealing
from prongsai.survey.mixing import MIN_BATCH
from prongsai.survey.models import (
    Channel,
    Code,
    DayTotal,
    Envelope,
    Population,
    Receipt,
    Response,
    Seal,
    SealingKey,
    SignalReport,
    SpentToken,
    SurveyReopening,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PHASE = "survey"
FRESH_SECONDS = 1


class Message(NamedTuple):
    """A text for respondents in Thai and English."""

    th: str
    en: str


class FormFacts(NamedTuple):
    """What one request for a form has to know of its channel, its round and its agency; no person is in it."""

    channel_id: int
    slug: str
    kind: str
    instrument: str
    is_open: bool
    agency_th: str
    agency_en: str
    assessment: str
    fiscal_year: int
    framework_digest: str
    round_status: str
    rules_in_force: str | None  # the edition, where one was announced here
    is_sealed: bool
    sealing_key: int | None  # None in a round that mixes while it runs
    public_key: str
    holders: tuple[str, ...]  # of the private key's shares; none where the server has it whole
    threshold: int
    starts: date | None  # of the phase
    ends: date | None
    reopened_until: date | None  # where the survey of the agency was opened again after the seal

    @property
    def channel(self) -> Channel:
        """The channel as far as a submission needs it."""
        return Channel(pk=self.channel_id, slug=self.slug, kind=self.kind, instrument=self.instrument)

    def load_framework(self) -> Framework:
        """The rules of the form, without asking the database where they were loaded before."""
        return _load_framework(self.assessment, self.fiscal_year, self.framework_digest, self.rules_in_force)

    @property
    def is_reopened(self) -> bool:
        return self.reopened_until is not None

    @property
    def exchange_closed_reason(self) -> Message | None:
        """Why invitations can't be exchanged now; None when they can: before the first day for answers as well."""
        if not self.is_open:
            return CHANNEL_CLOSED
        if self.reopened_until is not None:
            if today() > self.reopened_until:
                return NOT_IN_PHASE
        elif self.is_sealed:
            return ROUND_SEALED
        return None if self.round_status == Round.Status.RUNNING else NO_ROUND

    @property
    def closed_reason(self) -> Message | None:
        """Why the form takes no answers now; None when it does."""
        if reason := self.exchange_closed_reason:
            return reason
        if not self.is_reopened and self.starts and not Phase(starts=self.starts, ends=self.ends).is_open_on(today()):
            return NOT_IN_PHASE
        return None


CHANNEL_CLOSED = Message(
    "ช่องทางนี้ปิดแล้ว อาจมีลิงก์หรือบัตรชุดใหม่แทน สอบถามหน่วยงานที่ชวนท่านตอบ",
    "This link was closed. There may be a new one: ask the agency that invited you.",
)
ROUND_SEALED = Message("แบบวัดของรอบนี้ปิดรับแล้ว", "This round takes no more answers.")
NO_ROUND = Message("ขณะนี้ไม่อยู่ในรอบการประเมิน", "No assessment is running now.")
NOT_IN_PHASE = Message("ขณะนี้ไม่อยู่ในช่วงเก็บแบบวัด", "The survey is not open on this day.")
_ANY_SLUG = "{slug}"


@lru_cache(maxsize=64)
def _load_framework(assessment: str, fiscal_year: int, digest: str, _rules_in_force: str | None) -> Framework:
    """By all that it depends on: an announcement changes which edition is in force."""
    pinned = Round(assessment_id=assessment, fiscal_year=fiscal_year, framework_digest=digest)
    return load_round_framework(pinned)


def find_form(slug: str) -> FormFacts | None:
    """The facts of a public form; None when no channel has this slug, or an interviewer's has it.

    Where several processes serve a survey, they are at most FRESH_SECONDS old: a form may be shown so long after it was
    closed, as to somebody who opened it a moment before. An answer is checked again when it is stored."""
    if not settings.SURVEY_GROUP_COMMIT:
        return _ask_for_form(slug)
    return _remember_form(slug, int(time.monotonic() / FRESH_SECONDS))


@lru_cache(maxsize=1024)
def _remember_form(slug: str, _moment: int) -> FormFacts | None:
    return _ask_for_form(slug)


def _ask_for_form(slug: str) -> FormFacts | None:
    """One query, whose SQL is composed once in a process: composing it costs ten times what the database needs."""
    sql, params = _compose_form_query(connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [slug if p == _ANY_SLUG else p for p in params])
        row = cursor.fetchone()
    if row is None:
        return None
    *facts, key, public_key, holders, threshold, starts, ends, extended_until, reopened_until = row
    held_by = json.loads(holders) if isinstance(holders, str) else holders  # as the database's driver gives it
    sealed = (key, public_key or "", tuple(held_by or ()), threshold or 0)
    starts, ends, extended_until, reopened_until = map(_as_date, (starts, ends, extended_until, reopened_until))
    if ends and extended_until:
        ends = max(ends, extended_until)
    return FormFacts._make((*facts, *sealed, starts, ends, reopened_until))


@lru_cache(maxsize=2)
def _compose_form_query(_vendor: str) -> tuple[str, tuple[Any, ...]]:
    phase = Phase.objects.filter(round=OuterRef("round"), key=PHASE).order_by("position")
    extension = DeadlineExtension.objects.filter(
        phase__round=OuterRef("round"), phase__key=PHASE, agency=OuterRef("agency")
    )
    rulebook = Rulebook.objects.filter(
        assessment=OuterRef("round__assessment"), fiscal_year=OuterRef("round__fiscal_year")
    )
    key = SealingKey.objects.filter(round=OuterRef("round"), abandoned_on=None).order_by("-id")
    reopening = SurveyReopening.objects.filter(round=OuterRef("round"), agency=OuterRef("agency"), resealed=None)
    channels = Channel.objects.exclude(kind=Channel.Kind.INTERVIEW).filter(slug=_ANY_SLUG).order_by()
    fields = channels.annotate(
        rules_in_force=Subquery(rulebook.values("current")[:1]),
        is_sealed=Exists(Seal.objects.filter(round=OuterRef("round"))),
        sealing_key=Subquery(key.values("pk")[:1]),
        public_key=Subquery(key.values("public_key")[:1]),
        holders=Subquery(key.values("holders")[:1]),
        threshold=Subquery(key.values("threshold")[:1]),
        starts=Subquery(phase.values("starts")[:1]),
        ends=Subquery(phase.values("ends")[:1]),
        extended_until=Subquery(extension.values("ends")[:1]),
        reopened_until=Subquery(reopening.values("closes_on")[:1]),
    ).values_list(
        "pk",
        "slug",
        "kind",
        "instrument",
        "is_open",
        "agency__name_th",
        "agency__name_en",
        "round__assessment",
        "round__fiscal_year",
        "round__framework_digest",
        "round__status",
        "rules_in_force",
        "is_sealed",
        "sealing_key",
        "public_key",
        "holders",
        "threshold",
        "starts",
        "ends",
        "extended_until",
        "reopened_until",
    )
    sql, params = fields.query.sql_with_params()
    return sql, tuple(params)


def _as_date(value: date | str | None) -> date | None:
    """A date as the database's driver gives it: SQLite's gives text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def find_closed_reason(channel: Channel) -> Message | None:
    """Why a channel of any kind takes no answers now; None when it does."""
    assessment_round = channel.round
    phase = find_phase(assessment_round, PHASE, channel.agency)
    reopening = find_reopening(assessment_round, channel.agency)
    return FormFacts(
        channel_id=channel.pk,
        slug=channel.slug,
        kind=channel.kind,
        instrument=channel.instrument,
        is_open=channel.is_open,
        agency_th=channel.agency.name_th,
        agency_en=channel.agency.name_en,
        assessment=assessment_round.assessment_id,
        fiscal_year=assessment_round.fiscal_year,
        framework_digest=assessment_round.framework_digest,
        round_status=assessment_round.status,
        rules_in_force=None,
        is_sealed=Seal.objects.filter(round=assessment_round).exists(),
        sealing_key=None,
        public_key="",
        holders=(),
        threshold=0,
        starts=phase.starts if phase else None,
        ends=phase.ends if phase else None,
        reopened_until=reopening.closes_on if reopening else None,
    ).closed_reason


def load_interviews_refusal(assessment_round: Round) -> Callable[[Agency], str]:
    """Why no interviews of an agency are taken from a table now, in Thai; "" when they are. What was opened again after
    the seal is entered at the agency's own page. The database is asked once, however many agencies there are."""
    refusal = ROUND_SEALED.th if Seal.objects.filter(round=assessment_round).exists() else ""
    fresh = Round.objects.prefetch_related("phases__extensions").get(pk=assessment_round.pk)
    if not refusal and fresh.status != Round.Status.RUNNING:
        refusal = NO_ROUND.th

    def find_refusal(agency: Agency) -> str:
        phase = find_phase(fresh, PHASE, agency)
        is_over = phase is not None and phase.starts is not None and not phase.is_open_on(today())
        return refusal or (NOT_IN_PHASE.th if is_over else "")

    return find_refusal


# --- what was opened again after the seal


def open_reopenings(assessment_round: Round) -> QuerySet[SurveyReopening]:
    """The surveys of a round that were opened again and not sealed yet."""
    rows = SurveyReopening.objects.filter(round=assessment_round, resealed=None)
    return rows.select_related("agency", "by").order_by("closes_on", "pk")


def find_reopening(assessment_round: Round, agency: Agency) -> SurveyReopening | None:
    """The reopening by which an agency's survey takes answers after the seal, if there is one."""
    return open_reopenings(assessment_round).filter(agency=agency).first()


def find_reopening_refusal(assessment_round: Round, agency: Agency) -> str:
    """Why an agency's survey can't be opened again now, in Thai; "" when it can."""
    latest = find_latest_seal(assessment_round)
    if latest is None:
        return "คำตอบของรอบนี้ยังไม่ปิดผนึก เปิดช่องทางของหน่วยงานได้ตามปกติ"
    if not latest.files:
        return "ปิดผนึกคำตอบยังไม่เสร็จ ปิดผนึกให้เสร็จก่อน"
    if latest.destroyed_on is not None:
        return "คำตอบดิบของรอบนี้ถูกทำลายแล้ว เขียนไฟล์ที่ปิดผนึกใหม่ไม่ได้ จึงเปิดแบบวัดใหม่ไม่ได้"
    if assessment_round.status != Round.Status.RUNNING:
        return "รอบนี้ไม่ได้ดำเนินการอยู่ เปิดรอบอีกครั้งก่อน แบบวัดจึงรับคำตอบได้"
    if not assessment_round.agencies.filter(pk=agency.pk).exists():
        return "หน่วยงานนี้ไม่อยู่ในรอบ"
    return ""


def list_unfinished(assessment_round: Round) -> list[str]:
    """What is still possible with raw answers and would not be once they are destroyed, in Thai."""
    unfinished = []
    if assessment_round.status == Round.Status.RUNNING:
        unfinished.append("รอบยังดำเนินการอยู่ อาจมีคำสั่งให้เปิดแบบวัดของหน่วยงานใหม่")
    if not SignalReport.objects.filter(round=assessment_round).exists():
        unfinished.append("ยังไม่ได้หาสัญญาณของคำตอบที่ควรตรวจ")
    return unfinished


@dataclass(frozen=True)
class ReopenedSurvey:
    """A survey that was opened again: how many answers wait in each of its channels."""

    reopening: SurveyReopening
    channels: list[tuple[Channel, int]]

    @property
    def too_few(self) -> list[tuple[Channel, int]]:
        """The channels with answers, and not enough of them to be opened."""
        return [(channel, n) for channel, n in self.channels if 0 < n < MIN_BATCH]


def list_reopened(assessment_round: Round) -> list[ReopenedSurvey]:
    """Every survey of a round that was opened again, the newest first."""
    rows = SurveyReopening.objects.filter(round=assessment_round).select_related("agency", "by", "seal", "resealed")
    channels: dict[int, list[tuple[Channel, int]]] = {}
    opened = Channel.objects.filter(round=assessment_round, reopening__isnull=False)
    waiting = Envelope.objects.filter(channel__in=opened).order_by()
    counts = dict(waiting.values_list("channel").annotate(n=Count("id")))
    for channel in opened:
        channels.setdefault(channel.reopening_id or 0, []).append((channel, counts.get(channel.pk, 0)))
    return [ReopenedSurvey(row, channels.get(row.pk, [])) for row in rows.order_by("-pk")]


# --- the nation's totals

TOTALS_STEP = 100  # answers


def count_totals() -> tuple[int, int]:
    """How many answers of the nation are acknowledged, and how many of them mixed, rounded down to whole hundreds."""
    mixed = Response.objects.count()
    acknowledged = mixed + Envelope.objects.count()
    return acknowledged // TOTALS_STEP * TOTALS_STEP, mixed // TOTALS_STEP * TOTALS_STEP


def last_totals() -> DayTotal | None:
    """The totals that were noted last."""
    return DayTotal.objects.order_by("-day").first()


# --- progress


@dataclass(frozen=True, kw_only=True)
class QuotaProgress:
    """How many answers of one instrument an agency has of the minimum sample. ``minimum_sample`` is None while the
    population is unknown."""

    instrument: Instrument
    population: int | None
    minimum_sample: int | None
    received: int
    refused: int  # cards that came when as many had answered as there are people
    channels: list[Channel]
    has_roll: bool = False  # the office fixed the population

    @property
    def is_above_population(self) -> bool:
        return self.population is not None and self.received > self.population

    @property
    def is_unverified(self) -> bool:
        """Whether somebody could have answered twice: a link that is the same for everybody was opened."""
        return any(c.kind == Channel.Kind.LINK for c in self.channels)

    @property
    def has_minimum_sample(self) -> bool:
        return self.minimum_sample is not None and self.received >= self.minimum_sample

    @property
    def shortfall(self) -> int:
        """How many answers are missing to the minimum sample."""
        return max((self.minimum_sample or 0) - self.received, 0)

    @property
    def is_open(self) -> bool:
        return any(c.is_open for c in self.channels)

    @property
    def open_links(self) -> list[Channel]:
        return [c for c in self.channels if c.is_open and c.kind == Channel.Kind.LINK]


def count_received(assessment_round: Round, agency: Agency | None = None) -> Counter[tuple[int, str]]:
    """Acknowledged answers, mixed or waiting, by agency and instrument."""
    channels = Channel.objects.filter(round=assessment_round)
    if agency is not None:
        channels = channels.filter(agency=agency)
    groups = {pk: (a, instrument) for pk, a, instrument in channels.values_list("pk", "agency", "instrument")}
    counts: Counter[tuple[int, str]] = Counter()
    for model in (Response, Envelope):
        rows = model.objects.values_list("channel").annotate(n=Count("id"))
        if agency is not None:
            rows = rows.filter(channel__in=list(groups))
        for channel, n in rows:
            if channel in groups:
                counts[groups[channel]] += n
    return counts


def count_refused(assessment_round: Round, agency: Agency | None = None) -> Counter[tuple[int, str]]:
    """Cards that were refused because as many had answered as there are people, by agency and instrument; those that
    were used later are not counted."""
    refused = Code.objects.filter(channel__round=assessment_round, refused=True, spent=False)
    if agency is not None:
        refused = refused.filter(channel__agency=agency)
    rows = refused.values_list("channel__agency", "channel__instrument").annotate(n=Count("pk"))
    return Counter({(a, i): n for a, i, n in rows})


def find_quota_progress(assessment_round: Round, agency: Agency) -> list[QuotaProgress]:
    """The progress of every instrument of an agency in a round."""
    framework = load_round_framework(assessment_round)
    stated = {p.instrument: p for p in Population.objects.filter(round=assessment_round, agency=agency)}
    populations = {instrument: p.size for instrument, p in stated.items()}
    received, refused = count_received(assessment_round, agency), count_refused(assessment_round, agency)
    channels = list(Channel.objects.filter(round=assessment_round, agency=agency).select_related("round", "agency"))
    return [
        QuotaProgress(
            instrument=instrument,
            population=populations.get(instrument.id),
            minimum_sample=_find_minimum_sample(framework, instrument.id, populations.get(instrument.id)),
            received=received[agency.pk, instrument.id],
            refused=refused[agency.pk, instrument.id],
            channels=[c for c in channels if c.instrument == instrument.id],
            has_roll=instrument.id in stated and stated[instrument.id].roll is not None,
        )
        for instrument in framework.survey_instruments()
    ]


def _find_minimum_sample(framework: Framework, instrument: str, population: int | None) -> int | None:
    """None when the population is unknown, or the rules set no sample."""
    sample = next((s for s in framework.rules.samples if s.instrument == instrument), None)
    return None if sample is None or population is None else minimum_sample(sample, population)


@dataclass(frozen=True, kw_only=True)
class NationalProgress:
    """One instrument over the nation: all agencies, those with answers, those with the minimum sample, all answers."""

    instrument: Instrument
    agencies: int
    agencies_with_answers: int
    agencies_with_minimum_sample: int
    received: int

    @property
    def agencies_below_minimum(self) -> int:
        return self.agencies - self.agencies_with_minimum_sample


def find_national_progress(assessment_round: Round) -> list[NationalProgress]:
    """The progress of every instrument over all agencies of a round."""
    framework = load_round_framework(assessment_round)
    rows = Population.objects.filter(round=assessment_round).values_list("agency", "instrument", "size")
    populations = {(agency, instrument): size for agency, instrument, size in rows}
    received, agencies = count_received(assessment_round), assessment_round.agencies.count()
    progress = []
    for instrument in framework.survey_instruments():
        counts = {a: n for (a, i), n in received.items() if i == instrument.id}
        minimums = {
            a: _find_minimum_sample(framework, instrument.id, populations.get((a, instrument.id))) for a in counts
        }
        progress.append(
            NationalProgress(
                instrument=instrument,
                agencies=agencies,
                agencies_with_answers=len(counts),
                agencies_with_minimum_sample=sum(m is not None and counts[a] >= m for a, m in minimums.items()),
                received=sum(counts.values()),
            )
        )
    return progress


def find_with_minimum(assessment_round: Round) -> dict[str, set[int]]:
    """By instrument whose sample the rules set: the agencies of a round that have its minimum of answers. An agency of
    which nobody knows how many people it is taken of has it not."""
    samples = load_round_framework(assessment_round).rules.samples
    enrolled = set(assessment_round.agencies.values_list("pk", flat=True))
    rows = list(Population.objects.filter(round=assessment_round).values_list("agency", "instrument", "size"))
    received = count_received(assessment_round)
    found: dict[str, set[int]] = {}
    for sample in samples:
        sizes = {agency: size for agency, instrument, size in rows if instrument == sample.instrument}
        least = {size: minimum_sample(sample, size) for size in set(sizes.values())}
        found[sample.instrument] = {
            agency
            for agency, size in sizes.items()
            if agency in enrolled and received[agency, sample.instrument] >= least[size]
        }
    return found


class CodeUsage(NamedTuple):
    """How many codes of a channel were printed, and how many of them are used."""

    printed: int
    used: int


def find_too_little_answered(assessment_round: Round) -> list[str]:
    """The instruments that are collected here, and that too few agencies have an answer to, each with how many, in
    Thai. Nothing collected at all is too little as well."""
    opened = Channel.objects.filter(round=assessment_round).order_by().values_list("instrument", flat=True).distinct()
    answered = Counter(instrument for (_, instrument), n in count_received(assessment_round).items() if n)
    whole = assessment_round.agencies.count()
    found = [
        f"{instrument} มีคำตอบเพียง {describe_share(answered[instrument], whole)}"
        for instrument in sorted(opened)
        if not is_enough(answered[instrument], whole)
    ]
    if not opened and not is_enough(0, whole):
        return ["ยังไม่มีแบบวัดใดเปิดเลย"]
    return found


def count_codes(channel: Channel) -> CodeUsage:
    counts = Code.objects.filter(channel=channel).aggregate(printed=Count("pk"), used=Count("pk", filter=Q(spent=True)))
    return CodeUsage(counts["printed"], counts["used"])


def may_code_count(channel_id: int, code: str, receipt: str) -> bool:
    """Whether an answer with these digests may be stored: its code is not used yet, or its receipt is known, so that it
    is a retry. A wrong code is refused here at the price of two look-ups, and never waits where answers are stored."""
    unused = Code.objects.filter(digest=code, channel=channel_id, spent=False)
    return unused.exists() or Receipt.objects.filter(digest=receipt).exists()


def may_token_count(token: str, receipt: str) -> bool:
    """Whether an answer with a token of this digest may be stored: it is not used yet, or the answer is a retry."""
    return not SpentToken.objects.filter(digest=token).exists() or Receipt.objects.filter(digest=receipt).exists()


def is_receipt_known(receipt: str) -> bool:
    """Whether an answer whose receipt has this digest is stored already, so that it comes again as a retry."""
    return Receipt.objects.filter(digest=receipt).exists()


def is_answer_counted(receipt: str) -> bool:
    """Whether the answer with this receipt number, as typed, is among those counted."""
    digest = codes.digest_code("receipt", codes.normalize_code(receipt))
    return Receipt.objects.filter(digest=digest).exists()


def takes_key(facts: FormFacts, key: int) -> bool:
    """Whether answers sealed to a key are taken: that of the form, or an earlier one of its round, which a page may
    have that somebody opened before the key was changed."""
    if key == facts.sealing_key:
        return True
    round_of_channel = Channel.objects.filter(pk=facts.channel_id).values("round")
    return SealingKey.objects.filter(pk=key, round__in=round_of_channel, abandoned_on=None).exists()


def count_mixed(assessment_round: Round) -> int:
    """How many answers of a round can be read: mixed while it ran, or opened at the seal."""
    return Response.objects.filter(channel__round=assessment_round).count()


def list_unreadable(assessment_round: Round) -> list[Channel]:
    """The channels with envelopes that held no answers, the most of them first."""
    channels = Channel.objects.filter(round=assessment_round, unreadable__gt=0)
    return list(channels.select_related("agency").order_by("-unreadable", "pk"))


def count_unreadable(assessment_round: Round) -> int:
    """How many envelopes of a round held no answers when they were opened."""
    found = Channel.objects.filter(round=assessment_round).aggregate(n=Sum("unreadable"))
    return found["n"] or 0


@dataclass(frozen=True)
class KeyState:
    """A key of a round: how many answers wait for it, and whether its private half lies in this server's key folder."""

    key: SealingKey
    waiting: int
    is_here: bool
    is_in_force: bool

    @property
    def spare(self) -> int:
        """How many shares may be lost without losing anything."""
        return len(self.key.holders) - self.key.threshold


def list_keys(assessment_round: Round) -> list[KeyState]:
    """Every key that a round's answers were or are sealed to, the newest first."""
    waiting = dict(
        Envelope.objects.filter(channel__round=assessment_round)
        .exclude(sealed_to=None)
        .order_by()
        .values_list("sealed_to")
        .annotate(n=Count("id"))
    )
    now = sealing.find_key(assessment_round.pk)
    return [
        KeyState(key, waiting.get(key.pk, 0), sealing.read_own_key(key) is not None, key == now)
        for key in SealingKey.objects.filter(round=assessment_round).order_by("-id")
    ]


def find_latest_seal(assessment_round: Round) -> Seal | None:
    return Seal.objects.filter(round=assessment_round).first()


# --- the quality of answers


MIN_GROUP_SIZE = 30  # answers; in smaller groups the same patterns come about by chance
STRAIGHT_LINE_SHARE = 0.5  # of answers that choose the same option everywhere
IDENTICAL_SHARE = 0.3  # of answers that are the same
ONE_DAY_SHARE = 0.6  # of answers mixed on one day
CHANNEL_GAP_POINTS = 20.0  # between the mean points of two channels


@dataclass(frozen=True)
class AnswerSummary:
    """The answers of an agency to one instrument: how often each questionnaire and each day occurs, and the mean points
    of each channel with at least MIN_GROUP_SIZE answers."""

    vectors: Counter[bytes]
    days: Counter[date]
    channel_means: Mapping[int, float]


def list_points(framework: Framework, instrument: str) -> "list[npt.NDArray[np.int64]]":
    """The points of every index that a byte can hold, by column; none for one that is no option."""
    import numpy as np

    columns = framework.answer_columns(instrument)
    return [np.array([*c.points, *([0] * (256 - len(c.points)))]) for c in columns]


def summarize_answers(framework: Framework, instrument: str, channels: list[Channel]) -> AnswerSummary:
    import numpy as np

    points = list_points(framework, instrument)
    vectors: Counter[bytes] = Counter()
    days: Counter[date] = Counter()
    means: dict[int, float] = {}
    for channel in channels:
        rows = Response.objects.filter(channel=channel).values_list("answers", "day")
        answers = [(bytes(a), day) for a, day in rows]
        vectors.update(a for a, _ in answers)
        days.update(day for _, day in answers)
        if len(answers) >= MIN_GROUP_SIZE:
            joined = np.frombuffer(b"".join(a for a, _ in answers), np.uint8)
            means[channel.pk] = _mean_points(joined.reshape(len(answers), len(points)), points)
    return AnswerSummary(vectors, days, means)


def _mean_points(table: "npt.NDArray[np.uint8]", points: "list[npt.NDArray[np.int64]]") -> float:
    return fmean(float(p[table[:, k]].mean()) for k, p in enumerate(points))


def describe_patterns(summary: AnswerSummary) -> list[str]:
    """The odd patterns of a group, in Thai; none for a small group."""
    vectors, days, means = summary.vectors, summary.days, summary.channel_means.values()
    total = vectors.total()
    if total < MIN_GROUP_SIZE:
        return []
    texts = []
    straight_lines = sum(n for v, n in vectors.items() if len(set(v)) == 1)
    if straight_lines >= STRAIGHT_LINE_SHARE * total:
        texts.append(f"{straight_lines} จาก {total} ชุดเลือกตัวเลือกลำดับเดียวกันทุกข้อ")
    identical = max((n for v, n in vectors.items() if len(set(v)) > 1), default=0)
    if identical >= IDENTICAL_SHARE * total:
        texts.append(f"{identical} จาก {total} ชุดตอบเหมือนกันทุกข้อ")
    busiest_day, on_that_day = days.most_common(1)[0]
    if len(days) > 2 and on_that_day >= ONE_DAY_SHARE * total:
        texts.append(f"{on_that_day} จาก {total} ชุดเข้ามาในวันเดียว ({busiest_day})")
    if len(means) > 1 and max(means) - min(means) >= CHANNEL_GAP_POINTS:
        texts.append(f"คะแนนเฉลี่ยจากต่างช่องทางต่างกัน {max(means) - min(means):.0f} คะแนน")
    return texts
