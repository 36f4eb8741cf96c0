"""The commands that run the platform: serve, worker, migrate, demo, backup, restore, the audit trail."""

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
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
    from prongsai.jobs.kinds import Queue
    from prongsai.people.trail import Anchor
    from prongsai.web.archive import Manifest

NATION_SECONDS = 150  # measured on two cores
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
    require_own_keys()
    print("พร้อมใช้งาน")


def require_own_keys() -> None:
    """Stop where this machine does not have the keys of its database. A database that cannot be asked is no reason."""
    from django.db import DatabaseError

    from prongsai.machines.keys import KEYS_REMEDY, ForeignKeysError, require_same_keys

    try:
        require_same_keys()
    except ForeignKeysError as error:
        print(f"{error}\n  ทำ: {KEYS_REMEDY}", file=sys.stderr)
        raise typer.Exit(2) from None
    except DatabaseError:
        return  # not prepared, or not to be reached: /health/ready says so


def adopt_keys(
    yes: Annotated[bool, typer.Option("--yes", help="ยืนยันว่ากุญแจเดิมหายแล้ว")] = False,
) -> None:
    """ใช้กุญแจของเครื่องนี้แทนกุญแจเดิมที่หายไปแล้ว; คำตอบที่รอรวมด้วยกุญแจเดิมจะเปิดไม่ได้อีก"""
    set_up_django()
    from django.db import transaction

    from prongsai.machines.keys import find_differences, note_fingerprints
    from prongsai.people.trail import log_audit

    differences = find_differences()
    if not differences:
        print("กุญแจของเครื่องนี้ตรงกับฐานข้อมูลอยู่แล้ว ไม่ต้องทำอะไร")
        return
    if not yes:
        print(
            "ทำเมื่อกุญแจเดิมหายไปแล้วจริงเท่านั้น ถ้ายังมีอยู่ในเครื่องอื่น ให้ใช้โฟลเดอร์นั้น\n"
            "คำตอบที่รอรวมด้วยกุญแจเดิมจะเปิดไม่ได้อีก ถ้ายืนยัน สั่ง prongsai adopt-keys --yes",
            file=sys.stderr,
        )
        raise typer.Exit(2)
    with transaction.atomic():
        note_fingerprints(replace=True)
        log_audit(by=None, action="machines.adopt_keys", subject="กุญแจของระบบ", detail={"keys": differences})
    print("ใช้กุญแจของเครื่องนี้แล้ว เปิด prongsai serve และ prongsai worker ทุกเครื่องใหม่")


def require_fonts() -> None:
    """Stop when the fonts of the website have not been built."""
    from prongsai.web.assets import are_assets_missing

    if are_assets_missing():
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
    """Bring the database and the static files up to date. Of several processes that are started together one does it,
    and the others find it done."""
    from prongsai.machines.keys import note_fingerprints
    from prongsai.machines.locks import hold_lock

    with hold_lock("prepare"):
        run_management_command("migrate", "--verbosity=0")
        run_management_command("createcachetable", "--verbosity=0")
        encrypt_factors()
        run_management_command("collectstatic", "--noinput", "--verbosity=0")
        note_fingerprints()


def encrypt_factors() -> None:
    """Encrypt secrets of second factors that a process of an earlier version stored after the upgrade."""
    from allauth.mfa.models import Authenticator

    from prongsai.people import factor_secrets

    factor_secrets.change_secrets(Authenticator.objects, factor_secrets.encrypt_once)


def _find_port_problem(host: str, port: int) -> str:
    """Why nobody can listen there; empty where it is free."""
    import socket

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that has just ended is no obstacle
        try:
            trial.bind((host, port))
        except OSError as error:
            is_taken = error.errno == errno.EADDRINUSE
            return "มีโปรแกรมอื่นใช้พอร์ตนี้อยู่" if is_taken else error.strerror or str(error)
    return ""


def require_free_port(host: str, port: int, option: str = "--port") -> None:
    """Stop where somebody listens already: the server would share the port silently, and each get half the requests."""
    if problem := _find_port_problem(host, port):
        print(f"เปิดที่ {host}:{port} ไม่ได้: {problem} เลือกพอร์ตอื่นด้วย {option}", file=sys.stderr)
        raise typer.Exit(2)


