"""Rows of tables: heads, rows of one node, rows of one agency or year."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from prongsai.analysis.figures import Figure
from prongsai.intake import words
from prongsai.intake.agencies import agencies
from prongsai.intake.files import Row
from prongsai.intake.headers import HEADING_WORDS, Column, column_of, columns_of, is_of_plan
from prongsai.intake.ledger import Ledger
from prongsai.intake.runs import Run
from prongsai.intake.sentences import Sentences
from prongsai.intake.vocabulary import Mention

_NUMBER_THEN_NAME = re.compile(r"^(\d{1,3}\.\d{1,2})\s{1,20}((?:\d{1,2}\.?\s{0,20})?(?!คะแนน)[\u0e01-\u0e4e].{5,60})$")
_NO_SCORES = re.compile(r"(?:ค่า)?(?:น้ำหนัก|เป้าหมาย|คาดการณ์|ประมาณการ)|weight|target|forecast", re.I)
_YEAR_OF_ROW = re.compile(r"^\s{0,9}(?:ปี(?:งบประมาณ)?)?\s{0,9}(?:พ\.?\s?ศ\.?)?\s{0,9}25[4-9]\d[\s(:\-–]{0,9}")
_ORDINAL = re.compile(r"^\d{1,2}(?:\.\d{1,2}){0,2}[.)]?\s{1,9}")
_WHOLE = re.compile(
    r"รวม|คะแนนรวมทั้งหมด|สรุป|(?:ผล)?(?:คะแนน)?\s{0,20}(?:การ)?(?:ประเมิน)?(?:คุณธรรมและความโปร่งใส)?(?:ในการดำเนินงาน)?"
    r"(?:ของหน่วยงานภาครัฐ)?\s{0,20}\(?ITA\)?(?:\s{0,9}ของ[^\d]{1,40})?"
)
_BRACKETS = re.compile(r"\([^()]{0,130}\)")  # what they say of a name is of no matter to its score
_ENGLISH_NAME = re.compile(r"(?:(?P<number>\d{1,2})[.)]?\s{1,9})?[A-Z][A-Za-z ,&/-]{5,70}")
_LEAST_YEARS, _SCORES = 2, re.compile(r"(?:ผล)?คะแนน(?:ที่ได้(?:รับ)?|รวม|เฉลี่ย)?|(?:total )?score", re.I)
_QUANTITY = re.compile(r"\d{1,3}(?:,?\d{3}){0,3}(?:\.\d{1,4})?\s{0,3}%?")
_SPARE = 5  # letters that are no name
_SPARE_BESIDE_TOTAL = 12
_LEAST_COLUMNS, _LONGEST_TITLE = 3, 60  # letters
_ALIKE = "แถวนี้มีคะแนนมากกว่าหนึ่งตัวโดยหัวตารางไม่บอกว่าต่างกันอย่างไร"


def _with_total(columns: Sequence[Column]) -> list[Column]:
    """Columns of nodes, where the only other one of scores is the total's: "IIT | EIT | OIT | คะแนนเฉลี่ย"."""
    plain = [at for at, c in enumerate(columns) if c.role == "score" and c.node is None and not c.year]
    total = Mention(0, 0, "overall", "overall")
    has_total = any(c.node and c.node.kind == "overall" for c in columns)
    are_instruments = sum(c.node is not None and c.node.kind == "instrument" for c in columns) > 1
    if len(plain) != 1 or has_total or not are_instruments:
        return list(columns)
    return [replace(c, node=total) if at in plain else c for at, c in enumerate(columns)]


