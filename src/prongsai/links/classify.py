"""The classification of one check: the last response, its content and the redirect chain become a state and a code.

Pure functions. The rules are a table: the first one that applies decides.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal
from urllib.parse import unquote

from prongsai.links.addresses import UrlParts, is_same_site, registrable_domain
from prongsai.links.content import DOCUMENT_FORMATS, MAX_COMPARED_LINES, ParsedBody, stable_lines
from prongsai.links.fetch import Response
from prongsai.links.identity import Surroundings, decide, gather, judge
from prongsai.links.model import Expected, Identity, State

REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_REFUSAL_STATUSES = frozenset({403, 406, 418, 429, 451, 999})

_SIGN_IN_PATH = re.compile(
    r"(?:^|[/._?=&-])(?:log[-_]?in|sign[-_]?in|signon|sso|authenticate|authorize|wp-login|cas|adfs|oauth2?|"
    r"servicelogin)(?:$|[/._?=&;-])",
    re.I,
)
_SIGN_IN_HOST = re.compile(
    r"^(?:accounts\.google\.com|login\.(?:microsoftonline|live|windows)\.(?:com|net)|(?:login|sso|auth|idp)\..+)$"
)
_HOME_PATH = re.compile(
    r"^/(?:(?:th|en|web|www|site|main)/)*(?:(?:index|default|home|main|welcome|intro)(?:\.\w{2,5})?|th|en|web)?/?$",
    re.I,
)
_FILE_PATH = re.compile(r"\.(?!html?$|php\d?$|aspx?$|jspx?$|cgi$|do$|action$|cfm$|th$|com$)[a-z0-9]{2,5}$", re.I)
_HOME_QUERY = re.compile(r"^(?:(?:lang|language|lng|l|hl|locale)=[a-z_-]{0,8}&?)+$", re.I)
_PLATFORMS = (  # whose pages belong to whoever made them: an account, not a name, says whose
    *("google.com", "facebook.com", "fb.watch", "youtube.com", "youtu.be", "canva.com", "line.me", "lin.ee"),
    *("dropbox.com", "sharepoint.com", "onedrive.live.com", "1drv.ms", "tiktok.com", "issuu.com", "anyflip.com"),
)
_CHALLENGED = 0.80  # the chance of a challenge to robots, from which it is one
_MIN_TOKEN = 6  # letters of a part of an address that a page may echo


@dataclass(frozen=True, slots=True)
class RedirectChain:
    """How the last address was reached: each address requested, in order, and whether each redirect was permanent."""

    addresses: Sequence[UrlParts]
    permanent: Sequence[bool]

    @property
    def first(self) -> UrlParts:
        return self.addresses[0]

    @property
    def last(self) -> UrlParts:
        return self.addresses[-1]


@dataclass(frozen=True, slots=True)
class Soft404Baseline:
    """What a host serves for an address that cannot exist. ``lines`` is None when it responds with an error, as it
    should."""

    lines: frozenset[str] | None = None
    title: str = ""
    url: str = ""
    sketches: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """All that one check knows. ``page``: the content, None when the body was not read."""

    response: Response
    page: ParsedBody | None
    chain: RedirectChain
    owner_hosts: tuple[str, ...] = ()
    slow: bool = False
    baseline: Soft404Baseline | None = None
    expected: Expected | None = None

    @cached_property
    def html(self) -> ParsedBody | None:
        """The content, if it is a web page."""
        return self.page if self.page and self.page.media_type == "text/html" else None

    @cached_property
    def is_document(self) -> bool:
        return bool(self.page and self.page.media_type in DOCUMENT_FORMATS)

    @cached_property
    def features(self) -> dict[str, float]:
        """The numbers on which the identity rests; none where no text was read."""
        page = self.page
        if not page or not (self.html or page.full_text or page.text):
            return {}
        last, baseline = self.chain.last, self.baseline
        around = Surroundings(
            status=self.response.status,
            host=self._host_kind(),
            sent_home=len(self.chain.addresses) > 1 and is_home_page(last) and not is_home_page(self.chain.first),
            is_home=is_home_page(self.chain.first),
            sent_to_sign_in=_is_sign_in_address(last) and not _is_sign_in_address(self.chain.first),
            baseline_lines=baseline.lines if baseline and self.html and not is_home_page(last) else None,
            baseline_title=baseline.title if baseline else "",
            baseline_sketches=baseline.sketches if baseline else None,
        )
        lines, title = _compared_lines(page, last), _without_echo(page.title, last)
        return gather(page.traits, page.sketches, lines, title, page.years, around, self.expected)

    @cached_property
    def identity(self) -> Identity | None:
        """What the page is; None where no text was read."""
        return judge(self.features, is_document=self.is_document) if self.features else None

    def _host_kind(self) -> Literal["own", "platform", "other", "unknown"]:
        last = self.chain.last
        if any(last.host == p or last.host.endswith("." + p) for p in _PLATFORMS):
            return "platform"
        if not self.owner_hosts:
            return "unknown"
        return "own" if is_same_site(last.url, self.owner_hosts) else "other"


Finding = tuple[State, str]  # the state, and the code of the reason


def is_file_path(parts: UrlParts) -> bool:
    """Whether the path ends like a file name, so that HEAD may be enough."""
    return bool(_FILE_PATH.search(parts.path))


def is_home_page(parts: UrlParts) -> bool:
    return bool(_HOME_PATH.match(parts.path)) and (not parts.query or bool(_HOME_QUERY.match(parts.query)))


def needs_baseline(response: Response, page: ParsedBody, chain: RedirectChain) -> bool:
    """Whether this page must be compared with what the host serves for an address that cannot exist."""
    return (
        response.status == 200
        and page.media_type == "text/html"
        and not is_home_page(chain.last)
        and not page.is_script_shell
        and bool(page.text)
    )


def make_baseline(response: Response, page: ParsedBody | None, parts: UrlParts) -> Soft404Baseline:
    """The baseline from a response to an address that cannot exist."""
    if response.status != 200 or not page or page.media_type != "text/html":
        return Soft404Baseline()
    lines = frozenset(_compared_lines(page, parts))
    return Soft404Baseline(lines, _without_echo(page.title, parts), parts.without_fragment, page.sketches)


def classify(evidence: Evidence) -> Finding:
    """The state of one check that got a response, and the code of the reason ("" for ok)."""
    return next((finding for rule in _RULES if (finding := rule(evidence))), ("ok", ""))


# --- rules, in the order in which they are tried -------------------------------------------------------------------


def _find_authentication(evidence: Evidence) -> Finding | None:
    return ("sign_in", "status_401") if evidence.response.status == 401 else None


def _find_challenge(evidence: Evidence) -> Finding | None:
    """A refusal that says it is one to machines only: by its header, or by what its page is."""
    if evidence.response.header("cf-mitigated").lower() == "challenge":
        return "blocked", "captcha"
    identity = evidence.identity
    return ("blocked", "captcha") if identity and identity.chances.get("challenge", 0.0) >= _CHALLENGED else None


def _find_refusal(evidence: Evidence) -> Finding | None:
    status = evidence.response.status
    if status in _REFUSAL_STATUSES or (status == 503 and evidence.response.header("retry-after")):
        return "blocked", f"status_{status}"
    return None


def _find_error_status(evidence: Evidence) -> Finding | None:
    status = evidence.response.status
    if 200 <= status < 300:
        return None
    return "dead", "redirect_nowhere" if status in REDIRECT_STATUSES else f"status_{status}"


def _find_incomplete_file(evidence: Evidence) -> Finding | None:
    page = evidence.page
    if evidence.response.incomplete and page and page.media_type not in ("text/html", "text/plain"):
        return "dead", "broken_off"
    return None


def _find_empty_body(evidence: Evidence) -> Finding | None:
    return ("soft_404", "empty") if evidence.response.body_read and not evidence.response.body else None


def _find_redirect_home(evidence: Evidence) -> Finding | None:
    first, last = evidence.chain.first, evidence.chain.last
    if len(evidence.chain.addresses) == 1 or not is_home_page(last) or is_home_page(first):
        return None
    if registrable_domain(last.host) == registrable_domain(first.host):
        return "soft_404", "to_home"
    return ("soft_404", "to_home") if is_same_site(last.url, evidence.owner_hosts) else None


def _find_probe_address(evidence: Evidence) -> Finding | None:
    """It leads to the very address to which the host leads for one that cannot exist."""
    baseline = evidence.baseline
    if not evidence.html or not baseline or baseline.lines is None or is_home_page(evidence.chain.last):
        return None
    return ("soft_404", "same_as_nothing") if evidence.chain.last.without_fragment == baseline.url else None


def _find_other_page(evidence: Evidence) -> Finding | None:
    """By the weight of the evidence it is not the page, or nobody can say."""
    if not evidence.identity or (finding := decide(evidence.identity, evidence.features)) is None:
        return None
    was_home = finding[1] in ("to_home", "perhaps_home")
    return ("soft_404", "same_as_nothing") if was_home and finding[0] == "soft_404" else finding


def _find_other_site(evidence: Evidence) -> Finding | None:
    hosts = evidence.owner_hosts
    return ("outside", "outside") if hosts and not is_same_site(evidence.chain.last.url, hosts) else None


def _find_permanent_redirect(evidence: Evidence) -> Finding | None:
    """Permanent redirects alone lead to another page, not just to the same by https, with www. or a slash."""
    chain = evidence.chain
    target = chain.first
    for parts, permanent in zip(chain.addresses[1:], chain.permanent, strict=True):
        if not permanent:
            break
        target = parts
    return ("moved", "moved") if _page_identity(target) != _page_identity(chain.first) else None


def _find_slowness(evidence: Evidence) -> Finding | None:
    return ("slow", "slow") if evidence.slow else None


_RULES: tuple[Callable[[Evidence], Finding | None], ...] = (
    _find_authentication,
    _find_challenge,
    _find_refusal,
    _find_error_status,
    _find_incomplete_file,
    _find_empty_body,
    _find_redirect_home,
    _find_probe_address,
    _find_other_page,
    _find_other_site,
    _find_permanent_redirect,
    _find_slowness,
)


def _compared_lines(page: ParsedBody, parts: UrlParts) -> list[str]:
    return [_without_echo(line, parts) for line in stable_lines(page.text)[:MAX_COMPARED_LINES]]


def _without_echo(text: str, parts: UrlParts) -> str:
    """A line without what the page repeats of its own address: two such pages are the same."""
    if "/" not in text and not any(c.isdigit() for c in text):
        return text
    for token in {parts.path, unquote(parts.path), *parts.path.split("/"), parts.query or ""}:
        if len(token) >= _MIN_TOKEN and token in text:
            text = text.replace(token, "…")
    return text


def _is_sign_in_address(parts: UrlParts) -> bool:
    return bool(_SIGN_IN_HOST.match(parts.host) or _SIGN_IN_PATH.search(parts.path))


def _page_identity(parts: UrlParts) -> tuple[str, str, str]:
    path = re.sub(r"/index\.\w{2,5}$", "/", parts.path).rstrip("/")
    return parts.host.removeprefix("www."), path, parts.query or ""
