"""What is wrong with a secure connection, told apart for whoever has to repair it.

A server that sends its certificate without the intermediate one looks to a checker like one that nobody vouches for;
browsers often get the missing certificate themselves, by the address that the certificate names (AIA). So does this, to
tell the two apart, and for nothing else: the connection stays one that is not verified. That address is a stranger's:
it is fetched as any other is, from public addresses alone, over http, without redirects, and never much of it.
"""

import asyncio
from dataclasses import replace
from typing import Any

from prongsai.lib import sandbox
from prongsai.lib.sandbox import Limits, SandboxError
from prongsai.links.addresses import UrlParts, parse_url
from prongsai.links.fetch import Connection, fetch
from prongsai.links.guard import FetchError, authorities_of, connect, resolve_host
from prongsai.links.model import Policy

_MAX_BYTES = 100_000  # of a certificate
_MAX_STEPS = 3  # intermediate certificates that may be missing
_MAX_KNOWN = 500  # addresses of which the answer is remembered, in a run
_SECONDS = 8.0  # of one request
_MAX_SECONDS = 20.0  # of one diagnosis
_LIMITS = Limits(seconds=2, max_seconds=2, wall=10)


class Diagnosis:
    """Diagnoses within one run: what an address of a certificate served is fetched once."""

    def __init__(self, policy: Policy) -> None:
        self._policy = replace(
            policy,
            connect_seconds=min(policy.connect_seconds, _SECONDS),
            first_byte_seconds=min(policy.first_byte_seconds, _SECONDS),
            total_seconds=min(policy.total_seconds, _SECONDS),
        )
        self._fetched: dict[str, bytes] = {}

    async def explain(self, parts: UrlParts, addresses: list[str], code: str) -> str:
        """The code of what is wrong: that of the failure, or ``certificate_chain`` where only an intermediate
        certificate is missing."""
        if code != "certificate_issuer":
            return code
        try:
            async with asyncio.timeout(_MAX_SECONDS):
                certificate = await self._read_certificate(parts, addresses)
                return "certificate_chain" if await self._leads_to_authority(certificate) else code
        except (FetchError, SandboxError, OSError):  # and TimeoutError
            return code

    async def _read_certificate(self, parts: UrlParts, addresses: list[str]) -> bytes:
        """The certificate that the server presents, in DER."""
        policy = self._policy
        stream = await connect(parts.host, addresses, parts.port, tls=True, policy=policy, verified=False)
        try:
            return stream.certificate
        finally:
            stream.abort()

    async def _leads_to_authority(self, certificate: bytes) -> bool:
        """Whether the certificates that are named from one to the next lead to an authority that is known."""
        authorities = authorities_of(self._policy)
        seen: set[str] = set()
        for _ in range(_MAX_STEPS):
            issuer = b""
            for url in await _read("issuer_addresses", certificate):
                if issuer or url in seen:
                    continue
                seen.add(url)
                issuer = await _read("find_issuer", certificate, await self._fetch(url))
            if not issuer:
                return False
            if await _read("is_issued_by_any", issuer, authorities):
                return True
            certificate = issuer
        return False

    async def _fetch(self, url: str) -> bytes:
        """What an address serves; b"" where it may not be asked, fails, redirects or serves too much."""
        if url not in self._fetched and len(self._fetched) < _MAX_KNOWN:
            self._fetched[url] = await self._request(url)
        return self._fetched.get(url, b"")

    async def _request(self, url: str) -> bytes:
        connection = Connection()
        try:
            parts = parse_url(url)
            addresses = await resolve_host(parts.host, self._policy)
            response = await fetch("GET", parts, addresses, connection, self._policy, max_bytes=_MAX_BYTES)
        except (FetchError, ValueError):
            return b""
        finally:
            connection.close()
        return response.body if response.status == 200 and not response.truncated else b""


async def _read(function: str, *arguments: Any) -> Any:
    job = f"prongsai.links.issuers:{function}"
    return await asyncio.to_thread(sandbox.run, job, *arguments, limits=_LIMITS)
