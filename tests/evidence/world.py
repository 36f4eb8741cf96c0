"""Invented agencies, what they file and how they write it: the parts from which pages of the test web are made.

A ``World`` is one agency, one item of the rules and one year, with a random generator of its own; a ``Shape`` builds a
small site around them and says what the filed address truly is. Nothing here is of a real agency.
"""

import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from prongsai.links import Expected
from tests.links.fake_web import Reply, Request
from tests.years import YEARS

RULES = YEARS[max(YEARS)]
ITEMS = RULES.rules.disclosure_items
YEAR = int(max(YEARS))
_FIRST = [
    "หนอง",
    "ห้วย",
    "บาง",
    "บ้าน",
    "โคก",
    "นา",
    "ดอน",
    "ท่า",
    "คลอง",
    "วัง",
    "ทุ่ง",
    "เขา",
    "สระ",
    "ป่า",
    "แม่",
    "เกาะ",
    "ปาก",
    "โพธิ์",
    "ไทร",
    "กุด",
]
_SECOND = [
    "บัวแดง",
    "ยางใหญ่",
    "ปลาหมอ",
    "ไผ่งาม",
    "ทรายทอง",
    "สะแกเงิน",
    "มะขามหวาน",
    "กระโดนน้ำ",
    "ตาลเดี่ยว",
    "ลำพูทอง",
    "นกยูง",
    "เสือเฒ่า",
    "กวางทอง",
    "ข้าวหอม",
    "เกลือขาว",
    "ศรีสุข",
    "พรหมแดน",
    "เงินงาม",
    "ตะเคียนคู่",
    "ใหม่เจริญ",
]
_LATIN = [
    "nongbua",
    "huayyang",
    "bangpla",
    "bankhok",
    "napho",
    "donsai",
    "thakrabue",
    "khlongtan",
    "wangnam",
    "thungsong",
    "khaonoi",
    "srakaeo",
    "pasak",
]
_KINDS = (("องค์การบริหารส่วนตำบล", "อบต."), ("เทศบาลตำบล", "ทต."), ("เทศบาลเมือง", "ทม."), ("องค์การบริหารส่วนจังหวัด", "อบจ."))
_PEOPLE = ["สมชาย", "วิไล", "ประเสริฐ", "มาลี", "ณรงค์", "สุดา", "อนันต์", "จินตนา", "ธงชัย", "พรทิพย์"]
_WORKS = [
    "ก่อสร้างถนนคอนกรีตเสริมเหล็ก",
    "ขุดลอกคลองส่งน้ำ",
    "จัดซื้อวัสดุสำนักงาน",
    "จ้างเหมาบริการกำจัดขยะ",
    "ซ่อมแซมไฟฟ้าสาธารณะ",
    "ฝึกอบรมอาชีพผู้สูงอายุ",
    "จัดงานประเพณีสงกรานต์",
    "ป้องกันโรคไข้เลือดออก",
    "ปรับปรุงศูนย์พัฒนาเด็กเล็ก",
    "ติดตั้งกล้องวงจรปิด",
]
_SENTENCES = (
    "ขอเชิญประชาชนร่วมแสดงความคิดเห็นต่อร่างแผน",
    "ผู้บริหารและพนักงานร่วมประชุมติดตามผลการดำเนินงาน",
    "กองคลังรายงานผลการใช้จ่ายเงินสะสมต่อที่ประชุม",
    "สำนักปลัดดำเนินการตามระเบียบกระทรวงมหาดไทย",
    "คณะกรรมการตรวจรับพัสดุเข้าตรวจงานในพื้นที่",
    "ออกหน่วยบริการเคลื่อนที่แก่ประชาชนในหมู่บ้าน",
    "จัดทำทะเบียนคุมทรัพย์สินและรายงานประจำเดือน",
    "กองการศึกษาเปิดรับสมัครเด็กเล็กเข้าเรียน",
    "งานป้องกันและบรรเทาสาธารณภัยลงพื้นที่ช่วยเหลือผู้ประสบภัย",
    "แจ้งกำหนดการชำระภาษีที่ดินและสิ่งปลูกสร้าง",
)
MENU = [
    "หน้าแรก",
    "ข้อมูลพื้นฐาน",
    "บุคลากร",
    "แผนงาน",
    "ข่าวสาร",
    "จัดซื้อจัดจ้าง",
    "ร้องเรียนร้องทุกข์",
    "ดาวน์โหลดเอกสาร",
    "ติดต่อเรา",
    "ITA",
    "กฎหมายที่เกี่ยวข้อง",
]
# how officers call an item on their own sites
SAID = {
    "โครงสร้าง": ("แผนผังโครงสร้างองค์กร", "โครงสร้างส่วนราชการ"),
    "ข้อมูลผู้บริหาร": ("คณะผู้บริหาร", "ทำเนียบผู้บริหาร"),
    "การติดต่อ": ("ติดต่อเรา", "ข้อมูลการติดต่อหน่วยงาน"),
    "ข่าวประชาสัมพันธ์": ("ข่าวประชาสัมพันธ์", "ข่าวกิจกรรม"),
    "จัดซื้อจัดจ้าง": ("สรุปผลการจัดซื้อจัดจ้าง (สขร.1)", "ประกาศจัดซื้อจัดจ้าง"),
    "No Gift": ("No Gift Policy", "ประกาศนโยบายไม่รับของขวัญ"),
}
Route = Reply | Callable[[Request], Reply]


