"""Signing in with a second factor, from the link of an invitation on; being asked again before an act that binds."""

import base64
import hashlib
import hmac
import re
import subprocess
import sys
import time

import pytest
from playwright.sync_api import expect

from e2e.conftest import ROOT, accessible, command_environment

EMAIL, NEW_PASSWORD = "second.office@demo.test", "ต้นไม้ใหญ่ริมคลองสามสิบต้น"
AGE_SESSION = """
import sys, django
django.setup()
from django.contrib.sessions.backends.db import SessionStore
session = SessionStore(sys.argv[1])
session["account_authentication_methods"] = [
    {**record, "at": record["at"] - 3600} for record in session["account_authentication_methods"]
]
session.save()
"""


def totp(secret):
    """What an app shows now (RFC 6238); not in the last seconds of a half minute, so that it is still true when it
    arrives."""
    while time.time() % 30 > 22:
        time.sleep(0.5)
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, int(time.time() // 30).to_bytes(8), hashlib.sha1)
    place = digest[-1] & 15
    return f"{(int.from_bytes(digest[place : place + 4]) & 0x7FFFFFFF) % 10**6:06}"


@pytest.fixture(scope="module")
def invitation(site, site_folder):
    """The link that a new user of the office gets."""
    command = (sys.executable, "-m", "prongsai.cli", "make-user", EMAIL, "ผู้ใช้ส่วนกลางคนที่สอง", "--site", site)
    done = subprocess.run(
        command, env=command_environment(site_folder), cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )
    return re.search(r"https?://\S+", done.stdout)[0]


def age_sign_in(page, folder):
    """An hour passes at this desk."""
    (key,) = (c["value"] for c in page.context.cookies() if c["name"] == "prongsai_session")
    environment = command_environment(folder) | {"DJANGO_SETTINGS_MODULE": "prongsai.settings", "PRONGSAI_DEMO": "1"}
    subprocess.run([sys.executable, "-c", AGE_SESSION, key], env=environment, cwd=ROOT, timeout=300, check=True)


def enter_password(page):
    page.goto("/account/login/")
    page.get_by_label("อีเมล").fill(EMAIL)
    page.get_by_label("รหัสผ่าน").fill(NEW_PASSWORD)
    page.get_by_role("button", name="เข้าสู่ระบบ", exact=True).click()


def test_a_second_factor_is_set_up_used_and_asked_for_again_before_a_binding_act(visit, invitation, site_folder):
    page = visit(width=360)
    page.goto(invitation)
    for field in page.locator("main input[type=password]").all():
        field.fill(NEW_PASSWORD)
    page.locator("main button[type=submit]").first.click()
    enter_password(page)
    page.wait_for_url("**/desk/")

    # an app, from the account's own page
    page.goto("/account/2fa/")
    accessible(page)
    page.goto("/account/2fa/totp/activate/")
    accessible(page)
    secret = page.locator("#authenticator_secret").input_value()
    code = page.locator("main input[name=code]")
    code.fill("000000" if totp(secret) != "000000" else "111111")
    page.get_by_role("button", name="เปิดใช้", exact=False).click()
    expect(page.get_by_text("รหัสไม่ถูกต้อง")).to_be_visible()
    page.locator("main input[name=code]").fill(totp(secret))
    page.get_by_role("button", name="เปิดใช้", exact=False).click()
    page.wait_for_url("**/account/2fa/recovery-codes/**")
    accessible(page)
    spare = page.locator(".recovery-codes code").all_inner_texts()
    assert len(spare) == 10

    # the password alone leads nowhere any more
    page.get_by_role("button", name="ออกจากระบบ").click()
    enter_password(page)
    page.wait_for_url("**/account/2fa/authenticate/**")
    accessible(page)
    page.goto("/desk/")
    page.wait_for_url("**/account/2fa/authenticate/**")
    page.locator("main input[name=code]").fill("123")
    page.locator("main button[type=submit]").first.click()
    expect(page.get_by_text("รหัสไม่ถูกต้อง")).to_be_visible()
    page.locator("main input[name=code]").fill(totp(secret))
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/desk/")

    # an hour later: somebody is to be invited, which opens a door
    page.goto("/desk/people/invite/")
    page.get_by_label("อีเมล").fill("new.assessor@demo.test")
    page.get_by_label("ชื่อ", exact=False).first.fill("ผู้ตรวจประเมินคนใหม่")
    page.get_by_label("บทบาท").select_option("assessor")
    age_sign_in(page, site_folder)
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", name="ยืนยันว่าเป็นท่าน")).to_be_visible()
    accessible(page)
    page.get_by_label("รหัสผ่าน").fill("somebody else at this desk")
    page.get_by_role("button", name="ยืนยันและทำต่อ").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto("/desk/people/")
    expect(page.get_by_text("new.assessor@demo.test")).to_have_count(0)

    page.goto("/desk/people/invite/")
    page.get_by_label("อีเมล").fill("new.assessor@demo.test")
    page.get_by_label("ชื่อ", exact=False).first.fill("ผู้ตรวจประเมินคนใหม่")
    page.get_by_label("บทบาท").select_option("assessor")
    page.locator("main form button[type=submit]").first.click()
    page.get_by_label("รหัสจากแอปยืนยันตัวตน หรือรหัสกู้คืน").fill(spare[0])
    page.get_by_role("button", name="ยืนยันด้วยรหัสนี้").click()
    page.wait_for_url("**/desk/people/**")
    expect(page.get_by_text("ผู้ตรวจประเมินคนใหม่").first).to_be_visible()  # nothing was typed again
