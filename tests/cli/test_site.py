"""The commands that run the platform: settings, demonstration, backup and restore while running, first user, the trail.

Commands that share an installation share a process, so that the platform is imported once for all of them.
"""

import hashlib
import io
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tarfile

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from typer.testing import CliRunner

from prongsai import framework as rules
from prongsai.cli.app import app
from prongsai.web.archive import ArchiveError, verify_backup
from tests import forked
from tests.cli.truths import PAPERS
from tests.installation import environment, free_port

RUN_ALL = """
import json, sys
from typer.testing import CliRunner
from prongsai.cli.app import app
results = []
for arguments in json.loads(sys.argv[1]):
    result = CliRunner().invoke(app, arguments)
    print(result.stderr, result.exception, file=sys.stderr)
    results.append([result.exit_code, result.stdout, result.stderr])
print(json.dumps(results))
"""


def run_all(folder, *commands, **more):
    """Exit code, output and errors of commands that run in one process, one after the other."""
    arguments = json.dumps([[str(a) for a in c] for c in commands])
    done = run_python(folder, RUN_ALL, arguments, **more)
    return json.loads(done.splitlines()[-1])


def run_python(folder, code, *arguments, **more):
    process = forked.start("tests.cli.run_code", code, *arguments, env=environment(folder, **more), pipes=True)
    process.stdin.close()
    with process.stdout:
        output = process.stdout.read()
    assert process.wait() == 0, "the error is above"
    return output


# --- settings


def test_a_production_setting_passes_the_deployment_check(tmp_path):
    """What is left is the empty database; what it must hold is in ``tests/web/test_deployment.py``."""
    more = {"PRONGSAI_HTTPS": "1", "PRONGSAI_HOSTS": "ita.example.go.th", "SECRET_KEY": secrets.token_urlsafe(60)}
    more |= {"EMAIL_URL": "smtp://mail.example.go.th:587/?tls=1"}
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env=environment(tmp_path, DJANGO_SETTINGS_MODULE="prongsai.settings", **more),
        capture_output=True,
        text=True,
    )
    assert set(re.findall(r"\((\w+\.[\w-]+)\)", done.stderr)) == {"prongsai.migrate"}
    assert done.returncode == 1


def test_migrations_are_complete(db):
    call_command("makemigrations", "--check", "--dry-run", stdout=io.StringIO())


def test_the_key_is_created_once_and_readable_by_its_owner_alone(tmp_path):
    keys = [run_python(tmp_path, "from prongsai.settings import SECRET_KEY; print(SECRET_KEY)") for _ in range(2)]
    assert keys[0] == keys[1]
    assert (tmp_path / "secret_key").read_text() == keys[0].strip()
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert len(keys[0].strip()) > 50


# --- demonstration, backup, restore

BACKUP_WHILE_WRITING = """
import json, multiprocessing, sys
from pathlib import Path
import django; django.setup()
from prongsai.web.archive import create_backup
from prongsai.people.actions import invite_user

fork = multiprocessing.get_context("fork")
written, stop = fork.Value("i", 0), fork.Event()

def write():
    while not stop.is_set():
        email = f"user{written.value}@example.test"
        invite_user(email=email, name="ทดสอบ", role="office", by=None, site="http://127.0.0.1")
        written.value += 1

def wait_for(number):
    while written.value < number and writer.is_alive():
        stop.wait(0.01)

writer = fork.Process(target=write)
writer.start()
wait_for(3)
before = written.value
create_backup(Path(sys.argv[1]))
wait_for(before + 1)  # it went on all the while
stop.set()
writer.join()
print(json.dumps([before, written.value, writer.exitcode]))
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A demonstration that was loaded and not served, then started again; what the audit trail said each time."""
    folder = tmp_path_factory.mktemp("demo")
    start = ("demo", "--load-only", "--port", free_port())
    verify = ("audit-trail", "verify")
    return folder, run_all(folder, start, verify, start, verify)


