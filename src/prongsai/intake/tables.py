"""Rows of tables: heads, rows of one node, rows of one agency or year."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from prongsai.analysis.figures import Figure
from prongsai.intake import words
from prongsai.intake.agencies import agencies, family_of, named_agencies
from prongsai.intake.files import Row
from prongsai.intake.headers import HEADING_WORDS, Column, column_of, columns_of, is_of_plan, with_numbered
from prongsai.intake.ledger import Ledger
from prongsai.intake.narrow_rows import NarrowRow
from prongsai.intake.runs import Run
from prongsai.intake.sentences import Sentences
from prongsai.intake.vocabulary import Mention

_NUMBER_THEN_NAME = re.compile(r"^(\d{1,3}\.\d{1,2})\s{1,20}((?:\d{1,2}\.?\s{0,20})?(?!คะแนน)[\u0e01-\u0e4e].{5,60})$")
_NO_SCORES = re.compile(r"(?:ค่า)?(?:น้ำหนัก|เป้า|คาดการณ์|ประมาณการ)|weight|target|forecast", re.I)
_YEAR_OF_ROW = re.compile(r"^\s{0,9}(?:ปี(?:งบประมาณ)?)?\s{0,9}(?:พ\.?\s?ศ\.?)?\s{0,9}25[4-9]\d[\s(:\-–]{0,9}")
_BRACKETS = re.compile(r"\([^()]{0,130}\)")  # what they say of a name is of no matter to its score
_WEIGHTS, _ALL_WEIGHTS = re.compile("น้ำหนัก|weight", re.I), ("100", "100.00", "1.00")
_THIS_YEAR = re.compile(r"(?:(?:ผล)?คะแนน\s?)?\(?ปี(?:นี้|ปัจจุบัน)\)?|(?:score\s)?this year", re.I)
_LAST_YEAR = re.compile(r"(?:(?:ผล)?คะแนน\s?)?\(?ปี(?:ก่อน(?:หน้า)?|ที่แล้ว|ที่ผ่านมา)\)?|(?:score\s)?last year", re.I)
_QUANTITY = re.compile(r"\d{1,3}(?:,?\d{3}){0,3}(?:\.\d{1,4})?\s{0,3}%?")
_LEAST_COLUMNS, _LONGEST_TITLE = 3, 60  # letters
_BY_NUMBER = "หัวตารางมีเพียงเลขลำดับ อาจไม่ใช่เลขของตัวชี้วัด"
_SEVERAL_OF_ONE = "ตารางให้ค่าของชื่อเดียวกันไว้มากกว่าหนึ่งค่า ชื่อนั้นอาจเป็นประเภทหรือพื้นที่ ไม่ใช่หน่วยงาน"


def _with_total(columns: Sequence[Column]) -> list[Column]:
    """Columns of nodes, where the only other ones of scores are the total's, of one year each: "IIT | EIT | OIT |
    คะแนนเฉลี่ย", "… | ITA 2565 | ITA 2564"."""
    plain = [at for at, c in enumerate(columns) if c.role == "score" and c.node is None]
    total = Mention(0, 0, "overall", "overall")
    has_total = any(c.node and c.node.kind == "overall" for c in columns)
    are_instruments = sum(c.node is not None and c.node.kind == "instrument" for c in columns) > 1
    if len({columns[at].year for at in plain}) != len(plain) or has_total or not are_instruments:
        return list(columns)
    return [replace(c, node=total) if at in plain else c for at, c in enumerate(columns)]


