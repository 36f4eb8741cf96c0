"""Two web servers and two workers with separate disks are one installation: answered here and mixed there, uploaded
here and read there, made there and downloaded here."""

import hashlib
import os
import subprocess
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.conftest import SAMPLES
from tests.machines.bucket import open_bucket
from tests.machines.drive import CODE, PASSWORD
from tests.machines.machine import Machine

pytestmark = pytest.mark.skipif(
    not os.environ.get("TEST_DATABASE_URL"), reason="machines share PostgreSQL: python -m tests.postgres pytest …"
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """The settings that all machines have in common: database, bucket, key folder."""
    server = os.environ["TEST_DATABASE_URL"]
    name = f"machines_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as own, open_bucket() as (place, _):
        own.execute(f"CREATE DATABASE {name}")
        yield {
            "DATABASE_URL": urlunsplit(urlsplit(server)._replace(path=f"/{name}")),
            "PRONGSAI_FILES": place.format(folder="installation"),
            "PRONGSAI_KEYS": str(tmp_path_factory.mktemp("keys")),
        }
        own.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def machines(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("machines")
    a, b = Machine(folder / "a", shared), Machine(folder / "b", shared)
    try:
        yield a, b
    finally:
        a.close()
        b.close()


@pytest.fixture(scope="module")
def site(machines):
    """Both machines are started at the same moment, on an empty database: tables are made once."""
    a, b = machines
    started = [
        subprocess.Popen(m.command("migrate"), env=m.environment, stderr=subprocess.PIPE, text=True) for m in machines
    ]
    ended = [(p.communicate()[1], p.returncode) for p in started]
    assert [code for _, code in ended] == [0, 0], ended
    made = a.run("set_up")
    a.serve()
    b.serve()
    b.start("worker")
    return made


def test_answered_on_one_machine_mixed_on_the_other(machines, site):
    a, b = machines
    for number in range(25):
        fields = site["answers"] | {"receipt": f"{number:016}"}
        status, page = a.post(f"/s/{site['link']}/", fields)
        assert (status, b'class="receipt">' in page) == (200, True)
    state = b.wait_until(lambda: (s := b.run("survey_state"))["mixed"] and s)  # its worker has another disk
    assert state["known"] == state["waiting"] + state["mixed"] == 25
    assert state["waiting"] >= 10


def test_uploaded_here_read_there_and_a_paper_made_there_downloaded_here(machines, site):
    a, b = machines
    sample = SAMPLES / "bangpla-2568.txt"
    status, page = a.post(
        f"/desk/agency/{CODE}/import/", {"fiscal_year": ""}, site["session"], (sample.name, sample.read_bytes())
    )
    assert status == 302, page[:500]
    read = a.wait_until(lambda: (i := a.run("last_import"))["status"] != "reading" and i)
    assert read["status"] == "ready", read
    assert read["figures"] > 10
    year = b.run("publish_import")
    status, page = a.post(f"/desk/agency/{CODE}/papers/{year}/summary/issue/", {}, site["session"])
    assert status in (200, 302), page[:500]
    paper = a.wait_until(lambda: a.run("paper", "summary"))
    status, pdf = a.get(f"/desk/agency/{CODE}/paper/{paper['pk']}.pdf", site["session"])
    assert status == 200
    assert hashlib.sha256(pdf).hexdigest() == paper["sha256"]
    # not a byte of it lies on either disk
    kept = [name for m in machines for name in m.run("stored_here") if not name.startswith("downloads/")]
    assert kept == []
    assert {name.split("/")[0] for name in a.run("stored_everywhere")} >= {"imports", "papers"}


def test_sealed_here_computed_there(machines, site):
    """What was mixed and what was sealed to a key that the other machine made."""
    a, b = machines
    before = a.run("survey_state")["known"]
    b.run("begin_sealing")
    for number in range(100, 105):
        assert a.post(f"/s/{site['link']}/", site["answers"] | {"receipt": f"{number:016}"})[0] == 200
    sealed = a.run("seal_and_compute")
    assert sealed["responses"] == before + 5
    files = sealed["files"]
    assert files
    computed = b.wait_until(lambda: (c := b.run("computed"))["files"] and c)
    assert set(files) <= set(computed["files"])
    assert any(name.startswith("parcels/") for name in b.run("stored_here"))  # fetched to be read


def test_wrong_passwords_here_are_counted_there(machines, site):
    a, b = machines
    form = {"login": "officer@example.test", "password": "wrong"}
    for _ in range(5):
        assert a.post("/account/login/", form)[0] == 200
    status, _ = b.post("/account/login/", form | {"password": PASSWORD})
    assert status != 302  # the right one has to wait too, whatever machine it is sent to


def test_a_machine_without_the_key_folder_does_nothing(machines, site, shared, tmp_path):
    """Its folder was not mounted: it would encrypt answers that no other machine can mix."""
    (tmp_path / "unmounted").mkdir()
    stranger = Machine(tmp_path / "c", {**shared, "PRONGSAI_KEYS": str(tmp_path / "unmounted")})
    for command in ("migrate", "worker", ("serve", "--port", "8")):
        code, said = stranger.call(*([command] if isinstance(command, str) else command))
        assert (code, "PRONGSAI_KEYS" in said) == (2, True), (command, said)
    code, said = stranger.call("doctor")
    assert (code, "โฟลเดอร์กุญแจ" in said) == (1, True), said
    assert not list((tmp_path / "unmounted").glob("*.key"))


def test_a_machine_with_another_secret_key_does_nothing(machines, site, shared, tmp_path):
    stranger = Machine(tmp_path / "d", {**shared, "SECRET_KEY": "of its own " * 6})
    code, said = stranger.call("migrate")
    assert (code, "SECRET_KEY" in said) == (2, True), said
