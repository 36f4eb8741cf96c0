"""Scores told in sentences: what each number is of, of which year, and what is no score of the agency."""

import re
from collections.abc import Sequence
from dataclasses import replace

from prongsai.analysis.figures import Figure
from prongsai.intake import words
from prongsai.intake.agencies import NamedAgency, agencies, family_of, is_kind_alone, is_same, named_agencies, own_words
from prongsai.intake.candidates import SAME_NAME
from prongsai.intake.ledger import ANOTHER_AGENCY, NO_AGENCY, Ledger
from prongsai.intake.levels import is_level_of
from prongsai.intake.turns import LEAST, find_agencies_in_turn, find_in_turn, find_years_in_turn
from prongsai.intake.vocabulary import Mention
from prongsai.intake.words import Number
from prongsai.lib import thai

_TOTAL = Mention(0, 0, "overall", "overall")
_TOTAL_OR_NOT = "ไม่ชัดว่าเป็นคะแนนรวมของหน่วยงาน หรือของหัวข้อเหนือบรรทัดนี้"
_RISE = r"(?:เพิ่มขึ้น|ลดลง|สูงขึ้น|ดีขึ้น|ต่ำลง|(?:เพิ่ม|ลด)(?=จาก)|(?:สูง|ต่ำ|ดี|มาก|น้อย)กว่า(?=ปี))"
_FALLS = ("ลด", "ต่ำ", "น้อย")
_SINCE = re.compile(  # "84.77 ก็ขึ้นมา 11.23 คะแนน": of the year after that
    r"(?:ขึ้น|เพิ่ม|ลด|ต่าง|ตก|หล่น|ขยับ|บวก|สูงกว่า|ดีกว่า|ต่ำกว่า)[^\d]{0,30}[+\-−]?\d{1,2}(?:\.\d{1,4})?\s{0,3}(?:คะแนน|จุด|แต้ม|%|\))"
)
_BECAME = re.compile(r"(?:มา|ไป|ขึ้น|กลาย|เลื่อน|ก้าว)(?:มา)?(?:เป็น|สู่|อยู่(?:ใน|ที่)?)\s{0,3}$")  # "from … to the level"
_SAME = r"(?:เท่าเดิม|คงที่|คงเดิม|เท่ากับปี)"

_NUMBERED = re.compile(r"(?:\d|ตัวชี้วัด|ตชว)[^\d]{0,12}$")
_BEFORE_NAME = re.compile(r"\s{0,9}(?:คะแนน|%)?\s{0,9}[:–—]\s{0,9}(?:แบบวัด|แบบตรวจ|ด้าน|ตัวชี้วัด(?:ที่)?)?\s{0,9}")
_YEAR_THEN_BRACKET = re.compile(r"ปี(?:งบประมาณ)?\s{0,9}(?:พ\.?ศ\.?)?\s{0,9}25[4-9]\d\s{0,9}\(\s{0,9}$")
_REACHED = re.compile(
    r"”?\s{0,20}(?:\([^()\d]{0,60}\)\s{0,20})?(?:(?:อำเภอ|อ\.|จังหวัด|จ\.)\s?[\u0e01-\u0e4e]{2,30}\s{0,9})?"
    r"(?:ของเรา)?\s?(?:(?:ใน)?ปีนี้)?(?:ที่|ซึ่ง)?(?:(?:ใน)?(?:ปีก่อน(?:หน้า)?|ปีที่แล้ว))?"
    r"(?:(?:ได้|ทำ)(?:รับ|ได้)?|มี)?(?:ไป)?(?:เพียง|ตั้ง|(?:มาก|สูง)?ถึง)?(?:ผล)?(?:คะแนน)?(?:รวม)?(?:ได้)?(?:ที่)?\s{0,20}[:=]?\s{0,9}(?P<open>\()?\s{0,9}"
)
_THEN = re.compile(  # "ซึ่งปีก่อนได้ 93.88 ปีนี้หล่นมาอยู่ที่": what an agency had before
    r"(?:ที่|ซึ่ง)?(?:ใน)?(?:ปีก่อน(?:หน้า)?|ปีที่แล้ว)(?:ได้(?:รับ)?|มี|อยู่ที่)(?:คะแนน)?\s{0,3}\d{1,3}\.\d{1,4}\s{0,3}(?:คะแนน)?\s{0,3}"
    r"(?:แต่|และ|ส่วน)?(?=ปีนี้)ปีนี้[\u0e01-\u0e4e]{0,12}?(?:อยู่ที่|เป็น|เหลือ|(?=ได้))"
)
_RANKS = re.compile(  # "ซึ่งปีที่แล้วอยู่ลำดับที่ 40 ปีนี้ขยับขึ้นมาอยู่ลำดับที่ 21 ด้วย"
    r"\s{0,3}(?:ที่|ซึ่ง)?(?:(?:ใน)?(?:ปีก่อน(?:หน้า)?|ปีที่แล้ว|ปีนี้))?\s{0,3}"
    r"(?:คว้า|ครอง|(?:(?:ขยับ|เลื่อน)?(?:ขึ้น)?|(?:ร่วง|ตก)?(?:ลง)?)(?:มา|ไป)?(?:ติด|อยู่|เป็น|รั้ง))(?:ใน)?(?:อันดับ|ลำดับ)(?:ที่)?\s?\d{1,4}"
    r"\s{0,3}(?:ของ[^\d\s]{2,20}\s{0,3})?(?:ด้วย)?"
)
# "below 85", "at least 85": a line that was drawn, not a score
_THRESHOLD = re.compile(
    r"(?:ต่ำกว่า|น้อยกว่า|สูงกว่า|มากกว่า|เกินกว่า|ไม่ถึง|อย่างน้อย|ตั้งแต่|เกณฑ์|below|above|at least|less than|more than)\s{0,20}(?:ร้อยละ)?\s{0,20}$",
    re.I,
)

