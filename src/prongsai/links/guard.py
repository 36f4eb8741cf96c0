"""The network guard: which IP addresses may be contacted, and connections to exactly the address that was checked.

A name is resolved here, once for a connection; every IP address it has must be allowed, and the socket is opened to
one of these addresses, so that a name that resolves differently between check and connection (DNS rebinding) gains
nothing. The name itself goes only into the TLS handshake (SNI, certificate) and the Host header.
"""

import asyncio
import functools
import socket
import ssl
import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from typing import Any

import certifi
import httpcore

from prongsai.links.model import Policy, State

Network = IPv4Network | IPv6Network

# IANA IPv4 and IPv6 Special-Purpose Address Registries, and multicast. Complete, whatever the standard library knows.
SPECIAL_V4 = tuple(
    IPv4Network(n)
    for n in (
        "0.0.0.0/8",  # "this network"
        "10.0.0.0/8",  # private use
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local; metadata services of clouds
        "172.16.0.0/12",  # private use
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private use
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved; broadcast
        "168.63.129.16/32",  # a cloud's own services behind a public address
    )
)
# In IPv6 only global unicast is allowed, without its special parts and those that embed an IPv4 address (Teredo, 6to4).
# Everything else falls outside: ::, ::1, ::ffff:0:0/96, 64:ff9b::/96, fc00::/7, fe80::/10, ff00::/8.
UNICAST_V6 = IPv6Network("2000::/3")
SPECIAL_V6 = tuple(
    IPv6Network(n)
    for n in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)

_MAX_ADDRESSES_TRIED = 3
HTTP_PORT = 80

_resolver_threads = ThreadPoolExecutor(max_workers=32, thread_name_prefix="links-resolver")


class FetchError(Exception):
    """A request that failed: the code of the reason, and the state of the address that follows from it."""

    def __init__(self, code: str, state: State = "dead") -> None:
        super().__init__(code)
        self.code, self.state = code, state


