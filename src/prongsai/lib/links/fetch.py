"""One request and its answer, within limits: over a connection to a checked address, never following anything."""

import asyncio
import time
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

import httpcore

from prongsai.lib.links.addresses import Parts
from prongsai.lib.links.guard import Failure, Stream, connect
from prongsai.lib.links.model import Policy

_MAX_ASIDE = 200_000  # of the body of a redirect or an error


@dataclass(slots=True)
class Answer:
    """What came back. ``body`` is decompressed, and cut at the limit (``cut``) or where the server stopped (``broken``)."""

    status: int
    headers: list[tuple[str, str]]
    address: str
    request_headers: list[tuple[str, str]]
    body: bytes = b""
    cut: bool = False
    broken: bool = False
    read: bool = False  # whether a body was asked for and read
    elapsed: float = 0.0

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(slots=True)
class Line:
    """The one connection that is kept to a host, with the scheme and port it belongs to."""

    origin: tuple[str, str, int] | None = None
    connection: httpcore.AsyncHTTP11Connection | None = None
    stream: Stream | None = None

    def take(self, origin: tuple[str, str, int]) -> httpcore.AsyncHTTP11Connection | None:
        """The open connection to this origin, if there is one that still serves."""
        if (
            self.connection
            and self.origin == origin
            and self.connection.is_idle()
            and not self.connection.has_expired()
        ):
            return self.connection
        return None

    def drop(self) -> None:
        self.connection = None
        if self.stream:
            self.stream.abort()


async def fetch(
    method: str,
    parts: Parts,
    addresses: list[str],
    line: Line,
    policy: Policy,
    *,
    cookies: str = "",
    want: int | None = None,
) -> Answer:
    """Ask one of the (checked) ``addresses`` for ``parts``. Reads at most ``want`` bytes of body (the policy's limit).

    Raises Failure.

    The codes of Failure: those of ``guard.connect``; timeout_first_byte and timeout_whole (both slow); not_http, bad_http (blocked); broken_off,
    broken_encoding.
    """
    headers = [
        ("Host", parts.netloc),
        ("User-Agent", policy.user_agent),
        ("Accept", "text/html,application/xhtml+xml,application/pdf,*/*;q=0.8"),
        ("Accept-Language", "th,en;q=0.7"),
        ("Accept-Encoding", "gzip, deflate"),
        ("Connection", "keep-alive"),
    ]
    if cookies:
        headers.append(("Cookie", cookies))
    began = time.monotonic()
    request = httpcore.Request(
        method,
        httpcore.URL(
            scheme=parts.scheme.encode(), host=parts.host.encode(), port=parts.port, target=parts.request.encode()
        ),
        headers=[(k.encode("latin-1"), v.encode("latin-1", "replace")) for k, v in headers],
    )
    try:
        async with asyncio.timeout(policy.connect_seconds + policy.whole_seconds):
            response = await _ask(request, parts, addresses, line, policy)
            answer = Answer(
                response.status,
                [(_letters(k), _letters(v)) for k, v in response.headers],
                line.stream.address if line.stream else "",
                headers,
            )
            if method == "GET":
                limit = policy.max_bytes if want is None else want
                await _read(response, answer, limit if response.status < 300 else min(limit, _MAX_ASIDE))
            await response.aclose()
            if answer.cut or answer.broken:
                line.drop()
    except BaseException as error:
        line.drop()
        if isinstance(error, Failure):
            raise
        if isinstance(error, TimeoutError | httpcore.TimeoutException):
            raise Failure("timeout_whole", "slow") from error
        if isinstance(error, zlib.error):
            raise Failure("broken_encoding") from error
        if isinstance(error, httpcore.ProtocolError):
            spoke = line.stream.spoke_http if line.stream else None
            if spoke is False:
                raise Failure("not_http") from error
            if spoke is None or "disconnected" in str(error):
                raise Failure("broken_off") from error
            # HTTP, but not as the standard has it: a browser may forgive what we cannot read
            raise Failure("bad_http", "blocked") from error
        if isinstance(error, httpcore.NetworkError | OSError):
            raise Failure("broken_off") from error
        raise
    answer.elapsed = time.monotonic() - began
    return answer


async def _ask(
    request: httpcore.Request, parts: Parts, addresses: list[str], line: Line, policy: Policy
) -> httpcore.Response:
    """The head of the answer. A kept connection may have been closed meanwhile; then once more over a new one."""
    kept = line.take(parts.origin)
    if kept:
        try:
            return await _head(request, kept, policy)
        except (httpcore.ProtocolError, httpcore.NetworkError, httpcore.ConnectionNotAvailable):
            pass
    line.drop()
    line.origin = parts.origin
    line.stream = await connect(parts.host, addresses, parts.port, tls=parts.scheme == "https", policy=policy)
    origin = httpcore.Origin(parts.scheme.encode(), parts.host.encode(), parts.port)
    line.connection = httpcore.AsyncHTTP11Connection(origin, line.stream, keepalive_expiry=30)
    return await _head(request, line.connection, policy)


async def _head(
    request: httpcore.Request, connection: httpcore.AsyncHTTP11Connection, policy: Policy
) -> httpcore.Response:
    try:
        async with asyncio.timeout(policy.first_byte_seconds):
            return await connection.handle_async_request(request)
    except TimeoutError as error:
        raise Failure("timeout_first_byte", "slow") from error


async def _read(response: httpcore.Response, answer: Answer, limit: int) -> None:
    """The body, decompressed as it comes, never holding more than ``limit`` of it."""
    answer.read = True
    unpack = _unpacker(answer.header("content-encoding").strip().lower())
    body = bytearray()
    try:
        async with aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_stream())) as chunks:
            async for chunk in chunks:
                while chunk and not answer.cut:
                    piece, chunk = unpack(chunk, limit + 1 - len(body))
                    body += piece
                    answer.cut = len(body) > limit
                if answer.cut:
                    break
    except (httpcore.ProtocolError, httpcore.NetworkError):
        answer.broken = True
    answer.body = bytes(body[:limit])


class _Unpack:
    """gzip or deflate, a bounded piece at a time; deflate both as the standard says and as some servers do."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._inner = zlib.decompressobj(47 if kind == "gzip" else 15)
        self._started = False

    def __call__(self, data: bytes, most: int) -> tuple[bytes, bytes]:
        if self._inner.eof:
            return b"", b""  # what follows the end is padding
        try:
            piece = self._inner.decompress(data, max(1, min(most, 1 << 20)))
        except zlib.error:
            if self._started or self._kind == "gzip":
                raise
            self._inner = zlib.decompressobj(-15)
            piece = self._inner.decompress(data, max(1, min(most, 1 << 20)))
        self._started = True
        return piece, self._inner.unconsumed_tail


def _unpacker(encoding: str):  # type: ignore[no-untyped-def]
    if encoding in ("", "identity"):
        return lambda data, most: (data[:most], b"")
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _Unpack(encoding.removeprefix("x-"))
    raise zlib.error(f"{encoding} was not asked for")


def _letters(raw: bytes) -> str:
    """A header as text: UTF-8 where it is, else Windows-874, as Thai servers send names of files."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp874", "replace")
