"""Pages that scripts make, rendered: what they show is read, and whatever their scripts try, nothing is fetched that
must not be, no limit is exceeded, and the next page is rendered as if nothing had been."""

import contextlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from tests.links.fake_web import PUBLIC, FakeWeb, Reply, to

from prongsai.lib.sandbox import confinement
from prongsai.links import Expected, Target, check_target, rendering
from prongsai.links.rendering import Renderer, RenderLimits

LIMITS = RenderLimits(seconds=3.5, loading_seconds=2.5, memory_bytes=600_000_000, at_once=4)
AGENCY, ITEM = "องค์การบริหารส่วนตำบลตัวอย่าง", "แผนปฏิบัติการประจำปี"
EXPECTED = Expected(names=(AGENCY,), labels=(ITEM,), elements=("รายละเอียดของโครงการ", "งบประมาณ"), years=(2568,))
WRITE = "const show = text => document.getElementById('app').append(text);"


def shell(script, head=""):
    return Reply(
        f"<!doctype html><html><head><title>เว็บไซต์</title>{head}</head><body><div id=app></div>"
        f"<script>{WRITE}{script}</script></body></html>"
    )


def script(text):
    return Reply(text, kind="text/javascript")


@pytest.fixture(scope="module")
def web():
    fake = FakeWeb()
    yield fake
    fake.close()


@pytest.fixture(scope="module", autouse=True)
def _a_system_that_can_confine():
    if rendering.find_obstacle() == "namespaces":
        pytest.skip("this system gives no namespaces, so that no page is rendered on it (docs/operations.md)")


@pytest.fixture(scope="module")
def renderer(web):
    assert rendering.find_obstacle() == ""
    with Renderer(web.policy(), LIMITS) as started:
        yield started


@pytest.fixture(autouse=True)
def no_private_address(web):
    yield
    assert not web.forbidden_connections


@pytest.fixture
def show(web, renderer):
    """``show(page, host)``: the page of this host, rendered; a future of it."""

    def start(page, host, *, path="/page", expected=None, routes=(), tls=False):
        web.routes[host]["/page"] = page
        web.routes[host].update(routes)
        target = Target(host, web.url(host, path, tls), (host,), keep_body=True, expected=expected)
        observation = check_target(target, web.policy())
        assert rendering.is_shell(observation)
        return renderer.submit(target, observation)

    return start


def asked(web, host):
    return {path.removeprefix("GET ") for path in web.paths(host)} - {"/page"}


# --- pages that are read


def test_pages_that_scripts_make_are_judged_by_what_they_show(web, show):
    words = [f"{AGENCY} โครงการที่ {n} งบประมาณ {n}00,000 บาท รายละเอียดของโครงการ" for n in range(40)]
    fill = """fetch('/data.json').then(r => r.json()).then(d => {
        document.title = d.title;
        document.getElementById('app').innerHTML = '<h1>' + d.title + '</h1>' + d.lines.map(l => `<p>${l}`).join('');
    });"""
    title = f"{ITEM} ปีงบประมาณ พ.ศ. 2568 {AGENCY}"
    data = Reply(f'{{"title": "{title}", "lines": {words!r}}}'.replace("'", '"'), kind="application/json")
    slots = "สล็อตเว็บตรง แทงบอล บาคาร่า คาสิโนออนไลน์ ฝากถอนออโต้ ไม่มีขั้นต่ำ เครดิตฟรี สมัครเลย "
    hijack = (
        f"document.title = 'สล็อตเว็บตรง'; document.body.innerHTML = '<h1>สล็อต pg</h1>' + '<p>{slots}</p>'.repeat(20);"
    )
    lost = "document.title = '404'; history.replaceState(0, '', '/'); show('ไม่พบหน้า '.repeat(30));"
    pages = {
        "good.test": show(shell(fill), "good.test", expected=EXPECTED, routes={"/data.json": data}),
        "slots.test": show(shell(hijack), "slots.test", expected=EXPECTED),
        "lost.test": show(shell(lost), "lost.test", expected=EXPECTED),
        "bare.test": show(shell(""), "bare.test", expected=EXPECTED),
        "away.test": show(shell("location = 'http://casino.test/'"), "away.test", expected=EXPECTED),
    }
    done = {host: future.result() for host, future in pages.items()}
    states = {host: (page.observation.state, page.observation.error) for host, page in done.items()}
    assert states["good.test"] == ("ok", "")
    assert states["slots.test"] == ("hijacked", "hijacked")
    assert states["lost.test"] == ("soft_404", "to_home")
    assert states["bare.test"] == ("review", "needs_script")
    assert states["away.test"] == ("review", "render_elsewhere")
    assert not web.paths("casino.test")
    good = done["good.test"]
    assert "rendered" in good.observation.notes
    assert "needs_script" not in good.observation.notes
    assert good.observation.title == title
    assert [y.year for y in good.observation.years] == [2568]
    assert words[7] in good.html.decode()
    with Image.open(io.BytesIO(good.picture)) as picture:
        assert picture.format == "WEBP"
        assert picture.width == rendering.WIDTH
        assert 600 <= picture.height <= rendering.MAX_HEIGHT
        assert picture.convert("L").getextrema()[0] < 100  # something is written on it


