"""Shapes that no weight was fitted or tuned on: other builds, other words, written down before the tuning and only read
since. Whoever changes one of them, or a term of ``topics.toml`` because of one, writes new ones."""

from collections.abc import Callable
from copy import copy

from tests.evidence.world import GOOD, ITEMS, MISSING, YEAR, Shape, Site, World
from tests.links.fake_web import Reply, Request, to

SHAPES: list[Shape] = []
SIGN_IN, HIJACKED, ASK, MISMATCH = (
    frozenset(("sign_in",)),
    frozenset(("hijacked",)),
    frozenset(("review",)),
    frozenset(("mismatch",)),
)
_TABS = [
    "หน้าหลัก",
    "เกี่ยวกับเรา",
    "ผู้บริหารและบุคลากร",
    "งานบริการ",
    "แผนและงบประมาณ",
    "จัดหาพัสดุ",
    "มุมความโปร่งใส",
    "รับเรื่องร้องทุกข์",
    "สารสนเทศ",
    "แผนผังเว็บไซต์",
]


def shape(
    name: str, kind: str, states: frozenset[str], owner: bool | None = None, subject: bool | None = None
) -> Callable:
    def register(build: Callable[[World], Site]) -> Callable[[World], Site]:
        SHAPES.append(Shape(name, kind, states, build, owner, subject))
        return build

    return register


def good(name: str) -> Callable:
    return shape(name, "content", GOOD, True, True)


# --- builds ---------------------------------------------------------------


def _tailwind(w: World, title: str, body: str) -> str:
    tabs = "".join(f'<a class="px-4 py-2 hover:bg-sky-700" href="/th/{n}">{t}</a>' for n, t in enumerate(_TABS))
    return (
        f'<!DOCTYPE html><html lang="th"><head><meta charset="utf-8"/><title>{title}</title><meta name="description" content="เว็บไซต์ทางการ {w.name}"/></head>'
        f'<body class="bg-slate-50"><div class="flex justify-between"><span class="text-xl font-bold">'
        f'{w.name}</span><div class="flex">{tabs}</div></div>'
        f'<section class="max-w-7xl mx-auto"><div class="prose">{body}</div></section><div class="bg-sky-900 text-white">งานสารบรรณ {w.short_name} ต.{w.place} จ.{w.province} เฟซบุ๊ก: {w.short_name}</div></body></html>'
    )


def _elementor(w: World, title: str, body: str) -> str:
    tabs = "".join(
        f'<li><a class="elementor-item" href="https://{w.host}/{n}/">{t}</a></li>' for n, t in enumerate(_TABS)
    )
    return (
        f'<!doctype html><html><head><title>{title} | {w.name}</title><link rel="stylesheet" '
        f'href="/wp-content/x.css"></head><body class="elementor-default"><div '
        f'class="elementor-nav-menu"><ul>{tabs}</ul></div>'
        f'<div class="elementor-section"><div class="elementor-widget-container">{body}</div></div><div class="elementor-location-footer">ติดต่อ {w.name} โทรศัพท์ 0{w.rng.randint(30, 77)}-{w.rng.randint(100000, 999999)}</div><script src="/wp-content/e.js"></script></body></html>'
    )


def _portal(w: World, title: str, body: str) -> str:
    side = "".join(f"<dd><a href='page.php?id={n}'>» {t}</a></dd>" for n, t in enumerate(_TABS))
    return f"<html><head><title>{title}</title></head><frameset></frameset><body><center><img src=head.gif alt='{w.name}'></center><dl>{side}</dl><td class=main>{body}</td><center>พัฒนาโดย บริษัทรับทำเว็บ อปท. | {w.name}</center></body></html>"


def _single(w: World, title: str, body: str) -> str:
    return f"<!doctype html><title>{title}</title><style>body{{font-family:Sarabun}}</style><h1>{w.short_name}</h1>{body}<address>{w.name} อ.เมือง {w.province}</address>"


_BUILDS = (_tailwind, _elementor, _portal, _single)


def in_site(w: World, title: str, body: str) -> Reply:
    return Reply(_BUILDS[len(w.seed) % len(_BUILDS)](w, title, body))


