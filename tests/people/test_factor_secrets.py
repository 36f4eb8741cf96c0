"""Secrets of second factors: somebody who has the database, or a backup of it, and nothing of the key folder."""

import importlib
import json
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.apps import apps
from django.test import Client
from django.urls import reverse

from prongsai.people import factor_secrets
from prongsai.web import deployment
from tests.survey.test_unlinkable import copy_database

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.DATA = tmp_path
    settings.SECOND_FACTOR = True
    settings.MFA_TOTP_TOLERANCE = 9  # half minutes: the machine may be slow


def code_of(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def start_sign_in():
    client = Client()
    client.post(reverse("account_login"), {"login": "executive@example.test", "password": PASSWORD})
    return client


def enrol():
    """The executive sets an app up; returns its secret and the codes for emergencies."""
    client = start_sign_in()
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    codes = Authenticator.objects.get(type="recovery_codes").wrap().generate_codes()
    return secret, codes


def enters(code):
    client = start_sign_in()
    client.post(reverse("mfa_authenticate"), {"code": code})
    return client.get(reverse("account")).status_code == 200


def test_whoever_has_the_database_makes_no_code(people):
    secret, codes = enrol()
    stolen = json.dumps(copy_database(), ensure_ascii=False)
    assert secret not in stolen
    for factor in Authenticator.objects.filter(type__in=("totp", "recovery_codes")):
        (field,) = {"secret", "seed"} & set(factor.data)
        assert factor_secrets.is_encrypted(factor.data[field])
        assert factor_secrets.decrypt(factor.data[field]) not in stolen
    assert not any(code in stolen for code in codes)


def test_its_owner_enters_by_code_and_by_a_code_for_emergencies(people):
    _, codes = enrol()
    assert enters(codes[0])
    secret = factor_secrets.decrypt(Authenticator.objects.get(type="totp").data["secret"])
    assert enters(code_of(secret))
    assert not enters("000000")


def migration():
    return importlib.import_module("prongsai.people.migrations.0006_encrypted_factors")


@pytest.fixture
def old(people):
    """Factors as versions before stored them."""
    Authenticator.objects.create(user=people["executive"], type="totp", data={"secret": SECRET})
    data = {"seed": "ab" * 40, "used_mask": 5, "migrated_codes": ["12345678"]}
    Authenticator.objects.create(user=people["executive"], type="recovery_codes", data=data)
    Authenticator.objects.create(user=people["executive"], type="webauthn", data={"name": "กุญแจ"})


@pytest.mark.usefixtures("old")
def test_what_was_stored_before_comes_along_encrypted():
    before = list(Authenticator.objects.order_by("pk").values("type", "data"))
    migration().encrypt(apps, None)
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    for text in (SECRET, "ab" * 40, "12345678"):
        assert text not in stored
    assert Authenticator.objects.get(type="recovery_codes").data["used_mask"] == 5
    once = list(Authenticator.objects.order_by("pk").values("type", "data"))
    migration().encrypt(apps, None)
    assert list(Authenticator.objects.order_by("pk").values("type", "data")) == once
    assert enters(code_of(SECRET))
    migration().decrypt(apps, None)
    assert list(Authenticator.objects.order_by("pk").values("type", "data")) == before


def test_where_there_is_no_factor_no_key_is_made(people, tmp_path):
    migration().encrypt(apps, None)
    assert not (tmp_path / "keys" / "second-factors.json").exists()


def test_nobody_but_the_owner_of_the_program_reads_the_key(people, tmp_path):
    factor_secrets.encrypt(SECRET)
    assert (tmp_path / "keys" / "second-factors.json").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["second-factors.json"]


def test_two_processes_that_make_the_key_at_once_have_one(tmp_path):
    first = factor_secrets._create_key()
    assert factor_secrets._create_key() == first


def test_a_lost_key_is_a_sentence_for_its_owner_and_for_the_doctor(people, tmp_path):
    secret, _ = enrol()
    (tmp_path / "keys" / "second-factors.json").unlink()
    client = start_sign_in()
    page = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert page.status_code == 200
    assert "อ่านรหัสลับของการยืนยันตัวตนสองชั้นไม่ได้" in page.content.decode()
    problems = {p.id: p for p in deployment.find_problems()}
    assert "2 รายการอ่านไม่ได้" in problems["factor-key"].text
    assert "second-factors.json" in problems["factor-key"].remedy
    client.force_login(people["executive"])
    page = client.get(reverse("mfa_view_recovery_codes"), follow=True)
    assert "อ่านรหัสลับของการยืนยันตัวตนสองชั้นไม่ได้" in page.content.decode()
    factor_secrets.encrypt(SECRET)  # a new key does not hide that the old one is gone
    assert "factor-key" in {p.id for p in deployment.find_problems()}


@pytest.mark.usefixtures("old")
def test_the_doctor_says_what_anybody_could_read():
    assert "factor-open" in {p.id for p in deployment.find_problems()}
    migration().encrypt(apps, None)
    assert not {"factor-open", "factor-key"} & {p.id for p in deployment.find_problems()}


@pytest.mark.parametrize("spoil", [lambda t: t[:-4] + "AAA=", lambda t: t[:40], lambda t: t.replace(".", ".0", 1)])
def test_what_was_altered_is_not_read(spoil):
    with pytest.raises(factor_secrets.UnreadableSecretError):
        factor_secrets.decrypt(spoil(factor_secrets.encrypt(SECRET)))
