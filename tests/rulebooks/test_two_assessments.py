"""A second assessment beside the national one: agencies, roles and pages of its own; nothing of the nation changes."""

import re

import numpy as np
import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction

from prongsai.cli.demo import make_parcels
from prongsai.disclosure.allocation import allocate
from prongsai.framework import NATIONAL
from prongsai.people.actions import DomainError, invite_user
from prongsai.registry import actions as registry
from prongsai.registry.models import Agency, Assessment, Round
from prongsai.results import actions as results
from prongsai.results.models import Overview, ResultSet
from prongsai.rulebooks import actions as rulebooks
from prongsai.rulebooks import queries
from prongsai.rulebooks.models import Rulebook
from prongsai.web.render_ahead import write_files
from tests.conftest import sample_year
from tests.pages import markup

YEAR = sample_year()
# addresses of the nation whose answers must not change by a byte
NATIONAL_PAGES = (
    "/",
    "/nation/",
    f"/nation/{YEAR}/",
    "/rankings/",
    f"/rankings/?year={YEAR}",
    "/compare/?agency=A1&agency=B2",
    f"/agency/A1/{YEAR}/",
    f"/agency/A1/{YEAR}/receipt.json",
    f"/methodology/{YEAR}/",
    "/data/datapackage.json",
    f"/data/{YEAR}.csv",
    "/api/agencies",
    "/api/agencies/A1/results",
    "/api/rounds",
    f"/api/rounds/{YEAR}/results",
)


@pytest.fixture
def faculty_office(db):
    """The office of a university that assesses its faculties, in this installation."""
    registry.create_assessment(slug="kku", name_th="การประเมินคณะของมหาวิทยาลัย", by=None)
    return invite_user(
        email="office@kku.example", name="ส่วนกลางมหาวิทยาลัย", role="office", by=None, site="x", assessment="kku"
    )


@pytest.fixture
def faculties(faculty_office):
    made = [Agency(assessment_id="kku", code=f"K{n}", name_th=f"คณะที่ {n}", kind="university") for n in range(3)]
    for faculty in made:
        faculty.save()
    return made


def publish_faculties(faculty_office, faculties):
    """The faculties' own rules, round and result of the same year."""
    rulebooks.begin_draft(
        source=queries.find_framework(NATIONAL, YEAR), assessment="kku", fiscal_year=YEAR, by=faculty_office
    )
    rulebook = Rulebook.objects.get(assessment="kku")
    rulebooks.announce(rulebook=rulebook, on=registry.queries.today(), read_key=rulebook.draft_id, by=faculty_office)
    assessment_round = registry.create_round(assessment="kku", fiscal_year=YEAR, by=faculty_office)
    registry.enroll_agencies(assessment_round=assessment_round, agencies=faculties, by=faculty_office)
    framework = queries.find_framework("kku", YEAR)
    codes = [f.code for f in faculties]
    make_parcels(framework, codes, np.array([0.9, 0.95, 0.99]), assessment_round.parcels, seed=9)
    result_set = results.compute_round(
        assessment_round=assessment_round, folder=assessment_round.parcels, by=faculty_office
    )
    results.publish(result_set=result_set, by=faculty_office)
    return result_set


def bodies(client):
    cache.clear()
    found = {}
    for address in NATIONAL_PAGES:
        response = client.get(address)
        assert response.status_code == 200, address
        content = b"".join(response.streaming_content) if response.streaming else response.content
        content = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", content)  # another for every reading
        found[address] = (content, response.headers.get("ETag"))
    return found


def test_the_nation_is_unchanged_to_the_byte(client, published, faculty_office, faculties):
    write_files()  # whose digests are in the description of all, once they are there
    before, digests = bodies(client), list(ResultSet.objects.filter(assessment=NATIONAL).values_list("digest"))
    publish_faculties(faculty_office, faculties)
    assert bodies(client) == before
    assert list(ResultSet.objects.filter(assessment=NATIONAL).values_list("digest")) == digests


