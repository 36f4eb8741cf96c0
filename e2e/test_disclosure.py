"""The journey of a disclosure: filed, checked, confirmed, marked, replied to, decided, sealed; each step by its
role."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from e2e.conftest import ROOT, YEAR, accessible, command_environment, follow, picture
from e2e.evidence_kinds import EXPLANATION, NOTHING, REGISTER, WORDS, evidence_of
from prongsai import framework as rules

ITEMS = [i.id for i in rules.load(rules.NATIONAL, YEAR).rules.disclosure_items]
DESK = f"/desk/agency/Z0001/oit/{YEAR}/"
OF_THE_REGISTER = "กระเช้าผลไม้"  # that was sent back, as the register of gifts says
EXPLAINED = "เผยแพร่เป็นประกาศที่บอร์ดหน้าสำนักงาน"  # and no link
NO_LINK = {EXPLANATION: "ประกาศที่บอร์ดไม่ใช่การเผยแพร่บนเว็บไซต์", NOTHING: "ไม่มีข้อมูล"}  # what an assessor writes of it
SITE = f"http://www.srisommut.example/oit/{YEAR}"


def test_filing_works_without_javascript(visit):
    page = visit(user="officer", javascript=False)
    page.goto(f"{DESK}{ITEMS[0]}/")
    page.get_by_label("คำอธิบาย (ถ้ามี)").fill("ไม่มีสคริปต์")
    follow(page.get_by_role("button", name="บันทึก", exact=True))
    page.goto(f"{DESK}todo/")
    expect(page.get_by_role("heading", name="งานที่ต้องแก้")).to_be_visible()


def test_typed_text_is_kept_in_the_tab_until_sign_out(visit):
    page = visit(user="officer")
    page.goto(DESK)
    page.get_by_role("link", name=re.compile("^O2[0-9] ")).first.click()
    expect(page.get_by_role("checkbox").nth(1)).to_be_attached()
    page.get_by_label("คำอธิบาย (ถ้ามี)").fill("ยังพิมพ์ไม่จบ")
    page.reload()
    expect(page.get_by_label("คำอธิบาย (ถ้ามี)")).to_have_value("ยังพิมพ์ไม่จบ")
    follow(page.get_by_role("button", name="ออกจากระบบ"))
    assert page.evaluate("Object.keys(sessionStorage).filter(k => k.startsWith('held:'))") == []


@pytest.fixture
def evidence(site_folder, tmp_path):
    """``evidence()``: the links of the journey show every kind of evidence, until it is over. Returns the kind of each
    item."""
    environment = command_environment(site_folder) | {
        "DJANGO_SETTINGS_MODULE": "prongsai.settings",
        "PRONGSAI_DEMO": "1",
    }
    command = [sys.executable, "-m", "e2e.evidence_kinds", "Z0001", str(YEAR), str(tmp_path / "links.json")]

    def run(*more):
        done = subprocess.run(
            [*command, *more], env=environment, cwd=ROOT, check=True, timeout=120, stdout=subprocess.PIPE, text=True
        )
        return done.stdout.strip()

    yield lambda: evidence_of(ITEMS, run())
    if (tmp_path / "links.json").exists():
        run("--back")


def read_evidence(page, kind):
    """The evidence of the item on the screen, by keyboard alone: its words, then the stored copy or the comparison."""
    expect(page.locator(".desk-split")).to_contain_text(WORDS.get(kind, ""))
    if kind in (EXPLANATION, NOTHING):  # no link, and no element that is suggested
        expect(page.get_by_text(EXPLAINED)).to_have_count(1 if kind == EXPLANATION else 0)
        expect(page.locator(".views")).to_have_count(0)
    if kind in ("pdf", "scan", "docx", "xlsx", "hijacked", "rendered", REGISTER):
        with page.context.expect_page() as opened:
            page.keyboard.press("s")
        if kind in ("docx", "xlsx", "pdf"):
            expect(opened.value.locator("body")).to_contain_text("ปี ")
        if kind == REGISTER:
            expect(opened.value.locator("body")).to_contain_text(OF_THE_REGISTER)
        opened.value.close()
    if kind == "rendered":
        expect(page.locator(".page-picture img")).to_be_visible()
    if kind == "moved":
        page.keyboard.press("d")
        page.wait_for_url("**/compar*/**")
        page.go_back()  # the browser's own key, which a browser without a window does not have
        page.wait_for_url("**/desk/marking/**")


def test_a_disclosure_from_filing_to_seal(visit, evidence):
    officer = visit(user="officer", width=360)
    officer.goto(DESK)
    accessible(officer)
    follow(officer.get_by_role("link", name=re.compile("กรอกข้อต่อไป")))
    item = re.search(r"O\d+", officer.url)[0]
    officer.get_by_label("ลิงก์", exact=True).fill("javascript:alert(1)")
    officer.get_by_label("คำอธิบาย (ถ้ามี)").fill("อยู่หน้าแรก")
    officer.get_by_role("button", name="บันทึก", exact=True).click()
    expect(officer.get_by_role("alert")).to_contain_text("javascript:")
    expect(officer.get_by_label("คำอธิบาย (ถ้ามี)")).to_have_value("อยู่หน้าแรก")
    accessible(officer)
    officer.get_by_label("ลิงก์", exact=True).fill(f"{SITE}/{item}")
    for box in officer.get_by_role("group", name="ข้อนี้ต้องมี").get_by_role("checkbox").all():
        box.check()
    officer.get_by_role("button", name="บันทึก", exact=True).click()
    expect(officer.locator("#links")).to_contain_text("เปิดได้")  # without a reload
    accessible(officer)
    officer.goto(f"{DESK}all/")  # the others by one save
    accessible(officer)
    fields = {i: officer.locator(f'textarea[name="addresses:{i}"]') for i in ITEMS}
    without_link = ITEMS[-2:]  # one is explained, of one there is nothing
    others = [
        i for i, field in fields.items() if field.is_visible() and i not in without_link
    ]  # what is filed is folded
    assert len(others) > 5
    for each in others:
        fields[each].fill(f"{SITE}/{each}")
    officer.get_by_role("button", name="บันทึกทุกข้อที่แก้").click()
    expect(officer.get_by_text(f"บันทึกแล้ว {len(others)} ข้อ")).to_be_visible()
    officer.goto(f"{DESK}{without_link[0]}/")
    officer.get_by_label("คำอธิบาย (ถ้ามี)").fill(EXPLAINED)
    follow(officer.get_by_role("button", name="บันทึก", exact=True))
    officer.goto(DESK)
    expect(officer.get_by_text(f"ยื่นแล้ว {len(ITEMS) - 1} จาก {len(ITEMS)} ข้อ")).to_be_visible()
    expect(officer.get_by_role("button", name=re.compile("ยืนยันในนาม"))).to_have_count(0)

    executive = visit(user="executive")
    executive.goto(DESK)
    executive.get_by_label("ตำแหน่งของผู้ยืนยัน").fill("นายกองค์การบริหารส่วนตำบลศรีสมมุติ")
    executive.get_by_label("รับทราบว่ายังไม่ยื่น 1 ข้อ").check()
    accessible(executive)
    executive.get_by_role("button", name=re.compile("ยืนยันในนาม")).click()
    expect(executive.get_by_text("ยืนยันแล้วโดย")).to_be_visible()

    kinds = evidence()
    assessor = visit(user="assessor")
    assessor.goto("/desk/marking/")
    accessible(assessor)
    assessor.goto(f"/desk/marking/Z0001/{YEAR}/{ITEMS[0]}/")
    accessible(assessor)
    picture(assessor, "marking")
    for k, each in enumerate(ITEMS):
        expect(assessor).to_have_url(re.compile(f"/{each}/$"))
        read_evidence(assessor, kinds[each])
        comment = "เป็นข้อมูลของปีก่อน" if k == 1 else NO_LINK.get(kinds[each])
        assessor.keyboard.press("2" if comment else "1")
        if comment:
            assessor.keyboard.press("c")
            assessor.keyboard.type(comment)
            assessor.keyboard.press("Control+Enter")
        else:
            assessor.keyboard.press("Enter")
        assessor.wait_for_url(f"**/{ITEMS[k + 1]}/" if k + 1 < len(ITEMS) else f"**/desk/marking/Z0001/{YEAR}/")
    accessible(assessor)
    assessor.get_by_role("button", name="ส่งคะแนนให้หน่วยงาน").click()
    expect(assessor.get_by_text("ส่งคะแนนและความเห็นให้หน่วยงานแล้ว")).to_be_visible()

    officer.goto(f"{DESK}{ITEMS[1]}/")
    expect(officer.locator("#marks")).to_contain_text("เป็นข้อมูลของปีก่อน")
    officer.get_by_label("ชี้แจง").fill("หน้านี้ปรับเป็นปีนี้แล้วก่อนวันยื่น")
    accessible(officer)
    officer.get_by_role("button", name="ส่งคำชี้แจง").click()
    expect(officer.get_by_text("คำชี้แจงของหน่วยงาน")).to_be_visible()

    assessor.goto("/desk/marking/")
    expect(assessor.get_by_text(f"{ITEMS[1]} · องค์การบริหารส่วนตำบลศรีสมมุติ ปี {YEAR}")).to_have_count(0)
    decider = visit(user="assessor2")
    decider.goto("/desk/marking/")
    decider.get_by_role("button", name="รับข้อถัดไป").click()
    expect(decider.get_by_role("heading", level=1)).to_contain_text(ITEMS[1])
    expect(decider.get_by_text("หน้านี้ปรับเป็นปีนี้แล้วก่อนวันยื่น")).to_be_visible()
    accessible(decider)
    decider.get_by_role("radio", name=re.compile("^100")).check()
    decider.get_by_role("button", name=re.compile("^บันทึก")).click()
    decider.wait_for_url("**/desk/marking/")

    officer.goto(f"{DESK}{ITEMS[1]}/")
    expect(officer.locator("#marks")).to_contain_text("ชี้ขาด")
    office = visit(user="office")
    office.goto(f"/desk/oit/{YEAR}/")
    accessible(office)
    office.get_by_role("button", name="ปิดผนึกคะแนน").click()
    expect(office.get_by_text("ช่วงชี้แจงเพิ่มเติมยังไม่สิ้นสุด (ถึง")).to_be_visible()  # nobody loses the right to reply


def test_outsiders_and_other_agencies_are_refused(visit):
    outsider = visit()
    outsider.goto(DESK)
    expect(outsider).to_have_url(re.compile("/account/login/"))
    other = visit(user="officer")
    assert other.goto(f"/desk/agency/Z0003/oit/{YEAR}/").status == 403
    assert visit(user="assessor").goto(DESK).status == 403


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1280, False)])  # no style is of a width and a theme
def test_the_public_page(visit, width, dark):
    page = visit(width=width, dark=dark)
    page.goto(f"/agency/Z0001/{YEAR - 1}/oit/")
    accessible(page)
    expect(page.get_by_text("เปิดได้").first).to_be_visible()
    page.goto(f"/agency/Z0001/{YEAR - 1}/oit/embed/")
    accessible(page)
