"""Snapshots as WARC, written and read back."""

import gzip

import pytest

from prongsai.links import from_warc, warc

from .web import Reply, page, to


def test_there_and_back(web, look):
    reply = page(title="หน้าหนึ่ง")
    web.routes["a.test"] |= {
        "/x": Reply(
            gzip.compress(reply.body.encode()),
            headers={"Content-Encoding": "gzip", "X-A": "ก".encode().decode("latin-1")},
        ),
        "/r": to("/x"),
    }
    seen = look(web.url("a.test", "/r"), keep_body=True)
    data = warc(seen)
    back = from_warc(data)
    assert (back.url, back.status, back.cut) == (web.url("a.test", "/x"), 200, False)
    assert back.body == reply.body.encode() == seen.body
    assert back.observed_at == seen.observed_at.replace(microsecond=0)
    assert ("Content-Encoding", "gzip") not in back.headers
    plain = gzip.decompress(data)
    assert b"WARC-Type: request" in plain
    assert b"WARC-IP-Address: 127.9.0.1" in plain
    assert b"User-Agent: ProngsaiLinks/1" in plain


def test_a_body_that_was_cut_says_so(web, look):
    web.routes["a.test"]["/x"] = Reply("<p>" + "x" * 5000)
    assert from_warc(warc(look(web.url("a.test", "/x"), keep_body=True, max_bytes=1000))).cut


def test_nothing_to_keep(web, look):
    web.routes["a.test"]["/x"] = page()
    with pytest.raises(ValueError, match="keep_body"):
        warc(look(web.url("a.test", "/x")))
    with pytest.raises(ValueError, match="keep_body"):
        warc(look("http://nowhere.test/", keep_body=True))


def test_damage_is_found(web, look):
    web.routes["a.test"]["/x"] = page()
    data = warc(look(web.url("a.test", "/x"), keep_body=True))
    changed = gzip.compress(gzip.decompress(data).replace(b"<body>", b"<evil>"))
    for broken in (b"", b"nonsense", data[:200], changed):
        with pytest.raises(ValueError):
            from_warc(broken)