def is_allowed(address: str, allowed_networks: Iterable[Network] = ()) -> bool:
    """Whether this IP address may be contacted: public unicast, or in one of ``allowed_networks``."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if "%" in address:  # a zone belongs to this machine
        return False
    if any(ip in network for network in allowed_networks):
        return True
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in SPECIAL_V4)
    return ip in UNICAST_V6 and not any(ip in network for network in SPECIAL_V6)


async def resolve_host(host: str, policy: Policy) -> list[str]:
    """The IP addresses of a name or literal, all of them allowed; IPv4 first. Raises FetchError.

    The codes: dns (no such name), dns_failed (no answer in time), private_address (any address is not allowed).
    """
    try:
        addresses = [str(ip_address(host))]
    except ValueError:
        addresses = await _query_dns(host, policy)
    if not addresses:
        raise FetchError("dns")
    if not all(is_allowed(address, policy.allowed_networks) for address in addresses):
        raise FetchError("private_address")
    return sorted(addresses, key=lambda a: ":" in a)


async def _query_dns(host: str, policy: Policy) -> list[str]:
    try:
        async with asyncio.timeout(policy.connect_seconds):
            return list(await asyncio.get_running_loop().run_in_executor(_resolver_threads, policy.resolve, host))
    except TimeoutError as error:
        raise FetchError("dns_failed") from error
    except socket.gaierror as error:
        raise FetchError("dns_failed" if error.errno == socket.EAI_AGAIN else "dns") from error
    except (OSError, UnicodeError) as error:
        raise FetchError("dns") from error


class PinnedStream(httpcore.AsyncNetworkStream):
    """One open connection to a checked IP address, as the HTTP layer reads and writes it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ip_address: str) -> None:
        self._reader, self._writer, self.ip_address = reader, writer, ip_address
        self.starts_with_http: bool | None = None  # whether the first bytes received are those of HTTP

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            async with asyncio.timeout(timeout):
                data = await self._reader.read(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error
        if data and self.starts_with_http is None:
            self.starts_with_http = data.startswith(b"HTTP/")
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        try:
            self._writer.write(buffer)
            async with asyncio.timeout(timeout):
                await self._writer.drain()
        except TimeoutError as error:
            raise httpcore.WriteTimeout from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        self.abort()

    def abort(self) -> None:
        self._writer.transport.abort()  # without a TLS farewell: a server that does not read could delay it

    @property
    def certificate(self) -> bytes:
        """What the server presented, in DER, verified or not; b"" without TLS."""
        tls = self._writer.get_extra_info("ssl_object")
        return (tls.getpeercert(binary_form=True) if tls else None) or b""

    @property
    def tls_version(self) -> str:
        """As OpenSSL calls it: "TLSv1.3"; "" without TLS."""
        tls = self._writer.get_extra_info("ssl_object")
        return (tls.version() if tls else None) or ""

    def get_extra_info(self, info: str) -> Any:
        """``is_readable``: whether an idle connection was closed by the server."""
        return self._reader.at_eof() if info == "is_readable" else None


async def connect(
    host: str, addresses: list[str], port: int, *, tls: bool, policy: Policy, verified: bool = True
) -> PinnedStream:
    """A connection to one of the IP addresses that ``resolve_host`` returned for ``host``. Raises FetchError.

    Without ``verified`` any certificate and any version of TLS will do: for a look at what cannot be trusted.
    The codes: port (not among the policy's), timeout_connect, refused, unreachable, tls, tls_old, certificate_*.
    """
    if port == HTTP_PORT:
        port = policy.forwards.get(host, port)
    if port not in policy.ports:
        raise FetchError("port")
    context = _context_of(policy, verified=verified) if tls else None
    try:
        async with asyncio.timeout(policy.connect_seconds):
            return await _open_first(addresses[:_MAX_ADDRESSES_TRIED], port, context, host if tls else None)
    except TimeoutError as error:
        raise FetchError("timeout_connect") from error
    except ssl.SSLCertVerificationError as error:
        raise FetchError(_certificate_error_code(error), "certificate") from error
    except ssl.SSLError as error:
        code = "tls_old" if getattr(error, "reason", "") in _OLD_TLS_REASONS else "tls"
        raise FetchError(code, "certificate") from error
    except ConnectionRefusedError as error:
        raise FetchError("refused") from error
    except OSError as error:
        is_reset = isinstance(error, ConnectionResetError)
        if is_reset and tls and verified and await _has_old_tls(host, addresses, port, policy):
            raise FetchError("tls_old", "certificate") from error
        raise FetchError("broken_off" if is_reset else "unreachable") from error


async def _has_old_tls(host: str, addresses: list[str], port: int, policy: Policy) -> bool:
    """Whether a server that breaks a handshake off, as some do instead of saying why, takes one of an old version."""
    try:
        stream = await connect(host, addresses, port, tls=True, policy=policy, verified=False)
    except FetchError:
        return False
    stream.abort()
    return stream.tls_version in _OLD_TLS_VERSIONS


async def _open_first(
    addresses: list[str], port: int, context: ssl.SSLContext | None, server_name: str | None
) -> PinnedStream:
    """A connection to the first of ``addresses`` that accepts one. Raises the error of the last; TLS errors at once."""
    last_error: OSError | None = None
    for address in addresses:
        try:
            reader, writer = await asyncio.open_connection(address, port, ssl=context, server_hostname=server_name)
        except ssl.SSLError:
            raise
        except OSError as error:
            last_error = error
        else:
            return PinnedStream(reader, writer, address)
    raise last_error or FetchError("dns")


# Verification codes of OpenSSL (X509_V_ERR_*); every other one concerns the issuer.
_CERTIFICATE_ERRORS = {
    9: "certificate_expired",  # not yet valid
    10: "certificate_expired",
    62: "certificate_name",
    64: "certificate_name",
    18: "certificate_self_signed",
    19: "certificate_self_signed",
}


def _certificate_error_code(error: ssl.SSLCertVerificationError) -> str:
    return _CERTIFICATE_ERRORS.get(error.verify_code, "certificate_issuer")


# of OpenSSL, where the other side has no version of TLS that is still in use
_OLD_TLS_VERSIONS = frozenset({"SSLv3", "TLSv1", "TLSv1.1"})
_OLD_TLS_REASONS = frozenset({"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"})


def _context_of(policy: Policy, *, verified: bool) -> ssl.SSLContext:
    return (policy.tls_context or _default_tls_context()) if verified else _lenient_tls_context()


def authorities_of(policy: Policy) -> list[bytes]:
    """The certificates, in DER, of the authorities that checks trust."""
    return _context_of(policy, verified=True).get_ca_certs(binary_form=True)


@functools.cache
def _lenient_tls_context() -> ssl.SSLContext:
    """Any certificate and any version. What is read over it is marked, and never the measure of a later page."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings(category=DeprecationWarning, action="ignore"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.set_alpn_protocols(["http/1.1"])
    return context


@functools.cache
def _default_tls_context() -> ssl.SSLContext:
    """certifi's authorities and nothing of the environment: no SSL_CERT_FILE, no key log."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context
