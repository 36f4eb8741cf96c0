"""The sentences of documents, made by rules from scores: plain official Thai that states the facts and nothing else.

Digits are Arabic here; a document converts them when its setting is Thai digits. Every sentence is built so that the
project's own reader reads its figures back (see ``readback``).
"""

import re
from collections.abc import Sequence
from decimal import Decimal

from prongsai.analysis import Ranked
from prongsai.documents.content.data import Measure
from prongsai.documents.content.facts import InstrumentGroup, ResultFacts, WeakItem
from prongsai.framework import DisclosureItem

_OF_YEAR = re.compile(r",?\s*(?:ประจำ)?(?:ปีงบประมาณ|ปี|fiscal year)\s*(?:พ\.ศ\.)?\s*\d{4}.*$")


def name_assessment(facts: ResultFacts) -> str:
    """The assessment as its rules name it, without the year."""
    return _OF_YEAR.sub("", facts.framework.rules.title.th)


def abbreviate_assessment(facts: ResultFacts) -> str:
    """The short name of the assessment: ITA."""
    return facts.framework.assessment.upper()


def name_assessment_in_full(facts: ResultFacts) -> str:
    """The assessment with its English and its short name."""
    english = _OF_YEAR.sub("", facts.framework.rules.title.en or "")
    short = abbreviate_assessment(facts)
    return f"{name_assessment(facts)} ({f'{english} : {short}' if english else short})"


def format_fiscal_year(year: int) -> str:
    return f"ปีงบประมาณ พ.ศ. {year}"


def join_phrases(phrases: Sequence[str]) -> str:
    """ก ข และ ค"""
    if len(phrases) < 2:
        return "".join(phrases)
    return f"{' '.join(phrases[:-1])} และ{' ' if phrases[-1][:1].isascii() else ''}{phrases[-1]}"


def quote_level(name: str) -> str:
    """A level in a sentence: ระดับ B, ระดับ “ผ่านดี”."""
    return f"ระดับ {name}" if name.isascii() else f"ระดับ “{name}”"


def name_instrument(group: InstrumentGroup) -> str:
    """An instrument with its English name: แบบวัด… (… : IIT)."""
    return f"{group.label} ({group.label_en} : {group.id})"


def describe_method(facts: ResultFacts) -> str:
    """The instruments and the number of indicators of each."""
    phrases = [f"{name_instrument(group)} จำนวน {len(group.indicators)} ตัวชี้วัด" for group in facts.instrument_groups]
    return (
        f"{name_assessment_in_full(facts)} {format_fiscal_year(facts.year)} ใช้เครื่องมือ {len(phrases)} ชุด ได้แก่ {join_phrases(phrases)} "
        f"ทุกส่วนมีคะแนนเต็ม 100 คะแนน และใช้คะแนนตั้งแต่ {facts.target} คะแนนขึ้นไปเป็นค่าเป้าหมายในการวิเคราะห์"
    )


# --- the total


def describe_overall(facts: ResultFacts) -> str:
    """The total, the level, and whether the target is reached."""
    sentence = (
        f"{facts.agency} ได้รับผลการประเมิน {format_fiscal_year(facts.year)} ในภาพรวม {facts.score_text('overall')} คะแนน"
    )
    if facts.score("overall") is None:
        return f"ผลการประเมิน {format_fiscal_year(facts.year)} ที่ได้รับไม่มีคะแนนรวมของ{facts.agency} เอกสารนี้จึงกล่าวถึงเฉพาะคะแนนที่ทราบ"
    if facts.level is not None:
        sentence += f" อยู่ใน{quote_level(facts.level)}"
    return f"{sentence} {describe_target(facts)}"


def describe_target(facts: ResultFacts) -> str:
    """Whether the total reaches the target."""
    goal = f"ค่าเป้าหมาย ({facts.target} คะแนนขึ้นไป)"
    return f"ผ่าน{goal}" if facts.passes else f"ไม่ผ่าน{goal}"


def describe_shortfalls(facts: ResultFacts) -> str:
    """The conditions of the next level that are not met; empty at the top level or when they are unknown."""
    why = facts.why_not_higher
    if why is None or why.next is None:
        return ""
    conditions = []
    for shortfall in why.shortfalls:
        name = "คะแนนรวม" if shortfall.node == "overall" else f"แบบวัด {facts.instrument_label(shortfall.node)}"
        score = facts.format_score(shortfall.score)
        conditions.append(f"{name} ต้องได้ตั้งแต่ {shortfall.needed} คะแนนขึ้นไป แต่ได้ {score} คะแนน")
    return f"เกณฑ์ของ{quote_level(why.next)} ที่ยังไม่ถึง ได้แก่ {' และ'.join(conditions)}"


