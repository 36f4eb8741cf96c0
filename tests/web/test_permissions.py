"""Who may open what: a table of every address, by role, on one's own agency and on another's.

The table is written out by hand, apart from the code's own; an address that is not in it fails.
"""

import datetime
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from prongsai.jobs.models import Job
from prongsai.people.models import AuditEntry, Proposal
from prongsai.publiclog.actions import append_entry, sign_checkpoint
from prongsai.publiclog.models import Cosignature
from tests.conftest import sample_year

EVERYBODY = "public office assessor officer executive auditor"
SIGNED_IN = "office assessor officer executive auditor"
# address name: (who may on their own agency, who may on another's); one entry when no agency is named in the address
TABLE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        [
            "home",
            "robots",
            "sitemap_index",
            "sitemap",
            "feed",
            "agency_feed",
            "preview_card",
            "chart_file",
            "chart_picture",
            "favicon",
            "app_icon",
            "manifest",
            "embedded_result",
            "search",
            "agency",
            "agency_year",
            "receipt",
            "earlier",
            "earlier_receipt",
            "corrections",
            "compare",
            "rankings",
            "rankings_file",
            "nation",
            "nation_year",
            "agency_years",
            "what_it_means",
            "ita",
            "score_pairs",
            "methodology",
            "methodology_year",
            "rules_file",
            "downloads",
            "describe_api",
            "ask_alert",
            "confirm_alert",
            "stop_alerts",
            "datapackage",
            "dcat",
            "ckan",
            "download",
            "data_glossary",
            "gallery",
            "about",
            "privacy",
            "accessibility",
            "contact",
            "health",
            "is_live",
            "is_ready",
            "public_log",
            "verify_page",
            "log_checkpoint",
            "log_key",
            "log_tile",
            "log_timestamp",
            "set_language",
        ],
        (EVERYBODY,),
    ),
    **dict.fromkeys(("desk", "account", "notices", "save_view"), (SIGNED_IN,)),
    **dict.fromkeys(("user_list", "audit_trail", "installation", "jobs"), ("office auditor",)),
    **dict.fromkeys(
        ("cancel_job", "retry_job", "invite_user", "set_user_active", "recover_user", "act_on_users"), ("office",)
    ),
    **dict.fromkeys(
        (
            "agency_list",
            "round_list",
            "round",
            "allocation",
            "assessor_list",
            "steering",
            "steered_agencies",
            "round_report",
            "filing_list",
        ),
        ("office auditor",),
    ),
    **dict.fromkeys(
        [
            "assessment_list",
            "act_on_agencies",
            "upload_agency_list",
            "agency_list_template",
            "agency_import",
            "edit_agency",
            "close_agency",
            "agency_appointments",
            "set_phases",
            "set_round_status",
            "take_back_round",
            "enroll_agencies",
            "assign_agencies",
            "draw_allocation",
            "act_on_allocation",
            "release_allocation",
            "take_back_allocation",
            "drop_allocation",
            "act_on_assessors",
            "act_on_steered",
            "act_on_filings",
            "export_filings",
            "table_list",
            "table",
            "round_table",
            "table_file",
            "table_upload",
            "table_problems",
            "agency_deadlines",
        ],
        ("office",),
    ),
    **dict.fromkeys(("answer_survey", "explain_survey", "exchange_invitation", "check_receipt"), (EVERYBODY,)),
    "declare_interest": ("assessor",),
    **dict.fromkeys(
        (
            "result_sets",
            "result_set",
            "national_survey_desk",
            "stuffing_signals",
            "export_answers",
            "show_sealing_keys",
            "national_rights",
        ),
        ("office auditor",),
    ),
    **dict.fromkeys(("seal_survey", "destroy_answers", "resend_invitation"), ("office",)),
    **dict.fromkeys(("confirm_proposal", "withdraw_proposal"), ("office",)),
    **dict.fromkeys(
        (
            "set_roll",
            "appoint_printer",
            "withdraw_batch",
            "adopt_populations",
            "order_nation",
            "print_waiting",
        ),
        ("office",),
    ),
    "survey_desk": ("office auditor officer executive", "office auditor"),
    **dict.fromkeys(
        (
            "set_population",
            "open_channel",
            "close_channel",
            "print_cards",
            "print_batch",
            "print_poster",
            "send_reminders",
        ),
        ("office officer", "office"),
    ),
    "enter_interview": ("assessor", ""),
    "oit_all": ("officer", ""),
    **dict.fromkeys(
        ("oit_desk", "oit_todo", "oit_item", "link_report"), ("office auditor officer executive", "office auditor")
    ),
    "oit_confirm": ("executive", ""),
    "oit_remark": ("officer executive", ""),
    **dict.fromkeys(("oit_replace_link", "oit_check", "oit_clarify"), ("officer", "")),
    **dict.fromkeys(("marking", "mark_blind_review", "mark_decide", "draw_dispute", "return_dispute"), ("assessor",)),
    **dict.fromkeys(("marking_agency", "marking_evidence", "marking_release", "mark_item"), ("assessor", "")),
    **dict.fromkeys(
        ("snapshot", "snapshot_comparison", "page_picture"),
        ("office auditor assessor officer executive", "office auditor assessor"),
    ),
    **dict.fromkeys(("oit_nation", "reopenings"), ("office auditor",)),
    **dict.fromkeys(("oit_sample", "oit_seal", "reopen_item", "decide_reopened", "reopen_survey"), ("office",)),
    **dict.fromkeys(("oit_page", "oit_embed", "oit_badge", "oit_export", "oit_feed"), (EVERYBODY,)),
    **dict.fromkeys(
        [
            "plans",
            "plan",
            "plan_board",
            "plan_timeline",
            "measure",
            "plan_outcome",
            "plan_what_if",
            "plan_report",
            "plan_report_xlsx",
            "plan_xlsx",
            "evidence",
            "registers",
            "registers_of_year",
            "register",
        ],
        ("office auditor officer executive", "office auditor"),
    ),
    **dict.fromkeys(
        (
            "plan_start",
            "plan_edit",
            "plan_submit",
            "plan_withdraw",
            "plan_discard",
            "plan_library",
            "follow_up",
            "plan_follow_ups",
        ),
        ("officer", ""),
    ),
    **dict.fromkeys(("plan_decide", "plan_publish"), ("executive", "")),
    **dict.fromkeys(
        ("register_start", "register_edit", "register_paste", "register_submit", "register_withdraw"), ("officer", "")
    ),
    **dict.fromkeys(("register_decide", "register_publish"), ("executive", "")),
    "public_register": (EVERYBODY,),
    "library": ("office auditor officer executive",),
    **dict.fromkeys(("plans_nation", "plans_nation_year"), ("office auditor",)),
    "public_plan": (EVERYBODY,),
    **dict.fromkeys(
        [
            *("papers_newest", "papers", "paper_preview", "paper_file"),
            *("memo", "memo_file", "offered_paper", "memo_files", "memo_scan"),
        ],
        ("office auditor officer executive", "office auditor"),
    ),
    **dict.fromkeys(
        (
            "papers_settings",
            "papers_emblem",
            "papers_template",
            "papers_starter",
            "write_memo",
            "write_register_memo",
            "paper_issue",
            "memo_redirect",
            "memo_number",
            "memo_signed",
            "memo_unsigned",
            "write_memo_files",
            "edit_text",
        ),
        ("officer", ""),
    ),
    "memo_sign": ("officer executive", ""),
    "papers_batch": ("office",),
    **dict.fromkeys(
        [
            *("public_channels", "public_channel", "write_complaint", "follow_complaint", "ask_question"),
            *("asked_question", "consultations_of_year", "complaint_procedure", "complaint_statistics"),
            *("rate_service", "public_satisfaction", "satisfaction_of_year"),
            *("public_consultations", "public_consultation", "give_opinion", "opinion"),
        ],
        (EVERYBODY,),
    ),
    **dict.fromkeys(
        [
            *("item_page", "item_page_version", "item_page_embed", "page_file", "page_table"),
            *("agency_section", "agency_emblem"),
        ],
        (EVERYBODY,),
    ),
    **dict.fromkeys(
        [
            *("item_page_edit", "item_page_file", "file_channels", "item_pages", "hide_version"),
            "item_page_registers",
            *("section_desk", "section_download"),
            *("page_parts", "page_part_remove", "table_draft", "blank_table"),
        ],
        ("officer", ""),
    ),
    **dict.fromkeys(("readiness", "readiness_of_year"), ("office auditor officer executive", "office auditor")),
    "channels_desk": ("office auditor officer executive", "office auditor"),
    **dict.fromkeys(
        [
            *("channel_settings", "publish_statistics", "services", "service", "service_poster", "service_comments"),
            *("publish_satisfaction", "consultations", "consultation", "open_consultation", "opinions"),
            "consultation_result",
        ],
        ("officer executive", ""),
    ),
    **dict.fromkeys(("questions", "question"), ("officer", "")),
    **dict.fromkeys(
        [
            *("complaints", "complaint", "complaint_take", "complaint_write", "complaint_close"),
            *("complaint_transfer", "complaint_raise", "complaint_picture"),
        ],
        ("office officer executive", "office"),
    ),
    "office_complaints": ("office",),
    **dict.fromkeys(("rulebooks", "rulebook", "rules_workbook", "rehearsal", "rehearsal_table"), ("office auditor",)),
    **dict.fromkeys(
        ("upload_rules", "edit_rules", "edit_rule", "rehearse", "announce_rules", "withdraw_rules", "discard_rules"),
        ("office",),
    ),
    **dict.fromkeys(("agency_desk", "agency_result"), ("office auditor officer executive", "office auditor")),
    **dict.fromkeys(("upload_document", "type_result"), ("office officer", "office")),
    **dict.fromkeys(("import_document", "import_cutting"), ("office officer", "office")),
    **dict.fromkeys(["publish", "withdraw", "open_receipt", "run_round", "upload_bulk", "bulk_import"], ("office",)),
}
# pages of libraries have a table of their own below
LIBRARIES = ("account/", "api/")


