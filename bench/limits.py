"""What an officer waits for, in processor time beside its limit and beside a floor of the same run: pages of papers,
one paper written and read back, one document read. Called by ``bench/papers.py``; the first of each kind, which loads
fonts and rules, is shown apart. By itself (``python -m bench.limits [FOLDER]``) every kind of paper of an invented
agency in each form, and every document of a folder, the samples by default, read as an import reads it.

The floor of a page is the page that asks the database one thing; of a paper, writing its two files without reading them
back; of a document, opening it without looking for figures.
"""

import argparse
import dataclasses
import os
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

PAGE_LIMIT, PAPER_LIMIT, READING_LIMIT = 0.3, 5.0, 5.0  # seconds
SAMPLES = Path(__file__).parents[1] / "samples"
RUNS = 5


def processor_seconds() -> float:
    """Of this process and of those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def measure(work: Callable[[], object], runs: int = RUNS) -> tuple[float, float]:
    """Processor seconds of the first run, and the median of the others."""
    spent = []
    for _ in range(runs + 1):
        start = processor_seconds()
        work()
        spent.append(processor_seconds() - start)
    return spent[0], statistics.median(spent[1:])


def show(name: str, work: Callable[[], object], limit: float, floor: float) -> None:
    first, usual = measure(work)
    print(
        f"{name:34} {usual:6.3f} s  first {first:6.3f} s  {usual / limit:5.0%} of the limit ({first / limit:4.0%} the "
        f"first time)  {usual / floor:5.1f} x the floor"
    )


def print_limits() -> None:
    """Needs an installation with results of two years, such as ``bench/papers.py`` builds."""
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from prongsai.documents import sources
    from prongsai.documents.content.data import MemoHeader, Signatory
    from prongsai.documents.issuance import compose_document, issue_document, write_document
    from prongsai.people.models import User
    from prongsai.registry.models import Agency, Appointment
    from prongsai.results.models import PublishedResult

    row = PublishedResult.objects.select_related("agency").order_by("-fiscal_year", "pk").first()
    assert row is not None
    agency: Agency = row.agency
    officer = User.objects.create(email="b@x.test", name="ผู้วัด", role="officer", password="!")
    Appointment.objects.create(user=officer, agency=agency, since=timezone.localdate())
    client = Client(SERVER_NAME="localhost")
    client.force_login(officer)
    at = [agency.code, row.fiscal_year]

    def get(address: str) -> None:
        assert client.get(address, follow=True).status_code == 200, address

    _, floor = measure(lambda: get("/health"))
    print(f"floor of a page: {floor:.3f} s")
    for name, address in (
        ("page of all papers", reverse("papers", args=at)),
        ("page that writes a memo", reverse("write_memo", args=at)),
        ("preview of the use of results", reverse("paper_preview", args=[*at, "development"])),
        ("words of the memo on screen", reverse("edit_text", args=[*at, "memo"])),
        ("desk of the agency", reverse("agency_desk", args=[agency.code])),
    ):
        show(name, lambda address=address: get(address), PAGE_LIMIT, floor)  # type: ignore[misc]

    for kind in ("summary", "outcome", "development", "measures", "memo"):
        data = sources.collect_data(agency, row.fiscal_year, kind)
        header = MemoHeader(office="สำนักปลัด", to="นายกองค์การบริหารส่วนตำบล")
        data = dataclasses.replace(data, memo_header=header, signatories=(Signatory("เจ้าหน้าที่"), Signatory("ปลัด")))
        _, floor = measure(lambda k=kind, d=data: write_document(compose_document(k, d)), 3)  # type: ignore[misc]
        show(
            f"paper: {kind}",
            lambda kind=kind, data=data: issue_document(kind, data, read_whole_pdf=False),  # type: ignore[misc]
            PAPER_LIMIT,
            floor,
        )
    print_readings()


def print_papers() -> None:
    """Every kind of paper of an agency that has all of it: its Word file and its PDF alone, then both with reading them
    back, as it is issued."""
    import datetime

    from tests.documents.nation import invent_agency, invent_register
    from tests.documents.samples import FRAMEWORKS

    from prongsai.documents.content.data import MemoHeader, Signatory
    from prongsai.documents.issuance import compose_document, draw_charts, issue_document
    from prongsai.documents.papers import KINDS, MEMOS, OF_REGISTER, TEXTS
    from prongsai.documents.writers import docx, pdf
    from prongsai.improvement.registers import kinds

    year = max(FRAMEWORKS)
    header = MemoHeader(office="สำนักปลัด", to="นายกองค์การบริหารส่วนตำบล", date=datetime.date(year - 543, 11, 30))
    line = tuple(map(Signatory, ("เจ้าหน้าที่", "หัวหน้าสำนักปลัด", "ปลัด", "นายก")))
    found = [invent_agency(year, number) for number in range(60)]
    whole = max(found, key=lambda data: (len(data.result.scores), data.previous is not None, len(data.measures)))
    print(f"{'paper':26} {'Word':>8} {'PDF':>8} {'issued':>8} {'of the limit':>13} {'the first time':>15}")
    for kind in (*KINDS, *MEMOS.values()):
        about = next((paper for paper, memo in MEMOS.items() if memo == kind), kind)
        data = invent_register(kinds.papers()[about][0], year, 1, records=25) if about in OF_REGISTER else whole
        data = dataclasses.replace(data, memo_header=header, signatories=line)
        document = compose_document(kind, data)
        pictures = draw_charts(document)
        first, issued = measure(lambda k=kind, d=data: issue_document(k, d, read_whole_pdf=False))  # type: ignore[misc]
        word, paper = (
            measure(lambda w=writer, d=document, p=pictures: w.write(d, p))[1]  # type: ignore[misc]
            for writer in (docx, pdf)
        )
        print(
            f"{kind:26} {word:6.3f} s {paper:6.3f} s {issued:6.3f} s {issued / PAPER_LIMIT:13.0%} "
            f"{first / PAPER_LIMIT:15.0%}  {TEXTS[kind]}"
        )


def print_readings(folder: Path = SAMPLES) -> None:
    """The documents of a folder, read as an import reads them."""
    from prongsai import framework as rules
    from prongsai.intake import UnreadableError, figures_of, find_fiscal_year, read_rows
    from prongsai.intake.apart import read as read_apart
    from prongsai.intake.comments import comments_of

    years = {year: rules.load(name, year) for name, year in rules.available() if name == rules.NATIONAL}

    def read(path: Path) -> None:
        rows = read_rows(path, trusted=True)  # in this process, whose time is counted
        found = figures_of(rows, years)
        if all(reading.figures for reading in found):
            named = find_fiscal_year(rows)
            comments_of(rows, years[named.year if named and named.year in years else max(years)])

    for path in sorted(path for path in folder.glob("*.*") if path.is_file()):
        try:
            _, floor = measure(lambda path=path: read_rows(path, trusted=True), 3)  # type: ignore[misc]
        except UnreadableError as error:
            print(f"document: {path.name}: {str(error).splitlines()[0]}")
            continue
        show(f"document: {path.name}", lambda path=path: read(path), READING_LIMIT, floor)  # type: ignore[misc]
        start = time.perf_counter()
        read_apart(path, years)
        print(f"{'':34} {time.perf_counter() - start:6.3f} s by the clock in the sandbox")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=SAMPLES)
    print(f"load before: {os.getloadavg()[0]:.1f}")
    print_papers()
    print_readings(parser.parse_args().folder)
    print(f"load after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
