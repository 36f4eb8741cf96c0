"""Every state of an address, and what must not be mistaken for it."""

import datetime

import pytest
import trustme

from prongsai.links.addresses import parse_url
from prongsai.links.classify import is_home_page

from .fake_web import Reply, page, to


def outcome_of(observation):
    return observation.state, observation.error


def test_ok_with_all_observed_fields(web, check):
    web.routes["a.test"]["/ita"] = page(title="แผนดำเนินงาน ปีงบประมาณ พ.ศ. ๒๕๖๘")
    observation = check(web.url("a.test", "/ita"), owner_hosts=("a.test",))
    assert outcome_of(observation) == ("ok", "")
    assert (observation.status, observation.requested, observation.language, observation.has_text) == (
        200,
        True,
        "th",
        True,
    )
    assert observation.title == "แผนดำเนินงาน ปีงบประมาณ พ.ศ. 2568"
    assert [(y.year, y.kind, y.place) for y in observation.years] == [(2568, "fiscal", "title")]
    assert [(h.status, h.ip_address) for h in observation.hops] == [(200, "127.9.0.1")]
    assert (observation.declared_type, observation.sniffed_type) == ("text/html", "text/html")
    assert len(observation.digest) == len(observation.text_digest) == 64
    assert observation.body is None
    assert web.requests[-1].headers["user-agent"] == "ProngsaiLinks/1 (+https://checker.example/about)"


def test_a_permanent_redirect_is_moved(web, check):
    web.routes["a.test"] |= {"/old": to("/new/page", 301), "/new/page": page()}
    observation = check(web.url("a.test", "/old"))
    assert outcome_of(observation) == ("moved", "moved")
    assert observation.final_url == web.url("a.test", "/new/page")
    assert [h.status for h in observation.hops] == [301, 200]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (("a.test", "/news", False), ("a.test", "/news/", False)),
        (("a.test", "/news", False), ("www.a.test", "/news", False)),
        (("a.test", "/news", False), ("a.test", "/news", True)),
        (("a.test", "/news/", False), ("a.test", "/news/index.php", False)),
    ],
)
def test_to_https_www_or_a_slash_is_not_moved(web, check, first, then):
    web.certificate("a.test")
    web.routes["a.test"]["*"] = lambda r: page() if web_url(r) == there else to(there, 301)
    web.routes["www.a.test"]["/news"] = page()
    there = web.url(then[0], then[1], tls=then[2])

    def web_url(request):
        tls = request.headers["host"].endswith(str(web.tls_port))
        return web.url(request.host, request.path, tls=tls)

    assert outcome_of(check(web.url(first[0], first[1], tls=first[2]))) == ("ok", "")


def test_a_temporary_redirect_is_not_moved(web, check):
    web.routes["a.test"] |= {"/old": to("/th/old"), "/th/old": page()}
    assert outcome_of(check(web.url("a.test", "/old"))) == ("ok", "")


def test_a_meta_refresh_is_followed(web, check):
    web.routes["a.test"] |= {
        "/old": page("รอสักครู่", head='<meta http-equiv="Refresh" content="0; URL=\'/new\'">'),
        "/new": page(),
    }
    observation = check(web.url("a.test", "/old"))
    assert (outcome_of(observation), observation.final_url) == (("ok", ""), web.url("a.test", "/new"))


def test_outside(web, check):
    web.routes["a.go.th"]["/x"] = to(web.url("drive.example", "/f"), 301)
    web.routes["drive.example"]["/f"] = page()
    assert outcome_of(check(web.url("a.go.th", "/x"), owner_hosts=("a.go.th",))) == ("outside", "outside")
    assert outcome_of(check(web.url("drive.example", "/f"), owner_hosts=("a.go.th",))) == ("outside", "outside")
    assert check(web.url("drive.example", "/f")).state == "ok"
    assert check(web.url("drive.example", "/gone"), owner_hosts=("a.go.th",)).state == "dead"


def test_another_name_of_the_same_owner_is_not_outside(web, check):
    web.routes["ita.a.go.th"]["/x"] = page()
    assert check(web.url("ita.a.go.th", "/x"), owner_hosts=("www.a.go.th",)).state == "ok"


@pytest.mark.parametrize("status", [404, 410, 500, 503])
def test_dead(web, check, status):
    web.routes["a.test"]["/x"] = Reply("<title>ผิดพลาด</title>", status)
    assert outcome_of(check(web.url("a.test", "/x"))) == ("dead", f"status_{status}")