def test_a_site_that_shows_one_page_for_any_address_shows_no_page(show):
    lines = "".join(f"<p>ข่าวประชาสัมพันธ์เรื่องที่ {n} ของหน่วยงาน</p>" for n in range(40))
    page = shell(f"document.body.innerHTML = '<h1>ยินดีต้อนรับ</h1>{lines}';")
    found = show(page, "any.test", expected=EXPECTED, routes={"*": page}).result().observation
    assert (found.state, found.error) == ("soft_404", "same_as_nothing")


def test_what_stands_behind_the_mark_of_an_address_is_shown(show):
    measure = "const width = c => document.createElement('canvas').getContext('2d').measureText(c).width;"
    measure += "show(width('ฌ') > width('เ') + 2 ? '[letters]' : '[boxes]');"
    page = shell(f"{measure} show((location.hash + ' เนื้อหาของหน้านี้ ').repeat(20))")
    shown = show(page, "hash.test", path="/page#/oit/o1").result()
    assert "#/oit/o1 เนื้อหา" in shown.html.decode()
    assert "[letters]#" in shown.html.decode()  # whatever fonts the machine has


def test_a_page_may_lead_on_within_its_site(web, show):
    rest = {
        "/old": to("/new"),
        "/new": shell("show((location.pathname + ' หน้าใหม่ ').repeat(20))"),
    }
    shown = show(shell("location = '/old'"), "onward.test", routes=rest).result()
    assert "/new หน้าใหม่" in shown.html.decode()
    assert shown.observation.final_url == web.url("onward.test", "/new")
    assert web.paths("onward.test").count("GET /new") == 1


# --- what must not be fetched


