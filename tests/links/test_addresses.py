"""Addresses as people type and paste them."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from prongsai.links import Address, InvalidAddress, find_addresses, find_words, is_same_site, parse_address
from prongsai.links.addresses import parse_url, resolve_redirect


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("www.example.go.th", "https://www.example.go.th/"),
        ("  HTTP://Example.GO.TH:80/a b".replace(" b", ""), "http://example.go.th/a"),
        ("https://example.go.th:443", "https://example.go.th/"),
        ("example.go.th:8080/x", "https://example.go.th:8080/x"),
        ("https:/example.go.th/x", "https://example.go.th/x"),
        ("//example.go.th/x", "https://example.go.th/x"),
        ("<https://example.go.th/x>", "https://example.go.th/x"),
        ("\u200bhttps://example.go.th/x\ufeff", "https://example.go.th/x"),
        ("https://example.go.th./x", "https://example.go.th/x"),
        ("https://example.go.th/a/../b/./c%2Fd%41", "https://example.go.th/b/c%2FdA"),
        ("https://example.go.th/แผน", "https://example.go.th/%E0%B9%81%E0%B8%9C%E0%B8%99"),
        ("https://example.go.th/%e0%b9%81%e0%b8%9c%e0%b8%99", "https://example.go.th/%E0%B9%81%E0%B8%9C%E0%B8%99"),
        ("https://example.go.th/%a1%d2", "https://example.go.th/%A1%D2"),  # TIS-620, as old servers have it
        (
            "https://example.go.th/?q=ก&r=a+b%20c#/ข้อ",
            "https://example.go.th/?q=%E0%B8%81&r=a+b%20c#/%E0%B8%82%E0%B9%89%E0%B8%AD",
        ),
        ("https://ทดสอบ.ไทย/", "https://xn--l3cfk7dp.xn--o3cw4h/"),
        ("https://example.go.th\\a\\b", "https://example.go.th/a/b"),
        ("https://ｅｘａｍｐｌｅ.go.th/", "https://example.go.th/"),
        ("https://8.8.8.8/", "https://8.8.8.8/"),
        ("https://[2001:4860:4860:0::8888]/", "https://[2001:4860:4860::8888]/"),
    ],
)
def test_canonical_form(typed, url):
    found = parse_address(typed)
    assert isinstance(found, Address)
    assert found.url == url
    assert parse_address(found.url) == found
    assert parse_address(found.display).url == url


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("", ("empty_address",)),
        ("   ", ("empty_address",)),
        ("javascript:alert(1)", ("scheme",)),
        ("JaVaScRiPt://example.go.th/%0aalert(1)", ("scheme",)),
        ("file:///etc/passwd", ("scheme",)),
        ("data:text/html,<b>", ("scheme",)),
        ("ftp://example.go.th/x", ("scheme",)),
        ("mailto:office@example.go.th", ("scheme",)),
        ("https://me:secret@example.go.th/", ("credentials",)),
        ("https://me@example.go.th/", ("credentials",)),
        ("https://example.go.th:99999/", ("port_number",)),
        ("https://example..go.th/", ("host",)),
        ("https://-a.go.th/", ("host",)),
        ("https://", ("host",)),
        ("https://example.go.th/a b", ("space",)),
        ("https://example.go.th/" + "a" * 2000, ("too_long",)),
        ("http://127.0.0.1/", ("private_address",)),
        ("http://127.1/", ("private_address",)),
        ("http://2130706433/", ("private_address",)),
        ("http://0x7f000001/", ("private_address",)),
        ("http://0177.0.0.1/", ("private_address",)),
        ("http://[::1]/", ("private_address",)),
        ("http://[::ffff:10.0.0.1]/", ("private_address",)),
        ("http://169.254.169.254/latest", ("private_address",)),
        ("http://192.168.1.1/", ("private_address",)),
        ("http://localhost/", ("private_address",)),
        ("http://server/", ("private_address",)),
        ("http://printer.local/", ("private_address",)),
        ("http://1.2.3.4.5/", ("host",)),
        ("http://256.1.1.1/", ("host",)),
        ("https://a b:c@server:0/", ("space", "private_address")),
    ],
)
def test_problems(typed, codes):
    found = parse_address(typed)
    assert isinstance(found, InvalidAddress)
    assert not found
    assert found.codes == codes
    assert found.text == typed


@pytest.mark.parametrize(
    ("typed", "warnings"),
    [
        ("https://www.example.go.th/x", ()),
        ("http://www.example.go.th/x", ("not_https",)),
        ("https://drive.google.com/x", ("outside",)),
        ("http://8.8.8.8/", ("not_https", "outside", "ip_address")),
        ("https://ita.example.go.th:8443/", ("other_port",)),
        ("https://example.goth/", ("outside", "unknown_suffix")),
    ],
)
def test_warnings(typed, warnings):
    assert parse_address(typed, ["example.go.th"]).warnings == warnings


def test_display_decodes_thai_letters_only():
    assert (
        parse_address("https://xn--l3cfk7dp.xn--o3cw4h/%E0%B9%81%E0%B8%9C%E0%B8%99").display == "https://ทดสอบ.ไทย/แผน"
    )
    assert (
        parse_address("https://xn--80ak6aa92e.com/").display == "https://xn--80ak6aa92e.com/"
    )  # Cyrillic that reads apple
    assert parse_address("https://a.go.th/%E2%80%AEx").display == "https://a.go.th/%E2%80%AEx"  # right to left


@pytest.mark.parametrize(
    ("url", "own", "same"),
    [
        ("https://www.a.go.th/x", ["a.go.th"], True),
        ("https://a.go.th/", ["www.a.go.th"], True),
        ("https://ita.a.go.th/", ["https://www.a.go.th/home"], True),
        ("https://a.go.th/", ["ita.a.go.th"], True),
        ("https://b.go.th/", ["a.go.th"], False),
        ("https://evila.go.th/", ["a.go.th"], False),
        ("https://a.go.th.evil.com/", ["a.go.th"], False),
        ("https://b.go.th/", ["go.th"], False),
        ("https://b.ac.th/", ["a.ac.th", "b.ac.th"], True),
        ("https://b.github.io/", ["a.github.io"], False),
        ("https://drive.google.com/x", ["sites.google.com"], False),
        ("https://sites.google.com/x", ["sites.google.com"], True),
        ("https://ทดสอบ.ไทย/", ["xn--l3cfk7dp.xn--o3cw4h"], True),
        ("http://8.8.8.8/", ["4.8.8.8"], False),
        ("javascript:x", ["a.go.th"], False),
        ("https://a.go.th/", [], False),
        ("https://a.go.th/", ["", "::"], False),
    ],
)
def test_same_site(url, own, same):
    assert is_same_site(url, own) is same


def test_addresses_in_a_pasted_text():
    text = """1. แผนปฏิบัติการ https://a.go.th/แผน-2 (ดู www.b.go.th/y), https://c.or.th/z. และ https://d.go.th/a_(1)
    https://e.go.th/xhttps://f.go.th/y?u=https://g.go.th ซ้ำ https://a.go.th/แผน-2 ติดต่อ office@h.go.th โทร 0.5
    http://192.168.1.1/x; i.go.th/หน้า?ก=1"""
    found = find_addresses(text, ["a.go.th"])
    assert [f.display if isinstance(f, Address) else f for f in found] == [
        "https://a.go.th/แผน-2",
        "https://www.b.go.th/y",
        "https://c.or.th/z",
        "https://d.go.th/a_(1)",
        "https://e.go.th/x",
        "https://f.go.th/y?u=https://g.go.th",
        InvalidAddress("http://192.168.1.1/x", ("private_address",)),
        "https://i.go.th/หน้า?ก=1",
    ]
    assert found[0].warnings == ()
    assert found[1].warnings == ("outside",)
    assert find_addresses("ไม่มีลิงก์") == []