def addresses(patterns=None, before=""):
    """Every address of ours: (name, pattern)."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        route = before + str(pattern.pattern)
        if route.startswith(LIBRARIES):
            continue
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield pattern.name, pattern


def of_libraries(patterns=None, before=""):
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from of_libraries(pattern.url_patterns, route)
        elif route.startswith("account/"):
            yield route


# what somebody who is not signed in gets of allauth: the page, or the way to signing in
OPEN_ACCOUNT_PAGES = {
    "account/login/",
    "account/logout/",
    "account/signup/",
    "account/password/reset/",
    "account/password/reset/done/",
    "account/password/reset/key/done/",
    "account/inactive/",
    "account/confirm-email/",
    "account/reauthenticate/",
    "account/2fa/authenticate/",
    "account/2fa/webauthn/login/",
    "account/2fa/webauthn/signup/",
    "account/2fa/webauthn/reauthenticate/",
    "account/2fa/reauthenticate/",
    "account/3rdparty/login/cancelled/",
    "account/3rdparty/login/error/",
    "account/3rdparty/signup/",
    "account/2fa/trust/",
}


def test_every_address_is_in_the_table():
    names = {name for name, _ in addresses()}
    assert names == set(TABLE)


def test_every_view_of_ours_says_its_action():
    from prongsai.people.access import PERMISSIONS

    for name, pattern in addresses():
        action = getattr(pattern.callback, "action", None)
        assert action == "public" or action in PERMISSIONS, name
        assert (action == "public") == (TABLE[name] == (EVERYBODY,)), name


def test_account_pages_of_others_ask_to_sign_in(client, db):
    assert client.get("/account/email/").status_code == 404  # addresses are the office's to change
    for route in sorted(set(of_libraries()) - OPEN_ACCOUNT_PAGES - {"account/email/"}):
        if "<" in route or "(" in route:
            continue  # takes a key of its own
        response = client.get(f"/{route}")
        if response.status_code == 301:  # an older name of another page in this list
            assert response["Location"].removeprefix("/") in set(of_libraries()), route
            continue
        assert response.status_code == 302, route
        assert "/account/login/" in response["Location"], route


def test_nobody_signs_up(client, db):
    from prongsai.people.models import User

    page = client.post("/account/signup/", {"email": "new@example.test", "password1": "correct horse battery"})
    assert page.status_code in (200, 302)
    assert not User.objects.exists()


def test_every_route_of_the_api_only_reads():
    from prongsai.web.api import api

    schema = api.get_openapi_schema()
    for path, operations in schema["paths"].items():
        assert set(operations) == {"get"}, path
    assert set(schema["paths"]) == {
        "/api/agencies",
        "/api/agencies/{code}",
        "/api/agencies/{code}/results",
        "/api/rounds",
        "/api/rounds/{fiscal_year}/indicators",
        "/api/rounds/{fiscal_year}/ranking",
        "/api/rounds/{fiscal_year}/results",
    }


def parts_of(plan):
    from prongsai.improvement.models import Evidence

    measure = plan.measures.first()
    evidence = Evidence.objects.exclude(stored_as="").get(follow_up__measure=measure)
    return {"measure_id": measure.pk, "evidence_id": evidence.pk}


@pytest.fixture
def site(people, agencies, running_round, published, imported, settings):
    """Something behind every address, and what its parts are called, for one's own agency and for another."""
    from prongsai.disclosure.filing_list import name_export
    from prongsai.registry.models import AgencyImport, TableFile, TableUpload
    from prongsai.results.document_reading import store_cuttings
    from prongsai.results.models import Import
    from prongsai.rulebooks.actions import begin_draft
    from prongsai.rulebooks.models import Rehearsal
    from prongsai.rulebooks.queries import frameworks
    from tests.conftest import upload

    listing = AgencyImport.objects.create(
        assessment_id="ita", by=people["office"], file_name="x.csv", file_digest="", rows=[], problems=[]
    )
    table = {"assessment_id": "ita", "kind": "users", "by": people["office"], "stored_as": "tables/a.xlsx"}
    (settings.MEDIA_ROOT / "tables").mkdir(parents=True, exist_ok=True)
    (settings.MEDIA_ROOT / "tables" / "a.xlsx").touch()
    came_back = TableUpload.objects.create(
        **table, file_name="x.xlsx", file_digest="", problem_file="tables/a.xlsx", status="waiting"
    )
    (settings.MEDIA_ROOT / "exports").mkdir(parents=True, exist_ok=True)
    (settings.MEDIA_ROOT / name_export(running_round, people["office"])).touch()
    nation = Import.objects.create(
        assessment_id="ita",
        shape="nation",
        status="ready",
        file_name="x.xlsx",
        file_digest="",
        stored_as="",
        fiscal_year=sample_year(),
        by=people["office"],
    )
    foreign = upload(agencies[1], people["office"], "bangpla-2568.txt")
    from prongsai.disclosure.allocation import Choices, draw
    from prongsai.results import alerts
    from prongsai.survey.actions import open_channel
    from prongsai.survey.models import Batch

    draw(assessment_round=running_round, choices=Choices(), by=people["office"])
    channels = [
        open_channel(assessment_round=running_round, agency=a, instrument="IIT", kind="link", by=people["office"])
        for a in agencies
    ]
    batches = [Batch.objects.create(channel=channel, size=1) for channel in channels]
    from tests.improvement.plans import approved_plan

    plans = [approved_plan(a, people, public=True) for a in agencies]
    from tests.improvement.sheets import approved_sheet

    for agency in agencies:
        approved_sheet(agency, people, year=sample_year(), public=True)
    rulebook = begin_draft(
        source=frameworks("ita")[sample_year()], assessment="ita", fiscal_year=sample_year(), by=people["office"]
    )
    rehearsal = Rehearsal.objects.create(
        edition=rulebook.draft,
        previous_year=sample_year() - 1,
        parcels="",
        status=Rehearsal.Status.FAILED,
        table="rehearsals/a.csv",
    )
    (settings.MEDIA_ROOT / "rehearsals").mkdir(parents=True, exist_ok=True)
    (settings.MEDIA_ROOT / rehearsal.table).touch()
    common = {
        "token": alerts.encrypt_wish(alerts.Wish("citizen@example.org", "th", "all")),
        "stop_token": "x",
        "key": "instruments",
        "part": "IIT",
        "rehearsal_id": rehearsal.pk,
        "instrument": "EIT2",
        "slug": channels[0].slug,
        "fiscal_year": sample_year(),
        "section": "results",
        "form": "csv",
        "side": 180,
        "glossary": "codebook",
        "day": _store_round_report(running_round),
        "kind": "summary",
        "register": "action_plan",
        "name": "answers-IIT.parquet",
        "half": "six",
        "table_name": "enrolment",
        "table": "projects",
        "suffix": "pdf",
        "upload_id": came_back.pk,
        "file_id": TableFile.objects.create(**table, count=1).pk,
        "list_id": listing.pk,
        "user_id": people["auditor"].pk,
        "result_set_id": published[0].pk,
        "publication_id": _correct(published[0]),
        "proposal_id": Proposal.objects.create(
            act="results.publish_in_background", subject="0", arguments=[], assessment="ita", by=people["office"]
        ).pk,
        "job_id": Job.objects.create(name="results.read_import", queue="files").pk,
        **_store_log(),
    }
    from tests.disclosure.filed import disputed
    from tests.documents.stored import store_paper_and_memo

    store_cuttings(imported, {"หน้า 1 บรรทัด 1": b"\xff\xd8"})
    channels_of = [_open_channels(a, people, settings.MEDIA_ROOT) for a in agencies]
    filed = [{**disputed(a, running_round, people), **store_paper_and_memo(a, people)} for a in agencies]
    common["reopening_id"] = _reopen(running_round, filed[0], people["office"])
    own = {
        **common,
        **filed[0],
        **channels_of[0],
        **parts_of(plans[0]),
        "channel_id": channels[0].pk,
        "batch_id": batches[0].pk,
        "code": "A1",
        "import_id": imported.pk,
        "month": _store_link_report(filed[0]["filing_id"]),
    }
    other = {
        **common,
        **filed[1],
        **channels_of[1],
        **parts_of(plans[1]),
        "channel_id": channels[1].pk,
        "batch_id": batches[1].pk,
        "code": "B2",
        "import_id": foreign.pk,
        "month": _store_link_report(filed[1]["filing_id"]),
    }
    return own, other, nation.pk


