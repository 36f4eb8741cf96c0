"""The officer's year: what is next on every page, and a result that adds up as it is typed."""

import re

import pytest
from playwright.sync_api import expect

from e2e.conftest import PASSWORD, YEAR, accessible

AGENCY, FIRST_YEAR = "Z0001", "Z0004"
PAGES = ["/desk/", f"/desk/agency/{AGENCY}/", f"/desk/agency/{AGENCY}/plan/", f"/desk/agency/{AGENCY}/type/"]


@pytest.mark.parametrize(("width", "dark"), [(360, False), (360, True), (1280, False), (1280, True)])
def test_the_next_task_is_on_every_page(visit, width, dark):
    page = visit(user="officer", width=width, dark=dark)
    for address in PAGES:
        page.goto(address)
        expect(page.get_by_text(re.compile("^สิ่งที่ต้องทำต่อไป|^งานถัดไป")).first, address).to_be_visible()
        accessible(page)
    page.get_by_text("หน้านี้ใช้ทำอะไร").click()
    expect(page.get_by_text("ใช้เมื่อไม่มีไฟล์")).to_be_visible()


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
    expect(last).to_have_value("๘๖.๕๐")
    accessible(page)
    page.reload()
    expect(last).to_have_value("86.50")  # as the server, which keeps it, reads it
    page.get_by_role("button", name="เติมช่องว่างที่คำนวณได้").click()
    expect(page.get_by_label("คะแนนรวม ที่จะบันทึก")).to_have_value("86.50")
    accessible(page)
    page.get_by_role("button", name="ยกเลิกการพิมพ์นี้").click()

    plain = visit(user="officer", javascript=False)
    plain.goto(f"/desk/agency/{AGENCY}/type/")
    plain.get_by_label("ปีงบประมาณของผล").select_option("2566")
    plain.get_by_label("ผลนี้มาจากที่ใด").fill("หนังสือแจ้งผล")
    plain.get_by_role("button", name="เริ่มพิมพ์ผล").click()
    plain.locator('input[name="v:1"]').fill("๘๖.๕")
    plain.get_by_role("button", name="เก็บไว้ก่อนและตรวจการคำนวณ").click()
    expect(plain.locator('input[name="v:1"]')).to_have_value(re.compile("^(86.5|๘๖.๕)$"))
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


def check_at_both_widths(page):
    """No barrier, and nothing wider than the window, on a phone and on a wide screen."""
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        accessible(page)


def open_agency(page):
    """From wherever somebody stands to the page of the agency: the desk, then the agency."""
    page.get_by_role("link", name="โต๊ะทำงาน").first.click()
    page.locator(f"a[href='/desk/agency/{FIRST_YEAR}/']").first.click()


