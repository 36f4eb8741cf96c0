"""Who may answer, in numbers: rolls, and the cards and invitations that are issued against them.

A roll says how many people an agency's form has to ask, by unit, without names. It is the population: one number limits
what can be issued and what is taken. The national office fixes it, and prints or appoints who prints; the agency hands
out what it is given. Numbers that are printed exist on paper alone.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from prongsai.framework import Framework
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import Lease
from prongsai.jobs.models import Job
from prongsai.lib import numbers, qr
from prongsai.lib.spreadsheets import escape_formula
from prongsai.lib.typeset import pdf
from prongsai.people.actions import DomainError, log_audit
from prongsai.people.background import BackgroundAction, background_action
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework, path_of
from prongsai.survey import codes, tokens
from prongsai.survey.actions import open_channel
from prongsai.survey.models import Batch, Channel, Code, Invitation, Population, SpentToken
from prongsai.survey.queries import find_latest_seal, open_reopenings

TYPST_FOLDER = Path(__file__).parent
MAX_PRINTED = 2000  # cards or invitations in one print
MAX_PEOPLE = 9_999_999
MAX_UNITS = 200
MAX_UNIT_LETTERS = 120
WHOLE_AGENCY = "ทั้งหน่วยงาน"
PRINTED_KINDS = (Channel.Kind.TOKENS, Channel.Kind.CODES)
_ROLLS_PER_WRITE = 1000
_ROWS_PER_INSERT = 500

Roll = list[tuple[str, int]]  # unit and people


# --- what there is


def count_issued(channels: QuerySet[Channel]) -> Counter[tuple[int, str]]:
    """Rights to answer that are out, by agency and instrument: ordered, printed, exchanged or used. Of a channel that
    was closed only those that were used: what is left of it opens nothing."""

    def count(rows: QuerySet[Any], number: Any) -> Counter[tuple[int, str]]:
        grouped = rows.order_by().values_list("channel__agency", "channel__instrument").annotate(n=number)
        return Counter({(agency, instrument): n for agency, instrument, n in grouped})

    of = {"channel__in": channels}
    waiting = Batch.objects.filter(**of, channel__is_open=True, printed_on=None, withdrawn_on=None)
    return (
        count(Code.objects.filter(**of).filter(Q(channel__is_open=True) | Q(spent=True)), Count("pk"))
        + count(Invitation.objects.filter(**of, channel__is_open=True), Count("pk"))
        + count(SpentToken.objects.filter(**of, channel__is_open=False), Count("pk"))
        + count(waiting, Sum("size"))
    )


def count_issued_of(assessment_round: Round, codes_of_agencies: Collection[str]) -> Counter[tuple[str, str]]:
    """The same of some agencies of a round, by their codes."""
    agencies = Agency.objects.filter(assessment=assessment_round.assessment_id, code__in=codes_of_agencies)
    names = dict(agencies.values_list("pk", "code"))
    issued = count_issued(Channel.objects.filter(round=assessment_round, agency__in=names))
    return Counter({(names[agency], instrument): n for (agency, instrument), n in issued.items()})


@dataclass(frozen=True)
class Rights:
    """Of one form of an agency: the roll, how many rights are out, and their batches."""

    population: Population | None
    issued: int
    batches: list[Batch]

    @property
    def has_roll(self) -> bool:
        return self.population is not None and self.population.roll is not None

    @property
    def free(self) -> int:
        """How many more can be issued."""
        return max(self.population.size - self.issued, 0) if self.population is not None and self.has_roll else 0

    def may_print(self, user: User) -> bool:
        """Whether a user who manages the survey may print what the roll allows."""
        return self.has_roll and _is_printer(user, self.population)

    @property
    def text(self) -> str:
        """The roll as it is typed."""
        return format_roll(self.population.roll or ()) if self.population else ""


def find_rights(assessment_round: Round, agency: Agency) -> Mapping[str, Rights]:
    """The rights of every form of an agency, by instrument."""
    channels = Channel.objects.filter(round=assessment_round, agency=agency)
    issued = count_issued(channels)
    populations = {p.instrument: p for p in Population.objects.filter(round=assessment_round, agency=agency)}
    batches: dict[str, list[Batch]] = defaultdict(list)
    for batch in Batch.objects.filter(channel__in=channels).select_related("channel"):
        batches[batch.channel.instrument].append(batch)
    instruments = {i.id for i in load_round_framework(assessment_round).survey_instruments()}
    return {i: Rights(populations.get(i), issued[agency.pk, i], batches[i]) for i in instruments}


@dataclass(frozen=True)
class NationalRights:
    """One instrument over the nation."""

    instrument: str
    stated: int  # agencies whose number is their own word
    rolls: int  # agencies with a roll
    people: int  # on the rolls
    issued: int
    waiting: int  # batches to be printed


def summarize_nation(assessment_round: Round) -> list[NationalRights]:
    channels = Channel.objects.filter(round=assessment_round)
    issued: Counter[str] = Counter()
    for (_, instrument), n in count_issued(channels).items():
        issued[instrument] += n
    waiting = Counter(
        dict(find_waiting(assessment_round).order_by().values_list("channel__instrument").annotate(n=Count("pk")))
    )
    populations = Population.objects.filter(round=assessment_round).order_by().values("instrument")
    has_roll = Q(roll__isnull=False)
    rows = populations.annotate(
        stated=Count("pk", filter=~has_roll), rolls=Count("pk", filter=has_roll), people=Sum("size", filter=has_roll)
    )
    found = {row["instrument"]: row for row in rows}
    none: dict[str, int] = {}
    return [
        NationalRights(
            i.id,
            found.get(i.id, none).get("stated", 0),
            found.get(i.id, none).get("rolls", 0),
            found.get(i.id, none).get("people") or 0,
            issued[i.id],
            waiting[i.id],
        )
        for i in load_round_framework(assessment_round).survey_instruments()
        if i.collected_by == "agency"
    ]


def find_waiting(assessment_round: Round) -> QuerySet[Batch]:
    """The batches of a round that nobody printed yet."""
    found = Batch.objects.filter(
        channel__round=assessment_round, channel__is_open=True, printed_on=None, withdrawn_on=None
    )
    return found.select_related("channel__agency", "channel__round")


# --- rolls


def parse_roll(text: str) -> Roll:
    """A roll as it is typed: a unit and its number of people a line, or one number. Raises DomainError that names each
    line that is neither."""
    roll: Roll = []
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.replace("\t", " ").split()
        if not words:
            continue
        unit, typed = " ".join(words[:-1]).rstrip(" :,") or WHOLE_AGENCY, words[-1]
        try:
            roll.append((unit, numbers.read_whole_number(typed, least=0, most=MAX_PEOPLE)))
        except numbers.NumberError as error:
            problems.append(f"บรรทัดที่ {number} “{line.strip()[:60]}”: {error}")
    if problems:
        raise DomainError(" · ".join(problems[:5]))
    return roll


def format_roll(roll: Iterable[tuple[str, int]]) -> str:
    """A roll as it is typed: what ``parse_roll`` reads."""
    return "\n".join(f"{unit} {people}" for unit, people in roll)


def set_roll(*, assessment_round: Round, agency: Agency, instrument: str, roll: Roll, by: User) -> int:
    """Fix how many people an agency's form has to ask; returns their number. Raises DomainError."""
    _, problems = set_rolls(assessment_round=assessment_round, rolls={(agency, instrument): roll}, by=by)
    if problems:
        raise DomainError(problems[0])
    return sum(people for _, people in roll)


