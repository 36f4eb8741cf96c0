"""Paper 5: the memo that reports the result to the executive: header, background, facts, proposal, opinions, and the
marks as an annex."""

import dataclasses
from dataclasses import dataclass

from prongsai.analysis import phrases
from prongsai.documents.content import shared, wording
from prongsai.documents.content.blocks import (
    Block,
    Cell,
    Column,
    Document,
    FieldLine,
    Heading,
    MemoTitle,
    Paragraph,
    Row,
    Section,
    Table,
    Title,
    in_thai_digits,
    numbered,
    rows,
)
from prongsai.documents.content.data import DocumentData, DocumentDataError
from prongsai.documents.content.facts import ResultFacts, WeakItem
from prongsai.framework import NATIONAL, DisclosureItem, Node
from prongsai.lib import thai

KIND = "memo"
NAME = "บันทึกข้อความรายงานผลการประเมิน"
_MAX_PROPOSALS = 3
_NUMBER = "ที่"  # the label of the memo's number
_ORGANISERS = {NATIONAL: "สำนักงาน ป.ป.ช."}  # who writes to the agencies that are assessed


def compose(facts: ResultFacts) -> Document:
    return complete(compose_body(facts), facts.data)


def complete(body: Document, data: DocumentData) -> Document:
    """A memo without its signatures, as ``compose_body`` gives it, with those of the data and with its number."""
    header = data.memo_header
    page, *annex = body.sections
    signatures = tuple(shared.build_signatures(data.signatories, with_opinions=True))
    number = header.reference_number if header else ""
    if body.digits == "thai":
        signatures, number = in_thai_digits(signatures), in_thai_digits(number)
    blocks = tuple(_put_number(block, number) if isinstance(block, FieldLine) else block for block in page.blocks)
    # after the last sentence, and before a remark that older memos have there
    end = max((n for n, block in enumerate(blocks, 1) if getattr(block, "keep_with_next", False)), default=len(blocks))
    signed = (*blocks[:end], *signatures, *blocks[end:])
    return dataclasses.replace(body, sections=(dataclasses.replace(page, blocks=signed), *annex))


def _put_number(line: FieldLine, number: str) -> FieldLine:
    return FieldLine(tuple((label, number if label == _NUMBER else value) for label, value in line.pairs))


def compose_body(facts: ResultFacts) -> Document:
    """Everything of a memo but its signatures: what does not change while it is signed."""
    subject = find_subject(facts)
    page: list[Block] = [
        *write_head(facts, subject),
        Heading("1. เรื่องเดิม", 2),
        Paragraph(
            text=f"{_ORGANISERS.get(facts.framework.assessment, 'ผู้จัดการประเมิน')} ได้ดำเนิน{wording.name_assessment_in_full(facts)} {wording.format_fiscal_year(facts.year)} และแจ้งผลให้หน่วยงานที่รับการประเมินทราบ "
            "เพื่อใช้ปรับปรุงและพัฒนาการดำเนินงานให้มีคุณธรรมและความโปร่งใสยิ่งขึ้น นั้น"
        ),
        Heading("2. ข้อเท็จจริง", 2),
        *_state_facts(facts),
        Heading("3. ข้อเสนอแนะ/พิจารณา", 2),
        *_propose(facts),
        Paragraph(text="จึงเรียนมาเพื่อโปรดทราบและพิจารณา", keep_with_next=True),
    ]
    sections = [Section(tuple(page), memo=True)]
    if facts.has_marks:
        sections.append(Section(tuple(_build_annex(facts))))
    return shared.build_document(facts, KIND, f"บันทึกข้อความ {subject}", sections)