def alone(title: str, body: str, status: int = 200) -> Reply:
    return Reply(
        f"<!DOCTYPE html>\n<html>\n<head>\n<meta charset='utf-8'>\n<title>{title}</title>\n</head>"
        f"\n<body>{body}</body></html>",
        status,
    )


def filed(reply: object) -> Site:
    return Site({"/th/ita/detail": reply}, path="/th/ita/detail")


def text_of(w: World) -> str:
    """A good page's body, otherwise written than in the development set."""
    r = w.rng
    parts = [f"<dt>{e.th}</dt><dd>{w.sentence()} รับผิดชอบโดย {w.person()} ตำแหน่งหัวหน้างาน</dd>" for e in w.item.elements]
    r.shuffle(parts)
    rows = "".join(
        f"<div class=row><div class=col>{w.work()}</div><div class=col>{r.randint(5, 80) * 10_000:,} บาท</div></div>"
        for _ in range(r.randint(2, 9))
    )
    return f"<dl>{''.join(parts)}</dl>{rows}<small>เผยแพร่ {w.date()} โดยผู้ดูแลเว็บไซต์</small>"


def topped(w: World) -> str:
    return w.rng.choice(
        (f"{w.label} พ.ศ. {w.year}", f"({w.item.id}) {w.label} ประจำปี {w.year}", f"{w.year} - {w.label}")
    )


# --- good ones with alarming words ---------------------------------------------------------------


def _alarming(name: str, title: str, body: str) -> None:
    @good(name)
    def _(w: World) -> Site:
        shown = title.format(w=w)
        return filed(in_site(w, shown, f"<h2>{shown}</h2><h4>{topped(w)}</h4><p>{body.format(w=w)}</p>{text_of(w)}"))


for _build in _BUILDS:

    @good(f"held out: content in {_build.__name__}")
    def _(w: World, build: Callable = _build) -> Site:
        return filed(Reply(build(w, topped(w), f"<h2>{topped(w)}</h2>{text_of(w)}")))


_alarming("notice no. 404", "ที่ ลบ 404/2569 หนังสือแจ้งเวียน {w.label}", "หนังสือที่ 404 ลงวันที่ {w.year} แจ้งทุกส่วนราชการทราบ")
_alarming(
    "error 404 explained to citizens",
    "เมื่อเปิดลิงก์แล้วขึ้น Error 404 Not Found ต้องทำอย่างไร ({w.label})",
    "หากพบข้อความ Page not found โปรดโทรแจ้งงานประชาสัมพันธ์ หรือค้นจากแผนผังเว็บไซต์",
)
_alarming(
    "police warn of betting",
    "ตำรวจเตือน เว็บพนันบอลระบาดช่วงฟุตบอลโลก | {w.label}",
    "อย่าหลงเชื่อโฆษณาเครดิตฟรี คาสิโนออนไลน์ สล็อต ผู้เล่นมีโทษจำคุก ผู้จัดให้มีการเล่นมีโทษหนัก แจ้งเบาะแสที่ศูนย์ดำรงธรรม",
)
_alarming(
    "results of the betting crackdown",
    "ผลการจับกุมคดีการพนัน {w.year} {w.label}",
    "จับกุมบ่อนไฮโล ตู้สล็อต 3 คดี โต๊ะพนันบอล 2 คดี ส่งพนักงานสอบสวน",
)
_alarming(
    "shop of the cooperative",
    "ร้านค้าสวัสดิการ รายการสินค้าราคาถูก | {w.label}",
    "ข้าวสาร 120 บาท น้ำมันพืช 45 บาท ลดราคาพิเศษสำหรับผู้สูงอายุ ส่งฟรีในเขตเทศบาล",
)
_alarming(
    "water supply closed", "แจ้งปิดปรับปรุงระบบประปาหมู่บ้าน {w.label}", "งดจ่ายน้ำชั่วคราวเวลา 09.00-15.00 น. ขออภัยในความไม่สะดวก"
)
_alarming(
    "report on a database",
    "รายงานปัญหาระบบฐานข้อมูล: database error และการแก้ไข {w.label}",
    "พบ SQL error 2 ครั้ง server ขัดข้อง ใช้งบประมาณแก้ไข 12,000 บาท",
)
_alarming(
    "members-only cooperative", "สิทธิของสมาชิก: ผู้ไม่มีสิทธิ์เข้าถึงเอกสารลับ {w.label}", "เอกสารชั้นความลับเปิดเผยได้เฉพาะผู้ได้รับอนุญาต"
)
_alarming(
    "domain renewal contract",
    "จ้างต่ออายุโดเมนและโฮสติ้งเว็บไซต์ {w.label}",
    "domain name hosting registrar ต่ออายุ 1 ปี วงเงิน 8,500 บาท ผู้รับจ้าง หจก. ตัวอย่าง",
)
_alarming(
    "loans for farmers",
    "โครงการเงินกู้ดอกเบี้ยต่ำกองทุนหมู่บ้าน {w.label}",
    "กู้เงินกองทุน ไม่เกิน 50,000 บาท อนุมัติโดยคณะกรรมการ ผ่อนชำระรายปี",
)
_alarming(
    "online course sign-up",
    "เข้าสู่ระบบอบรมออนไลน์ สมัครสมาชิกใหม่ {w.label}",
    "ผู้เข้าอบรมลงทะเบียน ตั้งรหัสผ่าน แล้วเข้าเรียนได้ทันที รับใบประกาศ",
)
_alarming("no cases", "ปีนี้ไม่มีข้อมูล: {w.label}", "ในปี {w.year} {w.name} ไม่ได้รับเรื่อง จำนวน 0 เรื่อง (ไม่พบข้อมูล)")