def test_a_year_from_a_typed_result_to_the_signed_memo_and_the_report(visit):
    """An officer's year by what is on the pages alone: after signing in nobody types an address. Every click of the
    officer and the executive counts, and so does every choice from a list."""
    officer, executive = visit(user="officer2", width=360), visit(user="executive2", width=1280)
    for page in (officer, executive):
        page.add_init_script(COUNT_CLICKS)
        page.reload()
    choices = 2  # of a year: that of the result, and that of the papers
    officer.get_by_role("link", name="ใส่ผลปีที่แล้ว").first.click()
    check_at_both_widths(officer)
    officer.get_by_role("link", name=re.compile("พิมพ์ตัวเลข")).click()
    officer.get_by_label("ปีงบประมาณของผล").select_option(str(YEAR - 1))
    officer.get_by_label("ผลนี้มาจากที่ใด").fill("หนังสือแจ้งผลการประเมิน")
    officer.get_by_role("button", name="เริ่มพิมพ์ผล").click()
    for indicator, score in zip(
        range(1, 11), ("๙๒.๑๐", "๗๘.๔๐", "๘๘.๐๐", "๗๐.๒๕", *["๘๖.๐๐"] * 4, "๖๕.๐๐", "๕๐.๐๐"), strict=True
    ):
        officer.locator(f'input[name="v:{indicator}"]').fill(score)
    check_at_both_widths(officer)
    officer.get_by_role("button", name="เติมช่องว่างที่คำนวณได้").click()
    officer.get_by_role("button", name=f"ยืนยันและบันทึกผลปี {YEAR - 1}").click()
    officer.get_by_text(f"บันทึกผลปี {YEAR - 1} แล้ว").wait_for()

    officer.get_by_role("link", name=f"ร่างแผนปี {YEAR}").first.click()
    officer.get_by_role("button", name=f"ร่างแผนปี {YEAR}").click()
    check_at_both_widths(officer)
    officer.get_by_role("button", name="บันทึกและเสนอ").click()
    officer.get_by_text("เสนอผู้บริหารแล้ว").wait_for()
    executive.reload()
    executive.get_by_role("link", name=f"พิจารณาแผนยกระดับปี {YEAR}").first.click()
    check_at_both_widths(executive)
    executive.get_by_role("button", name="อนุมัติ", exact=True).click()
    executive.get_by_text("อนุมัติแล้ว แผนมีผลตั้งแต่บัดนี้").wait_for()

    open_agency(officer)
    officer.get_by_role("link", name="บันทึกการติดตาม").first.click()
    check_at_both_widths(officer)
    for _ in range(2):  # measures of a quarter, then those of half a year
        measures = officer.get_by_label("สิ่งที่ทำแล้ว")
        number = measures.count()
        assert number > 3
        for measure in range(number):
            measures.nth(measure).fill("จัดประชุมและเผยแพร่แนวปฏิบัติแล้ว")
        officer.locator("form summary", has_text="หลักฐาน").first.click()
        officer.get_by_label("ลิงก์หลักฐาน").first.fill("www.example.go.th/meeting")
        officer.get_by_role("button", name="บันทึกมาตรการที่พิมพ์ไว้").click()
        officer.get_by_text(f"บันทึกการติดตามแล้ว {number} มาตรการ").wait_for()

    open_agency(officer)
    officer.get_by_role("link", name="เอกสารและบันทึกข้อความ").click()
    report = "รายงานผลการดำเนินการตามแผน สิ้นปีงบประมาณ"
    officer.get_by_role("button", name=f"ออกเอกสาร {report}").click()
    wait_for_paper(officer, report)
    check_at_both_widths(officer)

    officer.locator(f"a[href$='/papers/{YEAR - 1}/']").first.click()
    officer.locator(f"a[href$='/papers/{YEAR - 1}/memo/new/']").first.click()
    check_at_both_widths(officer)
    officer.get_by_label("ตำแหน่งลำดับที่ 1").fill("นักวิเคราะห์นโยบายและแผน")
    officer.get_by_role("button", name="เขียนบันทึกข้อความ").click()
    check_at_both_widths(officer)
    officer.get_by_label("ความเห็น").fill("เห็นควรเสนอเพื่อโปรดพิจารณา")
    officer.get_by_role("button", name=re.compile("ลงนามในนาม")).click()
    officer.get_by_text("รอลงนาม").wait_for()
    executive.get_by_role("link", name="โต๊ะทำงาน").first.click()
    executive.get_by_role("link", name=re.compile("อ่านและลงนาม")).first.click()
    check_at_both_widths(executive)
    executive.get_by_label("ความเห็น").fill("ทราบ ให้ดำเนินการตามแผน")
    executive.get_by_role("button", name=re.compile("ลงนามในนาม")).click()
    executive.locator("li.done").filter(has_text="ทราบ ให้ดำเนินการตามแผน").wait_for()
    assert min(clicks_of(officer), clicks_of(executive)) >= 4  # they were counted over all pages
    assert MAX_CLICKS / 2 < clicks_of(officer) + clicks_of(executive) + choices < MAX_CLICKS


