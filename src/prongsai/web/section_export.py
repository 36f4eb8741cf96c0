"""An agency's section as files for its own host: pages without scripts, styles, files, tables, the emblem; written as
the whole public record is (``web.site_export``), so that links work from a folder and below any path."""

import tempfile
import uuid
import zipfile
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path

from django.db import transaction
from django.urls import Resolver404, resolve, reverse

from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import Lease
from prongsai.jobs.models import Job
from prongsai.machines import files
from prongsai.people.access import is_allowed
from prongsai.people.actions import DomainError
from prongsai.people.background import background_action
from prongsai.people.models import User
from prongsai.people.trail import log_audit
from prongsai.registry.models import Agency
from prongsai.registry.queries import agencies_of, path_of
from prongsai.sites.models import SectionExport
from prongsai.sites.page_parts import FOLDER
from prongsai.web.reader import ENGLISH, Reader
from prongsai.web.site_export import Exported, ExportError, Selection, export_pages

MAX_BYTES = 4_000_000_000  # of all files, before they are packed
_NAMES = {"agency_section", "item_page", "item_page_version", "page_file", "page_table", "agency_emblem"}


def export_section(agency: Agency, folder: Path, site: str, report: Callable[[int], None] = lambda _: None) -> Exported:
    """Write an agency's section into an empty folder, in both languages, beginning with ``index.html``. ``site`` is the
    address of the site, to which everything leads that is not in the folder. Raises ExportError."""
    if folder.exists() and any(folder.iterdir()):
        raise ExportError(f"โฟลเดอร์ {folder} ไม่ว่าง เลือกโฟลเดอร์ใหม่")
    start = path_of(agency.assessment_id, reverse("agency_section", args=[agency.code]))
    if (status := Reader(site).ask(start).status_code) != HTTPStatus.OK:
        raise ExportError(f"หน้า {site}{start} ตอบ {status} ตรวจว่าชื่อนี้อยู่ใน PRONGSAI_HOSTS")
    selection = Selection(partial(_find_of_section, agency), partial(_rename, agency))
    return export_pages(folder, site, (start, ENGLISH + start), selection, report)


def _find_of_section(agency: Agency, path: str, query: str) -> str:
    """The path itself where it leads to another page or file of the section; no page leads to one of another agency."""
    place = path.removeprefix(ENGLISH) if path.startswith(ENGLISH + "/") else path
    try:
        match = resolve("/" + place.removeprefix(path_of(agency.assessment_id, "/")))
    except Resolver404:
        return ""
    return path if match.url_name in _NAMES and not query else ""


def _rename(agency: Agency, path: str) -> str:
    """A path without what all have in common: ``/agency/<code>/`` before it, and ``pages/`` of the first page. Files
    are the same in both languages."""
    language = ENGLISH if path.startswith(ENGLISH + "/") else ""
    own = path_of(agency.assessment_id, f"/agency/{agency.code}/")
    inside = path.removeprefix(language).removeprefix(own).removeprefix("pages/")
    return f"{language}/{inside}" if path.endswith("/") else f"/{inside}"


# --- from the desk


def request_export(*, agency: Agency, site: str, by: User) -> Job:
    """Have the ZIP of an agency's section written."""
    return export_in_background.request(
        agency.code,
        agency.code,
        site,
        by=by,
        about=agency.name_th,
        assessment=agency.assessment_id,
        url=path_of(agency.assessment_id, reverse("section_desk", args=[agency.code])),
    )


@background_action(title="เตรียมไฟล์เว็บของหน่วยงาน", queue=Queue.BULK)
def export_in_background(lease: Lease, by: User, code: str, site: str) -> None:
    """Write and store the ZIP of an agency's section; the one before it goes."""
    agency = Agency.objects.get(code=code)
    own = agencies_of(by).filter(pk=agency.pk).exists()
    if not is_allowed(by, "sites.answer", assessment=agency.assessment_id, own=own):
        raise DomainError("ท่านไม่มีสิทธิเตรียมไฟล์ของหน่วยงานนี้แล้ว")
    stored = f"{FOLDER}/{uuid.uuid4().hex}.zip"
    with tempfile.TemporaryDirectory(prefix="prongsai-section-") as temporary:
        folder, packed = Path(temporary) / "section", Path(temporary) / "section.zip"
        try:
            exported = export_section(agency, folder, site, lambda done: lease.progress(done, 0, advances=True))
        except ExportError as error:
            raise DomainError(str(error)) from error
        _pack(folder, packed)
        size = packed.stat().st_size
        files.store_copy(stored, packed)
    with files.remove_on_error(stored), lease.write(finish=True):
        earlier = SectionExport.objects.filter(agency=agency).values_list("stored_as", flat=True).first()
        values = {"stored_as": stored, "size": size, "pages": len(exported.pages), "by": by}
        SectionExport.objects.update_or_create(agency=agency, defaults=values)
        log_audit(by=by, action="sites.export_section", subject=agency.code, agency=agency.code, detail={"bytes": size})
        lease.outcome = f"เตรียมไฟล์เว็บของ{agency.name_th}แล้ว {len(exported.pages):,} หน้า"
        if earlier:
            transaction.on_commit(partial(files.remove, earlier))


def _pack(folder: Path, packed: Path) -> None:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    if sum(path.stat().st_size for path in paths) > MAX_BYTES:
        raise DomainError(f"ไฟล์รวมกันเกิน {MAX_BYTES // 10**9} GB ลดไฟล์แนบก่อน")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, path.relative_to(folder).as_posix())
