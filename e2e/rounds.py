"""The steps that journeys through a round share: opening it, answering a form, computing and publishing."""

import random
import re
from contextlib import suppress

import pypdfium2
from playwright.sync_api import TimeoutError as WaitError
from playwright.sync_api import expect


def wait_for_work(page):
    """Until the worker has done what was asked for on the page; then the page anew."""
    page.locator(".note.good[role=status]").filter(has_text="เสร็จแล้ว").first.wait_for()
    with suppress(WaitError):  # it opens itself anew, but where something is typed
        page.wait_for_function("() => !document.querySelector('[data-working], [data-finished]')", timeout=10_000)
    page.goto(page.url)


def start_round(office, year):
    """Create the round of a year with every agency, running, its survey open for the days of the test."""
    office.goto("/desk/rounds/")
    office.get_by_label("ปีงบประมาณ").select_option(str(year))
    office.get_by_role("button", name="สร้างรอบ").click()
    office.get_by_role("button", name="ใส่ทุกหน่วยงานในทะเบียน").click()
    wait_for_work(office)
    office.get_by_role("button", name="เริ่มรอบ").click()
    office.get_by_role("button", name="เริ่มรอบ").wait_for(state="detached")
    office.wait_for_load_state()
    phase = office.get_by_label("เก็บแบบวัด IIT และ EIT เริ่ม")
    if phase.count():  # whatever the year's calendar said
        phase.fill("๑ ม.ค. ๒๕๖๓")
        office.get_by_label("เก็บแบบวัด IIT และ EIT สิ้นสุด").fill("31/12/2642")
        office.get_by_role("button", name="บันทึกปฏิทิน").click()


def survey_card(officer, instrument):
    """The part of the officer's survey desk that is about an instrument."""
    heading = officer.get_by_role("heading", name=re.compile(f"^{instrument}"))
    return officer.locator("section.card").filter(has=heading).first


def open_link(officer, instrument):
    """Open a survey to everybody with the link; the form's name in its address."""
    card = survey_card(officer, instrument)
    card.get_by_role("button", name=re.compile("ใช้ลิงก์สาธารณะ")).first.click()
    expect(survey_card(officer, instrument)).to_contain_text("/s/")
    return re.search(r"/s/([0-9A-Z]+)/", survey_card(officer, instrument).inner_text())[1]


def issue(office, address, instrument, people, kind="บัตรรหัสใช้ครั้งเดียว"):
    """As the office: put people on the roll of an agency's form and print as many cards or invitations: the form's name
    in its address, and their numbers."""
    office.goto(address)
    card = survey_card(office, instrument)
    card.get_by_label("หน่วยงานย่อยและจำนวนคน").fill(f"สำนักปลัด {people - 1}\nกองคลัง 1")
    card.get_by_role("button", name=re.compile("^ตั้งบัญชี")).click()
    card = survey_card(office, instrument)
    card.get_by_role("button", name=re.compile(f"ใช้{kind}")).click()
    card = survey_card(office, instrument)
    with office.expect_download() as download:
        card.get_by_role("button", name=re.compile("^ดาวน์โหลด(บัตร|คำเชิญ)")).click()
    paper = pypdfium2.PdfDocument(download.value.path())
    text = "".join(p.get_textpage().get_text_range() for p in paper)
    slug = re.search(r"/s/([0-9A-Z]+)/", card.inner_text())[1]
    return slug, re.findall(r"(?<![-\w])[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?![-\w])", text)


def choose(page):
    """Answer every question as a person would: one choice each. The form may still be on its way."""
    page.locator("input[type=radio]").first.wait_for(state="attached")
    names = page.eval_on_selector_all("input[type=radio]", "all => [...new Set(all.map(i => i.name))]")
    for name in names:
        options = page.locator(f'input[name="{name}"]')
        options.nth(random.randrange(max(options.count() - 2, 1), options.count())).check()


def answer(page, slug, code):
    """Fill in and send a form with the code of a card, as scanned."""
    page.goto(f"/s/{slug}/#{code.replace('-', '')}")
    choose(page)
    page.get_by_role("button", name="ส่งคำตอบ").click()
    page.get_by_role("heading", name="ขอบคุณ ได้รับคำตอบแล้ว").wait_for()


def seal_and_publish(office, year, responses):
    """Seal the answers of a round, compute it, wait for the worker, and publish the result."""
    office.goto(f"/desk/survey/{year}/")
    office.get_by_role("button", name="ปิดผนึกคำตอบ").click()
    wait_for_work(office)
    office.get_by_text(f"คำตอบ {responses} ชุด").first.wait_for()
    office.get_by_role("link", name="ไปคำนวณผล").click()
    office.get_by_role("button", name="คำนวณ", exact=True).click()
    waiting = office.locator("li").filter(has_text=f"ปี {year} คำนวณ").get_by_role("link")
    for _ in range(120):
        office.goto("/desk/")
        if waiting.count():
            break
        office.wait_for_timeout(500)
    waiting.click()
    office.get_by_label(f"พิมพ์ {year} เพื่อยืนยัน").fill(str(year))
    office.get_by_role("button", name="เผยแพร่").click()
    wait_for_work(office)
