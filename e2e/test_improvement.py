"""Journeys from a result to an approved plan with follow-ups, the board, the timeline and the outcome."""

import re

from playwright.sync_api import expect

from e2e.conftest import YEAR, accessible, follow, sign_in
from e2e.test_journeys import picture

MAIN, OTHER = "Z0001", "Z0002"  # with a plan in force, and with none


def desk(plan, page="", code=MAIN):
    return f"/desk/agency/{code}/plan/{plan}/{page}"


def test_from_result_to_followed_up_plan(visit):
    officer = visit(user="officer2")
    officer.goto(f"/desk/agency/{OTHER}/")
    follow(officer.get_by_role("link", name="แผนยกระดับและการติดตาม"))
    accessible(officer)
    follow(officer.get_by_role("button", name=re.compile("^ร่างแผนปี")).first)
    year = re.search(r"/plan/(\d+)/edit/", officer.url)[1]
    measures = officer.get_by_role("heading", name=re.compile("^มาตรการที่"))
    measures.nth(10).wait_for()
    expect(measures).to_have_count(11)
    expect(officer.get_by_text("ครบทุกช่องและทุกตัวชี้วัด")).to_be_visible()
    accessible(officer)
    picture(officer, "plan-edit")

    second = officer.locator("section.measure").nth(1)
    second.get_by_text("ข้อค้นพบ").first.click()
    second.get_by_label("มาตรการ/โครงการ/กิจกรรม").fill("ใช้จ่ายอย่างเปิดเผย 📢")
    second.get_by_label("งบประมาณ (บาท)").fill("หนึ่งหมื่น")
    officer.get_by_role("button", name="บันทึกทั้งหมด").click()
    expect(second).to_contain_text("ไม่ใช่จำนวนเงิน", use_inner_text=True)
    expect(second.get_by_label("มาตรการ/โครงการ/กิจกรรม")).to_have_value("ใช้จ่ายอย่างเปิดเผย 📢")
    accessible(officer)
    second.get_by_label("งบประมาณ (บาท)").fill("๑๐,๐๐๐")
    second.get_by_label("ผู้รับผิดชอบ").fill("กองคลัง, สำนักปลัด")
    second.get_by_role("button", name=re.compile("^บันทึก")).click()
    officer.get_by_text("บันทึกแล้ว").wait_for()

    # an older window, without JavaScript: neither overwrites the other
    older = visit(user="officer2", javascript=False, width=360)
    older.goto(desk(year, "edit/", code=OTHER))
    older_measure = older.locator("section.measure").nth(1)
    officer.locator("section.measure").nth(1).get_by_label("ตัวชี้วัดความสำเร็จ").fill("คะแนนไม่ต่ำกว่า 90")
    officer.get_by_role("button", name="บันทึกทั้งหมด").click()
    older_measure.get_by_label("ตัวชี้วัดความสำเร็จ").fill("คะแนนไม่ต่ำกว่า 88")
    older.get_by_role("button", name="บันทึกทั้งหมด").click()
    expect(older_measure).to_contain_text("ไปก่อนเมื่อ", use_inner_text=True)
    expect(older_measure).to_contain_text("90", use_inner_text=True)
    expect(older_measure.get_by_label("ตัวชี้วัดความสำเร็จ")).to_have_value("คะแนนไม่ต่ำกว่า 88")

    follow(officer.get_by_role("link", name="ถ้าทำได้ตามแผน"))
    before = officer.locator(".what-if-total .total").last.inner_text()
    officer.get_by_role("slider").first.fill("100")
    officer.wait_for_function(
        "before => [...document.querySelectorAll('.what-if-total .total')].pop().innerText !== before", arg=before
    )
    accessible(officer)

    officer.get_by_role("link", name="แก้ไข", exact=True).click()
    officer.get_by_role("button", name="บันทึกและเสนอ").click()
    officer.get_by_text("เสนอผู้บริหารแล้ว จะแจ้งเมื่อพิจารณาเสร็จ").wait_for()

    executive = visit(user="executive2", width=360)
    executive.goto(desk(year, code=OTHER))
    follow(executive.get_by_role("link", name="พิจารณาแผน", exact=True))
    accessible(executive)
    executive.get_by_label("ตำแหน่งของท่าน").fill("")  # prefilled with the position of the last decision
    executive.get_by_role("button", name="อนุมัติ", exact=True).click()
    executive.get_by_text("ระบุตำแหน่งของผู้อนุมัติ").wait_for()
    executive.get_by_label("ตำแหน่งของท่าน").fill("นายกเทศมนตรี")
    executive.get_by_label("เผยแพร่แผนนี้").check()
    executive.get_by_role("button", name="อนุมัติ", exact=True).click()
    executive.get_by_text("อนุมัติแล้ว แผนมีผลตั้งแต่บัดนี้").wait_for()
    accessible(executive)

    phone = visit(user="officer2", width=360)
    for number, (status, text) in enumerate((("กำลังทำ", "สรุปการใช้จ่ายแล้วหนึ่งไตรมาส"), ("เสร็จแล้ว", "สรุปครบและเผยแพร่แล้ว"))):
        phone.goto(desk(year, "board/", code=OTHER))
        accessible(phone)
        phone.get_by_role("link", name="ใช้จ่ายอย่างเปิดเผย 📢").click()
        phone.get_by_label("รอบการติดตาม").select_option(index=number)
        phone.get_by_label("สถานะ").select_option(label=status)
        phone.get_by_label("ลิงก์หลักฐาน").fill("https://example.go.th/budget")
        phone.get_by_role("button", name="บันทึก", exact=True).click()
        phone.get_by_text("บอกสั้น ๆ ว่าทำอะไรไปแล้ว", exact=True).wait_for()
        accessible(phone)
        phone.get_by_label("สิ่งที่ทำแล้ว").fill(text)
        proof = {"name": f"หลักฐาน {number}.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n"}
        phone.get_by_label("ไฟล์หลักฐาน").set_input_files([proof])
        phone.get_by_role("button", name="บันทึก", exact=True).click()
        phone.get_by_text("บันทึกการติดตามแล้ว").wait_for()
        expect(phone.get_by_text(text)).to_be_visible()
    with phone.expect_download() as download:
        phone.get_by_role("link", name="หลักฐาน 1.png").click()
    assert download.value.suggested_filename == "หลักฐาน 1.png"
    accessible(phone)
    phone.goto(desk(year, "timeline/", code=OTHER))
    accessible(phone)
    expect(phone.locator("td .dot.reported")).to_have_count(2)

    officer.goto(desk(year, "board/", code=OTHER))
    done = officer.locator("section").filter(has=officer.get_by_role("heading", name="เสร็จแล้ว"))
    expect(done.get_by_role("link", name="ใช้จ่ายอย่างเปิดเผย 📢")).to_be_visible()
    for page in ("report/six/", "report/year/", "outcome/", "library/"):
        officer.goto(desk(year, page, code=OTHER))
        accessible(officer)
    with officer.expect_download() as download:
        officer.goto(desk(year, code=OTHER))
        officer.get_by_role("link", name="ดาวน์โหลดตาราง Excel").click()
    assert download.value.suggested_filename == f"plan-{OTHER}-{year}.xlsx"

    reader = visit(width=360)
    reader.goto(f"/agency/{OTHER}/")
    reader.get_by_role("heading", name="แผนยกระดับ").click()
    reader.get_by_role("link", name=f"แผนปีงบประมาณ {year}").click()
    expect(reader.get_by_text("ใช้จ่ายอย่างเปิดเผย 📢")).to_be_visible()
    accessible(reader)


