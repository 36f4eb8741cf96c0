"""A complaint from a phone without scripts to its answer and its place in the desk; a question to the public page."""

import re
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import expect

from e2e.conftest import YEAR, accessible, follow

MAIN = "Z0001"


def test_a_complaint_from_a_phone_to_its_answer(visit):
    sender = visit(width=360, javascript=True)
    sender.goto(f"/agency/{MAIN}/channels/")
    accessible(sender)
    sender.get_by_role("link", name="ร้องเรียน", exact=True).click()
    sender.get_by_text("ไม่มีใครกู้คืนได้ แม้แต่ผู้ดูแลระบบ").wait_for()
    accessible(sender)
    sender.get_by_label("การทุจริตและประพฤติมิชอบ").check()
    sender.get_by_label(re.compile("^เรื่องที่ร้องเรียน")).fill("มีการเรียกเงินหน้าโต๊ะรับคำขอ")
    sender.get_by_label("ข้าพเจ้าเข้าใจ").check()
    sender.get_by_role("button", name="ส่งเรื่องร้องเรียน").click()
    sender.get_by_role("heading", name="รับเรื่องไว้แล้ว").wait_for()
    accessible(sender)
    number, secret = sender.locator("dd code").all_inner_texts()
    stored = sender.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert not [text for text in ("เรียกเงิน", number, secret, secret.replace("-", ""), "complaint") if text in stored]
    assert sender.context.cookies() == []

    handler = visit(user="officer")
    handler.goto(f"/desk/agency/{MAIN}/complaints/{number.replace('-', '')}/")
    assert "มีการเรียกเงิน" not in handler.content()
    handler.get_by_role("button", name="รับเรื่องนี้").click()
    handler.get_by_text("มีการเรียกเงินหน้าโต๊ะรับคำขอ").wait_for()
    accessible(handler)
    handler.get_by_label("ข้อความ", exact=True).fill("ขอทราบวันและเวลา")
    handler.get_by_role("button", name="ส่งถึงผู้ร้อง").click()
    handler.get_by_text("ส่งถึงผู้ร้องแล้ว").wait_for()

    follower = visit(width=360, javascript=False)
    follower.goto("/c/follow/")
    follower.get_by_label("เลขเรื่อง").fill(number)
    follower.get_by_label("รหัสลับ").fill(secret.upper())
    follower.get_by_role("button", name="เปิดเรื่อง").click()
    follower.get_by_text("ขอทราบวันและเวลา").wait_for()
    follower.get_by_label("เขียนถึงผู้รับเรื่อง").fill("วันจันทร์ สิบโมง")
    follower.get_by_role("button", name="ส่งข้อความ").click()
    follower.get_by_text("วันจันทร์ สิบโมง").wait_for()

    handler.reload()
    handler.get_by_text("วันจันทร์ สิบโมง").wait_for()
    handler.get_by_label("มีมูล ดำเนินการแล้ว").check()
    handler.get_by_label("ข้อความแจ้งผล").fill("สอบสวนแล้วพบจริง")
    handler.get_by_role("button", name="แจ้งผลและยุติเรื่อง").click()
    handler.get_by_text("แจ้งผลและยุติเรื่องแล้ว").wait_for()
    handler.goto(f"/desk/agency/{MAIN}/channels/")
    accessible(handler)


def test_a_question_is_answered_in_public_without_scripts(visit):
    asker = visit(width=360, javascript=False)
    asker.goto(f"/c/{MAIN}/question/")
    asker.get_by_label(re.compile("^คำถามของท่าน")).fill("เปิดทำการวันเสาร์หรือไม่")
    asker.get_by_role("button", name="ส่งคำถาม").click()
    asker.get_by_text("ส่งแล้ว หน่วยงานสัญญาว่าจะตอบภายใน").wait_for()
    assert "เปิดทำการวันเสาร์" not in asker.content()  # nobody has read it yet
    officer = visit(user="officer", width=360)
    officer.goto(f"/desk/agency/{MAIN}/questions/")
    accessible(officer)
    follow(officer.get_by_role("link", name=re.compile("เปิดทำการวันเสาร์หรือไม่")))
    accessible(officer)
    officer.get_by_label("คำตอบ").fill("ไม่เปิด ยกเว้นวันที่ประกาศ")
    officer.get_by_role("button", name="เผยแพร่คำถามและคำตอบ").click()
    officer.get_by_text("เผยแพร่คำถามและคำตอบแล้ว").wait_for()
    asker.goto(f"/agency/{MAIN}/channels/")
    asker.get_by_text("ไม่เปิด ยกเว้นวันที่ประกาศ").wait_for()