def test_dead_without_a_name_or_a_server(web, check):
    assert outcome_of(check("http://nowhere.test/")) == ("dead", "dns")
    web.names["shut.test"] = ["127.9.0.77"]
    assert outcome_of(check(web.url("shut.test"))) == ("dead", "refused")


@pytest.mark.parametrize("status", [403, 429, 451])
def test_refusals_are_blocked_and_not_dead(web, check, status):
    web.routes["a.test"]["/x"] = Reply("<title>No</title>", status)
    assert outcome_of(check(web.url("a.test", "/x"))) == ("blocked", f"status_{status}")


@pytest.mark.parametrize(
    "reply",
    [
        Reply("<title>Just a moment...</title><p>Checking your browser", 503),
        Reply("<title>Just a moment...</title><p>Checking your browser", 403),
        Reply("<title>ตรวจสอบ</title><p>กรุณายืนยันว่าคุณไม่ใช่หุ่นยนต์"),
        Reply("anything at all", 403, {"cf-mitigated": "challenge"}),
    ],
)
def test_a_captcha_is_blocked(web, check, reply):
    web.routes["a.test"]["/x"] = reply
    assert outcome_of(check(web.url("a.test", "/x"))) == ("blocked", "captcha")


def test_robots_txt_is_obeyed(web, check):
    web.routes["a.test"] |= {
        "/robots.txt": Reply("User-agent: *\nDisallow: /private", kind="text/plain"),
        "/private/x": page(),
        "/x": page(),
    }
    observation = check(web.url("a.test", "/private/x"))
    assert (outcome_of(observation), observation.requested, observation.status) == (("blocked", "robots"), False, None)
    assert web.paths("a.test") == []
    assert check(web.url("a.test", "/x")).state == "ok"


def test_robots_txt_for_us_by_name(web, check):
    web.routes["a.test"] |= {
        "/robots.txt": Reply("User-agent: *\nDisallow: /\n\nUser-agent: prongsailinks\nAllow: /", kind="text/plain"),
        "/x": page(),
    }
    assert check(web.url("a.test", "/x")).state == "ok"


def test_an_unavailable_robots_txt_blocks_the_site(web, check):
    web.routes["a.test"] |= {"/robots.txt": Reply("", 500), "/x": page()}
    observation = check(web.url("a.test", "/x"))
    assert (outcome_of(observation), observation.requested) == (("blocked", "robots_unavailable"), False)
    assert web.paths("a.test") == []


def test_a_redirected_robots_txt_is_obeyed(web, check):
    web.routes["a.test"] |= {
        "/robots.txt": to("/r.txt"),
        "/r.txt": Reply("User-agent: *\nDisallow: /x", kind="text/plain"),
        "/x": page(),
    }
    assert outcome_of(check(web.url("a.test", "/x"))) == ("blocked", "robots")


def test_robots_txt_of_a_redirect_target_is_obeyed(web, check):
    web.routes["a.test"]["/x"] = to(web.url("b.test", "/y"))
    web.routes["b.test"] |= {"/robots.txt": Reply("User-agent: *\nDisallow: /", kind="text/plain"), "/y": page()}
    assert outcome_of(check(web.url("a.test", "/x"))) == ("blocked", "robots")
    assert web.paths("b.test") == []


def test_401_is_sign_in(web, check):
    web.routes["a.test"]["/x"] = Reply("", 401, {"WWW-Authenticate": "Basic"})
    assert outcome_of(check(web.url("a.test", "/x"))) == ("sign_in", "status_401")


FORM = '<form><input name="u"><input type="password" name="p"></form>'


def test_a_redirect_to_a_sign_in_form(web, check):
    web.routes["a.test"] |= {"/x": to("/user/login?next=/x"), "/user/login": page(FORM, title="เข้าสู่ระบบ")}
    assert outcome_of(check(web.url("a.test", "/x"))) == ("sign_in", "sign_in")


def test_a_sign_in_form_in_place(web, check):
    web.routes["a.test"]["/x"] = page(FORM, title="สมาชิก")
    assert outcome_of(check(web.url("a.test", "/x"))) == ("sign_in", "sign_in")


def test_a_page_with_a_sign_in_box_beside_it_is_ok(web, check):
    web.routes["a.test"]["/x"] = page("ข้อมูลพื้นฐานของหน่วยงาน " * 60 + FORM, title="ข้อมูลพื้นฐาน")
    assert check(web.url("a.test", "/x")).state == "ok"


