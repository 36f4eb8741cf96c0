"""From rows to figures: what each number is the score of.

The reader walks the rows once, keeping in mind the year, the instrument, the part, the indicator and the table head it
is under. A number is bound to a node when a name, a code or a heading says so; when two readings are possible the
figure is given as unsure, with the reason, and is left out of every calculation.
"""

import re
import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from prongsai.framework import Framework
from prongsai.intake import words
from prongsai.intake.agencies import agencies, family_of
from prongsai.intake.believing import believe
from prongsai.intake.blocks import blocks_of, owners_of, without_menus, without_pages
from prongsai.intake.claims import claims
from prongsai.intake.columned import columned
from prongsai.intake.comments import without_comments
from prongsai.intake.english_names import with_indicators
from prongsai.intake.files import Row
from prongsai.intake.folding import (
    amended,
    dated,
    listed,
    refolded,
    scored,
    tabulated,
    unbroken,
    unindented,
    without_weights,
)
from prongsai.intake.gaps import without_gaps
from prongsai.intake.ledger import Ledger
from prongsai.intake.levels import PASSED
from prongsai.intake.paired import with_pairs
from prongsai.intake.reading import LETTERS_A_SECOND, NamedYear, Reading
from prongsai.intake.runs import Run
from prongsai.intake.sentences import Sentences
from prongsai.intake.short_names import with_kinds, with_kinds_of_columns, with_kinds_of_titles, with_names
from prongsai.intake.stacked import rejoined, stacked
from prongsai.intake.subject import is_of_plan, main_agency, main_year, named_years
from prongsai.intake.tables import Tables
from prongsai.intake.vocabulary import Mention
from prongsai.intake.wrapped import unwrapped
from prongsai.intake.yearly import with_years
from prongsai.lib import sandbox, thai


def figures_of(
    rows: Sequence[Row], frameworks: Mapping[int, Framework], fiscal_year: int | None = None, *, is_paper: bool = False
) -> list[Reading]:
    """Figures of rows, one Reading an agency. ``fiscal_year`` overrides what they seem to say. ``is_paper``: the
    product wrote the document, of one agency, so that two values of one thing are a mistake and no doubt. Rows without
    any score give one Reading without figures."""
    cleaned = with_kinds(with_names(with_kinds_of_columns(without_pages(without_menus(_cleaned(rows))))))
    reader = _Reader(cleaned, frameworks, fiscal_year, is_paper=is_paper)
    return believe(reader.readings(), rows, frameworks, fiscal_year)


def find_fiscal_year(rows: Sequence[Row]) -> NamedYear | None:
    """The fiscal year whose results the rows of a file are about, whether or not there are rules of it, with the place
    that says so and whether that is sure; None when they name none."""
    cleaned = without_menus(_cleaned(rows))
    year = main_year(cleaned)
    named = next((n for n in named_years(cleaned) if n.year == year), None)
    return named or (NamedYear(year, 0, "", False) if year else None)


def _cleaned(rows: Sequence[Row]) -> list[Row]:
    """Rows in one spelling; a cell of a table is read as far as a line is."""
    rows = unindented(_with_points(rows))
    return [
        amended(Row(tuple(_repaired(c if len(r.cells) == 1 else c[:_LONGEST]) for c in r.cells), r.place, r.table))
        for r in rows
    ]


def _with_points(rows: Sequence[Row]) -> Sequence[Row]:
    """Rows whose decimals all have commas ("86,92") with points."""
    texts = [thai.clean(c) for row in rows for c in row.cells]
    if any(_WITH_POINT.search(t) for t in texts) or sum(len(_WITH_COMMA.findall(t)) for t in texts) < _LEAST_COMMAS:
        return rows
    return [replace(r, cells=tuple(_WITH_COMMA.sub(r"\1.\2", thai.clean(c)) for c in r.cells)) for r in rows]


def _repaired(text: str) -> str:
    return words.with_digits(
        words.without_pictures(
            _QUOTED.sub("", thai.untorn(thai.am_of_gaps(thai.single_clusters(_pointed(text)))).strip())
        )
    )


def _pointed(text: str) -> str:
    """A text in one spelling, with a colon for the mark that points to a number."""
    return _POINTS_TO.sub(" : ", thai.clean(text))