def _is_agency(cell: str) -> bool:
    """Whether a cell is the name of an agency, and not of a place where agencies are."""
    named = named_agencies(cell)
    return len(named) == 1 and named[0].name == cell.strip() and family_of(cell) not in ("place", "")


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
        self.listed: dict[
            str, dict[str, list[Figure]]
        ] = {}  # of each agency of this table, its figures by year and node
        self.is_supposed = False  # that columns are indicators is said by their numbers alone
        self.is_no_list = False  # one of them had two values of the same
        self.above: tuple[Row, Figure | None] | None = None  # the last row with a score of its name, and that
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
            return bool(self.columns) and (self._levels_in_row(row) or self._scores_in_names(row, values, scores))
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
        columns = self._aligned(cells, scores)
        if self._tells_answers(cells, columns, scores) or self._is_nobodys(row):
            return True
        if not self._wide_row(row, columns, scores) and not self._ranked_row(row, columns, scores):
            NarrowRow(self, row, columns, values, scores).read()
        return True

    def _enter(self, row: Row) -> None:
        """Leaves the table before, when the row is of another; a table cut by the end of a page keeps its head."""
        page = re.match(r"หน้า \d{1,20}", row.place)
        if row.table != self.table and row.table:
            goes_on = page and not row.place.startswith(self.page) and len(self.columns) == len(row.cells)
            if not goes_on:
                self.head, self.columns, self.lists_agencies, self.scored = [], [], False, set()
                self.listed, self.is_no_list, self.is_supposed = {}, False, False
                self.is_of_plan, self.above = False, None
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
        if self.head_fresh and all(cells) and self._goes_on_head(cells):
            return True
        if self.head_fresh and not cells[0] and len(cells) == len(self.head) and not all(self.head):
            return True  # what a merged head stands over
        is_short = self.is_first and all(len(c) < _LONGEST_TITLE for c in filled)
        if is_short and (len(filled) >= _LEAST_COLUMNS or self._is_head_of_two(filled)):
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

    def _goes_on_head(self, cells: Sequence[str]) -> bool:
        """Whether cells are the second line of heads that only say what numbers stand under them, and not of whom."""
        is_open = len(cells) == len(self.columns) and all(c.role == "score" and not c.node for c in self.columns)
        is_value = any(agencies(c) or self.levels.alone(c) or self.names_node(c) or words.years(c) for c in cells)
        return is_open and not is_value and all(len(c) < _LONGEST_TITLE // 2 for c in cells)

    def _is_head_of_two(self, cells: Sequence[str]) -> bool:
        """Whether two cells are heads, one of them of the scores of a year beside their names."""
        dated = [c for c in cells if words.years(c) and HEADING_WORDS.search(c) and not words.is_year(c)]
        others = [c for c in cells if c not in dated]
        is_value = any(agencies(c) or self.levels.alone(c) or self.names_node(c) for c in others)
        names_nodes = any(self.ledger.vocabulary.mentions(c) for c in dated)
        return len(dated) == 1 and len(others) == 1 and not is_value and not names_nodes

    def _numbered_titles(self, cells: list[str]) -> list[str]:
        """The heads of columns that are the numbers of indicators: "ตัวชี้วัดที่ | 1 | 2 | 3", or with agencies before them
        and the total after them, where the line above speaks of indicators; none where they are not."""
        titles = [c.strip(" .)") for c in cells[1:] if c]
        numbers = [c for c, n in zip(titles, range(1, len(titles) + 1), strict=True) if c == str(n)]
        rest = titles[len(numbers) :]
        if len(numbers) <= _LEAST_COLUMNS or any(c.isdigit() for c in rest):
            return []
        of_indicators = re.fullmatch(r"ตัวชี้วัด(?:ที่)?|Indicator", cells[0]) and not rest
        if not rest and len(numbers) == len(self._indicators()) and words.has_letters(cells[0]) and len(cells) > 1:
            self.is_supposed = not of_indicators
            return [cells[0], *(f"ตัวชี้วัดที่ {n}" for n in numbers)]
        of_agencies = re.fullmatch(r"(?:ชื่อ)?หน่วยงาน|อปท\.?|Agency", cells[0]) and re.search(
            r"ตัวชี้วัด|ตชว|indicator", self.scene.before, re.I
        )
        if not of_indicators and not of_agencies:
            return []
        return [cells[0], *(f"ตัวชี้วัดที่ {n}" for n in numbers), *rest]

    def _indicators(self) -> Collection[str]:
        """The indicators of the year that the rows are of."""
        framework = self.ledger.frameworks.get(self.scene.year)
        return framework.indicators if framework else ()

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
        self.head = with_numbered(self.head, self.ledger.frameworks.get(self.scene.year))
        self.columns = self._with_last_year(columns_of(self.head, self.ledger.vocabulary))
        self._take_numbered_indicators()
        self.is_of_plan = is_of_plan(self.head)
        if any(c.part for c in self.columns) and (whole := self.codes.only_whole):
            scene.instrument = whole

    def _take_numbered_indicators(self) -> None:
        """Takes columns for those of indicators whose codes are as well those of items, where there are just as many as
        the year has indicators: "i1" to "i10"."""
        items = {at: c.node.id for at, c in enumerate(self.columns) if c.node and c.node.kind == "item"}
        numbers = {at: re.sub(r"\D", "", item) for at, item in items.items()}
        if len(items) != len(self._indicators()) or set(numbers.values()) != set(self._indicators()):
            return
        if all(self.codes.may_number(items[at], number) for at, number in numbers.items()):
            self.is_supposed = True
            for at, number in numbers.items():
                self.columns[at] = replace(self.columns[at], node=Mention(0, 0, "indicator", number))

    def _with_last_year(self, columns: Sequence[Column]) -> list[Column]:
        """The columns, with "last year" beside scores of the year that the table is about."""
        columns = [
            Column("score") if _THIS_YEAR.fullmatch(title.strip()) else c
            for title, c in zip(self.head, columns, strict=True)
        ]
        is_beside = any(c.role == "score" and not c.year for c in columns) and self.scene.year
        return [
            Column("score", self.scene.year - 1) if is_beside and _LAST_YEAR.fullmatch(title.strip()) else c
            for title, c in zip(self.head, columns, strict=True)
        ]

    def _tells_answers(self, cells: Sequence[str], columns: Sequence[Column], scores: Sequence[bool]) -> bool:
        """Whether a row tells how many answered, and not what they thought."""
        if len(columns) == len(self.head) == len(cells):  # what stands beside the scores is of no matter
            beside = {at for at, c in enumerate(columns) if at and self.head[at] and c.role in ("ignore", "unknown")}
            cells = [c for at, c in enumerate(cells) if at not in beside or scores[at]]
        if not any(re.search(r"\d\s{0,20}(?:คน|ชุด|ราย)\b|\d\s{0,20}คน", _BRACKETS.sub("", c)) for c in cells):
            return False
        of_scores = zip(scores, columns, self.head, strict=True) if len(self.head) == len(scores) else ()
        return not any(s and c.role == "score" and "คะแนน" in title for s, c, title in of_scores)

    def _scores_in_names(self, row: Row, values: Sequence[re.Match[str] | None], scores: Sequence[bool]) -> bool:
        """A row whose scores stand beside the names in their cells, under a head that says of which year they are."""
        if len(self.columns) != len(row.cells):
            return False
        dated = [cell for cell, column in zip(row.cells, self.columns, strict=True) if column.year]
        if not any(words.numbers(cell) and self.ledger.vocabulary.cell(cell) for cell in dated):
            return False
        self.run.end()
        NarrowRow(self, row, self.columns, values, scores).read()
        return True

    def _aligned(self, cells: list[str], scores: list[bool]) -> list[Column]:
        columns = self.columns
        if len(columns) == len(cells):
            return columns
        weight = next((at for at, title in enumerate(self.head) if _WEIGHTS.search(title)), None)
        if weight is not None and len(cells) < len(columns) and cells[scores.index(True)].strip("% ") in _ALL_WEIGHTS:
            at = scores.index(True)  # the sum of the weights, in a row whose empty cells were lost
            return [Column("ignore" if n == at else "score" if s else "unknown") for n, s in enumerate(scores)]
        valued = [c for c in columns if c.role not in ("unknown", "agency", "year") or c.node]
        for over in (valued, [c for c in valued if c.role == "score"]):
            if columns and len(over) == sum(scores):  # the last heads stand over the numbers, however the line was cut
                left = iter(over)
                return [next(left) if s else Column() for s in scores]
        return [Column() for _ in cells]

    def year_of(self, row: Row, columns: Sequence[Column]) -> int | None:
        """The year that a row of a table is of, also where its cell is merged over several."""
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
        year = self.year_of(row, columns)
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
        listed = self.ledger.row_agency if self.lists_agencies else None
        if self.ledger.row_agency is None:
            named = next((a for c in row.cells for a in agencies(c)), None)
            self.ledger.row_agency = named
        added: dict[str, Figure] = {}
        for cell, column, is_score in zip(row.cells, columns, scores, strict=True):
            match = self.levels.whole_number.match(cell)
            if is_score and match and column.node and column.role != "ignore":
                number, is_change = match[1].replace("−", "-") + match[2], difference or column.role == "change"
                figure = self.ledger.give(
                    column.node, number, row.place, year=column.year or year, part=column.part, change=is_change
                )
                added |= {} if is_change or figure is None else {f"{figure.fiscal_year}/{figure.node}": figure}
            elif column.role == "level" and (level := self.levels.alone(cell)):
                self.ledger.level(level, row.place, column.year or year)
        self._list(listed, added)
        if self.is_supposed:
            self.ledger.suppose([f for f in added.values() if f.node in self._indicators()], _BY_NUMBER)
        return True

    def _list(self, agency: str | None, added: Mapping[str, Figure]) -> None:
        """Doubts the list of agencies that a table is as soon as one has two values of the same: then what stands
        there may be what kinds they are, or where, and not their names."""
        if agency is None:
            return
        before = self.listed.setdefault(agency, {})
        for node, figure in added.items():
            self.is_no_list |= any(f.value != figure.value for f in before.get(node, ()))
            before.setdefault(node, []).append(figure)
        if self.is_no_list:
            for figure in (f for of in self.listed.values() for figures in of.values() for f in figures):
                self.ledger.doubt(figure, "", _SEVERAL_OF_ONE)

    def _is_nobodys(self, row: Row) -> bool:
        """Whether the name of a row makes its numbers no scores: weights, targets, means, other assessments."""
        label = next((c for c in row.cells if re.search(r"[A-Za-z\u0e01-\u0e4e]{3}", c)), "")
        is_other = words.is_other_assessment(words.join(self._without_remarks(row)), self.codes.own_names)
        wished = _NO_SCORES.match(_YEAR_OF_ROW.sub("", label)) or any(
            _NO_SCORES.fullmatch(c.strip("() ")) for c in row.cells
        )
        of_list = self.lists_agencies and not any(agencies(c) for c in row.cells) and self._is_whole(label)
        return is_other or bool(wished) or of_list or self._is_of_others(label)

    def _without_remarks(self, row: Row) -> list[str]:
        """The cells of a row, in one that begins with the name of a node without those that a head sets beside the
        scores: what was done, by whom."""
        named = self.ledger.vocabulary.cell(next(filter(None, row.cells), ""))
        if named is None or len(self.columns) != len(row.cells) or len(self.head) != len(row.cells):
            return list(row.cells)
        beside = {at for at, c in enumerate(self.columns) if at and self.head[at] and c.role in ("ignore", "unknown")}
        return [cell for at, cell in enumerate(row.cells) if at not in beside]

    def _is_whole(self, label: str) -> bool:
        """Whether the name of a row is that of a total: in a list of agencies, of all of them together."""
        return any(m.kind == "overall" for m in self.ledger.vocabulary.mentions(label)) or label.startswith("รวม")

    def _is_of_others(self, cell: str) -> bool:
        """Whether the name of a row makes it the mean of a group, or of the agencies above it."""
        mean = words.is_mean_of_others(cell) and not self.ledger.vocabulary.mentions(cell)
        return mean or (self.lists_agencies and words.is_average(cell))

    def _ranked_row(self, row: Row, columns: list[Column], scores: list[bool]) -> bool:
        """A row of one agency and its total, in a list of agencies: with one score, of which no head says of what."""
        named = [c for c, column in zip(row.cells, columns, strict=True) if column.role == "agency" and agencies(c)]
        if not any(column.role == "agency" for column in columns):
            named = [
                c for c, column in zip(row.cells, columns, strict=True) if column.role == "unknown" and _is_agency(c)
            ]
        valued = [at for at, s in enumerate(scores) if s and columns[at].role == "score"]
        if not valued:
            return False
        plain = [at for at in valued if (node := columns[at].node) is None or node.kind == "overall"]
        years = {columns[at].year for at in valued}
        apart = len(valued) == 1 or len({year or self.scene.year for year in years}) == len(valued)
        if len(named) != 1 or plain != valued or not apart or any(self.names_node(c) for c in row.cells):
            return False
        self.ledger.row_agency, self.lists_agencies = words.name_in(named[0]), True
        years_of = dict.fromkeys(valued, self.year_of(row, columns))
        years_of |= {at: columns[at].year for at in valued if columns[at].year}
        added: dict[str, Figure] = {}
        for at in valued:
            if match := self.levels.whole_number.match(row.cells[at]):
                total = Mention(0, 0, "overall", "overall")
                figure = self.ledger.give(total, match[1] + match[2], row.place, year=years_of[at])
                added |= {f"{figure.fiscal_year}/{figure.node}": figure} if figure else {}
        self._list(self.ledger.row_agency, added)
        for at, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
            if column.role == "level" and (level := self.levels.alone(cell)):
                beside = max((n for n in valued if n < at), default=valued[0])  # the score before it
                self.ledger.level(level, row.place, column.year or years_of[beside])
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

    def names_node(self, cell: str) -> bool:
        """Whether a cell is the name of an item, an instrument, an indicator or the total."""
        if not cell or self.levels.whole_number.match(cell):
            return False
        return (
            self.ledger.item_code(cell) is not None
            or self.ledger.vocabulary.cell(cell) is not None
            or words.is_average(cell)
            or any(m.kind == "overall" for m in self.ledger.vocabulary.mentions(cell))
        )
