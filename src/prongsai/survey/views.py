"""The forms that people answer, and the desks of those who ask.

The public form sets no cookie, starts no session and is not logged. Its post carries no CSRF token: a browser adds
nothing to it by itself that could be abused.
"""

import base64
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import DatabaseError
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.http.request import UnreadablePostError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai.intake import UnreadableError
from prongsai.lib import numbers
from prongsai.people.access import public_page, require_permission
from prongsai.people.actions import DomainError
from prongsai.people.background import find_proposals, find_states, say_begun
from prongsai.people.requests import AuthenticatedRequest, SiteRequest, unlogged
from prongsai.people.second_person import require_typed
from prongsai.publiclog.queries import find_sealing_key
from prongsai.registry.access import require_agency_permission
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework, today
from prongsai.registry.uploads import get_upload_path, is_upload_valid
from prongsai.survey import actions, codes, queries, rights, sealing, tokens, work
from prongsai.survey.blank_forms import MINUTES, build_form_context, describe_sealing, show_blank_form, show_thanks
from prongsai.survey.blind_signatures import BlindSignatureError
from prongsai.survey.forms import InterviewsForm
from prongsai.survey.mixing import MIN_BATCH
from prongsai.survey.models import Batch, Channel, SignalReport, TokenKey
from prongsai.survey.queries import FormFacts, Message
from prongsai.survey.questions import list_questions, parse_answers
from prongsai.survey.sealing import SealedAnswers
from prongsai.survey.writer import Submission, submit

EDIT = require_http_methods(["GET", "HEAD", "POST"])
MAX_TOKEN_LETTERS = 1000
POPULATION = "people:"  # before the instrument, in the names of fields

UNKNOWN_LINK = Message(
    "ไม่พบแบบวัดตามลิงก์นี้ ตรวจลิงก์หรือสแกนใหม่อีกครั้ง",
    "There is no form at this address. Check the link, or scan it again.",
)
JUST_CLOSED = Message(
    "แบบวัดนี้เพิ่งปิดรับ คำตอบนี้จึงไม่ถูกนับ",
    "This form has just closed, so this answer was not counted.",
)
INVALID_CODE = Message(
    "รหัสนี้ใช้ไม่ได้ อาจพิมพ์ผิดหรือใช้ไปแล้ว ตรวจรหัสบนบัตรอีกครั้ง หรือขอบัตรใหม่จากหน่วยงาน",
    "This code can't be used: mistyped, or used already. Look at the card again, or ask the agency for another.",
)
INVALID_TOKEN = Message(
    "ยังไม่มีสิทธิ์ตอบในเครื่องนี้ หรือสิทธิ์นี้ใช้ตอบไปแล้ว ใช้เลขคำเชิญรับสิทธิ์ก่อน หรือเปิดลิงก์ที่เก็บไว้ คำตอบที่เลือกไว้ยังอยู่ในหน้านี้",
    "There is no right to answer on this device, or it was used already. Exchange your invitation first, or open the "
    "link that you saved. Your choices are kept on this page.",
)
FULL = Message(
    "คำตอบครบตามจำนวนคนที่หน่วยงานแจ้งไว้แล้ว คำตอบนี้จึงยังไม่ถูกนับ บัตรของท่านยังไม่ถูกใช้ และคำตอบที่เลือกไว้ยังอยู่ในหน้านี้ "
    "สำนักงานกลางเห็นว่ามีบัตรที่ถูกปฏิเสธ โดยไม่รู้ว่าเป็นของใคร หากท่านเป็นบุคลากรที่ควรได้ตอบ "
    "จำนวนคนที่แจ้งไว้อาจต่ำไปหรือมีผู้ตอบแทน แจ้งสำนักงานกลางได้โดยตรง เมื่อแก้จำนวนแล้วใช้บัตรเดิมตอบได้",
    "As many have answered as the agency says it has people, so this answer is not counted. Your card is still unused, "
    "and your choices are kept on this page. The national office sees that a card was refused, but not whose. If you "
    "should have been asked, the number may be too low or somebody answered for others: tell the national office. Once "
    "the number is corrected, the same card works.",
)
WORK_EXPIRED = Message(
    "หน้านี้เปิดไว้นานเกินหนึ่งวัน จึงยังส่งไม่ได้ คำตอบที่เลือกไว้ยังอยู่ในหน้านี้ กดส่งอีกครั้ง",
    "This page was open for more than a day, so the answer could not be sent. Your choices are kept on this page: send "
    "again.",
)
WORK_WRONG = Message(
    "เครื่องของท่านยังคำนวณสิ่งที่ลิงก์เปิดใช้กันการส่งซ้ำจำนวนมากไม่ครบ คำตอบที่เลือกไว้ยังอยู่ในหน้านี้ กดส่งอีกครั้ง",
    "Your device has not finished the computing that guards this open link against floods. Your choices are kept on "
    "this page: send again.",
)
WITHOUT_WORK = Message(
    "เบราว์เซอร์นี้ไม่เรียกใช้สคริปต์ ลิงก์เปิดรับคำตอบเช่นนี้ได้ไม่กี่ชุดต่อชั่วโมง และชั่วโมงนี้ครบแล้ว คำตอบที่เลือกไว้ยังอยู่ในหน้านี้ "
    "กดส่งอีกครั้งในชั่วโมงถัดไป หรือใช้เบราว์เซอร์ที่เปิดสคริปต์ได้",
    "This browser runs no scripts. An open link takes a few such answers an hour, and this hour's are taken. Your "
    "choices are kept on this page: send again in the next hour, or use a browser that runs scripts.",
)
SEALED_AMISS = Message(
    "คำตอบที่เข้ารหัสมาไม่ครบ หรือกุญแจของแบบวัดเพิ่งเปลี่ยน คำตอบที่เลือกไว้ยังอยู่ในหน้านี้ กดส่งอีกครั้ง",
    "The sealed answers did not arrive whole, or the form's key has just changed. Your answers are kept on this page: "
    "send again.",
)
NOT_STORED = Message(
    "ระบบยังบันทึกคำตอบไม่ได้ คำตอบที่เลือกไว้ยังอยู่ในหน้านี้ รอสักครู่แล้วกดส่งอีกครั้ง ระบบจะนับเพียงครั้งเดียว",
    "Your answers could not be stored yet and are kept on this page. "
    "Wait a moment and send again; they are counted once.",
)


