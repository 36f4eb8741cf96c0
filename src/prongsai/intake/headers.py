"""What the head of a table says of its columns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from prongsai.framework import Framework
from prongsai.intake import words
from prongsai.intake.agencies import is_kind, named_agencies
from prongsai.intake.vocabulary import Mention, Vocabulary
from prongsai.lib import thai


@dataclass(frozen=True)
class Column:
    """What a table head says of a column. ``role``: score, change, level, agency, year, weighted, ignore, or
    unknown."""

    role: str = "unknown"
    year: int | None = None
    part: str | None = None
    node: Mention | None = None
    own: str | None = None  # "instrument" or "indicator" when the head says whose score it is
    agency: str | None = None  # whose scores the column has, where its head names one of several


_IGNORED = re.compile(
    r"น้ำหนัก|weight|เป้า|คาดหวัง|ตนเอง|\bself\b|ประเทศ|ขั้นต่ำ|จำนวน|งบประมาณที่|วงเงิน|บาท|คนที่|ผู้ตอบ|ร้อยละของ|ลำดับ|อันดับ|rank|respondent|เกณฑ์|ปีที่แล้ว|target|ประชากร|กลุ่ม|เต็ม(?!\s*\)?\s*100)|หมายเหตุ|โทร",
    re.I,
)
CHANGE = re.compile(r"ผลต่าง|เปลี่ยนแปลง|เพิ่ม|ลด|\+\s?/\s?-|ส่วนต่าง|difference|change|พัฒนาการ", re.I)
_SCORE = re.compile(r"คะแนน|ผล(?:จริง|ที่ได้)|ผลการประเมิน|ผลประเมิน|score|เฉลี่ย|ร้อยละ|ค่า\s*ITA|ITA", re.I)
_ENDS_IN_NUMBER = re.compile(r"(.{1,80}?)\s{0,9}[(\[]?(\d)[)\]]?")
_OF_TIME = re.compile(r"ครั้ง|รอบ|ไตรมาส|เดือน|ระยะ|สัปดาห์|ปี(?![^\d]{0,9}25\d\d)")
_TOTAL = re.compile("รวม(?:ทั้งหมด|ทั้งสิ้น)?|ผลรวม")
_OF_ONE_YEAR = re.compile(
    r"(?:ผล)?(?:คะแนน|(?:การ)?ประเมิน)?\s{0,3}(?:ประจำ)?(?:ปี(?:งบประมาณ|ก่อน(?:หน้า)?)?)?\s{0,3}(?:พ\.?\s?ศ\.?)?\s{0,3}25[4-9]\d"
    r"|ปีก่อน(?:หน้า)?"
)
_LEAST_AGENCIES = 2  # beside each other
_FROM_A_LINE = re.compile("เกณฑ์|เป้า|เฉลี่ย|ประเทศ|จังหวัด|กลุ่ม|target|average|mean", re.I)
_EXTREME = re.compile(r"(?:ค่า|คะแนน)?\s?(?:สูง|ต่ำ|น้อย|มาก)(?:ที่)?สุด|max(?:imum)?|min(?:imum)?|highest|lowest", re.I)
_MEAN = re.compile(r"(?:ค่า|คะแนน)?\s?เฉลี่ย|mean|average|avg\.?", re.I)
_PERCENT = re.compile(r"(?:คิดเป็น)?ร้อยละ|\(?%\)?|per ?cent(?:age)?", re.I)
_COUNTS = re.compile(r"จำนวน|ผู้ตอบ|ความถี่|\bnumber\b|respondents", re.I)  # of people; a percentage beside it is of them
_TARGET = re.compile("เป้า|target", re.I)
_DONE = re.compile(
    r"(?:ข้อมูล|ค่า)ฐาน|\bbaseline\b|ผล(?:การดำเนิน(?:งาน|การ)|การปฏิบัติ|งาน|สำเร็จ|ลัพธ์)(?!ที่)|\bactual\b|achieve", re.I
)
_DONE_IN_YEAR = re.compile(r"ผล(?:จริง)?\s{0,3}(?:ปี(?:งบประมาณ)?)?\s{0,3}(?:พ\.?\s?ศ\.?)?\s{0,3}25[4-9]\d")
_NUMBERED_NAME = re.compile(
    r"(?:^|\s)(?:ตัวชี้วัด(?:ที่)?|ตชว\.?)?\s{0,3}[(\[]?(?P<number>\d{1,2})[.)\]]?\s{0,3}(?P<name>[\u0e01-\u0e4e][^\d]{2,60})$"
)
_LEAST_ALIKE = 0.7  # of the words beside numbers, those that are of the indicators' names
_NUMBER_TITLE = re.compile(r"(?:ตัวชี้วัด|ข้อ|ลำดับ)?(?:ที่|ตัวชี้วัด)?|no\.?|#|รหัส", re.I)
_ASSESSOR = re.compile(r"(?:ผู้|หน่วยงานที่)ประเมิน|ผู้ตรวจ")
_BESIDE_AGENCY = re.compile(  # what is told of agencies beside their names
    r"ประเภท|สังกัด|กลุ่ม|รหัส|type|kind|group|code|ministry|province|(?:^|[_\s])id(?:$|[_\s])", re.I
)
_NAME_TITLE = re.compile(r"ชื่อ|name", re.I)
_AGENCY_TITLE = re.compile(r"หน่วยงาน|ชื่อ|agency|อปท|organi[sz]ation|(?:^|[_\s])(?:name|org)(?:$|[_\s])", re.I)
_YEAR_TITLE = re.compile(r"(?:ประจำ)?ปี(?:งบประมาณ)?(?:\s{0,9}\(?พ\.?ศ\.?\)?)?|year|fiscal year", re.I)
_LEVEL_HEAD = re.compile(r"ระดับ|เกรด|grade|rating|level", re.I)
HEADING_WORDS = re.compile(
    r"^ที่$|ตัวชี้วัด|แบบวัด|เครื่องมือ|ข้อคำถาม|ข้อความ|ประเด็น|ข้อ|คะแนน|ปี|ระดับ|instrument|indicator|score|ลำดับ|ส่วนที่|น้ำหนัก|หน่วยงาน|รายการ|เป้าหมาย|งบประมาณ \(|มาตรการ|ผู้รับผิดชอบ|ขั้นตอน|ระยะเวลา|ผลต่าง|เฉลี่ย|average|กว่า",
    re.I,
)


def columns_of(titles: Sequence[str], vocabulary: Vocabulary) -> list[Column]:
    """What the heads of a table say of its columns. Where one holds scores, a percentage beside it is of something
    else."""
    columns = [column_of(title, vocabulary) for title in titles]
    if len(parts := _numbered(titles, vocabulary)) > 1:
        columns = [
            Column("score", c.year, parts.get(at), c.node, c.own) if at in parts else c for at, c in enumerate(columns)
        ]
    named = {at: names[0].name for at, title in enumerate(titles) if len(names := named_agencies(title)) == 1}
    is_beside = len(named) == 1 and any(_EXTREME.fullmatch(t.strip()) or words.is_mean_of_others(t) for t in titles)
    if len(set(named.values())) >= _LEAST_AGENCIES or is_beside:
        columns = [replace(c, role="score", agency=named[at]) if at in named else c for at, c in enumerate(columns)]
    if len({c.year for c in columns if c.year and c.role == "score"}) > 1:  # beside scores of years
        columns = [
            Column("ignore") if _MEAN.search(title) and not (c.year or c.node) else c
            for title, c in zip(titles, columns, strict=True)
        ]
    if sum(_EXTREME.fullmatch(t.strip()) is not None for t in titles) > 1:  # of a group, whose mean is beside them
        columns = [Column("ignore") if _MEAN.fullmatch(t.strip()) else c for t, c in zip(titles, columns, strict=True)]
    if is_of_plan(titles):
        columns = [_in_plan(title, c) for title, c in zip(titles, columns, strict=True)]
    columns = [
        Column("ignore") if at and _PERCENT.fullmatch(title.strip()) and _COUNTS.search(titles[at - 1]) else c
        for at, (title, c) in enumerate(zip(titles, columns, strict=True))
    ]
    if not any("คะแนน" in title and c.role == "score" for title, c in zip(titles, columns, strict=True)):
        return columns
    return [
        Column("ignore") if _PERCENT.fullmatch(title.strip()) else c for title, c in zip(titles, columns, strict=True)
    ]


def with_numbered(titles: Sequence[str], framework: Framework | None) -> list[str]:
    """The heads of columns, those that number all indicators of a year and say a word of each name ("2. งบประมาณ") by the
    number alone."""
    found = {at: m for at, title in enumerate(titles) if (m := _NUMBERED_NAME.search(title))}
    numbers = [m["number"] for m in found.values()]
    if framework is None or numbers != [n for n in framework.indicators if n.isdigit()]:
        return list(titles)
    alike = [_is_short_for(m["name"], framework.nodes[m["number"]].label.th) for m in found.values()]
    if sum(alike) < _LEAST_ALIKE * len(alike):
        return list(titles)
    return [f"ตัวชี้วัดที่ {found[at]['number']}" if at in found else title for at, title in enumerate(titles)]


def _is_short_for(short: str, name: str) -> bool:
    """Whether the letters of a word stand in a name, in their order."""
    letters = iter(thai.skeleton(thai.clean(name))[0])
    return all(letter in letters for letter in thai.skeleton(short)[0])


def is_of_plan(titles: Sequence[str]) -> bool:
    """Whether a table tells of each aim of a plan what was wished and what was done; its points are the plan's own."""
    return any(_TARGET.search(t) for t in titles) and any(_DONE.search(t) for t in titles)


