"""Sentences made by rules from figures: plain official Thai that says what the figures say and nothing else.

Digits are Arabic here; a document turns them when its setting is Thai digits. The sentences are of a build that the
project's own reader reads back (see ``issuing``).
"""

from collections.abc import Sequence
from decimal import Decimal

from prongsai.analysis import Ranked
from prongsai.documents.judged import Judged, Weak, printed
from prongsai.documents.material import Measure
from prongsai.framework import DisclosureItem

ITA = "การประเมินคุณธรรมและความโปร่งใสในการดำเนินงานของหน่วยงานภาครัฐ"
ITA_FULL = f"{ITA} (Integrity and Transparency Assessment : ITA)"
_SHORT = {
    "IIT": "Internal Integrity and Transparency Assessment : IIT",
    "EIT": "External Integrity and Transparency Assessment : EIT",
    "OIT": "Open Data Integrity and Transparency Assessment : OIT",
}


def fiscal(year: int) -> str:
    return f"ปีงบประมาณ พ.ศ. {year}"


def listed(parts: Sequence[str]) -> str:
    """ก ข และ ค"""
    if len(parts) < 2:
        return "".join(parts)
    return f"{' '.join(parts[:-1])} และ{' ' if parts[-1][:1].isascii() else ''}{parts[-1]}"


def level(name: str) -> str:
    """A level in a sentence: ระดับ B, ระดับ “ผ่านดี”."""
    return f"ระดับ {name}" if name.isascii() else f"ระดับ “{name}”"


def instrument(group: str, name: str) -> str:
    """A survey or check with its English name once: แบบวัด… (… : IIT)."""
    return f"{name} ({_SHORT.get(group, group)})"


def method(judged: Judged) -> str:
    """Which instruments there were, of how many indicators each."""
    told = [f"{instrument(key, name)} จำนวน {len(own)} ตัวชี้วัด" for key, name, _, own in judged.groups]
    return (
        f"{ITA_FULL} {fiscal(judged.year)} ใช้เครื่องมือ {len(told)} ชุด ได้แก่ {listed(told)} "
        f"ทุกส่วนมีคะแนนเต็ม 100 คะแนน และใช้คะแนนตั้งแต่ {judged.target} คะแนนขึ้นไปเป็นค่าเป้าหมายในการวิเคราะห์"
    )


# --- the result as a whole
# ---------------------------------------------------------------------------------------------


def overall(judged: Judged) -> str:
    """The total, the level, whether the target is reached."""
    said = f"{judged.agency} ได้รับผลการประเมิน {fiscal(judged.year)} ในภาพรวม {judged.text('overall')} คะแนน"
    if judged.score("overall") is None:
        return f"ผลการประเมิน {fiscal(judged.year)} ที่ได้รับไม่มีคะแนนรวมของ{judged.agency} เอกสารนี้จึงกล่าวถึงเฉพาะคะแนนที่ทราบ"
    if judged.level is not None:
        said += f" อยู่ใน{level(judged.level)}"
    return f"{said} {reached(judged)}"


def reached(judged: Judged) -> str:
    goal = f"ค่าเป้าหมาย ({judged.target} คะแนนขึ้นไป)"
    return f"ผ่าน{goal}" if judged.passes else f"ไม่ผ่าน{goal}"


def why_not_higher(judged: Judged) -> str:
    """Which conditions of the next level were missed; empty at the top or when it cannot be known."""
    why = judged.why
    if why is None or why.next is None:
        return ""
    conditions = []
    for short in why.shortfalls:
        name = "คะแนนรวม" if short.node == "overall" else f"แบบวัด {judged.part(short.node)}"
        conditions.append(f"{name} ต้องได้ตั้งแต่ {short.needed} คะแนนขึ้นไป แต่ได้ {printed(short.score)} คะแนน")
    return f"เกณฑ์ของ{level(why.next)} ที่ยังไม่ถึง ได้แก่ {' และ'.join(conditions)}"


