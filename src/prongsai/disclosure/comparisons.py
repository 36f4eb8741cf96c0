"""The page of now beside a snapshot: fetched and compared in the background, for an assessor who waits."""

import datetime

from django.utils import timezone

from prongsai import links
from prongsai.disclosure.link_checks import check_policy
from prongsai.disclosure.models import Comparison, Link, Snapshot
from prongsai.disclosure.snapshots import snapshot_text
from prongsai.jobs.kinds import Queue, job
from prongsai.jobs.leases import Lease
from prongsai.lib import sandbox
from prongsai.lib.sandbox import Limits, SandboxError
from prongsai.people.models import User

_AGAIN_AFTER = datetime.timedelta(minutes=1)  # a site is not asked more often than that by one button
_SECONDS = 40.0
_LIMITS = Limits(seconds=5, max_seconds=20, wall=40)


def give_up(comparison_id: int, *, problem: str) -> None:
    """Nobody tries any more."""
    del problem  # it is of the program, not of the page
    _finish(comparison_id, problem="เปรียบเทียบไม่สำเร็จ ลองใหม่ได้")


@job(title="เทียบสำเนาหน้าเว็บกับหน้าจริง", queue=Queue.FILES, tries=2, on_failure=give_up)
def compare_snapshot(lease: Lease, comparison_id: int) -> None:
    """Fetch the page as a check does, and compare its text with the snapshot's in the sandbox."""
    comparison = Comparison.objects.select_related("link", "snapshot").filter(pk=comparison_id).first()
    if comparison is None:
        return
    rows, problem = _compare(comparison.link.url, snapshot_text(comparison.snapshot.digest))
    with lease.write():
        _finish(comparison_id, rows=rows, problem=problem)


def _finish(comparison_id: int, *, rows: list[links.Row] | None = None, problem: str = "") -> None:
    Comparison.objects.filter(pk=comparison_id).update(
        rows=rows or [], problem=problem[:300], finished_at=timezone.now()
    )


def _compare(url: str, stored: str) -> tuple[list[links.Row], str]:
    """The rows, or why there are none."""
    if not stored:
        return [], "สำเนาที่เก็บไว้ไม่มีตัวอักษรให้เทียบ (อาจเป็นภาพ)"
    observation = links.observe_page(url, check_policy(), seconds=_SECONDS)
    if observation is None:
        return [], f"หน้าจริงไม่ตอบใน {_SECONDS:.0f} วินาที"
    if observation.body is None:
        why = links.describe_code(observation.error) if observation.error else links.describe_state(observation.state)
        return [], f"เปิดหน้าจริงไม่ได้: {why}"
    try:
        live = links.extract_text(observation.body, observation.declared_type)
        if not live:
            return [], "หน้าจริงตอนนี้ไม่มีตัวอักษรให้เทียบ"
        return sandbox.run("prongsai.links.comparison:compare_texts", stored, live, limits=_LIMITS), ""
    except SandboxError:
        return [], "หน้าจริงยาวหรือซับซ้อนเกินกว่าจะเทียบได้"


def request_comparison(*, link: Link, snapshot: Snapshot, by: User) -> Comparison:
    """Have the page of now compared, unless that was done within the last minute or is being done."""
    now = timezone.now()
    known = Comparison.objects.filter(link=link, snapshot=snapshot).first()
    if known is not None and known.requested_at > now - _AGAIN_AFTER:
        return known
    asked = {"by": by, "requested_at": now, "finished_at": None, "problem": "", "rows": []}
    comparison, _ = Comparison.objects.update_or_create(link=link, snapshot=snapshot, defaults=asked)
    compare_snapshot.enqueue(comparison.pk, key=f"comparison:{comparison.pk}", about=link.url[:100])
    return comparison
