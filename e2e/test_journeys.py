"""What people come for, from the first page to the last, in a real browser."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from e2e.conftest import accessible, follow, picture, sign_in
from e2e.rounds import wait_for_work

SAMPLES = Path(__file__).parents[1] / "samples"


def test_a_citizen_searches_reads_downloads_and_verifies(visit, tmp_path):
    page = visit()
    page.goto("/")
    accessible(page)
    picture(page, "home")
    page.get_by_role("searchbox").press_sequentially("สนง.เขตตลิ่งชัน", delay=20)
    page.get_by_role("link", name=re.compile("สำนักงานเขตตลิ่งชัน")).click()
    page.wait_for_url("**/agency/B1019/2564/")
    expect(page.locator(".total")).to_have_text("65.96", use_inner_text=True)
    expect(page.locator(".level.big")).to_have_text("C", use_inner_text=True)
    expect(page.get_by_role("heading", name="จุดที่ต้องพัฒนา (8)")).to_be_visible()
    accessible(page)
    picture(page, "agency")
    with page.expect_download() as download:
        page.get_by_role("link", name="ดาวน์โหลดใบรับรอง").click()
    receipt = tmp_path / "receipt.json"
    download.value.save_as(receipt)
    assert json.loads(receipt.read_text())["agency"]["name"] == "สำนักงานเขตตลิ่งชัน"
    command = [sys.executable, "-m", "prongsai.cli", "verify", str(receipt)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "ยังพิสูจน์ที่มาไม่ได้" in done.stdout


def test_whoever_types_a_wrong_letter_goes_through_what_is_found_by_keyboard(visit):
    page = visit()
    page.goto("/search/")
    page.get_by_role("searchbox").press_sequentially("ตลิ่งชัย", delay=20)
    found = page.locator(".results a")
    found.first.wait_for()
    expect(page.locator(".near")).to_contain_text("หมายถึง", use_inner_text=True)
    expect(page.get_by_role("status").first).to_contain_text("ใกล้เคียง", use_inner_text=True)
    accessible(page)
    page.keyboard.press("ArrowDown")
    assert found.first.evaluate("link => link === document.activeElement")
    page.keyboard.press("Escape")
    assert page.get_by_role("searchbox").evaluate("field => field === document.activeElement")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/agency/B1019/2564/")


def test_a_citizen_verifies_a_receipt_in_the_browser(visit, tmp_path):
    page = visit()
    address = "/agency/B1019/2564/receipt.json"
    deadline = time.monotonic() + 120
    while "log" not in (data := page.request.get(address).json()):  # the worker logs what is published
        assert time.monotonic() < deadline, "the publication never came into the public log"
        page.wait_for_timeout(500)
    receipt = tmp_path / "receipt.json"
    receipt.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    page.goto("/log/")
    accessible(page)
    picture(page, "public-log")
    scripts = []  # on a slow line the file is chosen before the script that notices is there
    page.route(re.compile(r"/publiclog/verify[^/]*\.js$"), lambda route: scripts.append(route), times=1)
    page.get_by_role("link", name="ตรวจใบรับรองในเบราว์เซอร์นี้").click(no_wait_after=True)
    results = page.locator("#results")
    late = []  # what the first verification asks of the log is answered after the second has ended
    page.route(re.compile("/log/checkpoint$"), lambda route: route.continue_() if late else late.append(route))
    page.get_by_label("ใบรับรอง").set_input_files(receipt)
    while not scripts:
        page.wait_for_timeout(50)
    scripts[0].continue_()
    results.get_by_text("ยังพิสูจน์ที่มาไม่ได้: ยังไม่ได้ใส่กุญแจที่เชื่อถือ").wait_for()
    page.get_by_role("button", name=re.compile("ใส่กุญแจของเว็บไซต์นี้")).click()
    page.get_by_role("button", name="ตรวจ", exact=True).click()
    results.get_by_text("ลงนามด้วยกุญแจที่ท่านเชื่อถือ").wait_for()
    results.get_by_text("ต่อเนื่องจากที่ใบรับรองอ้าง").wait_for()
    late[0].continue_()
    page.wait_for_load_state("networkidle")
    expect(results.get_by_text("ต่อเนื่องจากที่ใบรับรองอ้าง")).to_have_count(1)
    expect(results.locator(".fails")).to_have_count(0)
    accessible(page)
    picture(page, "verify")
    for name, forged in (("แก้ชื่อ", data | {"agency": {"name": "อื่น"}}), ("แก้ปี", data | {"fiscal_year": 2565})):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(forged, ensure_ascii=False), encoding="utf-8")
        page.get_by_label("ใบรับรอง").set_input_files(path)
        results.get_by_text("ไม่ตรงกับรหัสกำกับของใบรับรองเอง").wait_for()
    path = tmp_path / "marked.json"
    marked = data["about"] | {"collection": {"EIT1": {"open_link": True}, "<b>IIT</b>": {"other": True}}}
    marked["brought"] = ["O3", "<b>O4</b>"]
    path.write_text(json.dumps(data | {"about": marked}, ensure_ascii=False), encoding="utf-8")
    page.get_by_label("ใบรับรอง").set_input_files(path)
    results.get_by_text("EIT1 ไม่ได้ตรวจว่าใครตอบ").wait_for()
    results.get_by_text("ในนามของผู้ประเมิน: O3, <b>O4</b>").wait_for()
    expect(results).not_to_contain_text("IIT", use_inner_text=True)
    path = tmp_path / "picture.json"
    path.write_bytes(b"\x89PNG")
    page.get_by_label("ใบรับรอง").set_input_files(path)
    results.get_by_text("ไม่ใช่ใบรับรองผลของโปร่งใส").wait_for()


def test_an_officer_imports_a_document_and_corrects_a_figure(visit):
    page = visit(user="officer")
    picture(page, "desk-officer")
    accessible(page)
    follow(
        page.get_by_role("link", name="นำเข้าผลปีก่อน ๆ ที่ประกาศแล้ว")
        .or_(page.get_by_role("link", name="นำเข้าผลของปีอื่น"))
        .first
    )
    code = re.search("/desk/agency/([^/]+)/", page.url)[1]
    accessible(page)
    page.get_by_label("เอกสารผลการประเมิน").set_input_files(SAMPLES / "bangpla-2568.txt")
    page.get_by_role("button", name="อ่านไฟล์").click()
    page.get_by_role("heading", name="ตรวจตัวเลขก่อนบันทึก").wait_for()
    wrong = page.get_by_label("EIT2/6", exact=False).first
    expect(wrong).to_have_value("86.67")
    expect(page.get_by_text("น่าจะเป็น 96.67").first).to_be_visible()
    accessible(page)
    picture(page, "confirm")
    wrong.fill("นี่ไม่ใช่ตัวเลข")
    page.get_by_role("button", name="เก็บไว้ก่อนและตรวจการคำนวณ").click()
    page.get_by_text("ไม่ใช่ตัวเลข").first.wait_for()
    expect(page.get_by_label("EIT2/6", exact=False).first).to_have_value("นี่ไม่ใช่ตัวเลข")
    accessible(page)
    page.get_by_label("EIT2/6", exact=False).first.fill("96.67")
    page.get_by_label(re.compile("ยืนยันว่าเป็นเอกสารของ")).check()  # the document names another agency
    page.locator('[name="replaces"]').check()  # of what is public of this year
    page.get_by_role("button", name=re.compile("ยืนยันและบันทึก")).click()
    page.get_by_text("รอส่วนกลางเผยแพร่").first.wait_for()
    accessible(page)

    office = visit(user="office")
    accessible(office)
    picture(office, "desk-office")
    follow(office.get_by_role("link", name=re.compile("ตรวจและเผยแพร่ชุดผล")).first)
    accessible(office)
    office.locator("#correction").fill("แก้ข้อ EIT2/6 ตามเอกสารที่ประกาศ")  # what is public of this year changes
    office.get_by_label("พิมพ์ 2568 เพื่อยืนยัน").fill("2568")
    office.get_by_role("button", name="เผยแพร่").click()
    wait_for_work(office)

    public = visit(width=360)
    public.goto(f"/agency/{code}/2568/")
    expect(public.locator(".total")).to_have_text("96.04", use_inner_text=True)
    receipt = public.get_by_role("link", name="ดาวน์โหลดใบรับรอง")
    expect(receipt).not_to_be_visible()  # a phone shows the answer, and the rest when it is asked for
    public.get_by_role("heading", name="ที่มาและการตรวจ").click()
    expect(receipt).to_be_visible()
    accessible(public)


def test_the_national_office_imports_creates_and_publishes(visit, tmp_path):
    page = visit(user="office")
    page.goto("/desk/agencies/import/")  # the table of agencies, by its former address
    accessible(page)
    listing = tmp_path / "agencies.csv"
    listing.write_text(
        "รหัส,ชื่อ,ประเภท,จังหวัด\nE1,องค์การบริหารส่วนตำบลอีทูอีหนึ่ง,อบต.,ตาก\nE2,กรมอีทูอีสอง,กรม,\nE3,ผิดจังหวัด,กรม,ดาวอังคาร\n",
        encoding="utf-8",
    )
    page.get_by_label("ไฟล์ที่กรอกแล้ว").set_input_files(listing)
    page.get_by_role("button", name="อ่านไฟล์").click()
    wait_for_work(page)
    page.get_by_text("ไม่มีจังหวัดชื่อ “ดาวอังคาร”").wait_for()
    accessible(page)
    picture(page, "agency-list")
    page.get_by_role("button", name=re.compile("บันทึก 2 แถว")).click()
    wait_for_work(page)
    accessible(page)

    page.goto("/desk/rounds/")
    page.get_by_label("ปีงบประมาณ").select_option("2566")
    page.get_by_role("button", name="สร้างรอบ").click()
    page.get_by_role("heading", name="รอบปีงบประมาณ 2566").wait_for()
    accessible(page)
    page.get_by_role("button", name="ใส่ทุกหน่วยงานในทะเบียน").click()
    wait_for_work(page)
    page.get_by_role("button", name="เริ่มรอบ").click()
    page.get_by_text("กำลังประเมิน").first.wait_for()
    follow(page.get_by_role("link", name="แบ่งงาน", exact=True))
    accessible(page)
    page.get_by_role("button", name="คำนวณร่าง").click()
    wait_for_work(page)
    accessible(page)
    follow(page.get_by_role("link", name="ตรวจผลและใช้ร่างนี้"))
    accessible(page)
    page.get_by_role("button", name="ใช้ร่างนี้").click()
    wait_for_work(page)
    page.get_by_text("ที่ใช้ครั้งหลังสุด").wait_for()
    page.goto("/desk/rounds/2566/")
    picture(page, "round")
    extend_a_deadline(page)

    page.goto("/desk/results/nation/")
    accessible(page)
    table = tmp_path / "nation.csv"
    table.write_text("รหัส,คะแนนรวม,ระดับ\nE1,91.20,ผ่าน\nE2,72.5,ต้องปรับปรุง\nE9,90,ผ่าน\n", encoding="utf-8")
    page.get_by_label("ตารางผลของหลายหน่วยงาน").set_input_files(table)
    page.get_by_label("ปีงบประมาณ").select_option("2566")
    page.get_by_role("button", name="อ่านไฟล์").click()
    page.get_by_text("ไม่มีหน่วยงานรหัส E9 ในทะเบียน").wait_for()
    accessible(page)
    page.get_by_role("button", name="บันทึก 2 หน่วยงาน").click()
    wait_for_work(page)
    page.get_by_role("link", name="ตรวจแล้วเผยแพร่").click()
    page.get_by_text("ถ้าเผยแพร่").wait_for()
    accessible(page)
    page.get_by_label("พิมพ์ 2566 เพื่อยืนยัน").fill("๒๕๖๖")
    follow(page.get_by_role("button", name="เผยแพร่"))
    accessible(page)
    wait_for_work(page)
    page.get_by_text("ถ้าถอน").wait_for()
    accessible(page)
    page.get_by_label("เหตุผลที่ถอน").fill("ทดลองถอน")
    page.get_by_label("พิมพ์ 2566 เพื่อยืนยัน").fill("2566")
    page.get_by_role("button", name="ถอนการเผยแพร่").click()
    wait_for_work(page)
    page.get_by_label("พิมพ์ 2566 เพื่อยืนยัน").fill("๒๕๖๖")
    page.get_by_role("button", name="เผยแพร่").click()
    wait_for_work(page)

    public = visit()
    public.goto("/rankings/?year=2566")
    expect(public.get_by_role("row").filter(has_text="องค์การบริหารส่วนตำบลอีทูอีหนึ่ง").get_by_text("91.20")).to_be_visible()

    page.goto("/desk/trail/?verify=1")
    page.get_by_text("ไม่มีรายการใดถูกแก้ นำออก หรือเขียนใหม่").wait_for()
    accessible(page)
    picture(page, "trail")


def extend_a_deadline(page):
    """For one agency, and take it back: each is shown before."""
    for name, day in (("starts", "1/1/2566"), ("ends", "2/1/2566")):
        page.locator(f"input[name$='-{name}']").first.fill(day)
    page.get_by_role("button", name="บันทึกปฏิทิน").click()
    follow(page.get_by_role("link", name="ขยายเวลาให้หน่วยงานเดียว"))
    accessible(page)
    page.get_by_label("รหัสหน่วยงาน").fill("E1")
    page.get_by_role("button", name="แสดง").click()
    page.get_by_label("ขยายถึงวันที่").fill("31/12/2642")
    page.get_by_label("เหตุที่ขยายเวลา").fill("น้ำท่วม")
    page.get_by_role("button", name="ดูสิ่งที่จะเกิดขึ้น").click()
    page.get_by_text("เมื่อบันทึกจะเปิดให้หน่วยงานนี้ทันที").wait_for()
    accessible(page)
    page.get_by_role("button", name="บันทึกการขยายเวลา").click()
    page.get_by_text("ขยายเวลาถึง 31 ธ.ค. 2642 แล้ว").wait_for()
    expect(page.get_by_text("ที่พิมพ์ค้างไว้")).to_have_count(0)  # it is stored
    follow(page.get_by_role("button", name=re.compile("^ดูผลของการถอน")))
    accessible(page)
    page.get_by_role("button", name="ถอนการขยายเวลา").click()
    page.get_by_text("ถอนการขยายเวลาแล้ว").wait_for()


@pytest.mark.parametrize("user", [None, "officer", "assessor"])
def test_an_outsider_is_refused_everywhere(visit, user):
    page = visit(user=user)
    for address in (
        "/desk/results/",
        "/desk/rounds/",
        "/desk/agencies/",
        "/desk/people/",
        "/desk/trail/",
        "/desk/jobs/",
        "/desk/agency/B1019/import/",
        "/desk/agency/B1019/",
    ):
        response = page.goto(address)
        if user is None:
            expect(page).to_have_url(re.compile("/account/login/"))
        else:
            assert response.status == 403, address
            expect(page.get_by_role("heading", name="บัญชีของคุณไม่มีสิทธิ์ทำสิ่งนี้")).to_be_visible()
    accessible(page)


PUBLIC = (
    "/",
    "/search/?q=อบต",
    "/search/?q=ไม่มีหน่วยงานนี้",
    "/agency/B1019/2564/",
    "/agency/L7301/2568/",
    "/agency/Z0001/2568/",
    "/compare/",
    "/compare/?agency=Z0001&agency=Z0002&agency=B1019&year=2568",
    "/rankings/",
    "/nation/",
    "/nation/2568/pairs/?fictional=1",
    "/agency/Z0001/years/",
    "/agency/Z0001/2568/meaning/",
    "/ita/",
    "/methodology/2568/",
    "/data/",
    "/design/",
    "/privacy/",
    "/account/login/",
    "/account/password/reset/",
    "/no-such-page/",
)


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1280, False)])  # no style is of a width and a theme
def test_public_pages_are_accessible(visit, width, dark):
    page = visit(width=width, dark=dark)
    for address in PUBLIC:
        page.goto(address)
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        accessible(page)


@pytest.mark.parametrize("user", ["office", "assessor", "officer", "executive", "auditor"])
def test_desks_are_accessible_on_a_phone(visit, user):
    page = visit(width=360, user=user)
    for address in ("/desk/", "/me/", "/me/notices/", "/account/2fa/", "/account/password/change/"):
        page.goto(address)
        accessible(page)
    if user == "office":
        for address in (
            "/desk/agencies/",
            "/desk/agencies/Z0001/edit/",
            "/desk/agencies/Z0001/people/",
            "/desk/agencies/Z0001/close/",
            "/desk/rounds/",
            "/desk/rounds/2568/",
            "/desk/rounds/2568/allocation/",
            "/desk/rounds/2568/assessors/",
            "/desk/steering/2568/",
            "/desk/steering/2568/agencies/",
            "/desk/results/",
            "/desk/results/1/",
            "/desk/results/run/2568/",
            "/desk/people/",
            "/desk/people/invite/",
            "/desk/jobs/",
        ):
            page.goto(address)
            accessible(page)


def test_pages_read_without_javascript(visit):
    page = visit(javascript=False, width=360)
    page.goto("/")
    page.get_by_role("searchbox").fill("ตลิ่งชัน")
    page.get_by_role("button", name="ค้นหา").click()
    page.get_by_role("link", name=re.compile("สำนักงานเขตตลิ่งชัน")).click()
    expect(page.locator(".total")).to_have_text("65.96", use_inner_text=True)
    expect(page.get_by_role("link", name="ดาวน์โหลดใบรับรอง")).to_be_visible()
    page.goto("/rankings/")
    page.get_by_label("ประเภท").select_option("sao")
    page.get_by_role("button", name="แสดง").click()
    expect(page.get_by_role("row").nth(10)).to_be_attached()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Ask the results")).to_be_visible()


def test_who_is_compared_and_by_what_stay_in_sight_without_javascript(visit):
    page = visit(width=360, javascript=False)
    page.goto("/compare/?" + "&".join(f"agency=Z000{n}" for n in range(1, 7)) + "&year=2568")
    part = page.get_by_role("group", name="ตารางเปรียบเทียบ")
    names, label = part.get_by_role("columnheader"), part.get_by_role("rowheader", name=re.compile("^10 "))
    part.focus()
    page.keyboard.press("End")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(part.get_by_role("rowheader", name="ระดับ")).not_to_be_in_viewport()
    expect(names.nth(1)).not_to_be_in_viewport(ratio=1)  # scrolled both ways
    frame, corner = part.bounding_box(), names.first.bounding_box()
    assert abs(corner["y"] - frame["y"]) < 3
    assert abs(corner["x"] - frame["x"]) < 3
    assert abs(label.bounding_box()["x"] - frame["x"]) < 3
    part.get_by_role("link", name=re.compile("^เอาออกจากการเปรียบเทียบ")).nth(5).click()
    expect(names).to_have_count(6)
    expect(page).not_to_have_url(re.compile("Z0006"))
    assert all(f"agency=Z000{n}" in page.url for n in range(1, 6))


def test_whoever_asks_for_their_province_sends_their_position_to_nobody(visit):
    page = visit(width=360)
    home = "/?year=2568"
    button = page.get_by_role("button", name="จังหวัดใกล้ฉัน")

    def ask(latitude, longitude):
        page.context.set_geolocation({"latitude": latitude, "longitude": longitude})
        page.goto(home)
        button.click()

    page.context.grant_permissions(["geolocation"])
    sent = []
    page.on("request", lambda request: sent.append((request.url, request.post_data)))
    ask(13.54812, 100.27434)
    found = page.get_by_role("status").get_by_role("link", name=re.compile("^สมุทรสาคร"))
    expect(found).to_have_attribute("href", re.compile("province="))
    accessible(page)
    assert page.url.endswith(home)  # the reader follows the link, or not
    found.click()
    page.wait_for_url(re.compile("/rankings/"))
    assert any(re.search(r"/province_shapes(\.\w+)?\.js$", address) for address, _ in sent)
    assert not any(data or "13.5" in address or "100.2" in address for address, data in sent)
    ask(15.32, 105.49)
    expect(page.get_by_text(re.compile("ยังไม่มีผลที่เผยแพร่ในปีนี้ของจังหวัด อุบลราชธานี"))).to_be_visible()
    ask(1.35, 103.82)
    expect(page.get_by_text("หาจังหวัดจากตำแหน่งของคุณไม่ได้")).to_be_visible()
    page.context.clear_permissions()
    ask(13.5, 100.3)
    expect(page.get_by_text("เบราว์เซอร์ไม่ให้ตำแหน่งแก่หน้านี้")).to_be_visible()
    plain = visit(javascript=False)
    plain.goto(home)
    expect(plain.locator(".province-map").first).to_be_visible()
    expect(plain.get_by_role("button", name="จังหวัดใกล้ฉัน")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 360])
def test_three_clicks_to_who_fell_most_and_why(visit, width):
    page = visit(width=width)
    page.goto("/?fictional=1")
    page.get_by_role("link", name="อบต.", exact=True).click()
    page.locator("#map").get_by_role("link", name="ศรีสมมุติ", exact=True).click()
    answer = page.get_by_role("region", name=re.compile("ที่คะแนนลดลงมากที่สุด"))
    accessible(page)
    answer.get_by_role("link").first.click()
    expect(page.locator(".total")).to_be_visible()


def test_the_keyboard_is_enough(visit):
    page = visit()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.get_by_role("searchbox").focus()
    page.keyboard.type("ตลิ่งชัน")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    page.get_by_role("link", name=re.compile("สำนักงานเขตตลิ่งชัน")).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/agency/B1019/**")


def test_a_passkey_signs_in(visit):
    """Registered on the account page, then used instead of a password; the authenticator is the browser's virtual
    one."""
    page = visit(user="auditor")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.goto("/account/2fa/webauthn/add/")
    page.get_by_label("ชื่อที่จะจำ").fill("กุญแจทดสอบ")
    page.locator("main input[type=checkbox]").check()
    page.get_by_role("button", name="เพิ่ม", exact=True).click()
    page.wait_for_url(re.compile(r"/account/2fa/(recovery-codes/.*|webauthn/)$"))
    accessible(page)
    follow(page.get_by_role("button", name="ออกจากระบบ"))
    page.goto("/account/login/?next=/desk/")
    page.get_by_role("button", name=re.compile("พาสคีย์")).click()
    page.wait_for_url("**/desk/")


def test_signing_in_twice_from_one_page(visit):
    page = visit(user="executive")
    page.get_by_role("button", name="ออกจากระบบ").click()
    sign_in(page, "executive")
    accessible(page)
