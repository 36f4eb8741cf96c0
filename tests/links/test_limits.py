"""Servers that send too much, too slowly, in circles, or what it is not."""

import asyncio
import gzip
import io
import zipfile
import zlib

import pytest

from .web import Reply, page, to


def said(seen):
    return seen.state, seen.error


async def endlessly(request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 10000000000\r\n\r\n<title>big</title>")
    endlessly.sent = 0
    while True:
        writer.write(b"<p>more of the same</p>" * 4000)
        await writer.drain()
        endlessly.sent += 1


def test_ten_gigabytes_are_cut_off(web, look):
    web.routes["a.test"]["/x"] = endlessly
    seen = look(web.url("a.test", "/x"), max_bytes=300_000, keep_body=True)
    assert seen.state == "ok"
    assert "cut" in seen.notes
    assert len(seen.body) == 300_000
    assert seen.length == 10_000_000_000
    assert endlessly.sent < 1000


def test_a_large_file_is_not_fetched_when_head_says_so(web, look):
    web.routes["a.test"]["/x.pdf"] = Reply(b"%PDF-1.7 " + b"x" * 400_000, kind="application/pdf")
    seen = look(web.url("a.test", "/x.pdf"), max_bytes=300_000)
    assert (seen.state, seen.length) == ("ok", 400_009)
    assert web.paths("a.test") == ["HEAD /x.pdf"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw"])
def test_what_unpacks_to_gigabytes_is_cut_off(web, look, encoding):
    packer = zlib.compressobj(9, wbits={"gzip": 31, "deflate": 15, "raw": -15}[encoding])
    bomb = b"".join(packer.compress(b"<p>" + b"0" * 1_000_000) for _ in range(300)) + packer.flush()
    web.routes["a.test"]["/x"] = Reply(bomb, headers={"Content-Encoding": "gzip" if encoding == "gzip" else "deflate"})
    seen = look(web.url("a.test", "/x"), max_bytes=200_000, keep_body=True)
    assert len(seen.body) == 200_000
    assert "cut" in seen.notes


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate"])
def test_compressed_pages_are_read(web, look, encoding):
    plain = page().body.encode()
    packed = gzip.compress(plain) if "gzip" in encoding else zlib.compress(plain)
    web.routes["a.test"]["/x"] = Reply(packed, headers={"Content-Encoding": encoding})
    seen = look(web.url("a.test", "/x"), keep_body=True)
    assert (seen.state, seen.body) == ("ok", plain)


@pytest.mark.parametrize("encoding", ["gzip", "br", "made-up"])
def test_what_cannot_be_unpacked(web, look, encoding):
    web.routes["a.test"]["/x"] = Reply(b"not at all " * 10, headers={"Content-Encoding": encoding})
    assert said(look(web.url("a.test", "/x"))) == ("dead", "broken_encoding")


def drip(head: bytes):
    async def slowly(request, writer):
        writer.write(head)
        while True:
            await asyncio.sleep(0.02)
            writer.write(b"x")
            await writer.drain()

    return slowly


def test_a_body_by_drops_is_slow(web, look):
    web.routes["a.test"]["/x"] = drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    assert said(look(web.url("a.test", "/x"), connect_seconds=1.0, whole_seconds=0.5)) == ("slow", "timeout_whole")


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX-Drip: ", b""])
def test_a_head_by_drops_is_slow(web, look, head):
    web.routes["a.test"]["/x"] = drip(head) if head else _silence
    assert said(look(web.url("a.test", "/x"), first_byte_seconds=0.3)) == ("slow", "timeout_first_byte")


async def _silence(request, writer):
    await asyncio.sleep(20)


def test_a_handshake_that_never_comes(web, look):
    with web.another(b"") as address:
        web.names["mute.test"] = [address]
        seen = look(web.url("mute.test", tls=True), connect_seconds=1.0)
    assert said(seen) == ("dead", "timeout_connect")


def test_redirects_in_a_circle(web, look):
    web.routes["a.test"] |= {"/x": to("/y"), "/y": to("/x"), "/self": to("/self")}
    assert said(look(web.url("a.test", "/x"))) == ("dead", "redirect_loop")
    assert said(look(web.url("a.test", "/self"))) == ("dead", "redirect_loop")
    assert len(web.paths("a.test")) <= 6


def test_redirects_without_end(web, look):
    web.routes["a.test"]["*"] = lambda r: to(r.path + "x")
    seen = look(web.url("a.test", "/x"), max_redirects=5)
    assert said(seen) == ("dead", "too_many_redirects")
    assert len(web.paths("a.test")) == 6


def test_a_redirect_to_nowhere(web, look):
    web.routes["a.test"]["/x"] = Reply("", 302)
    assert said(look(web.url("a.test", "/x"))) == ("dead", "redirect_nowhere")


def test_no_web_server(web, look):
    async def babble(request, writer):
        writer.write(b"220 mail.test ESMTP\r\n" * 3)

    web.routes["a.test"]["/x"] = babble
    assert said(look(web.url("a.test", "/x"))) == ("dead", "not_http")


def test_http_that_we_cannot_read_is_not_called_dead(web, look):
    async def sloppy(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nBad Header Name : x\r\n\r\nhello")

    web.routes["a.test"]["/x"] = sloppy
    assert said(look(web.url("a.test", "/x"))) == ("blocked", "bad_http")


def test_headers_without_end(web, look):
    async def endless(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: " + b"y" * 1000 + b"\r\n")
            await writer.drain()

    web.routes["a.test"]["/x"] = endless
    assert said(look(web.url("a.test", "/x"))) == ("blocked", "bad_http")


def test_an_answer_that_breaks_off(web, look):
    async def half(request, writer):
        kind = "text/html" if request.path == "/page" else "application/pdf"
        body = page().body if request.path == "/page" else "%PDF-1.7\n half a file"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: 90000\r\n\r\n"
        writer.write(head.encode() + (b"" if request.method == "HEAD" else body.encode()))

    async def nothing(request, writer):
        pass

    web.routes["a.test"] |= {"/page": half, "/x.pdf": half, "/nothing": nothing}
    seen = look(web.url("a.test", "/page"))
    assert said(seen) == ("ok", "")
    assert "broken_off_body" in seen.notes
    assert said(look(web.url("a.test", "/x.pdf"))) == ("dead", "broken_off")
    assert said(look(web.url("a.test", "/nothing"))) == ("dead", "broken_off")


@pytest.mark.parametrize(
    ("declared", "body", "found"),
    [
        ("application/pdf", b"<!doctype html><title>x</title>" + b"<p>words</p>" * 50, "text/html"),
        ("text/html", b"\x89PNG\r\n\x1a\n" + b"x" * 50, "image/png"),
        ("image/png", b"MZ\x90" + b"x" * 50, "application/x-msdownload"),
    ],
)
def test_lies_about_types_are_noted(web, look, declared, body, found):
    web.routes["a.test"]["/x"] = Reply(body, kind=declared)
    seen = look(web.url("a.test", "/x"))
    assert (seen.declared_type, seen.sniffed_type) == (declared, found)
    assert "lying_type" in seen.notes


def test_a_zip_bomb_dressed_as_a_document(web, look):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w:p>" + b"0" * 300_000_000)
    web.routes["a.test"]["/x.docx"] = Reply(out.getvalue(), kind="application/octet-stream")
    seen = look(web.url("a.test", "/x.docx"))
    assert seen.state == "ok"
    assert "document_too_big" in seen.notes


@pytest.mark.parametrize(
    "body",
    [
        b"<html>" + b"<div>" * 200_000 + b"deep",
        b"<html>" + b"&#x" * 300_000,
        b"<html><title>" + b"<" * 300_000,
        b"<!--" * 100_000,
        b'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><p>&b;&b;</p>',
        b"\xff\xfe<" + bytes(range(256)) * 1000,
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><img src="file:///etc/passwd"><p>text</p>',
    ],
)
def test_monstrous_pages_are_survived(web, look, body):
    web.routes["a.test"]["/x"] = Reply(body)
    assert look(web.url("a.test", "/x")).error not in ("internal",)


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (1 << 20) + 200, 3_000_001])
def test_compressed_bodies_of_any_size_are_whole(web, look, size):
    web.routes["a.test"]["/x"] = Reply(
        gzip.compress(b"0" * size), kind="text/plain", headers={"Content-Encoding": "gzip"}
    )
    seen = look(web.url("a.test", "/x"), keep_body=True)
    assert len(seen.body) == size
    assert "broken_off_body" not in seen.notes


def test_gzip_of_several_members_and_gzip_that_ends_early(web, look):
    one, two = b"<title>x</title><p>first ", b"second " * 50
    web.routes["a.test"]["/two"] = Reply(gzip.compress(one) + gzip.compress(two), headers={"Content-Encoding": "gzip"})
    web.routes["a.test"]["/half"] = Reply(gzip.compress(one + two)[:-12], headers={"Content-Encoding": "gzip"})
    assert look(web.url("a.test", "/two"), keep_body=True).body == one + two
    seen = look(web.url("a.test", "/half"))
    assert seen.state == "ok"
    assert "broken_off_body" in seen.notes
