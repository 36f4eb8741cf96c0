"""The journey of a register: from what the officer submitted to the approved table, issued and ready to be filed."""

import re

from e2e.conftest import YEAR, accessible

MAIN = "Z0001"


def sheet(kind, year=YEAR):
    return f"/desk/agency/{MAIN}/register/{year}/{kind}/"


def test_a_register_goes_up_by_memo_and_is_approved_issued_and_filed_before_its_report_is_asked_for(visit):
    officer = visit(user="officer")
    officer.goto(sheet("risk"))
    officer.locator("section.next-step").get_by_role("link", name="เขียนบันทึกข้อความเสนอ").click()
    accessible(officer)
    officer.get_by_role("button", name="เขียนบันทึกข้อความ").click()
    memo = officer.url
    assert "/memo/" in memo
    officer.get_by_label("ความเห็น").fill("เห็นควรเสนอเพื่อโปรดพิจารณา")
    officer.get_by_role("button", name=re.compile("^ลงนามในนาม")).click()
    officer.get_by_text("ลงนามบนหน้าจอ").first.wait_for()
    accessible(officer)

    executive = visit(user="executive", width=360)
    executive.goto(memo)
    assert "ขอความเห็นชอบผลการประเมินความเสี่ยงการทุจริต" in executive.frame_locator("iframe").locator("body").inner_text()
    executive.get_by_label("ความเห็น").fill("เห็นชอบ")
    executive.get_by_role("button", name=re.compile("^ลงนามในนาม")).click()
    executive.get_by_text("ลงนามบนหน้าจอ").nth(1).wait_for()  # the agency's line may have places left to the hand
    accessible(executive)
    executive.get_by_role("link", name=re.compile("^Word")).wait_for(timeout=60_000)

    executive = visit(user="executive", width=360)
    executive.goto(f"/desk/agency/{MAIN}/")
    executive.get_by_role("link", name=re.compile("^พิจารณาการประเมินความเสี่ยง")).first.click()
    accessible(executive)
    executive.get_by_role("link", name="ไปที่ช่องพิจารณา").click()
    executive.get_by_role("button", name="อนุมัติ", exact=True).click()
    executive.get_by_text("อนุมัติแล้ว").first.wait_for()
    accessible(executive)

    officer = visit(user="officer")
    officer.goto(sheet("risk"))
    officer.locator("#paper-risk_table").get_by_role("link", name=re.compile("^บันทึกข้อความเสนอ")).wait_for()
    step = officer.locator("section.next-step")
    assert "ขั้นต่อไปคือออกเอกสาร" in step.inner_text()
    assert "ยังขาด" not in step.inner_text()
    step.get_by_role("link", name="ไปที่เอกสาร").click()
    paper = officer.locator("#paper-risk_table")
    paper.get_by_role("button", name=re.compile("^ออกเอกสาร")).click()
    officer.locator("#paper-risk_table").get_by_role("link", name=re.compile("^PDF")).wait_for(timeout=60_000)
    assert "(ร่าง)" not in officer.locator("#paper-risk_table").inner_text()
    accessible(officer)


def test_every_register_of_the_demonstration_can_be_read_on_a_phone(visit):
    officer = visit(user="officer", width=360)
    officer.goto(f"/desk/agency/{MAIN}/registers/{YEAR}/")
    accessible(officer)
    for kind, year in (("action_plan", YEAR - 1), ("action_plan", YEAR), ("no_gift", YEAR), ("gifts", YEAR)):
        officer.goto(sheet(kind, year))
        assert officer.get_by_text("สิ่งที่ต้องทำต่อไป").is_visible()
        accessible(officer)
