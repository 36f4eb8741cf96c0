"""What the links of one filing show, of every kind of evidence, stored without a fetch: for the journey of an assessor.

python -m e2e.evidence_kinds AGENCY YEAR FILE          stores a check of each link; FILE holds what was there
python -m e2e.evidence_kinds AGENCY YEAR FILE --back   puts the links back as they were
"""

import io
import json
import random
import sys
import time
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
# what the assessor reads beside a link of the kind
WORDS = {"scan": "ไฟล์นี้เป็นภาพ"} | {kind: STATE_TH[kind] for kind in KINDS if kind in STATE_TH}
_STATES = {"needs_script": ("review", "needs_script"), "certificate": ("certificate", "certificate_expired")}
_FIELDS = ("state", "state_since", "alarm_since", "last_check_id", "next_check_at", "next_reason", "render_since")
_DOCUMENTS = ("pdf", "docx", "xlsx", "scan")


def _picture() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (1280, 700), "#dde").save(out, "WEBP")
    return out.getvalue()


def _body(kind: str) -> tuple[bytes, str]:
    from tests.evidence.element_pages import make_page
    from tests.intake.scanned import as_pdf, scan

    if kind == "scan":
        return as_pdf(scan(["ประกาศเจตนารมณ์", "ผู้บริหารลงนามแล้ว"], random.Random(1))), "application/pdf"
    page = make_page("development", kind if kind in _DOCUMENTS else "sections", 3)
    return page.body, page.media_type


def store(link: object, kind: str) -> None:
    """One check of a link, of a kind of evidence; its state is what that check saw."""
    from datetime import timedelta

    from django.utils import timezone
    from tests.disclosure.filed import observe

    from prongsai import links
    from prongsai.disclosure.link_checks import check_policy, make_target, store_check

    state, error = _STATES.get(kind, (kind if kind in links.STATES else "ok", ""))
    body, media_type = _body(kind)
    seen = observe(make_target(link), state, error=error, body=body, text_digest=f"{KINDS.index(kind):064d}")
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
    for link, kind in zip(reversed(first.values()), KINDS, strict=False):
        if kind != "page":
            store(link, kind)


if __name__ == "__main__":
    main(*sys.argv[1:])
