"""Web addresses as people type and paste them, and as servers send them, in one canonical form. Touches no network."""

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from typing import Literal
from urllib.parse import quote_from_bytes, unquote_to_bytes, urljoin

import idna
from publicsuffixlist import PublicSuffixList

from prongsai.links.guard import is_allowed

MAX_LENGTH = 2000

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.I)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\Z")
_LOCAL_SUFFIXES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "onion", "invalid")
# Characters that are not percent-encoded (RFC 3986, and what browsers leave alone).
_PATH = "!$&'()*+,;=:@/~-._"
_QUERY = _PATH + "?"
_FRAGMENT = _QUERY + "#"
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# Domains shared by many owners: another name under the same domain is another owner.
_SHARED_DOMAINS = frozenset({"google.com", "facebook.com", "youtube.com", "line.me", "microsoft.com", "sharepoint.com"})


@dataclass(frozen=True, slots=True)
class Address:
    """A usable address.

    ``url`` is the canonical form to store and request: scheme, lower-case punycode host, no default port, path and
    query percent-encoded; ``display`` is the same for people, with Thai letters. ``warnings`` are codes (see
    ``describe_code``): not_https, outside, ip_address, unknown_suffix, other_port.
    """

    url: str
    display: str
    host: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvalidAddress:
    """Why ``text`` is not an address: all codes (see ``describe_code``). Falsy, so that ``if`` accepts an address."""

    text: str
    codes: tuple[str, ...]

    def __bool__(self) -> Literal[False]:
        return False


@dataclass(frozen=True, slots=True)
class UrlParts:
    """The components of a canonical address. ``host`` is punycode or a plain IP literal, IPv6 without brackets."""

    scheme: str
    host: str
    port: int
    path: str
    query: str | None
    fragment: str | None

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"

    @property
    def request_target(self) -> str:
        """The request target (RFC 9112): path and query."""
        return self.path if self.query is None else f"{self.path}?{self.query}"

    @property
    def without_fragment(self) -> str:
        """The address as it is requested."""
        return f"{self.scheme}://{self.netloc}{self.request_target}"

    @property
    def url(self) -> str:
        return self.without_fragment if self.fragment is None else f"{self.without_fragment}#{self.fragment}"


class _InvalidUrlError(ValueError):
    pass


def parse_address(text: str, owner_hosts: Iterable[str] = ()) -> Address | InvalidAddress:
    """One typed address in its canonical form, or everything that is wrong with it.

    With ``owner_hosts``, an address elsewhere has the warning ``outside``.
    """
    typed = _INVISIBLE.sub("", text).strip().strip("<>\"'“”‘’").strip()
    codes = []
    if not typed:
        return InvalidAddress(text, ("empty_address",))
    if len(typed) > MAX_LENGTH:
        codes.append("too_long")
        typed = typed[:MAX_LENGTH]
    if re.search(r"\s", typed):
        codes.append("space")
        typed = typed.split()[0]
    if any(unicodedata.category(c) == "Cc" for c in typed):
        codes.append("control")
        typed = "".join(c for c in typed if unicodedata.category(c) != "Cc")
    scheme = _SCHEME.match(typed)
    if not (scheme and _is_scheme(scheme[1], typed[scheme.end() :])):
        typed = "https://" + typed.lstrip("/")
    parts = None
    try:
        parts = parse_url(typed)
    except _InvalidUrlError as error:
        codes += error.args
    if parts and _is_private(parts.host):
        codes.append("private_address")
    if parts and len(parts.url) > MAX_LENGTH * 3:
        codes.append("too_long")
    if codes or not parts:
        return InvalidAddress(text, tuple(dict.fromkeys(codes)))
    return Address(parts.url, _display_url(parts), parts.host, _warnings_of(parts, tuple(owner_hosts)))


def _warnings_of(parts: UrlParts, owner_hosts: tuple[str, ...]) -> tuple[str, ...]:
    is_ip = _is_ip(parts.host)
    warnings = {
        "not_https": parts.scheme != "https",
        "outside": bool(owner_hosts) and not is_same_site(parts.url, owner_hosts),
        "ip_address": is_ip,
        "unknown_suffix": not is_ip and not _public_suffixes().publicsuffix(parts.host, accept_unknown=False),
        "other_port": parts.port not in (80, 443),
    }
    return tuple(code for code, applies in warnings.items() if applies)


_ADDRESS_PATTERN = re.compile(
    r"""(?<![\w.-])(?:javascript|vbscript|data|file|ftps?|blob|mailto|about|intent):[^\s<>"'`|]+|"""
    r"""(?:https?:(?://)?|www\.)[^\s<>"'`|]+|"""
    r"""(?<![\w@.-])(?:[\w-]+\.)+(?:th|com|org|net|info|ไทย)(?![\w.-])(?::\d+)?(?:/[^\s<>"'`|]*)?""",
    re.I,
)
_JOINED_ADDRESSES = re.compile(r"(?<![=/:&?%#])(?=https?://)", re.I)


