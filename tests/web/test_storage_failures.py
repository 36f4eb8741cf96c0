"""A full disk, a database that is gone: 503, everything typed is in the page, and sending it again works."""

import errno
import html
import logging
import re
from contextlib import contextmanager

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InternalError, OperationalError, connection
from django.urls import reverse
from psycopg.errors import ReadOnlySqlTransaction

from prongsai.people.models import User

TYPED = 'สมหญิง "รักษ์ดี" </textarea><b>&\r\nบรรทัดสอง'


@contextmanager
def failing(statements, error=None):
    """The database refuses statements that begin so, as it does when its disk is full."""

    def refuse(execute, sql, *arguments):
        if sql.startswith(statements):
            raise error or OperationalError("database or disk is full")
        return execute(sql, *arguments)

    with connection.execute_wrapper(refuse):
        yield


@pytest.fixture
def office(client, people, caplog):
    caplog.set_level(logging.CRITICAL)
    client.raise_request_exception = False
    client.force_login(people["office"])
    return client


INVITATION = {"email": "new@example.test", "name": TYPED, "role": "office", "agency": ""}
WRITES = ("INSERT", "UPDATE", "DELETE", "SAVEPOINT")


def fields_of(page):
    """What the browser sends when the button is pressed."""
    found = re.findall(r'<textarea name="([^"]*)"[^>]*>\n(.*?)</textarea>', page, re.S)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def test_what_was_typed_is_sent_again_by_one_button(office):
    with failing(WRITES):
        refused = office.post(reverse("invite_user"), INVITATION)
    page = refused.content.decode()
    assert refused.status_code == 503
    assert refused["Retry-After"] == "30"
    assert "no-store" in refused["Cache-Control"]
    assert fields_of(page) == INVITATION
    assert "<b>&" not in page  # shown as text
    assert f'action="{reverse("invite_user")}"' in page
    assert not User.objects.filter(email="new@example.test").exists()
    assert office.post(reverse("invite_user"), fields_of(page)).status_code == 302
    assert User.objects.filter(email="new@example.test").exists()


def test_a_page_of_a_database_that_is_gone_says_so(office):
    with failing(("SELECT", *WRITES)):
        answer = office.get(reverse("user_list"))
    assert answer.status_code == 503
    assert "ลองอีกครั้ง" in answer.content.decode()
    assert office.get(reverse("user_list")).status_code == 200


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_full_disk_of_files_is_the_same(office, number):
    with failing(WRITES, OSError(number, "full")):
        assert office.post(reverse("invite_user"), INVITATION).status_code == 503


def test_a_database_that_only_lets_read_is_the_same(office):
    """PostgreSQL says it by an error of another kind than all that it cannot do."""
    refusal = InternalError("cannot execute INSERT in a read-only transaction")
    refusal.__cause__ = ReadOnlySqlTransaction()
    with failing(WRITES, refusal):
        assert office.post(reverse("invite_user"), INVITATION).status_code == 503
    with failing(WRITES, InternalError("a fault of ours")):
        assert office.post(reverse("invite_user"), INVITATION).status_code == 500


@pytest.mark.parametrize("error", [ValueError("a fault of ours"), OSError(errno.ENOENT, "no file")])
def test_a_fault_of_ours_is_not_called_a_full_disk(office, error):
    with failing(WRITES, error):
        assert office.post(reverse("invite_user"), INVITATION).status_code == 500


def test_signing_in_says_the_same_and_writes_no_password_into_the_page(client, people, caplog):
    caplog.set_level(logging.CRITICAL)
    client.raise_request_exception = False
    secret = "correct horse battery"
    with failing(WRITES):
        page = client.post(reverse("account_login"), {"login": "office@example.test", "password": secret})
    assert page.status_code == 503
    assert "ลองเข้าอีกครั้ง" in page.content.decode()
    assert secret not in page.content.decode()
    assert "office@example.test" not in page.content.decode()


def test_a_failure_while_the_session_is_stored_is_the_same(client, people, caplog, monkeypatch):
    def fail(*_, **__):
        raise OperationalError("database or disk is full")

    caplog.set_level(logging.CRITICAL)
    client.raise_request_exception = False
    monkeypatch.setattr(SessionStore, "save", fail)
    sent = {"login": "office@example.test", "password": "correct horse battery"}
    assert client.post(reverse("account_login"), sent).status_code == 503


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_fills_while_a_file_arrives_is_the_same(client, people, agencies, caplog, monkeypatch, number):
    """What was typed beside the file did not arrive: the page leads back to it and offers nothing empty to be sent."""
    caplog.set_level(logging.CRITICAL)
    client.raise_request_exception = False
    client.force_login(people["officer"])

    def refuse(*_):
        raise OSError(number, "full")

    monkeypatch.setattr("django.core.files.uploadhandler.TemporaryFileUploadHandler.receive_data_chunk", refuse)
    fields = {"text": TYPED, "file": SimpleUploadedFile("ผล.txt", b"x" * 3_000_000)}
    answer = client.post(reverse("upload_document", args=["A1"]), fields)
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "ให้ย้อนกลับไปหน้าก่อน" in page
    assert "อยู่ในหน้านี้ครบถ้วน" not in page
    assert "<form" not in page
