"""Links to scans: read by OCR in the background, marked as such, and never held against anybody by what was read."""

import gzip
import io
import json
from random import Random

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from prongsai import framework as rules
from prongsai import links
from prongsai.disclosure import queries, scan_reading, scan_texts, snapshots
from prongsai.disclosure.models import Link, LinkCheck, Snapshot
from prongsai.disclosure.worker import read_scans
from prongsai.intake import UnreadableError, scans
from prongsai.intake.scan_text import read_scan
from prongsai.intake.scans import Spot
from prongsai.jobs.kinds import Queue, all_timetables
from prongsai.lib.sandbox import SandboxError
from prongsai.machines import files
from tests.conftest import sample_year
from tests.disclosure.filed import SITE, advance_time, check_due_links, file_first, item_url, observe
from tests.intake.scanned import scan

PICTURE = b"\xff\xd8\xff made up"
LINES = (
    ("องค์การบริหารส่วนตำบลตัวอย่าง", Spot(1, 40, 60, True)),
    ("โครงสร้างหน่วยงาน ปีงบประมาณ 2568", Spot(1, 80, 95, True)),
    ("สำนักปลัด\tกองคลัง\tกองช่าง", Spot(2, 500, 530, True)),
)


def see_scan(target, body=PICTURE, media_type="image/jpeg", **more):
    more = {"has_text": False, "notes": ("no_text",), "text_digest": ""} | more
    seen = observe(target, body=body, **more)
    fields = {name: getattr(seen, name) for name in seen.__dataclass_fields__}
    return links.Observation(**fields | {"sniffed_type": media_type, "title": ""})


class FakeReader:
    """Reads ``lines`` of every picture, or fails."""

    def __init__(self, lines):
        self.lines, self.read, self.problem = lines, [], None

    def __call__(self, data):
        self.read.append(data)
        if self.problem:
            raise self.problem
        return list(self.lines)


@pytest.fixture
def reader(monkeypatch):
    fake = FakeReader(LINES)
    monkeypatch.setattr(scan_reading, "read_scan", fake)
    monkeypatch.setattr(scans, "is_installed", lambda: True)
    return fake


@pytest.fixture
def link(people, filing):
    file_first(filing, people["officer"], SITE)
    return Link.objects.get()


def lines_of(agency, link):
    """A scan that names its agency, its item and each required element."""
    framework = rules.load(rules.NATIONAL, link.entry.filing.round.fiscal_year)
    item = queries.item_of(framework, link.entry.item)
    texts = [agency, item.label.th, *(element.th for element in item.elements)]
    return [(text, Spot(1, 50 * n, 50 * n + 20, True)) for n, text in enumerate(texts)]


def test_a_scan_is_read_in_the_background_stored_and_marked_as_read_by_ocr(link, reader):
    assert check_due_links(see_scan) == 1
    assert (LinkCheck.objects.get().identity, reader.read) == ({}, [])
    reader.lines = lines_of(link.entry.filing.agency.name_th, link)
    timetable = next(t for t in all_timetables() if t.kind is read_scans)
    assert timetable.kind.queue == Queue.SCANS
    assert timetable.when()
    read_scans.call()
    assert reader.read == [PICTURE]
    assert not timetable.when()
    snapshot, check = Snapshot.objects.get(), LinkCheck.objects.get()
    lines = scan_texts.read_lines(snapshot.scan)
    assert [(line.text, line.region) for line in lines] == [(t, (s.page, s.top, s.bottom)) for t, s in reader.lines]
    assert "scan_read" in check.details["notes"]
    assert (check.state, check.is_owners, check.is_about) == ("ok", "yes", "yes")
    assert check.details["has_text"] is False  # what cannot be searched stays so
    link.refresh_from_db()
    assert link.state == "ok"


def test_the_same_bytes_are_read_once_wherever_and_whenever_they_are_seen(people, filing, reader):
    file_first(filing, people["officer"], SITE, items=2)
    check_due_links(see_scan)
    assert scan_reading.count_waiting() == 2
    read_scans.call()
    advance_time(24 * 31)
    check_due_links(see_scan)
    assert scan_reading.count_waiting() == 0
    read_scans.call()
    assert reader.read == [PICTURE]
    assert all("scan_read" in check.details["notes"] for check in LinkCheck.objects.all())
    assert len(set(Snapshot.objects.values_list("scan", flat=True))) == 1
    assert len(list(files.list_names("scans"))) == 1
    Link.objects.filter(pk=Link.objects.first().pk).update(url=f"{SITE}/elsewhere", next_check_at=timezone.now())
    check_due_links(see_scan)
    assert Snapshot.objects.exclude(scan="").count() == 3
    assert scan_reading.count_waiting() == 0
    Link.objects.update(next_check_at=timezone.now())
    check_due_links(lambda target: see_scan(target, PICTURE + b"2"))
    read_scans.call()
    assert reader.read == [PICTURE, PICTURE + b"2"]


