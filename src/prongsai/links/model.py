"""The data types of the link checker: targets, the policy of a run, and what one check observed.

Everything here is a frozen value; nothing here touches the network, except the default resolver of ``Policy``.
"""

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from ipaddress import IPv4Network, IPv6Network
from typing import Literal, get_args

State = Literal[
    "ok",
    "moved",
    "outside",
    "review",
    "slow",
    "blocked",
    "sign_in",
    "certificate",
    "mismatch",
    "soft_404",
    "dead",
    "hijacked",
]
"""The states of an address, from the best to the worst:

ok           it opens
moved        it opens, permanently elsewhere on the same site: the new address should be filed
outside      it opens, on a site that is not among the target's ``owner_hosts``
review       it opens, and the evidence is too thin to say that it is, or is not, the page: a person should look
slow         it opens too slowly, or the response was not complete in time
blocked      it refuses the checker: 403, 429, robots.txt, Retry-After, a captcha; a person may be able to open it
sign_in      it requires authentication or a permission: 401, a sign-in form or a redirect to one, "request access"
certificate  no secure connection: certificate expired, of another name, of an unknown issuer or without the
             intermediate one, old or broken TLS; the page behind it is looked at all the same, and noted as insecure
mismatch     it opens, and is the page of another year, another subject or another agency
soft_404     status 200 without the page: not found, the home page, an empty body, a suspended account, a domain for
             sale, a fault of program or database, maintenance, a listing of files
dead         it does not open: unknown name, no server, 404, 410, 5xx, a redirect loop, a forbidden address
hijacked     something else stands at the agency's own address: gambling, sales
"""
STATES: tuple[State, ...] = get_args(State)
GOOD: frozenset[State] = frozenset({"ok", "moved", "outside"})
"""States that one check establishes; every other one takes ``Policy.required_failures`` checks, but for "review"."""
HARMLESS: frozenset[State] = GOOD | {"review"}
"""States that are held against nobody."""

