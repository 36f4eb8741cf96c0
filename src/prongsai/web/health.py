"""Whether this process lives, and whether the installation can do its work: what a balancer, a container and a monitor
ask. Answers name no host, file or person."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from prongsai.jobs.queries import is_worker_alive
from prongsai.machines.keys import find_differences
from prongsai.survey import keys

MIN_FREE = 200_000_000  # bytes of the data disk: an upload and a backup's draft still fit
DRAINING = "PRONGSAI_DRAINING_FILE"  # names a file that is there once the server was told to stop; set by serve itself
_migrated = False  # migrations are only ever added; looked up until they are all there


def check_readiness() -> dict[str, bool]:
    """Each thing the installation needs for its work, and whether it is there."""
    return {name: _passes(check) for name, check in _CHECKS.items()}


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, OSError, ValueError):
        return False


def _answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _is_migrated() -> bool:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def _has_room() -> bool:
    data = Path(settings.DATA)
    return shutil.disk_usage(data).free >= MIN_FREE and os.access(data, os.W_OK)


def _has_keys() -> bool:
    """Whether this machine has the keys of the others, and those of envelopes can be read; there are none before the
    first survey."""
    if find_differences():
        return False
    numbers = keys.list_key_numbers()
    return not numbers or bool(keys.load_key(numbers[-1]))


def _is_serving() -> bool:
    """Whether this server was not told to stop: a balancer leaves it before it closes (PRONGSAI_DRAIN)."""
    flag = os.environ.get(DRAINING)
    return flag is None or not Path(flag).exists()


_CHECKS: dict[str, Callable[[], bool]] = {
    "database": _answers,
    "migrations": _is_migrated,
    "worker": is_worker_alive,
    "disk": _has_room,
    "keys": _has_keys,
    "serving": _is_serving,
}
