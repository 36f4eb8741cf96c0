"""Which addresses may be asked, and a connection to exactly the address that was checked.

The name is resolved here, once for a connection; every address it has must be allowed, and the socket is opened to one
of these very addresses, so that a name that changes its mind between check and connection gains nothing. The name goes
only into the TLS handshake (SNI, certificate) and the Host header.
"""

import asyncio
import functools
import socket
import ssl
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from typing import Any

import certifi
import httpcore

from prongsai.links.model import Policy, State

Network = IPv4Network | IPv6Network

# What ``is_global`` lets through though nobody's web site is there.
_SPECIAL_V4 = tuple(
    IPv4Network(n)
    for n in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",  # a cloud's own services behind a public address
    )
)
# In IPv6 only global unicast is asked; not its parts that are special or carry an IPv4 address inside (Teredo, 6to4).
# Everything else falls outside: ::, ::1, ::ffff:0:0/96, 64:ff9b::/96, fc00::/7, fe80::/10, ff00::/8.
_UNICAST_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(IPv6Network(n) for n in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))

_names = ThreadPoolExecutor(max_workers=32, thread_name_prefix="links-names")


class Failure(Exception):
    """A look that ended early: the code of why, and the state that follows from it."""

    def __init__(self, code: str, state: State = "dead") -> None:
        super().__init__(code)
        self.code, self.state = code, state


def allowed(address: str, allow: Iterable[Network] = ()) -> bool:
    """Whether this IP address may be asked: public unicast, or in one of the networks of ``allow``."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False  # a zone ("%eth0") is never public
    if any(ip.version == network.version and ip in network for network in allow):
        return True
    if isinstance(ip, IPv4Address):
        return ip.is_global and not any(ip in network for network in _SPECIAL_V4)
    return ip in _UNICAST_V6 and ip.is_global and not any(ip in network for network in _SPECIAL_V6)


async def addresses_of(host: str, policy: Policy) -> list[str]:
    """The addresses of a name or literal, all of them allowed; IPv4 first. Raises Failure."""
    try:
        found = [str(ip_address(host))]
    except ValueError:
        try:
            async with asyncio.timeout(policy.connect_seconds):
                found = list(await asyncio.get_running_loop().run_in_executor(_names, policy.resolve, host))
        except TimeoutError as error:
            raise Failure("dns_failed") from error
        except socket.gaierror as error:
            raise Failure("dns_failed" if error.errno == socket.EAI_AGAIN else "dns") from error
        except (OSError, UnicodeError) as error:
            raise Failure("dns") from error
    if not found:
        raise Failure("dns")
    if not all(allowed(address, policy.allow) for address in found):
        raise Failure("private_address")
    return sorted(found, key=lambda a: ":" in a)


class Stream(httpcore.AsyncNetworkStream):
    """What the HTTP layer reads and writes: one connection that is open already."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> None:
        self._reader, self._writer, self.address = reader, writer, address
        self.spoke_http: bool | None = None  # what the first bytes looked like

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            async with asyncio.timeout(timeout):
                data = await self._reader.read(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error
        if data and self.spoke_http is None:
            self.spoke_http = data.startswith(b"HTTP/")
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
        self._writer.transport.abort()  # no farewell: a server that does not read could hold us up

    def get_extra_info(self, info: str) -> Any:
        return self._reader.at_eof() if info == "is_readable" else None  # asked of a kept connection: has it ended?


async def connect(host: str, addresses: list[str], port: int, *, tls: bool, policy: Policy) -> Stream:
    """A connection to one of the addresses that ``addresses_of`` gave for ``host``. Raises Failure."""
    if port not in policy.ports:
        raise Failure("port")
    context = (policy.verify or _authorities()) if tls else None
    name = host if tls else None
    try:
        async with asyncio.timeout(policy.connect_seconds):
            for address in addresses[:3]:
                try:
                    reader, writer = await asyncio.open_connection(address, port, ssl=context, server_hostname=name)
                except ssl.SSLError:
                    raise
                except OSError:
                    if address == addresses[:3][-1]:
                        raise
                else:
                    return Stream(reader, writer, address)
            raise Failure("dns")
    except TimeoutError as error:
        raise Failure("timeout_connect") from error
    except ssl.SSLCertVerificationError as error:
        raise Failure(_certificate_code(error), "certificate") from error
    except ssl.SSLError as error:
        raise Failure("tls", "certificate") from error
    except ConnectionRefusedError as error:
        raise Failure("refused") from error
    except OSError as error:
        raise Failure("broken_off" if isinstance(error, ConnectionResetError) else "unreachable") from error


def _certificate_code(error: ssl.SSLCertVerificationError) -> str:
    """X.509 verification codes of OpenSSL: 10 expired, 62 another name, 18 and 19 self-signed, 20 and 21 issuer
    unknown."""
    return {
        9: "certificate_expired",
        10: "certificate_expired",
        62: "certificate_name",
        64: "certificate_name",
        18: "certificate_self_signed",
        19: "certificate_self_signed",
    }.get(error.verify_code, "certificate_issuer")


@functools.cache
def _authorities() -> ssl.SSLContext:
    """certifi's authorities and nothing of the environment: no SSL_CERT_FILE, no key log."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context