def find_addresses(text: str, owner_hosts: Iterable[str] = ()) -> list[Address | InvalidAddress]:
    """The addresses in a pasted text, in order, each once; what resembles one but is none as InvalidAddress."""
    owner_hosts = tuple(owner_hosts)
    addresses: dict[object, Address | InvalidAddress] = {}
    for match in _ADDRESS_PATTERN.finditer(_INVISIBLE.sub("", text)):
        for piece in _split_joined(match[0]):
            address = parse_address(piece, owner_hosts)
            addresses.setdefault(address.url if isinstance(address, Address) else piece, address)
    return list(addresses.values())


def find_words(text: str) -> list[str]:
    """What somebody wrote beside the addresses in a text, a piece for each stretch between them that has words."""
    rest = _ADDRESS_PATTERN.sub("\n", _INVISIBLE.sub("", text))
    pieces = (re.sub(r"\s+", " ", piece).strip(" ()[]<>\"'“”‘’,;:.–-") for piece in rest.splitlines())
    return [piece for piece in pieces if re.search(r"[^\W\d_]", piece)]


def _split_joined(text: str) -> Iterator[str]:
    """The addresses of a stretch without spaces, without the marks of the sentence around them."""
    for piece in _JOINED_ADDRESSES.split(text):
        piece = piece.rstrip(".,;:!?'\"”’）」…")
        while piece.endswith((")", "]", "}")) and piece.count(piece[-1]) > piece.count(
            {")": "(", "]": "[", "}": "{"}[piece[-1]]
        ):
            piece = piece[:-1].rstrip(".,;:")
        if piece:
            yield piece


def is_same_site(url: str, owner_hosts: Iterable[str]) -> bool:
    """Whether ``url`` is on one of the hosts, beneath one, or under the same registrable domain (``www.`` ignored).

    A host that is itself a public suffix (go.th), or that many owners share (sites.google.com), matches only itself.
    """
    try:
        host = _without_www(parse_url(url).host)
    except ValueError:
        return False
    return any(_is_same_owner(host, owner) for owner in owner_hosts)


def _is_same_owner(host: str, owner: str) -> bool:
    try:
        owner = _without_www(parse_url(owner if "://" in owner else f"https://{owner}").host)
    except ValueError:
        return False
    if host == owner:
        return True
    if _is_ip(host) or _is_ip(owner):
        return False
    domain = registrable_domain(owner)
    if not domain or domain in _SHARED_DOMAINS:
        return False
    return host.endswith("." + owner) or registrable_domain(host) == domain


def registrable_domain(host: str) -> str | None:
    """The registrable domain of a name: dla.go.th of www.dla.go.th; None of go.th itself."""
    domain: str | None = _public_suffixes().privatesuffix(host)
    return domain


def resolve_redirect(base: str, location: str) -> str:
    """The address that a Location header (or a page's refresh) leads to, unchecked."""
    location = _INVISIBLE.sub("", location).strip().replace(" ", "%20")
    scheme = _SCHEME.match(location)
    if scheme and _is_scheme(scheme[1], location[scheme.end() :]):
        return location
    if re.match(r"[/\\]{2}", location):
        return base.split(":", 1)[0] + ":" + location
    return urljoin(base, location.replace("\\", "/"))


def parse_url(url: str) -> UrlParts:
    """The components of a full address (scheme included). ValueError with the codes of what is wrong."""
    scheme = _SCHEME.match(url)
    if not scheme or scheme[1].lower() not in ("http", "https"):
        raise _InvalidUrlError("scheme")
    if any(ord(c) < 33 or ord(c) == 127 for c in url):
        raise _InvalidUrlError("control")
    rest = re.sub(r"^[/\\]*", "", url[scheme.end() :])
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0]
    rest = rest[len(authority) :]
    codes = []
    if "@" in authority:
        codes.append("credentials")
        authority = authority.rpartition("@")[2]
    name, port = authority, ""
    if match := re.fullmatch(r"(\[[^\]]*\]|[^:\[\]]*)(?::([^:]*))?", authority):
        name, port = match[1], match[2] or ""
    try:
        host = _normalize_host(name)
    except ValueError:
        codes.append("host")
        host = ""
    number = {"http": 80, "https": 443}[scheme[1].lower()]
    if port:
        if re.fullmatch(r"[0-9]{1,5}", port) and 0 < int(port) < 65536:
            number = int(port)
        else:
            codes.append("port_number")
    if codes:
        raise _InvalidUrlError(*codes)
    rest, mark, fragment = rest.partition("#")
    fragment_or_none = _percent_encode(fragment, _FRAGMENT) if mark else None
    path, mark, query = rest.partition("?")
    return UrlParts(
        scheme[1].lower(),
        host,
        number,
        _remove_dot_segments(_percent_encode(path.replace("\\", "/"), _PATH)) or "/",
        _percent_encode(query, _QUERY) if mark else None,
        fragment_or_none,
    )