_ENGLISH_YEAR = re.compile(
    r"\s{0,9}(?:points?|%)?\s{0,9}(?:\(\s{0,9}|(?:in|for)\s{1,9}(?:the\s{1,9})?(?=f))"
    r"(?:fiscal(?:\s{1,9}year)?|FY)\s{0,9}(20[12]\d)(?!\d)",
    re.I,
)
_SCORE_ALONE = re.compile(r"(?:(?:ผล)?คะแนน(?:รวม|เฉลี่ย)?|(?:ITA\s)?(?:Total\s)?Score)\s{0,20}[:=]?\s{0,20}", re.I)
_WITH_SCORE = re.compile(r"ด้วย(?:ผล)?คะแนน(?:รวม)?\s{0,9}$")
_REACHED_ALONE = re.compile(r"(?:ได้(?:รับ)?|มี)(?:ผล)?คะแนน\s{0,20}")
_REACHED_IN_YEAR = re.compile(
    r"(?:(?:เมื่อ)?(?:เปรียบ)?เทียบ(?:กับ)?\s{0,3})?(?:ผล[^\d:=]{0,30}[:=]?\s{0,9})?(?:ใน|เมื่อ)?(?:(?:ปีที่แล้ว|ปีก่อน(?:หน้า)?|ปีที่ผ่านมา)\s{0,3}\(?)?"
    r"(?:ปี(?:งบประมาณ)?)?\s{0,9}(?:พ\.?\s?ศ\.?)?\s{0,9}25[4-9]\d\)?"
    r"\s{0,9}[:=]?\s{0,9}(?:เรา|หน่วยงาน(?:ของ)?เรา|ที่|ซึ่ง)?\s{0,3}(?:(?:ได้(?:รับ)?|มี|ทำได้)\s{0,9})(?:ผล)?(?:คะแนน)?(?:รวม)?\s{0,9}"
)
_RESULT_OF_YEAR = re.compile(  # "(ปี 68 = ", "ผลปี 2568 (baseline) : "
    r"\(?\s{0,3}(?:ผล(?:คะแนน|(?:การ)?ประเมิน)?)?\s{0,9}(?:ใน)?(?:ปีที่แล้ว|ปีก่อน|ปีที่ผ่านมา)?\s{0,3}(?:ปี(?:งบประมาณ)?)?\s{0,9}"
    r"(?:พ\.?\s?ศ\.?)?\s{0,9}(?:25[4-9]\d|6\d)\s{0,9}(?:\([^()\d]{0,20}\)\s{0,9})?(?:ได้(?:คะแนน)?|คะแนน|[:=])\s{0,9}"
)
_REACHED_THEN = re.compile(
    r"(?:ปีที่แล้ว|ปีก่อน(?:หน้า)?|ปีที่ผ่านมา|25[4-9]\d)\s{0,9}(?:ที่|ซึ่ง)?(?:ทำ)?(?:ได้(?:รับ)?|มี|อยู่ที่)(?:ผล)?(?:คะแนน)?\s{0,9}$"
)
_POINTED_OUT = re.compile(  # "หน่วยงานที่ทำคะแนนได้สูงที่สุดคือ …": whoever that is
    r"(?:หน่วยงาน|แห่ง|สังกัด|ส่วนราชการ|อปท\.?|กรม)[^\d]{0,60}(?:สูง|ต่ำ|มาก|น้อย|ดี|แรก)[^\d]{0,40}(?:คือ|ได้แก่|เป็นของ)\s{0,3}[“\"]?$"
)
_LAST_YEAR_AS_TITLE = re.compile(  # "ปีก่อนหน้า (2568) ภาพรวม 96.53 IIT 95.19", "ปีที่แล้ว: …"
    r"(?:ปีก่อน(?:หน้า)?|ปีที่แล้ว|ปีที่ผ่านมา)\s{0,3}(?:\(\s{0,3}(?:ปี(?:งบประมาณ)?)?\s{0,3}(?:พ\.?\s?ศ\.?)?\s{0,3}25[4-9]\d\s{0,3}\)|[:–—])"
)
_ANOTHER_YEAR_BEFORE = re.compile(  # "84.90 คะแนน เมื่อปี 2564 และ"
    r"\d\.\d{1,4}\s{0,3}(?:คะแนน)?\s{0,3}\(?(?:เมื่อ|ใน)\s?ปี(?:งบประมาณ)?\s{0,3}(?:พ\.?\s?ศ\.?)?\s{0,3}25[4-9]\d\)?\s{0,3}(?:และ|,|กับ)\s{0,3}$"
)
_NEXT_YEAR = re.compile(  # "ปี 2565 96.10 คะแนน, ปี 2566"
    r"25[4-9]\d\s{0,3}[=:]?\s{0,3}\d{2,3}\.\d{1,4}\s{0,3}(?:คะแนน)?\s{0,3}[,;/]?\s{0,3}(?:และ)?"
    r"(?:ใน)?ปี(?:งบประมาณ)?\s{0,3}(?:พ\.?\s?ศ\.?)?\s{0,3}25[4-9]\d\s{0,3}[=:]?\s{0,3}$"
)
_COMPARED_BEFORE = re.compile(r"(?:กว่า|จาก|กับ|ของ|แพ้|ชนะ|แซง|ตาม)\s{0,3}$")
_OPENS_NODES = re.compile(
    r"”?\s{0,9}(?:\([^()\d]{0,40}\)\s{0,9})?[:–-]?\s{0,9}(?:ที่|ซึ่ง)?(?:ได้(?:รับ)?|มี)?(?:ผล)?(?:คะแนน)?\s{0,9}(?:แบบวัด|ด้าน)?\s{0,9}"
)
_LONGEST_LEVEL = 40  # letters
_OF_PART_OF_AGENCY = "ข้อความก่อนตัวเลขเอ่ยถึงกองหรือกลุ่มคน อาจไม่ใช่คะแนนของทั้งหน่วยงาน"
_WHICH_PART = "ข้อความก่อนตัวเลขเอ่ยถึงส่วนหนึ่งของแบบวัดโดยไม่บอกเลขส่วน"
_SOME_PART, _NAMED_PART = re.compile(r"ส่วนที่(?!\s{0,3}(?:\d|ได้|มี))[\u0e01-\u0e4e]{3}[^\d]{0,50}$"), 60
_OF_A_PAIR = "มีตัวเลขสองตัวคั่นด้วยขีด และไม่มีข้อความบอกว่าตัวใดเป็นคะแนนของปีใด"
_PAIR = re.compile(r"\s{0,3}(?:คะแนน)?\s{0,3}[/|]\s{0,3}(?!100(?:\.0{1,2})?(?!\d))\d{2,3}\.\d{1,4}(?![\d.])")
_OF_SEVERAL = "มีตัวเลขหลายตัวเรียงกัน และไม่มีข้อความบอกว่าต่างกันอย่างไร"
_SERIES = re.compile(r"\s{0,3}(?:,|และ|\s)\s{0,3}\d{2,3}\.\d{1,4}(?![\d.%])\s{0,3}(?:คะแนน|$|,|และ|\d)")
_WHICH_YEAR = "ไม่ชัดว่าเพิ่มหรือลดในปีที่เอ่ยถึง หรือในปีของเอกสาร"
_LEAD, _IN_BRACKETS = 25, re.compile(r"\([^()]{0,40}\)")  # letters before a name; what is said of the figure before
_SPARE = 3  # letters that may be left between a name and its number
_NEAR = 10  # letters between a name and its number
_SUM_OF_ALL = re.compile(r"(?<![\u0e01-\u0e4e])รวม(?=\s{0,9}[:=]?\s{0,9}\d{1,3}\.\d)")  # after several instruments
_SCORE_INSIDE = re.compile(r"[^()]{0,60}\d{2,3}\.\d{1,4}[^()\d]{0,40}\)")  # to the end of what stands in brackets
_PAST_YEAR = re.compile("ปีที่ผ่านมา(?!\\s{0,9}(?:\\(|พ\\.|25))")