def counts(judged: Judged) -> str:
    """How many indicators reach the target and how many do not."""
    found = judged.findings
    if not found.indicators:
        return "ผลที่ได้รับไม่มีคะแนนรายตัวชี้วัด จึงยังบอกไม่ได้ว่าตัวชี้วัดใดเป็นจุดแข็งหรือจุดที่ต้องพัฒนา"
    total = len(found.indicators)
    if not found.to_develop:
        return f"ตัวชี้วัดที่มีคะแนนทั้ง {total} ตัวชี้วัด ถึงค่าเป้าหมาย {judged.target} คะแนนทุกตัวชี้วัด"
    if not found.strengths:
        return f"ตัวชี้วัดที่มีคะแนนทั้ง {total} ตัวชี้วัด ยังไม่มีตัวชี้วัดใดถึงค่าเป้าหมาย {judged.target} คะแนน"
    return (
        f"จากตัวชี้วัดที่มีคะแนน {total} ตัวชี้วัด เป็นจุดแข็ง (ตั้งแต่ {judged.target} คะแนนขึ้นไป) จำนวน {len(found.strengths)} ตัวชี้วัด "
        f"และเป็นจุดที่ต้องพัฒนา (ต่ำกว่า {judged.target} คะแนน) จำนวน {len(found.to_develop)} ตัวชี้วัด"
    )


def extremes(judged: Judged) -> str:
    """The highest and the lowest indicators, with all that tie."""
    found = judged.findings
    if not found.indicators:
        return ""
    if found.highest[0].score == found.lowest[0].score:
        return f"ทุกตัวชี้วัดได้คะแนนเท่ากันที่ {printed(found.highest[0].score)} คะแนน"
    high, low = _ranked(judged, found.highest), _ranked(judged, found.lowest)
    return f"ตัวชี้วัดที่ได้คะแนนสูงสุด ได้แก่ {high} ส่วนตัวชี้วัดที่ได้คะแนนต่ำสุด ได้แก่ {low}"


def to_develop(judged: Judged) -> str:
    """The indicators below the target, worst first; empty when there are none."""
    below = judged.findings.to_develop[::-1]
    return f"ตัวชี้วัดที่ต้องพัฒนา ได้แก่ {_ranked(judged, below)}" if below else ""


def _ranked(judged: Judged, ranked: Sequence[Ranked]) -> str:
    return listed([f"{judged.titled(r.node)} ({printed(r.score)} คะแนน)" for r in ranked])


# --- against the year before
# -------------------------------------------------------------------------------------------


def change(difference: Decimal) -> str:
    if difference == 0:
        return "เท่าเดิม"
    return f"{'เพิ่มขึ้น' if difference > 0 else 'ลดลง'} {printed(abs(difference))} คะแนน"


def overall_change(judged: Judged) -> str:
    """The total against the year compared with; says so when there is none."""
    movement = judged.movements.get("overall")
    if movement is None:
        return "ไม่มีผลการประเมินของปีก่อนหน้าให้เปรียบเทียบ จึงแสดงเฉพาะผลของปีนี้"
    assert judged.before is not None
    year = judged.before.framework.fiscal_year
    moved = "คะแนนเท่าเดิม" if movement.change == 0 else change(movement.change)
    return f"{moved} เมื่อเทียบกับ{fiscal(year)} ที่ได้ผลการประเมินในภาพรวม {printed(movement.previous)} คะแนน"


def level_before(judged: Judged) -> str:
    """The level of the year compared with, as a sentence of its own; empty when there is none."""
    if judged.before is None or judged.level_before is None or "overall" not in judged.movements:
        return ""
    return f"{fiscal(judged.before.framework.fiscal_year)} อยู่ใน{level(judged.level_before)}"


