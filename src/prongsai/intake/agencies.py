"""Names of public agencies in a text."""

import re

from prongsai.lib import thai

_AGENCY = re.compile(
    r"(?<![\u0e01-\u0e4e])(?:ของ|คะแนน|โดย|ว่า|ให้|นายก|ปลัด|หน่วยงาน|รองปลัด|นาย|หรือ|ซึ่ง|ขณะที่|ผู้ว่าการ|อธิบดี|อธิการบดี|ผู้อำนวยการ)?\s?("
    r"(?:องค์การบริหารส่วน(?:ตำบล|จังหวัด)|อบต\.|อบจ\.|เทศบาล(?:ตำบล|เมือง|นคร)|ทต\.|ทม\.|ทน\.|สำนักงานเขต|มหาวิทยาลัย|วิทยาลัย|โรงพยาบาล|โรงเรียน|"
    r"สถาบัน|กรม|การ(?:ไฟฟ้า|ประปา|รถไฟ|ท่าเรือ|เคหะ|ยาง|กีฬา|ท่องเที่ยว|นิคม|ทางพิเศษ)|ศูนย์|องค์การ|จังหวัด|สำนักงาน|ที่ว่าการอำเภอ|สถานีตำรวจ|สภ\.|สน\.|รพ\.|กรุงเทพมหานคร|เมืองพัทยา|ธนาคาร|กองทุน|บริษัท)"
    r"[\u0e01-\u0e4e.\-]*(?:\s?\(องค์การมหาชน\))?)"
)
_NOT_AGENCY = re.compile(
    r"ป\.ป\.ช|ปปช|^สถาบันการศึกษา|^สถาบันอุดมศึกษา|คณะกรรมการป้องกัน|^จังหวัด$|^สำนักงาน$|^ศูนย์$|^กรม$|^สถาบัน$|องค์การบริหารส่วนตำบล$|^องค์การ$|องค์กรปกครอง|^เทศบาลตำบล$|^มหาวิทยาลัย$|"
    r"^กองทุน$|^บริษัท$|^โรงเรียน$|ร้องเรียน|การจัดซื้อ|^จังหวัดที่|^กรมที่|^องค์การมหาชน"
)
_AGENCY_END = re.compile(
    r"(?:ได้|มี|มีผล|อยู่|ดำเนินการ|ประจำ|ปีงบประมาณ|จึง|ควร|ผ่าน|ใน|ที่|เข้าร่วม|ของ|รายงาน|เรื่อง|ผลการ|ตาม|ปี|เพื่อ|และ|ต้อง|โดย|อำเภอ|อ\.|จังหวัด|จ\.|ย้อนหลัง|กับ|แยก)"
)
_ENGLISH_AGENCY = re.compile(
    r"\b(?:(?:[A-Z][a-z]+\s){1,4}(?:University|Municipality|Hospital|Authority|Institute"
    r"|(?:Provincial|Subdistrict)\s\w+\sOrgani[sz]ation)"
    r"|(?:University|Department|Office|Ministry|Bank|Port)\sof\s(?:the\s)?[A-Z][a-z]+(?:\s[A-Z][a-z]+){0,3})\b"
)


def perhaps_agencies(text: str) -> list[str]:
    """Initials ("อทก."), which other things have too, and districts, which are mostly where an agency is."""
    initials = r"(?<![\u0e01-\u0e4e.])[\u0e01-\u0e2e]{3,5}\.(?![\u0e01-\u0e4e])"
    return re.findall(rf"{initials}|(?<![\u0e01-\u0e4e])อำเภอ[\u0e01-\u0e4e]{{3,}}", text)


def agencies(text: str) -> list[str]:
    """Names of public agencies in a text, cut where the sentence goes on."""
    names = []
    for match in _AGENCY.finditer(text):
        name = match[1]
        head = re.match(
            r"องค์การบริหารส่วน(?:ตำบล|จังหวัด)|อบต\.|อบจ\.|เทศบาล(?:ตำบล|เมือง|นคร)|ทต\.|ทม\.|ทน\.|สำนักงานเขต|มหาวิทยาลัย(?:เทคโนโลยีราชมงคล|ราชภัฏ)?|วิทยาลัย|สำนักงาน(?:สาธารณสุข)?(?:จังหวัด)?|"
            r"โรงพยาบาล|โรงเรียน|สถาบัน|กรม|ศูนย์|องค์การ|จังหวัด|ธนาคาร|กองทุน|บริษัท",
            name,
        )
        start = head.end() if head else 0
        ending = _AGENCY_END.search(name, start + 2)
        if ending:
            name = name[: ending.start()]
        name = name.rstrip(" .-")
        if len(thai.squeeze(name)) > 4 and not _NOT_AGENCY.search(name):
            names.append(name)
    return names + [m[0] for m in _ENGLISH_AGENCY.finditer(text)]


def without_agencies(text: str) -> str:
    """A text without the names of agencies, whose words are no statement ("สำนักงานมาตรฐาน…")."""
    for name in agencies(text):
        text = text.replace(name, " ")
    return text