def set_rolls(
    *, assessment_round: Round, rolls: Mapping[tuple[Agency, str], Roll], by: User, all_or_none: bool = True
) -> tuple[int, list[str]]:
    """Fix how many people each of many forms has to ask; returns how many were fixed, and what is wrong with others.
    None is below what is issued already: what is out can't be taken from people without withdrawing it."""
    with transaction.atomic():
        if find_latest_seal(assessment_round) is not None:
            reopened = set(open_reopenings(assessment_round).values_list("agency", flat=True))
            if any(agency.pk not in reopened for agency, _ in rolls):
                return 0, ["รอบนี้ปิดผนึกคำตอบแล้ว"]
        agencies = {agency.pk for agency, _ in rolls}
        about = {"round": assessment_round, "agency__in": agencies}  # nobody else's form waits
        list(Population.objects.select_for_update().filter(**about).order_by("pk").values_list("pk"))
        issued = count_issued(Channel.objects.filter(**about))
        instruments = {i.id for i in load_round_framework(assessment_round).survey_instruments()}
        fixed, problems = [], []
        for (agency, instrument), roll in rolls.items():
            try:
                if instrument not in instruments:
                    raise DomainError(f"หลักเกณฑ์ปี {assessment_round.fiscal_year} ไม่มีแบบวัด {instrument}")
                size = check_roll(roll, issued[agency.pk, instrument])
            except DomainError as error:
                problems.append(f"{agency.code} {instrument[:20]}: {error}")
            else:
                fixed.append(
                    Population(round=assessment_round, agency=agency, instrument=instrument, size=size, roll=list(roll))
                )
        if not fixed or (problems and all_or_none):
            return 0, problems
        Population.objects.bulk_create(
            fixed,
            update_conflicts=True,
            unique_fields=("round", "agency", "instrument"),
            update_fields=("size", "roll"),
            batch_size=_ROWS_PER_INSERT,
        )
        _log_rolls(assessment_round, fixed, by)
    return len(fixed), problems


