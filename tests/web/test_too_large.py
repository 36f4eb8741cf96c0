"""A form that is too large to be read: a page in Thai that leads back to what was typed, not a bare refusal."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.improvement.plans import approved_plan, first, url


@pytest.fixture
def plan(people, agencies, running_round, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return approved_plan(agencies[0], people, follow=False)


@pytest.mark.parametrize("page", ["plan_edit", "follow_up"])
def test_a_body_that_is_too_large(client, plan, people, page):
    client.force_login(people["officer"])
    address = url(page, plan, *([first(plan).pk] if page == "follow_up" else []))
    form = f"http://testserver{url('measure', plan, first(plan).pk)}"
    answer = client.post(address, {"done": "ก" * 1_500_000}, headers={"referer": form})
    assert answer.status_code == 413
    text = answer.content.decode()
    assert "ข้อความที่พิมพ์ยังอยู่ในหน้าเดิม" in text
    assert f'href="{form}"' in text


def test_the_way_back_is_within_the_site(client, plan, people):
    client.force_login(people["officer"])
    elsewhere = "https://elsewhere.example/"
    answer = client.post(url("plan_edit", plan), {"done": "ก" * 1_500_000}, headers={"referer": elsewhere})
    assert answer.status_code == 413
    assert elsewhere not in answer.content.decode()


def test_too_many_files(client, plan, people):
    client.force_login(people["officer"])
    files = [SimpleUploadedFile(f"{n}.png", b"x") for n in range(31)]
    answer = client.post(url("follow_up", plan, first(plan).pk), {"file": files})
    assert answer.status_code == 413
    assert "ไม่เกิน 30 ไฟล์" in answer.content.decode()


def test_forms_readers_and_the_server_have_one_limit():
    from django.conf import settings

    from prongsai.lib import uploads

    assert settings.MAX_UPLOAD == uploads.MAX_BYTES
