"""Every item in one form: what is in order is stored and the rest stays as typed; a table fills it in."""

import io

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from prongsai.disclosure import actions, pasted, queries
from prongsai.disclosure.models import Entry, Link
from prongsai.framework import NATIONAL, load
from prongsai.people.models import AuditEntry
from tests.conftest import sample_year
from tests.disclosure.filed import SITE, content_digest, file_first
from tests.improvement.sheets import fields
from tests.pages import markup


def page_url():
    return reverse("oit_all", args=["A1", sample_year()])


def items():
    return queries.items(load(NATIONAL, sample_year()))


@pytest.fixture
def form(client, people, filing):
    """The form as a browser has it, empty."""
    client.force_login(people["officer"])
    return shown(client)


def shown(client):
    return {name: text for name, text in fields(client.get(page_url())).items() if ":" in name}


def stored_urls(item):
    return list(Link.objects.filter(entry__item=item, until=None).order_by("position").values_list("url", flat=True))


def test_all_items_are_filed_by_one_save_each_with_its_line_in_the_trail(client, form, ids):
    typed = form | {f"addresses:{i}": f"{SITE}/{i}" for i in ids} | {f"whole:{i}": "1" for i in ids}
    response = client.post(page_url(), typed | {"save": "1"}, follow=True)
    assert f"บันทึกแล้ว {len(ids)} ข้อ" in markup(response)
    assert AuditEntry.objects.filter(action="disclosure.file").count() == len(ids)
    assert all(stored_urls(i) == [f"{SITE}/{i}"] for i in ids)
    assert all(row.is_complete for row in queries.item_rows(Entry.objects.first().filing))


def test_words_beside_addresses_are_not_kept_and_the_page_says_so(client, form, ids):
    typed = form | {f"addresses:{ids[0]}": f"{SITE}/a หน้า 3 <b>", f"addresses:{ids[1]}": f"{SITE}/b"}
    page = markup(client.post(page_url(), typed | {"save": "1"}, follow=True))
    assert page.count("ข้อความนี้ไม่ได้บันทึก") == 1
    assert f"{ids[0]}: ช่องลิงก์เก็บเฉพาะลิงก์" in page


def test_what_is_wrong_stays_as_typed_and_the_rest_is_stored(client, form, ids):
    good, bad, other = ids[:3]
    typed = form | {
        f"addresses:{good}": f"{SITE}/a",
        f"addresses:{bad}": "ยังไม่มีลิงก์",
        f"explanation:{bad}": "พิมพ์ไว้แล้ว",
        f"elements:{bad}": "0",
        f"addresses:{other}": f"{SITE}/b",
    }
    response = client.post(page_url(), typed | {"save": "1"})
    page = markup(response)
    assert response.status_code == 422
    assert (stored_urls(good), stored_urls(bad), stored_urls(other)) == ([f"{SITE}/a"], [], [f"{SITE}/b"])
    sent = fields(response)
    assert (sent[f"addresses:{bad}"].strip(), sent[f"explanation:{bad}"].strip()) == ("ยังไม่มีลิงก์", "พิมพ์ไว้แล้ว")
    assert sent[f"elements:{bad}"] == "0"
    assert "ยังไม่ได้บันทึก 1 ข้อ" in page
    assert "ไม่พบที่อยู่เว็บในข้อความนี้" in page
    assert "บันทึกแล้ว 2 ข้อ" in page
    # mended and sent again: only what is new is stored
    mended = {name: text for name, text in sent.items() if ":" in name} | {f"addresses:{bad}": f"{SITE}/c"}
    assert client.post(page_url(), mended | {"save": "1"}).status_code == 302
    assert AuditEntry.objects.filter(action="disclosure.file").count() == 3


def test_rows_that_nobody_touched_are_not_stored_again(client, people, filing, ids):
    file_first(filing, people["officer"], SITE, items=3, explanation="สองบรรทัด\nของเดิม")
    client.force_login(people["officer"])
    before = list(Entry.objects.values_list("item", "revision"))
    typed = {name: text.replace("\n", "\r\n") for name, text in shown(client).items()}  # as browsers send line ends
    response = client.post(page_url(), typed | {"save": "1"}, follow=True)
    assert "ไม่มีอะไรเปลี่ยนแปลง" in markup(response)
    assert list(Entry.objects.values_list("item", "revision")) == before