def _in_plan(title: str, column: Column) -> Column:
    if _DONE.search(title) or _DONE_IN_YEAR.fullmatch(title.strip()):
        return replace(column, role="score")
    return Column("ignore") if column.role in ("score", "weighted") and column.node is None else column


def _numbered(titles: Sequence[str], vocabulary: Vocabulary) -> dict[int, str]:
    """The columns that are the parts of the survey with parts, by their numbers: named alike but for these, under its
    name, however the word for a part was damaged ("EIT สxน 1", "EIT สxน 2")."""
    codes = vocabulary.codes
    parts = len(codes.parts_of.get(codes.only_whole or "", ()))
    found: dict[str, dict[int, str]] = {}
    for at, title in enumerate(titles):
        match = _ENDS_IN_NUMBER.fullmatch(title)
        if match and codes.only_whole and re.search(rf"(?<![A-Za-z]){codes.only_whole}(?![A-Za-z])", title):
            found.setdefault(match[1], {})[at] = match[2]
    wanted = [str(n + 1) for n in range(parts)]
    return next((of for stem, of in found.items() if list(of.values()) == wanted and not _OF_TIME.search(stem)), {})


def column_of(text: str, vocabulary: Vocabulary) -> Column:
    """What a title says of its column."""
    if _NUMBER_TITLE.fullmatch(text.strip()):
        return Column("ignore" if text.strip() and text.strip() not in ("ตัวชี้วัด", "ข้อ") else "unknown")
    if "ย่อย" in text:
        return Column("ignore")
    mention, part = _node_of(text, vocabulary), vocabulary.codes.part(text)
    found_years = {y for _, y in words.years(text)}
    year = found_years.pop() if len(found_years) == 1 else None
    if CHANGE.search(text) and (re.search("%|ร้อยละ", text) or _FROM_A_LINE.search(text)):
        return Column("ignore", year)  # of the former score, as likely as in points; or from what was aimed at
    if _EXTREME.fullmatch(text.strip()):
        return Column("ignore")
    if CHANGE.search(text):
        return Column("change", year, part, mention)
    if re.search(r"ถ่วง|weighted", text, re.I):
        return Column("weighted", year)
    if _ASSESSOR.search(text):
        return Column("ignore")  # who assesses, not whom
    if _is_of_others(text, vocabulary, is_node=bool(mention or part)):
        return Column("ignore", year)
    return _column_of_result(text, year, part, mention)


