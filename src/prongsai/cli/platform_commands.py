"""The commands that run the platform: serve, worker, migrate, demo, backup, restore, the audit trail, receipts."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from prongsai.cli.parameters import Group

if TYPE_CHECKING:
    from prongsai.environment import Environment
    from prongsai.framework import Framework
    from prongsai.web.archive import Manifest

DEMO_SECONDS = 30  # on a machine with two cores

trail_app = typer.Typer(help="บันทึกการใช้งานที่แก้ย้อนหลังไม่ได้", cls=Group, no_args_is_help=True, rich_markup_mode=None)


def check_environment() -> "Environment":
    """Read the environment; stop with every wrong variable on standard error, before anything starts."""
    from prongsai.environment import InvalidEnvironmentError, load_environment

    try:
        return load_environment()
    except InvalidEnvironmentError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None


def set_up_django() -> None:
    """Make Django ready, with the settings of the environment."""
    check_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prongsai.settings")
    import django

    django.setup()


def find_stored_rules(prefix: str) -> "Framework | None":
    """The rules of this installation whose digest begins so; None where there are none, or nothing is installed."""
    environment = check_environment()
    if environment.database_url is None and not (environment.data / "prongsai.sqlite3").is_file():
        return None
    set_up_django()
    from django.db import DatabaseError

    from prongsai.rulebooks.queries import find_edition_by_prefix

    try:
        return find_edition_by_prefix(prefix)
    except DatabaseError:  # not prepared, or not to be reached
        return None


def run_management_command(*arguments: str) -> None:
    from django.core.management import call_command

    call_command(*arguments)


def migrate() -> None:
    """เตรียมฐานข้อมูลและไฟล์ของเว็บไซต์ ทำซ้ำได้เสมอ"""
    require_fonts()
    set_up_django()
    prepare_installation()
    print("พร้อมใช้งาน")


def require_fonts() -> None:
    """Stop when the fonts of the website have not been built."""
    from prongsai.web.assets import are_fonts_missing

    if are_fonts_missing():
        print(
            "ยังไม่มีฟอนต์ของเว็บไซต์ ซึ่งสร้างจากแพ็กเกจที่ไม่ได้เก็บไว้กับซอร์สโค้ด สั่ง make demo หรือ python -m prongsai.web.assets ก่อน",
            file=sys.stderr,
        )
        raise typer.Exit(2)


def has_tables() -> bool:
    """Whether the database has been prepared before."""
    from django.db import connection

    return "people_user" in connection.introspection.table_names()


def prepare_installation() -> None:
    """Bring the database and the static files up to date."""
    run_management_command("migrate", "--verbosity=0")
    run_management_command("createcachetable", "--verbosity=0")
    run_management_command("collectstatic", "--noinput", "--verbosity=0")


def _require_free_port(host: str, port: int) -> None:
    """Stop where somebody listens already: the server would share the port silently, and each get half the requests."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that has just ended is no obstacle
        try:
            trial.bind((host, port))
        except OSError as error:
            print(f"เปิดที่ {host}:{port} ไม่ได้: {error.strerror} เลือกพอร์ตอื่นด้วย --port", file=sys.stderr)
            raise typer.Exit(2) from None


def serve(
    host: Annotated[str, typer.Option(help="ที่อยู่ที่รับฟัง")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="พอร์ต")] = 8000,
    workers: Annotated[int, typer.Option(help="จำนวนโพรเซส")] = 2,
) -> None:
    """เปิดเว็บไซต์ (ต้องเปิด prongsai worker อีกหน้าต่างหนึ่งสำหรับงานเบื้องหลัง)"""
    environment = check_environment()
    _require_free_port(host, port)
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    from prongsai.web.logs import GRANIAN_LOGGING

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prongsai.settings")
    os.environ["PRONGSAI_SERVER"] = str(os.getpid())  # its processes end with it
    Server(
        "prongsai.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=12,
        respawn_failed_workers=True,
        log_access=False,
        log_level=LogLevels(environment.log_level.lower()),
        log_dictconfig=GRANIAN_LOGGING,
    ).serve()


