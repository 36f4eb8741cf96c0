"""A loaded database of version 0.1.0, brought up to the present: everything in it is still read, and work goes on.

What is expected stands in ``expected.json``, in the words that version 0.1.0 said it in; addresses are written out, for
people have bookmarked them. Models of the present are named in the small functions at the head and in the last tests,
queries where they are asked.
"""

import hashlib
import json
import lzma
import os
import sqlite3
import tarfile
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client

FIXTURE = Path(__file__).parents[1] / "data" / "v0.1.0"
EXPECTED = json.loads((FIXTURE / "expected.json").read_text(encoding="utf-8"))
OWN = "Z0001"  # the agency that has something of everything
UPGRADED = "upgraded_from_0_1_0"
NEWER = {  # unchangeable tables without a row to refuse yet
    "rulebooks_edition",
    "improvement_registerdecision",
    "publiclog_logentry",
    "disclosure_snapshotbatch",
    "publiclog_signedcheckpoint",
    "results_loggedpublication",
    "results_issuedreceipt",
    "disclosure_reopening",
    "results_erratum",
    "results_correctedresult",
    "disclosure_broughtmark",
    "disclosure_markwithdrawal",
    "sites_step",
    "sites_monthstatistics",
    "sites_servicemonth",
    "sites_pageversion",
    "sites_pagepart",
    "sites_pagepart_versions",
}


# --- the database


@contextmanager
def restored(folder):
    """The name of a fresh database, as version 0.1.0 left it."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        path = folder / "prongsai.sqlite3"
        path.write_bytes(lzma.decompress((FIXTURE / "prongsai.sqlite3.xz").read_bytes()))
        yield str(path)
        return
    with psycopg.connect(server, autocommit=True) as own:
        own.execute(f"DROP DATABASE IF EXISTS {UPGRADED}")
        own.execute(f"CREATE DATABASE {UPGRADED}")
        with psycopg.connect(urlunsplit(urlsplit(server)._replace(path=f"/{UPGRADED}")), autocommit=True) as fresh:
            fresh.execute(lzma.decompress((FIXTURE / "prongsai.sql.xz").read_bytes()))
        yield UPGRADED
        own.execute(f"DROP DATABASE {UPGRADED} WITH (FORCE)")


@pytest.fixture(scope="module", autouse=True)
def upgraded(tmp_path_factory, django_db_blocker):
    """The old database in the place of the tests' own, after the present migrations, with its files and keys."""
    folder = tmp_path_factory.mktemp("upgraded")
    with tarfile.open(FIXTURE / "files.tar.xz") as archive:
        archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # from 3.11.4
    own = connections["default"]
    with restored(folder) as name, django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATA", folder)
        patch.setattr(settings, "MEDIA_ROOT", folder / "files")
        connections["default"] = type(own)({**own.settings_dict, "NAME": name}, "default")
        try:
            call_command("migrate", verbosity=0)
            yield
        finally:
            connections["default"].close()
            connections["default"] = own


# --- names of the present


def agency(code=OWN):
    from prongsai.registry.models import Agency

    return Agency.objects.get(code=code)


def round_of(year):
    from prongsai.registry.models import Round

    return Round.objects.get(fiscal_year=year)


def signed_in(role):
    from prongsai.people.models import User

    client = Client()
    client.force_login(User.objects.get(email=f"{role}@demo.test"))
    return client


def plan_of(code, year):
    from prongsai.improvement import queries

    return next(p for p in queries.plans_of(agency(code)) if p.fiscal_year == year)


def filing_of(year):
    from prongsai.disclosure import queries

    return queries.get_filing(round_of(year), agency())


def queued():
    from prongsai.jobs.models import Job

    return list(Job.objects.filter(state="waiting"))


# --- reading


def opened(address, role=""):
    """What an address gives, or the place it has moved to."""
    response = (signed_in(role) if role else Client()).get(address, follow=True)
    assert response.status_code == 200, (role, address)
    assert not any("/account/login/" in moved for moved, _ in response.redirect_chain), (role, address)
    return response


def page(address, role=""):
    """A page's text."""
    return opened(address, role).content.decode()


def data(address):
    return json.loads(page(address))


def file(address, role):
    """The SHA-256 of a download."""
    return hashlib.sha256(b"".join(opened(address, role))).hexdigest()


def test_no_row_was_lost():
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table, rows in EXPECTED["rows"].items():
            if table in tables:  # or has another name by now
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                assert cursor.fetchone()[0] >= rows, table