def serve(
    host: Annotated[str, typer.Option(help="ที่อยู่ที่รับฟัง")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="พอร์ต")] = 8000,
    workers: Annotated[int, typer.Option(help="จำนวนโพรเซส")] = 2,
) -> None:
    """เปิดเว็บไซต์ (ต้องเปิด prongsai worker อีกหน้าต่างหนึ่งสำหรับงานเบื้องหลัง)"""
    environment = check_environment()
    require_free_port(host, port)
    set_up_django()
    require_own_keys()
    from django.db import connections

    from prongsai.cli.server import run_server

    connections.close_all()  # the processes of the server open their own
    os.environ["PRONGSAI_SERVER"] = str(os.getpid())  # its processes end with it
    with _metrics_of_site(environment):
        run_server(host=host, port=port, workers=workers, drain=environment.drain, log_level=environment.log_level)


def worker(
    queue: Annotated[
        list[str] | None, typer.Option(help="ทำเฉพาะคิวนี้ ใส่ซ้ำได้ เช่น --queue rendering; ไม่ใส่คือทุกคิวที่เครื่องนี้ทำได้")
    ] = None,
) -> None:
    """ทำงานเบื้องหลัง: อ่านไฟล์ คำนวณ เขียนเอกสาร ตรวจลิงก์ ส่งอีเมล; เปิดกี่ตัวก็ได้ งานที่ค้างทำต่อเอง"""
    listener = check_environment().metrics_worker
    if listener and (problem := _find_port_problem(str(listener[0]), listener[1])):
        # the second worker of a machine: its work matters more, and the first answers for all but its memory
        print(f"ไม่ตอบ Prometheus ที่ {listener[0]}:{listener[1]}: {problem} ทำงานอื่นต่อตามปกติ", file=sys.stderr)
        listener = None
    set_up_django()
    require_own_keys()
    from prongsai.jobs.worker import Worker

    queues = _choose_queues(queue or [])
    with _exporter(listener, "--of-worker"):
        Worker(queues).run()


def _choose_queues(names: list[str]) -> "list[Queue]":
    """The queues of a worker: those that are named, or all; rendering only where a browser can be started,
    scans only where OCR is."""
    from django.conf import settings

    from prongsai.disclosure.rendering_work import OBSTACLES
    from prongsai.intake import scans
    from prongsai.jobs.kinds import Queue
    from prongsai.links.rendering import find_obstacle

    if unknown := [name for name in names if name not in list(Queue)]:
        raise typer.BadParameter(f"ไม่มีคิว {', '.join(unknown)} มี {', '.join(Queue)}", param_hint="--queue")
    queues = [Queue(name) for name in names] or [q for q in Queue if q != Queue.SCANS or scans.is_installed()]
    if Queue.RENDERING not in queues or not (settings.RENDERING or names):
        return queues
    if obstacle := find_obstacle():
        problem, remedy = OBSTACLES[obstacle]
        print(f"ไม่แสดงหน้าที่สร้างด้วยสคริปต์: {problem} {remedy}", file=sys.stderr)
        queues.remove(Queue.RENDERING)
        if not queues:
            raise typer.Exit(1)
    return queues


@contextmanager
def _metrics_of_site(environment: "Environment") -> Iterator[None]:
    """A folder in which the site's processes count, and the process that serves it; nothing where nobody reads."""
    if environment.metrics is None:
        yield
        return
    from prongsai.web.metrics import FOLDER_VARIABLE

    require_free_port(str(environment.metrics[0]), environment.metrics[1], "PRONGSAI_METRICS")
    with tempfile.TemporaryDirectory(prefix="prongsai-metrics-") as folder:
        os.environ[FOLDER_VARIABLE] = folder
        with _exporter(environment.metrics):
            yield


@contextmanager
def _exporter(listener: "tuple[Any, int] | None", *options: str) -> Iterator[None]:
    """The process that Prometheus reads from. Not a thread: this one forks."""
    if listener is None:
        yield
        return
    command = (sys.executable, "-m", "prongsai.cli", "metrics", f"--host={listener[0]}", f"--port={listener[1]}")
    process = subprocess.Popen((*command, *options))
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def metrics(
    host: Annotated[str, typer.Option(help="ที่อยู่ที่รับฟัง")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="พอร์ต")] = 9464,
    of_worker: Annotated[bool, typer.Option("--of-worker", hidden=True)] = False,
) -> None:
    """ตอบ Prometheus; prongsai serve และ prongsai worker เปิดให้เองเมื่อกำหนด PRONGSAI_METRICS"""
    set_up_django()
    from prongsai.web.exporter import run_exporter
    from prongsai.web.metrics import FOLDER_VARIABLE

    # the folder alone: with the library's own variable set, this process would write into it too
    folder = os.environ.pop(FOLDER_VARIABLE, "")
    run_exporter(host, port, folder=folder, of_worker=of_worker)


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
    from prongsai.web.deployment import find_left_out, find_problems

    problems = find_problems()
    if as_json:
        print(json.dumps([{"id": p.id, "problem": p.text, "remedy": p.remedy} for p in problems], ensure_ascii=False))
    else:
        for problem in problems:
            print(f"✗ {problem.text}\n  ทำ: {problem.remedy}")
        for left_out in find_left_out():
            print(f"– ไม่บังคับ: {left_out.text}\n  ทำ: {left_out.remedy}")
        print(f"ยังไม่พร้อมใช้งานจริง {len(problems)} เรื่อง" if problems else "✓ พร้อมใช้งานจริง")
    raise typer.Exit(1 if problems else 0)


