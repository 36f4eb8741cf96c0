"""Two agencies of published documents with weak disclosures, brought to the full disclosure score that can be forecast,
item by item, in a real browser, by one officer: every click, field, letter and file is counted.

    python -m e2e.full_oit [--years 2564] [--write docs/full-oit.md]

What is written is invented, of the length that agencies write; documents that an agency must have anyway (a plan, an
order) are files from ``samples``. Not part of the journeys that CI runs: it takes some minutes.
"""

import argparse
import datetime
import json
import re
import sqlite3
import tempfile
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import sync_playwright

from e2e.conftest import ARGUMENTS, CHROMIUM, PATIENCE, ROOT, YEAR, accessible, run_demo, sign_in
from e2e.rounds import start_round, wait_for_work
from prongsai import framework as rules

AGENCIES = {"L1301": "seed 000", "L9601": "seed 004"}
PUBLISHED_YEAR = 2564
# The estimate of minutes: slow on purpose, for somebody who does this once a year.
SECONDS_PER_CLICK = 4  # find the button, move, press
SECONDS_PER_PAGE = 20  # read what a page that opens says
SECONDS_PER_FIELD = 10  # read the element, think of what to say
SECONDS_PER_FILE = 45  # find the document in one's own folders
LETTERS_PER_MINUTE = 100  # Thai, composing while typing
FILES = {
    "pdf": ROOT / "samples" / "daengmo-2564.pdf",
    "picture": ROOT / "docs" / "pictures" / "agency.png",
}
PICTURES = ("รูป", "ภาพ", "แผนผัง", "ผังโครงสร้าง")
DOCUMENTS = ("ไฟล์", "ประกาศ", "ประมวล", "คำสั่ง", "คู่มือ", "แผนระยะ", "แผนยาว", "แผนการ", "แผน 1 ปี", "รายงาน")
TABLES = ("รายเดือน", "ตามแบบสรุป")
TABLE = """งานที่จัดซื้อหรือจัดจ้าง,วงเงิน (บาท),ราคากลาง (บาท),วิธี,ผู้เสนอราคา,ผู้ได้รับคัดเลือกและราคา,เหตุผล,เลขที่และวันที่สัญญา
ซ่อมถนนหมู่ที่ 2,"120,000","118,500",เฉพาะเจาะจง,หจก. สมมุติ,"หจก. สมมุติ 117,000",ราคาต่ำสุด,1/2570 5 พ.ย.
วัสดุสำนักงาน,"8,400","8,400",เฉพาะเจาะจง,ร้านสมมุติ,"ร้านสมมุติ 8,400",ราคาตามท้องตลาด,2/2570 12 พ.ย.
"""
PROCEDURE = "1. รับเรื่องและแจ้งเลขเรื่องทันที\n2. ตรวจสอบข้อเท็จจริงภายใน 7 วัน\n3. เสนอนายกเพื่อพิจารณา\n4. แจ้งผลภายใน 30 วัน"
CONSULTATION = {
    "title": "ลำดับการซ่อมถนนในตำบล",
    "text": "มีงบประมาณซ่อมถนนสามสาย ประชาชนเห็นว่าควรซ่อมสายใดก่อน",
    "purpose": "เสนอคณะกรรมการพัฒนาท้องถิ่น และแจ้งผลที่หน้านี้",
}


@dataclass
class Officer:
    """The hands of one person at a browser. Everything goes by what a page shows: no address is typed but the first."""

    page: object
    done: Counter = field(default_factory=Counter)

    def click(self, target, *, opens=True):
        target.click()
        self.done["clicks"] += 1
        if opens:
            self.page.wait_for_load_state()
            self.done["pages"] += 1

    def tick(self, target):
        target.check()
        self.done["clicks"] += 1

    def write(self, target, text):
        target.fill(text)
        self.done["fields"] += 1
        self.done["letters"] += len(text)

    def attach(self, target, path):
        target.set_input_files(path)
        self.done["files"] += 1
        self.done["clicks"] += 2  # the field, and the file in the dialogue


def minutes(done):
    """The estimate for what was counted."""
    seconds = (
        done["clicks"] * SECONDS_PER_CLICK
        + done["pages"] * SECONDS_PER_PAGE
        + done["fields"] * SECONDS_PER_FIELD
        + done["files"] * SECONDS_PER_FILE
        + done["letters"] * 60 / LETTERS_PER_MINUTE
    )
    return round(seconds / 60)