def test_only_what_a_page_is_made_of_is_fetched_and_only_from_where_it_may_be(web, show):
    other = web.url("other.test", "")
    inner, private = web.url("inner.test", ""), f"http://127.0.0.1:{web.port}"
    web.names["inner.test"] = ["127.0.0.2"]
    web.routes["other.test"].update({"/yes.js": script("show('รหัสจากที่อื่น')"), "*": Reply("x", kind="text/plain")})
    web.routes["closed.test"].update(
        {"/robots.txt": Reply("User-agent: *\nDisallow: /", kind="text/plain"), "*": script("show('closed')")}
    )
    head = f"""
        <link rel=stylesheet href="{other}/yes.css"><link rel=prefetch href="{other}/no-prefetch">
        <link rel=preload as=fetch crossorigin href="{other}/no-preload"><link rel=manifest href="{other}/no-manifest">
        <link rel=preconnect href="{other}"><link rel=dns-prefetch href="{inner}">
        <script src="{other}/yes.js" defer></script><script src="{web.url("closed.test", "/a.js")}" defer></script>"""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((PUBLIC, 0))
    udp.settimeout(0.05)
    tries = f"""
        const say = (name, work) => Promise.resolve().then(work).then(v => show(`[${{name}}: ${{v}}]`), () => 0);
        const read = url => fetch(url).then(r => r.text());
        say('own', () => read('/data'));
        for (const [name, url] of Object.entries({{other: '{other}/no-fetch', cloud: 'http://169.254.169.254/latest/',
            loopback: '{private}/no', inner: '{inner}/no', file: 'file:///etc/passwd', port: 'http://tries.test:1/no',
            redirected: '/inside', away: '/away'}}))
            say(name, () => read(url));
        say('post', () => fetch('/no-post', {{method: 'POST', body: 'x'}}).then(r => r.text()));
        say('opaque', () => fetch('{other}/no-opaque', {{mode: 'no-cors'}}));
        say('beacon', () => navigator.sendBeacon('/no-beacon', 'x') && 0);
        say('socket', () => new Promise((yes, no) => {{
            const s = new WebSocket('{other.replace("http", "ws")}/no-socket');
            s.onopen = () => yes('open'); s.onerror = no; }}));
        say('events', () => new EventSource('/no-events').url);
        say('peer', () => {{
            const p = new RTCPeerConnection({{iceServers: [{{urls: 'stun:{PUBLIC}:{udp.getsockname()[1]}'}}]}});
            p.createDataChannel('x'); return p.createOffer().then(o => p.setLocalDescription(o)); }});
        say('popup', () => String(window.open('/no-popup')));
        say('cookie', () => read('/data').then(() => document.cookie || 'none'));
        say('popup', () => window.open('{other}/no-popup') && 0);
        say('service', () => navigator.serviceWorker.register('/no-service.js'));
        say('shared', () => new SharedWorker('/no-shared.js') && 0);
        const code = `for (const u of ['{other}/no-worker', '{private}/no']) fetch(u).catch(() => 0);
            try {{ new WebSocket('{other.replace("http", "ws")}/no-worker-socket') }} catch {{}}`;
        say('worker', () => new Worker(URL.createObjectURL(new Blob([code]))) && 0);
        const add = (tag, values) => document.body.append(Object.assign(document.createElement(tag), values));
        for (const at of ['{private}/no', '{inner}/no', '{other}/yes']) add('img', {{src: at + '.png'}});
        add('script', {{src: '{inner}/no.js'}}); add('script', {{src: '/inside'}});
        add('iframe', {{src: '{other}/no-frame'}}); add('iframe', {{src: 'file:///etc/passwd'}});
        add('iframe', {{src: '{private}/no'}}); add('iframe', {{src: '/inside'}});
        add('video', {{src: '/no-video', autoplay: true}}); add('object', {{data: '{other}/no-object'}});
        add('a', {{href: '/no-ping-target', ping: '/no-ping', download: 'x'}}).click;
        const form = add('form', {{method: 'post', action: '/no-form', target: 'frame'}});
        document.querySelector('form').submit();
        show('เนื้อหา '.repeat(30));"""
    rest = {
        "/data": Reply("from-its-own-site", kind="text/plain", headers={"Set-Cookie": "a=b"}),
        "/inside": to(f"{private}/no"),
        "/away": to(f"{other}/no-redirected"),
        "*": Reply("no", kind="text/plain"),
    }
    shown = show(shell(tries, head), "tries.test", routes=rest).result()
    with contextlib.suppress(TimeoutError):
        pytest.fail(f"a datagram: {udp.recvfrom(2000)!r}")
    udp.close()
    text = shown.html.decode()
    assert "[own: from-its-own-site]" in text
    assert "[cookie: none]" in text
    assert "[popup: null]" in text
    assert "รหัสจากที่อื่น" in text
    said = set(
        re.findall(r"\[(\w{1,20}): ", text.partition("<script")[0] + text.partition("<div")[2].partition("</div")[0])
    )
    assert asked(web, "other.test") <= {"/yes.css", "/yes.js", "/yes.png"}
    assert {"/yes.js", "/yes.png"} <= asked(web, "other.test")
    assert asked(web, "tries.test") <= {"/data", "/inside", "/away"}
    assert all(request.method == "GET" for request in web.requests if request.host == "tries.test")
    assert not web.paths("closed.test")
    assert "root:" not in text
    names = "other cloud loopback inner file port redirected away post opaque socket events"
    assert not said & set(names.split())
    assert "render_refused" in shown.observation.notes


def test_no_page_finds_what_another_left(web, show):
    """Over https, where pages may store more."""
    web.certificate("memory.test")
    page = shell(
        "show(`[${localStorage.seen}|${document.cookie}]`.repeat(20));"
        "localStorage.seen = 1; document.cookie = 'seen=1'; caches.open('seen');"
        "navigator.serviceWorker.register('/worker.js').then(r => show(`[registered ${r}]`));"
    )
    for _ in range(2):
        html = show(page, "memory.test", routes={"/worker.js": script("")}, tls=True).result().html.decode()
        assert "[undefined|]" in html
        assert "[registered undefined]" in html  # which is none
    assert not asked(web, "memory.test")


