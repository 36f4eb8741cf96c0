"""Which disclosure items the papers of a register fulfil, and which of their required elements its records provide:
found by the words of the rules, never by the number of an item. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from prongsai.framework import DisclosureItem, Framework
from prongsai.improvement.registers.kinds import ElementRule, Paper, RegisterKind, load

YEAR_BEFORE = ("ปีก่อนหน้า", "ปีงบก่อนหน้า", "ปีงบประมาณก่อนหน้า")  # words of an element that is about the fiscal year before
PREVIOUS = "previous_year"  # the period of an item that is
NEEDS_TH = {"year": "ปีของข้อมูล", "rows": "รายการ", "approval": "การอนุมัติของผู้บริหาร"}


@dataclass(frozen=True)
class SheetFacts:
    """What a sheet holds, for ticking elements. ``values``: the stored values of each record; ``holds_nothing``:
    it is confirmed that there is nothing to record, for as much of the year as is over."""

    kind: RegisterKind
    fiscal_year: int
    fields: Mapping[str, str]
    values: Sequence[Mapping[str, str]]
    is_approved: bool = False
    holds_nothing: bool = False
    approved: str = ""  # by whom and when, in Thai

    @property
    def is_nothing(self) -> bool:
        return not self.values and self.holds_nothing

    def has(self, need: str) -> bool:
        """Whether something that an element needs is there: in every record, where it is a column."""
        if need == "year":
            return bool(self.values) or self.is_nothing
        if need == "rows":
            return bool(self.values) or self.is_nothing
        if need == "approval":
            return self.is_approved
        if need in self.kind.field:
            return bool(self.fields.get(need))
        column = self.kind.column[need]
        if self.is_nothing or column.is_answered_by_empty:
            return self.is_nothing or bool(self.values)
        asked = [record for record in self.values if not column.only_with or record.get(column.only_with)]
        return bool(self.values) and all(record.get(need) for record in asked)

    def has_several(self, column: str) -> bool:
        """Whether the records have more than one value of a column."""
        return self.is_nothing or len({record[column] for record in self.values if record.get(column)}) > 1

    def has_one_with(self, column: str, option: str) -> bool:
        """Whether a record has a choice."""
        return self.is_nothing or any(record.get(column) == option for record in self.values)

    def name(self, need: str) -> str:
        """What an element needs, in Thai."""
        if need == "rows" and self.kind.nothing and self.fields.get(self.kind.nothing):
            return f"{self.kind.row} หรือการยืนยันว่าไม่มีให้ถึงสิ้นปี"
        if need in NEEDS_TH:
            return self.kind.row if need == "rows" else NEEDS_TH[need]
        part = self.kind.field.get(need) or self.kind.column[need]
        return part.label


@dataclass(frozen=True)
class ElementState:
    """A required element of an item. ``by``: the kinds and fiscal years whose records should provide it, none where it
    is kept elsewhere; ``missing``: what they have not got yet, in Thai."""

    text: str
    by: tuple[tuple[RegisterKind, int], ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_provided(self) -> bool:
        return bool(self.by) and not self.missing


@dataclass(frozen=True)
class FulfilledItem:
    """An item of a year's rules with the papers that fulfil it."""

    fiscal_year: int
    item: DisclosureItem
    papers: tuple[Paper, ...]
    elements: tuple[ElementState, ...] = field(default=())


Sheets = Callable[[RegisterKind, int], SheetFacts | None]


def find_items(kind: RegisterKind, fiscal_year: int, framework: Framework) -> list[tuple[DisclosureItem, list[Paper]]]:
    """The items of a year's rules that the sheet of a fiscal year fulfils, each with the papers that do."""
    found = []
    for item in framework.rules.disclosure_items:
        matching = [
            paper
            for paper in kind.papers
            if _matches(paper, item) and fiscal_year == _sheet_year(paper, item, framework.fiscal_year)
        ]
        if matching:
            found.append((item, matching))
    return found


