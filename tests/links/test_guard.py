"""Nothing private is ever reached, however it is dressed up. The fixture ``web`` watches every connection besides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai.links import Policy, Target, check_one
from prongsai.links.guard import allowed

from .web import PUBLIC, page, to


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.254",
        "127.0.0.1",
        "127.9.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.9",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "::",
        "::1",
        "::ffff:8.8.8.8",
        "::ffff:127.0.0.1",
        "::8.8.8.8",
        "64:ff9b::8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "",
        "localhost",
        "8.8.8.8.8",
        "2130706433",
    ],
)
def test_what_is_not_public_is_not_allowed(address):
    assert not allowed(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "203.150.1.1", "61.19.0.1", "2001:4860:4860::8888", "2404:6800:4001::1"]
)
def test_public_addresses_are_allowed(address):
    assert allowed(address)


@given(st.ip_addresses())
def test_allowed_never_goes_beyond_the_standard_library(ip):
    if allowed(str(ip)):
        assert ip.is_global
        assert not (ip.is_multicast)
        assert not (ip.is_private)
        assert not (ip.is_loopback)
        assert not (ip.is_link_local)
        assert not (ip.is_reserved)
        assert not (ip.is_unspecified)
        assert not any((ip.is_multicast, ip.is_private, ip.is_loopback, ip.is_link_local, ip.is_reserved))


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost:{port}/",
        "http://127.0.0.1:{port}/",
        "http://127.1:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://[::ffff:7f00:1]:{port}/",
        "http://2130706433:{port}/",
        "http://0177.0.0.1:{port}/",
        "http://017700000001:{port}/",
        "http://0x7f.0x0.0x0.0x1:{port}/",
        "http://0x7f000001:{port}/",
        "http://0:{port}/",
        "http://0.0.0.0:{port}/",
        "http://１２７.０.０.１:{port}/",
        "http://127.0.0.1.:{port}/",
        "//127.0.0.1:{port}/",
        "\\\\127.0.0.1:{port}/",
        "http:/\\127.0.0.1:{port}/",
        "http://a.test%2f@127.0.0.1:{port}/",
        "http://inside.test:{port}/",
        "http://mixed.test:{port}/",
    ],
)
@pytest.mark.parametrize("how", ["typed", "redirect", "refresh", "robots"])
def test_every_way_inside_is_shut(web, look, target, how):
    url = target.format(port=web.port)
    web.names |= {
        "localhost": ["127.0.0.1", "::1"],
        "inside.test": ["127.0.0.1"],
        "mixed.test": [PUBLIC, "127.0.0.1"],
    }
    web.routes["mixed.test"]["*"] = page()
    if how == "typed":
        seen = look(url)
    elif how == "redirect":
        web.routes["a.test"]["/x"] = to(url.encode().decode("latin-1"))
        seen = look(web.url("a.test", "/x"))
    elif how == "refresh":
        web.routes["a.test"]["/x"] = page("ไป", head=f'<meta http-equiv="refresh" content="0;url={url}">')
        seen = look(web.url("a.test", "/x"))
    else:
        web.routes["a.test"] |= {"/robots.txt": to(url.encode().decode("latin-1")), "/x": page()}
        seen = look(web.url("a.test", "/x"))
    assert {r.host for r in web.asked} <= {"a.test"}
    if seen.state == "dead":
        refused = {"private_address", "credentials", "redirect_credentials"}
        assert seen.error in refused | ({"scheme"} if how == "typed" else set())
    else:  # the page itself was looked at, and where it pointed was not
        assert how == "robots" or (how == "refresh" and seen.final_url == web.url("a.test", "/x"))


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "gopher://a.test/", "ftp://a.test/"]
)
def test_only_http_is_followed(web, look, location):
    web.routes["a.test"]["/x"] = to(location)
    seen = look(web.url("a.test", "/x"))
    assert (seen.state, seen.error) == ("dead", "redirect_scheme")
    assert seen.hops[-1].url == location


def test_a_name_that_changes_its_mind_gains_nothing(web):
    """The connection goes to the very address that was checked; the next question is checked anew."""
    answers = []

    def resolve(host):
        answers.append(host)
        return [PUBLIC] if len(answers) == 1 else ["127.0.0.1"]

    web.routes["rebind.test"]["/x"] = page()
    seen = check_one(Target(1, web.url("rebind.test", "/x")), web.policy(resolve=resolve))
    assert seen.state == "ok"
    assert len(answers) == 1
    assert {r.address for r in web.asked} == {PUBLIC}


def test_a_name_that_changed_its_mind_is_found_out(web, monkeypatch):
    """As above, with what was learnt of the name forgotten after each connection."""
    from prongsai.links import look as looking

    monkeypatch.setattr(looking, "_NAMES_LAST", -1.0)
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    web.routes["rebind.test"]["/x"] = page()
    seen = check_one(
        Target(1, web.url("rebind.test", "/x")), web.policy(resolve=lambda _: next(answers, ["127.0.0.1"]))
    )
    assert (seen.state, seen.error) == ("dead", "private_address")


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_only_ports_of_the_web(web, look, port):
    seen = look(f"http://a.test:{port}/")
    assert (seen.state, seen.error) == ("dead", "port")
    web.routes["a.test"]["/x"] = to(f"http://{PUBLIC}:{port}/")
    assert look(web.url("a.test", "/x")).error == "port"


def test_a_policy_as_it_comes_refuses_this_very_machine(web):
    policy = Policy(contact="https://checker.example/", ports=frozenset({web.port}), pause=0)
    for host in (PUBLIC, "127.0.0.1", "localhost", "[::1]"):
        seen = check_one(Target(1, web.url(host)), policy)
        assert (seen.state, seen.error) == ("dead", "private_address")
    assert not web.asked


def test_the_environment_is_not_trusted(web, look, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{web.port}")
    web.routes["a.test"]["/x"] = page()
    assert look(web.url("a.test", "/x")).state == "ok"


def test_an_address_with_a_password_is_not_asked(web, look):
    seen = look(web.url("me:secret@a.test", "/x"))
    assert (seen.state, seen.error) == ("dead", "credentials")
    assert not web.asked
