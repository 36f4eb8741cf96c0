"""From rows to figures: what each number is the score of.

The reader walks the rows once, keeping in mind the year, the instrument, the part, the indicator and the table head it
is under. A number is bound to a node when a name, a code or a heading says so; when two readings are possible the
figure is given as unsure, with the reason, and is left out of every calculation.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from prongsai.analysis.figures import Figure
from prongsai.framework import Framework
from prongsai.intake import words
from prongsai.intake.claims import claims
from prongsai.intake.files import Row, read_rows
from prongsai.intake.heads import HEADING_WORDS, Column, column_of
from prongsai.intake.subject import main_agency, main_year
from prongsai.intake.words import Mention
from prongsai.lib import thai


@dataclass
class Reading:
    """What one file says of one agency."""

    agency: str | None
    fiscal_years: list[int]
    figures: list[Figure]


def read(path: Path, frameworks: Mapping[int, Framework], fiscal_year: int | None = None) -> list[Reading]:
    """Figures of a file, one Reading an agency. ``fiscal_year`` overrides what the file seems to say.

    Raises UnreadableError. A file without any score gives one Reading without figures.
    """
    return figures_of(read_rows(path), frameworks, fiscal_year)


def figures_of(
    rows: Sequence[Row], frameworks: Mapping[int, Framework], fiscal_year: int | None = None
) -> list[Reading]:
    """As ``read``, from rows."""
    cleaned = [Row(tuple(thai.clean(c).strip() for c in r.cells), r.place, r.table) for r in rows]
    reader = _Reader(cleaned, frameworks, fiscal_year)
    return reader.readings()


# --- the walk ----------------------------------------------------------------------------------------------------------


@dataclass
class _State:
    year: int
    instrument: str | None = None
    indicator: str | None = None
    part: str | None = None
    run: list[tuple[Mention | str, str, str | None]] = field(default_factory=list)  # names and numbers each on its line
    page: str = ""  # the page the last table row stood on
    elsewhere: bool = False  # a heading announced the scores of others, or targets
    last_row: str = ""  # the node of the last table row
    row_part: str | None = None  # the part that a row of the current table opened for the rows after it
    items_here: bool = False  # the current table has rows of items, so that their mean is an indicator
    before: str = ""  # the sentence of the line before, when no number ended it
    carried: Mention | None = None  # what that sentence was about to give the score of
    unfinished: str = ""  # the line before, when a name may go on from it
    table: int = -1
    head: list[str] = field(default_factory=list)
    head_fresh: bool = False
    columns: list[Column] = field(default_factory=list)


_NUMBER_THEN_NAME = re.compile(r"^(\d{1,3}\.\d{1,2})\s+((?:\d{1,2}\.?\s*)?(?!คะแนน)[\u0e01-\u0e4e].{5,60})$")


_NO_AGENCY = "ไม่พบชื่อหน่วยงานในเอกสาร"
_LONGEST = 3000  # letters read as one line
# somebody else's scores, or wishes, when it stands before the first number of a line
_ELSEWHERE = re.compile(r"(?:ทั้ง|ระดับ|ทั่ว|ของ|ค่าเฉลี่ย)ประเทศ|ตัวชี้วัดความสำเร็จ|^[^\d]{0,40}เป้าหมาย|คาดการณ์|เฉลี่ยตามประเภท")


class _Reader:
    def __init__(self, rows: Sequence[Row], frameworks: Mapping[int, Framework], fiscal_year: int | None) -> None:
        self.rows = rows
        self.frameworks = frameworks
        self.forced = fiscal_year
        self.vocabulary = words.Vocabulary(list(frameworks.values()))
        self.agency = main_agency(rows)
        self.told = main_year(rows) or 0
        self.state = _State(fiscal_year or self.told)
        self.found: dict[str | None, list[Figure]] = {}
        self.rivals: dict[Figure, bool] = {}  # totals told without naming them, and whether of the agency by name
        self.row_agency: str | None = None

    def readings(self) -> list[Reading]:
        for row in self.rows:
            filled = [c for c in row.cells if c]
            if not filled:
                continue
            self.row_agency = None
            if len(row.cells) > 1 and len(filled) > 1:
                self._table_row(row)
            elif len(filled[0]) > _LONGEST:
                for piece in textwrap.wrap(filled[0], _LONGEST, break_long_words=True):
                    self._line(piece, row.place)
            else:
                self._line(filled[0], row.place, in_table=row.table > 0 and len(row.cells) > 1)
        self._end_run()
        for agency, figures in self.found.items():
            self.found[agency] = _doubted(figures, self.rivals)
        readings = [
            Reading(agency, sorted({f.fiscal_year for f in figures if f.fiscal_year}, reverse=True), figures)
            for agency, figures in self.found.items()
        ]
        return readings or [Reading(self.agency, [self.state.year] if self.state.year else [], [])]

    # --- naming and giving --------------------------------------------------------------------------------------------

    def _node(self, mention: Mention, year: int, part: str | None) -> tuple[str, bool, str]:
        """The node a mention means in a year, whether that is sure, and a note."""
        framework = self.frameworks.get(year)
        name, sure, note = mention.id, mention.sure, "" if mention.sure else "ชื่อตัวชี้วัดสะกดต่างจากที่รู้จัก"
        if framework is None:
            return name, sure, note
        two = "EIT1" in framework.instruments
        if mention.kind == "instrument" and name == "EIT" and part and two:
            name = f"EIT{part}"
        elif mention.kind == "indicator" and part and two and f"EIT{part}/{name}" in framework.nodes:
            name = f"EIT{part}/{name}"
        elif mention.kind == "item" and name[0] == "e" and two:
            if not part:
                return name, False, "ไม่รู้ว่าเป็น EIT ส่วนที่ 1 หรือ 2"
            name = f"EIT{part}/{name}"
        if name not in framework.nodes:
            return name, False, f"หลักเกณฑ์ปี {year} ไม่มี {name}"
        return name, sure, note

    def _give(
        self, mention: Mention, value: str, place: str, *, year: int | None = None, part: str | None = None,
        sure: bool = True, note: str = "", change: bool = False,
    ) -> Figure | None:  # fmt: skip
        """Adds a figure, and gives it as added; None when it is no score of the agency."""
        if self.state.elsewhere:
            return None
        year = self.forced if self.forced and not year else (year or self.state.year)
        name, named, why = self._node(mention, year, part)
        if not year:
            sure, note = False, "ไม่พบปีงบประมาณในเอกสาร"
        if value == self._weight(mention, year):
            sure, note = False, "เท่ากับน้ำหนักของเครื่องมือ อาจไม่ใช่คะแนน"
        if not change:
            value = value.lstrip("+")
            if value.startswith("-"):
                return None
        return self._add(Figure(year, f"change/{name}" if change else name, value, place, sure and named, note or why))

    def _weight(self, mention: Mention, year: int) -> str | None:
        """What share of the total an instrument has, as a text prints it: "30"."""
        framework = self.frameworks.get(year)
        if mention.kind != "instrument" or framework is None:
            return None
        return str(sum(i.weight for i in framework.rules.instruments if i.id.startswith(mention.id)) // 100)

    def _add(self, figure: Figure) -> Figure:
        if self.forced and figure.fiscal_year == self.told:
            figure = replace(figure, fiscal_year=self.forced)
        self.found.setdefault(self.row_agency or self.agency, []).append(figure)
        return figure

    def _state_figure(self, node: str, value: str, place: str, year: int | None = None, *, doubt: str = "") -> None:
        year = year or self.state.year
        doubt = doubt if year else "ไม่พบปีงบประมาณในเอกสาร"
        self._add(Figure(year, node, value, place, not doubt, doubt))

    # --- table rows ----------------------------------------------------------------------------------------------------

    def _table_row(self, row: Row) -> None:
        state = self.state
        if any(_NUMBER_THEN_NAME.match(c) for c in row.cells):  # two columns that stood too close
            pieces = (_NUMBER_THEN_NAME.sub(r"\1\t\2", c).split("\t") for c in row.cells)
            row = Row(tuple(p for both in pieces for p in both), row.place, row.table)
        if row.table != state.table and row.table:
            page = re.match(r"หน้า \d+", row.place)
            goes_on = page and not row.place.startswith(state.page) and len(state.columns) == len(row.cells)
            if not goes_on:  # a table cut by the end of a page keeps its head
                state.head, state.columns = [], []
            state.table, state.head_fresh = row.table, False
            state.row_part, state.items_here = None, False
        cells = list(row.cells)
        values = [words.WHOLE_NUMBER.match(c) for c in cells]
        scores = [m is not None and float(m[2]) <= 100 for m in values]
        page = re.match(r"หน้า \d+", row.place)
        state.page = f"{page[0]} " if page else ""
        if any(re.fullmatch(r"\d{1,3}\.\d+(?:\s+\d{1,3}\.\d+)+", c) for c in cells):
            return  # several scores in one cell: no telling which is whose
        if any(scores):
            self._end_run()
        if not any(scores):
            if self._is_head(cells):
                self._take_head(cells)
            elif self.state.columns and self._levels_in_row(row):
                pass
            else:
                self._line(words.join(cells), row.place, in_table=row.table > 0)
            return
        state.head_fresh = False
        goes_on = not scores[0] and not words.item_code(cells[0]) and not self.vocabulary.mentions(cells[0])
        if state.unfinished and scores.count(True) and goes_on:
            joined = f"{state.unfinished} {cells[0]}"
            if self.vocabulary.cell(joined):
                cells[0] = joined
                row = Row(tuple(cells), row.place, row.table)
        state.unfinished = ""
        if any(re.search(r"\d\s*(?:คน|ชุด|ราย)\b|\d\s*คน", c) for c in cells):
            return  # how many answered, not what they said
        columns = self._aligned(cells, scores)
        if self._wide_row(row, columns, scores):
            return
        self._narrow_row(row, columns, values, scores)

    def _is_head(self, cells: list[str]) -> bool:
        filled = [c for c in cells if c]
        if any(len(c) > 140 for c in filled) or any(words.numbers(c) for c in filled):
            return False
        if self.state.head_fresh and any(words.part(c) or words.years(c) for c in filled):
            return True
        if (
            len(filled) == 2
            and len({m.id for m in self.vocabulary.mentions(words.join(filled)) if m.kind == "indicator"}) == 1
        ):
            return False  # "ตัวชี้วัดที่ 8" and its name, set apart
        spoken = [c for c in filled if HEADING_WORDS.search(c) or words.years(c) or words.item_code(c)
                  or (len(c) < 60 and self.vocabulary.cell(c))]  # fmt: skip
        return len(spoken) >= 2 and len(spoken) >= len(filled) / 2

    def _take_head(self, cells: list[str]) -> None:
        state = self.state
        if state.head_fresh and len(state.head) == len(cells):
            upper, over = [], ""
            for text, below in zip(state.head, cells, strict=True):  # a merged head speaks for the columns under it
                over = text or (over if below else "")
                upper.append(over)
            state.head = [f"{a} {b}".strip() for a, b in zip(upper, cells, strict=True)]
        elif (
            state.head_fresh
            and len(cells) < len(state.head)
            and all(words.years(c) or words.part(c) for c in cells if c)
        ):
            changes = [c for c in state.head if column_of(c, self.vocabulary).role == "change"]
            state.head = [state.head[0], *(c for c in cells if c), *changes]  # years under one merged head
        else:
            state.head = list(cells)
        state.head_fresh, state.unfinished = True, ""
        state.columns = [column_of(c, self.vocabulary) for c in state.head]

    def _aligned(self, cells: list[str], scores: list[bool]) -> list[Column]:
        columns = self.state.columns
        if len(columns) == len(cells):
            return columns
        valued = [c for c in columns if c.role not in ("unknown", "agency", "year") or c.node]
        if columns and len(valued) == sum(scores):  # the last heads stand over the numbers, however the line was cut
            left = iter(valued)
            return [next(left) if s else Column() for s in scores]
        return [Column() for _ in cells]

    def _row_year(self, row: Row, columns: list[Column]) -> int | None:
        for cell, column in zip(row.cells, columns, strict=True):
            if column.role == "year" or re.fullmatch(
                r"(?:[•*·▪–-]\s*)?(?:ปี(?:งบประมาณ)?\s*)?(?:พ\.?ศ\.?\s*)?25[4-9]\d", cell
            ):
                found = words.years(cell)
                if found:
                    return found[0][1]
        return None

    def _wide_row(self, row: Row, columns: list[Column], scores: list[bool]) -> bool:
        """A row of a table whose heads are nodes: one agency or one year a row."""
        heads = [c for c in columns if c.node is not None]
        distinct = {(c.node.kind, c.node.id) for c in heads if c.node}
        if len(distinct) < 3 or sum(s and c.node is not None for s, c in zip(scores, columns, strict=True)) < 2:
            return False
        year = self._row_year(row, columns)
        numbering = [c.strip("()[] ") == column.node.id for c, column, s in zip(row.cells, columns, scores, strict=True)
                     if s and column.node]  # fmt: skip
        if all(numbering):
            return True  # "(1) (2) (3)" under the names
        difference = any(
            c and not words.WHOLE_NUMBER.match(c) and re.search(r"ผลต่าง|เปลี่ยนแปลง|เพิ่ม|ลดลง", c) for c in row.cells
        )
        for cell, column in zip(row.cells, columns, strict=True):
            if column.role == "agency" and cell and not cell.isdigit():
                self.row_agency = cell
        if self.row_agency is None:
            named = next((a for c in row.cells for a in words.agencies(c)), None)
            self.row_agency = named
        for cell, column, is_score in zip(row.cells, columns, scores, strict=True):
            match = words.WHOLE_NUMBER.match(cell)
            if is_score and match and column.node and column.role != "ignore":
                part = column.part
                self._give(
                    column.node, match[1].replace("−", "-") + match[2], row.place, year=column.year or year, part=part,
                    change=difference or column.role == "change",
                )  # fmt: skip
            elif column.role == "level" and (level := words.level_alone(cell)):
                self._level(level, row.place, column.year or year)
        return True

    def _levels_in_row(self, row: Row) -> bool:
        """A row of levels under years ("ระดับ | B | A")."""
        cells = list(row.cells)
        if len(self.state.columns) != len(cells) or not re.search("ระดับ|ผลการประเมิน", words.join(cells[:2])):
            return False
        given = False
        for cell, column in zip(cells, self.state.columns, strict=True):
            level = words.level_alone(cell)
            if level and column.role in ("score", "level"):
                self._level(level, row.place, column.year)
                given = True
        return given

    def _narrow_row(
        self, row: Row, columns: list[Column], values: Sequence[re.Match[str] | None], scores: list[bool]
    ) -> None:
        state = self.state
        subject: Mention | None = None
        given: list[tuple[str, str | None, int | None]] = []
        part = state.row_part or state.part
        row_year = self._row_year(row, columns)
        last_year: int | None = None
        lonely = [i for i, s in enumerate(scores) if s]
        name_at = -1
        for at, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
            if not cell or at == name_at:
                continue
            opened = subject is None or (subject.kind == "instrument" and not given)
            if opened and (found := self._sub_indicator(cell, words.join(row.cells[at + 1 : at + 2]))):
                subject, name_at = found, at + 1 if cell.endswith(found.id) else -1
                continue
            if subject is not None and subject.kind == "indicator" and not given and "คะแนน" not in cell:
                belongs = self.vocabulary.cell(cell)
                if belongs is not None and belongs.kind == "instrument":  # a column says whose indicator it is
                    part = words.part(cell) or belongs.id[3:] or part
                    continue
            if not scores[at]:
                label = next((c for c in reversed(row.cells[:at]) if c), "")
                level = words.level_alone(cell)
                of_total = row_year and given and given[-1][0] == "overall" and cell.startswith("(")
                if level and (of_total or re.fullmatch(r"ระดับ.{0,20}|ผล(?:การประเมิน)?|เกรด", label)):
                    self._level(level, row.place, row_year)
                    continue
                subject, part = self._subject(cell, subject, part, row.place)
                if column.role == "level" and (level := words.level_alone(cell)) and (
                    row_year or (subject and subject.kind == "overall")
                ):  # fmt: skip
                    self._level(level, row.place, column.year or row_year or last_year)
                elif len(cell) > 12 and subject is not None:
                    self._prose(cell, row.place, subject=subject, part=part)
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
            if column.own == "instrument" and subject.kind == "indicator" and state.instrument:
                target = Mention(0, 0, "instrument", state.instrument)
            elif column.own == "indicator" and state.indicator and any(subject.id == i for i, *_ in given):
                target = Mention(0, 0, "indicator", state.indicator)  # beside the score of its first item
            number = match[1].replace("−", "-") + match[2]
            change = column.role == "change" or bool(match[1])
            if change:
                if match[1] == "" and column.role != "change":
                    continue
                self._give(
                    target,
                    number,
                    row.place,
                    year=column.year or last_year or self._newest(columns),
                    part=own_part,
                    change=True,
                )
                continue
            year = column.year or row_year
            if (target.id, own_part, year) in given:
                if column.role != "score" or target.kind == "item":
                    continue
                note = "แถวนี้มีคะแนนมากกว่าหนึ่งตัวโดยหัวตารางไม่บอกว่าต่างกันอย่างไร"
                self._give(target, number, row.place, year=year, part=own_part, sure=False, note=note)
                continue
            unclear = (
                column.role == "unknown"
                and sum(scores[i] and columns[i].role == "unknown" for i in range(at + 1, len(scores))) > 0
                and not any(self._names_node(row.cells[i]) for i in range(at + 1, len(scores)))
            )
            note = "แถวนี้มีตัวเลขหลายตัวและไม่พบหัวตารางที่บอกปี" if unclear else ""
            self._give(target, number, row.place, year=year, part=own_part, sure=not unclear, note=note)
            given.append((target.id, own_part, year))
            last_year = year or last_year

    def _newest(self, columns: list[Column]) -> int | None:
        return max((c.year for c in columns if c.year), default=None)

    def _names_node(self, cell: str) -> bool:
        if not cell or words.WHOLE_NUMBER.match(cell):
            return False
        return (
            words.item_code(cell) is not None
            or self.vocabulary.cell(cell) is not None
            or words.is_average(cell)
            or any(m.kind == "overall" for m in self.vocabulary.mentions(cell))
        )

    def _late_subject(
        self, row: Row, columns: list[Column], at: int, lonely: list[int], row_year: int | None
    ) -> Mention | None:
        """What a number is of when nothing before it in the row says: the name after it, or the total of a year."""
        match = words.WHOLE_NUMBER.match(row.cells[at])
        others = [
            c for i, c in enumerate(row.cells) if c and i not in lonely and not words.years(c) and not words.agencies(c)
        ]
        if [c for c in others if not words.level_alone(c)]:
            row_year = None  # the row names something, though nothing we know
        told = columns[at].role == "score" or (match is not None and "." in match[2] and columns[at].role == "unknown")
        if row_year and told and len(lonely) <= 2:
            return Mention(0, 0, "overall", "overall")
        if match and "." in match[2] and len(lonely) == 1:
            after = [m for c in row.cells[at + 1 :] if c and (m := self.vocabulary.cell(c))]
            if len(after) == 1:
                return after[0]
        return None

    def _subject(
        self, cell: str, subject: Mention | None, part: str | None, place: str
    ) -> tuple[Mention | None, str | None]:
        """The node a text cell makes the row about, if it does."""
        state = self.state
        if subject is not None and subject.kind == "sub_indicator":
            return subject, part  # its items, or that the number is a mean
        if words.is_average(cell):
            if subject is not None and subject.kind == "instrument":
                return subject, part
            if state.indicator and (state.items_here or not state.instrument):
                return Mention(0, 0, "indicator", state.indicator), part
            if cell != "รวม" and state.instrument:
                return Mention(0, 0, "instrument", state.instrument), part
            return (Mention(0, 0, "overall", "overall"), None) if "รวม" in cell else (subject, part)
        if re.fullmatch(r"(?:ผล|ค่า)?คะแนน(?:ที่ได้|ที่ได้รับ)?", cell) and state.indicator and not state.columns:
            return Mention(0, 0, "indicator", state.indicator), part  # a card: its title named the indicator
        code = words.item_code(cell) or words.item_code(re.sub(r"^ข้อ(?:ที่)?\s*", "", cell))
        if code:
            return self._item(code), part
        digits = words.numbered_item(cell)
        if digits:
            return self._damaged_item(digits), part
        if subject is not None and subject.kind == "item":
            named = [m for m in self.vocabulary.mentions(cell) if m.kind in ("indicator", "instrument")]
            if not named or len(cell) > (named[0].end - named[0].start) + 18:
                return subject, part  # what the item is called, not another subject
        mentions = self.vocabulary.mentions(cell)
        mention = self.vocabulary.cell(cell) if len(cell) < 160 else None
        if mention is None:
            number = words.indicator_number(cell)
            if number and len(cell) < 40:
                mention = Mention(0, len(cell), "indicator", number)
        if mention is None and len(cell) < 60:
            mention = next((m for m in mentions if m.kind == "overall"), None)
            if mention is not None:
                for _, level in words.levels(cell):
                    self._level(level, place)
            if mention is None and subject is None and re.fullmatch(r"รวม|คะแนนรวมทั้งหมด|สรุป|ITA|คะแนน\s*ITA", cell):
                mention = Mention(0, len(cell), "overall", "overall")
        if mention is None:
            return subject, words.part(cell) or part if len(cell) < 40 else part
        if mention.kind == "instrument":
            state.instrument = mention.id[:3] if mention.id.startswith("EIT") else mention.id
            opened = (words.part(cell) or mention.id[3:] or None) if subject is None else state.row_part
            # parts listed one after the other are totals; a part followed by its indicators opens them
            state.row_part = None if opened == "2" and state.last_row == "EIT1" else opened
            state.last_row = f"EIT{opened}" if opened else mention.id
            own = words.part(cell) or (mention.id[3:] or None) or (part if mention.id == "EIT" else None)
            for inside in words.numbers(cell[mention.end :])[:1]:  # "IIT (95.76)": the score within the cell
                self._give(mention, inside.printed, place, part=own)
            return mention, own
        if mention.kind == "indicator":
            state.last_row = mention.id
            if mention.id not in ("6", "7", "8"):
                part = None
            state.indicator = mention.id
            rest = cell[mention.end :]
            inner = [n for n in words.numbers(rest) if words.leftover(rest[: n.start]) <= 3]
            if inner:
                self._give(mention, inner[0].printed, place, part=part)
        return mention, words.part(cell) or part

    def _sub_indicator(self, cell: str, following: str) -> Mention | None:
        """ "9.2" with its name, in the same cell or the next. Not sure when the name is another than the year's."""
        match = re.fullmatch(r"(?:ตัวชี้วัด(?:ย่อย)?|ย่อย)?(?:ที่)?\s*(\d{1,2}\.\d)(?:\.?\s+(\S.*))?", cell)
        framework = self.frameworks.get(self.state.year)
        node = framework.nodes.get(match[1]) if match and framework else None
        if match is None or node is None or node.kind != "sub_indicator":
            return None
        name = match[2] or following
        if len(name) < 5 or words.numbers(name):
            return None
        self.state.indicator = node.indicator
        return Mention(0, len(cell), "sub_indicator", node.id, sure=words.alike(name, node.label.th))

    def _sub_indicators(self, text: str) -> list[Mention]:
        """Every sub-indicator of the year that a text speaks of by its code and its name."""
        framework = self.frameworks.get(self.state.year)
        found = []
        for node in framework.nodes.values() if framework else ():
            if node.kind != "sub_indicator" or node.id not in text:
                continue
            for code in re.finditer(rf"(?<![\d.]){re.escape(node.id)}(?![\d.])\s*", text):
                name = re.match(r"[^\d(:=]*", text[code.end() :])
                if name and len(name[0].strip()) > 4 and words.begins(name[0], node.label.th):
                    found.append(Mention(code.start(), code.end() + len(thai.clean(node.label.th)), node.kind, node.id))
        return found

    def _item(self, code: tuple[str, str]) -> Mention:
        self.state.items_here = True
        letter, digits = code
        letter = "O" if letter == "o" else letter
        return Mention(0, 0, "item", f"{letter}{int(digits)}")

    def _damaged_item(self, digits: str) -> Mention | None:
        """ "ข้อ 11" may be i1 with its letter read as a digit, or i11; what the section is about decides."""
        framework = self.frameworks.get(self.state.year)
        instrument = self.state.instrument
        if framework is None or (instrument is None and self.state.indicator is None):
            return None
        owner = self.state.indicator
        nodes = [n for n in framework.nodes.values() if n.kind == "item" and n.item is not None]
        allowed = {n.item.id for n in nodes if n.item and (owner is None or n.indicator == owner)
                   and (owner is not None or (n.instrument or "").startswith(instrument or "?"))}  # fmt: skip
        letters = {i[0] for i in allowed}
        candidates = {f"{letter}{int(digits)}" for letter in letters}
        if len(digits) > 1:
            lead = {"i": "1", "e": "", "O": "0"}
            candidates |= {f"{letter}{int(digits[1:])}" for letter in letters if digits[0] == lead.get(letter)}
        if digits.startswith("0"):
            candidates = {f"{letter}{int(digits)}" for letter in letters}
        fitting = sorted(candidates & allowed)
        self.state.items_here = self.state.items_here or bool(fitting)
        if len(fitting) == 1:
            return Mention(0, 0, "item", fitting[0])
        return Mention(0, 0, "item", fitting[0], sure=False) if fitting else None

    # --- lines of text -------------------------------------------------------------------------------------------------

    def _line(self, text: str, place: str, *, in_table: bool = False) -> None:
        state = self.state
        if not in_table:
            state.head_fresh = False
            if state.table == 0 or not in_table:
                state.table = -1
        if words.is_scale(text):
            self._end_run()
            return
        if not re.search(r"[\w\u0e01-\u0e4e]", text):
            return
        alone = words.WHOLE_NUMBER.match(text)
        if alone:
            if float(alone[2]) <= 100:
                state.run.append((alone[1] + alone[2], place, None))
            return
        if level := words.level_alone(text):
            self._lonely_level(level, place)
            return
        if re.fullmatch(r"(?:พ\.?ศ\.?\s*)?25[4-9]\d", text):
            self._end_run()
            if not self.forced:
                state.year = words.years(text)[0][1]
            return
        if re.match(r"น้ำหนัก|weight", text, re.I):
            return
        first_digit = re.search(r"\d{1,3}\.\d|$", words.YEAR.sub("    ", text))
        others = _ELSEWHERE.search(text[: first_digit.start() if first_digit else 0])
        if others and not (words.numbers(text) and words.agencies(text[others.end() :])):
            self._end_run()
            state.elsewhere = not words.numbers(text)
            if not state.elsewhere:
                return
        elif words.agencies(text) or not words.numbers(text):
            state.elsewhere = False
        mentions = self.vocabulary.mentions(text)
        joined = f"{state.unfinished} {text}"
        continues = state.unfinished and not mentions and len(text) < 70
        if continues and len(self.vocabulary.mentions(joined)) > len(self.vocabulary.mentions(state.unfinished)):
            text, mentions = joined, self.vocabulary.mentions(joined)  # a name broken over two lines
            if state.run and not isinstance(state.run[-1][0], str):
                state.run.pop()
        digits = words.numbers(text)
        opening = state.run[-1][0] if state.run else None
        name = None if digits else self._lone_name(text, mentions)
        if name is None:
            self._end_run()
        self._set_scene(text, mentions, bool(digits))
        inside = self.vocabulary.indicators_of.get(state.instrument or "", ())
        for node, value in claims(text, mentions, state.instrument, inside):
            self._state_figure(node, value, place)
        state.unfinished = ""
        if digits:
            if not (self._item_line(text, place) or self._row_in_a_line(text, mentions, place)):
                opening = None if isinstance(opening, str) else opening
                first = digits[0]
                if opening is None and state.carried and first.marked and words.leftover(text[: first.start]) <= 4:
                    opening = state.carried
                self._prose(text, place, opening=opening)
            last = digits[-1].end
            open_names = [m for m in mentions if m.start >= last and m.kind in ("indicator", "instrument")]
            state.carried = open_names[-1] if open_names and len(text) - open_names[-1].end < 40 else None
            state.before = text[last:] if len(text) > 60 else ""
            return
        ended = [m for m in mentions if m.kind in ("indicator", "instrument")]
        state.carried = ended[-1] if name is None and ended and len(text) - ended[-1].end < 40 else None
        state.before = text if len(text) > 30 else ""
        self._levels(text, mentions, place)
        if name is not None:
            state.run.append((name, place, self._part_for(name)))
        if (name is None and len(text) < 90) or words.indicator_number(text):
            state.unfinished = text

    def _end_run(self) -> None:
        """Names and numbers each on its own line: which number is whose depends on which of them comes first."""
        run, self.state.run = self.state.run, []
        whole = [i for i, e in enumerate(run) if isinstance(e[0], str) and "." not in e[0]]
        ordinal = {
            i
            for i in whole
            if len(whole) > 1
            and i + 1 < len(run)
            and not isinstance(run[i + 1][0], str)
            and int(str(run[i][0])) <= len(run)
        }
        run = [e for i, e in enumerate(run) if i not in ordinal]  # "1", name, score
        after_name = [
            i for i, e in enumerate(run) if isinstance(e[0], str) and i and not isinstance(run[i - 1][0], str)
        ]
        before_name = [
            i
            for i, e in enumerate(run)
            if isinstance(e[0], str) and i + 1 < len(run) and not isinstance(run[i + 1][0], str)
        ]
        if not after_name and not before_name:
            return
        kinds = "".join("n" if isinstance(e[0], str) else "m" for e in run)
        if block := re.search(r"(m{2,})(n{2,})", kinds):
            names, values = run[block.start(1) : block.end(1)], run[block.start(2) : block.end(2)]
            if len(names) == len(values):
                for (mention, _, part), (value, place, _) in zip(names, values, strict=True):
                    if isinstance(value, str) and not isinstance(mention, str):
                        note = "ชื่ออยู่รวมกันและตัวเลขอยู่รวมกัน จับคู่ตามลำดับเท่านั้น"
                        self._give(mention, value, place, part=part, sure=False, note=note)
            return
        number_first = len(before_name) > len(after_name)
        unclear = len(before_name) == len(after_name) and isinstance(run[0][0], str)
        for at in before_name if number_first else after_name:
            mention, _, part = run[at + 1 if number_first else at - 1]
            value, place, _ = run[at]
            if isinstance(value, str) and not isinstance(mention, str):
                note = "ตัวเลขกับชื่ออยู่คนละบรรทัด และไม่ชัดว่าตัวใดคู่กับตัวใด" if unclear else ""
                self._give(mention, value, place, part=part, sure=not unclear, note=note)

    def _item_line(self, text: str, place: str) -> bool:
        """A line that opens with an item's code and ends with its score, or with one for each part."""
        code = words.item_code(text)
        if code is None:
            return False
        mention = self._item(code)
        found = words.numbers(text)
        said = words.parts(text)
        if len(said) == 2 and len(found) == 2:
            for part, number in zip(said, found, strict=True):
                self._give(mention, number.printed, place, part=part)
            return True
        if len(found) == 1 and re.fullmatch(r"\s*(?:คะแนน|%)?[\s)\].]*", text[found[0].end :]) and "." in found[0].text:
            self._give(mention, found[0].printed, place, part=self.state.part)
            return True
        return False

    def _part_for(self, mention: Mention) -> str | None:
        has_parts = mention.id == "EIT" or mention.id in self.vocabulary.indicators_of.get("EIT", ())
        return self.state.part if has_parts or mention.id.startswith("e") else None

    def _lone_name(self, text: str, mentions: list[Mention]) -> Mention | None:
        """The name a short line consists of, so that a number on the next line is its score."""
        if len(text) > 110:
            return None
        code = words.item_code(text)
        if code:
            return self._item(code)
        kinds = [m for m in mentions if m.kind != "overall"] or mentions
        if len(kinds) == 1 or (kinds and len({m.id for m in kinds}) == 1):
            rest = text[: kinds[0].start] + text[kinds[-1].end :]
            if words.leftover(re.sub(r"ตัวชี้วัด(?:ที่)?\s*\d+|^[\d.)\s]+", "", rest)) <= 12:
                return kinds[0]
            return None
        if mentions:
            return None
        mention = self.vocabulary.cell(text)
        if mention:
            return mention
        number = words.indicator_number(text)
        if number and len(text) < 60:
            return Mention(0, len(text), "indicator", number)
        if (
            re.search(r"คะแนน", text)
            and (words.agencies(text) or len(text) < 30)
            and not re.search(r"น้ำหนัก|เต็ม|เกณฑ์|รายตัวชี้วัด|ค่าเฉลี่ย", text)
        ):
            return Mention(0, len(text), "overall", "overall")
        return None

    def _set_scene(self, text: str, mentions: list[Mention], has_numbers: bool) -> None:
        """Headings: which instrument, part, indicator and year the following lines are about."""
        state = self.state
        short = len(text) < 130
        instruments = {m.id[:3] for m in mentions if m.kind == "instrument"}
        indicators = [m for m in mentions if m.kind == "indicator"]
        found_parts = set(words.parts(text))
        found_part = found_parts.pop() if len(found_parts) == 1 else None
        if len(instruments) == 1 and (short or not has_numbers):
            state.instrument = instruments.pop()
            state.part = found_part if state.instrument == "EIT" else None
            if not indicators:
                state.indicator = None
        elif found_part and short and state.instrument in ("EIT", None):
            state.part = found_part
        if len({m.id for m in indicators}) == 1 and short:
            state.indicator = indicators[0].id
            if state.indicator not in ("6", "7", "8"):
                state.part = None
        elif not indicators and short and (number := words.indicator_number(text)):
            state.indicator = number
            if number not in ("6", "7", "8"):
                state.part = None
        if short and re.search(r"ภาพรวม|เปรียบเทียบ|รายตัวชี้วัด|รายเครื่องมือ|10 ตัวชี้วัด", text) and not instruments:
            state.instrument = state.part = state.indicator = None
        found = {y for _, y in words.years(text)}
        if len(found) == 1 and short and not has_numbers and not self.forced:
            rest = re.sub(
                r"25\d\d|คะแนน|ผล|การประเมิน|ประเมิน|ITA|ประจำ|ปีงบประมาณ|ปี|พ\.?ศ\.?|สรุป|ของหน่วยงาน|ตาราง(?:ที่)?|[\d().:#]",
                "",
                text,
            )
            if len(thai.skeleton(rest)[0]) <= 4:
                state.year = found.pop()

    def _row_in_a_line(self, text: str, mentions: list[Mention], place: str) -> bool:
        """A line that is really a table row: one name, then nothing but numbers."""
        named = [m for m in mentions if m.kind in ("indicator", "instrument", "overall")]
        names = [m for m in named if m.kind == "indicator"] or [m for m in named if m.kind == "instrument"] or named
        if len({m.id for m in names}) != 1:
            return False
        mention = names[-1]
        rest = re.sub(r"^[\s:.\-()A-Za-z]*", "", text[mention.end :])
        pieces = rest.split()
        plain = [words.WHOLE_NUMBER.match(p) for p in pieces]
        if len(pieces) < 2 or not all(plain) or any(m and float(m[2]) > 100 for m in plain):
            return False
        cells = (text[: mention.end], *pieces)
        self._table_row(Row(cells, place, self.state.table if self.state.table > 0 else 0))
        return True

    # --- sentences -----------------------------------------------------------------------------------------------------

    def _prose(
        self, text: str, place: str, *, subject: Mention | None = None, opening: Mention | None = None,
        part: str | None = None,
    ) -> None:  # fmt: skip
        """Scores told in sentences: each number belongs to the last thing spoken of, if only connecting words lie between.

        ``subject`` is what the whole text is about (a table row); ``opening`` is the heading the text stands under.
        """
        mentions = self.vocabulary.mentions(text)
        for match in words.indicator_numbers(text):  # "ตัวชี้วัดที่ 5", with its name shortened or left out
            if not any(match.start() <= m.start <= match.end() + 4 for m in mentions):
                mentions.append(Mention(match.start(), match.end(), "indicator", match[1]))
        for code in words.item_codes(text):
            letter = code[1].lower()
            if re.match(r"\s*(?:ได้|มี|\(|=|:|คะแนน|เท่ากับ|\d)", text[code.end() :]) and not any(
                m.start <= code.start() < m.end for m in mentions
            ):
                mentions.append(
                    Mention(code.start(), code.end(), "item", ("O" if letter == "o" else letter) + str(int(code[2])))
                )
        inside = self._sub_indicators(text)
        mentions = inside + [m for m in mentions if all(m.end <= s.start or m.start >= s.end for s in inside)]
        found_years = words.years(text)
        events: list[tuple[int, int, object]] = [(m.start, 0, m) for m in mentions]
        events += [(at, 1, year) for at, year in (*found_years, *words.relative_years(text, self.state.year))]
        events += [
            (n.start, 2, n) for n in words.numbers(text) if all(n.end <= s.start or n.start >= s.end for s in inside)
        ]
        events.sort(key=lambda e: (e[0], e[1]))
        given_part = part
        active, spoken_at, used = subject or opening, 0, False
        year: int | None = None
        last_overall: int | None = None
        last_year = 0
        compared: list[int | None] = []  # the year before one that was named to compare with, for one number only
        claimed = 0  # up to here years have been taken by the number before them
        for at, kind, event in events:
            if kind == 0 and isinstance(event, Mention):
                gap = text[spoken_at:at]
                counted = re.search(r"\d\s*(?:คน|ชุด|ราย)", gap)  # how many answered was all that was to be told
                if (
                    event.kind == "overall"
                    and active is not None
                    and not (used or counted)
                    and words.leftover(gap) <= 6
                ):
                    continue
                if (
                    active is not None
                    and not used
                    and active.kind == "indicator"
                    and event.kind == "instrument"
                    and len(gap) < 4
                ):
                    continue
                owner = next((m for m in mentions if m.kind == "indicator" and m.id in ("6", "7", "8")), None)
                if owner is not None and owner.start < event.start and event.id in ("EIT1", "EIT2"):
                    event, part = Mention(event.start, event.end, "indicator", owner.id), event.id[3:]
                else:
                    part = given_part
                active, spoken_at, used = event, event.end, False
            elif kind == 1 and isinstance(event, int):
                if at >= claimed and (
                    not re.match(r"[^()]*\)", text[at:])
                    or not re.search(r"\(\s*(?:ใน)?\s*(?:ปี)?(?:งบประมาณ)?\s*(?:พ\.?ศ\.?)?\s*$", text[:at])
                ):
                    # a year in brackets speaks of the number before it only
                    compared = [year] if re.search(r"(?:กว่า|จาก|เทียบ|กับ|ขณะที่)[^\d]{0,24}$", text[:at]) else []
                    year = event
                    used = False
            elif isinstance(event, words.Number):
                before = text[:at]
                said = text[spoken_at:at]
                if active is not None and (words.part(said) or re.search(r"\b[Aa]vg|เฉลี่ย", said)):
                    told_part = words.part(said) or ""  # an average is of no part
                    used = used and told_part == part
                    part = told_part
                told_year, year_end = self._year_after(text, event)
                own_year, claimed = told_year or year, max(claimed, year_end)
                risen = active is not None and not told_year and re.search(r"จาก(?:เดิม)?\s*(?:ร้อยละ)?\s*$", before)
                if risen and (own_year is None or words.goes_on_to(text[event.end :])):
                    own_year = (own_year or self.state.year) - 1  # "from 85.25 to 92.46"
                if active is not None and re.search(r"[x×*]\s*\d*\.?\d+\s*%?\s*\)?\s*=\s*$", before):
                    active, used = Mention(at, at, "overall", "overall"), False  # the sum of weighted scores
                if self._is_change(before[-60:]):
                    if re.search(r"คะแนน|%|^\s*$", text[event.end : event.end + 12]) and (
                        active is None or active.kind == "overall" or used
                    ):
                        self._change_told(event, before, active, place, year, part, found_years)
                        if compared:
                            year = compared.pop()
                    continue
                near = active is not None and not used and words.leftover(text[spoken_at:at]) <= 6
                if (
                    active is not None and near and active.kind != "overall"
                ):  # what was said before the name is of no matter
                    others = words.of_others(said) or words.counts(text[: active.start])
                else:
                    others = words.of_others(text[max(0, active.start - 25) : at] if active and near else before)
                if others:
                    continue
                if (
                    used
                    and active is not None
                    and re.search(r"(?:เป็น|เหลือ|อยู่ที่)\s*(?:ร้อยละ)?\s*$", before)
                    and (own_year or self.state.year) != last_year
                ):
                    used = False  # "from … (last year) to …"
                if active is not None and not used:
                    spare = words.leftover(self._without_name(active, text[spoken_at:at]))
                    if spare <= (10 if event.marked else 3):
                        own_part = self._prose_part(active, text[:at]) if part is None else part
                        given = self._give(active, event.printed, place, year=own_year, part=own_part)
                        used, spoken_at, last_year = True, event.end, own_year or self.state.year
                        if compared:
                            year = compared.pop()
                        if active.kind == "overall":
                            last_overall = own_year or self.state.year
                            if given is not None and subject is None:
                                self.rivals[given] = self._tells_own(before)
                        continue
                    if spare <= 22 and event.marked and active.kind != "overall":
                        note = "ระหว่างชื่อกับตัวเลขมีข้อความอื่นคั่น"
                        self._give(
                            active,
                            event.printed,
                            place,
                            year=own_year,
                            part=self._prose_part(active, text[:at]) if part is None else part,
                            sure=False,
                            note=note,
                        )
                        used = True
                        continue
                after = self._name_after(text, event, mentions) if active is None or used else None
                if after is not None:
                    self._give(after, event.printed, place, year=own_year, part=self._prose_part(after, text[:at]))
                    continue
                if (
                    subject is None
                    and (event.marked or last_overall is not None)
                    and self._tells_total(text, event, mentions, compared=bool(last_overall is not None and own_year))
                ):
                    again = last_overall == (own_year or self.state.year)
                    self._tell_total(event.printed, place, own_year, before, again=again)
                    if not again:
                        last_overall = own_year or self.state.year
                        used, spoken_at = True, event.end
                        if compared:
                            year = compared.pop()
        if subject is None:
            self._levels(text, mentions, place)

    def _without_name(self, mention: Mention, gap: str) -> str:
        """A gap without the indicator's own name, in case only its number was recognised ("ตชว.9 เปิดเผยข้อมูล")."""
        if mention.kind != "indicator":
            return gap
        names = sorted((n.text for n in self.vocabulary.names if n.id == mention.id and n.kind == "indicator"), key=len)
        for name in reversed(names):
            gap = gap.replace(name, " ").replace(name.removeprefix("การ"), " ")
        return gap

    def _prose_part(self, mention: Mention, before: str) -> str | None:
        if mention.kind == "instrument" and len(mention.id) == 3:
            return words.part(before[mention.start :])
        return self._part_for(mention)

    @staticmethod
    def _year_after(text: str, number: words.Number) -> tuple[int | None, int]:
        """The year told right after a number, in brackets or as "คะแนน ในปี", and where it ends."""
        year = r"(?:ปี)?(?:งบประมาณ)?\s*(?:พ\.?\s?ศ\.?)?\s*(25\d\d)"
        match = re.compile(
            rf"\s*(?:คะแนน|%)?\s*(?:\(\s*(?:ใน)?\s*{year}\s*\)|(?:ใน|เมื่อ)\s*(?=ปี){year}(?![^\d]{{0,30}}\d{{1,3}}\.\d))"
        ).match(text, number.end)
        return (int(match[1] or match[2]), match.end()) if match else (None, 0)

    @staticmethod
    def _name_after(text: str, number: words.Number, mentions: list[Mention]) -> Mention | None:
        """The indicator whose score was told before its name: "ได้ 100 คะแนน ในด้าน…", and no number after that."""
        following = next((m for m in mentions if m.start >= number.end), None)
        if following is None or following.kind not in ("indicator", "instrument"):
            return None
        between = r"\s*(?:คะแนน|points?)\s*(?:เต็ม)?\s*(?:ใน|for|in)?\s*(?:ตัวชี้วัด(?:ที่)?|ด้าน|เรื่อง)\s*(?:\d{1,2}\.?)?\s*"
        told_before = re.fullmatch(between, text[number.end : following.start])
        return following if told_before and not re.match(r"[^\d]{0,30}\d", text[following.end :]) else None

    @staticmethod
    def _is_change(before: str) -> bool:
        before = words.YEAR.sub(" ", before)
        return bool(re.search(r"(?:เพิ่มขึ้น|ลดลง|สูงขึ้น|ดีขึ้น|ต่ำลง)[^\d]{0,48}$", before)) and not re.search(
            r"(?:เป็น|ได้|ได้คะแนน|เท่ากับ|จาก|จากเดิม|เหลือ|(?:จาก|กว่า)[^\d]*(?:ที่|ซึ่ง)(?:ระดับ|ได้)?(?:คะแนน)?)\s*(?:ร้อยละ)?\s*$",
            before,
        )

    def _change_told(
        self, number: words.Number, before: str, active: Mention | None, place: str, year: int | None, part: str | None,
        found_years: list[tuple[int, int]],
    ) -> None:  # fmt: skip
        down = re.findall(r"เพิ่มขึ้น|ลดลง|สูงขึ้น|ดีขึ้น|ต่ำลง", before[-70:])[-1] in ("ลดลง", "ต่ำลง")
        sign = "-" if down else "+"
        spoken = [y for at, y in found_years if at < number.start]
        when = max(spoken) if spoken else self.state.year
        since = re.search(r"(?:เพิ่มขึ้น|ลดลง|สูงขึ้น|ดีขึ้น|ต่ำลง)[^\d]{0,30}(?:จาก|กว่า)[^\d]{0,20}(25\d\d)", before[-80:])
        if since:
            if int(since[1]) != self.state.year - 1:
                return  # against another year than the last: not a change of this kind
            when = self.state.year
        self._give(
            active or Mention(0, 0, "overall", "overall"), sign + number.text, place, year=when or year, part=part, change=True
        )  # fmt: skip

    def _tell_total(self, value: str, place: str, year: int | None, before: str, *, again: bool) -> None:
        """A total that a sentence tells without naming it. ``again``: it told one of that year before, so neither is clear."""
        if again:
            self.rivals[Figure(year or self.state.year, "overall", value, place)] = False
            return
        named = self.agency is not None
        total = Mention(0, 0, "overall", "overall")
        given = self._give(total, value, place, year=year, sure=named, note="" if named else _NO_AGENCY)
        if given is not None:
            self.rivals[given] = self._tells_own(before)

    def _tells_own(self, before: str) -> bool:
        """Whether the words before a number name the agency the document is about."""
        return self.agency is not None and thai.squeeze(self.agency) in thai.squeeze(f"{self.state.before} {before}")

    def _tells_total(self, text: str, number: words.Number, mentions: list[Mention], *, compared: bool) -> bool:
        """Whether a sentence without a named subject gives the agency's total.

        ``compared`` says that it gave one already, and names the year of this number.
        """
        before = text[: number.start]
        if any(m.start < number.start and m.kind in ("indicator", "item", "instrument") for m in mentions):
            return False
        told = f"{self.state.before} {before}" if self.state.carried is None else before
        about_ita = re.search(r"ITA|ความโปร่งใส|ประเมิน|ภาพรวม|คะแนนรวม|[Ii]ntegrity|[Aa]ssess", told)
        if not (about_ita or words.agencies(told)) or not words.overall_cue(before):
            return False
        return words.opens_total(before, compared=compared) or (
            "." in number.text and words.closes_total(before, text[number.end :])
        )

    # --- levels and claims -----------------------------------------------------------------------------------------------

    def _level(self, level: str, place: str, year: int | None = None, *, of_agency: bool = True) -> None:
        year = year or self.state.year
        framework = self.frameworks.get(year)
        if level in ("ผ่าน", "ไม่ผ่าน") and framework is not None and "ผ่าน" not in framework.bands:
            node = "pass"
        else:
            node = "level"
        self._state_figure(node, level, place, year, doubt="" if of_agency else _NO_AGENCY)

    def _levels(self, text: str, mentions: list[Mention], place: str) -> None:
        found_years = words.years(text)
        for at, level in words.levels(text):
            before = [m for m in mentions if m.start < at]
            if (
                before
                and before[-1].kind in ("indicator", "item", "instrument")
                and not re.search("ภาพรวม", text[before[-1].end : at])
            ):
                if at - before[-1].end < 90 and before[-1].kind != "instrument":
                    continue
                if before[-1].kind == "instrument" and at - before[-1].end < 60:
                    continue
            spoken = [y for p, y in found_years if p < at]
            told_year = None if self.forced else (spoken[-1] if spoken else None)
            self._level(level, place, told_year, of_agency=self.agency is not None)
        verdict = re.search(
            r"(?:ผลการประเมิน|ผลประเมิน)\s*(?:คือ|:|อยู่ในเกณฑ์)?\s*[“\"']?(ไม่ผ่าน|ผ่านดีเยี่ยม|ผ่านดี|ผ่าน)(?!\s*เกณฑ์|[กดต])", text
        )
        if verdict:
            self._level(verdict[1], place)

    def _lonely_level(self, level: str, place: str) -> None:
        framework = self.frameworks.get(self.state.year)
        if (framework is not None and (level in framework.bands or level in ("ผ่าน", "ไม่ผ่าน"))) or (
            framework is not None and level.isascii() and len(level) <= 2
        ):
            self._level(level, place)