@pytest.mark.parametrize("code", EXPECTED["results"])
def test_published_results(code):
    from prongsai.results import queries

    results = {str(r["fiscal_year"]): r for r in data(f"/api/agencies/{code}/results")}
    wanted = EXPECTED["results"][code]
    assert {y: [r["overall"], r["level"], r["passed"], r["origin"]] for y, r in results.items()} == wanted
    page(f"/agency/{code}/")
    for year, (overall, *_) in wanted.items():
        assert (overall or "") in page(f"/agency/{code}/{year}/")
        analysed = queries.analyse_published(agency(code), int(year))
        assert queries.scores_of(analysed.result) == {n: Fraction(s) for n, s in results[year]["scores"].items()}


def test_every_score_of_a_result():
    for code, scores in EXPECTED["scores"].items():
        [newest] = [r for r in data(f"/api/agencies/{code}/results") if r["fiscal_year"] == 2568]
        assert newest["scores"] == scores


def test_receipts_are_still_right():
    from prongsai import analysis, framework

    for code in EXPECTED["scores"]:
        receipt = data(f"/agency/{code}/2568/receipt.json")
        assert analysis.verify_receipt(receipt, framework.load(framework.NATIONAL, 2568)) == []


def test_the_nation_by_year():
    years = {str(r["fiscal_year"]): [r["agencies"], r["mean"], r["median"], r["passed"]] for r in data("/api/rounds")}
    assert years == EXPECTED["years"]


@pytest.mark.parametrize("wanted", EXPECTED["plans"], ids=lambda p: f"{p['agency']}-{p['year']}")
def test_plans_and_what_was_done(wanted):
    from prongsai.improvement.snapshot import build_snapshot

    plan = plan_of(wanted["agency"], wanted["year"])
    assert (plan.status, plan.public) == (wanted["status"], wanted["public"])
    snapshot = build_snapshot(plan)
    assert snapshot.digest == wanted["digest"]
    assert (snapshot.approval.name if snapshot.approval else "") == wanted["approved"]
    measures = [
        {
            "title": r.title,
            "about": list(r.subjects),
            "units": list(r.units),
            "budget": str(r.budget) if r.budget is not None else "",
            "dues": [d.isoformat() for d in r.due_dates],
            "keeper": r.owner,
            "followed": [
                [
                    f.due.isoformat(),
                    f.on.isoformat(),
                    f.status,
                    f.done,
                    f.obstacles,
                    f.suggestion,
                    [list(e) for e in f.evidence],
                ]
                for f in r.follow_ups
            ],
        }
        for r in snapshot.measures
    ]
    assert measures == wanted["measures"]
    own = f"/desk/agency/{wanted['agency']}/plan/{wanted['year']}/"
    assert all(m["title"] in page(own, "officer") for m in measures[:1])


def test_the_board_and_the_public_plan():
    [wanted] = [p for p in EXPECTED["plans"] if p["public"]]
    own = f"/desk/agency/{wanted['agency']}/plan/{wanted['year']}/"
    pages = [
        page(f"{own}{part}", "executive") for part in ("board/", "timeline/", "report/six/", "report/year/", "outcome/")
    ]
    pages.append(page(f"/agency/{wanted['agency']}/{wanted['year']}/plan/"))
    for measure in wanted["measures"]:
        assert all(measure["title"] in text for text in (pages[0], pages[-1]))
    done = [f[3] for m in wanted["measures"] for f in m["followed"]]
    assert done
    assert all(text in pages[3] for text in done)


def test_issued_papers_are_what_they_were(tmp_path):
    from prongsai.documents import queries
    from prongsai.intake import read_rows

    issued = {}
    for paper in EXPECTED["papers"]:
        issued[paper["agency"], paper["year"], paper["kind"]] = paper  # the last of each kind
    for (code, year, kind), paper in issued.items():
        [offered] = [o for o in queries.list_offered(agency(code), year) if o.kind == kind]
        found = offered.issued
        assert (found.pk, found.docx_sha256, found.pdf_sha256, found.figures_read) == (
            paper["id"],
            paper["docx"],
            paper["pdf"],
            paper["figures"],
        )
    stored = EXPECTED["files_kept"][0]
    own = f"/desk/agency/{stored['agency']}/paper/{stored['id']}"
    for form in ("docx", "pdf"):
        assert file(f"{own}.{form}", "officer") == stored[form]
    path = tmp_path / "paper.docx"
    path.write_bytes(b"".join(opened(f"{own}.docx", "officer")))
    text = " ".join(cell for row in read_rows(path) for cell in row.cells)
    assert agency(stored["agency"]).name_th in text


