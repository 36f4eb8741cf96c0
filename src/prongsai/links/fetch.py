"""One HTTP request and its response, within limits: over a connection to a checked address, without redirects."""

import asyncio
import time
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

import httpcore

from prongsai.links.addresses import UrlParts
from prongsai.links.guard import FetchError, PinnedStream, connect
from prongsai.links.model import Policy

_LARGE_BODY_BYTES = 1_000_000  # from which on a body needs one of the slots for large ones
_MAX_ERROR_BODY_BYTES = 200_000  # of a redirect or an error
_IDLE_SECONDS = 30  # that a connection is reused after


@dataclass(slots=True)
class Response:
    """A response. ``body`` is decompressed; ``truncated`` at the limit, or ``incomplete`` as the server sent it."""

    status: int
    headers: list[tuple[str, str]]
    ip_address: str
    request_headers: list[tuple[str, str]]
    body: bytes = b""
    truncated: bool = False
    incomplete: bool = False
    body_read: bool = False
    elapsed_seconds: float = 0.0
    holds_large_slot: bool = False

    def header(self, name: str) -> str:
        """The first header of this (lower-case) name; "" without one."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(slots=True)
class Connection:
    """The one connection that is open to a host, with the scheme and port it belongs to."""

    origin: tuple[str, str, int] | None = None
    http: httpcore.AsyncHTTP11Connection | None = None
    stream: PinnedStream | None = None

    def reusable(self, origin: tuple[str, str, int]) -> httpcore.AsyncHTTP11Connection | None:
        """The open connection to this origin, if there is one and it is still alive."""
        if self.http and self.origin == origin and self.http.is_idle() and not self.http.has_expired():
            return self.http
        return None

    def close(self) -> None:
        self.http = None
        if self.stream:
            self.stream.abort()


async def fetch(
    method: str,
    parts: UrlParts,
    addresses: list[str],
    connection: Connection,
    policy: Policy,
    *,
    cookies: str = "",
    verified: bool = True,
    max_bytes: int | None = None,
    large_slots: asyncio.Semaphore | None = None,
) -> Response:
    """Request ``parts`` from one of the (checked) IP ``addresses``. Reads at most ``max_bytes`` of the body (None: the
    policy's limit).

    A body that grows large waits for one of ``large_slots``, outside of its time, and holds it: the caller releases it
    when done with the response. ``verified`` as of ``guard.connect``. Raises FetchError.

    The codes of FetchError: those of ``guard.connect``; timeout_first_byte and timeout_whole (both slow); not_http;
    bad_http (blocked); broken_off; broken_encoding.
    """
    headers = _request_headers(parts, policy, cookies)
    limit_bytes = policy.max_body_bytes if max_bytes is None else max_bytes
    started = time.monotonic()
    waited = 0.0
    response: Response | None = None
    try:
        async with asyncio.timeout(policy.connect_seconds + policy.total_seconds) as deadline:
            request = _build_request(method, parts, headers)
            raw = await _send_request(request, parts, addresses, connection, policy, verified=verified)
            response = Response(
                raw.status,
                [(_decode_header(k), _decode_header(v)) for k, v in raw.headers],
                connection.stream.ip_address if connection.stream else "",
                headers,
            )
            if method == "GET":
                waited = await _read_body(raw, response, limit_bytes, deadline, large_slots)
            await raw.aclose()
            if response.truncated or response.incomplete:
                connection.close()
    except BaseException as error:
        connection.close()
        if response and response.holds_large_slot and large_slots:
            large_slots.release()
        if not isinstance(error, FetchError) and (failure := _fetch_error_of(error, connection)):
            raise failure from error
        raise
    response.elapsed_seconds = time.monotonic() - started - waited
    return response


def _request_headers(parts: UrlParts, policy: Policy, cookies: str) -> list[tuple[str, str]]:
    headers = [
        ("Host", parts.netloc),
        ("User-Agent", policy.user_agent),
        ("Accept", "text/html,application/xhtml+xml,application/pdf,*/*;q=0.8"),
        ("Accept-Language", "th,en;q=0.7"),
        ("Accept-Encoding", "gzip, deflate"),
        ("Connection", "keep-alive"),
    ]
    return [*headers, ("Cookie", cookies)] if cookies else headers


def _build_request(method: str, parts: UrlParts, headers: list[tuple[str, str]]) -> httpcore.Request:
    url = httpcore.URL(
        scheme=parts.scheme.encode(), host=parts.host.encode(), port=parts.port, target=parts.request_target.encode()
    )
    return httpcore.Request(
        method, url, headers=[(k.encode("latin-1"), v.encode("latin-1", "replace")) for k, v in headers]
    )


def _fetch_error_of(error: BaseException, connection: Connection) -> FetchError | None:
    """What an error of a request means; None for one that is not the web's: it is raised as it is."""
    match error:
        case TimeoutError() | httpcore.TimeoutException():
            return FetchError("timeout_whole", "slow")
        case zlib.error():
            return FetchError("broken_encoding")
        case httpcore.ProtocolError():
            return _protocol_error_of(error, connection)
        case httpcore.NetworkError() | OSError():
            return FetchError("broken_off")
    return None


def _protocol_error_of(error: httpcore.ProtocolError, connection: Connection) -> FetchError:
    is_http = connection.stream.starts_with_http if connection.stream else None
    if is_http is False:
        return FetchError("not_http")
    if is_http is None or "disconnected" in str(error):
        return FetchError("broken_off")
    # HTTP that violates the standard: a browser may accept what we cannot read
    return FetchError("bad_http", "blocked")


async def _send_request(
    request: httpcore.Request,
    parts: UrlParts,
    addresses: list[str],
    connection: Connection,
    policy: Policy,
    *,
    verified: bool,
) -> httpcore.Response:
    """The response up to its headers. An idle connection may have been closed meanwhile; then once over a new one."""
    if reusable := connection.reusable(parts.origin):
        try:
            return await _receive_headers(request, reusable, policy)
        except (httpcore.ProtocolError, httpcore.NetworkError, httpcore.ConnectionNotAvailable):
            pass
    connection.close()
    connection.origin = parts.origin
    tls = parts.scheme == "https"
    connection.stream = await connect(parts.host, addresses, parts.port, tls=tls, policy=policy, verified=verified)
    origin = httpcore.Origin(parts.scheme.encode(), parts.host.encode(), parts.port)
    connection.http = httpcore.AsyncHTTP11Connection(origin, connection.stream, keepalive_expiry=_IDLE_SECONDS)
    return await _receive_headers(request, connection.http, policy)


async def _receive_headers(
    request: httpcore.Request, http: httpcore.AsyncHTTP11Connection, policy: Policy
) -> httpcore.Response:
    try:
        async with asyncio.timeout(policy.first_byte_seconds):
            return await http.handle_async_request(request)
    except TimeoutError as error:
        raise FetchError("timeout_first_byte", "slow") from error


async def _read_body(
    raw: httpcore.Response,
    response: Response,
    max_bytes: int,
    deadline: asyncio.Timeout,
    large_slots: asyncio.Semaphore | None,
) -> float:
    """Read the body, decompressed as it arrives, never holding more than ``max_bytes`` of it. Returns the seconds that
    it waited for a slot."""
    response.body_read = True
    max_bytes = max_bytes if response.status < 300 else min(max_bytes, _MAX_ERROR_BODY_BYTES)
    decoder = _decoder_for(response.header("content-encoding").strip().lower())
    body = bytearray()
    waited = 0.0
    try:
        async with aclosing(cast("AsyncGenerator[bytes, None]", raw.aiter_stream())) as chunks:
            async for chunk in chunks:
                while chunk and not response.truncated:
                    piece, chunk = decoder.decode(chunk, max_bytes + 1 - len(body))
                    body += piece
                    response.truncated = len(body) > max_bytes
                if response.truncated:
                    break
                if len(body) > _LARGE_BODY_BYTES and large_slots and not response.holds_large_slot:
                    waited = await _wait_for_slot(large_slots, deadline)
                    response.holds_large_slot = True
    except (httpcore.ProtocolError, httpcore.NetworkError):
        response.incomplete = True
    if not response.truncated:
        body += decoder.flush()
        response.incomplete = response.incomplete or not decoder.is_complete
    response.body = bytes(body[:max_bytes])
    return waited


async def _wait_for_slot(slots: asyncio.Semaphore, deadline: asyncio.Timeout) -> float:
    """Wait for a slot while the deadline of the request is suspended. Returns the seconds waited."""
    loop = asyncio.get_running_loop()
    started, until = loop.time(), deadline.when()
    deadline.reschedule(None)
    await slots.acquire()
    waited = loop.time() - started
    deadline.reschedule(until + waited if until is not None else None)
    return waited


class _IdentityDecoder:
    is_complete = True

    def decode(self, data: bytes, max_bytes: int) -> tuple[bytes, bytes]:
        return data[:max_bytes], b""

    def flush(self) -> bytes:
        return b""


class _ZlibDecoder:
    """gzip or deflate, a bounded piece at a time; deflate both with its header (RFC 9110) and without."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._inner = zlib.decompressobj(31 if encoding == "gzip" else 15)
        self._started = False

    def decode(self, data: bytes, max_bytes: int) -> tuple[bytes, bytes]:
        """A piece of at most about ``max_bytes``, and the rest of ``data`` for the next call."""
        max_bytes = max(1, min(max_bytes, 1 << 20))
        if self._inner.eof:
            if self._encoding != "gzip" or not data.startswith(b"\x1f\x8b"):
                return b"", b""  # padding after the end
            self._inner = zlib.decompressobj(31)  # a further member
        try:
            piece = self._inner.decompress(data, max_bytes)
        except zlib.error:
            if self._started or self._encoding == "gzip":
                raise
            self._inner = zlib.decompressobj(-15)
            piece = self._inner.decompress(data, max_bytes)
        self._started = True
        return piece, self._inner.unused_data if self._inner.eof else self._inner.unconsumed_tail

    def flush(self) -> bytes:
        """What was decompressed but did not fit into the last piece."""
        return b"" if self._inner.eof else self._inner.decompress(b"", 1 << 20)

    @property
    def is_complete(self) -> bool:
        return self._inner.eof or not self._started


def _decoder_for(encoding: str) -> _IdentityDecoder | _ZlibDecoder:
    if encoding in ("", "identity"):
        return _IdentityDecoder()
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _ZlibDecoder(encoding.removeprefix("x-"))
    raise zlib.error(f"{encoding} was not requested")


def _decode_header(raw: bytes) -> str:
    """A header as text: UTF-8 where it is valid, else Windows-874, as Thai servers send file names."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp874", "replace")
