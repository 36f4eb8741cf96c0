"""The log as its owner, its readers and its attackers meet it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from rfc3161_client import TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response

from prongsai.jobs.leases import NO_LEASE
from prongsai.lib import merkle, tlog
from prongsai.lib.signed_note import Checkpoint, NoteError, Signer, VerifierKey, is_signed_by, parse_note
from prongsai.people.trail import Anchor
from prongsai.publiclog import actions, keys, monitor, queries
from prongsai.publiclog.models import Cosignature, LogEntry, SignedCheckpoint
from tests.publiclog.timestamping import Authority

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"


def append(number: int) -> list[LogEntry]:
    start = LogEntry.objects.count()
    return [
        actions.append_entry(kind="rules", data={"assessment": "ita", "fiscal_year": 2500, "rules": f"{start + k}"})
        for k in range(number)
    ]


def sign() -> SignedCheckpoint:
    signed = actions.sign_checkpoint()
    assert signed is not None
    return signed


def write_site(client, folder: Path) -> Path:
    """The log as a web server's folder: what the site serves, file by file."""
    note = client.get("/log/checkpoint").content
    size = Checkpoint.parse(parse_note(note.decode()).text).size
    files = ["checkpoint"]
    files += [tlog.tile_path("entries", index, width) for index, width in tlog.list_bundles(size)]
    files += [tlog.tile_path(*tile) for tile in tlog.list_tiles(size)]
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        response = client.get(f"/log/{name}")
        assert response.status_code == 200, name
        (folder / name).write_bytes(response.content)
    return folder


# --- appending and signing


def test_entries_are_numbered_without_gaps_and_cannot_be_changed() -> None:
    entries = append(3)
    assert [entry.index for entry in entries] == [0, 1, 2]
    for table in ("publiclog_logentry", "publiclog_signedcheckpoint"):
        sign()
        for statement in (f"UPDATE {table} SET kind = 'x'", f"DELETE FROM {table}"):
            with pytest.raises(Exception, match=r"append-only|no such column|does not exist"), transaction.atomic():
                connection.cursor().execute(statement)
    assert LogEntry.objects.count() == 3


def test_entry_that_does_not_fit_a_bundle_is_refused() -> None:
    with pytest.raises(ValueError, match="letters"):
        actions.append_entry(kind="rules", data={"text": "ก" * 30_000})
    assert not LogEntry.objects.exists()


def test_act_that_is_rolled_back_leaves_no_entry() -> None:
    append(1)
    with pytest.raises(RuntimeError), transaction.atomic():
        append(1)
        raise RuntimeError
    assert [entry.index for entry in append(1)] == [1]


def test_checkpoint_is_signed_once_for_each_state() -> None:
    assert actions.sign_checkpoint() is None
    append(2)
    first = sign()
    assert sign() == first
    append(1)
    second = sign()
    assert (first.size, second.size) == (2, 3)
    note = parse_note(second.note)
    key = queries.public_key()
    assert key is not None
    assert is_signed_by(note, key)
    assert Checkpoint.parse(note.text).root == merkle.compute_root(queries.leaf_hashes(3))


def test_job_signs_after_an_act(settings) -> None:
    append(1)
    actions.sign_log.function(NO_LEASE)
    newest = queries.latest_checkpoint()
    assert newest is not None
    assert newest.size == 1


def test_key_has_the_origin_of_the_settings_and_is_private(settings) -> None:
    settings.LOG_ORIGIN = "ita.example/log"
    append(1)
    sign()
    assert parse_note(sign().note).text.startswith("ita.example/log\n1\n")
    path = settings.DATA / "keys" / "public-log.json"
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("kept", [0, 1])
def test_older_database_under_the_same_key_signs_no_second_history(kept) -> None:
    """A backup from before an act: the entries differ or are fewer, and the key has signed more."""
    append(2)
    sign()
    keys.note_signed_state(3 - kept, "ab" * 32)
    append(1)
    with pytest.raises(actions.ForkError):
        sign()
    assert SignedCheckpoint.objects.count() == 1


def test_head_of_the_audit_trail_is_appended() -> None:
    actions.log_audit_head(Anchor("2026-11-27T00:00:00+00:00", 7, "ab" * 32))
    entry = json.loads(LogEntry.objects.get().content)
    assert (entry["kind"], entry["entries"], entry["head"]) == ("audit_head", 7, "ab" * 32)


# --- serving


def test_site_serves_what_the_specification_names(client, tmp_path) -> None:
    for path in ("checkpoint", "key", "tile/0/000.p/1", "tile/entries/000.p/1"):
        assert client.get(f"/log/{path}").status_code == 404
    append(258)
    sign()
    folder = write_site(client, tmp_path / "site")
    assert (folder / "tile/0/000").stat().st_size == 256 * 32
    key = client.get("/log/key").content.decode()
    report = monitor.examine(monitor.read_log(str(folder)), key=key)
    assert (report.size, report.problems, report.kinds) == (258, (), {"rules": 258})
    assert client.get("/log/checkpoint")["Access-Control-Allow-Origin"] == "*"
    assert "immutable" in client.get("/log/tile/0/000")["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    ["0/000", "0/000.p/3", "0/000.p/0", "0/000.p/02", "0/000.p/x", "0/00.p/1", "x/000.p/1", "-1/000.p/1", "1/000.p/1"],
)
def test_site_serves_nothing_else(client, path) -> None:
    append(2)
    sign()
    assert client.get("/log/tile/0/000.p/2").status_code == 200
    assert client.get(f"/log/tile/{path}").status_code == 404


