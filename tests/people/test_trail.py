"""The audit trail: what somebody who owns the database, and its key folder not, would have to get past."""

import datetime
import json
import re

import pytest
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from prongsai.cli.platform_commands import trail_verify
from prongsai.lib.signed_note import Signer
from prongsai.people import actions, queries, trail
from prongsai.people.models import AuditEntry, AuditHead
from prongsai.publiclog.actions import sign_checkpoint
from prongsai.publiclog.models import LogEntry
from prongsai.publiclog.queries import public_key
from tests.cli.test_site import run_all
from tests.installation import make_tables
from tests.publiclog.test_log import write_site


@pytest.fixture(autouse=True)
def _own_key_folder(settings, tmp_path):
    settings.DATA = tmp_path


# --- the trail


def test_every_entry_carries_the_one_before(people):
    first = actions.log_audit(by=people["office"], action="test.one", subject="ก")
    second = actions.log_audit(by=None, action="test.two", subject="ข", detail={"ค": [1, "๒"]})
    assert second.previous == first.digest
    assert queries.verify_audit_trail().problem == ""
    assert queries.verify_audit_trail(first.digest).problem == ""
    assert "เคยจดไว้" in queries.verify_audit_trail("f" * 64).problem


def sign(entry):
    """As somebody does who has the key as well: the chain must hold by itself too."""
    return trail.compute_entry_digest(entry, trail.read_key().secret)