def describe_counts(facts: ResultFacts) -> str:
    """How many indicators reach the target and how many do not."""
    findings = facts.findings
    if not findings.indicators:
        return "ผลที่ได้รับไม่มีคะแนนรายตัวชี้วัด จึงยังบอกไม่ได้ว่าตัวชี้วัดใดเป็นจุดแข็งหรือจุดที่ต้องพัฒนา"
    total = len(findings.indicators)
    if not findings.to_develop:
        return f"ตัวชี้วัดที่มีคะแนนทั้ง {total} ตัวชี้วัด ถึงค่าเป้าหมาย {facts.target} คะแนนทุกตัวชี้วัด"
    if not findings.strengths:
        return f"ตัวชี้วัดที่มีคะแนนทั้ง {total} ตัวชี้วัด ยังไม่มีตัวชี้วัดใดถึงค่าเป้าหมาย {facts.target} คะแนน"
    strengths, to_develop = len(findings.strengths), len(findings.to_develop)
    return (
        f"จากตัวชี้วัดที่มีคะแนน {total} ตัวชี้วัด "
        f"เป็นจุดแข็ง (ตั้งแต่ {facts.target} คะแนนขึ้นไป) จำนวน {strengths} ตัวชี้วัด "
        f"และเป็นจุดที่ต้องพัฒนา (ต่ำกว่า {facts.target} คะแนน) จำนวน {to_develop} ตัวชี้วัด"
    )


def describe_extremes(facts: ResultFacts) -> str:
    """The highest and the lowest indicators, with all ties."""
    findings = facts.findings
    if not findings.indicators:
        return ""
    if findings.highest[0].score == findings.lowest[0].score:
        return f"ทุกตัวชี้วัดได้คะแนนเท่ากันที่ {facts.format_score(findings.highest[0].score)} คะแนน"
    highest, lowest = _list_ranked(facts, findings.highest), _list_ranked(facts, findings.lowest)
    return f"ตัวชี้วัดที่ได้คะแนนสูงสุด ได้แก่ {highest} ส่วนตัวชี้วัดที่ได้คะแนนต่ำสุด ได้แก่ {lowest}"


def describe_points_to_develop(facts: ResultFacts) -> str:
    """The indicators below the target, lowest score first; empty when there are none."""
    below = facts.findings.to_develop[::-1]
    return f"ตัวชี้วัดที่ต้องพัฒนา ได้แก่ {_list_ranked(facts, below)}" if below else ""


def _list_ranked(facts: ResultFacts, ranked: Sequence[Ranked]) -> str:
    return join_phrases([f"{facts.indicator_title(r.node)} ({facts.format_score(r.score)} คะแนน)" for r in ranked])


# --- compared with the previous year


def describe_change(facts: ResultFacts, difference: Decimal) -> str:
    if difference == 0:
        return "เท่าเดิม"
    return f"{'เพิ่มขึ้น' if difference > 0 else 'ลดลง'} {facts.format_score(abs(difference))} คะแนน"


def describe_overall_change(facts: ResultFacts) -> str:
    """The total compared with the previous year's, or that there is none to compare with."""
    movement = facts.movements.get("overall")
    if movement is None or facts.previous is None:
        return "ไม่มีผลการประเมินของปีก่อนหน้าให้เปรียบเทียบ จึงแสดงเฉพาะผลของปีนี้"
    year = format_fiscal_year(facts.previous.framework.fiscal_year)
    change = "คะแนนเท่าเดิม" if movement.change == 0 else describe_change(facts, movement.change)
    return f"{change} เมื่อเทียบกับ{year} ที่ได้ผลการประเมินในภาพรวม {facts.format_score(movement.previous)} คะแนน"


def describe_previous_level(facts: ResultFacts) -> str:
    """The level of the previous year as a sentence of its own; empty when there is none."""
    if facts.previous is None or facts.previous_level is None or "overall" not in facts.movements:
        return ""
    return f"{format_fiscal_year(facts.previous.framework.fiscal_year)} อยู่ใน{quote_level(facts.previous_level)}"


