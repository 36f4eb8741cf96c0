"""Snapshots that stand up: stored once, bounded, in the public log, checked by somebody without an installation."""

import base64
import datetime
import hashlib
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from typer.testing import CliRunner

from prongsai import links
from prongsai.cli.app import app
from prongsai.disclosure import comparisons, snapshots
from prongsai.disclosure.models import Comparison, Link, LinkCheck, Sighting, Snapshot
from prongsai.jobs.leases import NO_LEASE
from prongsai.machines import files
from prongsai.publiclog import queries as log_queries
from prongsai.publiclog.actions import append_entry, sign_checkpoint
from prongsai.publiclog.models import LogEntry
from prongsai.publiclog.origin import sighting_leaf
from prongsai.publiclog.queries import prove_entry
from tests.disclosure.filed import advance_time, check_due_links, file_and_confirm, observe


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.KEYS = None


@pytest.fixture
def snapshot(people, filing, ids):
    file_and_confirm(filing, people)
    return LinkCheck.objects.get().snapshot


def seen_again(n, **changes):
    advance_time(24 * 30)
    body = f"<p>ข่าว {n}</p>".encode()
    check_due_links(lambda t: observe(t, text_digest=f"{n:064d}", body=body, **changes))


def as_evidence():
    Link.objects.update(next_reason="marking")


def log_all():
    snapshots.log_sightings(NO_LEASE)
    assert sign_checkpoint() is not None


def run_verify(path, *arguments):
    result = CliRunner().invoke(app, ["verify", str(path), *arguments])
    return result.exit_code, result.output


# --- storing


def test_the_same_bytes_are_stored_once_and_every_sighting_is_noted(snapshot):
    advance_time(24 * 30)
    as_evidence()
    check_due_links()
    assert LinkCheck.objects.first().snapshot == snapshot
    assert len(list(files.list_names("snapshots"))) == Snapshot.objects.count() == 1
    assert Sighting.objects.filter(snapshot=snapshot).count() == 2
    as_evidence()
    advance_time(24 * 30)
    check_due_links(lambda t: observe(t, body="<p>อื่น</p>".encode()))
    assert Snapshot.objects.count() == 2


def test_part_of_a_body_is_not_taken_for_the_whole(snapshot):
    """Two large files may begin alike."""
    advance_time(24 * 30)
    as_evidence()
    check_due_links(lambda t: observe(t, notes=("cut",)))
    assert LinkCheck.objects.first().snapshot != snapshot


