"""An agency's section in its own name, as files and in a frame on another host, and what the checks of links find."""

import io
import posixpath
import zipfile
from urllib.parse import unquote, urlsplit

import pytest
from django.urls import reverse
from lxml import html
from PIL import Image

from prongsai import links
from prongsai.disclosure.link_checks import find_expected
from prongsai.disclosure.models import Link
from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import take_job
from prongsai.jobs.models import Job
from prongsai.machines import files
from prongsai.sites import item_pages
from prongsai.sites.channel_items import items_of_channel
from prongsai.sites.models import PagePart, SectionExport
from prongsai.web import section_export
from prongsai.web.section_export import export_section
from prongsai.web.site_export import ExportError
from tests.conftest import sample_year
from tests.links.fake_web import FakeWeb, Reply
from tests.sites.conftest import attach_parts, write_item_page
from tests.web.test_killed_workers import killed_at_the_end

SITE = "http://ita.example.go.th"
KINDS = {"html": "text/html; charset=utf-8", "css": "text/css", "png": "image/png", "pdf": "application/pdf"}


@pytest.fixture
def own(agencies, running_round, people, settings, tmp_path):
    """An agency with an emblem, a page with a file and a table, and a page that is not public."""
    from prongsai.documents.actions import set_emblem

    settings.MEDIA_ROOT, settings.ALLOWED_HOSTS = tmp_path, ["ita.example.go.th", "testserver"]
    out = io.BytesIO()
    Image.new("RGB", (60, 60), "navy").save(out, "PNG")
    set_emblem(agency=agencies[0], data=out.getvalue(), by=people["officer"])
    item = item_pages.find_item(running_round, "O1")
    texts = {k: f"{e.th} ของ{agencies[0].name_th} ปี {sample_year()}" for k, e in enumerate(item.elements)}
    attach_parts(write_item_page(agencies[0], by=people["officer"], texts=texts), tmp_path, by=people["officer"])
    write_item_page(agencies[0], by=people["officer"], item="O2", public=False)
    return agencies[0]


def links_of(page):
    for element, attribute, address, _ in html.fromstring(page.read_bytes()).iterlinks():
        if attribute in ("href", "src", "action") and not address.startswith("#"):
            yield element, address


def test_the_folder_is_whole_and_runs_nothing(own, tmp_path):
    folder = tmp_path / "out"
    exported = export_section(own, folder, SITE)
    year = sample_year()
    assert set(exported.pages) == {
        f"{language}{page}" for language in ("", "en/") for page in ("index.html", f"{year}/page/O1/index.html")
    }
    assert not [path for path in (folder / "en").rglob("*") if path.is_file() and path.suffix != ".html"]
    part, table = PagePart.objects.all()
    assert (folder / f"{year}/page/O1/file/{part.pk}.pdf").read_bytes() == files.read_bytes(part.stored_as)
    assert "ซ่อมถนน" in (folder / f"{year}/page/O1/table/{table.pk}.csv").read_text(encoding="utf-8")
    assert (folder / "emblem.png").read_bytes().startswith(b"\x89PNG")
    for name in exported.pages:
        page = folder / name
        assert own.name_th in html.fromstring(page.read_bytes()).find(".//header/a").text_content()
        assert "<script" not in page.read_text(encoding="utf-8")
        for element, address in links_of(page):
            if urlsplit(address).scheme:
                assert element.tag == "a", (name, address)  # nothing is fetched from elsewhere
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(address)))
            assert not target.startswith(("..", "/")), (name, address)
            assert (folder / target).is_file(), (name, address)
    with pytest.raises(ExportError):
        export_section(own, folder, SITE)


@pytest.fixture
def web():
    web = FakeWeb()
    yield web
    web.close()


def check(web, own, running_round, people, address):
    """What a check of links finds at an address that is filed for the item."""
    from tests.sites.test_pages import file_item

    file_item(own, running_round, people, "O1", url=address)
    target = links.Target("page", address, (urlsplit(address).hostname,), expected=find_expected(Link.objects.get()))
    (observation,) = links.check_targets([target], web.policy())
    return observation


def test_an_exported_page_passes_the_checks_on_a_foreign_host(own, running_round, people, tmp_path, web):
    folder, host = tmp_path / "out", "www.bantodsob.go.th"
    export_section(own, folder, SITE)
    for path in folder.rglob("*"):
        if path.is_file():
            kind = KINDS.get(path.suffix[1:], "application/octet-stream")
            web.routes[host][f"/ita/{path.relative_to(folder).as_posix()}"] = Reply(path.read_bytes(), kind=kind)
    found = check(web, own, running_round, people, web.url(host, f"/ita/{sample_year()}/page/O1/index.html"))
    is_recognised(found)


def is_recognised(found):
    assert found.state == "ok"
    assert [a.verdict for a in (found.identity.answers, found.identity.owner, found.identity.subject)] == ["yes"] * 3
    assert found.features["subject.elements"] > 0.7


def test_an_embedded_page_passes_the_checks_on_a_foreign_host(client, own, running_round, people, web):
    client.force_login(people["officer"])
    address = reverse("item_page_edit", args=[own.code, sample_year(), "O1"])
    page = client.get(address, headers={"host": "ita.example.go.th"}).content
    snippet = html.fromstring(page).xpath("//textarea[@id='frame']")[0].text
    body = f"<!doctype html><title>{own.name_th}</title><h1>{own.name_th}</h1>{snippet}"
    web.routes["www.bantodsob.go.th"]["/o1"] = Reply(body)
    is_recognised(check(web, own, running_round, people, web.url("www.bantodsob.go.th", "/o1")))
    client.logout()
    frame = client.get(html.fromstring(snippet).xpath("//iframe/@src")[0].removeprefix(SITE))
    assert "X-Frame-Options" not in frame
    assert "frame-ancestors *" in frame["Content-Security-Policy"]
    assert "<script" not in frame.content.decode()
    assert "ซ่อมถนน" in frame.content.decode()