def test_unsigned_entries_are_not_served(client) -> None:
    append(1)
    sign()
    append(1)
    assert client.get("/log/tile/entries/000.p/2").status_code == 404
    assert client.get("/log/tile/entries/000.p/1").status_code == 200
    assert queries.prove_entry(1) is None


def test_page_tells_what_happened(client) -> None:
    assert "ยังไม่มีรายการ" in client.get("/log/").content.decode()
    append(60)
    sign()
    page = client.get("/log/").content.decode()
    assert str(queries.public_key()).replace("+", "+") in page.replace("&#x2B;", "+")
    assert "ประกาศหรือถอนหลักเกณฑ์" in page
    assert client.get("/log/?page=2").status_code == 200


# --- monitoring


def read(folder: Path) -> monitor.LogFiles:
    return monitor.read_log(str(folder))


def test_changed_cut_or_forked_log_is_noticed(client, tmp_path) -> None:
    append(3)
    sign()
    before = read(write_site(client, tmp_path / "before"))
    append(2)
    sign()
    after = read(write_site(client, tmp_path / "after"))
    key = str(queries.public_key())
    assert monitor.examine(after, key=key, others=[before.note]).problems == ()

    changed = monitor.LogFiles(note=after.note, bundles=(after.bundles[0].replace(b"2500", b"2501"),))
    assert "ไม่ตรงกับจุดยืนยัน" in monitor.examine(changed, key=key).problems[0]
    cut = monitor.LogFiles(note=after.note, bundles=before.bundles)
    assert "ไม่ตรงกับจุดยืนยัน" in monitor.examine(cut, key=key).problems[0]
    assert "สั้นลง" in monitor.examine(before, key=key, others=[after.note]).problems[0]

    signer = keys.read_signer()
    assert signer is not None
    entries = [*tlog.unpack_entries(after.bundles[0])[:1], *(b'{"kind":"forged"}' for _ in range(5))]
    root = merkle.compute_root([merkle.hash_leaf(entry) for entry in entries])
    fork = monitor.LogFiles(
        note=signer.sign(str(Checkpoint(signer.name, 6, root))), bundles=(tlog.pack_entries(entries),)
    )
    assert monitor.examine(fork, key=key).problems == ()  # alone it looks whole: that is why others are compared
    assert "ประวัติสองฉบับ" in monitor.examine(fork, key=key, others=[before.note]).problems[0]

    stranger = Signer(signer.name, Ed25519PrivateKey.generate())
    other = stranger.sign(parse_note(before.note).text)
    assert "กุญแจ" in monitor.examine(after, key=str(stranger.key)).problems[0]
    assert "นำมาเทียบ" in monitor.examine(after, key=key, others=[other]).problems[0]
    elsewhere = Signer("other.example", signer.secret)
    note = elsewhere.sign(str(Checkpoint("other.example", 1, bytes(32))))
    assert "คนละเล่ม" in monitor.examine(after, others=[note]).problems[0]


def test_log_that_cannot_be_read_is_one_sentence(tmp_path) -> None:
    with pytest.raises(monitor.LogUnreadableError, match="checkpoint"):
        read(tmp_path)
    (tmp_path / "checkpoint").write_text("nothing")
    with pytest.raises(monitor.LogUnreadableError):
        read(tmp_path)
    signer = Signer("log.example", Ed25519PrivateKey.generate())
    (tmp_path / "checkpoint").write_text(signer.sign(str(Checkpoint("log.example", 10**9, bytes(32)))))
    with pytest.raises(monitor.LogUnreadableError, match="มากผิดปกติ"):
        read(tmp_path)
    (tmp_path / "checkpoint").write_bytes(bytes(200_000))
    with pytest.raises(monitor.LogUnreadableError, match="ใหญ่ผิดปกติ"):
        read(tmp_path)


# --- witnesses


