"""Papers: read, issued; a memo written, signed and sent to the executive on screen."""

import re

from playwright.sync_api import expect

from e2e.conftest import YEAR, accessible, follow, picture

PAPERS = f"/desk/agency/Z0001/papers/{YEAR - 1}/"


def download(page, link, tmp_path):
    """The bytes of a download."""
    with page.expect_download() as event:
        link.click()
    path = tmp_path / event.value.suggested_filename
    event.value.save_as(path)
    return path.read_bytes()


def test_an_outcome_report_is_issued_and_a_memo_signed_up_the_line(visit, tmp_path):
    officer = visit(user="officer")
    officer.goto("/desk/agency/Z0001/")
    follow(officer.get_by_role("link", name="เอกสารและบันทึกข้อความ"))
    accessible(officer)
    picture(officer, "papers")
    officer.get_by_label("ส่วนงานที่จัดทำ").fill("กองแผนและงบประมาณ")
    follow(officer.get_by_role("button", name="บันทึก", exact=True))
    officer.goto(PAPERS)
    officer.get_by_role("button", name="ออกเอกสาร รายงานผลการดำเนินการตามมาตรการ").click()
    expect(officer.get_by_text("ไม่มีค่าใดขัดกัน")).to_be_visible()
    assert download(
        officer, officer.get_by_role("link", name="PDF รายงานผลการดำเนินการตามมาตรการ"), tmp_path
    ).startswith(b"%PDF")
    assert download(
        officer, officer.get_by_role("link", name="Word รายงานผลการดำเนินการตามมาตรการ"), tmp_path
    ).startswith(b"PK")

    follow(officer.get_by_role("link", name="เขียนและเสนอ"))
    accessible(officer)
    expect(officer.get_by_label("ส่วนราชการ")).to_have_value(re.compile("กองแผนและงบประมาณ"))
    officer.get_by_label("ตำแหน่งลำดับที่ 1").fill("นักวิเคราะห์นโยบายและแผนชำนาญการ")
    officer.get_by_label("ตำแหน่งลำดับที่ 3").fill("ที่ปรึกษาซึ่งไม่มีบัญชี")
    picture(officer, "memo-line")
    officer.get_by_role("button", name="เขียนบันทึกข้อความ").click()
    officer.get_by_label("ความเห็น").fill("เห็นควรเสนอเพื่อโปรดทราบ")
    expect(officer.get_by_label("เสนอต่อ").locator("option:checked")).to_have_text("ผู้ใช้สาธิต ผู้บริหาร (ผู้บริหารหน่วยงาน)")
    expect(officer.get_by_label("ตำแหน่งของผู้รับ")).to_have_value("นายกองค์การบริหารส่วนตำบลศรีสมมุติ")
    officer.get_by_label("ตำแหน่งของผู้รับ").fill("")
    officer.get_by_role("button", name=re.compile("ลงนามในนาม")).click()
    expect(officer.get_by_text("ใส่ตำแหน่งของผู้ที่จะเสนอต่อ")).to_be_visible()
    expect(officer.get_by_label("ความเห็น")).to_have_value("เห็นควรเสนอเพื่อโปรดทราบ")
    officer.get_by_label("ตำแหน่งของผู้รับ").fill("นายกองค์การบริหารส่วนตำบล")
    officer.get_by_role("button", name=re.compile("ลงนามในนาม")).click()
    expect(officer.get_by_text("รอลงนาม")).to_be_visible()

    executive = visit(user="executive", width=360)
    executive.goto("/account/notices/")
    executive.goto(officer.url.removeprefix(officer.url.split("/desk/")[0]))
    accessible(executive)
    executive.get_by_label("ความเห็น").fill("ทราบ ให้ทุกกองดำเนินการ")
    executive.get_by_role("button", name=re.compile("ลงนามในนาม")).click()
    expect(executive.get_by_text("ลงนามด้วยมือบนกระดาษ")).to_be_visible()
    paper = executive.frame_locator("iframe").locator("article")
    expect(paper).to_contain_text("เห็นควรเสนอเพื่อโปรดทราบ")
    expect(paper).to_contain_text("ทราบ ให้ทุกกองดำเนินการ")
    expect(executive.get_by_role("link", name="PDF")).to_be_visible()
    assert download(executive, executive.get_by_role("link", name="PDF"), tmp_path).startswith(b"%PDF")
    assert visit(user="assessor").goto(PAPERS).status == 403


