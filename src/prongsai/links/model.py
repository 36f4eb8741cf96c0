"""The nouns of the link checker: what to look at, under which rules, and what one look saw.

Everything here is a frozen value; nothing here touches the network.
"""

import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Literal, get_args

State = Literal["ok", "moved", "outside", "slow", "blocked", "sign_in", "certificate", "soft_404", "dead"]
"""What may be said of an address, from the best to the worst:

ok           it opens
moved        it opens, permanently elsewhere on the same site: the new address should be filed
outside      it opens, on a site that is not among the target's ``own_hosts``
slow         it opens too slowly, or had not finished when time was up
blocked      it refuses us: 403, 429, robots.txt, Retry-After, a captcha; a person may well see it
sign_in      it asks who is there: 401, a sign-in form, or a way to one
certificate  no secure connection: certificate expired, of another name, of an unknown issuer, broken TLS
soft_404     it says 200 but is no page: "not found" in words, the home page, nothing at all
dead         it does not open: no such name, no server, 404, 410, 5xx, a loop of redirects, an address that is forbidden
"""
STATES: tuple[State, ...] = get_args(State)
GOOD: frozenset[State] = frozenset({"ok", "moved", "outside"})
"""States that one look is enough for; every other one takes ``Policy.tries`` looks."""

Language = Literal["th", "en", "other", "none"]
Key = str | int


def _now() -> datetime:
    return datetime.now(UTC)


def _resolve(host: str) -> list[str]:
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of a run. ``contact`` is an address where an operator of a checked site learns who we are.

    Seconds are floats, sizes are bytes. ``allow`` (networks) and ``ports`` open what is closed by default: addresses
    that are not public, and ports other than 80 and 443. ``resolve`` gives all addresses of a name (raises OSError when
    there are none); it is called in a thread. ``now`` gives the time that observations carry, with its zone.
    """

    contact: str
    product: str = "ProngsaiLinks"

    # how many looks a bad verdict takes, and how far apart they must be to count as several
    tries: int = 3
    spread: timedelta = timedelta(hours=6)

    # fairness
    hosts_at_once: int = 64
    per_address: int = 4  # names of one shared server that are asked at the same time
    pause: float = 1.0  # between the end of one request to a host and the next
    longest_wait: float = 60.0  # a host that asks for more (Retry-After, Crawl-delay) is left alone for the run
    robots: bool = True

    # limits
    connect_seconds: float = 10.0
    first_byte_seconds: float = 20.0
    whole_seconds: float = 60.0
    slow_seconds: float = 10.0
    max_bytes: int = 10_000_000  # of a body, after decompression
    max_redirects: int = 8
    reader_seconds: float = 20.0  # for the text of one document
    reader_bytes: int = 1_000_000_000  # memory of the process that reads documents
    max_pages: int = 100

    # the guard
    ports: frozenset[int] = frozenset({80, 443})
    allow: tuple[IPv4Network | IPv6Network, ...] = ()
    resolve: Callable[[str], Sequence[str]] = _resolve
    verify: ssl.SSLContext | None = None  # None: certifi's authorities
    now: Callable[[], datetime] = _now

    @property
    def user_agent(self) -> str:
        return f"{self.product}/1 (+{self.contact})"


@dataclass(frozen=True, slots=True)
class Target:
    """An address to look at. ``own_hosts``: the hosts of its owner (empty: nowhere is outside).

    ``keep_body``: the observation carries body and headers, as a snapshot needs them. ``key`` is the caller's.
    """

    key: Key
    url: str
    own_hosts: tuple[str, ...] = ()
    keep_body: bool = False


@dataclass(frozen=True, slots=True)
class Hop:
    """One address on the way: what it answered (None: nothing) and which IP address was asked ("": none was)."""

    url: str
    status: int | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Year:
    """A year that a page or document speaks of, in the Buddhist era."""

    year: int
    kind: Literal["fiscal", "calendar"]
    place: Literal["title", "heading", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one look saw. A plain value: keep what you need of it.

    ``state`` is of this one look; only ``verdict`` over several says what to hold of the address. ``error`` is a short
    code of what decided a state other than ok ("" otherwise), ``notes`` are codes of what is worth knowing beside;
    the sentences for both are in ``wording``. ``asked`` is False when the address itself was not fetched in this look
    (robots.txt, an earlier Retry-After, a host that did not answer three times running). ``retry_at``: the host asked
    not to be bothered before.
    """

    key: Key
    url: str
    observed_at: datetime
    state: State
    error: str = ""
    asked: bool = True
    status: int | None = None
    hops: tuple[Hop, ...] = ()
    final_url: str = ""
    retry_at: datetime | None = None
    elapsed_ms: int = 0  # waiting and reading, over all hops; our own pauses left out

    declared_type: str = ""  # as the server says: "text/html"
    sniffed_type: str = ""  # as the bytes say
    length: int | None = None  # bytes of the body, as read or (not read) as declared
    digest: str = ""  # SHA-256, hex, of the body as read, after decompression; "" when none was read
    text_digest: str = ""  # the same of the visible text without menus, counters and clocks
    title: str = ""
    language: Language = "none"
    years: tuple[Year, ...] = ()
    has_text: bool | None = None  # False: a file of pictures, such as a scanned PDF; None: unknown
    notes: tuple[str, ...] = ()

    # only with keep_body
    body: bytes | None = None
    request_headers: tuple[tuple[str, str], ...] = ()
    response_headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands."""

    done: int
    busy: int  # hosts being asked right now
    waiting: int  # targets read but not done
    hosts: int  # hosts with targets waiting