def worker() -> None:
    """ทำงานเบื้องหลัง: อ่านไฟล์ คำนวณ เขียนเอกสาร ตรวจลิงก์ ส่งอีเมล; เปิดกี่ตัวก็ได้ งานที่ค้างทำต่อเอง"""
    set_up_django()
    from prongsai.jobs.worker import Worker

    Worker().run()


def check_links(
    everything: Annotated[bool, typer.Option("--all", help="ตรวจทุกลิงก์ที่เผยแพร่ แม้ยังไม่ถึงกำหนด")] = False,
) -> None:
    """ตรวจลิงก์ที่ถึงกำหนด หยุดด้วย Ctrl+C แล้วสั่งใหม่เพื่อทำต่อได้"""
    set_up_django()
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from prongsai.disclosure import link_checks
    from prongsai.disclosure.worker import check_due_links
    from prongsai.jobs.kinds import Queue
    from prongsai.jobs.worker import Worker

    if everything:
        link_checks.schedule_all_links()
    total = link_checks.count_due_links()
    job = check_due_links.enqueue(key=check_due_links.name)  # or the one that a worker is at already
    here = Worker([Queue.LINKS], with_schedules=False)
    with Progress(TextColumn("ตรวจลิงก์"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as progress:
        bar = progress.add_task("", total=total)

        def is_over() -> bool:
            job.refresh_from_db()
            progress.update(bar, completed=job.steps_done, total=max(total, job.steps_total))
            return not job.is_active

        here.run(until_idle=is_over)
    if here.is_stopping:
        print(f"หยุดแล้ว เหลือ {link_checks.count_due_links():,} ลิงก์ สั่งคำสั่งเดิมเพื่อทำต่อ")
        raise typer.Exit(130)
    print(f"ตรวจแล้ว {job.steps_done:,} ลิงก์")


def make_user(
    email: Annotated[str, typer.Argument(help="อีเมลของผู้ใช้ส่วนกลางคนแรก")],
    name: Annotated[str, typer.Argument(help="ชื่อ")],
    site: Annotated[str, typer.Option(help="ที่อยู่ของเว็บไซต์")] = "http://127.0.0.1:8000",
) -> None:
    """สร้างผู้ใช้ส่วนกลางคนแรก และพิมพ์ลิงก์ตั้งรหัสผ่าน"""
    set_up_django()
    from prongsai.people.actions import DomainError, build_password_link, invite_user

    try:
        user = invite_user(email=email, name=name, role="office", by=None, site=site)
    except DomainError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    print(f"ตั้งรหัสผ่านที่ {build_password_link(user, site)}")


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="ผลเป็น JSON")] = False,
) -> None:
    """ตรวจว่าระบบนี้พร้อมใช้งานจริงหรือไม่ และบอกว่าต้องทำอะไร; จบด้วย 0 เมื่อพร้อม 1 เมื่อไม่"""
    set_up_django()
    from prongsai.web.deployment import find_problems

    problems = find_problems()
    if as_json:
        print(json.dumps([{"id": p.id, "problem": p.text, "remedy": p.remedy} for p in problems], ensure_ascii=False))
    else:
        for problem in problems:
            print(f"✗ {problem.text}\n  ทำ: {problem.remedy}")
        print(f"ยังไม่พร้อมใช้งานจริง {len(problems)} เรื่อง" if problems else "✓ พร้อมใช้งานจริง")
    raise typer.Exit(1 if problems else 0)


def demo(
    port: Annotated[int, typer.Option(help="พอร์ต")] = 8000,
    load_only: Annotated[bool, typer.Option("--load-only", help="เตรียมข้อมูลแล้วจบ ไม่เปิดเว็บไซต์")] = False,
) -> None:
    """เปิดระบบสาธิต: ทั้งปีของหน่วยงานสมมุติ และผลจริงที่ประกาศแล้วห้าหน่วยงาน"""
    os.environ.setdefault("PRONGSAI_DATA", "var/demo")
    os.environ["PRONGSAI_DEMO"] = "1"
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    from prongsai.cli.demo_site import list_hosts, serve_site

    with serve_site() as site_port:
        place = f"127.0.0.1:{site_port}"
        os.environ |= {
            "PRONGSAI_LINKS_ALLOW": place,
            "PRONGSAI_LINKS_HOSTS": ",".join(f"{host}={place}" for host in list_hosts()),
            "PRONGSAI_LINKS_SPREAD": "20",
        }
        _prepare_demo(f"http://127.0.0.1:{port}")
        if not load_only:
            _serve_demo(port)