def test_a_file_is_not_taken_for_a_page(show):
    file = Reply(b"PK\x03\x04", kind="application/zip", headers={"Content-Disposition": "attachment"})
    stays = "show('เนื้อหา '.repeat(30)); location = '/%s'"
    pages = [
        show(shell(stays % "file.zip"), "file.test", routes={"/file.zip": file}),
        show(shell(stays % "file.txt"), "text.test", routes={"/file.txt": Reply("x", kind="text/plain")}),
    ]
    assert all("เนื้อหา" in page.result().html.decode() for page in pages)


def test_scripts_cannot_reach_what_reads_the_page(show):
    forge = """show('เนื้อหา '.repeat(30));
        Object.defineProperty(Element.prototype, 'outerHTML', {get() { return 'forged'; }});
        String.prototype.slice = () => 'forged'; Math.max = () => 1e9;"""
    html = show(shell(forge), "forge.test").result().html.decode()
    assert html.startswith("<html")
    assert "เนื้อหา" in html


# --- limits


def test_pages_without_end_end_and_the_next_is_rendered(show):
    big = "fetch('/big').then(r => r.text()).then(t => show('[big]'), () => show('[small]'));show('เนื้อหา '.repeat(30));"
    pages = {
        "loop": show(shell("for (;;);"), "loop.test"),
        "heap": show(shell("const all = []; for (;;) all.push(new Array(1e5).fill(Math.random()));"), "heap.test"),
        "big": show(shell(big), "big.test", routes={"/big": Reply(b"x" * 6_000_000, kind="text/plain")}),
    }
    done = {name: future.result() for name, future in pages.items()}
    assert "render_time" in done["loop"].observation.notes
    assert "render_crash" in done["heap"].observation.notes
    assert {done[name].observation.error for name in ("loop", "heap")} == {"needs_script"}
    assert "[small]" in done["big"].html.decode()


def test_requests_without_end_are_not_made(web, show):
    """However many a page asks for; tests/links/test_rendering.py counts them exactly."""
    ask = f"""for (let n = 0; n < 1000; n++) {{
        fetch('/data?' + n).catch(() => 0); new Image().src = '{web.url("pictures.test", "/")}' + n; }}"""
    web.routes["pictures.test"]["*"] = Reply(b"GIF89a", kind="image/gif")
    show(shell(ask), "many.test", routes={"/data": Reply("x", kind="text/plain")}).result()
    assert len(asked(web, "pictures.test")) <= LIMITS.to_others
    assert len(asked(web, "many.test") | asked(web, "pictures.test")) <= LIMITS.requests


def test_a_page_that_fills_the_memory_is_ended_and_the_others_are_rendered(show):
    bomb = "const all = []; for (;;) { const b = new Uint8Array(5e7); b.fill(1); all.push(b); }"
    waits = "setTimeout(() => show('เนื้อหา '.repeat(30)), 400)"
    pages = [show(shell(bomb), "bomb.test"), show(shell(f"fetch('/data'); {waits}"), "beside.test")]
    ended, rendered = (page.result() for page in pages)
    assert "render_memory" in ended.observation.notes
    assert ended.observation.error == "needs_script"
    assert "rendered" in rendered.observation.notes


def test_a_browser_is_begun_anew_after_its_pages(web):
    page = shell("show('เนื้อหา '.repeat(30))")
    web.routes["worn.test"]["/page"] = page
    target = Target(1, web.url("worn.test", "/page"), keep_body=True)
    observation = check_target(target, web.policy())
    with Renderer(web.policy(), RenderLimits(pages=1)) as renderer:
        first = renderer._running._process
        for _ in range(2):
            assert renderer.submit(target, observation).result().html
        assert renderer._running._process != first
        assert not _is_alive(first)
        last = renderer._running._process
    assert not _is_alive(last)


# --- nothing outlives who renders, and the browser can reach nothing


def _is_alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _family(process):
    found = {process}
    for _ in range(8):
        for entry in os.listdir("/proc"):
            with contextlib.suppress(OSError, ValueError):
                if int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1]) in found:
                    found.add(int(entry))
    return found