def test_typed_text_is_restored_until_it_is_saved(visit):
    """After a page was closed, or sending failed."""
    page = visit(user="officer")
    page.goto(desk(YEAR, "edit/"))
    first = page.locator("section.measure").first
    before = first.get_by_label("ขั้นตอนหรือวิธีการ").input_value()
    first.get_by_label("ขั้นตอนหรือวิธีการ").fill("พิมพ์ค้างไว้")
    page.goto("/")
    page.goto(desk(YEAR, "edit/"))
    expect(first.get_by_label("ขั้นตอนหรือวิธีการ")).to_have_value("พิมพ์ค้างไว้")
    expect(page.get_by_text("นำข้อความที่พิมพ์ค้างไว้กลับมาใส่ให้แล้ว 1 ช่อง")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="ทิ้งข้อความ").click()
    expect(first.get_by_label("ขั้นตอนหรือวิธีการ")).to_have_value(before)
    page.reload()
    expect(first.get_by_label("ขั้นตอนหรือวิธีการ")).to_have_value(before)

    page.goto(desk(YEAR, "board/"))
    page.locator(".measure-card a").first.click()
    page.get_by_label("สิ่งที่ทำแล้ว").fill("ส่งไม่ถึง")
    page.context.set_offline(True)
    page.get_by_role("button", name="บันทึก", exact=True).click()
    page.context.set_offline(False)
    page.goto(desk(YEAR, "board/"))
    page.locator(".measure-card a").first.click()
    expect(page.get_by_label("สิ่งที่ทำแล้ว")).to_have_value("ส่งไม่ถึง")
    page.get_by_label("สถานะ").select_option(label="กำลังทำ")
    page.get_by_role("button", name="บันทึก", exact=True).click()
    page.get_by_text("บันทึกการติดตามแล้ว").wait_for()
    page.reload()
    expect(page.get_by_label("สิ่งที่ทำแล้ว")).to_have_value("")


