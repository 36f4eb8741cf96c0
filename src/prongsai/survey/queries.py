"""Reads of the survey room: whether a form is open, how far an agency and the nation are, what looks odd."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from django.db.models import Count

from prongsai import framework as rules
from prongsai.framework import Instrument
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import is_phase_open
from prongsai.scoring import minimum_sample
from prongsai.survey import codes
from prongsai.survey.models import Channel, Code, Envelope, Population, Receipt, Response, Seal

PHASE = "survey"


def closed_because(channel: Channel) -> tuple[str, str] | None:
    """Why a form takes no answers now, in Thai and English; None when it does."""
    if not channel.open:
        return (
            "ช่องทางนี้ปิดแล้ว อาจมีลิงก์หรือบัตรชุดใหม่แทน สอบถามหน่วยงานที่ชวนท่านตอบ",
            "This link was closed. There may be a new one: ask the agency that invited you.",
        )
    if Seal.objects.filter(round=channel.round).exists():
        return "แบบวัดของรอบนี้ปิดรับแล้ว", "This round takes no more answers."
    if channel.round.status != Round.Status.RUNNING:
        return "ขณะนี้ไม่อยู่ในรอบการประเมิน", "No assessment is running now."
    phase = channel.round.phases.filter(key=PHASE).first()
    if phase is not None and phase.starts and not is_phase_open(channel.round, PHASE):
        return "ขณะนี้ไม่อยู่ในช่วงเก็บแบบวัด", "The survey is not open on this day."
    return None


@dataclass(frozen=True)
class Standing:
    """How far one instrument of an agency is. ``least`` is None while nobody has said how many people there are."""

    instrument: Instrument
    people: int | None
    least: int | None
    received: int
    channels: list[Channel]

    @property
    def enough(self) -> bool:
        return self.least is not None and self.received >= self.least

    @property
    def short(self) -> int:
        return max((self.least or 0) - self.received, 0)


def received(assessment_round: Round, agency: Agency | None = None) -> Counter[tuple[int, str]]:
    """Answers that were acknowledged, by agency and instrument: mixed and waiting ones alike."""
    channels = Channel.objects.filter(round=assessment_round)
    if agency is not None:
        channels = channels.filter(agency=agency)
    whose = {c.pk: (c.agency_id, c.instrument) for c in channels}
    total: Counter[tuple[int, str]] = Counter()
    for kind in (Response, Envelope):
        rows = kind.objects.values_list("channel").annotate(n=Count("id"))
        if agency is not None:
            rows = rows.filter(channel__in=list(whose))
        for channel, n in rows:
            if channel in whose:
                total[whose[channel]] += n
    return total


def standings(assessment_round: Round, agency: Agency) -> list[Standing]:
    """Every instrument of an agency in a round."""
    framework = rules.load(assessment_round.framework)
    samples = {s.instrument: s for s in framework.rules.samples}
    people = dict(Population.objects.filter(round=assessment_round, agency=agency).values_list("instrument", "people"))
    counted = received(assessment_round, agency)
    channels = list(Channel.objects.filter(round=assessment_round, agency=agency).select_related("round", "agency"))
    made = []
    for instrument in framework.survey_instruments():
        heads = people.get(instrument.id)
        least = (
            minimum_sample(samples[instrument.id], heads) if heads is not None and instrument.id in samples else None
        )
        made.append(
            Standing(
                instrument,
                heads,
                least,
                counted[agency.pk, instrument.id],
                [c for c in channels if c.instrument == instrument.id],
            )
        )
    return made


@dataclass(frozen=True)
class NationStanding:
    """One instrument over the nation: agencies with answers, with enough of them, and all answers."""

    instrument: Instrument
    agencies: int
    begun: int
    enough: int
    received: int


def nation(assessment_round: Round) -> list[NationStanding]:
    framework = rules.load(assessment_round.framework)
    samples = {s.instrument: s for s in framework.rules.samples}
    people = {
        (a, i): n
        for a, i, n in Population.objects.filter(round=assessment_round).values_list("agency", "instrument", "people")
    }
    counted, agencies = received(assessment_round), assessment_round.agencies.count()
    made = []
    for instrument in framework.survey_instruments():
        own = {a: n for (a, i), n in counted.items() if i == instrument.id}
        enough = sum(
            (a, instrument.id) in people and n >= minimum_sample(samples[instrument.id], people[a, instrument.id])
            for a, n in own.items()
            if instrument.id in samples
        )
        made.append(NationStanding(instrument, agencies, len(own), enough, sum(own.values())))
    return made


def code_state(channel: Channel) -> tuple[int, int]:
    """Codes that were printed for a channel, and how many of them are used."""
    found = Code.objects.filter(channel=channel)
    return found.count(), found.filter(spent=True).count()


def included(number: str) -> bool:
    """Whether a receipt's answer is among those counted."""
    return Receipt.objects.filter(digest=codes.digest("receipt", codes.plain(number))).exists()


