"""The papers of registers beside the page of an item: the last one issued of each, where it says what the register
says now. Here, since an agency's own pages know no documents."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prongsai.documents import queries as documents
from prongsai.documents.actions import name_file
from prongsai.documents.models import Paper
from prongsai.machines import files
from prongsai.sites import page_parts
from prongsai.sites.models import PagePart
from prongsai.sites.register_pages import PageDraft


@dataclass(frozen=True)
class PaperToAttach:
    """A paper that fulfils an element: ``issued`` where there is one that is current; otherwise ``is_outdated`` says
    whether an older one is there."""

    key: str
    name: str
    fiscal_year: int
    element: str
    issued: Paper | None
    is_outdated: bool

    @property
    def title(self) -> str:
        return f"{self.name} ปี {self.fiscal_year}"


def list_papers(draft: PageDraft) -> list[PaperToAttach]:
    """The papers of the registers that a page is written from, each beside the first element that it provides."""
    agency = draft.shown.agency
    offered: dict[int, dict[str, documents.OfferedPaper]] = {}
    found: dict[tuple[str, int], PaperToAttach] = {}
    for each in draft.elements:
        for paper, year in each.content.papers if each.content else ():
            if (paper.key, year) in found:
                continue
            if year not in offered:
                offered[year] = {o.kind: o for o in documents.list_offered(agency, year)}
            last = offered[year].get(paper.key)
            checked = documents.check_paper(agency, year, last) if last else None
            is_current = bool(checked and checked.issued and checked.check and not checked.check.is_outdated)
            found[paper.key, year] = PaperToAttach(
                key=paper.key,
                name=paper.name,
                fiscal_year=year,
                element=each.element.title,
                issued=checked.issued if checked and is_current else None,
                is_outdated=bool(checked and checked.issued) and not is_current,
            )
    return list(found.values())


def store_papers(papers: Iterable[PaperToAttach], chosen: Iterable[str]) -> Iterator[PagePart]:
    """Files of the papers whose identifiers were chosen; one whose file is gone is left out."""
    wanted = set(chosen)
    for paper in papers:
        if paper.issued is None or str(paper.issued.pk) not in wanted:
            continue
        try:
            content = files.read_bytes(name_file(paper.issued.pdf_sha256, "pdf"))
        except FileNotFoundError:
            continue
        name = f"{paper.key}-{paper.fiscal_year}.pdf"
        yield page_parts.store_document(element=paper.element, title=paper.title, name=name, content=content)
