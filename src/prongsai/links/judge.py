"""What one look means: from the last answer, what it holds and the way to it, to a state and the code of why. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from prongsai.links.addresses import Parts, registrable, same_site
from prongsai.links.content import Facts, steady_lines
from prongsai.links.fetch import Answer
from prongsai.links.model import State

_REFUSALS = frozenset({403, 406, 418, 429, 451, 999})

_CAPTCHA = re.compile(
    r"just a moment|attention required|checking your browser|verify(?:ing)? (?:that )?you are (?:a )?human|"
    r"are you (?:a )?(?:human|robot)|not a robot|request rejected|access denied|incident id|"
    r"ไม่ใช่หุ่นยนต์|ไม่ใช่บอท|ยืนยันว่าคุณเป็นมนุษย์|ปฏิเสธการเข้าถึง",
    re.I,
)
_NOT_FOUND = re.compile(
    r"^\W*(?:error|ข้อผิดพลาด|รหัส)?\s*:?\s*404\b|\b404\b\W*(?:error|not found|page|ไม่พบ)|error 404|(?:page|file|object|document|content)s? (?:was |is )?not found|"
    r"^\W*not found\W*$|(?:page|file) (?:does not|doesn.t|no longer) exists?|page (?:can|could)(?:no|n.)t be found|no longer available|"
    r"ไม่พบหน้า|ไม่พบเว็บเพจ|ไม่พบไฟล์|ไม่พบเอกสาร|ไม่พบเนื้อหา|ไม่พบบทความ|ไม่มีหน้านี้|หน้านี้ไม่มี|ไม่พบข้อมูลที่(?:คุณ|ท่าน)|"
    r"หน้า(?:เว็บ)?ที่(?:คุณ|ท่าน)(?:ต้องการ|ค้นหา|เรียก).{0,30}ไม่|ถูกลบ(?:ออก)?(?:ไป)?แล้ว",
    re.I | re.M,
)
_NOTHING = re.compile(r"^\W*(?:ไม่พบข้อมูล|not found|no data|page not found|404)\W*$", re.I | re.M)
_LOGIN = re.compile(r"log\s?-?in\b|sign\s?-?in\b|ลงชื่อเข้า|เข้าสู่ระบบ|ล็อกอิน|ล๊อกอิน", re.I)
_LOGIN_PATH = re.compile(
    r"(?:^|[/._?=&-])(?:log[-_]?in|sign[-_]?in|signon|sso|authenticate|authorize|wp-login|cas|adfs|oauth2?|servicelogin)(?:$|[/._?=&;-])",
    re.I,
)
_LOGIN_HOSTS = re.compile(
    r"^(?:accounts\.google\.com|login\.(?:microsoftonline|live|windows)\.(?:com|net)|(?:login|sso|auth|idp)\..+)$"
)
_HOME = re.compile(
    r"^/(?:(?:th|en|web|www|site|main)/)*(?:(?:index|default|home|main|welcome|intro)(?:\.\w{2,5})?|th|en|web)?/?$",
    re.I,
)
_SMALL = 600  # letters of a page that is only about one thing
_FILE = re.compile(r"\.(?!html?$|php\d?$|aspx?$|jspx?$|cgi$|do$|action$|cfm$|th$|com$)[a-z0-9]{2,5}$", re.I)


@dataclass(frozen=True, slots=True)
class Way:
    """How the last address was reached: each address asked, in order, and whether each step after it was permanent."""

    addresses: Sequence[Parts]
    permanent: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Strange:
    """What a host answers for an address that cannot exist. ``lines`` is None when it says so with an error, as it
    should."""

    lines: frozenset[str] | None = None
    title: str = ""
    url: str = ""


def looks_like_file(parts: Parts) -> bool:
    """Whether the path ends like a file's name, so that HEAD may be all it takes."""
    return bool(_FILE.search(parts.path))


def is_home(parts: Parts) -> bool:
    return bool(_HOME.match(parts.path)) and not parts.query


def needs_strange(answer: Answer, facts: Facts, way: Way) -> bool:
    """Whether to ask what the host says to an impossible address before believing this page."""
    return (
        answer.status == 200
        and facts.kind == "text/html"
        and not is_home(way.addresses[-1])
        and not facts.shell
        and bool(facts.text)
    )