def test_certificates(web, check):
    now = datetime.datetime.now(datetime.UTC)
    web.certificate("good.test")
    web.certificate(
        "old.test", not_before=now - datetime.timedelta(days=90), not_after=now - datetime.timedelta(days=1)
    )
    web.certificate("other.test", of="somebody-else.test")
    web.certificate("stranger.test", authority=trustme.CA())
    for name in ("good.test", "old.test", "other.test", "stranger.test"):
        web.routes[name]["/x"] = page()

    assert check(web.url("good.test", "/x", tls=True)).state == "ok"
    assert outcome_of(check(web.url("old.test", "/x", tls=True))) == ("certificate", "certificate_expired")
    assert outcome_of(check(web.url("other.test", "/x", tls=True))) == ("certificate", "certificate_name")
    state, error = outcome_of(check(web.url("stranger.test", "/x", tls=True)))
    assert state == "certificate"
    assert error in ("certificate_issuer", "certificate_self_signed")


def test_https_without_tls(web, check):
    with web.raw_server(b"HTTP/1.1 400 Speak up\r\nContent-Length: 0\r\n\r\n") as address:
        web.names["plain.test"] = [address]
        observation = check(web.url("plain.test", "/x", tls=True))
    assert outcome_of(observation) == ("certificate", "tls")


@pytest.mark.parametrize(
    "reply",
    [
        page("ไม่พบหน้าที่ท่านต้องการ", title="หน่วยงาน"),
        page("เมนู " * 300, title="404 Not Found"),
        page("ขออภัย", title="ไม่พบหน้าเว็บ | อบต. ตัวอย่าง"),
        page("Sorry", title="Page not found – Example"),
        page("Error 404", title="Example"),
    ],
)
def test_soft_404_in_words(web, check, reply):
    web.routes["a.test"]["/x"] = reply
    assert outcome_of(check(web.url("a.test", "/x"))) == ("soft_404", "not_found_words")


@pytest.mark.parametrize(
    "text",
    [
        "มาตรา 404 แห่งประมวลกฎหมาย " * 30,
        "สถิติเรื่องร้องเรียนการทุจริต: ไม่พบข้อร้องเรียนในปีนี้ " * 20,
        "ขั้นตอนเมื่อไม่พบเอกสาร ให้ติดต่อเจ้าหน้าที่ " * 60,
    ],
)
def test_pages_that_mention_404_are_ok(web, check, text):
    web.routes["a.test"]["/x"] = page(text, title="มาตรการและสถิติ")
    assert check(web.url("a.test", "/x")).state == "ok"


def test_a_redirect_to_the_home_page_is_soft_404(web, check):
    web.routes["a.test"] |= {"/files/plan": to("/"), "/": page(), "/th/": page()}
    assert outcome_of(check(web.url("a.test", "/files/plan"))) == ("soft_404", "to_home")
    web.routes["a.test"]["/"] = to("/th/")
    assert check(web.url("a.test", "/")).state == "ok"


@pytest.mark.parametrize(
    ("path", "home"),
    [
        ("/", True),
        ("/index.php", True),
        ("/th/", True),
        ("/th/home", True),
        ("/main/index.html", True),
        ("/web/en", True),
        ("/index.php?id=5", False),
        ("/homework", False),
        ("/th/news", False),
        ("/plan.pdf", False),
    ],
)
def test_home_pages(path, home):
    assert is_home_page(parse_url("https://a.go.th" + path)) is home


def test_a_page_equal_to_the_baseline_is_soft_404(web, check):
    web.routes["a.test"] |= {"*": page("ข่าวและกิจกรรม " * 80, title="หน้าแรก"), "/real": page(title="ของจริง")}
    assert outcome_of(check(web.url("a.test", "/gone/plan"))) == ("soft_404", "same_as_nothing")
    assert check(web.url("a.test", "/real")).state == "ok"
    assert check(web.url("a.test", "/")).state == "ok"


def test_the_baseline_is_requested_once(web):
    from prongsai.links import Target, check_targets

    web.routes["a.test"] |= {f"/p{n}": page(title=f"เรื่อง {n}") for n in range(10)}
    observation = list(check_targets([Target(n, web.url("a.test", f"/p{n}")) for n in range(10)], web.policy()))
    assert [s.state for s in observation] == ["ok"] * 10
    assert len(web.requests) == 10 + 1 + 1  # robots.txt, the impossible one


