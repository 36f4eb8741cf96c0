"""A small website of a fictional agency, for the demonstration's links to be looked at. It runs on this machine
alone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prongsai import framework as rules

HOST = "www.srisommut.example"
GONE, MOVED, OLD, SIGN_IN, EMPTY = "gone", "moved", "old", "sign-in", "empty"


def address(port: int, year: int, item: str, kind: str = "") -> str:
    """Where the site has an item of a year; ``kind`` says what is wrong with the page."""
    return f"http://{HOST}:{port}/oit/{year}/{item}{f'/{kind}' if kind else ''}"


def _page(year: str, item: str) -> str:
    """A page that holds what the item asks for, in the words of the rules."""
    found = next((i for i in rules.load(year).rules.disclosure_items if i.id == item), None)
    if found is None:
        return ""
    parts = "".join(
        f"<h2>{escape(e.th)}</h2><p>ข้อมูลสมมุติเพื่อการสาธิต ส่วนที่ {k}</p>" for k, e in enumerate(found.elements, 1)
    )
    return f"<h1>{escape(found.label.th)} ปีงบประมาณ พ.ศ. {year}</h1>{parts}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        parts = [p for p in self.path.split("?")[0].split("/") if p]
        kind = parts[3] if len(parts) == 4 else ""
        text, status, more = "", 404, {}
        if parts[:1] == ["oit"] and len(parts) in (3, 4) and parts[1] in rules.available():
            text, status = (
                _page(
                    str(int(parts[1]) - 2) if kind == OLD and str(int(parts[1]) - 2) in rules.available() else parts[1],
                    parts[2],
                ),
                200,
            )
            if kind == GONE or not text:
                text, status = "", 404
            elif kind == MOVED:
                status, more = 301, {"Location": f"/oit/{parts[1]}/{parts[2]}"}
            elif kind == SIGN_IN:
                text = '<h1>เข้าสู่ระบบ</h1><form method="post"><input name="user"><input type="password" name="password"><button>เข้าสู่ระบบ</button></form>'
            elif kind == EMPTY:
                text = "<h1>ไม่พบหน้าที่ต้องการ</h1>"
        elif not parts:
            text, status = "<h1>องค์การบริหารส่วนจังหวัดศรีสมมุติ</h1><p>เว็บไซต์สมมุติ</p>", 200
        data = f'<!doctype html><html lang="th"><head><meta charset="utf-8"><title>อบจ.ศรีสมมุติ</title></head><body>{text or "<h1>404</h1>"}</body></html>'.encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(data)),
            **more,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing: the demonstration's screen is for its user."""


@contextmanager
def serving(port: int) -> Iterator[None]:
    """The site, at 127.0.0.1, as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True, name="demo-site").start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
