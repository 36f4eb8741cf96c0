"""The forms that people answer, and the desks of those who ask.

The public form sets no cookie, starts no session and is not logged. Its post carries no CSRF token: there is nothing a
browser would add by itself that could be abused.
"""

from typing import Any

from django.contrib import messages
from django.db import DatabaseError
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.http.request import UnreadablePostError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai import framework as rules
from prongsai.intake import UnreadableError
from prongsai.people.access import open_to, public
from prongsai.people.actions import DomainError
from prongsai.registry.access import open_to_agency
from prongsai.registry.models import Agency, Round
from prongsai.registry.uploads import get_upload_path, is_upload_valid
from prongsai.survey import actions, codes, queries
from prongsai.survey.forms import BatchForm
from prongsai.survey.models import Channel
from prongsai.survey.questions import questions, read_answers
from prongsai.survey.throttle import too_many, wrong
from prongsai.survey.writer import Submission, submit


def _say(thai: str, english: str) -> str:
    """A text in the form's language."""
    return english if (translation.get_language() or "th").startswith("en") else thai


EDIT = require_http_methods(["GET", "HEAD", "POST"])


def _form(request: HttpRequest, channel: Channel, **more: Any) -> dict[str, Any]:
    framework = rules.load(channel.round.framework)
    asked = questions(framework, channel.instrument)
    return {
        "channel": channel,
        "instrument": framework.instruments[channel.instrument],
        "questions": asked,
        "chosen": {},
        "missing": [],
        "receipt": codes.draw(codes.RECEIPT_LENGTH),
        "code": "",
        "posted": False,
        **more,
    }


@public
@csrf_exempt
@never_cache
@EDIT
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """A form, and what became of it."""
    with translation.override("en" if request.GET.get("lang") == "en" else "th"):
        try:
            response = _answer(request, slug)
        except (
            UnreadablePostError
        ):  # the line was cut while sending: nothing arrived whole, nobody is there to read an answer
            response = HttpResponse(status=400)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would write down a refused form, with its minute
    return response


answer.unlogged = True  # type: ignore[attr-defined]


def _answer(request: HttpRequest, slug: str) -> HttpResponse:
    channel = (
        Channel.objects.select_related("round", "agency")
        .filter(slug=slug[:16])
        .exclude(kind=Channel.Kind.INTERVIEW)
        .first()
    )
    if channel is None:
        return render(
            request,
            "survey/closed.html",
            {
                "reason": _say(
                    "ไม่พบแบบวัดตามลิงก์นี้ ตรวจลิงก์หรือสแกนใหม่อีกครั้ง",
                    "There is no form at this address. Check the link, or scan it again.",
                )
            },
            status=404,
        )
    if reason := queries.closed_because(channel):
        return render(request, "survey/closed.html", {"reason": _say(*reason), "channel": channel}, status=410)
    if request.method != "POST":
        return render(request, "survey/form.html", _form(request, channel))
    asked = questions(rules.load(channel.round.framework), channel.instrument)
    answers, chosen, missing = read_answers(asked, request.POST)
    receipt = codes.plain(request.POST.get("receipt", ""))
    code = codes.plain(request.POST.get("code", ""))
    again = {"chosen": chosen, "missing": missing, "code": request.POST.get("code", "")[:40], "posted": True}
    if len(receipt) == codes.RECEIPT_LENGTH:
        again["receipt"] = receipt
    if channel.kind == Channel.Kind.CODES and too_many(request, "code"):
        again["problem"] = _say(
            "ลองรหัสหลายครั้งเกินไป รอสักหนึ่งนาทีแล้วส่งอีกครั้ง คำตอบที่เลือกไว้ยังอยู่",
            "Too many wrong codes. Wait a minute and send again; your answers are kept.",
        )
        return render(request, "survey/form.html", _form(request, channel, **again), status=429)
    if missing or len(receipt) != codes.RECEIPT_LENGTH:
        return render(request, "survey/form.html", _form(request, channel, **again), status=422)
    wanted = codes.digest("code", code) if channel.kind == Channel.Kind.CODES else None
    try:
        outcome = submit(Submission(channel, answers, codes.digest("receipt", receipt), wanted))
    except (DatabaseError, OSError, TimeoutError):
        again["problem"] = _say(
            "ระบบยังบันทึกคำตอบไม่ได้ คำตอบที่เลือกไว้ยังอยู่ในหน้านี้ รอสักครู่แล้วกดส่งอีกครั้ง ระบบจะนับเพียงครั้งเดียว",
            "Your answers could not be stored yet and are kept on this page. Wait a moment and send again; they are counted once.",
        )
        return render(request, "survey/form.html", _form(request, channel, **again), status=503)
    if outcome == "closed":
        reason = _say("แบบวัดนี้เพิ่งปิดรับ คำตอบนี้จึงไม่ถูกนับ", "This form has just closed, so this answer was not counted.")
        return render(request, "survey/closed.html", {"reason": reason, "channel": channel}, status=410)
    if outcome == "spent":
        wrong(request, "code")
        again["problem"] = _say(
            "รหัสนี้ใช้ไม่ได้ อาจพิมพ์ผิดหรือใช้ไปแล้ว ตรวจรหัสบนบัตรอีกครั้ง หรือขอบัตรใหม่จากหน่วยงาน",
            "This code can't be used: mistyped, or used already. Look at the card again, or ask the agency for another.",
        )
        return render(request, "survey/form.html", _form(request, channel, **again), status=422)
    return render(request, "survey/thanks.html", {"channel": channel, "receipt": codes.spaced(receipt)})