class Sentences:
    """Reads text that is neither a table row nor a heading."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def read(
        self,
        text: str,
        place: str,
        *,
        subject: Mention | None = None,
        opening: Mention | None = None,
        part: str | None = None,
    ) -> None:
        """Gives the scores of a text: each number belongs to the last thing spoken of, if only connecting words lie
        between.

        ``subject`` is what the whole text is about (a table row); ``opening`` is the heading the text stands under.
        """
        mentions = _mentions(self.ledger, text)
        telling = _Telling(self.ledger, text, place, mentions, subject, opening, part)
        telling.walk()
        if subject is None:
            self.levels(text, place)

    def levels(self, text: str, place: str) -> None:
        """Gives the levels that a text says the agency reached."""
        if not self.ledger.vocabulary.levels.stated(text) and not self.ledger.vocabulary.levels.verdict(text):
            return
        mentions = _mentions(self.ledger, text)
        found_years = sorted((*words.years(text), *words.relative_years(text, self.ledger.scene.year)))
        for at, level in self.ledger.vocabulary.levels.stated(text):
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
            stated_year = None if self.ledger.forced else _year_of_level(text, found_years, at)
            with self.ledger.row_of(_other_agency(self.ledger.whose, text, at)):
                self.ledger.level(level, place, stated_year, of_agency=self.ledger.agency is not None)
        if verdict := self.ledger.vocabulary.levels.verdict(text):
            self.ledger.level(verdict, place)


def _year_of_level(text: str, years: Sequence[tuple[int, int]], at: int) -> int | None:
    """The year that a level in a text is of: the one named last before it; the one before that, where it goes on to
    tell how much the score rose or fell since. None where none is named."""
    spoken = [(place, year) for place, year in years if place < at]
    since = _SINCE.search(text, spoken[-1][0], at) if spoken else None
    is_risen = since is not None and re.search(r"\d\.\d", text[spoken[-1][0] : since.start()])
    if is_risen or (spoken and _BECAME.search(text, spoken[-1][0], at) and "จาก" in text[: spoken[-1][0]]):
        spoken = [(place, year) for place, year in spoken if year > spoken[-1][1]]
    return spoken[-1][1] if spoken else None


def _mentions(ledger: Ledger, text: str) -> list[Mention]:
    """What a text speaks of: nodes by name, indicators by number, items by code, sub-indicators by code and name."""
    mentions = ledger.vocabulary.mentions(text)
    codes = ledger.vocabulary.codes
    for match in codes.indicator_numbers(text):  # "ตัวชี้วัดที่ 5", with its name shortened or left out
        if not any(match.start() <= m.start <= match.end() + 4 for m in mentions):
            mentions.append(Mention(match.start(), match.end(), "indicator", match["id"]))
    for start, end, item in codes.item_codes(text):
        if re.match(r"\s{0,20}(?:ได้|มี|\(|=|:|คะแนน|เท่ากับ|ร้อยละ|\d)", text[end:]) and not any(
            m.start <= start < m.end for m in mentions
        ):
            mentions.append(Mention(start, end, "item", item))
    for match in _SUM_OF_ALL.finditer(text):
        named = {codes.whole(m.id) for m in mentions if m.kind == "instrument" and m.end <= match.start()}
        if len(named) >= LEAST and not any(m.start <= match.start() < m.end for m in mentions):
            mentions.append(Mention(match.start(), match.end(), "overall", "overall"))
    inside = [*ledger.sub_indicators(text), *ledger.titled_items(text)]
    inside = [m for m in inside if m.kind != "item" or not any(m.start == o.start for o in mentions)]
    return sorted([*inside, *(m for m in mentions if _apart(m, inside))], key=lambda m: m.start)


def _apart(piece: Mention | Number, mentions: list[Mention]) -> bool:
    return all(piece.end <= m.start or piece.start >= m.end for m in mentions)


class _Telling:
    """One text, walked from its names over its years to its numbers."""

    def __init__(
        self,
        ledger: Ledger,
        text: str,
        place: str,
        mentions: list[Mention],
        subject: Mention | None,
        opening: Mention | None,
        part: str | None,
    ) -> None:
        self.ledger = ledger
        self.codes = ledger.vocabulary.codes
        self.scene = ledger.scene
        self.text = text
        self.place = place
        self.mentions = mentions
        self.subject = subject
        self.row_part = part  # the part the table row is of
        self.part = part
        self.active = subject or opening  # what was spoken of last
        self.spoken_at = 0  # where its name, or its last number, ends
        self.used = False  # it has its score
        self.has_score = False  # it has had one, of whatever year
        self.called: str | None = None  # the indicator whose name the instrument has, the score of which it may be
        self.either = False  # the score may be that of the heading, or the total
        self.year: int | None = None  # the year named last
        self.compared_with: set[int] = set()  # years that were named only to compare with
        self.compared: list[int | None] = []  # the year before one that was named to compare with, for one number only
        self.claimed = 0  # up to here years have been taken by the number before them
        self.last_year = 0  # of the last score given
        self.total_year: int | None = None  # of the last total given
        self.ours = True  # the last score told was of the agency, not of the country, a group, another agency
        self.within: str | None = None  # the part of a survey spoken of last, which its indicators are of
        self.equated: list[Mention] = []  # whose numbers stand before their names
        self.years_in_turn: dict[int, tuple[int, bool]] = {}  # of which year the number at a place is; the first
        self.of_years: Mention | None = None  # whose numbers those of several years are
        self.in_turn: dict[int, Mention | None] = {}  # whose the number at a place is, told "respectively"
        self.own_words: list[int] | None = None  # where the agency ends speaking of itself without its name
        self.agencies_in_turn: dict[int, str] = {}  # whose total the number at a place is, told so
        self.agencies = _agencies_of(text, ledger.whose)
        self.in_list = _listed_totals(text, self.agencies)
        self.other_named: str | None = None  # the other agency whose total was told last
        self.is_other_assessment = words.is_other_assessment(text, self.codes.own_names)

    def walk(self) -> None:
        subs = [m for m in self.mentions if m.kind == "sub_indicator"]
        years = (*words.years(self.text), *words.relative_years(self.text, self.scene.year))
        years += tuple((m.start(), self.scene.year - 1) for m in _PAST_YEAR.finditer(self.text) if self.scene.year)
        events: list[tuple[int, int, Mention | int | Number]] = [(m.start, 0, m) for m in self.mentions]
        events += [(at, 1, year) for at, year in years]
        names = [(m.start, m.end) for m in self.mentions if m.kind == "indicator"]
        numbers = [n for n in words.numbers(self.text, names) if _apart(n, subs)]
        numbers = self.ledger.without_weights(numbers, self.text)
        self.years_in_turn = find_years_in_turn(self.text, numbers)
        self.in_turn = find_in_turn(self.text, self.mentions, numbers, self.codes)
        self.in_turn = {at: m for at, m in self.in_turn.items() if m is not None or at not in self.years_in_turn}
        self.agencies_in_turn = (
            {}
            if any(self.in_turn.values())
            else find_agencies_in_turn(self.text, self.agencies, self.mentions, numbers)
        )
        events += [(n.start, 2, n) for n in numbers]
        for at, _, event in sorted(events, key=lambda e: (e[0], e[1])):
            if isinstance(event, Mention):
                self._name(event)
            elif isinstance(event, int):
                self._year(at, event)
            else:
                self._number(event)

    def _name(self, mention: Mention) -> None:
        if mention in self.equated or words.names_answers(self.text[: mention.start]):
            self.used = True
            return
        gap = self.text[self.spoken_at : mention.start]
        if self.active is not None and not self.used:
            counted = re.search(r"\d\s{0,20}(?:คน|ชุด|ราย)", gap)  # how many answered was all that was to be told
            if mention.kind == "overall" and not counted and words.leftover(gap) <= 6:
                self.either = self.active.kind != "overall" and self.spoken_at == 0 and self.subject is None
                return  # "IIT ภาพรวม"; under a heading it may as well be the total
            if self.active.kind == "indicator" and mention.kind == "instrument" and len(gap) < 4:
                numbered = _NUMBERED.search(self.text[: self.active.start]) is not None
                if numbered or gap.strip() != "(":
                    return  # whose indicator it is; without a number, what the instrument is called: "การเปิดเผยข้อมูล (OIT)"
        if self._is_called(mention, gap):
            self.spoken_at, self.called = mention.end, mention.id
            return  # "OIT การเปิดเผยข้อมูล ได้": what the instrument is called, cut short
        owner = next((m for m in self.mentions if m.kind == "indicator" and m.id in self.codes.split), None)
        if owner is not None and owner.start < mention.start and mention.id in self.codes.number_of:
            self.part = self.codes.number_of[mention.id]
            mention = Mention(mention.start, mention.end, "indicator", owner.id)
        elif mention.kind == "indicator" and mention.id in self.codes.split and self.within:
            self.part = self.within
        else:
            self.part = self.row_part
        if mention.kind == "instrument":
            self.within = self.codes.number_of.get(mention.id)
        self.active, self.spoken_at, self.used, self.has_score = mention, mention.end, False, False
        self.called = None

    def _is_called(self, mention: Mention, gap: str) -> bool:
        """Whether an indicator's name right after an instrument's is what that is called, cut short, and opens no list
        of its indicators."""
        active, vocabulary = self.active, self.ledger.vocabulary
        if (
            active is None
            or self.used
            or (active.kind, mention.kind) != ("instrument", "indicator")
            or gap.strip(" (:")
        ):
            return False
        following = next((m.id for m in self.mentions if m.start > mention.start), "")
        titles = [name.text for name in vocabulary.names if name.kind == "instrument" and name.id == active.id]
        names = [name.text for name in vocabulary.names if name.kind == "indicator" and name.id == mention.id]
        is_list = following in vocabulary.indicators_of.get(active.id, ())
        return not is_list and any(name in title for name in names for title in titles)

    def _year(self, at: int, year: int) -> None:
        before = self.text[:at]
        opened = re.search(r"\(\s{0,20}(?:ใน)?\s{0,20}(?:ปี)?(?:งบประมาณ)?\s{0,20}(?:พ\.?ศ\.?)?\s{0,20}$", before)
        is_inserted = opened is not None and _SCORE_INSIDE.match(self.text, at) is not None
        if self.total_year is None and not is_inserted and _PAST_YEAR.match(self.text, at):
            return  # as well the year whose result was just announced
        if at < self.claimed or (opened and re.match(r"(?:พ\.?\s?ศ\.?\s{0,20})?25\d\d[^()\d]*\)", self.text[at:])):
            return  # a year in brackets speaks of the number before it only
        opens = re.match(r"(?:พ\.?\s?ศ\.?\s{0,3})?25\d\d\)?\s{0,9}[:–—]", self.text[at:])  # all that follows is of it
        if words.leftover(before) == 0:
            opens = opens or _LAST_YEAR_AS_TITLE.match(self.text, at)
        comparing = is_inserted or (not opens and re.search(r"(?:กว่า|จาก|เทียบ|กับ|ขณะที่)[^\d]{0,24}$", before))
        in_passing = not opens and re.match("ปีก่อน|ปีที่แล้ว|ปีที่ผ่านมา", self.text[at:]) is not None
        self.compared = [self.year] if comparing or in_passing else []
        self.compared_with |= {year} if self.compared else set()
        self.year, self.used = year, False

    def _number(self, number: Number) -> None:
        before = self.text[: number.start]
        if self.has_score and self._speaks_of_whole(number):
            self.active, self.has_score = None, False
        if self.active is not None:
            self._refine(self.active, number, before)
        year = self._year_of(number, before)
        compared = list(self.compared)
        if number.start in {**self.agencies_in_turn, **self.years_in_turn, **self.in_turn}:
            self._number_in_a_row(number, before, year)
        else:
            self._number_alone(number, before, year)
        if compared == self.compared:
            self._compare_done()  # of one number, whatever that is of

    def _speaks_of_whole(self, number: Number) -> bool:
        """Whether, since the last score of a node, the agency itself is spoken of, or a sentence ended."""
        if self.active is None or self.active.kind == "overall" or self.subject is not None:
            return False
        ended = re.search(r"\.\s{1,3}(?=[A-Z])", self.text[self.spoken_at : number.start])
        return bool(ended) or self._own_named(number) > self.spoken_at

    def _number_in_a_row(self, number: Number, before: str, year: int | None) -> None:
        if number.start in self.agencies_in_turn:
            with self.ledger.row_of(self.agencies_in_turn[number.start]):
                self.ledger.give(_TOTAL, number.printed, self.place, year=year)
            return
        is_ours = self._owner(number) != "other" and not self._of_others(number, before)
        if number.start in self.in_turn:
            self._number_in_turn(number, year, is_ours=is_ours)
        else:
            self._number_of_year(number, before, is_ours=is_ours)

    def _number_alone(self, number: Number, before: str, year: int | None) -> None:
        if self.is_other_assessment and (self.active is None or self.active.kind == "overall"):
            return
        owner = self._owner(number)
        equated = self._find_equated(number)
        if equated is not None:
            self.equated.append(equated)
            self.ledger.give(equated, number.printed, self.place, year=year, part=self._own_part(equated, before))
        elif owner != "own" and self._is_reached(number):
            self._of_other(number, year)
        elif owner == "other":
            self.ours = False
            self._score_of_other(number, before, year)
        elif owner == "own" and self._names_own(number) and self._is_reached(number):
            self.ours = True
            self._total(number, before, year, is_own=True)
        elif _is_relative(before[-160:]):
            return  # how much that is of the former score
        elif _is_difference(before[-160:]):
            self._differs(number, before)
        elif _is_change(before[-60:]):
            self._risen(number, before)
        elif not _THRESHOLD.search(before):
            self.ours = not self._of_others(number, before)
            if self.ours:
                self._score(number, before, year, is_own=owner == "own")

    def _number_in_turn(self, number: Number, year: int | None, *, is_ours: bool) -> None:
        mention = self.in_turn[number.start]
        self.used = True
        if mention is not None and is_ours:
            self.ledger.give(mention, number.printed, self.place, year=year, part=self.part)

    def _number_of_year(self, number: Number, before: str, *, is_ours: bool) -> None:
        """One of the numbers that follow as many years: all of what was spoken of last, or all totals."""
        year, is_first = self.years_in_turn[number.start]
        if is_first:
            is_open = (
                self.active is not None and not self.used and words.leftover(self._gap(self.active, number)) <= _NEAR
            )
            is_total = self.active is None and self._tells_total(number, before, compared=False)
            self.of_years = self.active if is_open else _TOTAL if is_total else None
        self.used = True
        if self.of_years is not None and is_ours:
            part = self._own_part(self.of_years, before) if self.part is None else self.part
            self.ledger.give(self.of_years, number.printed, self.place, year=year, part=part)

    def _find_equated(self, number: Number) -> Mention | None:
        """The name after a number and an equals sign: "97.57 = IIT"."""
        sign = re.match(
            r"\s{0,20}(?:=|(?:points?\s{1,9})?for\b(?:\s{1,9}the\b)?)\s{0,20}(?![\d.])", self.text[number.end :]
        )
        if sign is None and not re.search(r"[\w\u0e01-\u0e4e]", self.text[: number.start]):  # "89.90 คะแนน : แบบวัด IIT"
            sign = _BEFORE_NAME.match(self.text[number.end :])
        at = number.end + sign.end() if sign else 0
        return next((m for m in self.mentions if sign and at <= m.start <= at + 2), None)

    def _refine(self, active: Mention, number: Number, before: str) -> None:
        """Takes in what the words since the name say of it: which part, or that the number is their sum."""
        passage = self.text[self.spoken_at : number.start]
        if self.codes.part(passage) or re.search(r"\b[Aa]vg|เฉลี่ย", passage):
            stated_part = self.codes.part(passage) or ""  # an average is of no part
            if stated_part and self.codes.number_of.get(active.id, stated_part) != stated_part:
                self.active = replace(active, id=self.codes.whole(active.id))  # "EIT1 92.98, ส่วนที่ 2 89.41"
            self.used = self.used and stated_part == self.part
            self.part = stated_part
        if re.search(
            r"[x×*]\s{0,20}\d{0,20}\.?\d{1,20}\s{0,20}%?\s{0,20}\)?\s{0,20}=\s{0,20}$", before
        ):  # the sum of weighted scores
            self.active, self.used = Mention(number.start, number.start, "overall", "overall"), False

    def _risen(self, number: Number, before: str) -> None:
        """How much a score rose or fell: that of the one whose score was told last."""
        before_it = before[self._own_named(number) :]
        if not self.ours or words.counted_last(before_it) or words.group_rises(before_it):
            return
        unnamed = self.active is None or self.active.kind == "overall" or self.used
        if unnamed and re.search(r"คะแนน|%|^\s{0,20}$", self.text[number.end : number.end + 12]):
            self._change(number, before)
            self._compare_done()

    def _differs(self, number: Number, before: str) -> None:
        """How far two scores differ that were both told, which no other number follows for."""
        if self.ours and self.active is not None and not re.search(rf"{_SAME}[^\d]{{0,48}}", before[-160:]):
            self._change(number, before)

    def _score(self, number: Number, before: str, year: int | None, *, is_own: bool) -> None:
        became = re.search(r"(?:เป็น|เหลือ|อยู่ที่)\s{0,20}(?:ร้อยละ)?\s{0,20}$", before)
        if self.active is not None and became and (year or self.scene.year) != self.last_year:
            self.used = False  # "from … (last year) to …"
        if self.active is not None and not self.used and self._score_of(self.active, number, before, year):
            return
        after = _name_after(self.text, number, self.mentions) if self.active is None or self.used else None
        if after is not None:
            self.ledger.give(after, number.printed, self.place, year=year, part=self._own_part(after, before))
        elif self.subject is None and self._tells_total(number, before, compared=self._is_compared(year)):
            self._total(number, before, year, is_own=is_own)

    def _owner(self, number: Number) -> str:
        """Whose score a number is by the agency named last before it: "own", "other", or "unclear"."""
        own = self.ledger.whose
        named = [a for a in self.agencies if a.end <= number.start and family_of(a.name) != "place"]
        if own is None or self.subject is not None or not named or is_same(named[-1].name, own):
            return "own"
        is_other = family_of(named[-1].name) == family_of(own) != "" or _POINTED_OUT.search(
            self.text[: named[-1].start]
        )
        return "other" if is_other else "unclear"

    def _names_own(self, number: Number) -> bool:
        """Whether the agency named last before a number is the own one."""
        last, own = self._last_named(number), self.ledger.whose
        return last is not None and own is not None and is_same(last.name, own)

    def _own_named(self, number: Number) -> int:
        """Where the agency was last named before a number."""
        return max(self._own_words(number.start), self._own_name(number))

    def _own_words(self, before: int) -> int:
        """Where the agency last spoke of itself without its name before a place."""
        if self.ledger.whose and self.own_words is None:
            self.own_words = [m.end() for m in re.finditer(own_words(self.ledger.whose), self.text)]
        return max((end for end in self.own_words or () if end <= before), default=0)

    def _own_name(self, number: Number) -> int:
        own = self.ledger.whose
        return max((a.end for a in self.agencies if own and a.end <= number.start and is_same(a.name, own)), default=0)

    def _year_of(self, number: Number, before: str) -> int | None:
        stated, end = _year_after(self.text, number)
        self.claimed = max(self.claimed, end)
        year = stated or self.year
        risen = self.active is not None and not stated and re.search(r"จาก(?:เดิม)?\s{0,20}(?:ร้อยละ)?\s{0,20}$", before)
        if risen and (year is None or words.goes_on_to(self.text[number.end :])):
            year = (year or self.scene.year) - 1  # "from 85.25 to 92.46"
        return year

    def _compare_done(self) -> None:
        if self.compared:
            self.year = self.compared.pop()

    def _of_others(self, number: Number, before: str) -> bool:
        passage = words.without_counts(words.without_wishes(self.text[: number.start])[self.spoken_at :])
        if words.tells_progress(passage, self.text[number.end :]):
            return True
        before = words.without_wishes(before)
        averaged = re.match(r"\s{0,20}(?:points?\s{0,20})?on average\b", self.text[number.end :]) is not None
        if self.active is None or self.used or words.leftover(passage) > 6:
            return averaged or words.of_others(before, self.codes.own_names, self._own_named(number))
        if self.active.kind == "overall":
            led = _IN_BRACKETS.sub("", self.text[: self.active.start])[-_LEAD:]
            return averaged or words.of_others(led + self.text[self.active.start : number.start], self.codes.own_names)
        return words.of_others(passage, self.codes.own_names) or words.counts(
            self.text[: self.active.start]
        )  # what came before is of no matter

    def _score_of(self, active: Mention, number: Number, before: str, year: int | None) -> bool:
        """Gives a number to the name before it; False when too much stands between them."""
        gap = self._gap(active, number)
        spare = words.leftover(gap)
        is_near = number.marked and not re.search(r"\d\.\d", gap)
        part = self._own_part(active, before) if self.part is None else self.part
        if spare <= (_NEAR if is_near else _SPARE):
            doubt = _OF_PART_OF_AGENCY if words.names_subgroup(gap) else ""
            if active.kind == "instrument" and active.id in self.codes.parts_of and not part:
                doubt = doubt or (_WHICH_PART if _SOME_PART.search(before[-_NAMED_PART:]) else "")
            doubt = doubt or self._doubt_of_several(number)
            figure = self.ledger.give(
                active, number.printed, self.place, year=year, part=part, sure=not doubt, note=doubt
            )
            is_again = self.has_score and self.total_year is not None and active.kind != "overall"
            if is_again and (year or self.scene.year) != self.last_year:  # "OIT 90.10, while in 2567 it was 88.20"
                self.ledger.otherwise(figure, ["overall"], _TOTAL_OR_NOT)
            self.used, self.spoken_at, self.last_year = True, number.end, year or self.scene.year
            self.has_score = True
            if self.called:
                self.ledger.otherwise(figure, [self.called], SAME_NAME)
                self.called = None
            if self.either:
                self.ledger.otherwise(figure, ["overall"], _TOTAL_OR_NOT)
                self.either = False
            self._compare_done()
            if active.kind == "overall":
                self.total_year = self.last_year
                if figure is not None and self.subject is None:
                    self.ledger.rival(figure, is_named=self._names_agency(before))
            return True
        if spare <= 22 and is_near and active.kind != "overall":
            note = "ระหว่างชื่อกับตัวเลขมีข้อความอื่นคั่น"
            self.ledger.give(active, number.printed, self.place, year=year, part=part, sure=False, note=note)
            self.used, self.spoken_at = True, number.end
            return True
        return False

    def _doubt_of_several(self, number: Number) -> str:
        """Why a number is unsure that others follow at once, of which nothing says how they differ."""
        if _PAIR.match(self.text, number.end):
            return _OF_A_PAIR
        return _OF_SEVERAL if _SERIES.match(self.text, number.end) else ""

    def _gap(self, active: Mention, number: Number) -> str:
        """What stands between a name and its number, without how many answered and what was aimed at."""
        gap = words.without_counts(words.without_wishes(self.text[: number.start])[self.spoken_at :])
        gap = words.without_meaning(gap)
        return self._without_name(active, gap)

    def _without_name(self, mention: Mention, gap: str) -> str:
        """A gap without the indicator's own name, in case only its number was recognised ("ตชว.9 เปิดเผยข้อมูล")."""
        if mention.kind != "indicator":
            return gap
        names = (n.text for n in self.ledger.vocabulary.names if n.id == mention.id and n.kind == "indicator")
        for name in sorted(names, key=len, reverse=True):
            gap = gap.replace(name, " ").replace(name.removeprefix("การ"), " ")
        return gap

    def _own_part(self, mention: Mention, before: str) -> str | None:
        if mention.kind == "instrument" and mention.id not in self.codes.number_of:
            return self.codes.part(before[mention.start :])
        return self.ledger.part_for(mention)

    def _change(self, number: Number, before: str) -> None:
        down = re.findall(_RISE, before[-160:])[-1].startswith(_FALLS)
        spoken = [y for at, y in words.years(self.text) if at < number.start and y not in self.compared_with]
        when = max(spoken) if spoken else self.scene.year
        if _is_over_years(before[-60:], self.text[number.end : number.end + 120], when):
            return
        since = re.search(rf"{_RISE}[^\d]{{0,30}}(?:จาก|กว่า)[^\d]{{0,20}}(25\d\d)", before[-160:])
        if since:
            if int(since[1]) != self.scene.year - 1:
                return  # against another year than the last: not a change of this kind
            when = self.scene.year
        value = ("-" if down else "+") + number.text
        node, is_open = self.active or _TOTAL, self._may_be_later(when, number)
        year, note = when or self.year, _WHICH_YEAR if is_open else ""
        self.ledger.give(node, value, self.place, year=year, part=self.part, change=True, sure=not is_open, note=note)

    def _may_be_later(self, year: int, number: Number) -> bool:
        """Whether how much a score rose may be of the year that the document is about: only an earlier one was named,
        and none before that."""
        before = self.text[: number.start]
        named = {y for _, y in (*words.years(before), *words.relative_years(before, year))}
        return year < self.scene.year and year - 1 not in named

    def _is_compared(self, year: int | None) -> bool:
        """Whether the total of one year was told, and a number is of another that is named with it."""
        if self.total_year or not year:
            return bool(year)
        known = self.ledger.figures_of.get(self.ledger.whose, ())
        return any(f.node == "overall" and f.sure and f.fiscal_year != year for f in known)

    def _tells_total(self, number: Number, before: str, *, compared: bool) -> bool:
        """Whether a number without a named subject is the agency's total.

        ``compared`` says that the text gave one already, and names the year of this number.
        """
        in_brackets = _YEAR_THEN_BRACKET.search(before) is not None
        has_level = self._has_level_of_rules(number)
        if not (number.marked or self.total_year is not None or in_brackets or compared or has_level):
            return False
        if any(m.start < number.start and m.kind in ("indicator", "item", "instrument") for m in self.mentions):
            return False
        after = self.text[number.end :]
        if has_level or (self.total_year is None and self._is_reached(number)):
            return True
        if in_brackets and re.match(r"\s{0,9}(?:/|,|คะแนน|\))", after):
            return True
        if compared and "." in number.text and (_ANOTHER_YEAR_BEFORE.search(before) or _NEXT_YEAR.search(before)):
            return True
        if compared and _REACHED_THEN.search(before) and re.match(r"\s{0,9}คะแนน", after):
            return "." in number.text
        if words.led_to_assessment(after) or (not self._is_under_node() and self._opens_with_total(number, before)):
            return True
        sentence = f"{self.scene.before} {before}" if self.scene.carried is None else before
        about_ita = re.search(r"ITA|ความโปร่งใส|ประเมิน|ภาพรวม|คะแนนรวม|ป\.ป\.ช|[Ii]ntegrity|[Aa]ssess", sentence)
        goes_on = "." in number.text and number.marked and not self._is_under_node()  # from the line before
        if not (about_ita or agencies(sentence)) or not words.overall_cue(sentence if goes_on else before):
            return False
        closed = "." in number.text and words.closes_total(before, after)
        return closed or words.opens_total(before, compared=compared)

    def _opens_with_total(self, number: Number, before: str) -> bool:
        """Whether a line, under a heading that speaks of our assessment, opens with the total: the words before it say
        nothing else."""
        scene = self.scene
        has_unit = "." in number.text and re.match(r"\s{0,9}(?:คะแนน|points)", self.text[number.end :]) is not None
        if (scene.headed or scene.named) and _SCORE_ALONE.fullmatch(before):
            return True  # right under the name of the agency, the year, or our assessment
        if scene.ours and "." in number.text and _WITH_SCORE.search(before):
            return bool(self.ledger.vocabulary.levels.stated(before))
        if has_unit and scene.ours and _REACHED_IN_YEAR.fullmatch(before):
            return True
        if (has_unit or self._has_level(number)) and self._says_we_reached(before):
            return True
        is_result = scene.named and _RESULT_OF_YEAR.fullmatch(before) and self._ends_as_result(number)
        return bool(is_result) or _REACHED_ALONE.fullmatch(before) is not None

    def _has_level(self, number: Number) -> bool:
        """Whether a decimal number is followed by its level."""
        after = self.text[number.end : number.end + _LONGEST_LEVEL]
        is_next = re.match(r"\s{0,9}[(,]?\s{0,3}(?:อยู่)?(?:ใน)?ระดับ", after) is not None
        return "." in number.text and is_next and bool(self.ledger.vocabulary.levels.stated(after))

    def _has_level_of_rules(self, number: Number) -> bool:
        """Whether the level that the rules give a total stands right beside a decimal number, where our assessment is
        spoken of and nothing but the whole."""
        levels = self.ledger.vocabulary.levels
        before = self.text[max(0, number.start - _LONGEST_LEVEL) : number.start]
        level = levels.next_to(self.text[number.end : number.end + _LONGEST_LEVEL]) or levels.before(before)
        is_dated = self.ledger.names_ours and self.year is not None
        is_open = (self.scene.ours or self.scene.named or self.scene.headed or is_dated) and (
            not self._is_under_node() or re.search(self.codes.own_names, self.text[: number.start]) is not None
        )
        framework = self.ledger.frameworks.get(self.year or self.scene.year)
        if level is None or framework is None or not is_open or "." not in number.text:
            return False
        return is_level_of(framework, float(number.text), level)

    def _says_we_reached(self, before: str) -> bool:
        """Whether the words before a number are that the agency reached it, by what it calls itself: "เราได้"."""
        called = self._own_words(len(before)) if self.scene.named else 0
        return bool(called) and _REACHED.fullmatch(before[called:]) is not None

    def _ends_as_result(self, number: Number) -> bool:
        """Whether a decimal number is followed by its unit or its level and nothing else, or ends the line."""
        after = self.text[number.end :].strip(" )")
        rest = re.sub(r"^คะแนน\s{0,9}(?:[(,/].{0,200})?", "", after)
        return "." in number.text and (not rest or self.ledger.vocabulary.levels.alone(rest) is not None)

    def _last_named(self, number: Number) -> NamedAgency | None:
        return next((a for a in reversed(self.agencies) if a.end <= number.start), None)

    def _is_under_node(self) -> bool:
        """Whether the lines above, and not this text itself, are about an instrument or an indicator."""
        named = {self.codes.whole(m.id) for m in self.mentions}
        above = {self.scene.instrument, self.scene.indicator} - {None}
        return bool(above - named)

    def _is_reached(self, number: Number) -> bool:
        """Whether the words right before a number say that an agency reached it: "อบต.X ได้ 91.26 คะแนน"."""
        last = self._last_named(number)
        before = [m for m in self.mentions if m.start < number.start and not self._has_number_before(m, last)]
        is_open = self.active is not None and not self.used and (self.active not in self.mentions or bool(before))
        of_node = any(m.kind in ("indicator", "item", "instrument") for m in before)
        if last is None or is_open or of_node or self.subject or self._is_under_node():
            return False
        passage = _THEN.sub("", _RANKS.sub("", self.text[last.end : number.start]))
        reached = _REACHED.fullmatch(passage)
        unit = re.match(r"\s{0,20}\)" if reached and reached["open"] else r"\s{0,20}คะแนน", self.text[number.end :])
        is_result = (
            unit is not None
            or number.end in self.in_list
            or self._has_level(number)
            or self._is_beside_another(number) is not None
        )
        is_other = self.scene.other_assessment or self.is_other_assessment
        return reached is not None and is_result and "." in number.text and not is_other

    def _has_number_before(self, mention: Mention, agency: NamedAgency | None) -> bool:
        """Whether a name has its number before an agency is named, so that what follows is of that."""
        return agency is not None and re.search(r"\d\.\d", self.text[mention.end : agency.start]) is not None

    def _is_beside_another(self, number: Number) -> re.Match[str] | None:
        """What follows a number without its unit, where another agency and its own number come next or came before:
        "ปี 2567 อบต.X ได้ 95.74 ส่วน อบต.Y ได้ 90.73"."""
        is_list = len([a for a in self.agencies if family_of(a.name) not in ("", "place")]) >= LEAST
        before = self.text[: number.start]
        is_dated = words.years(before) or words.relative_years(before, self.scene.year)
        is_score = re.fullmatch(r"\d{2,3}\.\d\d", number.text) and is_list and is_dated
        return re.match(r"\s{0,9}(?=ส่วน|ขณะที่|และ|แต่|,|เท่ากับ|ปีนี้|$)", self.text[number.end :]) if is_score else None

    def _of_other(self, number: Number, year: int | None) -> None:
        """Keeps the total of another agency, to be given with those of more."""
        self.ours = False
        if named := self._last_named(number):
            self.ledger.keep_other(named.name, number.printed, self.place, year)
            self.other_named = named.name

    def _score_of_other(self, number: Number, before: str, year: int | None) -> None:
        """Gives the score of a node of another agency, which is named right before it: "ส่วน อบต.Y ได้ IIT 90.10"."""
        other, active = self._last_named(number), self.active
        if other is not None and other.name == self.other_named and active is not None and active.start > other.end:
            self._go_on_of(other, active, number, before, year)
            return
        first = next((m for m in self.mentions if other and m.start >= other.end), None)
        if other is None or first is None or active is None or self.used or active.start < other.end:
            return
        is_compared = _COMPARED_BEFORE.search(self.text[: other.start])
        opens = _OPENS_NODES.fullmatch(self.text[other.end : first.start])
        if opens and not is_compared and not words.of_others(self.text[other.end : number.start], self.codes.own_names):
            with self.ledger.row_of(other.name):
                self._score_of(active, number, before, year)

    def _go_on_of(self, other: NamedAgency, active: Mention, number: Number, before: str, year: int | None) -> None:
        """Gives the score of a node of another agency whose total was told before it, where nobody else is spoken of
        since: "ส่วน อบต.Y ได้ 91.61 คะแนน โดยได้ IIT 89.67 EIT 89.03"."""
        passage = self.text[other.end : number.start]
        is_ours = self._own_named(number) > other.end
        if not (is_ours or self.used or words.of_others(passage, self.codes.own_names) or _THRESHOLD.search(before)):
            with self.ledger.row_of(other.name):
                self._score_of(active, number, before, year)

    def _total(self, number: Number, before: str, year: int | None, *, is_own: bool) -> None:
        """Gives a total told without naming it; a second one of the same year makes neither clear."""
        if self.total_year == (year or self.scene.year):
            self.ledger.rival(Figure(self.total_year, "overall", number.printed, self.place))
            return
        known = self.ledger.agency is not None
        note = NO_AGENCY if not known else ANOTHER_AGENCY if not is_own else self._doubt_of_several(number)
        figure = self.ledger.give(_TOTAL, number.printed, self.place, year=year, sure=not note, note=note)
        if figure is not None:
            self.ledger.rival(figure, is_named=self._names_agency(before))
        self.total_year = year or self.scene.year
        self.used, self.spoken_at = True, number.end
        self._compare_done()

    def _names_agency(self, before: str) -> bool:
        """Whether the words before a number name the agency the document is about."""
        agency = self.ledger.whose
        return agency is not None and thai.squeeze(agency) in thai.squeeze(f"{self.scene.before} {before}")


