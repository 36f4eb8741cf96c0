"""Pages that scripts make, shown by the browser as link checks show them: pages a second, and processor time a page.

    make bench-browser                            60 pages of as many sites, on loopback
    .venv/bin/python -m bench.browser --pages 200

Each page is a shell of a script library of 150 kB, which draws a menu, forty paragraphs and a table from a file of
data, with a style sheet and a picture: five requests. What a page takes is that of Python, of the driver and of all
processes of the browser together; the clock also counts what others do on the machine, whose load is said.
"""

import argparse
import io
import os
import time
from pathlib import Path

from PIL import Image
from tests.links.fake_web import FakeWeb, Reply

from prongsai.links import Target, check_targets
from prongsai.links.rendering import Renderer, RenderLimits, is_shell

SHELL = """<!doctype html><html lang="th"><head><title>ระบบ</title><link rel="stylesheet" href="/app.css"></head>
<body><div id="app"></div><script src="/library.js"></script></body></html>"""
LIBRARY = (
    "const library = {"
    + ",".join(f"f{n}: (a, b) => [a, b].map(x => x + {n}).join()" for n in range(3300))
    + "};"
    + """
fetch("/data.json").then(r => r.json()).then(d => {
    document.title = d.title;
    const app = document.getElementById("app");
    app.innerHTML = `<nav>${d.menu.map(m => `<a href="/${m}">${m}</a>`).join("")}</nav><img src="/emblem.png" alt="">
        <h1>${d.title}</h1>${d.lines.map(l => `<p>${l}</p>`).join("")}
        <table>${d.rows.map(r => `<tr>${r.map(c => `<td>${c}</td>`).join("")}</tr>`).join("")}</table>`;
});"""
)
STYLE = (
    "body{font-family:sans-serif;margin:2rem}nav a{padding:.5rem}table{border-collapse:collapse}td{border:1px solid}"
)


def data_of(number: int) -> str:
    lines = [f"โครงการที่ {n} ของหน่วยงาน {number} ดำเนินการตามแผนแล้วเสร็จ งบประมาณ {n}00,000 บาท" for n in range(40)]
    rows = [[str(n), f"กิจกรรมที่ {n}", f"ไตรมาสที่ {n % 4 + 1}"] for n in range(30)]
    menu = [f"เมนู{n}" for n in range(8)]
    return str({"title": f"แผนปฏิบัติการ ปี 2568 หน่วยงาน {number}", "lines": lines, "rows": rows, "menu": menu}).replace(
        "'", '"'
    )


def serve(web: FakeWeb, pages: int) -> list[Target]:
    emblem = io.BytesIO()
    Image.effect_noise((200, 200), 60).save(emblem, "PNG")
    for number in range(pages):
        web.routes[f"site{number}.test"] = {
            "/plan": Reply(SHELL),
            "/app.css": Reply(STYLE, kind="text/css"),
            "/library.js": Reply(LIBRARY, kind="text/javascript"),
            "/data.json": Reply(data_of(number), kind="application/json"),
            "/emblem.png": Reply(emblem.getvalue(), kind="image/png"),
        }
    hosts = [f"site{number}.test" for number in range(pages)]
    return [Target(host, web.url(host, "/plan"), (host,), keep_body=True) for host in hosts]


def processor_seconds(process: int) -> float:
    """Of a process and all that it started, those included that have ended and were waited for."""
    parents: dict[int, list[int]] = {}
    times: dict[int, float] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (stat := _read(Path(f"/proc/{entry}/stat"))):
            fields = stat.rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(entry))
            times[int(entry)] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    total, family = 0.0, [process]
    while family:
        member = family.pop()
        family += parents.get(member, [])
        total += times.get(member, 0.0)
    return total


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--at-once", type=int, default=RenderLimits().at_once)
    options = parser.parse_args()
    web = FakeWeb()
    targets = {str(t.key): t for t in serve(web, options.pages)}
    policy = web.policy()
    seen = [o for o in check_targets(targets.values(), policy) if is_shell(o)]
    assert len(seen) == options.pages
    load = os.getloadavg()[0]
    with Renderer(policy, RenderLimits(at_once=options.at_once)) as renderer:
        renderer.submit(targets[str(seen[0].key)], seen[0]).result()  # once warm
        began, used = time.monotonic(), processor_seconds(os.getpid())
        done = [f.result() for f in [renderer.submit(targets[str(o.key)], o) for o in seen]]
        seconds, used = time.monotonic() - began, processor_seconds(os.getpid()) - used
    assert all("โครงการที่ 39" in page.html.decode() and page.picture for page in done)
    size = sum(len(page.picture) for page in done) / len(done)
    print(
        f"{len(done)} pages in {seconds:.1f} s: {len(done) / seconds:.2f} a second, {used / len(done):.2f} s of"
        f" processor time each, of {os.cpu_count()} cores; a picture has {size / 1000:.0f} kB; load before: {load:.1f}"
    )
    web.close()


if __name__ == "__main__":
    main()
