"""Error pages: what went wrong and what to do; nothing typed is lost when the database or the disk fails."""

import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

from prongsai.jobs.leases import is_outage
from prongsai.lib.origin import current_request_id
from prongsai.people.error_pages import render_error

_SIGN_IN = "allauth."  # views on whose pages passwords are typed, which are never written into a page


def _render_error(
    request: HttpRequest, status: int, title: tuple[str, str], text: tuple[str, str], **context: Any
) -> HttpResponse:
    return render_error(request, status, title, text, request_id=current_request_id(), **context)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return _refuse_size(request, exception)
    text = "ลองเปิดหน้านี้ใหม่จากหน้าแรก", "Open the page again from the front page."
    return _render_error(request, 400, ("คำขอนี้ไม่สมบูรณ์", "This request is not complete"), text)


def _refuse_size(request: HttpRequest, exception: SuspiciousOperation) -> HttpResponse:
    """A form that is too large to be read: what was typed is still in the tab (drafts.js), on the page it came from."""
    if isinstance(exception, TooManyFilesSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        why = f"ส่งไฟล์ได้ครั้งละไม่เกิน {most} ไฟล์ แบ่งส่งเป็นหลายครั้ง", f"At most {most} files go at a time: send them in parts."
    else:
        size = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2
        why = (
            f"ข้อความในแบบฟอร์มรวมกันเกิน {size} MB ตัดให้สั้นลง หรือบันทึกทีละส่วน",
            f"The texts of the form are more than {size} MB: shorten them, or store them in parts.",
        )
    title = "ส่งมามากเกินไปในครั้งเดียว ยังไม่ได้บันทึก", "Too much at once: nothing is stored yet"
    text = (
        f"{why[0]} ข้อความที่พิมพ์ยังอยู่ในหน้าเดิมของเบราว์เซอร์นี้",
        f"{why[1]} What you typed is still on that page of this browser.",
    )
    return _render_error(request, 413, title, text, back=_find_page_before(request))


def _find_page_before(request: HttpRequest) -> str:
    """The page of this site from which a form was sent; empty where the browser does not say it."""
    referrer = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(referrer, {request.get_host()}, require_https=request.is_secure())
    return referrer if is_ours else ""


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    title = "บัญชีของคุณไม่มีสิทธิ์ทำสิ่งนี้", "Your account may not do this"
    text = "หากคิดว่าควรมีสิทธิ์ ให้ติดต่อส่วนกลางที่ดูแลระบบ", "If you think that it should, ask the office that runs this site."
    return _render_error(request, 403, title, text)


def unreadable_factor(request: HttpRequest) -> HttpResponse:
    """A page that needs the secret of a second factor whose key is not here."""
    title = "ระบบอ่านรหัสลับของการยืนยันตัวตนสองชั้นไม่ได้", "The secret of your second factor cannot be read"
    text = (
        "กุญแจที่ใช้เข้ารหัสไว้ไม่อยู่ในเครื่องนี้ ไม่ใช่ความผิดของท่าน แจ้งผู้ดูแลระบบให้สั่ง prongsai doctor",
        "The key that encrypted it is not on this machine. It is not your fault: ask who runs it for prongsai doctor.",
    )
    return _render_error(request, 500, title, text)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page that was open while its session ended: what was typed is still in the tab, as in :func:`_refuse_size`."""
    title = "หน้านี้เปิดค้างไว้นานเกินไป ยังไม่ได้บันทึก", "This page was open for too long: nothing is stored yet"
    text = (
        "เปิดหน้าเดิมอีกครั้ง ข้อความที่พิมพ์ยังอยู่ในเบราว์เซอร์นี้ แล้วส่งใหม่",
        "Open it again and send it: what you typed is still in this browser.",
    )
    return _render_error(request, 403, title, text, back=_find_page_before(request))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = (
        "อาจพิมพ์ที่อยู่ผิด หรือผลที่เคยเผยแพร่ถูกถอนแล้ว ค้นหาหน่วยงานได้ข้างล่าง",
        "The address may be mistyped, or a result that was published is withdrawn. Find the agency below.",
    )
    return _render_error(request, 404, ("ไม่พบหน้านี้", "There is no such page"), text)


def server_error(request: HttpRequest) -> HttpResponse:
    if is_outage(sys.exc_info()[1]):  # the same request may succeed later
        return _render_unavailable(request)
    text = "ข้อมูลที่บันทึกไว้แล้วไม่เสียหาย ลองอีกครั้งในอีกสักครู่", "What was stored is safe. Try again in a moment."
    return _render_error(request, 500, ("ระบบขัดข้อง", "Something went wrong here"), text)


def _render_unavailable(request: HttpRequest) -> HttpResponse:
    """503 with everything that was posted, to be sent again by one button. Nothing of it asks the database."""
    try:
        posted, has_files = request.POST, bool(request.FILES)
    except (OSError, UnreadablePostError):
        posted, has_files = None, True
    # where there was no room for a file that arrived, nothing of its form was read; the browser still has it
    is_complete = bool(posted) or request.content_type != "multipart/form-data"
    view = request.resolver_match.func if request.resolver_match else None
    is_secret = getattr(view, "__module__", "").startswith(_SIGN_IN)
    fields = [
        (name, value)
        for name, values in (posted.lists() if posted is not None and not is_secret else ())
        for value in values
    ]
    context = {
        "path": request.get_full_path(),
        "is_posted": request.method == "POST",
        "is_complete": is_complete,
        "back": "" if is_complete else _find_page_before(request),
        "fields": fields,
        "texts": [v for name, v in fields if name != "csrfmiddlewaretoken" and len(v.strip()) > 2],
        "has_files": has_files,
        "is_secret": is_secret,
        "request_id": current_request_id(),
    }
    response = HttpResponse(render_to_string("web/unavailable.html", context), status=503)
    response["Retry-After"] = "30"
    response["Cache-Control"] = "private, no-store"
    return response
