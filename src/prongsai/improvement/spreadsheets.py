"""Writes plans and reports as XLSX, for entry into other systems and for further work."""

import datetime
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from prongsai.improvement.periods import FOLLOW_UP_INTERVAL_TH, FollowUpInterval
from prongsai.improvement.snapshot import MeasureProgress, PlanSnapshot

MAX_CELL_LENGTH = 32_767  # characters, the limit of XLSX
_TRUNCATED = " … (ยาวเกินหนึ่งช่อง อ่านฉบับเต็มในระบบ)"
_PLAN_COLUMNS = (
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
_REPORT_COLUMNS = (
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


_Value = str | int | Decimal | datetime.date


def write_plan(snapshot: PlanSnapshot) -> bytes:
    """The plan as a workbook, one row a measure. Days are dates, the budget is a number."""
    rows: list[list[_Value]] = [
        [
            number,
            "\n".join(m.subjects),
            m.analysis,
            m.title,
            m.steps,
            m.period,
            m.starts,
            m.ends,
            ", ".join(m.units),
            "" if m.budget is None else m.budget,
            m.success,
            FOLLOW_UP_INTERVAL_TH[FollowUpInterval(m.follow_up_interval)],
        ]
        for number, m in enumerate(snapshot.measures, 1)
    ]
    return _write_workbook(snapshot, "แผน", _PLAN_COLUMNS, rows)


def write_report(snapshot: PlanSnapshot, progress: Sequence[MeasureProgress]) -> bytes:
    """The follow-ups as a workbook, one row each; a measure without one has a row too."""
    rows: list[list[_Value]] = []
    for number, p in enumerate(progress, 1):
        measure: list[_Value] = [number, p.measure.title, ", ".join(p.measure.units), p.measure.period]
        for f in p.measure.follow_ups:
            evidence = "\n".join(url or name for name, url in f.evidence)
            rows.append([*measure, f.official_status, f.due, f.on, f.done, f.obstacles, f.suggestion, evidence])
        if not p.measure.follow_ups:
            rows.append([*measure, p.official_status, "", "", "", "", "", ""])
    return _write_workbook(snapshot, "รายงาน", _REPORT_COLUMNS, rows)


def _write_workbook(
    snapshot: PlanSnapshot, name: str, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[_Value]]
) -> bytes:
    """A workbook with one sheet. ``columns`` are headings with widths in characters."""
    import xlsxwriter

    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = workbook.add_worksheet(f"{name} {snapshot.fiscal_year}")
    cell: dict[str, Any] = {"text_wrap": True, "valign": "top", "border": 1}
    heading_format = workbook.add_format({**cell, "bold": True, "bg_color": "#e4eff3"})
    text_format = workbook.add_format(cell)
    baht_format = workbook.add_format({**cell, "num_format": "#,##0.00"})
    date_format = workbook.add_format({**cell, "num_format": "yyyy-mm-dd"})
    for column, (heading, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, heading_format)
    for index, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(index, column, _truncate(value), text_format)
            elif isinstance(value, datetime.date):
                sheet.write_datetime(index, column, value, date_format)
            else:
                sheet.write_number(index, column, value, baht_format if isinstance(value, Decimal) else text_format)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    approval = snapshot.approval
    if snapshot.is_provisional:
        sheet.write_string(len(rows) + 2, 0, f"ใช้หลักเกณฑ์ปี {snapshot.result_year} ฉบับชั่วคราว ซึ่งยังไม่มีประกาศ", text_format)
    comments = "ร่าง ยังไม่อนุมัติ"
    if approval:
        comments = f"อนุมัติโดย {approval.name} {approval.position} รหัสกำกับ {snapshot.digest}"
    workbook.set_properties(
        {"title": f"{name} {snapshot.agency} ปีงบประมาณ {snapshot.fiscal_year}", "comments": comments}
    )
    sheet.set_footer(f"&L{snapshot.agency} ปีงบประมาณ {snapshot.fiscal_year}&R&P/&N")
    workbook.close()
    return out.getvalue()


def _truncate(text: str) -> str:
    return text if len(text) <= MAX_CELL_LENGTH else text[: MAX_CELL_LENGTH - len(_TRUNCATED)] + _TRUNCATED