@pytest.fixture(scope="module")
def archive(demo, tmp_path_factory):
    """A backup of the demonstration, taken while users are written."""
    folder, _ = demo
    path = tmp_path_factory.mktemp("backup") / "demo.tar.gz"
    settings = {"DJANGO_SETTINGS_MODULE": "prongsai.settings", "EMAIL_URL": "", "LOG_LEVEL": "CRITICAL"}
    output = run_python(folder, BACKUP_WHILE_WRITING, str(path), **settings)
    before, after, exit_code = json.loads(output.splitlines()[-1])
    assert exit_code == 0
    assert 3 <= before < after
    return path, before


def test_the_demonstration_has_a_complete_trail(demo):
    _, (started, verified, *_) = demo
    assert started[0] == 0, started
    assert verified[0] == 0, verified
    assert "ครบถ้วน" in verified[1]


def test_a_second_start_leaves_the_data_as_they_are(demo):
    _, (_, verified, started_again, verified_again) = demo
    assert started_again[0] == 0, started_again
    assert verified_again == verified


FACTS = """
import json
import django; django.setup()
from prongsai.disclosure import queries as filings
from prongsai.disclosure.models import Filing, Link
from prongsai.improvement.models import Plan
from prongsai.lib import fiscal
from prongsai.people.models import AuditEntry, User
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import agencies_of, open_phases, today
from prongsai.results.models import PublishedResult
from prongsai.survey.models import Channel
from prongsai.survey.queries import find_closed_reason
from prongsai.web.demo_accounts import ACCOUNTS, MAIN
from prongsai.web.officer_facts import load_year

rounds = {r.fiscal_year: r for r in Round.objects.all()}
newest = max(rounds)
main = Agency.objects.get(code=MAIN)
last = Filing.objects.get(agency=main, round__fiscal_year=newest - 1)
result = PublishedResult.objects.get(agency=main, fiscal_year=newest - 1).result
marks = filings.counting_marks(last)
users = [(a, User.objects.get(email=a.email)) for a in ACCOUNTS]
accounts = {
    a.email: [load_year(agency, user).next is not None for agency in agencies_of(user)]
    for a, user in users if a.agencies
}
channels = Channel.objects.filter(agency=main, round__fiscal_year=newest, is_open=True)
print(json.dumps({
    "year": fiscal.year_of(today()),
    "rounds": {year: r.status for year, r in rounds.items()},
    "open": [p.key for p in open_phases(rounds[newest])],
    "forms": {c.instrument: find_closed_reason(c) is None for c in channels},
    "marks": {item: mark.points for item, mark in marks.items()},
    "shown": {item: int(float(result.shown[item])) for item in marks},
    "plans": list(Plan.objects.filter(agency=main).order_by("fiscal_year").values_list("fiscal_year", "status")),
    "accounts": accounts,
    "hosts": sorted({link.url.split("/")[2] for link in Link.objects.all()}),
    "unsaid": list(Agency.objects.filter(fictional=True).exclude(name_th__contains="สมมุติ").values_list("code", flat=True)),
    "mixed": PublishedResult.objects.filter(agency__fictional=False, result__result_set__origin="run").count(),
    "future": AuditEntry.objects.filter(at__gt=django.utils.timezone.now()).count(),
    "backward": sum(a > b for a, b in zip(times, times[1:])) if (times := list(
        AuditEntry.objects.order_by("pk").values_list("at", flat=True))) else -1,
}))
"""


@pytest.fixture(scope="module")
def facts(demo):
    """What stands in the demonstration."""
    folder, _ = demo
    settings = {"DJANGO_SETTINGS_MODULE": "prongsai.settings", "PRONGSAI_DEMO": "1"}
    return json.loads(run_python(folder, FACTS, **settings).splitlines()[-1])


def test_the_demonstration_stands_in_the_year_of_today(facts):
    year = max(map(int, facts["rounds"]))
    assert year == min(facts["year"], max(y for name, y in rules.available() if name == rules.NATIONAL))
    assert {int(y): status for y, status in facts["rounds"].items()} == {
        year: "running",
        year - 1: "closed",
        year - 2: "closed",
    }
    assert {"survey", "disclosure", "marking", "clarification"} <= set(facts["open"])
    assert facts["forms"] == {"IIT": True, "EIT1": True}
    assert facts["plans"] == [[year - 1, "approved"], [year, "approved"]]


def test_every_account_of_an_agency_has_a_next_task(facts):
    assert len(facts["accounts"]) == 4
    for email, agencies in facts["accounts"].items():
        assert agencies, email
        assert all(agencies) or (email.startswith("executive") and any(agencies)), email


