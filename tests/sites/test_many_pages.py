"""Pages one after the other, published and filed with one button; files of refused forms; versions that were filed."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from prongsai.disclosure.models import Entry
from prongsai.lib import attachments
from prongsai.machines import files
from prongsai.people.actions import DomainError
from prongsai.registry.queries import load_round_framework
from prongsai.sites import held_files, item_pages, queries, readiness
from prongsai.sites.models import FiledVersion, HeldFile, ItemPage, PagePart
from tests.conftest import sample_year
from tests.sites.conftest import write_item_page, write_pdf

SITE = "http://ita.example.go.th"


@pytest.fixture
def own(agencies, running_round, settings, tmp_path):
    settings.MEDIA_ROOT, settings.PAGES_SITE = tmp_path, SITE
    return agencies[0]


@pytest.fixture
def officer(client, own, people):
    client.force_login(people["officer"])
    return client


def address(name, own, *more, item="O1"):
    return reverse(name, args=[own.code, sample_year(), item, *more])


def everything(own, running_round, item="O1"):
    """A form with a text for every element of an item."""
    found = item_pages.find_item(running_round, item)
    elements = item_pages.load_page(own, running_round, found).elements
    return {f"element-{e.index}": f"ข้อมูล {e.index}" for e in elements} | {"base": "0"}


def upload(name="แผน.pdf", content=None):
    return SimpleUploadedFile(name, write_pdf() if content is None else content)


# --- one after the other


def test_storing_leads_to_the_next_that_is_not_done(officer, own, running_round, people):
    write_item_page(own, by=people["officer"], item="O2")
    after = officer.post(address("item_page_edit", own), everything(own, running_round) | {"next": "1"})
    assert after.url == address("item_page_edit", own, item="O3")
    stays = officer.post(address("item_page_edit", own), everything(own, running_round) | {"base": "1"})
    assert stays.url == address("item_page_edit", own)


def test_after_the_last_comes_what_is_to_be_filed(officer, own, running_round, people):
    items = [item.id for item in load_round_framework(running_round).rules.disclosure_items]
    for item in items[1:-1]:
        write_item_page(own, by=people["officer"], item=item)
    last = {"next": "1", **everything(own, running_round, items[-1])}
    assert officer.post(address("item_page_edit", own, item=items[-1]), last).url == address("item_page_edit", own)
    first = officer.post(address("item_page_edit", own), everything(own, running_round) | {"next": "1"})
    assert first.url == reverse("item_pages", args=[own.code, sample_year()])


def test_finished_pages_are_published_and_filed_with_one_button(officer, own, running_round, people):
    write_item_page(own, by=people["officer"], public=False)
    write_item_page(own, by=people["officer"], item="O2", texts={0: "บางส่วน"}, public=False)
    write_item_page(own, by=people["officer"], item="O3")
    listed = reverse("item_pages", args=[own.code, sample_year()])
    page = " ".join(officer.get(listed).content.decode().split())
    assert [f'value="{key}" checked' in page for key in ("O1:1", "O2:1", "O3:1")] == [True, False, True]
    assert not ItemPage.objects.get(item="O1").public  # nothing happened yet
    assert officer.post(listed, {"page": ["O1:1", "O3:1"]}).url == listed
    assert {page.item for page in ItemPage.objects.filter(public=True)} == {"O1", "O3"}
    filed = {entry.item: [link.url for link in entry.links.all()] for entry in Entry.objects.all()}
    assert filed == {item: [SITE + address("item_page", own, item=item)] for item in ("O1", "O3")}
    done = readiness.assess_agency(own, running_round).count(readiness.State.DONE)
    assert done == 2
    assert 'type="checkbox" name="page" value="O1' not in officer.get(listed).content.decode()


def test_what_was_written_anew_after_it_was_seen_is_not_published(officer, own, people):
    write_item_page(own, by=people["officer"], public=False)
    write_item_page(own, by=people["executive"], texts={0: "อีกคนแก้"}, base=1, public=False)
    listed = reverse("item_pages", args=[own.code, sample_year()])
    answer = officer.post(listed, {"page": ["O1:1", "O1:x", "ไม่มี", "O9999:1"]}, follow=True)
    assert "มีผู้แก้หน้านี้" in answer.content.decode()
    assert not ItemPage.objects.get().public
    assert not Entry.objects.exists()


def test_who_may_write_but_not_file_files_nothing(officer, own, people, monkeypatch):
    from prongsai.people import access

    write_item_page(own, by=people["officer"], public=False)
    monkeypatch.setitem(access.PERMISSIONS, "disclosure.file", {})
    listed = reverse("item_pages", args=[own.code, sample_year()])
    assert 'name="page"' not in officer.get(listed).content.decode()
    assert officer.post(listed, {"page": ["O1:1"]}).status_code == 403
    assert not ItemPage.objects.get().public


# --- files of refused forms


def test_a_refused_page_does_not_ask_for_its_files_again(officer, own, running_round, people):
    write_item_page(own, by=people["executive"], texts={0: "อีกคน"})
    edit, text = address("item_page_edit", own), everything(own, running_round)
    refused = officer.post(edit, text | {"file-0": upload(), "file-1": upload("ภาพ.exe", b"x")})
    assert refused.status_code == 422
    (held,) = HeldFile.objects.all()
    assert f'name="held-0" value="{held.pk}" checked' in " ".join(refused.content.decode().split())
    assert "แผน.pdf" in officer.get(edit).content.decode()  # also after the page was left
    assert officer.post(edit, text | {"base": "1", "held-0": str(held.pk)}).status_code == 302
    assert PagePart.objects.get().file_name == "แผน.pdf"
    assert not HeldFile.objects.exists()
    assert not files.exists(held.stored_as)


def test_a_file_that_waits_can_be_left_out_or_replaced(officer, own, running_round, people):
    write_item_page(own, by=people["executive"], texts={0: "อีกคน"})
    edit, text = address("item_page_edit", own), everything(own, running_round)
    for name in ("หนึ่ง.pdf", "สอง.pdf"):
        officer.post(edit, text | {"file-0": upload(name)})
    held = HeldFile.objects.get()  # the second is instead of the first
    assert held.name == "สอง.pdf"
    officer.post(edit, text | {"base": "1"})  # without the tick
    assert not PagePart.objects.exists()
    assert not HeldFile.objects.exists()


def test_nobody_attaches_the_file_that_waits_for_another(client, own, running_round, people, second_officer):
    write_item_page(own, by=people["executive"], texts={0: "อีกคน"})
    edit, text = address("item_page_edit", own), everything(own, running_round)
    client.force_login(people["officer"])
    client.post(edit, text | {"file-0": upload("ลับ.pdf")})
    held = HeldFile.objects.get()
    client.force_login(second_officer)
    assert "ลับ.pdf" not in client.get(edit).content.decode()
    assert client.post(edit, text | {"base": "1", "held-0": str(held.pk)}).status_code == 302
    client.post(address("page_parts", own), {"element": "0", "held": str(held.pk), "attach": "1"})
    assert not PagePart.objects.exists()
    assert HeldFile.objects.get() == held


def test_what_is_no_table_is_attached_without_choosing_it_again(officer, own, people):
    write_item_page(own, by=people["officer"], texts={})
    parts = address("page_parts", own)
    refused = officer.post(parts, {"element": "1", "title": "แผน", "file": upload(), "table": "1"})
    assert refused.status_code == 422
    held = HeldFile.objects.get()
    assert f'name="held" value="{held.pk}"' in " ".join(refused.content.decode().split())
    sent = {"element": "1", "title": "แผน", "held": str(held.pk), "attach": "1"}
    assert officer.post(parts, sent).status_code == 302
    assert PagePart.objects.get().title == "แผน"
    assert not HeldFile.objects.exists()
    assert officer.post(parts, sent).status_code == 422  # it is gone: a file is asked for


def test_a_file_with_a_fault_does_not_wait_and_one_that_came_too_early_does(officer, own, people, monkeypatch):
    write_item_page(own, by=people["officer"], texts={})
    parts, edit = address("page_parts", own), address("item_page_edit", own)
    assert officer.post(parts, {"element": "0", "file": upload(content=b"none"), "attach": "1"}).status_code == 422
    assert officer.post(edit, {"base": "1", "file-0": upload(content=b"none")}).status_code == 422
    assert not HeldFile.objects.exists()

    def busy(*_, **__):
        raise attachments.BusyError("รอสักครู่")

    monkeypatch.setattr(attachments, "examine", busy)
    assert officer.post(edit, {"base": "1", "file-0": upload()}).status_code == 422
    assert HeldFile.objects.get().name == "แผน.pdf"


def test_files_that_waited_too_long_go(own, running_round, people, tmp_path):
    shown = write_item_page(own, by=people["officer"])
    path = tmp_path / "a.pdf"
    path.write_bytes(write_pdf())
    more = {"shown": shown, "path": path, "name": "a.pdf", "by": people["officer"]}
    old = held_files.hold_file(element="ก", **more)
    new = held_files.hold_file(element="ข", **more)
    files.store_copy("held-pages/unnamed.pdf", path)
    since = timezone.now() - datetime.timedelta(held_files.HELD_DAYS, 1)
    HeldFile.objects.filter(pk=old.pk).update(at=since)
    assert held_files.list_held(shown, people["officer"]) == [new]
    held_files.remove_expired()
    assert list(HeldFile.objects.all()) == [new]
    assert [files.exists(name) for name in (old.stored_as, new.stored_as)] == [False, True]


# --- versions that were filed


def file(own, people, shown):
    item_pages.file_page(shown=shown, address=SITE + address("item_page", own), by=people["officer"])


def test_a_version_that_was_filed_stays_readable(client, own, people, tmp_path):
    from tests.sites.conftest import attach_parts

    shown = write_item_page(own, by=people["officer"], texts={0: "ฉบับร่างที่เผยแพร่"})
    ids = attach_parts(shown, tmp_path, by=people["officer"])
    shown = write_item_page(own, by=people["officer"], texts={0: "ฉบับที่ยื่น"}, base=3)
    file(own, people, shown)
    item_pages.remove_part(shown=shown, part_id=ids["part_id"], by=people["officer"])
    write_item_page(own, by=people["officer"], texts={0: "ฉบับใหม่"}, base=5)
    page = client.get(address("item_page", own)).content.decode()
    assert address("item_page_version", own, 4) in page
    assert address("item_page_version", own, 3) not in page
    earlier = client.get(address("item_page_version", own, 4)).content.decode()
    assert "ฉบับที่ยื่น" in earlier
    assert "ฉบับใหม่" not in earlier
    assert "".join(str(ids["part_id"])) in earlier
    assert client.get(address("page_file", own, ids["part_id"], "pdf")).status_code == 200
    assert [client.get(address("item_page_version", own, n)).status_code for n in (1, 3, 5, 9)] == [404] * 4
    assert client.get(address("item_page_version", own, 6)).url == address("item_page", own)
    ItemPage.objects.update(public=False)
    assert client.get(address("item_page_version", own, 4)).status_code == 404


def test_a_version_with_somebodys_data_is_hidden_and_says_why(officer, own, people, tmp_path):
    from tests.sites.conftest import attach_parts

    ids = attach_parts(write_item_page(own, by=people["officer"]), tmp_path, by=people["officer"])
    (newest, *_) = queries.find_rounds(own)
    file(own, people, item_pages.load_page(own, newest, item_pages.find_item(newest, "O1")))
    hide = address("hide_version", own, 3)
    officer.post(hide, {"reason": "ฉบับปัจจุบัน"})
    assert not FiledVersion.objects.exclude(hidden_on=None).exists()
    shown = write_item_page(own, by=people["officer"], texts={0: "ใหม่"}, base=3)
    item_pages.remove_part(shown=shown, part_id=ids["part_id"], by=people["officer"])
    for reason in ("", "  ", "ย" * 301):
        officer.post(hide, {"reason": reason})
    assert officer.get(address("item_page_version", own, 3)).status_code == 200
    assert "นำฉบับที่ 3 ออก" in officer.get(address("item_page_edit", own)).content.decode()
    officer.post(hide, {"reason": "มีเลขบัตร <b>ประชาชน</b>"})
    assert officer.get(address("item_page_version", own, 3)).status_code == 404
    assert officer.get(address("page_file", own, ids["part_id"], "pdf")).status_code == 404
    page = officer.get(address("item_page", own)).content.decode()
    assert "มีเลขบัตร &lt;b&gt;" in page
    assert address("item_page_version", own, 3) not in page
    with pytest.raises(DomainError):
        item_pages.hide_version(shown=shown, number=3, reason="อีกครั้ง", by=people["officer"])


# --- channels with pages of their own


def test_questions_and_complaints_have_pages_of_their_own(client, agency):
    pages = {
        channel: client.get(reverse("public_channel", args=[agency.code, channel])).content.decode()
        for channel in ("questions", "complaints")
    }
    ask, complain = (reverse(name, args=[agency.code]) for name in ("ask_question", "write_complaint"))
    assert [(ask in page, complain in page) for page in pages.values()] == [(True, False), (False, True)]
    assert client.get(reverse("public_channel", args=[agency.code, "others"])).status_code == 404
