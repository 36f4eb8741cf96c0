"""Error pages: what went wrong and what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def _render_error(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "web/error.html", {"title": title, "text": text, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _render_error(request, 400, "คำขอนี้ไม่สมบูรณ์", "ลองเปิดหน้านี้ใหม่จากหน้าแรก")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _render_error(request, 403, "บัญชีของคุณไม่มีสิทธิ์ทำสิ่งนี้", "หากคิดว่าควรมีสิทธิ์ ให้ติดต่อส่วนกลางที่ดูแลระบบ")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _render_error(request, 403, "หน้านี้เปิดค้างไว้นานเกินไป", "ย้อนกลับไปหน้าก่อน โหลดใหม่ แล้วส่งอีกครั้ง")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _render_error(request, 404, "ไม่พบหน้านี้", "อาจพิมพ์ที่อยู่ผิด หรือผลที่เคยเผยแพร่ถูกถอนแล้ว ลองค้นหาชื่อหน่วยงานจากหน้าแรก")


def server_error(request: HttpRequest) -> HttpResponse:
    return _render_error(request, 500, "ระบบขัดข้อง", "ข้อมูลที่บันทึกไว้แล้วไม่เสียหาย ลองอีกครั้งในอีกสักครู่")