@good("held out: just a table with the year")
def _(w: World) -> Site:
    rows = "".join(
        f"<tr><td>{e.th}</td><td><a href='d{n}.pdf'>เปิด</a></td></tr>" for n, e in enumerate(w.item.elements)
    )
    return filed(in_site(w, w.name, f"<table><caption>{topped(w)}</caption>{rows}</table>"))


@good("held out: a catch-all site's real page, long menu")
def _(w: World) -> Site:
    menu = "".join(f"<p>{t} {k}</p>" for t in _TABS for k in "กขคงจฉ")
    home = in_site(w, w.short_name, f"{menu}<p>ข่าวเด่นวันนี้</p>")
    return Site(
        {"*": home, "/content.aspx": in_site(w, w.short_name, f"{menu}<h3>{topped(w)}</h3>{text_of(w)}")},
        path="/content.aspx?cid=77",
    )


@good("held out: counters, clock and random banners")
def _(w: World) -> Site:
    heading, body = topped(w), text_of(w)

    def serve(_: Request) -> Reply:
        banners = "".join(f"<div>{w.sentence()}</div>" for _ in range(w.rng.randint(1, 7)))
        return in_site(
            w,
            heading,
            f"<p>ขณะนี้เวลา {w.rng.randint(0, 23)}:{w.rng.randint(10, 59)} น. ออนไลน์ {w.rng.randint(1, 99)} คน</p><h3>{heading}</h3>{body}{banners}",
        )

    return filed(serve)


@good("held out: shared folder on Drive")
def _(w: World) -> Site:
    body = (
        f"<title>{w.label} {w.year} - Google ไดรฟ์</title><div>{w.short_name}</div>"
        + "".join(f"<div>{e.th}.pdf เจ้าของ: งานแผน {w.short_name}</div>" for e in w.item.elements)
        + "<a>ลงชื่อเข้าใช้</a>"
    )
    return Site(
        {},
        path="/drive/folders/x1",
        host="drive.google.com",
        others={"drive.google.com": {"/drive/folders/x1": Reply(body)}},
    )


# --- other year, agency, item ---------------------------------------------------------------


def _dated(w: World) -> World:
    while w.item.period == "any":
        w.item = w.rng.choice(ITEMS)
    w.label, w.year = w.item.label.th, YEAR - (w.item.period == "previous_year")
    return w