def test_the_demonstration_tells_one_truth_about_a_year(facts):
    """The marks that the assessor gave are those that the published result was computed from; what happened has its
    days in order."""
    assert facts["marks"]
    assert facts["marks"] == facts["shown"]
    assert (facts["future"], facts["backward"]) == (0, 0)


def test_links_of_the_demonstration_say_no_port_and_fiction_says_that_it_is(facts):
    assert facts["hosts"]
    assert all(host.endswith("srisommut.example") for host in facts["hosts"])  # wherever the demonstration runs
    assert facts["unsaid"] == []
    assert facts["mixed"] == 0


@pytest.fixture(scope="module")
def truths(demo):
    """What every place of the demonstration says of each agency's years."""
    settings = {"DJANGO_SETTINGS_MODULE": "prongsai.settings", "PRONGSAI_DEMO": "1", "PRONGSAI_PAGES_MB": "0"}
    return json.loads(run_python(demo[0], "from tests.cli import truths; truths.main()", **settings).splitlines()[-1])


PLACES = {"published", "public page", "picture", "receipt", "desk", "API of the agency", "open data"}
OF_TOTALS = {f"paper {kind}" for kind in PAPERS}
OF_LAST_YEAR = {"frame", "result on the desk"} | OF_TOTALS


def test_every_agency_of_the_demonstration_has_one_result_of_a_year_wherever_it_is_shown(truths):
    by_year = {}
    for agency, year, place, total, level in truths["statements"]:
        by_year.setdefault((agency, year), {}).setdefault(place, set()).add((total, level))
    assert len(by_year) > 40
    last = dict(sorted(by_year))  # of each agency
    for (agency, year), places in by_year.items():
        key = agency, year
        expected = PLACES | OF_LAST_YEAR if last[agency] == year else PLACES
        is_total_known = any(total for total, _ in places["published"])
        assert places.keys() == (expected if is_total_known else expected - OF_TOTALS), key
        assert len(set.union(*places.values())) == 1, (key, places)
    assert truths["others"] == []  # nor does a page name another total of its agency


def test_posters_of_the_demonstration_have_the_year_and_the_last_day_of_their_round(truths):
    assert truths["posters"]
    for agency, year, of_round, closes, last in truths["posters"]:
        assert (year, last in closes) == (str(of_round), True), agency


RENDER = """
import json, sqlite3
from itertools import islice
import django; django.setup()
from django.conf import settings
from prongsai.web import render_ahead
agencies = list(islice(render_ahead.list_agencies(), 4))
render_ahead.list_agencies, render_ahead.count_cores = lambda: agencies, lambda: 2
render_ahead.render_ahead.call()
with sqlite3.connect(settings.DATA / "pages" / "pages.sqlite3") as pages:
    stored = [a for (a,) in pages.execute("SELECT address FROM page WHERE address LIKE 'http%'")]
print(json.dumps([settings.SITE, agencies, stored, render_ahead.is_behind()]))
"""


def test_processes_of_their_own_render_pages_ahead(demo):
    folder, _ = demo
    more = {"PRONGSAI_HOSTS": "ita.example.go.th", "PRONGSAI_PAGES_MB": "16"}
    more["DJANGO_SETTINGS_MODULE"] = "prongsai.settings"
    site, agencies, stored, is_behind = json.loads(run_python(folder, RENDER, **more).splitlines()[-1])
    assert len(agencies) == 4
    assert {site + language + a for years in agencies for a in years for language in ("", "/en")} == set(stored)
    assert not is_behind


def other_database(folder):
    """The settings of an installation on the other kind of database, where the tests run on PostgreSQL."""
    return {"DATABASE_URL": ""} if os.environ.get("TEST_DATABASE_URL") else {}


def tables_of(path):
    """The bytes of every table in a backup, by its size and SHA-256."""
    manifest = verify_backup(path)
    assert manifest.tables["people_user"].rows > 3
    return {name: part for name, part in manifest.parts.items() if name.startswith("tables/")}


def rows_of(path, table):
    """The rows of a table in a backup, by column, in their order."""
    columns = verify_backup(path).tables[table].columns
    with tarfile.open(path) as backup:
        lines = backup.extractfile(f"tables/{table}").read().splitlines()
    return [dict(zip(columns, json.loads(line), strict=True)) for line in lines]


