"""Lists of a desk: searched, filtered, sorted, in pages of any size; and acts on what was picked, or on all that
matches, which show what they will be done to before they are done."""

import csv
import io
from urllib.parse import parse_qs

import pytest
from django.urls import reverse
from lxml import html

from prongsai.people.bulk import invite_in_background
from prongsai.people.lists import PAGE_SIZES
from prongsai.people.models import AuditEntry, Notice, SavedView, User
from prongsai.registry.actions import appoint
from prongsai.registry.models import Agency
from prongsai.registry.queries import today
from prongsai.results.set_table import list_results
from tests.pages import markup


@pytest.fixture
def crowd(people):
    """Forty officers who have set no password yet, and one who has."""
    made = [User(email=f"o{k:02}@example.test", name=f"เจ้าหน้าที่ {k:02}", role="officer") for k in range(40)]
    for user in made:
        user.set_unusable_password()
        user.save()
    return made


@pytest.fixture
def office(client, people):
    client.force_login(people["office"])
    return client


@pytest.fixture
def do(office, django_capture_on_commit_callbacks):
    """Post to an address, and do the work that it asks for."""

    def post(name, values):
        with django_capture_on_commit_callbacks(execute=True):
            return office.post(reverse(name), values)

    return post


def fields(page, form):
    """The fields of a form as a browser sends them."""
    found = html.fromstring(page.content.decode()).xpath(f"//form[{form}]")[0]
    return {k: v for k, v in found.form_values() if k != "csrfmiddlewaretoken"}


def column(page, number):
    return [
        " ".join("".join(row.xpath("./*")[number].itertext()).split())
        for row in html.fromstring(page.content.decode()).xpath("//table//tbody/tr")
    ]


def test_an_address_says_what_a_list_shows(office, crowd):
    page = office.get(reverse("user_list"), {"role": "officer", "q": "เจ้าหน้าที่", "sort": "name", "order": "down"})
    assert column(page, 1) == [f"เจ้าหน้าที่ {k:02}" for k in range(39, 14, -1)]
    asked = {"role": "officer", "q": "เจ้าหน้าที่", "sort": "name", "order": "down", "page": 2}
    assert column(office.get(reverse("user_list"), asked), 1)[-1] == "เจ้าหน้าที่ 00"
    assert len(column(office.get(reverse("user_list"), {"size": PAGE_SIZES[1]}), 1)) == User.objects.count()
    waiting = office.get(reverse("user_list"), {"state": "waiting"})
    assert waiting.context["page"].paginator.count == 40
    nonsense = office.get(reverse("user_list"), {"size": "7", "sort": "password", "role": "god", "page": "x"})
    assert nonsense.context["page"].paginator.count == User.objects.count()
    assert len(column(nonsense, 1)) == 25


def test_a_file_has_all_that_matches(office, crowd):
    User.objects.filter(email="o01@example.test").update(name="=1+1")
    text = b"".join(office.get(reverse("user_list"), {"state": "waiting", "format": "csv"}).streaming_content)
    table = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert len(table) == 41
    assert "'=1+1" in [row[0] for row in table]


# --- acts


def ask(office, **picked):
    return office.post(reverse("act_on_users"), {"act": "invite", **picked})


def test_all_that_matches_is_shown_before_anything_is_done(office, do, crowd):
    page = ask(office, all="1", q="เจ้าหน้าที่", role="officer")
    text = page.content.decode()
    assert "ส่งคำเชิญอีกครั้ง 40 รายการ" in text
    assert "o39@example.test" in text
    assert not Notice.objects.exists()
    sent = fields(page, "@data-draft='selection'")
    assert "pick" not in sent  # the filter goes along, not forty keys
    assert (sent["all"], sent["q"], sent["role"]) == ("1", "เจ้าหน้าที่", "officer")
    done = do("act_on_users", sent | {"confirm": "1"})
    assert done.status_code == 302
    assert Notice.objects.filter(user__in=crowd).count() == 40
    entry = AuditEntry.objects.get(action="people.invite_again")
    assert entry.detail["entries"] == 40


