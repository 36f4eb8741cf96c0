"""What is left behind where something was deleted: pages of the database's file, and keys that a process had read."""

import secrets
import sqlite3

import pytest
from django.db import connection

from prongsai import settings as site
from prongsai.survey import keys, mixing
from prongsai.survey.models import Channel

CONTENT = secrets.token_bytes(176)  # as a sealed form


def delete_answers(path, commands):
    """A database file in which envelopes came and went, while others stayed."""
    made = sqlite3.connect(path)
    for command in commands.split(";"):
        made.execute(command)
    made.execute("CREATE TABLE envelope (id text PRIMARY KEY, content blob)")
    for number in range(200):
        made.execute("INSERT INTO envelope VALUES (?, ?)", [f"{number:032}", CONTENT if number % 2 else bytes(176)])
    made.commit()
    made.execute("DELETE FROM envelope WHERE content = ?", [CONTENT])
    made.commit()
    made.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    made.close()
    return path.read_bytes()


@pytest.mark.django_db
@pytest.mark.skipif(
    not site.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="PostgreSQL overwrites nothing: docs/privacy.md"
)
def test_deleted_envelopes_are_in_no_page_of_the_file(tmp_path):
    commands = site.DATABASES["default"]["OPTIONS"]["init_command"]
    assert CONTENT in delete_answers(tmp_path / "careless", commands.replace("secure_delete=ON", "secure_delete=OFF"))
    assert CONTENT not in delete_answers(tmp_path / "ours", commands)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_a_process_opens_nothing_with_a_key_that_was_destroyed_after_it_had_read_it(db):
    """The attacker has an envelope of before, and the process that once read its key, still running."""
    channel = Channel(slug="AAAABBBBCCCC")
    envelope = mixing.encrypt_answers(channel, b"\1\2\3")
    assert mixing.decrypt_envelope(envelope, channel.slug) == b"\1\2\3"
    mixing.rotate_key()
    mixing.rotate_key()  # the one before outlives a rotation
    assert envelope.key_number not in keys.list_key_numbers()
    with pytest.raises(mixing.EnvelopeError):
        mixing.decrypt_envelope(envelope, channel.slug)
