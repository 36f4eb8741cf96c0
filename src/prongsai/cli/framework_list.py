"""The list of years on the terminal."""

from collections import Counter
from collections.abc import Iterable, Iterator

from prongsai.cli.terminal import Column, print_table
from prongsai.framework import NATIONAL, STATE_TH, Basis, Framework

_TITLES = ("ปี", "สถานะ", "เครื่องมือ (น้ำหนัก)", "ข้อคำถาม", "รายการเปิดเผย", "ระดับ", "ข้อเท็จจริงที่มีเอกสาร", "ลายนิ้วมือ")


def print_framework_list(frameworks: Iterable[Framework]) -> None:
    print_table([Column(title) for title in _TITLES], map(_row, frameworks))


def short_name(framework: Framework) -> str:
    """What commands call the rules: the year alone for the national assessment."""
    year = str(framework.fiscal_year)
    return year if framework.assessment == NATIONAL else f"{framework.assessment}/{year}"


def _row(framework: Framework) -> tuple[str, ...]:
    rules = framework.rules
    standings = Counter(basis.standing for basis in _bases(framework))
    return (
        short_name(framework),
        STATE_TH[rules.state],
        "  ".join(f"{i.id} {i.weight / 100:g}%" for i in rules.instruments),
        str(len(rules.survey_items)),
        str(len(rules.disclosure_items)),
        " ".join(framework.bands),
        f"{standings['documented']} จาก {sum(standings.values())}",
        framework.digest[:12],
    )


def _bases(framework: Framework) -> Iterator[Basis]:
    """What every fact of a year stands on."""
    rules = framework.rules
    for group in (
        rules.scales,
        rules.instruments,
        rules.composites,
        rules.indicators,
        rules.sub_indicators,
        rules.bands,
        rules.samples,
        rules.calendar,
    ):
        yield from (entry.basis for entry in group)
    yield from (rules.rounding.basis, rules.target.basis)
    for item in rules.survey_items:
        yield from (item.basis, item.scale_basis)
    for disclosure in rules.disclosure_items:
        yield from (disclosure.basis, disclosure.placement, disclosure.period_basis)
        yield from (Basis(standing=e.standing, source=e.source) for e in disclosure.elements)