def test_a_backup_taken_while_writing_is_restored_as_of_one_moment(demo, archive, tmp_path):
    """On PostgreSQL: from there to SQLite, and from SQLite back again."""
    folder, _ = demo
    path, users_before = archive
    fresh, second = tmp_path / "fresh", tmp_path / "second.tar.gz"
    commands = (("restore", path), ("audit-trail", "verify"), ("restore", path), ("backup", second))
    restored, verified, again, backed_up = run_all(fresh, *commands, **other_database(fresh))
    assert restored[0] == 0, restored
    assert verified[0] == 0, verified
    assert backed_up[0] == 0, backed_up
    assert tables_of(second) == tables_of(path)
    entries, head = re.search(r"ครบถ้วน (\d+) รายการ.* รหัสท้ายสุด (\w+)", verified[1]).groups()
    live, back = run_all(folder, ("audit-trail", "verify", "--head", head), ("backup", second, "--verify"))
    assert live[0] == 0, live  # what was restored is the beginning of what went on
    assert back[0] == 0, back
    entries_before = int(re.search(r"(\d+) รายการ", demo[1][1][1])[1])
    entries_live = int(re.search(r"(\d+) รายการ", live[1])[1])
    assert entries_before + users_before <= int(entries) <= entries_live
    assert stored_files(fresh) == stored_files(folder)
    assert any(name.endswith(".parquet") for name in stored_files(fresh))
    assert (fresh / "secret_key").read_text() != (folder / "secret_key").read_text()
    assert again[0] == 2
    assert "มีข้อมูลอยู่แล้ว" in again[2]
    home, third = tmp_path / "home", tmp_path / "third.tar.gz"
    for done in run_all(home, ("restore", second), ("audit-trail", "verify", "--head", head), ("backup", third)):
        assert done[0] == 0, done
    assert tables_of(third) == tables_of(path)


def stored_files(folder):
    root = folder / "files"
    return {
        str(p.relative_to(root)): p.read_bytes()
        for p in root.rglob("*")
        if p.is_file() and p.relative_to(root).parts[0] != "downloads"
    }


# --- a damaged backup is refused before anything is touched

FLIP, CUT = "flip", "cut"


def rewrite(path, target, change):
    """A backup whose parts went through ``change(name, content)``, which gives the new content or none."""
    with tarfile.open(path) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            content = change(member.name, old.extractfile(member).read())
            if content is not None:
                info = tarfile.TarInfo(member.name)
                info.size = len(content)
                new.addfile(info, io.BytesIO(content))
    return target


def with_manifest(change):
    """A change of a part for which the manifest is made to fit: an attacker's, or a program's mistake."""

    def apply(path, target):
        manifest = json.loads(verify_backup(path).model_dump_json())

        def fit(name, content):
            if name == "manifest.json":
                return json.dumps(manifest).encode()
            changed = change(name, content)
            manifest["parts"][name] = {"size": len(changed), "sha256": hashlib.sha256(changed).hexdigest()}
            if name.startswith("tables/"):
                manifest["tables"][name.removeprefix("tables/")]["rows"] = changed.count(b"\n")
            return changed

        return rewrite(path, target, fit)

    return apply


def without(part):
    return lambda path, target: rewrite(path, target, lambda name, content: None if name == part else content)


def shorter(part):
    """The last row of a table is gone, and the manifest says nothing of it."""

    def cut(name, content):
        return content[: content[:-1].rfind(b"\n") + 1] if name == part else content

    return lambda path, target: rewrite(path, target, cut)


def nameless_users(name, content):
    """Rows that no database takes: the manifest fits, and a column that must have a value has none."""
    if name != "tables/people_user":
        return content
    rows = [json.loads(line) for line in content.splitlines()]
    return b"".join(json.dumps([*row[:1], *[None] * (len(row) - 1)]).encode() + b"\n" for row in rows)


def rows_that_are_none(name, content):
    return b"[1, 2]\n" if name == "tables/people_user" else content


def without_agencies(name, content):
    """Rows that others refer to are gone, and the manifest fits."""
    return b"" if name == "tables/registry_agency" else content


