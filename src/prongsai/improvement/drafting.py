"""The first draft of a plan, filled in by rules, so that an officer has only to correct it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prongsai.framework import Framework
from prongsai.improvement.findings import GOOD, WHOLE, Finding, Kind
from prongsai.improvement.periods import Rhythm
from prongsai.lib import fiscal

EVERYBODY = "ทุกส่วนราชการ"
_WEAKEST = 3  # indicators that the measure of the whole begins with


@dataclass(frozen=True)
class Draft:
    """A measure as first proposed, with the findings it answers. Without ``indicators`` it is about the whole."""

    title: str
    indicators: tuple[str, ...]
    findings: tuple[Finding, ...]
    steps: str
    success: str
    units: tuple[str, ...]
    rhythm: str
    starts: int = 1
    ends: int = fiscal.MONTHS


def draft(
    framework: Framework,
    found: Iterable[Finding],
    fiscal_year: int,
    units: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Draft, ...]:
    """One measure for each indicator, in order, then one of the whole where something is said of it. ``units`` are
    those that were responsible for an indicator last time ("": for the whole)."""
    found = tuple(found)
    by_indicator: dict[str, list[Finding]] = {i.id: [] for i in framework.rules.indicators} | {"": []}
    for finding in found:
        by_indicator[finding.indicator].append(finding)
    whole = by_indicator.pop("")
    made = [
        _measure(framework, i, tuple(fs), fiscal_year, (units or {}).get(i) or (EVERYBODY,))
        for i, fs in by_indicator.items()
    ]
    return (*made, of_whole(framework, found, fiscal_year, (units or {}).get("", ()))) if whole else tuple(made)


def of_whole(framework: Framework, found: Iterable[Finding], fiscal_year: int, units: tuple[str, ...]) -> Draft:
    """What lifts the total or an instrument: the weakest indicators they are made of, first."""
    found = tuple(found)
    own = {f.node: f.score for f in found if f.node == f.indicator and f.score is not None}
    whole = tuple(f for f in found if not f.indicator)
    under = {node.indicator for f in whole for node in framework.items_of(f.node)}
    weakest = sorted((score, i) for i, score in own.items() if i in under and score < framework.rules.target.points)
    weakest = weakest or sorted((score, i) for i, score in own.items() if i in under)
    steps = [f"เร่งมาตรการของตัวชี้วัดที่ {i} {framework.nodes[i].label.th}" for _, i in weakest[:_WEAKEST]]
    steps.append("ติดตามทุกมาตรการในแผนนี้รวมกัน และรายงานผู้บริหารตามรอบการติดตาม")
    where = f"ในการประเมินปีงบประมาณ พ.ศ. {fiscal_year}"
    low = [f.node for f in whole if f.kind == Kind.INSTRUMENT]
    success = [f"คะแนน {' และ '.join(low)} {where} ไม่ต่ำกว่า {framework.rules.target.points} คะแนน"] if low else []
    if any(f.kind == Kind.LEVEL for f in whole):
        success.append(f"ระดับผล{where} สูงขึ้น")
    return Draft(
        "ยกระดับผลการประเมินในภาพรวม",
        (),
        whole,
        "\n".join(f"{n}. {s}" for n, s in enumerate(steps, 1)),
        "\n".join(success),
        units or (EVERYBODY,),
        Rhythm.QUARTERLY,
    )


def is_whole(kinds: Iterable[str]) -> bool:
    """Whether a measure with findings of these kinds may stand without an indicator."""
    return any(k in WHOLE for k in kinds)


def _measure(
    framework: Framework, indicator: str, found: tuple[Finding, ...], fiscal_year: int, units: tuple[str, ...]
) -> Draft:
    label, target = framework.nodes[indicator].label.th, framework.rules.target.points
    own = next((f.score for f in found if f.node == indicator and f.score is not None), None)
    weak = any(f.kind in (Kind.ITEM, Kind.INDICATOR, Kind.COMMENT) for f in found)
    where = f"ในการประเมินปีงบประมาณ พ.ศ. {fiscal_year}"
    if own is None:
        title, success = f"จัดให้มีผลการประเมินด้าน{label}", f"มีคะแนนตัวชี้วัดที่ {indicator} {label} {where}"
    elif own < target:
        title = f"ยกระดับ{label}ให้ถึงเป้าหมาย"
        success = f"คะแนนตัวชี้วัดที่ {indicator} {label} {where} ไม่ต่ำกว่า {target} คะแนน"
    else:
        title = f"รักษาระดับ{label}" + (" และแก้ข้อที่ยังต่ำ" if weak else "")
        success = f"คะแนนตัวชี้วัดที่ {indicator} {label} {where} ไม่ต่ำกว่าเดิม ({own} คะแนน)"
    return Draft(
        title, (indicator,), found, _steps(label, found), success, units, Rhythm.QUARTERLY if weak else Rhythm.TWICE
    )


def _steps(label: str, found: tuple[Finding, ...]) -> str:
    remedies = [line for f in found for line in f.remedy.splitlines() if line.strip()]
    steps = list(dict.fromkeys(remedies))
    if all(f.kind in GOOD for f in found) or not steps:
        steps.append(f"ทำสิ่งที่ทำได้ดีด้าน{label}ต่อไป และถ่ายทอดวิธีทำให้ผู้ที่เข้ามารับงานใหม่")
    steps.append("รายงานผลต่อผู้บริหารตามรอบการติดตาม")
    return "\n".join(f"{n}. {s}" for n, s in enumerate(steps, 1))
