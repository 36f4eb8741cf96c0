"""The office's year of rules: begun, changed in the workbook, rehearsed, announced, used by a round; and the officer's
November, when a result comes by letter."""

import re

import openpyxl
from playwright.sync_api import expect

from e2e.conftest import accessible, picture
from e2e.rounds import answer, issue, seal_and_publish, start_round, survey_card, wait_for_work

NEXT = 2571
QUESTION = "เพื่อนร่วมงานของท่านทำงานครบทุกขั้นตอนภายในเวลาที่ประกาศไว้เพียงใด"


def test_a_year_of_rules_without_a_file_of_yaml(visit, tmp_path):
    page = visit(user="office")
    page.goto("/desk/rules/")
    accessible(page)
    page.get_by_label("ปีงบประมาณ (พ.ศ.)").fill(str(NEXT))
    page.get_by_label("เริ่มจากหลักเกณฑ์ปี").select_option("ita/2570")
    page.get_by_role("button", name="เริ่มฉบับร่าง").click()
    expect(page.get_by_role("heading", name=f"หลักเกณฑ์ปีงบประมาณ {NEXT}")).to_be_visible()
    with page.expect_download() as event:
        page.get_by_role("link", name="ดาวน์โหลดสมุดงาน").click()
    book = tmp_path / "rules.xlsx"
    event.value.save_as(book)

    sheets = openpyxl.load_workbook(book)
    sheets["เครื่องมือ"]["F3"] = "=15*2"
    sheets.save(book)
    page.get_by_label("สมุดงานที่แก้แล้ว").set_input_files(book)
    page.get_by_role("button", name="ส่งสมุดงานที่แก้แล้ว").click()
    expect(page.get_by_role("alert")).to_contain_text("ยังไม่ได้บันทึก")
    expect(page.get_by_role("rowheader", name="เครื่องมือ:F3")).to_be_visible()
    accessible(page)
    picture(page, "rules-problems")

    sheets["เครื่องมือ"]["F3"], sheets["เครื่องมือ"]["F6"] = 25, 45
    sheets["ระดับ"]["D6"] = 75
    sheets["ข้อคำถาม"]["C3"] = QUESTION
    sheets.save(book)
    page.get_by_label("สมุดงานที่แก้แล้ว").set_input_files(book)
    page.get_by_role("button", name="ส่งสมุดงานที่แก้แล้ว").click()
    expect(page.get_by_text("น้ำหนักของ IIT เปลี่ยนจาก 30% เป็น 25%")).to_be_visible()
    accessible(page)
    picture(page, "rules-draft")

    page.get_by_role("button", name="ซ้อม").click()
    expect(page.get_by_role("link", name="ดาวน์โหลดตารางรายหน่วยงาน")).to_be_visible()
    accessible(page)
    picture(page, "rules-rehearsal")

    page.goto(f"/desk/rules/{NEXT}/")
    page.get_by_label("อ่านสิ่งที่จะเปลี่ยนข้างบนแล้ว").check()
    page.get_by_label(f"พิมพ์ {NEXT} เพื่อยืนยัน").fill(str(NEXT))
    page.get_by_role("button", name=f"ประกาศหลักเกณฑ์ปี {NEXT}").click()
    wait_for_work(page)
    expect(page.get_by_text("ประกาศแล้ว", exact=True)).to_be_visible()
    start_round(page, NEXT)
    expect(page.get_by_role("heading", name=str(NEXT))).to_be_visible()
    page.goto(f"/desk/rules/{NEXT}/")
    expect(page.get_by_text("จึงถอนไม่ได้")).to_be_visible()
    public = visit()
    public.goto(f"/methodology/{NEXT}/")
    expect(public.get_by_text("45%").first).to_be_visible()

    officer = visit(user="officer")
    officer.goto(f"/desk/agency/Z0001/survey/{NEXT}/")
    expect(survey_card(officer, "IIT").get_by_role("button", name=re.compile("ใช้ลิงก์สาธารณะ"))).to_have_count(0)
    slug, printed = issue(page, f"/desk/agency/Z0001/survey/{NEXT}/", "IIT", 3)
    for code in printed:
        person = visit(width=360)
        person.goto(f"/s/{slug}/")
        expect(person.get_by_text(QUESTION)).to_be_visible()
        answer(person, slug, code)
    seal_and_publish(page, NEXT, responses=3)
    public.goto(f"/agency/Z0001/{NEXT}/")
    expect(public.get_by_role("heading", name=re.compile("เทศบาล|องค์การ")).first).to_be_visible()
    expect(public.get_by_role("row", name=re.compile(r"^IIT .* \d+\.\d\d"))).to_be_visible()
    expect(public.get_by_text("คะแนนของแบบวัดไม่แสดงบางส่วน")).to_be_visible()  # three of three: no indicators


def test_the_pages_of_rules_on_a_phone(visit):
    page = visit(user="office", width=360, dark=True)
    for address in ("/desk/rules/", "/desk/rules/2569/", "/desk/assessments/"):
        page.goto(address)
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= 360"), address


def test_a_result_that_came_by_letter_is_typed(visit):
    page = visit(user="officer2", width=360)
    page.goto("/desk/agency/Z0004/import/")
    page.get_by_role("link", name="ไม่มีไฟล์ หรือภาพไม่ชัด พิมพ์ตัวเลขเอง").click()
    page.get_by_label("ปีงบประมาณของผล").select_option("2568")  # another journey types that of 2569
    page.get_by_label("ผลนี้มาจากที่ใด").fill("หนังสือแจ้งผลการประเมิน")
    accessible(page)
    page.get_by_role("button", name="เริ่มพิมพ์ผล").click()
    page.get_by_label("คะแนนรวม ที่จะบันทึก").fill("84.50")
    page.get_by_label("ระดับผลการประเมิน ที่จะบันทึก").fill("ต้องปรับปรุง")
    page.get_by_label(re.compile("1 การปฏิบัติหน้าที่ ที่จะบันทึก$")).first.fill("80.00")
    accessible(page)
    picture(page, "typed-result")
    page.get_by_role("button", name="ยืนยันและบันทึกผลปี 2568").click()
    expect(page.get_by_text("บันทึกผลปี 2568 แล้ว")).to_be_visible()
    page.goto("/desk/agency/Z0004/plan/")
    expect(page.get_by_text("2569").first).to_be_visible()