def test_a_code_names_one_agency_of_the_installation(client, published, faculty_office, faculties, tmp_path):
    """A faculty with the code of an agency of the nation is refused where it is read, and by the database itself."""
    path = tmp_path / "list.csv"
    rows = ["รหัส,ชื่อ,ประเภท,สังกัด", "A1,คณะวิทยาศาสตร์,มหาวิทยาลัย,", "K9,คณะแพทยศาสตร์,มหาวิทยาลัย,"]
    path.write_text("\n".join(rows))
    read = {"path": path, "file_name": "list.csv", "by": faculty_office, "assessment": "kku"}
    listing = registry.upload_agency_list(**read)
    assert ["รหัส A1 เป็นของหน่วยงานในการประเมินอื่นแล้ว" in p["text"] for p in listing.problems] == [True]
    registry.confirm_agency_list(listing=listing, by=faculty_office, on=registry.queries.today())
    assert Agency.objects.get(code="A1").assessment_id == NATIONAL
    assert Agency.objects.get(code="K9").assessment_id == "kku"
    with pytest.raises(IntegrityError), transaction.atomic():
        Agency(assessment_id="kku", code="A1", name_th="คณะวิทยาศาสตร์", kind="university").save()
    path.write_text("\n".join([rows[0], "K8,ภาควิชา,มหาวิทยาลัย,A1"]))
    with pytest.raises(DomainError, match="สังกัด"):
        registry.confirm_agency_list(
            listing=registry.upload_agency_list(**read), by=faculty_office, on=registry.queries.today()
        )


@pytest.mark.parametrize("prefix", ["", "/a/kku"])
def test_an_address_without_its_last_stroke_leads_to_the_page(client, published, faculty_office, faculties, prefix):
    publish_faculties(faculty_office, faculties)
    code = "K1" if prefix else "A1"
    pages = ["", f"agency/{code}", f"agency/{code}/{YEAR}", "rankings", "nation", f"nation/{YEAR}", "compare", "search"]
    pages += ["methodology", f"methodology/{YEAR}", "data", "design"]
    for page in pages if prefix else pages[1:]:
        address = f"{prefix}/{page}".rstrip("/")
        response = client.get(f"{address}?x=1")
        assert response.status_code in (301, 302), address
        assert response["Location"] == f"{address}/?x=1"
        assert client.get(f"{address}/", follow=True).status_code == 200, address
    assert client.get("/a/nowhere").status_code == 404


def test_the_second_has_pages_of_its_own(client, published, faculty_office, faculties):
    publish_faculties(faculty_office, faculties)
    page = markup(client.get("/a/kku/rankings/"))
    assert "คณะที่ 2" in page
    assert "องค์การบริหารส่วนตำบลบ้านทดสอบ" not in page
    assert 'href="/a/kku/agency/K2/' in page  # links stay within the assessment
    assert "การประเมินคณะของมหาวิทยาลัย" in page
    assert client.get("/a/kku/api/rounds").json()[0]["agencies"] == 3
    assert {a["code"] for a in client.get("/a/kku/api/agencies").json()["items"]} == {"K0", "K1", "K2"}
    assert client.get(f"/a/kku/agency/K1/{YEAR}/receipt.json").status_code == 200
    assert Overview.objects.get(assessment="kku").data["agencies"] == 3
    assert "คณะที่" not in markup(client.get("/rankings/"))
    assert client.get("/search/?q=คณะที่").content.decode().count("K0") == 0


def test_an_agencys_address_leads_to_its_assessment(client, published, faculty_office, faculties):
    publish_faculties(faculty_office, faculties)
    assert client.get(f"/agency/K1/{YEAR}/?x=1")["Location"] == f"/a/kku/agency/K1/{YEAR}/?x=1"
    assert client.get(f"/a/kku/agency/A1/{YEAR}/")["Location"] == f"/agency/A1/{YEAR}/"
    assert client.get("/a/nowhere/rankings/").status_code == 404
    assert client.get(f"/a/{NATIONAL}/rankings/").status_code == 404  # one page, one address


