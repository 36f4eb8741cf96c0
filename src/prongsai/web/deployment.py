"""Whether an installation is fit for real use: what ``prongsai doctor``, ``check --deploy`` and the office's page
ask."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, NotSupportedError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from prongsai.disclosure.rendering_work import OBSTACLES
from prongsai.intake import scans
from prongsai.jobs.queries import is_worker_alive
from prongsai.lib.signed_note import NoteError, VerifierKey
from prongsai.links.rendering import find_obstacle
from prongsai.machines import files, replica
from prongsai.machines.keys import KEYS_REMEDY, describe_differences, find_differences
from prongsai.people import queries as people
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.publiclog.actions import ForkError, check_continues_signed
from prongsai.publiclog.models import LogEntry
from prongsai.publiclog.queries import leaf_hashes

BACKUP_AGE = datetime.timedelta(days=7)
OLDEST_POSTGRESQL, NEWEST_POSTGRESQL = 14, 18  # what Django supports; docs/operations.md says what CI runs
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]"}
_DELIVERING_BACKENDS = ("django.core.mail.backends.smtp.EmailBackend", "django.core.mail.backends.locmem.EmailBackend")


@dataclass(frozen=True)
class Problem:
    """Why an installation is not fit for real use, and what to do, in Thai."""

    id: str
    text: str
    remedy: str


@dataclass(frozen=True)
class Watch:
    """Something by which whoever runs the installation sees how it fares, in Thai; ``state`` is empty if off."""

    name: str
    state: str
    variable: str


def list_watches() -> list[Watch]:
    """What is on and what is off. No token and no key is in it."""
    slow = settings.SLOW_QUERIES
    return [
        Watch("ตัวเลขของเว็บไซต์สำหรับ Prometheus", _name_listener(settings.METRICS), "PRONGSAI_METRICS"),
        Watch("ตัวเลขของงานเบื้องหลังสำหรับ Prometheus", _name_listener(settings.METRICS_WORKER), "PRONGSAI_METRICS_WORKER"),
        Watch("เส้นทางของคำขอและงาน (OpenTelemetry)", _name_host("ส่งไปที่", settings.TRACES), "PRONGSAI_TRACES"),
        Watch("รายงานข้อผิดพลาด (Sentry)", _name_host("ส่งไปที่", settings.SENTRY), "PRONGSAI_SENTRY"),
        Watch("บันทึกคำสั่งฐานข้อมูลที่ช้า", f"ตั้งแต่ {slow:,} มิลลิวินาที" if slow else "", "PRONGSAI_SLOW_QUERIES"),
        Watch(
            "รหัสคำขอจากพร็อกซี",
            f"อ่านจาก {settings.REQUEST_ID_HEADER}" if settings.REQUEST_ID_HEADER else "",
            "PRONGSAI_REQUEST_ID_HEADER",
        ),
    ]


def _name_listener(listener: Any) -> str:
    if listener is None:
        return ""
    place = f"[{listener[0]}]" if listener[0].version == 6 else str(listener[0])
    return f"รับฟังที่ {place}:{listener[1]}" + (" เฉพาะผู้มีรหัสผ่าน" if settings.METRICS_TOKEN else " เฉพาะในเครื่องนี้")


def _name_host(words: str, address: str) -> str:
    """The host of an address; what else is in it may be a key."""
    return f"{words} {urlsplit(address).hostname}" if address else ""


def find_problems() -> list[Problem]:
    """Everything that is wrong, settings first. A database that cannot be asked is one problem, not a failure."""
    return [*check_settings(), *check_state()]


def find_left_out() -> list[Problem]:
    """What an installation does without; it is fit for real use all the same."""
    left_out = []
    if not scans.is_installed():
        left_out.append(
            Problem(
                "scans",
                "อ่านภาพสแกนและภาพถ่ายของผลการประเมินและของลิงก์ที่ยื่นไม่ได้ เจ้าหน้าที่ต้องพิมพ์ตัวเลขและเปิดดูเอง",
                "ติดตั้ง prongsai[scans] ในเครื่องที่เปิด worker",
            )
        )
    if settings.RENDERING and (obstacle := find_obstacle()):
        problem, remedy = OBSTACLES[obstacle]
        left_out.append(Problem("rendering", f"อ่านหน้าที่สร้างด้วยสคริปต์ไม่ได้ ต้องให้คนเปิดดู: {problem}", remedy))
    return left_out


def check_settings() -> Iterator[Problem]:
    if settings.DEMO:
        yield Problem("demo", "ระบบเปิดในโหมดสาธิต ซึ่งหน้าเข้าสู่ระบบบอกรหัสผ่าน", "เอา PRONGSAI_DEMO ออก และใช้โฟลเดอร์ข้อมูลใหม่")
    key = str(settings.SECRET_KEY)
    if len(key) < 50 or len(set(key)) < 10 or key.startswith("django-insecure"):
        yield Problem(
            "key",
            "SECRET_KEY เดาได้ง่าย ผู้อื่นปลอมการเข้าสู่ระบบได้",
            "เอา SECRET_KEY ออก ระบบจะสร้างให้เอง หรือใช้ค่าสุ่มที่ยาวอย่างน้อย 50 ตัว",
        )
    hosts = set(settings.ALLOWED_HOSTS)
    if any(host == "*" or host.startswith((".", "*")) for host in hosts):
        yield Problem(
            "hosts", "PRONGSAI_HOSTS รับทุกชื่อโฮสต์ ลิงก์ในอีเมลจะถูกปลอมได้", "ใส่ชื่อเว็บไซต์จริงเท่านั้น เช่น ita.example.go.th"
        )
    elif hosts <= _LOCAL_HOSTS:
        yield Problem("hosts", "PRONGSAI_HOSTS ยังไม่มีชื่อเว็บไซต์จริง", "ใส่ชื่อเว็บไซต์ เช่น ita.example.go.th")
    if not settings.HTTPS:
        yield Problem("https", "ยังไม่ใช้ https รหัสผ่านและคุกกี้ถูกดักอ่านได้", "ตั้ง PRONGSAI_HTTPS=1 หลังพร็อกซีที่มีใบรับรอง")
    if settings.EMAIL_BACKEND not in _DELIVERING_BACKENDS:
        yield Problem(
            "mail", "อีเมลไม่ได้ส่งออกไป แต่พิมพ์ไว้ในเครื่อง รวมทั้งลิงก์ตั้งรหัสผ่าน", "ตั้ง EMAIL_URL เป็นเครื่องส่งอีเมลของหน่วยงาน"
        )
    if not settings.SECOND_FACTOR:
        yield Problem("factor", "ไม่ได้บังคับการยืนยันตัวตนสองชั้น", "เอา PRONGSAI_SECOND_FACTOR=0 ออก หรือตั้งเป็น 1")


def check_state() -> Iterator[Problem]:
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            yield Problem("migrate", "ฐานข้อมูลยังไม่ตรงกับโปรแกรมรุ่นนี้", "สั่ง prongsai migrate")
            return
        for check in _STATE_CHECKS:
            yield from check()
    except NotSupportedError:  # Django's own word about a server that is too old
        yield _describe_old_database()
    except DatabaseError:
        yield Problem("database", "ติดต่อฐานข้อมูลไม่ได้", "ตรวจ DATABASE_URL และว่าฐานข้อมูลทำงานอยู่")


def _check_users() -> Iterator[Problem]:
    active = User.objects.filter(is_active=True)
    demo = active.filter(email__iendswith="@demo.test").count()
    if demo:
        yield Problem(
            "accounts", f"มีบัญชีสาธิตที่ยังเปิดอยู่ {demo} บัญชี ซึ่งใครก็รู้รหัสผ่าน", "ปิดบัญชีเหล่านั้นในหน้าผู้ใช้ หรือเริ่มในโฟลเดอร์ข้อมูลใหม่"
        )
    if not active.filter(role=Role.OFFICE).exists():
        yield Problem("office", "ยังไม่มีผู้ใช้ส่วนกลาง", "สั่ง prongsai make-user อีเมล ชื่อ --site https://ชื่อเว็บไซต์")
    without = people.users_without_factor(Role.OFFICE)
    if without:
        names = ", ".join(user.name for user in without[:5]) + (" และคนอื่น" if len(without) > 5 else "")
        yield Problem(
            "office-factor",
            f"ผู้ใช้ส่วนกลาง {len(without)} คนยังไม่มีการยืนยันตัวตนสองชั้น: {names}",
            "ให้แต่ละคนเข้าสู่ระบบ แล้วตั้งพาสคีย์หรือแอปยืนยันตัวตน",
        )
    factors = people.check_factor_secrets()
    if factors.unreadable:
        yield Problem(
            "factor-key",
            f"รหัสลับของการยืนยันตัวตนสองชั้น {factors.unreadable} รายการอ่านไม่ได้ เพราะไม่มีกุญแจที่ใช้เข้ารหัสไว้ ผู้ใช้เหล่านั้นใช้แอปยืนยันตัวตนไม่ได้",
            "นำ keys/second-factors.json ของระบบเดิมมาไว้ใน PRONGSAI_DATA หากหายแล้ว ให้กู้คืนบัญชีของผู้ใช้แต่ละคน",
        )
    if factors.open:
        yield Problem(
            "factor-open",
            f"รหัสลับของการยืนยันตัวตนสองชั้น {factors.open} รายการยังไม่ได้เข้ารหัส ใครอ่านฐานข้อมูลได้ก็ใช้แทนเจ้าของได้",
            "สั่ง prongsai migrate",
        )
    if not active.filter(role=Role.AUDITOR).exists():
        yield Problem("auditor", "ไม่มีผู้ตรวจสอบที่จะรับรหัสท้ายสุดของบันทึกการใช้งาน", "เชิญผู้ใช้บทบาทผู้ตรวจสอบ ซึ่งไม่ใช่ผู้ดูแลระบบ")


def _check_work() -> Iterator[Problem]:
    if not is_worker_alive():
        yield Problem(
            "worker", "ไม่มี prongsai worker ทำงานอยู่ อีเมล ไฟล์ และการคำนวณจะค้าง", "เปิด prongsai worker ให้ทำงานตลอดเวลา"
        )
    backup = people.last_heartbeat("backup")
    if backup is None or timezone.now() - backup > BACKUP_AGE:
        last = "ยังไม่เคยสำรองข้อมูล" if backup is None else f"สำรองข้อมูลครั้งล่าสุด {(timezone.now() - backup).days} วันก่อน"
        yield Problem(
            "backup",
            last,
            "ตั้ง PRONGSAI_BACKUPS เป็นแฟ้มในดิสก์อื่น แล้ว prongsai worker สำรองให้ทุกคืน หรือสั่ง prongsai backup เอง",
        )


def _check_public_log() -> Iterator[Problem]:
    try:
        for key, _ in settings.LOG_WITNESSES:
            VerifierKey.parse(key)
        check_continues_signed(leaf_hashes(LogEntry.objects.count()))
    except NoteError as error:
        yield Problem("witness", f"PRONGSAI_LOG_WITNESSES: {error}", "คัดลอกกุญแจของพยานทั้งบรรทัด")
    except ForkError as error:
        yield Problem("log", str(error), "คืนข้อมูลสำรองที่ใหม่กว่า หรือทำตาม docs/operations.md หัวข้อ The record")


def _check_machines() -> Iterator[Problem]:
    if differences := find_differences():
        yield Problem("keys", describe_differences(differences), KEYS_REMEDY)
    if settings.SHARED_FILES:
        try:
            files.exists("installation")
        except OSError:
            yield Problem(
                "files", "ติดต่อที่เก็บไฟล์ร่วม (PRONGSAI_FILES) ไม่ได้", "ตรวจที่อยู่ สิทธิ์ของกุญแจ AWS_… และว่าที่เก็บไฟล์ทำงานอยู่"
            )
        if settings.KEYS is None:
            yield Problem(
                "key-folder",
                "ใช้ที่เก็บไฟล์ร่วม แต่โฟลเดอร์กุญแจอยู่ในดิสก์ของเครื่องนี้เครื่องเดียว",
                "เมานต์โฟลเดอร์เดียวกันทุกเครื่อง แล้วตั้ง PRONGSAI_KEYS",
            )
    if not replica.is_answering():
        yield Problem(
            "replica",
            "สำเนาของฐานข้อมูล (PRONGSAI_DATABASE_REPLICA) ไม่ตอบ หน้าสาธารณะอ่านจากฐานข้อมูลหลักแทน",
            "เปิดสำเนา หรือเอา PRONGSAI_DATABASE_REPLICA ออก",
        )


def _check_database() -> Iterator[Problem]:
    if connection.vendor != "postgresql":
        return
    major = connection.pg_version // 10000  # type: ignore[attr-defined]  # of this vendor's connection
    if major < OLDEST_POSTGRESQL:
        yield _describe_old_database()
    elif major > NEWEST_POSTGRESQL:
        yield Problem(
            "database-version",
            f"PostgreSQL {major} ใหม่กว่ารุ่นที่โปรแกรมนี้รองรับ",
            f"ใช้ PostgreSQL {OLDEST_POSTGRESQL} ถึง {NEWEST_POSTGRESQL} หรือปรับรุ่นโปรแกรม",
        )


def _describe_old_database() -> Problem:
    return Problem(
        "database-version",
        f"PostgreSQL เก่ากว่ารุ่น {OLDEST_POSTGRESQL} ซึ่งโปรแกรมนี้ใช้ไม่ได้",
        f"ปรับเป็น PostgreSQL {OLDEST_POSTGRESQL} ถึง {NEWEST_POSTGRESQL}",
    )


_STATE_CHECKS: tuple[Callable[[], Iterator[Problem]], ...] = (
    _check_users,
    _check_work,
    _check_machines,
    _check_database,
    _check_public_log,
)


@register(Tags.security, deploy=True)
def check_deployment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Django's ``check --deploy`` refuses what ``prongsai doctor`` refuses."""
    return [Error(problem.text, hint=problem.remedy, id=f"prongsai.{problem.id}") for problem in find_problems()]
