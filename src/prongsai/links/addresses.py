"""Addresses as people type and paste them, and as servers send them, in one spelling. Touches no network."""

import functools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from urllib.parse import quote_from_bytes, unquote_to_bytes, urljoin

import idna
from publicsuffixlist import PublicSuffixList

from prongsai.links.guard import allowed

MAX_LENGTH = 2000

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.I)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\Z")
_LOCAL = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "onion", "invalid")
# Letters that stay as they are; everything else is percent-encoded. RFC 3986, with what browsers leave alone.
_PATH = "!$&'()*+,;=:@/~-._"
_QUERY = _PATH + "?"
_FRAGMENT = _QUERY + "#"
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# Hosts where everybody has pages: another name under the same domain is somebody else.
_SHARED = frozenset({"google.com", "facebook.com", "youtube.com", "line.me", "microsoft.com", "sharepoint.com"})


@dataclass(frozen=True, slots=True)
class Address:
    """A usable address.

    ``url`` is the one spelling to store and ask: scheme, lower-case punycode host, no default port, path and query
    percent-encoded; ``display`` is the same for people, with Thai letters. ``warnings`` are codes (see ``sentence``):
    not_https, outside, ip_address, unknown_suffix, other_port.
    """

    url: str
    display: str
    host: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problems:
    """Why ``text`` is not an address: codes, all of them (see ``sentence``). Falsy, so ``if parse_address(t):`` reads
    well."""

    text: str
    codes: tuple[str, ...]

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Parts:
    """A canonical address in pieces. ``host`` is punycode or a literal in its plain form, IPv6 without brackets."""

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
    def request(self) -> str:
        """What stands on the request line."""
        return self.path if self.query is None else f"{self.path}?{self.query}"

    @property
    def asked(self) -> str:
        """The address as it is asked: without the fragment."""
        return f"{self.scheme}://{self.netloc}{self.request}"

    @property
    def url(self) -> str:
        return self.asked if self.fragment is None else f"{self.asked}#{self.fragment}"


class _Wrong(ValueError):
    pass


def parse_address(text: str, own_hosts: Iterable[str] = ()) -> Address | Problems:
    """One typed address in its one spelling, or all that is wrong with it.

    With ``own_hosts``, an address elsewhere has the warning ``outside``.
    """
    typed = _INVISIBLE.sub("", text).strip().strip("<>\"'“”‘’").strip()
    codes = []
    if not typed:
        return Problems(text, ("empty_address",))
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
        parts = parts_of(typed)
    except _Wrong as wrong:
        codes += wrong.args
    if parts and _is_private(parts.host):
        codes.append("private_address")
    if parts and len(parts.url) > MAX_LENGTH * 3:
        codes.append("too_long")
    if codes or not parts:
        return Problems(text, tuple(dict.fromkeys(codes)))
    own = tuple(own_hosts)
    warnings = [
        code
        for code, holds in (
            ("not_https", parts.scheme != "https"),
            ("outside", bool(own) and not same_site(parts.url, own)),
            ("ip_address", _is_ip(parts.host)),
            (
                "unknown_suffix",
                not _is_ip(parts.host) and not _suffixes().publicsuffix(parts.host, accept_unknown=False),
            ),
            ("other_port", parts.port not in (80, 443)),
        )
        if holds
    ]
    return Address(parts.url, _display(parts), parts.host, tuple(warnings))


_FINDS = re.compile(
    r"""(?<![\w.-])(?:javascript|vbscript|data|file|ftps?|blob|mailto|about|intent):[^\s<>"'`|]+|(?:https?:(?://)?|www\.)[^\s<>"'`|]+|(?<![\w@.-])(?:[\w-]+\.)+(?:th|com|org|net|info|ไทย)(?![\w.-])(?::\d+)?(?:/[^\s<>"'`|]*)?""",
    re.I,
)
_GLUED = re.compile(r"(?<![=/:&?%#])(?=https?://)", re.I)


def split_addresses(text: str, own_hosts: Iterable[str] = ()) -> list[Address | Problems]:
    """The addresses in a pasted text, in order, each once; what looks like one but is not stands as Problems."""
    own = tuple(own_hosts)
    found: dict[object, Address | Problems] = {}
    for match in _FINDS.finditer(_INVISIBLE.sub("", text)):
        for piece in _GLUED.split(match[0]):
            piece = re.sub(r"[.,;:!?'\"”’）」…]+$", "", piece)
            while piece.endswith((")", "]", "}")) and piece.count(piece[-1]) > piece.count(
                {")": "(", "]": "[", "}": "{"}[piece[-1]]
            ):
                piece = piece[:-1].rstrip(".,;:")
            if piece:
                address = parse_address(piece, own)
                found.setdefault(address.url if isinstance(address, Address) else piece, address)
    return list(found.values())


def same_site(url: str, own_hosts: Iterable[str]) -> bool:
    """Whether ``url`` is on one of the hosts, beneath one, or under the same registrable domain (``www.`` ignored).

    A host that is itself a public suffix (go.th), or one that many share (sites.google.com), stands for itself alone.
    """
    try:
        host = _plain(parts_of(url).host)
    except ValueError:
        return False
    for own in own_hosts:
        try:
            own = _plain(parts_of(own if "://" in own else f"https://{own}").host)
        except ValueError:
            continue
        if host == own:
            return True
        if _is_ip(host) or _is_ip(own):
            continue
        domain = registrable(own)
        if domain and domain not in _SHARED and (host.endswith("." + own) or registrable(host) == domain):
            return True
    return False


