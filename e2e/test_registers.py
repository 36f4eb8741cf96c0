"""The journey of a register: from what the officer submitted to the approved table, issued and ready to be filed."""

import re

from playwright.sync_api import expect

from e2e.conftest import YEAR, accessible, follow

MAIN = "Z0001"


def sheet(kind, year=YEAR):
    return f"/desk/agency/{MAIN}/register/{year}/{kind}/"


def test_the_executive_of_the_demonstration_is_asked_to_sign_a_memo_of_a_register(visit):
    executive = visit(user="executive", width=360)
    executive.goto(f"/desk/agency/{MAIN}/")
    follow(executive.get_by_role("link", name=re.compile("^อ่านและลงนาม เสนอรายงานการประเมินความเสี่ยงการทุจริต")).first)
    accessible(executive)
    paper = executive.frame_locator("iframe").locator("body").inner_text()
    assert "ขอความเห็นชอบผลการประเมินความเสี่ยงการทุจริต" in paper
    assert "ตรวจสอบแล้ว เห็นควรเสนอเพื่อโปรดพิจารณา" in paper  # its author has signed
    executive.get_by_role("button", name=re.compile("^ลงนามในนาม")).wait_for()
    executive.get_by_role("link", name=re.compile("^Word")).wait_for()


def test_the_words_of_a_memo_are_edited_before_it_is_written(visit):
    """What is typed on the form of the memo is still there after its words were edited on their own page."""
    officer = visit(user="officer", width=360)
    form = f"{sheet('risk').replace('/register/', '/papers/').removesuffix('risk/')}risk_table/memo/"
    officer.goto(form)
    officer.get_by_label("เรื่อง", exact=True).fill("ขอความเห็นชอบผลการประเมินความเสี่ยง")
    follow(officer.get_by_role("link", name="แก้เนื้อความ"))
    accessible(officer)
    officer.get_by_role("textbox").first.fill("ด้วยสำนักปลัดได้ทบทวนความเสี่ยงร่วมกับทุกกองแล้ว")
    officer.get_by_role("button", name="บันทึกข้อความ", exact=True).click()
    officer.get_by_text("บันทึกแล้ว แก้ข้อความไว้ 1 แห่ง").wait_for()
    officer.get_by_role("link", name="ไปหน้าเขียนบันทึกข้อความ").click()
    officer.get_by_text("แก้ข้อความไว้ 1 แห่ง").wait_for()
    expect(officer.get_by_label("เรื่อง", exact=True)).to_have_value("ขอความเห็นชอบผลการประเมินความเสี่ยง")
    accessible(officer)
    officer.get_by_label("เรื่อง", exact=True).fill("")
    officer.get_by_role("button", name="เขียนบันทึกข้อความ").click()
    officer.frame_locator("iframe").get_by_text("ด้วยสำนักปลัดได้ทบทวนความเสี่ยงร่วมกับทุกกองแล้ว").wait_for()


