"""Users, sign-in, the audit trail, notices."""

import datetime
import re

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from prongsai.people import actions, queries
from prongsai.people.models import AuditEntry, AuditHead, Notice, User

PASSWORD = "correct horse battery"


def sign_in(client, email, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_signing_in_and_out(client, people):
    assert sign_in(client, "OFFICER@example.test").status_code == 302  # an address has no case
    assert client.get(reverse("desk")).status_code == 200
    client.post(reverse("account_logout"))
    assert client.get(reverse("desk")).status_code == 302


def test_a_closed_account_is_shut_out_at_once(client, people):
    sign_in(client, "officer@example.test")
    actions.set_user_active(user=people["officer"], active=False, by=people["office"])
    assert client.get(reverse("desk")).status_code == 302
    assert "account/login" in client.get(reverse("desk"))["Location"] or sign_in(client, "officer@example.test")[
        "Location"
    ] != reverse("desk")


def test_nobody_closes_their_own_account(people):
    with pytest.raises(actions.DomainError, match="ของตนเอง"):
        actions.set_user_active(user=people["office"], active=False, by=people["office"])


def test_guessing_is_locked_out(client, people):
    for _ in range(5):
        assert sign_in(client, "officer@example.test", "wrong").status_code == 200
    locked = sign_in(client, "officer@example.test")
    assert locked.status_code == 200  # even the right password has to wait
    assert client.get(reverse("desk")).status_code == 302


def test_passwords_are_kept_by_argon2():
    from prongsai import settings

    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_an_invitation_sets_a_password_once(client, people, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        user = actions.invite_user(
            email="New@example.test", name="ผู้ใช้ใหม่", role="officer", by=people["office"], site="http://testserver"
        )
    assert not user.has_usable_password()
    assert "http" not in Notice.objects.get().text  # the link is kept nowhere
    link = re.search(r"http://testserver(\S+)", mail.outbox[-1].body)[1]
    page = client.get(link, follow=True)
    assert page.status_code == 200
    done = client.post(
        page.redirect_chain[-1][0], {"password1": "a long enough secret 9", "password2": "a long enough secret 9"}
    )
    assert done.status_code == 302
    assert sign_in(client, "new@example.test", "a long enough secret 9").status_code == 302
    assert AuditEntry.objects.filter(action="people.password_reset").exists()
    with pytest.raises(actions.DomainError, match="ตั้งรหัสผ่านแล้ว"):
        actions.send_invitation(user=User.objects.get(email__iexact="new@example.test"), site="")
    client.logout()
    assert "password1" not in client.get(link, follow=True).content.decode()


def test_one_address_is_invited_once(people):
    with pytest.raises(actions.DomainError, match="อยู่แล้ว"):
        actions.invite_user(email="OFFICER@example.test", name="ซ้ำ", role="officer", by=people["office"], site="")


def test_totp_is_asked_for(client, people):
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(
        user=people["office"], type="totp", data={"secret": get_adapter().encrypt("JBSWY3DPEHPK3PXP")}
    )
    response = sign_in(client, "office@example.test")
    assert response["Location"].startswith("/account/2fa/authenticate/")
    assert client.get(reverse("desk")).status_code == 302


# --- the trail


def test_every_entry_carries_the_one_before(people):
    first = actions.log_audit(by=people["office"], action="test.one", subject="ก")
    second = actions.log_audit(by=None, action="test.two", subject="ข", detail={"ค": [1, "๒"]})
    assert second.previous == first.digest
    assert queries.verify_audit_trail().problem == ""
    assert queries.verify_audit_trail(first.digest).problem == ""
    assert "เคยจดไว้" in queries.verify_audit_trail("f" * 64).problem


CHANGES = ["UPDATE people_auditentry SET subject = 'x'", "DELETE FROM people_auditentry"]
CHANGES_OF_ONE_DATABASE = {
    "sqlite": "REPLACE INTO people_auditentry SELECT id, at, by, action, 'x', agency, detail, previous, digest "
    "FROM people_auditentry",
    "postgresql": "TRUNCATE people_auditentry",
}


@pytest.mark.parametrize("statement", [*CHANGES, "another way"])
def test_the_database_refuses_to_change_the_trail(people, statement):
    actions.log_audit(by=None, action="test.one", subject="ก")
    if statement not in CHANGES:
        statement = CHANGES_OF_ONE_DATABASE[connection.vendor]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert queries.verify_audit_trail().problem == ""
    assert AuditEntry.objects.get().subject == "ก"


@pytest.fixture
def unguarded(db):
    """As somebody with the database's own keys would find it: the triggers gone."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER people_auditentry_no_update")
            cursor.execute("DROP TRIGGER people_auditentry_no_delete")
        else:
            cursor.execute("DROP TRIGGER people_auditentry_no_change ON people_auditentry")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)),
        ("by", "7 ผู้อื่น"),
        ("action", "test.other"),
        ("subject", "อย่างอื่น"),
        ("agency", "B2"),
        ("detail", {"ค": 2}),
        ("digest", "0" * 64),
    ],
)
def test_tampering_with_any_field_is_found(people, unguarded, field, value):
    entries = [actions.log_audit(by=None, action="test", subject=str(k), detail={"ค": 1}) for k in range(5)]
    AuditEntry.objects.filter(pk=entries[1].pk).update(**{field: value})
    check = queries.verify_audit_trail()
    assert "ถูกแก้ไข" in check.problem
    assert f"รายการที่ {entries[1].pk} " in check.problem


def test_a_forged_entry_with_a_right_digest_breaks_the_chain(people, unguarded):
    """The attacker also computes the digest of the entry that they changed: the next one no longer follows it."""
    entries = [actions.log_audit(by=None, action="test", subject=str(k)) for k in range(5)]
    forged = entries[1]
    forged.subject = "อย่างอื่น"
    AuditEntry.objects.filter(pk=forged.pk).update(subject=forged.subject, digest=actions.compute_entry_digest(forged))
    assert "ไม่ต่อจาก" in queries.verify_audit_trail().problem


def test_a_forged_entry_cannot_be_spliced_into_the_chain(people, unguarded):
    """The attacker also points the next entry at the forged one: that changes the next one's digest."""
    entries = [actions.log_audit(by=None, action="test", subject=str(k)) for k in range(3)]
    forged = entries[0]
    forged.subject = "อย่างอื่น"
    forged.digest = actions.compute_entry_digest(forged)
    AuditEntry.objects.filter(pk=forged.pk).update(subject=forged.subject, digest=forged.digest)
    AuditEntry.objects.filter(pk=entries[1].pk).update(previous=forged.digest)
    assert f"รายการที่ {entries[1].pk} ถูกแก้ไข" in queries.verify_audit_trail().problem


def test_a_count_that_was_changed_is_found(people, unguarded):
    for k in range(3):
        actions.log_audit(by=None, action="test", subject=str(k))
    AuditHead.objects.update(entries=AuditEntry.objects.count() + 1)
    assert "หายไป" in queries.verify_audit_trail().problem


def test_a_chain_that_is_forged_to_its_end_needs_the_head_too(people, unguarded):
    entries = [actions.log_audit(by=None, action="test", subject=str(k)) for k in range(3)]
    noted = queries.verify_audit_trail().head
    previous = entries[0].previous
    for entry in entries:
        entry.subject, entry.previous = "อย่างอื่น", previous
        previous = entry.digest = actions.compute_entry_digest(entry)
        AuditEntry.objects.filter(pk=entry.pk).update(subject=entry.subject, previous=entry.previous, digest=previous)
    assert "หายไป" in queries.verify_audit_trail().problem
    AuditHead.objects.update(digest=previous)
    assert queries.verify_audit_trail().problem == ""
    assert "เคยจดไว้" in queries.verify_audit_trail(noted).problem


def test_entries_that_swap_places_are_found(people, unguarded):
    first, second = (actions.log_audit(by=None, action="test", subject=str(k)) for k in range(2))
    values = {f: getattr(second, f) for f in ("at", "subject", "previous", "digest")}
    AuditEntry.objects.filter(pk=second.pk).update(digest="-")
    AuditEntry.objects.filter(pk=first.pk).update(**values)
    assert "ไม่ต่อจาก" in queries.verify_audit_trail().problem


def test_an_entry_of_the_past_is_no_longer_first(people, unguarded):
    entries = [actions.log_audit(by=None, action="test", subject=str(k)) for k in range(3)]
    AuditEntry.objects.filter(pk=entries[0].pk).delete()
    assert "ไม่ต่อจาก" in queries.verify_audit_trail().problem


def test_an_entry_taken_out_is_found(people, unguarded):
    entries = [actions.log_audit(by=None, action="test", subject=str(k)) for k in range(5)]
    AuditEntry.objects.filter(pk=entries[2].pk).delete()
    assert "ไม่ต่อจาก" in queries.verify_audit_trail().problem


def test_a_cut_end_is_found(people, unguarded):
    entries = [actions.log_audit(by=None, action="test", subject=str(k)) for k in range(5)]
    AuditEntry.objects.filter(pk=entries[4].pk).delete()
    assert "หายไป" in queries.verify_audit_trail().problem
    AuditHead.objects.update(digest=entries[3].digest, entries=AuditEntry.objects.count())  # the head forged too
    assert queries.verify_audit_trail().problem == ""
    assert "เคยจดไว้" in queries.verify_audit_trail(entries[4].digest).problem


def test_a_failed_action_leaves_no_entry(people):
    before = AuditEntry.objects.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.log_audit(by=None, action="test", subject="x")
        raise ZeroDivisionError
    assert AuditEntry.objects.count() == before
    assert queries.verify_audit_trail().problem == ""


def test_the_trail_on_its_page(client, people):
    actions.log_audit(by=people["office"], action="test.here", subject="สิ่งนี้", agency="A1")
    client.force_login(people["auditor"])
    page = client.get(reverse("audit_trail"), {"verify": "1", "action": "test."}).content.decode()
    assert "สิ่งนี้" in page
    assert "ครบถ้วน" in page


# --- notices


def test_a_notice_is_shown_and_mailed(client, people, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        actions.notify(user=people["officer"], text="มีเรื่องใหม่", url="/desk/")
    assert mail.outbox[-1].to == ["officer@example.test"]
    assert Notice.objects.get().mailed_at
    client.force_login(people["officer"])
    assert "มีเรื่องใหม่" in client.get(reverse("notices")).content.decode()
    client.post(reverse("notices"))
    assert queries.count_unread_notices(people["officer"]) == 0


def test_a_mail_that_fails_is_kept_with_its_reason(people, settings, django_capture_on_commit_callbacks):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with django_capture_on_commit_callbacks(execute=True):
        actions.notify(user=people["officer"], text="ถึงไหม", url="")
    notice = Notice.objects.get()
    assert notice.mailed_at is None
    assert notice.mail_problem


def test_users_are_told_apart_by_role_only(people):
    assert {u.role for u in User.objects.all()} == set(people)