def _node_of(text: str, vocabulary: Vocabulary) -> Mention | None:
    """The node that a title names."""
    mention = vocabulary.cell(text) if len(text) < 90 else None
    if mention is None and len(text) < 60:
        mention = next((m for m in vocabulary.mentions(text) if m.kind == "overall"), None)
    if mention is not None:
        within = (
            vocabulary.codes.indicator_number(text[mention.end :].strip()) if mention.kind == "instrument" else None
        )
        return Mention(0, len(text), "indicator", within) if within else mention
    if _TOTAL.fullmatch(_OF_ONE_YEAR.sub("", text).strip()):
        return Mention(0, len(text), "overall", "overall")
    if len(text) < 25 and (number := vocabulary.codes.indicator_number(text)):
        return Mention(0, len(text), "indicator", number)
    item = vocabulary.codes.item_code(text)
    return Mention(0, len(text), "item", item) if item else None


def _is_of_others(text: str, vocabulary: Vocabulary, *, is_node: bool) -> bool:
    """Whether a title is of something else than scores of agencies: "ร้อยละความสำเร็จ", weights, means of groups."""
    return (
        words.is_other_assessment(text, vocabulary.codes.own_names)
        or ("ร้อยละ" in text and not is_node and words.leftover(text) > 3)
        or _IGNORED.search(text) is not None
        or words.is_mean_of_others(text)
    )


def _is_of_agencies(text: str) -> bool:
    """Whether a title speaks of agencies, by that word or by what they all are: "สถาบัน", "ชื่อโรงเรียน"."""
    return _AGENCY_TITLE.search(text) is not None or is_kind(_NAME_TITLE.sub("", text).strip())


def _column_of_result(text: str, year: int | None, part: str | None, mention: Mention | None) -> Column:
    """The column of a title that is of the result: its level, whose it is, of which year, a score."""
    is_score = _SCORE.search(text) is not None
    if _LEVEL_HEAD.search(text) and not mention:
        return Column("level", year)
    if not is_score and _is_of_agencies(text):
        is_beside = _BESIDE_AGENCY.search(text) and not _NAME_TITLE.search(text)
        return Column("ignore" if is_beside else "agency")
    if year and not (mention or part or is_score) and words.leftover(words.YEAR.sub("", text)) > 4:
        return Column("ignore", year)  # "มาตรการปี 2568"
    if _YEAR_TITLE.fullmatch(text):
        return Column("year")
    if is_score or year or part or mention:
        own = "instrument" if re.search("เครื่องมือ|แบบวัด|ITA", text) else "indicator" if "ตัวชี้วัด" in text else None
        return Column("score", year, part, mention, own)
    return Column()
