"""Where each province lies on a map of equal tiles: one a province, roughly where it is. Drawn by hand: a small
province is seen as well as a large one, which on a true map it is not."""

from collections.abc import Callable
from dataclasses import dataclass

from prongsai.registry.provinces import REGION_OF, REGIONS

SIDE, GAP = 44, 3  # of a tile, in units of the drawing

# one line a row from the north, "." where no province is
_GRID = """
.               แม่ฮ่องสอน     เชียงใหม่       เชียงราย       .            .            .            .          .
.               .            ลำพูน         พะเยา         น่าน          .            บึงกาฬ       .          .
.               ตาก          ลำปาง         แพร่          อุตรดิตถ์      เลย           หนองคาย      นครพนม     .
.               กำแพงเพชร     สุโขทัย        พิษณุโลก       หนองบัวลำภู    อุดรธานี       สกลนคร       มุกดาหาร    .
.               อุทัยธานี       พิจิตร         เพชรบูรณ์      ขอนแก่น       มหาสารคาม     กาฬสินธุ์       ยโสธร      อำนาจเจริญ
.               ชัยนาท        นครสวรรค์      ลพบุรี        ชัยภูมิ         ร้อยเอ็ด        ศรีสะเกษ      อุบลราชธานี .
กาญจนบุรี         สุพรรณบุรี      สิงห์บุรี        สระบุรี         นครราชสีมา     บุรีรัมย์        สุรินทร์        .          .
ราชบุรี          นครปฐม        อ่างทอง       พระนครศรีอยุธยา นครนายก      ปราจีนบุรี       สระแก้ว       .          .
เพชรบุรี         สมุทรสาคร      นนทบุรี       ปทุมธานี        ฉะเชิงเทรา     .             .           .          .
ประจวบคีรีขันธ์     สมุทรสงคราม    กรุงเทพมหานคร สมุทรปราการ     ชลบุรี         .             .           .          .
ชุมพร            .            .            .             ระยอง         จันทบุรี        ตราด        .          .
ระนอง           สุราษฎร์ธานี     .            .             .            .             .           .          .
พังงา            นครศรีธรรมราช  .            .             .            .             .           .          .
ภูเก็ต            กระบี่         ตรัง          พัทลุง         .            .             .           .          .
.               .            สตูล          สงขลา         ปัตตานี        .             .           .          .
.               .            .            ยะลา          นราธิวาส       .             .           .          .
"""
_SHORT = """
กรุงเทพมหานคร กท กระบี่ กบ กาญจนบุรี กจ กาฬสินธุ์ กส กำแพงเพชร กพ ขอนแก่น ขก จันทบุรี จบ ฉะเชิงเทรา ฉช ชลบุรี ชบ ชัยนาท ชน
ชัยภูมิ ชย ชุมพร ชพ เชียงราย ชร เชียงใหม่ ชม ตรัง ตง ตราด ตร ตาก ตก นครนายก นย นครปฐม นฐ นครพนม นพ นครราชสีมา นม
นครศรีธรรมราช นศ นครสวรรค์ นว นนทบุรี นบ นราธิวาส นธ น่าน นน บึงกาฬ บก บุรีรัมย์ บร ปทุมธานี ปท ประจวบคีรีขันธ์ ปข ปราจีนบุรี ปจ
ปัตตานี ปน พระนครศรีอยุธยา อย พะเยา พย พังงา พง พัทลุง พท พิจิตร พจ พิษณุโลก พล เพชรบุรี พบ เพชรบูรณ์ พช แพร่ พร ภูเก็ต ภก
มหาสารคาม มค มุกดาหาร มห แม่ฮ่องสอน มส ยโสธร ยส ยะลา ยล ร้อยเอ็ด รอ ระนอง รน ระยอง รย ราชบุรี รบ ลพบุรี ลบ ลำปาง ลป
ลำพูน ลพ เลย ลย ศรีสะเกษ ศก สกลนคร สน สงขลา สข สตูล สต สมุทรปราการ สป สมุทรสงคราม สส สมุทรสาคร สค สระแก้ว สก สระบุรี สบ
สิงห์บุรี สห สุโขทัย สท สุพรรณบุรี สพ สุราษฎร์ธานี สฎ สุรินทร์ สร หนองคาย นค หนองบัวลำภู นภ อ่างทอง อท อำนาจเจริญ อจ อุดรธานี อด
อุตรดิตถ์ อต อุทัยธานี อน อุบลราชธานี อบ
"""
_words = _SHORT.split()
SHORT_OF: dict[str, str] = dict(
    zip(_words[::2], _words[1::2], strict=True)
)  # the two letters that stand for a province
TILES: dict[str, tuple[int, int]] = {
    name: (row, column)
    for row, line in enumerate(_GRID.strip().splitlines())
    for column, name in enumerate(line.split())
    if name in REGION_OF
}
ROWS, COLUMNS = (1 + max(place[axis] for place in TILES.values()) for axis in (0, 1))


@dataclass(frozen=True)
class Tile:
    """A province on a map: where it is drawn, its value as text, its step of the scale (0: no value)."""

    province: str
    short: str
    x: int
    y: int
    value: str
    step: int
    agencies: int
    address: str


def draw_tiles(value_of: Callable[[str], tuple[str, int, int]], address_of: Callable[[str], str]) -> tuple[Tile, ...]:
    """Every province with what it shows: its value as text, its step, the number of its agencies."""
    return tuple(
        Tile(province, SHORT_OF[province], column * SIDE, row * SIDE, *value_of(province), address_of(province))
        for province, (row, column) in TILES.items()
    )


def _list_along() -> list[str]:
    """All provinces along one line through the country, so that those beside each other on it mostly are neighbours:
    region by region, and up and down the rows of the map."""
    along: list[str] = []
    for names in REGIONS.values():
        rows: dict[int, list[str]] = {}
        for province in names.split():
            rows.setdefault(TILES[province][0], []).append(province)
        for turn, row in enumerate(sorted(rows)):
            along += sorted(rows[row], key=lambda p: TILES[p][1], reverse=bool(turn % 2))
    return along


ALONG: dict[str, int] = {province: place for place, province in enumerate(_list_along())}