def _open_channels(agency, people, folder):
    """Open channels with a question, and a complaint that has a picture; a page with a file and a table; an emblem."""
    from prongsai.documents.models import DocumentSettings
    from prongsai.lib import fiscal
    from prongsai.sites import actions
    from prongsai.sites.models import Attachment, ChannelSettings, FiledVersion, MonthStatistics, SectionExport
    from prongsai.sites.queries import count_month
    from tests.sites.conftest import attach_parts, send, write_item_page

    settings = ChannelSettings(agency=agency, questions_open=True, complaints_open=True, procedure="รับ แล้วตรวจสอบ")
    actions.set_channels(settings=settings, by=people["officer"])
    question = actions.ask_question(agency=agency, text="ถาม", reference="")
    complaint = send(agency, pictures=[b"picture"])
    DocumentSettings.objects.update_or_create(agency=agency, defaults={"emblem": b"png"})
    (folder / "section.zip").touch()
    SectionExport.objects.create(agency=agency, stored_as="section.zip", size=0, pages=1, by=people["officer"])
    service = _name_service(agency, people)
    first_day = fiscal.first_day(sample_year())
    counted = count_month(agency, first_day)
    MonthStatistics.objects.create(agency=agency, first_day=first_day, content=counted, by=people["office"])
    shown = write_item_page(agency, by=people["officer"])
    FiledVersion.objects.create(version=shown.version, by=people["officer"])
    return {
        **attach_parts(shown, folder, by=people["officer"]),
        "question_id": question.pk,
        "reference": question.reference,
        "case_number": complaint.number,
        "channel": "questions",
        "picture": Attachment.objects.get(message__complaint=complaint).pk,
        "service_id": service.pk,
        "service_slug": service.slug,
        **_consult(agency, people),
    }