def compose(agency, element, year):
    """What an officer writes of an element: invented, with the year of which the item asks."""
    return (
        f"{element} ของ{agency} ปีงบประมาณ พ.ศ. {year} ตามที่ได้ดำเนินการและตรวจสอบแล้ว "
        "รายละเอียดแสดงในหน้านี้และในเอกสารแนบ ผู้รับผิดชอบคือสำนักปลัด (ข้อความสมมุติ)"
    )


# --- the steps


def prepare(office, year):
    """What the office does, and is not counted: the round of the year with the agencies in it, and their officer."""
    if year == YEAR:
        office.goto(f"/desk/rounds/{year}/")
        office.get_by_role("button", name="ใส่ทุกหน่วยงานในทะเบียน").click()
        wait_for_work(office)
    else:
        start_round(office, year)
        for name, day in (("starts", "1/1/2563"), ("ends", "31/12/2642")):  # whatever the year's calendar said
            for box in office.locator(f"input[name$='-{name}']").all():
                box.fill(day)
        office.get_by_role("button", name="บันทึกปฏิทิน").click()
    for code in AGENCIES:
        office.goto(f"/desk/agencies/{code}/people/?q=officer2")
        office.locator("button[name=user]").first.click()
        office.locator("button[name=end]").first.wait_for()


def read_published(site, code):
    """The published scores of an agency, by node."""
    with urllib.request.urlopen(f"{site}/api/agencies/{code}/results") as answer:
        return next(r for r in json.load(answer) if r["fiscal_year"] == PUBLISHED_YEAR)


def read_readiness(page):
    """The forecast on the page of readiness, from the least to the most, and how many items are done, weak, missing."""
    text = page.get_by_text(re.compile("หากปิดรับวันนี้")).first.inner_text()
    numbers = re.findall(r"\d+\.\d+", text)
    counts = [int(re.search(r"\d+", tile)[0]) for tile in page.locator("ul.tiles li").all_inner_texts()]
    return (numbers[0], numbers[-1]), counts


def visit(officer, address):
    """A page that the desk leads to with one click."""
    officer.page.goto(address)
    officer.done["clicks"] += 1
    officer.done["pages"] += 1


def open_channels(officer, code):
    """Questions and complaints, and a consultation: from the desk of the agency."""
    page = officer.page
    visit(officer, f"/desk/agency/{code}/channels/settings/")
    officer.tick(page.get_by_label("เปิดช่องทางถามตอบ (Q&A)"))
    officer.tick(page.get_by_label("เปิดช่องทางร้องเรียน"))
    officer.write(page.locator("textarea[name=procedure]"), PROCEDURE)
    officer.click(page.get_by_role("button", name="บันทึก", exact=True))
    visit(officer, f"/desk/agency/{code}/consultations/")
    closes = datetime.datetime.now(ZoneInfo("Asia/Bangkok")).date() + datetime.timedelta(20)
    day = f"{closes.day}/{closes.month}/{closes.year + 543}"
    for name, text in {**CONSULTATION, "closes_on": day}.items():
        officer.write(page.locator(f"form [name={name}]"), text)
    officer.click(page.get_by_role("button", name="บันทึกร่าง"))
    asks = page.get_by_role("button", name=re.compile("^เปิดรับความคิดเห็นถึง"))
    if not asks.count():
        officer.click(page.get_by_role("link", name=CONSULTATION["title"]).first)
    officer.click(asks)


def is_channel(item):
    """Whether a channel alone fulfils an item."""
    label = item.label.th
    asks_for_channel = "ช่องทาง" in label and ("ร้องเรียน" in label or "รับฟังความคิดเห็น" in label)
    return "Q&A" in label or asks_for_channel or "แนวปฏิบัติการจัดการเรื่องร้องเรียน" in label


def file_channel(officer, code, year, item):
    """File the page of a channel: one button, then the elements that it has."""
    page = officer.page
    visit(officer, f"/desk/agency/{code}/readiness/{year}/")
    officer.click(page.locator(f"form[action$='/{item.id}/channels/'] button").first)
    for box in page.locator("input[name=elements]").all():
        if not box.is_checked():
            officer.tick(box)
    officer.click(page.get_by_role("button", name="บันทึก", exact=True))


def add_table(officer, element, folder):
    """A table beside an element, read from a file."""
    page = officer.page
    officer.click(page.locator(f"a[href$='?element={element}']"))
    officer.attach(page.locator("input[name=file]"), folder / "table.csv")
    officer.click(page.get_by_role("button", name=re.compile("^อ่านเป็นตาราง")))
    officer.click(page.get_by_role("button", name="บันทึกตารางนี้"))
    officer.click(page.get_by_role("link", name=re.compile("^หน้าของข้อ")))


