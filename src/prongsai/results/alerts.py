"""Mail about what is published, for citizens without an account: about an agency, a province or the nation.

Nothing is stored of an address before its holder confirms: what was asked for travels, encrypted, in the link that is
mailed. Then the address is stored encrypted, with a key that is in no backup, and is deleted with the last alert.
What is published within ``QUIET`` comes in one mail; each says how to end it by one press (RFC 8058).
"""

import datetime
import hmac
import json
import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import Enum
from smtplib import SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlencode

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.cache import caches
from django.core.mail import EmailMessage
from django.core.mail.utils import DNS_NAME
from django.db import transaction
from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils import timezone

from prongsai.framework import NATIONAL
from prongsai.jobs.kinds import Queue, job
from prongsai.jobs.leases import Lease
from prongsai.jobs.models import Job
from prongsai.lib import digest
from prongsai.machines.keys import create_key_file, read_key_file
from prongsai.people.actions import DomainError
from prongsai.registry.models import Agency
from prongsai.registry.place_names import name_in_english
from prongsai.registry.provinces import PLACES_EN
from prongsai.registry.queries import today
from prongsai.results.models import Alert, AlertReader, CorrectedResult, Publication

log = logging.getLogger("prongsai.alerts")
QUIET = datetime.timedelta(minutes=30)  # without another publication, before anything is mailed
CONFIRM_WITHIN = datetime.timedelta(days=2)
MOST_ALERTS = 50  # of one address
MOST_LINKS, LINKS_SECONDS = 3, 3600  # mailed to one address within so many seconds, by each process of the site
_PERMANENT = 500  # replies of mail servers from here on: the address is none
_AT_ONCE = 500  # readers
_KEY_FILE = "alerts.json"


class _Outcome(Enum):
    """What became of a mail: on its way; refused for now; refused because there is no such address."""

    SENT = "sent"
    LATER = "later"
    NO_ADDRESS = "no address"


@dataclass(frozen=True)
class Wish:
    """What somebody asks to be mailed: about an agency, by its number, a province, or the nation; see ``Alert``."""

    address: str
    language: str
    topic: str
    agency: int | None = None
    province: str = ""


# --- the key: addresses are readable where it lies, and nowhere else


def _open_key() -> Fernet | None:
    stored = read_key_file(_KEY_FILE)
    return Fernet(stored["key"]) if stored else None


def _open_or_create_key() -> Fernet:
    return _open_key() or Fernet(create_key_file(_KEY_FILE, {"key": Fernet.generate_key().decode()})["key"])


def _digest_address(address: str) -> str:
    _open_or_create_key()
    stored = read_key_file(_KEY_FILE)
    assert stored is not None
    return hmac.new(stored["key"].encode(), address.strip().casefold().encode(), "sha256").hexdigest()


def _encrypt_address(address: str) -> str:
    """Encrypted without the second, which would say when somebody confirmed."""
    return _open_or_create_key().encrypt_at_time(address.encode(), 0).decode()


# --- beginning and ending


def request_alert(*, wish: Wish, site: str) -> None:
    """Have the link mailed by which the holder of an address confirms. Whoever asks learns nothing of the address: the
    same happens for any, and nothing more for one that too many links were mailed to."""
    key = digest.of_json(["alerts", wish.address.strip().casefold()])[:32]
    cache = caches["process"]
    cache.add(key, 0, LINKS_SECONDS)
    if cache.incr(key) <= MOST_LINKS:
        mail_confirmation.enqueue(encrypt_wish(wish), site)


def encrypt_wish(wish: Wish) -> str:
    """The part of a link by which a wish is confirmed: nobody else can read or change it."""
    return _open_or_create_key().encrypt(json.dumps(asdict(wish)).encode()).decode()