def movements(judged: Judged) -> str:
    """How many indicators rose and fell, and which."""
    moves = [judged.movements[i] for i in judged.framework.indicators if i in judged.movements]
    if not moves or judged.before is None:
        return ""
    year = judged.before.framework.fiscal_year
    up, down = [m for m in moves if m.change > 0], [m for m in moves if m.change < 0]
    still = [m for m in moves if m.change == 0]
    said = []
    if up:
        said.append(f"มีตัวชี้วัดที่คะแนนเพิ่มขึ้นจำนวน {len(up)} ตัวชี้วัด ({_numbers([m.node for m in up])})")
    if down:
        said.append(f"มีตัวชี้วัดที่คะแนนลดลงจำนวน {len(down)} ตัวชี้วัด ({_numbers([m.node for m in down])})")
    if still:
        said.append(f"มีตัวชี้วัดที่คะแนนเท่าเดิมจำนวน {len(still)} ตัวชี้วัด ({_numbers([m.node for m in still])})")
    return f"เมื่อเทียบกับ{fiscal(year)} พบว่า {listed(said)}"


def cautions(judged: Judged) -> list[str]:
    """Why two years are not like for like, each once."""
    if judged.compared is None:
        return []
    found = list(judged.compared.cautions)
    for movement in judged.compared.changes:
        if movement.caution and movement.node in judged.framework.indicators:
            found.append(f"ตัวชี้วัดที่ {movement.node}: {movement.caution}")
        elif movement.caution and movement.node in (*judged.framework.instruments, "overall"):
            name = "คะแนนรวม" if movement.node == "overall" else judged.part(movement.node)
            found.append(f"{name}: {movement.caution}")
    return list(dict.fromkeys(found))


