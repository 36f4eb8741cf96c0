"""No private address is ever contacted, however it is disguised. The fixture ``web`` checks every
connection besides."""

import asyncio
import contextlib
import socket
import ssl
import threading
from ipaddress import ip_network
from unittest import mock

import httpcore
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from prongsai.links import Policy, Target, check_target, guard
from prongsai.links.guard import (
    SPECIAL_V4,
    SPECIAL_V6,
    FetchError,
    PinnedStream,
    connect,
    is_allowed,
    resolve_host,
)

from .fake_web import PUBLIC, page, to

# First and last address of every range that is refused, and the public addresses before and after it.
RANGES = [
    (None, "0.0.0.0", "0.255.255.255", "1.0.0.0"),
    ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"),
    ("100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"),
    ("126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"),
    ("168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"),
    ("169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"),
    ("172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"),
    ("191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"),
    ("192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"),
    ("192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"),
    ("192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"),
    ("198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"),
    ("198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"),
    ("203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"),
    ("223.255.255.255", "224.0.0.0", "239.255.255.255", None),
    (None, "240.0.0.0", "255.255.255.255", None),
    (None, "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"),
    ("2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"),
    ("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"),
    ("2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"),
    ("3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"),
    ("3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", None),
]


@pytest.mark.parametrize(("before", "first", "last", "after"), RANGES)
def test_each_special_range_is_refused_to_its_ends_and_no_further(before, first, last, after):
    assert not is_allowed(first)
    assert not is_allowed(last)
    assert all(is_allowed(neighbour) for neighbour in (before, after) if neighbour)


def test_every_special_range_has_its_boundary_test():
    tested = {(first, last) for _, first, last, _ in RANGES}
    for network in (*SPECIAL_V4, *SPECIAL_V6):
        assert (str(network[0]), str(network[-1])) in tested


@pytest.mark.parametrize(
    "address",
    [
        "::1",
        "::8.8.8.8",  # IPv4-compatible
        "::ffff:8.8.8.8",  # IPv4-mapped
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::",  # NAT64
        "64:ff9b::8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::ffff:ffff",
        "64:ff9b:1::1",  # NAT64 of a local network
        "100::1",  # discard only
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
        "2001:0:7f00:1::",
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "2002:a9fe:a9fe::1",  # 6to4 of 169.254.169.254
        "2002:808:808::1",
        "5f00::1",  # segment routing
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fe80::1%eth0",
        "2404:6800:4001::1%eth0",  # a zone is never public
        "fec0::1",
        "ff02::1",
        "",
        "localhost",
        "8.8.8.8.8",
        "8.8.8.8/32",
        "2130706433",
        "0177.0.0.1",
    ],
)
def test_forms_that_lead_to_private_addresses_are_refused(address):
    assert not is_allowed(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "203.150.1.1", "61.19.0.1", "2001:4860:4860::8888", "2404:6800:4001::1"]
)
def test_public_addresses_are_allowed(address):
    assert is_allowed(address)


def test_networks_of_ones_own_are_opened_to_their_ends_and_no_further():
    networks = (ip_network("10.1.2.0/24"), ip_network("fd12::/64"))
    for address in ("10.1.2.0", "10.1.2.255", "fd12::", "fd12::ffff:ffff:ffff:ffff", "8.8.8.8"):
        assert is_allowed(address, networks)
    for address in ("10.1.1.255", "10.1.3.0", "::ffff:10.1.2.1", "fd12:0:0:1::", "127.0.0.1"):
        assert not is_allowed(address, networks)


@given(st.ip_addresses())
def test_an_allowed_address_is_global_for_the_standard_library_too(ip):
    if is_allowed(str(ip)):
        assert ip.is_global
        assert not any((ip.is_multicast, ip.is_private, ip.is_loopback, ip.is_link_local, ip.is_reserved))
        assert not ip.is_unspecified


# --- names


def resolve(host, answer, **changes):
    """The outcome of ``resolve_host`` with a resolver that returns or raises ``answer``: addresses, or a code."""

    def resolver(_):
        if isinstance(answer, BaseException):
            raise answer
        return answer() if callable(answer) else answer

    try:
        return asyncio.run(resolve_host(host, Policy(contact="x", resolve=resolver, **changes)))
    except FetchError as error:
        return error.code


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (["8.8.8.8"], ["8.8.8.8"]),
        (["2404:6800:4001::1", "8.8.8.8"], ["8.8.8.8", "2404:6800:4001::1"]),  # IPv4 first
        (["8.8.8.8", "127.0.0.1"], "private_address"),  # one of them is enough
        (["127.0.0.1", "8.8.8.8"], "private_address"),
        (["8.8.8.8", "::1"], "private_address"),
        (["8.8.8.8", "not an address"], "private_address"),
        ([], "dns"),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "dns"),
        (socket.gaierror(socket.EAI_AGAIN, "later"), "dns_failed"),
        (OSError("no network"), "dns"),
        (UnicodeError("label too long"), "dns"),
    ],
)
def test_every_address_of_a_name_is_checked(answer, outcome):
    assert resolve("a.test", answer) == outcome