def read_wish(token: str) -> Wish:
    """What a link confirms. Raises DomainError for one that is too old or was never made."""
    key = _open_key()
    try:
        if key is None:
            raise InvalidToken
        return Wish(**json.loads(key.decrypt(token.encode(), ttl=int(CONFIRM_WITHIN.total_seconds()))))
    except (InvalidToken, ValueError):
        raise DomainError("ลิงก์ยืนยันนี้เก่าเกินไปหรือไม่ครบ ขอใหม่อีกครั้ง") from None


def _give_up_wish(token: str, site: str, *, problem: str) -> None:
    log.error("a link that confirms an alert was not mailed: %s", problem)
    _forget_wish(token, site)


def _forget_wish(token: str, site: str) -> None:
    """What was asked for is in the link alone from now on, and not with the job."""
    Job.objects.filter(name=mail_confirmation.name, arguments=[token, site]).update(arguments=["", site])


@job(title="ส่งลิงก์ยืนยันการรับอีเมล", queue=Queue.MAIL, on_failure=_give_up_wish)
def mail_confirmation(_: Lease, token: str, site: str) -> None:
    """Mail the link; to nobody once it is too old."""
    with suppress(DomainError):
        wish = read_wish(token)
        link = f"{site}{_prefix(wish.language)}{reverse('confirm_alert', args=[token])}"
        subject, text = _write_confirmation(wish, link)
        headers = {"Auto-Submitted": "auto-generated"}
        EmailMessage(subject, text, None, [wish.address], headers=headers).send()
    _forget_wish(token, site)


def _write_confirmation(wish: Wish, link: str) -> tuple[str, str]:
    about = describe(wish, wish.language)
    if wish.language == "en":
        return (
            "[Prongsai] Confirm: mail about published results",
            f"Somebody asked that you be mailed about {about}. If it was you, confirm within two days:\n{link}\n\n"
            "If not, do nothing: this address is stored nowhere.",
        )
    return (
        "[โปร่งใส] ยืนยันการรับอีเมลผลการประเมิน",
        f"มีผู้ขอให้ส่งอีเมลถึงท่านเรื่อง {about} หากเป็นท่าน ยืนยันภายในสองวันที่\n{link}\n\nหากไม่ได้ขอ ไม่ต้องทำอะไร ระบบไม่ได้เก็บที่อยู่นี้ไว้",
    )


def _prefix(language: str) -> str:
    return "/en" if language == "en" else ""


def confirm_alert(*, token: str) -> Alert:
    """The holder of the address confirmed: from now on it has mail. Confirmed twice, it is one alert. Raises
    DomainError."""
    wish = read_wish(token)
    with transaction.atomic():
        reader, _ = AlertReader.objects.get_or_create(
            address_digest=_digest_address(wish.address),
            defaults={
                "address": _encrypt_address(wish.address.strip()),
                "stop_token": secrets.token_urlsafe(24),
                "language": wish.language,
                "confirmed_on": today(),
                "sent_through": _newest_publication(),
            },
        )
        about = {"agency_id": wish.agency, "province": wish.province}
        alert = reader.alerts.filter(**about).first()
        if alert is None and reader.alerts.count() >= MOST_ALERTS:
            raise DomainError(f"รับได้ไม่เกิน {MOST_ALERTS} เรื่องต่อที่อยู่หนึ่ง เลิกบางเรื่องก่อน")
        alert = alert or Alert(reader=reader, **about)
        alert.topic = Alert.Topic(wish.topic)
        alert.save()
    return alert


def find_reader(stop_token: str) -> AlertReader | None:
    return AlertReader.objects.filter(stop_token=stop_token[:40]).first()


def stop_alerts(*, reader: AlertReader, alert_id: int | None = None) -> None:
    """End one alert, or all; the address goes with the last."""
    with transaction.atomic():
        if alert_id is not None:
            reader.alerts.filter(pk=alert_id).delete()
        if alert_id is None or not reader.alerts.exists():
            reader.delete()


def _name(agency: Agency, *, is_english: bool) -> str:
    return name_in_english(agency.name_th, agency.name_en, agency.province) if is_english else agency.name_th


