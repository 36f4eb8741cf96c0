"""The shapes on which the weights of evidence are fitted. It is no news to the model; ``held_out`` is."""

import random
from collections.abc import Callable

from tests.evidence.themes import THEMES, site_page
from tests.evidence.world import GOOD, ITEMS, MISSING, YEAR, Route, Shape, Site, World
from tests.links.fake_web import Reply, Request, to

SHAPES: list[Shape] = []
SIGN_IN, BLOCKED, HIJACKED = frozenset(("sign_in",)), frozenset(("blocked",)), frozenset(("hijacked",))
MISMATCH, ASK = frozenset(("mismatch",)), frozenset(("review",))
PLATFORM_BLOCKED = SIGN_IN | MISSING


def add(
    name: str,
    kind: str,
    states: frozenset[str],
    build: Callable[[World], Site],
    owner: bool | None = None,
    subject: bool | None = None,
) -> None:
    SHAPES.append(Shape(name, kind, states, _on_any_site(build, kind), owner, subject))


def _on_any_site(build: Callable[[World], Site], kind: str) -> Callable[[World], Site]:
    """Some of the sites answer every address with their home page: that alone says nothing of a page."""

    def build_any(w: World) -> Site:
        site = build(w)
        answers_all = random.Random(w.seed).random() < (0.4 if kind == "content" else 0.25)
        if answers_all and site.routes and "*" not in site.routes:
            home = site_page(w, w.name, f"<h2>ข่าวประชาสัมพันธ์</h2>{w.paragraphs(random.Random(w.seed).randint(1, 5))}")
            site.routes["*"] = home
        return site

    return build_any


def good(name: str, build: Callable[[World], Site]) -> None:
    add(name, "content", GOOD, build, owner=True, subject=True)


def one(reply: Route, **more: object) -> Site:
    """A site of one page; any other address is refused."""
    return Site({"/ita/page": reply}, **more)