def test_a_draft_of_version_0_1_0_is_restored_under_the_present_names(visit):
    page = visit(user="officer")
    page.goto(desk(YEAR, "edit/"))
    measure = page.locator("section.measure").first
    finding = measure.locator("textarea[name$=-new_finding]")
    former_name = finding.get_attribute("data-former-name")
    assert former_name.endswith("-found")
    finding.evaluate("field => field.closest('details').setAttribute('open', '')")
    finding.fill("ข้อค้นพบที่พิมพ์ไว้")
    page.evaluate(
        """([present, former]) => {
            for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith("held:")))
                sessionStorage[key] = sessionStorage[key].replaceAll(present, former);
        }""",
        [finding.get_attribute("name"), former_name],
    )
    page.goto("/")
    page.goto(desk(YEAR, "edit/"))
    expect(finding).to_have_value("ข้อค้นพบที่พิมพ์ไว้")
    page.get_by_role("button", name="ทิ้งข้อความ").click()
    page.reload()
    expect(finding).to_have_value("")


def test_typed_text_outlives_a_session_and_a_page_of_errors(visit):
    page = visit(user="officer")
    page.goto(desk(YEAR, "edit/"))
    first = page.locator("section.measure").first
    steps, budget = first.get_by_label("ขั้นตอนหรือวิธีการ"), first.get_by_label("งบประมาณ (บาท)")
    steps.fill("พิมพ์ก่อนหมดเวลา")
    page.context.clear_cookies(name="prongsai_session")
    page.get_by_role("button", name="บันทึกทั้งหมด").click()
    sign_in(page, "officer")
    page.goto(desk(YEAR, "edit/"))
    expect(steps).to_have_value("พิมพ์ก่อนหมดเวลา")
    budget.fill("หนึ่งหมื่น")
    page.get_by_role("button", name="บันทึกทั้งหมด").click()
    expect(first).to_contain_text("ไม่ใช่จำนวนเงิน", use_inner_text=True)
    page.goto("/desk/")
    page.goto(desk(YEAR, "edit/"))
    expect(steps).to_have_value("พิมพ์ก่อนหมดเวลา")
    expect(budget).to_have_value("หนึ่งหมื่น")
    page.get_by_role("button", name="ทิ้งข้อความ").click()


def test_typed_text_outlives_a_closed_tab_on_the_device_of_its_account_alone(visit):
    """Also after the session ended; not after signing out, and not where another account signs in."""
    page = visit(user="officer")

    def typed_in_a_new_tab():
        new = page.context.new_page()
        new.goto(desk(YEAR, "edit/"))
        value = new.locator("section.measure").first.get_by_label("ขั้นตอนหรือวิธีการ").input_value()
        return new, value

    page.goto(desk(YEAR, "edit/"))
    steps = page.locator("section.measure").first.get_by_label("ขั้นตอนหรือวิธีการ")
    stored = steps.input_value()
    steps.fill("พิมพ์แล้วเผลอปิด")
    page.close()
    page, value = typed_in_a_new_tab()
    assert value == "พิมพ์แล้วเผลอปิด"
    expect(page.locator("#plan-form > .note").first).to_contain_text("จนกว่าจะบันทึกหรือออกจากระบบ", use_inner_text=True)
    page.context.clear_cookies(name="prongsai_session")
    page.close()
    page = page.context.new_page()
    sign_in(page, "officer")
    page, value = typed_in_a_new_tab()
    assert value == "พิมพ์แล้วเผลอปิด"
    page.context.clear_cookies(name="prongsai_session")
    sign_in(page, "executive")
    page.goto("/desk/")
    held = "Object.keys(localStorage).filter(k => k.startsWith('held:'))"
    assert page.evaluate(held) == []
    page.context.clear_cookies(name="prongsai_session")
    sign_in(page, "officer")
    page, value = typed_in_a_new_tab()
    assert value == stored
    page.locator("section.measure").first.get_by_label("ขั้นตอนหรือวิธีการ").fill("พิมพ์แล้วออกจากระบบ")
    assert len(page.evaluate(held)) == 1
    page.locator("form[action*=logout] button").first.evaluate("button => button.click()")
    page.wait_for_url(lambda address: "/edit/" not in address)
    assert page.evaluate(held) == []


