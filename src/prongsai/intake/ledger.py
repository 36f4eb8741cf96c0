"""What has been read so far: where in the document the reader is, and the figures found, each with its doubts."""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from prongsai.analysis.figures import Figure
from prongsai.framework import DisclosureItem, Framework
from prongsai.framework.schema import SurveyItem
from prongsai.intake import words
from prongsai.intake.blocks import Block
from prongsai.intake.candidates import (
    instruments_by_their_indicator,
    shares_of_the_total,
    undated_of_a_total,
    weights_of,
)
from prongsai.intake.doubts import Line, doubt_the_reader
from prongsai.intake.levels import FAILED, PASSED
from prongsai.intake.resolve import Otherwise, resolve
from prongsai.intake.vocabulary import Mention, Vocabulary
from prongsai.intake.words import Number
from prongsai.lib import thai

NO_AGENCY = "ไม่พบชื่อหน่วยงานในเอกสาร"
_TITLE_THEN_SCORE = re.compile(  # "แผนการใช้จ่าย ได้ 0 คะแนน", "รายงาน รอบ 6 เดือน (100)"
    r"\s{0,9}[:.–-]?\s{0,9}(?P<title>(?:[^\d=:]|\d{1,2}(?=\s?(?:เดือน|ปี|ไตรมาส))){4,140}?)\s{0,9}"
    r"(?:(?:ได้(?:รับ)?|มี|เท่ากับ|=|:|\()\s{0,9}(?:ผล)?(?:คะแนน)?\s{0,9})(?P<number>\d{1,3}(?:\.\d{1,4})?)(?:\s{0,3}(?:คะแนน|\)|,)|\s{1,9}(?=\D)|$)"
)
_WEIGHT_THEN_SCORE = re.compile(r"\s{0,3}%\s{0,3}\)?\s{0,3}[:=]?\s{0,9}\d{1,3}\.\d")
_LEAST_WEIGHTS = 2  # told together
_LISTED = 2  # other agencies with their totals
_OPEN = 4  # what it costs to believe what the layout leaves open
_OTHER_YEARS = "ไม่มีระดับนี้ในหลักเกณฑ์ของปีที่อ่านได้ อาจเป็นระดับของปีอื่น"
_NO_ASSESSMENT = "เอกสารไม่ได้เอ่ยชื่อการประเมิน ITA อาจเป็นคะแนนของการประเมินอื่น"
_OTHER_ASSESSMENT = "อยู่ใต้หัวข้อของการประเมินอื่น"
_REHEARSAL = "อยู่ใต้หัวข้อของการประเมินตนเองหรือการคาดการณ์"
_YEAR_OPEN = "หัวข้อเหนือตัวเลขนี้กับชื่อเอกสารบอกปีต่างกัน"
_YEAR_OF_PLAN = "เอกสารบอกเพียงปีของแผนหรือมาตรการ คะแนนอาจเป็นของปีก่อนหน้า"
ANOTHER_AGENCY = "ข้อความก่อนตัวเลขนี้เอ่ยชื่อหน่วยงานอื่น"


@dataclass
class Scene:
    """What the lines above say the next one is about."""

    year: int
    instrument: str | None = None
    indicator: str | None = None
    part: str | None = None
    elsewhere: bool = False  # a heading announced the scores of others, or targets
    items_here: bool = False  # the current table has rows of items, so that their mean is an indicator
    of_answers: bool = False  # a heading announced how many answered, and who
    ours: bool = False  # the last line that said what the text is about spoke of our assessment
    named: bool = False  # the last line without a number named our assessment
    other_assessment: bool = False  # the last heading that named an assessment named another than ours
    is_passing: bool = False  # the instrument and the indicator were named with their own number, and not as a heading
    is_rehearsal: bool = False  # the heading is of what an agency thinks of itself before it is assessed
    headed: bool = False  # the line before is a heading that says whose result follows, or of which year
    before: str = ""  # the sentence of the line before, when no number ended it
    carried: Mention | None = None  # what that sentence was about to give the score of
    unfinished: str = ""  # the line before, when a name may go on from it