@pytest.mark.parametrize("part", [1, 2, 3, 50, 90, 99])
@pytest.mark.parametrize("damage", [FLIP, CUT])
def test_damage_anywhere_is_found(archive, tmp_path, part, damage):
    content = bytearray(archive[0].read_bytes())
    at = len(content) * part // 100
    if damage == FLIP:
        content[at] ^= 0x10
    else:
        del content[at:]
    file = tmp_path / "damaged.tar.gz"
    file.write_bytes(content)
    with pytest.raises(ArchiveError, match="damaged"):
        verify_backup(file)


def with_more(name, *, is_listed):
    """A part that no backup of this place has; listed in the manifest, as an attacker would, or not."""
    part = {"size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}

    def apply(path, target):
        with tarfile.open(path) as old, tarfile.open(target, "w:gz") as new:
            for member in old:
                content = old.extractfile(member).read()
                if member.name == "manifest.json":
                    info = tarfile.TarInfo(name)
                    info.size = 1
                    new.addfile(info, io.BytesIO(b"x"))
                    manifest = json.loads(content)
                    if is_listed:
                        manifest["parts"][name] = part
                    content = json.dumps(manifest).encode()
                info = tarfile.TarInfo(member.name)
                info.size = len(content)
                new.addfile(info, io.BytesIO(content))
        return target

    return apply


DAMAGES = (
    (with_more("files/planted.html", is_listed=False), "เกินมา files/planted.html"),
    (with_more("tables/people_user", is_listed=True), "มีรายการที่ไม่ควรมี: tables/people_user"),
    (with_more("files/../../planted.html", is_listed=True), "ไม่ใช่แฟ้มในที่ของมัน"),
    (without("manifest.json"), "เขียนไม่จบ"),
    (without("tables/people_user"), "ขาด tables/people_user"),
    (shorter("tables/people_user"), "เนื้อหาเปลี่ยนไป tables/people_user"),
    (with_manifest(nameless_users), "ระบบยังเป็นเหมือนเดิม"),
    (with_manifest(rows_that_are_none), "ข้อมูลในตารางไม่ถูกรูปแบบ"),
    (with_manifest(without_agencies), "ระบบยังเป็นเหมือนเดิม"),
)


def test_a_damaged_backup_leaves_the_place_as_it_was(archive, tmp_path):
    """Each is refused for what it is, in the place that the one before left behind; a good one then goes into it."""
    damaged = [damage(archive[0], tmp_path / f"{number}.tar.gz") for number, (damage, _) in enumerate(DAMAGES)]
    *refused, restored = run_all(tmp_path / "fresh", *(("restore", path) for path in (*damaged, archive[0])))
    for done, (_, sentence) in zip(refused, DAMAGES, strict=True):
        assert done[0] == 2, done
        assert sentence in done[2]
    assert restored[0] == 0, restored


def of_an_earlier_version(path, target):
    """The backup as it would have been taken before documents had jobs: fewer migrations, tables and columns, and no
    memo about anything but a result."""
    manifest = json.loads(verify_backup(path).model_dump_json())
    nodes = [tuple(n) for n in manifest["migrations"] if n[0] != "documents" or n[1] < "0004"]
    state = MigrationLoader(None).project_state(nodes)
    models = {m._meta.db_table: m for m in state.apps.get_models(include_auto_created=True)}
    before = {name: [f.attname for f in model._meta.concrete_fields] for name, model in models.items()}
    manifest["migrations"] = nodes
    tables = manifest["tables"]
    assert tables.keys() - before.keys() == {"documents_paperjob", "documents_passageedit", "documents_handsignature"}

    memos = {row["id"] for row in rows_of(path, "documents_memo") if row["result_id"] is None}
    assert memos

    def is_later(table, row):
        return (row["id"] if table == "documents_memo" else row.get("memo_id")) in memos

    def narrow(name, content):
        table = name.removeprefix("tables/")
        if name == "manifest.json":
            return json.dumps(manifest).encode()
        if table in tables and table not in before:
            del tables[table], manifest["parts"][name]
            return None
        if table in tables and table.startswith("documents_"):
            columns = tables[table]["columns"]
            rows = [dict(zip(columns, json.loads(line), strict=True)) for line in content.splitlines()]
            rows = [row for row in rows if not is_later(table, row)]
            content = b"".join(json.dumps([row[c] for c in before[table]]).encode() + b"\n" for row in rows)
            tables[table] |= {"columns": before[table], "rows": len(rows)}
            manifest["parts"][name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        return content

    return rewrite(path, target, narrow)


def test_a_backup_of_an_earlier_version_is_brought_up_to_this_one(archive, tmp_path):
    path = of_an_earlier_version(archive[0], tmp_path / "earlier.tar.gz")
    assert len(verify_backup(path).migrations) < len(verify_backup(archive[0]).migrations)
    second = tmp_path / "second.tar.gz"
    for done in run_all(tmp_path / "fresh", ("restore", path), ("audit-trail", "verify"), ("backup", second)):
        assert done[0] == 0, done
    assert verify_backup(second).tables.keys() == verify_backup(archive[0]).tables.keys()
    unchanged = {name: part for name, part in tables_of(second).items() if "documents_" not in name}
    assert unchanged.items() <= tables_of(archive[0]).items()
    results = [row["result_id"] for row in rows_of(archive[0], "documents_memo") if row["result_id"] is not None]
    assert [row["result_id"] for row in rows_of(second, "documents_memo")] == results


def test_a_backup_of_a_later_version_is_refused(archive, tmp_path):
    def later(name, content):
        return content.replace(b'["people","0001_initial"]', b'["people","9999_later"]', 1)

    path = rewrite(archive[0], tmp_path / "later.tar.gz", later)
    (refused,) = run_all(tmp_path / "fresh", ("restore", path))
    assert refused[0] == 2
    assert "ใหม่กว่าโปรแกรมนี้" in refused[2]


def test_files_that_cannot_be_put_in_place_leave_nothing_behind(archive, tmp_path):
    code = """
import sys
from pathlib import Path
import django; django.setup()
from prongsai.web import archive
from django.conf import settings
place = archive._StagedFiles.place
def fail(staged):
    place(staged)
    raise OSError(28, "No space left on device")
archive._StagedFiles.place = fail
try:
    archive.restore_backup(Path(sys.argv[1]))
except archive.ArchiveError as error:
    print(error)
from django.db import connection
print(connection.introspection.table_names(), list(Path(settings.MEDIA_ROOT).iterdir()))
"""
    settings = {"DJANGO_SETTINGS_MODULE": "prongsai.settings", "LOG_LEVEL": "CRITICAL"}
    output = run_python(tmp_path / "fresh", code, str(archive[0]), **settings)
    assert "No space left on device" in output
    assert output.splitlines()[-1] == "[] []"


@pytest.mark.parametrize("content", [b"", b"not an archive", None])
def test_a_file_that_is_no_backup_is_refused(db, tmp_path, monkeypatch, content):
    from prongsai.cli import platform_commands

    monkeypatch.setattr(platform_commands, "migrate", lambda: None)  # the tests' database is ready
    file = tmp_path / "x.tar.gz"
    if content is not None:
        file.write_bytes(content)
    done = CliRunner().invoke(app, ["restore", str(file)])
    assert done.exit_code == 2
    assert isinstance(done.exception, SystemExit)
    assert str(file) in done.stderr


def test_the_first_user_gets_a_link(db):
    run = CliRunner().invoke
    done = run(app, ["make-user", "first@example.test", "คนแรก", "--site", "https://ita.example.go.th"])
    assert re.search(r"https://ita\.example\.go\.th/account/password/reset/key/\S+", done.stdout)
    assert run(app, ["make-user", "FIRST@example.test", "ซ้ำ"]).exit_code == 2


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_taken_port_is_said(monkeypatch, command):
    """And before the demonstration is prepared, which takes a while."""
    monkeypatch.setattr("prongsai.cli.platform_commands.prepare_demo", lambda site, **options: pytest.fail("prepared"))
    for name in ("PRONGSAI_DATA", "PRONGSAI_DEMO", "LOG_LEVEL"):  # which the command sets are taken back
        monkeypatch.setenv(name, os.environ.get(name, ""))
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as the server itself does
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = CliRunner().invoke(app, [command, "--port", str(port)])
    assert refused.exit_code == 2
    assert f"127.0.0.1:{port}" in refused.stderr
