"""What tests of the Django rooms share: agencies, users of every role, published results."""

import contextlib
import datetime
import gc
import hashlib
import importlib
import pickle
import sqlite3
from pathlib import Path

import hypothesis
import pytest
from _pytest import runner

from prongsai.cli import GARBAGE_COLLECTION_THRESHOLD
from prongsai.lib import sandbox
from prongsai.lib.call_stack import with_room
from tests.installation import migrate_once

# no test fails because a machine is slow
hypothesis.settings.register_profile(
    "prongsai", parent=hypothesis.settings(), deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("prongsai")

gc.set_threshold(GARBAGE_COLLECTION_THRESHOLD)  # Python's own costs a seventh of the time of tests

SAMPLES = Path(__file__).parents[1] / "samples"


def pytest_collection_finish():
    """Import every view: modules take what they import before a test replaces it, not for ever what a test put there
    for a while. As a part of collecting, which tests of mutants do once for all of them. What is there by now stays,
    and is not looked through for garbage again and again."""
    importlib.import_module("prongsai.urls")
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Files whose tests run whole installations come first, then those that open every page: each takes long, and one
    that came last would keep one core waiting for it. The rest stay in their order."""
    first = ("cli", "jobs", "machines", "house", "hostile", "web")
    items.sort(key=lambda item: item.path.parent.name not in first)


run_test = with_room(runner.pytest_runtest_protocol)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """As always, with room for the frames of its calls: a sixth less processor time."""
    return run_test(item, nextitem)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown():
    """A test that leaves this process forking itself for the sandbox, as commands do, would have every later file read
    under the memory limit of a process that is larger than that."""
    ended = yield
    assert not sandbox._forks_here
    return ended


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Tests begin with a copy of tables that were made once: migrating takes longer than most tests."""
    from django.db import connection
    from django.db.backends.signals import connection_created

    made = migrate_once()
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = made
        return

    def fill(connection, **_):
        database = connection.connection
        if connection.is_in_memory_db() and not database.execute("SELECT 1 FROM sqlite_master").fetchone():
            with contextlib.closing(sqlite3.connect(made)) as tables:
                tables.backup(database)

    connection_created.connect(fill, weak=False)


@pytest.fixture(autouse=True)
def _forget_signed_log():
    """Each test has a database of its own, which does not continue what the key signed in the one before."""
    yield
    from django.conf import settings

    if settings.configured:
        (settings.DATA / "keys" / "public-log-signed.json").unlink(missing_ok=True)


@pytest.fixture
def one_connection():
    """The application leaves the test's own connection, with its open transaction, as it is."""
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def people(db):
    """One user of each role, by role; passwords are "correct horse battery"."""
    from prongsai.people.models import User
    from prongsai.people.roles import Role

    made = {}
    for role in Role:
        user = User(email=f"{role.value}@example.test", name=f"ผู้ใช้ {role.value}", role=role)
        user.set_password("correct horse battery")
        user.save()
        made[role.value] = user
    return made


@pytest.fixture
def agencies(db):
    """Two agencies: one that users act for, and another."""
    from prongsai.registry.models import Agency

    own = Agency(assessment_id="ita", code="A1", name_th="องค์การบริหารส่วนตำบลบ้านทดสอบ", kind="sao", province="ขอนแก่น")
    other = Agency(
        assessment_id="ita", code="B2", name_th="เทศบาลตำบลเมืองอื่น", kind="subdistrict_municipality", province="ตาก"
    )
    own.save()
    other.save()
    return own, other


@pytest.fixture
def running_round(people, agencies):
    """The officer and the executive act for the first agency; the assessor has been given it in a running round."""
    from prongsai.registry.actions import appoint, assign, create_round, enroll_agencies, set_round_status

    own, _ = agencies
    for role in ("officer", "executive"):
        appoint(user=people[role], agency=own, on=datetime.date(2020, 1, 1), by=people["office"])
    assessment_round = create_round(fiscal_year=sample_year(), by=people["office"])
    enroll_agencies(assessment_round=assessment_round, agencies=agencies, by=people["office"])
    set_round_status(assessment_round=assessment_round, status="running", by=people["office"])
    assign(assessment_round=assessment_round, agency=own, assessor=people["assessor"], by=people["office"])
    return assessment_round


def sample_year() -> int:
    """The fiscal year whose rules tests use: that of the sample document, whatever years are shipped."""
    return 2568


@pytest.fixture
def imported(people, agencies):
    """A sample document, read and waiting for confirmation, of the first agency."""
    return upload(agencies[0], people["officer"], "bangpla-2568.txt")


def upload(agency, user, sample):
    from prongsai.results import actions

    made = actions.upload(
        path=SAMPLES / sample, file_name=sample, shape="document", by=user, agency=agency, enqueue=False
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sandbox, "run", _run_once)
        actions.read_import.call(made.pk)
    made.refresh_from_db()
    return made


_answers: dict[str, bytes] = {}


def _run_once(job, *arguments, file=None, **options):
    """``sandbox.run`` of the samples that a hundred tests begin with: each is read once in a process."""
    content = file.read_bytes() if file else b""
    key = hashlib.sha256(pickle.dumps((job, arguments, content))).hexdigest()
    if key not in _answers:
        _answers[key] = pickle.dumps(_run(job, *arguments, file=file, **options))
    return pickle.loads(_answers[key])


_run = sandbox.run


_reviews = {}


def review_once(imported, year):
    """``review_figures`` of a sample that nobody has typed into: each is audited once in a process."""
    from prongsai.results import queries

    rules = queries.framework_for(imported.assessment_id, year)
    key = imported.file_digest, year, rules.digest, repr(imported.reading)
    if key not in _reviews:
        _reviews[key] = queries.review_figures(imported, year)
    return _reviews[key]


@pytest.fixture
def published(people, agencies, imported):
    """Both years of that document, confirmed as printed and published. Gives the ResultSets, newest first."""
    from prongsai.results import actions, queries

    made = []
    for year in queries.import_years(imported):
        values = {x.node: x.value for x in review_once(imported, year) if x.value}
        result_set = actions.confirm_document(
            imported=imported, agency=agencies[0], fiscal_year=year, values=values, by=people["officer"]
        )
        actions.publish(result_set=result_set, by=people["office"])
        made.append(result_set)
    return made
