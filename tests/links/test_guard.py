"""No private address is ever contacted, however it is disguised. The fixture ``web`` checks every
connection besides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai.links import Policy, Target, check_target
from prongsai.links.guard import is_allowed

from .fake_web import PUBLIC, page, to


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
def test_special_addresses_are_refused(address):
    assert not is_allowed(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "203.150.1.1", "61.19.0.1", "2001:4860:4860::8888", "2404:6800:4001::1"]
)
def test_public_addresses_are_allowed(address):
    assert is_allowed(address)


@given(st.ip_addresses())
def test_an_allowed_address_is_global_for_the_standard_library_too(ip):
    if is_allowed(str(ip)):
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
def test_private_targets_are_never_contacted(web, check, target, how):
    url = target.format(port=web.port)
    web.names |= {
        "localhost": ["127.0.0.1", "::1"],
        "inside.test": ["127.0.0.1"],
        "mixed.test": [PUBLIC, "127.0.0.1"],
    }
    web.routes["mixed.test"]["*"] = page()
    if how == "typed":
        observation = check(url)
    elif how == "redirect":
        web.routes["a.test"]["/x"] = to(url.encode().decode("latin-1"))
        observation = check(web.url("a.test", "/x"))
    elif how == "refresh":
        web.routes["a.test"]["/x"] = page("ไป", head=f'<meta http-equiv="refresh" content="0;url={url}">')
        observation = check(web.url("a.test", "/x"))
    else:
        web.routes["a.test"] |= {"/robots.txt": to(url.encode().decode("latin-1")), "/x": page()}
        observation = check(web.url("a.test", "/x"))
    assert {r.host for r in web.requests} <= {"a.test"}
    if observation.state == "dead":
        refused = {"private_address", "credentials", "redirect_credentials"}
        assert observation.error in refused | ({"scheme"} if how == "typed" else set())
    else:  # the page itself was looked at, and where it pointed was not
        assert how == "robots" or (how == "refresh" and observation.final_url == web.url("a.test", "/x"))


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "gopher://a.test/", "ftp://a.test/"]
)
def test_redirects_to_other_schemes_are_refused(web, check, location):
    web.routes["a.test"]["/x"] = to(location)
    observation = check(web.url("a.test", "/x"))
    assert (observation.state, observation.error) == ("dead", "redirect_scheme")
    assert observation.hops[-1].url == location


def test_the_connection_is_pinned_to_the_checked_address(web):
    """The connection goes to the very address that was checked; the next question is checked anew."""
    answers = []

    def resolve(host):
        answers.append(host)
        return [PUBLIC] if len(answers) == 1 else ["127.0.0.1"]

    web.routes["rebind.test"]["/x"] = page()
    observation = check_target(Target(1, web.url("rebind.test", "/x")), web.policy(resolve=resolve))
    assert observation.state == "ok"
    assert len(answers) == 1
    assert {r.ip_address for r in web.requests} == {PUBLIC}


def test_a_rebound_name_is_refused_at_the_next_resolution(web, monkeypatch):
    """As above, with what was learnt of the name forgotten after each connection."""
    from prongsai.links import checker

    monkeypatch.setattr(checker, "_RESOLVED_SECONDS", -1.0)
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    web.routes["rebind.test"]["/x"] = page()
    observation = check_target(
        Target(1, web.url("rebind.test", "/x")), web.policy(resolve=lambda _: next(answers, ["127.0.0.1"]))
    )
    assert (observation.state, observation.error) == ("dead", "private_address")


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_other_ports_are_refused(web, check, port):
    observation = check(f"http://a.test:{port}/")
    assert (observation.state, observation.error) == ("dead", "port")
    web.routes["a.test"]["/x"] = to(f"http://{PUBLIC}:{port}/")
    assert check(web.url("a.test", "/x")).error == "port"


def test_the_default_policy_refuses_loopback(web):
    policy = Policy(contact="https://checker.example/", ports=frozenset({web.port}), pause_seconds=0)
    for host in (PUBLIC, "127.0.0.1", "localhost", "[::1]"):
        observation = check_target(Target(1, web.url(host)), policy)
        assert (observation.state, observation.error) == ("dead", "private_address")
    assert not web.requests


def test_proxies_of_the_environment_are_ignored(web, check, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{web.port}")
    web.routes["a.test"]["/x"] = page()
    assert check(web.url("a.test", "/x")).state == "ok"


def test_an_address_with_a_password_is_refused(web, check):
    observation = check(web.url("me:secret@a.test", "/x"))
    assert (observation.state, observation.error) == ("dead", "credentials")
    assert not web.requests
