"""The files of a refused follow-up wait for its author, and for nobody else."""

import datetime
import os
import time

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from prongsai.improvement import actions
from prongsai.improvement.models import Evidence, FollowUp, PendingUpload
from prongsai.machines import files as stored_files
from prongsai.people.models import User
from prongsai.registry.models import Appointment
from tests.improvement.plans import first, url
from tests.improvement.test_follow_up import posted
from tests.pages import markup


def pictures(count, size=9):
    return [SimpleUploadedFile(f"ภาพ{n}.png", b"\x89PNG" + b"x" * size) for n in range(1, count + 1)]


def refuse(client, plan, files, **more):
    """Send a follow-up that says nothing of what was done."""
    page = client.post(url("follow_up", plan, first(plan).pk), posted(plan, done="", **more) | {"file": files})
    assert page.status_code == 422
    return page


def colleague(officer, agency):
    user = User.objects.create(email="another@example.test", name="ผู้ร่วมงาน", role=officer.role)
    Appointment.objects.create(agency=agency, user=user, since=datetime.date(2020, 1, 1))
    return user


def held_fields(page):
    ids = [str(upload.pk) for upload in page.context["held"]]
    return {"held": ids, "held_shown": ids}


def names(follow_up):
    return [e.name for e in follow_up.evidence.exclude(stored_as="")]


def test_they_are_stored_without_being_chosen_again(client, approved, people, settings):
    client.force_login(people["officer"])
    page = refuse(client, approved, pictures(2), suggestion="พิมพ์ไว้ยาว")
    assert "แนบไว้แล้ว" in page.content.decode()
    assert "พิมพ์ไว้ยาว" in page.content.decode()
    assert not FollowUp.objects.filter(suggestion="พิมพ์ไว้ยาว").exists()
    again = client.get(url("measure", approved, first(approved).pk))  # also after the page was left
    other = SimpleUploadedFile("ภาพ1.png", b"\x89PNG of the same name")
    sent = posted(approved) | held_fields(again) | {"file": [other]}
    assert client.post(url("follow_up", approved, first(approved).pk), sent).status_code == 302
    made = FollowUp.objects.order_by("-pk").first()
    assert names(made) == ["ภาพ1.png", "ภาพ2.png", "ภาพ1.png"]
    assert all((settings.MEDIA_ROOT / e.stored_as).is_file() for e in made.evidence.exclude(stored_as=""))
    assert not PendingUpload.objects.exists()
    assert not list((settings.MEDIA_ROOT / "pending").iterdir())


def test_two_clicks_leave_one_file_waiting(client, approved, people, settings, django_capture_on_commit_callbacks):
    client.force_login(people["officer"])
    for _ in range(2):  # the second form knows nothing of the file that the first one left
        with django_capture_on_commit_callbacks(execute=True):
            page = refuse(client, approved, pictures(1))
    assert [u.name for u in page.context["held"]] == ["ภาพ1.png"]
    assert len(list((settings.MEDIA_ROOT / "pending").iterdir())) == 1


def test_two_clicks_that_attach_the_same_waiting_file_are_answered_with_a_sentence(client, approved, people):
    """The first has attached and removed it when the second comes to open it."""
    client.force_login(people["officer"])
    fields = held_fields(refuse(client, approved, pictures(1)))
    waiting = PendingUpload.objects.get()
    stored_files.remove(waiting.stored_as)
    before = FollowUp.objects.count()
    page = client.post(url("follow_up", approved, first(approved).pk), posted(approved) | fields)
    assert page.status_code == 422
    assert "อาจกดบันทึกสองครั้ง" in page.content.decode()
    assert "ทำครบแล้ว</textarea>" in page.content.decode()
    assert FollowUp.objects.count() == before


def test_no_file_is_left_of_a_follow_up_that_was_there_or_is_refused(
    client, approved, people, settings, django_capture_on_commit_callbacks
):
    client.force_login(people["officer"])
    folder, before = settings.MEDIA_ROOT / "evidence", FollowUp.objects.count()
    address = url("follow_up", approved, first(approved).pk)
    was = set(folder.iterdir())
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(address, posted(approved) | {"file": pictures(1)}).status_code == 302
    late = posted(approved, done="อื่น") | {"seen": "", "file": pictures(1)}
    assert client.post(address, late).status_code == 422
    assert FollowUp.objects.count() == before + 1
    assert {p.name for p in set(folder.iterdir()) - was} == {
        e.stored_as.rpartition("/")[2] for e in FollowUp.objects.order_by("-pk")[0].evidence.exclude(stored_as="")
    }


def test_files_that_nothing_names_are_swept_in_time(client, approved, people, settings):
    client.force_login(people["officer"])
    refuse(client, approved, pictures(1))
    named = set(stored_files.list_names("evidence")) | set(stored_files.list_names("pending"))
    for folder in ("evidence", "pending"):
        for age, name in ((31, "old.png"), (29, "new.png")):
            path = settings.MEDIA_ROOT / folder / name
            path.write_bytes(b"x")
            os.utime(path, (time.time() - age * 86400,) * 2)
    for name in named:
        os.utime(settings.MEDIA_ROOT / name, (time.time() - 99 * 86400,) * 2)
    actions.sweep_held_uploads()
    left = set(stored_files.list_names("evidence")) | set(stored_files.list_names("pending"))
    assert left == named | {"evidence/new.png", "pending/new.png"}