def test_the_office_of_one_opens_nothing_of_the_other(client, people, published, faculty_office, faculties):
    """The attackers are the two offices. Each tries the other's pages, under either prefix."""
    theirs = publish_faculties(faculty_office, faculties)
    ours = published[0]
    addresses = [
        "/desk/rounds/",
        "/desk/rules/",
        "/desk/people/",
        "/desk/results/",
        "/desk/agencies/",
        f"/desk/oit/{YEAR}/",
        f"/desk/survey/{YEAR}/",
        "/desk/plans/",
        "/desk/trail/",
        "/desk/assessments/",
    ]
    client.force_login(faculty_office)
    for address in addresses:
        assert client.get(address).status_code == 403, address
    assert client.get(f"/desk/results/{ours.pk}/").status_code == 403
    assert client.get(f"/a/kku/desk/results/{ours.pk}/").status_code == 404
    assert client.post(f"/a/kku/desk/results/{ours.pk}/withdraw/", {"reason": "x"}).status_code == 404
    assert client.get("/a/kku/desk/agency/A1/", follow=True).status_code == 403
    assert client.post(f"/a/kku/desk/agency/A1/survey/{YEAR}/heads/", {}).status_code == 404
    assert client.get("/a/kku/desk/assessments/").status_code == 404
    assert client.get(f"/a/kku/desk/results/{theirs.pk}/").status_code == 200
    user = people["officer"]
    assert client.post(f"/a/kku/desk/people/{user.pk}/active/", {}).status_code == 404
    client.force_login(people["office"])
    for address in addresses[:-1]:
        assert client.get(f"/a/kku{address}").status_code in (403, 404), address
    assert client.get(f"/desk/results/{theirs.pk}/").status_code == 404
    assert client.post(f"/desk/results/{theirs.pk}/withdraw/", {"reason": "x"}).status_code == 404
    user.refresh_from_db()
    assert user.is_active


def test_the_desk_leads_everybody_home(client, people, faculty_office):
    client.force_login(faculty_office)
    assert client.get("/desk/")["Location"] == "/a/kku/desk/"
    assert client.get("/a/kku/desk/").status_code == 200
    client.force_login(people["office"])
    assert client.get("/a/kku/desk/")["Location"] == "/desk/"


def test_nobody_is_mixed_into_the_other(people, agencies, faculty_office, faculties):
    assessment_round = Round.objects.create(assessment_id="kku", fiscal_year=YEAR, framework_digest="x")
    with pytest.raises(DomainError, match="ไม่ได้อยู่ในการประเมินของรอบนี้"):
        registry.enroll_agencies(assessment_round=assessment_round, agencies=agencies, by=faculty_office)
    with pytest.raises(DomainError, match="การประเมินอื่น"):
        registry.appoint(user=people["officer"], agency=faculties[0], on=registry.queries.today(), by=faculty_office)
    registry.enroll_agencies(assessment_round=assessment_round, agencies=faculties, by=faculty_office)
    with pytest.raises(DomainError, match="ไม่ใช่ผู้ประเมินของการประเมินนี้"):
        registry.assign(
            assessment_round=assessment_round, agency=faculties[0], assessor=people["assessor"], by=faculty_office
        )
    with pytest.raises(DomainError, match="ยังไม่มีผู้ประเมิน"):
        allocate(assessment_round=assessment_round, by=faculty_office)


def test_the_audit_trail_of_the_nation_is_not_the_universitys(client, people, published, faculty_office, faculties):
    publish_faculties(faculty_office, faculties)
    client.force_login(faculty_office)
    page = markup(client.get("/a/kku/desk/trail/"))
    assert "ส่วนกลางมหาวิทยาลัย" in page
    assert "ผู้ใช้ officer" not in page


def test_the_national_office_adds_an_assessment(client, people):
    client.force_login(people["office"])
    values = {"slug": "hospital", "name_th": "การประเมินโรงพยาบาล", "email": "h@example.test", "name": "ผู้ดูแล"}
    assert client.post("/desk/assessments/", values | {"slug": "Hospital 1"}).status_code == 422
    assert client.post("/desk/assessments/", values).status_code == 302
    assert Assessment.objects.get(pk="hospital").name_th == "การประเมินโรงพยาบาล"
    again = client.post("/desk/assessments/", values)
    assert again.status_code == 422
    assert "มีการประเมินชื่อย่อ hospital อยู่แล้ว" in markup(again)
    page = markup(client.get("/a/hospital/methodology/"))
    assert page


def test_pages_of_an_assessment_without_rules(client, faculty_office, faculties):
    client.force_login(faculty_office)
    for address in ("design/", "desk/library/", "desk/rules/", "desk/rounds/", "methodology/", "data/", "rankings/"):
        assert client.get(f"/a/kku/{address}", follow=True).status_code == 200, address