def _log_rolls(assessment_round: Round, fixed: list[Population], by: User) -> None:
    """One entry, of one form or of many: a nation's would be a day's work of the chain."""
    one = fixed[0] if len(fixed) == 1 else None
    people: dict[str, Any] = {"people": sum(p.size for p in fixed)}
    log_audit(
        by=by,
        action="survey.set_roll",
        subject=f"รอบ {assessment_round.fiscal_year}" + (f" {one.instrument}" if one else ""),
        agency=one.agency.code if one else "",
        detail=people | ({"units": len(one.roll or ())} if one else {"forms": len(fixed)}),
    )


def check_roll(roll: Roll, issued: int) -> int:
    """The number of people on a roll. Raises DomainError for one that can't be, or is below what is issued."""
    size, units = sum(people for _, people in roll), [unit for unit, _ in roll]
    if not 1 <= size <= MAX_PEOPLE:
        raise DomainError(f"จำนวนคนในบัญชีต้องรวมกันได้ 1 ถึง {MAX_PEOPLE:,}")
    if len(roll) > MAX_UNITS or any(len(unit) > MAX_UNIT_LETTERS for unit in units):
        raise DomainError(f"บัญชีมีได้ {MAX_UNITS} หน่วยงานย่อย ชื่อละไม่เกิน {MAX_UNIT_LETTERS} ตัวอักษร")
    if repeated := [unit for unit, n in Counter(units).items() if n > 1]:
        raise DomainError(f"มีหน่วยงานย่อยซ้ำ: {', '.join(repeated[:5])}")
    if size < issued:
        raise DomainError(f"ออกบัตรและคำเชิญไปแล้ว {issued:,} สิทธิ์ ตั้งบัญชีต่ำกว่านั้นไม่ได้ เรียกคืนชุดที่ยังไม่ได้ใช้ก่อน")
    return size


def _require_unsealed(assessment_round: Round) -> None:
    if find_latest_seal(assessment_round) is not None:
        raise DomainError("รอบนี้ปิดผนึกคำตอบแล้ว")


def lift_roll(*, assessment_round: Round, agency: Agency, instrument: str, stated: int | None, by: User) -> None:
    """Take back a roll, of which nothing is issued: the form has the number that its agency stated again, or none."""
    with transaction.atomic():
        _require_unsealed(assessment_round)
        population = _lock_roll(assessment_round, agency, instrument)
        if count_issued_of(assessment_round, {agency.code})[agency.code, instrument]:
            raise DomainError("ออกบัตรหรือคำเชิญตามบัญชีนี้แล้ว เรียกคืนชุดที่ยังไม่ได้ใช้ก่อน")
        if stated is None:
            population.delete()
        else:
            population.size, population.roll = stated, None
            population.save(update_fields=["size", "roll"])
        log_audit(
            by=by,
            action="survey.lift_roll",
            subject=f"รอบ {assessment_round.fiscal_year} {instrument}",
            agency=agency.code,
            detail={"people": stated or 0},
        )


