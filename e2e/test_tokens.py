"""From an invitation on paper to an answer that nobody can trace: another day, one's own phone and a shared one."""

import re

import pytest
from playwright.sync_api import expect

from e2e.conftest import accessible
from e2e.rounds import choose, issue, start_round
from e2e.test_journeys import picture

YEAR = 2563  # a year that no other journey touches
DESK = f"/desk/agency/Z0001/survey/{YEAR}/"
BYTES = 60_000  # of the page that exchanges an invitation over the wire, as of the form


@pytest.fixture(scope="module")
def issued(browser, site):
    """The name of a form in its address, and the numbers of its invitations: one for each person on the roll."""
    from e2e.conftest import sign_in

    context = browser.new_context(base_url=site, locale="th-TH", accept_downloads=True)
    office = context.new_page()
    sign_in(office, "office")
    start_round(office, YEAR)
    slug, numbers = issue(office, DESK, "IIT", 7, kind="คำเชิญแลกสิทธิ์ตอบ")
    context.close()
    return slug, numbers


def exchange(page, slug, number, whose="ของฉันเอง"):
    page.goto(f"/s/{slug}/invitation/#{number.replace('-', '')}")
    expect(page.get_by_label("เลขคำเชิญ")).to_have_value(number.replace("-", ""))
    expect(page).not_to_have_url(re.compile("\\#"))
    page.get_by_label(re.compile(whose)).check()
    page.get_by_role("button", name="รับสิทธิ์ตอบ").click()


def send(page):
    expect(page.get_by_text("เครื่องนี้มีสิทธิ์ตอบหนึ่งครั้งแล้ว")).to_be_visible()
    choose(page)
    page.get_by_role("button", name="ส่งคำตอบ").click()


def stored(page):
    return page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length")


def test_an_invitation_is_exchanged_one_day_and_answered_another(visit, issued):
    slug, numbers = issued
    phone = visit(width=360)
    phone.goto(f"/s/{slug}/")
    expect(phone.get_by_text("แบบวัดนี้ตอบด้วยคำเชิญ")).to_be_visible()
    choose(phone)
    phone.get_by_role("button", name="ส่งคำตอบ").click()
    expect(phone.get_by_role("alert").first).to_contain_text("ยังไม่มีสิทธิ์ตอบในเครื่องนี้")
    accessible(phone)

    sizes = []
    phone.on("requestfinished", lambda r: sizes.append(sum(r.sizes()[k] for k in ("responseBodySize",))))
    exchange(phone, slug, numbers[0])
    phone.get_by_role("heading", name="ได้รับสิทธิ์ตอบแล้ว").wait_for()
    assert sum(sizes) < BYTES
    accessible(phone)
    picture(phone, "invitation-phone")
    assert stored(phone) == 1  # the token, and nothing that would join it to the number
    assert phone.evaluate("Object.keys(localStorage)[0]") == f"token:{slug}"
    assert not phone.context.cookies()

    later = phone.context.new_page()  # the browser was closed meanwhile
    phone.close()
    later.goto(f"/s/{slug}/")
    accessible(later)
    send(later)
    later.get_by_role("heading", name="ขอบคุณ ได้รับคำตอบแล้ว").wait_for()
    assert stored(later) == 0
    later.goto(f"/s/{slug}/")
    expect(later.get_by_text("แบบวัดนี้ตอบด้วยคำเชิญ")).to_be_visible()


def test_on_a_shared_device_nothing_stays_and_the_link_goes_along(visit, issued):
    slug, numbers = issued
    shared = visit(width=360)
    exchange(shared, slug, numbers[1], whose="ใช้ร่วมกับผู้อื่น")
    shared.get_by_role("heading", name="ได้รับสิทธิ์ตอบแล้ว").wait_for()
    link = shared.locator("[data-link]").input_value()
    assert shared.evaluate("localStorage.length") == 0
    own = visit(width=360)
    own.goto(link)
    expect(own).not_to_have_url(re.compile("\\#"))
    own.get_by_role("link", name="English").click()  # the right comes along
    expect(own.get_by_text("This device has the right to answer once")).to_be_visible()
    own.get_by_role("link", name="ภาษาไทย").click()
    send(own)
    own.get_by_role("heading", name="ขอบคุณ ได้รับคำตอบแล้ว").wait_for()
    twice = visit(width=360)
    twice.goto(link)
    send(twice)
    expect(twice.get_by_role("alert").first).to_contain_text("ใช้ตอบไปแล้ว")