def _doubted(figures: list[Figure], rivals: Mapping[Figure, bool]) -> list[Figure]:
    """The figures, those unsure that cannot all be right.

    Three different values for one thing are no slip of the writer but of the reader. Of totals told in sentences without
    being called so, those are right that a clear total confirms, or else that speak of the agency by its name.
    """
    values: dict[tuple[int, str], set[str]] = {}
    clear: dict[int, set[str]] = {}
    for figure in figures:
        if figure.sure:
            values.setdefault((figure.fiscal_year, figure.node), set()).add(figure.value)
            if figure.node == "overall" and figure not in rivals:
                clear.setdefault(figure.fiscal_year, set()).add(figure.value)
    told: dict[int, dict[str, bool]] = {}
    for figure, own in rivals.items():
        of_year = told.setdefault(figure.fiscal_year, {})
        of_year[figure.value] = own or of_year.get(figure.value, False)

    def why(figure: Figure) -> str:
        if len(values[figure.fiscal_year, figure.node]) > 2:
            return "อ่านได้หลายค่าที่ต่างกันมาก"
        if figure in rivals:
            of_year = told[figure.fiscal_year]
            right = clear.get(figure.fiscal_year) or {v for v, own in of_year.items() if own} or set(of_year)
            if figure.value not in right or len(right) > 1:
                return "ข้อความบอกคะแนนไว้หลายค่า ไม่ชัดว่าค่าใดเป็นคะแนนรวมของหน่วยงาน"
        return ""

    return [replace(f, sure=False, note=note) if f.sure and (note := why(f)) else f for f in figures]
