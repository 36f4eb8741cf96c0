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
    in_digits,
    numbered,
    rows,
)
from prongsai.documents.content.data import DocumentData, DocumentDataError
from prongsai.documents.content.facts import ResultFacts, WeakItem
from prongsai.framework import DisclosureItem, Node
from prongsai.lib import thai

KIND = "memo"
NAME = "บันทึกข้อความรายงานผลการประเมิน"
_MAX_CAUSES, _MAX_PROPOSALS = 12, 5  # in the memo itself; the rest are annexed
# the fields of the prescribed form, which stored memos have too
_OFFICE, _NUMBER, _DATE, _SUBJECT, _TO = "ส่วนราชการ", "ที่", "วันที่", "เรื่อง", "เรียน"


def compose(facts: ResultFacts) -> Document:
    return complete(compose_body(facts), facts.data)


def complete(body: Document, data: DocumentData) -> Document:
    """A memo without its signatures, as ``compose_body`` gives it, with those of the data and with its number."""
    header = data.memo_header
    page, *annex = body.sections
    signatures = tuple(shared.build_signatures(data.signatories, with_opinions=True))
    number = header.reference_number if header else ""
    signatures, number = in_digits(signatures, body.digits), in_digits(number, body.digits)
    blocks = tuple(_put_number(block, number) if isinstance(block, FieldLine) else block for block in page.blocks)
    # after the last sentence, and before a remark that older memos have there
    end = max((n for n, block in enumerate(blocks, 1) if getattr(block, "keep_with_next", False)), default=len(blocks))
    signed = (*blocks[:end], *signatures, *blocks[end:])
    return dataclasses.replace(body, sections=(dataclasses.replace(page, blocks=signed), *annex))


def _put_number(line: FieldLine, number: str) -> FieldLine:
    return FieldLine(tuple((label, number if label == _NUMBER else value) for label, value in line.pairs))


def compose_body(facts: ResultFacts) -> Document:
    """Everything of a memo but its signatures: what does not change while it is signed."""
    subject, sentences = find_subject(facts), phrases.load().sentences
    headings = phrases.load().headings.memo
    page: list[Block] = [
        *write_head(facts, subject),
        Heading(f"1. {headings.background}", 2),
        Paragraph(
            text=sentences.memo_background.format(
                organiser=phrases.find_organiser(facts.framework) or headings.organiser,
                assessment=wording.name_assessment_in_full(facts),
                year=wording.format_fiscal_year(facts.year),
            )
        ),
        Heading(f"2. {headings.facts}", 2),
        *_state_facts(facts),
        Heading(f"3. {headings.proposals}", 2),
        *_propose(facts),
        Paragraph(text=sentences.memo_end, keep_with_next=True),
    ]
    sections = [Section(tuple(page), memo=True)]
    if facts.has_marks:
        sections.append(Section(tuple(_build_annex(facts))))
    sections += _build_annex_of_proposals(facts)
    return shared.build_document(facts, KIND, headings.title.format(subject=subject), sections)


def write_head(facts: ResultFacts, subject: str) -> list[Block]:
    """The head of a memo about anything; its number is put in when it is completed."""
    header = facts.data.memo_header
    if header is None:
        raise DocumentDataError(["หัวบันทึกข้อความ: ยังไม่ได้กรอกส่วนราชการและเรียน"])
    return [
        MemoTitle(facts.data.office.emblem),
        FieldLine(((_OFFICE, header.office),)),
        FieldLine(((_NUMBER, ""), (_DATE, thai.date(header.date) if header.date else ""))),
        FieldLine(((_SUBJECT, subject),)),
        Paragraph(text=header.to, lead=_TO, indent=False, align="left", is_field=True),
    ]


def find_subject(facts: ResultFacts) -> str:
    """The subject as typed, or one by what the result covers: all of the assessment, or some instruments alone."""
    header = facts.data.memo_header
    if header and header.subject:
        return header.subject
    year, headings = wording.format_fiscal_year(facts.year), phrases.load().headings.memo
    covered = [group for group in facts.instrument_groups if facts.covers(group)]
    if facts.score("overall") is None and 0 < len(covered) < len(facts.instrument_groups):
        instruments = wording.join_phrases([wording.name_instrument(group) for group in covered])
        return headings.about_some.format(instruments=instruments, year=year)
    short = wording.abbreviate_assessment(facts)
    return headings.about_all.format(assessment=wording.name_assessment(facts), short=short, year=year)


@dataclass(frozen=True)
class WeakDisclosure:
    """A disclosure item below full marks with its remedy. ``cause`` is what the assessor wrote; empty where no reason
    was given, and none is guessed."""

    weak: WeakItem
    cause: str
    remedy: str


def list_weak_disclosures(facts: ResultFacts) -> list[WeakDisclosure]:
    """Disclosure items below full marks, the most urgent first."""
    return [
        WeakDisclosure(p.weak, facts.comment_on(p.weak.item), p.action)
        for p in wording.list_priorities(facts)
        if p.weak is not None and isinstance(p.weak.item, DisclosureItem)
    ]


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
    weak, sentences = list_weak_disclosures(facts), phrases.load().sentences
    headings = phrases.load().headings.memo
    if weak:
        items = (
            f"{w.weak.node.id} {w.weak.node.label.th} {w.cause or sentences.no_reason}" for w in weak[:_MAX_CAUSES]
        )
        sentence = sentences.memo_first_causes if len(weak) > _MAX_CAUSES else sentences.memo_causes
        text = sentence.format(disclosure=facts.disclosure_code, count=len(weak), shown=_MAX_CAUSES)
        others = _count_annexed(len(weak) - _MAX_CAUSES, headings.other_items, headings.items)
        return [Paragraph(text=text), numbered(items), *others]
    if facts.has_marks:
        return [Paragraph(text=sentences.memo_full_marks.format(disclosure=facts.disclosure_code))]
    stated = [
        f"{item.id} {item.label.th} {facts.comment_on(item)}"
        for item in facts.disclosure_items
        if facts.comment_on(item)
    ]
    if stated:
        return [Paragraph(text=sentences.comments_follow), numbered(stated)]
    return [Paragraph(text=sentences.no_causes)]