@shape("held out: last round's page", "content", MISMATCH, True, False)
def _(w: World) -> Site:
    before = copy(_dated(w))  # what is expected is still this year's
    before.year -= 3
    return filed(in_site(w, topped(before), f"<h2>{topped(before)}</h2>{text_of(before)}"))


@shape("held out: neighbour's page", "content", MISMATCH, False)
def _(w: World) -> Site:
    other = World(w.seed + "!")
    other.item, other.label, other.year, other.host = w.item, w.label, w.year, w.host
    return filed(
        Reply(
            _BUILDS[len(w.seed) % 4](
                other, f"{other.name} : {topped(other)}", f"<h2>{other.name} {topped(other)}</h2>{text_of(other)}"
            )
        )
    )


@shape("held out: the item next door", "content", MISMATCH, True, False)
def _(w: World) -> Site:
    other = copy(w)
    other.item = w.rng.choice([i for i in ITEMS if i.sub_indicator != w.item.sub_indicator])
    other.label = other.item.label.th
    return filed(in_site(w, topped(other), f"<h2>{topped(other)}</h2>{text_of(other)}"))


# --- hijacked ---------------------------------------------------------------


def _spoiled(name: str, title: str, lines: str, *, framed: bool) -> None:
    @shape(f"held out: hijacked, {name}", "hijacked", HIJACKED, False, False)
    def _(w: World) -> Site:
        pieces = lines.split("|")
        w.rng.shuffle(pieces)
        body = "".join(f"<h2>{p}</h2><p>{' '.join(w.rng.sample(pieces, 2))}</p>" for p in pieces)
        shown = title.format(w=w)
        return filed(in_site(w, shown, body) if framed else alone(shown, body))


_spoiled(
    "lottery and slots",
    "หวยฮานอย หวยลาว เว็บไหนดี",
    "ซื้อหวยออนไลน์ จ่ายเต็มไม่มีเลขอั้น|เล่นสล็อต pg แท้ แตกหนัก วอเลทไม่มีขั้นต่ำ|คาสิโนถ่ายทอดสด เซ็กซี่ บาคาร่า ขั้นต่ำ 5 บาท|สมัครรับโบนัส 120 เปอร์เซ็นต์ กดรับเอง",
    framed=False,
)
_spoiled(
    "football under the agency's name",
    "{w.name}",
    "วิเคราะห์บอลวันนี้ ทีเด็ดบอลเต็ง สเต็ป 3|พนันบอล ค่าน้ำดีที่สุด คืนค่าคอม 0.5%|สมัครแทงบอลกับเรา ฝากถอนเร็ว 10 วินาที|คาสิโน สล็อต ยิงปลา ครบจบในเว็บเดียว",
    framed=True,
)
_spoiled(
    "Indonesian slots",
    "SLOT88 Link Alternatif Slot Thailand Server",
    "Slot gacor gampang menang modal receh|Daftar slot deposit dana, bonus new member 100|Bocoran "
    "RTP slot pragmatic play malam ini|Agen judi bola dan live casino",
    framed=False,
)
_spoiled(
    "Indonesian slots in the site",
    "{w.name}",
    "Slot thailand gacor, scatter hitam mahjong ways|Link login slot resmi|Bonus new member dan "
    "cashback mingguan|Situs toto togel 4D",
    framed=True,
)
_spoiled(
    "vaping shop",
    "ร้านบุหรี่ไฟฟ้า พอตใช้แล้วทิ้ง ส่งด่วนใน 1 ชม.",
    "พอตไฟฟ้า ราคาส่ง 199 บาท ซื้อ 2 แถม 1|สั่งซื้อผ่านไลน์ ส่งด่วนแกร็บ เก็บเงินปลายทางได้|หัวพอต น้ำยา กลิ่นใหม่ พร้อมส่ง|รีวิวลูกค้า ของแท้ทุกชิ้น",
    framed=False,
)
_spoiled(
    "Japanese shop",
    "【楽天市場】ブランド バッグ 激安 通販",
    "ルイヴィトン 財布 新品 送料無料|在庫処分セール 70%OFF 税込 9,800円|カートに入れる 会員登録|人気ランキング レディース",
    framed=False,
)
_spoiled(
    "pills in the site",
    "{w.name}",
    "Order tadalafil online, no rx needed, overnight delivery|Cheap generic pills from a trusted "
    "pharmacy|Kamagra 100mg price, discount for returning customers|Buy now and pay with bitcoin",
    framed=True,
)
_spoiled(
    "loans",
    "เงินกู้นอกระบบถูกกฎหมาย โอนไวใน 30 นาที",
    "กู้เงินออนไลน์ ใช้บัตรประชาชนใบเดียว|ติดบูโรก็กู้ได้ อนุมัติทันที|สินเชื่อส่วนบุคคล ไม่ต้องค้ำ|แอดไลน์สอบถามได้ 24 ชม.",
    framed=False,
)