def test_a_page_built_by_scripts_is_not_soft_404(web, check):
    web.routes["a.test"]["*"] = Reply(
        '<html><head><title>App</title></head><body><div id="root"></div><script src="/a.js"></script></body></html>'
    )
    observation = check(web.url("a.test", "/plan"))
    assert outcome_of(observation) == ("review", "needs_script")
    assert "needs_script" in observation.notes


@pytest.mark.parametrize("path", ["/", "/x", "/x.pdf"])
def test_an_empty_body_is_soft_404(web, check, path):
    web.routes["a.test"][path] = Reply("")
    assert outcome_of(check(web.url("a.test", path))) == ("soft_404", "empty")


def test_slow(web, check):
    import asyncio

    async def slowly(request, writer):
        await asyncio.sleep(0.3)
        writer.write(page().raw(request))

    web.routes["a.test"]["/x"] = slowly
    assert outcome_of(check(web.url("a.test", "/x"), slow_seconds=0.2)) == ("slow", "slow")


def test_head_is_enough_for_media(web, check):
    web.routes["a.test"]["/film.mp4"] = Reply(b"x" * 1000, kind="video/mp4")
    observation = check(web.url("a.test", "/film.mp4"))
    assert (observation.state, observation.length, observation.digest) == ("ok", 1000, "")
    assert "not_read" in observation.notes
    assert web.paths("a.test") == ["HEAD /film.mp4"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501])
def test_head_refused_is_repeated_with_get(web, check, status):
    web.routes["a.test"]["/film.mp4"] = lambda r: Reply(
        b"x" * 10, status if r.method == "HEAD" else 200, kind="video/mp4"
    )
    assert check(web.url("a.test", "/film.mp4")).state == "ok"
    assert web.paths("a.test") == ["HEAD /film.mp4", "GET /film.mp4"]


def test_head_that_breaks_off_is_repeated_with_get(web, check):
    async def strange(request, writer):
        if request.method == "GET":
            writer.write(Reply(b"x" * 10, kind="video/mp4").raw(request))

    web.routes["a.test"]["/film.mp4"] = strange
    assert check(web.url("a.test", "/film.mp4")).state == "ok"


def test_get_decides_where_head_differs(web, check):
    web.routes["a.test"]["/plan.pdf"] = lambda r: Reply(
        b"%PDF-", 200 if r.method == "HEAD" else 404, kind="application/pdf"
    )
    assert outcome_of(check(web.url("a.test", "/plan.pdf"))) == ("dead", "status_404")


def test_cookies_are_returned_to_their_host_only(web, check):
    web.routes["a.test"]["/x"] = lambda r: (
        page() if r.headers.get("cookie") == "observation=1" else to("/x", **{"Set-Cookie": "observation=1; Path=/"})
    )
    assert check(web.url("a.test", "/x")).state == "ok"
    web.routes["a.test"]["/y"] = to(web.url("b.test", "/z"), **{"Set-Cookie": "secret=1; Domain=.test"})
    web.routes["b.test"]["/z"] = page()
    assert check(web.url("a.test", "/y")).state == "ok"
    assert all("cookie" not in r.headers for r in web.requests if r.host == "b.test")


def test_thai_names_and_paths(web, check):
    host = "xn--12c1fe0br.xn--o3cw4h"  # ไทย
    path = "/%E0%B9%81%E0%B8%9C%E0%B8%99"
    web.routes[host][path] = page()
    for url in (f"http://ตัวอย่าง.ไทย:{web.port}/แผน", web.url(host, path), web.url(host, path.lower())):
        import idna

        web.routes[idna.encode("ตัวอย่าง").decode() + ".xn--o3cw4h"][path] = page()
        assert check(url).state == "ok"
    assert {r.path for r in web.requests if "%" in r.path} == {path}


@pytest.mark.parametrize("raw", ["/แผน", "/%E0%B9%81%E0%B8%9C%E0%B8%99"])
def test_thai_characters_in_a_redirect(web, check, raw):
    async def sends(request, writer):
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: {raw}\r\nContent-Length: 0\r\n\r\n".encode())

    web.routes["a.test"] |= {"/x": sends, "/%E0%B9%81%E0%B8%9C%E0%B8%99": page()}
    assert check(web.url("a.test", "/x")).state == "ok"