def test_words_beside_addresses():
    assert find_words("1. แผนปฏิบัติการ https://a.go.th/แผน-2 (ดู www.b.go.th/y หน้า 3), https://c.or.th/z.") == [
        "1. แผนปฏิบัติการ",
        "ดู",
        "หน้า 3",
    ]
    assert find_words("https://a.go.th/x\n2) https://b.go.th/y,\n– c.go.th\n") == []
    assert find_words("ไม่มีลิงก์") == ["ไม่มีลิงก์"]


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/x", "https://a.go.th/x"),
        ("x", "https://a.go.th/d/x"),
        ("?q", "https://a.go.th/d/e?q"),
        ("//b.go.th/x", "https://b.go.th/x"),
        ("https://b.go.th", "https://b.go.th/"),
        ("/a b", "https://a.go.th/a%20b"),
        ("../x", "https://a.go.th/x"),
        ("/\\b.go.th/x", "https://b.go.th/x"),
        ("http:b", "http://b/"),
    ],
)
def test_redirect_targets(location, url):
    assert parse_url(resolve_redirect("https://a.go.th/d/e", location)).url == url


@given(
    st.text(max_size=60)
    | st.from_regex(r"(https?:)?[/\\]{0,3}[\w.@:\[\]%-]{1,20}([/?#\\][^\s]{0,20})?", fullmatch=True)
)
@example("http://a.b/%")
@example("http://0/")
@example("https://a.b/%zz?%#%")
@example("http:\\\\a.b\\..\\c")
def test_any_typed_text_is_canonical_or_invalid(text):
    """Never an exception; what is taken is canonical, and reads as the same host to others too."""
    found = parse_address(text)
    if isinstance(found, Address):
        assert found.url.isascii()
        assert parse_address(found.url) == found
        assert parse_address(found.display).url == found.url
        split = urlsplit(found.url)
        assert split.hostname == found.host.strip("[]")
        assert split.scheme in ("http", "https")
        assert split.username is split.password is None
    else:
        assert found.codes


@given(st.text(max_size=200))
def test_any_pasted_text_is_searched_without_error(text):
    for found in find_addresses(text):
        assert isinstance(found, Address | InvalidAddress)