def test_one_that_is_unticked_is_removed(client, approved, people, settings):
    client.force_login(people["officer"])
    fields = held_fields(refuse(client, approved, pictures(2)))
    page = refuse(client, approved, [], held_shown=fields["held_shown"], held=fields["held"][1:])
    assert [u.name for u in page.context["held"]] == ["ภาพ2.png"]
    assert len(list((settings.MEDIA_ROOT / "pending").iterdir())) == 1


def test_twenty_are_stored_and_of_twenty_one_twenty_wait(client, approved, people):
    client.force_login(people["officer"])
    sent = posted(approved, links="") | {"file": pictures(20)}
    assert client.post(url("follow_up", approved, first(approved).pk), sent).status_code == 302
    assert len(names(FollowUp.objects.order_by("-pk").first())) == 20
    page = client.post(
        url("follow_up", approved, first(approved).pk), posted(approved, links="") | {"file": pictures(21)}
    )
    assert page.status_code == 422
    assert len(page.context["held"]) == 20
    assert "ภาพ21.png" in page.content.decode()
    sent = posted(approved, links="") | held_fields(page)
    assert client.post(url("follow_up", approved, first(approved).pk), sent).status_code == 302


def test_files_that_wait_and_are_chosen_again_are_the_same_files(client, approved, people):
    client.force_login(people["officer"])
    waiting = held_fields(refuse(client, approved, pictures(20), links=""))
    page = refuse(client, approved, pictures(20), links="", **waiting)
    assert len(page.context["held"]) == 20
    assert "แนบลิงก์และไฟล์รวมกันได้" not in page.content.decode()
    sent = posted(approved, links="") | waiting | {"file": pictures(20)}
    assert client.post(url("follow_up", approved, first(approved).pk), sent).status_code == 302
    assert len(names(FollowUp.objects.order_by("-pk").first())) == 20


def test_many_files_too_many_are_one_sentence_with_their_names_folded(client, approved, people):
    client.force_login(people["officer"])
    waiting = held_fields(refuse(client, approved, pictures(20), links=""))
    page = markup(refuse(client, approved, pictures(20, size=99), links="", **waiting))
    assert page.count("ไม่ได้เก็บไว้") == 1
    assert "ไฟล์ 20 รายการ ไม่ได้เก็บไว้" in page
    assert "<details><summary>ดูชื่อ</summary>" in page
    assert "<li>“ภาพ7.png”</li>" in page
    of_no_type = [SimpleUploadedFile(f"<b>{n}.exe", b"MZ") for n in range(9)]
    page = markup(refuse(client, approved, of_no_type, links=""))
    assert page.count("ไฟล์ 9 รายการ ต้องเป็น") == 1
    assert "<li>“&lt;b&gt;7.exe”</li>" in page


def test_many_wrong_links_are_one_sentence(client, approved, people):
    client.force_login(people["officer"])
    page = markup(refuse(client, approved, [], links="\n".join(f"ลิงก์ที่ {n}" for n in range(9))))
    assert page.count("ไม่ใช่ลิงก์ที่เปิดได้") == 1
    assert "<li>“ลิงก์ที่ 7”</li>" in page


def test_of_files_with_one_too_large_the_others_wait(client, approved, people, settings):
    client.force_login(people["officer"])
    settings.MAX_UPLOAD = 200
    files = [*pictures(2), SimpleUploadedFile("วีดิทัศน์.png", b"x" * 500), SimpleUploadedFile("ท้าย.pdf", b"%PDF")]
    page = client.post(url("follow_up", approved, first(approved).pk), posted(approved) | {"file": files})
    assert page.status_code == 422
    assert "วีดิทัศน์.png" in page.content.decode()
    assert [u.name for u in page.context["held"]] == ["ภาพ1.png", "ภาพ2.png", "ท้าย.pdf"]


def test_a_type_that_is_no_evidence_does_not_wait(client, approved, people):
    client.force_login(people["officer"])
    page = refuse(client, approved, [SimpleUploadedFile("ก.exe", b"MZ"), *pictures(1)])
    assert [u.name for u in page.context["held"]] == ["ภาพ1.png"]
    assert "ต้องเป็น" in page.content.decode()


def test_they_are_of_their_owner_alone(client, approved, people):
    client.force_login(people["officer"])
    fields = held_fields(refuse(client, approved, pictures(1)))
    client.force_login(colleague(people["officer"], approved.agency))
    page = client.get(url("measure", approved, first(approved).pk))
    assert page.context["held"] == []
    before = Evidence.objects.count()
    client.post(url("follow_up", approved, first(approved).pk), posted(approved, links="") | fields)
    assert Evidence.objects.count() == before
    refuse(client, approved, [], held_shown=fields["held"], held=[])
    assert PendingUpload.objects.count() == 1


def test_they_expire_and_are_swept_away(client, approved, people, settings):
    client.force_login(people["officer"])
    fields = held_fields(refuse(client, approved, pictures(1)))
    assert actions.sweep_held_uploads() == 0
    long_ago = timezone.now() - datetime.timedelta(actions.PENDING_DAYS, 60)
    PendingUpload.objects.update(created_at=long_ago)
    before = Evidence.objects.exclude(stored_as="").count()
    client.post(url("follow_up", approved, first(approved).pk), posted(approved) | fields)
    assert Evidence.objects.exclude(stored_as="").count() == before
    assert actions.sweep_held_uploads() == 1
    assert not list((settings.MEDIA_ROOT / "pending").iterdir())