_POINTS_TO = re.compile(r"\s{1,3}[»›❯▸►]\s{0,3}(?=\d)")
_LONGEST = 3000  # letters read as one line
# somebody else's scores, or wishes, when it stands before the first number of a line
_ELSEWHERE = re.compile(
    r"(?:ทั้ง|ระดับ|ทั่ว|ของ|ค่าเฉลี่ย)ประเทศ|ตัวชี้วัดความสำเร็จ|^[^\d]{0,40}เป้าหมาย|คาดการณ์"
    r"|เฉลี่ย(?:(?:ตาม|ราย|แยก|ของแต่ละ)[^\d]{0,6}|(?:ของ|ทั้ง|ทั่ว|ใน|ระดับ)?)(?:ประเภท|จังหวัด|อำเภอ|ภาค(?!ส่วน)|กลุ่ม|สังกัด|กระทรวง)"
)
_ENDS = re.compile(
    r"\d\.\d|(?<!\d)\d{2,3}\s{0,3}(?:(?:คะแนน|%)(?!ขึ้นไป)|[\s)\]]{0,3}$)"
)  # with the number that a line is about
_LIMIT = re.compile(r"(?<!\d)\d{2,3}\s{0,3}(?:คะแนน|%)?\s{0,3}ขึ้นไป[\s)\]]{0,3}$")  # so that the wish is complete
_RANK = re.compile(
    r"(?:อันดับ|ลำดับ)(?:ที่)?\s{0,3}\d{1,4}\s{0,3}(?:จาก|ใน|ของ)"
)  # among others, whose scores it tells nothing of
_OF_EACH = re.compile(r"ราย(?:ตัว|ข้อ|เครื่อง|แบบ|หน่วย|ปี)|แต่ละ|ดังนี้|ดังต่อไปนี้")
_OF_PART_OF_YEAR = re.compile(
    r"\s{0,9}(?:[-•*·▪–]\s{0,3})?(?:\(?\d{1,2}[.)]\s{0,3})?(?:ผล)?\s?(?:ไตรมาส|รอบ\s?\d{1,2}\s?เดือน|Q[1-4]\b)"
)
_OF_PLACE = re.compile(
    r"[^\d\u0e01-\u0e4e]{0,9}(?:\d{1,2}[.)]\s{0,3})?(?:คะแนน|ผล)?(?:ใน)?ภาพรวม(?:ของ|ระดับ|ทั้ง)?\s?(?:จังหวัด|อำเภอ|ภาค(?!ส่วน)|กลุ่ม|กระทรวง)"
)
_OF_REHEARSAL = re.compile(
    r"ประเมิน(?:ผล)?(?:\s?ITA\s?)?(?:ด้วย)?ตน?เอง|จำลองการประเมิน|ทดสอบ(?:ระบบ|การประเมิน)|ก่อน(?:รับ|การ)(?:การ)?ประเมิน|คาดการณ์|mock",
    re.I,
)
_OF_ANSWERS = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2}){0,2}[.)]?\s{0,9})?(?:จำนวน|ลักษณะ|ข้อมูล)[^\d]{0,20}ผู้ตอบ(?!.{0,60}คะแนน)"
)
_OF_RESULTS = re.compile(
    r"[^\d]{0,20}(?:ผล(?:การดำเนินงาน|การประเมิน|คะแนน|ที่ได้|ลัพธ์)|ปัจจุบัน)"
)  # after wishes, what was reached
_ONLY_COUNTS = re.compile(
    r"\(?[^\d:=]{0,40}\d{1,3}(?:,?\d{3}){0,2}(?:\s{0,3}(?:จาก|/|ใน)[^\d]{0,12}\d{1,3}(?:,?\d{3}){0,2})?\s{0,3}(?:คน|ราย|ชุด|ข้อ)\)?"
)
_COUNT = re.compile(
    r"\s{0,3}[:=]?\s{0,3}(?:จำนวน\s{0,3})?\d{1,3}(?:,?\d{3}){0,2}\s{0,3}(?:คน|ราย|ชุด)"
)  # of who answered
_NO_SECTION = re.compile(r"\d{2,3}\.\d{1,4}")  # "3.2" may number what follows
_SHORTEST_SPEECH = 40  # letters of a row that is what somebody says, as minutes have it
_OPENING = 14  # letters of a line that opens with a part of a survey
_ONLY_UNIT = re.compile(r"\s{0,20}(?:คะแนน|%)?[\s)\].]{0,20}")
_SUM = re.compile(r"รวม(?:ทั้งสิ้น|ทั้งหมด|เป็น|ได้)?\s{0,20}[:=]?\s{0,20}(\d{1,3}(?:\.\d{1,10})?)\s{0,20}(?:คะแนน|%)?")
_QUOTED = re.compile(r"^(?:>\s{0,3}){1,5}")  # of a mail that is answered
_WITH_POINT, _WITH_COMMA = re.compile(r"\d\.\d\d"), re.compile(r"(?<![\d.,])(\d{1,3}),(\d{2})(?![\d.,])")
_LEAST_COMMAS = 3  # numbers that make it a way of writing
_BY_NUMBER, _LEAST_NUMBERED = re.compile(r"[(\[]?(?<!\d)(\d{1,2})[)\].:]\s{0,9}(\d{1,3}\.\d{1,4})(?!\d)"), 5
_UNIT = re.compile("คะแนน|points?", re.I)
_MARKS = " |:·–-"  # that set cells apart
_CHANGE = r"\(?\s{0,3}[▲▼△▽↑↓+−-]\s{0,3}\d{1,2}\.\d{1,4}\s{0,3}\)?"
_DATED = re.compile(  # "ปี 2567: 91.30 ▲ 4.02", under a name and its number
    rf"\(?\s{{0,3}}(?:{_CHANGE}\s{{0,3}})?(?:จาก|เทียบ|ผล|คะแนน|ของ){{0,3}}\s{{0,3}}(?:ปี(?:งบประมาณ)?\s{{0,3}}(?:พ\.?\s?ศ\.?\s{{0,3}})?(?P<year>25[4-9]\d)"
    r"|ปีก่อน(?:หน้า)?|ปีที่แล้ว|ปีที่ผ่านมา)\s{0,3}(?:[:=–—(]|ได้|อยู่ที่){0,2}\s{0,3}(?P<number>\d{2,3}\.\d{1,4})(?:\s{0,3}คะแนน)?\s{0,3}"
    rf"(?:{_CHANGE})?\s{{0,3}}\)?"
)
_YEAR_AND_NUMBER = re.compile(
    r"(?:ปี\s?)?(?:พ\.?ศ\.?\s?)?(25[4-9]\d)\s{0,3}[:=(]?\s{0,3}(?<![\d.])(\d{1,3}\.\d{1,4})(?![\d.])\s{0,3}(?:คะแนน)?\)?"
)
_LONGEST_LEAD = 16  # letters
_SEVERAL, _WHICH = 2, "บรรทัดนี้มีตัวเลขหลายตัว และไม่พบหัวที่บอกว่าต่างกันอย่างไร"
_OF_SECTION = "ไม่ชัดว่าเป็นคะแนนรวมของหน่วยงาน หรือผลรวมของส่วนที่อยู่เหนือบรรทัดนี้"


