"""Error pages: what went wrong and what to do."""

from django.conf import settings
from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


def _render_error(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "web/error.html", {"title": title, "text": text, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return _refuse_size(request, exception)
    return _render_error(request, 400, "คำขอนี้ไม่สมบูรณ์", "ลองเปิดหน้านี้ใหม่จากหน้าแรก")


def _refuse_size(request: HttpRequest, exception: SuspiciousOperation) -> HttpResponse:
    """A form that is too large to be read: what was typed is still in the tab (drafts.js), on the page it came from."""
    if isinstance(exception, TooManyFilesSent):
        text = f"ส่งไฟล์ได้ครั้งละไม่เกิน {settings.DATA_UPLOAD_MAX_NUMBER_FILES} ไฟล์ แบ่งส่งเป็นหลายครั้ง"
    else:
        size = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2
        text = f"ข้อความในแบบฟอร์มรวมกันเกิน {size} MB ตัดให้สั้นลง หรือบันทึกทีละส่วน"
    context = {
        "title": "ส่งมามากเกินไปในครั้งเดียว ยังไม่ได้บันทึก",
        "text": f"{text} ข้อความที่พิมพ์ยังอยู่ในหน้าเดิมของเบราว์เซอร์นี้",
        "status": 413,
        "back": _find_page_before(request),
    }
    return render(request, "web/error.html", context, status=413)


def _find_page_before(request: HttpRequest) -> str:
    """The page of this site from which a form was sent; empty where the browser does not say it."""
    referrer = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(referrer, {request.get_host()}, require_https=request.is_secure())
    return referrer if is_ours else ""


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _render_error(request, 403, "บัญชีของคุณไม่มีสิทธิ์ทำสิ่งนี้", "หากคิดว่าควรมีสิทธิ์ ให้ติดต่อส่วนกลางที่ดูแลระบบ")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _render_error(request, 403, "หน้านี้เปิดค้างไว้นานเกินไป", "ย้อนกลับไปหน้าก่อน โหลดใหม่ แล้วส่งอีกครั้ง")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _render_error(request, 404, "ไม่พบหน้านี้", "อาจพิมพ์ที่อยู่ผิด หรือผลที่เคยเผยแพร่ถูกถอนแล้ว ลองค้นหาชื่อหน่วยงานจากหน้าแรก")


def server_error(request: HttpRequest) -> HttpResponse:
    return _render_error(request, 500, "ระบบขัดข้อง", "ข้อมูลที่บันทึกไว้แล้วไม่เสียหาย ลองอีกครั้งในอีกสักครู่")