def registrable(host: str) -> str | None:
    """The part of a name that somebody registered: dla.go.th of www.dla.go.th; None of go.th itself."""
    found: str | None = _suffixes().privatesuffix(host)
    return found


def join(base: str, location: str) -> str:
    """The address that a server's Location (or a page's refresh) leads to, unchecked."""
    location = _INVISIBLE.sub("", location).strip().replace(" ", "%20")
    scheme = _SCHEME.match(location)
    if scheme and _is_scheme(scheme[1], location[scheme.end() :]):
        return location
    if re.match(r"[/\\]{2}", location):
        return base.split(":", 1)[0] + ":" + location
    return urljoin(base, location.replace("\\", "/"))


def parts_of(url: str) -> Parts:
    """A full address (scheme included) in canonical pieces. ValueError with codes when it is none."""
    scheme = _SCHEME.match(url)
    if not scheme or scheme[1].lower() not in ("http", "https"):
        raise _Wrong("scheme")
    if any(ord(c) < 33 or ord(c) == 127 for c in url):
        raise _Wrong("control")
    rest = re.sub(r"^[/\\]*", "", url[scheme.end() :])
    authority = re.match(r"[^/\\?#]*", rest)[0]  # type: ignore[index]
    rest = rest[len(authority) :]
    codes = []
    if "@" in authority:
        codes.append("credentials")
        authority = authority.rpartition("@")[2]
    name, port = authority, ""
    if found := re.fullmatch(r"(\[[^\]]*\]|[^:\[\]]*)(?::([^:]*))?", authority):
        name, port = found[1], found[2] or ""
    try:
        host = _host(name)
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
        raise _Wrong(*codes)
    rest, mark, fragment = rest.partition("#")
    fragment_or_none = _encode(fragment, _FRAGMENT) if mark else None
    path, mark, query = rest.partition("?")
    return Parts(
        scheme[1].lower(),
        host,
        number,
        _dots(_encode(path.replace("\\", "/"), _PATH)) or "/",
        _encode(query, _QUERY) if mark else None,
        fragment_or_none,
    )


def _is_scheme(name: str, rest: str) -> bool:
    """``example.go.th:8080`` has no scheme, ``javascript:x`` and ``ftp://x`` have one."""
    return rest.startswith(("//", "\\\\")) or not ("." in name or rest[:1].isdigit() or name.lower() == "localhost")


def _host(name: str) -> str:
    """A host in its one spelling: punycode, or the plain form of a literal however disguised. ValueError."""
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
        return _ipv4(labels)
    if len(name) > 253 or not all(_LABEL.match(label) for label in labels):
        raise ValueError(name)
    for label in labels:
        if label.startswith("xn--"):
            idna.decode(label)
    return name


def _ipv4(labels: list[str]) -> str:
    """127.1, 0x7f.0.0.1, 017700000001, 2130706433: numbers as browsers read them. ValueError."""
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


def _encode(text: str, keep: str) -> str:
    """Percent-encoded once: what was encoded stays so, in capitals; what need not be encoded is plain."""

    def piece(match: re.Match[str]) -> str:
        byte = int(match[0][1:], 16)
        return chr(byte) if byte in _UNRESERVED else match[0].upper()

    encoded = re.split(r"(%[0-9a-fA-F]{2})", text)
    return "".join(
        re.sub(r"%[0-9a-fA-F]{2}", piece, part)
        if place % 2
        else quote_from_bytes(part.encode("utf-8", "replace"), safe=keep)
        for place, part in enumerate(encoded)
    )


def _dots(path: str) -> str:
    if "/." not in path:
        return path
    kept: list[str] = []
    pieces = path.split("/")[1:]
    for place, piece in enumerate(pieces):
        if piece == "..":
            kept = kept[:-1]
        elif piece != ".":
            kept.append(piece)
        if piece in (".", "..") and place == len(pieces) - 1:
            kept.append("")
    return "/" + "/".join(kept)


def _display(parts: Parts) -> str:
    def plain(text: str) -> str:
        def letters(match: re.Match[str]) -> str:
            try:
                decoded = unquote_to_bytes(match[0]).decode("utf-8")
            except UnicodeDecodeError:
                return match[0]
            shown = all(not c.isascii() and unicodedata.category(c)[0] in "LMN" for c in decoded)
            return decoded if shown and unicodedata.normalize("NFC", decoded) == decoded else match[0]

        return re.sub(r"(?:%[89A-F][0-9A-F])+", letters, text)

    host = parts.netloc
    if "xn--" in host:
        labels = []
        for label in parts.host.split("."):
            shown = idna.decode(label) if label.startswith("xn--") else label
            # one script at a time: letters that only look like others stay in punycode
            labels.append(shown if all(c.isascii() or "\u0e00" <= c <= "\u0e7f" for c in shown) else label)
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
        return not allowed(host)
    return "." not in host or any(host == name or host.endswith("." + name) for name in _LOCAL)


def _plain(host: str) -> str:
    return host.removeprefix("www.")


@functools.cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