def _store_round_report(assessment_round):
    """A report of a day that is over; its day."""
    from prongsai.machines import files
    from prongsai.web.round_reports import name_report

    day = datetime.date(2026, 1, 5)
    files.store_bytes(f"{name_report(assessment_round, day)}.pdf", b"%PDF")
    return str(day)


def _store_link_report(filing_id):
    """The report of the first month in which links were checked; that month."""
    from prongsai.disclosure.models import Filing
    from prongsai.disclosure.queries import checked_months
    from prongsai.machines import files
    from prongsai.web.link_reports import name_report

    filing = Filing.objects.get(pk=filing_id)
    month = checked_months(filing)[-1]
    files.store_bytes(f"{name_report(filing, month)}.pdf", b"%PDF")
    return f"{month:%Y-%m}"


def _name_service(agency, people):
    """A service with a month of answers that is published."""
    from prongsai.lib import fiscal
    from prongsai.sites import satisfaction
    from prongsai.sites.opinions import Service, ServiceMonth

    service = satisfaction.save_service(service=Service(agency=agency, name="งานคลัง"), by=people["officer"])
    first_day = fiscal.first_day(sample_year())
    ServiceMonth.objects.create(agency=agency, first_day=first_day, content=[], by=people["officer"])
    return service


def _consult(agency, people):
    """An open consultation with an opinion."""
    from prongsai.registry.queries import today
    from prongsai.sites import consultations
    from prongsai.sites.opinions import Consultation

    draft = Consultation(agency=agency, title="สวน", text="สวน", purpose="แผน", closes_on=today())
    consultation = consultations.save_consultation(consultation=draft, by=people["officer"])
    consultation = consultations.open_consultation(consultation=consultation, by=people["officer"])
    token = consultations.draw_token()
    consultations.give_opinion(consultation=consultation, choice=None, text="ดี", token=token)
    Consultation.objects.update(opened_on=datetime.date(2010, 1, 1))  # in every year of the rules
    return {"consultation_id": consultation.pk, "opinion_token": token}


