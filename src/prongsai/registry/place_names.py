"""Places in Roman letters and by other names: provinces, districts and subdistricts as the Department of Provincial
Administration lists them, which write names by the Royal Thai General System; what people call them beside that."""

from functools import cache, lru_cache
from typing import Any

from prongsai.registry.provinces import PLACES_EN

# names of provinces that no list has: older ones, and what everybody says
OTHER_NAMES: dict[str, str] = {
    "กรุงเทพมหานคร": "กรุงเทพ กรุงเทพฯ กทม บางกอก พระนคร ธนบุรี krungthep bkk",
    "กาญจนบุรี": "เมืองกาญจน์ กาญจน์",
    "ฉะเชิงเทรา": "แปดริ้ว paetrio",
    "ชัยภูมิ": "เมืองพญาแล",
    "ตาก": "เมืองระแหง",
    "นครปฐม": "นครชัยศรี",
    "นครราชสีมา": "โคราช korat khorat",
    "นครศรีธรรมราช": "เมืองคอน นครศรี",
    "นครสวรรค์": "ปากน้ำโพ paknampho",
    "ประจวบคีรีขันธ์": "ประจวบ",
    "พระนครศรีอยุธยา": "อยุธยา กรุงเก่า ayutthaya ayuthaya",
    "พิษณุโลก": "สองแคว",
    "เพชรบุรี": "เมืองเพชร phetburi",
    "ลพบุรี": "ละโว้",
    "ลำพูน": "หริภุญชัย",
    "สมุทรปราการ": "ปากน้ำ paknam",
    "สมุทรสงคราม": "แม่กลอง maeklong",
    "สมุทรสาคร": "มหาชัย mahachai",
    "สุพรรณบุรี": "สุพรรณ",
    "สุราษฎร์ธานี": "บ้านดอน สุราษฎร์",
    "หนองบัวลำภู": "หนองบัว",
    "อุบลราชธานี": "อุบล",
    "อุดรธานี": "อุดร",
    "อุตรดิตถ์": "ท่าอิฐ",
}


@cache
def province_abbreviations() -> dict[str, str]:
    """The official abbreviations of provinces by province, without dots: ชม for เชียงใหม่."""
    from pythainlp.corpus import provinces

    rows: Any = provinces(details=True)
    return {row["name_th"]: row["abbr_th"] for row in rows}


@cache
def _places_en() -> dict[str, dict[str, str]]:
    """Names in Roman letters by province, then by Thai name; a province's smaller places first, so that of two places
    of one name the larger one counts."""
    import geothai

    found: dict[str, dict[str, str]] = {}
    for province in geothai.provinces():
        names = found[province.name_th] = {}
        districts = geothai.districts(province.code)
        for district in districts:
            names |= {s.name_th: s.name_en for s in geothai.subdistricts(district.code)}
        names |= {d.name_th.removeprefix("เขต"): d.name_en for d in districts}
        names[province.name_th] = province.name_en
    return found


@cache
def place_codes() -> dict[tuple[str, str], str]:
    """The codes by which the Department of Provincial Administration knows places, by (province, ""), of two digits,
    and (province, district), of four. Those of provinces are also their codes of ISO 3166-2, after TH-."""
    import geothai

    codes: dict[tuple[str, str], str] = {}
    for province in geothai.provinces():
        codes[province.name_th, ""] = str(province.code)
        codes |= {
            (province.name_th, d.name_th.removeprefix("เขต")): str(d.code) for d in geothai.districts(province.code)
        }
    return codes


@cache
def _unanimous() -> dict[str, str]:
    """Names that all provinces write alike in Roman letters."""
    spellings: dict[str, set[str]] = {}
    for names in _places_en().values():
        for thai_name, english in names.items():
            spellings.setdefault(thai_name, set()).add(english)
    return {name: next(iter(found)) for name, found in spellings.items() if len(found) == 1}


def place_in_roman(place: str, province: str = "") -> str:
    """A place of a province as the official list writes it in Roman letters; "" for one that is not in it."""
    return _places_en().get(province, {}).get(place) or _unanimous().get(place, "") or PLACES_EN.get(place, "")


_TYPES_OF_PLACES = (
    ("องค์การบริหารส่วนจังหวัด", "Provincial Administrative Organization"),
    ("องค์การบริหารส่วนตำบล", "Subdistrict Administrative Organization"),
    ("เทศบาลตำบล", "Subdistrict Municipality"),
    ("เทศบาลเมือง", "Town Municipality"),
    ("เทศบาลนคร", "City Municipality"),
    ("สำนักงานเขต", "District Office"),
    ("จังหวัด", "Province"),
)


@lru_cache(20_000)
def name_in_roman(name: str, province: str) -> str:
    """What an agency without an English name is called in Roman letters, if it is named after a place of the official
    list: "Bang Pla Subdistrict Administrative Organization"; otherwise "", since no rule is right for every name."""
    for prefix, english in _TYPES_OF_PLACES:
        if name.startswith(prefix):
            place = place_in_roman(name[len(prefix) :], province)
            return f"{place} {english}" if place else ""
    return ""


def name_in_english(name_th: str, name_en: str, province: str) -> str:
    """What an agency is called in English: its own name, or one in Roman letters that says so, or the Thai one."""
    roman = "" if name_en else name_in_roman(name_th, province)
    return name_en or (f"{roman} (RTGS)" if roman else name_th)