def _propose(facts: ResultFacts) -> list[Block]:
    year = wording.format_fiscal_year(facts.next_assessment_year)
    proposals, sentences = list_proposals(facts), phrases.load().sentences
    headings = phrases.load().headings.memo
    if not proposals and facts.passes:
        return [Paragraph(text=sentences.memo_maintain.format(year=year))]
    if not proposals:
        return [Paragraph(text=wording.explain_no_actions(facts))]
    parts = (
        sentences.memo_proposals.format(year=year),
        sentences.memo_annexed if facts.has_marks else "",
        sentences.memo_first_proposals if len(proposals) > _MAX_PROPOSALS else sentences.memo_proposals_follow,
    )
    return [
        Paragraph(text=" ".join(filter(None, parts))),
        numbered(f"{subject} {remedy}" for subject, remedy in proposals[:_MAX_PROPOSALS]),
        *_count_annexed(len(proposals) - _MAX_PROPOSALS, headings.other_subjects, headings.subjects),
        # also what stands above the signatures, where an action has too many lines to move to their page
        Paragraph(text=sentences.memo_report),
    ]


def _count_annexed(count: int, what: str, unit: str) -> list[Block]:
    """How many more there are in the annex; nothing where there are none."""
    if count <= 0:
        return []
    return [Paragraph(text=phrases.load().sentences.memo_others.format(what=what, count=count, unit=unit))]


def list_proposals(facts: ResultFacts) -> list[tuple[str, str]]:
    """What the memo proposes, the most urgent first, as (subject, remedy): of every instrument what is below the
    target, and of disclosure whatever is below full marks. Without any of these, what raises the total most, unless it
    reaches its target."""
    priorities = wording.list_priorities(facts)
    urgent = [
        p
        for p in priorities
        if p.weak is None or isinstance(p.weak.item, DisclosureItem) or p.weak.score < facts.target
    ]
    return [
        # what the assessor wrote stands among the facts
        (f"{p.weak.node.id} {p.weak.node.label.th}:", p.action)
        if p.weak is not None and isinstance(p.weak.item, DisclosureItem)
        else (p.subject, p.action)
        for p in urgent or (() if facts.passes else priorities[:_MAX_PROPOSALS])
    ]


def _build_annex_of_proposals(facts: ResultFacts) -> list[Section]:
    """The proposals that the memo has no room for, numbered on from those it names."""
    proposals = list_proposals(facts)[_MAX_PROPOSALS:]
    if not proposals:
        return []
    titles, headings = phrases.load().headings.columns, phrases.load().headings.memo
    columns = (Column(titles.number, 1.2, "center"), Column(titles.subject, 5.2), Column(headings.proposed, 9.6))
    lines = [(str(n), subject.rstrip(":"), text) for n, (subject, text) in enumerate(proposals, _MAX_PROPOSALS + 1)]
    year = wording.format_fiscal_year(facts.next_assessment_year)
    title = Title((headings.annex_of_proposals.format(year=year), facts.agency))
    return [Section((title, Table(columns, rows(*lines), size=14)))]


def _build_annex(facts: ResultFacts) -> list[Block]:
    """Every disclosure item with its mark and comment, under its sub-indicator."""
    year = wording.format_fiscal_year(facts.year)
    headings = phrases.load().headings.memo
    title = headings.annex_of_marks.format(disclosure=facts.disclosure_code, year=year)
    blocks: list[Block] = [Title((title, facts.agency))]
    totals = [
        (f"{i}. {facts.label(i)}", facts.score_text(i))
        for i in facts.framework.indicators
        if facts.score(i) is not None and facts.framework.nodes[i].method == "mean_of_sub_indicators"
    ]
    if totals:
        blocks.append(shared.build_table_of_means(totals))
        blocks.append(Paragraph(text=headings.marks_follow, indent=False, align="left"))
    return [*blocks, _build_marks_table(facts)]


def _build_marks_table(facts: ResultFacts) -> Table:
    with_comments = any(d.comment for d in facts.disclosures.values())  # an empty column is left out
    titles, headings = phrases.load().headings.columns, phrases.load().headings.memo
    columns = (
        Column(titles.item, 1.5, "center"),
        Column(headings.checked, 6.0 if with_comments else 12.3),
        *([Column(headings.comment, 6.3)] if with_comments else []),
        Column(titles.score, 2.2, "center"),
    )
    table_rows = []
    nodes = facts.framework.nodes
    for part in (part for indicator in facts.framework.indicators for part in nodes[indicator].parts):
        if nodes[part].kind != "sub_indicator":
            continue
        marks = [_build_mark_row(facts, n, with_comments=with_comments) for n in facts.framework.items_of(part)]
        if known := [row for row in marks if row]:
            name = titles.sub_indicator.format(sub_indicator=part, label=nodes[part].label.th)
            title = Cell(name, span=len(columns), align="left")
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