def bare(title: str, body: str, status: int = 200, head: str = "") -> Reply:
    return Reply(f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>", status)


# --- good pages: each theme, and several ways to write them


def _content_in(theme: Callable[[World, str, str], str]) -> Callable[[World], Site]:
    def build(w: World) -> Site:
        heading = w.heading()
        tag = w.rng.choice(("h1", "h2", "h3", "b"))
        return one(Reply(theme(w, w.title(heading), f"<{tag}>{heading}</{tag}>{w.content()}")))

    return build


for _theme in THEMES:
    good(f"content in {_theme.__name__}", _content_in(_theme))


def alarming(w: World, title: str, body: str) -> Site:
    """A good page about the item whose words alarm."""
    return one(site_page(w, title, f"<h2>{title}</h2><h3>{w.heading()}</h3>{body}{w.content()}"))


def _order_404(w: World) -> Site:
    title = f"404/{w.year} คำสั่งแต่งตั้งคณะทำงาน {w.label}"
    body = f"<p>คำสั่ง{w.name} ที่ 404/{w.year} เรื่อง แต่งตั้งคณะทำงาน</p>{w.paragraphs(2)}"
    return alarming(w, title, body)


good("order number 404 in the title", _order_404)
good("order number 500 and 503", lambda w: alarming(w, f"ประกาศที่ 503/{w.year} {w.label}", w.paragraphs(2)))
good(
    "how to act when a file is not found",
    lambda w: alarming(
        w, f"ไม่พบไฟล์ที่ต้องการ ทำอย่างไร : {w.label}", f"<p>หากไม่พบเอกสาร ให้ติดต่อเจ้าหน้าที่ {w.name} หรือยื่นคำขอตามแบบ</p>"
    ),
)
good(
    "no complaints were found this year",
    lambda w: alarming(
        w,
        f"{w.label} ไม่พบข้อมูลเรื่องร้องเรียน ปี {w.year}",
        f"<table><tr><td>จำนวนเรื่อง</td><td>0</td></tr></table><p>ไม่มีข้อร้องเรียนในปี {w.year}</p>",
    ),
)
good(
    "campaign against online gambling",
    lambda w: alarming(
        w,
        f"รู้เท่าทันภัยพนันออนไลน์ {w.label}",
        f"<p>{w.name} ร่วมกับสถานีตำรวจรณรงค์ต่อต้านการพนันออนไลน์ สล็อต บาคาร่า แทงบอล มีความผิดตามพระราชบัญญัติการพนัน พ.ศ. 2478 ผู้ปกครองควรดูแลเยาวชน</p>{w.paragraphs(3)}",
    ),
)
good(
    "auction of old supplies",
    lambda w: alarming(
        w,
        f"ประกาศขายทอดตลาดพัสดุชำรุด ราคาพิเศษ {w.label}",
        f"<p>ขายทอดตลาดรถยนต์ส่วนกลาง ราคาเริ่มต้น 45,000 บาท ผู้สนใจสั่งซื้อแบบ</p>{w.paragraphs(2)}",
    ),
)
good(
    "products of the village beside the item",
    lambda w: alarming(
        w, f"{w.heading()}", f"<p>สินค้า OTOP ตำบล{w.place} น้ำพริก 50 บาท ผ้าทอ 350 บาท สั่งซื้อได้ที่กลุ่มแม่บ้าน จัดส่งทั่วไทย</p>"
    ),
)
good(
    "plan to improve the road, closed",
    lambda w: alarming(
        w,
        f"ปิดปรับปรุงถนนสาย {w.place} ชั่วคราว {w.label}",
        f"<p>ขออภัยในความไม่สะดวก โครงการปรับปรุงถนน งบประมาณปี {w.year}</p>{w.paragraphs(2)}",
    ),
)
good(
    "improvement of the web site as a project",
    lambda w: alarming(
        w,
        f"โครงการปรับปรุงเว็บไซต์และระบบฐานข้อมูล {w.year} {w.label}",
        f"<p>อยู่ระหว่างการปรับปรุงฐานข้อมูลผู้เสียภาษี เกิดข้อผิดพลาดร้อยละ 2</p>{w.paragraphs(2)}",
    ),
)
good(
    "manual of a system one signs in to",
    lambda w: alarming(
        w,
        f"คู่มือเข้าสู่ระบบ E-Service {w.label}",
        f"<ol><li>กรอกชื่อผู้ใช้และรหัสผ่าน</li><li>กรณีลืมรหัสผ่าน กดปุ่มลืมรหัสผ่าน</li><li>ลงชื่อเข้าใช้ด้วย ThaiD</li></ol>{w.paragraphs(3)}",
    ),
)
good(
    "who may see personal data",
    lambda w: alarming(
        w,
        f"แนวปฏิบัติการขอสิทธิ์เข้าถึงข้อมูลข่าวสาร {w.label}",
        f"<p>ผู้ไม่มีสิทธิ์เข้าถึงให้ยื่นคำขอต่อเจ้าของข้อมูล ตาม พ.ร.บ. ข้อมูลข่าวสาร พ.ศ. 2540</p>{w.paragraphs(2)}",
    ),
)
good(
    "suspended officials",
    lambda w: alarming(
        w,
        f"คำสั่งระงับการใช้งานรถราชการ {w.label}",
        f"<p>ระงับการให้บริการรถยนต์หมายเลข กข 123 ค้างชำระค่าต่ออายุทะเบียน</p>{w.paragraphs(2)}",
    ),
)
good(
    "bot at the service desk",
    lambda w: alarming(
        w,
        f"{w.heading()} แชตบอตหุ่นยนต์ถามตอบ",
        f"<p>สอบถามผ่านหุ่นยนต์ตอบคำถาม 24 ชั่วโมง ระบบจะให้ยืนยันว่าไม่ใช่หุ่นยนต์ก่อน</p>{w.paragraphs(2)}",
    ),
)
good(
    "removed from the list of contractors",
    lambda w: alarming(
        w,
        f"รายชื่อผู้ทิ้งงานที่ถูกลบออกจากบัญชี {w.label}",
        f"<p>ถูกลบไปแล้ว 3 ราย ไม่พบรายการเพิ่ม ประจำปี {w.year}</p>{w.paragraphs(2)}",
    ),
)
good(
    "moved office",
    lambda w: alarming(
        w,
        f"{w.name} ย้ายที่ทำการไปที่อยู่ใหม่ {w.label}",
        f"<p>ได้ย้ายไปที่อาคารหลังใหม่ เลขที่ 99 หมู่ 4 ตำบล{w.place}</p>{w.paragraphs(2)}",
    ),
)
good(
    "good page in English too",
    lambda w: alarming(
        w,
        f"{w.item.label.en or w.label} {w.label}",
        f"<p>{w.item.label.en} of the subdistrict, fiscal year {w.year - 543}</p>",
    ),
)
good(
    "lottery tickets taxed",
    lambda w: alarming(
        w,
        f"{w.heading()}",
        "<p>สลากกินแบ่งรัฐบาล ผู้พิการรับโควตาสลาก งวดวันที่ 16 และแจกของรางวัลงานกาชาด รางวัลใหญ่ แจ็คพอต ทองคำ 1 บาท</p>",
    ),
)


def _short_notice(w: World) -> Site:
    body = f"<h1>{w.label}</h1><p>ปี {w.year} {w.name} ไม่มีเรื่องร้องเรียน ข้อมูล ณ {w.date()}</p>"
    return one(site_page(w, w.heading(), body))


good("a very short page that says there was none", _short_notice)
good(
    "a short page with one file",
    lambda w: one(
        site_page(w, w.heading(), f"<h2>{w.heading()}</h2><a href='/f/{w.year}.pdf'>ดาวน์โหลด {w.label} ปี {w.year}</a>")
    ),
)
good(
    "title is the agency's name only",
    lambda w: one(site_page(w, w.name, f"<div class=topic>{w.heading()}</div>{w.content()}")),
)
good(
    "no title at all",
    lambda w: one(Reply(f"<html><body><h2>{w.name}</h2><h3>{w.heading()}</h3>{w.content()}</body></html>")),
)
good(
    "sign-in box beside the content",
    lambda w: one(
        site_page(
            w,
            w.heading(),
            f"<h2>{w.heading()}</h2>{w.content()}<form>เข้าสู่ระบบเจ้าหน้าที่<input name=u><input type=password name=p></form>",
        )
    ),
)


def _years_hub(w: World) -> Site:
    lists = "".join(
        f"<h3>ปีงบประมาณ พ.ศ. {year}</h3><ul><li><a href='/f/{year}.pdf'>{w.label} ปี {year}</a></li></ul>"
        for year in range(w.year + 1, w.year - 4, -1)
    )
    return one(site_page(w, w.label, f"<h2>{w.label}</h2>{lists}"))


good("one page for all years", _years_hub)


def _rotating(w: World) -> Site:
    heading, body = w.heading(), w.content()

    def serve(_: Request) -> Reply:
        news = "".join(f"<div class=n>{w.sentence()}</div>" for _ in range(8))
        return site_page(
            w, heading, f"<h2>{heading}</h2>{body}<h3>ข่าวล่าสุด</h3>{news}<p>ผู้เข้าชมวันนี้ {w.rng.randint(1, 999)}</p>"
        )

    return one(serve)


good("rotating news beside the content", _rotating)


def _catch_all_but_good(w: World) -> Site:
    """Any address gives the home page, but this one is real; most of its lines are those of the menu."""
    home = site_page(w, w.name, f"<h2>ยินดีต้อนรับสู่{w.name}</h2>{w.paragraphs(2)}")
    return Site({"/ita/page": site_page(w, w.name, f"<h2>{w.heading()}</h2>{w.content()}"), "*": home})


good("real page of a site that answers anything", _catch_all_but_good)


def _index_php(w: World) -> Site:
    home = site_page(w, w.name, w.paragraphs(3))
    real = site_page(w, w.name, f"<h2>{w.heading()}</h2>{w.content()}")
    return Site({"*": lambda r: real if "mod=ita" in r.path else home}, path="/index.php?mod=ita&id=12")


good("real page behind index.php?mod=", _index_php)
good(
    "moved for good within the site",
    lambda w: Site(
        {
            "/ita/page": to("/new/page", 301),
            "/new/page": site_page(w, w.heading(), f"<h2>{w.heading()}</h2>{w.content()}"),
        }
    ),
)
good(
    "spelt with Thai digits",
    lambda w: one(
        site_page(
            w,
            w.heading(),
            (f"<h2>{w.heading()}</h2>{w.content()}")
            .translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
            .replace("h๒", "h2")
            .replace("h๓", "h3"),
        )
    ),
)


def _pages_of(platform: str, title: str, body: str) -> Callable[[World], Site]:
    def build(w: World) -> Site:
        page = bare(title.format(w=w, h=w.heading()), body.format(w=w, h=w.heading()) + w.content())
        return Site({}, path="/d/abc123/view", host=platform, others={platform: {"/d/abc123/view": page}})

    return build


good(
    "a public file on Drive",
    _pages_of("drive.google.com", "{h}.pdf - Google Drive", "<div>{w.name} {h} หน้า 1 จาก 12</div>"),
)
good(
    "a public document on Docs",
    _pages_of("docs.google.com", "{h} - Google Docs", "<div class=doc>{w.name}<p>{h}</p></div>"),
)
good(
    "a public post on Facebook",
    _pages_of(
        "www.facebook.com",
        "{w.name} - {h} | Facebook",
        "<p>{w.name} โพสต์ {h} ถูกใจ 45 คน แชร์ 3 ครั้ง</p><form>เข้าสู่ระบบ<input type=password></form>",
    ),
)
good(
    "a public video on YouTube",
    _pages_of("www.youtube.com", "{h} - YouTube", "<p>{w.name} การดู 120 ครั้ง ผู้ติดตาม 300 คน {h}</p>"),
)
good(
    "a Google site of the agency", _pages_of("sites.google.com", "{w.short_name} - {h}", "<h1>{h}</h1><p>{w.name}</p>")
)


# --- other year, other agency, other item ---------------------------------------------------------------


def _with_period(w: World) -> World:
    """The same world with an item that wants a year."""
    while w.item.period == "any":
        w.item = w.rng.choice(ITEMS)
    w.label = w.item.label.th
    w.year = YEAR - 1 if w.item.period == "previous_year" else YEAR
    return w


def _wrong_year(back: int) -> Callable[[World], Site]:
    def build(w: World) -> Site:
        w = _with_period(w)
        heading = f"{w.label} ประจำปีงบประมาณ พ.ศ. {w.year - back}"
        return one(
            site_page(
                w, heading, f"<h2>{heading}</h2>{w.content(w.year - back).replace(str(w.year), str(w.year - back))}"
            )
        )

    return build


for _back in (1, 2, 4):
    add(f"of {_back} years before", "content", MISMATCH, _wrong_year(_back), owner=True, subject=False)


def _other_agency(w: World) -> Site:
    other = World(w.seed + "/other")
    other.item, other.label, other.year = w.item, w.label, w.year
    heading = f"{w.label} ปี {w.year}"
    page = site_page(other, f"{heading} {other.name}", f"<h2>{heading} ของ{other.name}</h2>{other.content()}")
    return Site({}, host=other.host, others={other.host: {"/ita/page": page}})


add("another agency's page at its own site", "content", MISMATCH | frozenset(("outside",)), _other_agency, owner=False)


def _copied(w: World) -> Site:
    other = World(w.seed + "/other")
    other.item, other.label, other.year = w.item, w.label, w.year
    heading = f"{w.label} {other.name} ประจำปี {w.year}"
    theme = THEMES[sum(map(ord, w.seed)) % len(THEMES)]
    return one(Reply(theme(other, heading, f"<h2>{heading}</h2>{other.content()}")))


add("another agency's page copied to this site", "content", MISMATCH, _copied, owner=False)


def _other_item(w: World) -> Site:
    other = World(w.seed + "/item")
    other.item = w.rng.choice([i for i in ITEMS if i.sub_indicator != w.item.sub_indicator])
    other.label, other.year = other.item.label.th, w.year
    other.name, other.short_name, other.place, other.host = w.name, w.short_name, w.place, w.host
    heading = f"{other.label} ปี {w.year}"
    return one(site_page(w, heading, f"<h2>{heading}</h2>{other.content()}"))


add("the page of another item", "content", MISMATCH, _other_item, owner=True, subject=False)
add(
    "a page about nothing of the kind",
    "content",
    ASK | MISMATCH,
    lambda w: one(site_page(w, "ภาพกิจกรรมวันเด็ก", f"<h2>ภาพกิจกรรมวันเด็ก</h2>{'<img src=/a.jpg>' * 9}{w.paragraphs(2)}")),
    owner=True,
    subject=False,
)


# --- not found ---------------------------------------------------------------

_NOT_FOUND = {
    "calm title": ("{w.name}", "<p>ไม่พบหน้าที่ท่านต้องการ</p><p>กรุณาตรวจสอบที่อยู่อีกครั้ง หรือกลับหน้าแรก</p>"),
    "English words": (
        "Page not found",
        "<h1>Oops! That page can't be found.</h1><p>It looks like nothing was found at this location. "
        "Maybe try a search?</p>",
    ),
    "bare 404": ("404 Not Found", "<center><h1>404 Not Found</h1></center><hr><center>nginx</center>"),
    "Thai apology": ("ขออภัย", "<h2>ขออภัยค่ะ</h2><p>ไม่พบหน้าเว็บที่คุณเรียก อาจถูกย้ายหรือลบไปแล้ว <a href='/'>กลับสู่หน้าหลัก</a></p>"),
    "article deleted": ("ข่าว", "<div class=alert>บทความนี้ถูกลบออกแล้ว หรือไม่มีอยู่ในระบบ</div>"),
    "no data": ("รายละเอียด", "<table><tr><td>ไม่พบข้อมูล</td></tr></table>"),
    "404 in pictures": ("Error", "<h1>404</h1><p>ไม่พบไฟล์เอกสาร</p><a href=/>Home</a>"),
    "Joomla": (
        "404 - Article not found",
        "<h1>The requested page can't be found.</h1><p>An error has occurred while processing your "
        "request. You may not be able to visit this page because of: an out-of-date bookmark, a "
        "mistyped address</p>",
    ),
    "short sorry": ("Sorry", "<p>Sorry, page not found</p>"),
    "file gone": ("ดาวน์โหลด", "<p>ไม่พบไฟล์ที่ท่านเรียก (File not found) กรุณาติดต่อผู้ดูแลระบบ</p>"),
    "expired link": ("ลิงก์หมดอายุ", "<p>ลิงก์นี้หมดอายุหรือถูกยกเลิก เนื้อหาไม่มีอยู่แล้ว</p>"),
    "title only": ("ไม่พบหน้าเว็บ", "<p>หน่วยงาน</p>"),
    "error words": ("ตัวอย่าง", "<h1>Error 404</h1>"),
}
for _name, (_title, _body) in _NOT_FOUND.items():
    add(f"not found, plain: {_name}", "not_found", MISSING, lambda w, t=_title, b=_body: one(bare(t.format(w=w), b)))
for _name in (
    "calm title",
    "English words",
    "Thai apology",
    "article deleted",
    "no data",
    "404 in pictures",
    "Joomla",
    "file gone",
):
    _title, _body = _NOT_FOUND[_name]
    add(
        f"not found, in the site: {_name}",
        "not_found",
        MISSING,
        lambda w, t=_title, b=_body: one(site_page(w, t.format(w=w), b)),
    )


def _not_found_everywhere(w: World) -> Site:
    """The host serves the same page, with status 200, for whatever is asked."""
    return Site({"*": site_page(w, w.name, "<p>ขออภัย ไม่พบหน้าที่ต้องการ</p>")})


add("not found for any address", "not_found", MISSING, _not_found_everywhere)

# --- the home page, whatever is asked ---------------------------------------------------------------


def _home(w: World, news: int = 6) -> Reply:
    return site_page(
        w,
        w.name,
        f"<h2>ยินดีต้อนรับ</h2><marquee>{w.sentence()}</marquee>"
        + "".join(f"<div class=n><a href='/n/{k}'>{w.sentence()}</a></div>" for k in range(news)),
    )


def _home_for_all(w: World) -> Site:
    return Site({"*": _home(w)})


def _home_rotating(w: World) -> Site:
    fixed = [w.sentence() for _ in range(5)]

    def serve(_: Request) -> Reply:
        lines = "".join(
            f"<div class=n>{s}</div>" for s in [*fixed, *(w.sentence() for _ in range(w.rng.randint(3, 6)))]
        )
        return site_page(w, w.name, f"<h2>ข่าวสาร</h2>{lines}")

    return Site({"*": serve})


add("home page for any address", "home", MISSING, _home_for_all)
add("home page with rotating news for any address", "home", MISSING, _home_rotating)
add("sent to the home page", "home", MISSING, lambda w: Site({"/ita/page": to("/"), "/": _home(w)}))
add(
    "sent to index.php?lang=th",
    "home",
    MISSING,
    lambda w: Site({"/ita/page": to("/index.php?lang=th"), "/index.php": _home(w)}),
)


def _echo(words: str) -> Callable[[World], Site]:
    """The page repeats the address that was asked."""

    def build(w: World) -> Site:
        def serve(request: Request) -> Reply:
            return site_page(
                w, f"{w.short_name} {request.path}", f"<h2>{words.format(path=request.path)}</h2><p>{w.name}</p>"
            )

        return Site({"*": serve})

    return build


add("echo of the address", "home", MISSING, _echo("คุณอยู่ที่ {path}"))
add("echo as a search", "not_found", MISSING, _echo("ผลการค้นหา {path} ไม่พบรายการ"))

# --- hijacked ---------------------------------------------------------------

_SPINS = (
    "สล็อตเว็บตรง แตกง่าย 2567 ฝากถอนออโต้ ไม่มีขั้นต่ำ สมาชิกใหม่รับโบนัส 100%",
    "บาคาร่าออนไลน์ คาสิโนสด อันดับ 1 สมัครเลย รับเครดิตฟรี 50 บาท ถอนได้จริง",
    "แทงบอลออนไลน์ ราคาบอลดีที่สุด ufabet ทางเข้า มือถือ ฝาก-ถอน ทรูวอเลท 24 ชั่วโมง",
    "หวยออนไลน์ จ่ายบาทละ 900 เว็บใหญ่ ไม่ผ่านเอเย่นต์ สมัครสมาชิก รับทันที",
    "เกมสล็อตค่าย PG ทดลองเล่นฟรี แจ็คพอตแตกบ่อย ยิงปลา เสือมังกร ไฮโลออนไลน์",
)
_BETS = (
    "Situs slot gacor hari ini maxwin RTP live terpercaya daftar judi online resmi",
    "Best online casino bonus 2024 free spins no deposit slots jackpot sign up now",
    "Sportsbook betting odds, poker and baccarat, withdraw instantly, welcome bonus",
    "Togel online bandar terpercaya sbobet joker123 deposit pulsa tanpa potongan",
)
_SALES = (
    "กระเป๋าแบรนด์เนม คุณภาพเกรดมิลเลอร์ พร้อมส่ง ส่งฟรีทั่วไทย เก็บเงินปลายทาง หยิบใส่ตะกร้า ราคา 1,290 บาท",
    "เงินด่วน กู้เงินด่วน อนุมัติไว ไม่เช็คบูโร สินเชื่อออนไลน์ ดอกเบี้ยต่ำ ทักแชทเลย",
    "ยาปลุกเซ็กส์ อาหารเสริม ลดน้ำหนัก ของแท้ 100% สั่งซื้อเลย ลดราคาพิเศษ ส่วนลด 50%",
)
_SHOPS = (
    "Buy viagra cheap without prescription, order now, free shipping worldwide, best price",
    "Replica watches luxury handbags outlet sale 80% off add to cart checkout",
    "Cheap essay writing service, discount code, order now, best price guaranteed",
)


def _spam(w: World, lines: tuple[str, ...], count: int = 8) -> str:
    return "".join(
        f"<h3>{w.rng.choice(lines)}</h3><p>{' '.join(w.rng.sample(lines, min(len(lines), 3)))}</p><a "
        f"href='https://bet{n}.example/r'>{w.rng.choice(lines)[:30]}</a>"
        for n in range(count)
    )


def _replaced(lines: tuple[str, ...], count: int = 8) -> Callable[[World], Site]:
    return lambda w: one(bare(w.rng.choice(lines), _spam(w, lines, count)))


def _in_theme(lines: tuple[str, ...], count: int = 5) -> Callable[[World], Site]:
    return lambda w: one(site_page(w, w.rng.choice(lines), f"<h1>{w.rng.choice(lines)}</h1>{_spam(w, lines, count)}"))


def _calm_title(lines: tuple[str, ...]) -> Callable[[World], Site]:
    return lambda w: one(site_page(w, w.name, _spam(w, lines, 5)))


for _word, _lines in (
    ("gambling in Thai", _SPINS),
    ("gambling in English", _BETS),
    ("sales in Thai", _SALES),
    ("sales in English", _SHOPS),
):
    add(f"hijacked, whole page: {_word}", "hijacked", HIJACKED, _replaced(_lines), owner=False, subject=False)
    add(f"hijacked, in the site's frame: {_word}", "hijacked", HIJACKED, _in_theme(_lines), owner=False, subject=False)
    add(f"hijacked, under a calm title: {_word}", "hijacked", HIJACKED, _calm_title(_lines), owner=False, subject=False)
    add(f"hijacked, one short notice: {_word}", "hijacked", HIJACKED, _replaced(_lines, 1), owner=False, subject=False)


def _hidden_links(w: World) -> Site:
    """The page is there, with links of others that no reader sees."""
    hidden = "".join(f'<a href="https://slot{n}.example/">{w.rng.choice(_SPINS)[:40]}</a> ' for n in range(12))
    return one(
        site_page(
            w,
            w.heading(),
            f"<h2>{w.heading()}</h2>{w.content()}<div style='position:absolute;left:-9999px'>{hidden}</div>",
        )
    )


def _mixed(w: World) -> Site:
    return one(
        site_page(w, w.heading(), f"<h2>{w.heading()}</h2>{w.paragraphs(1)}{_spam(w, _SPINS, 4)}{w.paragraphs(1)}")
    )


def _described(w: World) -> Site:
    head = f'<meta name="description" content="{_SPINS[0]} {_SPINS[1]}"><meta name="keywords" content="สล็อต,บาคาร่า,แทงบอล">'
    return one(
        bare(
            _SPINS[2], f"<img src='/promo.jpg'><a href='https://x.example/reg'>สมัครเลย</a><p>{_SPINS[3]}</p>", head=head
        )
    )


HIJACKED_OR_ASK = HIJACKED | ASK
add("hijacked by hidden links", "hijacked", HIJACKED_OR_ASK, _hidden_links, owner=False)
add("hijacked between the agency's own words", "hijacked", HIJACKED_OR_ASK, _mixed, owner=False)
add("hijacked, all in the description", "hijacked", HIJACKED_OR_ASK, _described, owner=False, subject=False)

# --- suspended, parked, faults, maintenance, listings, default pages

_SUSPENDED = {
    "cPanel": (
        "Account Suspended",
        "<h1>Account Suspended</h1><p>This Account has been suspended. Contact your hosting provider "
        "for more information.</p>",
    ),
    "Thai host": (
        "ระงับการให้บริการ",
        "<h2>เว็บไซต์นี้ถูกระงับบริการชั่วคราว</h2><p>เนื่องจากค้างชำระค่าบริการ กรุณาติดต่อผู้ให้บริการโฮสติ้ง ฝ่ายบัญชี</p>",
    ),
    "bandwidth": (
        "509 Bandwidth Limit Exceeded",
        "<h1>Bandwidth Limit Exceeded</h1><p>The server is temporarily unable to service your request "
        "due to the site owner reaching his/her bandwidth limit.</p>",
    ),
    "calm title": ("เว็บไซต์หน่วยงาน", "<p>บัญชีถูกระงับ โปรดต่ออายุโฮสติ้ง</p><p>ติดต่อผู้ให้บริการ</p>"),
    "expired hosting": ("Hosting expired", "<p>โฮสติ้งหมดอายุ กรุณาชำระค่าบริการเพื่อใช้งานต่อ</p>"),
    "quota": (
        "Notice",
        "<p>This website has been disabled because the account is over quota. Billing department will "
        "contact the owner.</p>",
    ),
}
_PARKED = {
    "for sale": (
        "{w.host} is for sale",
        "<h1>This domain is for sale</h1><p>Buy this domain. Make an offer today. Premium domain, domain broker.</p>",
    ),
    "ads": (
        "{w.host}",
        "<h3>Related searches</h3><a href=/1>Government loans</a><a href=/2>Web hosting</a><a href=/3>"
        "Local news</a><p>This domain may be for sale. Sponsored listings. Privacy policy</p>",
    ),
    "expired": (
        "Domain expired",
        "<p>The domain has expired. Is this your domain? Renew your domain now with the registrar.</p>",
    ),
    "Thai": ("ขายโดเมน", "<p>โดเมนนี้ประกาศขาย สนใจติดต่อเจ้าของ ราคา 30,000 บาท จดทะเบียนโดเมน</p>"),
    "registrar": (
        "Welcome",
        "<p>This domain name is parked free, courtesy of the registrar. Get this domain. Domain is registered.</p>",
    ),
}
_FAULT = {
    "WordPress database": ("Database Error", "<h1>Error establishing a database connection</h1>"),
    "mysqli": (
        "",
        "<b>Warning</b>: mysqli_connect(): (HY000/1045): Access denied for user 'root'@'localhost' "
        "(using password: YES) in <b>/home/site/public_html/db.php</b> on line <b>12</b>",
    ),
    "critical": (
        "WordPress › Error",
        "<p>There has been a critical error on this website. Please check your site admin email inbox "
        "for instructions.</p>",
    ),
    "PHP fatal": (
        "",
        "<br><b>Fatal error</b>: Uncaught Error: Call to undefined function mysql_connect() in "
        "/var/www/html/config.php:5 Stack trace: #0 {main} thrown in",
    ),
    "ASP.NET": (
        "Runtime Error",
        "<h1>Server Error in '/' Application.</h1><h2>Runtime Error</h2><p>Description: An "
        "application error occurred on the server. The current custom error settings prevent the "
        "details</p>",
    ),
    "Laravel": (
        "Whoops, looks like something went wrong.",
        "<h1>Whoops, looks like something went wrong.</h1><p>SQLSTATE[HY000] [2002] Connection "
        "refused PDOException in Connector.php line 68</p>",
    ),
    "Thai": ("ข้อผิดพลาด", "<p>ไม่สามารถเชื่อมต่อฐานข้อมูลได้ กรุณาติดต่อผู้ดูแลระบบ</p>"),
    "too many": ("ระบบ", "<p>Too many connections SQLSTATE[08004]</p>"),
    "calm title": (
        "{w.name}",
        "<p>JDatabaseException: Could not connect to MySQL. Unhandled exception, stack trace #0</p>",
    ),
    "Thai trouble": ("ระบบขัดข้อง", "<h3>ระบบขัดข้อง เกิดข้อผิดพลาดของฐานข้อมูล โปรดลองใหม่</h3>"),
}
_MAINTENANCE = {
    "Thai": ("ปิดปรับปรุง", "<h1>ปิดปรับปรุงเว็บไซต์ชั่วคราว</h1><p>ขออภัยในความไม่สะดวก</p>"),
    "calm title": (
        "{w.name}",
        "<img src=/logo.png><p>อยู่ระหว่างการปรับปรุงระบบ ขออภัยในความไม่สะดวก จะกลับมาให้บริการเร็ว ๆ นี้</p>",
    ),
    "English": (
        "Site under maintenance",
        "<h1>We'll be back soon!</h1><p>Sorry for the inconvenience but we're performing scheduled "
        "maintenance at the moment.</p>",
    ),
    "construction": ("Under Construction", "<h1>UNDER CONSTRUCTION</h1><p>Coming soon</p>"),
    "Joomla offline": (
        "{w.name}",
        "<p>เว็บไซต์นี้ปิดปรับปรุงชั่วคราว โปรดกลับมาใหม่</p><form><input name=username><input type=password><input type=submit value='Log in'></form>",
    ),
    "new site soon": ("เว็บไซต์ใหม่", "<p>กำลังพัฒนาเว็บไซต์ โฉมใหม่ พบกันเร็ว ๆ นี้</p>"),
    "WordPress": ("Maintenance", "<p>Briefly unavailable for scheduled maintenance. Check back in a minute.</p>"),
    "at night": ("แจ้งปิดระบบ", "<p>ระบบเปิดให้บริการเวลา 08.30-16.30 น. ปิดให้บริการนอกเวลาราชการ</p>"),
    "page being made": ("{w.name}", "<p>หน้านี้อยู่ระหว่างจัดทำ / อยู่ระหว่างปรับปรุงข้อมูล</p>"),
}
_LISTING = {
    "Apache": (
        "Index of /",
        "<h1>Index of /</h1><pre>Name Last modified Size Description<hr><a href='/'>Parent "
        "Directory</a> - <a href='cgi-bin/'>cgi-bin/</a> 2021-03-02 10:11 - <a href='wp/'>wp/</a> "
        "2023-05-01 12:00 -<hr></pre><address>Apache Server at port 80</address>",
    ),
    "nginx": (
        "Index of /upload/",
        "<h1>Index of /upload/</h1><hr><pre><a href='../'>../</a><a href='a.jpg'>a.jpg</a> "
        "01-Jan-2024 10:00 1234<a href='b.jpg'>b.jpg</a> 02-Jan-2024 11:00 2345</pre>",
    ),
    "IIS": (
        "{w.host} - /files/",
        "<H1>{w.host} - /files/</H1><pre><A HREF='/'>[To Parent Directory]</A> 1/2/2023 9:01 AM "
        "&lt;dir&gt; <A HREF='/x'>x</A></pre>",
    ),
    "Python": (
        "Directory listing for /",
        "<h1>Directory listing for /</h1><ul><li><a href=a>a</a><li><a href=b>b</a></ul>",
    ),
}
_DEFAULT = {
    "nginx": (
        "Welcome to nginx!",
        "<h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is successfully "
        "installed and working. Further configuration is required.</p>",
    ),
    "Apache Debian": (
        "Apache2 Debian Default Page: It works",
        "<p>It works! This is the default welcome page used to test the correct operation of the "
        "Apache2 server after installation on Debian systems. Configuration Overview DocumentRoot</p>",
    ),
    "IIS": (
        "IIS Windows Server",
        "<a href='https://go.example/'><img alt='IIS'></a><p>Internet Information Services</p>",
    ),
    "Plesk": (
        "Domain Default page",
        "<h1>Web Server's Default Page</h1><p>This page is generated by Plesk. You see this page "
        "because there is no Web site at this address.</p>",
    ),
    "new WordPress": (
        "My Site – Just another WordPress site",
        "<h1>Hello world!</h1><p>Welcome to WordPress. This is your first post. Edit or delete it, "
        "then start writing!</p>",
    ),
    "Thai host": (
        "ยินดีต้อนรับ",
        "<p>ยินดีต้อนรับสู่โฮสติ้ง DirectAdmin กรุณาอัปโหลดเว็บไซต์ของท่าน upload your website to public_html</p>",
    ),
}
for _kind, _table in (
    ("suspended", _SUSPENDED),
    ("parked", _PARKED),
    ("fault", _FAULT),
    ("maintenance", _MAINTENANCE),
    ("listing", _LISTING),
    ("default", _DEFAULT),
):
    for _name, (_title, _body) in _table.items():
        _owner = False if _kind == "parked" else None
        add(
            f"{_kind}: {_name}",
            _kind,
            MISSING,
            lambda w, t=_title, b=_body: one(bare(t.format(w=w), b.replace("{w.host}", w.host))),
            owner=_owner,
        )
for _kind, _name in (
    ("fault", "mysqli"),
    ("fault", "Thai"),
    ("fault", "PHP fatal"),
    ("maintenance", "Thai"),
    ("maintenance", "page being made"),
    ("suspended", "Thai host"),
):
    _title, _body = {"fault": _FAULT, "maintenance": _MAINTENANCE, "suspended": _SUSPENDED}[_kind][_name]
    add(
        f"{_kind}, in the site: {_name}",
        _kind,
        MISSING,
        lambda w, t=_title, b=_body: one(site_page(w, t.format(w=w), b)),
    )
add(
    "parked: any address of the host",
    "parked",
    MISSING,
    lambda w: Site({"*": bare(w.host, _PARKED["ads"][1])}),
    owner=False,
)

# --- permission, sign-in, challenges, moved, empty shells

_NO_ACCESS = {
    "Drive in English": (
        "drive.google.com",
        "Google Drive: Access Denied",
        "<h1>You need access</h1><p>Ask for access, or switch to an account with access. Request access</p>",
    ),
    "Drive in Thai": (
        "drive.google.com",
        "Google ไดรฟ์",
        "<h1>คุณต้องมีสิทธิ์เข้าถึง</h1><p>ขอสิทธิ์เข้าถึง หรือสลับบัญชีไปใช้บัญชีที่มีสิทธิ์เข้าถึง</p>",
    ),
    "Docs trash": (
        "docs.google.com",
        "Google Docs",
        "<p>The file is in the owner's trash. Ask the owner to restore it.</p>",
    ),
    "Facebook in Thai": (
        "www.facebook.com",
        "Facebook",
        "<h2>เนื้อหานี้ไม่พร้อมใช้งานในขณะนี้</h2><p>ซึ่งปกติเกิดจากเจ้าของแชร์เนื้อหานี้ให้คนกลุ่มเล็ก ๆ เท่านั้น เปลี่ยนผู้ที่สามารถดูได้ หรือลบไปแล้ว</p><a>ไปที่ฟีดข่าว</a>",
    ),
    "Facebook in English": (
        "www.facebook.com",
        "Facebook",
        "<h2>This content isn't available right now</h2><p>When this happens, it's usually because "
        "the owner only shared it with a small group of people, changed who can see it or it's been "
        "deleted.</p>",
    ),
    "YouTube private": (
        "www.youtube.com",
        "YouTube",
        "<p>Video unavailable</p><p>This video is private. If the owner of this video has granted you "
        "access, please sign in.</p>",
    ),
    "YouTube in Thai": ("www.youtube.com", "- YouTube", "<p>วิดีโอนี้ไม่พร้อมใช้งาน วิดีโอส่วนตัว</p>"),
    "Canva": (
        "www.canva.com",
        "Canva",
        "<h1>This design is private</h1><p>Ask the owner to share it with you, or request access</p>",
    ),
    "LINE": ("line.me", "LINE", "<p>กลุ่มส่วนตัว เฉพาะผู้ที่ได้รับเชิญ ขอให้เจ้าของส่งคำเชิญใหม่</p>"),
    "own site": ("", "แจ้งเตือน", "<p>คุณไม่มีสิทธิ์เข้าถึงหน้านี้ (permission denied) เฉพาะสมาชิก</p>"),
    "own site in English": (
        "",
        "Restricted",
        "<p>You do not have permission to view this page. Access is restricted to members only.</p>",
    ),
}
for _name, (_host, _title, _body) in _NO_ACCESS.items():

    def _refused(w: World, host: str = _host, title: str = _title, body: str = _body) -> Site:
        page = bare(title, body)
        return Site({}, path="/d/f0f0", host=host, others={host: {"/d/f0f0": page}}) if host else one(page)

    add(f"no access: {_name}", "no_access", PLATFORM_BLOCKED, _refused)

_FORM = "<form>{u}<input name=u>{p}<input type=password name=p><button>{b}</button></form>"
_SIGN_INS = {
    "Thai": ("เข้าสู่ระบบ", "<h1>เข้าสู่ระบบ</h1>" + _FORM.format(u="ชื่อผู้ใช้", p="รหัสผ่าน", b="เข้าสู่ระบบ") + "<a>ลืมรหัสผ่าน</a>"),
    "English": (
        "Log in",
        "<h2>Please log in</h2>"
        + _FORM.format(u="Username", p="Password", b="Login")
        + "<a>Forgot password?</a> Remember me",
    ),
    "staff": ("{w.name}", "<h3>สำหรับเจ้าหน้าที่</h3>" + _FORM.format(u="User ID", p="รหัสผ่าน", b="ลงชื่อเข้าใช้")),
    "member": ("สมาชิก", "<p>กรุณาล็อกอินก่อนดาวน์โหลดเอกสาร</p>" + _FORM.format(u="อีเมล", p="รหัสผ่าน", b="ตกลง")),
    "bare form": ("สมาชิก", _FORM.format(u="", p="", b="")),
}
for _name, (_title, _body) in _SIGN_INS.items():
    add(f"sign-in: {_name}", "sign_in", SIGN_IN, lambda w, t=_title, b=_body: one(bare(t.format(w=w), b)))
add(
    "sign-in: sent to Google's",
    "sign_in",
    SIGN_IN,
    lambda w: Site(
        {"/ita/page": to("http://accounts.google.com/v3/signin")},
        others={
            "accounts.google.com": {
                "/v3/signin": bare(
                    "Sign in - Google Accounts",
                    "<h1>Sign in</h1><p>Use your Google Account. Email or phone. Forgot email? Next</p>",
                )
            }
        },
    ),
)
add(
    "sign-in: sent to the site's own",
    "sign_in",
    SIGN_IN,
    lambda w: Site(
        {"/ita/page": to("/user/login?next=/ita"), "/user/login": site_page(w, "เข้าสู่ระบบ", _SIGN_INS["Thai"][1])}
    ),
)

_CHALLENGES = {
    "Cloudflare": (
        "Just a moment...",
        "<p>Checking your browser before accessing. DDoS protection by Cloudflare. Ray ID: 7d0</p>",
        503,
    ),
    "Cloudflare, newer": (
        "Just a moment...",
        "<p>Verifying you are human. This may take a few seconds. needs to review the security of your connection</p>",
        403,
    ),
    "Thai": ("ตรวจสอบ", "<p>กรุณายืนยันว่าคุณไม่ใช่หุ่นยนต์</p>", 200),
    "firewall": (
        "Request Rejected",
        "The requested URL was rejected. Please consult with your administrator. Your support ID is: 123456",
        200,
    ),
    "blocked": (
        "Attention Required! | Cloudflare",
        "<h1>Sorry, you have been blocked</h1><p>You are unable to access. This website is using a "
        "security service to protect itself</p>",
        403,
    ),
    "captcha": ("Security check", "<p>Please complete the captcha below. I'm not a robot. unusual traffic</p>", 200),
}
for _name, (_title, _body, _status) in _CHALLENGES.items():
    add(f"challenge: {_name}", "challenge", BLOCKED, lambda w, t=_title, b=_body, s=_status: one(bare(t, b, s)))

_MOVED = {
    "Thai": ("{w.name}", "<p>เว็บไซต์ได้ย้ายไปที่ <a href='https://new.example.go.th'>เว็บไซต์ใหม่ของ{w.name}</a> คลิกที่นี่</p>"),
    "English": (
        "Moved",
        "<h1>We have moved</h1><p>This page has moved to a new address. Please update your bookmark. Click here</p>",
    ),
    "301 in words": (
        "301 Moved Permanently",
        "<h1>Moved Permanently</h1><p>The document has moved <a href='/x'>here</a>.</p>",
    ),
    "Thai, new domain": ("แจ้งย้ายเว็บไซต์", "<h2>แจ้งย้ายเว็บไซต์</h2><p>ท่านสามารถเข้าชมเว็บไซต์ใหม่ได้ที่ที่อยู่ใหม่ โดเมนใหม่</p>"),
}
for _name, (_title, _body) in _MOVED.items():
    add(
        f"moved in words: {_name}",
        "moved",
        frozenset(("moved",)),
        lambda w, t=_title, b=_body: one(bare(t.format(w=w), b.format(w=w))),
    )

_SHELLS = {
    "React": "<!doctype html><html><head><title>App</title></head><body><noscript>You need to enable "
    'JavaScript</noscript><div id="root"></div><script src="/main.js"></script></body></html>',
    "Vue": "<!doctype html><html lang=th><head><title>{w.name}</title></head><body><div id=app></div>"
    "<script src=/js/chunk.js></script><script src=/js/app.js></script></body></html>",
    "loading": '<html><head><title>ระบบ ITA</title><script src="/a.js"></script></head><body><div class=spinner>กำลังโหลด...</div></body></html>',
    "Angular": "<html><head><base href=/><title>Portal</title></head><body><app-root>Loading</app-root>"
    "<script src=runtime.js></script></body></html>",
}
for _name, _page in _SHELLS.items():
    add(f"shell: {_name}", "shell", ASK, lambda w, p=_page: Site({"*": Reply(p.replace("{w.name}", w.name))}))

# --- what the network says ---------------------------------------------------------------

DEAD = frozenset(("dead",))
add(
    "404 by status",
    "network",
    DEAD,
    lambda w: one(site_page(w, "404", "<p>ไม่พบ</p>") if False else Reply("<title>404</title>", 404)),
)
add("gone by status", "network", DEAD, lambda w: one(Reply("", 410)))
add("500 with words", "network", DEAD, lambda w: one(bare("500", "Internal Server Error", 500)))
add("401 by status", "network", SIGN_IN, lambda w: one(Reply("", 401, {"WWW-Authenticate": "Basic"})))
add("empty body", "network", MISSING, lambda w: one(Reply("")))
add(
    "503 in the site's own words",
    "network",
    DEAD | MISSING,
    lambda w: one(bare("ปิดปรับปรุง", "<p>ปิดปรับปรุงชั่วคราว</p>", 503)),
)
add("403 without words", "network", BLOCKED, lambda w: one(Reply("<title>403 Forbidden</title>", 403)))

for _fault in ("expired", "other name", "stranger"):
    add(
        f"certificate: {_fault}",
        "network",
        frozenset(("certificate",)),
        lambda w, f=_fault: Site({"/ita/page": site_page(w, w.heading(), w.content())}, certificate=f),
    )
add(
    "a good certificate, without http",
    "content",
    GOOD,
    lambda w: Site(
        {"/ita/page": site_page(w, w.heading(), f"<h2>{w.heading()}</h2>{w.content()}")}, certificate="nothing"
    ),
    owner=True,
    subject=True,
)


def _asleep(w: World) -> Site:
    """At night the server hangs up; by day there is a good page. One check sees only the one or the other."""

    async def hang_up(_: Request, writer: object) -> None:
        writer.close()

    return Site({"/ita/page": hang_up})


add("asleep at night", "network", frozenset(("dead",)), _asleep)