# --- the public form


def translate(message: Message) -> str:
    """A message in the language of the form."""
    return message.en if is_english() else message.th


def is_english() -> bool:
    return (translation.get_language() or "th").startswith("en")


@unlogged
@public_page
@csrf_exempt
@never_cache
@EDIT
def answer_survey(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a form, or store what was sent with it."""
    return serve_respondent(request, slug, render_form)


def serve_respondent(
    request: HttpRequest, slug: str, render_page: Callable[[HttpRequest, FormFacts], HttpResponse]
) -> HttpResponse:
    """A page of a form in the language asked for, of which nothing is logged."""
    with translation.override("en" if request.GET.get("lang") == "en" else "th"):
        facts = queries.find_form(slug[:16])
        try:
            response = render_unknown(request) if facts is None else render_page(request, facts)
        except UnreadablePostError:  # the connection broke while sending: nobody is there to read a page
            response = HttpResponse(status=400)
    # Django would log a refused form with its minute
    response._has_been_logged = True  # type: ignore[attr-defined]  # the mark that Django's own logger sets and reads
    return response


def render_unknown(request: HttpRequest) -> HttpResponse:
    return render(request, "survey/closed.html", {"reason": translate(UNKNOWN_LINK)}, status=404)


def render_form(request: HttpRequest, facts: FormFacts) -> HttpResponse:
    if reason := facts.closed_reason:
        return render_closed(request, reason)
    return process_answers(request, facts) if request.method == "POST" else show_blank_form(request, facts)


def render_closed(request: HttpRequest, reason: Message) -> HttpResponse:
    return render(request, "survey/closed.html", {"reason": translate(reason)}, status=410)


def process_answers(request: HttpRequest, facts: FormFacts) -> HttpResponse:
    """Store posted answers and acknowledge them, or show the form with its answers retained and the problem. Answers
    that the device sealed stay as they are: the device has the choices, and puts them into a form that is shown
    again."""
    answers, choices, missing = _read_answers(request, facts)
    receipt = codes.normalize_code(request.POST.get("receipt", ""))
    has_receipt = len(receipt) == codes.RECEIPT_LENGTH

    def render_problem(problem: Message | None, status: int) -> HttpResponse:
        typed: dict[str, Any] = {"choices": choices, "missing": missing, "code": request.POST.get("code", "")[:40]}
        if has_receipt:
            typed["receipt"] = receipt
        if problem is not None:
            typed["problem"] = translate(problem)
        channel = Channel.objects.select_related("round", "agency").get(pk=facts.channel_id)
        typed |= describe_sealing(facts)
        return render(request, "survey/form.html", build_form_context(channel, **typed), status=status)

    if missing or not has_receipt:
        return render_problem(None, 422)
    if answers is None:
        return render_problem(SEALED_AMISS, 422)
    receipt_digest = codes.digest_code("receipt", receipt)
    code, token, problem = _read_right(request, facts, receipt_digest)
    if problem is not None:
        return render_problem(problem, 422)
    problem = _find_missing_work(request.POST.get("work", ""), facts, receipt)
    if problem is not None and not queries.is_receipt_known(receipt_digest):
        return render_problem(problem, 422)
    try:
        outcome = submit(Submission(facts.channel, answers, receipt_digest, code, token))
    except (DatabaseError, OSError, TimeoutError):
        return render_problem(NOT_STORED, 503)
    if outcome == "closed":
        return render_closed(request, JUST_CLOSED)
    if outcome == "invalid_code":
        return render_problem(INVALID_CODE if token is None else INVALID_TOKEN, 422)
    if outcome == "full":
        return render_problem(FULL, 422)
    return show_thanks(request, facts, receipt)


def _read_right(request: HttpRequest, facts: FormFacts, receipt: str) -> tuple[str | None, str | None, Message | None]:
    """What proves the right to answer: the digest of a code or of a token, and what is wrong with it."""
    if facts.kind == Channel.Kind.CODES:
        code = codes.digest_code("code", codes.normalize_code(request.POST.get("code", "")))
        return code, None, None if queries.may_code_count(facts.channel_id, code, receipt) else INVALID_CODE
    if facts.kind == Channel.Kind.TOKENS:
        text = request.POST.get("token", "")[:MAX_TOKEN_LETTERS]
        token = tokens.read_token(text, channel_id=facts.channel_id, slug=facts.slug)
        may_count = token is not None and queries.may_token_count(token, receipt)
        return None, token, None if may_count else INVALID_TOKEN
    return None, None, None


def _find_missing_work(text: str, facts: FormFacts, receipt: str) -> Message | None:
    """What is wrong with the work that an answer through an open link comes with."""
    if not work.find_bits(facts.kind):
        return None
    if not text:
        return None if work.take_without_work(facts.channel_id) else WITHOUT_WORK
    judgement = work.judge_work(text, slug=facts.slug, receipt=receipt)
    return {"done": None, "expired": WORK_EXPIRED, "wrong": WORK_WRONG}[judgement]


def _read_answers(
    request: HttpRequest, facts: FormFacts
) -> tuple[bytes | SealedAnswers | None, dict[str, int], list[str]]:
    """What was posted: the answers, None when they are amiss; the choices that can be read; and what is missing."""
    questions = list_questions(facts.load_framework(), facts.instrument)
    if "sealed" in request.POST:
        return _read_sealed(request, facts, len(questions)), {}, []
    return parse_answers(questions, request.POST)


def _read_sealed(request: HttpRequest, facts: FormFacts, number_of_questions: int) -> SealedAnswers | None:
    """What a device sealed; None when it has not the length of this form's answers, or its key is none of this
    round."""
    try:
        content = base64.b64decode(request.POST["sealed"], altchars=b"-_", validate=True)
        key = int(request.POST.get("key", "")[:20])
    except ValueError:
        return None
    if len(content) != sealing.find_length(number_of_questions) or not queries.takes_key(facts, key):
        return None
    return SealedAnswers(key, content)


@unlogged
@public_page
@csrf_exempt
@never_cache
@EDIT
def exchange_invitation(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how an invitation is exchanged for the right to answer, or sign what a device blinded."""
    return serve_respondent(request, slug, render_invitation)


def render_invitation(request: HttpRequest, facts: FormFacts) -> HttpResponse:
    key = TokenKey.objects.filter(channel=facts.channel_id).first()
    if facts.kind != Channel.Kind.TOKENS and request.method != "POST":
        return redirect("answer_survey", slug=facts.slug)  # which is answered without an invitation
    if key is None:
        return render_unknown(request)
    if reason := facts.exchange_closed_reason:
        return render_closed(request, reason)
    if request.method == "POST":
        return sign_token(request, facts)
    context = {
        "agency": facts.agency_en or facts.agency_th if is_english() else facts.agency_th,
        "slug": facts.slug,
        "modulus": key.modulus,
        "answers_open": facts.closed_reason is None,
        "starts": facts.starts,
    }
    return render(request, "survey/exchange.html", context)


def sign_token(request: HttpRequest, facts: FormFacts) -> HttpResponse:
    """The blind signature for an invitation, as JSON; without one, the status alone says why."""
    try:
        blinded = base64.b64decode(request.POST.get("blinded", ""), altchars=b"-_", validate=True)
    except ValueError:
        return JsonResponse({}, status=422)
    try:
        signature = tokens.exchange_invitation(
            channel=facts.channel, number=request.POST.get("number", "")[:MAX_TOKEN_LETTERS], blinded=blinded
        )
    except (tokens.InvalidInvitationError, BlindSignatureError):
        return JsonResponse({}, status=422)
    except (DomainError, DatabaseError, OSError):
        return JsonResponse({}, status=503)
    return JsonResponse({"signature": base64.urlsafe_b64encode(signature).decode()})


@unlogged
@public_page
@never_cache
@require_safe
def explain_survey(request: HttpRequest, slug: str) -> HttpResponse:
    """What people ask before they answer, for this form: who sees it, what is on the card, what is stored."""
    with translation.override("en" if request.GET.get("lang") == "en" else "th"):
        facts = queries.find_form(slug[:16])
        if facts is None:
            return render_unknown(request)
        small_groups = facts.load_framework().rules.small_groups
        indicators_from = (small_groups and small_groups.show_indicators_from) or 0
        context = {
            "agency": facts.agency_en or facts.agency_th if is_english() else facts.agency_th,
            "is_by_card": facts.kind == Channel.Kind.CODES,
            "is_by_token": facts.kind == Channel.Kind.TOKENS,
            "indicators_from": indicators_from,
            "doubled_from": indicators_from * (2 if small_groups and small_groups.double_from_percent else 1),
            "minutes": MINUTES,
            **describe_sealing(facts),
            "key_entry": find_sealing_key(facts.public_key) if facts.sealing_key else None,
        }
        return render(request, "survey/about.html", context)


@unlogged
@public_page
@never_cache
@require_safe
def check_receipt(request: HttpRequest) -> HttpResponse:
    """Whether the answer with a receipt number was counted."""
    number = request.GET.get("n", "")[:60]
    counted = queries.is_answer_counted(number) if number else None
    return render(request, "survey/receipt.html", {"number": number, "counted": counted})


# --- the agency's desk


def get_round(request: SiteRequest, fiscal_year: int) -> Round:
    return get_object_or_404(Round, assessment=request.assessment, fiscal_year=fiscal_year)


def get_site(request: HttpRequest) -> str:
    """The address of this site, without a path."""
    return f"{request.scheme}://{request.get_host()}"


@require_agency_permission("survey.read")
@require_safe
def survey_desk(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """An agency's surveys: populations, answers so far, channels."""
    return render_desk(request, get_object_or_404(Agency, code=code), get_round(request, fiscal_year))


def render_desk(
    request: AuthenticatedRequest, agency: Agency, assessment_round: Round, *, status: int = 200, **values: Any
) -> HttpResponse:
    progress = queries.find_quota_progress(assessment_round, agency)
    framework = load_round_framework(assessment_round)
    reopening = queries.find_reopening(assessment_round, agency)
    context = {
        "reopening": reopening,
        "fewest_opened": MIN_BATCH,
        "agency": agency,
        "round": assessment_round,
        "progress": progress,
        "code_usage": {
            c.pk: queries.count_codes(c) for p in progress for c in p.channels if c.kind == Channel.Kind.CODES
        },
        "rights": (found := rights.find_rights(assessment_round, agency)),
        "on_rolls": {p.instrument.id for p in progress if p.has_roll},
        "may_print": {instrument for instrument, r in found.items() if r.may_print(request.user)},
        "site": get_site(request),
        "seal": None if reopening else queries.find_latest_seal(assessment_round),
        "works": (works := find_states(_ACTS_ON_ROUNDS, str(assessment_round.pk))),
        "is_changing": any(work.is_active for work in works),
        "is_finished": (is_finished := assessment_round.status == Round.Status.CLOSED),
        "was_collected": (was_collected := any(p.channels or p.population for p in progress)),
        "shown_forms": progress if was_collected or not is_finished else [],
        "channel_kinds": {
            p.instrument.id: [
                kind
                for kind in rights.list_kinds(framework, p.instrument.id, has_roll=p.has_roll)
                if not any(c.is_open and c.kind == kind for c in p.channels)
            ]
            for p in progress
        },
        "without_link": {p.instrument.id for p in progress if not framework.allows_open_link(p.instrument.id)},
        **values,
        "typed": {p.instrument.id: p.population or "" for p in progress} | values.get("typed", {}),
    }
    return render(request, "survey/desk.html", context, status=status)


def redirect_to_desk(code: str, fiscal_year: int) -> HttpResponse:
    return redirect("survey_desk", code=code, fiscal_year=fiscal_year)


@require_agency_permission("survey.manage")
@require_POST
def set_populations(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Store the populations of all instruments. One that is refused is shown as typed; the others are stored."""
    agency, assessment_round = get_object_or_404(Agency, code=code), get_round(request, fiscal_year)
    typed, problems, stored = _typed_populations(request), {}, 0
    for instrument, text in typed.items():
        try:
            stored += actions.set_population(
                assessment_round=assessment_round,
                agency=agency,
                instrument=instrument,
                size=numbers.read_whole_number(text, least=1, most=actions.MAX_POPULATION),
                by=request.user,
            )
        except (DomainError, numbers.NumberError) as error:
            problems[instrument] = str(error)
    if stored and problems:
        messages.warning(request, f"บันทึกจำนวนคนแล้ว {stored} แบบวัด อีก {len(problems)} แบบวัดยังไม่ได้บันทึก แก้ช่องที่บอกไว้ด้านล่าง")
    elif stored:
        messages.success(request, "บันทึกจำนวนคนแล้ว")
    if problems:
        return render_desk(request, agency, assessment_round, status=422, typed=typed, problems=problems)
    return redirect_to_desk(code, fiscal_year)


def _typed_populations(request: AuthenticatedRequest) -> dict[str, str]:
    """What is typed for each instrument; fields that are empty as they were shown are left out."""
    former = request.POST.get("instrument", "")  # a page of version 0.1.0, which asked for one instrument
    fields = {f"{POPULATION}{former}": request.POST.get("people", "")} if former else {}
    fields |= {name: request.POST[name] for name in request.POST if name.startswith(POPULATION)}
    return {
        name.removeprefix(POPULATION)[:20]: text.strip()[:40]
        for name, text in fields.items()
        if text.strip() or request.POST.get(f"had:{name}") or former
    }


@require_agency_permission("survey.manage")
@require_POST
def open_channel(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    kind = request.POST.get("kind", "")
    if kind not in (Channel.Kind.LINK, *rights.PRINTED_KINDS):
        messages.error(request, "เลือกว่าจะใช้ลิงก์สาธารณะ คำเชิญ หรือบัตรรหัส")
        return redirect_to_desk(code, fiscal_year)
    try:
        channel, is_new = rights.open_once(
            assessment_round=get_round(request, fiscal_year),
            agency=get_object_or_404(Agency, code=code),
            kind=kind,
            instrument=request.POST.get("instrument", "")[:20],
            by=request.user,
        )
        label = f"{channel.get_kind_display()}ของ {channel.instrument}"
        messages.success(request, f"เปิด{label} แล้ว คนตอบได้ทันที" if is_new else f"{label} เปิดอยู่แล้ว ใช้ช่องทางเดิมได้")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect_to_desk(code, fiscal_year)


def get_channel(code: str, channel_id: int) -> Channel:
    """A channel of an agency that its officer manages."""
    managed = Channel.objects.exclude(kind=Channel.Kind.INTERVIEW).select_related("round", "agency")
    return get_object_or_404(managed, pk=channel_id, agency__code=code)


@require_agency_permission("survey.manage")
@require_POST
def close_channel(request: AuthenticatedRequest, code: str, channel_id: int) -> HttpResponse:
    """Close a channel, or replace one that leaked."""
    channel = get_channel(code, channel_id)
    try:
        if "replace" in request.POST:
            actions.replace_channel(channel=channel, by=request.user)
            messages.success(request, "ปิดช่องทางเดิมและเปิดช่องทางใหม่แล้ว ลิงก์และบัตรเดิมใช้ไม่ได้อีก")
        else:
            actions.close_channel(channel=channel, by=request.user)
            messages.success(request, "ปิดช่องทางแล้ว คำตอบที่ได้มาแล้วยังนับอยู่")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect_to_desk(code, channel.round.fiscal_year)


@require_agency_permission("survey.manage")
@require_POST
def print_cards(request: AuthenticatedRequest, code: str, channel_id: int) -> HttpResponse:
    """Order cards or invitations and send them to print; this PDF is the only place that has their numbers."""
    channel = get_channel(code, channel_id)
    try:
        number = numbers.read_whole_number(
            request.POST.get("number", ""), least=1, most=rights.MAX_PRINTED, example="40"
        )
        sheets = rights.print_cards(channel=channel, number=number, site=get_site(request), by=request.user)
    except (DomainError, numbers.NumberError) as error:
        messages.error(request, str(error))
        return redirect_to_desk(code, channel.round.fiscal_year)
    return send_sheets(sheets, channel)


def send_sheets(sheets: bytes, channel: Channel) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{channel.kind}-{channel.slug}.pdf"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(sheets, content_type="application/pdf", headers=headers)


def get_batch(code: str, batch_id: int) -> Batch:
    """A batch of an agency's cards or invitations."""
    batches = Batch.objects.select_related("channel__round", "channel__agency")
    return get_object_or_404(batches, pk=batch_id, channel__agency__code=code)


@require_agency_permission("survey.manage")
@require_POST
def print_batch(request: AuthenticatedRequest, code: str, batch_id: int) -> HttpResponse:
    """Print a batch that was ordered: once."""
    batch = get_batch(code, batch_id)
    try:
        sheets = rights.print_batch(batch=batch, site=get_site(request), by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect_to_desk(code, batch.channel.round.fiscal_year)
    return send_sheets(sheets, batch.channel)


@require_permission("survey.issue")
@require_POST
def withdraw_batch(request: AuthenticatedRequest, code: str, batch_id: int) -> HttpResponse:
    """Void what nobody used of a batch."""
    batch = get_batch(code, batch_id)
    try:
        freed = rights.withdraw_batch(batch=batch, by=request.user)
        messages.success(request, f"เรียกคืนแล้ว {freed:,} สิทธิ์ ออกใหม่ได้ ใบที่ใช้หรือแลกไปแล้วยังนับอยู่")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect_to_desk(code, batch.channel.round.fiscal_year)


@require_permission("survey.issue")
@require_POST
def set_roll(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Fix how many people an agency's form has to ask, by unit. One that is refused is shown as typed."""
    agency, assessment_round = get_object_or_404(Agency, code=code), get_round(request, fiscal_year)
    instrument, text = request.POST.get("instrument", "")[:20], request.POST.get("roll", "")[:40_000]
    try:
        size = rights.set_roll(
            assessment_round=assessment_round,
            agency=agency,
            instrument=instrument,
            roll=rights.parse_roll(text),
            by=request.user,
        )
    except DomainError as error:
        retained = {"roll_typed": {instrument: text}, "roll_problems": {instrument: str(error)}}
        return render_desk(request, agency, assessment_round, status=422, **retained)
    messages.success(request, f"ตั้งบัญชี {instrument} แล้ว {size:,} คน")
    return redirect_to_desk(code, fiscal_year)


@require_permission("survey.issue")
@require_POST
def appoint_printer(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Let an agency print by itself what its roll allows, or no longer."""
    appointed = request.POST.get("appointed") == "1"
    try:
        rights.appoint_printer(
            assessment_round=get_round(request, fiscal_year),
            agency=get_object_or_404(Agency, code=code),
            instrument=request.POST.get("instrument", "")[:20],
            appointed=appointed,
            by=request.user,
        )
        messages.success(request, "แต่งตั้งหน่วยงานเป็นผู้พิมพ์แล้ว" if appointed else "เลิกแต่งตั้งแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect_to_desk(code, fiscal_year)


@require_agency_permission("survey.manage")
@require_POST
def send_reminders(request: AuthenticatedRequest, code: str, channel_id: int) -> HttpResponse:
    """Mail the link to addresses that the officer types; they are used once and not stored."""
    channel, typed = get_channel(code, channel_id), request.POST.get("addresses", "")
    try:
        sent = actions.send_reminders(channel=channel, typed=typed, site=get_site(request), by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        retained = {"reminder_channel": channel, "reminder_addresses": typed[:20_000]}
        return render_desk(request, channel.agency, channel.round, status=422, **retained)
    messages.success(request, f"ส่งคำชวนทางอีเมลแล้ว {sent} ฉบับ ระบบไม่เก็บที่อยู่อีเมลเหล่านี้ไว้")
    return redirect_to_desk(code, channel.round.fiscal_year)


@require_agency_permission("survey.manage")
@require_safe
def print_poster(request: AuthenticatedRequest, code: str, channel_id: int) -> HttpResponse:
    channel = get_channel(code, channel_id)
    poster = actions.print_poster(channel=channel, site=get_site(request))
    headers = {"Content-Disposition": f'attachment; filename="poster-{channel.slug}.pdf"'}
    return HttpResponse(poster, content_type="application/pdf", headers=headers)


# --- the assessor's interviews


@unlogged  # a line would give each answer its minute
@require_agency_permission("survey.interview")
@EDIT
def enter_interview(request: AuthenticatedRequest, code: str, fiscal_year: int, instrument: str) -> HttpResponse:
    """An assessor enters interviews, one by one or from a spreadsheet. They are mixed like any other answers."""
    agency, assessment_round = get_object_or_404(Agency, code=code), get_round(request, fiscal_year)
    try:
        channel = find_or_open_interview_channel(request, assessment_round, agency, instrument)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("desk")
    if reason := queries.find_closed_reason(channel):
        return render(request, "survey/closed.html", {"reason": reason.th, "channel": channel}, status=410)
    if request.method != "POST":
        return render_interview(request, channel)
    return import_interviews(request, channel) if "batch" in request.POST else store_interview(request, channel)


def find_or_open_interview_channel(
    request: AuthenticatedRequest, assessment_round: Round, agency: Agency, instrument: str
) -> Channel:
    """The channel of an agency's interviews. The first one that is entered opens it; who only looks at the form gets
    one that is not stored."""
    kind = Channel.Kind.INTERVIEW
    found = Channel.objects.filter(
        round=assessment_round, agency=agency, instrument=instrument, kind=kind, is_open=True
    )
    if channel := found.first():
        return channel
    if request.method == "POST":
        return actions.open_channel(
            assessment_round=assessment_round, agency=agency, instrument=instrument, kind=kind, by=request.user
        )
    actions.check_channel_may_open(assessment_round=assessment_round, instrument=instrument, kind=kind, agency=agency)
    return Channel(round=assessment_round, agency=agency, instrument=instrument, kind=kind)


def render_interview(
    request: AuthenticatedRequest,
    channel: Channel,
    *,
    upload: InterviewsForm | None = None,
    status: int = 200,
    **values: Any,
) -> HttpResponse:
    context = build_form_context(channel, upload=upload or InterviewsForm(), **values)
    return render(request, "survey/interview.html", context, status=status)


def import_interviews(request: AuthenticatedRequest, channel: Channel) -> HttpResponse:
    upload = InterviewsForm(request.POST, request.FILES)
    problems: list[str] = []
    if is_upload_valid(request, upload):
        path = get_upload_path(upload.cleaned_data["file"])
        try:
            count, problems = actions.import_interviews(channel=channel, path=path, by=request.user)
        except (UnreadableError, DomainError) as error:
            upload.add_error("file", str(error))
        else:
            if count:
                messages.success(request, f"บันทึกแล้ว {count} ชุด")
                return redirect(request.path)
    return render_interview(request, channel, upload=upload, problems=problems, status=422)


def store_interview(request: AuthenticatedRequest, channel: Channel) -> HttpResponse:
    questions = list_questions(load_round_framework(channel.round), channel.instrument)
    answers, choices, missing = parse_answers(questions, request.POST)
    receipt = codes.normalize_code(request.POST.get("receipt", ""))
    if missing or len(receipt) != codes.RECEIPT_LENGTH:
        return render_interview(request, channel, choices=choices, missing=missing, status=422)
    outcome = submit(Submission(channel, answers, codes.digest_code("receipt", receipt), None))
    if outcome == "closed":
        messages.error(request, "แบบวัดเพิ่งปิดรับ ชุดนี้ไม่ถูกบันทึก")
    else:
        messages.success(request, "บันทึกแล้ว 1 ชุด เริ่มคนถัดไปได้เลย")
    return redirect(request.path)


# --- the national office


@require_permission("survey.nation")
@require_safe
def show_sealing_keys(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Which keys a round's answers are sealed to, who holds them, how many are needed, and what is lost without."""
    assessment_round = get_round(request, fiscal_year)
    context = {
        "round": assessment_round,
        "keys": queries.list_keys(assessment_round),
        "seal": queries.find_latest_seal(assessment_round),
        "mixed": queries.count_mixed(assessment_round),
        "unreadable": queries.list_unreadable(assessment_round),
    }
    return render(request, "survey/keys.html", context)


_ACTS_ON_ROUNDS = (actions.seal_in_background, actions.destroy_in_background)


@require_permission("survey.nation")
@require_safe
def national_survey_desk(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """The progress of the nation, the quality of its answers, and the seal."""
    assessment_round = get_round(request, fiscal_year)
    context = {
        "round": assessment_round,
        "progress": queries.find_national_progress(assessment_round),
        "seal": queries.find_latest_seal(assessment_round),
        "works": (works := find_states(_ACTS_ON_ROUNDS, str(assessment_round.pk))),
        "is_changing": any(work.is_active for work in works),
        "proposals": find_proposals(_ACTS_ON_ROUNDS, str(assessment_round.pk)),
        "unfinished": queries.list_unfinished(assessment_round),
        "refused": queries.count_refused(assessment_round).total(),
        "unreadable": queries.count_unreadable(assessment_round),
        "refusals": []
        if queries.find_latest_seal(assessment_round)
        else queries.find_too_little_answered(assessment_round),
        "reopened": [r for r in queries.list_reopened(assessment_round) if _is_unsealed(r)],
        "today": today(),
        "fewest_opened": MIN_BATCH,
    }
    return render(request, "survey/nation.html", context)


def _is_unsealed(reopened: queries.ReopenedSurvey) -> bool:
    """Whether a survey that was opened again is open, or its seal was cut off."""
    return reopened.reopening.resealed is None or not reopened.reopening.resealed.files


_ACTS_ON_RIGHTS = (rights.adopt_in_background, rights.order_in_background)
BATCHES_SHOWN = 100


@require_permission("survey.nation")
@require_safe
def national_rights(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Rolls, and what is issued against them, over the nation."""
    assessment_round = get_round(request, fiscal_year)
    waiting = rights.find_waiting(assessment_round)
    works = find_states(_ACTS_ON_RIGHTS, str(assessment_round.pk))
    context = {
        "round": assessment_round,
        "forms": rights.summarize_nation(assessment_round),
        "waiting": waiting[:BATCHES_SHOWN],
        "total": waiting.count(),
        "kinds": rights.PRINTED_KINDS,
        "works": works,
        "is_changing": any(work.is_active for work in works),
        "seal": queries.find_latest_seal(assessment_round),
    }
    return render(request, "survey/rights.html", context)


@require_permission("survey.issue", binding=True)
@require_POST
def adopt_populations(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Make rolls of the numbers that agencies stated."""
    try:
        say_begun(request, rights.request_adoption(assessment_round=get_round(request, fiscal_year), by=request.user))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("national_rights", fiscal_year=fiscal_year)


@require_permission("survey.issue", binding=True)
@require_POST
def order_nation(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Order what the rolls allow, for every agency that has one."""
    try:
        asked = rights.request_orders(
            assessment_round=get_round(request, fiscal_year),
            instrument=request.POST.get("instrument", "")[:20],
            kind=request.POST.get("kind", "")[:9],
            by=request.user,
        )
        say_begun(request, asked)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("national_rights", fiscal_year=fiscal_year)


@require_permission("survey.issue", binding=True)
@require_POST
def print_waiting(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponseBase:
    """Everything that waits to be printed as a table for a printing house, once."""
    batches = list(rights.find_waiting(get_round(request, fiscal_year)))
    if not batches:
        messages.info(request, "ไม่มีชุดที่รอพิมพ์")
        return redirect("national_rights", fiscal_year=fiscal_year)
    headers = {
        "Content-Disposition": f'attachment; filename="invitations-{fiscal_year}.csv"',
        "Cache-Control": "no-store",
    }
    table = rights.stream_table(batches=batches, site=get_site(request), by=request.user)
    return StreamingHttpResponse(table, content_type="text/csv; charset=utf-8", headers=headers)


SIGNALS_SHOWN = 300


@require_permission("survey.nation")
@require_http_methods(["GET", "HEAD", "POST"])
def stuffing_signals(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """The agencies whose answers the office should look into, the most pressing first, as they were last found; asking
    for them to be found anew."""
    assessment_round = get_round(request, fiscal_year)
    key = str(assessment_round.pk)
    if request.method == "POST":
        asked = actions.find_signals_in_background.request(
            key,
            assessment_round.pk,
            by=request.user,
            about=f"รอบปี {fiscal_year}",
            assessment=request.assessment,
            url=request.path,
        )
        say_begun(request, asked)
        return redirect("stuffing_signals", fiscal_year=fiscal_year)
    report = SignalReport.objects.filter(round=assessment_round).first()
    found = report.signals if report else []
    agencies = Agency.objects.in_bulk([s["agency"] for s in found[:SIGNALS_SHOWN]])
    context = {
        "round": assessment_round,
        "report": report,
        "work": actions.find_signals_in_background.state(key),
        "signals": [{**s, "agency": agencies[s["agency"]]} for s in found[:SIGNALS_SHOWN]],
        "total": len(found),
        "shown": SIGNALS_SHOWN,
        "smallest": queries.MIN_GROUP_SIZE,
    }
    return render(request, "survey/signals.html", context)


def redirect_to_national_desk(fiscal_year: int) -> HttpResponse:
    return redirect("national_survey_desk", fiscal_year=fiscal_year)


@require_permission("survey.export")
@require_safe
def export_answers(request: AuthenticatedRequest, fiscal_year: int, name: str) -> HttpResponseBase:
    """A sealed file as it is, or its rows as CSV, streamed."""
    assessment_round, file_name = get_round(request, fiscal_year), name.removesuffix(".csv")
    try:
        path = actions.export_sealed_file(assessment_round=assessment_round, name=file_name, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect_to_national_desk(fiscal_year)
    if name == file_name:
        return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
    attachment = {"Content-Disposition": f'attachment; filename="{path.stem}-{fiscal_year}.csv"'}
    return StreamingHttpResponse(actions.stream_csv(path), content_type="text/csv; charset=utf-8", headers=attachment)


@require_permission("survey.seal", binding=True)
@require_POST
def seal_survey(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    try:
        asked = actions.request_seal(
            assessment_round=get_round(request, fiscal_year), leave_out="leave_out" in request.POST, by=request.user
        )
        say_begun(request, asked)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect_to_national_desk(fiscal_year)


@require_permission("survey.seal", binding=True)
@require_POST
def destroy_answers(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    try:
        require_typed(request.POST.get("typed", ""), fiscal_year)
        asked = actions.request_destruction(assessment_round=get_round(request, fiscal_year), by=request.user)
        say_begun(request, asked)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect_to_national_desk(fiscal_year)