FORMS = [
    f"/desk/agency/{AGENCY}/type/",
    f"/desk/agency/{AGENCY}/survey/{YEAR}/",
    f"/desk/agency/{AGENCY}/oit/{YEAR}/",
    f"/desk/agency/{AGENCY}/oit/{YEAR}/O1/",
    f"/desk/agency/{AGENCY}/oit/{YEAR}/all/",
    f"/desk/agency/{AGENCY}/plan/{YEAR}/edit/",
    f"/desk/agency/{AGENCY}/plan/{YEAR}/follow-ups/",
    f"/desk/agency/{AGENCY}/register/{YEAR}/gifts/edit/",
    f"/desk/agency/{AGENCY}/register/{YEAR}/gifts/paste/",
    f"/desk/agency/{AGENCY}/papers/{YEAR}/",
    f"/desk/agency/{AGENCY}/papers/{YEAR - 1}/memo/new/",
    f"/desk/agency/{AGENCY}/papers/{YEAR - 1}/memo/text/",
    f"/desk/agency/{AGENCY}/papers/{YEAR}/action_plan/memo/",
    f"/desk/agency/{AGENCY}/papers/{YEAR}/action_plan.memo/text/",
    f"/desk/agency/{AGENCY}/memo/1/",
]
# fills every form of a page, but those whose text leaves no work behind (how many cards to print); returns its fields
FILL = """() => {
    const fields = [...document.querySelectorAll('main form[method=post] :is(textarea, input:not([type]), \
[type=text], [type=email], [type=checkbox])')].filter((f) => f.name && !f.readOnly && !f.action && f.name !== 'number');
    for (const field of fields) {
        if (field.type === 'checkbox') field.checked = !field.checked;
        else field.value = '๑๒';
        field.dispatchEvent(new Event('input', {bubbles: true}));
    }
    return fields.length;
}"""
LOST = """() => [...document.querySelectorAll('main form[method=post] :is(textarea, input:not([type]), [type=text], \
[type=email], [type=checkbox])')].filter((f) => f.name && !f.readOnly && f.name !== 'number')
    .filter((f) => f.type === 'checkbox' ? f.checked === f.defaultChecked : f.value !== '๑๒').map((f) => f.name)"""


def test_nothing_typed_or_ticked_on_any_form_is_lost_at_a_reload_or_when_the_session_ends(visit):
    page = visit(user="officer", width=360)
    for address in FORMS:
        page.goto(address)
        assert page.evaluate(FILL) > 0, address
        page.reload()
        assert page.evaluate(LOST) == [], address
    page.context.clear_cookies(name="prongsai_session")
    page.goto(FORMS[-1])
    page.get_by_label("อีเมล").fill("officer@demo.test")
    page.get_by_label("รหัสผ่าน").fill(PASSWORD)
    page.get_by_role("button", name="เข้าสู่ระบบ", exact=True).click()
    page.wait_for_url(f"**{FORMS[-1]}")
    for address in FORMS:
        page.goto(address)
        assert page.evaluate(LOST) == [], address


def test_a_page_that_was_open_while_the_session_ended_leads_back_to_what_was_typed(visit):
    page = visit(user="officer", width=360)
    page.goto(f"/desk/agency/{AGENCY}/papers/{YEAR}/")
    page.get_by_label("ส่วนงานที่จัดทำ").fill("สำนักปลัด ๑๒")
    form = page.locator("form", has=page.get_by_label("ส่วนงานที่จัดทำ"))
    # its token, not the cookie: a page that waits for papers asks again, and is sent another cookie
    form.locator("[name=csrfmiddlewaretoken]").evaluate("field => { field.value = 'x'.repeat(64) }")
    form.get_by_role("button", name="บันทึก").click()
    page.get_by_text("ยังไม่ได้บันทึก").first.wait_for()
    page.get_by_role("link", name="กลับไปหน้าที่พิมพ์ค้างไว้").click()
    expect(page.get_by_label("ส่วนงานที่จัดทำ")).to_have_value("สำนักปลัด ๑๒")