def write_head(facts: ResultFacts, subject: str) -> list[Block]:
    """The head of a memo about anything; its number is put in when it is completed."""
    header = facts.data.memo_header
    if header is None:
        raise DocumentDataError(["หัวบันทึกข้อความ: ยังไม่ได้กรอกส่วนราชการและเรียน"])
    return [
        MemoTitle(facts.data.office.emblem),
        FieldLine((("ส่วนราชการ", header.office),)),
        FieldLine(((_NUMBER, ""), ("วันที่", thai.date(header.date) if header.date else ""))),
        FieldLine((("เรื่อง", subject),)),
        Paragraph(text=header.to, lead="เรียน", indent=False, align="left", is_field=True),
    ]


def find_subject(facts: ResultFacts) -> str:
    """The subject as typed, or one by what the result covers: all of the assessment, or some instruments alone."""
    header = facts.data.memo_header
    if header and header.subject:
        return header.subject
    year = wording.format_fiscal_year(facts.year)
    covered = [group for group in facts.instrument_groups if facts.covers(group)]
    if facts.score("overall") is None and 0 < len(covered) < len(facts.instrument_groups):
        return f"รายงานผลคะแนน{wording.join_phrases([wording.name_instrument(group) for group in covered])} {year}"
    return f"รายงานผล{wording.name_assessment(facts)} ({wording.abbreviate_assessment(facts)}) {year}"


@dataclass(frozen=True)
class WeakDisclosure:
    """A disclosure item below full marks with its remedy. ``cause`` is what the assessor wrote; empty where no reason
    was given, and none is guessed."""

    weak: WeakItem
    cause: str
    remedy: str


def list_weak_disclosures(facts: ResultFacts) -> list[WeakDisclosure]:
    """Disclosure items below full marks, in the order of the framework."""
    weak = {w.node.id: w for i in facts.framework.indicators for w in facts.weak_items(i)}
    disclosures = []
    for item in facts.disclosure_items:
        if item.id in weak:
            disclosures.append(
                WeakDisclosure(weak[item.id], facts.comment_on(item), wording.recommend_action(facts, item))
            )
    return disclosures


def _state_facts(facts: ResultFacts) -> list[Block]:
    texts = [f"{wording.describe_overall(facts)} {wording.note_missing_instruments(facts)}".strip()]
    if facts.score("overall") is not None and facts.previous is not None:
        texts.append(wording.compare_overall(facts))
    texts += [
        wording.describe_instrument(facts, group.id)
        for group in facts.instrument_groups
        if facts.score(group.id) is not None
    ]
    if facts.findings.indicators:
        texts.append(wording.describe_counts(facts))
        texts.append(wording.describe_points_to_develop(facts) or wording.describe_extremes(facts))
    return [*(Paragraph(text=text) for text in texts), *_list_causes(facts)]


def _list_causes(facts: ResultFacts) -> list[Block]:
    weak = list_weak_disclosures(facts)
    if weak:
        items = (
            f"{w.weak.node.id} {w.weak.node.label.th} {w.cause or phrases.load().sentences.no_reason}" for w in weak
        )
        return [
            Paragraph(text=f"ข้อของแบบ {facts.disclosure_code} ที่ไม่ได้คะแนนเต็ม มีจำนวน {len(weak)} ข้อ ดังนี้"),
            numbered(items),
        ]
    if facts.has_marks:
        return [Paragraph(text=f"ทุกข้อของแบบ {facts.disclosure_code} ที่ทราบคะแนนได้คะแนนเต็ม")]
    stated = [
        f"{item.id} {item.label.th} {facts.comment_on(item)}"
        for item in facts.disclosure_items
        if facts.comment_on(item)
    ]
    if stated:
        return [Paragraph(text=phrases.load().sentences.comments_follow), numbered(stated)]
    return [Paragraph(text=phrases.load().sentences.no_causes)]