def test_a_resolver_that_hangs_is_given_up():
    """At once: nobody waits for it to come back, neither the check nor the end of the run."""
    released, came_back = threading.Event(), []

    def hang():
        released.wait(60)
        came_back.append(True)

    try:
        assert resolve("a.test", hang, connect_seconds=0.05) == "dns_failed"
        assert not came_back
    finally:
        released.set()


@pytest.mark.parametrize(("literal", "outcome"), [("8.8.8.8", ["8.8.8.8"]), ("127.0.0.1", "private_address")])
def test_literals_are_checked_without_a_resolver(literal, outcome):
    assert resolve(literal, AssertionError("not a name")) == outcome


# --- connections


class Socket:
    """Stands for ``asyncio.open_connection``: records where it was asked to connect, and raises ``errors`` in turn.
    What it opens speaks ``version`` of TLS."""

    def __init__(self, *errors, version="TLSv1.3"):
        self.errors, self.calls, self.version, self.writers = list(errors), [], version, []

    async def open(self, address, port, **options):
        self.calls.append((address, port, options))
        if self.errors:
            error = self.errors.pop(0)
            if isinstance(error, BaseException):
                raise error
            await asyncio.sleep(error)
        self.writers.append(mock.Mock())
        self.writers[-1].get_extra_info = {"ssl_object": mock.Mock(version=lambda: self.version)}.__getitem__
        return mock.Mock(), self.writers[-1]


def open_connection(monkeypatch, sockets, addresses=("192.0.2.1",), port=443, *, tls=False, verified=True, **changes):
    """The stream of ``connect``, or (code, state) of its error."""
    monkeypatch.setattr(guard.asyncio, "open_connection", sockets.open)
    policy = Policy(contact="x", **changes)
    try:
        return asyncio.run(connect("a.test", list(addresses), port, tls=tls, policy=policy, verified=verified))
    except FetchError as error:
        return error.code, error.state


def test_a_connection_goes_to_the_address_and_never_to_the_name(monkeypatch):
    sockets = Socket()
    stream = open_connection(monkeypatch, sockets, tls=True)
    assert stream.ip_address == "192.0.2.1"
    ((address, port, options),) = sockets.calls
    assert (address, port) == ("192.0.2.1", 443)
    assert options["server_hostname"] == "a.test"
    assert options["ssl"].verify_mode == ssl.CERT_REQUIRED


def test_the_tls_context_of_the_policy_is_used(monkeypatch):
    sockets, context = Socket(), ssl.create_default_context()
    open_connection(monkeypatch, sockets, tls=True, tls_context=context)
    assert sockets.calls[0][2]["ssl"] is context


def test_plain_http_has_no_tls(monkeypatch):
    sockets = Socket()
    open_connection(monkeypatch, sockets, port=80)
    assert sockets.calls == [("192.0.2.1", 80, {"ssl": None, "server_hostname": None})]


def test_port_80_of_a_named_host_alone_is_found_elsewhere(monkeypatch):
    sockets, ports = Socket(), frozenset({80, 443, 8101})
    open_connection(monkeypatch, sockets, port=80, ports=ports, forwards={"a.test": 8101})
    open_connection(monkeypatch, sockets, port=80, ports=ports, forwards={"b.test": 8101})
    open_connection(monkeypatch, sockets, port=443, ports=ports, forwards={"a.test": 8101})
    assert [port for _, port, _ in sockets.calls] == [8101, 80, 443]
    # a port that the policy has not opened stays closed
    assert open_connection(monkeypatch, sockets, port=80, forwards={"a.test": 22}) == ("port", "dead")


@pytest.mark.parametrize("port", [0, 22, 25, 79, 81, 442, 444, 6379, 8080])
def test_no_connection_to_other_ports(monkeypatch, port):
    sockets = Socket()
    assert open_connection(monkeypatch, sockets, port=port) == ("port", "dead")
    assert sockets.calls == []


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ConnectionRefusedError(), ("refused", "dead")),
        (ConnectionResetError(), ("broken_off", "dead")),
        (OSError("no route"), ("unreachable", "dead")),
        (ssl.SSLError("handshake"), ("tls", "certificate")),
    ],
)
def test_errors_of_connections(monkeypatch, error, outcome):
    assert open_connection(monkeypatch, Socket(error)) == outcome