def _reopen(assessment_round, filed, office):
    """An item that was opened again after the seal."""
    from prongsai.disclosure.models import Mark, MarksSeal, Reopening

    seal = MarksSeal.objects.create(round=assessment_round, agencies=2, marks=2, missing=0, digest="0" * 64)
    mark = Mark.objects.filter(filing=filed["filing_id"], item=filed["item"]).latest("pk")
    return Reopening.objects.create(
        filing_id=filed["filing_id"],
        item=filed["item"],
        seal=seal,
        mark=mark,
        by=office,
        ground="appeal",
        number="1/2569",
        dated=datetime.date(2026, 1, 1),
        reason="รับอุทธรณ์",
    ).pk


def _correct(result_set):
    """A publication that corrected one before it."""
    from prongsai.results.models import CorrectedResult, Erratum

    publication, result = result_set.publications.get(), result_set.results.get()
    erratum = Erratum.objects.create(publication=publication, reason="รับอุทธรณ์", agencies=1, moved=0)
    CorrectedResult.objects.create(
        erratum=erratum, agency=result.agency, before=result, published_by=publication, ranks=[[2, 3], None]
    )
    return publication.pk


def _store_log():
    """A signed, time-stamped state of the public log; gives the parts of the addresses of its files."""
    append_entry(kind="audit_head", data={})
    checkpoint = sign_checkpoint()
    stamp = Cosignature.objects.create(checkpoint=checkpoint, name="tsa.example", token=b"stamp")
    return {"size": checkpoint.size, "number": stamp.pk, "level": "0", "place": f"000.p/{checkpoint.size}"}


