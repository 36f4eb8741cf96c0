"""One request and its answer, within limits: over a connection to a checked address, never following anything."""

import asyncio
import time
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

import httpcore

from prongsai.links.addresses import Parts
from prongsai.links.guard import Failure, Stream, connect
from prongsai.links.model import Policy

_LARGE = 1_000_000  # bytes of a body from which on it needs a turn of its own
_MAX_ASIDE = 200_000  # of the body of a redirect or an error


@dataclass(slots=True)
class Answer:
    """What came back. ``body`` is decompressed, and cut at the limit (``cut``) or where the server stopped
    (``broken``)."""

    status: int
    headers: list[tuple[str, str]]
    address: str
    request_headers: list[tuple[str, str]]
    body: bytes = b""
    cut: bool = False
    broken: bool = False
    read: bool = False  # whether a body was asked for and read
    elapsed: float = 0.0
    large: bool = False  # holds one of the turns for large bodies

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
    turns: asyncio.Semaphore | None = None,
) -> Answer:
    """Ask one of the (checked) ``addresses`` for ``parts``. Reads at most ``want`` bytes of body (the policy's limit).

    A body that grows large waits for one of ``turns``, outside of its time, and keeps it: whoever is done with the
    answer gives it back. Raises Failure.

    The codes of Failure: those of ``guard.connect``; timeout_first_byte and timeout_whole (both slow); not_http;
    bad_http (blocked); broken_off; broken_encoding.
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
    waited = 0.0
    answer: Answer | None = None
    request = httpcore.Request(
        method,
        httpcore.URL(
            scheme=parts.scheme.encode(), host=parts.host.encode(), port=parts.port, target=parts.request.encode()
        ),
        headers=[(k.encode("latin-1"), v.encode("latin-1", "replace")) for k, v in headers],
    )
    try:
        async with asyncio.timeout(policy.connect_seconds + policy.whole_seconds) as limit:
            response = await _ask(request, parts, addresses, line, policy)
            answer = Answer(
                response.status,
                [(_letters(k), _letters(v)) for k, v in response.headers],
                line.stream.address if line.stream else "",
                headers,
            )
            if method == "GET":
                most = policy.max_bytes if want is None else want
                most = most if response.status < 300 else min(most, _MAX_ASIDE)
                waited = await _read(response, answer, most, limit, turns)
            await response.aclose()
            if answer.cut or answer.broken:
                line.drop()
    except BaseException as error:
        line.drop()
        if answer and answer.large and turns:
            turns.release()
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
    answer.elapsed = time.monotonic() - began - waited
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


async def _read(
    response: httpcore.Response, answer: Answer, most: int, limit: asyncio.Timeout, turns: asyncio.Semaphore | None
) -> float:
    """The body, decompressed as it comes, never holding more than ``most`` of it. Returns the seconds that it
    waited."""
    answer.read = True
    unpack = _unpacker(answer.header("content-encoding").strip().lower())
    body = bytearray()
    waited = 0.0
    try:
        async with aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_stream())) as chunks:
            async for chunk in chunks:
                while chunk and not answer.cut:
                    piece, chunk = unpack.feed(chunk, most + 1 - len(body))
                    body += piece
                    answer.cut = len(body) > most
                if answer.cut:
                    break
                if len(body) > _LARGE and turns and not answer.large:
                    waited = await _take_turn(turns, limit)
                    answer.large = True
    except (httpcore.ProtocolError, httpcore.NetworkError):
        answer.broken = True
    if not answer.cut:
        body += unpack.rest()
        answer.broken = answer.broken or not unpack.complete
    answer.body = bytes(body[:most])
    return waited


async def _take_turn(turns: asyncio.Semaphore, limit: asyncio.Timeout) -> float:
    """Wait for a turn while the clock of the request stands still."""
    began, until = asyncio.get_running_loop().time(), limit.when()
    limit.reschedule(None)
    await turns.acquire()
    waited = asyncio.get_running_loop().time() - began
    limit.reschedule(until + waited if until is not None else None)
    return waited


class _Plain:
    complete = True

    def feed(self, data: bytes, most: int) -> tuple[bytes, bytes]:
        return data[:most], b""

    def rest(self) -> bytes:
        return b""


class _Packed:
    """gzip or deflate, a bounded piece at a time; deflate both as the standard says and as some servers do."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._inner = zlib.decompressobj(31 if kind == "gzip" else 15)
        self._started = False

    def feed(self, data: bytes, most: int) -> tuple[bytes, bytes]:
        """A piece of at most about ``most`` bytes, and what of ``data`` is left for the next."""
        most = max(1, min(most, 1 << 20))
        if self._inner.eof:
            if self._kind != "gzip" or not data.startswith(b"\x1f\x8b"):
                return b"", b""  # what follows the end is padding
            self._inner = zlib.decompressobj(31)  # one more member
        try:
            piece = self._inner.decompress(data, most)
        except zlib.error:
            if self._started or self._kind == "gzip":
                raise
            self._inner = zlib.decompressobj(-15)
            piece = self._inner.decompress(data, most)
        self._started = True
        return piece, self._inner.unused_data if self._inner.eof else self._inner.unconsumed_tail

    def rest(self) -> bytes:
        """What was unpacked but did not fit into the last piece."""
        return b"" if self._inner.eof else self._inner.decompress(b"", 1 << 20)

    @property
    def complete(self) -> bool:
        return self._inner.eof or not self._started


def _unpacker(encoding: str) -> _Plain | _Packed:
    if encoding in ("", "identity"):
        return _Plain()
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _Packed(encoding.removeprefix("x-"))
    raise zlib.error(f"{encoding} was not asked for")


def _letters(raw: bytes) -> str:
    """A header as text: UTF-8 where it is, else Windows-874, as Thai servers send names of files."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp874", "replace")