def test_a_refused_form_with_values_as_the_server_reads_them_is_nobody_elses(visit):
    """A step that is too long, in letters that are tidied, beside Thai digits: all of it is the officer's own."""
    page = visit(user="officer")
    page.goto(desk(YEAR, "edit/"))
    first = page.locator("section.measure").first
    steps, budget = first.get_by_label("ขั้นตอนหรือวิธีการ"), first.get_by_label("งบประมาณ (บาท)")
    long = "ประชุม  ทุกกอง \n\n\n" * 2500
    paste = "(field, text) => { field.value = text; field.dispatchEvent(new Event('input', {bubbles: true})); }"
    steps.evaluate(paste, long)
    budget.fill(" ๑๐,๐๐๐ ")
    page.get_by_role("button", name="บันทึกทั้งหมด").click()
    page.get_by_text("ยาวเกินที่เก็บได้").first.wait_for()
    expect(page.locator("main")).not_to_contain_text("มีผู้อื่นแก้", use_inner_text=True)
    page.goto("/desk/")
    page.goto(desk(YEAR, "edit/"))  # it is still there, and still nobody else's
    expect(page.locator("main")).not_to_contain_text("มีผู้อื่นแก้", use_inner_text=True)
    expect(steps).to_have_value(re.compile("(ทุกกอง[^ท]*){2500}"))
    expect(budget).to_have_value(re.compile(r"^\s*(๑๐,๐๐๐|10,000)\s*$"))

    other = visit(user="officer")  # whereas this is
    other.goto(desk(YEAR, "edit/"))
    other.locator("section.measure").first.get_by_label("งบประมาณ (บาท)").fill("777")
    other.get_by_role("button", name="บันทึกทั้งหมด").click()
    other.get_by_text("บันทึกแล้ว").first.wait_for()
    page.goto(desk(YEAR, "edit/"))
    expect(page.locator("main")).to_contain_text("มีผู้อื่นแก้ 1 ช่อง", use_inner_text=True)
    page.get_by_role("button", name="ทิ้งข้อความ").click()


def test_the_outcome_of_a_plan_whose_year_is_over(visit):
    for width, dark in ((1280, False), (360, True)):
        page = visit(user="auditor", width=width, dark=dark)
        page.goto("/desk/plans/")
        accessible(page)
        page.goto(desk(YEAR - 1, "outcome/"))
        expect(page.get_by_text("ไม่ได้พิสูจน์ว่าเปลี่ยนเพราะมาตรการ")).to_be_visible()
        expect(page.locator("td.num b:is(.up, .down)").nth(7)).to_be_attached()
        accessible(page)
        for name in ("", "board/", "timeline/", "report/year/", "what-if/"):
            page.goto(desk(YEAR - 1, name))
            accessible(page)
            if name == "board/" and not dark:
                picture(page, "plan-board")
        page.goto("/desk/library/?kind=sao&indicator=2")
        expect(page.get_by_text(re.compile("ใช้ .* แห่ง")).first).to_be_visible()
        accessible(page)


def test_what_papers_cannot_print_is_said_before_saving(visit):
    page = visit(user="officer")
    page.goto(desk(YEAR, "edit/"))
    steps = page.locator("section.measure").first.get_by_label("ขั้นตอนหรือวิธีการ")
    stored = steps.input_value()
    steps.fill(f"{stored} ขอบคุณ 😀 © ▶")
    note = page.get_by_text("เอกสารพิมพ์ 😀 ไม่ได้ จะเว้นไว้")
    note.wait_for()
    accessible(page)
    steps.fill(stored)
    note.wait_for(state="hidden")
    page.get_by_role("button", name="บันทึกทั้งหมด").click()
