"""The officer's year: what is next on every page, and a result that adds up as it is typed."""

import re

import pytest

from e2e.conftest import accessible

AGENCY, FIRST_YEAR = "Z0001", "Z0004"
PAGES = ["/desk/", f"/desk/agency/{AGENCY}/", f"/desk/agency/{AGENCY}/plan/", f"/desk/agency/{AGENCY}/type/"]


@pytest.mark.parametrize(("width", "dark"), [(360, False), (360, True), (1280, False), (1280, True)])
def test_the_next_task_is_on_every_page(visit, width, dark):
    page = visit(user="officer", width=width, dark=dark)
    for address in PAGES:
        page.goto(address)
        assert page.get_by_text(re.compile("^สิ่งที่ต้องทำต่อไป|^งานถัดไป")).first.is_visible(), address
        accessible(page)
    page.get_by_text("หน้านี้ใช้ทำอะไร").click()
    assert page.get_by_text("ใช้เมื่อไม่มีไฟล์").is_visible()


def test_a_result_adds_up_as_it_is_typed_and_nothing_is_lost(visit):
    page = visit(user="officer", width=360)
    page.goto(f"/desk/agency/{AGENCY}/type/")
    page.get_by_label("ปีงบประมาณของผล").select_option("2566")
    page.get_by_label("ผลนี้มาจากที่ใด").fill("หนังสือแจ้งผล")
    page.get_by_role("button", name="เริ่มพิมพ์ผล").click()
    for indicator in range(1, 11):
        page.locator(f'input[name="v:{indicator}"]').press_sequentially("๘๖.๕๐", delay=5)
    page.get_by_text("คำนวณได้ 86.50").first.wait_for()
    last = page.locator('input[name="v:10"]')
    assert last.input_value() == "๘๖.๕๐"
    accessible(page)
    page.reload()
    assert last.input_value() == "๘๖.๕๐"
    page.get_by_role("button", name="เติมช่องว่างที่คำนวณได้").click()
    assert page.get_by_label("คะแนนรวม ที่จะบันทึก").input_value() == "86.50"
    accessible(page)
    page.get_by_role("button", name="ยกเลิกการพิมพ์นี้").click()

    plain = visit(user="officer", javascript=False)
    plain.goto(f"/desk/agency/{AGENCY}/type/")
    plain.get_by_label("ปีงบประมาณของผล").select_option("2566")
    plain.get_by_label("ผลนี้มาจากที่ใด").fill("หนังสือแจ้งผล")
    plain.get_by_role("button", name="เริ่มพิมพ์ผล").click()
    plain.locator('input[name="v:1"]').fill("๘๖.๕")
    plain.get_by_role("button", name="ตรวจการคำนวณใหม่").click()
    assert plain.locator('input[name="v:1"]').input_value() in ("86.5", "๘๖.๕")
    plain.get_by_role("button", name="ยกเลิกการพิมพ์นี้").click()


COUNT_CLICKS = "addEventListener('click', () => { sessionStorage.clicks = 1 + +(sessionStorage.clicks || 0) }, true)"
MAX_CLICKS = 40


def clicks_of(page):
    return int(page.evaluate("sessionStorage.clicks || 0"))


def wait_for_paper(page, name):
    """Reload the page of papers until the worker has written one."""
    link = page.get_by_role("link", name=f"PDF {name}")
    for _ in range(60):
        if link.count():
            return
        page.wait_for_timeout(500)
        page.reload()
    link.wait_for()


def test_a_year_from_a_typed_result_to_the_signed_memo_and_the_report(visit):
    """An officer's year on a phone, the executive's part on a wide screen, in under forty clicks and no dead end."""
    officer, executive = visit(user="officer2", width=360), visit(user="executive2", width=1280)
    for page in (officer, executive):
        page.add_init_script(COUNT_CLICKS)
    officer.goto(f"/desk/agency/{FIRST_YEAR}/type/")
    officer.get_by_label("ปีงบประมาณของผล").select_option("2569")
    officer.get_by_label("ผลนี้มาจากที่ใด").fill("หนังสือแจ้งผลการประเมิน")
    officer.get_by_role("button", name="เริ่มพิมพ์ผล").click()
    for indicator, score in zip(
        range(1, 11), ("๙๒.๑๐", "๗๘.๔๐", "๘๘.๐๐", "๗๐.๒๕", *["๘๖.๐๐"] * 4, "๖๕.๐๐", "๕๐.๐๐"), strict=True
    ):
        officer.locator(f'input[name="v:{indicator}"]').fill(score)
    officer.get_by_role("button", name="เติมช่องว่างที่คำนวณได้").click()
    officer.get_by_role("button", name="ยืนยันและบันทึกผลปี 2569").click()
    officer.get_by_text("บันทึกผลปี 2569 แล้ว").wait_for()

    officer.goto(f"/desk/agency/{FIRST_YEAR}/plan/")
    officer.get_by_role("button", name="ร่างแผนปี 2570").click()
    officer.get_by_role("button", name="บันทึกและเสนอ").click()
    officer.get_by_text("เสนอผู้บริหารแล้ว").wait_for()
    executive.goto(f"/desk/agency/{FIRST_YEAR}/plan/2570/decide/")
    executive.get_by_role("button", name="อนุมัติ", exact=True).click()
    executive.get_by_text("อนุมัติแล้ว แผนมีผลตั้งแต่บัดนี้").wait_for()

    officer.goto(f"/desk/agency/{FIRST_YEAR}/plan/2570/board/")
    officer.locator(".measure-card a").first.click()
    officer.get_by_label("สิ่งที่ทำแล้ว").fill("จัดประชุมและเผยแพร่แนวปฏิบัติแล้ว")
    officer.get_by_label("ลิงก์หลักฐาน").fill("www.example.go.th/meeting")
    officer.get_by_role("button", name="บันทึก", exact=True).click()
    officer.get_by_text("บันทึกการติดตามแล้ว").wait_for()

    officer.goto(f"/desk/agency/{FIRST_YEAR}/papers/2570/")
    report = "รายงานผลการดำเนินการตามแผน สิ้นปีงบประมาณ"
    officer.get_by_role("button", name=f"ออกเอกสาร {report}").click()
    wait_for_paper(officer, report)
    accessible(officer)

    officer.goto(f"/desk/agency/{FIRST_YEAR}/papers/2569/memo/new/")
    accessible(officer)
    officer.get_by_label("ตำแหน่งลำดับที่ 1").fill("นักวิเคราะห์นโยบายและแผน")
    officer.get_by_role("button", name="เขียนบันทึกข้อความ").click()
    officer.get_by_label("ความเห็น").fill("เห็นควรเสนอเพื่อโปรดพิจารณา")
    officer.get_by_role("button", name=re.compile("ลงนามในนาม")).click()
    officer.get_by_text("รอลงนาม").wait_for()
    executive.goto(officer.url)
    executive.get_by_label("ความเห็น").fill("ทราบ ให้ดำเนินการตามแผน")
    executive.get_by_role("button", name=re.compile("ลงนามในนาม")).click()
    executive.locator("li.done").filter(has_text="ทราบ ให้ดำเนินการตามแผน").wait_for()
    accessible(executive)
    assert clicks_of(officer) + clicks_of(executive) < MAX_CLICKS
