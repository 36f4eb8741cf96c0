"""The websites of fictional agencies, which the demonstration's links lead to. They run on this machine alone, at a
port of their own, for link checks; ``demo_pages`` shows them to visitors."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prongsai import framework as rules
from prongsai.web.demo_accounts import MAIN

MAIN_HOST = "www.srisommut.example"  # an address on it has no port: wherever the demonstration runs, it stays true
CODES = range(1, 10)
TITLE = "เว็บไซต์ของหน่วยงานสมมุติ"
GONE, MOVED, OLD, SIGN_IN, EMPTY = "gone", "moved", "old", "sign-in", "empty"


def host_of(code: str) -> str:
    """The host of an agency's website, such as www.z0002.srisommut.example."""
    return MAIN_HOST if code == MAIN else f"www.{code.lower()}.srisommut.example"


def address_of(code: str, year: int, item: str, defect: str = "") -> str:
    """Where an agency's site has an item of a year. ``defect`` of the page: GONE, MOVED, OLD, SIGN_IN, EMPTY or
    none."""
    return f"http://{host_of(code)}/oit/{year}/{item}{f'/{defect}' if defect else ''}"


def list_hosts() -> list[str]:
    return [host_of(f"Z{number:04}") for number in CODES]


def _render_item(year: str, item_id: str) -> str:
    """A page with what an item requires, in the words of the rules; empty when the year has no such item."""
    item = next((i for i in rules.load(rules.NATIONAL, int(year)).rules.disclosure_items if i.id == item_id), None)
    if item is None:
        return ""
    parts = "".join(
        f"<h2>{escape(element.th)}</h2><p>ข้อมูลสมมุติเพื่อการสาธิต ส่วนที่ {number}</p>"
        for number, element in enumerate(item.elements, 1)
    )
    return f"<h1>{escape(item.label.th)} ปีงบประมาณ พ.ศ. {year}</h1>{parts}"


_SIGN_IN_FORM = (
    '<h1>เข้าสู่ระบบ</h1><form method="post"><input name="user">'
    '<input type="password" name="password"><button>เข้าสู่ระบบ</button></form>'
)


def _has_rules(year: str) -> bool:
    return year.isdecimal() and (rules.NATIONAL, int(year)) in rules.available()


def respond(path: str) -> tuple[int, str, dict[str, str]]:
    """Status, content and further headers of a page of the site."""
    match [part for part in path.split("?")[0].split("/") if part]:
        case []:
            return 200, f"<h1>{TITLE}</h1><p>ทุกหน้าของเว็บไซต์นี้แต่งขึ้นเพื่อการสาธิต</p>", {}
        case ["oit", year, item, *defects] if _has_rules(year) and len(defects) < 2:
            return _respond_with_item(year, item, "".join(defects))
        case _:
            return 404, "", {}


def _respond_with_item(year: str, item: str, defect: str) -> tuple[int, str, dict[str, str]]:
    shown_year = str(int(year) - 2)
    text = _render_item(shown_year if defect == OLD and _has_rules(shown_year) else year, item)
    if defect == GONE or not text:
        return 404, "", {}
    if defect == MOVED:
        return 301, text, {"Location": f"/oit/{year}/{item}"}
    if defect == SIGN_IN:
        return 200, _SIGN_IN_FORM, {}
    return 200, "<h1>ไม่พบหน้าที่ต้องการ</h1>" if defect == EMPTY else text, {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._send(has_body=False)

    def do_GET(self) -> None:
        self._send(has_body=True)

    def _send(self, *, has_body: bool) -> None:
        status, text, headers = respond(self.path)
        head = f'<head><meta charset="utf-8"><title>{TITLE}</title></head>'
        body = f'<!doctype html><html lang="th">{head}<body>{text or "<h1>404</h1>"}</body></html>'.encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if has_body:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing: the terminal is for the user of the demonstration."""


@contextmanager
def serve_site() -> Iterator[int]:
    """Serve the sites at 127.0.0.1 while the block runs, at whichever port is free; yields it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True, name="demo-site").start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
