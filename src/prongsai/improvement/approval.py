"""What the approvals of plans and of registers have in common: a step is recorded with who took it and what was decided
on, and what is incomplete or has changed meanwhile is not approved."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from prongsai.improvement.input_text import normalize_line, normalize_text
from prongsai.improvement.models import Decision, RegisterDecision
from prongsai.lib import digest
from prongsai.people.actions import DomainError, notify
from prongsai.people.models import User

_MAX_POSITION, _MAX_COMMENT = 120, 4000  # letters
_MAX_LISTED = 8  # problems that a refusal names
_MAX_PROBLEM = 120  # letters of each


def describe_decision(
    step: Decision.Step, content: dict[str, Any], by: User, *, position: str, comment: str
) -> dict[str, Any]:
    """The values of a step, for the row that records it: an approval stores the content, every step its digest."""
    return {
        "step": step,
        "by": by,
        "name": by.name,
        "position": normalize_line(position)[:_MAX_POSITION],
        "comment": normalize_text(comment)[:_MAX_COMMENT],
        "digest": digest.of_json(content),
        "content": content if step == Decision.Step.APPROVED else None,
    }


def is_repeated(
    decisions: QuerySet[Decision] | QuerySet[RegisterDecision], step: Decision.Step, by: User, **same: str
) -> bool:
    """Whether a step is what a user did last, with the same values: the button was pressed twice."""
    last = decisions.last()
    return (
        last is not None
        and (last.step, last.by_id) == (step, by.pk)
        and all(getattr(last, name) == value for name, value in same.items())
    )


def is_decision_repeated(
    decisions: QuerySet[Decision] | QuerySet[RegisterDecision], by: User, sent: Mapping[str, str]
) -> bool:
    """Whether what an executive sends, an approval or a return, is what they did last."""
    if "return" in sent:
        comment = normalize_text(sent.get("comment", ""))[:_MAX_COMMENT]
        return is_repeated(decisions, Decision.Step.RETURNED, by, comment=comment)
    return is_repeated(decisions, Decision.Step.APPROVED, by, digest=sent.get("expected_digest", ""))


def require_position(position: str) -> None:
    """Raises DomainError for an approval without the position of who approves."""
    if not position.strip():
        raise DomainError("ระบุตำแหน่งของผู้อนุมัติ เช่น นายกเทศมนตรี")


def require_comment(comment: str) -> None:
    """Raises DomainError for a return that does not say what to change."""
    if not comment.strip():
        raise DomainError("บอกเจ้าหน้าที่ว่าต้องแก้อะไร แล้วจึงส่งกลับ")


def require_same_content(content: dict[str, Any], expected_digest: str, name: str, act: str = "อนุมัติ") -> None:
    """Raises DomainError where the content is not the one that was read before an act."""
    if digest.of_json(content) != expected_digest:
        raise DomainError(f"{name}เปลี่ยนไปหลังจากที่ท่านเปิดหน้านี้ อ่านฉบับล่าสุดแล้ว{act}อีกครั้ง")


def refuse_incomplete(name: str, problems: Sequence[str]) -> None:
    """Raises DomainError with what is missing; nothing where nothing is."""
    if problems:
        listed = " · ".join(text[:_MAX_PROBLEM] for text in problems[:_MAX_LISTED])
        more = f" และอีก {len(problems) - _MAX_LISTED} เรื่อง" if len(problems) > _MAX_LISTED else ""
        raise DomainError(f"{name}ยังไม่ครบ {len(problems)} เรื่อง: {listed}{more}")


def notify_all(users: Iterable[User], text: str, url: str) -> int:
    """Notify everybody of a step. Returns how many there were."""
    notified = list(users)
    for user in notified:
        notify(user=user, text=text, url=url)
    return len(notified)