@background_action(title="ยึดจำนวนที่หน่วยงานแจ้งเป็นบัญชี", queue=Queue.OFFICE)
def adopt_in_background(lease: Lease, by: User, round_id: int) -> None:
    """Make rolls of the numbers that agencies stated, where the office has fixed none."""
    assessment_round = Round.objects.get(pk=round_id)
    stated = (
        Population.objects.filter(round=assessment_round, roll__isnull=True).select_related("agency").order_by("pk")
    )
    populations = list(stated)
    adopted, refused = 0, 0
    for start in range(0, len(populations), _ROLLS_PER_WRITE):
        some = populations[start : start + _ROLLS_PER_WRITE]
        with lease.write(done=start, total=len(populations)) as step:
            rolls = {(p.agency, p.instrument): [(WHOLE_AGENCY, p.size)] for p in some}
            fixed, problems = set_rolls(assessment_round=assessment_round, rolls=rolls, by=by, all_or_none=False)
            step.advances = bool(fixed)
        adopted, refused = adopted + fixed, refused + len(problems)
    lease.outcome = f"ยึดเป็นบัญชีแล้ว {adopted:,} แบบวัด"
    if refused:
        lease.outcome += f" อีก {refused:,} แบบวัดออกบัตรไปแล้วเกินจำนวนที่แจ้ง ต้องตั้งบัญชีเอง"


def appoint_printer(*, assessment_round: Round, agency: Agency, instrument: str, appointed: bool, by: User) -> None:
    """Let an agency print what its roll allows by itself, or no longer."""
    with transaction.atomic():
        population = _lock_roll(assessment_round, agency, instrument)
        population.agency_prints = appointed
        population.save(update_fields=["agency_prints"])
        log_audit(
            by=by,
            action="survey.appoint_printer",
            subject=f"รอบ {assessment_round.fiscal_year} {instrument}",
            agency=agency.code,
            detail={"appointed": appointed},
        )


def _lock_roll(assessment_round: Round, agency: Agency, instrument: str) -> Population:
    """The population of a form, locked: who orders meanwhile waits. Raises DomainError where the office fixed none."""
    found = Population.objects.select_for_update().filter(
        round=assessment_round, agency=agency, instrument=instrument, roll__isnull=False
    )
    if (population := found.first()) is None:
        raise DomainError(
            f"{agency} {instrument}: สำนักงานกลางยังไม่ได้ตั้งบัญชีจำนวนคน จึงออกบัตรและคำเชิญไม่ได้ บัญชีกำหนดว่าออกได้กี่สิทธิ์"
        )
    return population


def _is_printer(user: User, population: Population | None) -> bool:
    return user.role == Role.OFFICE or bool(population is not None and population.agency_prints)


def _require_printer(user: User, population: Population | None) -> None:
    if not _is_printer(user, population):
        raise DomainError(
            "สำนักงานกลางเป็นผู้พิมพ์บัตรและคำเชิญ หน่วยงานเป็นผู้แจก หากต้องพิมพ์เอง ขอให้สำนักงานกลางแต่งตั้งหน่วยงานเป็นผู้พิมพ์"
        )


# --- batches


def list_kinds(framework: Framework, instrument: str, *, has_roll: bool) -> list[Channel.Kind]:
    """The channels that an officer may open to a form: an open link where the year's rules have one, cards and
    invitations once there is a roll."""
    links = [Channel.Kind.LINK] if framework.allows_open_link(instrument) else []
    return links + [kind for kind in (Channel.Kind.TOKENS, Channel.Kind.CODES) if has_roll]


def open_once(*, assessment_round: Round, agency: Agency, instrument: str, kind: str, by: User) -> tuple[Channel, bool]:
    """The open channel of a kind to a form of an agency, and whether it is new: pressed twice, it is opened once. Cards
    and invitations can be opened once the office fixed a roll, since none can be issued before."""
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=assessment_round.pk)
        form = {"round": assessment_round, "agency": agency, "instrument": instrument}
        if found := Channel.objects.filter(**form, kind=kind, is_open=True).first():
            return found, False
        if kind in PRINTED_KINDS and not Population.objects.filter(**form, roll__isnull=False).exists():
            raise DomainError(
                f"สำนักงานกลางยังไม่ได้ตั้งบัญชีจำนวนคนของ {instrument} จึงยังออกคำเชิญหรือบัตรรหัสไม่ได้ "
                "ขอให้สำนักงานกลางตั้งบัญชีตามที่ติดต่อในหน้าแบบวัด เมื่อตั้งแล้วเปิดช่องทางได้ทันที"
            )
        return open_channel(
            assessment_round=assessment_round, agency=agency, instrument=instrument, kind=kind, by=by
        ), True


