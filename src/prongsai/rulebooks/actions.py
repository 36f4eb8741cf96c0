"""Every write of rules: storing an edition, writing a draft, announcing, withdrawing, pinning."""

from prongsai import framework as rules
from prongsai.framework import Framework
from prongsai.lib import digest
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.rulebooks.models import Edition, Rulebook


def store_edition(*, framework: Framework, by: User | None) -> Edition:
    """Store the rules as they are; those stored already stay."""
    content = rules.as_data(framework.rules)
    edition, _ = Edition.objects.get_or_create(
        key=digest.of_json(content),
        defaults={
            "assessment": framework.assessment,
            "fiscal_year": framework.fiscal_year,
            "digest": framework.digest,
            "arithmetic_digest": framework.arithmetic_digest,
            "wording_digest": framework.wording_digest,
            "content": content,
            "by": by,
        },
    )
    return edition


def pin_rules(*, framework: Framework, by: User | None) -> Rulebook:
    """Let a round use the rules of a year: their edition is stored, and from now on their wording alone may change."""
    store_edition(framework=framework, by=by)
    rulebook = _lock_rulebook(framework.assessment, framework.fiscal_year)
    if rulebook.pinned not in ("", framework.arithmetic_digest):
        raise DomainError(f"หลักเกณฑ์ปี {framework.fiscal_year} ถูกตรึงไว้กับรอบอื่นด้วยวิธีคำนวณอีกฉบับแล้ว")
    rulebook.pinned = framework.arithmetic_digest
    rulebook.save(update_fields=["pinned"])
    return rulebook


def _lock_rulebook(assessment: str, fiscal_year: int) -> Rulebook:
    """The rulebook of a year, for a change in this transaction."""
    Rulebook.objects.get_or_create(assessment=assessment, fiscal_year=fiscal_year)
    return Rulebook.objects.select_for_update().get(assessment=assessment, fiscal_year=fiscal_year)
