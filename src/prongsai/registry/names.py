"""Names of agencies as people type them, made comparable."""

import re

from prongsai.lib import thai

# what offices shorten; longer ones first
_SHORT = (
    ("อบต", "องค์การบริหารส่วนตำบล"),
    ("อบจ", "องค์การบริหารส่วนจังหวัด"),
    ("ทต", "เทศบาลตำบล"),
    ("ทม", "เทศบาลเมือง"),
    ("ทน", "เทศบาลนคร"),
    ("สนง", "สำนักงาน"),
    ("รพ", "โรงพยาบาล"),
    ("มรภ", "มหาวิทยาลัยราชภัฏ"),
    ("มทร", "มหาวิทยาลัยเทคโนโลยีราชมงคล"),
    ("ม", "มหาวิทยาลัย"),
    ("จ", "จังหวัด"),
    ("อ", "อำเภอ"),
    ("กทม", "กรุงเทพมหานคร"),
)
_START = "(?<![\u0e01-\u0e4e])"
_DOTTED = [(re.compile(_START + r"\.?".join(short) + r"\.\s*"), full) for short, full in _SHORT]  # อ.บ.ต. and อบต.
_BARE = [
    (re.compile(_START + short + (r"\s*(?=[\u0e01-\u0e4e])" if len(short) > 2 else r"\s+")), full)
    for short, full in _SHORT
    if len(short) > 1 and short != "รพ"
]


def spelled_out(name: str) -> str:
    """A name with its abbreviations written in full: "อบต. บ้านใหม่" is "องค์การบริหารส่วนตำบลบ้านใหม่"."""
    name = thai.clean(name).strip()
    for pattern, full in (*_DOTTED, *_BARE):
        name = pattern.sub(full, name)
    return name


def search_key(text: str) -> str:
    """What a search compares: spelled out, without spaces, tone marks and the vowels that get damaged."""
    return thai.skeleton(spelled_out(text))[0]