def order_batch(*, channel: Channel, size: int, by: User) -> Batch:
    """Order cards or invitations for a channel, to be printed: they count against the roll from now on."""
    if channel.kind not in PRINTED_KINDS or not channel.is_open:
        raise DomainError("ช่องทางนี้ไม่ใช้บัตรหรือคำเชิญ หรือปิดไปแล้ว")
    if channel.kind == Channel.Kind.TOKENS:
        tokens.ensure_key(channel)  # takes a while: before anybody has to wait for us
    with transaction.atomic():
        population = _lock_roll(channel.round, channel.agency, channel.instrument)
        channel = Channel.objects.select_for_update().select_related("round", "agency").get(pk=channel.pk)
        if not channel.is_open:
            raise DomainError("ช่องทางนี้เพิ่งปิดไป")
        _require_printer(by, population)
        group = Channel.objects.filter(round=channel.round, agency=channel.agency, instrument=channel.instrument)
        issued = count_issued(group)[channel.agency_id, channel.instrument]
        if not 1 <= size <= population.size - issued:
            raise DomainError(
                f"บัญชีมี {population.size:,} คน ออกบัตรและคำเชิญไปแล้ว {issued:,} สิทธิ์ "
                f"ออกได้อีก {max(population.size - issued, 0):,} สิทธิ์ ใบที่หาย ให้เรียกคืนชุดนั้นก่อนแล้วออกใหม่"
            )
        batch = Batch.objects.create(channel=channel, size=size)
        log_audit(
            by=by,
            action="survey.order_batch",
            subject=f"ช่องทาง {channel.pk} {channel.instrument}",
            agency=channel.agency.code,
            detail={"kind": channel.kind, "size": size},
        )
    return batch


@background_action(title="ออกคำเชิญทั้งประเทศ", queue=Queue.OFFICE)
def order_in_background(lease: Lease, by: User, round_id: int, instrument: str, kind: str) -> None:
    """Order what the rolls still allow of one kind, for every agency of a round that has a roll."""
    assessment_round = Round.objects.get(pk=round_id)
    rolls = Population.objects.filter(round=assessment_round, instrument=instrument, roll__isnull=False)
    populations = list(rolls.select_related("agency").order_by("pk"))
    issued = count_issued(Channel.objects.filter(round=assessment_round, instrument=instrument))
    ordered, rights, refused = 0, 0, 0
    for done, population in enumerate(populations):
        free = population.size - issued[population.agency_id, instrument]
        if free < 1:
            continue
        try:
            with lease.write(done=done, total=len(populations)):
                channel, _ = open_once(
                    assessment_round=assessment_round,
                    agency=population.agency,
                    instrument=instrument,
                    kind=kind,
                    by=by,
                )
            if kind == Channel.Kind.TOKENS:
                tokens.ensure_key(channel)
            with lease.write(done=done, total=len(populations), advances=True):
                order_batch(channel=channel, size=free, by=by)
        except DomainError:  # somebody else ordered meanwhile
            refused += 1
        else:
            ordered, rights = ordered + 1, rights + free
    lease.outcome = f"สั่งออก {rights:,} สิทธิ์ ของ {ordered:,} หน่วยงาน รอพิมพ์"
    if refused:
        lease.outcome += f" ออกให้ไม่ได้ {refused:,} หน่วยงาน"


def withdraw_batch(*, batch: Batch, by: User) -> int:
    """Void what nobody used of a batch; returns how many rights are free again. What was used or exchanged stays."""
    with transaction.atomic():
        batch = Batch.objects.select_for_update().select_related("channel__agency").get(pk=batch.pk)
        if batch.withdrawn_on is not None:
            raise DomainError("ชุดนี้ถูกเรียกคืนไปแล้ว")
        freed = batch.size
        if batch.printed_on is not None:
            freed = Code.objects.filter(batch=batch, spent=False).delete()[0]
            freed += Invitation.objects.filter(batch=batch, blinded="").delete()[0]
        batch.withdrawn_on = timezone.localdate()
        batch.save(update_fields=["withdrawn_on"])
        log_audit(
            by=by,
            action="survey.withdraw_batch",
            subject=f"ช่องทาง {batch.channel.pk} {batch.channel.instrument}",
            agency=batch.channel.agency.code,
            detail={"batch": batch.pk, "void": freed},
        )
    return freed