def _agencies_of(text: str, own: str | None) -> list[NamedAgency]:
    """The agencies that a text names; the own one with all of its name, whose end may be a word that sentences have."""
    named = [a for a in named_agencies(text) if not is_kind_alone(a.name)]
    return [
        NamedAgency(a.start, a.start + len(own), own) if own and text.startswith(own, a.start) else a for a in named
    ]


def _listed_totals(text: str, named: Sequence[NamedAgency]) -> set[int]:
    """Where the numbers of a list end that stand each right after the name of an agency: "อบจ.X 98.10 อบต.Y 61.30"."""
    places = {m.end(1) for a in named if family_of(a.name) != "place" and (m := _RIGHT_AFTER.match(text, a.end))}
    return places if len(places) >= _LEAST_LISTED else set()


_LEAST_LISTED, _RIGHT_AFTER = 3, re.compile(r"\s{1,3}(\d{2,3}\.\d{1,2})(?![\d.%])")


def _other_agency(own: str | None, text: str, at: int) -> str | None:
    """The agency named last before a place of a text, where that is assessed beside the own one and not it."""
    named = [a.name for a in named_agencies(text[:at]) if family_of(a.name) not in ("", "place")]
    if own is None or not named or is_same(named[-1], own) or family_of(named[-1]) != family_of(own):
        return None
    return named[-1]


