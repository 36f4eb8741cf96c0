"""What every place of an installation says of each agency's years, for ``test_site.py``, which runs this in a process
of the installation: ``main`` prints [[agency, year, place, total, level], …] and what other totals its pages name."""

import dataclasses
import html
import json
import re
from collections.abc import Iterator
from decimal import Decimal

PAPERS = ("summary", "outcome", "development", "measures", "memo")
_TOTAL = re.compile(r'<div class="total">\s*([^<]*?)\s*</div>')
_LEVEL = re.compile(r'<span class="level big[^"]*">\s*([^<]*?)\s*</span>')
_NAMED_YEAR = re.compile(r"คะแนนรวม ปีงบประมาณ\s+(\d{4})")
_ROW = re.compile(r"""<tr>\s*(<th scope="row">.*?)</tr>""", re.S)
_TAG = re.compile(r"<(script|style).*?</\1>|<[^>]*>", re.S)
# where a total is named in words: of the agency itself, in any of its years
_OWN_TOTAL = re.compile(r"(?:คะแนนรวม|ในภาพรวม)(?!เพิ่มขึ้น|ลดลง)[^\d.+−-]{0,24}(\d{1,3}\.\d{2})(?!\d)")
_STATED_TOTAL = re.compile(r"ได้รับผลการประเมิน ปีงบประมาณ พ\.ศ\. (\d{4}) ในภาพรวม ([\d.]+) คะแนน(?: อยู่ใน(ระดับ \S+))?")

Statement = tuple[str, int, str, str, str]


