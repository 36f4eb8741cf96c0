"""Certificates that are wrong in every way, told apart; and certificates that send the checker where it must not go."""

import asyncio
import datetime
import ssl
import warnings
from contextlib import contextmanager

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from prongsai.links import Target, check_target, describe_code, describe_remedy
from prongsai.links.fetch import Connection
from prongsai.links.issuers import find_issuer, is_issued_by_any, issuer_addresses

from .fake_web import Reply, page, to

NOW = datetime.datetime.now(datetime.UTC)
DER = serialization.Encoding.DER


class Issuer:
    """An authority, or an intermediate of one, whose certificates name any address for their issuer's."""

    def __init__(self, name, parent=None, aia=None):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = (parent or self).sign(self.name, self.key.public_key(), aia=aia, authority=True)

    def sign(self, subject, key, *, aia=None, authority=False, names=()):
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - datetime.timedelta(days=1))
            .not_valid_after(NOW + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
        if aia:
            place = x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(aia)
            )
            builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    @property
    def der(self):
        return self.certificate.public_bytes(DER)

    def serve(self, web, name, tmp_path, aia=None):
        """The web presents a certificate of this issuer for a name, without any other."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.sign(x509.Name([]), key.public_key(), aia=aia, names=[name])
        path = tmp_path / f"{name}.pem"
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        web._contexts[name] = context
        return certificate.public_bytes(DER)


@pytest.fixture(scope="module")
def root():
    return Issuer("Root of the test")


@pytest.fixture
def look(web, root):
    """One check over https, by a checker that knows ``root`` and the web's own authority."""

    def look(host, path="/x", **policy):
        trusted = ssl.create_default_context()
        web.authority.configure_trust(trusted)
        trusted.load_verify_locations(cadata=root.der)
        url = web.url(host, path, tls=True)
        return check_target(Target(1, url, keep_body=True), web.policy(tls_context=trusted, **policy))

    return look


def verdict(observation):
    return observation.state, observation.error, "insecure" in observation.notes


# --- told apart, and looked behind


def test_a_missing_intermediate_is_told_from_an_unknown_issuer(web, look, root, tmp_path):
    between = Issuer("Between", root)
    where = web.url("authority.test", "/between.cer")
    web.routes["authority.test"]["/between.cer"] = Reply(between.der, kind="application/pkix-cert")
    between.serve(web, "half.test", tmp_path, aia=where)
    Issuer("Stranger").serve(web, "stranger.test", tmp_path, aia=where)
    Issuer("Silent").serve(web, "silent.test", tmp_path)
    for name in ("half.test", "stranger.test", "silent.test"):
        web.routes[name]["/x"] = page(title="แผนจัดซื้อ")
    assert verdict(look("half.test")) == ("certificate", "certificate_chain", True)
    assert verdict(look("stranger.test")) == ("certificate", "certificate_issuer", True)
    assert verdict(look("silent.test")) == ("certificate", "certificate_issuer", True)


def test_two_missing_intermediates_in_every_format_of_a_certificate(web, look, root, tmp_path):
    upper = Issuer("Upper", root)
    lower = Issuer("Lower", upper, aia=web.url("authority.test", "/upper.p7c"))
    pem = lower.certificate.public_bytes(serialization.Encoding.PEM)
    bundle = pkcs7.serialize_certificates([root.certificate, upper.certificate], DER)
    web.routes["authority.test"] |= {"/lower.pem": Reply(pem), "/upper.p7c": Reply(bundle)}
    lower.serve(web, "half.test", tmp_path, aia=web.url("authority.test", "/lower.pem"))
    web.routes["half.test"]["/x"] = page()
    assert look("half.test").error == "certificate_chain"


