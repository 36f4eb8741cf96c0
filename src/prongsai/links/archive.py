"""One check as a WARC file (ISO 28500), the format of web archives: the last request and its response."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from prongsai.links.addresses import parse_url
from prongsai.links.model import Observation

# They describe the body as it was transferred, not as it is stored: decompressed and in one piece.
_TRANSFER_HEADERS = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_ORIGINAL_HEADER_PREFIX = "X-Archive-Orig-"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The response in one of our WARC files."""

    url: str
    status: int
    observed_at: datetime
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool = False  # the body is its beginning only


def write_warc(observation: Observation) -> bytes:
    """A gzipped WARC of the last request and its response. ValueError without ``keep_body`` or without a response.

    The body is the one read, decompressed; headers that describe its transfer become ``X-Archive-Orig-*``.
    """
    if observation.body is None or not observation.hops or observation.status is None:
        raise ValueError("the observation has no body: it takes a target with keep_body")
    last = observation.hops[-1]
    parts = parse_url(last.url)
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    date = observation.observed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    warc_headers = {"WARC-Date": date, **({"WARC-IP-Address": last.ip_address} if last.ip_address else {})}
    headers = [
        (_ORIGINAL_HEADER_PREFIX + name if name.lower() in _TRANSFER_HEADERS else name, _collapse_spaces(value))
        for name, value in observation.response_headers
    ]
    headers.append(("Content-Length", str(len(observation.body))))
    if "insecure" in observation.notes:  # whoever stood between could have sent it
        why = observation.notes[observation.notes.index("insecure") + 1]
        warc_headers |= {"X-Connection-Not-Verified": why}
    truncated = {"WARC-Truncated": "length"} if "cut" in observation.notes else {}
    response = writer.create_warc_record(
        last.url,
        "response",
        payload=io.BytesIO(observation.body),
        http_headers=StatusAndHeaders(_status_line(observation.status), headers, protocol="HTTP/1.1"),
        warc_headers_dict=warc_headers | truncated,
    )
    request = writer.create_warc_record(
        last.url,
        "request",
        http_headers=StatusAndHeaders(
            f"GET {parts.request_target} HTTP/1.1", list(observation.request_headers), is_http_request=True
        ),
        warc_headers_dict=warc_headers,
    )
    writer.write_request_response_pair(request, response)
    return out.getvalue()


def read_warc(data: bytes) -> Snapshot:
    """The first response of a WARC. ValueError when there is none, or when a digest in it does not match."""
    try:
        for record in ArchiveIterator(io.BytesIO(data), check_digests="raise"):
            if record.rec_type != "response":
                continue
            body = record.content_stream().read()
            return Snapshot(
                url=record.rec_headers.get_header("WARC-Target-URI"),
                status=int(record.http_headers.get_statuscode()),
                observed_at=datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")),
                headers=tuple(record.http_headers.headers),
                body=body,
                truncated=record.rec_headers.get_header("WARC-Truncated") is not None,
            )
    except (ArchiveLoadFailed, OSError, EOFError, TypeError, AttributeError) as error:
        raise ValueError("not a complete WARC") from error
    raise ValueError("no response in this WARC")


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _collapse_spaces(value: str) -> str:
    return " ".join(value.split())