def test_without_ocr_nothing_is_queued(link, reader, monkeypatch):
    monkeypatch.setattr(scans, "is_installed", lambda: False)
    check_due_links(see_scan)
    timetable = next(t for t in all_timetables() if t.kind is read_scans)
    assert not timetable.when()
    read_scans.call()
    assert reader.read == []
    monkeypatch.setattr(scans, "is_installed", lambda: True)  # once it is there, what waited is read
    assert timetable.when()


def test_only_whole_files_of_pictures_are_read(link, reader):
    others = (
        {"has_text": True},
        {"has_text": None},
        {"media_type": "image/gif"},
        {"notes": ("no_text", "cut")},
    )
    for more in others:
        Link.objects.update(next_check_at=timezone.now())
        check_due_links(lambda target, more=more: see_scan(target, PICTURE + repr(more).encode(), **more))
    assert Snapshot.objects.count() == len(others)
    assert scan_reading.count_waiting() == 0


@pytest.mark.parametrize("decided", [("mismatch", "other_agency"), ("hijacked", "hijacked")])
def test_what_ocr_reads_makes_no_state_bad(link, reader, monkeypatch, decided):
    """A name that is misread is nobody's fault: at most a person should look."""
    from prongsai.links import scanned

    monkeypatch.setattr(scanned, "decide", lambda *_: decided)
    no = links.Answer("no", 99, 0.01, ())
    identity = links.Identity("content", {"content": 1.0}, links.Answer("yes", 99, 0.99, ()), no, no)
    monkeypatch.setattr(scanned.Evidence, "identity", identity)
    check_due_links(see_scan)
    read_scans.call()
    check = LinkCheck.objects.get()
    assert (check.state, check.error, check.is_owners, check.is_about) == ("review", "scan_other", "unsure", "unsure")
    advance_time(24 * 31)
    check_due_links(see_scan)  # read before: said again, and not worse
    link.refresh_from_db()
    assert (link.state, link.alarm_since, LinkCheck.objects.first().state) == ("review", None, "review")
    assert link.state in links.HARMLESS


def test_years_that_ocr_reads_mark_no_item_as_of_the_wrong_year(link, reader, client, people):
    reader.lines = [("รายงานประจำปีงบประมาณ พ.ศ. 2560", Spot(1, 10, 20, True))]
    year = link.entry.filing.round.fiscal_year
    items = queries.items(rules.load(rules.NATIONAL, year))
    link.entry.item = next(item.id for item in items if queries.expected_years(item, year))
    link.entry.save()
    check_due_links(see_scan)
    read_scans.call()
    link = Link.objects.get()
    assert queries.mentioned_years(link.last_check) == {2560}
    assert not any(row.has_unexpected_years for row in queries.item_rows(link.entry.filing))
    client.force_login(people["officer"])
    assert "เท่าที่อ่านจากภาพ ไฟล์นี้พูดถึงปี 2560" in client.get(item_url(link.entry.item)).content.decode()


def test_thin_evidence_from_ocr_changes_nothing(link, reader, monkeypatch):
    reader.lines = [("กขค ฮฮฮ 12", Spot(1, 10, 20, False))]
    check_due_links(see_scan)
    read_scans.call()
    link.refresh_from_db()
    assert (link.state, LinkCheck.objects.get().state) == ("ok", "ok")


def test_a_scan_of_another_agency_is_for_a_person_to_look_at(link, reader):
    reader.lines = [
        ("เทศบาลตำบลอื่นไกล", Spot(1, 10, 20, True)),
        *[("ประกาศเทศบาลตำบลอื่นไกล เรื่อง รายงานการเงิน", Spot(1, 30, 40, True))] * 4,
    ]
    check_due_links(see_scan)
    read_scans.call()
    check = LinkCheck.objects.get()
    assert check.state in ("ok", "review")
    assert check.is_owners != "yes"


def test_what_cannot_be_read_is_said_in_a_sentence_and_not_tried_again(link, reader, client, people):
    reader.problem = UnreadableError("ภาพเสียหรือดาวน์โหลดไม่ครบ")
    check_due_links(see_scan)
    read_scans.call()
    read_scans.call()
    assert len(reader.read) == 1
    client.force_login(people["assessor"])
    desk = client.get(reverse("mark_item", args=["A1", sample_year(), link.entry.item])).content.decode()
    assert "ภาพเสียหรือดาวน์โหลดไม่ครบ" in desk
    link.refresh_from_db()
    assert link.state == "ok"


