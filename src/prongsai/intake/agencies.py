"""Names of public agencies in a text: a word for the kind of agency, then a name that ends where the sentence goes on.

A kind whose word is long means an agency wherever it stands, also when the word before it is glued to it, as Thai is
written; a short one ("กรม") only where a word of its own may begin.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from prongsai.intake.gazetteer import Known, find_known, known_as
from prongsai.lib import thai

# the family of an agency: those of one family are assessed side by side, and told apart from each other in news
_KINDS: dict[str, tuple[str, tuple[str, ...]]] = {  # word: its family, and its short forms
    "องค์การบริหารส่วนตำบล": ("local", ("อบต.",)),
    "องค์การบริหารส่วนจังหวัด": ("local", ("อบจ.",)),
    "เทศบาลตำบล": ("local", ("ทต.",)),
    "เทศบาลเมือง": ("local", ("ทม.",)),
    "เทศบาลนคร": ("local", ("ทน.",)),
    "สำนักงานเขตพื้นที่การศึกษาประถมศึกษา": ("education", ("สพป.",)),
    "สำนักงานเขตพื้นที่การศึกษามัธยมศึกษา": ("education", ("สพม.",)),
    "สำนักงานเขต": ("local", ("สนข.",)),
    "มหาวิทยาลัยเทคโนโลยีราชมงคล": ("university", ("มทร.",)),
    "มหาวิทยาลัยราชภัฏ": ("university", ("มรภ.",)),
    "มหาวิทยาลัย": ("university", ()),
    "วิทยาลัย": ("university", ()),
    "โรงพยาบาล": ("hospital", ("รพ.",)),
    "โรงเรียน": ("school", ("รร.",)),
    "สถานีตำรวจภูธร": ("police", ("สภ.",)),
    "สถานีตำรวจนครบาล": ("police", ("สน.",)),
    "สถานีตำรวจ": ("police", ()),
}
_STEMS = ("เทศบาล", "มหาวิทยาลัย", "วิทยาลัย", "สถาบัน", "กรม", "สำนักงาน", "จังหวัด", "สถานีตำรวจ", "องค์การ", "ธนาคาร", "กองทุน")
_PLACES = ("จังหวัด",)  # where agencies are
_SHORT = {short: word for word, (_, shorts) in _KINDS.items() for short in shorts}
_LOOSE: dict[str, str] = {  # words that also begin other things
    "สถาบัน": "university",
    "กรม": "department",
    "สำนักงาน": "department",
    "ศูนย์": "",
    "องค์การ": "",
    "ธนาคาร": "",
    "กองทุน": "",
    "บริษัท": "",
    "เมืองพัทยา": "local",
    "กรุงเทพมหานคร": "place",  # an agency too, but more often where one is
    "ที่ว่าการอำเภอ": "place",
    "ที่ทำการปกครองอำเภอ": "place",
    "จังหวัด": "place",
    "การ(?:ไฟฟ้า|ประปา|รถไฟ|ท่าเรือ|เคหะ|ยาง|กีฬา|ท่องเที่ยว|นิคม|ทางพิเศษ)": "",
    "การ[\u0e01-\u0e4e]{2,30}?แห่งประเทศไทย": "",
}
_GLUED = (
    r"ของ|คะแนน|โดย|ว่า|ให้|นายก|ปลัด|หน่วยงาน|รองปลัด|นาย|หรือ|ซึ่ง|ขณะที่|ผู้ว่าการ|อธิบดี|อธิการบดี|ผู้อำนวยการ"
    r"|ยุทธศาสตร์|รายงาน|ประกาศ|แผน|ทาง|จาก|แก่|และ|กับ|คือ|ได้แก่|สำหรับ|ส่วน(?!ราชการ)|เช่น|รวมทั้ง|รวมถึง|ตามด้วย|รองลงมา"
)
_NAME = r"[\u0e01-\u0e4e.\-]*(?:\s?\(องค์การมหาชน\)|\s{1,3}เขต\s{0,3}\d{1,2}(?![\d.,]))?"
_AGENCY = re.compile(
    rf"(?P<kind>{'|'.join(_KINDS)}){_NAME}"
    rf"|(?:(?<![\u0e01-\u0e4e])(?:(?:{_GLUED})\s?){{0,3}}|(?<=งานของ)|(?<=[\u0e01-\u0e4e]คือ)|(?<=ได้แก่)|(?<=แล้ว))"
    rf"(?P<loose>(?:{'|'.join(_LOOSE)}|{'|'.join(map(re.escape, _SHORT))}){_NAME})"
)
_HEAD = re.compile(
    rf"{'|'.join(map(re.escape, _SHORT))}|{'|'.join(_KINDS)}|สำนักงาน(?:สาธารณสุข)?(?:จังหวัด)?|สถาบัน|กรม|ศูนย์|องค์การ|จังหวัด|ธนาคาร|กองทุน|บริษัท|ที่(?:ว่าการ|ทำการปกครอง)อำเภอ"
)
_OFFICE_OF_DISTRICT = re.compile(r"^ที่(?:ทำการปกครอง|ว่าการ)\s{0,3}(?=อำเภอ)")  # which is assessed as the district
_QUOTES, _LONGEST_NAME = {"“": "”", '"': '"', "‘": "’"}, 120
_NO_NAME = re.compile(
    r"ของ|ได้|นี้|จึง|ยังคง|และ|หรือ|คือ|ทั้ง|ทุก|ต่าง|อื่น|ดังกล่าว|แห่ง|จะ|ควร|เรา|ต้อง|ใน(?:สังกัด|พื้นที่|เขต|จังหวัด|อำเภอ|ประเทศ|กลุ่ม)|ที่(?:ได้|มี|เข้า|ผ่าน)|มีคะแนน|มีผล|ขนาด|ประเภท"
    r"|เพิ่มขึ้น|ลดลง|(?:สูง|ต่ำ|ดี)(?:ขึ้น|ลง|กว่า|สุด)|เฉลี่ย"
)
_NOT_AGENCY = re.compile(
    r"ป\.ป\.ช|ปปช|^สถาบันการศึกษา|^สถาบันอุดมศึกษา|คณะกรรมการป้องกัน|^จังหวัด$|^สำนักงาน$|^สำนักงานจังหวัด$|^ศูนย์$|^กรม$|^สถาบัน$|องค์การบริหารส่วนตำบล$|^องค์การ$|องค์กรปกครอง|^เทศบาลตำบล$|^มหาวิทยาลัย$|"
    r"^กองทุน$|^บริษัท$|^โรงเรียน$|ร้องเรียน|การจัดซื้อ|^จังหวัดที่|^กรมที่|^องค์การมหาชน"
)
_AGENCY_END = re.compile(
    r"(?:ได้|มี|มีผล|อยู่|ดำเนินการ|ประจำ|ปีงบประมาณ|จึง|ควร|ผ่าน|ใน|(?<!พื้น)(?<!แผน)ที่|เข้าร่วม|ของ|รายงาน|เรื่อง|ผลการ|ตาม|ปี|(?<!กองทุน)(?<!ธนาคาร)(?<!สถาบัน)เพื่อ|และ|ต้อง|โดย(?!สาร)|อำเภอ|อ\.|จังหวัด|จ\.|ย้อนหลัง|(?<!กำ)กับ|แยก|แล้ว|ออก(?:แล้ว|มา)"
    rf"|กล่าว|ประกาศ|(?<!ปก)(?<!คุ้ม)ครอง|คว้า|คือ|{'|'.join(_KINDS)})"
)
_ENGLISH_AGENCY = re.compile(
    r"\b(?!The\s|This\s|Our\s|Each\s)(?:(?:[A-Z][a-z]+\s){1,4}(?:University|Municipality|Hospital|Authority|Institute)"
    r"(?:\sof\s(?:the\s)?[A-Z][a-z]+){0,2}"
    r"|(?:[A-Z][a-z]+\s){1,4}(?:Provincial|Subdistrict)\s\w+\sOrgani[sz]ation"
    r"|(?:University|Department|Office|Ministry|Bank|Port)\sof\s(?:the\s)?[A-Z][a-z]+(?:\s[A-Z][a-z]+){0,3})\b"
)


@dataclass(frozen=True)
class NamedAgency:
    """An agency named in a text, and where."""

    start: int
    end: int
    name: str


def perhaps_agencies(text: str) -> list[str]:
    """Initials ("อทก."), which other things have too, and districts, which are mostly where an agency is."""
    initials = r"(?<![\u0e01-\u0e4e.])[\u0e01-\u0e2e]{3,5}\.(?![\u0e01-\u0e4e])"
    return re.findall(rf"{initials}|(?<![\u0e01-\u0e4e])อำเภอ[\u0e01-\u0e4e]{{3,}}", text)


def named_agencies(text: str) -> list[NamedAgency]:
    """The agencies that a text names, in order, each cut where the sentence goes on."""
    return list(_remembered(text))


@lru_cache(maxsize=512)  # a line is read from several sides
def _remembered(text: str) -> tuple[NamedAgency, ...]:
    found = []
    known = {start: max(end, start + len(_quoted(text, start))) for start, end in _apart(find_known(text)).items()}
    listed = [NamedAgency(start, end, text[start:end]) for start, end in known.items()]
    at = 0
    while match := _AGENCY.search(text, at):
        start = match.start("loose") if match["loose"] else match.start()
        if inside := next((end for begin, end in known.items() if begin <= start < end), 0):
            at = inside
            continue
        name = _quoted(text, start) or _cut(text[start : match.end()], is_last=match.end() == len(text.rstrip()))
        at = start + max(len(name), 1)
        if name.rstrip("ฯ") in (*_KINDS, *_LOOSE):
            continue  # of which no more is said than what kind it is: "วิทยาลัยฯ"
        if name in _SHORT or (len(thai.squeeze(name)) > 4 and not _NOT_AGENCY.search(name)):
            found.append(NamedAgency(start, start + len(name), name))
    found += [NamedAgency(m.start(), m.end(), m[0]) for m in _ENGLISH_AGENCY.finditer(text)]
    return tuple(sorted([*found, *listed], key=lambda a: a.start))


def _apart(known: Mapping[int, Known]) -> dict[int, int]:
    """Where agencies of the list begin and end, none within another."""
    ends: dict[int, int] = {}
    last = 0
    for start, entry in sorted(known.items()):
        if start >= last:
            last = ends[start] = start + len(entry.written)
    return ends


def _quoted(text: str, start: int) -> str:
    """The name that begins at a place, where quotation marks say where it ends."""
    closing = _QUOTES.get(text[start - 1 : start])
    end = text.find(closing, start, start + _LONGEST_NAME) if closing else -1
    return text[start:end] if end > 0 else ""


def _cut(name: str, *, is_last: bool = False) -> str:
    head = _HEAD.match(name)
    start = head.end() if head else 0
    if head and _NO_NAME.match(name, start):
        return head[0] if head[0] in _SHORT else ""  # "อบต. ได้": the one that everybody here knows
    ending = _AGENCY_END.search(name, start + 2)
    if ending and is_last and ending.end() == len(name):
        ending = None  # nothing goes on after it: the last syllable of the name
    return (name[: ending.start()] if ending else name).rstrip(" .-")


def agencies(text: str) -> list[str]:
    """The names of public agencies in a text."""
    return [agency.name for agency in named_agencies(text)]


def without_agencies(text: str) -> str:
    """A text without the names of agencies, whose words are no statement ("สำนักงานมาตรฐาน…")."""
    for agency in reversed(named_agencies(text)):
        text = f"{text[: agency.start]} {text[agency.end :]}"
    return text


def without_kind(name: str) -> str:
    """What an agency is called beside its kind, where it has a name beside it."""
    for word in (*_KINDS, *_SHORT):
        if name.startswith(word):
            return name[len(word) :].strip()
    return name


def is_kind(text: str) -> bool:
    """Whether a text is only the word for a kind of agency, in full or short: "มหาวิทยาลัย"."""
    return text in (*_KINDS, *_SHORT, *_STEMS) and text not in _PLACES


def is_kind_alone(name: str) -> bool:
    """Whether it is only the short word for a kind of agency."""
    return name in _SHORT


def key_of(name: str) -> str:
    """What two spellings of one agency have in common: the kind in full, no spaces, no marks."""
    if entry := known_as(name):
        return thai.squeeze(entry.name)
    name = _OFFICE_OF_DISTRICT.sub("", name)
    for short, word in _SHORT.items():
        if name.startswith(short):
            name = word + name[len(short) :]
    return thai.squeeze(name)


def own_words(own: str) -> str:
    """A pattern of what an agency calls itself: its kind alone, or "we"."""
    full = key_of(own)
    kinds = [word for word in _KINDS if full.startswith(thai.squeeze(word))][:1]
    kinds += [short for short, word in _SHORT.items() if word in kinds]
    kinds += [stem for stem in _STEMS if full.startswith(stem)]
    called = "|".join(map(re.escape, kinds)) or "(?!)"
    return (
        rf"(?<![\u0e01-\u0e4e])(?:ส่วน|โดย|(?:ใน)?ปี(?:นี้|ที่แล้ว|ก่อน|ที่ผ่านมา)|ทาง){{0,2}}(?:{called})(?:ฯ|ของเรา|เรา)?(?=\s?(?:(?:ใน)?ปีนี้)?(?:ได้|มี|ทำ))"
        r"|(?<![\u0e01-\u0e4e])(?:(?:ใน)?ปี(?:นี้|ที่แล้ว|ก่อน|ที่ผ่านมา))?(?:ทาง)?เรา(?=(?:ได้|ทำ|มี))"
    )


def is_same(name: str, other: str) -> bool:
    """Whether two names are of one agency, one of them perhaps with words of the sentence at its end."""
    first, second = sorted((key_of(name), key_of(other)), key=len)
    is_of_another_number = first[-1:].isdigit() and second[len(first) :][:1].isdigit()  # "เขต 1" and "เขต 11"
    return second.startswith(first) and not is_of_another_number


def family_of(name: str) -> str:
    """What an agency is assessed beside; empty where that is not known."""
    if entry := known_as(name):
        return entry.family
    full = key_of(name)
    for word, (family, _) in _KINDS.items():
        if full.startswith(thai.squeeze(word)):
            return family
    return next((family for word, family in _LOOSE.items() if re.match(word, name)), "")