def test_somebody_else_on_a_shared_device_starts_without_the_right_of_before(visit, issued):
    slug, numbers = issued
    shared = visit(width=360)
    exchange(shared, slug, numbers[2], whose="ใช้ร่วมกับผู้อื่น")
    shared.get_by_role("link", name="ตอบแบบวัดเดี๋ยวนี้").click()
    expect(shared.get_by_text("เครื่องนี้มีสิทธิ์ตอบหนึ่งครั้งแล้ว")).to_be_visible()
    shared.get_by_role("link", name=re.compile("มีคนอื่นใช้เครื่องนี้ก่อน")).click()
    expect(shared.get_by_text("แบบวัดนี้ตอบด้วยคำเชิญ")).to_be_visible()
    assert stored(shared) == 0


def test_an_answer_that_got_lost_is_asked_for_again(visit, issued):
    """The server signed, the signal was gone: the invitation is used, and the same device gets the same signature."""
    slug, numbers = issued
    phone = visit(width=360)

    def lose(route):
        if route.request.method == "POST":
            route.fetch()
            route.fulfill(status=408)  # as a proxy that waited in vain
        else:
            route.continue_()

    phone.route("**/invitation/", lose)
    exchange(phone, slug, numbers[3])
    expect(phone.get_by_text("เลขคำเชิญไม่เสีย")).to_be_visible()
    phone.unroute("**/invitation/")
    exchange(phone, slug, numbers[3])  # the page was loaded anew meanwhile
    phone.get_by_role("heading", name="ได้รับสิทธิ์ตอบแล้ว").wait_for()
    other = visit(width=360)
    exchange(other, slug, numbers[3])
    expect(other.get_by_text("แลกไปแล้ว")).to_be_visible()
    accessible(other)


def test_a_device_keeps_one_right_and_overwrites_none(visit, issued):
    slug, numbers = issued
    phone = visit(width=360)
    exchange(phone, slug, numbers[4])
    phone.get_by_role("heading", name="ได้รับสิทธิ์ตอบแล้ว").wait_for()
    before = phone.evaluate("JSON.stringify(localStorage)")
    exchange(phone, slug, numbers[5])
    expect(phone.get_by_text("เก็บสิทธิ์ตอบแบบวัดนี้ไว้แล้วหนึ่งสิทธิ์")).to_be_visible()
    assert phone.evaluate("JSON.stringify(localStorage)") == before


def test_a_key_that_is_not_the_printed_one_is_refused(visit, issued):
    slug, numbers = issued
    phone = visit(width=360)
    phone.goto(f"/s/{slug}/invitation/#{numbers[6].replace('-', '')}.0123456789ABCDEF")
    expect(phone.get_by_text("ไม่ตรงกับที่พิมพ์บนคำเชิญ")).to_be_visible()
    expect(phone.get_by_role("button", name="รับสิทธิ์ตอบ")).to_be_hidden()
    accessible(phone)


def test_without_scripts_a_card_is_asked_for(visit, issued):
    slug, _ = issued
    plain = visit(width=360, javascript=False)
    plain.goto(f"/s/{slug}/invitation/")
    expect(plain.get_by_text("ขอบัตรรหัสจากผู้ที่ให้คำเชิญแทน")).to_be_visible()
    expect(plain.get_by_role("button", name="รับสิทธิ์ตอบ")).to_be_hidden()


@pytest.mark.usefixtures("issued")
def test_the_office_and_the_agency_see_what_is_out(visit):
    office = visit(user="office", width=360)
    office.goto(DESK)
    expect(office.get_by_text("ออกสิทธิ์แล้ว 7 ออกได้อีก 0").first).to_be_visible()
    accessible(office)
    assert office.evaluate("document.documentElement.scrollWidth <= 360")
    picture(office, "rights-desk")
    office.goto(f"/desk/survey/{YEAR}/rights/")
    accessible(office)
    assert office.evaluate("document.documentElement.scrollWidth <= 360")
    picture(office, "rights-nation")
    officer = visit(user="officer")
    officer.goto(DESK)
    expect(officer.get_by_text("สำนักงานกลางเป็นผู้พิมพ์").first).to_be_visible()
    expect(officer.get_by_role("button", name=re.compile("เรียกคืน"))).to_have_count(0)
    accessible(officer)