def test_a_sandbox_without_a_free_place_says_nothing_about_the_file(link, reader):
    check_due_links(see_scan)
    reader.problem = UnreadableError("รอสักครู่")
    reader.problem.__cause__ = SandboxError("busy")
    with pytest.raises(UnreadableError):
        read_scans.call()
    assert scan_reading.count_waiting() == 1


def test_the_desk_shows_passages_of_a_scan_with_their_place(link, reader, client, people):
    check_due_links(see_scan)
    client.force_login(people["assessor"])
    desk = reverse("mark_item", args=["A1", sample_year(), link.entry.item])
    assert "กำลังรอระบบอ่านตัวอักษรจากภาพ" in client.get(desk).content.decode()
    reader.lines = lines_of("อบต.", link)
    read_scans.call()
    page = client.get(desk)
    assert any(passage and passage.region for *_, passage in page.context["elements"])
    text = page.content.decode()
    snapshot = Snapshot.objects.get()
    url = reverse("snapshot", args=["A1", snapshot.digest])
    assert f"{url}?region=1-" in text
    assert "อ่านจากภาพด้วยระบบรู้จำอักขระ อาจอ่านผิด" in text
    assert "ควรใช้ไฟล์ที่มีตัวอักษร" in text
    stored = client.get(url).content.decode()
    assert stored.startswith("[อ่านจากภาพ")
    assert client.get(url, {"region": "1-x-2"}).status_code == 404
    damaged = client.get(url, {"region": "1-10-90"})
    assert (damaged.status_code, damaged["Content-Type"]) == (410, "text/plain; charset=utf-8")
    client.force_login(people["officer"])
    assert "อ่านจากภาพด้วยระบบรู้จำอักขระ" in client.get(item_url(link.entry.item)).content.decode()


def test_what_was_read_goes_with_its_last_snapshot(link, reader, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(snapshots.MAX_MONITORED + 3):
            Link.objects.update(next_check_at=timezone.now())
            reader.lines = [(f"หน้าที่ {number}", Spot(1, 10, 20, True))]
            check_due_links(lambda target, n=number: see_scan(target, PICTURE + str(n).encode()))
            read_scans.call()
            advance_time(24 * 31)
    held = set(Snapshot.objects.values_list("scan", flat=True))
    assert len(held) == snapshots.MAX_MONITORED + 1
    assert len(list(files.list_names("scans"))) == len(held)
    scan_texts.remove_unused(next(iter(held)))  # one that a snapshot names stays
    assert len(list(files.list_names("scans"))) == len(held)


def test_a_text_that_was_altered_is_not_shown(link, reader):
    check_due_links(see_scan)
    read_scans.call()
    digest = Snapshot.objects.get().scan
    scan_texts.read_lines.cache_clear()
    files.store_bytes(scan_texts._name(digest), gzip.compress(json.dumps([["อื่น", 1, 0, 1]]).encode()))
    assert scan_texts.read_lines(digest) == ()


# --- with the engine itself


def test_a_picture_is_read_in_the_sandbox_and_its_passage_cut_out(link, client, people):
    if not scans.is_installed():
        pytest.skip("OCR (prongsai[scans]) is not installed")
    picture = scan(["โครงสร้างหน่วยงาน ปีงบประมาณ 2568", "สำนักปลัด กองคลัง กองช่าง"], Random(2))
    check_due_links(lambda target: see_scan(target, picture))
    read_scans.call()
    snapshot = Snapshot.objects.get()
    lines = scan_texts.read_lines(snapshot.scan)
    assert "โครงสร้าง" in scan_texts.read_text(snapshot.scan)
    page, top, bottom = lines[0].region
    client.force_login(people["assessor"])
    url = reverse("snapshot", args=["A1", snapshot.digest])
    answer = client.get(url, {"region": f"{page}-{top}-{bottom}"})
    assert answer["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert Image.open(io.BytesIO(answer.content)).height < 200
    for region in ("0-10-90", "1-900-100"):
        assert client.get(url, {"region": region}).status_code == 410


@pytest.mark.parametrize("data", [b"\xff\xd8\xff broken", b"%PDF-1.4 broken", b"\x89PNG" + b"\0" * 100])
def test_a_hostile_picture_fails_with_a_sentence_and_not_the_worker(data):
    if not scans.is_installed():
        pytest.skip("OCR (prongsai[scans]) is not installed")
    with pytest.raises(UnreadableError, match=r"[ก-๙]"):
        read_scan(data)
