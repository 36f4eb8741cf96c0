"""The officer's year: what is next on every page, and a result that adds up as it is typed."""

import re

import pytest

from e2e.conftest import accessible

AGENCY = "Z0001"
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