def test_what_was_picked_and_no_more(office, do, crowd, people):
    page = ask(office, pick=[crowd[3].pk, crowd[5].pk, people["officer"].pk])
    assert "ส่งคำเชิญอีกครั้ง 2 รายการ" in page.content.decode()
    assert "อีก 1 รายการที่เลือกไว้ทำเช่นนี้ไม่ได้" in page.content.decode()  # has a password
    sent = fields(page, "@data-draft='selection'")
    do("act_on_users", sent | {"confirm": "1", "pick": [crowd[3].pk, crowd[5].pk, people["officer"].pk]})
    assert set(Notice.objects.values_list("user", flat=True)) >= {crowd[3].pk, crowd[5].pk}
    assert Notice.objects.filter(user__in=crowd).count() == 2


def test_nobody_is_added_between_looking_and_doing(office, do, crowd):
    """Somebody else matches by the time the page is sent back: nothing is done until it is seen."""
    sent = fields(ask(office, all="1", role="officer"), "@data-draft='selection'")
    late = User(email="late@example.test", name="ผู้มาทีหลัง", role="officer")
    late.set_unusable_password()
    late.save()
    page = do("act_on_users", sent | {"confirm": "1"})
    assert page.status_code == 409
    assert "รายการที่ตรงเปลี่ยนไป" in page.content.decode()
    assert "late@example.test" in page.content.decode()
    assert not Notice.objects.filter(user__role="officer").exists()


def test_a_worker_refuses_rows_that_nobody_saw(people, crowd, django_capture_on_commit_callbacks):
    chosen = {"is_all": True, "criteria": {"role": "officer"}, "picks": []}
    with django_capture_on_commit_callbacks(execute=True):
        invite_in_background.request(
            "x", "ita", chosen, "0" * 64, "", "http://x", by=people["office"], about="", assessment="ita", url="/"
        )
    assert not Notice.objects.filter(user__in=crowd).exists()
    assert "เปลี่ยนไป" in Notice.objects.get(user=people["office"]).text


def test_nobody_closes_their_own_account_among_many(office, do, crowd, people):
    page = office.post(reverse("act_on_users"), {"act": "close", "all": "1"})
    do("act_on_users", fields(page, "@data-draft='selection'") | {"confirm": "1"})
    assert not User.objects.filter(is_active=False).exists()
    page = office.post(reverse("act_on_users"), {"act": "close", "all": "1", "q": "เจ้าหน้าที่ 07"})
    do("act_on_users", fields(page, "@data-draft='selection'") | {"confirm": "1"})
    assert User.objects.filter(is_active=False).count() == 1


def test_another_assessments_users_are_out_of_reach(office, crowd):
    User.objects.filter(pk=crowd[0].pk).update(assessment="other")
    page = ask(office, pick=[crowd[0].pk])
    assert "ไม่มีรายการใดที่ทำเช่นนี้ได้" in page.content.decode()


def test_whoever_only_reads_has_nothing_to_tick(client, people, crowd):
    client.force_login(people["auditor"])
    page = client.get(reverse("user_list"))
    assert b'name="pick"' not in page.content
    assert client.post(reverse("act_on_users"), {"act": "close", "all": "1"}).status_code == 403


# --- agencies


def test_those_who_act_for_agencies_get_a_message_once(office, do, people, agencies):
    for agency in agencies:
        appoint(user=people["officer"], agency=agency, on=today(), by=people["office"])
    Agency(assessment_id="ita", code="C3", name_th="อบต. ไม่มีใคร", kind="sao", province="ตาก").save()
    page = office.post(reverse("act_on_agencies"), {"act": "remind", "all": "1"})
    assert "ส่งข้อความถึงผู้รับผิดชอบ 2 รายการ" in page.content.decode()
    assert "อีก 1 รายการ" in page.content.decode()
    sent = fields(page, "@data-draft='selection'")
    empty = do("act_on_agencies", sent | {"confirm": "1", "text": " "})
    assert empty.status_code == 409
    do("act_on_agencies", sent | {"confirm": "1", "text": "ยื่นภายในวันศุกร์"})
    assert [n.user for n in Notice.objects.filter(text="ยื่นภายในวันศุกร์")] == [people["officer"]]
    assert AuditEntry.objects.get(action="registry.remind").detail["agencies"] == 2


def test_agencies_by_state_and_place(office, people, agencies):
    appoint(user=people["officer"], agency=agencies[0], on=today(), by=people["office"])
    address = reverse("agency_list")
    assert [a.code for a in office.get(address, {"state": "nobody"}).context["page"]] == ["B2"]
    assert [a.code for a in office.get(address, {"province": "ขอนแก่น"}).context["page"]] == ["A1"]
    assert [a.code for a in office.get(address, {"region": "ตะวันตก"}).context["page"]] == ["B2"]
    assert [a.code for a in office.get(address, {"sort": "code", "order": "down"}).context["page"]] == ["B2", "A1"]
    assert [a.code for a in office.get(address, {"q": "เมืองอื่น"}).context["page"]] == ["B2"]


