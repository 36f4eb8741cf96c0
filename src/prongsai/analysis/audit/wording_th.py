"""What the audit says, in Thai. Numbers are written with Arabic digits; a document may turn them into Thai ones."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from prongsai.framework import METHOD_TH, Framework, Node
from prongsai.lib.rounding import half_up

VERDICT_TH: Mapping[str, str] = {
    "reproduced": "ตรงตามหลักเกณฑ์",
    "rounding": "ต่างเพราะปัดเศษ",
    "contradicted": "ขัดกับตัวเลขอื่น",
    "undetermined": "ข้อมูลไม่พอชี้ขาด",
}
_KIND_TH = {"indicator": "ตัวชี้วัด ", "part_indicator": "ตัวชี้วัด ", "item": "ข้อ "}

UNKNOWN_YEAR = "ไม่ทราบปีงบประมาณของตัวเลขนี้ (ระบุด้วย --framework)"
UNKNOWN_NODE = "หลักเกณฑ์ปีนี้ไม่มีคะแนนนี้"
PARTS_CONTRADICTED = "ตัวเลขย่อยบางตัวขัดกับตัวอื่น จึงคำนวณซ้ำไม่ได้"
SUSPECT = "อาจเป็นตัวที่ทำให้ผลรวมไม่ตรง แต่ตัวเลขอื่นชี้ไม่ได้ว่าเป็นตัวนี้หรือตัวข้างเคียง"
NO_TOTAL = "ไม่มีคะแนนรวมให้เทียบระดับ"
INCOMPLETE_RANKING = "พิมพ์คะแนนไม่ครบทุกตัวชี้วัดในกลุ่มนี้"
INCOMPLETE_COUNT = "พิมพ์คะแนนไม่ครบทุกตัวชี้วัด จึงนับไม่ได้"
SUBTRACTED_BEFORE_ROUNDING = " ต่างกันได้เพราะลบจากค่าก่อนปัด"
RULE_CHANGE = "ปีนี้ลบปีก่อน"
RULE_LEVEL = "ระดับตามช่วงคะแนน"
RULE_COUNT_CHANGES = "ปีนี้เทียบปีก่อน"
ALL_INSTRUMENTS = "; ทุกเครื่องมือถึงเกณฑ์"
PASSED, NOT_PASSED = "ผ่าน", "ไม่ผ่าน"
HIGHEST, LOWEST = "สูงสุด", "ต่ำสุด"


def plain_number(value: Fraction) -> str:
    """Two decimals at most, without trailing zeros."""
    return format(half_up(value, 2).normalize(), "f")


def signed_number(value: Decimal) -> str:
    return f"+{value}" if value > 0 else str(value)


def join_or(words: Iterable[object]) -> str:
    return " หรือ ".join(map(str, words))


def name_node(framework: Framework, node: str) -> str:
    if node == "overall":
        return framework.nodes[node].label.th
    return _KIND_TH.get(framework.nodes[node].kind, "") + node


def name_nodes(framework: Framework, nodes: Iterable[str]) -> str:
    return ", ".join(name_node(framework, node) for node in nodes)


def describe_rule(node: Node) -> str:
    """How a node is computed, and whether that is only inferred."""
    parts = list(node.parts)
    text = METHOD_TH[node.method]
    if node.method == "weighted_sum":
        text += " (" + " + ".join(f"{plain_number(w * 100)}% {part}" for part, w in node.parts.items()) + ")"
    elif parts:
        text += f" {parts[0]}–{parts[-1]}" if len(parts) > 2 else f" {' และ '.join(parts)}"
    return text + (" (อนุมาน)" if node.basis.standing == "inferred" else "")


def unknown_rules(year: int) -> str:
    return f"ยังไม่มีหลักเกณฑ์ปี {year} ให้คำนวณ" if year else UNKNOWN_YEAR


def uncertain_reading(note: str) -> str:
    return f"อ่านไม่แน่ใจ จึงไม่นำไปคำนวณ: {note}"


def printed_elsewhere(value: str) -> str:
    return f"ที่อื่นในเอกสารพิมพ์ {value} ต่างกันไม่เกินหน่วยสุดท้าย"


def nothing_to_recompute_from(framework: Framework, node: Node, consistent_with: Sequence[str]) -> str:
    missing = "คะแนนย่อยครบทุกตัว" if node.parts else "คำตอบ"
    text = f"เอกสารไม่ได้พิมพ์{missing}ไว้ให้คำนวณซ้ำ"
    return text + (f" แต่เข้ากันได้กับ {name_nodes(framework, consistent_with)}" if consistent_with else "")


def inferred_rule(year: int, printed: str, recomputed: str | None, agrees_with: str) -> str:
    """``agrees_with`` names the printed scores that the figure feeds and agrees with; may be empty."""
    says = f"ให้ {recomputed} ไม่ใช่ {printed}" if recomputed else f"ไม่ลงตัวกับ {printed} และตัวเลขอื่นที่พิมพ์ไว้"
    text = f"วิธีคำนวณของปี {year} ที่ใช้กับตัวเลขนี้ยังไม่มีเอกสารยืนยัน และ{says} จึงยังชี้ขาดไม่ได้ว่าวิธีคำนวณหรือตัวเลขใดไม่ถูก"
    return text + (f" (ตัวเลขนี้เข้ากันได้กับ {agrees_with})" if agrees_with else "")


def reproduced(
    framework: Framework, value: Decimal, likely: Mapping[str, Decimal | None], flat_mean: Decimal | None
) -> str:
    """``likely`` are the likely values that stood in for printed parts; ``flat_mean`` a mean that is not the rule's."""
    text = f"คำนวณซ้ำได้ {value}"
    if likely:
        used = ", ".join(f"{name_node(framework, part)} = {guess}" for part, guess in likely.items())
        text += f" เมื่อใช้ค่าที่น่าจะถูกของ {used}"
    return text + (f" (เฉลี่ยตรงทุกข้อจะได้ {flat_mean} ซึ่งไม่ใช่วิธีของปีนี้)" if flat_mean is not None else "")