def describe(about: Wish | Alert, language: str) -> str:
    """What mail is about, in words."""
    is_english = language == "en"
    names = {"all": "results and corrections", "results": "results", "corrections": "corrections"}
    topic = names[about.topic] if is_english else Alert.Topic(about.topic).label
    agency = Agency.objects.filter(pk=about.agency or 0).first() if isinstance(about, Wish) else about.agency
    if agency is not None:
        name = _name(agency, is_english=is_english)
        return f"{topic}: {name}"
    if about.province:
        return f"{topic}: {PLACES_EN.get(about.province, about.province) if is_english else about.province}"
    return f"{topic}: {'all of Thailand' if is_english else 'ทั้งประเทศ'}"


# --- sending


def _newest_publication() -> int:
    return Publication.objects.aggregate(newest=Max("pk"))["newest"] or 0


def has_news() -> bool:
    """Whether something is to be mailed: nothing was published for ``QUIET``, and something since the last mail."""
    newest = Publication.objects.order_by("-pk").first()
    if newest is None or not settings.SITE or newest.published_at > timezone.now() - QUIET:
        return False
    return AlertReader.objects.filter(sent_through__lt=newest.pk).exists()


def send_alerts(lease: Lease) -> None:
    """Mail each reader what was published since the last mail, in one; a reader whom it does not concern, nothing.

    A worker that dies between sending and storing that sends one mail twice, under the same Message-ID."""
    newest, key = _newest_publication(), _open_key()
    if key is None:
        return
    news: dict[int, _News] = {}
    for reader in _list_waiting(newest):
        if reader.sent_through not in news:
            news[reader.sent_through] = _News(reader.sent_through, newest)
        lines = news[reader.sent_through].write(reader)
        outcome = _send(reader, lines, newest, key) if lines else _Outcome.SENT
        with lease.write(advances=True):
            row = AlertReader.objects.filter(pk=reader.pk)
            if outcome == _Outcome.NO_ADDRESS:
                row.delete()
            elif outcome == _Outcome.SENT:
                row.update(sent_through=newest)


def _list_waiting(newest: int) -> Iterator[AlertReader]:
    """Readers who do not know of the newest publication, some hundred at a time: their rows change meanwhile."""
    last = 0
    while batch := AlertReader.objects.filter(sent_through__lt=newest, pk__gt=last).order_by("pk")[:_AT_ONCE]:
        yield from batch
        last = batch[len(batch) - 1].pk


def _send(reader: AlertReader, lines: Sequence[str], newest: int, key: Fernet) -> "_Outcome":
    """Mail the news. An address that cannot be read counts as sent: it would stop everybody's mail."""
    try:
        address = key.decrypt(reader.address.encode()).decode()
    except InvalidToken:
        log.error("the address of an alert was encrypted with another key; its reader has no mail")
        return _Outcome.SENT
    stop = settings.SITE + _prefix(reader.language) + reverse("stop_alerts", args=[reader.stop_token])
    headers = {
        "Message-ID": f"<alert-{reader.pk}-{newest}@{DNS_NAME.get_fqdn()}>",
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
    }
    subject, ending = (
        ("[Prongsai] Published results", "To change this or to end it")
        if reader.language == "en"
        else ("[โปร่งใส] ผลการประเมินที่เผยแพร่", "เปลี่ยนหรือเลิกรับอีเมลนี้")
    )
    text = "\n\n".join(lines) + f"\n\n—\n{ending}: {stop}\n"
    try:
        EmailMessage(subject, text, None, [address], headers=headers).send()
    except SMTPRecipientsRefused as error:
        code, _ = next(iter(error.recipients.values()), (0, b""))
        return _Outcome.NO_ADDRESS if code >= _PERMANENT else _Outcome.LATER
    return _Outcome.SENT


