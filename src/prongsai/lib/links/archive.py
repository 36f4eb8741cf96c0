"""One look as a WARC file, the format of web archives."""

from dataclasses import dataclass
from datetime import datetime

from prongsai.lib.links.model import Observation


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a WARC file of ours holds."""

    url: str
    status: int
    observed_at: datetime
    headers: tuple[tuple[str, str], ...]
    body: bytes
    digest: str


def warc(observation: Observation) -> bytes:
    """A gzipped WARC of the last request and its response. ValueError without ``keep_body`` or without a response."""
    raise NotImplementedError


def from_warc(data: bytes) -> Snapshot:
    """The first response of a WARC. ValueError when there is none or its digest is not its body's."""
    raise NotImplementedError