def test_the_page_behind_is_looked_at_and_marked(web, look):
    web.certificate("old.test", not_before=NOW - datetime.timedelta(days=9), not_after=NOW - datetime.timedelta(days=1))
    web.certificate("other.test", of="somebody-else.test")
    web.certificate("stranger.test", authority=trustme.CA())
    for name, code in (
        ("old.test", "certificate_expired"),
        ("other.test", "certificate_name"),
        ("stranger.test", "certificate_issuer"),
    ):
        web.routes[name]["/x"] = page(title="แผนจัดซื้อ")
        observation = look(name)
        assert verdict(observation) == ("certificate", code, True)
        assert observation.title == "แผนจัดซื้อ"
        assert observation.body
        assert observation.identity is not None
    web.certificate("good.test")
    web.routes["good.test"]["/x"] = page()
    assert verdict(look("good.test")) == ("ok", "", False)


def test_what_stands_behind_counts_where_it_is_worse(web, look):
    web.certificate("other.test", of="somebody-else.test")
    web.routes["other.test"]["/gone"] = Reply("<title>404</title>", 404)
    observation = look("other.test", "/gone")
    assert verdict(observation) == ("dead", "status_404", True)
    assert observation.notes[-2:] == ("insecure", "certificate_name")


def test_a_redirect_over_an_untrusted_connection_leaves_its_mark(web, look):
    web.certificate("other.test", of="somebody-else.test")
    web.certificate("good.test")
    web.routes["other.test"]["/x"] = to(web.url("good.test", "/y", tls=True))
    web.routes["good.test"]["/y"] = page()
    assert verdict(look("other.test")) == ("certificate", "certificate_name", True)


def test_robots_are_obeyed_behind_a_wrong_certificate(web, look):
    web.certificate("other.test", of="somebody-else.test")
    web.routes["other.test"] |= {"/robots.txt": Reply("User-agent: *\nDisallow: /", kind="text/plain"), "/x": page()}
    assert verdict(look("other.test"))[:2] == ("certificate", "certificate_name")
    assert web.paths("other.test") == []