def _propose(facts: ResultFacts) -> list[Block]:
    weak = list_weak_disclosures(facts)
    year = wording.format_fiscal_year(facts.next_assessment_year)
    if not weak and facts.passes and not facts.findings.to_develop:
        text = f"เห็นควรแจ้งทุกส่วนงานให้รักษาระดับ และทบทวนข้อมูลที่เผยแพร่ให้เป็นปัจจุบันก่อนการประเมิน{year}"
        return [Paragraph(text=text)]
    proposals = _rank_proposals(facts, weak)
    if not proposals:
        return [Paragraph(text=wording.explain_no_actions(facts))]
    annex = " ตามรายละเอียดแนบท้าย" if facts.has_marks else ""
    return [
        Paragraph(
            text=(
                "เห็นควรแจ้งส่วนงานที่รับผิดชอบแต่ละเรื่องให้แก้ไขข้อบกพร่องข้างต้นให้แล้วเสร็จก่อนการประเมิน"
                f"{year}{annex} โดยเริ่มจากเรื่องต่อไปนี้"
            )
        ),
        numbered(f"{subject} {remedy}" for subject, remedy in proposals),
    ]


def _rank_proposals(facts: ResultFacts, weak: list[WeakDisclosure]) -> list[tuple[str, str]]:
    """The proposals that raise the total most, as (subject, remedy)."""
    if not weak:
        return wording.rank_priorities(facts, _MAX_PROPOSALS)
    ranked = sorted(weak, key=lambda w: (-(w.weak.gain or 0), w.weak.score))[:_MAX_PROPOSALS]
    return [(f"{w.weak.node.id} {w.weak.node.label.th}:", w.remedy) for w in ranked]


def _build_annex(facts: ResultFacts) -> list[Block]:
    """Every disclosure item with its mark and comment, under its sub-indicator."""
    year = wording.format_fiscal_year(facts.year)
    blocks: list[Block] = [Title((f"ผลคะแนนการเปิดเผยข้อมูลสาธารณะ ({facts.disclosure_code}) {year}", facts.agency))]
    totals = [
        (f"{i}. {facts.label(i)}", facts.score_text(i))
        for i in facts.framework.indicators
        if facts.score(i) is not None and facts.framework.nodes[i].method == "mean_of_sub_indicators"
    ]
    if totals:
        blocks.append(Table((Column("ตัวชี้วัด", 11.5), Column("คะแนนเฉลี่ย", 4.5, "center")), rows(*totals)))
        blocks.append(Paragraph(text="คะแนนรายข้อมีดังนี้", indent=False, align="left"))
    return [*blocks, _build_marks_table(facts)]


def _build_marks_table(facts: ResultFacts) -> Table:
    with_comments = any(d.comment for d in facts.disclosures.values())  # an empty column is left out
    columns = (
        Column("ข้อ", 1.5, "center"),
        Column("ประเด็นการตรวจ", 6.0 if with_comments else 12.3),
        *([Column("ความคิดเห็น", 6.3)] if with_comments else []),
        Column("คะแนน", 2.2, "center"),
    )
    table_rows = []
    nodes = facts.framework.nodes
    for part in (part for indicator in facts.framework.indicators for part in nodes[indicator].parts):
        if nodes[part].kind != "sub_indicator":
            continue
        marks = [_build_mark_row(facts, n, with_comments=with_comments) for n in facts.framework.items_of(part)]
        if known := [row for row in marks if row]:
            title = Cell(f"ตัวชี้วัดย่อยที่ {part} {nodes[part].label.th}", span=len(columns), align="left")
            table_rows += [Row((title,), "group"), *known]
    return Table(columns, tuple(table_rows), size=14)


def _build_mark_row(facts: ResultFacts, node: Node, *, with_comments: bool) -> Row | None:
    """The row of one item; None without a score."""
    value = facts.score(node.id)
    if value is None or not isinstance(node.item, DisclosureItem):
        return None
    text = facts.comment_on(node.item)
    comment = [Cell(text or (phrases.load().sentences.no_reason if value < 100 else ""))] if with_comments else []
    return Row((Cell(node.id), Cell(node.label.th), *comment, Cell(facts.format_score(value))))