def rounding(recomputed: str, printed: str) -> str:
    return f"คำนวณจากค่าที่พิมพ์ไว้ได้ {recomputed} ค่าจริงก่อนปัดของตัวเลขย่อยทำให้เป็น {printed} ได้"


def allowed_marks(marks: Iterable[int]) -> str:
    return f"ข้อนี้ให้คะแนนได้เฉพาะ {join_or(sorted(marks))}"


def parts_give(recomputed: str) -> str:
    return f"ตัวเลขย่อยให้ {recomputed}"


def remaining_interval(low: Decimal, high: Decimal) -> str:
    return f"ตัวเลขอื่นในเอกสารเหลือให้เป็นได้เพียง {low} ถึง {high}"


def likely_value(likely: Decimal, *, one_digit: bool) -> str:
    return f"ค่าที่น่าจะถูกคือ {likely}" + (" (หลักเดียวพิมพ์ผิด)" if one_digit else "")


def suspect_parts(recomputed: str, suspects: str) -> str:
    return f"{parts_give(recomputed)} จึงถูกพร้อมกันทุกตัวไม่ได้ ที่น่าสงสัยคือ {suspects} แต่ตัวเลขที่พิมพ์ไว้ชี้ไม่ได้ว่าตัวใด"


def indicator_by_mark(indicator: str, printed: Decimal, gives: Mapping[Fraction, Decimal]) -> str:
    each = ", ".join(f"{value} ถ้าข้อนี้ได้ {plain_number(points)}" for points, value in gives.items())
    return f"ตัวชี้วัด {indicator} พิมพ์ {printed} ส่วนหลักเกณฑ์ให้ {each}"


def would_reproduce(printed: Decimal, alternatives: Iterable[str]) -> str:
    return f"จะได้ {printed} เมื่อ {join_or(alternatives)}"


def under_flat_mean(points: int, items: int) -> str:
    return f"ข้อนี้ได้ {points} และเฉลี่ยตรงทั้ง {items} ข้อ"


def under_group_of(points: int, size: int) -> str:
    return f"ข้อนี้ได้ {points} และอยู่ในตัวชี้วัดย่อยที่มี {size} ข้อ"


def no_score_to_compare(year: int) -> str:
    return f"ไม่มีคะแนนของปี {year} ให้เทียบ"


def subtraction(now: Fraction, before: Fraction, change: Decimal) -> str:
    return f"{plain_number(now)} − {plain_number(before)} = {signed_number(change)}"


def rule_passing(target: int) -> str:
    return f"ผ่านเมื่อคะแนนรวมตั้งแต่ {target}"


def total_gives_pass(total: Decimal, outcome: str) -> str:
    return f"คะแนนรวม {total} จึง{outcome}"


def unknown_level(year: int, level: str, levels: Iterable[str]) -> str:
    return f"ปี {year} ไม่มีระดับ “{level}” ระดับของปีนี้คือ {' '.join(levels)}"


def total_gives_level(total: Decimal, levels: Iterable[str]) -> str:
    return f"คะแนนรวม {total} ได้ระดับ {join_or(levels)}"


def level_depends_on_instruments(total: Decimal, levels: Iterable[str]) -> str:
    return f"คะแนนรวม {total} เป็นได้ทั้ง {join_or(levels)} ขึ้นกับคะแนนรายเครื่องมือที่ไม่ได้พิมพ์"


def level_reproduced(total: Decimal, *, needs_instruments: bool) -> str:
    return f"คะแนนรวม {total}" + (ALL_INSTRUMENTS if needs_instruments else "")


def rule_ranking(scope: str) -> str:
    """``scope`` is an instrument, or empty for all indicators."""
    return "เรียงคะแนนตัวชี้วัด" + (f"ใน {scope}" if scope else "")


def extreme(
    framework: Framework, word: str, scores: Mapping[str, Decimal], *, extremes: Iterable[str], rejected: str | None
) -> str:
    """Which indicators are the highest or lowest (``word``), and which one printed is not."""
    text = f"{word}คือ " + ", ".join(f"{name_node(framework, n)} ({scores[n]})" for n in extremes)
    return text + (f" ไม่ใช่ {name_node(framework, rejected)} ({scores[rejected]})" if rejected else "")


def rule_target(target: int) -> str:
    return f"เทียบค่าเป้าหมาย {target}"


def counted(number: int) -> str:
    return f"นับได้ {number} ตัวชี้วัด"


def depends_on_reading(reading: str) -> str:
    return f"ขัดกันตามที่ระบบอ่านหลักเกณฑ์ แต่ตรงกันหากอ่านว่า “{reading}” ซึ่งยังไม่มีเอกสารชี้ขาด จึงไม่ถือว่าเอกสารผิด"