def test_templates_of_ones_own():
    from prongsai.documents import queries

    for code, kind, sha256 in EXPECTED["templates"]:
        year = next(p["year"] for p in EXPECTED["papers"] if p["agency"] == code)
        offered = queries.list_offered(agency(code), year)
        assert {o.kind: o.template.sha256 for o in offered if o.template} == {kind: sha256}


@pytest.mark.parametrize("wanted", EXPECTED["memos"], ids=lambda m: str(m["id"]))
def test_memos_with_their_signatures(wanted):
    from prongsai.documents.models import Memo

    own = f"/desk/agency/{wanted['agency']}/memo/{wanted['id']}/"
    text = page(own, "auditor")
    for signature in wanted["signatures"]:
        assert all(signature[part] in text for part in ("name", "position", "opinion"))
        assert signature["says"][:12] in text
    if wanted["waiting"]:
        assert wanted["waiting"] in text
        assert wanted["position"] in text
    paper = page(f"{own}paper.html", "officer")
    assert wanted["subject"] in paper
    if wanted["signatures"]:
        last = wanted["signatures"][-1]
        assert hashlib.sha256(paper.encode()).hexdigest() == last["html"]
        assert Memo.objects.get(pk=wanted["id"]).signatures.last().content_digest == last["says"]
        if last["pdf"] == EXPECTED["files_kept"][1]["pdf"]:
            for form in ("docx", "pdf"):
                assert file(f"{own}paper.{form}", "officer") == last[form]


def test_the_audit_trail_is_whole():
    from prongsai.people.queries import verify_audit_trail

    check = verify_audit_trail(EXPECTED["trail"]["head"])  # of then: what was added since comes after it
    assert check.problem == ""
    assert check.entries >= EXPECTED["trail"]["entries"]
    assert str(check.entries) in page("/desk/trail/?verify=1", "auditor")


def test_actions_are_found_by_the_names_they_had():
    from prongsai.people.queries import audit_entries

    client = signed_in("auditor")
    for action, number in EXPECTED["trail"]["actions"].items():
        entries = [e for e in audit_entries(assessment="ita", action=action) if e.action == action]
        assert len(entries) >= number, action
        text = client.get("/desk/trail/", {"action": action}).content.decode()
        assert entries[0].subject in text, action
        assert action in text, action


def test_answers_and_receipts():
    from prongsai.survey import queries

    wanted = EXPECTED["survey"]
    for year, instruments in wanted["received"].items():
        progress = queries.find_quota_progress(round_of(int(year)), agency())
        assert {p.instrument.id: [p.population, p.received] for p in progress} == instruments
        page(f"/desk/agency/{OWN}/survey/{year}/", "officer")
    assert wanted["receipts"]
    assert all(queries.is_answer_counted(number) for number in wanted["receipts"])
    assert not queries.is_answer_counted("0123456789ABCZZZ")


def test_sealed_answers():
    for year, (responses, files) in EXPECTED["survey"]["sealed"].items():
        assert str(responses) in page(f"/desk/survey/{year}/", "office")
        assert files
        for name, sha256 in files.items():
            assert file(f"/desk/survey/{year}/sealed/{name}", "office") == sha256


@pytest.mark.parametrize("year", EXPECTED["filings"])
def test_filings_with_their_links_and_marks(year):
    from prongsai.disclosure import queries

    wanted, filing = EXPECTED["filings"][year], filing_of(int(year))
    rows = queries.item_rows(filing)
    assert {r.item.id: [[x.url, x.state] for x in r.links] for r in rows if r.links} == wanted["links"]
    assert {i: m.points for i, m in queries.counting_marks(filing).items()} == wanted["points"]
    held = queries.last_confirmation(filing)
    assert (held.digest if held else "", held.name if held else "") == (wanted["confirmed"], wanted["name"])
    desk = page(f"/desk/agency/{OWN}/oit/{year}/", "officer")
    assert all(text in desk for text in wanted["remarks"])
    for item, text in wanted["replies"].items():
        assert text in page(f"/desk/agency/{OWN}/oit/{year}/{item}/", "officer")
    page(f"/desk/oit/{year}/", "office")
    if held:
        shown = page(f"/agency/{OWN}/{year}/oit/")
        assert all(url in shown for links in wanted["links"].values() for url, _ in links)


def test_marks_that_were_sealed_stay_sealed():
    from prongsai.disclosure import queries

    for year, (marks, digest) in EXPECTED["marks_sealed"].items():
        sealed = queries.latest_seal(round_of(int(year)))
        assert (sealed.marks, sealed.digest) == (marks, digest)