def demo(
    port: Annotated[int, typer.Option(help="พอร์ต")] = 8000,
    load_only: Annotated[bool, typer.Option("--load-only", help="เตรียมข้อมูลแล้วจบ ไม่เปิดเว็บไซต์")] = False,
    nation: Annotated[
        bool, typer.Option("--nation", help="มีหน่วยงานสมมุติทั่วประเทศ 8,317 แห่งอยู่รอบหน่วยงานของระบบสาธิต ใช้เวลาเตรียมหลายนาที")
    ] = False,
) -> None:
    """เปิดระบบสาธิต: ทั้งปีของหน่วยงานสมมุติ และผลจริงที่ประกาศแล้วห้าหน่วยงาน"""
    os.environ.setdefault("PRONGSAI_DATA", "var/demo-nation" if nation else "var/demo")
    os.environ["PRONGSAI_DEMO"] = "1"
    if not nation:
        os.environ.setdefault("PRONGSAI_LEAST_SHARE", "0")  # a visitor answers for nobody but one agency
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    if not load_only:
        require_free_port("127.0.0.1", port)  # before the minute of preparing, not after it
    from prongsai.cli.demo_site import list_hosts, serve_site
    from prongsai.environment import DEMO_PAGES_HOST

    with serve_site() as site_port:
        place, own = f"127.0.0.1:{site_port}", f"127.0.0.1:{port}"
        hosts = dict.fromkeys(list_hosts(), place) | {DEMO_PAGES_HOST: own}  # agencies' websites, and pages filed here
        os.environ |= {
            "PRONGSAI_LINKS_ALLOW": f"{place},{own}",
            "PRONGSAI_LINKS_HOSTS": ",".join(f"{host}={address}" for host, address in hosts.items()),
            "PRONGSAI_LINKS_SPREAD": "20",
            "PRONGSAI_LINKS_DAYS": "0",  # a visitor sees a verdict within the minute, at any hour
        }
        prepare_demo(f"http://127.0.0.1:{port}", is_nation=nation)
        if not load_only:
            _serve_demo(port)


def prepare_demo(site: str, *, is_nation: bool) -> None:
    """Database and data, with progress; an existing demonstration is not changed."""
    from prongsai.cli.progress import show_steps

    require_fonts()
    set_up_django()
    from prongsai.cli.demo import LOAD_STEPS, NATION_STEPS, is_loaded, load_demo
    from prongsai.cli.demo_nation import AGENCIES

    if has_tables() and is_loaded():
        prepare_installation()
        return
    seconds = DEMO_SECONDS + (NATION_SECONDS if is_nation else 0)
    print(f"เตรียมระบบสาธิตครั้งแรก ใช้เวลาประมาณ {seconds} วินาที", flush=True)
    with show_steps(1 + LOAD_STEPS + (NATION_STEPS if is_nation else 0)) as report:
        report("เตรียมฐานข้อมูลและไฟล์ของเว็บไซต์")
        prepare_installation()
        load_demo(report, site, AGENCIES if is_nation else 0)


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