@dataclass
class World:
    """One agency, one item, one year."""

    seed: str
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        number = zlib.crc32(self.seed.encode())
        self.rng = r = random.Random(number)
        self.place = r.choice(_FIRST) + r.choice(_SECOND)
        self.kind, self.short_kind = r.choice(_KINDS)
        self.name, self.short_name = self.kind + self.place, self.short_kind + self.place
        self.host = f"www.{r.choice(_LATIN)}-{number % 100_000}.go.th"
        self.item = r.choice(ITEMS)
        self.label = self.item.label.th
        self.year = YEAR - 1 if self.item.period == "previous_year" else YEAR
        self.province = r.choice(("ลพบุรี", "พิจิตร", "สุรินทร์", "ตรัง", "น่าน"))

    def expected(self) -> Expected:
        wanted = () if self.item.period == "any" else (self.year,)
        return Expected(
            names=(self.name, self.short_name),
            labels=(self.label,),
            elements=tuple(e.th for e in self.item.elements),
            rivals=tuple(i.label.th for i in ITEMS if i.id != self.item.id),
            years=wanted,
        )

    def other_name(self) -> str:
        return World(self.seed + "/other").name

    def wording(self) -> str:
        """The item as this officer calls it."""
        r = self.rng
        free = [s for key, said in SAID.items() if key in self.label for s in said]
        if free and r.random() < 0.4:
            return r.choice(free)
        return self.label

    def date(self, year: int | None = None) -> str:
        r = self.rng
        month = r.choice(["มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน", "กรกฎาคม"])
        return f"{r.randint(1, 28)} {month} {year or self.year}"

    def sentence(self) -> str:
        r = self.rng
        return f"{r.choice(_SENTENCES)} {r.choice(('หมู่ที่', 'บ้าน', 'ณ ห้องประชุม', 'ตำบล'))} {r.randint(1, 14)} เมื่อวันที่ {self.date()}"

    def paragraphs(self, count: int) -> str:
        return "".join(f"<p>{self.sentence()} {self.sentence()}</p>" for _ in range(count))

    def work(self) -> str:
        return f"โครงการ{self.rng.choice(_WORKS)} หมู่ที่ {self.rng.randint(1, 14)}"

    def person(self) -> str:
        r = self.rng
        return f"{r.choice(('นาย', 'นาง', 'นางสาว'))}{r.choice(_PEOPLE)} {r.choice(_SECOND)}"

    def heading(self, year: int | None = None) -> str:
        r, year = self.rng, year or self.year
        words = self.wording()
        forms = [f"{words} ประจำปีงบประมาณ พ.ศ. {year}", f"{words} ปี {year}", f"{self.item.id} {words} {year}"]
        if self.item.period == "any":
            forms += [words, f"{self.item.id} {words}"]
        return r.choice(forms)

    def content(self, year: int | None = None) -> str:
        """The body of a good page about the item, in one of several ways of writing it."""
        return self.rng.choice((_as_table, _as_sections, _as_files, _as_list, _as_news))(self, year or self.year)

    def title(self, heading: str) -> str:
        r = self.rng
        return r.choice(
            (heading, f"{heading} - {self.short_name}", self.name, f"{self.name} | {heading}", f"เว็บไซต์{self.name}")
        )