def _prepare_demo(site: str) -> None:
    """Database and data, with progress; an existing demonstration is not changed."""
    from prongsai.cli.progress import show_steps

    require_fonts()
    set_up_django()
    from prongsai.cli.demo import LOAD_STEPS, is_loaded, load_demo

    if has_tables() and is_loaded():
        prepare_installation()
        return
    print(f"เตรียมระบบสาธิตครั้งแรก ใช้เวลาประมาณ {DEMO_SECONDS} วินาที", flush=True)
    with show_steps(LOAD_STEPS + 1) as report:
        report("เตรียมฐานข้อมูลและไฟล์ของเว็บไซต์")
        prepare_installation()
        load_demo(report, site)


def _serve_demo(port: int) -> None:
    from prongsai.web.demo_accounts import ACCOUNTS, PASSWORD

    print(f"\nเปิดดูที่ http://127.0.0.1:{port}\nเข้าสู่ระบบด้วยรหัสผ่าน {PASSWORD}")
    for account in ACCOUNTS:
        print(f"  {account.email:22} {account.role.label}")
    print(f"อีเมลที่ระบบสาธิตส่งอยู่ใน {os.environ['PRONGSAI_DATA']}/mail\nหยุดด้วย Ctrl+C", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with keep_running([sys.executable, "-m", "prongsai.cli", "worker"]):
        serve(port=port, workers=2)


@contextmanager
def keep_running(command: list[str], *, pause: float = 2) -> Iterator[None]:
    """Run a process beside ours; one that stops by itself is started again after ``pause`` seconds, and the terminal
    says so."""
    ended = threading.Event()
    started = [subprocess.Popen(command)]

    def watch() -> None:
        while not ended.is_set():
            code = started[-1].wait()
            if ended.is_set():
                return
            print(f"งานเบื้องหลังหยุดไป (รหัส {code}) กำลังเริ่มใหม่", file=sys.stderr, flush=True)
            if ended.wait(pause):
                return
            started.append(subprocess.Popen(command))
            if ended.is_set():  # while it was being started
                started[-1].terminate()

    watcher = threading.Thread(target=watch, name="watch-worker", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        started[-1].terminate()
        watcher.join(20)


def backup(
    file: Annotated[Path, typer.Argument(help="ไฟล์ .tar.gz ที่จะสร้าง")],
    verify_only: Annotated[bool, typer.Option("--verify", help="ไม่สร้าง ตรวจไฟล์ที่มีอยู่ว่าครบถ้วน ใช้คืนข้อมูลได้")] = False,
) -> None:
    """สำรองฐานข้อมูลและไฟล์ทั้งหมด แล้วอ่านกลับเพื่อตรวจ ทำได้ขณะระบบทำงาน (ไม่รวมกุญแจลับ)"""
    set_up_django()
    from prongsai.people.actions import record_heartbeat
    from prongsai.web.archive import ArchiveError, create_backup, verify_backup

    try:
        manifest = verify_backup(file) if verify_only else create_backup(file)
        if not verify_only:
            record_heartbeat("backup")
    except ArchiveError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    print(f"{'ครบถ้วน' if verify_only else 'สำรองและตรวจแล้ว'}: {file}\n{_describe(manifest)}")


def restore(source: Annotated[Path, typer.Argument(help="ไฟล์ที่ได้จาก prongsai backup")]) -> None:
    """คืนข้อมูลสำรองลงในระบบที่ว่างอยู่ จาก SQLite ไป PostgreSQL หรือกลับกันก็ได้ แล้วปรับเป็นรุ่นปัจจุบัน"""
    require_fonts()
    set_up_django()
    from prongsai.web.archive import ArchiveError, restore_backup

    try:
        manifest, left_out = restore_backup(source)
    except ArchiveError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    prepare_installation()
    print(f"คืนแล้วและตรวจนับตรงกัน\n{_describe(manifest)}")
    if left_out:
        print(f"ไม่ได้คืนตารางที่โปรแกรมรุ่นนี้ไม่ใช้แล้ว: {', '.join(left_out)}")


def _describe(manifest: "Manifest") -> str:
    taken = f"{manifest.created_at.astimezone():%Y-%m-%d %H:%M}"
    return (
        f"สำรองเมื่อ {taken} จากโปร่งใส {manifest.version} ({manifest.database}): "
        f"{len(manifest.tables):,} ตาราง {manifest.count_rows():,} แถว {manifest.count_files():,} ไฟล์"
    )


@trail_app.command("verify")
def trail_verify(
    head: Annotated[str | None, typer.Option(help="รหัสท้ายสุดที่เคยจดไว้")] = None,
    anchors: Annotated[
        Path | None, typer.Option(help="ไฟล์รหัสท้ายสุดที่เก็บไว้นอกระบบ เช่น บรรทัดท้ายของจดหมายถึงผู้ตรวจสอบ")
    ] = None,
) -> None:
    """ตรวจว่าไม่มีรายการใดถูกแก้ สลับ เติม นำออก หรือเขียนใหม่; จบด้วย 0 เมื่อครบถ้วน 1 เมื่อไม่ 2 เมื่ออ่านไฟล์ไม่ได้"""
    set_up_django()
    from prongsai.people.trail import read_anchors, verify_audit_trail

    try:
        check = verify_audit_trail(head, read_anchors(anchors) if anchors else ())
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    if check.problem:
        print(check.problem, file=sys.stderr)
        raise typer.Exit(1)
    for note in check.notes:
        print(note)
    print(f"ครบถ้วน {check.entries} รายการ ตรงกับรหัสที่จดไว้นอกฐานข้อมูล {check.anchors} ครั้ง รหัสท้ายสุด {check.head}")


@trail_app.command("anchor")
def trail_anchor() -> None:
    """จดรหัสท้ายสุดไว้นอกฐานข้อมูล และส่งถึงผู้ตรวจสอบวันละครั้ง (prongsai worker ทำให้เอง)"""
    set_up_django()
    from django.utils import timezone

    from prongsai.people.trail import anchor_day, note_head

    try:
        anchor_day(on=timezone.localdate())
        anchor = note_head()
    except OSError as error:
        print(f"ส่งหรือจดรหัสท้ายสุดไม่ได้: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    print(f"{anchor.entries} รายการ {anchor.head}" if anchor else "ยังไม่มีรายการ")


@trail_app.callback()
def _trail() -> None:
    """บันทึกการใช้งาน"""


def verify(
    files: Annotated[list[Path], typer.Argument(help="ใบรับรองผล (JSON) จากเว็บไซต์")],
    rules_file: Annotated[
        Path | None, typer.Option("--rules", help="หลักเกณฑ์ (JSON) จากหน้าหลักเกณฑ์ ถ้าไม่ใช่ปีที่มากับโปรแกรม")
    ] = None,
) -> None:
    """คำนวณใบรับรองซ้ำโดยไม่ใช้เว็บไซต์; จบด้วย 0 เมื่อตรง 1 เมื่อไม่ตรง 2 เมื่ออ่านไม่ได้"""
    framework = _read_rules(rules_file) if rules_file else None
    raise typer.Exit(max(_verify_receipt_file(path, framework) for path in files))


def _read_rules(path: Path) -> "Framework":
    """The rules of a file from the website, checked like any others; stops with every problem of them."""
    from prongsai import framework as rules
    from prongsai.lib.sandbox import SandboxError

    try:
        data = _read_json(path)["rules"]
        framework, problems = rules.check_data(data, None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, SandboxError):
        print(f"{path}: ไม่ใช่ไฟล์หลักเกณฑ์ของโปร่งใส หรืออ่านไม่ได้", file=sys.stderr)
        raise typer.Exit(2) from None
    if framework is None:
        print("\n".join(map(str, problems)), file=sys.stderr)
        raise typer.Exit(2)
    return framework


_RECEIPT_LIMITS = {"seconds": 20, "max_seconds": 20, "wall": 60}
_MAX_RECEIPT_BYTES = 50_000_000


def _read_json(path: Path) -> Any:
    """The data of a JSON file, read in the sandbox. Raises OSError, ValueError and SandboxError."""
    from prongsai.lib import sandbox

    if path.stat().st_size > _MAX_RECEIPT_BYTES:
        raise ValueError("too large")
    return sandbox.run("json:load", limits=sandbox.Limits(**_RECEIPT_LIMITS), file=path)


def _verify_receipt_file(path: Path, framework: "Framework | None") -> int:
    """Print what a receipt gives when it is computed again; the exit code that it asks for."""
    from prongsai import framework as rules
    from prongsai.lib import sandbox
    from prongsai.lib.sandbox import SandboxError

    try:
        receipt: dict[str, Any] = _read_json(path)
        framework = framework or rules.load(rules.NATIONAL, int(receipt["fiscal_year"]))
        job = "prongsai.analysis:verify_receipt"  # arithmetic on numbers that anybody may have written
        problems = [
            str(problem) for problem in sandbox.run(job, receipt, framework, limits=sandbox.Limits(**_RECEIPT_LIMITS))
        ]
    except rules.FrameworkError:
        print(f"{path}: เครื่องนี้ไม่มีหลักเกณฑ์ของปีในใบรับรอง", file=sys.stderr)
        return 2
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError, SandboxError):
        print(f"{path}: ไม่ใช่ใบรับรองผลของโปร่งใส หรืออ่านไม่ได้", file=sys.stderr)
        return 2
    for problem in problems:
        print(f"✗ {path}: {problem}")
    if problems:
        return 1
    print(f"✓ {path}: {receipt['agency']['name']} ปี {receipt['fiscal_year']} {_summarize_receipt(receipt)}")
    return 0


def _summarize_receipt(receipt: dict[str, Any]) -> str:
    if "nodes" in receipt:
        total = next((n["shown"] for n in receipt["nodes"] if n["node"] == "overall"), "ไม่มีคะแนนรวม")
        return f"คำนวณซ้ำตรงทั้ง {len(receipt['nodes'])} รายการ คะแนนรวม {total} {receipt.get('level', '')}"
    wrong = sum(check["verdict"] == "contradicted" for check in receipt["checks"])
    verdict = f"มี {wrong} ตัวเลขที่ขัดกับตัวเลขอื่น" if wrong else "ไม่มีตัวเลขใดขัดกัน"
    return f"ตรงตามที่บันทึก {len(receipt['figures'])} ตัวเลขจากเอกสารที่ประกาศ {verdict}"


def recover_user(
    email: Annotated[str, typer.Argument(help="อีเมลของผู้ใช้ที่ทำวิธียืนยันตัวตนหาย")],
    reason: Annotated[str, typer.Option(help="เหตุผล ลงในบันทึกการใช้งาน")],
    site: Annotated[str, typer.Option(help="ที่อยู่ของเว็บไซต์")] = "http://127.0.0.1:8000",
) -> None:
    """กู้คืนบัญชีเมื่อไม่มีผู้ใช้ส่วนกลางคนอื่นทำให้ และพิมพ์ลิงก์ตั้งรหัสผ่าน"""
    set_up_django()
    from prongsai.people.actions import DomainError, build_password_link
    from prongsai.people.actions import recover_user as recover
    from prongsai.people.models import User

    user = User.objects.filter(email__iexact=email.strip()).first()
    try:
        if user is None:
            raise DomainError(f"ไม่มีผู้ใช้อีเมล {email}")
        recover(user=user, reason=reason, site=site, by=None)
    except DomainError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    print(f"ตั้งรหัสผ่านใหม่ที่ {build_password_link(user, site)}")


COMMANDS = (serve, worker, check_links, migrate, make_user, recover_user, doctor, demo, backup, restore, verify)