Language = Literal["th", "en", "other", "none"]
TargetKey = str | int


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _resolve_host(host: str) -> list[str]:
    return list(dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of a run. ``contact`` is an address where the operator of a checked site learns who we are.

    Seconds are floats, sizes are bytes. ``allowed_networks`` and ``ports`` open what is closed by default: addresses
    that are not public, and ports other than 80 and 443; ``forwards`` has, by host, the port that is its port 80.
    ``resolve`` returns all IP addresses of a name (raises OSError when there are none); it is called in a thread.
    ``now`` returns the time of observations, with its zone.
    """

    contact: str
    product: str = "ProngsaiLinks"

    # how many failed checks a bad state takes, and how far apart they must be to count as several
    required_failures: int = 3
    retry_interval: timedelta = timedelta(hours=6)
    office_days: int = 2  # different days on which it must be bad in office hours; 0: the hour does not matter
    office_hours: tuple[time, time] = (time(8, 30), time(16, 30))
    zone: tzinfo = timezone(timedelta(hours=7))  # of the sites

    # politeness
    max_active_hosts: int = 64
    max_hosts_per_ip: int = 4  # hosts on one shared server that are requested at the same time
    pause_seconds: float = 1.0  # between the end of one request to a host and the next
    max_wait_seconds: float = 60.0  # a host that wants more (Retry-After, Crawl-delay) is skipped for the run
    obey_robots: bool = True

    # limits
    connect_seconds: float = 10.0
    first_byte_seconds: float = 20.0
    total_seconds: float = 60.0
    slow_seconds: float = 10.0
    max_body_bytes: int = 10_000_000  # after decompression
    max_redirects: int = 8
    document_seconds: float = 20.0  # to read one document
    document_memory_bytes: int = 1_000_000_000  # of the process that reads documents
    max_document_pages: int = 100

    # the guard
    ports: frozenset[int] = frozenset({80, 443})
    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    forwards: Mapping[str, int] = field(default_factory=dict)
    resolve: Callable[[str], Sequence[str]] = _resolve_host
    tls_context: ssl.SSLContext | None = None  # None: certifi's authorities
    now: Callable[[], datetime] = _utc_now

    @property
    def user_agent(self) -> str:
        return f"{self.product}/1 (+{self.contact})"


Sketches = Mapping[str, Sequence[int]]  # of lines, menu and structure of a page: hashes that stand for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the page of a target should be: whose (``names``), about what (a name of it in ``labels``, its parts in
    ``elements``; ``rivals`` are the labels of other subjects), of which ``years`` (empty: any), and how it looked at an
    ``earlier`` good check, as others of its ``site`` did."""

    names: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    earlier: Sketches | None = None
    site: tuple[Sketches, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to one question: ``confidence`` in percent of the verdict, ``chance`` of "yes" from 0 to 1, and the
    names of the features that weigh most."""

    verdict: Literal["yes", "no", "unsure"]
    confidence: int
    chance: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """What a page is: its class with the chances of all classes, and the answers to the three questions: does it
    answer, is it its owner's, is it about the subject and year."""

    kind: str
    chances: Mapping[str, float]
    answers: Answer
    owner: Answer
    subject: Answer


@dataclass(frozen=True, slots=True)
class Target:
    """An address to check. ``owner_hosts``: the hosts of its owner's website (empty: no address is outside).

    ``keep_body``: the observation carries body and headers, as a snapshot needs them. ``key`` is the caller's.
    ``expected``: what its page should be (None: only what class of page it is).
    """

    key: TargetKey
    url: str
    owner_hosts: tuple[str, ...] = ()
    keep_body: bool = False
    expected: Expected | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """One request of a redirect chain: its status (None: no response) and the IP address ("": no connection)."""

    url: str
    status: int | None = None
    ip_address: str = ""


@dataclass(frozen=True, slots=True)
class MentionedYear:
    """A year that a page or document mentions, in the Buddhist era."""

    year: int
    kind: Literal["fiscal", "calendar"]
    place: Literal["title", "heading", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one check observed.

    ``state`` is that of this one check; ``decide_state`` derives the state of the address from several. ``error`` is
    the code of the reason for a state other than ok ("" otherwise), ``notes`` are codes of further remarks (after
    "insecure" comes what is wrong with the connection); the sentences for both are in ``wording``. ``requested`` is
    False when the address itself was not requested (robots.txt, an earlier Retry-After, a host that failed three
    times in a row). ``retry_at``: the host asked for no request before this time.
    """

    key: TargetKey
    url: str
    observed_at: datetime
    state: State
    error: str = ""
    requested: bool = True
    status: int | None = None
    hops: tuple[Hop, ...] = ()
    final_url: str = ""
    retry_at: datetime | None = None
    elapsed_ms: int = 0  # waiting and reading, over all hops, without our own pauses

    declared_type: str = ""  # as the server declares: "text/html"
    sniffed_type: str = ""  # as the bytes show
    length: int | None = None  # bytes of the body, as read or (not read) as declared
    digest: str = ""  # SHA-256, hex, of the body as read, after decompression; "" when none was read
    text_digest: str = ""  # the same of the visible text without menus, counters and clocks
    title: str = ""
    language: Language = "none"
    years: tuple[MentionedYear, ...] = ()
    has_text: bool | None = None  # False: a file of images, such as a scanned PDF; None: unknown
    notes: tuple[str, ...] = ()
    server: str = ""  # the IP address that the last host has, whether or not it answered; "": it has none
    excused: str = ""  # why a failure is held against nobody (``outages``)
    identity: Identity | None = None  # None: no page was read
    features: Mapping[str, float] = field(default_factory=dict)  # on which the identity rests
    sketches: Sketches = field(default_factory=dict)

    # only with keep_body
    body: bytes | None = None
    request_headers: tuple[tuple[str, str], ...] = ()
    response_headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a run: targets done and pending, hosts with a request under way and with targets pending."""

    done: int
    active_hosts: int
    pending: int
    pending_hosts: int
