"""The classification of one check: the last response, its content and the redirect chain become a state and a code.

Pure functions. The rules are a table: the first one that applies decides.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from prongsai.links.addresses import UrlParts, is_same_site, registrable_domain
from prongsai.links.content import ParsedBody, stable_lines
from prongsai.links.fetch import Response
from prongsai.links.model import State

REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_REFUSAL_STATUSES = frozenset({403, 406, 418, 429, 451, 999})

_CAPTCHA = re.compile(
    r"just a moment|attention required|checking your browser|verify(?:ing)? (?:that )?you are (?:a )?human|"
    r"are you (?:a )?(?:human|robot)|not a robot|request rejected|access denied|incident id|"
    r"ไม่ใช่หุ่นยนต์|ไม่ใช่บอท|ยืนยันว่าคุณเป็นมนุษย์|ปฏิเสธการเข้าถึง",
    re.I,
)
_NOT_FOUND = re.compile(
    r"^\W{0,40}(?:error|ข้อผิดพลาด|รหัส)?\s{0,9}:?\s{0,9}404\b|\b404\b\W{0,40}(?:error|not found|page|ไม่พบ)|error 404|"
    r"(?:page|file|object|document|content)s? (?:was |is )?not found|^\W{0,40}not found\W{0,40}$|"
    r"(?:page|file) (?:does not|doesn.t|no longer) exists?|page (?:can|could)(?:no|n.)t be found|no longer available|"
    r"ไม่พบหน้า|ไม่พบเว็บเพจ|ไม่พบไฟล์|ไม่พบเอกสาร|ไม่พบเนื้อหา|ไม่พบบทความ|ไม่มีหน้านี้|หน้านี้ไม่มี|ไม่พบข้อมูลที่(?:คุณ|ท่าน)|"
    r"หน้า(?:เว็บ)?ที่(?:คุณ|ท่าน)(?:ต้องการ|ค้นหา|เรียก).{0,30}ไม่|ถูกลบ(?:ออก)?(?:ไป)?แล้ว",
    re.I | re.M,
)
_NOT_FOUND_LINE = re.compile(r"^\W{0,40}(?:ไม่พบข้อมูล|not found|no data|page not found|404)\W{0,40}$", re.I | re.M)
_SIGN_IN = re.compile(r"log\s?-?in\b|sign\s?-?in\b|ลงชื่อเข้า|เข้าสู่ระบบ|ล็อกอิน|ล๊อกอิน", re.I)
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
_SHORT_PAGE = 600  # characters of a page with a single purpose
_MAX_LINES_COMPARED = 500
_MIN_BASELINE_OVERLAP = 0.9  # of the lines of both pages


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


@dataclass(frozen=True)
class Evidence:
    """All that one check knows. ``page``: the content, None when the body was not read."""

    response: Response
    page: ParsedBody | None
    chain: RedirectChain
    owner_hosts: tuple[str, ...] = ()
    slow: bool = False
    baseline: Soft404Baseline | None = None

    @cached_property
    def html(self) -> ParsedBody | None:
        """The content, if it is a web page."""
        return self.page if self.page and self.page.media_type == "text/html" else None


Finding = tuple[State, str]  # the state, and the code of the reason


def is_file_path(parts: UrlParts) -> bool:
    """Whether the path ends like a file name, so that HEAD may be enough."""
    return bool(_FILE_PATH.search(parts.path))


def is_home_page(parts: UrlParts) -> bool:
    return bool(_HOME_PATH.match(parts.path)) and not parts.query


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
    return Soft404Baseline(_compared_lines(page), page.title, parts.without_fragment)


def classify(evidence: Evidence) -> Finding:
    """The state of one check that got a response, and the code of the reason ("" for ok)."""
    return next((finding for rule in _RULES if (finding := rule(evidence))), ("ok", ""))


# --- rules, in the order in which they are tried -------------------------------------------------------------------


def _find_authentication(evidence: Evidence) -> Finding | None:
    return ("sign_in", "status_401") if evidence.response.status == 401 else None


def _find_captcha(evidence: Evidence) -> Finding | None:
    if evidence.response.header("cf-mitigated").lower() == "challenge":
        return "blocked", "captcha"
    page = evidence.html
    if not page or len(page.full_text) > _SHORT_PAGE:
        return None
    return ("blocked", "captcha") if _CAPTCHA.search(page.title) or _CAPTCHA.search(page.full_text) else None


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


def _find_sign_in(evidence: Evidence) -> Finding | None:
    page, chain = evidence.html, evidence.chain
    if not page:
        return None
    is_short = len(page.full_text) < _SHORT_PAGE
    was_sent = _is_sign_in_address(chain.last) and not _is_sign_in_address(chain.first)
    if was_sent and (page.has_password_field or _SIGN_IN.search(page.title) or is_short):
        return "sign_in", "sign_in"
    # many public pages have a small sign-in box beside their content
    if page.has_password_field and (_SIGN_IN.search(page.title) or len(page.text) < _SHORT_PAGE):
        return "sign_in", "sign_in"
    return None


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


def _find_not_found_words(evidence: Evidence) -> Finding | None:
    page = evidence.html
    return ("soft_404", "not_found_words") if page and _has_not_found_words(page) else None


def _find_baseline_page(evidence: Evidence) -> Finding | None:
    page, baseline, last = evidence.html, evidence.baseline, evidence.chain.last
    if not page or not baseline or baseline.lines is None or is_home_page(last) or page.is_script_shell:
        return None
    return ("soft_404", "same_as_nothing") if _matches_baseline(page, last, baseline) else None


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
    _find_captcha,
    _find_refusal,
    _find_error_status,
    _find_sign_in,
    _find_incomplete_file,
    _find_empty_body,
    _find_redirect_home,
    _find_not_found_words,
    _find_baseline_page,
    _find_other_site,
    _find_permanent_redirect,
    _find_slowness,
)


def _compared_lines(page: ParsedBody) -> frozenset[str]:
    return frozenset(stable_lines(page.text)[:_MAX_LINES_COMPARED])


def _matches_baseline(page: ParsedBody, last: UrlParts, baseline: Soft404Baseline) -> bool:
    if last.without_fragment == baseline.url:
        return True
    lines = _compared_lines(page)
    if not baseline.lines:
        return not lines and page.title == baseline.title
    return len(lines & baseline.lines) >= _MIN_BASELINE_OVERLAP * len(lines | baseline.lines)


def _is_sign_in_address(parts: UrlParts) -> bool:
    return bool(_SIGN_IN_HOST.match(parts.host) or _SIGN_IN_PATH.search(parts.path))


def _has_not_found_words(page: ParsedBody) -> bool:
    if len(page.title) <= 100 and _NOT_FOUND.search(page.title):
        return True
    if len(page.text) < 2000 and any(len(h) <= 100 and _NOT_FOUND.search(h) for h in page.headings):
        return True
    return len(page.text) < 400 and bool(_NOT_FOUND.search(page.text) or _NOT_FOUND_LINE.search(page.text))


def _page_identity(parts: UrlParts) -> tuple[str, str, str]:
    path = re.sub(r"/index\.\w{2,5}$", "/", parts.path).rstrip("/")
    return parts.host.removeprefix("www."), path, parts.query or ""
