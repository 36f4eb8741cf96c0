"""Signed snapshots: written, read back by other tools' rules, and attacked."""

import base64
import gzip
import io
import json
import warnings
import zipfile
from contextlib import suppress
from datetime import UTC, datetime

import pytest
import trustme
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai.links import Hop, Observation, add_log, examine_wacz, read_wacz, write_wacz
from prongsai.links.issuers import find_issuer

KEY = ec.generate_private_key(ec.SECP384R1())
SPKI = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
AT = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
BODY = "<title>แผน</title><p>แผนจัดซื้อจัดจ้าง</p>".encode()
PARTS = [
    "archive/data.warc.gz",
    "indexes/index.cdx",
    "pages/pages.jsonl",
    "datapackage.json",
    "datapackage-digest.json",
]


def observe(body=BODY):
    url = "https://www.example.go.th:8443/ITA/O1?year=2568"
    return Observation(
        key=1, url=url, observed_at=AT, state="ok", status=200, hops=(Hop(url, 200, "203.0.113.7"),), title="แผน",
        declared_type="text/html", digest="ab" * 32, body=body, response_headers=(("Content-Type", "text/html"),),
    )  # fmt: skip


def pack(body=BODY, key=KEY):
    return write_wacz(
        observe(body),
        public_key=key.public_key().public_bytes(*SPKI),
        sign=lambda message: key.sign(message, ec.ECDSA(SHA256())),
        created=AT,
    )


def unpack(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repack(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def examine(data):
    return examine_wacz(io.BytesIO(data))


def test_a_package_is_what_the_specification_says():
    package = pack()
    entries = unpack(package.data)
    assert list(entries) == PARTS
    with zipfile.ZipFile(io.BytesIO(package.data)) as archive:
        assert archive.getinfo(PARTS[0]).compress_type == zipfile.ZIP_STORED  # players read parts of it by offset
    head, page = map(json.loads, entries["pages/pages.jsonl"].splitlines())
    assert (head["format"], page["ts"]) == ("json-pages-1.0", "2025-03-04T05:06:07Z")
    key, stamp, rest = entries["indexes/index.cdx"].decode().split(" ", 2)
    assert (key, stamp) == ("th,go,example:8443)/ita/o1?year=2568", "20250304050607")
    place = json.loads(rest)
    start, length = int(place["offset"]), int(place["length"])
    record = gzip.decompress(entries[PARTS[0]][start : start + length])
    assert b"WARC-Type: response" in record
    assert BODY in record
    assert b"WARC-Type: request" not in record
    assert json.loads(entries["datapackage.json"])["wacz_version"] == "1.1.1"


def test_the_signature_is_verified_as_a_browser_does():
    signed = json.loads(unpack(pack().data)["datapackage-digest.json"])["signedData"]
    assert set(signed) == {"hash", "created", "software", "version", "signature", "publicKey"}  # and no other
    key = serialization.load_der_public_key(base64.b64decode(signed["publicKey"]))
    raw = base64.b64decode(signed["signature"])
    signature = encode_dss_signature(int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big"))
    key.verify(signature, signed["hash"].encode(), ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        key.verify(signature, b"sha256:0", ec.ECDSA(SHA256()))


def test_it_is_read_back_and_examined():
    package = pack()
    assert read_wacz(package.data).body == BODY
    found = examine(add_log(package.data, {"sightings": [1]}))
    assert (found.problems, found.package, found.log) == ((), package.digest, {"sightings": [1]})
    assert unpack(add_log(package.data, {"a": 1})) == unpack(package.data)  # other tools find what was packed
    with pytest.raises(ValueError):
        add_log(package.data, "x" * 70_000)
    assert (found.url, found.observed_at) == (observe().url, "2025-03-04T05:06:07Z")


@pytest.mark.parametrize("name", PARTS)
def test_a_changed_or_missing_part_is_found(name):
    entries = unpack(pack().data)
    other = unpack(pack(b"<p>other</p>").data)
    for content in (entries[name] + b" ", other[name] if name != PARTS[1] and name != PARTS[2] else b"x"):
        changed = repack(entries | {name: content})
        if entries[name] + b" " == content and name == PARTS[4]:
            continue  # a space after JSON says nothing else
        assert examine(changed).problems
        with pytest.raises(ValueError):
            read_wacz(changed)
    assert examine(repack({k: v for k, v in entries.items() if k != name})).problems


def test_a_forger_who_computes_all_digests_anew_has_no_signature():
    """Other content, whole package and digest of one's own, and the signature of the true one."""
    true, false = unpack(pack().data), unpack(pack(b"<p>forged</p>").data)
    signed = json.loads(false["datapackage-digest.json"])
    true_signed = json.loads(true["datapackage-digest.json"])["signedData"]
    signed["signedData"] |= {"signature": true_signed["signature"], "publicKey": true_signed["publicKey"]}
    forged = repack(false | {"datapackage-digest.json": json.dumps(signed)})
    assert examine(forged).problems == ("ลายเซ็นไม่ถูกต้อง",)
    for nonsense in ("", "AAAA", "ก", None, 7, base64.b64encode(b"\x00" * 96).decode()):
        signed["signedData"]["signature"] = nonsense
        assert examine(repack(false | {"datapackage-digest.json": json.dumps(signed)})).problems
    signed["signedData"]["publicKey"] = base64.b64encode(
        ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(*SPKI)
    ).decode()
    assert examine(repack(false | {"datapackage-digest.json": json.dumps(signed)})).problems


def test_another_file_may_not_ride_along():
    entries = unpack(pack().data)
    assert examine(repack(entries | {"archive/more.warc.gz": b"x"})).problems


def test_files_that_are_none_or_far_too_large_are_refused():
    entries = unpack(pack().data)
    entries["datapackage-digest.json"] += b" " * 70_000_000  # otherwise as good as before
    bomb = repack(entries)
    deep = repack(unpack(pack().data) | {"datapackage-digest.json": b"[" * 100_000})
    for data in (b"", b"PK\x03\x04", pack().data[:-200], bomb, deep):
        assert examine(data).problems


def test_a_name_that_stands_twice_is_refused():
    """One reader would take the first file of the name, another the last."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings(action="ignore"):
        archive.writestr("archive/data.warc.gz", b"another page")
        for name, content in unpack(pack().data).items():
            archive.writestr(name, content)
    assert examine(out.getvalue()).problems


PACKAGE = pack()
LEAF = trustme.CA().issue_cert("a.test").cert_chain_pems[0].bytes()
WHOLE = {False: PACKAGE.data, True: repack(unpack(PACKAGE.data))}  # as packed, and compressed by somebody else


@settings(max_examples=80, deadline=None)
@given(
    st.booleans(), st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4)
)
def test_damage_anywhere_is_found_or_does_no_harm(is_compressed, changes):
    data = bytearray(WHOLE[is_compressed])
    for place, value in changes:
        data[int(place * len(data))] = value
    found = examine(bytes(data))
    assert found.problems or (found.package, found.length) == (PACKAGE.digest, len(BODY))
    with suppress(ValueError):
        assert read_wacz(bytes(data)).body == BODY


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_whatever_is_served_for_a_certificate_is_one_or_none(body):
    own = x509.load_pem_x509_certificate(LEAF).public_bytes(serialization.Encoding.DER)
    for served in (body, own[: len(own) - len(body)] + body, LEAF[:-60] + body, LEAF + body):
        assert find_issuer(own, served) == b""