@shape("held out: hijacked, invisible block below a good page", "hijacked", HIJACKED | ASK, False)
def _(w: World) -> Site:
    spam = " ".join(
        f"<a href='http://x{n}.example'>{t}</a>"
        for n, t in enumerate(
            ["สล็อตแตกง่าย", "บาคาร่าเว็บตรง", "แทงบอล", "หวยออนไลน์", "slot gacor", "ufa", "คาสิโนสด", "เครดิตฟรีล่าสุด"]
        )
    )
    return filed(
        in_site(w, topped(w), f"<h2>{topped(w)}</h2>{text_of(w)}<div style='height:1px;overflow:hidden'>{spam}</div>")
    )


# --- the rest ---------------------------------------------------------------

_REST: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "not_found": (
        ("เนื้อหาไม่พร้อมแสดง", "<p>เสียใจด้วย หน้านี้หายไปแล้ว อาจมีการเปลี่ยนชื่อหรือเอาออกจากเว็บ</p><a href='/'>ไปหน้าแรก</a>", True),
        (
            "HTTP 404",
            "<h1>Page Not Found</h1><p>The page you are looking for might have been removed, had its name "
            "changed, or is temporarily unavailable.</p>",
            False,
        ),
        ("{w.name}", "<h3>404</h3><p>ไม่พบเพจที่ร้องขอ</p>", True),
        ("Document not found", "<p>The document you requested could not be located on this server.</p>", False),
        ("รายละเอียดข่าว", "<p>ไม่พบรายการที่เลือก</p>", True),
        (
            "Nothing here",
            "<h2>Nothing found</h2><p>Apologies, but no results were found for the requested archive.</p>",
            True,
        ),
    ),
    "suspended": (
        (
            "Website Suspended",
            "<p>This website is currently suspended. If you are the owner please contact support or pay "
            "the outstanding invoice.</p>",
            False,
        ),
        ("แจ้งเตือน", "<p>พื้นที่เว็บนี้ถูกปิดเนื่องจากยังไม่ได้ชำระค่าเช่าโฮสต์ โปรดติดต่อฝ่ายขาย</p>", False),
        (
            "508 Resource Limit Is Reached",
            "<h1>Resource Limit Is Reached</h1><p>The website is temporarily unable to service your "
            "request as it exceeded resource limit. Please try again later.</p>",
            False,
        ),
    ),
    "parked": (
        (
            "{w.host}",
            "<h1>{w.host}</h1><p>The owner is offering this domain name for an asking price of 2,495 USD! "
            "Inquire now</p>",
            False,
        ),
        (
            "Parked",
            "<p>Future home of something quite cool. If you're the site owner, log in to launch this "
            "site. Courtesy of the registrar, this web page is parked.</p>",
            False,
        ),
        ("โดเมนว่าง", "<p>ชื่อโดเมนนี้สิ้นสุดอายุการใช้งาน ผู้สนใจสามารถเสนอราคาซื้อได้</p>", False),
    ),
    "fault": (
        (
            "Error",
            "<p>SQLSTATE[42S02]: Base table or view not found: 1146 Table 'ita.content' doesn't exist</p>",
            False,
        ),
        (
            "",
            "<pre>Parse error: syntax error, unexpected end of file in "
            "/home/admin/domains/web/public_html/index.php on line 88</pre>",
            False,
        ),
        (
            "OperationalError at /ita/",
            "<h1>OperationalError at /ita/</h1><p>could not connect to server: Connection refused. "
            "Traceback Request Method: GET Django Version 3.2 Exception Type: OperationalError</p>",
            False,
        ),
        ("ผิดพลาด", "<p>ระบบไม่สามารถติดต่อฐานข้อมูล MySQL ได้ในขณะนี้ (error 2002)</p>", True),
        ("502 Bad Gateway", "<center><h1>502 Bad Gateway</h1></center><hr><center>openresty</center>", False),
    ),
    "maintenance": (
        ("{w.short_name}", "<h2>เว็บไซต์ปิดให้บริการชั่วคราวเพื่อย้ายเครื่องแม่ข่าย</h2><p>คาดว่าจะเปิดใช้งานได้วันที่ 5</p>", False),
        (
            "Maintenance",
            "<h1>We are down for maintenance</h1><p>Upgrading our servers, please check back soon.</p>",
            False,
        ),
        ("หน้ากำลังปรับปรุง", "<p>กำลังปรับปรุงข้อมูล โปรดติดตาม</p>", True),
        ("แจ้งปิดระบบกลางคืน", "<p>เว็บไซต์หยุดให้บริการ 20.00-06.00 น. เพื่อสำรองข้อมูล</p>", False),
    ),
    "listing": (
        (
            "Index of /uploads/2569",
            "<h1>Index of /uploads/2569</h1><table><tr><th>Name<th>Last modified<th>Size</tr><tr><td><a "
            "href='../'>Parent Directory</a></tr><tr><td><a href='scan001.pdf'>scan001.pdf</a><td>"
            "2026-01-12<td>2.1M</tr></table>",
            False,
        ),
        (
            "listing",
            "<pre><a href='../'>../</a>\n<a href='img1.jpg'>img1.jpg</a> 10-Feb-2025 08:22 99120\n<a "
            "href='doc.zip'>doc.zip</a> 11-Feb-2025 08:22 9911</pre>",
            False,
        ),
    ),
    "default": (
        (
            "Test Page for the HTTP Server on Rocky Linux",
            "<h1>HTTP Server Test Page</h1><p>This page is used to test the proper operation of an HTTP "
            "server after it has been installed. If you can read this page it means that the software is "
            "working.</p>",
            False,
        ),
        (
            "XAMPP",
            "<h1>Welcome to XAMPP for Windows</h1><p>You have successfully installed XAMPP on this "
            "system! phpMyAdmin</p>",
            False,
        ),
        (
            "Success",
            "<h1>It worked!</h1><p>The virtual host is set up. Replace this file with your own index.html.</p>",
            False,
        ),
    ),
    "sign_in": (
        (
            "ระบบสารบรรณ",
            "<h2>ยินดีต้อนรับ กรุณายืนยันตัวตน</h2><form>เลขประจำตัวประชาชน<input name=c>รหัสผ่าน<input type=password><button>เข้าใช้งาน</button></form>",
            False,
        ),
        (
            "Member Login",
            "<form>Email<input name=e>Password<input type=password><button>LOGIN</button></form><a>Register</a>",
            False,
        ),
        ("{w.short_name}", "<form>ผู้ใช้<input name=e>รหัส<input type=password><button>เข้าระบบ</button></form>", True),
    ),
    "challenge": (
        (
            "DDoS-Guard",
            "<h1>Checking your browser before accessing the site</h1><p>Please wait a few seconds. DDoS-GUARD</p>",
            False,
        ),
        ("ความปลอดภัย", "<p>ระบบตรวจพบการใช้งานผิดปกติ โปรดยืนยันว่าคุณเป็นมนุษย์โดยกดปุ่มด้านล่าง</p>", False),
    ),
    "moved": (
        ("ย้ายแล้ว", "<h1>หน่วยงานย้ายไปใช้เว็บไซต์ใหม่แล้ว</h1><p>กดที่นี่เพื่อเข้าสู่เว็บไซต์ใหม่</p>", False),
        (
            "Redirect",
            "<p>Our web site has a new address. You will be redirected in 10 seconds. Please update your "
            "bookmarks.</p>",
            False,
        ),
    ),
}
_STATES = {"sign_in": SIGN_IN, "challenge": frozenset(("blocked",)), "moved": frozenset(("moved",))}
for _kind, _rows in _REST.items():
    for _number, (_title, _body, _framed) in enumerate(_rows):

        @shape(
            f"held out: {_kind} {_number + 1}", _kind, _STATES.get(_kind, MISSING), False if _kind == "parked" else None
        )
        def _(w: World, title: str = _title, body: str = _body, framed: bool = _framed) -> Site:
            shown, text = (
                title.replace("{w.host}", w.host).replace("{w.name}", w.name).replace("{w.short_name}", w.short_name),
                body.replace("{w.host}", w.host),
            )
            return filed(in_site(w, shown, text) if framed else alone(shown, text))