@public
@never_cache
@require_safe
def receipt_check(request: HttpRequest) -> HttpResponse:
    """Whether a receipt's answer was counted."""
    number = request.GET.get("n", "")[:60]
    waiting = bool(number) and too_many(request, "receipt")
    found = queries.included(number) if number and not waiting else None
    if found is False:
        wrong(request, "receipt")
    status = 429 if waiting else 200
    return render(request, "survey/receipt.html", {"n": number, "found": found, "waiting": waiting}, status=status)


receipt_check.unlogged = True  # type: ignore[attr-defined]


# --- the agency's desk


def _round(fiscal_year: int) -> Round:
    return get_object_or_404(Round, fiscal_year=fiscal_year)


@open_to_agency("survey.read")
@require_safe
def desk(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """An agency's surveys: people to ask, answers so far, ways to the forms."""
    return _desk(request, get_object_or_404(Agency, code=code), _round(fiscal_year))


def _desk(
    request: HttpRequest, agency: Agency, assessment_round: Round, *, status: int = 200, again: Any = None
) -> HttpResponse:
    standings = queries.standings(assessment_round, agency)
    state = {c.pk: queries.code_state(c) for s in standings for c in s.channels if c.kind == Channel.Kind.CODES}
    site = f"{request.scheme}://{request.get_host()}"
    context = {
        "agency": agency,
        "round": assessment_round,
        "standings": standings,
        "codes": state,
        "site": site,
        "sealed": queries.last_seal(assessment_round),
        "kinds": [k for k in Channel.Kind if k != Channel.Kind.INTERVIEW],
        "again": again,
    }
    return render(request, "survey/desk.html", context, status=status)


def _back(code: str, fiscal_year: int) -> HttpResponse:
    return redirect("survey_desk", code=code, fiscal_year=fiscal_year)


@open_to_agency("survey.manage")
@require_POST
def set_population(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    text = request.POST.get("people", "").replace(",", "").strip()
    try:
        people = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
        actions.set_population(
            assessment_round=_round(fiscal_year),
            agency=get_object_or_404(Agency, code=code),
            people=people,
            instrument=request.POST.get("instrument", "")[:20],
            by=request.user,
        )
        messages.success(request, "บันทึกจำนวนคนแล้ว")
    except DomainError as error:
        messages.error(request, f"“{text[:20]}”: {error}")
    return _back(code, fiscal_year)


@open_to_agency("survey.manage")
@require_POST
def open_channel(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    kind = request.POST.get("kind", "")
    if kind not in (Channel.Kind.LINK, Channel.Kind.CODES):
        messages.error(request, "เลือกว่าจะใช้ลิงก์สาธารณะหรือบัตรรหัส")
        return _back(code, fiscal_year)
    try:
        actions.open_channel(
            assessment_round=_round(fiscal_year),
            agency=get_object_or_404(Agency, code=code),
            kind=kind,
            instrument=request.POST.get("instrument", "")[:20],
            by=request.user,
        )
        messages.success(request, "เปิดช่องทางแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return _back(code, fiscal_year)


def _channel(code: str, channel_id: int) -> Channel:
    own = Channel.objects.exclude(kind=Channel.Kind.INTERVIEW).select_related("round", "agency")
    return get_object_or_404(own, pk=channel_id, agency__code=code)


@open_to_agency("survey.manage")
@require_POST
def close_channel(request: HttpRequest, code: str, channel_id: int) -> HttpResponse:
    """Close a channel, or replace one that leaked."""
    channel = _channel(code, channel_id)
    try:
        if "replace" in request.POST:
            actions.replace_channel(channel=channel, by=request.user)
            messages.success(request, "ปิดช่องทางเดิมและเปิดช่องทางใหม่แล้ว ลิงก์และบัตรเดิมใช้ไม่ได้อีก")
        else:
            actions.close_channel(channel=channel, by=request.user)
            messages.success(request, "ปิดช่องทางแล้ว คำตอบที่ได้มาแล้วยังนับอยู่")
    except DomainError as error:
        messages.error(request, str(error))
    return _back(code, channel.round.fiscal_year)


@open_to_agency("survey.manage")
@require_POST
def cards(request: HttpRequest, code: str, channel_id: int) -> HttpResponse:
    """Draw codes and give them as cards to print; this PDF is the only place where they are."""
    channel = _channel(code, channel_id)
    text = request.POST.get("number", "")
    try:
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
        paper = actions.print_cards(
            channel=channel, number=number, site=f"{request.scheme}://{request.get_host()}", by=request.user
        )
    except DomainError as error:
        messages.error(request, str(error))
        return _back(code, channel.round.fiscal_year)
    return HttpResponse(
        paper,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="cards-{channel.slug}.pdf"',
            "Cache-Control": "no-store",
        },
    )


@open_to_agency("survey.manage")
@require_POST
def remind(request: HttpRequest, code: str, channel_id: int) -> HttpResponse:
    """Mail the link to addresses that the officer types; they are used once and kept nowhere."""
    channel, typed = _channel(code, channel_id), request.POST.get("addresses", "")
    try:
        sent = actions.remind(
            channel=channel, typed=typed, site=f"{request.scheme}://{request.get_host()}", by=request.user
        )
        messages.success(request, f"ส่งคำชวนทางอีเมลแล้ว {sent} ฉบับ ระบบไม่เก็บที่อยู่อีเมลเหล่านี้ไว้")
    except DomainError as error:
        messages.error(request, str(error))
        again = {"channel": channel.pk, "text": typed[:20_000]}
        return _desk(request, channel.agency, channel.round, status=422, again=again)
    return _back(code, channel.round.fiscal_year)


@open_to_agency("survey.manage")
@require_safe
def poster(request: HttpRequest, code: str, channel_id: int) -> HttpResponse:
    channel = _channel(code, channel_id)
    paper = actions.poster(channel=channel, site=f"{request.scheme}://{request.get_host()}")
    return HttpResponse(
        paper,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="poster-{channel.slug}.pdf"'},
    )


# --- the assessor's interviews


@open_to_agency("survey.interview")
@EDIT
def interview(request: HttpRequest, code: str, fiscal_year: int, instrument: str) -> HttpResponse:
    """An assessor enters interviews, one by one or from a spreadsheet. What is entered is mixed like any other
    answer."""
    agency, assessment_round = get_object_or_404(Agency, code=code), _round(fiscal_year)
    channel = Channel.objects.filter(
        round=assessment_round, agency=agency, instrument=instrument, kind=Channel.Kind.INTERVIEW, open=True
    ).first()
    try:
        channel = channel or actions.open_channel(
            assessment_round=assessment_round,
            agency=agency,
            instrument=instrument,
            kind=Channel.Kind.INTERVIEW,
            by=request.user,
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("desk")
    if reason := queries.closed_because(channel):
        return render(request, "survey/closed.html", {"reason": reason[0], "channel": channel}, status=410)
    upload = BatchForm(request.POST if "batch" in request.POST else None, request.FILES or None)
    more: dict[str, Any] = {}
    if request.method == "POST" and "batch" in request.POST:
        if is_upload_valid(request, upload):
            try:
                count, more["problems"] = actions.enter_batch(
                    channel=channel, path=get_upload_path(upload.cleaned_data["file"]), by=request.user
                )
            except (UnreadableError, DomainError) as error:
                upload.add_error("file", str(error))
            else:
                if count:
                    messages.success(request, f"บันทึกแล้ว {count} ชุด")
                    return redirect(request.path)
    elif request.method == "POST":
        asked = questions(rules.load(assessment_round.framework), instrument)
        answers, chosen, missing = read_answers(asked, request.POST)
        receipt = codes.plain(request.POST.get("receipt", ""))
        if missing or len(receipt) != codes.RECEIPT_LENGTH:
            more = {"chosen": chosen, "missing": missing, "posted": True}
        else:
            taken = submit(Submission(channel, answers, codes.digest("receipt", receipt), None)) != "closed"
            if taken:
                messages.success(request, "บันทึกแล้ว 1 ชุด เริ่มคนถัดไปได้เลย")
            else:
                messages.error(request, "แบบวัดเพิ่งปิดรับ ชุดนี้ไม่ถูกบันทึก")
            return redirect(request.path)
    context = _form(request, channel, upload=upload, **more)
    return render(request, "survey/interview.html", context, status=422 if more or upload.errors else 200)


# --- the national office


@open_to("survey.nation")
@require_safe
def nation(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """How far the nation is, what looks odd, and the seal."""
    assessment_round = _round(fiscal_year)
    context = {
        "round": assessment_round,
        "standings": queries.nation(assessment_round),
        "sealed": queries.last_seal(assessment_round),
        "signals": queries.signals(assessment_round) if "signals" in request.GET else None,
    }
    return render(request, "survey/nation.html", context)


@open_to("survey.export")
@require_safe
def export(request: HttpRequest, fiscal_year: int, name: str) -> HttpResponseBase:
    """A sealed file as it is, or its rows as CSV, streamed."""
    try:
        path = actions.export(assessment_round=_round(fiscal_year), name=name.removesuffix(".csv"), by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("survey_nation", fiscal_year=fiscal_year)
    if not name.endswith(".csv"):
        return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
    attachment = {"Content-Disposition": f'attachment; filename="{path.stem}-{fiscal_year}.csv"'}
    return StreamingHttpResponse(actions.csv_rows(path), content_type="text/csv; charset=utf-8", headers=attachment)


@open_to("survey.seal")
@require_POST
def seal(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    assessment_round = _round(fiscal_year)
    try:
        made = actions.seal(assessment_round=assessment_round, folder=assessment_round.parcels, by=request.user)
        messages.success(request, f"ปิดผนึกคำตอบ {made.responses:,} ชุดแล้ว คำนวณผลได้")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("survey_nation", fiscal_year=fiscal_year)


@open_to("survey.seal")
@require_POST
def destroy(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    try:
        assessment_round = _round(fiscal_year)
        gone = actions.destroy(assessment_round=assessment_round, folder=assessment_round.parcels, by=request.user)
        messages.success(request, f"ทำลายคำตอบดิบ {gone['responses']:,} ชุดแล้ว ข้อมูลที่ปิดผนึกยังอยู่")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("survey_nation", fiscal_year=fiscal_year)