@contextmanager
def old_server(web, tmp_path):
    """A server whose newest protocol is TLS 1.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    web.authority.issue_cert("ancient.test").configure_cert(context)
    opening = asyncio.start_server(web._serve, "127.9.0.3", web.tls_port, ssl=context)
    server = asyncio.run_coroutine_threadsafe(opening, web._loop).result(20)
    web.names["ancient.test"] = ["127.9.0.3"]
    yield
    web._loop.call_soon_threadsafe(server.close)


def test_old_tls_is_told_apart_and_looked_behind(web, look, tmp_path):
    web.routes["ancient.test"]["/x"] = page(title="แผนจัดซื้อ")
    with old_server(web, tmp_path):
        observation = look("ancient.test")
    assert (*verdict(observation), observation.title) == ("certificate", "tls_old", True, "แผนจัดซื้อ")


def test_each_has_a_sentence_and_a_remedy_of_its_own():
    codes = ("expired", "name", "self_signed", "issuer", "chain")
    for language in ("th", "en"):
        for describe in (describe_code, describe_remedy):
            said = {describe(f"certificate_{c}", language) for c in codes} | {describe("tls_old", language)}
            assert len(said) >= len(codes)
    assert "ระหว่างทาง" in describe_remedy("certificate_chain")


def test_a_snapshot_says_that_its_connection_was_not_verified(web, look):
    import gzip

    from prongsai.links import write_warc

    web.certificate("other.test", of="somebody-else.test")
    web.certificate("good.test")
    web.routes["other.test"]["/x"] = web.routes["good.test"]["/x"] = page()
    assert b"X-Connection-Not-Verified: certificate_name" in gzip.decompress(write_warc(look("other.test")))
    assert b"Not-Verified" not in gzip.decompress(write_warc(look("good.test")))


# --- attackers: whoever makes a certificate chooses where its issuer is said to be


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{port}/x",
        "http://[::1]:{port}/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://0x7f000001:{port}/x",
        "http://private.test:{port}/x",
        "https://authority.test:{tls}/x",
        "ldap://authority.test/x",
        "file:///etc/passwd",
        "http://authority.test:22/x",
        "http://",
        "http://user:secret@authority.test:{port}/x",
    ],
)
def test_it_is_fetched_from_public_places_alone(web, look, tmp_path, address):
    """Every connection to a private address fails the test (the fixture ``web``), also without this assertion."""
    web.names["private.test"] = ["127.0.0.1"]
    web.certificate("authority.test")
    web.routes["authority.test"]["*"] = page()
    Issuer("Evil").serve(web, "evil.test", tmp_path, aia=address.format(port=web.port, tls=web.tls_port))
    web.routes["evil.test"]["/x"] = page()
    assert look("evil.test").error == "certificate_issuer"
    assert {r.host for r in web.requests} == {"evil.test"}


def test_it_redirects_nowhere_and_serves_little(web, look, root, tmp_path):
    """Each of these would be the missing certificate, were it not too large, refused, or elsewhere."""
    between = Issuer("Between", root)
    pem = between.certificate.public_bytes(serialization.Encoding.PEM)
    web.routes["target.test"]["/secret"] = Reply(pem)
    web.routes["authority.test"] |= {
        "/redirect": to(web.url("target.test", "/secret")),
        "/huge": Reply(pem + b"\n" * 300_000),
        "/refused": Reply(pem, 403),
        "/html": page(),
        "/der": Reply(b"\x30\x84\xff\xff\xff\xff"),
        "/good": Reply(pem),
    }
    for path in ("/redirect", "/huge", "/refused", "/html", "/der", "/none", "/good"):
        host = f"evil{path[1:]}.test"
        between.serve(web, host, tmp_path, aia=web.url("authority.test", path))
        web.routes[host]["/x"] = page()
        assert look(host).error == ("certificate_chain" if path == "/good" else "certificate_issuer"), path
    assert "target.test" not in {r.host for r in web.requests}


def test_issuers_that_name_each_other_end(web, look, tmp_path):
    """A chain that never ends: each names a further one, at an address of its own."""
    issuers = [Issuer("0")]
    for n in range(1, 8):
        issuers.append(Issuer(str(n), issuers[-1], aia=web.url("authority.test", f"/{n - 1}")))
    web.routes["authority.test"] |= {f"/{n}": Reply(issuer.der) for n, issuer in enumerate(issuers)}
    issuers[-1].serve(web, "evil.test", tmp_path, aia=web.url("authority.test", "/7"))
    web.routes["evil.test"]["/x"] = page()
    assert look("evil.test").error == "certificate_issuer"
    assert web.paths("authority.test") == ["GET /7", "GET /6", "GET /5"]


def test_what_a_run_fetched_it_does_not_fetch_again(web, root, tmp_path):
    from prongsai.links import check_targets

    between = Issuer("Between", root)
    web.routes["authority.test"]["/b"] = Reply(between.der)
    names = [f"half{n}.test" for n in range(3)]
    for name in names:
        between.serve(web, name, tmp_path, aia=web.url("authority.test", "/b"))
        web.routes[name]["/x"] = page()
    trusted = ssl.create_default_context(cadata=root.der.decode("latin-1").encode("latin-1"))
    policy = web.policy(tls_context=trusted, max_active_hosts=1)
    found = [o.error for o in check_targets([Target(n, web.url(n, "/x", tls=True)) for n in names], policy)]
    assert found == ["certificate_chain"] * 3
    assert web.paths("authority.test") == ["GET /b"]


def test_a_certificate_of_the_same_name_is_not_the_issuer(root):
    """Whoever copies the name of a known authority has not its key."""
    impostor = Issuer("Root of the test")
    child = Issuer("Child", impostor)
    assert not is_issued_by_any(child.der, [root.der])
    assert is_issued_by_any(child.der, [root.der, impostor.der])
    assert find_issuer(child.der, root.der) == b""
    assert issuer_addresses(child.der) == []


def test_connections_are_verified_unless_a_look_behind_is_asked_for():
    import inspect

    from prongsai.links import fetch, guard

    for function in (guard.connect, fetch.fetch):
        assert inspect.signature(function).parameters["verified"].default is True
    assert Connection().http is None
