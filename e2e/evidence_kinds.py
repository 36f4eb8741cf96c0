"""What the links of one filing show, of every kind of evidence, stored without a fetch: for the journey of an assessor.

python -m e2e.evidence_kinds AGENCY YEAR FILE          stores a check of each link; FILE holds what was there. Prints
                                                       the item whose link shows what a register of the agency says
python -m e2e.evidence_kinds AGENCY YEAR FILE --back   puts the links back as they were
"""

import io
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from prongsai.links import STATE_TH

KINDS = (
    "page",
    "pdf",
    "scan",
    "docx",
    "xlsx",
    "rendered",
    "needs_script",
    "hijacked",
    "moved",
    "sign_in",
    "soft_404",
    "certificate",
    "mismatch",
    "dead",
)
REGISTER, EXPLANATION, NOTHING = "register", "explanation", "nothing"
# what the assessor reads beside a link of the kind, or without one
WORDS = {"scan": "ไฟล์นี้เป็นภาพ", NOTHING: "หน่วยงานไม่ได้ยื่นลิงก์ในข้อนี้"}
WORDS |= {kind: STATE_TH[kind] for kind in KINDS if kind in STATE_TH}
_STATES = {"needs_script": ("review", "needs_script"), "certificate": ("certificate", "certificate_expired")}
_FIELDS = ("state", "state_since", "alarm_since", "last_check_id", "next_check_at", "next_reason", "render_since")
_DOCUMENTS = ("pdf", "docx", "xlsx", "scan")


def _picture() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (1280, 700), "#dde").save(out, "WEBP")
    return out.getvalue()


def evidence_of(items: Sequence[str], register: str) -> dict[str, str]:
    """The kind of evidence of each item: nothing for the last, an explanation without a link for the one before, what a
    register says for its own; the first others one kind each, and then pages."""
    kinds = dict.fromkeys(items, "page") | {items[-1]: NOTHING, items[-2]: EXPLANATION}
    assert kinds[register] == "page"
    kinds[register] = REGISTER
    others = [item for item, kind in kinds.items() if kind == "page"]
    return kinds | dict(zip(others, KINDS, strict=False))


def _write_register_page(agency: object, assessment_round: object) -> tuple[str, bytes]:
    """An item that a register of the agency holds, and the public page that the site makes of it. Nothing is left of
    that page afterwards."""
    from django.db import transaction
    from django.test import Client

    from prongsai.registry.queries import officers_of
    from prongsai.sites import item_pages, register_pages

    shown = item_pages.load_pages(agency, assessment_round)
    draft = next(d for d in map(register_pages.draft_page, shown) if d.is_complete)
    with transaction.atomic():
        by = officers_of(agency)[0]
        filled = register_pages.fill_page(draft=draft, seen=draft.key, files=[], by=by)
        item_pages.publish_page(shown=filled, by=by)
        address = f"/agency/{agency.code}/{assessment_round.fiscal_year}/page/{draft.shown.item.id}/"
        answer = Client(HTTP_HOST="localhost").get(address, follow=True)
        assert answer.status_code == 200, answer.status_code
        transaction.set_rollback(True)
    return draft.shown.item.id, answer.content


def _body(kind: str) -> tuple[bytes, str]:
    from tests.evidence.element_pages import make_page
    from tests.intake.scanned import as_pdf, scan

    if kind == "scan":
        return as_pdf(scan(["ประกาศเจตนารมณ์", "ผู้บริหารลงนามแล้ว"], random.Random(1))), "application/pdf"
    page = make_page("development", kind if kind in _DOCUMENTS else "sections", 3)
    return page.body, page.media_type


def store(link: object, kind: str, body: bytes, media_type: str) -> None:
    """One check of a link, of a kind of evidence with this answer; its state is what that check saw."""
    from datetime import timedelta

    from django.utils import timezone
    from tests.disclosure.filed import observe

    from prongsai import links
    from prongsai.disclosure.link_checks import check_policy, make_target, store_check

    state, error = _STATES.get(kind, (kind if kind in links.STATES else "ok", ""))
    seen = observe(
        make_target(link), state, error=error, body=body, text_digest=f"{(*KINDS, REGISTER).index(kind):064d}"
    )
    fields = {name: getattr(seen, name) for name in seen.__dataclass_fields__}
    if state not in ("dead", "certificate"):
        fields |= {
            "status": 200,
            "body": body,
            "declared_type": media_type,
            "sniffed_type": media_type.partition(";")[0],
        }
        fields["response_headers"] = (("Content-Type", media_type),)
    fields |= {"has_text": kind != "scan", "notes": ("rendered",) if kind == "rendered" else ()}
    observation = links.Observation(**fields)
    link.next_reason = "filing"
    rendered = links.Rendered(observation, body, _picture()) if kind == "rendered" else None
    store_check(link, observation, check_policy(), rendered=rendered)
    type(link).objects.filter(pk=link.pk).update(state=state, next_check_at=timezone.now() + timedelta(days=30))


def main(code: str, year: str, file: str, *back: str) -> None:
    import django

    django.setup()
    from django.db.models import Q
    from django.utils import timezone

    from prongsai.disclosure.models import Change, Link, LinkCheck
    from prongsai.registry.queries import load_round_framework

    filed = Link.objects.filter(entry__filing__agency__code=code, entry__filing__round__fiscal_year=year, until=None)
    if back:
        saved = json.loads(Path(file).read_text("utf-8"))
        for pk, fields in saved["links"].items():
            Link.objects.filter(pk=pk).update(**fields)
        Change.objects.filter(Q(link__in=filed), pk__gt=saved["change"]).delete()
        LinkCheck.objects.filter(link__in=filed, pk__gt=saved["check"]).delete()
        return
    until = time.monotonic() + 60
    waiting = Q(last_check=None) | Q(next_check_at__lte=timezone.now())
    while filed.filter(waiting).exists() and time.monotonic() < until:  # the worker is at them
        time.sleep(0.3)
    saved = {
        "links": {row.pop("pk"): row for row in filed.values("pk", *_FIELDS)},
        "check": LinkCheck.objects.order_by("-pk").values_list("pk", flat=True).first() or 0,
        "change": Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0,
    }
    Path(file).write_text(json.dumps(saved, default=str), "utf-8")
    ordered = sorted(
        filed.select_related("entry__filing__agency", "entry__filing__round"),
        key=lambda x: (int(x.entry.item[1:]), x.position, x.pk),
    )
    first = {link.entry.item: link for link in reversed(ordered)}  # of each item
    filing = ordered[0].entry.filing
    register, written = _write_register_page(filing.agency, filing.round)
    print(register)
    rules = load_round_framework(filing.round).rules
    for item, kind in evidence_of([i.id for i in rules.disclosure_items], register).items():
        if kind == REGISTER:
            store(first[item], kind, written, "text/html; charset=utf-8")
        elif kind not in ("page", EXPLANATION, NOTHING):
            store(first[item], kind, *_body(kind))


if __name__ == "__main__":
    main(*sys.argv[1:])