@contextmanager
def guard_alone(pattern):
    """The guard of an address with nothing behind it: 204 for whoever is let through."""
    guarded = pattern.callback
    while "view" not in guarded.__code__.co_freevars:
        guarded = guarded.__wrapped__
    cell = guarded.__closure__[guarded.__code__.co_freevars.index("view")]
    view = cell.cell_contents
    cell.cell_contents = lambda *_, **__: HttpResponse(status=204)
    try:
        yield
    finally:
        cell.cell_contents = view


def address_of(name, pattern, site, whose):
    parts = {k: site[whose][k] for k in pattern.pattern.converters}
    if name == "bulk_import":
        parts["import_id"] = site[2]
    if name == "import_cutting":
        parts["number"] = 0
    if name in ("item_page_version", "hide_version"):
        parts["number"] = 1
    if name in ("paper_file", "memo_file", "round_report", "link_report"):
        parts["form"] = "pdf"
    if name == "write_register_memo":
        parts["kind"] = "action_plan"
    return reverse(name, kwargs=parts)


def visit(rf, user, pattern, address):
    """Call a guarded view as its user, without middleware and error pages; gives a status and where it redirects."""
    request = rf.get(address)
    request.user, request.htmx, request.assessment = user, False, "ita"
    try:
        with guard_alone(pattern):
            response = pattern.callback(request, **resolve(address).kwargs)
    except PermissionDenied:
        return 403, ""
    return response.status_code, response.get("Location", "")