def test_a_worker_packs_the_section_and_the_newest_stays(client, own, people, django_capture_on_commit_callbacks):
    client.force_login(people["officer"])
    desk = reverse("section_desk", args=[own.code])
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(desk, headers={"host": "ita.example.go.th"}).status_code == 302
    made = SectionExport.objects.get()
    assert [name for name in files.list_names("pages") if name.endswith(".zip")] == [made.stored_as]
    assert reverse("section_download", args=[own.code]) in client.get(desk).content.decode()
    fetched = client.get(reverse("section_download", args=[own.code]))
    with zipfile.ZipFile(io.BytesIO(b"".join(fetched.streaming_content))) as archive:
        assert archive.testzip() is None
        assert {"index.html", "emblem.png", f"{sample_year()}/page/O1/index.html"} <= set(archive.namelist())


def test_a_worker_that_packs_a_section_is_killed_and_the_next_packs_it_once(own, people, settings, monkeypatch):
    """The file that the first left has no name in the database: it goes with the others of which that is so."""
    settings.JOBS_BY_WORKERS = True
    section_export.request_export(agency=own, site=SITE, by=people["officer"])
    with killed_at_the_end(monkeypatch) as deaths:
        work_on(take_job(queue=Queue.BULK, owner="test"))
    assert deaths
    assert not SectionExport.objects.exists()
    Job.objects.update(lease_until="2020-01-01T00:00:00Z")
    work_on(take_job(queue=Queue.BULK, owner="test"))
    assert files.exists(SectionExport.objects.get().stored_as)


def test_what_is_not_packed(own, people, monkeypatch, django_capture_on_commit_callbacks):
    """The section of an agency that somebody acts for no more; one that is too large for a ZIP."""
    for by, most in (("assessor", section_export.MAX_BYTES), ("officer", 1000)):
        monkeypatch.setattr(section_export, "MAX_BYTES", most)
        with django_capture_on_commit_callbacks(execute=True):
            section_export.request_export(agency=own, site=SITE, by=people[by])
    assert not SectionExport.objects.exists()
    assert not [name for name in files.list_names("pages") if name.endswith(".zip")]


def test_the_section_of_another_assessment_is_exported(own, people, tmp_path):
    """Its addresses have a prefix, which its files do not have."""
    from prongsai.documents.models import DocumentSettings
    from prongsai.registry.models import Agency, Assessment

    Assessment.objects.create(slug="uni", name_th="มหาวิทยาลัยทดสอบ")
    faculty = Agency(assessment_id="uni", code="F1", name_th="คณะทดสอบ", kind="university")
    faculty.save()
    DocumentSettings.objects.create(agency=faculty, emblem=b"png")
    exported = export_section(faculty, tmp_path / "out", SITE)
    assert (tmp_path / "out" / "emblem.png").read_bytes() == b"png"
    assert set(exported.pages) == {"index.html", "en/index.html"}
    assert 'href="index.html"' in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_files_that_nothing_names_are_removed(own):
    from unittest import mock

    from prongsai.sites import page_parts

    files.store_bytes("pages/unnamed.pdf", b"x")
    with mock.patch.object(files, "UNNAMED_DAYS", -1):
        page_parts.remove_unnamed_files()
    (part,) = PagePart.objects.exclude(stored_as="")
    assert list(files.list_names("pages")) == [part.stored_as]


def test_the_command_writes_the_same_and_says_what_is_wrong(own, tmp_path, capsys):
    import typer

    from prongsai.cli.platform_commands import export_section as command

    command(agency=own.code, folder=tmp_path / "out", site=SITE)
    assert (tmp_path / "out" / "index.html").is_file()
    for wrong in ({"agency": "none", "folder": tmp_path / "other"}, {"agency": own.code, "folder": tmp_path / "out"}):
        with pytest.raises(typer.Exit):
            command(**wrong, site=SITE)
    assert "none" in capsys.readouterr().err


def test_the_section_lists_channels_beside_the_pages_of_the_newest_year(client, own, running_round, people, tmp_path):
    """Every item of the year that can be read here is found from one page, also from the exported one."""
    from prongsai.sites.actions import set_channels
    from prongsai.sites.models import ChannelSettings

    address = reverse("agency_section", args=[own.code])
    assert "/channels/" not in client.get(address).content.decode()
    set_channels(settings=ChannelSettings(agency=own, complaints_open=True), by=people["officer"])
    channel = reverse("public_channel", args=[own.code, "complaints"])
    for before in ("", "/en"):
        page = html.fromstring(client.get(before + address).content)
        (link,) = [a for a in page.xpath("//main//li/a") if a.get("href") == before + channel]
        (item,) = (i for _, i in items_of_channel(own, "complaints"))
        assert link.text_content().split()[0] == item.id
    export_section(own, tmp_path / "out", SITE)
    index = html.fromstring((tmp_path / "out" / "index.html").read_bytes())
    assert SITE + channel in index.xpath("//main//li/a/@href")  # a channel needs the program
