"""A document behind an address comes whole and guarded, or a sentence says why not."""

import asyncio

import pytest

from prongsai.links import DocumentError, fetch_document

from .fake_web import PUBLIC, Reply, page, to

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def site(web):
    web.names["a.test"] = [PUBLIC]
    return web.routes["a.test"]


def refused(web, path="/x", url="", **options) -> str:
    with pytest.raises(DocumentError) as caught:
        fetch_document(url or web.url("a.test", path), web.policy(), **options)
    assert any("\u0e00" <= letter <= "\u0e7f" for letter in str(caught.value))
    return str(caught.value)


def test_a_page_and_a_file(web, site):
    site["/x"] = page("คะแนนรวม 90.00 คะแนน" * 20)
    found = fetch_document(web.url("a.test", "/x"), web.policy())
    assert "คะแนนรวม" in found.body.decode()
    assert found.suffix == ""
    site["/ita.docx"] = Reply(b"PK" + bytes(50), kind=WORD)
    found = fetch_document(web.url("a.test", "/ita.docx"), web.policy())
    assert (found.body, found.suffix) == (b"PK" + bytes(50), ".docx")


def test_redirects_are_followed_to_public_addresses_alone(web, site):
    site["/x"] = to("/y.csv")
    site["/y.csv"] = Reply("ก,ข\n" * 30, kind="text/csv")
    assert fetch_document(web.url("a.test", "/x"), web.policy()).url == web.url("a.test", "/y.csv")
    site["/x"] = to(f"http://127.0.0.1:{web.port}/secret")
    refused(web)
    web.names["inside.test"] = ["127.0.0.1"]
    refused(web, url=web.url("inside.test", "/x"))
    refused(web, url=f"http://127.0.0.1:{web.port}/x")
    refused(web, url="file:///etc/passwd")


def test_what_is_no_document_is_refused(web, site):
    assert "404" in refused(web, "/nothing")
    site["/sign"] = page(head="<meta charset=utf-8>", text='<form><input type="password"></form>')
    refused(web, "/sign")
    site["/empty"] = Reply("")
    refused(web, "/empty")


def test_only_so_much_is_taken(web, site):
    site["/x"] = Reply("ก" * 50_000, kind="text/plain; charset=utf-8")
    assert "ใหญ่เกิน" in refused(web, max_bytes=100_000)
    assert len(fetch_document(web.url("a.test", "/x"), web.policy(), max_bytes=200_000).body) == 150_000


def test_only_so_long_is_waited(web, site):
    async def drip(_, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    site["/x"] = drip
    assert "ไม่เสร็จ" in refused(web, seconds=1)


def test_what_was_broken_off_is_not_read(web, site):
    async def half(_, writer):
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9000\r\n\r\n" + b"<p>score</p>" * 99
        )
        await writer.drain()
        writer.close()

    site["/x"] = half
    assert "ไม่ครบ" in refused(web)