def _year_after(text: str, number: Number) -> tuple[int | None, int]:
    """The year told right after a number, in brackets or as "คะแนน ในปี", and where it ends."""
    if english := _ENGLISH_YEAR.match(text, number.end):
        return int(english[1]) + 543, english.end()
    year = r"(?:ปี)?(?:งบประมาณ)?\s{0,20}(?:พ\.?\s?ศ\.?)?\s{0,20}(25\d\d)"
    # a year before the next number is that one's, unless this is where it came from: "จาก 82.18 คะแนน ในปี 2565 เป็น 94.40"
    comes_from = re.search(r"จาก\s{0,20}$", text[: number.start])
    ends = "" if comes_from else r"(?:(?=\s{0,3}(?:และ|,|;|/))|(?![^\d]{0,30}\d{1,3}\.\d))"
    match = re.compile(
        rf"\s{{0,20}}(?:คะแนน|%)?\)?\s{{0,20}}(?:\([^()\d]{{1,20}}\)\s{{0,9}}(?=(?:ใน|เมื่อ)ปี))?(?:\(\s{{0,20}}(?:ใน)?\s{{0,20}}{year}\s{{0,20}}\)|(?:ใน|เมื่อ)\s{{0,20}}(?=ปี){year}{ends})"
    ).match(text, number.end)
    return (int(match[1] or match[2]), match.end()) if match else (None, 0)