def write_page(officer, item, agency, year, folder):
    """The page of one item: a text for each element, files or a table beside; then on to the next."""
    page = officer.page
    asked = year - 1 if item.period == "previous_year" else year
    numbers = [
        box.get_attribute("name").removeprefix("element-") for box in page.locator("textarea[name^=element-]").all()
    ]
    elements = {number: item.elements[int(number)].th for number in numbers}
    for number, words in elements.items():
        if any(word in words for word in TABLES):
            add_table(officer, number, folder)
    for number, words in elements.items():
        officer.write(page.locator(f"#element-{number}"), compose(agency, words, asked))
        kind = "picture" if any(w in words for w in PICTURES) else "pdf" if any(w in words for w in DOCUMENTS) else ""
        if kind:
            officer.attach(page.locator(f"input[name=file-{number}]"), FILES[kind])
    officer.click(page.get_by_role("button", name=re.compile("^บันทึก แล้วไปข้อถัดไป")))


def write_pages(officer, code, agency, year, items, folder):
    """The pages of all items that no channel fulfils, one after the other, published and filed by one button."""
    page = officer.page
    visit(officer, f"/desk/agency/{code}/readiness/{year}/")
    officer.click(page.get_by_role("link", name=re.compile("^เขียนหน้าในระบบนี้")).first)
    written = []
    while found := re.search(rf"/pages/{year}/([^/]+)/$", page.url):
        item = items[found[1]]
        assert item.id not in written, item.id
        write_page(officer, item, agency, year, folder)
        written.append(item.id)
        if len(written) == 1:
            accessible(page)
    assert page.url.endswith(f"/pages/{year}/"), page.url
    accessible(page)
    officer.click(page.get_by_role("button", name="เผยแพร่และยื่นข้อที่เลือก"))
    accessible(page)
    return written


def read_checks(folder, code, year, wanted):
    """Wait until the worker has checked every filed link: how many of them are good, the agency's and about the
    item."""
    query = """
        SELECT entry.item, link.state, checked.answers, checked.is_owners, checked.is_about, checked.identity
        FROM disclosure_link link JOIN disclosure_entry entry ON entry.id = link.entry_id
        JOIN disclosure_filing filing ON filing.id = entry.filing_id
        JOIN registry_agency agency ON agency.id = filing.agency_id
        JOIN registry_round round ON round.id = filing.round_id
        JOIN disclosure_linkcheck checked ON checked.id = link.last_check_id
        WHERE agency.code = ? AND round.fiscal_year = ? AND link.until IS NULL
    """
    for _ in range(240):
        with sqlite3.connect(f"file:{folder / 'prongsai.sqlite3'}?mode=ro", uri=True) as database:
            found = database.execute(query, (code, year)).fetchall()
        if len(found) == wanted:
            return found
        time.sleep(1)
    raise AssertionError(f"{len(found)} of {wanted} links are checked")


def bring_to_full(page, site, data, code, year, folder):
    """All of an agency: what was published, the work, what is forecast then."""
    framework = rules.load(rules.NATIONAL, year)
    items = {item.id: item for item in framework.rules.disclosure_items}
    result = read_published(site, code)
    officer = Officer(page)
    page.goto(f"/desk/agency/{code}/readiness/{year}/")
    name = page.locator(".breadcrumb a").last.inner_text()
    before = read_readiness(page)
    began = time.monotonic()
    open_channels(officer, code)
    by_channel = [item for item in items.values() if is_channel(item)]
    for item in by_channel:
        file_channel(officer, code, year, item)
    of_channels = Counter(officer.done)
    written = write_pages(officer, code, name, year, items, folder)
    assert {*written, *(item.id for item in by_channel)} == set(items)
    checks = read_checks(data, code, year, len(items))
    # not only open: recognised as the agency's, and as about the item
    bad = [check for check in checks if check[1] != "ok" or check[2:5] != ("yes",) * 3]
    page.goto(f"/desk/agency/{code}/readiness/{year}/")
    after = read_readiness(page)
    assert after == (("100.00", "100.00"), [len(items), 0, 0]), after
    assert {check[1] for check in checks} == {"ok"}, checks
    return {
        "code": code,
        "name": name,
        "published": result["scores"],
        "before": before,
        "after": after,
        "items": len(items),
        "elements": sum(len(item.elements) for item in items.values()),
        "by_channel": [item.id for item in by_channel],
        "done": officer.done,
        "of_channels": of_channels,
        "minutes": minutes(officer.done),
        "clock": round((time.monotonic() - began) / 60, 1),
        "checks": len(checks),
        "bad": bad,
    }