def test_how_complaints_are_handled_and_how_many_came_are_read_on_a_phone(visit):
    reader = visit(width=360)
    for page in ("complaint-procedure/", f"{YEAR - 1}/complaint-statistics/"):
        for language in ("", "/en"):
            reader.goto(f"{language}/agency/{MAIN}/{page}")
            accessible(reader)


def test_readiness_and_the_page_of_an_item(visit):
    officer = visit(user="officer", width=360)
    officer.goto(f"/desk/agency/{MAIN}/readiness/")
    accessible(officer)
    follow(officer.get_by_role("link", name=re.compile("^เขียนหน้าในระบบนี้")).first)
    accessible(officer)
    page = officer.url
    missing = officer.locator("#missing")
    before = int(re.search(r"ยังขาด (\d+)", missing.inner_text())[1])
    officer.get_by_role("textbox").first.fill("ข้อมูลขององค์ประกอบแรก")
    missing.get_by_text(f"ยังขาด {before - 1} จาก" if before > 1 else "ครบทุกองค์ประกอบ").wait_for()
    officer.get_by_label("เผยแพร่ให้ประชาชนอ่าน").check()
    officer.get_by_role("button", name=re.compile("^บันทึก แล้วไปข้อถัดไป")).click()
    expect(officer).not_to_have_url(page)
    follow(officer.get_by_role("link", name="เผยแพร่และยื่นหลายข้อพร้อมกัน"))
    accessible(officer)
    officer.goto(page)
    follow(officer.get_by_role("link", name="หน้าที่ประชาชนเห็น"))
    accessible(officer)
    officer.get_by_text("ข้อมูลขององค์ประกอบแรก").wait_for()


def test_a_table_is_published_exported_and_framed(visit, tmp_path):
    table = tmp_path / "procurement.csv"
    table.write_text('งาน,วงเงิน (บาท),ผู้ได้รับการคัดเลือก\nซ่อมถนน,"๑๒๐,๐๐๐",หจก. ก\n', encoding="utf-8")
    officer = visit(user="officer", width=360)
    officer.goto(f"/desk/agency/{MAIN}/readiness/")
    officer.get_by_role("link", name=re.compile("หน้าในระบบนี้")).nth(1).click()
    follow(officer.get_by_role("link", name=re.compile("^ใส่เป็นตาราง")).first)
    accessible(officer)
    officer.get_by_label(re.compile("^ไฟล์")).set_input_files(table)
    officer.get_by_role("button", name="อ่านเป็นตาราง").click()
    officer.get_by_text("อ่านได้ 1 แถว 3 คอลัมน์").wait_for()
    accessible(officer)
    officer.get_by_role("button", name="บันทึกตารางนี้").click()
    follow(officer.get_by_role("link", name=re.compile("^หน้าของข้อ")))
    item = re.search("/pages/[0-9]+/([^/]+)/", officer.url)[1]
    officer.get_by_label("เผยแพร่ให้ประชาชนอ่าน").check()
    officer.get_by_role("button", name="บันทึก", exact=True).click()
    snippet = officer.get_by_label(re.compile("^โค้ดสำหรับฝัง")).input_value()
    follow(officer.get_by_role("link", name=re.compile("^อะไรนับว่าเปิดเผย")))
    accessible(officer)
    officer.get_by_role("button", name=re.compile("^เตรียม")).click()
    officer.get_by_text(re.compile("เสร็จแล้ว [0-9]")).wait_for()
    officer.goto(f"/desk/agency/{MAIN}/section/")
    with officer.expect_download() as fetched:
        officer.get_by_role("link", name=re.compile("^ดาวน์โหลด [0-9]")).click()
    with zipfile.ZipFile(fetched.value.path()) as archive:
        archive.extractall(tmp_path / "section")
    reader = visit(width=360, javascript=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        reader.goto(f"http://127.0.0.1:{server.server_port}/section/index.html")
        accessible(reader)
        reader.get_by_role("link", name=re.compile(f"^{item}\\b")).first.click()
        reader.get_by_role("table", name="procurement").wait_for()
        accessible(reader)
    finally:
        server.shutdown()
        server.server_close()
    frame = re.search('src="([^"]+)"', snippet)[1]
    reader.goto(frame)
    reader.get_by_role("table", name="procurement").wait_for()
    accessible(reader)
