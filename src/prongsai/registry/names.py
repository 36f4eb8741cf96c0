"""Names of agencies as people type them, in a form that can be compared."""

import re

from prongsai.lib import thai

# longer ones first
_ABBREVIATIONS = (
    ("กทม", "กรุงเทพมหานคร"),
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
)
_START = "(?<![\u0e01-\u0e4e])"
# as sources of regular expressions for a program of another language too: อ.บ.ต. and อบต. first, then those without dots
ABBREVIATION_PATTERNS = [(r"\.?".join(short) + r"\.\s*", full) for short, full in _ABBREVIATIONS] + [
    (short + (r"\s*(?=[\u0e01-\u0e4e])" if len(short) > 2 else r"\s+"), full)
    for short, full in _ABBREVIATIONS
    if len(short) > 1 and short != "รพ"
]
_COMPILED = [(re.compile(_START + pattern), full) for pattern, full in ABBREVIATION_PATTERNS]


FICTION = "สมมุติ"  # stands in the name of every fictional agency, which goes where no mark or column does


def says_fictional(name: str) -> bool:
    """Whether a name says itself that its agency is fictional."""
    return FICTION in name


def expand_abbreviations(name: str) -> str:
    """A name without abbreviations: "อบต. บ้านใหม่" becomes "องค์การบริหารส่วนตำบลบ้านใหม่"."""
    name = thai.clean(name).strip()
    for pattern, full in _COMPILED:
        name = pattern.sub(full, name)
    return name


def exact_key(name: str) -> str:
    """The form in which two names of one agency are equal: no abbreviations, spaces nor punctuation; every vowel and
    tone mark counts."""
    return thai.squeeze(expand_abbreviations(name))


def search_key(text: str) -> str:
    """The form that a search compares: no abbreviations, spaces, tone marks nor vowels that are often damaged."""
    return thai.skeleton(expand_abbreviations(text))[0]