def test_a_colleagues_change_is_neither_overwritten_nor_hidden(client, people, filing, form, ids):
    """A colleague files two items while the page is open: one that this officer does not touch, and one they do."""
    file_first(filing, people["office"], f"{SITE}/colleague", items=2)
    untouched, touched = ids[:2]
    response = client.post(page_url(), form | {f"addresses:{touched}": f"{SITE}/mine", "save": "1"})
    assert response.status_code == 409
    assert stored_urls(untouched) == [f"{SITE}/colleague/{untouched}"]
    assert stored_urls(touched) == [f"{SITE}/colleague/{touched}"]
    page, sent = markup(response), fields(response)
    assert f"{people['office'].name} เพิ่งแก้ข้อนี้" in page
    assert f"{SITE}/colleague/{touched}" in page
    assert sent[f"addresses:{touched}"].strip() == f"{SITE}/mine"
    assert sent[f"addresses:{untouched}"].strip() == f"{SITE}/colleague/{untouched}"
    again = {name: text for name, text in sent.items() if ":" in name}
    assert client.post(page_url(), again | {"save": "1"}).status_code == 302
    assert stored_urls(touched) == [f"{SITE}/mine"]
    assert stored_urls(untouched) == [f"{SITE}/colleague/{untouched}"]


def test_pressed_twice_is_stored_once(client, form, ids):
    typed = form | {f"addresses:{ids[0]}": f"{SITE}/a", "save": "1"}
    for _ in range(2):
        assert client.post(page_url(), typed).status_code == 302
    assert Entry.objects.get(item=ids[0]).revision == 1


def test_a_change_ends_the_confirmation(client, people, filing, ids):
    file_first(filing, people["officer"], SITE, items=2)
    actions.confirm_filing(
        filing=filing, position="นายก", content_digest=content_digest(filing), by=people["executive"]
    )
    client.force_login(people["officer"])
    typed = shown(client)
    client.post(page_url(), typed | {"save": "1"})
    filing.refresh_from_db()
    assert filing.confirmed is not None
    client.post(page_url(), typed | {f"addresses:{ids[0]}": f"{SITE}/other", "save": "1"})
    filing.refresh_from_db()
    assert filing.confirmed is None


def test_nothing_is_stored_when_filing_is_closed_and_nothing_typed_is_lost(client, people, running_round, form, ids):
    from prongsai.registry.actions import set_round_status

    set_round_status(assessment_round=running_round, status="closed", by=people["office"])
    response = client.post(page_url(), form | {f"addresses:{ids[0]}": f"{SITE}/a", "save": "1"})
    assert response.status_code == 409
    assert not Link.objects.exists()
    assert fields(response)[f"addresses:{ids[0]}"].strip() == f"{SITE}/a"


@pytest.mark.parametrize("role", ["executive", "assessor", "office", "auditor"])
def test_only_the_officer_files(client, people, filing, ids, role):
    client.force_login(people[role])
    sent = {f"revision:{ids[0]}": "0", f"addresses:{ids[0]}": f"{SITE}/a", "save": "1"}
    assert client.post(page_url(), sent).status_code in (403, 404)
    assert not Link.objects.exists()


def test_the_officer_of_another_agency_files_nothing_here(client, people, filing, agencies, ids):
    from prongsai.registry.models import Appointment

    Appointment.objects.filter(user=people["officer"]).update(agency=agencies[1])
    client.force_login(people["officer"])
    sent = {f"revision:{ids[0]}": "0", f"addresses:{ids[0]}": f"{SITE}/a", "save": "1"}
    assert client.post(page_url(), sent).status_code in (403, 404)
    assert not Link.objects.exists()


# --- a table


def test_a_pasted_table_fills_in_the_form_and_stores_nothing(client, form, ids):
    table = f"ข้อ\tชื่อ\tURL\tหมายเหตุ\n{ids[0]}\tโครงสร้าง\t{SITE}/a\tหน้า 2\n{ids[1]}\t\t{SITE}/b\n"
    typed = form | {f"explanation:{ids[2]}": "ที่พิมพ์ไว้", "table": table, "read": "1"}
    response = client.post(page_url(), typed)
    assert response.status_code == 200
    assert not Link.objects.exists()
    page, sent = markup(response), fields(response)
    assert "อ่านได้ 2 ข้อ จาก 2 แถว" in page
    assert sent[f"addresses:{ids[0]}"].strip() == f"{SITE}/a"
    assert sent[f"explanation:{ids[0]}"].strip() == "หน้า 2"
    assert sent[f"explanation:{ids[2]}"].strip() == "ที่พิมพ์ไว้"
    saved = {name: text for name, text in sent.items() if ":" in name}
    assert client.post(page_url(), saved | {"save": "1"}).status_code == 302
    assert stored_urls(ids[1]) == [f"{SITE}/b"]


