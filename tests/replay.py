"""What a fixture stores, made by the actions once in a process and written again for the tests after it.

A round of two agencies takes a hundred queries through Django, each of which costs more than the database does. What
the actions write is noted statement by statement, and written again as it was in a test that begins in the same way:
with the same users and agencies, nothing else stored, the same keys, nothing of ours replaced. Any other test, and
every one on PostgreSQL, whose numbers go on from test to test, has it made anew.
"""

import pickle
import re

from django.conf import settings
from django.db import connection

_HARMLESS = {"MEDIA_ROOT"}  # settings that tests change without changing what is stored
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_noted = {}


def replayed(name, make, request):
    """What ``make`` returns, a model, with all that it stores."""
    begins = _describe_beginning(request)
    if begins is None:
        return make()
    key = name, begins
    if key in _noted:
        writes, made = _noted[key]
        with connection.cursor() as cursor:
            for statement, parameters in writes:
                cursor.execute(statement, parameters)
        return pickle.loads(made)
    writes = []

    def note(execute, statement, parameters, many, context):
        if _WRITES.match(statement):
            assert not many
            writes.append((statement, parameters))
        return execute(statement, parameters, many, context)

    with connection.execute_wrapper(note):
        made = make()
    if _describe_files() == begins[-1]:  # a key that was made now is there next time
        _noted[key] = writes, pickle.dumps(made)
    return made


def _describe_beginning(request):
    """All that decides what is stored; None where it cannot be told."""
    if connection.vendor != "sqlite" or not connection.in_atomic_block or _is_something_replaced(request):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence ORDER BY name")
        numbers = cursor.fetchall()
        cursor.execute("SELECT id, email, name, role, assessment, is_active FROM people_user ORDER BY id")
        users = cursor.fetchall()
        cursor.execute("SELECT * FROM registry_agency ORDER BY id")
        agencies = cursor.fetchall()
    return repr((numbers, users, agencies)), _describe_files()


def _is_something_replaced(request):
    """Whether anything of the program was replaced before: the clock, the rules, an action."""
    patched = request.getfixturevalue("monkeypatch")
    if patched._setattr or patched._setitem:
        return True
    if "settings" not in request.fixturenames:
        return False
    changed = request.getfixturevalue("settings")._to_restore
    return any(set(override.options) - _HARMLESS for override in changed)


def _describe_files():
    """The keys that sign what is stored."""
    folder = settings.KEYS or settings.DATA / "keys"
    files = sorted(folder.glob("*")) if folder.exists() else []
    return str(settings.DATA), tuple((f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in files)