def test_a_template_with_a_wrong_tag_is_refused_by_name(visit, tmp_path):
    import docx

    path, file = tmp_path / "แม่แบบ.docx", docx.Document()
    file.add_paragraph("คะแนน {{ kanaen }}")
    file.save(path)
    page = visit(user="officer")
    page.goto("/desk/agency/Z0001/papers/template/summary/")
    accessible(page)
    page.get_by_label("ไฟล์ Word (.docx)").set_input_files(path)
    page.get_by_role("button", name="อัปโหลดและตรวจ").click()
    expect(page.get_by_role("alert")).to_contain_text("kanaen")


def test_a_refused_memo_shows_each_signatory_in_its_own_row(visit):
    """Rows share the names of their fields: what was typed into one must not come back in all of them."""
    page = visit(user="officer", width=360)
    page.goto("/desk/agency/Z0001/papers/2569/memo/new/")
    positions, holders = page.locator("[name=position]"), page.locator("[name=holder]")
    for row, position in enumerate(("นักวิเคราะห์นโยบายและแผน", "หัวหน้าสำนักปลัด", "ปลัดองค์การบริหารส่วนตำบล")):
        positions.nth(row).fill(position)
        holders.nth(row).fill(f"ผู้ลงนามสมมุติ {row}")
    page.locator("[name=date]").fill("32/13/2569")
    typed = [field.input_value() for field in (*positions.all(), *holders.all()) if field.input_value()]
    page.get_by_role("button", name="เขียนบันทึกข้อความ").click()
    page.get_by_text("ในปฏิทิน").wait_for()
    for _ in ("the page that refuses", "the form opened again"):
        assert [field.input_value() for field in (*positions.all(), *holders.all()) if field.input_value()] == typed
        page.goto("/desk/agency/Z0001/papers/2569/memo/new/")


def test_back_shows_the_line_of_signatures_as_it_is_stored(visit):
    """The empty row between two is gone by then; what is typed and not yet sent comes back."""
    page = visit(user="officer")
    page.goto("/desk/agency/Z0001/papers/2569/memo/new/")
    positions = page.locator("[name=position]")
    for row, position in enumerate(("นักวิเคราะห์นโยบายและแผน", "", "ปลัดองค์การบริหารส่วนตำบล")):
        positions.nth(row).fill(position)
    page.get_by_role("button", name="เขียนบันทึกข้อความ").click()
    page.wait_for_url(re.compile(r"/memo/\d+/$"))
    page.go_back()
    stored = [field.get_attribute("value") for field in positions.all()]
    assert stored[1] == "ปลัดองค์การบริหารส่วนตำบล"
    assert [field.input_value() for field in positions.all()] == stored
    page.get_by_label("เรื่อง", exact=True).fill("เรื่องที่ยังไม่ได้ส่ง")
    page.goto("/desk/agency/Z0001/")
    page.go_back()
    expect(page.get_by_label("เรื่อง", exact=True)).to_have_value("เรื่องที่ยังไม่ได้ส่ง")


def test_a_memo_signed_on_paper_is_recorded_and_the_record_is_withdrawn(visit):
    page = visit(user="officer", width=360, dark=True)
    page.goto(f"{PAPERS}memo/new/")
    signers, holders = page.locator("select[name=signer]"), page.locator("input[name=holder]")
    line = [s.input_value() for s in signers.all()], [h.input_value() for h in holders.all()]
    for signer in signers.all():
        signer.select_option("")
    for holder in holders.all():
        holder.fill("")
    follow(page.get_by_role("button", name="เขียนบันทึกข้อความ"))
    memo = page.url
    page.goto("/desk/agency/Z0001/")
    page.get_by_text(re.compile("รอลงนามด้วยมือ")).first.wait_for()
    page.goto(memo)
    accessible(page)
    scan = {"name": "ลงนาม.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.get_by_label("ไฟล์สแกนที่ลงนามแล้ว").set_input_files(scan)
    page.get_by_role("button", name="บันทึกว่าลงนามแล้ว").click()
    page.get_by_text("ลงนามครบแล้ว").first.wait_for()
    accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="ดาวน์โหลดฉบับลงนาม").click()
    assert download.value.suggested_filename == "ลงนาม.pdf"
    page.goto("/desk/agency/Z0001/")
    page.get_by_text(re.compile("ลงนามครบเมื่อ")).first.wait_for()
    page.goto(memo)
    page.get_by_role("button", name="ถอนการบันทึก").click()
    page.get_by_role("button", name="บันทึกว่าลงนามแล้ว").wait_for()
    page.goto(f"{PAPERS}memo/new/")  # other journeys sign on screen, by the line that an agency stores
    for signer, value in zip(signers.all(), line[0], strict=True):
        signer.select_option(value)
    for holder, value in zip(holders.all(), line[1], strict=True):
        holder.fill(value)
    page.get_by_role("button", name="เขียนบันทึกข้อความ").click()
    page.wait_for_url(re.compile(r"/memo/\d+/"))