CHANGES = ["UPDATE people_auditentry SET subject = 'x'", "DELETE FROM people_auditentry"]
CHANGES_OF_ONE_DATABASE = {
    "sqlite": "REPLACE INTO people_auditentry SELECT id, at, by, action, 'x', agency, detail, previous, digest, "
    "key_id FROM people_auditentry",
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
    AuditEntry.objects.filter(pk=forged.pk).update(subject=forged.subject, digest=sign(forged))
    assert "ไม่ต่อจาก" in queries.verify_audit_trail().problem


def test_a_forged_entry_cannot_be_spliced_into_the_chain(people, unguarded):
    """The attacker also points the next entry at the forged one: that changes the next one's digest."""
    entries = [actions.log_audit(by=None, action="test", subject=str(k)) for k in range(3)]
    forged = entries[0]
    forged.subject = "อย่างอื่น"
    forged.digest = sign(forged)
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
        previous = entry.digest = sign(entry)
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


# --- the key: what the database's owner does not have


def rewrite(entries, *, key_id="same", digest=trail.compute_entry_digest):
    """The owner of the database writes the whole chain anew, head included, as well as it can be done without the
    key."""
    previous = trail.GENESIS_DIGEST
    for entry in entries:
        entry.subject, entry.previous = "ไม่มีอะไรเกิดขึ้น", previous
        if key_id != "same":
            entry.key_id = key_id
        previous = entry.digest = digest(entry)
        AuditEntry.objects.filter(pk=entry.pk).update(
            subject=entry.subject, previous=entry.previous, key_id=entry.key_id, digest=previous
        )
    AuditHead.objects.update(digest=previous, entries=len(entries))


@pytest.mark.parametrize("key_id", ["same", None, "f" * 16])
def test_a_rewrite_by_the_owner_of_the_database_shows(people, unguarded, key_id):
    """Plain digests, as versions before had them, or a key of the owner's own: nobody has kept a number."""
    rewrite([actions.log_audit(by=None, action="test", subject=str(k)) for k in range(3)], key_id=key_id)
    assert queries.verify_audit_trail().problem


@pytest.fixture
def old_rows(db):
    """Three rows of version 0.1.0, before there was a key."""
    head = AuditHead.objects.create(id=1, digest=trail.GENESIS_DIGEST)
    rows = []
    for k in range(3):
        at = datetime.datetime(2025, 1, 1 + k, tzinfo=datetime.UTC)
        row = AuditEntry(at=at, by="ระบบ", action="test.old", subject=str(k), previous=head.digest)
        row.digest = head.digest = trail.compute_entry_digest(row)
        row.save()
        rows.append(row)
    head.entries = 3
    head.save()
    return rows


def test_old_rows_come_along_and_the_transition_is_marked(old_rows):
    assert queries.verify_audit_trail().problem == ""
    actions.log_audit(by=None, action="test.new", subject="x")
    actions.log_audit(by=None, action="test.new", subject="y")
    marks = [(e.action, e.key_id is not None) for e in AuditEntry.objects.all()]
    assert marks == [("test.old", False)] * 3 + [("people.trail_key", True), ("test.new", True), ("test.new", True)]
    assert AuditEntry.objects.get(action="people.trail_key").detail == {"entries": 3, "head": old_rows[-1].digest}
    assert queries.verify_audit_trail().problem == ""


def test_old_rows_cannot_be_rewritten_once_there_is_a_key(old_rows, unguarded):
    """Their digests need no key; the key knows how they ended."""
    actions.log_audit(by=None, action="test.new", subject="x")
    rewrite([*old_rows])
    assert queries.verify_audit_trail().problem
    AuditEntry.objects.filter(key_id__isnull=False).delete()  # and what was written with the key goes
    assert "ถูกเขียนใหม่" in queries.verify_audit_trail().problem


def test_a_row_without_the_key_cannot_follow_one_with_it(people, unguarded):
    last = actions.log_audit(by=None, action="test", subject="x")
    forged = AuditEntry(at=last.at, by="ระบบ", action="test", subject="forged", previous=last.digest)
    forged.digest = trail.compute_entry_digest(forged)
    forged.save()
    AuditHead.objects.update(digest=forged.digest, entries=2)
    assert "ไม่ได้ลงด้วยกุญแจ" in queries.verify_audit_trail().problem


def test_a_row_beyond_the_head_is_an_error(people, unguarded):
    last = actions.log_audit(by=None, action="test", subject="x")
    forged = AuditEntry(
        at=last.at, by="ระบบ", action="test", subject="forged", previous=last.digest, key_id=last.key_id
    )
    forged.digest = "a" * 64
    forged.save()
    assert "เกินจากรหัสท้ายสุด" in queries.verify_audit_trail().problem


def test_rows_without_any_head_are_an_error(people, unguarded):
    actions.log_audit(by=None, action="test", subject="x")
    AuditHead.objects.all().delete()
    assert queries.verify_audit_trail().problem


def test_the_key_is_readable_by_its_owner_alone_and_not_in_the_database(people, settings):
    actions.log_audit(by=None, action="test", subject="x")
    file = settings.DATA / "keys" / "audit-trail.json"
    assert file.stat().st_mode & 0o077 == 0
    secret = json.loads(file.read_text())["secret"]
    assert len(secret) == 64
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_auditentry")
        assert secret not in repr(cursor.fetchall())


def test_a_failed_first_action_leaves_a_key_that_still_works(old_rows):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.log_audit(by=None, action="test", subject="x")
        raise ZeroDivisionError
    actions.log_audit(by=None, action="test", subject="y")
    assert AuditEntry.objects.filter(action="people.trail_key").count() == 1
    assert queries.verify_audit_trail().problem == ""


def test_a_lost_key_is_said_and_a_new_one_begins(people, settings):
    """A backup was restored on a new machine; keys are not in backups."""
    actions.log_audit(by=None, action="test", subject="x")
    (settings.DATA / "keys" / "audit-trail.json").unlink()
    check = queries.verify_audit_trail()
    assert (check.problem, len(check.notes)) == ("", 1)
    actions.log_audit(by=None, action="test", subject="y")
    check = queries.verify_audit_trail()
    assert (check.problem, len(check.notes)) == ("", 1)
    assert AuditEntry.objects.filter(action="people.trail_key").count() == 1


# --- anchors: heads noted outside the database


TODAY = datetime.date(2026, 11, 27)


def test_an_end_that_was_cut_off_shows_although_the_head_was_set_back(people, unguarded):
    """The owner of the database has kept an older head, made with the key, and puts it back."""
    first = actions.log_audit(by=None, action="test", subject="x")
    actions.log_audit(by=None, action="test", subject="what must not be known")
    trail.note_head()
    AuditEntry.objects.exclude(pk=first.pk).delete()
    AuditHead.objects.update(digest=first.digest, entries=1)
    assert "รายการท้ายหายไป" in queries.verify_audit_trail().problem


def test_a_chain_grown_anew_from_an_older_head_shows(people, unguarded):
    """... and then the site itself adds entries with the right key."""
    first = actions.log_audit(by=None, action="test", subject="x")
    actions.log_audit(by=None, action="test", subject="what must not be known")
    trail.note_head()
    AuditEntry.objects.exclude(pk=first.pk).delete()
    AuditHead.objects.update(digest=first.digest, entries=1)
    for k in range(5):
        actions.log_audit(by=None, action="test", subject=str(k))
    assert "นอกฐานข้อมูล" in queries.verify_audit_trail().problem


def test_heads_that_were_mailed_are_checked_even_when_the_key_folder_is_lost_too(people, unguarded, settings, tmp_path):
    """The owner of database and key folder rewrites everything; the auditor has the mails."""
    entries = [actions.log_audit(by=None, action="test", subject=str(k)) for k in range(3)]
    trail.anchor_day(on=TODAY)
    line = mail.outbox[-1].body.strip().splitlines()[-1]
    (tmp_path / "mails").write_text(line + "\n", encoding="utf-8")
    (settings.DATA / "keys" / "audit-trail-anchors.jsonl").unlink()
    rewrite(entries, digest=sign)
    assert queries.verify_audit_trail().problem == ""
    assert "นอกฐานข้อมูล" in queries.verify_audit_trail(elsewhere=trail.read_anchors(tmp_path / "mails")).problem


def verify_by_command(capsys, **options):
    """The exit status of ``prongsai trail verify``, and what it prints where something is wrong."""
    try:
        trail_verify(**options)
    except typer.Exit as stop:
        return stop.exit_code, capsys.readouterr().err
    return 0, capsys.readouterr().out


def test_a_rewrite_with_the_key_contradicts_the_public_log(people, unguarded, settings, client, tmp_path, capsys):
    """The owner of database and key folder rewrites everything, and nobody has kept a mail: the log of this site has
    the head of each day, and whoever rewrites that too contradicts a copy of it."""
    entries = [actions.log_audit(by=None, action="test", subject=str(k)) for k in range(3)]
    trail.anchor_day(on=TODAY)
    assert sign_checkpoint()
    copy, key = write_site(client, tmp_path / "copy"), str(public_key())
    assert verify_by_command(capsys, log=str(copy), key=key)[0] == 0
    (settings.DATA / "keys" / "audit-trail-anchors.jsonl").unlink()
    rewrite(entries, digest=sign)
    status, problem = verify_by_command(capsys)
    assert (status, "ถูกเขียนใหม่" in problem) == (1, True)
    with connection.cursor() as cursor:  # the log as well
        no_delete = "publiclog_logentry_no_delete" if connection.vendor == "sqlite" else "publiclog_logentry_no_change"
        on = "" if connection.vendor == "sqlite" else " ON publiclog_logentry"
        cursor.execute(f"DROP TRIGGER {no_delete}{on}")
    LogEntry.objects.all().delete()
    assert verify_by_command(capsys)[0] == 0
    status, problem = verify_by_command(capsys, log=str(copy), key=key)
    assert (status, "ถูกเขียนใหม่" in problem) == (1, True)


def test_a_copy_of_the_log_that_is_not_whole_or_not_of_the_key_is_no_evidence(people, client, tmp_path, capsys):
    actions.log_audit(by=None, action="test", subject="x")
    trail.anchor_day(on=TODAY)
    assert sign_checkpoint()
    copy = write_site(client, tmp_path / "copy")
    stranger = str(Signer("stranger.example/log", Ed25519PrivateKey.generate()).key)
    assert verify_by_command(capsys, log=str(copy), key=stranger)[0] == 1
    bundle = next((copy / "tile" / "entries").rglob("1"))
    bundle.write_bytes(bundle.read_bytes().replace(b"audit_head", b"audit_tail"))
    assert verify_by_command(capsys, log=str(copy), key=str(public_key()))[0] == 1
    assert verify_by_command(capsys, log=str(tmp_path / "none"))[0] == 2


def test_the_head_is_mailed_to_every_auditor_once_a_day_and_given_to_the_hooks(people, monkeypatch):
    given = []
    monkeypatch.setattr(trail, "ANCHOR_HOOKS", [given.append])
    last = actions.log_audit(by=None, action="test", subject="x")
    assert trail.anchor_day(on=TODAY)
    assert trail.anchor_day(on=TODAY) is None
    assert trail.anchor_day(on=TODAY + datetime.timedelta(1))
    assert [m.to for m in mail.outbox] == [["auditor@example.test"]] * 2
    assert last.digest in mail.outbox[0].body
    assert [a.head for a in given] == [last.digest] * 2


def test_a_mail_that_fails_is_sent_later(people, settings):
    actions.log_audit(by=None, action="test", subject="x")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(OSError):
        trail.anchor_day(on=TODAY)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert trail.anchor_day(on=TODAY)
    assert len(mail.outbox) == 1


def test_the_same_head_is_noted_once(people):
    actions.log_audit(by=None, action="test", subject="x")
    trail.note_head()
    trail.note_head()
    assert len(trail.read_anchors()) == 1
    assert queries.verify_audit_trail().anchors == 1


def test_a_file_of_heads_that_is_none_is_refused(tmp_path):
    (tmp_path / "x").write_text("hello\n")
    with pytest.raises(ValueError, match="บรรทัดที่ 1"):
        trail.read_anchors(tmp_path / "x")


# --- its page


def test_every_action_that_the_code_logs_has_a_name_in_thai():
    """A code on the page says nothing to the auditor."""
    from pathlib import Path

    import prongsai
    from prongsai.disclosure.models import Mark
    from prongsai.improvement.models import Decision
    from prongsai.people.audit_words import ACTIONS, ROOMS
    from prongsai.people.sign_in_audit import _SIGNALS

    logged = {f"disclosure.mark_{stage}" for stage in Mark.Stage.values}
    logged |= {f"improvement.{step}" for step in Decision.Step.values} | set(_SIGNALS)
    for path in Path(prongsai.__file__).parent.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        for call in re.findall(r"action=([^\n]*)", source):
            logged |= set(re.findall(r'(?<!f)"([a-z]+\.[a-z_]+)"', call))
    assert len(logged) > 70
    assert logged - set(ACTIONS) == set()
    assert {a for a in ACTIONS if not a.startswith(tuple(ROOMS))} == {"demo.load"}
    assert all(re.search("[ก-๙]", name) for name in ACTIONS.values())


def test_the_page_shows_words_and_no_codes(client, people):
    user = actions.invite_user(email="new@example.test", name="ใหม่", role="officer", by=people["office"], site="")
    actions.recover_user(user=user, reason="โทรศัพท์หาย", site="http://testserver", by=people["office"])
    client.force_login(people["auditor"])
    page = client.get(reverse("audit_trail")).content.decode()
    rows = page[page.index("<tbody") : page.index("</tbody")]
    for word in ("เชิญผู้ใช้", "กู้คืนบัญชี", "เหตุผล: โทรศัพท์หาย", "บทบาท: เจ้าหน้าที่หน่วยงาน"):
        assert word in rows
    for code in ("people.invite", "people.recover", "reason", "officer"):
        assert code not in rows


def test_the_command_checks_heads_of_a_file(tmp_path):
    """``prongsai trail verify``: 0 when whole, 1 when not; the heads of mails come in a file."""

    (tmp_path / "mails").write_text(json.dumps({"at": "2026-11-27", "entries": 1, "head": "f" * 64}) + "\n")
    make_tables(tmp_path / "site")
    _, anchored, whole, forged, unreadable = run_all(
        tmp_path / "site",
        ("make-user", "office@example.test", "ส่วนกลาง"),
        ("trail", "anchor"),
        ("trail", "verify"),
        ("trail", "verify", "--anchors", tmp_path / "mails"),
        ("trail", "verify", "--anchors", tmp_path / "none"),
    )
    assert anchored[0] == 0
    assert whole[0] == 0
    assert "2 ครั้ง" in whole[1]  # by the key folder and by the public log
    assert forged[0] == 1
    assert "นอกฐานข้อมูล" in forged[2]
    assert unreadable[0] == 2
