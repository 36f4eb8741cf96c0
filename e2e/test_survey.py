"""From a printed card to the scores on the agency's page."""

import re

from playwright.sync_api import expect

from e2e.conftest import accessible
from e2e.rounds import choose, issue, open_link, seal_and_publish, start_round, survey_card, wait_for_work
from e2e.test_journeys import picture

YEAR = 2565  # a year that no other journey touches


def test_from_card_to_score(visit):
    office = visit(user="office")
    start_round(office, YEAR)

    officer = visit(user="officer")
    desk = f"/desk/agency/Z0001/survey/{YEAR}/"
    officer.goto(desk)
    accessible(officer)
    officer.get_by_label("จำนวนคนทั้งหมด IIT").fill("๔")
    officer.get_by_label("จำนวนคนทั้งหมด EIT").fill("1,200")
    officer.get_by_role("button", name="บันทึกจำนวนคน").click()
    expect(officer.get_by_label("จำนวนคนทั้งหมด EIT")).to_have_value("1200")  # saved together
    expect(survey_card(officer, "IIT").get_by_text("ยังไม่ได้ตั้งบัญชีจำนวนคน")).to_be_visible()
    slug, printed = issue(office, desk, "IIT", 3)
    assert len(printed) == 3  # no more than people
    officer.goto(desk)
    card = survey_card(officer, "IIT")
    expect(card.get_by_text("สำนักงานกลางเป็นผู้พิมพ์ หน่วยงานเป็นผู้แจก")).to_be_visible()

    for code in printed[:3]:  # scanned: the code stands behind the # of the address
        phone = visit(width=360)
        phone.goto(f"/s/{slug}/#{code.replace('-', '')}")
        expect(phone.get_by_label("รหัสบนบัตร")).not_to_have_value("")
        if code == printed[0]:
            accessible(phone)
            picture(phone, "survey-phone")
            phone.get_by_role("link", name="English").click()
            expect(phone.get_by_label("Code on your card")).not_to_have_value("")  # the scanned code comes along
            phone.get_by_role("link", name="ภาษาไทย").click()
            phone.get_by_role("button", name="ส่งคำตอบ").click()  # nothing chosen yet
            phone.get_by_role("alert").wait_for()
            expect(phone.get_by_label("รหัสบนบัตร")).not_to_have_value("")
            accessible(phone)
        choose(phone)
        phone.get_by_role("button", name="ส่งคำตอบ").click()
        phone.get_by_role("heading", name="ขอบคุณ ได้รับคำตอบแล้ว").wait_for()
        receipt = phone.locator(".receipt").inner_text()
        accessible(phone)
        assert not phone.context.cookies()
    phone.goto(f"/receipt/?n={receipt}")
    expect(phone.get_by_text("ถูกนับแล้ว")).to_be_visible()
    again = visit(width=360)
    again.goto(f"/s/{slug}/#{printed[0]}")
    choose(again)
    again.get_by_role("button", name="ส่งคำตอบ").click()
    again.get_by_text("รหัสนี้ใช้ไม่ได้").wait_for()
    officer.reload()
    expect(card.get_by_text("ได้คำตอบ 3 จากขั้นต่ำ 3 ชุด")).to_be_visible()
    expect(card.get_by_text("ถึงขั้นต่ำแล้ว")).to_be_visible()
    picture(officer, "survey-desk")
    accessible(officer)
    link = open_link(officer, "EIT")
    plain = visit(width=360, javascript=False)
    plain.goto(f"/s/{link}/")
    names = [
        plain.locator("input[type=radio]").nth(k).get_attribute("name")
        for k in range(plain.locator("input[type=radio]").count())
    ]
    for name in dict.fromkeys(names):
        plain.locator(f'input[name="{name}"]').last.check()
    plain.get_by_role("button", name="ส่งคำตอบ").click()
    plain.get_by_role("heading", name="ขอบคุณ ได้รับคำตอบแล้ว").wait_for()

    office.goto(f"/desk/survey/{YEAR}/")
    accessible(office)
    office.get_by_role("link", name="ดูสัญญาณ").click()
    office.get_by_role("button", name="เริ่มตรวจคำตอบทั้งประเทศ").click()
    wait_for_work(office)
    office.get_by_text("ไม่พบสัญญาณ", exact=True).wait_for()  # no more cards than people
    accessible(office)
    picture(office, "signals")
    seal_and_publish(office, YEAR, responses=4)
    public = visit(width=360)
    public.goto(f"/agency/Z0001/{YEAR}/")
    public.get_by_role("heading", name="คะแนนตามเครื่องมือ").click()
    for survey in ("IIT", "EIT"):
        public.get_by_role("row", name=re.compile(rf"^{survey} .* \d+\.\d\d")).wait_for()
    public.get_by_text("คะแนนของแบบวัดไม่แสดงบางส่วน").wait_for()  # so nothing of single indicators
    expect(public.locator("svg.chart text", has_text=re.compile("^[1-8] "))).to_have_count(0)
    public.get_by_text("ไม่ได้ตรวจว่าใครตอบ").wait_for()
    accessible(public)
