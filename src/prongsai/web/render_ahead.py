"""The pages of agencies, rendered before anybody asks for them: after a publication, an upgrade, and each midnight.

What is rendered is stored as if a reader of the site's own address (``settings.SITE``) had asked. Pages that are
current are passed over, so that a run that was stopped goes on where it was. The newest years come first; a run ends
when the store is nearly full, since it would push out what it rendered itself.
"""

import io
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from prongsai.framework import NATIONAL
from prongsai.jobs.kinds import Queue, periodic
from prongsai.jobs.leases import Lease
from prongsai.machines.table_changes import read_revisions
from prongsai.registry.models import Assessment
from prongsai.registry.queries import path_of
from prongsai.results import queries as results
from prongsai.results.models import PublishedResult
from prongsai.web.page_store import PageHead
from prongsai.web.rendered_pages import AHEAD, make_stamp, open_store, share_parts

_FINISHED = "finished:"  # before the site, in the store: what the pages were when the last run ended
_PAGES_PER_PROGRESS = 50
_FULL = 0.8  # of the store
_ENGLISH = "/en"


def is_behind() -> bool:
    """Whether something was published, or the program or the day changed, since the pages were last rendered."""
    if not settings.SITE or not settings.PAGES_BYTES:
        return False
    finished = open_store().find(_FINISHED + settings.SITE, "")
    return finished is None or (finished[0].stamp, finished[0].tables) != _state()


@periodic(title="เตรียมหน้าสาธารณะไว้ล่วงหน้า", queue=Queue.BATCHES, seconds=300, when=is_behind)
def render_ahead(lease: Lease) -> None:
    """Render the pages of every agency's published years in both languages, as far as they are not current."""
    store, (stamp, tables) = open_store(), _state()
    total = PublishedResult.objects.count()
    reader = Reader(settings.SITE)
    for done, address in enumerate(list_addresses()):
        if done % _PAGES_PER_PROGRESS == 0:
            lease.progress(done, total, advances=True)
            if store.size() > _FULL * settings.PAGES_BYTES:
                lease.outcome = "ที่เก็บหน้าสาธารณะเกือบเต็ม เพิ่ม PRONGSAI_PAGES_MB เพื่อให้เก็บได้ครบทุกปี"
                break
        reader.render(address)
    store.put(_FINISHED + settings.SITE, PageHead(headers={}, route="", digest="", stamp=stamp, tables=tables), b"")
    with lease.write(done=total, total=total, finish=True):
        pass


def _state() -> tuple[str, dict[str, int]]:
    table = PublishedResult._meta.db_table
    return make_stamp(), {table: read_revisions("default").get(table, 0)}


def list_addresses() -> Iterator[str]:
    """The pages of agencies' years, the newest years first."""
    for assessment in [NATIONAL, *Assessment.objects.exclude(pk=NATIONAL).values_list("pk", flat=True)]:
        for year in results.years(assessment):
            codes = results.published(assessment, year).order_by("agency__code").values_list("agency__code", flat=True)
            for code in list(codes):
                yield path_of(assessment, reverse("agency_year", args=[code, year]))


class Reader:
    """Asks the program itself, as a reader of a site's address would."""

    def __init__(self, site: str) -> None:
        self._handler, self._site = WSGIHandler(), urlsplit(site)

    def render(self, address: str) -> int:
        """Have a page stored in both languages; how many answers were pages. What its languages share is computed
        once."""
        with share_parts():
            return sum(self.ask(p + address, "gzip").status_code == HTTPStatus.OK for p in ("", _ENGLISH))

    def ask(self, path: str, encoding: str = "") -> HttpResponseBase:
        """The answer to a path as it stands in addresses, in an encoding."""
        is_secure = self._site.scheme == "https"
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": unquote(path).encode().decode("latin-1"),
            "SCRIPT_NAME": "",
            "QUERY_STRING": "",
            "SERVER_NAME": self._site.hostname or "",
            "SERVER_PORT": str(self._site.port or (443 if is_secure else 80)),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": self._site.netloc,
            "HTTP_X_FORWARDED_PROTO": self._site.scheme,
            "HTTP_ACCEPT_ENCODING": encoding,
            "wsgi.url_scheme": self._site.scheme,
            "wsgi.input": io.BytesIO(),
            AHEAD: True,
        }
        return self._handler.get_response(WSGIRequest(environ))
