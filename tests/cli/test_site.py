"""The commands that run the platform: settings, demonstration, backup and restore while running, first user, the trail.

Commands that share an installation share a process, so that the platform is imported once for all of them.
"""

import io
import json
import re
import secrets
import subprocess
import sys

import pytest
from django.core.management import call_command
from typer.testing import CliRunner

from prongsai.cli.app import app
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


def run_all(folder, *commands):
    """Exit code, output and errors of commands that run in one process, one after the other."""
    arguments = json.dumps([[str(a) for a in c] for c in commands])
    done = run_python(folder, RUN_ALL, arguments)
    return json.loads(done.splitlines()[-1])


def run_python(folder, code, *arguments, **more):
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment(folder, **more), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


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
from prongsai.cli.archive import create_backup
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


def test_a_backup_taken_while_writing_is_restored_as_of_one_moment(demo, archive, tmp_path):
    folder, _ = demo
    path, users_before = archive
    fresh = tmp_path / "fresh"
    restored, verified, again = run_all(fresh, ("restore", path), ("audit-trail", "verify"), ("restore", path))
    assert restored[0] == 0, restored
    assert verified[0] == 0, verified
    entries, head = re.search(r"(\d+) รายการ รหัสท้ายสุด (\w+)", verified[1]).groups()
    live, backup = run_all(folder, ("audit-trail", "verify", "--head", head), ("backup", tmp_path / "idle.tar.gz"))
    assert live[0] == 0, live  # what was restored is the beginning of what went on
    assert backup[0] == 0, backup
    assert (tmp_path / "idle.tar.gz").stat().st_size > path.stat().st_size // 2
    entries_before = int(re.search(r"(\d+) รายการ", demo[1][1][1])[1])
    entries_live = int(re.search(r"(\d+) รายการ", live[1])[1])
    assert entries_before + users_before <= int(entries) <= entries_live
    parcels = sorted(p.name for p in (fresh / "files" / "parcels").rglob("*.parquet"))
    assert parcels
    assert parcels == sorted(p.name for p in (folder / "files" / "parcels").rglob("*.parquet"))
    assert (fresh / "secret_key").read_text() != (folder / "secret_key").read_text()
    assert again[0] == 2
    assert "มีข้อมูลอยู่แล้ว" in again[2]


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