class Ledger:
    """Names nodes by the rules of their year and keeps the figures of each agency.

    ``forced`` is a fiscal year that overrides what the document says, ``main_year`` the one it seems to be about.
    """

    def __init__(
        self,
        frameworks: Mapping[int, Framework],
        forced: int | None,
        agency: str | None,
        main_year: int,
        *,
        is_paper: bool,
    ) -> None:
        self.frameworks = frameworks
        self.is_paper = is_paper
        self.is_of_plan = False  # the main year is only said to be that of a plan
        self.names_ours = True  # the document names our assessment somewhere
        self.vocabulary = Vocabulary(list(frameworks.values()))
        self.forced = forced
        self.agency = agency
        self.main_year = main_year
        self.scene = Scene(forced or main_year)
        self.block = Block()  # what the current row stands under
        # figures whose year stands only above them, each as it is where that year, or another, is certain
        self.undated: dict[tuple[str | None, Block | None], dict[Figure, Figure]] = {}
        self.row_agency: str | None = None  # whose figures the current row has, when a table lists agencies
        self.figures_of: dict[str | None, list[Figure]] = {}
        self.others: dict[str | None, list[Otherwise]] = {}  # how else figures of an agency may be read
        self.line = ""  # the text of the current row
        self.lines: dict[Figure, Line] = {}  # where each figure stands, and whose it is
        self.doubted: dict[Figure, str] = {}  # that have another number beside them, and why that is unclear
        self.other_totals: dict[
            tuple[str, int], tuple[str, str]
        ] = {}  # of an agency in a year: its total and the place
        # of each agency, the totals told in sentences, and whether by its name
        self.rivals: dict[str | None, dict[Figure, bool]] = {}

    def figures(self) -> dict[str | None, list[Figure]]:
        """The figures of each agency by the best reading, those unsure that another reading has otherwise."""
        self._add_others()
        return {agency: self._resolved(self._clear(f, agency), agency) for agency, f in self.figures_of.items()}

    def keep_other(self, agency: str, value: str, place: str, year: int | None) -> None:
        """Keeps the total of an agency that a sentence tells beside the one it is about."""
        self.other_totals.setdefault((agency, year or self.scene.year), (value, place))

    def _add_others(self) -> None:
        """Adds the totals of other agencies, where several are told: one alone is only compared with."""
        known = self.figures_of.keys() - {self.agency, None}
        others = {agency for agency, _ in self.other_totals} | known
        for (agency, year), (value, place) in self.other_totals.items():
            if len(others) < _LISTED and agency not in known:
                continue
            with self.row_of(agency):
                self.add(Figure(year, "overall", value, place, year > 0))

    def _clear(self, figures: list[Figure], agency: str | None) -> list[Figure]:
        """The figures, those unsure that have nothing to tell them apart from another number."""
        known = [replace(f, sure=False, note=self.doubted[f]) if f in self.doubted else f for f in figures]
        of_nodes = any(f.sure and (f.kind == "level" or (f.kind == "score" and f.node != "overall")) for f in known)
        if not (self.names_ours or of_nodes or self.is_paper):
            known = [replace(f, sure=False, note=_NO_ASSESSMENT) if f.sure else f for f in known]
        return _doubted(known, self.rivals.get(agency, {}))

    def _resolved(self, figures: list[Figure], agency: str | None) -> list[Figure]:
        found = list(shares_of_the_total(figures, self.frameworks))
        shares = {share.figure: share for _, of_total in found for share in of_total}
        others = [other for other, _ in found] + self.others.get(agency, [])
        others += instruments_by_their_indicator(figures, self.frameworks)
        for (whose, dated), undated in self.undated.items():
            if whose == agency:
                others += undated_of_a_total(undated, figures, self.frameworks)
                if dated and not dated.sure and dated.own_year != self.main_year:
                    instead = {f: replace(f, fiscal_year=self.main_year) for f in undated}
                    others.append(Otherwise(instead, _OPEN, _YEAR_OPEN))
        best = resolve(figures, others, self.frameworks, shares)
        if self.is_paper:
            return best
        codes = self.vocabulary.codes
        return doubt_the_reader(best, self.lines, self.frameworks, codes.item_code, codes.instruments, self.figures_of)

    def enter(self, block: Block) -> None:
        """Goes on under another heading."""
        self.block, self.scene.elsewhere = block, False
        if self.scene.is_passing:
            self.scene.instrument = self.scene.indicator = self.scene.part = None
        if not self.forced:
            self.scene.year = block.dated.own_year if block.dated and block.dated.own_year else self.main_year

    @property
    def whose(self) -> str | None:
        """The agency whose figures the current row has."""
        return self.row_agency or self.block.agency or self.agency

    @contextlib.contextmanager
    def row_of(self, agency: str | None) -> Iterator[None]:
        """What is given meanwhile is of another agency, if one is named."""
        before = self.row_agency
        self.row_agency = agency or before
        yield
        self.row_agency = before

    # --- giving -------------------------------------------------------------------------------------------------------

    def give(
        self,
        mention: Mention,
        value: str,
        place: str,
        *,
        year: int | None = None,
        part: str | None = None,
        sure: bool = True,
        note: str = "",
        change: bool = False,
    ) -> Figure | None:
        """Adds a figure, and gives it as added; None when it is no score of the agency."""
        if self.scene.elsewhere or self.scene.of_answers:
            return None
        is_undated = not (year or self.forced)
        year = self.forced if self.forced and not year else (year or self.scene.year)
        name, named, why = self._node(mention, year, part)
        if not year:
            sure, note = False, "ไม่พบปีงบประมาณในเอกสาร"
        if self._is_weight(name, value, year):
            sure, note = False, "เท่ากับน้ำหนักของเครื่องมือ อาจไม่ใช่คะแนน"
        if doubt := self._doubt_of_heading():
            sure, note = False, doubt
        certain, why = sure and named, note or why
        if self.is_of_plan and year == self.main_year:
            sure, why = False, _YEAR_OF_PLAN
        if not change:
            value = value.lstrip("+")
            if value.startswith("-"):
                return None
        figure = self.add(Figure(year, f"change/{name}" if change else name, value, place, sure and named, why))
        if is_undated and figure.kind == "score":
            of_heading = self.undated.setdefault((self.whose, self.block.dated), {})
            of_heading[figure] = replace(figure, sure=True, note="") if certain else figure
        return figure

    def _doubt_of_heading(self) -> str:
        """Why a figure may be no result, by the heading above the current row: it is of another assessment, and the row
        does not name ours; or of what an agency thought of itself."""
        is_other = self.scene.other_assessment and not re.search(self.vocabulary.codes.own_names, self.line)
        if is_other:
            return _OTHER_ASSESSMENT
        return _REHEARSAL if self.scene.is_rehearsal else ""

    def otherwise(self, figure: Figure | None, nodes: Sequence[str | None], note: str) -> None:
        """The layout leaves open that a figure is of another node; None: of none."""
        if figure is not None:
            for node in nodes:
                instead = {figure: None if node is None else replace(figure, node=node)}
                self.others.setdefault(self.whose, []).append(Otherwise(instead, _OPEN, note))

    def suppose(self, figures: Sequence[Figure | None], note: str) -> None:
        """Figures that may be of other nodes than they were given to: sure only where the arithmetic bears them out."""
        doubtful = {f: replace(f, sure=False, note=note) for f in figures if f is not None and f.sure}
        if doubtful:
            self.others.setdefault(self.whose, []).append(Otherwise(doubtful, _OPEN, note))

    def otherwise_named(self, names: Mapping[Figure, tuple[Mention | str | None, str | None]], note: str) -> None:
        """The layout leaves open that figures have these names instead, all of them at once, each with its part."""
        instead: dict[Figure, Figure | None] = {}
        for figure, (mention, part) in names.items():
            instead[figure] = None
            if isinstance(mention, Mention):
                node, _, _ = self._node(mention, figure.fiscal_year, part)
                instead[figure] = replace(figure, node=node)
        if instead:
            self.others.setdefault(self.whose, []).append(Otherwise(instead, _OPEN, note))

    def doubt(self, figure: Figure | None, value: str, note: str) -> None:
        """Another number stands where a figure does, and nothing tells them apart."""
        if figure is not None and figure.value != value:
            self.doubted[figure] = note

    def without_weights(self, numbers: list[Number], text: str) -> list[Number]:
        """The numbers of a text without those that are shares of the total: where several are told ("30% IIT + …"), or
        in per cent right before a score ("IIT 30% 91.43")."""
        framework = self.frameworks.get(self.scene.year)
        if framework is None or len(numbers) < _LEAST_WEIGHTS:
            return numbers
        instruments = (*framework.instruments, *(c.id for c in framework.rules.composites))
        shares = {str(int(100 * sum(weights_of(framework, name).values()))) for name in instruments}
        shown = [n for n in numbers if n.text in shares]
        if len(shown) < _LEAST_WEIGHTS:
            shown = [n for n in shown if _WEIGHT_THEN_SCORE.match(text, n.end)]
        return [n for n in numbers if n not in shown]

    def is_weight_of(self, mention: Mention, value: str, year: int | None, part: str | None) -> bool:
        """Whether a number is the share of the total that a node has."""
        year = year or self.scene.year
        return self._is_weight(self._node(mention, year, part)[0], value, year)

    def _is_weight(self, name: str, value: str, year: int) -> bool:
        """Whether a number is the share of the total that an instrument, or a part of one, has: "30"."""
        framework = self.frameworks.get(year)
        weights = weights_of(framework, name) if framework else {}
        return bool(weights) and value == str(int(100 * sum(weights.values())))

    def rival(self, figure: Figure, *, is_named: bool = False) -> None:
        """A total told in a sentence, which may be another's; ``is_named``: of the agency by its name."""
        if figure.sure:
            self.rivals.setdefault(self.whose, {})[self._dated(figure)] = is_named

    def _dated(self, figure: Figure) -> Figure:
        if self.forced and figure.fiscal_year == self.main_year:
            return replace(figure, fiscal_year=self.forced)
        return figure

    def add(self, figure: Figure) -> Figure:
        figure = self._dated(figure)
        self.figures_of.setdefault(self.whose, []).append(figure)
        self.lines[figure] = self.line, self.whose
        return figure

    def state(self, node: str, value: str, place: str, year: int | None = None, *, doubt: str = "") -> None:
        year = year or self.scene.year
        doubt = doubt if year else "ไม่พบปีงบประมาณในเอกสาร"
        self.add(Figure(year, node, value, place, not doubt, doubt))

    def level(self, level: str, place: str, year: int | None = None, *, of_agency: bool = True) -> None:
        year = year or self.scene.year
        framework = self.frameworks.get(year)
        if level in (PASSED, FAILED) and framework is not None and PASSED not in framework.bands:
            node = "pass"
        else:
            node = "level"
        is_foreign = framework is not None and level not in (*framework.bands, PASSED, FAILED)
        doubt = NO_AGENCY if not of_agency else _OTHER_YEARS if is_foreign else ""
        self.state(node, level, place, year, doubt=doubt)

    # --- naming -------------------------------------------------------------------------------------------------------

    def _node(self, mention: Mention, year: int, part: str | None) -> tuple[str, bool, str]:
        """The node a mention means in a year, whether that is sure, and a note."""
        framework = self.frameworks.get(year)
        name, sure, note = mention.id, mention.sure, "" if mention.sure else "ชื่อตัวชี้วัดสะกดต่างจากที่รู้จัก"
        if framework is None:
            return name, sure, note
        if mention.kind == "instrument" and part:
            name = framework.part_instrument(name, int(part)) or name
        elif mention.kind in ("indicator", "item"):
            item = framework.items.get(name)
            owner = name if mention.kind == "indicator" else item.indicator if isinstance(item, SurveyItem) else ""
            if framework.parts_of(owner) and mention.kind == "item" and not part:
                return name, False, self._unknown_part(framework.parts_of(owner))
            within = framework.part_instrument(owner, int(part)) if part else None
            name = f"{within}/{name}" if within else name
        if name not in framework.nodes:
            return name, False, f"หลักเกณฑ์ปี {year} ไม่มี {name}"
        return name, sure, note

    def _unknown_part(self, parts: Sequence[str]) -> str:
        codes = self.vocabulary.codes
        if codes.whole(parts[0]) == parts[0]:
            return f"ไม่รู้ว่าเป็นของ {' หรือ '.join(parts)}"
        numbers = " หรือ ".join(codes.number_of[part] for part in parts)
        return f"ไม่รู้ว่าเป็น {codes.whole(parts[0])} ส่วนที่ {numbers}"

    def part_for(self, mention: Mention) -> str | None:
        codes = self.vocabulary.codes
        has_parts = mention.id in codes.parts_of or mention.id in codes.split or mention.id in codes.split_items
        return self.scene.part if has_parts else None

    def item(self, item: str) -> Mention:
        self.scene.items_here = True
        return Mention(0, 0, "item", item)

    def item_code(self, text: str) -> str | None:
        """The item whose code a text opens with, unless it numbers an indicator so: "i1 การปฏิบัติหน้าที่"."""
        code = self.vocabulary.codes.item_code(text)
        if code is None:
            return None
        name = re.sub(r"^\s*[A-Za-z]+[\s._-]?\d+[\s:.)]*", "", text)
        named = self.vocabulary.cell(name) if name != text else None
        if named is None or named.kind != "indicator" or not self.vocabulary.codes.may_number(code, named.id):
            return code
        return None if words.leftover(name[named.end :]) <= 3 else code

    def damaged_item(self, digits: str) -> Mention | None:
        """ "ข้อ 11" may be i1 with its letter read as a digit, or i11; what the section is about decides."""
        framework = self.frameworks.get(self.scene.year)
        instrument, owner = self.scene.instrument, self.scene.indicator
        if framework is None or (instrument is None and owner is None):
            return None
        codes = self.vocabulary.codes
        allowed = {
            node.item.id
            for node in framework.nodes.values()
            if node.item is not None
            and (node.indicator == owner if owner is not None else codes.whole(node.instrument or "") == instrument)
        }
        fitting = codes.damaged_items(digits, allowed)
        self.scene.items_here = self.scene.items_here or bool(fitting)
        if len(fitting) == 1:
            return Mention(0, 0, "item", fitting[0])
        return Mention(0, 0, "item", fitting[0], sure=False) if fitting else None

    def sub_indicator(self, cell: str, following: str) -> Mention | None:
        """ "9.2" with its name, in the same cell or the next. Not sure when the name is another than the year's."""
        match = re.fullmatch(r"(?:ตัวชี้วัด(?:ย่อย)?|ย่อย)?(?:ที่)?\s*(\S+?)(?:\.?\s+(\S.*))?", cell)
        framework = self.frameworks.get(self.scene.year)
        node = framework.nodes.get(match[1]) if match and framework else None
        if match is None or node is None or node.kind != "sub_indicator":
            return None
        name = match[2] or following
        if len(name) < 5 or words.numbers(name):
            return None
        self.scene.indicator = node.indicator
        return Mention(0, len(cell), "sub_indicator", node.id, sure=words.alike(name, node.label.th))

    def titled_items(self, text: str) -> list[Mention]:
        """Items by their code and their title, whose words name nothing else, where their score follows. A title that
        is not the rulebook's is believed of an item whose score can only be one of a few."""
        framework = self.frameworks.get(self.scene.year)
        mentions = []
        for start, end, item in self.vocabulary.codes.item_codes(text) if framework else ():
            title = _TITLE_THEN_SCORE.match(text, end)
            node = framework.nodes.get(item) if framework and title else None
            if title is None or node is None or framework is None or self._has_other_code(title["title"]):
                continue
            is_mark = isinstance(node.item, DisclosureItem)
            if words.alike(title["title"], node.label.th) or (
                is_mark and Fraction(title["number"]) in framework.mark_points(item)
            ):
                mentions.append(Mention(start, title.end("title"), "item", item))
        return mentions

    def _has_other_code(self, title: str) -> bool:
        return bool(self.vocabulary.codes.item_codes(title) or self.vocabulary.codes.instruments(title))

    def sub_indicators(self, text: str) -> list[Mention]:
        """Every sub-indicator of the year that a text speaks of by its code and its name."""
        framework = self.frameworks.get(self.scene.year)
        mentions = []
        for node in framework.nodes.values() if framework else ():
            if node.kind != "sub_indicator" or node.id not in text:
                continue
            for code in re.finditer(rf"(?<![A-Za-z\d.]){re.escape(node.id)}(?![A-Za-z\d.])\s*", text):
                name = re.match(r"[^\d(:=]*", text[code.end() :])
                if name and len(name[0].strip()) > 4 and words.begins(name[0], node.label.th):
                    mentions.append(
                        Mention(code.start(), code.end() + len(thai.clean(node.label.th)), node.kind, node.id)
                    )
        return mentions