def _numbers(nodes: Sequence[str]) -> str:
    """ตัวชี้วัดที่ 1-8 — runs of three and more are drawn together."""
    runs: list[list[int]] = []
    for number in sorted(map(int, nodes)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [part for r in runs for part in ([f"{r[0]} ถึง {r[-1]}"] if len(r) > 2 else map(str, r))]
    return f"ตัวชี้วัดที่ {', '.join(parts[:-1])}{' และ ' if parts[1:] else ''}{parts[-1]}"


# --- instruments, indicators, items
# -------------------------------------------------------------------------------------


def of_instrument(judged: Judged, group: str) -> str:
    """The score of a survey or check against the target."""
    value = judged.score(group)
    if value is None:
        return f"ผลที่ได้รับไม่มีคะแนนเฉลี่ยของ {group}"
    verdict = "ผ่านเกณฑ์เป้าหมาย" if value >= judged.target else "ต่ำกว่าเกณฑ์เป้าหมาย"
    return f"ผลการประเมินของ {group} ได้คะแนนเฉลี่ย {printed(value)} คะแนน ถือว่า{verdict}"


def of_indicator(judged: Judged, indicator: str) -> str:
    """Score, what the indicator looks at, and how it stands."""
    meaning = judged.framework.indicators[indicator].meaning.th
    return f"ได้คะแนน {judged.text(indicator)} คะแนน ตัวชี้วัดนี้ดูว่า{meaning}"


def finding(judged: Judged, indicator: str) -> str:
    """What the figures say of one indicator, for a cell of a plan."""
    value = judged.score(indicator)
    if value is None:
        return "ผลที่ได้รับไม่มีคะแนนของตัวชี้วัดนี้"
    weak = judged.weak_items(indicator)
    items = [n for n in judged.item_nodes(indicator) if judged.score(n.id) is not None]
    if value == 100:
        return "เป็นคะแนนเต็ม ควรรักษาระดับไว้"
    standing = "ถึงค่าเป้าหมาย" if value >= judged.target else "ยังไม่ถึงค่าเป้าหมาย"
    if not items:
        return f"{standing} {judged.target} คะแนน (ไม่มีคะแนนรายข้อ)"
    if not weak:
        return f"{standing} {judged.target} คะแนน ข้อที่ทราบคะแนนได้คะแนนเต็มทั้งหมด"
    low = [w for w in weak if w.score < judged.target]
    if not low and value >= judged.target:
        return f"{standing} {judged.target} คะแนน ทุกข้อที่ทราบคะแนนถึงค่าเป้าหมาย"
    worst = list({w.node.item.id: w.node.item for w in low or weak if w.node.item}.values())[:3]
    return f"{standing} {judged.target} คะแนน ข้อที่ควรดูก่อน\n" + "\n".join(f"ข้อ {i.id} {i.advice.defect}" for i in worst)


KEEP = ("ไม่พบข้อบกพร่อง", "รักษาระดับ")  # defect and remedy of an item with full marks


# --- what to do
# -----------------------------------------------------------------------------------------------------------


def priorities(judged: Judged, most: int) -> list[tuple[str, str]]:
    """What to mend first, (what, how): known weak items by what the total gains; else weak indicators, worst first."""
    weak = [w for i in judged.framework.indicators for w in judged.weak_items(i)]
    if weak:
        weak.sort(key=lambda w: (-(w.gain or 0), w.score))
        return [(_item_head(judged, w), _item_how(w)) for w in weak[:most]]
    below = judged.findings.to_develop
    chosen = below[::-1] or judged.findings.indicators[::-1][:3]
    return [(_indicator_head(judged, r), _indicator_how(judged, r.node)) for r in chosen if r.score < 100][:most]


def _item_head(judged: Judged, weak: Weak) -> str:
    assert weak.node.item is not None
    part = judged.part(weak.node.instrument or "") + " " if "/" in weak.node.id else ""
    name = weak.node.label.th
    if not isinstance(weak.node.item, DisclosureItem):
        name = f"“{name.removesuffix('มากน้อยเพียงใด').removesuffix('หรือไม่').strip()}”"
    gain = f" (ช่วยเพิ่มคะแนนรวมได้ไม่เกิน {printed(weak.gain)} คะแนน)" if weak.gain else ""
    return f"{part}{weak.node.item.id} {name}{gain}:"


def _item_how(weak: Weak) -> str:
    assert weak.node.item is not None
    return weak.node.item.advice.remedy


def _indicator_head(judged: Judged, ranked: Ranked) -> str:
    return f"{judged.titled(ranked.node)} ({printed(ranked.score)} คะแนน)"


def _indicator_how(judged: Judged, indicator: str) -> str:
    """Without scores of items: what the indicator is made of, to be gone through."""
    items = [n.item for n in judged.item_nodes(indicator) if n.item is not None]
    unique = list({i.id: i for i in items}.values())
    if all(isinstance(i, DisclosureItem) for i in unique):
        names = listed([f"{i.id} {i.label.th}" for i in unique[:6]])
        more = f" และข้ออื่นอีก {len(unique) - 6} ข้อ" if len(unique) > 6 else ""
        return f"ยังไม่มีคะแนนรายข้อ จึงควรตรวจองค์ประกอบของทุกข้อในตัวชี้วัดนี้ เช่น {names}{more}"
    return f"ยังไม่มีคะแนนรายข้อ แนวทางเริ่มต้นของตัวชี้วัดนี้ เช่น {unique[0].advice.remedy}"


def drafted(judged: Judged, indicator: str) -> Measure:
    """A measure by rules for an indicator that nobody has decided one for: to be changed by the agency, and marked as a
    draft."""
    value = judged.score(indicator)
    weak = judged.weak_items(indicator)
    name = judged.label(indicator)
    title = f"รักษาระดับ{name}" if value is None or value >= judged.target else f"ยกระดับ{name}"
    steps = tuple(dict.fromkeys(w.node.item.advice.remedy for w in weak if w.node.item))[:2]
    if not steps:
        first = next((n.item for n in judged.item_nodes(indicator) if n.item), None)
        steps = (first.advice.remedy,) if first else ()
    return Measure(
        (indicator,),
        title,
        finding(judged, indicator),
        steps,
        f"ตลอด{fiscal(judged.year + 1)}",
        drafted=True,
        watching="รายงานความก้าวหน้าต่อผู้บริหารทุกไตรมาส",
    )