def test_the_table(rf, people, site):
    """Every address, by every role, of one's own agency and of another: let through or refused as the table says."""
    wrong = []
    for name, pattern in addresses():
        if TABLE[name] == (EVERYBODY,):
            continue  # has no guard; see the next test
        for whose, allowed in enumerate(TABLE[name]):
            address = address_of(name, pattern, site, whose)
            for role in EVERYBODY.split():
                status, location = visit(rf, people.get(role, AnonymousUser()), pattern, address)
                if role in allowed.split():
                    right = status == 204
                elif role == "public":
                    right = status == 302 and location.startswith("/account/login/")
                else:
                    right = status == 403
                if not right:
                    wrong.append((role, name, "own" if whose == 0 else "other", status))
    assert not wrong


def test_refused_posts_change_nothing(client, people, site):
    before = AuditEntry.objects.count()
    for role in ("assessor", "officer", "executive", "auditor"):
        client.force_login(people[role])
        for name, pattern in addresses():
            if TABLE[name] == ("office",):
                form = {"status": "closed", "all": "1", "confirm": "1"}
                assert client.post(address_of(name, pattern, site, 0), form).status_code == 403, (role, name)
        assert client.post(reverse("round_list"), {"fiscal_year": sample_year() - 1}).status_code == 403, role
    assert AuditEntry.objects.count() == before


def test_the_auditor_writes_nothing():
    from prongsai.people.access import PERMISSIONS
    from prongsai.people.roles import Role

    reads = {
        "people.self",
        "jobs.list",
        "people.list",
        "people.trail",
        "people.installation",
        "registry.desk",
        "registry.round",
        "rulebooks.read",
        "results.read",
        "results.list",
        "survey.read",
        "survey.nation",
        "survey.export",
        "disclosure.read",
        "disclosure.evidence",
        "disclosure.nation",
        "documents.read",
        "improvement.read",
        "improvement.library",
        "improvement.nation",
        "sites.read",
    }
    assert {a for a, roles in PERMISSIONS.items() if Role.AUDITOR in roles} <= reads
