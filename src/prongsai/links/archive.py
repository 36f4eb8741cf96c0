"""One look as a WARC file (ISO 28500), the format of web archives: what was asked, and what came back."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from prongsai.links.addresses import parts_of
from prongsai.links.model import Observation

# What described the body on the wire and not as we keep it, decompressed and in one piece.
_OF_THE_WIRE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_KEPT_AS = "X-Archive-Orig-"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a WARC file of ours holds."""

    url: str
    status: int
    observed_at: datetime
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut: bool = False  # the body is only its beginning


def warc(observation: Observation) -> bytes:
    """A gzipped WARC of the last request and its response. ValueError without ``keep_body`` or without a response.

    The body is the one read, decompressed; headers that described it on the wire are kept as ``X-Archive-Orig-*``.
    """
    if observation.body is None or not observation.hops or observation.status is None:
        raise ValueError("the observation has no body: was it made with keep_body?")
    last = observation.hops[-1]
    parts = parts_of(last.url)
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    date = observation.observed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    about = {"WARC-Date": date, **({"WARC-IP-Address": last.address} if last.address else {})}
    headers = [
        (_KEPT_AS + name if name.lower() in _OF_THE_WIRE else name, _one_line(value))
        for name, value in observation.response_headers
    ]
    headers.append(("Content-Length", str(len(observation.body))))
    cut = {"WARC-Truncated": "length"} if "cut" in observation.notes else {}
    response = writer.create_warc_record(
        last.url,
        "response",
        payload=io.BytesIO(observation.body),
        http_headers=StatusAndHeaders(_status_line(observation.status), headers, protocol="HTTP/1.1"),
        warc_headers_dict=about | cut,
    )
    request = writer.create_warc_record(
        last.url,
        "request",
        http_headers=StatusAndHeaders(
            f"GET {parts.request} HTTP/1.1", list(observation.request_headers), is_http_request=True
        ),
        warc_headers_dict=about,
    )
    writer.write_request_response_pair(request, response)
    return out.getvalue()


def from_warc(data: bytes) -> Snapshot:
    """The first response of a WARC. ValueError when there is none, or a digest in it is not that of what it stands
    for."""
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
                cut=record.rec_headers.get_header("WARC-Truncated") is not None,
            )
    except (ArchiveLoadFailed, OSError, EOFError, TypeError, AttributeError) as error:
        raise ValueError("not a whole WARC") from error
    raise ValueError("no response in this WARC")


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _one_line(value: str) -> str:
    return " ".join(value.split())
