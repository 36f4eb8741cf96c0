"""A row of a table that is about one node: what it names, and what the numbers beside the name are of."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from prongsai.analysis.figures import Figure
from prongsai.intake import words
from prongsai.intake.agencies import agencies, family_of, is_same
from prongsai.intake.files import Row
from prongsai.intake.headers import Column
from prongsai.intake.vocabulary import Mention

if TYPE_CHECKING:
    from prongsai.intake.tables import Tables

_ORDINAL = re.compile(r"^\d{1,2}(?:\.\d{1,2}){0,2}[.)]?\s{1,9}")
_WHOLE = re.compile(
    r"รวม|คะแนนรวมทั้งหมด|สรุป|(?:ผล)?(?:คะแนน)?\s{0,20}(?:การ)?(?:ประเมิน)?(?:คุณธรรมและความโปร่งใส)?(?:ในการดำเนินงาน)?"
    r"(?:ของหน่วยงานภาครัฐ)?\s{0,20}\(?ITA\)?(?:\s{0,9}ของ[^\d]{1,40})?"
)
_SCORE_OF_CARD = re.compile(  # under the title of a card
    r"(?:ผล|ค่า)?(?:การประเมิน|คะแนน)(?:ที่ได้(?:รับ)?|เดิม)?\s{0,3}(?:\(?(?:ประจำ|ใน)?(?:ปี(?:งบประมาณ)?)?\s{0,3}(?:พ\.?\s?ศ\.?)?\s{0,3}25[4-9]\d\)?)?"
)
_ENGLISH_NAME = re.compile(r"(?:(?P<number>\d{1,2})[.)]?\s{1,9})?[A-Z][A-Za-z ,&/-]{5,70}")
_LEAST_YEARS, _SCORES = 2, re.compile(r"(?:ผล)?คะแนน(?:ที่ได้(?:รับ)?|รวม|เฉลี่ย)?|(?:total )?score", re.I)
_DONE = re.compile(r"ผล(?:การ(?:ดำเนินงาน|ประเมิน)|ที่(?:ได้|เกิดขึ้น)(?:จริง)?|งาน|จริง)|actual", re.I)
_RESULT_OF_YEAR = re.compile(
    r"ผล(?:คะแนน|(?:การ)?ประเมิน)?\s{0,9}(?:ประจำ|ใน)?ปี(?:งบประมาณ)?\s{0,9}(?:พ\.?\s?ศ\.?)?\s{0,9}25[4-9]\d"
    r"(?:\s{0,9}\([^()\d]{0,20}\))?\s{0,3}:?"
)
_QUESTION_UNREAD = re.compile(  # a code that is damaged, or was not read: "ข้อ ee", "ข้อ 1 5"
    r"ข้อ(?:ที่)?\s{0,9}(?:[A-Za-z|!][A-Za-z|!\d]{0,2}(?:\s[A-Za-z|!\d]{1,2})?|\d{1,2}\s\d{1,2})"
)
_SPARE = 5  # letters that are no name
_SPARE_BESIDE_TOTAL = 12
_LONGEST_NAME = 160  # letters of a cell that names a node
_NO_NUMBERS = ("ignore", "level", "year", "agency")  # columns without scores
_TOTAL = Mention(0, 0, "overall", "overall")
_MEAN_OF_WHAT = "ไม่ชัดว่าเป็นคะแนนรวม หรือเป็นค่าเฉลี่ยของแถวอื่น"
_ALIKE = "แถวนี้มีคะแนนมากกว่าหนึ่งตัวโดยหัวตารางไม่บอกว่าต่างกันอย่างไร"
_PART = "แถวถัดไปเป็นของกองหรือกลุ่มอื่นในชื่อเดียวกัน อาจไม่ใช่คะแนนของทั้งหน่วยงาน"
_UNCLEAR = "แถวนี้มีตัวเลขหลายตัวและไม่พบหัวตารางที่บอกปี"


class NarrowRow:
    """The reading of one row, cell by cell. ``values`` are the numbers of its cells, ``scores`` which may be scores."""

    def __init__(
        self,
        tables: "Tables",
        row: Row,
        columns: Sequence[Column],
        values: Sequence[re.Match[str] | None],
        scores: Sequence[bool],
    ) -> None:
        self.tables, self.ledger, self.scene = tables, tables.ledger, tables.scene
        self.codes, self.levels = tables.codes, tables.levels
        self.row, self.cells, self.columns, self.values, self.scores = row, row.cells, columns, values, scores
        self.subject: Mention | None = None  # what the next numbers are of
        self.part = tables.row_part or tables.scene.part
        self.year = tables.year_of(row, columns) or self._year_of_name()
        self.last_years: list[int] = []  # of the last two numbers, whichever year comes first
        self.booked: dict[tuple[str, str | None, int | None, str | None], Figure | None] = {}
        self.name_at = -1  # the cell that is read already, as the name of the code before it
        self.doubt = ""  # why a number may not be of the subject, unless the arithmetic bears it out
        self.scored_cell = ""  # the cell of a name in which its score stands
        self.read_cell = ""  # the same, where all that it says was read
        self.is_unnamed = False  # a cell has a name that nobody knows

    def _other_agency(self) -> str | None:
        """The agency in the column of agencies, where it is not the one that the document is about."""
        for cell, column in zip(self.cells, self.columns, strict=True):
            named = agencies(cell) if column.role == "agency" else []
            if named and family_of(named[0]) != "place":
                own = self.ledger.whose
                return words.name_in(cell) if own is None or not is_same(named[0], own) else None
        return None

    def read(self) -> None:
        with self.ledger.row_of(self._other_agency()):
            self._read_cells()

    def _read_cells(self) -> None:
        for at, cell in enumerate(self.cells):
            if not cell or at == self.name_at or self._is_sub_indicator(at) or self._is_instrument_of(cell):
                continue
            if self.scores[at]:
                self._read_number(at)
            elif not self._read_text(at):
                return

    def _year_of_name(self) -> int | None:
        """The year that the name of a row says, where no head says one: "ปี 2565 คะแนนรวม"."""
        name = next((c for c in self.cells if words.has_letters(c)), "")
        years = {year for _, year in words.years(name)}
        is_open = len(years) == 1 and not any(c.year for c in self.columns) and not words.numbers(name)
        is_named = is_open and (
            self.tables.names_node(name) or self._is_result_of_year(name) or _SCORE_OF_CARD.fullmatch(name)
        )
        return years.pop() if is_named else None

    def _is_result_of_year(self, name: str) -> bool:
        """Whether a name says only that it is the result of a year, in a list under the name of our assessment."""
        scene = self.scene
        is_open = scene.named and not (scene.instrument or scene.indicator) and not self.tables.head
        return is_open and _RESULT_OF_YEAR.fullmatch(name) is not None

    # names

    def _is_sub_indicator(self, at: int) -> bool:
        opened = self.subject is None or (self.subject.kind == "instrument" and not self.booked)
        cell = self.cells[at]
        found = self.ledger.sub_indicator(cell, words.join(self.cells[at + 1 : at + 2])) if opened else None
        if found is None:
            return False
        self.subject = found
        self.name_at = at + 1 if cell.index(found.id) + len(found.id) == len(cell) else -1
        return True

    def _is_instrument_of(self, cell: str) -> bool:
        """Whether a cell says of which instrument the indicator before it is."""
        if self.subject is None or self.subject.kind != "indicator" or self.booked or "คะแนน" in cell:
            return False
        whose = self.ledger.vocabulary.cell(cell)
        if whose is None or whose.kind != "instrument":
            return False
        self.part = self.codes.part(cell) or self.codes.number_of.get(whose.id) or self.part
        return True

    def _read_text(self, at: int) -> bool:
        """A cell that is no score: a level, a name, a sentence. False where the rest of the row is not to be read."""
        cell = self.cells[at]
        if self._is_level(at):
            return True
        if _QUESTION_UNREAD.fullmatch(cell) and self._item(cell) is None:
            self.scene.items_here = True  # of which one, nobody knows
            return False
        was_open = self.subject is None
        if was_open and (numbered := self._numbered_indicator(at)):
            self.subject = numbered
            return True
        self._take_subject(cell, self.columns[at].year)
        if was_open and self.subject is None and words.leftover(cell) > _SPARE:
            self.is_unnamed = True
        if was_open and self._is_of_unnamed():
            return False
        self._read_level_or_sentence(at)
        return True

    def _is_of_unnamed(self) -> bool:
        """Whether an instrument stands beside a name that nobody knows: the score is of what that means."""
        return self.is_unnamed and self.subject is not None and self.subject.kind == "instrument"

    def _is_level(self, at: int) -> bool:
        """Whether a cell is the level beside its label, or in brackets after the total."""
        level = self.levels.alone(self.cells[at])
        if not level:
            return False
        label = next((c for c in reversed(self.cells[:at]) if c), "")
        follows_total = self.booked and next(reversed(self.booked))[0] == _TOTAL.id
        of_total = self.year and follows_total and self.cells[at].startswith("(")
        if not of_total and not re.fullmatch(r"ระดับ.{0,20}|ผล(?:การประเมิน)?|เกรด", label):
            return False
        self.ledger.level(level, self.row.place, self.year)
        return True

    def _read_level_or_sentence(self, at: int) -> None:
        cell, column, subject = self.cells[at], self.columns[at], self.subject
        level = self.levels.alone(cell) if column.role == "level" else None
        if level and (self.year or (subject and subject.kind == "overall")):
            self.ledger.level(level, self.row.place, column.year or self.year or next(reversed(self.last_years), None))
        elif cell == self.read_cell or (cell == self.scored_cell and len(words.numbers(cell)) == 1):
            return
        elif len(cell) > 12 and subject is not None and not self._is_beside(at):
            self.tables.sentences.read(cell, self.row.place, subject=subject, part=self.part)

    def _numbered_indicator(self, at: int) -> Mention | None:
        """The indicator that a row is of by its number, under an English name that is none of ours, where the rows of a
        table number them all from 1."""
        cell, tables = self.cells[at], self.tables
        match = _ENGLISH_NAME.fullmatch(cell)
        first = next((c.strip(" .)") for c in self.cells[:at] if c), "")
        number = (match["number"] or first) if match else ""
        about = tables.numbered > 0 or re.search("indicator", f"{words.join(tables.head)} {self.scene.before}", re.I)
        if not about or agencies(cell) or not number.isdigit():
            return None
        known = self.ledger.vocabulary.cell(cell)
        if int(number) != tables.numbered + 1 or (known is not None and known.id != number):
            return None
        tables.numbered += 1
        return Mention(0, len(cell), "indicator", number) if number in self.codes.numbered_indicators else None

    # what a name makes the row about

    def _take_subject(self, cell: str, year: int | None = None) -> None:
        """The node that a text cell makes the row about, if it does; ``year`` is that of its column."""
        if self.subject is not None and self.subject.kind == "sub_indicator":
            return  # its items, or that the number is a mean
        if words.is_average(cell):
            self._take_average(cell)
            return
        if found := self._subject_of_scene(cell) or self._item(cell):
            self.subject = found
            return
        if self.subject is not None and self.subject.kind == "item" and not self._names_another(cell):
            return
        mention = self._name(cell)
        if mention is None:
            self.part = (self.codes.part(cell) if len(cell) < 40 else None) or self.part
        elif mention.kind == "instrument":
            self._open_instrument(cell, mention, year)
        else:
            if mention.kind == "indicator":
                self._open_indicator(cell, mention, year)
            self.subject, self.part = mention, self.codes.part(cell) or self.part

    def _take_average(self, cell: str) -> None:
        """A mean: of the instrument or the indicator whose rows it follows, or of all."""
        scene, tables = self.scene, self.tables
        if self.subject is not None and self.subject.kind == "indicator" and not self.booked:
            return  # its name stands in the same row
        of_instrument = self.ledger.vocabulary.indicators_of.get(scene.instrument or "", set())
        is_theirs = len(tables.row_indicators) > 1 and tables.row_indicators <= of_instrument
        unscored = None if scene.instrument in tables.scored else scene.instrument
        if is_theirs and unscored:
            self.subject = Mention(0, 0, "instrument", unscored)
        elif self.subject is not None and self.subject.kind == "instrument":
            return
        elif scene.indicator and (scene.items_here or not (scene.instrument or len(tables.row_indicators) > 1)):
            self.subject = Mention(0, 0, "indicator", scene.indicator)
        elif "รวม" in cell:
            self.subject, self.part = _TOTAL, None
        elif self.subject is None and self._follows_instruments():
            self.subject, self.part, self.doubt = _TOTAL, None, _MEAN_OF_WHAT

    def _follows_instruments(self) -> bool:
        """Whether every instrument of the year had a row of its own in this table."""
        framework = self.ledger.frameworks.get(self.year or self.scene.year)
        scored = {self.codes.whole(instrument) for instrument in self.tables.scored}
        return framework is not None and {self.codes.whole(i) for i in framework.instruments} <= scored

    def _subject_of_scene(self, cell: str) -> Mention | None:
        """What "คะแนน" alone is of: the indicator that the title of a card named, or the total, by years."""
        scene, columns = self.scene, self.tables.columns
        if self._is_result_of_year(cell):
            return _TOTAL
        if _SCORE_OF_CARD.fullmatch(cell) and scene.indicator and not columns:
            return Mention(0, 0, "indicator", scene.indicator)
        by_year = len({c.year for c in columns if c.year and c.node is None}) >= _LEAST_YEARS
        nothing_known = self.subject is None and not (scene.instrument or scene.indicator)
        is_result = _SCORES.fullmatch(cell) or (scene.named and _DONE.fullmatch(cell))
        return Mention(0, len(cell), "overall", "overall") if by_year and nothing_known and is_result else None

    def _item(self, cell: str) -> Mention | None:
        code = self.ledger.item_code(cell) or self.ledger.item_code(re.sub(r"^ข้อ(?:ที่)?\s{0,20}", "", cell))
        if code:
            return self.ledger.item(code)
        digits = words.numbered_item(cell)
        return self.ledger.damaged_item(digits) if digits else None

    def _names_another(self, cell: str) -> bool:
        """Whether a cell after an item's code names another node, not what the item is called."""
        named = [m for m in self.ledger.vocabulary.mentions(cell) if m.kind in ("indicator", "instrument")]
        if not named:
            return False
        before = re.sub(r"ตัวชี้วัด(?:ที่)?", "", cell[: named[0].start])
        return words.leftover(before) <= 4 and len(cell) <= (named[0].end - named[0].start) + 18

    def _name(self, cell: str) -> Mention | None:
        """The node whose name a cell is."""
        mention = self.ledger.vocabulary.cell(cell) if len(cell) < _LONGEST_NAME else None
        number = self.codes.indicator_number(cell) if mention is None and len(cell) < 40 else None
        if number:
            return Mention(0, len(cell), "indicator", number)
        if mention is not None or len(cell) >= 60:
            return mention
        totals = (
            m for m in self.ledger.vocabulary.mentions(cell) if m.kind == "overall" and self._is_of_whole(cell, m)
        )
        if total := next(totals, None):
            for _, level in self.levels.stated(cell):
                self.ledger.level(level, self.row.place)
            return total
        is_whole = self.subject is None and _WHOLE.fullmatch(_ORDINAL.sub("", cell))
        return Mention(0, len(cell), "overall", "overall") if is_whole else None

    def _is_of_whole(self, cell: str, mention: Mention) -> bool:
        """Whether a name of the total is most that a cell says, or speaks of our assessment, not of something else as a
        whole: "ร้อยละการเบิกจ่ายงบประมาณภาพรวม"."""
        rest = f"{cell[: mention.start]} {cell[mention.end :]}"
        is_bare = words.leftover(rest) <= _SPARE_BESIDE_TOTAL and not self.tables.is_of_plan
        return is_bare or re.search(self.codes.own_names, cell) is not None

    def _open_instrument(self, cell: str, mention: Mention, year: int | None = None) -> None:
        """An instrument, or its part, with the score that stands within the cell: "IIT (95.76)"."""
        tables, codes = self.tables, self.codes
        self.scene.instrument = whole = codes.whole(mention.id)
        number = codes.number_of.get(mention.id)
        opened = (codes.part(cell) or number) if self.subject is None else tables.row_part
        # parts listed one after the other are totals; a part followed by its indicators opens them
        follows = opened and int(opened) > 1 and tables.last_row == codes.with_part(whole, str(int(opened) - 1))
        tables.row_part = None if follows else opened
        tables.last_row = codes.with_part(whole, opened) if opened else mention.id
        own = codes.part(cell) or number or (self.part if mention.id in codes.parts_of else None)
        of_year = year or self.year
        numbers = [
            n for n in words.numbers(cell[mention.end :]) if not self._is_weight(mention, n.printed, of_year, own)
        ]
        scores = [n for n in numbers if "." in n.text]
        years = [c.year for c in self.columns if c.year and c.role == "score"]
        if len(scores) == len(years) > 1:  # one for each year that the table has: "IIT 89.22 → 88.74"
            self.read_cell = cell
            for inside, of_column in zip(scores, years, strict=True):
                self.ledger.give(mention, inside.printed, self.row.place, year=of_column, part=own)
        else:
            for inside in numbers[:1]:
                self.scored_cell = cell
                figure = self.ledger.give(mention, inside.printed, self.row.place, year=year or self.year, part=own)
                if len(scores) > 1:
                    self.read_cell = cell
                    self.ledger.doubt(figure, scores[1].printed, _ALIKE)
        self.subject, self.part = mention, own

    def _is_weight(self, mention: Mention, number: str, year: int | None, part: str | None) -> bool:
        return any(self.scores) and self.ledger.is_weight_of(mention, number, year, part)

    def _open_indicator(self, cell: str, mention: Mention, year: int | None = None) -> None:
        """An indicator, with the score that stands right after its name within the cell."""
        self.tables.last_row = self.scene.indicator = mention.id
        if mention.id not in self.codes.split:
            self.part = None
        rest = cell[mention.end :]
        inner = [n for n in words.numbers(rest) if words.leftover(rest[: n.start]) <= 3]
        if inner:
            self.scored_cell = cell
            self.ledger.give(mention, inner[0].printed, self.row.place, year=year or self.year, part=self.part)

    # numbers

    def _read_number(self, at: int) -> None:
        match, column = self.values[at], self.columns[at]
        if match is None or column.role in _NO_NUMBERS or self._numbers_a_name(at, match):
            return
        if match[1] and column.role == "unknown" and self._is_titled(at):
            return  # how far it is from what the head says
        if column.role == "weighted" and (self.subject is None or self.subject.kind != "overall"):
            return  # a share of the total; only their sum is a score
        if self.subject is None and (node := self._node_of_head(at)):
            self.ledger.give(node, match[1] + match[2], self.row.place, year=column.year or self.year, part=column.part)
            return
        if self.subject is None:
            self.subject = self._late_subject(at)
        if self.subject is None:
            self._doubt_above()
            return
        target = self._target(self.subject, column)
        number = match[1].replace("−", "-") + match[2]
        if column.role == "change" or match[1]:
            year = (
                column.year
                or max(self.last_years, default=None)
                or max((c.year for c in self.columns if c.year), default=None)
            )
            part = column.part or self.part
            self.ledger.give(target, number, self.row.place, year=year, part=part, change=True)
        else:
            self._give(at, target, number)

    def _numbers_a_name(self, at: int, match: re.Match[str]) -> bool:
        """Whether a whole number is that of the name after it."""
        if "." in match[2] or self.columns[at].role != "unknown":
            return False
        return self.tables.names_node(next((c for c in self.cells[at + 1 :] if c), ""))

    def _target(self, subject: Mention, column: Column) -> Mention:
        """What a number is of: the subject of the row, or what the head of its column says of it."""
        scene = self.scene
        inside = self.ledger.vocabulary.indicators_of.get(scene.instrument or "", set())
        if column.own == "instrument" and subject.kind == "indicator" and scene.instrument and subject.id in inside:
            return Mention(0, 0, "instrument", scene.instrument)
        has_score = subject.kind == "item" and any(subject.id == node for node, *_ in self.booked)
        if column.own == "indicator" and scene.indicator and has_score:
            return Mention(0, 0, "indicator", scene.indicator)  # beside the score of its first item
        return subject

    def _give(self, at: int, target: Mention, number: str) -> None:
        """A score, once for each year and agency of the row."""
        column, place = self.columns[at], self.row.place
        part, year = column.part or self.part, column.year or self.year
        same = (target.id, part, year or self.scene.year, column.agency)
        is_before_score = any(self.scores[n] and "." in self.cells[n] for n in range(at + 1, len(self.cells)))
        if is_before_score and self.ledger.is_weight_of(target, number, year, part):
            return
        if same in self.booked:
            if target.kind != "item" and (column.role == "score" or self._is_spanned(at)):
                self.ledger.give(target, number, place, year=year, part=part, sure=False, note=_ALIKE)
                self.ledger.doubt(self.booked[same], number, _ALIKE)
            return
        is_unclear = self._is_unclear(at)
        note = _UNCLEAR if is_unclear else ""
        with self.ledger.row_of(column.agency):
            figure = self.ledger.give(target, number, place, year=year, part=part, sure=not is_unclear, note=note)
        if self.doubt:
            self.ledger.suppose([figure], self.doubt)
        self.booked[same] = figure
        self.tables.above = (self.row, figure)
        self.last_years = [*self.last_years[-1:], year] if year else self.last_years
        if target.kind == "instrument":
            self.tables.scored.add(target.id)
        elif target.kind == "indicator":
            self.tables.row_indicators.add(target.id)

    def _doubt_above(self) -> None:
        """Doubts the figure of the row above where this one goes on under its name, for another part of the agency."""
        if self.tables.above is None or self.cells[0]:
            return
        above, figure = self.tables.above
        beside = list(zip(above.cells, self.cells, strict=False))[1:]
        if len(above.cells) == len(self.cells) and any(
            a != b and words.names_subgroup(a) for a, b in beside if a and b
        ):
            self.ledger.doubt(figure, "", _PART)

    def _is_unclear(self, at: int) -> bool:
        """Whether other numbers follow under heads that say nothing, and no name between them."""
        after = range(at + 1, len(self.scores))
        return (
            self.columns[at].role == "unknown"
            and any(self.scores[n] and self.columns[n].role == "unknown" and not self._is_signed(n) for n in after)
            and not any(self.tables.names_node(self.cells[n]) for n in after)
        )

    def _is_signed(self, at: int) -> bool:
        """Whether a number says how much something rose or fell."""
        value = self.values[at]
        return value is not None and bool(value[1])

    def _node_of_head(self, at: int) -> Mention | None:
        """The node that the head of a column names, in a row that names nothing itself."""
        column, valued = self.columns[at], [n for n, s in enumerate(self.scores) if s]
        is_plain = column.role == "score" and "." in self.cells[at] and len(self.tables.columns) == len(self.cells)
        return column.node if is_plain and not self._names_something(valued) else None

    def _late_subject(self, at: int) -> Mention | None:
        """What a number is of when nothing before it in the row says: the total of a year."""
        match, role = self.levels.whole_number.match(self.cells[at]), self.columns[at].role
        lonely = [n for n, s in enumerate(self.scores) if s and self.columns[n].role not in _NO_NUMBERS]
        is_decimal = match is not None and "." in match[2]
        is_score = role == "score" or (is_decimal and role == "unknown")
        if self.year and is_score and len(lonely) <= 2 and not self._names_something(lonely):
            return _TOTAL
        return None

    def _names_something(self, lonely: Sequence[int]) -> bool:
        """Whether the row names something, though nothing we know."""
        return any(
            words.has_letters(c)
            and n not in lonely
            and self.columns[n].role != "level"
            and not (words.years(c) or agencies(c) or self.levels.whole_number.match(c) or self.levels.alone(c))
            for n, c in enumerate(self.cells)
        )

    def _is_beside(self, at: int) -> bool:
        """Whether a column is headed by what is no score (what was done, how far, by whom), and its cell names none."""
        column = self.columns[at]
        titled = self._is_titled(at) and column.role == "unknown"
        return column.role == "ignore" or (titled and at > 0 and not self.ledger.vocabulary.mentions(self.cells[at]))

    def _is_titled(self, at: int) -> bool:
        """Whether a column has a head."""
        tables = self.tables
        return len(tables.columns) == len(tables.head) == len(self.cells) and bool(tables.head[at])

    def _is_spanned(self, at: int) -> bool:
        """Whether the head of a column is empty because the one before it stands over both."""
        tables = self.tables
        titles = tables.head if len(tables.columns) == len(tables.head) else []
        return 0 < at < len(titles) and not titles[at] and tables.columns[at - 1].role == "score"