def _is_scheme(name: str, rest: str) -> bool:
    """``example.go.th:8080`` has no scheme, ``javascript:x`` and ``ftp://x`` have one."""
    return rest.startswith(("//", "\\\\")) or not ("." in name or rest[:1].isdigit() or name.lower() == "localhost")


def _normalize_host(name: str) -> str:
    """A host in canonical form: punycode, or the plain form of an IP literal however disguised. ValueError."""
    if name.startswith("["):
        return str(IPv6Address(name.strip("[]")))
    if "%" in name:
        name = unquote_to_bytes(name).decode("utf-8")
    name = name.rstrip(".。") if len(name) > 1 else name
    if not name.isascii():
        name = idna.encode(name, uts46=True, transitional=False).decode("ascii")
    name = name.lower()
    labels = name.split(".")
    if _NUMBER.match(labels[-1]):
        return _parse_ipv4(labels)
    if len(name) > 253 or not all(_LABEL.match(label) for label in labels):
        raise ValueError(name)
    for label in labels:
        if label.startswith("xn--"):
            idna.decode(label)
    return name


def _parse_ipv4(labels: list[str]) -> str:
    """127.1, 0x7f.0.0.1, 017700000001, 2130706433: IPv4 as browsers read it (WHATWG URL). ValueError."""
    if len(labels) > 4:
        raise AddressValueError(labels)
    numbers = []
    for label in labels:
        if not _NUMBER.match(label):
            raise AddressValueError(labels)
        if label.startswith("0x"):
            numbers.append(int(label[2:] or "0", 16))
        else:
            numbers.append(int(label, 8 if label.startswith("0") and len(label) > 1 else 10))
    *firsts, last = numbers
    if any(n > 255 for n in firsts) or last >= 256 ** (5 - len(numbers)):
        raise AddressValueError(labels)
    return str(IPv4Address(last + sum(n << (8 * (3 - place)) for place, n in enumerate(firsts))))


def _percent_encode(text: str, safe: str) -> str:
    """Percent-encoded once: what was encoded remains so, in capitals, unless it need not be encoded at all."""

    def piece(match: re.Match[str]) -> str:
        byte = int(match[0][1:], 16)
        return chr(byte) if byte in _UNRESERVED else match[0].upper()

    encoded = re.split(r"(%[0-9a-fA-F]{2})", text)
    return "".join(
        re.sub(r"%[0-9a-fA-F]{2}", piece, part)
        if place % 2
        else quote_from_bytes(part.encode("utf-8", "replace"), safe=safe)
        for place, part in enumerate(encoded)
    )


def _remove_dot_segments(path: str) -> str:
    if "/." not in path:
        return path
    segments: list[str] = []
    pieces = path.split("/")[1:]
    for place, piece in enumerate(pieces):
        if piece == "..":
            segments = segments[:-1]
        elif piece != ".":
            segments.append(piece)
        if piece in (".", "..") and place == len(pieces) - 1:
            segments.append("")
    return "/" + "/".join(segments)


def _display_url(parts: UrlParts) -> str:
    def plain(text: str) -> str:
        def letters(match: re.Match[str]) -> str:
            try:
                decoded = unquote_to_bytes(match[0]).decode("utf-8")
            except UnicodeDecodeError:
                return match[0]
            is_letters = all(not c.isascii() and unicodedata.category(c)[0] in "LMN" for c in decoded)
            return decoded if is_letters and unicodedata.normalize("NFC", decoded) == decoded else match[0]

        return re.sub(r"(?:%[89A-F][0-9A-F])+", letters, text)

    host = parts.netloc
    if "xn--" in host:
        labels = []
        for label in parts.host.split("."):
            decoded = idna.decode(label) if label.startswith("xn--") else label
            # Thai only: letters of other scripts can resemble Latin ones, and remain in punycode
            labels.append(decoded if all(c.isascii() or "\u0e00" <= c <= "\u0e7f" for c in decoded) else label)
        host = host.replace(parts.host, ".".join(labels))
    return f"{parts.scheme}://{host}{plain(parts.url.split('//', 1)[1][len(parts.netloc) :])}"


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_private(host: str) -> bool:
    if _is_ip(host):
        return not is_allowed(host)
    return "." not in host or any(host == name or host.endswith("." + name) for name in _LOCAL_SUFFIXES)


def _without_www(host: str) -> str:
    return host.removeprefix("www.")


@functools.cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()
