"""The report of an audit: on the terminal, as JSON, as a page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from prongsai.analysis import VERDICT_TH, Check, Figure, audit, summary
from prongsai.cli.terminal import Cell, Column, Style, print_table, style_text
from prongsai.framework import Framework
from prongsai.intake import UnreadableError, read

VERDICT_STYLE: dict[str, Style] = {
    "contradicted": "bold red",
    "rounding": "yellow",
    "reproduced": "green",
    "undetermined": "dim",
}
VERDICT_MARK = {"contradicted": "✗", "rounding": "≈", "reproduced": "✓", "undetermined": "·"}
VERDICT_ORDER = ("contradicted", "rounding", "reproduced", "undetermined")
VERDICT_MEANING_TH = {
    "reproduced": "ตัวเลขอื่นในเอกสารให้ค่านี้พอดี",
    "rounding": "ให้ค่านี้ได้เมื่อคิดเผื่อการปัดเศษของตัวเลขอื่น",
    "contradicted": "ไม่มีค่าจริงใดหลังตัวเลขอื่นที่ให้ค่านี้ได้",
    "undetermined": "พิมพ์ตัวเลขย่อยไว้ไม่พอ หรือกฎข้อนั้นของปีเป็นเพียงการอนุมาน",
}


@dataclass
class DocumentAudit:
    """One agency's figures of one file with their verdicts, or why the file could not be read."""

    file: str
    agency: str | None = None
    fiscal_years: list[int] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    error: str | None = None
    frameworks: Mapping[int, Framework] = field(default_factory=dict)

    @property
    def counts(self) -> Mapping[str, int]:
        return summary(self.checks)

    def label(self, check: Check) -> str:
        return node_label(check, self.frameworks)


def audit_file(
    path: Path, frameworks: Mapping[int, Framework], year: int | None, *, name: str = "", index: int | None = None
) -> list[DocumentAudit]:
    """Read and audit a file, or the document of this ``index`` in a ZIP: one DocumentAudit for each agency in it.
    ``name`` is what the report calls it."""
    name = name or str(path)
    try:
        readings = read(path, frameworks, year, index=index)
    except UnreadableError as error:
        return [DocumentAudit(name, error=str(error))]
    result = []
    for reading in readings:
        checks = audit(reading.figures, frameworks)
        result.append(
            DocumentAudit(name, reading.agency, reading.fiscal_years, reading.figures, checks, None, frameworks)
        )
    return result


_CLAIM_TH = {
    "level": "ระดับ",
    "pass": "ผ่าน/ไม่ผ่าน",
    "change": "ผลต่างของ",
    "highest": "สูงสุดใน",
    "lowest": "ต่ำสุดใน",
    "count": "จำนวน",
}
_COUNT_TH = {"strengths": "จุดแข็ง", "below": "ที่ต้องพัฒนา", "up": "ที่เพิ่มขึ้น", "down": "ที่ลดลง"}


def node_label(check: Check, frameworks: Mapping[int, Framework]) -> str:
    """What a node is called: ``9 การเปิดเผยข้อมูล``, ``ผลต่างของ IIT``."""
    head, _, rest = check.node.partition("/")
    if head in _CLAIM_TH:
        if head == "count":
            return f"จำนวนตัวชี้วัด{_COUNT_TH.get(rest, rest)}"
        subject = {"all": "ทุกตัวชี้วัด", "overall": "คะแนนรวม"}.get(rest, rest)
        return f"{_CLAIM_TH[head]} {subject}".strip()
    framework = frameworks.get(check.fiscal_year)
    node = framework.nodes.get(check.node) if framework else None
    if node is None:
        return check.node
    if node.kind in ("instrument", "composite"):
        return node.id
    if node.kind == "item":
        return node.id
    return f"{'' if node.id == 'overall' else node.id + ' '}{node.label.th}"