class Tables:
    """Reads table rows one after the other, keeping the head they stand under."""

    def __init__(self, ledger: Ledger, sentences: Sentences, run: Run) -> None:
        self.ledger = ledger
        self.scene = ledger.scene
        self.codes = ledger.vocabulary.codes
        self.levels = ledger.vocabulary.levels
        self.sentences = sentences
        self.run = run
        self.table = -1  # the number of the current table
        self.is_first = False  # nothing of the current table has been read before this row
        self.page = ""  # the page the last row stood on
        self.head: list[str] = []
        self.head_fresh = False  # no row has followed the head yet
        self.columns: list[Column] = []
        self.is_of_plan = False  # the rows of this table are aims of a plan, of which ours is one
        self.last_row = ""  # the node of the last row
        self.row_year: int | None = None  # the year of the rows, in a cell that is merged over several
        self.numbered = 0  # how many rows of this table number indicators, in order
        self.row_indicators: set[str] = set()  # that had rows in this table
        self.scored: set[str] = set()  # instruments that had a row of their own in this table
        self.lists_agencies = False  # a row of this table was of an agency
        self.row_part: str | None = None  # the part that a row of this table opened for the rows after it

    def interrupt(self) -> None:
        """A line of text came between the rows."""
        self.head_fresh, self.table = False, -1

    def read(self, row: Row) -> bool:
        """Gives the figures of a row. False when it has none and is no head: to be read as a line of text."""
        scene = self.scene
        if any(_NUMBER_THEN_NAME.match(c) for c in row.cells[1:]):  # two columns that stood too close
            pieces = (_NUMBER_THEN_NAME.sub(r"\1\t\2", c).split("\t") if at else [c] for at, c in enumerate(row.cells))
            row = Row(tuple(p for both in pieces for p in both), row.place, row.table)
        self._enter(row)
        cells = list(row.cells)
        values = [self.levels.whole_number.match(c) for c in cells]
        scores = [m is not None and float(m[2]) <= 100 for m in values]
        if any(re.fullmatch(r"\d{1,3}\.\d{1,20}(?:\s{1,20}\d{1,3}\.\d{1,20})+", c) for c in cells):
            return True  # several scores in one cell: no telling which is whose
        if titles := self._numbered_titles(cells):
            self._take_head(titles)
            return True
        if not any(scores):
            if self._is_head(cells):
                self._take_head(cells)
                return True
            return bool(self.columns) and self._levels_in_row(row)
        self.run.end()
        self.head_fresh = False
        goes_on = (
            not scores[0] and not self.ledger.item_code(cells[0]) and not self.ledger.vocabulary.mentions(cells[0])
        )
        if scene.unfinished and scores.count(True) and goes_on:
            joined = f"{scene.unfinished} {cells[0]}"
            vocabulary = self.ledger.vocabulary
            known = vocabulary.cell(scene.unfinished) is not None
            if vocabulary.cell(joined) and (not known or vocabulary.completes(scene.unfinished, joined)):
                cells[0] = joined
                row = Row(tuple(cells), row.place, row.table)
        scene.unfinished = ""
        if any(re.search(r"\d\s{0,20}(?:คน|ชุด|ราย)\b|\d\s{0,20}คน", _BRACKETS.sub("", c)) for c in cells):
            return True  # how many answered, not what they said
        if self._is_nobodys(row):
            return True
        columns = self._aligned(cells, scores)
        if not self._wide_row(row, columns, scores) and not self._ranked_row(row, columns, scores):
            self._narrow_row(row, columns, values, scores)
        return True

    def _enter(self, row: Row) -> None:
        """Leaves the table before, when the row is of another; a table cut by the end of a page keeps its head."""
        page = re.match(r"หน้า \d{1,20}", row.place)
        if row.table != self.table and row.table:
            goes_on = page and not row.place.startswith(self.page) and len(self.columns) == len(row.cells)
            if not goes_on:
                self.head, self.columns, self.lists_agencies, self.scored = [], [], False, set()
                self.is_of_plan = False
                self.row_year, self.numbered, self.row_indicators = None, 0, set()
            self.table, self.head_fresh = row.table, False
            self.row_part, self.scene.items_here = None, False
            self.is_first = not goes_on
        else:
            self.is_first = False
        self.page = f"{page[0]} " if page else ""

    def _is_head(self, cells: list[str]) -> bool:
        filled = [words.without_weight(c) for c in cells if c]
        if any(len(c) > 140 for c in filled) or any(words.numbers(c) for c in filled):
            return False
        if sum(_QUANTITY.fullmatch(c) is not None and not words.is_year(c) for c in filled) * 2 > len(filled):
            self.head_fresh = False
            return False  # how many answered
        if self.head_fresh and any(self.codes.part(c) or words.years(c) for c in filled):
            return True
        if self.head_fresh and not cells[0] and len(cells) == len(self.head) and not all(self.head):
            return True  # what a merged head stands over
        if self.is_first and len(filled) >= _LEAST_COLUMNS and all(len(c) < _LONGEST_TITLE for c in filled):
            return True  # a table of several columns begins with what they are
        if (
            len(filled) == 2
            and len({m.id for m in self.ledger.vocabulary.mentions(words.join(filled)) if m.kind == "indicator"}) == 1
        ):
            return False  # "ตัวชี้วัดที่ 8" and its name, set apart
        spoken = [
            c
            for c in filled
            if HEADING_WORDS.search(c)
            or words.years(c)
            or self.ledger.item_code(c)
            or (len(c) < 60 and self.ledger.vocabulary.cell(c))
        ]
        return len(spoken) >= 2 and len(spoken) >= len(filled) / 2

    def _numbered_titles(self, cells: list[str]) -> list[str]:
        """The heads of columns that are the numbers of indicators: "ตัวชี้วัดที่ | 1 | 2 | 3", or with agencies before them
        and the total after them, where the line above speaks of indicators; none where they are not."""
        titles = [c.strip(" .)") for c in cells[1:] if c]
        numbers = [c for c, n in zip(titles, range(1, len(titles) + 1), strict=True) if c == str(n)]
        rest = titles[len(numbers) :]
        if len(numbers) <= _LEAST_COLUMNS or any(c.isdigit() for c in rest):
            return []
        of_indicators = re.fullmatch(r"ตัวชี้วัด(?:ที่)?|Indicator", cells[0]) and not rest
        of_agencies = re.fullmatch(r"(?:ชื่อ)?หน่วยงาน|อปท\.?|Agency", cells[0]) and re.search(
            r"ตัวชี้วัด|ตชว|indicator", self.scene.before, re.I
        )
        if not of_indicators and not of_agencies:
            return []
        return [cells[0], *(f"ตัวชี้วัดที่ {n}" for n in numbers), *rest]

    def _take_head(self, cells: list[str]) -> None:
        scene = self.scene
        cells = [words.without_weight(c) for c in cells]
        if self.head_fresh and len(self.head) == len(cells):
            upper, over = [], ""
            for text, below in zip(self.head, cells, strict=True):  # a merged head speaks for the columns under it
                over = text or (over if below else "")
                upper.append(over)
            self.head = [f"{a} {b}".strip() for a, b in zip(upper, cells, strict=True)]
        elif (
            self.head_fresh
            and len(cells) < len(self.head)
            and all(words.years(c) or self.codes.part(c) for c in cells if c)
        ):
            changes = [c for c in self.head if column_of(c, self.ledger.vocabulary).role == "change"]
            self.head = [self.head[0], *(c for c in cells if c), *changes]  # years under one merged head
        else:
            self.head = list(cells)
        self.head_fresh, scene.unfinished = True, ""
        if any("คะแนน" in c for c in cells):
            scene.of_answers = False
        self.columns = columns_of(self.head, self.ledger.vocabulary)
        self.is_of_plan = is_of_plan(self.head)
        if any(c.part for c in self.columns) and (whole := self.codes.only_whole):
            scene.instrument = whole

    def _aligned(self, cells: list[str], scores: list[bool]) -> list[Column]:
        columns = self.columns
        if len(columns) == len(cells):
            return columns
        valued = [c for c in columns if c.role not in ("unknown", "agency", "year") or c.node]
        if columns and len(valued) == sum(scores):  # the last heads stand over the numbers, however the line was cut
            left = iter(valued)
            return [next(left) if s else Column() for s in scores]
        return [Column() for _ in cells]

    def _row_year(self, row: Row, columns: list[Column]) -> int | None:
        for cell, column in zip(row.cells, columns, strict=True):
            if column.role == "year" or words.is_year(cell):
                years = words.years(cell)
                if years:
                    self.row_year = years[0][1]
                    return self.row_year
                if column.role == "year" and not cell:
                    return self.row_year
        return None

    def _wide_row(self, row: Row, columns: list[Column], scores: list[bool]) -> bool:
        """A row of a table whose heads are nodes: one agency or one year a row."""
        headers = [c for c in columns if c.node is not None]
        distinct = {(c.node.kind, c.node.id) for c in headers if c.node}
        if len(distinct) < 3 or sum(s and c.node is not None for s, c in zip(scores, columns, strict=True)) < 2:
            return False
        year = self._row_year(row, columns)
        columns = _with_total(columns)
        numbering = [
            c.strip("()[] ") == column.node.id
            for c, column, s in zip(row.cells, columns, scores, strict=True)
            if s and column.node
        ]
        if all(numbering):
            return True  # "(1) (2) (3)" under the names
        difference = any(
            c and not self.levels.whole_number.match(c) and re.search(r"ผลต่าง|เปลี่ยนแปลง|เพิ่ม|ลดลง", c) for c in row.cells
        )
        if any(self._is_of_others(c) for c in row.cells):
            return True
        for cell, column in zip(row.cells, columns, strict=True):
            if column.role == "agency" and cell and not cell.isdigit():
                self.ledger.row_agency, self.lists_agencies = cell, True
        if self.ledger.row_agency is None:
            named = next((a for c in row.cells for a in agencies(c)), None)
            self.ledger.row_agency = named
        for cell, column, is_score in zip(row.cells, columns, scores, strict=True):
            match = self.levels.whole_number.match(cell)
            if is_score and match and column.node and column.role != "ignore":
                part = column.part
                self.ledger.give(
                    column.node,
                    match[1].replace("−", "-") + match[2],
                    row.place,
                    year=column.year or year,
                    part=part,
                    change=difference or column.role == "change",
                )
            elif column.role == "level" and (level := self.levels.alone(cell)):
                self.ledger.level(level, row.place, column.year or year)
        return True

    def _is_nobodys(self, row: Row) -> bool:
        """Whether the name of a row makes its numbers no scores: weights, targets, means, other assessments."""
        label = next((c for c in row.cells if re.search(r"[A-Za-z\u0e01-\u0e4e]{3}", c)), "")
        is_other = words.is_other_assessment(words.join(row.cells), self.codes.own_names)
        wished = _NO_SCORES.match(_YEAR_OF_ROW.sub("", label)) or any(
            _NO_SCORES.fullmatch(c.strip("() ")) for c in row.cells
        )
        return is_other or bool(wished) or self._is_of_others(label)

    def _is_of_others(self, cell: str) -> bool:
        """Whether the name of a row makes it the mean of a group, or of the agencies above it."""
        mean = words.is_mean_of_others(cell) and not self.ledger.vocabulary.mentions(cell)
        return mean or (self.lists_agencies and words.is_average(cell))

    def _ranked_row(self, row: Row, columns: list[Column], scores: list[bool]) -> bool:
        """A row of one agency and its total, in a list of agencies: with one score, of which no head says of what."""
        named = [c for c, column in zip(row.cells, columns, strict=True) if column.role == "agency" and agencies(c)]
        valued = [at for at, s in enumerate(scores) if s and columns[at].role == "score"]
        if not valued:
            return False
        plain = [at for at in valued if (node := columns[at].node) is None or node.kind == "overall"]
        years = {columns[at].year for at in valued}
        apart = len(valued) == 1 or (None not in years and len(years) == len(valued))
        if len(named) != 1 or plain != valued or not apart or any(self._names_node(c) for c in row.cells):
            return False
        self.ledger.row_agency, self.lists_agencies = words.name_in(named[0]), True
        year = self._row_year(row, columns)
        for at in valued:
            year = columns[at].year or year
            if match := self.levels.whole_number.match(row.cells[at]):
                self.ledger.give(Mention(0, 0, "overall", "overall"), match[1] + match[2], row.place, year=year)
        for cell, column in zip(row.cells, columns, strict=True):
            if column.role == "level" and (level := self.levels.alone(cell)):
                self.ledger.level(level, row.place, column.year or year)
        return True

    def _levels_in_row(self, row: Row) -> bool:
        """A row of levels under years ("ระดับ | B | A")."""
        cells = list(row.cells)
        if len(self.columns) != len(cells) or not re.search("ระดับ|ผลการประเมิน", words.join(cells[:2])):
            return False
        recorded = False
        for cell, column in zip(cells, self.columns, strict=True):
            level = self.levels.alone(cell)
            if level and column.role in ("score", "level"):
                with self.ledger.row_of(column.agency):
                    self.ledger.level(level, row.place, column.year)
                recorded = True
        return recorded

    def _narrow_row(
        self, row: Row, columns: list[Column], values: Sequence[re.Match[str] | None], scores: list[bool]
    ) -> None:
        scene = self.scene
        subject: Mention | None = None
        booked: dict[tuple[str, str | None, int | None, str | None], Figure | None] = {}
        part = self.row_part or scene.part
        row_year = self._row_year(row, columns)
        last_year: int | None = None
        lonely = [i for i, s in enumerate(scores) if s and columns[i].role not in ("ignore", "level", "year", "agency")]
        name_at = -1
        unnamed: int | None = None  # the first cell with a name that nobody knows
        for at, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
            if not cell or at == name_at:
                continue
            opened = subject is None or (subject.kind == "instrument" and not booked)
            if opened and (sub_indicator := self.ledger.sub_indicator(cell, words.join(row.cells[at + 1 : at + 2]))):
                subject, name_at = (
                    sub_indicator,
                    at + 1 if cell.index(sub_indicator.id) + len(sub_indicator.id) == len(cell) else -1,
                )
                continue
            if subject is not None and subject.kind == "indicator" and not booked and "คะแนน" not in cell:
                belongs = self.ledger.vocabulary.cell(cell)
                if belongs is not None and belongs.kind == "instrument":  # a column says whose indicator it is
                    part = self.codes.part(cell) or self.codes.number_of.get(belongs.id) or part
                    continue
            if not scores[at]:
                label = next((c for c in reversed(row.cells[:at]) if c), "")
                level = self.levels.alone(cell)
                of_total = row_year and booked and next(reversed(booked))[0] == "overall" and cell.startswith("(")
                if level and (of_total or re.fullmatch(r"ระดับ.{0,20}|ผล(?:การประเมิน)?|เกรด", label)):
                    self.ledger.level(level, row.place, row_year)
                    continue
                was_open = subject is None
                if was_open and (numbered := self._numbered_indicator(row.cells[:at], cell)):
                    subject = numbered
                    continue
                subject, part = self._subject(cell, subject, part, row.place)
                if was_open and subject is None:
                    unnamed = unnamed or at if words.leftover(cell) > _SPARE else unnamed
                elif was_open and unnamed is not None and subject is not None and subject.kind == "instrument":
                    return  # an instrument beside a name that nobody knows: the score is of what that means
                if (
                    column.role == "level"
                    and (level := self.levels.alone(cell))
                    and (row_year or (subject and subject.kind == "overall"))
                ):
                    self.ledger.level(level, row.place, column.year or row_year or last_year)
                elif len(cell) > 12 and subject is not None and not self._is_beside(column, at, cell):
                    self.sentences.read(cell, row.place, subject=subject, part=part)
                continue
            match = values[at]
            if match is None or column.role in ("ignore", "level", "year", "agency"):
                continue
            if "." not in match[2] and column.role == "unknown" and at + 1 < len(row.cells):
                following = next((c for c in row.cells[at + 1 :] if c), "")
                if self._names_node(following):
                    continue  # the number of the name after it
            if column.role == "weighted" and (subject is None or subject.kind != "overall"):
                continue  # a share of the total; only their sum is a score
            if subject is None:
                subject = self._late_subject(row, columns, at, lonely, row_year)
                if subject is None:
                    continue
            target, own_part = subject, column.part or part
            if column.own == "instrument" and subject.kind == "indicator" and scene.instrument:
                target = Mention(0, 0, "instrument", scene.instrument)
            elif column.own == "indicator" and scene.indicator and self._has_item_score(subject, booked):
                target = Mention(0, 0, "indicator", scene.indicator)  # beside the score of its first item
            number = match[1].replace("−", "-") + match[2]
            change = column.role == "change" or bool(match[1])
            if change:
                if match[1] == "" and column.role != "change":
                    continue
                self.ledger.give(
                    target,
                    number,
                    row.place,
                    year=column.year or last_year or self._newest(columns),
                    part=own_part,
                    change=True,
                )
                continue
            year = column.year or row_year
            same = (target.id, own_part, year or scene.year, column.agency)
            if same in booked:
                if target.kind != "item" and (column.role == "score" or self._is_spanned(at)):
                    self.ledger.give(target, number, row.place, year=year, part=own_part, sure=False, note=_ALIKE)
                    self.ledger.doubt(booked[same], number, _ALIKE)
                continue
            unclear = (
                column.role == "unknown"
                and sum(scores[i] and columns[i].role == "unknown" for i in range(at + 1, len(scores))) > 0
                and not any(self._names_node(row.cells[i]) for i in range(at + 1, len(scores)))
            )
            note = "แถวนี้มีตัวเลขหลายตัวและไม่พบหัวตารางที่บอกปี" if unclear else ""
            with self.ledger.row_of(column.agency):
                booked[same] = self.ledger.give(
                    target, number, row.place, year=year, part=own_part, sure=not unclear, note=note
                )
            last_year = year or last_year
            if target.kind == "instrument":
                self.scored.add(target.id)
            elif target.kind == "indicator":
                self.row_indicators.add(target.id)

    @staticmethod
    def _has_item_score(subject: Mention, booked: Collection[tuple[str, str | None, int | None, str | None]]) -> bool:
        return subject.kind == "item" and any(subject.id == node for node, *_ in booked)

    def _numbered_indicator(self, before: Sequence[str], cell: str) -> Mention | None:
        """The indicator that a row is of by its number, under an English name that is none of ours, where the rows of a
        table number them all from 1."""
        match = _ENGLISH_NAME.fullmatch(cell)
        number = (match["number"] or next((c.strip(" .)") for c in before if c), "")) if match else ""
        about = self.numbered > 0 or re.search("indicator", f"{words.join(self.head)} {self.scene.before}", re.I)
        if not about or agencies(cell) or not number.isdigit():
            return None
        known = self.ledger.vocabulary.cell(cell)
        if int(number) != self.numbered + 1 or (known is not None and known.id != number):
            return None
        self.numbered += 1
        return Mention(0, len(cell), "indicator", number) if number in self.codes.numbered_indicators else None

    def _is_beside(self, column: Column, at: int, cell: str) -> bool:
        """Whether a column is headed by what is no score (what was done, how far, by whom), and its cell names none."""
        titled = len(self.columns) == len(self.head) > at and bool(self.head[at]) and column.role == "unknown"
        return column.role == "ignore" or (titled and at > 0 and not self.ledger.vocabulary.mentions(cell))

    def _is_spanned(self, at: int) -> bool:
        """Whether the head of a column is empty because the one before it stands over both."""
        titles = self.head if len(self.columns) == len(self.head) else []
        return 0 < at < len(titles) and not titles[at] and self.columns[at - 1].role == "score"

    def _newest(self, columns: list[Column]) -> int | None:
        return max((c.year for c in columns if c.year), default=None)

    def _names_node(self, cell: str) -> bool:
        if not cell or self.levels.whole_number.match(cell):
            return False
        return (
            self.ledger.item_code(cell) is not None
            or self.ledger.vocabulary.cell(cell) is not None
            or words.is_average(cell)
            or any(m.kind == "overall" for m in self.ledger.vocabulary.mentions(cell))
        )

    def _late_subject(
        self, row: Row, columns: list[Column], at: int, lonely: list[int], row_year: int | None
    ) -> Mention | None:
        """What a number is of when nothing before it in the row says: the name after it, or the total of a year."""
        match = self.levels.whole_number.match(row.cells[at])
        others = [
            c
            for i, c in enumerate(row.cells)
            if c
            and i not in lonely
            and columns[i].role != "level"
            and not (words.years(c) or agencies(c) or self.levels.whole_number.match(c))
        ]
        if [c for c in others if not self.levels.alone(c)]:
            row_year = None  # the row names something, though nothing we know
        is_score = columns[at].role == "score" or (
            match is not None and "." in match[2] and columns[at].role == "unknown"
        )
        if row_year and is_score and len(lonely) <= 2:
            return Mention(0, 0, "overall", "overall")
        if match and "." in match[2] and len(lonely) == 1:
            after = [m for c in row.cells[at + 1 :] if c and (m := self.ledger.vocabulary.cell(c))]
            if len(after) == 1:
                return after[0]
        return None

    def _is_of_whole(self, cell: str, mention: Mention) -> bool:
        """Whether a name of the total is most that a cell says, or speaks of our assessment, not of something else as a
        whole: "ร้อยละการเบิกจ่ายงบประมาณภาพรวม"."""
        rest = f"{cell[: mention.start]} {cell[mention.end :]}"
        is_bare = words.leftover(rest) <= _SPARE_BESIDE_TOTAL and not self.is_of_plan
        return is_bare or re.search(self.codes.own_names, cell) is not None

    def _subject(
        self, cell: str, subject: Mention | None, part: str | None, place: str
    ) -> tuple[Mention | None, str | None]:
        """The node a text cell makes the row about, if it does."""
        scene = self.scene
        if subject is not None and subject.kind == "sub_indicator":
            return subject, part  # its items, or that the number is a mean
        if words.is_average(cell):
            of_instrument = self.ledger.vocabulary.indicators_of.get(scene.instrument or "", set())
            is_theirs = len(self.row_indicators) > 1 and self.row_indicators <= of_instrument
            if is_theirs and scene.instrument and scene.instrument not in self.scored:
                return Mention(0, 0, "instrument", scene.instrument), part
            if subject is not None and subject.kind == "instrument":
                return subject, part
            if scene.indicator and (scene.items_here or not scene.instrument):
                return Mention(0, 0, "indicator", scene.indicator), part
            if cell != "รวม" and scene.instrument and scene.instrument not in self.scored:
                return Mention(0, 0, "instrument", scene.instrument), part
            return (Mention(0, 0, "overall", "overall"), None) if "รวม" in cell else (subject, part)
        if re.fullmatch(r"(?:ผล|ค่า)?คะแนน(?:ที่ได้|ที่ได้รับ)?", cell) and scene.indicator and not self.columns:
            return Mention(0, 0, "indicator", scene.indicator), part  # a card: its title named the indicator
        by_year = len({c.year for c in self.columns if c.year and c.node is None}) >= _LEAST_YEARS
        if subject is None and by_year and _SCORES.fullmatch(cell) and not (scene.instrument or scene.indicator):
            return Mention(0, len(cell), "overall", "overall"), part  # the scores of years, side by side
        code = self.ledger.item_code(cell) or self.ledger.item_code(re.sub(r"^ข้อ(?:ที่)?\s{0,20}", "", cell))
        if code:
            return self.ledger.item(code), part
        digits = words.numbered_item(cell)
        if digits:
            return self.ledger.damaged_item(digits), part
        if subject is not None and subject.kind == "item":
            named = [m for m in self.ledger.vocabulary.mentions(cell) if m.kind in ("indicator", "instrument")]
            before = re.sub(r"ตัวชี้วัด(?:ที่)?", "", cell[: named[0].start]) if named else ""
            if not named or words.leftover(before) > 4 or len(cell) > (named[0].end - named[0].start) + 18:
                return subject, part  # what the item is called, not another subject
        mentions = self.ledger.vocabulary.mentions(cell)
        mention = self.ledger.vocabulary.cell(cell) if len(cell) < 160 else None
        if mention is None:
            number = self.codes.indicator_number(cell)
            if number and len(cell) < 40:
                mention = Mention(0, len(cell), "indicator", number)
        if mention is None and len(cell) < 60:
            mention = next((m for m in mentions if m.kind == "overall" and self._is_of_whole(cell, m)), None)
            if mention is not None:
                for _, level in self.levels.stated(cell):
                    self.ledger.level(level, place)
            if mention is None and subject is None and _WHOLE.fullmatch(_ORDINAL.sub("", cell)):
                mention = Mention(0, len(cell), "overall", "overall")
        if mention is None:
            return subject, self.codes.part(cell) or part if len(cell) < 40 else part
        if mention.kind == "instrument":
            scene.instrument = whole = self.codes.whole(mention.id)
            number = self.codes.number_of.get(mention.id)
            opened = (self.codes.part(cell) or number) if subject is None else self.row_part
            # parts listed one after the other are totals; a part followed by its indicators opens them
            follows = opened and int(opened) > 1 and self.last_row == self.codes.with_part(whole, str(int(opened) - 1))
            self.row_part = None if follows else opened
            self.last_row = self.codes.with_part(whole, opened) if opened else mention.id
            own = self.codes.part(cell) or number or (part if mention.id in self.codes.parts_of else None)
            for inside in words.numbers(cell[mention.end :])[:1]:  # "IIT (95.76)": the score within the cell
                self.ledger.give(mention, inside.printed, place, part=own)
            return mention, own
        if mention.kind == "indicator":
            self.last_row = mention.id
            if mention.id not in self.codes.split:
                part = None
            scene.indicator = mention.id
            rest = cell[mention.end :]
            inner = [n for n in words.numbers(rest) if words.leftover(rest[: n.start]) <= 3]
            if inner:
                self.ledger.give(mention, inner[0].printed, place, part=part)
        return mention, self.codes.part(cell) or part
