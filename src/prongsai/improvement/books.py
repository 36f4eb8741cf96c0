"""Plans and reports as XLSX: for entry into other systems of the state, and for those who work on."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from prongsai.improvement.periods import RHYTHM_TH, Rhythm
from prongsai.improvement.queries import Card, Sheet

_CELL = 32_767  # letters that a cell can hold
_CUT = " … (ยาวเกินหนึ่งช่อง อ่านฉบับเต็มในระบบ)"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PLAN = (
    ("ลำดับ", 6),
    ("ตัวชี้วัด", 28),
    ("ผลการวิเคราะห์", 50),
    ("มาตรการ/โครงการ/กิจกรรม", 36),
    ("ขั้นตอนหรือวิธีการ", 60),
    ("ช่วงระยะเวลา", 28),
    ("วันเริ่มต้น", 12),
    ("วันสิ้นสุด", 12),
    ("ผู้รับผิดชอบ", 28),
    ("งบประมาณ (บาท)", 14),
    ("ตัวชี้วัดความสำเร็จ", 40),
    ("รอบการติดตาม", 24),
)
_REPORT = (
    ("ลำดับ", 6),
    ("มาตรการ/โครงการ/กิจกรรม", 36),
    ("ผู้รับผิดชอบ", 28),
    ("ช่วงระยะเวลา", 28),
    ("สถานะ", 12),
    ("รอบที่ครบกำหนด", 14),
    ("วันที่ติดตาม", 14),
    ("ผลการดำเนินการ", 60),
    ("ปัญหาอุปสรรค", 40),
    ("ข้อเสนอแนะ", 40),
    ("หลักฐาน", 50),
)


def plan_book(sheet: Sheet) -> bytes:
    """The plan, a row a measure. Days are real dates."""
    rows = [
        [
            n,
            "\n".join(r.about),
            r.finding,
            r.title,
            r.steps,
            r.period,
            r.starts,
            r.ends,
            ", ".join(r.units),
            r.budget if r.budget is not None else "",
            r.success,
            RHYTHM_TH[Rhythm(r.rhythm)],
        ]
        for n, r in enumerate(sheet.rows, 1)
    ]
    return _book(sheet, "แผน", _PLAN, rows)


def report_book(sheet: Sheet, cards: Sequence[Card]) -> bytes:
    """What was done, a row a follow-up; a measure without one has a row too."""
    rows: list[list[Any]] = []
    for n, card in enumerate(cards, 1):
        head = [n, card.row.title, ", ".join(card.row.units), card.row.period]
        rows += [
            [
                *head,
                f.status,
                f.due,
                f.on,
                f.done,
                f.obstacles,
                f.suggestion,
                "\n".join(url or name for name, url in f.evidence),
            ]
            for f in card.row.follow_ups
        ] or [[*head, "ยังไม่มีการติดตาม", "", "", "", "", "", ""]]
    return _book(sheet, "รายงาน", _REPORT, rows)


def _book(sheet: Sheet, name: str, heads: Sequence[tuple[str, int]], rows: Sequence[Sequence[Any]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(f"{name} {sheet.fiscal_year}")
    wrap: dict[str, Any] = {"text_wrap": True, "valign": "top", "border": 1}
    bold = book.add_format({**wrap, "bold": True, "bg_color": "#e4eff3"})
    text, baht = book.add_format(wrap), book.add_format({**wrap, "num_format": "#,##0.00"})
    day = book.add_format({**wrap, "num_format": "yyyy-mm-dd"})
    for k, (head, width) in enumerate(heads):
        page.set_column(k, k, width)
        page.write_string(0, k, head, bold)
    for at, row in enumerate(rows, 1):
        for k, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(at, k, value if len(value) <= _CELL else value[: _CELL - len(_CUT)] + _CUT, text)
            elif hasattr(value, "isoformat"):
                page.write_datetime(at, k, value, day)
            else:
                page.write_number(at, k, value, baht if k > 0 else text)
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    approved = sheet.approved
    state = f"อนุมัติโดย {approved.name} {approved.position} รหัสกำกับ {sheet.digest}" if approved else "ร่าง ยังไม่อนุมัติ"
    book.set_properties({"title": f"{name} {sheet.agency} ปีงบประมาณ {sheet.fiscal_year}", "comments": state})
    page.set_footer(f"&L{sheet.agency} ปีงบประมาณ {sheet.fiscal_year}&R&P/&N")
    book.close()
    return out.getvalue()
