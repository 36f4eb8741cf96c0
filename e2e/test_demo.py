"""The demonstration itself: a form for any visitor, links that open, a next task for each account."""

import re

import pytest
from playwright.sync_api import expect

from e2e.conftest import YEAR, accessible, follow
from e2e.rounds import choose
from prongsai.web.demo_accounts import ACCOUNTS


@pytest.mark.parametrize("instrument", ["EIT1"])
def test_any_visitor_answers_a_form_from_the_front_page(visit, instrument):
    page = visit(width=360)
    page.goto("/")
    page.get_by_role("link", name=re.compile(f"^{instrument} ")).click()
    choose(page)
    page.get_by_role("button", name="ส่งคำตอบ").click()
    page.get_by_role("heading", name="ขอบคุณ ได้รับคำตอบแล้ว").wait_for()


def test_a_published_link_opens_wherever_the_demonstration_runs(visit, site):
    page = visit()
    page.goto(f"/agency/Z0001/{YEAR - 1}/oit/")
    link = page.locator('a[href^="/demo-site/www.srisommut.example/oit/"]').first
    address = link.get_attribute("href")
    assert page.goto(address).status == 200
    assert page.url.startswith(site)
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"ปีงบประมาณ พ.ศ. {YEAR - 1}")
    accessible(page)
    assert page.goto("/demo-site/www.dga.or.th/").status == 404


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("account", [a for a in ACCOUNTS if a.agencies], ids=lambda a: a.email)
def test_each_account_of_an_agency_has_something_to_do(visit, account, width):
    page = visit(user=account.email.partition("@")[0], width=width)
    expect(page.get_by_text("สิ่งที่ต้องทำต่อไป").nth(0)).to_be_attached()
    follow(page.get_by_text("สิ่งที่ต้องทำต่อไป").first.locator("xpath=ancestor::section[1]").get_by_role("link").first)
    accessible(page)


def test_the_others_have_work_that_waits(visit):
    assessor = visit(user="assessor")
    assessor.goto("/desk/marking/")
    expect(assessor.get_by_role("heading", name="รอการชี้ขาด (1)")).to_be_visible()
    expect(assessor.get_by_role("row").filter(has_text="ผู้บริหารยืนยันแล้ว")).not_to_have_count(0)
    office = visit(user="office")
    expect(office.get_by_role("link", name=re.compile("ตรวจและเผยแพร่ชุดผล")).first).to_be_visible()
    expect(office.get_by_role("link", name=re.compile("ยืนยันตาราง")).first).to_be_visible()