_CLOSED = {
    "Drive folder": (
        "drive.google.com",
        "ขอสิทธิ์การเข้าถึง",
        "<p>คุณต้องได้รับสิทธิ์เข้าถึง ขอสิทธิ์หรือเปลี่ยนไปใช้บัญชีที่มีสิทธิ์ ดูข้อมูลเพิ่มเติม</p>",
    ),
    "Drive gone": (
        "drive.google.com",
        "Google Drive",
        "<p>Sorry, the file you have requested does not exist. Make sure that you have the correct "
        "URL and the file exists.</p>",
    ),
    "Facebook group": ("m.facebook.com", "Facebook", "<p>กลุ่มปิด เข้าร่วมกลุ่มเพื่อดูโพสต์ เฉพาะสมาชิกเท่านั้นที่เห็น</p>"),
    "Facebook gone": (
        "www.facebook.com",
        "Facebook",
        "<p>The link you followed may be broken, or the page may have been removed. This page isn't available</p>",
    ),
    "YouTube removed": ("www.youtube.com", "YouTube", "<p>วิดีโอนี้ไม่มีให้รับชมอีกต่อไปเนื่องจากผู้อัปโหลดปิดบัญชี</p>"),
    "Canva": ("www.canva.com", "Canva", "<p>You don't have access to this design. Request access from its owner.</p>"),
    "LINE": ("page.line.me", "LINE", "<p>ไม่พบบัญชีที่คุณค้นหา หรือคุณไม่มีสิทธิ์ดู</p>"),
}
for _name, (_host, _title, _body) in _CLOSED.items():

    @shape(f"held out: no access, {_name}", "no_access", SIGN_IN | MISSING)
    def _(w: World, host: str = _host, title: str = _title, body: str = _body) -> Site:
        return Site({}, path="/q/1", host=host, others={host: {"/q/1": alone(title, body)}})