def test_nothing_outlives_a_process_that_was_killed(web):
    web.routes["killed.test"]["/page"] = shell("for (;;);")
    program = f"""
import sys
from tests.links.fake_web import FakeWeb
from prongsai.links import Policy, Target, check_target
from prongsai.links.rendering import Renderer
from ipaddress import ip_network
policy = Policy(contact="", ports=frozenset({{{web.port}}}), allowed_networks=(ip_network("127.9.0.0/16"),),
                resolve=lambda host: ["{PUBLIC}"], pause_seconds=0.0)
target = Target(1, "{web.url("killed.test", "/page")}", keep_body=True)
observation = check_target(target, policy)
with Renderer(policy) as renderer:
    renderer.submit(target, observation)
    import time; time.sleep(0.5)
    print(renderer._running._process, renderer._running._folder.name, flush=True)
    time.sleep(60)
"""
    worker = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    browser, folder = worker.stdout.readline().split()
    browser, folder = int(browser), Path(folder)
    family = _family(worker.pid)
    assert browser in family
    assert len(family) > 5
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    deadline = time.monotonic() + 5
    while any(map(_is_alive, family)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [p for p in family if _is_alive(p)]
    assert folder.is_dir()
    rendering._remove_leftovers()  # as the next browser does
    assert not folder.exists()


def test_nothing_that_a_confined_program_started_outlives_who_started_it(tmp_path):
    """Neither ends by itself: each runs for ever, and one in a session of its own."""
    launcher = confinement.write_launcher(tmp_path, "/bin/sh")
    run = "import subprocess, sys; subprocess.run(sys.argv[1:], check=False)"
    command = "setsid sleep 1000 & echo begun; while :; do sleep 1000; done"
    starter = subprocess.Popen([sys.executable, "-c", run, launcher, "-c", command], stdout=subprocess.PIPE, text=True)
    assert starter.stdout.readline() == "begun\n"
    time.sleep(0.2)
    family = _family(starter.pid)
    assert len(family) >= 5
    starter.kill()
    starter.wait()
    deadline = time.monotonic() + 5
    while any(map(_is_alive, family)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [p for p in family if _is_alive(p)]


def confined(tmp_path, command):
    launcher = confinement.write_launcher(tmp_path, "/bin/sh")
    return subprocess.run([launcher, "-c", command], capture_output=True, text=True, timeout=20, check=False)


def test_a_confined_program_has_no_network_no_files_and_no_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "a-secret")
    secret = tmp_path / "secret"
    secret.write_text("a-secret")
    tries = f"""
        id -u; cat /proc/net/dev | wc -l; stat -c %a /run; cat {secret} /etc/passwd; env; ls /run /root /home;
        ls {tmp_path};
        cat /proc/{os.getpid()}/environ; kill -0 {os.getpid()} && echo reached; echo x > {tmp_path}/written;
        cp /bin/true ./copy && chmod +x ./copy && ./copy && echo executed; echo x > own && echo stored"""
    done = confined(tmp_path, tries).stdout.splitlines()
    # not root; two lines of titles, and loopback, which is down; a folder of its own
    assert done[:3] == ["1000", "3", "700"]
    assert done[-1] == "stored"
    assert not [line for line in done if "secret" in line or "root:" in line or line in ("reached", "executed")]
    assert not (tmp_path / "written").exists()
    assert list((tmp_path / "scratch").iterdir()) == []  # what it stored was in memory


def start_anywhere(folder, browser):
    """As ``confinement.write_launcher``, without what confines."""
    (folder / "scratch").mkdir()
    launcher = folder / "browser"
    launcher.write_text(f'#!/bin/sh\necho $$ > {folder}/process\nexec {browser} --no-sandbox "$@"\n')
    launcher.chmod(0o700)
    return launcher


# this machine counts as a local network, which Chromium itself guards
NOT_GUARDED = "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets"
BARE = ("--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", NOT_GUARDED)


def test_each_thing_that_takes_the_network_away_does_so_alone(web, monkeypatch):
    """From pages whose scripts ask in ways that the driver does not see. With nothing in the way they reach it."""
    start_confined = confinement.write_launcher
    monkeypatch.setattr(rendering, "_SWITCHED_OFF", "")
    web.requests.clear()
    web.routes[PUBLIC]["*"] = Reply("x")
    shown, arguments = {}, rendering._ARGUMENTS
    with contextlib.ExitStack() as running:
        for alone in ("namespace", "proxy", "resolver", "nothing"):
            outside = f"{PUBLIC}:{web.port}/{alone}"
            code = f"fetch('http://{outside}-fetch'); new WebSocket('ws://{outside}-socket');"
            page = shell(f"""
                for (const kind of [SharedWorker, Worker]) new kind(URL.createObjectURL(new Blob([{code!r}])));
                for (const rel of ['preconnect', 'dns-prefetch', 'prefetch', 'prerender'])
                    document.head.append(
                        Object.assign(document.createElement('link'), {{rel, href: 'http://{outside}-link'}}));
                window.open('/popup');
                fetch('/data'); setTimeout(() => show('เนื้อหา '.repeat(30)), 300);""")
            web.routes[f"{alone}.test"] = {"/page": page, "/data": Reply("x"), "/popup": Reply("x")}
            monkeypatch.setattr(rendering, "_ARGUMENTS", (*BARE, *(a for a in arguments if alone in a)))
            launcher = start_confined if alone == "namespace" else start_anywhere
            monkeypatch.setattr(confinement, "write_launcher", launcher)
            target = Target(1, web.url(f"{alone}.test", "/page"), keep_body=True)
            observation = check_target(target, web.policy())
            renderer = running.enter_context(Renderer(web.policy(), LIMITS))
            shown[alone] = renderer.submit(target, observation)
        assert all("rendered" in page.result().observation.notes for page in shown.values())
    reached = {r.path.split("-")[0] for r in web.requests if r.host == PUBLIC and r.path != "/robots.txt"}
    assert reached == {"/nothing"}
    assert not [r for r in web.requests if r.path == "/popup"]


@pytest.mark.parametrize("missing", ["namespaces", "Landlock"])
def test_a_browser_that_cannot_be_confined_does_not_start(tmp_path, missing):
    """As root of the machine, or of a container, without the system calls that it takes."""
    take = {
        "namespaces": "confinement._enter_namespaces = lambda *_: (_ for _ in ()).throw(OSError('unshare'))",
        "Landlock": "limits.Protection.landlock_version = property(lambda s: 0, lambda s, v: None)",
    }[missing]
    program = f"""
from prongsai.lib.sandbox import confinement, limits
{take}
confinement.main({str(tmp_path)!r}, "/bin/echo", ["started"])"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode
    assert "started" not in done.stdout


def test_a_confined_program_stores_no_more_than_it_may(tmp_path):
    full = confined(tmp_path, f"head -c {confinement.SCRATCH_BYTES + 10_000_000} /dev/zero > big; wc -c < big")
    assert 0 < int(full.stdout) < confinement.SCRATCH_BYTES + 1_000_000


# --- what stands beside the page's own tree


def test_open_shadow_roots_and_frames_of_the_own_site_are_read_and_no_other(web, show):
    build = """
        const host = document.createElement('div');
        host.attachShadow({mode: 'open'}).innerHTML = '<h2>แผนในกล่อง</h2><p>โครงการที่หนึ่ง ได้รับงบประมาณ</p>';
        const frame = src => Object.assign(document.createElement('iframe'), {src: src});
        document.getElementById('app').append(host, frame('/inner'), frame('http://other.test/inner'));
        const hidden = frame('/hidden'); hidden.style.display = 'none'; document.body.append(hidden);
    """
    inner = Reply("<meta charset=utf-8><p>ตารางในกรอบของหน่วยงาน</p>")
    web.routes["other.test"]["/inner"] = Reply("<meta charset=utf-8><p>ข้อความของผู้อื่น</p>")
    hidden = Reply("<meta charset=utf-8><p>ข้อความที่ไม่มีใครเห็น</p>")
    found = show(shell(build), "frames.test", routes={"/inner": inner, "/hidden": hidden}).result()
    text = found.html.decode()
    assert "แผนในกล่อง" in text
    assert "ตารางในกรอบของหน่วยงาน" in text
    assert "ข้อความของผู้อื่น" not in text
    assert "ข้อความที่ไม่มีใครเห็น" not in text