def _elements(w: World) -> list[str]:
    kept = [e.th for e in w.item.elements if w.rng.random() < 0.85]
    return kept or [w.item.elements[0].th]


def _as_table(w: World, year: int) -> str:
    rows = "".join(
        f"<tr><td>{n}</td><td>{w.work()}</td><td>{w.rng.randint(10, 900)},000</td><td>{w.person()}</td><td>ไตรมาส {n % 4 + 1}/{year}</td></tr>"
        for n in range(1, w.rng.randint(5, 22))
    )
    head = "".join(f"<th>{e}</th>" for e in _elements(w)[:5])
    return f"<table border=1><tr><th>ที่</th>{head}</tr>{rows}</table>"


def _as_sections(w: World, year: int) -> str:
    return (
        "".join(f"<h3>{e}</h3>{w.paragraphs(w.rng.randint(1, 2))}" for e in _elements(w))
        + f"<p>ข้อมูล ณ วันที่ {w.date(year)}</p>"
    )


def _as_files(w: World, year: int) -> str:
    files = "".join(
        f'<li><a href="/files/{year}/{w.rng.randrange(10**6)}.pdf">{e} ปี {year}</a> ({w.rng.randint(80, 900)} KB) ดาวน์โหลด {w.rng.randint(3, 300)} ครั้ง</li>'
        for e in _elements(w)
    )
    return f"<ul>{files}</ul>"


def _as_list(w: World, year: int) -> str:
    return (
        "<div class=detail>"
        + "<br>".join(f"{n}. {e} {w.sentence()}" for n, e in enumerate(_elements(w), 1))
        + f"<br>ปรับปรุง {w.date(year)}</div>"
    )


def _as_news(w: World, year: int) -> str:
    return (
        "".join(
            f"<article><h2><a href='/news/{w.rng.randrange(9999)}'>{w.sentence()}</a></h2>"
            f"<time>{w.date(year)}</time></article>"
            for _ in range(w.rng.randint(4, 12))
        )
        + "<p>"
        + " ".join(_elements(w))
        + "</p>"
    )


@dataclass
class Site:
    """What is served: routes by path ("*": any other), the path that was filed, and routes of other hosts."""

    routes: dict[str, Route]
    path: str = "/ita/page"
    others: dict[str, dict[str, Route]] = field(default_factory=dict)
    host: str = ""  # of the filed address, where it is not the agency's
    certificate: str = ""  # "" for plain http; or what is wrong: expired, other name, stranger, nothing


@dataclass(frozen=True)
class Shape:
    """A shape of page. ``states``: those that are right; asking a person (review) is never wrong, but counted."""

    name: str
    kind: str  # of links.identity.KINDS, or "network"
    states: frozenset[str]
    build: Callable[[World], Site]
    owner: bool | None = None
    subject: bool | None = None


GOOD = frozenset(("ok", "moved", "outside"))
MISSING = frozenset(("soft_404",))