class FakeWitness(HTTPServer):
    """A witness by the protocol of C2SP tlog-witness, on loopback."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _WitnessHandler)
        self.signer = Signer("witness.example", Ed25519PrivateKey.generate())
        self.seen: Checkpoint | None = None
        self.log_key: VerifierKey | None = None
        self.statuses: list[int] = []
        self.wrong_signature = False
        self.authority = Authority()
        self.wrong_stamp = False

    @property
    def setting(self) -> tuple[str, str]:
        return str(self.signer.cosigner_key), f"http://127.0.0.1:{self.server_port}/w"

    def answer(self, body: str) -> tuple[int, str]:
        head, _, checkpoint = body.partition("\n\n")
        old, *proof = head.split("\n")
        note = parse_note(checkpoint)
        state = Checkpoint.parse(note.text)
        if self.log_key is None or not is_signed_by(note, self.log_key):
            return 403, ""
        size, root = (self.seen.size, self.seen.root) if self.seen else (0, merkle.EMPTY_ROOT)
        if old != f"old {size}":
            return 409, f"{size}\n"
        path = tlog.decode_hashes(proof)
        if not merkle.verify_consistency(old_size=size, old_root=root, size=state.size, root=state.root, path=path):
            return 422, ""
        self.seen = state
        return 200, self.signer.cosign("another text\n" if self.wrong_signature else note.text, 1_800_000_000)


class _WitnessHandler(BaseHTTPRequestHandler):
    server: FakeWitness

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Type"] == "application/timestamp-query":
            asked = TimestampRequestBuilder().data(b"another").build().as_bytes() if self.server.wrong_stamp else sent
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" if self.path == "/broken" else self.server.authority.answer(asked))
            return
        status, text = self.server.answer(sent.decode()) if self.path == "/w/add-checkpoint" else (404, "")
        self.server.statuses.append(status)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def witness(settings):
    server = FakeWitness()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.LOG_WITNESSES = (server.setting,)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_witness_cosigns_each_state_and_the_site_shows_it(witness, client) -> None:
    append(2)
    sign()
    witness.log_key = queries.public_key()
    for added in (0, 3, 1):
        append(added)
        actions.ask_witnesses.function(NO_LEASE, sign().size)
        note = parse_note(client.get("/log/checkpoint").content.decode())
        assert is_signed_by(note, witness.signer.cosigner_key)
    assert witness.statuses == [200, 200, 200]
    assert "witness.example" in client.get("/log/").content.decode()
    actions.ask_witnesses.function(NO_LEASE, 6)
    assert Cosignature.objects.count() == 3


def test_witness_that_saw_more_than_we_remember_is_asked_from_there(witness) -> None:
    append(2)
    sign()
    witness.log_key = queries.public_key()
    actions.ask_witnesses.function(NO_LEASE, 2)
    Cosignature.objects.all().delete()
    append(1)
    actions.ask_witnesses.function(NO_LEASE, sign().size)
    assert witness.statuses == [200, 409, 200]


def test_history_that_a_witness_contradicts_is_not_cosigned(witness) -> None:
    append(3)
    sign()
    witness.log_key = queries.public_key()
    signer = keys.read_signer()
    assert signer is not None
    witness.seen = Checkpoint(signer.name, 2, b"x" * 32)
    with pytest.raises(OSError, match="422"):
        actions.ask_witnesses.function(NO_LEASE, 3)
    witness.seen = Checkpoint(signer.name, 9, b"x" * 32)
    with pytest.raises(OSError, match="เคยเห็น"):
        actions.ask_witnesses.function(NO_LEASE, 3)
    assert not Cosignature.objects.exists()


def test_wrong_cosignature_is_not_stored(witness) -> None:
    append(1)
    sign()
    witness.log_key = queries.public_key()
    witness.wrong_signature = True
    with pytest.raises(OSError, match="ไม่ถูกต้อง"):
        actions.ask_witnesses.function(NO_LEASE, 1)
    assert not Cosignature.objects.exists()


def test_dead_witness_is_asked_again_and_holds_nothing_up(settings) -> None:
    settings.LOG_WITNESSES = (("w.example+00000000+AAAA", "http://127.0.0.1:9"),)
    append(1)
    assert sign().size == 1
    with pytest.raises(NoteError):
        actions.ask_witnesses.function(NO_LEASE, 1)
    key = Signer("w.example", Ed25519PrivateKey.generate()).cosigner_key
    settings.LOG_WITNESSES = ((str(key), "http://127.0.0.1:9"),)
    with pytest.raises(OSError, match=r"w\.example"):
        actions.ask_witnesses.function(NO_LEASE, 1)


def test_checkpoint_is_time_stamped_and_the_stamp_is_served(witness, settings, client) -> None:
    settings.LOG_WITNESSES, settings.LOG_TIMESTAMPS = (), f"http://127.0.0.1:{witness.server_port}/stamp"
    append(1)
    note = sign().note
    actions.ask_witnesses.function(NO_LEASE, 1)
    stamp = Cosignature.objects.get()
    assert stamp.name == "127.0.0.1"
    answer = client.get(f"/log/timestamps/1/{stamp.pk}.tsr")
    verifier = VerifierBuilder().add_root_certificate(witness.authority.certificate).build()
    assert verifier.verify_message(decode_timestamp_response(answer.content), note.encode())
    assert client.get(f"/log/timestamps/2/{stamp.pk}.tsr").status_code == 404


@pytest.mark.parametrize(("path", "wrong"), [("stamp", True), ("broken", False)])
def test_stamp_of_something_else_is_not_stored(witness, settings, path, wrong) -> None:
    settings.LOG_WITNESSES, settings.LOG_TIMESTAMPS = (), f"http://127.0.0.1:{witness.server_port}/{path}"
    witness.wrong_stamp = wrong
    append(1)
    sign()
    with pytest.raises(OSError, match="ตราเวลา"):
        actions.ask_witnesses.function(NO_LEASE, 1)
    assert not Cosignature.objects.exists()