def describe_movements(facts: ResultFacts) -> str:
    """How many indicators rose, fell and stayed, and which; empty when there is nothing to compare with."""
    movements = [facts.movements[i] for i in facts.framework.indicators if i in facts.movements]
    if not movements or facts.previous is None:
        return ""
    directions = (
        ("เพิ่มขึ้น", [m.node for m in movements if m.change > 0]),
        ("ลดลง", [m.node for m in movements if m.change < 0]),
        ("เท่าเดิม", [m.node for m in movements if m.change == 0]),
    )
    phrases = [
        f"มีตัวชี้วัดที่คะแนน{direction}จำนวน {len(nodes)} ตัวชี้วัด ({_list_numbers(nodes)})"
        for direction, nodes in directions
        if nodes
    ]
    year = format_fiscal_year(facts.previous.framework.fiscal_year)
    return f"เมื่อเทียบกับ{year} พบว่า {join_phrases(phrases)}"


def list_cautions(facts: ResultFacts) -> list[str]:
    """Why two years cannot be compared like for like, each reason once."""
    if facts.comparison is None:
        return []
    cautions = list(facts.comparison.cautions)
    for change in facts.comparison.changes:
        if change.caution and change.node in facts.framework.indicators:
            cautions.append(f"ตัวชี้วัดที่ {change.node}: {change.caution}")
        elif change.caution and change.node in (*facts.framework.instruments, "overall"):
            name = "คะแนนรวม" if change.node == "overall" else facts.instrument_label(change.node)
            cautions.append(f"{name}: {change.caution}")
    return list(dict.fromkeys(cautions))