def find_sheets(item: DisclosureItem, rules_year: int) -> list[tuple[RegisterKind, int]]:
    """The registers whose papers fulfil an item of a year's rules, each with the fiscal year of its sheet."""
    return [
        (kind, year)
        for kind in load().values()
        for year in sorted({_sheet_year(paper, item, rules_year) for paper in kind.papers if _matches(paper, item)})
    ]


def fulfil(
    kind: RegisterKind,
    fiscal_year: int,
    framework: Framework,
    sheets: Sheets,
    required: Callable[[DisclosureItem], Sequence[int]],
) -> list[FulfilledItem]:
    """The items that the sheet of a fiscal year fulfils by the rules of ``framework``, with the state of every element
    that is required of the agency (``required``: their indices). ``sheets`` gives what a sheet holds, None where there
    is none."""
    return [
        FulfilledItem(
            framework.fiscal_year,
            item,
            tuple(papers),
            tuple(
                _check_element(item, item.elements[number].th, framework.fiscal_year, sheets)
                for number in required(item)
            ),
        )
        for item, papers in find_items(kind, fiscal_year, framework)
    ]


def _matches(paper: Paper, item: DisclosureItem) -> bool:
    return any(words.match(item.label.th) for words in paper.items)


def _sheet_year(paper: Paper, item: DisclosureItem, rules_year: int) -> int:
    """The fiscal year whose sheet an item of a year asks of a paper: by its period, or by the words of its elements."""
    own = [element.th for element in item.elements if _rules_for(paper, element.th)]
    if item.period == PREVIOUS or any(words in text for text in own for words in YEAR_BEFORE):
        return rules_year - 1
    return rules_year - (item.period == "any" and paper.stage == "year")


def _rules_for(paper: Paper, element: str) -> list[ElementRule]:
    return [rule for rule in paper.elements if rule.match(element)]


@dataclass(frozen=True)
class Provider:
    """A paper whose register should provide an element, with the fiscal year of its sheet and what the element needs
    there: ``needs`` as in an element rule, and ``several`` different values of columns."""

    kind: RegisterKind
    fiscal_year: int
    paper: Paper
    rules: tuple[ElementRule, ...]

    @property
    def needs(self) -> list[str]:
        return [need for rule in self.rules for need in rule.needs]

    @property
    def several(self) -> list[str]:
        return [rule.several for rule in self.rules if rule.several]

    def find_missing(self, sheet: SheetFacts | None) -> list[str]:
        """What the sheet has not got of it, in Thai; the sheet itself where there is none."""
        if sheet is None:
            return [f"{self.kind.name} ปี {self.fiscal_year}"]
        missing = [sheet.name(need) for need in self.needs if not sheet.has(need)]
        missing += [f"{sheet.name(c)}มากกว่าหนึ่งอย่าง" for c in self.several if not sheet.has_several(c)]
        asked = [choice for rule in self.rules for choice in rule.one_with.items()]
        return missing + [
            f"{self.kind.row}เรื่อง “{self.kind.column[column].labels[option]}”"
            for column, option in asked
            if not sheet.has_one_with(column, option)
        ]


def find_providers(item: DisclosureItem, element: str, rules_year: int) -> list[Provider]:
    """The papers that should provide an element of an item of a year's rules; none where no register holds it."""
    return [
        Provider(kind, _sheet_year(paper, item, rules_year), paper, tuple(rules))
        for kind in load().values()
        for paper in kind.papers
        if _matches(paper, item) and (rules := _rules_for(paper, element))
    ]


def _check_element(item: DisclosureItem, element: str, rules_year: int, sheets: Sheets) -> ElementState:
    providers = find_providers(item, element, rules_year)
    missing = [text for p in providers for text in p.find_missing(sheets(p.kind, p.fiscal_year))]
    by = dict.fromkeys((provider.kind.key, provider.fiscal_year) for provider in providers)
    return ElementState(element, tuple((load()[key], year) for key, year in by), tuple(dict.fromkeys(missing)))