def test_a_dash_in_a_table_is_an_empty_cell(client, people, filing, form, ids):
    """A dash, of whatever kind, is neither an address nor a reason: nothing is filed."""
    table = f"ข้อ\tURL\tหมายเหตุ\n{ids[0]}\t-\t–\n{ids[1]}\t{SITE}/b\t-\n"
    sent = fields(client.post(page_url(), form | {"table": table, "read": "1"}))
    assert sent[f"addresses:{ids[0]}"].strip() == sent[f"explanation:{ids[1]}"].strip() == ""
    typed = {name: text for name, text in sent.items() if ":" in name}
    typed |= {f"addresses:{ids[0]}": "-", f"explanation:{ids[0]}": " – "}
    client.post(page_url(), typed | {"save": "1"})
    assert stored_urls(ids[1]) == [f"{SITE}/b"]
    assert not filing.entries.exclude(explanation="").exists()
    from prongsai.disclosure import queries

    assert [row.item.id for row in queries.item_rows(filing) if row.is_filed] == [ids[1]]


def test_a_row_that_cannot_be_read_is_named_and_the_text_stays(client, form, ids):
    table = f"{ids[0]}\t{SITE}/a\nO999\t{SITE}/b\n"
    response = client.post(page_url(), form | {"table": table, "read": "1"})
    assert response.status_code == 422
    page = markup(response)
    assert "แถวที่ 2: ปีนี้ไม่มีข้อ “O999”" in page
    assert f"O999\t{SITE}/b" in response.content.decode()
    assert fields(response)[f"addresses:{ids[0]}"].strip() == f"{SITE}/a"


def test_an_address_that_is_none_is_shown_before_saving(client, form, ids):
    response = client.post(page_url(), form | {"table": f"ข้อ\tลิงก์\n{ids[0]}\tกำลังทำ\n", "read": "1"})
    assert response.status_code == 422
    assert "ไม่พบที่อยู่เว็บในข้อความนี้" in markup(response)


def test_a_table_made_to_hold_the_page_up_is_refused(client, form, ids):
    """A worker may take minutes for such a file; somebody waits at this page, and others for its process."""
    file = SimpleUploadedFile("oit.csv", (b"," * 1999 + b"\n") * 4000)
    refused = client.post(page_url(), form | {f"addresses:{ids[0]}": "ที่พิมพ์ไว้", "file": file, "read": "1"})
    assert refused.status_code == 422
    assert "ไฟล์ขยายแล้วใหญ่ผิดปกติ" in markup(refused)
    assert fields(refused)[f"addresses:{ids[0]}"].strip() == "ที่พิมพ์ไว้"


def test_an_uploaded_workbook_fills_in_the_form(client, form, ids):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["รหัสข้อ", "ลิงก์", "คำอธิบาย"])
        for number, item in enumerate(ids, 1):
            sheet.write_string(number, 0, item)
            sheet.write_string(number, 1, f"{SITE}/{item}")
    file = SimpleUploadedFile("oit.xlsx", out.getvalue())
    response = client.post(page_url(), form | {"file": file, "read": "1"})
    assert f"อ่านได้ {len(ids)} ข้อ" in markup(response)
    assert fields(response)[f"addresses:{ids[-1]}"].strip() == f"{SITE}/{ids[-1]}"
    broken = SimpleUploadedFile("oit.xlsx", b"PK\x03\x04 no workbook")
    refused = client.post(page_url(), form | {f"addresses:{ids[0]}": "ที่พิมพ์ไว้", "file": broken, "read": "1"})
    assert refused.status_code == 422
    assert fields(refused)[f"addresses:{ids[0]}"].strip() == "ที่พิมพ์ไว้"