def _name_after(text: str, number: Number, mentions: list[Mention]) -> Mention | None:
    """The indicator whose score was told before its name: "ได้ 100 คะแนน ในด้าน…", and no number after that."""
    following = next((m for m in mentions if m.start >= number.end), None)
    if following is None or following.kind not in ("indicator", "instrument"):
        return None
    between = r"\s{0,20}(?:คะแนน|points?)\s{0,20}(?:เต็ม)?\s{0,20}(?:ใน|for|in)?\s{0,20}(?:ตัวชี้วัด(?:ที่)?|ด้าน|เรื่อง)\s{0,20}(?:\d{1,2}\.?)?\s{0,20}"
    stated_before = re.fullmatch(between, text[number.end : following.start])
    return following if stated_before and not re.match(r"[^\d]{0,30}\d", text[following.end :]) else None


def _is_change(before: str) -> bool:
    """Whether the words before a number make it how much a score rose or fell, not what it became."""
    before = words.YEAR.sub(" ", before)
    became = r"(?:(?<!คิด)เป็น|ได้|ได้คะแนน|เท่ากับ|จาก|จากเดิม|เหลือ|(?:จาก|กว่า)[^\d]{0,40}(?:ที่|ซึ่ง|\()(?:ระดับ|ได้)?(?:คะแนน)?)\s{0,20}(?:ร้อยละ)?\s{0,20}$"
    return bool(re.search(rf"{_RISE}[^\d]{{0,48}}$", before)) and not re.search(became, before)