def judge(
    answer: Answer,
    facts: Facts | None,
    way: Way,
    *,
    own_hosts: tuple[str, ...],
    slow: bool,
    strange: Strange | None = None,
) -> tuple[State, str]:
    """The state of one look at an address that answered, and the code of why ("" for ok). ``facts``: None when not
    read."""
    status, first, last = answer.status, way.addresses[0], way.addresses[-1]
    if status == 401:
        return "sign_in", "status_401"
    if _is_challenge(answer, facts):
        return "blocked", "captcha"
    if status in _REFUSALS or (status == 503 and answer.header("retry-after")):
        return "blocked", f"status_{status}"
    if not 200 <= status < 300:
        return "dead", "redirect_nowhere" if status in (301, 302, 303, 307, 308) else f"status_{status}"
    if _asks_sign_in(facts, first, last):
        return "sign_in", "sign_in"
    if answer.broken and facts and facts.kind not in ("text/html", "text/plain"):
        return "dead", "broken_off"
    if answer.read and not answer.body:
        return "soft_404", "empty"
    at_home = len(way.addresses) > 1 and is_home(last) and not is_home(first)
    if at_home and (registrable(last.host) == registrable(first.host) or same_site(last.url, own_hosts)):
        return "soft_404", "to_home"
    if facts and facts.kind == "text/html":
        if _says_not_found(facts):
            return "soft_404", "not_found_words"
        if (
            strange
            and strange.lines is not None
            and not is_home(last)
            and not facts.shell
            and _alike(facts, last, strange)
        ):
            return "soft_404", "same_as_nothing"
    if own_hosts and not same_site(last.url, own_hosts):
        return "outside", "outside"
    if _moved(way):
        return "moved", "moved"
    return ("slow", "slow") if slow else ("ok", "")


def strange_from(answer: Answer, facts: Facts | None, parts: Parts) -> Strange:
    """What an answer to an impossible address teaches."""
    if answer.status != 200 or not facts or facts.kind != "text/html":
        return Strange()
    return Strange(frozenset(steady_lines(facts.text)[:500]), facts.title, parts.asked)


def _alike(facts: Facts, last: Parts, strange: Strange) -> bool:
    if last.asked == strange.url:
        return True
    lines = frozenset(steady_lines(facts.text)[:500])
    if not strange.lines:
        return not lines and facts.title == strange.title
    return len(lines & strange.lines) >= 0.9 * len(lines | strange.lines)


def _is_challenge(answer: Answer, facts: Facts | None) -> bool:
    if answer.header("cf-mitigated").lower() == "challenge":
        return True
    if not facts or facts.kind != "text/html" or len(facts.everything) > _SMALL:
        return False
    return bool(_CAPTCHA.search(facts.title) or _CAPTCHA.search(facts.everything))


def _asks_sign_in(facts: Facts | None, first: Parts, last: Parts) -> bool:
    sent = _leads_to_login(last) and not _leads_to_login(first)
    if facts is None or facts.kind != "text/html":
        return False
    if sent and (facts.password or _LOGIN.search(facts.title) or len(facts.everything) < _SMALL):
        return True
    if not facts.password:
        return False
    # many public pages have a small sign-in box beside what they say
    return bool(_LOGIN.search(facts.title)) or len(facts.text) < _SMALL


def _leads_to_login(parts: Parts) -> bool:
    return bool(_LOGIN_HOSTS.match(parts.host) or _LOGIN_PATH.search(parts.path))


def _says_not_found(facts: Facts) -> bool:
    if len(facts.title) <= 100 and _NOT_FOUND.search(facts.title):
        return True
    if len(facts.text) < 2000 and any(len(h) <= 100 and _NOT_FOUND.search(h) for h in facts.headings):
        return True
    return len(facts.text) < 400 and bool(_NOT_FOUND.search(facts.text) or _NOTHING.search(facts.text))


def _moved(way: Way) -> bool:
    """Whether permanent redirects alone lead somewhere else than to the same page by https, with www. or a slash."""
    reached = way.addresses[0]
    for parts, permanent in zip(way.addresses[1:], way.permanent, strict=True):
        if not permanent:
            break
        reached = parts
    return _page(reached) != _page(way.addresses[0])


def _page(parts: Parts) -> tuple[str, str, str]:
    path = re.sub(r"/index\.\w{2,5}$", "/", parts.path).rstrip("/")
    return parts.host.removeprefix("www."), path, parts.query or ""