def test_last_years_addresses_fill_the_empty_items_only(client, people, filing, form, ids, monkeypatch):
    file_first(filing, people["officer"], f"{SITE}/now")
    known = {i: [f"{SITE}/before/{i}"] for i in ids}
    monkeypatch.setattr(queries, "last_year_urls_by_item", lambda filing, items: known)
    sent = fields(client.post(page_url(), shown(client) | {"last": "1"}))
    assert sent[f"addresses:{ids[0]}"].strip() == f"{SITE}/now/{ids[0]}"
    assert sent[f"addresses:{ids[1]}"].strip() == f"{SITE}/before/{ids[1]}"
    assert Link.objects.count() == 1


def read(*rows):
    return pasted.parse_table(rows, items())


def test_tables_as_offices_have_them():
    first, second = items()[:2]
    expected = {first.id: ([f"{SITE}/1"], ["หน้า 3"]), second.id: ([f"{SITE}/2"], [])}
    tables = [
        [["ข้อ", "ลิงก์", "หมายเหตุ"], [first.id, f"{SITE}/1", "หน้า 3"], [second.id, f"{SITE}/2", ""]],
        [
            ["ที่", "รหัสข้อ", "URL", "คำอธิบาย"],
            ["9", first.id.lower(), f"{SITE}/1", "หน้า 3"],
            ["8", second.id, f"{SITE}/2"],
        ],
        [[first.id, f"{SITE}/1", "หน้า 3"], [second.id, f"{SITE}/2"]],
        [["7", first.id, first.label.th, f"{SITE}/1", "หน้า 3"], ["6", second.id, second.label.th, f"{SITE}/2"]],
        [["๑", f"{SITE}/1", "หน้า 3"], ["๒.", f"{SITE}/2"]],
        [[first.label.th, f"{SITE}/1", "หน้า 3"], [second.label.th, f"{SITE}/2"]],
        [[f"{first.id} {first.label.th}", f"{SITE}/1"], ["", "", "หน้า 3"], [f"ข้อ {second.id}", f"{SITE}/2"]],
    ]
    for table in tables:
        found = read(*table)
        assert not found.problems, table
        assert {i: (e.addresses, e.notes) for i, e in found.entries.items()} == expected, table


def test_lines_typed_with_spaces_are_read_as_well_and_go_to_no_other_item():
    first, second, third, fourth = (item.id for item in items()[:4])
    found = read(
        [f"{first} {SITE}/1"],
        [f"{second}: ระบบออนไลน์ {SITE}/2"],
        [f"{SITE}/2b"],
        [f"O999 {SITE}/elsewhere"],
        [f"ข้อ {third.lstrip('O')} ไม่มีข้อมูลในปีนี้"],
        [f"{fourth} {items()[3].label.th}"],
    )
    assert {i: (e.addresses, e.notes) for i, e in found.entries.items()} == {
        first: ([f"{SITE}/1"], []),
        second: ([f"ระบบออนไลน์ {SITE}/2", f"{SITE}/2b"], []),
        third: ([], ["ไม่มีข้อมูลในปีนี้"]),
        fourth: ([], []),
    }
    assert found.problems == ["แถวที่ 4: ปีนี้ไม่มีข้อ “O999”"]


def test_several_rows_of_one_item_are_one_entry():
    first = items()[0].id
    found = read([first, f"{SITE}/1"], ["", f"{SITE}/2"], [first, f"{SITE}/1"])
    assert found.entries[first].addresses == [f"{SITE}/1", f"{SITE}/2"]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "ยังไม่มีแถวใด"),
        ([["", " "]], "ยังไม่มีแถวใด"),
        ([[f"{SITE}/1"]], "แถวที่ 1: ไม่พบรหัสข้อ"),
        ([["O99", f"{SITE}/1"], ["", f"{SITE}/2"]], "แถวที่ 1: ปีนี้ไม่มีข้อ “O99”"),
        ([["O1", f"{SITE}/{n}"] for n in range(pasted.MAX_ROWS + 1)], "อ่านได้ครั้งละไม่เกิน"),
        ([["ข้อ", "ลิงก์"], ["โครงการ", f"{SITE}/1"]], "“โครงการ”"),
    ],
)
def test_what_is_no_table_of_items_says_why(rows, says):
    found = read(*rows)
    assert not found.entries
    assert any(says in problem for problem in found.problems), found.problems