def test_a_connection_that_hangs_is_given_up(monkeypatch):
    assert open_connection(monkeypatch, Socket(60), connect_seconds=0.05) == ("timeout_connect", "dead")


def test_three_addresses_are_tried_in_turn(monkeypatch):
    addresses = [f"192.0.2.{n}" for n in range(1, 6)]
    sockets = Socket(OSError(), ConnectionRefusedError())
    assert open_connection(monkeypatch, sockets, addresses).ip_address == "192.0.2.3"
    sockets = Socket(*[OSError()] * 2, ConnectionRefusedError(), *[OSError()] * 2)
    assert open_connection(monkeypatch, sockets, addresses) == ("refused", "dead")  # the last error
    assert [address for address, _, _ in sockets.calls] == addresses[:3]
    assert open_connection(monkeypatch, Socket(), []) == ("dns", "dead")


@pytest.mark.parametrize("reason", ["UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"])
def test_a_server_that_says_its_tls_is_old(monkeypatch, reason):
    error = ssl.SSLError("handshake")
    error.reason = reason
    assert open_connection(monkeypatch, Socket(error), tls=True) == ("tls_old", "certificate")


@pytest.mark.parametrize(
    ("version", "outcome"),
    [
        ("SSLv3", ("tls_old", "certificate")),
        ("TLSv1", ("tls_old", "certificate")),
        ("TLSv1.1", ("tls_old", "certificate")),
        ("TLSv1.2", ("broken_off", "dead")),
        ("TLSv1.3", ("broken_off", "dead")),
        (None, ("broken_off", "dead")),
    ],
)
def test_a_server_that_breaks_off_is_asked_for_its_old_tls(monkeypatch, version, outcome):
    """Once, at the same checked addresses and the same port, with any version of TLS; the connection is closed."""
    sockets, ports = Socket(ConnectionResetError(), version=version), frozenset({444})
    assert open_connection(monkeypatch, sockets, port=444, ports=ports, tls=True) == outcome
    first, second = sockets.calls
    assert first[:2] == second[:2] == ("192.0.2.1", 444)
    assert (first[2]["server_hostname"], second[2]["server_hostname"]) == ("a.test", "a.test")
    assert first[2]["ssl"].verify_mode == ssl.CERT_REQUIRED
    assert second[2]["ssl"] is guard._lenient_tls_context()
    (writer,) = sockets.writers
    writer.transport.abort.assert_called_once_with()


@pytest.mark.parametrize(
    ("error", "how", "outcome"),
    [
        (OSError("no route"), {"tls": True}, ("unreachable", "dead")),
        (ConnectionResetError(), {"tls": False}, ("broken_off", "dead")),
        (ConnectionResetError(), {"tls": True, "verified": False}, ("broken_off", "dead")),
    ],
)
def test_no_other_failure_is_looked_behind(monkeypatch, error, how, outcome):
    sockets = Socket(error, version="TLSv1")
    assert open_connection(monkeypatch, sockets, **how) == outcome
    assert len(sockets.calls) == 1


def test_a_server_that_breaks_off_twice_is_given_up(monkeypatch):
    sockets = Socket(ConnectionResetError(), ConnectionResetError(), version="TLSv1")
    assert open_connection(monkeypatch, sockets, tls=True) == ("broken_off", "dead")
    assert len(sockets.calls) == 2


def test_only_who_asks_for_it_gets_a_connection_that_is_not_verified(monkeypatch):
    sockets, context = Socket(), ssl.create_default_context()
    open_connection(monkeypatch, sockets, tls=True, verified=False, tls_context=context)
    lenient = sockets.calls[0][2]["ssl"]
    assert lenient is guard._lenient_tls_context()
    assert lenient is not context
    fresh = guard._lenient_tls_context.__wrapped__()
    assert (fresh.check_hostname, fresh.verify_mode) == (False, ssl.CERT_NONE)
    assert fresh.minimum_version == ssl.TLSVersion.TLSv1
    assert fresh.security_level == 0
    names = {cipher["name"] for cipher in fresh.get_ciphers()}
    assert "ECDHE-RSA-AES128-SHA" in names  # of old versions
    assert not any(name.startswith(("NULL", "ADH", "AECDH")) for name in names)  # none without a secret


def test_old_versions_of_tls_are_offered_without_a_warning(recwarn):
    guard._lenient_tls_context.__wrapped__()
    assert not recwarn.list


def test_the_authorities_are_those_of_the_policy():
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(context)
    (trusted,) = guard.authorities_of(Policy(contact="x", tls_context=context))
    assert ssl.DER_cert_to_PEM_cert(trusted).strip() == authority.cert_pem.bytes().decode().strip()
    assert len(guard.authorities_of(Policy(contact="x"))) > 50


