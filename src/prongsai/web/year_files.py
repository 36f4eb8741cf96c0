"""The files of open data: one for each year, table and format, written once for each state of the data; those that take
long by a worker, or ahead of all questions."""

import hashlib
import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from prongsai.framework import NATIONAL, Framework
from prongsai.jobs.kinds import Queue, job
from prongsai.jobs.leases import Lease
from prongsai.lib import digest
from prongsai.machines import files
from prongsai.registry.queries import agency_revision
from prongsai.results import queries as results
from prongsai.results.models import Overview, PublishedResult
from prongsai.web import ranked_files
from prongsai.web.data_tables import FORMATS, name_rules_state, read_results
from prongsai.web.rendered_pages import settled

_FOLDER = "downloads"
_STATE_DIGITS = 32
_RESULTS_PER_PROGRESS = 500


def name_year(assessment: str, fiscal_year: int) -> str:
    """What files of a year are called: the national ones by the year alone."""
    return str(fiscal_year) if assessment == NATIONAL else f"{assessment}-{fiscal_year}"


@dataclass(frozen=True, kw_only=True)
class YearFile:
    """A table of a year's published results of real agencies, or of fictional ones, in a format."""

    overview: Overview
    framework: Framework
    form: str  # of FORMATS
    fictional: bool

    @property
    def title(self) -> str:
        """The year, and that of fiction as such."""
        name = name_year(self.overview.assessment_id, self.overview.fiscal_year)
        return f"{name}-fictional" if self.fictional else name

    @cached_property
    def state(self) -> str:
        """A digest of everything that the file is written from. Of changes of agencies a number of the audit trail."""
        columns = [column.name for column in FORMATS[self.form].table.columns(self.framework)]
        rules = self.framework.digest, name_rules_state(self.framework)
        with settled():
            changes = agency_revision()
        parts = [self.overview.digest, changes, *rules, columns]
        return digest.of_json(parts)[:_STATE_DIGITS]

    @property
    def name(self) -> str:
        """Where the file of this state of the data is stored."""
        return f"{_FOLDER}/{self.title}-{self.state}.{self.form}"

    @property
    def count(self) -> int:
        """Its agencies."""
        return int(results.choose_summary(self.overview, fictional=self.fictional)[0]["agencies"])

    @property
    def takes_long(self) -> bool:
        """Whether no request should write it."""
        share = FORMATS[self.form].inline
        return bool(share) and self.count > share * ranked_files.MOST_INLINE

    def open(self) -> IO[bytes] | None:
        """Its bytes; None where nobody has written it."""
        if self.takes_long:
            return files.open_file(self.name) if files.exists(self.name) else None
        path = settings.MEDIA_ROOT / self.name
        return path.open("rb") if path.exists() else None

    def digest(self) -> tuple[str, int] | None:
        """SHA-256 and length of its bytes; None where nobody has written it."""
        file = self.open()
        if file is None:
            return None
        with file:
            value = hashlib.sha256()
            length = 0
            while some := file.read(2**20):
                value.update(some)
                length += len(some)
        return value.hexdigest(), length

    def write(self, lease: Lease | None = None) -> None:
        """Write it, unless it is there; files of other states go."""
        if self.takes_long:
            with tempfile.NamedTemporaryFile(suffix=f".{self.form}") as file:
                self._write_to(Path(file.name), lease)
                if not files.exists(self.name):
                    files.store_copy(self.name, Path(file.name))
            for other in self._others(list(files.list_names(_FOLDER))):
                files.remove(other)
            return
        path = settings.MEDIA_ROOT / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            return
        draft = path.with_name(f"{path.name}-{secrets.token_hex(8)}.part")  # another process may write the same
        self._write_to(draft, lease)
        draft.replace(path)
        for other in self._others(f"{_FOLDER}/{old.name}" for old in path.parent.iterdir()):
            (settings.MEDIA_ROOT / other).unlink(missing_ok=True)

    def _write_to(self, path: Path, lease: Lease | None) -> None:
        chosen = FORMATS[self.form]
        found = read_results(self.framework, fictional=self.fictional)
        if lease is not None:
            found = _report(lease, found, self.count)
        rows = chosen.table.rows(self.framework, found)
        chosen.write(path, chosen.table.columns(self.framework), rows, str(self.framework.fiscal_year))

    def _others(self, names: Iterable[str]) -> list[str]:
        """Those of other states among names."""
        pattern = rf"{_FOLDER}/{re.escape(self.title)}-[0-9a-f]{{{_STATE_DIGITS}}}\.{re.escape(self.form)}"
        return [name for name in names if name != self.name and re.fullmatch(pattern, name)]


def list_files(assessment: str) -> Iterator[YearFile]:
    """Every file that is offered, by year."""
    for overview in results.overviews(assessment):
        framework = results.framework_of_year(assessment, overview.fiscal_year)
        for form in FORMATS:
            for _, fictional in list_worlds(overview):
                yield YearFile(overview=overview, framework=framework, form=form, fictional=fictional)


def list_worlds(overview: Overview) -> list[tuple[dict[str, Any], bool]]:
    """The summaries of a year that have agencies, each with whether it is that of fiction."""
    both = {
        is_fiction: data for data, is_fiction in (results.choose_summary(overview, fictional=f) for f in (False, True))
    }
    return [(data, is_fiction) for is_fiction, data in both.items() if data["agencies"]]


@job(title="เตรียมไฟล์ข้อมูลเปิด", queue=Queue.BULK, tries=2)
def write_download(lease: Lease, assessment: str, fiscal_year: int, fictional: bool, stored: str) -> None:
    """Write a file of a year with many agencies, unless the data are others by now: whoever still wants it asks for
    that."""
    overview = results.overview(assessment, fiscal_year)
    form = stored.rpartition("/")[2].partition(".")[2]
    if overview is not None:
        framework = results.framework_of_year(assessment, fiscal_year)
        file = YearFile(overview=overview, framework=framework, form=form, fictional=fictional)
        if file.name == stored:
            file.write(lease)
    with lease.write(finish=True):
        pass


def _report(lease: Lease, found: Iterable[PublishedResult], total: int) -> Iterator[PublishedResult]:
    """The results, telling how far they are."""
    for done, row in enumerate(found):
        if done % _RESULTS_PER_PROGRESS == 0:
            lease.progress(done, total)
        yield row