def run(year):
    """Both agencies in one demonstration."""
    with tempfile.TemporaryDirectory(prefix="full-oit-") as temporary:
        folder = Path(temporary)
        (folder / "table.csv").write_text(TABLE, encoding="utf-8")
        data = folder / "demo"
        data.mkdir()
        with run_demo(data) as site, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            pages = {}
            for user in ("office", "officer2"):
                context = chromium.new_context(base_url=site, locale="th-TH", viewport={"width": 1280, "height": 900})
                context.set_default_timeout(PATIENCE)
                pages[user] = context.new_page()
                sign_in(pages[user], user)
            prepare(pages["office"], year)
            found = [bring_to_full(pages["officer2"], site, data, code, year, folder) for code in AGENCIES]
            chromium.close()
    return found


# --- what is printed

INTRODUCTION = """# From published scores to the full disclosure score

Printed by `make full-oit`, not written by hand: two agencies whose published results of {published} the demonstration
has taken over from documents, brought to the full forecast of the disclosure score by one officer in a browser.
Buttons, links, ticks and fields are used in Chromium as an officer uses them; going from one desk to another is counted
as a click and a page, choosing a file as two clicks. The worker checks each filed page as it checks any website. Not
counted are signing in, the office's part (the round, the officer) and the executive's confirmation.

What is typed is invented, about as long as what agencies write. Documents that an agency must have anyway, such as a
plan or an order, are attached from files: **making them is not counted**, putting them in place is. What is on an
agency's own website already could be filed as it is, in less time: here every item is written anew, hence a forecast
of nothing before. The rules of {published} are those of the published scores; those of the newest year ask for more.

Items that a register fulfils (risks, the action plan, No Gift) are written by hand here as well. Somebody who keeps the
registers writes such an item with two clicks and types nothing: a page that shows what it would say, and one button.
But a register asks for more than its item does (events, projects and results, the executive's approval, papers), so
that keeping one for the item alone takes more clicks than writing the page; `e2e/test_registers.py` shows that way.
"""
ESTIMATE = f"""## How minutes are estimated

Clicks, pages, fields, letters and files are counted; minutes are an estimate from them, slow on purpose:
{SECONDS_PER_CLICK} seconds for each click, {SECONDS_PER_PAGE} to read each page that opens, {SECONDS_PER_FIELD} to
think about each field, {SECONDS_PER_FILE} to find each file, and {LETTERS_PER_MINUTE} letters a minute, written while
thinking. No person was timed. The forecast assumes that an assessor gives full points to an item that is complete: it
says what can be counted, not how good a text is.
"""


def print_markdown(runs):
    """The figures as a page of the documentation."""
    lines = [INTRODUCTION.format(published=PUBLISHED_YEAR)]
    for year, agencies in runs.items():
        lines += [f"## By the rules of {year}", ""]
        lines += [
            "| | " + " | ".join(f"{AGENCIES[f['code']]}" for f in agencies) + " |",
            "|---|" + "---|" * len(agencies),
        ]
        rows = {
            f"published {PUBLISHED_YEAR}: disclosure (9), prevention (10)": lambda f: (
                f"{f['published']['9']}, {f['published']['10']}"
            ),
            "forecast before": lambda f: f["before"][0][1],
            "forecast after, least and most": lambda f: f"**{f['after'][0][0]}**, {f['after'][0][1]}",
            "items done, weak, missing": lambda f: ", ".join(map(str, f["after"][1])),
            "required elements": lambda f: f["elements"],
            "items that a channel fulfils": lambda f: ", ".join(f["by_channel"]),
            "filed pages checked; open, the agency's and about the item": lambda f: (
                f"{f['checks']}; {f['checks'] - len(f['bad'])}"
            ),
            "clicks": lambda f: f["done"]["clicks"],
            "pages opened": lambda f: f["done"]["pages"],
            "fields": lambda f: f["done"]["fields"],
            "letters": lambda f: f"{f['done']['letters']:,}",
            "files": lambda f: f["done"]["files"],
            "minutes, estimated": lambda f: f"**{f['minutes']}**",
        }
        lines += [f"| {name} | " + " | ".join(str(tell(f)) for f in agencies) + " |" for name, tell in rows.items()]
        unsure = sorted({check[0] for f in agencies for check in f["bad"]})
        if unsure:
            lines += ["", f"Checked, and not surely recognised as about the item: {', '.join(unsure)}."]
        lines.append("")
    lines.append(ESTIMATE)
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, nargs="+", default=[PUBLISHED_YEAR, YEAR])
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    text = print_markdown({year: run(year) for year in arguments.years})
    print(text)
    if arguments.write:
        arguments.write.write_text(text.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
