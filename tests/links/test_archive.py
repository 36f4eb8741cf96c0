"""Snapshots as WARC, written and read back."""

import gzip

import pytest

from prongsai.links import read_warc, write_warc

from .fake_web import Reply, page, to


def test_round_trip(web, check):
    reply = page(title="หน้าหนึ่ง")
    web.routes["a.test"] |= {
        "/x": Reply(
            gzip.compress(reply.body.encode()),
            headers={"Content-Encoding": "gzip", "X-A": "ก".encode().decode("latin-1")},
        ),
        "/r": to("/x"),
    }
    observation = check(web.url("a.test", "/r"), keep_body=True)
    data = write_warc(observation)
    back = read_warc(data)
    assert (back.url, back.status, back.truncated) == (web.url("a.test", "/x"), 200, False)
    assert back.body == reply.body.encode() == observation.body
    assert back.observed_at == observation.observed_at.replace(microsecond=0)
    assert ("Content-Encoding", "gzip") not in back.headers
    plain = gzip.decompress(data)
    assert b"WARC-Type: request" in plain
    assert b"WARC-IP-Address: 127.9.0.1" in plain
    assert b"User-Agent: ProngsaiLinks/1" in plain


def test_a_truncated_body_is_marked(web, check):
    web.routes["a.test"]["/x"] = Reply("<p>" + "x" * 5000)
    assert read_warc(write_warc(check(web.url("a.test", "/x"), keep_body=True, max_body_bytes=1000))).truncated


def test_an_observation_without_body_is_refused(web, check):
    web.routes["a.test"]["/x"] = page()
    with pytest.raises(ValueError, match="keep_body"):
        write_warc(check(web.url("a.test", "/x")))
    with pytest.raises(ValueError, match="keep_body"):
        write_warc(check("http://nowhere.test/", keep_body=True))


def test_damage_is_detected(web, check):
    web.routes["a.test"]["/x"] = page()
    data = write_warc(check(web.url("a.test", "/x"), keep_body=True))
    changed = gzip.compress(gzip.decompress(data).replace(b"<body>", b"<evil>"))
    for broken in (b"", b"nonsense", data[:200], changed):
        with pytest.raises(ValueError):
            read_warc(broken)
