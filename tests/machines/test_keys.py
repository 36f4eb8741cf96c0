"""The database knows the fingerprint of the secrets that all machines share."""

import pytest

from prongsai.machines import keys
from prongsai.machines.models import KeyFingerprint
from prongsai.people import factor_secrets, trail
from prongsai.people.models import AuditEntry
from prongsai.survey import keys as envelope_keys
from prongsai.web import health


@pytest.fixture
def machine(settings, tmp_path, db):
    def become(folder, secret="one secret " * 6):
        (tmp_path / folder).mkdir(exist_ok=True)
        settings.KEYS, settings.SECRET_KEY = tmp_path / folder, secret
        return settings.KEYS

    return become


def test_before_anything_is_noted_every_machine_is_the_first(machine):
    machine("a")
    assert keys.find_differences() == []


def test_a_machine_with_the_same_folder_and_key_is_one_of_us(machine):
    machine("a")
    keys.note_fingerprints()
    keys.note_fingerprints()
    machine("a")
    assert keys.find_differences() == []
    keys.require_same_keys()


@pytest.mark.parametrize(
    ("folder", "secret", "differs"),
    [("b", "one secret " * 6, ["folder"]), ("a", "another " * 8, ["secret_key"]), ("b", "another " * 8, None)],
)
def test_a_machine_with_other_secrets_is_not_ready(machine, folder, secret, differs):
    machine("a")
    keys.note_fingerprints()
    machine(folder, secret)
    assert sorted(keys.find_differences()) == sorted(differs or ["folder", "secret_key"])
    assert not health.check_readiness()["keys"]
    with pytest.raises(keys.ForeignKeysError):
        keys.require_same_keys()
    keys.note_fingerprints()  # whoever is second changes nothing
    assert keys.find_differences()


def test_the_database_has_no_secret(machine, settings):
    folder = machine("a")
    keys.note_fingerprints()
    stored = "".join(KeyFingerprint.objects.values_list("fingerprint", flat=True))
    assert (folder / "installation-id").read_text() not in stored
    assert settings.SECRET_KEY not in stored
    assert (folder / "installation-id").stat().st_mode & 0o777 == 0o600


def test_where_the_folder_is_not_mounted_no_key_is_made(machine):
    """Neither of envelopes, which nobody else could open, nor of the audit trail, whose chain would break, nor of
    second factors, whose codes nobody else could check."""
    machine("a")
    keys.note_fingerprints()
    unmounted = machine("unmounted")
    with pytest.raises(OSError, match="เมานต์"):
        envelope_keys.newest_key_number()
    with pytest.raises(OSError, match="เมานต์"):
        factor_secrets.encrypt("secret of an app")
    with pytest.raises(OSError, match="ไม่ตรงกับ"):
        trail.log_audit(by=None, action="registry.import", subject="x")
    assert list(unmounted.iterdir()) == []
    assert not AuditEntry.objects.exists()


def test_lost_keys_are_replaced_by_whoever_says_so(machine):
    machine("a")
    keys.note_fingerprints()
    machine("b")
    keys.note_fingerprints(replace=True)
    assert keys.find_differences() == []
    machine("a")
    assert keys.find_differences() == ["folder"]