# --- printing: what is printed is stored nowhere but as digests


@dataclass(frozen=True)
class Printed:
    """One card or invitation as it goes on paper."""

    number: str
    link: str


def _require_printable(batch: Batch) -> None:
    if batch.printed_on is not None or batch.withdrawn_on is not None or not batch.channel.is_open:
        raise DomainError("ชุดนี้พิมพ์ไปแล้ว หรือถูกเรียกคืน หรือช่องทางปิดแล้ว ชุดที่หายให้เรียกคืนแล้วออกใหม่ พิมพ์ซ้ำไม่ได้")


def _make_numbers(batch: Batch, site: str) -> list[Printed]:
    """The numbers of a batch, which is to be printed still. Nothing is stored."""
    channel = batch.channel
    _require_printable(batch)
    new = [codes.generate_code(codes.CODE_LENGTH) for _ in range(batch.size)]
    address = f"{site}/s/{channel.slug}/"
    if channel.kind == Channel.Kind.CODES:
        return [Printed(codes.format_code(c), f"{address}#{c}") for c in new]
    key = tokens.fingerprint(tokens.ensure_key(channel).modulus)
    return [Printed(codes.format_code(c), f"{address}invitation/#{c}.{key}") for c in new]


def _store_numbers(batch: Batch, printed: list[Printed], by: User) -> None:
    """Store the digests of what goes on paper, once. The batch counts against the roll already, so nothing is checked
    again but that nobody printed it meanwhile."""
    with transaction.atomic():
        batch = Batch.objects.select_for_update().select_related("channel__agency").get(pk=batch.pk)
        channel, is_card = batch.channel, batch.channel.kind == Channel.Kind.CODES
        _require_printable(batch)
        purpose = "code" if is_card else "invitation"
        # not in the order of printing
        digests = sorted(codes.digest_code(purpose, codes.normalize_code(p.number)) for p in printed)
        if is_card:
            cards = (Code(digest=d, channel=channel, batch=batch) for d in digests)
            Code.objects.bulk_create(cards, batch_size=_ROWS_PER_INSERT)
        else:
            invitations = (Invitation(digest=d, channel=channel, batch=batch) for d in digests)
            Invitation.objects.bulk_create(invitations, batch_size=_ROWS_PER_INSERT)
        batch.printed_on = timezone.localdate()
        batch.save(update_fields=["printed_on"])
        log_audit(
            by=by,
            action="survey.print_cards",
            subject=f"ช่องทาง {channel.pk}",
            agency=channel.agency.code,
            detail={"cards" if is_card else "invitations": batch.size},
        )


def print_batch(*, batch: Batch, site: str, by: User) -> bytes:
    """The sheets of a batch, as PDF: the only place that has its numbers. Those that are lost are ordered anew."""
    channel = batch.channel
    population = Population.objects.filter(
        round=channel.round, agency=channel.agency, instrument=channel.instrument
    ).first()
    _require_printer(by, population)
    if batch.size > MAX_PRINTED:
        raise DomainError(f"พิมพ์เป็น PDF ได้ครั้งละ {MAX_PRINTED:,} ใบ ชุดที่ใหญ่กว่านั้นดาวน์โหลดเป็นตารางสำหรับโรงพิมพ์")
    is_card = channel.kind == Channel.Kind.CODES
    printed = _make_numbers(batch, site)
    address = f"{site}/s/{channel.slug}/" + ("" if is_card else "invitation/")
    form = load_round_framework(channel.round).instruments[channel.instrument].label.th
    key = "" if is_card else codes.format_code(tokens.fingerprint(tokens.ensure_key(channel).modulus))
    data = {
        "title": f"{'บัตรตอบแบบวัด' if is_card else 'คำเชิญตอบแบบวัด'} {channel.agency}",
        "agency": channel.agency.name_th,
        "form": form,
        "address": address.partition("://")[2],
        "how": "สแกนเพื่อตอบ หรือเปิด" if is_card else "คำเชิญ: สแกนรับสิทธิ์ตอบ หรือเปิด",
        "then": "แล้วพิมพ์รหัส" if is_card else "แล้วพิมพ์เลขคำเชิญ",
        "note": "ใช้ได้ครั้งเดียว ระบบไม่รู้ว่าบัตรนี้อยู่กับใคร และไม่เก็บว่าบัตรใดตอบอะไร"
        if is_card
        else f"ใช้ได้ครั้งเดียว เลขนี้แลกเป็นสิทธิ์ตอบที่ไม่มีใครโยงกลับมาที่ใบนี้ได้ · กุญแจ {key}",
        "cards": [{"code": p.number, "qr": qr.draw_svg(p.link)} for p in printed],
    }
    sheets = pdf(TYPST_FOLDER / "cards.typ", data)
    _store_numbers(batch, printed, by)
    return sheets