def text_of(page: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", page)).split())


def main() -> None:
    import django

    django.setup()
    from django.test import Client

    from prongsai.people.models import User
    from prongsai.results.models import PublishedResult

    visitor, office = Client(SERVER_NAME="127.0.0.1"), Client(SERVER_NAME="127.0.0.1")
    office.force_login(User.objects.get(email="office@demo.test"))
    published = PublishedResult.objects.select_related("agency", "result__result_set")
    rows = list(published.order_by("agency", "fiscal_year"))
    statements: list[Statement] = []
    others: list[tuple[str, str, str]] = []
    for agency in {row.agency_id: row.agency for row in rows}.values():
        own = [row for row in rows if row.agency_id == agency.pk]
        totals = {as_printed(row.overall) for row in own}
        statements += [(agency.code, r.fiscal_year, "published", as_printed(r.overall), r.level) for r in own]
        pages: dict[str, str] = {}
        for row in own:
            statements += of_year(row, visitor, pages)
        statements += of_last_year(own[-1], visitor, office, pages)
        statements += of_desk(agency.code, office, pages)
        statements += of_interface(agency.code, visitor)
        for place, page in pages.items():
            others += [(agency.code, place, t) for t in _OWN_TOTAL.findall(text_of(page)) if t not in totals]
    for year in {row.fiscal_year for row in rows}:
        statements += of_files(year, visitor)
    print(json.dumps({"statements": statements, "others": others, "posters": list(of_posters())}))


def as_printed(total) -> str:
    """A total with its two decimals; empty where there is none."""
    return "" if total in (None, "", "–") else f"{Decimal(total):.2f}"


def of_last_year(row, visitor, office, pages: dict[str, str]) -> Iterator[Statement]:
    """The frame for other websites, the result on the desk, and the papers."""
    yield of_page(row, "frame", visitor, "embedded_result", pages)
    yield of_page(row, "result on the desk", office, "agency_result", pages)
    yield from of_papers(row)


def of_page(row, place: str, client, name: str, pages: dict[str, str]) -> Statement:
    """What the head of a page about a result says."""
    from django.urls import reverse

    page = read(client, reverse(name, args=[row.agency.code, row.fiscal_year]))
    pages[f"{place} {row.fiscal_year}"] = page
    (total,), levels, year = _TOTAL.findall(page), _LEVEL.findall(page), _NAMED_YEAR.search(text_of(page))[1]
    return row.agency.code, int(year), place, as_printed(total), html.unescape(*levels[:1] or [""])


def of_year(row, visitor, pages: dict[str, str]) -> Iterator[Statement]:
    """The public page of a year, and what is made of it for other places."""
    from django.urls import reverse

    code, year = row.agency.code, row.fiscal_year
    yield of_page(row, "public page", visitor, "agency_year", pages)
    yield code, year, "picture", *draw_picture(reverse("preview_card", args=[code, year]), visitor, year)
    receipt = json.loads(read(visitor, reverse("receipt", args=[code, year])))
    yield code, year, "receipt", *find_in_receipt(receipt)


def read(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def draw_picture(address: str, visitor, year: int) -> tuple[str, str]:
    """The total and the level that the picture beside a link has, as it is drawn."""
    from unittest import mock

    from prongsai.web import preview_card

    drawn: list[str] = []
    with mock.patch.object(preview_card.typeset, "picture", lambda svg, *_: drawn.append(svg) or b"png"):
        assert visitor.get(address).status_code == 200
    texts = [html.unescape(text.strip()) for text in re.findall(r"<text[^>]*>(.*?)</text>", drawn[0], re.S)]
    assert any(str(year) in text for text in texts)
    level = next((text.removeprefix("ระดับ ") for text in texts if text.startswith("ระดับ ")), "")
    return next((text for text in texts if re.fullmatch(r"\d{1,3}\.\d{2}", text)), ""), level


def find_in_receipt(receipt) -> tuple[str, str]:
    """The total and the level of a computed result, or of what a document says."""
    if "figures" in receipt:
        found = {figure["node"]: figure["value"] for figure in receipt["figures"]}
        return as_printed(found.get("overall")), found.get("level", "")
    shown = {node["node"]: node["shown"] for node in receipt["nodes"]}
    return as_printed(shown.get("overall")), receipt.get("level", "")


def of_papers(row) -> Iterator[Statement]:
    from prongsai.documents.content.blocks import list_texts
    from prongsai.documents.content.data import Formatting, MemoHeader
    from prongsai.documents.issuance import compose_document
    from prongsai.documents.sources import collect_data

    data = collect_data(row.agency, row.fiscal_year)
    header = MemoHeader(office="สำนักปลัด", to="ผู้บริหารสูงสุด")
    data = dataclasses.replace(data, memo_header=header, formatting=Formatting("arabic"))
    for kind in PAPERS:
        text = "\n".join(list_texts(compose_document(kind, data)))
        for year, total, level in set(_STATED_TOTAL.findall(text)):
            name = (level or "").removeprefix("ระดับ ").strip("“”")
            yield row.agency.code, int(year), f"paper {kind}", total, name


def of_desk(code: str, office, pages: dict[str, str]) -> Iterator[Statement]:
    from django.urls import reverse

    pages["desk"] = read(office, reverse("agency_desk", args=[code]))
    pages["plans"] = read(office, reverse("plans", args=[code]))
    for row in _ROW.findall(pages["desk"]):
        cells = [text_of(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        if len(cells) == 4 and re.fullmatch(r"\d{4}", cells[0]) and cells[3] == "เผยแพร่แล้ว":
            yield code, int(cells[0]), "desk", as_printed(cells[1]), cells[2]


def of_interface(code: str, visitor) -> Iterator[Statement]:
    for row in json.loads(read(visitor, f"/api/agencies/{code}/results")):
        yield code, row["fiscal_year"], "API of the agency", as_printed(row["overall"]), row["level"]


def of_files(year: int, visitor) -> Iterator[Statement]:
    """The open data of a year, of both worlds."""
    import csv

    for more in ("", "?fictional=1"):
        response = visitor.get(f"/data/{year}.csv{more}")
        lines = b"".join(response.streaming_content if response.streaming else [response.content]).decode("utf-8-sig")
        for row in csv.DictReader(lines.splitlines()):
            yield row["agency"], year, "open data", as_printed(row["overall"]), row["level"]


def of_posters() -> Iterator[tuple[str, str, int, str, str]]:
    """Of each poster the agency, the year printed and that of its round, the last day printed and that of the round."""
    from unittest import mock

    from prongsai.lib import thai
    from prongsai.survey import actions
    from prongsai.survey.models import Channel

    printed: list[dict[str, str]] = []
    with mock.patch.object(actions, "pdf", lambda _, data: printed.append(data) or b"pdf"):
        for channel in Channel.objects.filter(is_open=True).select_related("agency", "round"):
            actions.print_poster(channel=channel, site="http://127.0.0.1")
            last = channel.round.phases.get(key="survey").ends
            yield (
                channel.agency.code,
                printed[-1]["year"],
                channel.round.fiscal_year,
                printed[-1]["closes"],
                thai.date(last),
            )