# --- results of a set


def test_results_of_a_set(office, published):
    address = reverse("result_set", args=[published[0].pk])
    assert column(office.get(address, {"kind": "sao", "q": "บ้านทดสอบ"}), 0)[-1] == "องค์การบริหารส่วนตำบลบ้านทดสอบ"
    assert list_results(published[0], {"kind": "town"}).rows.count() == 0
    text = b"".join(office.get(address, {"format": "csv"}).streaming_content).decode("utf-8-sig")
    assert "96.04" in text


# --- saved views


def test_a_view_is_kept_for_its_user_on_its_page(client, people, crowd):
    client.force_login(people["office"])
    page = client.get(reverse("user_list"), {"q": "เจ้าหน้าที่", "sort": "name", "page": "2", "size": ""})
    sent = fields(page, "@action='/me/views/'")
    assert client.post("/me/views/", sent | {"name": " ยังไม่ตั้งรหัส "})["Location"].startswith("/desk/people/?q=")
    view = SavedView.objects.get()
    assert (view.path, view.name, parse_qs(view.query)) == (
        "/desk/people/",
        "ยังไม่ตั้งรหัส",
        {"q": ["เจ้าหน้าที่"], "sort": ["name"]},
    )
    assert "ยังไม่ตั้งรหัส" in markup(client.get(reverse("user_list")))
    assert "ยังไม่ตั้งรหัส" not in markup(client.get(reverse("agency_list")))
    client.post("/me/views/", sent | {"name": "ยังไม่ตั้งรหัส", "query": "q=อื่น"})
    assert SavedView.objects.get().query == "q=อื่น"
    assert AuditEntry.objects.filter(action="people.save_view").count() == 2
    client.force_login(people["auditor"])
    assert "ยังไม่ตั้งรหัส" not in markup(client.get(reverse("user_list")))
    unwanted = {"path": "/desk/people/", "delete": "ยังไม่ตั้งรหัส"}
    client.post("/me/views/", unwanted)
    assert SavedView.objects.exists()  # another's
    client.force_login(people["office"])
    assert client.post("/me/views/", unwanted)["Location"] == "/desk/people/"
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example/", "/\\\\evil.example", "javascript:x", ""])
def test_a_view_leads_to_no_other_site(client, people, path):
    client.force_login(people["office"])
    answer = client.post("/me/views/", {"path": path, "query": "q=1", "name": "x"})
    assert answer["Location"] == "/desk/"
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("wrong", [{"name": " "}, {"name": "ก" * 61}, {"query": "q=" + "ก" * 1000}])
def test_a_view_that_cannot_be_kept_is_refused_in_words(client, people, wrong):
    client.force_login(people["office"])
    sent = {"path": "/desk/people/", "query": "q=1", "name": "x"} | wrong
    assert "มุมมอง" in markup(client.post("/me/views/", sent, follow=True))
    assert not SavedView.objects.exists()


def test_views_of_a_page_are_bounded(client, people):
    client.force_login(people["office"])
    for k in range(22):
        client.post("/me/views/", {"path": "/desk/people/", "query": f"q={k}", "name": f"มุมมอง {k}"})
    assert SavedView.objects.count() == 20


def test_the_list_stands_as_it_stood_after_an_account_was_closed(client, people):
    """Of many users with one name another is closed next: nobody searches for them again."""
    client.force_login(people["office"])
    sought = {"q": people["officer"].email, "role": "officer"}
    page = html.fromstring(client.get(reverse("user_list"), sought).content)
    query = page.xpath("//form[contains(@action, 'active')]/input[@name='query']/@value")[0]
    assert parse_qs(query) == {name: [value] for name, value in sought.items()}
    for name in ("set_user_active", "resend_invitation"):
        answer = client.post(reverse(name, args=[people["officer"].pk]), {"query": query, "open": "1"})
        assert answer["Location"] == f"{reverse('user_list')}?{query}"
        answer = client.post(
            reverse(name, args=[people["officer"].pk]), {"query": "//evil.example\r\nX: y", "open": "1"}
        )
        assert answer["Location"].startswith(f"{reverse('user_list')}?%2F%2F")
        assert client.post(reverse(name, args=[people["officer"].pk]))["Location"] == reverse("user_list")