def last_seal(assessment_round: Round) -> Seal | None:
    return Seal.objects.filter(round=assessment_round).first()


# --- what looks odd


@dataclass(frozen=True)
class Signal:
    """A reason to look at how an agency's answers came about. Never a change to them."""

    agency: Agency
    instrument: str
    text: str


STRAIGHT, SAME, BURST, APART, FEW = 0.5, 0.3, 0.6, 20.0, 30


def signals(assessment_round: Round) -> list[Signal]:
    """Agencies whose answers look odd, a channel at a time so that memory stays bounded. Only groups of at least FEW
    are looked at: in small ones the same things come about by chance."""
    framework = rules.load(assessment_round.framework)
    found: list[Signal] = []
    groups: dict[tuple[int, str], list[Channel]] = {}
    for channel in Channel.objects.filter(round=assessment_round).select_related("agency"):
        groups.setdefault((channel.agency_id, channel.instrument), []).append(channel)
    for (_, instrument), channels in groups.items():
        columns = framework.answer_columns(instrument)
        points = [np.array([*c.points, *([0] * (256 - len(c.points)))]) for c in columns]
        means: dict[int, float] = {}
        vectors: Counter[bytes] = Counter()
        days: Counter[object] = Counter()
        for channel in channels:
            rows = list(Response.objects.filter(channel=channel).values_list("answers", "day"))
            vectors.update(bytes(a) for a, _ in rows)
            days.update(d for _, d in rows)
            if len(rows) >= FEW:
                table = np.frombuffer(b"".join(bytes(a) for a, _ in rows), np.uint8).reshape(len(rows), len(columns))
                means[channel.pk] = float(np.mean([p[table[:, k]].mean() for k, p in enumerate(points)]))
        total = vectors.total()
        if total < FEW:
            continue

        def tell(text: str, agency: Agency = channels[0].agency, instrument: str = instrument) -> None:
            found.append(Signal(agency, instrument, text))

        straight = sum(n for v, n in vectors.items() if len(set(v)) == 1)
        if straight >= STRAIGHT * total:
            tell(f"{straight} จาก {total} ชุดเลือกตัวเลือกลำดับเดียวกันทุกข้อ")
        most = max((n for v, n in vectors.items() if len(set(v)) > 1), default=0)
        if most >= SAME * total:
            tell(f"{most} จาก {total} ชุดตอบเหมือนกันทุกข้อ")
        if len(days) > 2 and max(days.values()) >= BURST * total:
            tell(f"{max(days.values())} จาก {total} ชุดเข้ามาในวันเดียว ({max(days, key=lambda d: days[d])})")
        if len(means) > 1 and max(means.values()) - min(means.values()) >= APART:
            tell(f"คะแนนเฉลี่ยจากต่างช่องทางต่างกัน {max(means.values()) - min(means.values()):.0f} คะแนน")
    return found