_COLUMNS = (
    Column("ผล"),
    Column("ปี"),
    Column("รายการ", max_width=34),
    Column("พิมพ์ไว้", is_right_aligned=True),
    Column("คำนวณได้", is_right_aligned=True),
    Column("คำอธิบาย", is_flexible=True),
    Column("ที่", max_width=22, style="dim"),
)


def print_audits(audits: Sequence[DocumentAudit], *, everything: bool) -> None:
    """Every document's figures on the terminal; undetermined ones only with ``everything``."""
    for document in audits:
        print()
        if document.error:
            print(f"{style_text('อ่านไม่ได้ ', 'bold red')}{document.file}: {document.error}")
            continue
        years = ", ".join(map(str, document.fiscal_years)) or "ไม่ทราบ"
        agency = style_text(document.agency or "ไม่พบชื่อหน่วยงาน", "bold")
        print(f"{agency}  ปีงบประมาณ {years}  {style_text(document.file, 'dim')}")
        if not document.checks:
            print("  ไม่พบคะแนนในเอกสารนี้ ตรวจว่าเป็นเอกสารผลการประเมินหรือไม่")
            continue
        verdicts = [verdict for verdict in VERDICT_ORDER if everything or verdict != "undetermined"]
        rows = [_row(document, check) for verdict in verdicts for check in document.checks if check.verdict == verdict]
        if rows:
            print_table(_COLUMNS, rows)
        print(_summary_line(document, everything))


def _row(document: DocumentAudit, check: Check) -> tuple[str | Cell, ...]:
    return (
        Cell(f"{VERDICT_MARK[check.verdict]} {VERDICT_TH[check.verdict]}", VERDICT_STYLE[check.verdict]),
        str(check.fiscal_year or "?"),
        document.label(check),
        check.printed,
        check.recomputed or "",
        check.explanation,
        check.place,
    )


def _summary_line(document: DocumentAudit, everything: bool) -> str:
    parts = [style_text("สรุป: ", "bold")]
    for verdict in VERDICT_ORDER:
        number = document.counts.get(verdict, 0)
        parts.append(style_text(f"{VERDICT_TH[verdict]} {number}  ", VERDICT_STYLE[verdict] if number else "dim"))
    if not everything and document.counts.get("undetermined"):
        parts.append(style_text("(ดูทั้งหมดด้วย --all)", "dim"))
    return "".join(parts).rstrip()


def render_json(audits: Sequence[DocumentAudit]) -> str:
    result: list[dict[str, object]] = []
    for d in audits:
        if d.error:
            result.append({"file": d.file, "error": d.error})
            continue
        result.append(
            {
                "file": d.file,
                "agency": d.agency,
                "fiscal_years": d.fiscal_years,
                "figures": [
                    {
                        "fiscal_year": f.fiscal_year,
                        "node": f.node,
                        "value": f.value,
                        "place": f.place,
                        "sure": f.sure,
                        **({"note": f.note} if f.note else {}),
                    }
                    for f in d.figures
                ],
                "checks": [
                    {
                        "fiscal_year": c.fiscal_year,
                        "node": c.node,
                        "printed": c.printed,
                        "recomputed": c.recomputed,
                        "verdict": c.verdict,
                        "explanation": c.explanation,
                        "likely": c.likely,
                        "interval": list(c.interval) if c.interval else None,
                        "rule": c.rule,
                        "place": c.place,
                    }
                    for c in d.checks
                ],
            }
        )
    return json.dumps({"documents": result}, ensure_ascii=False, indent=2)


def render_page(audits: Sequence[DocumentAudit]) -> str:
    """One self-contained HTML page; nothing is fetched from anywhere."""
    from importlib import resources

    from jinja2 import Environment

    template = (resources.files("prongsai.cli") / "audit.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(
        documents=audits, order=VERDICT_ORDER, verdict_th=VERDICT_TH, meanings=VERDICT_MEANING_TH, mark=VERDICT_MARK
    )