@shape("held out: shell of a script", "shell", ASK)
def _(w: World) -> Site:
    return Site(
        {
            "*": Reply(
                f"<!doctype html><title>{w.name}</title><body><div id=__next></div><script src=/_next/main.js>"
                f"</script><script>window.__D={{}}</script>"
            )
        }
    )


@shape("held out: home for any address with changing news", "home", MISSING)
def _(w: World) -> Site:
    old = [w.sentence() for _ in range(9)]

    def serve(_: Request) -> Reply:
        w.rng.shuffle(old)
        return in_site(
            w, f"เว็บไซต์ {w.name}", f"<p>สารจากนายก {w.person()}</p>" + "".join(f"<p>{s}</p>" for s in old[:7])
        )

    return Site({"*": serve}, path="/ita2569/o12")


@shape("held out: sent to ?lang=th", "home", MISSING)
def _(w: World) -> Site:
    return Site({"/a/b": to("/?lang=th"), "/": in_site(w, w.name, w.paragraphs(3))}, path="/a/b")


@shape("held out: echoes what was asked, decoded", "not_found", MISSING)
def _(w: World) -> Site:
    return Site(
        {"*": lambda r: in_site(w, "ค้นหา", f"<h3>ไม่พบผลลัพธ์สำหรับ “{r.path}”</h3>")}, path="/th/plan-development-annual"
    )