def test_every_desk_opens():
    for role, addresses in {
        "office": [
            "/desk/",
            "/desk/people/",
            "/desk/agencies/",
            "/desk/rounds/",
            "/desk/rounds/2568/",
            "/desk/results/",
            "/desk/plans/",
            "/desk/library/",
        ],
        "assessor": [
            "/desk/",
            "/desk/marking/",
            f"/desk/marking/{OWN}/2568/",
            f"/desk/agency/{OWN}/interview/2568/EIT2/",
        ],
        "assessor2": ["/desk/", "/desk/marking/"],
        "auditor": [
            "/desk/",
            "/desk/trail/",
            "/desk/results/",
            f"/desk/agency/{OWN}/",
            f"/desk/agency/{OWN}/papers/2568/",
        ],
        "officer": [
            "/desk/",
            "/me/notices/",
            f"/desk/agency/{OWN}/",
            f"/desk/agency/{OWN}/oit/2566/todo/",
            "/desk/agency/L3410/plan/2565/edit/",
        ],
        "executive": ["/desk/", f"/desk/agency/{OWN}/plan/", f"/desk/agency/{OWN}/plan/2569/decide/"],
        "": [
            "/",
            "/rankings/",
            "/nation/",
            "/methodology/",
            "/data/",
            "/data/2568.csv",
            f"/compare/?agency={OWN}&agency=B1019",
        ],
    }.items():
        for address in addresses:
            opened(address, role)


def test_work_that_was_queued_can_still_be_done():
    """24 mails waited in a queue of another kind; the batch beside them was done already."""
    from prongsai.jobs.kinds import find_kind

    names = [job.name for job in queued() if job.name != "results.describe_year"]
    assert names == ["people.mail_notice"] * 24
    assert all(find_kind(name) for name in names)
    assert "django_tasks_database_dbtaskresult" not in connection.introspection.table_names()


def test_a_mail_that_was_queued_is_sent(mailoutbox):
    from prongsai.jobs.actions import work_on
    from prongsai.jobs.leases import take_job
    from prongsai.people.models import Notice

    with transaction.atomic():
        job = take_job(queue="mail", owner="test")
        work_on(job)
        assert [mail.to for mail in mailoutbox] == [[Notice.objects.get(pk=job.arguments[0]).user.email]]
        transaction.set_rollback(True)


def test_what_was_unchangeable_still_is():
    """A migration that writes a table anew may leave its triggers behind."""
    found = {
        "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%~_no~_%' ESCAPE '~'",
        "postgresql": "SELECT relname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid"
        " WHERE tgname LIKE '%~_no~_%' ESCAPE '~'",
    }
    with connection.cursor() as cursor:
        cursor.execute(found[connection.vendor])
        tables = {name for (name,) in cursor.fetchall()}
        assert len(tables) >= len(EXPECTED["unchangeable"]), f"may be changed: {set(EXPECTED['unchangeable']) - tables}"
        for table in tables - NEWER:
            for statement in (f'UPDATE "{table}" SET id = id', f'DELETE FROM "{table}"'):
                with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                    cursor.execute(statement)


# --- going on


def test_work_goes_on():
    address, said = f"/desk/agency/{OWN}/oit/2568/", "อ่านแล้ว ขอให้แก้ลิงก์ที่ยังเปิดไม่ได้"
    assert signed_in("executive").post(f"{address}remark/", {"item": "", "text": said}).status_code == 302
    assert said in page(address, "officer")
    answer = signed_in("officer").post(f"/desk/agency/{OWN}/survey/2568/heads/", {"instrument": "IIT", "people": "130"})
    assert answer.status_code == 302
    assert "130" in page(f"/desk/agency/{OWN}/survey/2568/", "officer")
    test_the_audit_trail_is_whole()


def test_answers_that_waited_can_still_be_opened():
    """Their key lies in a file beside the database."""
    from prongsai.survey.mixing import mix_channel
    from prongsai.survey.models import Channel, Envelope, Response

    wanted = EXPECTED["survey"]
    assert (Response.objects.count(), Envelope.objects.count()) == (wanted["mixed"], wanted["waiting"])
    for channel in Channel.objects.filter(round=round_of(2568)):
        mix_channel(channel=channel, drain=True)
    assert Response.objects.count() == wanted["mixed"] + wanted["waiting"]


def test_the_old_file_is_left_alone():
    """What the fixture restores is what 0.1.0 wrote: nobody made it anew with a later version."""
    with sqlite3.connect(":memory:") as first:
        first.deserialize(lzma.decompress((FIXTURE / "prongsai.sqlite3.xz").read_bytes()))
        [(made_with,)] = first.execute("SELECT DISTINCT code FROM results_resultset").fetchall()
    assert made_with == "0.1.0"