def _list_numbers(nodes: Sequence[str]) -> str:
    """ตัวชี้วัดที่ 1 ถึง 8 และ 10: three and more in a row are shortened to a range."""
    runs: list[list[int]] = []
    for number in sorted(map(int, nodes)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [part for r in runs for part in ([f"{r[0]} ถึง {r[-1]}"] if len(r) > 2 else map(str, r))]
    return f"ตัวชี้วัดที่ {', '.join(parts[:-1])}{' และ ' if parts[1:] else ''}{parts[-1]}"


# --- instruments, indicators, items


def describe_instrument(facts: ResultFacts, group: str) -> str:
    """The score of an instrument and whether it reaches the target."""
    value = facts.score(group)
    if value is None:
        return f"ผลที่ได้รับไม่มีคะแนนเฉลี่ยของ {group}"
    verdict = "ผ่านเกณฑ์เป้าหมาย" if value >= facts.target else "ต่ำกว่าเกณฑ์เป้าหมาย"
    return f"ผลการประเมินของ {group} ได้คะแนนเฉลี่ย {facts.format_score(value)} คะแนน ถือว่า{verdict}"


def describe_indicator(facts: ResultFacts, indicator: str) -> str:
    """The score of an indicator and what it assesses."""
    meaning = facts.framework.indicators[indicator].meaning.th
    return f"ได้คะแนน {facts.score_text(indicator)} คะแนน ตัวชี้วัดนี้ดูว่า{meaning}"


def describe_finding(facts: ResultFacts, indicator: str) -> str:
    """The finding about one indicator, for a cell of a plan: target reached or not, and the weakest items."""
    value = facts.score(indicator)
    if value is None:
        return "ผลที่ได้รับไม่มีคะแนนของตัวชี้วัดนี้"
    if value == 100:
        return "เป็นคะแนนเต็ม ควรรักษาระดับไว้"
    reached = value >= facts.target
    standing = f"{'ถึงค่าเป้าหมาย' if reached else 'ยังไม่ถึงค่าเป้าหมาย'} {facts.target} คะแนน"
    if not facts.has_item_scores(indicator):
        return f"{standing} (ไม่มีคะแนนรายข้อ)"
    weak = facts.weak_items(indicator)
    if not weak:
        return f"{standing} ข้อที่ทราบคะแนนได้คะแนนเต็มทั้งหมด"
    below = [w for w in weak if w.score < facts.target]
    if reached and not below:
        return f"{standing} ทุกข้อที่ทราบคะแนนถึงค่าเป้าหมาย"
    weakest = list({w.item.id: w.item for w in below or weak}.values())[:3]
    return f"{standing} ข้อที่ควรดูก่อน\n" + "\n".join(f"ข้อ {item.id} {item.advice.defect}" for item in weakest)


NO_REASON = "ผลการประเมินไม่ได้ระบุเหตุผล"
NO_DEFECT = ("ไม่พบข้อบกพร่อง", "รักษาระดับ")  # defect and remedy of an item with full marks


# --- recommendations


def rank_priorities(facts: ResultFacts, limit: int) -> list[tuple[str, str]]:
    """What to improve first, as (subject, remedy): known weak items by gain of the total; without any, weak indicators
    from the lowest score."""
    weak = [w for i in facts.framework.indicators for w in facts.weak_items(i)]
    if weak:
        weak.sort(key=lambda w: (-(w.gain or 0), w.score))
        return [(_item_subject(facts, w), w.item.advice.remedy) for w in weak[:limit]]
    below = facts.findings.to_develop
    ranked = below[::-1] or facts.findings.indicators[::-1][:3]
    priorities = [(_indicator_subject(facts, r), _indicator_remedy(facts, r.node)) for r in ranked if r.score < 100]
    return priorities[:limit]


def _item_subject(facts: ResultFacts, weak: WeakItem) -> str:
    instrument = facts.instrument_label(weak.node.instrument or "") + " " if "/" in weak.node.id else ""
    name = weak.node.label.th
    if not isinstance(weak.item, DisclosureItem):
        name = f"“{name.removesuffix('มากน้อยเพียงใด').removesuffix('หรือไม่').strip()}”"
    gain = f" (ช่วยเพิ่มคะแนนรวมได้ไม่เกิน {facts.format_score(weak.gain)} คะแนน)" if weak.gain else ""
    return f"{instrument}{weak.item.id} {name}{gain}:"


def _indicator_subject(facts: ResultFacts, ranked: Ranked) -> str:
    return f"{facts.indicator_title(ranked.node)} ({facts.format_score(ranked.score)} คะแนน)"


def _indicator_remedy(facts: ResultFacts, indicator: str) -> str:
    """Without scores of items: the items the indicator consists of, to be checked one by one."""
    items = [n.item for n in facts.item_nodes(indicator) if n.item is not None]
    unique = list({i.id: i for i in items}.values())
    if all(isinstance(i, DisclosureItem) for i in unique):
        names = join_phrases([f"{i.id} {i.label.th}" for i in unique[:6]])
        more = f" และข้ออื่นอีก {len(unique) - 6} ข้อ" if len(unique) > 6 else ""
        return f"ยังไม่มีคะแนนรายข้อ จึงควรตรวจองค์ประกอบของทุกข้อในตัวชี้วัดนี้ เช่น {names}{more}"
    return f"ยังไม่มีคะแนนรายข้อ แนวทางเริ่มต้นของตัวชี้วัดนี้ เช่น {unique[0].advice.remedy}"


def draft_measure(facts: ResultFacts, indicator: str) -> Measure:
    """A draft by rules for an indicator without a decided measure; the agency changes it."""
    value = facts.score(indicator)
    name = facts.label(indicator)
    steps = tuple(dict.fromkeys(w.item.advice.remedy for w in facts.weak_items(indicator)))[:2]
    if not steps:
        first = next((n.item for n in facts.item_nodes(indicator) if n.item), None)
        steps = (first.advice.remedy,) if first else ()
    return Measure(
        indicators=(indicator,),
        title=f"รักษาระดับ{name}" if value is None or value >= facts.target else f"ยกระดับ{name}",
        finding=describe_finding(facts, indicator),
        steps=steps,
        period=f"ตลอด{format_fiscal_year(facts.year + 1)}",
        monitoring="รายงานความก้าวหน้าต่อผู้บริหารทุกไตรมาส",
        is_draft=True,
    )


def describe_provisional_rules(facts: ResultFacts) -> str:
    """What a paper says of rules that nobody has announced; empty when all of its rules are announced."""
    frameworks = [facts.framework, *([facts.previous.framework] if facts.previous else [])]
    years = sorted({f.fiscal_year for f in frameworks if f.is_provisional})
    if not years:
        return ""
    named = " และ ".join(f"พ.ศ. {year}" for year in years)
    return f"ใช้หลักเกณฑ์ปีงบประมาณ {named} ฉบับชั่วคราว ซึ่งยังไม่มีประกาศ เนื้อหาอาจเปลี่ยนเมื่อประกาศแล้ว"