def print_cards(*, channel: Channel, number: int, site: str, by: User) -> bytes:
    """Order cards or invitations and print them at once."""
    if not 1 <= number <= MAX_PRINTED:
        raise DomainError(f"พิมพ์ได้ครั้งละ 1 ถึง {MAX_PRINTED:,} ใบ")
    return print_batch(batch=order_batch(channel=channel, size=number, by=by), site=site, by=by)


TABLE_HEADER = ("รหัสหน่วยงาน", "หน่วยงาน", "แบบวัด", "ชนิด", "ชุด", "เลข", "ลิงก์สำหรับ QR", "กุญแจ")


def stream_table(*, batches: Iterable[Batch], site: str, by: User) -> Iterator[bytes]:
    """Everything that waits to be printed, as a table for a printing house, a batch at a time. A batch counts as
    printed when its rows are written here: one that did not arrive whole is withdrawn and ordered anew."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(TABLE_HEADER)
    for batch in batches:
        channel = batch.channel
        key = tokens.fingerprint(tokens.ensure_key(channel).modulus) if channel.kind == Channel.Kind.TOKENS else ""
        try:
            printed = _make_numbers(batch, site)
            _store_numbers(batch, printed, by)
        except DomainError:  # printed or withdrawn meanwhile
            continue
        name = escape_formula(channel.agency.name_th)
        about = (channel.agency.code, name, channel.instrument, channel.kind, batch.pk)
        writer.writerows((*about, p.number, p.link, codes.format_code(key)) for p in printed)
        yield out.getvalue().encode("utf-8-sig" if out.getvalue().startswith(TABLE_HEADER[0]) else "utf-8")
        out.seek(0)
        out.truncate()
    if rest := out.getvalue():
        yield rest.encode("utf-8-sig")


def request_adoption(*, assessment_round: Round, by: User) -> Job:
    """Have the numbers that agencies stated made rolls in the background."""
    _require_unsealed(assessment_round)
    return _request(adopt_in_background, str(assessment_round.pk), assessment_round, by=by)


def request_orders(*, assessment_round: Round, instrument: str, kind: str, by: User) -> Job:
    """Have invitations or cards of an instrument ordered in the background, for every agency that has a roll."""
    _require_unsealed(assessment_round)
    framework = load_round_framework(assessment_round)
    collected = {i.id for i in framework.survey_instruments() if i.collected_by == "agency"}
    if instrument not in collected or kind not in PRINTED_KINDS:
        raise DomainError("เลือกแบบวัดที่หน่วยงานเป็นผู้เก็บ และเลือกว่าจะออกคำเชิญหรือบัตรรหัส")
    subject = str(assessment_round.pk)
    return _request(order_in_background, subject, assessment_round, instrument, kind, by=by)


def _request(action: BackgroundAction, subject: str, assessment_round: Round, *arguments: str, by: User) -> Job:
    url = path_of(assessment_round.assessment_id, f"/desk/survey/{assessment_round.fiscal_year}/rights/")
    about = " ".join((f"รอบปี {assessment_round.fiscal_year}", *arguments[:1]))
    pk, assessment = assessment_round.pk, assessment_round.assessment_id
    return action.request(subject, pk, *arguments, by=by, about=about, assessment=assessment, url=url)


# --- what agencies see


def note_exchanged() -> int:
    """Note how many invitations of each open channel were exchanged, once a day: an agency that hands one out and looks
    again sees nothing move. Returns how many channels changed."""
    exchanged = Count("pk", filter=~Q(blinded=""))
    rows = Invitation.objects.filter(channel__is_open=True).order_by().values_list("channel").annotate(n=exchanged)
    changed = [Channel(pk=channel, exchanged=n) for channel, n in rows]
    return Channel.objects.bulk_update(changed, ["exchanged"], batch_size=_ROWS_PER_INSERT)