class _News:
    """What was published after one publication up to another, for readers who know the first."""

    def __init__(self, after: int, newest: int) -> None:
        made = Publication.objects.filter(pk__gt=after, pk__lte=newest, withdrawn_at=None)
        self._publications = list(made.select_related("result_set", "erratum").order_by("pk"))
        self._texts: dict[tuple[object, ...], str] = {}

    def write(self, reader: AlertReader) -> list[str]:
        """A paragraph for each publication that concerns a reader."""
        found = []
        for alert in reader.alerts.select_related("agency").order_by("pk"):
            for publication in self._publications:
                key = (publication.pk, alert.agency_id, alert.province, alert.topic, reader.language)
                if key not in self._texts:
                    self._texts[key] = _write_news(publication, alert, reader.language)
                found.append(self._texts[key])
        return list(dict.fromkeys(filter(None, found)))


def is_about(publication: Publication, topic: str) -> bool:
    """Whether a publication is of a topic: new results, or a correction; everything is of the topic of both."""
    has_erratum = getattr(publication, "erratum", None) is not None
    return topic != (Alert.Topic.RESULTS if has_erratum else Alert.Topic.CORRECTIONS)


def count_concerned(publication: Publication, alert: Alert) -> int:
    """How many results a publication made public, or corrected, of what an alert is about."""
    return _select_concerned(publication, alert).count()


def _select_concerned(publication: Publication, alert: Alert) -> QuerySet[Any]:
    """The results that a publication made public, or corrected, of what an alert is about; invented agencies are in
    those about themselves alone."""
    erratum = getattr(publication, "erratum", None)
    rows: QuerySet[Any] = CorrectedResult.objects.filter(erratum=erratum)
    if erratum is None:
        rows = publication.result_set.results.all()
    if alert.agency is not None:
        return rows.filter(agency=alert.agency)
    if publication.result_set.assessment_id != NATIONAL:
        return rows.none()
    rows = rows.filter(agency__fictional=False)
    return rows.filter(agency__province=alert.province) if alert.province else rows


def _write_news(publication: Publication, alert: Alert, language: str) -> str:
    """What a publication says of an alert; "" for nothing."""
    erratum, fiscal_year = getattr(publication, "erratum", None), publication.result_set.fiscal_year
    count = count_concerned(publication, alert)
    if not count or not is_about(publication, alert.topic):
        return ""
    words, is_english = _Words(language, fiscal_year), language == "en"
    if alert.agency is not None:
        name = _name(alert.agency, is_english=is_english)
        link = reverse("agency_year", args=[alert.agency.code, fiscal_year])
        if erratum:
            return words.correct(name, erratum.reason, link)
        result = publication.result_set.results.get(agency=alert.agency)
        return words.publish(" · ".join(filter(None, [name, result.shown.get("overall"), result.level])), link)
    place = alert.province or ("Thailand" if is_english else "ทั้งประเทศ")
    about = f"{PLACES_EN.get(place, place)} ({count:,} agencies)" if is_english else f"{place} {count:,} หน่วยงาน"
    if erratum:
        return words.correct(about, erratum.reason, reverse("corrections", args=[fiscal_year]))
    query = {"year": fiscal_year, **({"province": alert.province} if alert.province else {})}
    return words.publish(about, f"{reverse('rankings')}?{urlencode(query)}")


@dataclass(frozen=True)
class _Words:
    language: str
    fiscal_year: int

    def publish(self, about: str, link: str) -> str:
        en = f"Results of fiscal year {self.fiscal_year} (B.E.) are published: {about}"
        return self._say(f"เผยแพร่ผลการประเมิน ปีงบประมาณ {self.fiscal_year}: {about}", en, link)

    def correct(self, about: str, reason: str, link: str) -> str:
        en = f"Results of fiscal year {self.fiscal_year} (B.E.) were corrected: {about}. Why (in Thai): {reason}"
        return self._say(f"แก้ไขผลการประเมิน ปีงบประมาณ {self.fiscal_year}: {about} เพราะ {reason}", en, link)

    def _say(self, thai: str, english: str, link: str) -> str:
        text = english if self.language == "en" else thai
        return f"{text}\n{settings.SITE}{_prefix(self.language)}{link}"