def _doubted(figures: list[Figure], rivals: Mapping[Figure, bool]) -> list[Figure]:
    """The figures, those unsure that cannot all be right.

    Three different values for one thing are no slip of the writer but of the reader. Of totals told in sentences
    without being called so, those are right that a clear total confirms, or else that speak of the agency by its name.
    """
    values: dict[tuple[int, str], set[str]] = {}
    clear: dict[int, set[str]] = {}
    for figure in figures:
        if figure.sure:
            values.setdefault((figure.fiscal_year, figure.node), set()).add(figure.value)
            if figure.node == "overall" and figure not in rivals:
                clear.setdefault(figure.fiscal_year, set()).add(figure.value)
    totals: dict[int, dict[str, bool]] = {}
    for figure, own in rivals.items():
        of_year = totals.setdefault(figure.fiscal_year, {})
        of_year[figure.value] = own or of_year.get(figure.value, False)

    def why(figure: Figure) -> str:
        if len(values[figure.fiscal_year, figure.node]) > 2:
            return "อ่านได้หลายค่าที่ต่างกันมาก"
        if figure in rivals:
            of_year = totals[figure.fiscal_year]
            right = clear.get(figure.fiscal_year) or {v for v, own in of_year.items() if own} or set(of_year)
            if figure.value not in right or len(right) > 1:
                return "ข้อความบอกคะแนนไว้หลายค่า ไม่ชัดว่าค่าใดเป็นคะแนนรวมของหน่วยงาน"
        return ""

    return [replace(f, sure=False, note=note) if f.sure and (note := why(f)) else f for f in figures]
