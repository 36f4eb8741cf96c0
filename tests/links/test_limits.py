"""Servers that send too much, too slowly, in loops, or something other than declared."""

import asyncio
import gzip
import io
import zipfile
import zlib

import pytest

from .fake_web import Reply, page, to


def outcome_of(observation):
    return observation.state, observation.error


async def endlessly(request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 10000000000\r\n\r\n<title>big</title>")
    endlessly.sent = 0
    while True:
        writer.write(b"<p>more of the same</p>" * 4000)
        await writer.drain()
        endlessly.sent += 1


def test_a_body_of_ten_gigabytes_is_truncated(web, check):
    web.routes["a.test"]["/x"] = endlessly
    observation = check(web.url("a.test", "/x"), max_body_bytes=300_000, keep_body=True)
    assert observation.state == "ok"
    assert "cut" in observation.notes
    assert len(observation.body) == 300_000
    assert observation.length == 10_000_000_000
    assert endlessly.sent < 1000


def test_a_large_file_is_not_fetched_when_head_says_so(web, check):
    web.routes["a.test"]["/x.pdf"] = Reply(b"%PDF-1.7 " + b"x" * 400_000, kind="application/pdf")
    observation = check(web.url("a.test", "/x.pdf"), max_body_bytes=300_000)
    assert (observation.state, observation.length) == ("ok", 400_009)
    assert web.paths("a.test") == ["HEAD /x.pdf"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw"])
def test_a_decompression_bomb_is_truncated(web, check, encoding):
    packer = zlib.compressobj(9, wbits={"gzip": 31, "deflate": 15, "raw": -15}[encoding])
    bomb = b"".join(packer.compress(b"<p>" + b"0" * 1_000_000) for _ in range(300)) + packer.flush()
    web.routes["a.test"]["/x"] = Reply(bomb, headers={"Content-Encoding": "gzip" if encoding == "gzip" else "deflate"})
    observation = check(web.url("a.test", "/x"), max_body_bytes=200_000, keep_body=True)
    assert len(observation.body) == 200_000
    assert "cut" in observation.notes


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate"])
def test_compressed_pages_are_read(web, check, encoding):
    plain = page().body.encode()
    packed = gzip.compress(plain) if "gzip" in encoding else zlib.compress(plain)
    web.routes["a.test"]["/x"] = Reply(packed, headers={"Content-Encoding": encoding})
    observation = check(web.url("a.test", "/x"), keep_body=True)
    assert (observation.state, observation.body) == ("ok", plain)


@pytest.mark.parametrize("encoding", ["gzip", "br", "made-up"])
def test_undecodable_encodings_are_dead(web, check, encoding):
    web.routes["a.test"]["/x"] = Reply(b"not at all " * 10, headers={"Content-Encoding": encoding})
    assert outcome_of(check(web.url("a.test", "/x"))) == ("dead", "broken_encoding")


def drip(head: bytes):
    async def slowly(request, writer):
        writer.write(head)
        while True:
            await asyncio.sleep(0.02)
            writer.write(b"x")
            await writer.drain()

    return slowly


def test_a_trickling_body_is_slow(web, check):
    web.routes["a.test"]["/x"] = drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    assert outcome_of(check(web.url("a.test", "/x"), connect_seconds=1.0, total_seconds=0.5)) == (
        "slow",
        "timeout_whole",
    )


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX-Drip: ", b""])
def test_trickling_headers_are_slow(web, check, head):
    web.routes["a.test"]["/x"] = drip(head) if head else _silence
    assert outcome_of(check(web.url("a.test", "/x"), first_byte_seconds=0.3)) == ("slow", "timeout_first_byte")


async def _silence(request, writer):
    await asyncio.sleep(20)


def test_a_missing_handshake_times_out(web, check):
    with web.raw_server(b"") as address:
        web.names["mute.test"] = [address]
        observation = check(web.url("mute.test", tls=True), connect_seconds=1.0)
    assert outcome_of(observation) == ("dead", "timeout_connect")


def test_a_redirect_loop_is_dead(web, check):
    web.routes["a.test"] |= {"/x": to("/y"), "/y": to("/x"), "/self": to("/self")}
    assert outcome_of(check(web.url("a.test", "/x"))) == ("dead", "redirect_loop")
    assert outcome_of(check(web.url("a.test", "/self"))) == ("dead", "redirect_loop")
    assert len(web.paths("a.test")) <= 6


def test_endless_redirects_are_dead(web, check):
    web.routes["a.test"]["*"] = lambda r: to(r.path + "x")
    observation = check(web.url("a.test", "/x"), max_redirects=5)
    assert outcome_of(observation) == ("dead", "too_many_redirects")
    assert len(web.paths("a.test")) == 6


def test_a_redirect_without_location_is_dead(web, check):
    web.routes["a.test"]["/x"] = Reply("", 302)
    assert outcome_of(check(web.url("a.test", "/x"))) == ("dead", "redirect_nowhere")


def test_a_server_of_another_protocol_is_dead(web, check):
    async def babble(request, writer):
        writer.write(b"220 mail.test ESMTP\r\n" * 3)

    web.routes["a.test"]["/x"] = babble
    assert outcome_of(check(web.url("a.test", "/x"))) == ("dead", "not_http")


def test_invalid_http_is_blocked_and_not_dead(web, check):
    async def sloppy(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nBad Header Name : x\r\n\r\nhello")

    web.routes["a.test"]["/x"] = sloppy
    assert outcome_of(check(web.url("a.test", "/x"))) == ("blocked", "bad_http")


def test_endless_headers_are_blocked(web, check):
    async def endless(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: " + b"y" * 1000 + b"\r\n")
            await writer.drain()

    web.routes["a.test"]["/x"] = endless
    assert outcome_of(check(web.url("a.test", "/x"))) == ("blocked", "bad_http")


def test_incomplete_responses(web, check):
    async def half(request, writer):
        kind = "text/html" if request.path == "/page" else "application/pdf"
        body = page().body if request.path == "/page" else "%PDF-1.7\n half a file"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: 90000\r\n\r\n"
        writer.write(head.encode() + (b"" if request.method == "HEAD" else body.encode()))

    async def nothing(request, writer):
        pass

    web.routes["a.test"] |= {"/page": half, "/x.pdf": half, "/nothing": nothing}
    observation = check(web.url("a.test", "/page"))
    assert outcome_of(observation) == ("ok", "")
    assert "broken_off_body" in observation.notes
    assert outcome_of(check(web.url("a.test", "/x.pdf"))) == ("dead", "broken_off")
    assert outcome_of(check(web.url("a.test", "/nothing"))) == ("dead", "broken_off")


@pytest.mark.parametrize(
    ("declared", "body", "found"),
    [
        ("application/pdf", b"<!doctype html><title>x</title>" + b"<p>words</p>" * 50, "text/html"),
        ("text/html", b"\x89PNG\r\n\x1a\n" + b"x" * 50, "image/png"),
        ("image/png", b"MZ\x90" + b"x" * 50, "application/x-msdownload"),
    ],
)
def test_wrong_declared_types_are_noted(web, check, declared, body, found):
    web.routes["a.test"]["/x"] = Reply(body, kind=declared)
    observation = check(web.url("a.test", "/x"))
    assert (observation.declared_type, observation.sniffed_type) == (declared, found)
    assert "lying_type" in observation.notes


def test_a_zip_bomb_as_a_document_is_not_read(web, check):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w:p>" + b"0" * 300_000_000)
    web.routes["a.test"]["/x.docx"] = Reply(out.getvalue(), kind="application/octet-stream")
    observation = check(web.url("a.test", "/x.docx"))
    assert observation.state == "ok"
    assert "document_too_big" in observation.notes


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
def test_malformed_pages_are_parsed_without_error(web, check, body):
    web.routes["a.test"]["/x"] = Reply(body)
    assert check(web.url("a.test", "/x")).error not in ("internal",)


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (1 << 20) + 200, 3_000_001])
def test_compressed_bodies_of_any_size_are_complete(web, check, size):
    web.routes["a.test"]["/x"] = Reply(
        gzip.compress(b"0" * size), kind="text/plain", headers={"Content-Encoding": "gzip"}
    )
    observation = check(web.url("a.test", "/x"), keep_body=True)
    assert len(observation.body) == size
    assert "broken_off_body" not in observation.notes


def test_gzip_of_several_members_and_truncated_gzip(web, check):
    one, two = b"<title>x</title><p>first ", b"second " * 50
    web.routes["a.test"]["/two"] = Reply(gzip.compress(one) + gzip.compress(two), headers={"Content-Encoding": "gzip"})
    web.routes["a.test"]["/half"] = Reply(gzip.compress(one + two)[:-12], headers={"Content-Encoding": "gzip"})
    assert check(web.url("a.test", "/two"), keep_body=True).body == one + two
    observation = check(web.url("a.test", "/half"))
    assert observation.state == "ok"
    assert "broken_off_body" in observation.notes