@pytest.mark.parametrize(
    ("tls", "certificate", "version"),
    [
        (None, b"", ""),
        (mock.Mock(getpeercert=lambda binary_form: None, version=lambda: None), b"", ""),
        (mock.Mock(getpeercert=lambda binary_form: b"DER" * binary_form, version=lambda: "TLSv1"), b"DER", "TLSv1"),
    ],
)
def test_a_stream_knows_what_the_server_presented(tls, certificate, version):
    stream = PinnedStream(mock.Mock(), mock.Mock(get_extra_info={"ssl_object": tls}.__getitem__), "192.0.2.1")
    assert (stream.certificate, stream.tls_version) == (certificate, version)


def test_a_certificate_error_is_not_tried_elsewhere(monkeypatch):
    sockets = Socket(ssl.SSLError("handshake"))
    assert open_connection(monkeypatch, sockets, ["192.0.2.1", "192.0.2.2"]) == ("tls", "certificate")
    assert len(sockets.calls) == 1


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (9, "certificate_expired"),  # not yet valid
        (10, "certificate_expired"),
        (62, "certificate_name"),
        (64, "certificate_name"),
        (18, "certificate_self_signed"),
        (19, "certificate_self_signed"),
        (20, "certificate_issuer"),
        (21, "certificate_issuer"),
    ],
)
def test_certificate_errors(monkeypatch, number, code):
    error = ssl.SSLCertVerificationError("bad certificate")
    error.verify_code = number
    assert open_connection(monkeypatch, Socket(error), tls=True) == (code, "certificate")


def test_the_tls_context_trusts_certifi_and_nothing_of_the_environment(monkeypatch, tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    context = guard._default_tls_context.__wrapped__()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.keylog_filename is None
    subjects = {entry[0][0][1] for entry in (c["subject"] for c in context.get_ca_certs())}
    assert len(context.get_ca_certs()) > 50
    assert "trustme" not in " ".join(subjects)


@pytest.mark.parametrize("context", [guard._default_tls_context, guard._lenient_tls_context])
def test_tls_offers_http_1_1_alone(context):
    """To a server that prefers HTTP/2, which the HTTP layer does not speak."""
    authority = trustme.CA()
    client_context = context.__wrapped__()
    authority.configure_trust(client_context)
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.set_alpn_protocols(["h2", "http/1.1"])
    authority.issue_cert("a.test").configure_cert(server_context)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname="a.test")
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    assert server.selected_alpn_protocol() == "http/1.1"


def test_a_failure_is_called_by_its_code():
    error = guard.FetchError("refused")
    assert (str(error), error.code, error.state) == ("refused", "refused", "dead")


# --- streams


def test_a_stream_translates_errors_for_the_http_layer():
    async def action():
        async def hang(*_):
            await asyncio.sleep(60)

        reader, writer = mock.Mock(), mock.Mock()
        stream = PinnedStream(reader, writer, "192.0.2.1")
        reader.read = hang
        with pytest.raises(httpcore.ReadTimeout):
            await stream.read(10, timeout=0.01)
        reader.read = mock.AsyncMock(side_effect=ConnectionResetError("reset by peer"))
        with pytest.raises(httpcore.ReadError, match="reset by peer"):
            await stream.read(10)
        writer.drain = hang
        with pytest.raises(httpcore.WriteTimeout):
            await stream.write(b"x", timeout=0.01)
        writer.drain = mock.AsyncMock(side_effect=BrokenPipeError("broken pipe"))
        with pytest.raises(httpcore.WriteError, match="broken pipe"):
            await stream.write(b"x")
        await stream.write(b"")  # nothing to write, nothing to fail
        await stream.aclose()
        writer.transport.abort.assert_called_once_with()

    asyncio.run(action())


@pytest.mark.parametrize(("received", "is_http"), [(b"HTTP/1.1 200", True), (b"220 mail", False), (b"", None)])
def test_a_stream_knows_whether_it_is_http(received, is_http):
    async def action():
        reader = mock.Mock(read=mock.AsyncMock(side_effect=[received, b"more"]))
        stream = PinnedStream(reader, mock.Mock(), "192.0.2.1")
        assert await stream.read(100) == received
        assert stream.starts_with_http is is_http
        if received:
            await stream.read(100)
            assert stream.starts_with_http is is_http  # only the first bytes count
        reader.at_eof.return_value = True
        assert stream.get_extra_info("is_readable") is True
        assert stream.get_extra_info("socket") is None

    asyncio.run(action())


# --- checks, through the fake web


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
