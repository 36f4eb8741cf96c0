"""What a result leaves to be done, finding by finding. Pure: scores of this year and of the last in, findings out."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from prongsai import analysis
from prongsai.framework import Framework
from prongsai.scoring import complete_scores, round_score

FALL = 1  # points: a smaller fall of an item is not worth a finding of its own
MOST_ADVICE = 3  # items whose advice stands for an indicator of which no item is known

Known = Mapping[str, Fraction]


class Kind(StrEnum):
    ITEM = "item"
    INDICATOR = "indicator"
    INSTRUMENT = "instrument"
    LEVEL = "level"
    FELL = "fell"
    COMMENT = "comment"
    OWN = "own"
    STRENGTH = "strength"
    UNKNOWN = "unknown"


KIND_TH = {
    Kind.ITEM: "ข้อต่ำกว่าเป้าหมาย",
    Kind.INDICATOR: "ตัวชี้วัดต่ำกว่าเป้าหมาย",
    Kind.INSTRUMENT: "เครื่องมือต่ำกว่าเป้าหมาย",
    Kind.LEVEL: "เงื่อนไขของระดับถัดไป",
    Kind.FELL: "คะแนนลดลง",
    Kind.COMMENT: "ความเห็นผู้ประเมิน",
    Kind.OWN: "หน่วยงานระบุเอง",
    Kind.STRENGTH: "จุดแข็ง",
    Kind.UNKNOWN: "ไม่มีคะแนน",
}
GOOD = (Kind.STRENGTH, Kind.UNKNOWN)  # kinds that are no defect
WHOLE = (Kind.INSTRUMENT, Kind.LEVEL)  # kinds that are about the result as a whole


@dataclass(frozen=True)
class Finding:
    """One thing that a result says. ``key`` names it within the result; ``indicator`` is the one whose measure it
    belongs to, empty for what is said of the whole; ``remedy`` may be empty when nothing is known to mend."""

    key: str
    kind: str
    node: str
    indicator: str
    score: Decimal | None
    before: Decimal | None
    defect: str
    remedy: str


def findings(
    framework: Framework,
    known: Known,
    *,
    last: tuple[Framework, Known] | None = None,
    comments: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """Every finding of a result: indicator by indicator in the framework's order, none without one, then of the whole.

    ``last`` is the year before, without which nothing is known to have fallen. ``comments`` are the assessors', by
    O-item.
    """
    scores = complete_scores(framework, known)
    score = {n: round_score(framework, v) for n, v in scores.items()}
    movement = analysis.year_on_year([last[0], framework], known, last[1]) if last else None
    moved = {m.node: m for m in movement.changes} if movement else {}
    made: list[Finding] = []
    for indicator in framework.rules.indicators:
        made += _of_indicator(framework, indicator.id, score, moved, comments or {})
    return (*made, *_of_whole(framework, scores, score, moved))


def _of_indicator(
    framework: Framework,
    indicator: str,
    score: Mapping[str, Decimal],
    moved: Mapping[str, analysis.NodeChange],
    comments: Mapping[str, str],
) -> list[Finding]:
    target = framework.rules.target.points
    node = framework.nodes[indicator]
    made: list[Finding] = []

    def add(kind: str, at: str, defect: str, remedy: str) -> None:
        before = moved[at].previous if at in moved else None
        made.append(Finding(f"{kind}:{at}", kind, at, indicator, score.get(at), before, defect, remedy))

    items = framework.items_of(indicator)
    own = score.get(indicator)
    if own is None:
        add(Kind.UNKNOWN, indicator, f"ผลการประเมินไม่ได้แสดงคะแนนของตัวชี้วัด{node.label.th}", "")
    elif own < target and not any(i.id in score and score[i.id] < target for i in items):
        advised = dict.fromkeys(i.item.advice.remedy for i in items if i.item is not None)
        defect = f"{node.label.th}ได้ {own} คะแนน ต่ำกว่าเป้าหมาย {target} คะแนน ผลที่มีไม่แสดงคะแนนรายข้อ จึงยังไม่รู้ว่าข้อใดฉุดคะแนน"
        first = f"ตรวจทั้ง {len(items)} ข้อของตัวชี้วัดนี้ก่อนว่าข้อใดบกพร่อง แล้วแก้ข้อนั้นก่อน"
        add(Kind.INDICATOR, indicator, defect, "\n".join([first, *list(advised)[:MOST_ADVICE]]))
    elif own < target:
        add(Kind.INDICATOR, indicator, f"{node.label.th}ได้ {own} คะแนน ต่ำกว่าเป้าหมาย {target} คะแนน", "")
    elif indicator in moved and moved[indicator].change < 0:
        fall = moved[indicator]
        caution = f" ({fall.caution})" if fall.caution else ""
        add(
            Kind.FELL,
            indicator,
            f"{node.label.th}ลดลงจาก {fall.previous} เหลือ {fall.score} คะแนน แต่ยังถึงเป้าหมาย{caution}",
            "",
        )
    if own is not None and own >= target:
        add(Kind.STRENGTH, indicator, f"{node.label.th}ได้ {own} คะแนน ถึงเป้าหมาย {target} คะแนน เป็นจุดแข็งที่ควรรักษาไว้", "")
    for item in items:
        assert item.item is not None
        advice = item.item.advice
        if item.id in score and score[item.id] < target:
            add(Kind.ITEM, item.id, advice.defect, advice.remedy)
        elif item.id in moved and moved[item.id].change <= -FALL:
            fall = moved[item.id]
            add(
                Kind.FELL,
                item.id,
                f"ข้อ {item.id} {item.label.th} ลดลงจาก {fall.previous} เหลือ {fall.score} คะแนน",
                advice.remedy,
            )
        if comment := comments.get(item.item.id, "").strip():
            add(Kind.COMMENT, item.id, comment, advice.remedy)
    return made


def _of_whole(
    framework: Framework, scores: Known, score: Mapping[str, Decimal], moved: Mapping[str, analysis.NodeChange]
) -> list[Finding]:
    """Instruments below the target and conditions of the next level that were missed."""
    target = framework.rules.target.points
    made: list[Finding] = []

    def add(kind: str, node: str, defect: str) -> None:
        before = moved[node].previous if node in moved else None
        made.append(Finding(f"{kind}:{node}", kind, node, "", score[node], before, defect, ""))

    for instrument in framework.rules.instruments:
        if instrument.id in score and score[instrument.id] < target:
            defect = (
                f"คะแนน {instrument.id} {instrument.label.th} ได้ {score[instrument.id]} ต่ำกว่าเป้าหมาย {target} คะแนน"
            )
            add(Kind.INSTRUMENT, instrument.id, defect)
    if "overall" in scores and all(i in scores for i in framework.instruments):
        why = analysis.why_not_higher(framework, scores)
        for missed in why.shortfalls:
            what = "คะแนนรวม" if missed.node == "overall" else f"คะแนน {missed.node}"
            add(
                Kind.LEVEL,
                missed.node,
                f"{what}ได้ {missed.score} ขาด {missed.short} คะแนน จึงไม่ถึงระดับ “{why.next}” ที่ต้องได้อย่างน้อย {missed.needed}",
            )
    return made


def gaps(framework: Framework, known: Known, *, has_last: bool) -> list[str]:
    """What the findings can't tell, in Thai: instruments without a score, no items, no year before."""
    scores = complete_scores(framework, known)
    told = [
        f"ผลนี้ไม่มีคะแนน {i.id} ({i.label.th}) ข้อค้นพบจึงไม่รวมส่วนนี้"
        for i in framework.rules.instruments
        if i.id not in scores
    ]
    if not any(framework.nodes[n].kind == "item" for n in scores if n in framework.nodes):
        told.append("ผลนี้ไม่มีคะแนนรายข้อ ข้อค้นพบจึงอยู่ที่ระดับตัวชี้วัด แก้ข้อความให้ตรงกับที่หน่วยงานรู้ได้")
    if not has_last:
        told.append("ไม่มีผลปีก่อนหน้าให้เทียบ จึงไม่รู้ว่าข้อใดคะแนนลดลง นำเข้าผลปีก่อนแล้วกดรับข้อค้นพบเพิ่มได้")
    return told
