"""Pages of disclosure items as they are when they are good: those of an invented agency in the demonstration, filed to
the round of last year, where assessors found them complete. Other agencies of its type see them as examples."""

import csv
import tempfile
from collections.abc import Mapping
from pathlib import Path

from prongsai.disclosure.queries import items
from prongsai.people.models import User
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework
from prongsai.sites import item_pages, page_parts

_FICTION = "หน่วยงานและข้อมูลในหน้านี้แต่งขึ้นเพื่อการสาธิต"
# by words of an item's label: what its page says of an element, by words of that
TEXTS: Mapping[str, Mapping[str, str]] = {
    "ข้อมูลการติดต่อ": {
        "ที่อยู่": f"99 หมู่ที่ 5 ตำบลทุ่งสมมุติ อำเภอเมืองศรีสมมุติ จังหวัดศรีสมมุติ 00000\n({_FICTION})",
        "โทรศัพท์": "0 0000 0000 วันจันทร์ถึงวันศุกร์ 08.30 ถึง 16.30 น. กองช่าง ต่อ 11 กองคลัง ต่อ 12 งานทะเบียน ต่อ 13",
        "โทรสาร": "ไม่มีโทรสาร ส่งเอกสารทางอีเมล",
        "อีเมล": "saraban@thungsommut.example ตอบรับภายใน 1 วันทำการ",
        "แผนที่": "สำนักงานอยู่ติดถนนสายทุ่งสมมุติ ห่างจากตลาด 300 เมตร พิกัด 0.0000, 0.0000 รถประจำทางสาย 1 ลงป้ายหน้าวัด",
        "ถาม": "ถามที่หน้าถามตอบของหน่วยงาน คำถามและคำตอบเผยแพร่ให้ทุกคนอ่าน ตอบภายใน 7 วัน",
    },
    "การขอรับบริการ": {
        "ชื่องาน": f"ขอใบอนุญาตก่อสร้างอาคาร ({_FICTION})",
        "วิธีการ": "1. ยื่นคำขอที่กองช่างหรือทางอีเมล\n2. เจ้าหน้าที่ตรวจเอกสารต่อหน้าผู้ยื่น\n3. ตรวจสถานที่\n4. นายกลงนาม\n5. แจ้งให้มารับ",
        "ระยะเวลา": "ตรวจเอกสาร 1 วัน ตรวจสถานที่ 7 วัน พิจารณาและลงนาม 10 วัน รวมไม่เกิน 18 วันทำการ",
        "ช่องทาง": "กองช่าง ชั้น 1 วันจันทร์ถึงวันศุกร์ 08.30 ถึง 16.30 น. ไม่พักกลางวัน หรืออีเมล chang@thungsommut.example",
        "ค่าธรรมเนียม": "บ้านพักอาศัยไม่เกินสองชั้น 20 บาทต่อฉบับ ค่าตรวจแบบตารางเมตรละ 0.50 บาท ไม่มีค่าใช้จ่ายอื่น ออกใบเสร็จทุกครั้ง",
        "เอกสาร": "แบบคำขอ ข.1 สำเนาโฉนดที่ดิน แบบแปลน 3 ชุด หนังสือยินยอมเจ้าของที่ดิน (กรณีไม่ใช่เจ้าของ)",
    },
    "แนวปฏิบัติการจัดการเรื่องร้องเรียน": {
        "วิธี": f"ร้องเรียนทางหน้าร้องเรียนของหน่วยงานโดยไม่ต้องบอกชื่อ ทางไปรษณีย์ถึงนายก หรือด้วยตนเองที่สำนักปลัด ({_FICTION})",
        "ขั้นตอน": "1. รับเรื่องและให้เลขเรื่อง\n2. แยกเรื่องทุจริตออกจากเรื่องทั่วไป\n3. ตั้งผู้ตรวจสอบที่ไม่เกี่ยวข้อง\n4. เสนอนายก\n5. แจ้งผลผู้ร้อง",
        "รับผิดชอบ": "หัวหน้าสำนักปลัดรับเรื่อง หากเรื่องเกี่ยวกับหัวหน้าสำนักปลัด ส่งตรงถึงนายก หากเกี่ยวกับนายก ส่งถึงจังหวัด",
        "ระยะเวลา": "รับเรื่องภายใน 3 วัน ตรวจสอบภายใน 20 วัน แจ้งผลภายใน 30 วันนับจากวันรับเรื่อง",
    },
    "จัดซื้อจัดจ้างหรือการจัดหาพัสดุรายเดือน": {
        "Excel": f"สรุปแยกรายเดือน ดาวน์โหลดเป็นไฟล์ตารางได้ใต้แต่ละตาราง ({_FICTION})",
        "รายการ": "รายการตามแบบ สขร. 1 ทุกรายการของเดือน เดือนที่ไม่มีการจัดซื้อจัดจ้างเขียนว่าไม่มี",
    },
}
_MONTH = (
    ("ซ่อมผิวถนนหมู่ที่ 2", "120,000", "118,500", "เฉพาะเจาะจง", "หจก. สมมุติการโยธา 117,000", "หจก. สมมุติการโยธา 117,000"),
    ("วัสดุสำนักงาน", "8,400", "8,400", "เฉพาะเจาะจง", "ร้านสมมุติเครื่องเขียน 8,350", "ร้านสมมุติเครื่องเขียน 8,350"),
    ("จ้างเหมารถรับส่งนักเรียน", "54,000", "54,000", "เฉพาะเจาะจง", "นายสมมุติ ใจดี 53,000", "นายสมมุติ ใจดี 53,000"),
)
_REASON, _CONTRACTS = "ราคาต่ำสุดและไม่เกินราคากลาง", ("1 ลงวันที่ 5 พ.ย.", "2 ลงวันที่ 12 พ.ย.", "3 ลงวันที่ 20 พ.ย.")


def write_good_pages(*, agency: Agency, assessment_round: Round, site: str, by: User) -> set[str]:
    """Write, publish and file the pages of an agency whose items are known here; gives the items. ``site`` is the
    address of this site as pages are filed."""
    written = set()
    for item in items(load_round_framework(assessment_round)):
        texts = next((texts for words, texts in TEXTS.items() if words in item.label.th), None)
        if texts is None:
            continue
        shown = item_pages.load_page(agency, assessment_round, item)
        values = {
            e.index: next((t for words, t in texts.items() if words in e.title), _FICTION) for e in shown.elements
        }
        item_pages.save_page(shown=shown, texts=values, base=0, public=True, by=by)
        if "รายเดือน" in item.label.th:
            _add_table(item_pages.load_page(agency, assessment_round, item), by)
        address = f"{site}/agency/{agency.code}/{assessment_round.fiscal_year}/page/{item.id}/"
        item_pages.file_page(shown=item_pages.load_page(agency, assessment_round, item), address=address, by=by)
        written.add(item.id)
    return written


def _add_table(shown: item_pages.ShownPage, by: User) -> None:
    table = next(table for table in page_parts.BLANK_TABLES if table.key == "procurement")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "november.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(table.columns)
            writer.writerows((*row, _REASON, contract) for row, contract in zip(_MONTH, _CONTRACTS, strict=True))
        more = {"element": shown.elements[-1].title, "title": "เดือนพฤศจิกายน", "name": path.name}
        draft = page_parts.read_draft(shown=shown, path=path, by=by, **more)
    page_parts.confirm_draft(shown=shown, draft=draft, by=by)