def _is_difference(before: str) -> bool:
    """Whether a number is how far the two scores before it differ: "เพิ่มขึ้นจากปีก่อน (88.99 คะแนน) จำนวน"."""
    before = words.YEAR.sub(" ", before)
    return bool(
        re.search(
            rf"(?:{_RISE}|{_SAME})[^\d]{{0,48}}\d{{1,3}}(?:\.\d{{1,10}})?[^\d]{{0,40}}(?:จำนวน|คิดเป็น|ถึง|ต่างกัน|เท่ากับ)\s{{0,20}}(?:ร้อยละ)?\s{{0,20}}$",
            before,
        )
    )


def _is_relative(before: str) -> bool:
    """Whether a number is how large the difference before it is in per cent: "เพิ่มขึ้น 1.87 คะแนน คิดเป็นร้อยละ"."""
    before = words.YEAR.sub(" ", before)
    return bool(
        re.search(
            rf"{_RISE}.{{0,100}}\d\s{{0,9}}(?:คะแนน)?\s{{0,9}}[,(]?\s{{0,9}}(?:หรือ)?\s{{0,9}}(?:คิดเป็น|เท่ากับ)?\s{{0,9}}ร้อยละ\s{{0,9}}$",
            before,
        )
    )


def _is_over_years(before: str, after: str, year: int) -> bool:
    """Whether a change is over more than the year from the one before: "ตลอด 4 ปีเพิ่มขึ้น", "จาก 82.18 ในปี 2565"."""
    since = re.match(r"\s{0,20}(?:คะแนน|%)?\s{0,20}จาก[^\d]{0,30}\d{1,3}\.\d{1,10}[^\d]{0,30}(25[4-9]\d)", after)
    spans = re.search(
        r"(?<![\d.])([2-9]|1\d)\s{0,20}ปี(?![\s\u0e01-\u0e4e]{0,10}25)[^\d]{0,30}$", words.YEAR.sub("ปี", before)
    )
    return bool(spans) or (since is not None and int(since[1]) != year - 1)