class _Reader:
    def __init__(
        self, rows: Sequence[Row], frameworks: Mapping[int, Framework], fiscal_year: int | None, *, is_paper: bool
    ) -> None:
        self.ledger = Ledger(frameworks, fiscal_year, main_agency(rows), main_year(rows) or 0, is_paper=is_paper)
        self.ledger.is_of_plan = not is_paper and not fiscal_year and is_of_plan(rows, self.ledger.main_year)
        self.codes = self.ledger.vocabulary.codes
        self.ledger.names_ours = any(re.search(self.codes.own_names, c) for row in rows for c in row.cells)
        vocabulary = self.ledger.vocabulary
        rows = tabulated(columned(unwrapped(unbroken(rows), vocabulary), vocabulary))
        for fold in (
            without_gaps,
            with_kinds_of_titles,
            with_indicators,
            with_years,
            with_pairs,
            without_weights,
            stacked,
            rejoined,
            refolded,
            dated,
            listed,
            scored,
        ):
            rows = fold(rows, vocabulary)
        self.rows = without_comments(rows, self.codes)
        self.levels = self.ledger.vocabulary.levels
        self.scene = self.ledger.scene
        self.run = Run(self.ledger)
        self.sentences = Sentences(self.ledger)
        self.tables = Tables(self.ledger, self.sentences, self.run)

    def readings(self) -> list[Reading]:
        started, letters = time.process_time() + sandbox.base_seconds(), 0
        blocks = blocks_of(self.rows, self.ledger.agency, self.levels.stated, self.ledger.main_year)
        owners = owners_of(self.rows)
        for at, (row, block) in enumerate(zip(self.rows, blocks, strict=True)):
            opened = block is not self.ledger.block
            if opened:
                if not self._names_number_above(row):
                    self.run.end()
                self.ledger.enter(block)
            letters += sum(map(len, row.cells))
            sandbox.allow_until(started + letters / LETTERS_A_SECOND)
            filled = [c for c in row.cells if c]
            if not filled:
                continue
            self.ledger.row_agency, self.ledger.line = owners.get(at), words.join(row.cells)
            if self._is_number_with_level(filled):
                for piece in filled:
                    self._line(piece.strip(_MARKS), row.place)
            elif len(row.cells) > 1 and len(filled) > 1:
                if not self.tables.read(row):
                    self._line(words.join(row.cells)[: 2 * _LONGEST], row.place, in_table=row.table > 0)
            elif len(filled[0]) > _LONGEST:
                for piece in textwrap.wrap(filled[0], _LONGEST, break_long_words=True):
                    self._line(piece, row.place)
            else:
                self._line(filled[0], row.place, in_table=row.table > 0 and len(row.cells) > 1)
            self.scene.headed = opened
        self.run.end()
        readings = [
            Reading(agency, sorted({f.fiscal_year for f in figures if f.fiscal_year}, reverse=True), figures)
            for agency, figures in self.ledger.figures().items()
        ]
        readings.sort(key=lambda r: r.agency != self.ledger.agency)  # the one that the document is about comes first
        return readings or [Reading(self.ledger.agency, [self.scene.year] if self.scene.year else [], [])]

    def _is_number_with_level(self, filled: Sequence[str]) -> bool:
        """Whether cells are the number of the name on the line above, and its level."""
        if len(filled) != _SEVERAL or self.run.last_name is None:
            return False
        number = self.levels.whole_number.match(filled[0].strip(_MARKS))
        return number is not None and "." in number[2] and self.levels.alone(filled[1].strip(_MARKS)) is not None

    def _names_number_above(self, row: Row) -> bool:
        """Whether a heading is no heading but what a number alone above it is: a card."""
        is_open = len(self.run.lines) == 1 and isinstance(self.run.lines[0][0], str) and sum(map(bool, row.cells)) == 1
        text = next(filter(None, row.cells), "")
        return is_open and self._lone_name(text, self.ledger.vocabulary.mentions(text)) is not None

    def _line(self, text: str, place: str, *, in_table: bool = False) -> None:
        scene = self.scene
        if not in_table:
            self.tables.interrupt()
        if self.run.lines and _ONLY_COUNTS.fullmatch(text):
            return  # how many answered, on a card with a name and its number
        if self.run.has_pair and (dated := _DATED.fullmatch(text)) and (year := self._year_of(dated)):
            self.run.dated.append((len(self.run.lines), year, (dated["number"], place, None)))
            return
        if self._stands_alone(text, place) or self._is_elsewhere(text):
            return
        self._set_topic(text, in_table=in_table)
        scene.of_answers = bool(_OF_ANSWERS.match(text)) or (
            scene.of_answers and (in_table or bool(words.numbers(text)))
        )
        text, mentions = self._join_unfinished(text)
        digits = words.numbers(text)
        opening = self.run.last_name
        name = None if digits else self._lone_name(text, mentions)
        if name is None:
            self.run.end()
        self._set_scene(text, mentions, bool(digits))
        self._state_claims(text, mentions, place)
        scene.unfinished = ""
        if digits:
            self._line_of_figures(text, place, mentions, opening)
        else:
            self._line_of_text(text, place, mentions, name)

    def _indicators_of(self, text: str) -> set[str]:
        return {m.id for m in self.ledger.vocabulary.mentions(text) if m.kind == "indicator"}

    def _year_of(self, dated: re.Match[str]) -> int:
        """The year of a line that says it beside a number; 0 where the document says none."""
        return int(dated["year"] or (self.scene.year and self.scene.year - 1))

    def _stands_alone(self, text: str, place: str) -> bool:
        """A line that is nothing but a number, its unit, a level or a year; or that says nothing of a result."""
        if self.levels.explains(text) and len(self._indicators_of(text)) < _SEVERAL:
            self.run.end()
            return True
        if not re.search(r"[\w\u0e01-\u0e4e]", text):
            return True
        if alone := self.levels.whole_number.match(text):
            self._lonely_number(alone, text, place)
            return True
        if _UNIT.fullmatch(text) and len(self.run.lines) == 1 and isinstance(value := self.run.lines[0][0], str):
            self._lonely_total(value, self.run.lines.pop()[1])
            return True
        if level := self.levels.alone(text):
            if len(self.run.lines) == 1 and isinstance(value := self.run.lines[0][0], str):
                self._lonely_total(value, self.run.lines.pop()[1])  # a number, and under it its level
            self._lonely_level(level, place)
            return True
        if words.is_year(text):
            self.run.end()
            return True
        return re.match(r"น้ำหนัก|weight", text, re.I) is not None

    def _lonely_number(self, alone: re.Match[str], text: str, place: str) -> None:
        """A line with a number alone: the total under the heading that says whose result or of which year, or one of a
        run of lines."""
        scene = self.scene
        of_page = scene.headed and "คะแนน" in text and "." in alone[2] and float(alone[2]) <= 100
        if (of_page or self._follows_result(alone[2], text)) and scene.instrument is scene.indicator is None:
            self._lonely_total(alone[2], place)
        elif (name := self._name_before()) and _NO_SECTION.fullmatch(alone[2]) and float(alone[2]) <= 100:
            scene.carried = None
            self.ledger.give(name, alone[1] + alone[2], place, part=self.ledger.part_for(name))
        elif float(alone[2]) <= 100:
            self.run.lines.append((alone[1] + alone[2], place, None))

    def _name_before(self) -> Mention | None:
        """The node whose name ends the sentence of the line before: its number goes on here."""
        scene = self.scene
        name = scene.carried if not self.run.lines else None
        return name if name and scene.before and name.end >= len(scene.before.rstrip(" :=")) else None

    def _is_elsewhere(self, text: str) -> bool:
        """Whether a line is of others, or of wishes, and complete; one without its number opens them."""
        scene = self.scene
        if words.numbers(text) and (_OF_PART_OF_YEAR.match(text) or self._is_of_place(text)):
            return True
        reached = words.without_wishes(text)
        first_digit = re.search(r"\d{1,3}\.\d|$", words.YEAR.sub("    ", reached))
        others = _ELSEWHERE.search(reached[: first_digit.start() if first_digit else 0])
        if others and not (words.numbers(text) and agencies(text[others.end() :])):
            self.run.end()
            is_limit = (_LIMIT.search(text) and not _OF_EACH.search(text)) or _RANK.search(text)
            scene.elsewhere = not (is_limit or _ENDS.search(words.YEAR.sub(" ", text)))
            return not scene.elsewhere
        if any(family_of(a) != "place" for a in agencies(text)) or not words.numbers(text) or _OF_RESULTS.match(text):
            scene.elsewhere = False
        return False

    def _is_of_place(self, text: str) -> bool:
        """Whether a line begins with what a province, a district or a group reached as a whole, and the document is of
        another agency."""
        own = self.ledger.whose
        return own is not None and family_of(own) != "place" and _OF_PLACE.match(text) is not None

    def _join_unfinished(self, text: str) -> tuple[str, list[Mention]]:
        """A line with its mentions; with the line before, where a name is broken over the two."""
        vocabulary, unfinished = self.ledger.vocabulary, self.scene.unfinished
        mentions = vocabulary.mentions(text)
        joined = f"{unfinished} {text}"
        continues = unfinished and not mentions and len(text) < 70
        if not continues or not vocabulary.completes(unfinished, joined):
            return text, mentions
        if self.run.last_name:
            self.run.lines.pop()
        return joined, vocabulary.mentions(joined)

    def _state_claims(self, text: str, mentions: list[Mention], place: str) -> None:
        """What a line says of nodes without their scores: that they are full, the highest, below the target."""
        scene = self.scene
        inside = self.ledger.vocabulary.indicators_of.get(scene.instrument or "", ())
        framework = self.ledger.frameworks.get(scene.year)
        target = Decimal(framework.rules.target.points) if framework else None
        of_all = self.codes.all_indicators
        for node, value in claims(text, mentions, scene.instrument, inside, of_all=of_all, target=target):
            self.ledger.state(node, value, place)

    def _line_of_figures(self, text: str, place: str, mentions: list[Mention], opening: Mention | None) -> None:
        """A line with numbers: of one of the shapes that are known, or a sentence."""
        scene, digits = self.scene, words.numbers(text)
        is_shaped = (
            self._bare_numbers(text, place, opening)
            or self._history_line(text, place, mentions)
            or self._numbered_line(text, place)
            or self._sum_line(text, place, mentions)
            or self._item_line(text, place)
            or self._part_line(text, place, mentions)
            or self._row_in_a_line(text, mentions, place)
        )
        if not is_shaped:
            before = text[: digits[0].start]
            is_item = self.codes.item_code(text) is not None
            follows = (
                digits[0].marked
                and not is_item
                and not agencies(before)
                and words.leftover(words.without_meaning(before)) <= 4
            )
            carried = None if any(m.start < digits[0].start for m in mentions) else scene.carried
            self.sentences.read(text, place, opening=(opening or carried) if follows else opening)
        last = digits[-1].end
        open_names = [
            m
            for m in mentions
            if m.start >= last and m.kind in ("indicator", "instrument") and not words.names_answers(text[: m.start])
        ]
        scene.carried = open_names[-1] if open_names and len(text) - open_names[-1].end < 40 else None
        scene.before = text[last:] if len(text) > 60 else ""

    def _line_of_text(self, text: str, place: str, mentions: list[Mention], name: Mention | None) -> None:
        """A line without numbers: a name whose number follows, or what the next lines are about."""
        scene = self.scene
        if words.is_other_assessment(text, self.codes.own_names):
            scene.other_assessment = True
        elif re.search(self.codes.own_names, text):
            scene.other_assessment = False
        ended = [
            m for m in mentions if m.kind in ("indicator", "instrument") and not words.names_answers(text[: m.start])
        ]
        after = text[ended[-1].end :] if ended else ""
        is_open = name is None and bool(ended) and len(after) < 40 and not words.tells_counts(after)
        scene.carried = ended[-1] if is_open else None
        scene.before = text if len(text) > 30 else ""
        self.sentences.levels(text, place)
        if name is not None:
            self.run.lines.append((name, place, self.ledger.part_for(name)))
        if (len(text) < 90 if name is None else not mentions) or self.codes.indicator_number(text):
            scene.unfinished = text

    def _follows_result(self, value: str, text: str) -> bool:
        """Whether a number alone ends the sentence of the line before, which speaks of the result and of no node."""
        before = self.scene.before
        cue = not self.run.lines and "คะแนน" in text and "." in value and words.overall_cue(before)
        return cue and bool(re.search(self.codes.own_names, before)) and self.scene.carried is None

    def _set_topic(self, text: str, *, in_table: bool) -> None:
        """Whether what follows is about our assessment: as long as no line without a number names something else."""
        is_bare = words.numbers(text) or agencies(text) or words.years(text) or self.levels.stated(text)
        names_own = bool(re.search(self.codes.own_names, text))
        if names_own and not in_table and not words.numbers(text):
            self.scene.is_rehearsal = _OF_REHEARSAL.search(text) is not None
        if (names_own or not is_bare) if not in_table else (names_own and not is_bare and len(text) > _SHORTEST_SPEECH):
            self.scene.named = names_own
        if re.search(self.codes.own_names, text) or words.overall_cue(text):
            self.scene.ours = not words.is_other_assessment(text, self.codes.own_names)
        elif not words.numbers(text) and not agencies(text) and not words.years(text) and not self.levels.stated(text):
            self.scene.ours = False

    def _history_line(self, text: str, place: str, mentions: list[Mention]) -> bool:
        """A line of years, each with a number, and nothing that says of what: the totals, where one of them is the
        total that is known of its year: "แนวโน้ม 2567 90.06 → 2568 91.48"."""
        pairs = [(int(m[1]), m[2]) for m in _YEAR_AND_NUMBER.finditer(text)]
        rest = _YEAR_AND_NUMBER.sub("", text)
        if len({year for year, _ in pairs}) < max(_SEVERAL, len(pairs)) or re.search(r"\d", rest) or mentions:
            return False
        known = self.ledger.figures_of.get(self.ledger.whose, ())
        totals = {(f.fiscal_year, f.value) for f in known if f.node == "overall" and f.sure}
        if len(rest.strip()) > _LONGEST_LEAD or not totals.intersection(pairs):
            return False
        for year, number in pairs:
            if (year, number) not in totals:
                self.ledger.give(Mention(0, 0, "overall", "overall"), number, place, year=year)
        return True

    def _bare_numbers(self, text: str, place: str, name: Mention | None) -> bool:
        """A line of several numbers and nothing else, of which no head says how they differ."""
        numbers = [self.levels.whole_number.match(piece) for piece in text.split()]
        values = [n[1] + n[2] for n in numbers if n]
        if len(values) < _SEVERAL or len(values) < len(numbers) or not all("." in v for v in values):
            return False
        if name is not None:
            part = self.ledger.part_for(name)
            self.ledger.give(name, values[0], place, part=part, sure=False, note=_WHICH)
        return True

    def _numbered_line(self, text: str, place: str) -> bool:
        """A line that gives each indicator by its number alone: "รายตัวชี้วัด : (1) 72.84 (2) 62.53 …"."""
        pairs = _BY_NUMBER.findall(text) if re.search("ตัวชี้วัด|[Ii]ndicator", text) else []
        in_order = [number for number, _ in pairs] == [str(n) for n in range(1, len(pairs) + 1)]
        if len(pairs) < _LEAST_NUMBERED or not in_order:
            return False
        for number, value in pairs:
            self.ledger.give(Mention(0, 0, "indicator", number), value, place)
        return True

    def _sum_line(self, text: str, place: str, mentions: list[Mention]) -> bool:
        """A line "รวม" with a number: the total, or that of the section it ends."""
        match = _SUM.match(text)
        rest = text[match.end() :].strip(" ()") if match else ""
        if match is None or mentions or (rest and not self.levels.alone(rest)):
            return False
        sections = [self.scene.indicator, self.scene.instrument, None]
        is_first = self.scene.ours and not self.ledger.figures_of and not any(sections)  # nothing that it could be of
        figure = self.ledger.give(Mention(0, 0, "overall", "overall"), match[1], place)
        if not is_first:
            self.ledger.otherwise(figure, list(dict.fromkeys(sections)), _OF_SECTION)
        return True

    def _item_line(self, text: str, place: str) -> bool:
        """A line that opens with an item's code and ends with its score, or with one for each part."""
        code = self.ledger.item_code(text)
        if code is None:
            return False
        mention = self.ledger.item(code)
        numbers = words.numbers(text)
        mentioned = self.codes.parts(text)
        if len(mentioned) == 2 and len(numbers) == 2:
            for part, number in zip(mentioned, numbers, strict=True):
                self.ledger.give(mention, number.printed, place, part=part)
            return True
        if len(numbers) == 1 and _ONLY_UNIT.fullmatch(text[numbers[0].end :]) and "." in numbers[0].text:
            self.ledger.give(mention, numbers[0].printed, place, part=self.scene.part)
            return True
        return False

    def _part_line(self, text: str, place: str, mentions: list[Mention]) -> bool:
        """A line under the name of a survey that opens with one of its parts and ends with the score of that: "ส่วนที่ 1
        ผู้รับบริการตอบเอง 92.75 คะแนน".
        """
        text = words.without_bracketed_counts(text)
        numbers = words.numbers(text)
        whole, part = self.scene.instrument, self.codes.part(text[:_OPENING])
        if mentions or len(numbers) != 1 or part is None or whole not in self.codes.parts_of:
            return False
        if not _ONLY_UNIT.fullmatch(text[numbers[0].end :]) or "." not in numbers[0].text or words.tells_counts(text):
            return False
        self.ledger.give(Mention(0, 0, "instrument", whole), numbers[0].printed, place, part=part)
        return True

    def _lone_name(self, text: str, mentions: list[Mention]) -> Mention | None:
        """The name a short line consists of, so that a number on the next line is its score."""
        if len(text) > 110 or words.tells_counts(text) or any(words.names_answers(text[: m.start]) for m in mentions):
            return None
        code = self.ledger.item_code(text)
        if code:
            return self.ledger.item(code)
        kinds = [m for m in mentions if m.kind != "overall"] or mentions
        if len(kinds) == 1 or (kinds and len({m.id for m in kinds}) == 1):
            rest = text[: kinds[0].start] + text[kinds[-1].end :]
            if words.leftover(re.sub(r"ตัวชี้วัด(?:ที่)?\s{0,20}\d{1,20}|^[\d.)\s]+", "", rest)) <= 12:
                return kinds[0]
            return None
        if mentions:
            return None
        mention = self.ledger.vocabulary.cell(text)
        if mention:
            return mention
        number = self.codes.indicator_number(text)
        if number and len(text) < 60:
            return Mention(0, len(text), "indicator", number)
        if (
            re.search(r"คะแนน", text)
            and (agencies(text) or len(text) < 30)
            and not re.search(r"น้ำหนัก|เต็ม|เกณฑ์|รายตัวชี้วัด|ค่าเฉลี่ย", text)
        ):
            return Mention(0, len(text), "overall", "overall")
        return None

    def _set_scene(self, text: str, mentions: list[Mention], has_numbers: bool) -> None:
        """Headings: which instrument, part, indicator and year the following lines are about."""
        scene = self.scene
        short = len(text) < 130
        instruments = {
            self.codes.whole(m.id) for m in mentions if m.kind == "instrument" and not _COUNT.match(text, m.end)
        }
        indicators = [m for m in mentions if m.kind == "indicator"]
        found_parts = set(self.codes.parts(text))
        found_part = found_parts.pop() if len(found_parts) == 1 else None
        if len(instruments) == 1 or len({m.id for m in indicators}) == 1:
            scene.is_passing = has_numbers
        if len(instruments) == 1 and (short or not has_numbers):
            scene.instrument = instruments.pop()
            scene.part = found_part if scene.instrument in self.codes.parts_of else None
            if not indicators:
                scene.indicator = None
        elif found_part and short and (scene.instrument is None or scene.instrument in self.codes.parts_of):
            scene.part = found_part
        if len({m.id for m in indicators}) == 1 and short:
            scene.indicator = indicators[0].id
            if scene.indicator not in self.codes.split:
                scene.part = None
        elif not indicators and short and (number := self._numbered_indicator(text)):
            scene.indicator = number
            if number not in self.codes.split:
                scene.part = None
        if short and re.search(rf"ภาพรวม|เปรียบเทียบ|รายเครื่องมือ|{self.codes.all_indicators}", text) and not instruments:
            scene.instrument = scene.part = scene.indicator = None

    def _row_in_a_line(self, text: str, mentions: list[Mention], place: str) -> bool:
        """A line that is really a table row: one name, then nothing but numbers."""
        named = [m for m in mentions if m.kind in ("indicator", "instrument", "overall")]
        names = [m for m in named if m.kind == "indicator"] or [m for m in named if m.kind == "instrument"] or named
        if len({m.id for m in names}) != 1:
            return False
        mention = names[-1]
        rest = re.sub(r"^[\s:.\-()A-Za-z]*", "", text[mention.end :])
        pieces = rest.split()
        plain = [self.levels.whole_number.match(p) for p in pieces]
        if len(pieces) < 2 or not all(plain) or any(m and float(m[2]) > 100 for m in plain):
            return False
        cells = (text[: mention.end], *pieces)
        self.tables.read(Row(cells, place, self.tables.table if self.tables.table > 0 else 0))
        return True

    def _numbered_indicator(self, text: str) -> str | None:
        """The indicator that a heading is about by its number alone; none where it goes on to name our assessment, of
        which an aim of a plan is then the whole: "ตัวชี้วัดที่ 5 ผลการประเมิน ITA"."""
        match = next(iter(self.codes.indicator_numbers(text)), None)
        if match is None:
            return None
        rest = text[match.end() :]
        is_aim = words.overall_cue(rest) and re.search(self.codes.own_names, rest)
        return None if is_aim and not self.ledger.vocabulary.mentions(rest) else match["id"]

    def _lonely_total(self, value: str, place: str) -> None:
        """A number with its unit, each on a line of its own, before any name: the total of whom the page is about."""
        if self.scene.instrument is None and self.scene.indicator is None and "." in value:
            self.ledger.give(Mention(0, 0, "overall", "overall"), value, place)

    def _lonely_level(self, level: str, place: str) -> None:
        framework = self.ledger.frameworks.get(self.scene.year)
        if framework is not None and (level in framework.bands or level == PASSED or level.isascii()):
            self.ledger.level(level, place)