def export_site(
    folder: Annotated[Path, typer.Argument(help="โฟลเดอร์ว่างที่จะเขียน")],
    site: Annotated[
        str, typer.Option(help="ที่อยู่ของเว็บไซต์ ถ้าไม่ใช่ชื่อแรกใน PRONGSAI_HOSTS: https://ita.example.go.th")
    ] = "",
) -> None:
    """เขียนข้อมูลสาธารณะทั้งหมดเป็นไฟล์ ทั้งสองภาษา เปิดอ่านจากโฟลเดอร์หรือวางบนเว็บเซิร์ฟเวอร์ใดก็ได้"""
    set_up_django()
    from django.conf import settings

    from prongsai.web.site_export import ExportError, export_site

    address = site or settings.SITE
    if not address:
        print("ไม่ทราบที่อยู่ของเว็บไซต์ ตั้ง PRONGSAI_HOSTS หรือใส่ --site", file=sys.stderr)
        raise typer.Exit(2)
    try:
        exported = export_site(folder, address, lambda done: print(f"{done:,} แห่ง", file=sys.stderr))
    except (ExportError, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    print(f"เขียน {len(exported.pages):,} หน้า {len(set(exported.files.values())):,} ไฟล์ ลงใน {folder}")


def export_section(
    agency: Annotated[str, typer.Argument(help="รหัสหน่วยงาน")],
    folder: Annotated[Path, typer.Argument(help="โฟลเดอร์ว่างที่จะเขียน")],
    site: Annotated[str, typer.Option(help="ที่อยู่ของเว็บไซต์ ถ้าไม่ใช่ชื่อแรกใน PRONGSAI_HOSTS")] = "",
) -> None:
    """เขียนเว็บของหน่วยงานหนึ่งเป็นไฟล์ สำหรับวางบนเว็บไซต์หลักของหน่วยงาน"""
    set_up_django()
    from django.conf import settings

    from prongsai.registry.models import Agency
    from prongsai.web.section_export import export_section
    from prongsai.web.site_export import ExportError

    found, address = Agency.objects.filter(code=agency).first(), site or settings.SITE
    if found is None or not address:
        wrong = "ไม่ทราบที่อยู่ของเว็บไซต์ ตั้ง PRONGSAI_HOSTS หรือใส่ --site" if found else f"ไม่พบหน่วยงาน {agency}"
        print(wrong, file=sys.stderr)
        raise typer.Exit(2)
    try:
        exported = export_section(found, folder, address)
    except (ExportError, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    print(f"เขียน {len(exported.pages):,} หน้า {len(set(exported.files.values())):,} ไฟล์ ลงใน {folder}")


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
    log: Annotated[str | None, typer.Option(help="ที่อยู่หรือโฟลเดอร์ของสำเนาบันทึกสาธารณะ เช่น ของพยาน")] = None,
    key: Annotated[str, typer.Option(help="กุญแจสาธารณะของบันทึก หรือไฟล์กุญแจ ที่ได้มาจากทางอื่น")] = "",
) -> None:
    """ตรวจว่าไม่มีรายการใดถูกแก้ สลับ เติม นำออก หรือเขียนใหม่ และตรงกับรหัสที่ลงไว้ในบันทึกสาธารณะ;
    จบด้วย 0 เมื่อครบถ้วน 1 เมื่อไม่ 2 เมื่ออ่านไฟล์ไม่ได้"""
    set_up_django()
    from prongsai.people.trail import read_anchors, verify_audit_trail
    from prongsai.publiclog.queries import audit_anchors

    try:
        logged = [*audit_anchors(), *(_logged_elsewhere(log, key) if log else ())]
        check = verify_audit_trail(head, [*(read_anchors(anchors) if anchors else ()), *logged])
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    if check.problem:
        print(check.problem, file=sys.stderr)
        raise typer.Exit(1)
    for note in check.notes:
        print(note)
    print(
        f"ครบถ้วน {check.entries} รายการ ตรงกับรหัสที่จดไว้ {check.anchors} ครั้ง เป็นของบันทึกสาธารณะ {len(logged)} ครั้ง "
        f"รหัสท้ายสุด {check.head}"
    )


def _logged_elsewhere(location: str, key: str) -> "list[Anchor]":
    """The heads of the audit trail that a copy of the public log names; the copy is checked first. Stops where it is
    not whole, or not signed by the key."""
    from prongsai.cli.record_commands import examine_log, read_keys
    from prongsai.people.trail import Anchor

    trusted = read_keys([key] if key else [])
    report = examine_log(location, key=trusted[0] if trusted else "", others=[])
    if report.problems:
        print("\n".join(report.problems), file=sys.stderr)
        raise typer.Exit(1)
    return [Anchor(location, entries, digest) for entries, digest in report.audit_anchors]


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


COMMANDS = (
    serve,
    worker,
    metrics,
    check_links,
    migrate,
    make_user,
    recover_user,
    adopt_keys,
    doctor,
    demo,
    backup,
    export_site,
    export_section,
    restore,
)
