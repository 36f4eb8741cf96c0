"""Liveness asks nothing of the database; readiness names what is missing, and nothing else."""

from collections import namedtuple

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from prongsai.jobs.models import Worker
from prongsai.survey import keys
from prongsai.web import health

READY = {"database": True, "migrations": True, "worker": True, "disk": True, "keys": True, "serving": True}


@pytest.fixture
def ready(db, settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path
    settings.JOBS_BY_WORKERS = True
    monkeypatch.setattr(health, "_migrated", False)
    Worker.objects.create(name="here", seen_at=timezone.now())
    keys.create_key()
    return tmp_path


def missing(client):
    answer = client.get("/health/ready")
    found = {name for name, is_there in answer.json().items() if not is_there}
    assert answer.status_code == (503 if found else 200)
    assert answer.json().keys() == READY.keys()
    return found


def refuse(*_):
    raise OperationalError("gone")


def test_an_installation_that_can_work_is_ready(client, ready):
    assert client.get("/health/ready").json() == READY


def test_a_lost_database_ends_readiness_and_not_life(client, ready):
    with connection.execute_wrapper(refuse):
        assert {"database", "migrations", "worker", "keys"} == missing(client)
        assert client.get("/health/live").json() == {"status": "ok"}


def test_a_silent_worker_is_named(client, ready):
    Worker.objects.all().delete()
    assert missing(client) == {"worker"}


def test_migrations_that_are_missing_are_named(client, ready, monkeypatch):
    class Behind:
        def __init__(self, connection):
            self.loader = self
            self.graph = self

        def leaf_nodes(self):
            return []

        def migration_plan(self, nodes):
            return ["0002"]

    monkeypatch.setattr(health, "MigrationExecutor", Behind)
    assert missing(client) == {"migrations"}
    monkeypatch.undo()
    monkeypatch.setattr(health, "is_worker_alive", lambda: True)
    assert "migrations" not in missing(client)  # asked again until they are there


def test_a_full_disk_is_named(client, ready, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: usage(10**12, 10**12, health.MIN_FREE - 1))
    assert missing(client) == {"disk"}


def test_a_key_that_cannot_be_used_is_named(client, ready):
    keys.key_path(keys.newest_key_number()).write_bytes(b"damaged")
    assert missing(client) == {"keys"}


def test_before_the_first_survey_there_is_no_key_to_miss(client, ready):
    keys.destroy_key(keys.newest_key_number())
    assert missing(client) == set()
