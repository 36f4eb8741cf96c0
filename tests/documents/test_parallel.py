"""Two people, or two clicks, at one memo in two processes at the same moment, on the database of the tests."""

import json
import subprocess
import sys

import pytest

from tests.installation import environment, make_tables

SETUP = """
import datetime, json
import django; django.setup()
from prongsai.documents import actions
from prongsai.documents.sources import LinePosition
from prongsai.people.models import User
from prongsai.registry.models import Agency, Appointment
from tests.conftest import sample_year
from tests.improvement.plans import result
agency = Agency(assessment_id="ita", code="A1", name_th="องค์การบริหารส่วนตำบลบ้านทดสอบ", kind="sao", province="ขอนแก่น")
agency.save()
users = []
for name, role in (("officer", "officer"), ("deputy", "officer"), ("executive", "executive")):
    user = User.objects.create(email=f"{name}@example.test", name=f"ผู้ใช้ {name}", role=role)
    Appointment.objects.create(agency=agency, user=user, since=datetime.date(2020, 1, 1))
    users.append(user)
result(agency, sample_year(), items={"O1": 0})
line = [LinePosition(position=f"ตำแหน่ง {user.name}", name=user.name, user=user.pk) for user in users]
memos = []
for number in range(2):
    memo = actions.write_memo(
        agency=agency, fiscal_year=sample_year(), office="สำนักปลัด", to="นายก", reference_number="", subject=f"เรื่องที่ {number}",
        line=line, by=users[0],
    )
    memos.append([memo.pk, actions.digest_memo(memo)])
print(json.dumps(memos))
"""

# A process for each of ``wanted``, which act at one moment; what they answered, and the memo then. Whoever holds the
# memo works on it for a while: without a lock the other one reads the memo in the meantime as it was before.
ACT = """
import json, multiprocessing, sys, time
import django; django.setup()
from django.db import connections
from prongsai.documents import actions
from prongsai.documents.models import Memo
from prongsai.people.actions import DomainError
from prongsai.people.models import User

number, seen, wanted = json.loads(sys.argv[1])
processes = multiprocessing.get_context("fork")
barrier = processes.Barrier(len(wanted))
printed = actions._print_signature

def print_slowly(memo, signature):
    printed(memo, signature)
    time.sleep(0.5)

def act(what, answers):
    memo, by = Memo.objects.get(pk=number), User.objects.get(email=f"{what['by']}@example.test")
    to = User.objects.filter(email=f"{what.get('to')}@example.test").first()
    position = f"ตำแหน่ง {to.name}" if to else ""
    barrier.wait()
    try:
        actions.sign_memo(memo=memo, opinion="เห็นควร", content_digest=seen, to=to, position=position, by=by)
        answers.send("done")
    except DomainError as error:
        answers.send(str(error))

actions._print_signature = print_slowly
running = []
for what in wanted:
    mine, theirs = processes.Pipe()
    process = processes.Process(target=act, args=(what, theirs))
    process.start()
    running.append((process, mine))
answers = [mine.recv() for _, mine in running]
for process, _ in running:
    process.join()
memo = Memo.objects.get(pk=number)
signed = [s.by.email.partition("@")[0] for s in memo.signatures.order_by("pk")]
following = memo.next_signatory.email.partition("@")[0] if memo.next_signatory else ""
print(json.dumps([answers, signed, following]))
"""


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """What runs a script in an installation of its own, and the memos there: (id, what it says)."""
    folder = tmp_path_factory.mktemp("parallel")
    make_tables(folder)
    env = environment(folder, DJANGO_SETTINGS_MODULE="prongsai.settings")

    def run(script, *arguments):
        done = subprocess.run([sys.executable, "-c", script, *arguments], env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run, run(SETUP)


def act_at_once(installation, memo, *wanted):
    """What each answer was; and who signed, and who is next."""
    run, memos = installation
    return run(ACT, json.dumps([*memos[memo], wanted]))


def test_of_two_clicks_in_two_processes_one_signs(installation):
    click = {"by": "officer", "to": "deputy"}
    answers, signed, following = act_at_once(installation, 0, click, click)
    assert signed == ["officer"]
    assert following == "deputy"
    done, refused = sorted(answers, key="done".__ne__)
    assert done == "done"
    assert refused.startswith("คุณลงนามบันทึกข้อความนี้แล้ว")


def test_of_two_signatories_at_once_neither_signs_what_they_did_not_read(installation):
    """The officer passes the memo on to the deputy, who has it open and presses at the same moment; the officer's
    window of before passes it on to the executive too."""
    answers, signed, following = act_at_once(
        installation,
        1,
        {"by": "officer", "to": "deputy"},
        {"by": "deputy", "to": "executive"},
        {"by": "officer", "to": "executive"},
    )
    assert answers.count("done") == 1
    assert signed == ["officer"]
    assert following in ("deputy", "executive")
    assert answers[1] != "done"