def test_a_register_goes_up_by_memo_and_is_approved_issued_and_filed_before_its_report_is_asked_for(visit):
    officer = visit(user="officer")
    officer.goto(sheet("risk"))
    follow(officer.locator("section.next-step").get_by_role("link", name="เขียนบันทึกข้อความเสนอ"))
    accessible(officer)
    follow(officer.get_by_role("button", name="เขียนบันทึกข้อความ"))
    memo = officer.url
    assert "/memo/" in memo
    officer.get_by_label("ความเห็น").fill("เห็นควรเสนอเพื่อโปรดพิจารณา")
    officer.get_by_role("button", name=re.compile("^ลงนามในนาม")).click()
    officer.get_by_text("ลงนามบนหน้าจอ").first.wait_for()
    accessible(officer)

    executive = visit(user="executive", width=360)
    executive.goto(memo)
    expect(executive.frame_locator("iframe").locator("body")).to_contain_text(
        "ขอความเห็นชอบผลการประเมินความเสี่ยงการทุจริต", use_inner_text=True
    )
    executive.get_by_label("ความเห็น").fill("เห็นชอบ")
    executive.get_by_role("button", name=re.compile("^ลงนามในนาม")).click()
    executive.get_by_text("ลงนามบนหน้าจอ").nth(1).wait_for()  # the agency's line may have places left to the hand
    accessible(executive)
    executive.get_by_role("link", name=re.compile("^Word")).wait_for()

    executive = visit(user="executive", width=360)
    executive.goto(f"/desk/agency/{MAIN}/")
    follow(executive.get_by_role("link", name=re.compile("^พิจารณาการประเมินความเสี่ยง")).first)
    accessible(executive)
    executive.get_by_role("link", name="ไปที่ช่องพิจารณา").click()
    executive.get_by_role("button", name="อนุมัติ", exact=True).click()
    executive.get_by_text("อนุมัติแล้ว").first.wait_for()
    accessible(executive)

    officer = visit(user="officer")
    officer.goto(sheet("risk"))
    officer.locator("#paper-risk_table").get_by_role("link", name=re.compile("^บันทึกข้อความเสนอ")).wait_for()
    step = officer.locator("section.next-step")
    expect(step).to_contain_text("ขั้นต่อไปคือออกเอกสาร", use_inner_text=True)
    expect(step).not_to_contain_text("ยังขาด", use_inner_text=True)
    step.get_by_role("link", name="ไปที่เอกสาร").click()
    paper = officer.locator("#paper-risk_table")
    paper.get_by_role("button", name=re.compile("^ออกเอกสาร")).click()
    officer.locator("#paper-risk_table").get_by_role("link", name=re.compile("^PDF")).wait_for()
    expect(officer.locator("#paper-risk_table")).not_to_contain_text("(ร่าง)", use_inner_text=True)
    accessible(officer)
    file_from_register(officer)


def file_from_register(officer):
    """The item of the risks: what the register says is read, then published and filed with one button."""
    officer.set_viewport_size({"width": 360, "height": 800})
    officer.goto(sheet("risk"))
    follow(officer.get_by_role("link", name=re.compile("^เขียนหน้าและยื่นข้อ .* จากทะเบียน")).first)
    accessible(officer)
    expect(officer.get_by_role("checkbox", name=re.compile("^รายงานการประเมินความเสี่ยงการทุจริต ปี"))).to_be_checked()
    officer.get_by_role("button", name=re.compile("^เผยแพร่และยื่นข้อ")).click()
    said = officer.get_by_text(re.compile("^เผยแพร่และยื่นข้อ .* จากทะเบียนแล้ว"))
    item = re.search(r"O\d+", said.inner_text())[0]
    accessible(officer)
    officer.goto(f"/agency/{MAIN}/{YEAR}/page/{item}/")
    expect(
        officer.get_by_text("กำหนดคุณลักษณะเอื้อประโยชน์แก่ผู้เสนอราคารายใดรายหนึ่ง").nth(1)
    ).to_be_attached()  # text and table
    officer.get_by_role("link", name=re.compile("^รายงานการประเมินความเสี่ยงการทุจริต .*PDF")).wait_for()
    accessible(officer)
    officer.goto(f"/desk/agency/{MAIN}/oit/{YEAR}/{item}/")  # the item is as it was for other journeys
    officer.get_by_label("ลิงก์", exact=True).fill("")
    officer.get_by_role("button", name="บันทึก", exact=True).click()
    officer.get_by_text("ยังไม่มีลิงก์", exact=True).wait_for()


def test_every_register_of_the_demonstration_can_be_read_on_a_phone(visit):
    officer = visit(user="officer", width=360)
    officer.goto(f"/desk/agency/{MAIN}/registers/{YEAR}/")
    accessible(officer)
    for kind, year in (("action_plan", YEAR - 1), ("action_plan", YEAR), ("no_gift", YEAR), ("ethics", YEAR)):
        officer.goto(sheet(kind, year))
        expect(officer.get_by_text("สิ่งที่ต้องทำต่อไป")).to_be_visible()
        accessible(officer)
