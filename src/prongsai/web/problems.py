"""Errors as programs read them, in Thai and English: problem+json (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus

from django.http import JsonResponse

_TITLES: Mapping[int, tuple[str, str]] = {
    400: ("คำขอไม่ถูกต้อง", "Bad request"),
    404: ("ไม่พบ", "Not found"),
    405: ("ใช้วิธีเรียกนี้ไม่ได้", "Method not allowed"),
    422: ("คำขอไม่ถูกต้อง", "Invalid request"),
    429: ("ขอถี่เกินไป", "Too many requests"),
    500: ("ระบบขัดข้อง", "Error of this site"),
    503: ("ระบบยังไม่พร้อม", "Not ready"),
}
NOTHING_PUBLISHED = "ไม่มีข้อมูลที่เผยแพร่ตามที่ขอ", "Nothing is published at this address"


def build_problem(
    status: int, thai: str = "", english: str = "", *, title: tuple[str, str] | None = None
) -> JsonResponse:
    """``thai`` and ``english`` say what went wrong; ``title`` what a status has no title of its own for."""
    names = title or _TITLES.get(status) or ("", HTTPStatus(status).phrase)
    body = {"type": "about:blank", "title": _join(*names), "status": status, "detail": _join(thai, english)}
    return JsonResponse(
        body, status=status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
    )


def _join(thai: str, english: str) -> str:
    return " · ".join(filter(None, (thai, english)))