def test_a_page_that_changes_every_month_fills_no_disk(snapshot, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for n in range(snapshots.MAX_MONITORED + 3):
            seen_again(n)
    held = set(LinkCheck.objects.exclude(snapshot=None).values_list("snapshot", flat=True))
    assert snapshot.pk in held  # it was filed
    assert len(held) == snapshots.MAX_MONITORED + 1 == Snapshot.objects.count()
    assert len(list(files.list_names("snapshots"))) == len(held)
    newest = LinkCheck.objects.first().snapshot
    assert snapshots.open_snapshot(newest).body == f"<p>ข่าว {snapshots.MAX_MONITORED + 2}</p>".encode()


def test_what_was_marked_stays(snapshot, filing, people, ids):
    from prongsai.disclosure.models import Mark

    seen_again(0)
    cited = LinkCheck.objects.first().snapshot
    Mark.objects.create(
        filing=filing, item=ids[0], stage="first", points=0, by=people["assessor"], evidence=[cited.digest]
    )
    for n in range(1, snapshots.MAX_MONITORED + 2):
        seen_again(n)
    assert Snapshot.objects.filter(pk=cited.pk).exists()


def test_snapshots_of_earlier_versions_are_still_read(snapshot, client, people):
    link = Link.objects.get()
    (observation,) = [observe(links.Target(link.pk, link.url))]
    data = links.write_warc(observation)
    old = Snapshot.objects.create(
        digest=hashlib.sha256(data).hexdigest(), content_type="text/html", length=3, taken_at=timezone.now()
    )
    files.store_bytes(f"snapshots/{old.digest[:2]}/{old.digest}.warc.gz", data)
    LinkCheck.objects.update(snapshot=old)
    assert snapshots.open_snapshot(old).body == observation.body
    client.force_login(people["assessor"])
    answer = client.get(reverse("snapshot", args=["A1", old.digest]), {"package": "1"})
    assert (answer.content, answer["Content-Type"]) == (data, "application/warc")


def test_a_whole_snapshot_in_the_place_of_another_is_not_shown(snapshot, client, people):
    seen_again(1)
    other = LinkCheck.objects.first().snapshot
    files.store_bytes(snapshots._name_of(snapshot), snapshots.read_stored(other))
    client.force_login(people["assessor"])
    url = reverse("snapshot", args=["A1", snapshot.digest])
    assert [client.get(url, query).status_code for query in ({}, {"package": "1"}, {"file": "1"})] == [410] * 3
    assert snapshots.snapshot_text(snapshot.digest) == ""


# --- the log, and whoever checks


def test_one_entry_a_day_stands_for_all_sightings(snapshot):
    for n in range(3):
        seen_again(n)
    log_all()
    entry = LogEntry.objects.get(kind="snapshots")
    assert Sighting.objects.filter(batch__entry=entry.index).count() == 4
    assert not snapshots.has_unlogged_sightings()
    assert snapshots.log_sightings(NO_LEASE) == 0
    assert log_queries.describe_entry(entry).digest == Sighting.objects.first().batch.root


def test_a_large_day_is_several_entries(snapshot, monkeypatch):
    for n in range(2):
        seen_again(n)
    monkeypatch.setattr(snapshots, "MAX_BATCH", 2)
    assert snapshots.log_sightings(NO_LEASE) == 3
    assert list(LogEntry.objects.filter(kind="snapshots").values_list("index", flat=True)) == [0, 1]


def test_a_stranger_checks_the_file_alone(snapshot, client, people, tmp_path):
    client.force_login(people["assessor"])
    url = reverse("snapshot", args=["A1", snapshot.digest]) + "?package=1"
    early = client.get(url)
    path = tmp_path / "early.wacz"
    path.write_bytes(early.content)
    assert early["Content-Disposition"].endswith('.wacz"')
    code, said = run_verify(path)
    assert (code, "ไม่มีหลักฐานจากบันทึกสาธารณะ" in said) == (3, True)
    seen_again(1)
    log_all()
    path.write_bytes(client.get(url).content)
    code, said = run_verify(path)
    assert (code, "--key" in said) == (3, True)  # whole and signed, by whom nobody knows
    code, said = run_verify(path, "--key", str(log_queries.public_key()))
    assert code == 0, said
    assert "อยู่ในบันทึกสาธารณะรายการที่ 0" in said
    assert "ไม่ได้ตรวจ" in said
    path.write_bytes(path.read_bytes().replace(b"WARC", b"WARD", 1) if b"WARC" in path.read_bytes() else b"x")
    assert run_verify(path)[0] == 1


def test_a_file_of_another_key_or_another_leaf_is_not_in_the_log(snapshot, tmp_path, monkeypatch):
    """Somebody packs other content with a key of their own, and adds the true log's proofs."""
    seen_again(1)
    log_all()
    first, second = Snapshot.objects.order_by("pk")
    key = str(log_queries.public_key())
    proofs = {"sightings": [snapshots._prove(second.sightings.get())]}
    path = tmp_path / "a.wacz"
    path.write_bytes(links.add_log(snapshots.read_stored(first), proofs))
    code, said = run_verify(path, "--key", key)
    assert (code, "สำเนานี้ไม่อยู่ในรายการ" in said) == (1, True)

    (tmp_path / "other").mkdir()
    from prongsai.machines import keys

    own = snapshots._prove(first.sightings.get())
    monkeypatch.setattr(keys, "key_folder", lambda: tmp_path / "other")
    link = Link.objects.get()
    Snapshot.objects.filter(pk=first.pk).update(body_digest="")
    forged = snapshots.store_snapshot(observe(links.Target(link.pk, link.url)))
    monkeypatch.undo()
    path.write_bytes(links.add_log(snapshots.read_stored(forged), {"sightings": [own]}))
    code, said = run_verify(path, "--key", key)
    assert (code, "กุญแจที่ลงนามไฟล์ไม่ใช่" in said) == (1, True)


def test_an_entry_of_another_kind_is_no_proof(snapshot, tmp_path):
    """Whoever gets text of their own into the log, under another name, has not the log's word for a snapshot."""
    at = "2025-01-01T00:00:00+00:00"
    data = {"digest": sighting_leaf(snapshot.package, at).hex(), "size": 1}
    key = base64.b64encode(snapshots.public_key()).decode()
    entry = append_entry(kind="audit_head", data={**data, "signing_key": key})
    sign_checkpoint()
    sighting = {"at": at, "entry": entry.content, "position": 0, "path": [], "proof": str(prove_entry(entry.index))}
    path = tmp_path / "a.wacz"
    path.write_bytes(links.add_log(snapshots.read_stored(snapshot), {"sightings": [sighting]}))
    code, said = run_verify(path, "--key", str(log_queries.public_key()))
    assert (code, "ไม่ใช่รายการสำเนาหน้าเว็บ" in said) == (1, True)


@pytest.mark.parametrize("log", [{"sightings": 7}, {"sightings": [{}]}, {"sightings": [None]}, [], 7])
def test_proofs_that_are_none_are_said_to_be_none(snapshot, tmp_path, log):
    path = tmp_path / "a.wacz"
    path.write_bytes(links.add_log(snapshots.read_stored(snapshot), log))
    assert run_verify(path)[0] in (1, 2, 3)


# --- beside the page of now


def compared(observe_page, monkeypatch, client, people, snapshot):
    """What the assessor sees after the comparison."""
    monkeypatch.setattr(comparisons.links, "observe_page", observe_page)
    client.force_login(people["assessor"])
    url = reverse("snapshot_comparison", args=["A1", snapshot.digest, Link.objects.get().pk])
    assert client.post(url).status_code == 302
    waiting = client.get(url).content.decode()
    assert 'hx-trigger="every 2s"' in waiting
    comparisons.compare_snapshot.call(Comparison.objects.get().pk)
    done = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in done
    return done


def test_differences_are_marked_and_nothing_foreign_is_executed(snapshot, monkeypatch, client, people):
    body = (
        "<h1>แผนผังโครงสร้างหน่วยงาน</h1><p>หน้าที่และอำนาจของกอง ปีงบประมาณ</p><p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
    )
    page = compared(
        lambda url, *_, **__: observe(links.Target(1, url), body=body.encode()), monkeypatch, client, people, snapshot
    )
    assert re.search(r"<del\s*>หน่วย", page)
    assert re.search(r"<ins\s*>กอง", page)
    assert "ในสำเนา:" in page
    assert "ในหน้าจริง:" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("observation", "words"),
    [
        (lambda url: None, "ไม่ตอบใน"),
        (lambda url: observe(links.Target(1, url), "dead", error="refused"), "ปฏิเสธการเชื่อมต่อ"),
        (lambda url: observe(links.Target(1, url), body=b""), "ไม่มีตัวอักษร"),
        (lambda url: observe(links.Target(1, url)), "เหมือนกับสำเนาทุกบรรทัด"),
    ],
)
def test_why_there_is_nothing_to_compare(snapshot, monkeypatch, client, people, observation, words):
    page = compared(lambda url, *_, **__: observation(url), monkeypatch, client, people, snapshot)
    assert words in page


def test_a_site_is_asked_once_a_minute_and_only_by_who_marks(snapshot, client, people):
    link = Link.objects.get()
    url = reverse("snapshot_comparison", args=["A1", snapshot.digest, link.pk])
    first = comparisons.request_comparison(link=link, snapshot=snapshot, by=people["assessor"])
    again = comparisons.request_comparison(link=link, snapshot=snapshot, by=people["assessor"])
    assert again.requested_at == first.requested_at
    Comparison.objects.update(requested_at=timezone.now() - datetime.timedelta(minutes=2))
    later = comparisons.request_comparison(link=link, snapshot=snapshot, by=people["assessor"])
    assert later.requested_at > first.requested_at
    client.force_login(people["officer"])
    assert client.post(url).status_code == 403
    assert client.get(url).status_code == 200
    client.force_login(people["assessor"])
    assert client.get(url.replace(snapshot.digest, "0" * 64)).status_code == 404
    foreign = Snapshot.objects.create(digest="e" * 64, length=1, taken_at=timezone.now())  # of no check of this link
    assert client.get(url.replace(snapshot.digest, foreign.digest)).status_code == 404
